/* What the judge's checks are made of. Each check looks at one promise of docs/abi.md and says
 * what it found; only inspect.c prints. */
#ifndef BATON_JUDGE_H
#define BATON_JUDGE_H

#include "bootinfo.h"
#include "clocks.h"
#include "machine.h"

#include <stdbool.h>

#define PAGE_SIZE    UINT64_C(4096)
#define NOWHERE      UINT64_MAX
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* inspect's loader.cfg passes this; another command line that begins with "inspect" is a fault. */
#define INSPECT_COMMAND_LINE \
    "inspect  two blanks, \"quotes\", # and ; and = too, C:\\ /x, \u00e4\u20ac"

struct evidence {
    const struct BootInfo *info;
    const struct machine *machine;
    const struct clocks *clocks;
};

/* All zero: as promised. */
struct finding {
    bool broken;
    uint64_t at; /* address or index of what is wrong; NOWHERE: the numbers say it all */
    uint64_t found;
    uint64_t expected;
    const char *skipped; /* why the promise does not apply, or NULL */
};

struct promise {
    const char *text;
    struct finding (*check)(const struct evidence *evidence);
};

/* Tables end in a promise without text. */
extern const struct promise machine_promises[];
extern const struct promise segment_promises[];
extern const struct promise paging_promises[];
extern const struct promise map_promises[];
extern const struct promise firmware_promises[];
extern const struct promise info_promises[];
extern const struct promise fact_promises[];
extern const struct promise time_promises[];
extern const struct promise image_promises[];
extern const struct promise reuse_promises[];

static inline struct finding as_promised(void)
{
    return (struct finding){.broken = false};
}

static inline struct finding broken(uint64_t at, uint64_t found, uint64_t expected)
{
    return (struct finding){.broken = true, .at = at, .found = found, .expected = expected};
}

static inline struct finding skipped(const char *why)
{
    return (struct finding){.skipped = why};
}

static inline struct finding expect(uint64_t found, uint64_t expected)
{
    return found == expected ? as_promised() : broken(NOWHERE, found, expected);
}

static inline struct finding expect_true(bool holds)
{
    return expect(holds, true);
}

/* True where [address, address + size) lies in [base, base + limit). */
static inline bool lies_within(uint64_t address, uint64_t size, uint64_t base, uint64_t limit)
{
    return address >= base && size <= limit && address - base <= limit - size;
}

static inline bool has_flag(const struct BootInfo *info, uint32_t flag)
{
    return (info->flags & flag) != 0;
}

/* map.c: the region that holds address, or NULL. */
const struct BootInfoRegion *region_at(const struct BootInfo *info, uint64_t address);
/* map.c: as promised if all of [base, base + size) lies in one region of that type. */
struct finding lies_in_region(const struct BootInfo *info, uint64_t base, uint64_t size,
                              uint32_t type);
/* paging.c: whether every page of [base, base + size) is mapped. */
bool is_mapped(const struct evidence *evidence, uint64_t base, uint64_t size);

#endif
