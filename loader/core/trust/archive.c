#include "core/trust/archive.h"

#include "core/base/path.h"

#include <string.h>

/* Where things are in a header. */
enum {
    NAME_SIZE = 100, /* at the beginning */
    SIZE = 124,
    SIZE_DIGITS = 11,
    CHECKSUM = 148,
    CHECKSUM_SIZE = 8,
    TYPE = 156,
    MAGIC = 257,
    PREFIX = 345,
};

static bool octal(const char *digits, size_t count, uint64_t *out_number)
{
    uint64_t number = 0;
    for (size_t i = 0; i < count; i++) {
        if (digits[i] < '0' || digits[i] > '7') {
            return false;
        }
        number = 8 * number + (uint64_t)(digits[i] - '0');
    }
    *out_number = number;
    return true;
}

/* The sum of the header's bytes, with blanks for the checksum itself. */
static bool sum_is_right(const char *header)
{
    uint64_t written = 0;
    uint64_t sum = (uint64_t)CHECKSUM_SIZE * ' ';
    for (size_t i = 0; i < ARCHIVE_UNIT; i++) {
        sum += i - CHECKSUM < CHECKSUM_SIZE ? 0 : (uint8_t)header[i];
    }
    return octal(header + CHECKSUM, 6, &written) && written == sum;
}

/* A regular file whose name is ended by NUL and has no prefix. */
static bool is_header(const char *header)
{
    return memcmp(header + MAGIC,
                  "ustar\0"
                  "00",
                  8) == 0 &&
           header[TYPE] == '0' && header[NAME_SIZE - 1] == '\0' && header[PREFIX] == '\0' &&
           sum_is_right(header);
}

static bool is_all_zero(struct text bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        if (bytes.bytes[i] != '\0') {
            return false;
        }
    }
    return true;
}

/* The end is a unit of zeros; what follows it is zeros as well. */
static uint64_t size_if_ended(struct text archive, struct text rest)
{
    return rest.size >= ARCHIVE_UNIT && is_all_zero(rest) ? archive.size : 0;
}

bool archive_next(struct text archive, uint64_t *at, struct archive_member *out_member)
{
    struct text rest = {archive.bytes + *at, archive.size - *at};
    uint64_t size = 0;
    if (rest.size < ARCHIVE_UNIT || !is_header(rest.bytes) ||
        !octal(rest.bytes + SIZE, SIZE_DIGITS, &size)) {
        *at = size_if_ended(archive, rest);
        return false;
    }
    uint64_t padded = (size + ARCHIVE_UNIT - 1) / ARCHIVE_UNIT * ARCHIVE_UNIT;
    if (padded > rest.size - ARCHIVE_UNIT) {
        *at = 0;
        return false;
    }
    out_member->name = rest.bytes;
    out_member->bytes = (struct text){rest.bytes + ARCHIVE_UNIT, size};
    *at += ARCHIVE_UNIT + padded;
    return true;
}

bool archive_find(struct text archive, const char *path, struct text *out_bytes)
{
    struct archive_member member;
    char canonical[PATH_MAX_BYTES];
    uint64_t at = 0;
    while (archive_next(archive, &at, &member)) {
        if (path_canonical(text_of(member.name), canonical) == NULL &&
            path_is_same(canonical, path)) {
            *out_bytes = member.bytes;
            return true;
        }
    }
    return false;
}

bool archive_is_sound(struct text archive)
{
    struct archive_member member;
    char canonical[PATH_MAX_BYTES];
    struct text found;
    uint64_t at = 0;
    uint64_t count = 0;
    for (; archive_next(archive, &at, &member); count++) {
        if (path_canonical(text_of(member.name), canonical) != NULL ||
            (count == 0 && !path_is_same(canonical, "\\loader.cfg")) ||
            !archive_find(archive, canonical, &found) || found.bytes != member.bytes.bytes) {
            return false;
        }
    }
    return count > 0 && at == archive.size;
}
