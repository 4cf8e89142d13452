/* Memory maps as text, and a judge of what they are converted to.
 *
 * Every *.map file here is a case of tests/unit/map.c: to add one, drop it. A line is one of
 *   # a comment
 *   stride 56                              bytes from one descriptor to the next; 48 if not given
 *   TYPE START[-END] PAGES ATTRIBUTES      hexadecimal, as the EFI shell's memmap prints it
 *   placed TYPE START PAGES                a range of the loader's own
 * TYPE is the shell's name or a number. */
#ifndef BATON_MAPS_H
#define BATON_MAPS_H

#include "core/memory/map.h"

#define MAPS_DESCRIPTORS_MAX 4096
#define MAPS_PLACED_MAX      64

struct map_case {
    struct firmware_descriptor descriptors[MAPS_DESCRIPTORS_MAX];
    uint64_t count;
    uint64_t stride;
    struct placed placed[MAPS_PLACED_MAX];
    uint64_t placed_count;
};

struct map_result {
    struct BootInfoRegion *regions; /* from malloc */
    uint64_t count;
};

/* False: *out_line is the first line that makes no sense, 0 where the file cannot be read. */
bool map_case_read(const char *path, struct map_case *out_case, int *out_line);

/* Converts the case with buffers of exactly the promised sizes, between descriptors of 0xA5. */
struct map_result map_case_convert(const struct map_case *map);

/* Holds result against docs/abi.md, "The memory map": NULL, or which rule is broken (printed with
 * the address to stderr). Asks the descriptors one by one for each address: slow, and independent
 * of how the loader does it. */
const char *map_case_judge(const struct map_case *map, const struct map_result *result);

#endif
