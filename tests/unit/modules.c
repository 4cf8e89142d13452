/* Modules: files that arrive beside the kernel, each on pages of its own. */
#include "boot_check.h"
#include "kernels.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

#define MANY 300

static struct text kernel;
static struct expectation expected;

static void given_modules(const char *config)
{
    kernel = kernel_raw(5000);
    given(config, kernel);
    expected = expect_raw(kernel);
}

static void expect_modules(const struct expected_module *modules, uint32_t count)
{
    expected.modules = modules;
    expected.module_count = count;
    boots(&expected);
}

START_TEST(a_module_arrives_whole_with_its_arguments)
{
    struct text data = kernel_raw(10001);
    given_modules(CONFIG_PLAIN "module = /boot/a.img  root = \"x\" # 1 \n");
    struct fake_file *file = fake_add_file("\\boot\\a.img", data.bytes, data.size);
    expect_modules(&(struct expected_module){"/boot/a.img", "root = \"x\" # 1", data}, 1);
    ck_assert_uint_eq(file->opens, 1);
    ck_assert_uint_eq(file->bytes_read, data.size);
    ck_assert(strstr(fake.said, "\nmodules    /boot/a.img, 10,001 bytes at 0x") != NULL);
}
END_TEST

START_TEST(sizes_around_a_page_have_a_zero_tail)
{
    static const uint64_t sizes[] = {1, 4095, 4096, 4097, 8192};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct text data = kernel_raw(sizes[i]);
        given_modules(CONFIG_PLAIN "module = a\n");
        fake_add_file("\\a", data.bytes, data.size);
        expect_modules(&(struct expected_module){"a", "", data}, 1);
    }
}
END_TEST

START_TEST(those_of_all_entries_come_before_those_of_one)
{
    struct text data[4];
    for (int i = 0; i < 4; i++) {
        data[i] = kernel_raw(100 + (uint64_t)i);
    }
    given_modules("default = two\nmodule = /0 common\nkernel = /k.bin\n"
                  "[entry one]\nmodule = /none\n"
                  "[entry two]\nmodule = /1 own\n# module = /none\nmodule=\"/2 2\"\tx\r\n"
                  "[entry three]\nmodule = /none");
    fake_add_file("\\0", data[0].bytes, data[0].size);
    fake_add_file("\\1", data[1].bytes, data[1].size);
    fake_add_file("\\2 2", data[2].bytes, data[2].size);
    const struct expected_module modules[] = {
        {"/0", "common", data[0]}, {"/1", "own", data[1]}, {"/2 2", "x", data[2]}};
    expect_modules(modules, 3);
}
END_TEST

START_TEST(a_gzip_module_is_inflated)
{
    struct text data = kernel_raw(3 * MIB + 5);
    struct text packed = kernel_gzip(data);
    given_modules(CONFIG_PLAIN "module-gz = /m.gz here\nmodule = /m.gz as it is\n");
    struct fake_file *file = fake_add_file("\\m.gz", packed.bytes, packed.size);
    const struct expected_module modules[] = {{"/m.gz", "here", data},
                                              {"/m.gz", "as it is", packed}};
    expect_modules(modules, 2);
    ck_assert_uint_eq(file->bytes_read, 2 * packed.size);
}
END_TEST

/* The last trailer states less than all of it, or less than half of that. */
START_TEST(a_gzip_module_of_several_members_is_inflated)
{
    static const uint64_t firsts[] = {10000, MIB, 3 * MIB - 1000};
    for (int i = 0; i < 3; i++) {
        struct text data = kernel_raw(3 * MIB + 5);
        struct text packed = kernel_members(data, firsts[i]);
        given_modules(CONFIG_PLAIN "module-gz = /m.gz x\n");
        fake_add_file("\\m.gz", packed.bytes, packed.size);
        const struct expected_module modules[] = {{"/m.gz", "x", data}};
        expect_modules(modules, 1);
    }
}
END_TEST

START_TEST(an_adapter_gets_the_kernel_first_and_inflated)
{
    struct text data = kernel_raw(70001);
    struct text packed = kernel_gzip(data);
    const struct {
        const char *compression;
        struct text file;
        struct text arrives;
    } rows[] = {{"", data, data},
                {"", packed, data},
                {"compression = gzip\n", packed, data},
                {"compression = none\n", packed, packed}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char config[200];
        (void)snprintf(config, sizeof(config), "kernel = /f\nmodule = /m x\nadapter = /k.bin\n%s",
                       rows[i].compression);
        given_modules(config);
        fake_add_file("\\f", rows[i].file.bytes, rows[i].file.size);
        fake_add_file("\\m", data.bytes, data.size);
        const struct expected_module modules[] = {{"/f", "kernel", rows[i].arrives},
                                                  {"/m", "x", data}};
        expect_modules(modules, 2);
    }
}
END_TEST

START_TEST(a_missing_adapter_and_a_missing_kernel_are_told_apart)
{
    given_modules("kernel = f\nadapter = nowhere\n");
    refuses(STATUS_ADAPTER_NOT_FOUND, "\\EFI\\baton\\nowhere.bin: error: no such file "
                                      "(EFI_NOT_FOUND); it is the adapter of this entry");
    given_modules("adapter = /k.bin\nkernel  = /f\n");
    refuses(STATUS_FILE_NOT_FOUND, "loader.cfg:2:11: error: /f: no such file (EFI_NOT_FOUND)");
    given_modules("adapter = /k.bin\nkernel = /f\ncompression = gzip\n");
    fake_add_file("\\f", "no gzip", 7);
    refuses(STATUS_MODULE_NOT_GZIP, "loader.cfg:2:10: error: /f: this is no gzip file");
}
END_TEST

/* The kernel is staged; modules are kept apart from the list of 64 pages. */
/* Sorting the memory map has room for all of its descriptors and all that was loaded. */
static void check_scratch(uint64_t modules)
{
    const struct hand_over *hand_over = &the_boot.attempt.hand_over;
    const struct pages *pages = &the_boot.session.pages;
    uint32_t i = 0;
    while (i < pages->count && pages->items[i].address != hand_over->scratch) {
        i++;
    }
    ck_assert_uint_lt(i, pages->count);
    uint64_t placed = modules + pages->count;
    ck_assert_uint_ge(pages->items[i].count * PAGE_SIZE,
                      memory_map_scratch_size(hand_over->block.descriptors_max, placed) +
                          placed * sizeof(struct placed));
    ck_assert_uint_ge(hand_over->block.regions_max,
                      memory_map_regions_max(hand_over->block.descriptors_max, placed));
}

START_TEST(three_hundred_modules_arrive)
{
    static char config[MANY * 32];
    static struct expected_module modules[MANY];
    static char arguments[MANY][8];
    struct text data = kernel_raw(1000);
    struct writer writer = writer_on(config, sizeof(config));
    write_string(&writer, CONFIG_PLAIN);
    for (uint32_t i = 0; i < MANY; i++) {
        (void)snprintf(arguments[i], sizeof(arguments[i]), "%u", i);
        write_string(&writer, "module = /m ");
        write_string(&writer, arguments[i]);
        write_string(&writer, "\n");
        modules[i] = (struct expected_module){"/m", arguments[i], data};
    }
    given_modules(config);
    fake_set_memory(MIB, 4 * KIB, EFI_BOOT_DATA);
    fake_add_file("\\m", data.bytes, data.size);
    expected.staged = true;
    expect_modules(modules, MANY);
    ck_assert(strstr(fake.said, "\nmodules    ... and 292 more\n") != NULL);
    ck_assert_uint_lt(the_boot.session.pages.count, 16);
    ck_assert_uint_eq(fake.calls[FAKE_WATCHDOG], MANY + 1); /* for each, and off at the end */
    check_scratch(300);
}
END_TEST

START_TEST(a_large_module_is_read_by_chunks_straight_to_its_place)
{
    struct text data = kernel_raw(5 * MIB);
    given_modules(CONFIG_PLAIN "read_chunk = 2M\nmodule = /m\n");
    struct fake_file *file = fake_add_file("\\m", data.bytes, data.size);
    expect_modules(&(struct expected_module){"/m", "", data}, 1);
    ck_assert_uint_eq(file->largest_read, 2 * MIB);
    ck_assert_uint_eq(file->reads, 4);
    ck_assert_uint_lt(fake.peak_pages, page_count_of(5 * MIB) + 100);
}
END_TEST

/* Each alone would fit. */
START_TEST(modules_that_are_together_larger_than_memory_are_refused_at_the_line_that_is_too_much)
{
    struct text data = kernel_raw(25 * MIB);
    given_modules(CONFIG_PLAIN "module = /m 1\nmodule = /m 2\nmodule = /m 3\n");
    fake_add_file("\\m", data.bytes, data.size);
    refuses(STATUS_MEMORY_EXHAUSTED, "loader.cfg:4:10: error: /m: the firmware has no 25 MiB of "
                                     "memory in one piece for it");
    ck_assert(strstr(fake.said, "\n    4 | module = /m 3\n      |          ^~\n") != NULL);
    ck_assert_uint_eq(fake_find_file("\\m")->bytes_read, 2 * data.size);
}
END_TEST

START_TEST(without_modules_nothing_is_done_for_them)
{
    given_modules(CONFIG_PLAIN);
    boots(&expected);
    ck_assert_uint_eq(fake.calls[FAKE_ALLOCATE], 1);  /* the pool */
    ck_assert_uint_eq(fake.calls[FAKE_TIMESTAMP], 8); /* seven stages, and the first clock */
}
END_TEST

struct refusal {
    const char *line;
    void (*arrange)(struct fake_file *module);
    enum status status;
    const char *sentence;
};

static void make_empty(struct fake_file *module)
{
    module->size = 0;
}

static void make_directory(struct fake_file *module)
{
    module->directory = true;
}

static void make_short(struct fake_file *module)
{
    module->lies_about_size = true;
    module->claimed_size = 50000;
}

static void make_long(struct fake_file *module)
{
    module->lies_about_size = true;
    module->claimed_size = 3000;
}

static void make_huge(struct fake_file *module)
{
    module->lies_about_size = true;
    module->claimed_size = GIB;
}

static void make_2_gib(struct fake_file *module)
{
    module->lies_about_size = true;
    module->claimed_size = 2 * GIB;
}

static void make_more_than_2_gib(struct fake_file *module)
{
    module->lies_about_size = true;
    module->claimed_size = 2 * GIB + 1;
}

static void make_endless(struct fake_file *module)
{
    module->lies_about_size = true;
    module->claimed_size = UINT64_MAX;
}

static void make_unreadable(struct fake_file *module)
{
    module->read_error = FIRMWARE_DEVICE_ERROR;
    module->read_error_at = 0;
}

static void pack(struct fake_file *module)
{
    struct text packed = kernel_gzip((struct text){module->bytes, module->size});
    module->bytes = packed.bytes;
    module->size = packed.size;
}

static void damage(struct fake_file *module)
{
    pack(module);
    struct text damaged =
        kernel_damaged((struct text){module->bytes, module->size}, module->size / 2);
    module->bytes = damaged.bytes;
}

static void cut_short(struct fake_file *module)
{
    pack(module);
    module->size -= 50;
}

static void misstate(struct fake_file *module)
{
    pack(module);
    module->bytes =
        kernel_damaged((struct text){module->bytes, module->size}, module->size - 4).bytes;
}

static void pack_nothing(struct fake_file *module)
{
    module->size = 0;
    pack(module);
}

#define PLACE "\\EFI\\BOOT\\loader.cfg:3:"

static const struct refusal refusals[] = {
    {"module = /none x", NULL, STATUS_FILE_NOT_FOUND, PLACE "10: error: /none: no such file"},
    {"module = /m x", make_empty, STATUS_FILE_EMPTY, PLACE "10: error: /m: the file is empty"},
    {"module = \"/m\" x", make_directory, STATUS_FILE_IS_DIRECTORY,
     PLACE "11: error: /m: this is a directory"},
    {"module = /m x", make_short, STATUS_FILE_SHORT,
     PLACE "10: error: /m: the file ends at byte 20000; the firmware said it has 50000"},
    {"module = /m x", make_long, STATUS_FILE_GREW,
     PLACE "10: error: /m: the file has more than the 3000 bytes"},
    {"module = /m x", make_huge, STATUS_MEMORY_EXHAUSTED,
     PLACE "10: error: /m: the firmware has no 1 GiB of memory in one piece for it"},
    {"module = /m x", make_endless, STATUS_FILE_TOO_LARGE, PLACE "10: error: /m: the file has "},
    {"module = /m x", make_unreadable, STATUS_FILE_READ_FAILED,
     PLACE "10: error: /m: reading failed at byte 0 of 20000 (EFI_DEVICE_ERROR)"},
    {"module-gz = /m x", NULL, STATUS_MODULE_NOT_GZIP, PLACE "13: error: /m: this is no gzip file"},
    {"module-gz = /m x", damage, STATUS_IMAGE_CHECKSUM, PLACE "13: error: /m: CRC-32 of "},
    {"module-gz = /m x", cut_short, STATUS_IMAGE_TRUNCATED,
     PLACE "13: error: /m: the compressed data ends at byte "},
    {"module-gz = /m x", misstate, STATUS_IMAGE_LENGTH,
     PLACE "13: error: /m: the image inflates to "},
    {"module-gz = /m x", pack_nothing, STATUS_IMAGE_EMPTY,
     PLACE "13: error: /m: the image inflates to 0 bytes"},
    {"module-gz = /m x", make_huge, STATUS_MEMORY_EXHAUSTED, "for the compressed file"},
    {"module-gz = /m x", make_2_gib, STATUS_MEMORY_EXHAUSTED, "for the compressed file"},
    {"module-gz = /m x", make_more_than_2_gib, STATUS_FILE_TOO_LARGE,
     PLACE "13: error: /m: the file has 2,147,483,649 bytes; at most 2 GiB"},
};

/* A module that is good comes first: it is given back too. */
START_TEST(what_cannot_be_loaded_is_told_at_its_line)
{
    const struct refusal *refusal = &refusals[_i];
    struct text data = kernel_raw(20000);
    char config[256];
    (void)snprintf(config, sizeof(config), CONFIG_PLAIN "module = /good\n%s\n", refusal->line);
    given_modules(config);
    fake_add_file("\\good", data.bytes, data.size);
    struct fake_file *file = fake_add_file("\\m", data.bytes, data.size);
    if (refusal->arrange != NULL) {
        refusal->arrange(file);
    }
    refuses(refusal->status, refusal->sentence);
    ck_assert(strstr(fake.said, refusal->line) != NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("modules");
    TCase *tests = tcase_create("modules");
    tcase_add_test(tests, a_module_arrives_whole_with_its_arguments);
    tcase_add_test(tests, sizes_around_a_page_have_a_zero_tail);
    tcase_add_test(tests, those_of_all_entries_come_before_those_of_one);
    tcase_add_test(tests, a_gzip_module_is_inflated);
    tcase_add_test(tests, a_gzip_module_of_several_members_is_inflated);
    tcase_add_test(tests, an_adapter_gets_the_kernel_first_and_inflated);
    tcase_add_test(tests, a_missing_adapter_and_a_missing_kernel_are_told_apart);
    tcase_add_test(tests, three_hundred_modules_arrive);
    tcase_add_test(tests, a_large_module_is_read_by_chunks_straight_to_its_place);
    tcase_add_test(
        tests,
        modules_that_are_together_larger_than_memory_are_refused_at_the_line_that_is_too_much);
    tcase_add_test(tests, without_modules_nothing_is_done_for_them);
    tcase_add_loop_test(tests, what_cannot_be_loaded_is_told_at_its_line, 0,
                        (int)(sizeof(refusals) / sizeof(refusals[0])));
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-modules");
}
