#include "core/base/text.h"

#include <string.h>

struct text text_of(const char *nul_terminated)
{
    return (struct text){nul_terminated, strlen(nul_terminated)};
}

bool text_equal(struct text a, struct text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

bool text_equal_any_case(struct text a, struct text b)
{
    bool same = a.size == b.size;
    for (size_t i = 0; same && i < a.size; i++) {
        same = lower_case(a.bytes[i]) == lower_case(b.bytes[i]);
    }
    return same;
}

bool text_begins_with(struct text text, struct text start)
{
    return text.size >= start.size && memcmp(text.bytes, start.bytes, start.size) == 0;
}

bool text_ends_with(struct text text, struct text end)
{
    return text.size >= end.size &&
           memcmp(text.bytes + text.size - end.size, end.bytes, end.size) == 0;
}

struct text text_after(struct text text, size_t size)
{
    return (struct text){text.bytes + size, text.size - size};
}

char lower_case(char byte)
{
    if (byte < 'A' || byte > 'Z') {
        return byte;
    }
    return (char)(byte + ('a' - 'A'));
}

bool byte_continues_character(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

/* Eight bytes at a time: of each that is below ' ', DEL or above, the highest bit is set. The sums
 * carry from byte to byte only past one that is: the lowest bit that is set is right. */
size_t text_plain(struct text text)
{
    const uint64_t ones = UINT64_MAX / 0xFF;
    uint64_t word; /* little-endian */
    size_t at = 0;
    for (; text.size - at >= sizeof(word); at += sizeof(word)) {
        memcpy(&word, text.bytes + at, sizeof(word));
        uint64_t others = (word | (word + ones) | (word - ' ' * ones)) & 0x80 * ones;
        if (others != 0) {
            return at + (size_t)__builtin_ctzll(others) / 8;
        }
    }
    while (at < text.size && text.bytes[at] >= ' ' && text.bytes[at] < 0x7F) {
        at++;
    }
    return at;
}

size_t text_decode(struct text text, uint32_t *out_character)
{
    static const uint32_t least_of_size[] = {0, 0, 0x80, 0x800, 0x10000};
    if (text.size == 0) {
        return 0;
    }
    unsigned char first = (unsigned char)text.bytes[0];
    if (first < 0x80) {
        *out_character = first;
        return 1;
    }
    size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC0 || text.size < size) {
        return 0;
    }
    /* Without the ones that tell the size. A fifth one makes it larger than any character. */
    uint32_t character = first & (0xFFU >> size);
    for (size_t i = 1; i < size; i++) {
        if (!byte_continues_character(text.bytes[i])) {
            return 0;
        }
        character = character << 6 | ((unsigned char)text.bytes[i] & 0x3F);
    }
    bool surrogate = character >= 0xD800 && character <= 0xDFFF;
    if (character < least_of_size[size] || character > 0x10FFFF || surrogate) {
        return 0;
    }
    *out_character = character;
    return size;
}

size_t text_step(struct text text)
{
    uint32_t character;
    size_t size = text_decode(text, &character);
    return size == 0 ? 1 : size;
}

size_t text_characters(struct text text)
{
    size_t count = 0;
    while (text.size > 0) {
        size_t size = text_step(text);
        text = text_after(text, size);
        count++;
    }
    return count;
}

bool character_is_control(uint32_t character)
{
    return character < 0x20 || (character >= 0x7F && character < 0xA0);
}

bool character_is_invisible(uint32_t character)
{
    return character == 0xA0 || character == 0xAD || character == 0x3000 || character == 0xFEFF ||
           (character >= 0x2000 && character <= 0x200F) ||
           (character >= 0x2028 && character <= 0x202F) ||
           (character >= 0x205F && character <= 0x2064);
}
