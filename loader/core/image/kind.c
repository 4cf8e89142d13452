#include "core/image/kind.h"

#include "core/base/packed.h"
#include "core/image/foreign.h"
#include "core/image/phrases.h"

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

#define FORMAT_CODE(name, next, phrase) IS_##name,
#define FORMAT_NEXT(name, next, phrase) NEXT_##next,

enum format { FORMATS(FORMAT_CODE) };

static const uint8_t next_of[] = {FORMATS(FORMAT_NEXT)};

/* A format that is known by the bytes it begins with. */
struct magic {
    uint16_t offset;
    uint8_t size;
    uint8_t format;
    char bytes[8];
};

#define MAGIC(offset, bytes, format)                  \
    {                                                 \
        offset, sizeof(bytes) - 1, IS_##format, bytes \
    }

static const struct magic magics[] = {
    MAGIC(0, "\x1F\x8B", GZIP),
    MAGIC(0, "\x28\xB5\x2F\xFD", ZSTD),
    MAGIC(0, "\xFD\x37zXZ\0", XZ),
    MAGIC(4, "1AY&SY", BZIP2), /* after "BZh" and the level */
    MAGIC(0, "\x04\x22\x4D\x18", LZ4),
    MAGIC(0, "\x02\x21\x4C\x18", LZ4),
    MAGIC(0, "\x89LZO\0\r\n\x1A", LZOP),
    MAGIC(0, "LZIP\1", LZIP),
    MAGIC(0, "\x1F\x9D", COMPRESS),
    MAGIC(0, "PK\x03\x04", ZIP),
    MAGIC(257, "ustar", TAR),
    MAGIC(0, "070701", CPIO),
    MAGIC(0, "070702", CPIO),
    MAGIC(0, "070707", CPIO),
    MAGIC(0, "\xCE\xFA\xED\xFE", MACH_O),
    MAGIC(0, "\xCF\xFA\xED\xFE", MACH_O),
    MAGIC(0, "\xFE\xED\xFA\xCE", MACH_O),
    MAGIC(0, "\xFE\xED\xFA\xCF", MACH_O),
    MAGIC(0, "\xCA\xFE\xBA\xBE", MACH_O),
    MAGIC(0x38, "ARM\x64", LINUX_AARCH64),
    MAGIC(0x38, "RSC\x05", LINUX_RISCV),
    MAGIC(0, "\xFF\xFE", UTF_16),
    MAGIC(0, "@echo", SCRIPT),
};

/* The values of e_machine that the error names (System V ABI, "e_machine"). */
static const struct elf_name {
    uint8_t elf_class;
    uint8_t machine;
    uint8_t format;
} elf_names[] = {
    {ELF_CLASS_64, 62, IS_ELF64_X86},    {ELF_CLASS_64, 183, IS_ELF64_AARCH64},
    {ELF_CLASS_64, 243, IS_ELF64_RISCV}, {ELF_CLASS_32, 3, IS_ELF32_X86},
    {ELF_CLASS_32, 40, IS_ELF32_ARM},
};

static bool has(struct bytes head, size_t offset, struct text bytes)
{
    return offset <= head.size && head.size - offset >= bytes.size &&
           memcmp(head.data + offset, bytes.bytes, bytes.size) == 0;
}

static enum format format_of_elf(struct bytes head)
{
    if (head.size < ELF_MACHINE + 2) {
        return IS_ELF_CUT;
    }
    if (head.data[ELF_DATA] == ELF_BIG_ENDIAN) {
        return IS_ELF_BIG;
    }
    uint32_t elf_class = head.data[ELF_CLASS];
    uint32_t machine = half_at(head.data + ELF_MACHINE);
    for (size_t i = 0; i < sizeof(elf_names) / sizeof(elf_names[0]); i++) {
        if (elf_class == elf_names[i].elf_class && machine == elf_names[i].machine) {
            return (enum format)elf_names[i].format;
        }
    }
    return elf_class == ELF_CLASS_64   ? IS_ELF64
           : elf_class == ELF_CLASS_32 ? IS_ELF32
                                       : IS_ELF_DAMAGED;
}

/* "MZ" alone does not make a PE file: it is valid code, too (pop r10). */
static bool is_pe(struct bytes head)
{
    if (!has(head, 0, TEXT("MZ")) || head.size < DOS_HEADER_SIZE) {
        return false;
    }
    uint32_t pe_offset = word_at(head.data + DOS_PE_OFFSET);
    if (pe_offset <= head.size - 4) {
        return has(head, pe_offset, TEXT("PE\0\0"));
    }
    uint32_t pages = half_at(head.data + DOS_PAGES);
    uint32_t header_units = half_at(head.data + DOS_HEADER_UNITS);
    return half_at(head.data + DOS_LAST_PAGE_BYTES) <= 512 && header_units >= 2 &&
           header_units <= pages * (512 / 16) && half_at(head.data + DOS_RELOCATIONS) >= 0x1C;
}

/* head is a PE file. */
static enum format format_of_pe(struct bytes head)
{
    uint64_t subsystem = (uint64_t)word_at(head.data + DOS_PE_OFFSET) + PE_SUBSYSTEM;
    if (subsystem > head.size - 2) {
        return IS_PE;
    }
    return half_at(head.data + subsystem) == PE_EFI_APPLICATION ? IS_PE_EFI : IS_PE_WINDOWS;
}

/* Unix's OMAGIC, NMAGIC and ZMAGIC, perhaps with a machine's number above them, and sizes of a
 * program: code that begins with these bytes is not likely to go on so. */
static bool is_a_out(struct bytes head)
{
    uint32_t magic = head.size >= A_OUT_HEADER_SIZE ? half_at(head.data) : 0;
    bool sound = (magic == 0x107 || magic == 0x108 || magic == 0x10B) && head.data[3] == 0 &&
                 word_at(head.data + 4) != 0;
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

/* What is known by more than the bytes at one place. */
static enum format format_of_rest(struct bytes head)
{
    if (is_pe(head)) {
        return format_of_pe(head);
    }
    if (is_a_out(head)) {
        return IS_A_OUT;
    }
    if (is_lzma(head)) {
        return IS_LZMA;
    }
    if (is_disk(head)) {
        return IS_DISK;
    }
    if (is_blank(head)) {
        return IS_BLANK;
    }
    if (has(head, 0, TEXT("#!")) && is_text(head)) {
        return IS_SCRIPT;
    }
    return head.size >= TEXT_SIZE_MIN && is_text(head) ? IS_TEXT : IS_RAW;
}

static enum format format_of(struct bytes head)
{
    if (has(head, 0, TEXT("\177ELF"))) {
        return format_of_elf(head);
    }
    if (is_bzimage(head)) {
        return IS_BZIMAGE;
    }
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        const struct magic *magic = &magics[i];
        if (has(head, magic->offset, (struct text){magic->bytes, magic->size})) {
            return (enum format)magic->format;
        }
    }
    return format_of_rest(head);
}

static struct image_format describe(enum format format, enum image_kind kind)
{
    return (struct image_format){kind, packed_text(packed_formats, format),
                                 packed_text(packed_nexts, next_of[format])};
}

struct image_format image_format_of(struct bytes head, const struct target *target)
{
    enum format format = format_of(head);
    enum image_kind kind = format == IS_RAW    ? IMAGE_RAW
                           : format == IS_GZIP ? IMAGE_GZIP
                                               : IMAGE_OTHER;
    if ((format == IS_ELF64 || format == IS_ELF64_X86 || format == IS_ELF64_AARCH64 ||
         format == IS_ELF64_RISCV) &&
        half_at(head.data + ELF_MACHINE) == target->elf_machine) {
        kind = IMAGE_ELF64;
    }
    return describe(format, kind);
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
    failure->hint = perhaps_zlib ? packed_text(packed_formats, IS_ZLIB_OR_RAW) : format.phrase;
    return fail_with(failure, STATUS_IMAGE_NOT_COMPRESSED);
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
        *format = describe(IS_ZLIB, IMAGE_OTHER);
    }
    if (format->kind == IMAGE_ELF64 || (format->kind == IMAGE_RAW && entry->format != FORMAT_ELF)) {
        return STATUS_OK;
    }
    if (entry->format == FORMAT_AUTO && has(head, 0, TEXT("\177ELF"))) {
        struct header_search search = {.image = head};
        TRY(header_search(&search, failure));
    }
    failure->found = text_of(target->name);
    failure->next = format->next;
    failure->hint = format->phrase;
    return fail_with(failure, STATUS_IMAGE_NOT_RAW);
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
        format.phrase = packed_text(packed_formats, IS_GZIP_TWICE);
    }
    TRY(expect_kernel(head, entry, target, failure, &format));
    *out_kind = format.kind;
    return STATUS_OK;
}
