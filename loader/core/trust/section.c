/* The section table of a PE32+ image (PE format revision 8.3, "Section Table"), as the firmware
 * laid the image out in memory. */
#include "archive.h"

#include <string.h>

enum {
    DOS_PE_OFFSET = 0x3C,
    PE_SECTIONS = 6,
    PE_OPTIONAL_SIZE = 20,
    PE_HEADER_SIZE = 24,
    SECTION_SIZE = 8, /* in memory */
    SECTION_ADDRESS = 12,
    SECTION_HEADER_SIZE = 40,
    SECTION_NAME_SIZE = 8,
};

/* The little-endian number there; 0 where it is not within the image. */
static uint32_t number_at(struct text image, uint64_t offset, size_t size)
{
    uint32_t value = 0;
    if (offset <= image.size && image.size - offset >= size) {
        memcpy(&value, image.bytes + offset, size);
    }
    return value;
}

static bool is_named(const char *header, const char *name)
{
    size_t size = strlen(name);
    return memcmp(header, name, size) == 0 && (size == SECTION_NAME_SIZE || header[size] == '\0');
}

static bool take_section(struct text image, uint64_t header, struct text *out_section)
{
    uint32_t size = number_at(image, header + SECTION_SIZE, 4);
    uint32_t address = number_at(image, header + SECTION_ADDRESS, 4);
    if (address > image.size || size > image.size - address || size == 0) {
        return false;
    }
    *out_section = (struct text){image.bytes + address, size};
    return true;
}

bool image_section(struct text image, const char *name, struct text *out_section)
{
    uint64_t pe = number_at(image, DOS_PE_OFFSET, 4);
    uint64_t count = number_at(image, pe + PE_SECTIONS, 2);
    uint64_t header = pe + PE_HEADER_SIZE + number_at(image, pe + PE_OPTIONAL_SIZE, 2);
    *out_section = (struct text){NULL, 0};
    if (number_at(image, pe, 4) != 0x4550 || header > image.size ||
        count > (image.size - header) / SECTION_HEADER_SIZE) {
        return false;
    }
    for (; count > 0; count--, header += SECTION_HEADER_SIZE) {
        if (is_named(image.bytes + header, name)) {
            return take_section(image, header, out_section);
        }
    }
    return true;
}
