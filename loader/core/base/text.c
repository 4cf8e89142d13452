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

bool byte_continues_character(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
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
    if (first < 0xC0 || first > 0xF7 || text.size < size) {
        return 0;
    }
    uint32_t character = first & (0xFFU >> (size + 1));
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

struct writer writer_on(char *buffer, size_t capacity)
{
    buffer[0] = '\0';
    return (struct writer){buffer, capacity, 0};
}

struct text writer_text(const struct writer *writer)
{
    return (struct text){writer->buffer, writer->used};
}

void write_text(struct writer *writer, struct text text)
{
    size_t room = writer->capacity - 1 - writer->used;
    size_t size = text.size < room ? text.size : room;
    if (size > 0) {
        memcpy(writer->buffer + writer->used, text.bytes, size);
    }
    writer->used += size;
    writer->buffer[writer->used] = '\0';
}

void write_char(struct writer *writer, char c)
{
    write_text(writer, (struct text){&c, 1});
}

void write_string(struct writer *writer, const char *nul_terminated)
{
    write_text(writer, text_of(nul_terminated));
}

static void write_number(struct writer *writer, uint64_t value, unsigned base, unsigned group)
{
    char digits[32];
    size_t at = sizeof(digits);
    unsigned count = 0;
    do {
        if (group != 0 && count != 0 && count % group == 0) {
            digits[--at] = ',';
        }
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
        count++;
    } while (value != 0);
    write_text(writer, (struct text){digits + at, sizeof(digits) - at});
}

void write_decimal(struct writer *writer, uint64_t value)
{
    write_number(writer, value, 10, 0);
}

void write_hex(struct writer *writer, uint64_t value)
{
    write_string(writer, "0x");
    write_number(writer, value, 16, 0);
}

void write_size(struct writer *writer, uint64_t bytes)
{
    static const char *const units[] = {" KiB", " MiB", " GiB", " TiB"};
    size_t unit = 0;
    if (bytes == 0 || bytes % 1024 != 0) {
        write_number(writer, bytes, 10, 3);
        write_string(writer, bytes == 1 ? " byte" : " bytes");
        return;
    }
    bytes /= 1024;
    while (bytes % 1024 == 0 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        bytes /= 1024;
        unit++;
    }
    write_number(writer, bytes, 10, 3);
    write_string(writer, units[unit]);
}

void write_quoted(struct writer *writer, struct text text)
{
    while (text.size > 0) {
        uint32_t character;
        size_t size = text_decode(text, &character);
        if (size == 0 || character_is_control(character)) {
            write_char(writer, size != 0 && character == '\t' ? ' ' : '?');
        } else {
            write_text(writer, (struct text){text.bytes, size});
        }
        size = size == 0 ? 1 : size;
        text = text_after(text, size);
    }
}
