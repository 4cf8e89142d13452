/* Text as bytes and length. No NUL is relied on in input. */
#ifndef BATON_TEXT_H
#define BATON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    const char *bytes;
    size_t size;
};

#define TEXT(literal) ((struct text){literal, sizeof(literal) - 1})
/* TEXT for the initialiser of a static object. */
#define TEXT_INIT(literal)           \
    {                                \
        literal, sizeof(literal) - 1 \
    }

struct text text_of(const char *nul_terminated);
bool text_equal(struct text a, struct text b);
/* The same, ASCII letters in capitals or not. */
bool text_equal_any_case(struct text a, struct text b);
bool text_begins_with(struct text text, struct text start);
bool text_ends_with(struct text text, struct text end);
/* text without its first size bytes; it has at least that many. */
struct text text_after(struct text text, size_t size);

/* Some characters of ASCII: bit 0 of the first word is for U+0000. */
struct ascii_set {
    uint64_t words[2];
};
static inline bool is_in_set(const struct ascii_set *set, char c)
{
    unsigned char byte = (unsigned char)c;
    return byte < 0x80 && (set->words[byte / 64] >> byte % 64 & 1) != 0;
}

/* How many bytes text begins with that are printable ASCII. */
size_t text_plain(struct text text);
/* Decodes the first character of text (UTF-8 as in RFC 3629: shortest forms, no surrogates). Its
 * size in bytes, or 0 where text is empty or does not begin with one. */
size_t text_decode(struct text text, uint32_t *out_character);
/* Bytes of the first character of text, which is not empty; 1: its first byte begins no
 * character. */
size_t text_step(struct text text);
/* How many characters text has; a byte that is part of none counts as one. */
size_t text_characters(struct text text);
/* An ASCII letter in lower case; any other byte as it is. */
char lower_case(char byte);
/* Whether byte is part of a character that began before it (UTF-8). */
bool byte_continues_character(char byte);
/* U+0000 to U+001F and U+007F to U+009F. */
bool character_is_control(uint32_t character);
/* Blanks other than U+0020, and characters of no width: what is pasted along without being seen. */
bool character_is_invisible(uint32_t character);

#endif
