/* The loader as a PE32+ file (PE format revision 8.3): is it signed, is it sealed; sealing it. */
#include "secure.h"

#include "core/trust/archive.h"

#include <string.h>

enum {
    DOS_PE_OFFSET = 0x3C,
    SECTION_COUNT = 6,
    OPTIONAL_SIZE = 20,
    OPTIONAL = 24,
    MAGIC_PE32_PLUS = 0x20B,
    INITIALIZED_DATA_SIZE = OPTIONAL + 8,
    SECTION_ALIGNMENT = OPTIONAL + 32,
    FILE_ALIGNMENT = OPTIONAL + 36,
    IMAGE_SIZE = OPTIONAL + 56,
    HEADERS_SIZE = OPTIONAL + 60,
    CHECKSUM = OPTIONAL + 64,
    SECURITY_DIRECTORY_SIZE = OPTIONAL + 112 + 4 * 8 + 4,
    DEBUG_DIRECTORY = OPTIONAL + 112 + 6 * 8,
    DEBUG_ENTRY_SIZE = 28,
    DEBUG_ENTRY_OFFSET = 24, /* of what it names, in the file */
    OPTIONAL_SIZE_LEAST = 112 + 7 * 8,
    SECTION_HEADER_SIZE = 40,
    SECTIONS_MAX = 96,
};

#define SECTION_FLAGS 0x40000040U /* initialised data, readable */

struct section {
    char name[8];
    uint32_t memory_size;
    uint32_t address;
    uint32_t file_size;
    uint32_t offset;
    uint32_t unused[3];
    uint32_t flags;
};

_Static_assert(sizeof(struct section) == SECTION_HEADER_SIZE, "as in the file");

/* Where the headers lie; all within the file. */
struct headers {
    size_t pe;
    size_t table;
    uint32_t count;
    uint32_t section_alignment;
    uint32_t file_alignment;
};

static uint32_t get(struct text file, size_t at, size_t size)
{
    uint32_t value = 0;
    if (at <= file.size && file.size - at >= size) {
        memcpy(&value, file.bytes + at, size);
    }
    return value;
}

static bool is_power_of_2(uint32_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

static bool find_headers(struct text file, struct headers *out)
{
    size_t pe = get(file, DOS_PE_OFFSET, 4);
    size_t optional_size = get(file, pe + OPTIONAL_SIZE, 2);
    *out = (struct headers){
        .pe = pe,
        .table = pe + OPTIONAL + optional_size,
        .count = get(file, pe + SECTION_COUNT, 2),
        .section_alignment = get(file, pe + SECTION_ALIGNMENT, 4),
        .file_alignment = get(file, pe + FILE_ALIGNMENT, 4),
    };
    return get(file, pe, 4) == 0x4550 && get(file, pe + OPTIONAL, 2) == MAGIC_PE32_PLUS &&
           optional_size >= OPTIONAL_SIZE_LEAST && out->count <= SECTIONS_MAX &&
           out->table + (size_t)out->count * SECTION_HEADER_SIZE <= file.size &&
           is_power_of_2(out->section_alignment) && is_power_of_2(out->file_alignment) &&
           out->section_alignment <= 0x10000 && out->file_alignment <= 0x10000;
}

static struct section section_at(struct text file, const struct headers *headers, uint32_t i)
{
    struct section section;
    memcpy(&section, file.bytes + headers->table + (size_t)i * SECTION_HEADER_SIZE,
           sizeof(section));
    return section;
}

bool secure_pe_is_signed(struct text file)
{
    struct headers headers;
    return find_headers(file, &headers) && get(file, headers.pe + SECURITY_DIRECTORY_SIZE, 4) != 0;
}

static bool is_seal(const struct section *section)
{
    return strncmp(section->name, SEAL_SECTION, sizeof(section->name)) == 0;
}

bool secure_pe_archive(struct text file, struct text *out_archive)
{
    struct headers headers;
    *out_archive = (struct text){NULL, 0};
    if (!find_headers(file, &headers)) {
        return false;
    }
    for (uint32_t i = 0; i < headers.count; i++) {
        struct section section = section_at(file, &headers, i);
        if (is_seal(&section)) {
            *out_archive = (struct text){file.bytes + section.offset, section.memory_size};
            return section.offset <= file.size && section.memory_size <= file.size - section.offset;
        }
    }
    return true;
}

static uint64_t align(uint64_t value, uint32_t alignment)
{
    return (value + alignment - 1) / alignment * alignment;
}

static uint64_t end_in_memory(struct text file, const struct headers *headers)
{
    uint64_t end = 0;
    for (uint32_t i = 0; i < headers->count; i++) {
        struct section section = section_at(file, headers, i);
        uint64_t size =
            section.memory_size > section.file_size ? section.memory_size : section.file_size;
        end = section.address + size > end ? section.address + size : end;
    }
    return align(end, headers->section_alignment);
}

/* How many bytes the headers lack for one more section. */
static uint32_t room_wanted(struct text file, const struct headers *headers)
{
    uint64_t end = headers->table + (uint64_t)(headers->count + 1) * SECTION_HEADER_SIZE;
    uint64_t size = get(file, headers->pe + HEADERS_SIZE, 4);
    return end > size ? (uint32_t)align(end - size, headers->file_alignment) : 0;
}

static bool may_be_sealed(struct text file, const struct headers *headers, struct text archive,
                          struct message *message)
{
    struct text sealed;
    if (get(file, headers->pe + SECURITY_DIRECTORY_SIZE, 4) != 0) {
        return message_add(message,
                           "the loader is signed already: seal the one that is not signed");
    }
    if (!secure_pe_archive(file, &sealed) || sealed.size > 0) {
        return message_add(message,
                           "the loader is sealed already: seal the one that is not sealed");
    }
    uint32_t size = get(file, headers->pe + HEADERS_SIZE, 4);
    if (size > file.size || size + room_wanted(file, headers) > headers->section_alignment) {
        return message_add(message, "the loader's headers have no room for a section");
    }
    uint64_t end = end_in_memory(file, headers) + archive.size + headers->section_alignment;
    return (end <= UINT32_MAX && file.size + archive.size < UINT32_MAX / 2) ||
           message_add(message, "the archive is too large");
}

static void put(struct bytes *file, size_t at, uint32_t value, size_t size)
{
    memcpy(file->data + at, &value, size);
}

/* Where in the file lies what is so far from the image's beginning; 0: in no section. */
static size_t offset_in_file(struct text file, const struct headers *headers, uint32_t address,
                             uint32_t size)
{
    for (uint32_t i = 0; i < headers->count; i++) {
        struct section section = section_at(file, headers, i);
        uint32_t inside = address - section.address;
        if (address >= section.address && inside <= section.file_size &&
            size <= section.file_size - inside) {
            return (size_t)section.offset + inside;
        }
    }
    return 0;
}

/* Its entries have offsets in the file, as nothing else in a section does. */
static void move_debug_directory(struct bytes *file, const struct headers *headers, uint32_t room)
{
    const struct text text = {file->data, file->size};
    uint32_t size = get(text, headers->pe + DEBUG_DIRECTORY + 4, 4);
    size_t at = offset_in_file(text, headers, get(text, headers->pe + DEBUG_DIRECTORY, 4), size);
    if (at == 0 || at > file->size || size > file->size - at) {
        return; /* there is none, or none that makes sense: the loader itself does not need it */
    }
    for (size_t end = at + size; end - at >= DEBUG_ENTRY_SIZE; at += DEBUG_ENTRY_SIZE) {
        uint32_t offset = get(text, at + DEBUG_ENTRY_OFFSET, 4);
        put(file, at + DEBUG_ENTRY_OFFSET, offset == 0 ? 0 : offset + room, 4);
    }
}

/* Copies the file with so much more room after its headers: all sections move on. */
static void copy_with_room(struct text file, const struct headers *headers, uint32_t room,
                           struct bytes *out_file)
{
    static const char zeros[0x10000];
    uint32_t size = get(file, headers->pe + HEADERS_SIZE, 4);
    bytes_add(out_file, file.bytes, size);
    bytes_add(out_file, zeros, room);
    bytes_add(out_file, file.bytes + size, file.size - size);
    put(out_file, headers->pe + HEADERS_SIZE, size + room, 4);
    for (uint32_t i = 0; i < headers->count; i++) {
        struct section section = section_at(file, headers, i);
        section.offset += section.offset != 0 ? room : 0;
        memcpy(out_file->data + headers->table + (size_t)i * SECTION_HEADER_SIZE, &section,
               sizeof(section));
    }
    move_debug_directory(out_file, headers, room);
}

bool secure_pe_seal(struct text file, struct text archive, struct message *message,
                    struct bytes *out_file)
{
    static const char zeros[0x10000];
    struct headers headers;
    if (!find_headers(file, &headers)) {
        return message_add(message, "this is no PE32+ file: expected Baton's BOOTX64.EFI");
    }
    if (!may_be_sealed(file, &headers, archive, message)) {
        return false;
    }
    const uint32_t room = room_wanted(file, &headers);
    struct section section = {
        .name = SEAL_SECTION,
        .memory_size = (uint32_t)archive.size,
        .address = (uint32_t)end_in_memory(file, &headers),
        .file_size = (uint32_t)align(archive.size, headers.file_alignment),
        .offset = (uint32_t)align(file.size + room, headers.file_alignment),
        .flags = SECTION_FLAGS,
    };
    copy_with_room(file, &headers, room, out_file);
    bytes_add(out_file, zeros, section.offset - room - file.size);
    bytes_add(out_file, archive.bytes, archive.size);
    bytes_add(out_file, zeros, section.file_size - archive.size);
    memcpy(out_file->data + headers.table + (size_t)headers.count * SECTION_HEADER_SIZE, &section,
           sizeof(section));
    put(out_file, headers.pe + SECTION_COUNT, headers.count + 1, 2);
    put(out_file, headers.pe + IMAGE_SIZE,
        (uint32_t)align(section.address + (uint64_t)section.memory_size, headers.section_alignment),
        4);
    put(out_file, headers.pe + INITIALIZED_DATA_SIZE,
        get(file, headers.pe + INITIALIZED_DATA_SIZE, 4) + section.file_size, 4);
    put(out_file, headers.pe + CHECKSUM, 0, 4);
    return true;
}
