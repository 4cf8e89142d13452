/* The archive of a sealed loader and the section table that it is found by: whatever the bytes,
 * nothing is read outside of them, and what is sound is as docs/security.md says. */
#include "core/trust/archive.h"

#include "core/base/path.h"
#include "core/trust/event_log.h"

#include "fuzz.h"

/* Each name of a sound archive leads to its own bytes. */
static void check_sound(struct text archive)
{
    struct archive_member member;
    char canonical[PATH_MAX_BYTES];
    struct text found;
    uint64_t at = 0;
    uint64_t count = 0;
    while (archive_next(archive, &at, &member)) {
        CHECK(is_within(member.bytes, archive));
        CHECK(path_canonical(member.name, canonical) == NULL);
        CHECK(archive_find(archive, &member.name, &found));
        CHECK(found.bytes == member.bytes.bytes && found.size == member.bytes.size);
        CHECK(count > 0 || path_is_same(&member.name, &TEXT("loader.cfg")));
        count++;
    }
    CHECK(count > 0 && archive.size - at >= ARCHIVE_UNIT);
    for (; at < archive.size; at++) {
        CHECK(archive.bytes[at] == '\0');
    }
}

static void check_archive(struct text archive)
{
    struct archive_member member;
    struct text found;
    uint64_t at = 0;
    while (archive_next(archive, &at, &member)) {
        CHECK(at <= archive.size && is_within(member.bytes, archive));
        CHECK(member.name.size <= ARCHIVE_NAME_MAX);
    }
    CHECK(at <= archive.size);
    if (archive_find(archive, &TEXT("/boot/k.bin"), &found)) {
        CHECK(is_within(found, archive));
    }
    if (archive_is_sound(archive)) {
        check_sound(archive);
    }
}

static void set_checksum(char *header)
{
    unsigned sum = 0;
    memset(header + 148, ' ', 8);
    for (int i = 0; i < ARCHIVE_UNIT; i++) {
        sum += (unsigned char)header[i];
    }
    snprintf(header + 148, 8, "%06o", sum);
}

/* Whoever damages an archive can make its checksums right again. */
static void check_with_right_sums(struct text archive)
{
    char *copy = malloc(archive.size + 1);
    memcpy(copy, archive.bytes, archive.size);
    for (size_t at = 0; archive.size - at >= ARCHIVE_UNIT; at += ARCHIVE_UNIT) {
        if (memcmp(copy + at + 257, "ustar", 5) == 0) {
            set_checksum(copy + at);
        }
    }
    check_archive((struct text){copy, archive.size});
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text bytes = {(const char *)data, size};
    struct text section;
    check_archive(bytes);
    check_with_right_sums(bytes);
    if (image_section(bytes, SEAL_SECTION, &section)) {
        CHECK(section.bytes == NULL || (section.size > 0 && is_within(section, bytes)));
    }
    for (uint64_t last = 0; last < size; last += 1 + last) {
        CHECK(event_log_size(bytes, last) <= size);
    }
    return 0;
}
