#include "core/image/kind.h"

#include "core/base/text.h"
#include "core/image/foreign.h"

#include <string.h>

#define TEXT_LOOKED_AT 512 /* bytes of a file that decide whether it is text */
#define TEXT_SIZE_MIN  16  /* a raw kernel of fewer bytes can look like text */

#define ELF_CLASS      4 /* System V ABI, "ELF Header" */
#define ELF_DATA       5
#define ELF_MACHINE    18
#define ELF_CLASS_32   1
#define ELF_CLASS_64   2
#define ELF_BIG_ENDIAN 2

/* The MZ header of DOS, and the PE header it leads to (PE format, "MS-DOS Stub"). */
#define DOS_LAST_PAGE_BYTES 0x02
#define DOS_PAGES           0x04
#define DOS_HEADER_UNITS    0x08 /* of 16 bytes */
#define DOS_RELOCATIONS     0x18
#define DOS_PE_OFFSET       0x3C
#define DOS_HEADER_SIZE     0x40
#define PE_SUBSYSTEM        0x5C /* from the signature on ("Optional Header") */
#define PE_EFI_APPLICATION  10

/* The first byte of the zlib streams that compressors make: as code a jump on a sign, SF. */
#define ZLIB_WINDOW_32K 0x78

#define A_OUT_HEADER_SIZE 32 /* magic, text, data, bss, symbols, entry, relocations of both */

/* What to do about a file that is no kernel. */
enum next {
    NEXT_ANY,
    NEXT_UNPACK,
    NEXT_BUILD,
    NEXT_NAME,
    NEXT_LINUX,
    NEXT_FIRMWARE,
    NEXT_DISK,
    NEXT_ZLIB,
};

static const char *const nexts[] = {
    [NEXT_ANY] = "Is it the right file? docs/abi.md says how to build a kernel.",
    [NEXT_UNPACK] = "Unpack it, then: gzip -9 -n FILE",
    [NEXT_BUILD] = "Link an ELF file: docs/abi.md says with which tools.",
    [NEXT_NAME] = "Name the kernel that it starts.",
    [NEXT_LINUX] = "Add 'adapter = linux' to loader.cfg: docs/linux.md.",
    [NEXT_FIRMWARE] = "The firmware starts it, from its own boot menu.",
    [NEXT_DISK] = "Name a kernel: the loader boots no disks.",
    [NEXT_ZLIB] = "Add 'compression = zlib' and 'memory =' to loader.cfg.",
};

/* A format that is known by the bytes it begins with. */
struct magic {
    uint16_t offset;
    uint8_t size;
    uint8_t next;
    char bytes[8];
    const char *phrase;
};

#define MAGIC(offset, bytes, phrase, next)                    \
    {                                                         \
        offset, sizeof(bytes) - 1, NEXT_##next, bytes, phrase \
    }

static const struct magic magics[] = {
    MAGIC(0, "\x28\xB5\x2F\xFD", "zstd-compressed", UNPACK),
    MAGIC(0, "\xFD\x37zXZ\0", "xz-compressed", UNPACK),
    MAGIC(4, "1AY&SY", "bzip2-compressed", UNPACK), /* after "BZh" and the level */
    MAGIC(0, "\x04\x22\x4D\x18", "lz4-compressed", UNPACK),
    MAGIC(0, "\x02\x21\x4C\x18", "lz4-compressed", UNPACK),
    MAGIC(0, "\x89LZO\0\r\n\x1A", "lzop-compressed", UNPACK),
    MAGIC(0, "LZIP\1", "lzip-compressed", UNPACK),
    MAGIC(0, "\x1F\x9D", "compressed with 'compress'", UNPACK),
    MAGIC(0, "PK\x03\x04", "a ZIP archive", ANY),
    MAGIC(257, "ustar", "a tar archive", ANY),
    MAGIC(0, "070701", "a cpio archive", ANY),
    MAGIC(0, "070702", "a cpio archive", ANY),
    MAGIC(0, "070707", "a cpio archive", ANY),
    MAGIC(0, "\xCE\xFA\xED\xFE", "a Mach-O file", BUILD),
    MAGIC(0, "\xCF\xFA\xED\xFE", "a Mach-O file", BUILD),
    MAGIC(0, "\xFE\xED\xFA\xCE", "a Mach-O file", BUILD),
    MAGIC(0, "\xFE\xED\xFA\xCF", "a Mach-O file", BUILD),
    MAGIC(0, "\xCA\xFE\xBA\xBE", "a Mach-O file", BUILD),
    MAGIC(0x38, "ARM\x64", "an AArch64 Linux kernel", ANY),
    MAGIC(0x38, "RSC\x05", "a RISC-V Linux kernel", ANY),
    MAGIC(0, "\xFF\xFE", "text (UTF-16)", NAME),
    MAGIC(0, "@echo", "a script", NAME),
};

/* The values of e_machine that the error names (System V ABI, "e_machine"). */
static const struct elf_name {
    uint8_t elf_class;
    uint16_t machine;
    const char *phrase;
} elf_names[] = {
    {ELF_CLASS_64, 62, "an ELF64 file for x86-64"},
    {ELF_CLASS_64, 183, "an ELF64 file for AArch64 (e_machine 183)"},
    {ELF_CLASS_64, 243, "an ELF64 file for RISC-V (e_machine 243)"},
    {ELF_CLASS_32, 3, "an ELF32 file for 32-bit x86 (e_machine 3)"},
    {ELF_CLASS_32, 40, "an ELF32 file for 32-bit ARM (e_machine 40)"},
};

static bool has(struct bytes head, size_t offset, struct text bytes)
{
    return offset <= head.size && head.size - offset >= bytes.size &&
           memcmp(head.data + offset, bytes.bytes, bytes.size) == 0;
}

/* The little-endian number at offset, which lies within head. */
static uint32_t little(struct bytes head, size_t offset, size_t size)
{
    uint32_t value = 0;
    while (size-- > 0) {
        value = value << 8 | head.data[offset + size];
    }
    return value;
}

static struct image_format other(const char *phrase, enum next next)
{
    return (struct image_format){IMAGE_OTHER, phrase, nexts[next]};
}

static const char *name_of_elf(uint32_t elf_class, uint32_t machine)
{
    for (size_t i = 0; i < sizeof(elf_names) / sizeof(elf_names[0]); i++) {
        if (elf_class == elf_names[i].elf_class && machine == elf_names[i].machine) {
            return elf_names[i].phrase;
        }
    }
    switch (elf_class) {
    case ELF_CLASS_64:
        return "an ELF64 file for another machine";
    case ELF_CLASS_32:
        return "an ELF32 file";
    default:
        return "a damaged ELF file";
    }
}

static struct image_format format_of_elf(struct bytes head, const struct target *target)
{
    if (head.size < ELF_MACHINE + 2) {
        return other("an ELF file, cut short", NEXT_ANY);
    }
    if (little(head, ELF_DATA, 1) == ELF_BIG_ENDIAN) {
        return other("a big-endian ELF file", NEXT_ANY);
    }
    uint32_t elf_class = little(head, ELF_CLASS, 1);
    uint32_t machine = little(head, ELF_MACHINE, 2);
    bool bootable = elf_class == ELF_CLASS_64 && machine == target->elf_machine;
    return (struct image_format){bootable ? IMAGE_ELF64 : IMAGE_OTHER,
                                 name_of_elf(elf_class, machine), nexts[NEXT_ANY]};
}

/* "MZ" alone does not make a PE file: it is valid code, too (pop r10). */
static bool is_pe(struct bytes head)
{
    if (!has(head, 0, TEXT("MZ")) || head.size < DOS_HEADER_SIZE) {
        return false;
    }
    uint32_t pe_offset = little(head, DOS_PE_OFFSET, 4);
    if (pe_offset <= head.size - 4) {
        return has(head, pe_offset, TEXT("PE\0\0"));
    }
    uint32_t pages = little(head, DOS_PAGES, 2);
    uint32_t header_units = little(head, DOS_HEADER_UNITS, 2);
    return little(head, DOS_LAST_PAGE_BYTES, 2) <= 512 && header_units >= 2 &&
           header_units <= pages * (512 / 16) && little(head, DOS_RELOCATIONS, 2) >= 0x1C;
}

/* head is a PE file. */
static struct image_format format_of_pe(struct bytes head)
{
    uint64_t subsystem = (uint64_t)little(head, DOS_PE_OFFSET, 4) + PE_SUBSYSTEM;
    if (subsystem > head.size - 2) {
        return other("a PE file (EFI application or Windows program)", NEXT_BUILD);
    }
    return little(head, subsystem, 2) == PE_EFI_APPLICATION
               ? other("an EFI program (PE)", NEXT_FIRMWARE)
               : other("a Windows program (PE)", NEXT_BUILD);
}

/* Unix's OMAGIC, NMAGIC and ZMAGIC, perhaps with a machine's number above them, and sizes of a
 * program: code that begins with these bytes is not likely to go on so. */
static bool is_a_out(struct bytes head)
{
    uint32_t magic = head.size >= A_OUT_HEADER_SIZE ? little(head, 0, 2) : 0;
    bool sound = (magic == 0x107 || magic == 0x108 || magic == 0x10B) && head.data[3] == 0 &&
                 little(head, 4, 4) != 0;
    for (size_t at = 4; sound && at < 20; at += 4) {
        sound = head.data[at + 3] == 0;
    }
    return sound;
}

/* "LZMA alone" of the usual settings: a dictionary of whole 64 KiB, then the size, which fits 40
 * bits or is -1 (lzma-file-format.txt of XZ Utils). */
static bool is_lzma(struct bytes head)
{
    return has(head, 0, TEXT("\x5D\0\0")) &&
           (has(head, 10, TEXT("\0\0\0")) || has(head, 10, TEXT("\xFF\xFF\xFF")));
}

/* A boot sector whose four partitions are inactive or active; code has other bytes there. */
static bool is_disk(struct bytes head)
{
    bool sound = has(head, 0x1FE, TEXT("\x55\xAA"));
    for (size_t at = 0x1BE; sound && at < 0x1FE; at += 16) {
        sound = (head.data[at] & 0x7F) == 0;
    }
    return sound;
}

/* As where nothing was ever written: a file of zeros, or erased flash. */
static bool is_blank(struct bytes head)
{
    return head.size > 0 && (head.data[0] == 0 || head.data[0] == 0xFF) &&
           memcmp(head.data, head.data + 1, head.size - 1) == 0;
}

static bool is_bzimage(struct bytes head)
{
    return has(head, 0x1FE, TEXT("\x55\xAA")) && has(head, 0x202, TEXT("HdrS"));
}

static bool is_white(uint32_t character)
{
    return character == '\t' || character == '\n' || character == '\r' || character == '\f';
}

static bool is_text(struct bytes head)
{
    bool cut = head.size > TEXT_LOOKED_AT;
    struct text rest = {(const char *)head.data, cut ? TEXT_LOOKED_AT : head.size};
    while (rest.size > 0) {
        uint32_t character = 0;
        size_t size = text_decode(rest, &character);
        if (size == 0) {
            /* The cut may have split a character: then at most 3 of its bytes are left. */
            return cut && rest.size < 4;
        }
        if (character_is_control(character) && !is_white(character)) {
            return false;
        }
        rest = text_after(rest, size);
    }
    return true;
}

struct image_format image_format_of(struct bytes head, const struct target *target)
{
    if (has(head, 0, TEXT("\177ELF"))) {
        return format_of_elf(head, target);
    }
    if (has(head, 0, TEXT("\x1F\x8B"))) {
        return (struct image_format){IMAGE_GZIP, "gzip-compressed", nexts[NEXT_UNPACK]};
    }
    if (is_bzimage(head)) {
        return other("a Linux kernel (bzImage)", NEXT_LINUX);
    }
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        const struct magic *magic = &magics[i];
        if (has(head, magic->offset, (struct text){magic->bytes, magic->size})) {
            return other(magic->phrase, (enum next)magic->next);
        }
    }
    if (is_pe(head)) {
        return format_of_pe(head);
    }
    if (is_a_out(head)) {
        return other("an a.out file", NEXT_BUILD);
    }
    if (is_lzma(head)) {
        return other("LZMA-compressed", NEXT_UNPACK);
    }
    if (is_disk(head)) {
        return other("a boot sector or disk image", NEXT_DISK);
    }
    if (is_blank(head)) {
        return other("nothing but zeros or 0xff", NEXT_ANY);
    }
    if (has(head, 0, TEXT("#!")) && is_text(head)) {
        return other("a script", NEXT_NAME);
    }
    return head.size >= TEXT_SIZE_MIN && is_text(head)
               ? other("text", NEXT_ANY)
               : (struct image_format){IMAGE_RAW, "a raw image", nexts[NEXT_BUILD]};
}

/* RFC 1950 section 2.2: method 8, a window of at most 32 KiB, a multiple of 31. */
static bool is_zlib(struct bytes head)
{
    if (head.size < 2) {
        return false;
    }
    uint8_t method = head.data[0];
    uint8_t flags = head.data[1];
    return (method & 0x0F) == 8 && method >> 4 <= 7 && (method * 256 + flags) % 31 == 0;
}

static enum status refuse_compression(struct bytes head, struct image_format format,
                                      struct text wanted, struct failure *failure)
{
    bool perhaps_zlib = format.kind == IMAGE_RAW && is_zlib(head);
    failure->found = wanted;
    return fail_hint(failure, STATUS_IMAGE_NOT_COMPRESSED,
                     perhaps_zlib ? "zlib-compressed or a raw image" : format.phrase);
}

/* Refuses what is no kernel. Where loader.cfg says what the file is, nothing is guessed. */
static enum status expect_kernel(struct bytes head, const struct entry *entry,
                                 const struct target *target, struct failure *failure,
                                 struct image_format *format)
{
    if (entry->format == FORMAT_RAW) {
        format->kind = IMAGE_RAW;
    }
    if (format->kind == IMAGE_RAW && entry->format == FORMAT_AUTO &&
        entry->compression == COMPRESSION_AUTO && head.data[0] == ZLIB_WINDOW_32K &&
        is_zlib(head)) {
        *format = other("zlib-compressed", NEXT_ZLIB);
    }
    if (format->kind == IMAGE_ELF64 || (format->kind == IMAGE_RAW && entry->format != FORMAT_ELF)) {
        return STATUS_OK;
    }
    if (entry->format == FORMAT_AUTO && has(head, 0, TEXT("\177ELF"))) {
        TRY(foreign_check(head, NULL, failure));
    }
    failure->found = text_of(target->name);
    failure->next = text_of(format->next);
    return fail_hint(failure, STATUS_IMAGE_NOT_RAW, format->phrase);
}

enum status image_recognise(struct bytes head, const struct entry *entry,
                            const struct target *target, struct failure *failure,
                            enum image_kind *out_kind)
{
    if (head.size == 0) {
        return fail_with(failure, STATUS_FILE_EMPTY);
    }
    enum compression wanted = entry->compression;
    struct image_format format = image_format_of(head, target);
    if (wanted == COMPRESSION_ZLIB) {
        if (!is_zlib(head)) {
            return refuse_compression(head, format, TEXT("zlib"), failure);
        }
        format.kind = IMAGE_ZLIB;
    } else if (wanted == COMPRESSION_GZIP && format.kind != IMAGE_GZIP) {
        return refuse_compression(head, format, TEXT("gzip"), failure);
    } else if (wanted == COMPRESSION_NONE && format.kind == IMAGE_GZIP) {
        return refuse_compression(head, format, TEXT("none"), failure);
    } else if (format.kind != IMAGE_GZIP) {
        TRY(expect_kernel(head, entry, target, failure, &format));
    }
    *out_kind = format.kind;
    return STATUS_OK;
}

enum status image_recognise_inflated(struct bytes head, const struct entry *entry,
                                     const struct target *target, struct failure *failure,
                                     enum image_kind *out_kind)
{
    if (head.size == 0) {
        return fail_with(failure, STATUS_IMAGE_EMPTY);
    }
    struct image_format format = image_format_of(head, target);
    if (format.kind == IMAGE_GZIP) {
        format.phrase = "gzip-compressed twice";
    }
    TRY(expect_kernel(head, entry, target, failure, &format));
    *out_kind = format.kind;
    return STATUS_OK;
}
