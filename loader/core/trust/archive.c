#include "core/trust/archive.h"

#include "core/base/bytes.h"
#include "core/base/path.h"

#define VERSION "00" /* of ustar, after the NUL of its name */

/* Where things are in a header. */
enum {
    NAME_SIZE = 100, /* at the beginning */
    SIZE = 124,
    SIZE_DIGITS = 11,
    CHECKSUM = 148,
    CHECKSUM_SIZE = 8,
    CHECKSUM_DIGITS = 6,
    TYPE = 156,
    MAGIC = 257,
    PREFIX = 345,
};

/* UINT64_MAX: these are no octal digits. */
static uint64_t octal(const char *digits, size_t count)
{
    uint64_t number = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned value = (unsigned char)(digits[i] - '0');
        if (value > 7) {
            return UINT64_MAX;
        }
        number = 8 * number + value;
    }
    return number;
}

/* The sum of the header's bytes, with blanks for the checksum itself. */
static uint64_t sum_of(const char *header)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < ARCHIVE_UNIT; i++) {
        sum += i - CHECKSUM < CHECKSUM_SIZE ? (uint8_t)' ' : (uint8_t)header[i];
    }
    return sum;
}

/* A regular file whose name is ended by NUL and has no prefix. */
static bool is_header(const char *header)
{
    return long_at(header + MAGIC) == long_at("ustar\0" VERSION) && header[TYPE] == '0' &&
           header[NAME_SIZE - 1] == '\0' && header[PREFIX] == '\0' &&
           octal(header + CHECKSUM, CHECKSUM_DIGITS) == sum_of(header);
}

bool archive_next(struct text archive, uint64_t *at, struct archive_member *out_member)
{
    const char *header = archive.bytes + *at;
    uint64_t units = (archive.size - *at) / ARCHIVE_UNIT;
    if (units == 0 || !is_header(header)) {
        return false;
    }
    uint64_t size = octal(header + SIZE, SIZE_DIGITS);
    if (size > (units - 1) * ARCHIVE_UNIT) {
        return false;
    }
    out_member->name = text_of(header);
    out_member->bytes = (struct text){header + ARCHIVE_UNIT, size};
    *at += ARCHIVE_UNIT + (size + ARCHIVE_UNIT - 1) / ARCHIVE_UNIT * ARCHIVE_UNIT;
    return true;
}

bool archive_find(struct text archive, const struct text *path, struct text *out_bytes)
{
    struct archive_member member;
    uint64_t at = 0;
    while (archive_next(archive, &at, &member)) {
        if (path_is_same(&member.name, path)) {
            *out_bytes = member.bytes;
            return true;
        }
    }
    return false;
}

/* The end is a unit of zeros; what follows it is zeros as well. */
static bool is_end(struct text archive, uint64_t at)
{
    bool zeros = archive.size - at >= ARCHIVE_UNIT;
    for (; zeros && at < archive.size; at++) {
        zeros = archive.bytes[at] == '\0';
    }
    return zeros;
}

bool archive_is_sound(struct text archive)
{
    struct archive_member member;
    char canonical[PATH_MAX_BYTES];
    struct text found;
    uint64_t at = 0;
    while (archive_next(archive, &at, &member)) {
        if (path_canonical(member.name, canonical) != NULL ||
            !archive_find(archive, &member.name, &found) || found.bytes != member.bytes.bytes) {
            return false;
        }
    }
    return archive_find(archive, &TEXT("loader.cfg"), &found) &&
           found.bytes == archive.bytes + ARCHIVE_UNIT && is_end(archive, at);
}
