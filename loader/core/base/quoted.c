/* What a writer is asked for while the firmware is there, and never by the fault handlers. */
#include "core/base/packed.h"

void write_size(struct writer *writer, uint64_t bytes)
{
    static const char *const units[] = {" KiB", " MiB", " GiB", " TiB"};
    size_t unit = 0;
    if (bytes == 0 || bytes % 1024 != 0) {
        write_digits(writer, bytes, 10, 3);
        write_string(writer, bytes == 1 ? " byte" : " bytes");
        return;
    }
    bytes /= 1024;
    while (bytes % 1024 == 0 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        bytes /= 1024;
        unit++;
    }
    write_digits(writer, bytes, 10, 3);
    write_string(writer, units[unit]);
}

void write_quoted(struct writer *writer, struct text text)
{
    while (text.size > 0) {
        uint32_t character;
        size_t size = text_decode(text, &character);
        if (size == 0 || character_is_control(character) || character_is_invisible(character)) {
            write_char(writer, size != 0 && character == '\t' ? ' ' : '?');
        } else {
            write_text(writer, (struct text){text.bytes, size});
        }
        size = size == 0 ? 1 : size;
        text = text_after(text, size);
    }
}

void write_phrase(struct writer *writer, struct text text)
{
    if (text.size == PACKED_SIZE) {
        write_unpacked(writer, text.bytes);
    } else {
        write_quoted(writer, text);
    }
}
