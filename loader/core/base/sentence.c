#include "core/base/sentence.h"

#include "core/base/text.h"

/* A byte is a character, or the code of two bytes, each of which may be a code again. */
static char *unpack_byte(unsigned char byte, char *out)
{
    if (byte >= ' ' && byte < 128) {
        *out = (char)byte;
        return out + 1;
    }
    size_t code = byte < ' ' ? byte + 127U : byte - 128U;
    const unsigned char *pair = &sentence_pairs[2 * code];
    return unpack_byte(pair[1], unpack_byte(pair[0], out));
}

void sentence_unpack(enum status status, enum sentence_kind kind, char out[SENTENCE_ROOM])
{
    const char *packed = string_at((const char *)sentences, 2 * (uint32_t)status + kind);
    for (; *packed != '\0'; packed++) {
        out = unpack_byte((unsigned char)*packed, out);
    }
    *out = '\0';
}
