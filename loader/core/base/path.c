#include "core/base/path.h"

#include <string.h>

#define EDK2_PATH_MAX 260 /* EFI_PATH_STRING_LENGTH, its NUL included */

static bool is_separator(char c)
{
    return c == '/' || c == '\\';
}

/* Printable, and not one of : * ? " < > |. */
static const struct ascii_set ordinary = {
    {(UINT64_MAX << ' ') & ~(UINT64_C(1) << ':' | UINT64_C(1) << '*' | UINT64_C(1) << '?' |
                             UINT64_C(1) << '"' | UINT64_C(1) << '<' | UINT64_C(1) << '>'),
     ~(UINT64_C(1) << ('|' - 64) | UINT64_C(1) << (0x7F - 64))}};

/* The first character of text, which is not ordinary. */
static const char *check_character(struct text text, size_t *out_size)
{
    uint32_t character;
    *out_size = text_decode(text, &character);
    if (*out_size == 0) {
        return "it is not valid UTF-8";
    }
    if (character_is_control(character)) {
        return "it holds a control character";
    }
    if (character < 0x80) {
        return "a name in it holds one of : * ? \" < > |";
    }
    return character > 0xFFFF ? "a character in it is above U+FFFF" : NULL;
}

static const char *check_characters(struct text name)
{
    size_t count = name.size;
    for (size_t at = 0; at < name.size; at++) {
        if (!is_in_set(&ordinary, name.bytes[at])) {
            size_t size;
            const char *wrong = check_character(text_after(name, at), &size);
            if (wrong != NULL) {
                return wrong;
            }
            at += size - 1;
            count -= size - 1;
        }
    }
    return count > PATH_NAME_MAX ? "a name in it has more than 255 characters" : NULL;
}

static const char *check_name(struct text name)
{
    if (name.bytes[0] == ' ') {
        return "a name in it begins with a blank";
    }
    char last = name.bytes[name.size - 1];
    if (last == '.' || last == ' ') {
        if (text_equal(name, TEXT(".")) || text_equal(name, TEXT(".."))) {
            return "'.' and '..' cannot be used";
        }
        return "a name in it ends in a dot or a blank";
    }
    return check_characters(name);
}

/* Takes the next name off path; empty: path has none left. */
static struct text take_name(struct text *path)
{
    const char *begin = path->bytes;
    const char *end = begin + path->size;
    while (begin < end && is_separator(*begin)) {
        begin++;
    }
    const char *at = begin;
    while (at < end && !is_separator(*at)) {
        at++;
    }
    *path = (struct text){at, (size_t)(end - at)};
    return (struct text){begin, (size_t)(at - begin)};
}

/* Appends name to the used bytes of buffer. */
static const char *append(char *buffer, size_t *used, struct text name)
{
    const char *wrong = check_name(name);
    if (wrong != NULL) {
        return wrong;
    }
    if (1 + name.size + 1 > PATH_MAX_BYTES - *used) {
        return "it has more than 1,023 bytes";
    }
    buffer[(*used)++] = '\\';
    memcpy(buffer + *used, name.bytes, name.size);
    *used += name.size;
    return NULL;
}

const char *path_canonical(struct text path, char *buffer)
{
    size_t used = 0;
    if (path.size == 0) {
        return "it is empty";
    }
    while (path.size > 0) {
        struct text name = take_name(&path);
        const char *wrong =
            name.size == 0 ? "it ends without the name of a file" : append(buffer, &used, name);
        if (wrong != NULL) {
            return wrong;
        }
    }
    buffer[used] = '\0';
    return NULL;
}

const char *path_suspicion(struct text path)
{
    bool blank = false;
    if (text_characters(path) >= EDK2_PATH_MAX) {
        return " EDK2, most firmware's base, opens no path of 260 characters or more.";
    }
    while (path.size > 0) {
        uint32_t character = 0;
        size_t size = text_decode(path, &character);
        if (size == 0 || character_is_invisible(character)) {
            return " It has an invisible character, shown as ?.";
        }
        if (blank && (character == '#' || character == ';')) {
            return " Comments stand on their own line.";
        }
        blank = character == ' ' || character == '\t';
        path = text_after(path, size);
    }
    return "";
}

const char *path_resolve(struct text path, char *buffer)
{
    size_t used = 0;
    bool ends_in_name = false;
    while (path.size > 0) {
        struct text name = take_name(&path);
        bool up = text_equal(name, TEXT(".."));
        ends_in_name = !up && name.size > 0 && !text_equal(name, TEXT("."));
        const char *wrong = ends_in_name ? append(buffer, &used, name) : NULL;
        if (up && used == 0) {
            wrong = "it climbs above the root";
        }
        if (wrong != NULL) {
            return wrong;
        }
        while (up && buffer[--used] != '\\') {
        }
    }
    buffer[used] = '\0';
    return ends_in_name ? NULL : "it ends without the name of a file";
}

bool path_sibling(struct text path, struct text name, char *buffer)
{
    size_t folder = path.size;
    while (folder > 0 && path.bytes[folder - 1] != '\\') {
        folder--;
    }
    if (folder >= PATH_MAX_BYTES || name.size >= PATH_MAX_BYTES - folder) {
        return false;
    }
    memcpy(buffer, path.bytes, folder);
    memcpy(buffer + folder, name.bytes, name.size);
    buffer[folder + name.size] = '\0';
    return true;
}

void path_to_ucs2(const char *path, uint16_t *units)
{
    struct text rest = text_of(path);
    size_t count = 0;
    while (rest.size > 0) {
        uint32_t character;
        size_t size = text_decode(rest, &character);
        units[count++] = size == 0 || character > 0xFFFF ? '?' : (uint16_t)character;
        size = size == 0 ? 1 : size;
        rest = text_after(rest, size);
    }
    units[count] = 0;
}

static size_t encode(uint16_t unit, char *bytes)
{
    if (unit < 0x80) {
        bytes[0] = (char)unit;
        return 1;
    }
    if (unit < 0x800) {
        bytes[0] = (char)(0xC0 | unit >> 6);
        bytes[1] = (char)(0x80 | (unit & 0x3F));
        return 2;
    }
    bytes[0] = (char)(0xE0 | unit >> 12);
    bytes[1] = (char)(0x80 | (unit >> 6 & 0x3F));
    bytes[2] = (char)(0x80 | (unit & 0x3F));
    return 3;
}

void path_from_ucs2(const uint16_t *units, size_t size, char *buffer, size_t capacity)
{
    size_t used = 0;
    for (size_t i = 0; i < size && units[i] != 0; i++) {
        bool surrogate = units[i] >= 0xD800 && units[i] <= 0xDFFF;
        char bytes[3];
        size_t count = encode(surrogate ? '?' : units[i], bytes);
        if (count >= capacity - used) {
            break;
        }
        memcpy(buffer + used, bytes, count);
        used += count;
    }
    buffer[used] = '\0';
}

bool path_is_same(const struct text *a, const struct text *b)
{
    struct text rest = *a;
    struct text other = *b;
    bool same = true;
    while (same && rest.size > 0) {
        struct text name = take_name(&rest);
        same = text_equal_any_case(name, take_name(&other));
    }
    return same && other.size == 0;
}

void path_write(struct writer *writer, struct text path)
{
    while (path.size > 0) {
        struct text name = take_name(&path);
        write_char(writer, '/');
        write_text(writer, name);
    }
}
