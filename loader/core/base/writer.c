#include "core/base/writer.h"

#include "core/base/span.h"

#include <string.h>

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
    size_t size = least(text.size, room);
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
    write_text(writer, (struct text){nul_terminated, strlen(nul_terminated)});
}

char digit_of(uint64_t value)
{
    return (char)(value < 10 ? '0' + value : 'a' - 10 + value);
}

void write_digits(struct writer *writer, uint64_t value, unsigned base, unsigned group)
{
    char digits[32];
    size_t at = sizeof(digits);
    unsigned count = 0;
    do {
        if (group != 0 && count != 0 && count % group == 0) {
            digits[--at] = ',';
        }
        digits[--at] = digit_of(value % base);
        value /= base;
        count++;
    } while (value != 0);
    write_text(writer, (struct text){digits + at, sizeof(digits) - at});
}

void write_decimal(struct writer *writer, uint64_t value)
{
    write_digits(writer, value, 10, 0);
}

void write_hex(struct writer *writer, uint64_t value)
{
    write_char(writer, '0');
    write_char(writer, 'x');
    write_digits(writer, value, 16, 0);
}
