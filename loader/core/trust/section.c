/* The section table of a PE32+ image (PE format revision 8.3, "Section Table"), as the firmware
 * laid the image out in memory. */
#include "core/trust/archive.h"

#include <string.h>

#define HEADERS_MAX 4096 /* bytes; the loader's are far less */

enum {
    DOS_PE_OFFSET = 0x3C,
    PE_SECTIONS = 6,
    PE_OPTIONAL_SIZE = 20,
    PE_HEADER_SIZE = 24,
};

struct section_header {
    char name[8];
    uint32_t size; /* in memory */
    uint32_t address;
    uint32_t unused[6];
};

/* The little-endian number in the headers. */
static uint32_t number_at(struct text image, uint64_t offset, size_t size)
{
    uint32_t value = 0;
    memcpy(&value, image.bytes + offset, size);
    return value;
}

static bool take_section(struct text image, const struct section_header *header,
                         struct text *out_section)
{
    if (header->address > image.size || header->size > image.size - header->address ||
        header->size == 0) {
        return false;
    }
    *out_section = (struct text){image.bytes + header->address, header->size};
    return true;
}

bool image_section(struct text image, const char *name, struct text *out_section)
{
    struct section_header header;
    *out_section = (struct text){NULL, 0};
    uint64_t pe = image.size < HEADERS_MAX ? HEADERS_MAX : number_at(image, DOS_PE_OFFSET, 4);
    if (pe > HEADERS_MAX - PE_HEADER_SIZE) {
        return false;
    }
    uint64_t at = pe + PE_HEADER_SIZE + number_at(image, pe + PE_OPTIONAL_SIZE, 2);
    uint64_t end = at + number_at(image, pe + PE_SECTIONS, 2) * sizeof(header);
    if (end > HEADERS_MAX) {
        return false;
    }
    for (; at < end; at += sizeof(header)) {
        memcpy(&header, image.bytes + at, sizeof(header));
        if (memcmp(header.name, name, sizeof(header.name)) == 0) {
            return take_section(image, &header, out_section);
        }
    }
    return true;
}
