/* What a sealed loader carries: a ustar archive (POSIX.1-1988, "Extended Tar Format") in a section
 * of its own image. Pure: looks at bytes, which may be damaged. */
#ifndef BATON_ARCHIVE_H
#define BATON_ARCHIVE_H

#include "core/base/status.h"

#define SEAL_SECTION     ".baton\0" /* with the NUL at its end: 8 bytes */
#define ARCHIVE_UNIT     512        /* headers and files are padded to this */
#define ARCHIVE_NAME_MAX 99 /* bytes of a member's name: the prefix for longer ones is not used */

/* The section of that name (8 bytes, filled up with NUL) in a PE32+ image as it lies in memory.
 * False: the headers make no sense, or the section is not within the image. *out_section is empty
 * where the image has no such section, and to be ignored where the result is false. */
MUST_CHECK bool image_section(struct text image, const char *name, struct text *out_section);

/* A regular file in the archive. */
struct archive_member {
    struct text name; /* within the archive */
    struct text bytes;
};

/* Goes through the archive: *at is 0 at first, and then where the next member ought to be. False:
 * there is none, and *at stays. */
bool archive_next(struct text archive, uint64_t *at, struct archive_member *out_member);

/* Whether every member can be used: a regular file, the first one loader.cfg, each name a path that
 * path_canonical accepts, none there twice, and nothing after the end but zeros. */
MUST_CHECK bool archive_is_sound(struct text archive);

/* The file of that path (path_is_same); false: there is none. */
bool archive_find(struct text archive, const struct text *path, struct text *out_bytes);

#endif
