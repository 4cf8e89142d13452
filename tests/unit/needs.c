#include "core/image/needs.h"
#include "suite.h"

#include <string.h>

#define COUNT_OF(array) (int)(sizeof(array) / sizeof((array)[0]))
#define DEFAULT_ADDRESS UINT64_C(0x100000)
#define HIGHER_HALF     UINT64_C(0xFFFF800000000000)
#define LIMIT           UINT64_C(0x8000000000) /* 512 GiB */
#define GIB             UINT64_C(0x40000000)

static struct BootInfoKernelHeader good_header(void)
{
    return (struct BootInfoKernelHeader){.magic = BOOTINFO_KERNEL_MAGIC,
                                         .abi_major = BOOTINFO_VERSION_MAJOR,
                                         .size = sizeof(struct BootInfoKernelHeader)};
}

/* One call of image_resolve: what goes in, and what must come out. */
struct resolution {
    const char *about;
    /* loader.cfg; 0: not given */
    uint64_t address, stack, memory, direct_map;
    /* kernel header; no_header: there is none */
    bool no_header;
    uint64_t load_address, memory_size, entry, stack_size, asked_map;
    uint64_t image_size;
    struct image_needs needs;
};

#define IMAGE_SIZE 0x5001
#define DEFAULTS   0x100000, IMAGE_SIZE, 0x100000, 0x10000

static const struct resolution resolutions[] = {
    {.about = "nothing said", .no_header = true, .image_size = IMAGE_SIZE, .needs = {DEFAULTS}},
    {.about = "an open header", .image_size = IMAGE_SIZE, .needs = {DEFAULTS}},
    {.about = "the config's address",
     .address = 0x200000,
     .image_size = 1,
     .needs = {0x200000, 1, 0x200000, 0x10000}},
    {.about = "the header's address over the default",
     .load_address = 0x300000,
     .image_size = 1,
     .needs = {0x300000, 1, 0x300000, 0x10000}},
    {.about = "the same address in both",
     .address = 0x300000,
     .load_address = 0x300000,
     .image_size = 1,
     .needs = {0x300000, 1, 0x300000, 0x10000}},
    {.about = "the config's memory",
     .memory = 0x9000,
     .image_size = IMAGE_SIZE,
     .needs = {0x100000, 0x9000, 0x100000, 0x10000}},
    {.about = "memory exactly as large as the image",
     .memory = IMAGE_SIZE,
     .memory_size = IMAGE_SIZE,
     .image_size = IMAGE_SIZE,
     .needs = {DEFAULTS}},
    {.about = "the header's memory",
     .memory_size = 0x7003,
     .image_size = IMAGE_SIZE,
     .needs = {0x100000, 0x7003, 0x100000, 0x10000}},
    {.about = "more memory in the config than in the header",
     .memory = 0x9000,
     .memory_size = 0x7003,
     .image_size = IMAGE_SIZE,
     .needs = {0x100000, 0x9000, 0x100000, 0x10000}},
    {.about = "an entry at the first byte",
     .entry = 0x100000,
     .image_size = IMAGE_SIZE,
     .needs = {DEFAULTS}},
    {.about = "an entry at the last byte",
     .entry = 0x100000 + IMAGE_SIZE - 1,
     .image_size = IMAGE_SIZE,
     .needs = {0x100000, IMAGE_SIZE, 0x100000 + IMAGE_SIZE - 1, 0x10000}},
    {.about = "zlib, the config's memory",
     .no_header = true,
     .memory = 0x20000,
     .needs = {0x100000, 0x20000, 0x100000, 0x10000}},
    {.about = "zlib, the header's memory, an entry at its last byte",
     .memory_size = 0x20000,
     .entry = 0x11FFFF,
     .needs = {0x100000, 0x20000, 0x11FFFF, 0x10000}},
    {.about = "the config's stack, rounded up",
     .stack = 0x4001,
     .no_header = true,
     .image_size = IMAGE_SIZE,
     .needs = {0x100000, IMAGE_SIZE, 0x100000, 0x5000}},
    {.about = "the header's stack over the default",
     .stack_size = 0x20001,
     .image_size = IMAGE_SIZE,
     .needs = {0x100000, IMAGE_SIZE, 0x100000, 0x21000}},
    {.about = "a header that is content with less than the default",
     .stack_size = 0x1000,
     .image_size = IMAGE_SIZE,
     .needs = {DEFAULTS}},
    {.about = "a larger stack in the config",
     .stack = 0x30000,
     .stack_size = 0x20000,
     .image_size = IMAGE_SIZE,
     .needs = {0x100000, IMAGE_SIZE, 0x100000, 0x30000}},
    {.about = "the same stack in both",
     .stack = 0x20000,
     .stack_size = 0x20000,
     .image_size = IMAGE_SIZE,
     .needs = {0x100000, IMAGE_SIZE, 0x100000, 0x20000}},
    {.about = "the largest stack",
     .stack_size = CONFIG_STACK_MAX,
     .image_size = IMAGE_SIZE,
     .needs = {0x100000, IMAGE_SIZE, 0x100000, CONFIG_STACK_MAX}},
    {.about = "memory to the last byte below the limit",
     .address = LIMIT - 0x2000,
     .image_size = 0x2000,
     .needs = {LIMIT - 0x2000, 0x2000, LIMIT - 0x2000, 0x10000}},
    {.about = "the config's direct map",
     .direct_map = HIGHER_HALF,
     .image_size = IMAGE_SIZE,
     .needs = {DEFAULTS, .direct_map = HIGHER_HALF}},
    {.about = "the header's direct map",
     .asked_map = HIGHER_HALF + GIB,
     .image_size = IMAGE_SIZE,
     .needs = {DEFAULTS, .direct_map = HIGHER_HALF + GIB}},
    {.about = "the same direct map in both",
     .direct_map = 0 - GIB,
     .asked_map = 0 - GIB,
     .image_size = IMAGE_SIZE,
     .needs = {DEFAULTS, .direct_map = 0 - GIB}},
};

static const struct image_limits limits = {DEFAULT_ADDRESS, LIMIT, HIGHER_HALF};

static struct entry default_entry(void)
{
    return (struct entry){.stack = CONFIG_DEFAULT_STACK};
}

/* As config.c leaves an entry. */
static struct entry entry_of(const struct resolution *resolution)
{
    struct entry entry = default_entry();
    if (resolution->address != 0) {
        entry.address = resolution->address;
        entry.line[ENTRY_ADDRESS] = 2;
    }
    if (resolution->stack != 0) {
        entry.stack = resolution->stack;
        entry.line[ENTRY_STACK] = 3;
    }
    if (resolution->memory != 0) {
        entry.memory = resolution->memory;
        entry.line[ENTRY_MEMORY] = 4;
    }
    entry.direct_map = resolution->direct_map;
    return entry;
}

static struct BootInfoKernelHeader header_of(const struct resolution *resolution)
{
    struct BootInfoKernelHeader header = good_header();
    header.load_address = resolution->load_address;
    header.memory_size = resolution->memory_size;
    header.entry = resolution->entry;
    header.stack_size = resolution->stack_size;
    header.direct_map = resolution->asked_map;
    return header;
}

static enum status resolve(const struct resolution *resolution, struct failure *failure,
                           struct image_needs *out_needs)
{
    struct entry entry = entry_of(resolution);
    struct BootInfoKernelHeader header = header_of(resolution);
    struct image_request request = {&entry, resolution->no_header ? NULL : &header,
                                    resolution->image_size, limits};
    return image_resolve(&request, failure, out_needs);
}

START_TEST(config_header_and_image_are_brought_together)
{
    for (int row = 0; row < COUNT_OF(resolutions); row++) {
        const struct resolution *resolution = &resolutions[row];
        struct failure failure = {0};
        struct image_needs needs = {0};
        enum status status = resolve(resolution, &failure, &needs);
        ck_assert_msg(status == STATUS_OK, "%s: status %d", resolution->about, status);
        ck_assert_msg(memcmp(&needs, &resolution->needs, sizeof(needs)) == 0,
                      "%s: address %#jx memory %#jx entry %#jx stack %#jx", resolution->about,
                      (uintmax_t)needs.address, (uintmax_t)needs.memory_size,
                      (uintmax_t)needs.entry, (uintmax_t)needs.stack_size);
    }
}
END_TEST

struct refusal {
    struct resolution given;
    enum status status;
    uint64_t number[4];
    const char *hint;
};

#define RAISE_CONFIG "'memory =' in loader.cfg"
#define RAISE_HEADER "its kernel header"

static const struct refusal refusals[] = {
    {{.about = "two addresses",
      .address = 0x200000,
      .load_address = 0x300000,
      .image_size = IMAGE_SIZE},
     STATUS_HEADER_ADDRESS_CONFLICT,
     {0x300000, 0x200000},
     ""},
    {{.about = "the default address, but given in loader.cfg",
      .address = DEFAULT_ADDRESS,
      .load_address = 0x300000,
      .image_size = IMAGE_SIZE},
     STATUS_HEADER_ADDRESS_CONFLICT,
     {0x300000, DEFAULT_ADDRESS},
     ""},
    {{.about = "config's memory below the image",
      .memory = IMAGE_SIZE - 1,
      .image_size = IMAGE_SIZE},
     STATUS_IMAGE_MEMORY_TOO_SMALL,
     {IMAGE_SIZE, IMAGE_SIZE - 1},
     RAISE_CONFIG},
    {{.about = "header's memory below the image",
      .memory_size = IMAGE_SIZE - 1,
      .image_size = IMAGE_SIZE},
     STATUS_IMAGE_MEMORY_TOO_SMALL,
     {IMAGE_SIZE, IMAGE_SIZE - 1},
     RAISE_HEADER},
    {{.about = "header's memory below the image, config's above",
      .memory = 0x10000,
      .memory_size = IMAGE_SIZE - 1,
      .image_size = IMAGE_SIZE},
     STATUS_IMAGE_MEMORY_TOO_SMALL,
     {IMAGE_SIZE, IMAGE_SIZE - 1},
     RAISE_HEADER},
    {{.about = "config's memory below the header's",
      .memory = 0x8FFF,
      .memory_size = 0x9000,
      .image_size = IMAGE_SIZE},
     STATUS_IMAGE_MEMORY_TOO_SMALL,
     {0x9000, 0x8FFF},
     RAISE_CONFIG},
    {{.about = "zlib, config's memory below the header's", .memory = 0x8FFF, .memory_size = 0x9000},
     STATUS_IMAGE_MEMORY_TOO_SMALL,
     {0x9000, 0x8FFF},
     RAISE_CONFIG},
    {{.about = "zlib without a size"}, STATUS_IMAGE_SIZE_UNKNOWN, {0}, ""},
    {{.about = "zlib without a size or a header", .no_header = true},
     STATUS_IMAGE_SIZE_UNKNOWN,
     {0},
     ""},
    {{.about = "below 1 MiB", .address = 0xFF000, .image_size = IMAGE_SIZE},
     STATUS_ADDRESS_TOO_LOW,
     {0xFF000, DEFAULT_ADDRESS},
     ""},
    {{.about = "the header below 1 MiB", .load_address = 0x8001, .image_size = IMAGE_SIZE},
     STATUS_ADDRESS_TOO_LOW,
     {0x8001, DEFAULT_ADDRESS},
     ""},
    {{.about = "unaligned", .address = 0x100001, .image_size = IMAGE_SIZE},
     STATUS_ADDRESS_UNALIGNED,
     {0x100001, 0x100000, 0x101000},
     ""},
    {{.about = "the header unaligned", .load_address = 0x200FFF, .image_size = IMAGE_SIZE},
     STATUS_ADDRESS_UNALIGNED,
     {0x200FFF, 0x200000, 0x201000},
     ""},
    {{.about = "the last page ends above the limit",
      .address = LIMIT - 0x2000,
      .image_size = 0x2001},
     STATUS_ADDRESS_TOO_HIGH,
     {0x2001, LIMIT - 0x2000, LIMIT},
     ""},
    {{.about = "begins above the limit", .address = LIMIT, .image_size = 1},
     STATUS_ADDRESS_TOO_HIGH,
     {1, LIMIT, LIMIT},
     ""},
    {{.about = "wraps around", .address = UINT64_MAX - 0xFFF, .image_size = 0x1000},
     STATUS_ADDRESS_TOO_HIGH,
     {0x1000, UINT64_MAX - 0xFFF, LIMIT},
     ""},
    {{.about = "wraps around with its last page", .address = UINT64_MAX - 10, .image_size = 3},
     STATUS_ADDRESS_TOO_HIGH,
     {3, UINT64_MAX - 10, LIMIT},
     ""},
    {{.about = "memory of 2^64 - 1", .memory = UINT64_MAX, .image_size = IMAGE_SIZE},
     STATUS_ADDRESS_TOO_HIGH,
     {UINT64_MAX, 0x100000, LIMIT},
     ""},
    {{.about = "an entry before the image", .entry = 0xFFFFF, .image_size = IMAGE_SIZE},
     STATUS_HEADER_BAD_ENTRY,
     {0xFFFFF, 0x100000, 0x105000},
     ""},
    {{.about = "an entry behind the image", .entry = 0x105001, .image_size = IMAGE_SIZE},
     STATUS_HEADER_BAD_ENTRY,
     {0x105001, 0x100000, 0x105000},
     ""},
    {{.about = "an entry in the .bss",
      .entry = 0x106000,
      .memory_size = 0x10000,
      .image_size = IMAGE_SIZE},
     STATUS_HEADER_BAD_ENTRY,
     {0x106000, 0x100000, 0x105000},
     ""},
    {{.about = "zlib, an entry behind the memory", .entry = 0x110000, .memory = 0x10000},
     STATUS_HEADER_BAD_ENTRY,
     {0x110000, 0x100000, 0x10FFFF},
     ""},
    {{.about = "an entry for another address",
      .address = 0x200000,
      .entry = 0x100010,
      .image_size = IMAGE_SIZE},
     STATUS_HEADER_BAD_ENTRY,
     {0x100010, 0x200000, 0x205000},
     ""},
    {{.about = "config's stack below the header's",
      .stack = 0x1FFFF,
      .stack_size = 0x20000,
      .image_size = IMAGE_SIZE},
     STATUS_HEADER_STACK_CONFLICT,
     {0x20000, 0x1FFFF},
     ""},
    {{.about = "the default stack, but given in loader.cfg",
      .stack = CONFIG_DEFAULT_STACK,
      .stack_size = 0x20000,
      .image_size = IMAGE_SIZE},
     STATUS_HEADER_STACK_CONFLICT,
     {0x20000, CONFIG_DEFAULT_STACK},
     ""},
    {{.about = "too large a stack", .stack_size = CONFIG_STACK_MAX + 1, .image_size = IMAGE_SIZE},
     STATUS_HEADER_BAD_STACK,
     {CONFIG_STACK_MAX + 1, CONFIG_STACK_MAX},
     ""},
    {{.about = "a stack of 2^64 - 1", .stack_size = UINT64_MAX, .image_size = IMAGE_SIZE},
     STATUS_HEADER_BAD_STACK,
     {UINT64_MAX, CONFIG_STACK_MAX},
     ""},
    {{.about = "two direct maps",
      .direct_map = HIGHER_HALF,
      .asked_map = HIGHER_HALF + GIB,
      .image_size = IMAGE_SIZE},
     STATUS_HEADER_DIRECT_MAP_CONFLICT,
     {HIGHER_HALF + GIB, HIGHER_HALF},
     ""},
    {{.about = "a direct map at 1, another one in loader.cfg",
      .direct_map = HIGHER_HALF,
      .asked_map = 1,
      .image_size = IMAGE_SIZE},
     STATUS_HEADER_DIRECT_MAP_CONFLICT,
     {1, HIGHER_HALF},
     ""},
    {{.about = "a direct map below the higher half",
      .direct_map = HIGHER_HALF - GIB,
      .image_size = IMAGE_SIZE},
     STATUS_DIRECT_MAP_BAD,
     {HIGHER_HALF - GIB, HIGHER_HALF},
     ""},
    {{.about = "a direct map between two multiples of 1 GiB",
      .asked_map = HIGHER_HALF + GIB / 2,
      .image_size = IMAGE_SIZE},
     STATUS_DIRECT_MAP_BAD,
     {HIGHER_HALF + GIB / 2, HIGHER_HALF},
     ""},
    {{.about = "a direct map at 1", .asked_map = 1, .image_size = IMAGE_SIZE},
     STATUS_DIRECT_MAP_BAD,
     {1, HIGHER_HALF},
     ""},
};

static void expect_refusal(const char *about, enum status status, const struct failure *failure,
                           const struct refusal *expected)
{
    ck_assert_msg(status == expected->status, "%s: status %d", about, status);
    ck_assert_int_eq(failure->status, expected->status);
    for (int i = 0; i < 4; i++) {
        ck_assert_msg(failure->number[i] == expected->number[i], "%s: number[%d] is %#jx", about, i,
                      (uintmax_t)failure->number[i]);
    }
    ck_assert_msg(text_equal(failure->hint, text_of(expected->hint)), "%s: hint", about);
}

START_TEST(a_contradiction_is_refused_with_both_values)
{
    for (int row = 0; row < COUNT_OF(refusals); row++) {
        const struct refusal *refusal = &refusals[row];
        const struct image_needs untouched = {1, 2, 3, 4, 5, 6, 7, 8};
        struct failure failure = {.hint = TEXT("")};
        struct image_needs needs = untouched;
        enum status status = resolve(&refusal->given, &failure, &needs);
        expect_refusal(refusal->given.about, status, &failure, refusal);
        ck_assert_int_eq(memcmp(&needs, &untouched, sizeof(needs)), 0);
    }
}
END_TEST

static const struct {
    const char *about;
    size_t offset; /* in the header */
    size_t size;
    uint64_t value;
    struct refusal refusal;
} broken_fields[] = {
    {"major 0", 8, 2, 0, {.status = STATUS_HEADER_WRONG_ABI, .number = {0, 0, 1, 2}, .hint = ""}},
    {"major 2", 8, 2, 2, {.status = STATUS_HEADER_WRONG_ABI, .number = {2, 0, 1, 2}, .hint = ""}},
    {"minor 3", 10, 2, 3, {.status = STATUS_HEADER_WRONG_ABI, .number = {1, 3, 1, 2}, .hint = ""}},
    {"size 0", 12, 4, 0, {.status = STATUS_HEADER_BAD_SIZE, .number = {0, 56}, .hint = ""}},
    {"size 55", 12, 4, 55, {.status = STATUS_HEADER_BAD_SIZE, .number = {55, 56}, .hint = ""}},
    {"flag 2", 48, 8, 7, {.status = STATUS_HEADER_UNKNOWN_FLAGS, .number = {4}, .hint = ""}},
    {"flag 63",
     48,
     8,
     UINT64_C(1) << 63,
     {.status = STATUS_HEADER_UNKNOWN_FLAGS, .number = {UINT64_C(1) << 63}, .hint = ""}},
};

static enum status resolve_broken(size_t offset, size_t size, uint64_t value,
                                  struct failure *failure)
{
    struct entry entry = default_entry();
    struct BootInfoKernelHeader header = good_header();
    struct image_needs needs = {0};
    memcpy((char *)&header + offset, &value, size);
    struct image_request request = {&entry, &header, IMAGE_SIZE, limits};
    return image_resolve(&request, failure, &needs);
}

START_TEST(a_header_with_one_broken_field_is_refused)
{
    for (int row = 0; row < COUNT_OF(broken_fields); row++) {
        struct failure failure = {.hint = TEXT("")};
        enum status status = resolve_broken(broken_fields[row].offset, broken_fields[row].size,
                                            broken_fields[row].value, &failure);
        expect_refusal(broken_fields[row].about, status, &failure, &broken_fields[row].refusal);
    }
}
END_TEST

/* By a kernel for the newest version, by one for 1.0, and by one for a version to come. */
START_TEST(a_header_of_another_minor_version_is_accepted)
{
    struct failure failure = {0};
    ck_assert_int_eq(resolve_broken(10, 2, BOOTINFO_VERSION_MINOR, &failure), STATUS_OK);
    ck_assert_int_eq(resolve_broken(12, 4, BOOTINFO_KERNEL_HEADER_SIZE_1_0, &failure), STATUS_OK);
    ck_assert_int_eq(resolve_broken(12, 4, sizeof(struct BootInfoKernelHeader) + 8, &failure),
                     STATUS_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("needs");
    TCase *tcase = tcase_create("resolving");
    tcase_add_test(tcase, config_header_and_image_are_brought_together);
    tcase_add_test(tcase, a_contradiction_is_refused_with_both_values);
    tcase_add_test(tcase, a_header_with_one_broken_field_is_refused);
    tcase_add_test(tcase, a_header_of_another_minor_version_is_accepted);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-needs");
}
