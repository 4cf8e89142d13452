/* The section table of a PE32+ image (PE format revision 8.3, "Section Table"), as the firmware
 * laid the image out in memory. */
#include "core/base/bytes.h"
#include "core/trust/archive.h"

#define HEADERS_MAX 4096 /* bytes; the loader's are far less */

enum {
    DOS_PE_OFFSET = 0x3C,
    PE_SECTIONS = 6,
    PE_OPTIONAL_SIZE = 20,
    PE_HEADER_SIZE = 24,
    SECTION_SIZE = 8, /* in memory */
    SECTION_ADDRESS = 12,
    SECTION_HEADER_SIZE = 40,
};

bool image_section(struct text image, const char *name, struct text *out_section)
{
    uint64_t at = image.size < HEADERS_MAX ? HEADERS_MAX : word_at(image.bytes + DOS_PE_OFFSET);
    if (at > HEADERS_MAX - PE_HEADER_SIZE) {
        return false;
    }
    uint64_t left = half_at(image.bytes + at + PE_SECTIONS);
    at += PE_HEADER_SIZE + half_at(image.bytes + at + PE_OPTIONAL_SIZE);
    *out_section = (struct text){NULL, 0};
    for (; left > 0; left--, at += SECTION_HEADER_SIZE) {
        if (at > HEADERS_MAX - SECTION_HEADER_SIZE) {
            return false;
        }
        const char *header = image.bytes + at;
        if (long_at(header) == long_at(name)) {
            uint64_t address = word_at(header + SECTION_ADDRESS);
            *out_section = (struct text){image.bytes + address, word_at(header + SECTION_SIZE)};
            return out_section->size > 0 && address + out_section->size <= image.size;
        }
    }
    return true;
}
