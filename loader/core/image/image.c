#include "core/image/image.h"

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

/* A format that can be told by its first bytes. The phrase follows "is ". */
struct magic {
    uint32_t offset;
    struct text bytes;
    const char *phrase;
};

#define MAGIC(literal)               \
    {                                \
        literal, sizeof(literal) - 1 \
    }

static const char gzip_phrase[] = "gzip-compressed";
static const char elf_phrase[] = "an ELF64 file for x86-64";
static const char pe_phrase[] = "a PE file (EFI application or Windows program)";

static const struct magic magics[] = {
    {0, MAGIC("\x1F\x8B"), gzip_phrase},
    {0, MAGIC("\x28\xB5\x2F\xFD"), "zstd-compressed"},
    {0, MAGIC("\xFD\x37zXZ\0"), "xz-compressed"},
    {4, MAGIC("1AY&SY"), "bzip2-compressed"}, /* behind "BZh" and the level */
    {0, MAGIC("\x04\x22\x4D\x18"), "lz4-compressed"},
    {0, MAGIC("\x02\x21\x4C\x18"), "lz4-compressed"},
    {0, MAGIC("PK\x03\x04"), "a ZIP archive"},
    {257, MAGIC("ustar"), "a tar archive"},
    {0, MAGIC("070701"), "a cpio archive"},
    {0, MAGIC("070702"), "a cpio archive"},
    {0, MAGIC("070707"), "a cpio archive"},
    {0, MAGIC("\xCE\xFA\xED\xFE"), "a Mach-O file"},
    {0, MAGIC("\xCF\xFA\xED\xFE"), "a Mach-O file"},
    {0, MAGIC("\xFE\xED\xFA\xCE"), "a Mach-O file"},
    {0, MAGIC("\xFE\xED\xFA\xCF"), "a Mach-O file"},
    {0, MAGIC("\xCA\xFE\xBA\xBE"), "a Mach-O file"},
    {0x38, MAGIC("ARM\x64"), "an AArch64 Linux kernel"},
};

/* e_machine of the files that people have (System V ABI, "e_machine"). */
static const struct elf {
    uint8_t elf_class;
    uint16_t machine;
    const char *phrase;
} elfs[] = {
    {ELF_CLASS_64, 62, elf_phrase},
    {ELF_CLASS_64, 183, "an ELF64 file for AArch64 (e_machine 183)"},
    {ELF_CLASS_64, 243, "an ELF64 file for RISC-V (e_machine 243)"},
    {ELF_CLASS_32, 3, "an ELF32 file for 32-bit x86 (e_machine 3)"},
    {ELF_CLASS_32, 40, "an ELF32 file for 32-bit ARM (e_machine 40)"},
};

static bool has(struct text head, size_t offset, struct text bytes)
{
    return offset <= head.size && head.size - offset >= bytes.size &&
           memcmp(head.bytes + offset, bytes.bytes, bytes.size) == 0;
}

/* The little-endian number at offset, which lies within head. */
static uint32_t little(struct text head, size_t offset, size_t size)
{
    uint32_t value = 0;
    while (size-- > 0) {
        value = value << 8 | (uint8_t)head.bytes[offset + size];
    }
    return value;
}

static const char *phrase_of_elf(struct text head)
{
    if (head.size < ELF_MACHINE + 2) {
        return "an ELF file, cut short";
    }
    if (little(head, ELF_DATA, 1) == ELF_BIG_ENDIAN) {
        return "a big-endian ELF file";
    }
    for (size_t i = 0; i < sizeof(elfs) / sizeof(elfs[0]); i++) {
        if (little(head, ELF_CLASS, 1) == elfs[i].elf_class &&
            little(head, ELF_MACHINE, 2) == elfs[i].machine) {
            return elfs[i].phrase;
        }
    }
    switch (little(head, ELF_CLASS, 1)) {
    case ELF_CLASS_64:
        return "an ELF64 file for another machine";
    case ELF_CLASS_32:
        return "an ELF32 file";
    default:
        return "a damaged ELF file";
    }
}

/* "MZ" alone is valid code (pop r10). */
static bool is_pe(struct text head)
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

static bool is_bzimage(struct text head)
{
    return has(head, 0x1FE, TEXT("\x55\xAA")) && has(head, 0x202, TEXT("HdrS"));
}

static bool is_white(uint32_t character)
{
    return character == '\t' || character == '\n' || character == '\r' || character == '\f';
}

static bool is_text(struct text head)
{
    bool cut = head.size > TEXT_LOOKED_AT;
    struct text rest = {head.bytes, cut ? TEXT_LOOKED_AT : head.size};
    while (rest.size > 0) {
        uint32_t character = 0;
        size_t size = text_decode(rest, &character);
        if (size == 0) {
            return cut && rest.size < 4; /* of a character, perhaps */
        }
        if (character_is_control(character) && !is_white(character)) {
            return false;
        }
        rest.bytes += size;
        rest.size -= size;
    }
    return true;
}

/* What head is, as a phrase that follows "is "; NULL: nothing known, which is what a raw image is. */
static const char *known_format(struct text head)
{
    if (has(head, 0, TEXT("\177ELF"))) {
        return phrase_of_elf(head);
    }
    if (is_bzimage(head)) {
        return "a bzImage (Linux)";
    }
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        if (has(head, magics[i].offset, magics[i].bytes)) {
            return magics[i].phrase;
        }
    }
    if (is_pe(head)) {
        return pe_phrase;
    }
    if (has(head, 0, TEXT("#!")) && is_text(head)) {
        return "a script";
    }
    return head.size >= TEXT_SIZE_MIN && is_text(head) ? "text" : NULL;
}

static bool is_gzip(struct text head)
{
    return known_format(head) == gzip_phrase;
}

bool image_is_elf(struct text head)
{
    return known_format(head) == elf_phrase;
}

/* RFC 1950 section 2.2: method 8, a window of at most 32 KiB, a multiple of 31. */
static bool is_zlib(struct text head)
{
    if (head.size < 2) {
        return false;
    }
    uint8_t method = (uint8_t)head.bytes[0];
    uint8_t flags = (uint8_t)head.bytes[1];
    return (method & 0x0F) == 8 && method >> 4 <= 7 && (method * 256 + flags) % 31 == 0;
}

static enum status refuse(struct failure *failure, enum status status, const char *phrase)
{
    failure->status = status;
    failure->hint = text_of(phrase);
    return status;
}

static enum status refuse_compression(struct text head, struct text wanted, struct failure *failure)
{
    const char *phrase = known_format(head);
    if (phrase == NULL) {
        phrase = is_zlib(head) ? "zlib-compressed or a raw image" : "a raw image";
    }
    failure->found = wanted;
    return refuse(failure, STATUS_IMAGE_NOT_COMPRESSED, phrase);
}

static enum status expect_kernel(struct text head, struct failure *failure)
{
    const char *phrase = known_format(head);
    return phrase == NULL || phrase == elf_phrase ? STATUS_OK
                                                  : refuse(failure, STATUS_IMAGE_NOT_RAW, phrase);
}

enum status image_recognise(struct text file_head, const struct entry *entry,
                            struct failure *failure, enum image_format *out_format)
{
    bool gzip = is_gzip(file_head);
    enum image_format format = IMAGE_RAW;
    if (file_head.size == 0) {
        failure->status = STATUS_FILE_EMPTY;
        return STATUS_FILE_EMPTY;
    }
    switch (entry->compression) {
    case COMPRESSION_NONE:
        if (gzip) {
            return refuse_compression(file_head, TEXT("none"), failure);
        }
        break;
    case COMPRESSION_GZIP:
        if (!gzip) {
            return refuse_compression(file_head, TEXT("gzip"), failure);
        }
        format = IMAGE_GZIP;
        break;
    case COMPRESSION_ZLIB:
        if (!is_zlib(file_head)) {
            return refuse_compression(file_head, TEXT("zlib"), failure);
        }
        format = IMAGE_ZLIB;
        break;
    case COMPRESSION_AUTO:
        format = gzip ? IMAGE_GZIP : IMAGE_RAW;
        break;
    }
    if (format == IMAGE_RAW) {
        TRY(expect_kernel(file_head, failure));
    }
    *out_format = format;
    return STATUS_OK;
}

enum status image_recognise_inflated(struct text head, struct failure *failure)
{
    if (head.size == 0) {
        failure->status = STATUS_IMAGE_EMPTY;
        return STATUS_IMAGE_EMPTY;
    }
    if (is_gzip(head)) {
        return refuse(failure, STATUS_IMAGE_NOT_RAW, "gzip-compressed twice");
    }
    return expect_kernel(head, failure);
}

/* A header of 1.0 ends where direct_map begins, one of 1.1 where machine does; room is at least that
 * of 1.0. */
static bool copy_header(const uint8_t *at, uint64_t room, struct BootInfoKernelHeader *out_header)
{
    struct BootInfoKernelHeader header = {0};
    memcpy(&header, at, BOOTINFO_KERNEL_HEADER_SIZE_1_0);
    uint64_t size = header.size < BOOTINFO_KERNEL_HEADER_SIZE_1_1 ? BOOTINFO_KERNEL_HEADER_SIZE_1_0
                    : header.size < BOOTINFO_KERNEL_HEADER_SIZE_1_2
                        ? BOOTINFO_KERNEL_HEADER_SIZE_1_1
                        : sizeof(header);
    if (room < size) {
        return false;
    }
    memcpy(&header, at, size);
    *out_header = header;
    return true;
}

bool image_header(const void *head, uint64_t size, struct BootInfoKernelHeader *out_header)
{
    const uint64_t magic = BOOTINFO_KERNEL_MAGIC;
    uint64_t end = size < BOOTINFO_KERNEL_HEADER_LIMIT ? size : BOOTINFO_KERNEL_HEADER_LIMIT;
    for (uint64_t at = 0; at + BOOTINFO_KERNEL_HEADER_SIZE_1_0 <= end; at += 8) {
        const uint8_t *bytes = (const uint8_t *)head + at;
        if (memcmp(bytes, &magic, sizeof(magic)) == 0 && copy_header(bytes, end - at, out_header)) {
            return true;
        }
    }
    return false;
}

static enum status refuse_numbers(struct failure *failure, enum status status, uint64_t first,
                                  uint64_t second)
{
    failure->status = status;
    failure->number[0] = first;
    failure->number[1] = second;
    return status;
}

static enum status check_header(const struct BootInfoKernelHeader *header, struct failure *failure)
{
    if (header->abi_major != BOOTINFO_VERSION_MAJOR || header->abi_minor > BOOTINFO_VERSION_MINOR) {
        failure->number[2] = BOOTINFO_VERSION_MAJOR;
        failure->number[3] = BOOTINFO_VERSION_MINOR;
        return refuse_numbers(failure, STATUS_HEADER_WRONG_ABI, header->abi_major,
                              header->abi_minor);
    }
    if (header->size < BOOTINFO_KERNEL_HEADER_SIZE_1_0) {
        return refuse_numbers(failure, STATUS_HEADER_BAD_SIZE, header->size,
                              BOOTINFO_KERNEL_HEADER_SIZE_1_0);
    }
    if (header->flags != 0) {
        return refuse_numbers(failure, STATUS_HEADER_UNKNOWN_FLAGS, header->flags, 0);
    }
    return STATUS_OK;
}

static enum status settle_address(const struct entry *entry,
                                  const struct BootInfoKernelHeader *header,
                                  struct failure *failure, uint64_t *out_address)
{
    if (header->load_address == 0) {
        *out_address = entry->address;
        return STATUS_OK;
    }
    if (entry->line[ENTRY_ADDRESS] != 0 && entry->address != header->load_address) {
        return refuse_numbers(failure, STATUS_HEADER_ADDRESS_CONFLICT, header->load_address,
                              entry->address);
    }
    *out_address = header->load_address;
    return STATUS_OK;
}

static enum status settle_memory(const struct entry *entry,
                                 const struct BootInfoKernelHeader *header, uint64_t image_size,
                                 struct failure *failure, uint64_t *out_memory_size)
{
    uint64_t given = entry->memory;
    uint64_t asked = header->memory_size;
    uint64_t needed = image_size > asked ? image_size : asked;
    if (needed == 0 && given == 0) {
        failure->status = STATUS_IMAGE_SIZE_UNKNOWN;
        return STATUS_IMAGE_SIZE_UNKNOWN;
    }
    if (asked != 0 && asked < image_size) {
        failure->hint = TEXT("its kernel header");
        return refuse_numbers(failure, STATUS_IMAGE_MEMORY_TOO_SMALL, image_size, asked);
    }
    if (given != 0 && given < needed) {
        failure->hint = TEXT("'memory =' in loader.cfg");
        return refuse_numbers(failure, STATUS_IMAGE_MEMORY_TOO_SMALL, needed, given);
    }
    *out_memory_size = given != 0 ? given : needed;
    return STATUS_OK;
}

/* Whole pages of it, since that is what gets mapped. */
static enum status check_place(uint64_t address, uint64_t memory_size, uint64_t address_limit,
                               struct failure *failure)
{
    uint64_t end = 0;
    if (address < IMAGE_ADDRESS_MIN) {
        return refuse_numbers(failure, STATUS_ADDRESS_TOO_LOW, address, 0);
    }
    if (__builtin_add_overflow(address, memory_size, &end) ||
        __builtin_add_overflow(end, PAGE_SIZE - 1, &end) ||
        end / PAGE_SIZE * PAGE_SIZE > address_limit) {
        failure->number[2] = address_limit;
        return refuse_numbers(failure, STATUS_ADDRESS_TOO_HIGH, memory_size, address);
    }
    if (address % PAGE_SIZE != 0) {
        uint64_t lower = address / PAGE_SIZE * PAGE_SIZE;
        failure->number[2] = lower + PAGE_SIZE;
        return refuse_numbers(failure, STATUS_ADDRESS_UNALIGNED, address, lower);
    }
    return STATUS_OK;
}

static enum status settle_entry(const struct BootInfoKernelHeader *header, uint64_t address,
                                uint64_t size, struct failure *failure, uint64_t *out_entry)
{
    if (header->entry != 0 && (header->entry < address || header->entry - address >= size)) {
        failure->number[2] = address + size - 1;
        return refuse_numbers(failure, STATUS_HEADER_BAD_ENTRY, header->entry, address);
    }
    *out_entry = header->entry != 0 ? header->entry : address;
    return STATUS_OK;
}

static enum status settle_stack(const struct entry *entry,
                                const struct BootInfoKernelHeader *header, struct failure *failure,
                                uint64_t *out_stack_size)
{
    uint64_t asked = header->stack_size;
    if (asked > CONFIG_STACK_MAX) {
        return refuse_numbers(failure, STATUS_HEADER_BAD_STACK, asked, CONFIG_STACK_MAX);
    }
    if (entry->line[ENTRY_STACK] != 0 && entry->stack < asked) {
        return refuse_numbers(failure, STATUS_HEADER_STACK_CONFLICT, asked, entry->stack);
    }
    uint64_t size = entry->stack > asked ? entry->stack : asked;
    *out_stack_size = (size + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
    return STATUS_OK;
}

static enum status settle_direct_map(const struct entry *entry,
                                     const struct BootInfoKernelHeader *header,
                                     struct failure *failure, uint64_t *out_direct_map)
{
    uint64_t asked = header->direct_map;
    if (asked != 0 && entry->direct_map != 0 && entry->direct_map != asked) {
        return refuse_numbers(failure, STATUS_HEADER_DIRECT_MAP_CONFLICT, asked, entry->direct_map);
    }
    *out_direct_map = asked != 0 ? asked : entry->direct_map;
    return STATUS_OK;
}

enum status image_settle(const struct entry *entry, const struct BootInfoKernelHeader *header,
                         uint64_t image_size, uint64_t address_limit, struct failure *failure,
                         struct image_needs *out_needs)
{
    static const struct BootInfoKernelHeader all_left_open;
    struct image_needs needs = {0};
    if (header == NULL) {
        header = &all_left_open;
    } else {
        TRY(check_header(header, failure));
    }
    TRY(settle_address(entry, header, failure, &needs.address));
    TRY(settle_memory(entry, header, image_size, failure, &needs.memory_size));
    TRY(check_place(needs.address, needs.memory_size, address_limit, failure));
    uint64_t code_size = image_size != 0 ? image_size : needs.memory_size;
    TRY(settle_entry(header, needs.address, code_size, failure, &needs.entry));
    TRY(settle_stack(entry, header, failure, &needs.stack_size));
    TRY(settle_direct_map(entry, header, failure, &needs.direct_map));
    *out_needs = needs;
    return STATUS_OK;
}
