#include "core/base/packed.h"

#include <string.h>

const char *string_at(const char *strings, uint32_t n)
{
    for (; n > 0; n--) {
        strings += strlen(strings) + 1;
    }
    return strings;
}

/* A byte is a character, or the code of two bytes, each of which may be a code again. */
static void write_byte(struct writer *writer, unsigned char byte)
{
    unsigned char pending[PACKED_DEPTH + 1];
    size_t count = 0;
    pending[count++] = byte;
    while (count > 0) {
        byte = pending[--count];
        if (byte >= ' ' && byte < 128) {
            write_char(writer, (char)byte);
            continue;
        }
        size_t code = byte < ' ' ? byte + 127U : byte - 128U;
        pending[count++] = packed_pairs[2 * code + 1];
        pending[count++] = packed_pairs[2 * code];
    }
}

void write_unpacked(struct writer *writer, const char *packed)
{
    for (; *packed != '\0'; packed++) {
        write_byte(writer, (unsigned char)*packed);
    }
}

void write_packed(struct writer *writer, const unsigned char *list, uint32_t n)
{
    write_unpacked(writer, string_at((const char *)list, n));
}

struct text packed_text(const unsigned char *list, uint32_t n)
{
    return (struct text){string_at((const char *)list, n), PACKED_SIZE};
}
