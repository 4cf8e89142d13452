/* What is this file? Pure: looks at its first bytes. */
#ifndef BATON_IMAGE_KIND_H
#define BATON_IMAGE_KIND_H

#include "core/base/bytes.h"
#include "core/base/status.h"
#include "core/base/target.h"
#include "core/config/config.h"

enum image_kind {
    IMAGE_RAW,   /* none of the known formats: its first byte is its entry */
    IMAGE_ELF64, /* an ELF64 file for the target */
    IMAGE_GZIP,
    IMAGE_ZLIB,  /* never guessed: two bytes are too few to know it by */
    IMAGE_OTHER, /* a format that is known and cannot be booted */
};

struct image_format {
    enum image_kind kind;
    struct text phrase; /* for write_phrase: follows "this is "; "a raw image" for IMAGE_RAW */
    struct text next;   /* for write_phrase: what to do where it cannot be booted */
};

/* head: all of the file, or its first 4 KiB or more. */
struct image_format image_format_of(struct bytes head, const struct target *target);

/* Refuses, naming its format, a file that cannot be booted or is not compressed as entry has it.
 * Otherwise *out_kind is one of the first four. */
MUST_CHECK enum status image_recognise(struct bytes head, const struct entry *entry,
                                       const struct target *target, struct failure *failure,
                                       enum image_kind *out_kind);

/* The same for the first bytes of what was inflated: IMAGE_RAW or IMAGE_ELF64. */
MUST_CHECK enum status image_recognise_inflated(struct bytes head, const struct entry *entry,
                                                const struct target *target,
                                                struct failure *failure, enum image_kind *out_kind);

#endif
