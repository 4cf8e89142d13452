/* Modules arrive whole, where BootInfo says, however many and however large they are. */
#include "harness.h"

#include "vm/files.h"

#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { MANY = 200, MARK = 5000 };

#define MIB UINT64_C(0x100000)

struct large_case {
    uint64_t size;
    const char *machine_type;
    const char *memory;
    bool above_4_gib;
};

static const struct large_case large_cases[] = {
    {1024 * MIB, "q35", "4G", false},
    {300 * MIB, "q35,max-ram-below-4g=256M", "1G", true},
};

static struct boot_files files;

static void begin(const char *config)
{
    boot_begin(&files);
    boot_add_kernel(&files, "modules.bin");
    boot_add(&files,
             (struct disk_file){.path = "/loader.cfg", .data = config, .size = strlen(config)});
}

/* What the kernel prints of a module, as far as it does not depend on where it lies. */
static void expect_module(const struct machine_run *run, const char *name, const char *arguments,
                          const void *data, size_t size)
{
    AUTO_STRING begin = string_format("\n%s '%s': ", name, arguments);
    AUTO_STRING end = string_format(", CRC-32 0x%08lx\n", crc32(0, data, (uInt)size));
    const char *line = strstr(bytes_text(&run->serial), begin);
    if (line == NULL || strncmp(strchr(line + 1, '\n') - strlen(end) + 1, end, strlen(end)) != 0) {
        boot_show("serial port", bytes_text(&run->serial));
        ck_abort_msg("no module '%s', or not with '%s'", begin, end);
    }
}

START_TEST(sample_lists_its_modules)
{
    struct machine_run run;
    boot_sample("modules", (struct machine){0}, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, "\n/boot/modules.bin 'a copy of the kernel': ");
    boot_expect_text(&run, "\n/loader.cfg '': ");
    boot_expect_text(&run, "\n/boot/modules.bin.gz 'the same = \"inflated\" # really': ");
    boot_expect_text(&run, "\n3 modules\n");
    machine_run_free(&run);
}
END_TEST

START_TEST(one_module_with_arguments_arrives)
{
    static const char text[] = "just a few bytes";
    struct machine_run run;
    begin("kernel = /boot/modules.bin\nmodule = \"/boot/a file.txt\"  with = arguments  # 1\n");
    boot_add(&files, (struct disk_file){.path = "/boot/a file.txt", .data = text, .size = 16});
    boot_run(&files, (struct machine){0}, &run);
    boot_expect(&run, MACHINE_PASSED);
    expect_module(&run, "/boot/a file.txt", "with = arguments  # 1", text, 16);
    boot_expect_text(&run, "\nmodules    /boot/a file.txt, 16 bytes at 0x");
    boot_expect_text(&run, ": 16 bytes at 0x");
    boot_expect_text(&run, "\n1 modules\n");
    machine_run_free(&run);
}
END_TEST

static char *config_of_many(void)
{
    static const char begin[] = "log = quiet\nkernel = /boot/modules.bin\n";
    struct bytes config = {0};
    bytes_add(&config, begin, strlen(begin));
    for (int i = 0; i < MANY; i++) {
        AUTO_STRING line = string_format("module = /boot/%d number %d\n", i, i);
        bytes_add(&config, line, strlen(line));
    }
    return config.data;
}

START_TEST(two_hundred_modules_arrive)
{
    static uint8_t data[MANY][3 * MANY];
    static char *names[MANY];
    struct machine_run run;
    AUTO_STRING config = config_of_many();
    begin(config);
    for (int i = 0; i < MANY; i++) {
        memset(data[i], i, sizeof(data[i]));
        names[i] = string_format("/boot/%d", i);
        boot_add(&files,
                 (struct disk_file){.path = names[i], .data = data[i], .size = 1 + 3 * (size_t)i});
    }
    boot_run(&files, (struct machine){0}, &run);
    boot_expect(&run, MACHINE_PASSED);
    for (int i = 0; i < MANY; i++) {
        AUTO_STRING arguments = string_format("number %d", i);
        expect_module(&run, names[i], arguments, data[i], 1 + 3 * (size_t)i);
        free(names[i]);
    }
    boot_expect_text(&run, "\n200 modules\n");
    machine_run_free(&run);
}
END_TEST

/* A file with holes: something at its begin, in its middle, across 512 MiB and at its end. */
static uint32_t make_large(const char *path, uint64_t size)
{
    const uint64_t marks[] = {0, size / 3, size / 2 - MARK / 2, size - MARK};
    static uint8_t bytes[1 << 20];
    uint32_t crc = 0;
    FILE *file = fopen(path, "w+b");
    ck_assert(file != NULL && ftruncate(fileno(file), (off_t)size) == 0);
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        for (int j = 0; j < MARK; j++) {
            bytes[j] = (uint8_t)(i * 7 + (size_t)j * j);
        }
        ck_assert(fseeko(file, (off_t)marks[i], SEEK_SET) == 0);
        ck_assert(fwrite(bytes, 1, MARK, file) == MARK);
    }
    rewind(file);
    for (uint64_t done = 0; done < size; done += sizeof(bytes)) {
        ck_assert(fread(bytes, 1, sizeof(bytes), file) == sizeof(bytes));
        crc = (uint32_t)crc32(crc, bytes, sizeof(bytes));
    }
    fclose(file);
    return crc;
}

/* The disk is not compared with a second one, as boot_run would: each takes a while to make. */
static void boot_large(const struct large_case *test, const char *folder, const char *large,
                       struct machine_run *run)
{
    struct message message = {0};
    struct ovmf ovmf;
    AUTO_STRING disk = string_format("%s/disk", folder);
    begin("kernel = /boot/modules.bin\nmodule = /large\n");
    boot_add(&files, (struct disk_file){.path = "/large", .host = large});
    ck_assert(ovmf_find("q35", OVMF_ANY, &message, &ovmf));
    ck_assert(disk_make(disk, files.files, files.count, &message));
    machine_boot(&(struct machine){.ovmf = &ovmf,
                                   .disk = disk,
                                   .machine_type = test->machine_type,
                                   .memory = test->memory,
                                   .timeout_s = 3 * BOOT_TIMEOUT_S},
                 run);
    ovmf_free(&ovmf);
}

START_TEST(a_large_module_arrives)
{
    const struct large_case *test = &large_cases[_i];
    struct message message = {0};
    struct machine_run run;
    char *folder = NULL;
    ck_assert(folder_make_temporary(&message, &folder));
    AUTO_STRING large = string_format("%s/large", folder);
    AUTO_STRING line = string_format(", CRC-32 0x%08x\n1 modules\n", make_large(large, test->size));
    boot_large(test, folder, large, &run);
    folder_remove(folder);
    free(folder);
    boot_expect(&run, MACHINE_PASSED);
    const char *told = strstr(bytes_text(&run.serial), " bytes at 0x");
    ck_assert_ptr_nonnull(told);
    uint64_t address = strtoull(told + strlen(" bytes at "), NULL, 16);
    ck_assert_int_eq(address > UINT32_MAX, test->above_4_gib);
    boot_expect_text(&run, line);
    machine_run_free(&run);
}
END_TEST

START_TEST(inspect_finds_every_promise_kept)
{
    struct message message = {0};
    struct bytes config = {0};
    struct machine_run run;
    static const char more[] = "\nmodule = /boot/modules.bin one\n"
                               "module-gz = /boot/inspect.bin.gz two\n"
                               "module = /loader.cfg three\n"
                               "framebuffer = 1024x768\n";
    AUTO_STRING own = boot_source("sample-kernels/inspect/loader.cfg");
    ck_assert(file_read(own, &message, &config));
    bytes_add(&config, more, strlen(more));
    begin(bytes_text(&config));
    boot_add_kernel(&files, "inspect.bin");
    boot_add_kernel(&files, "inspect.bin.gz");
    boot_run(&files, (struct machine){0}, &run);
    boot_expect_tap(&run);
    boot_expect_text(&run, " - modules are page-aligned, each in a MODULE region\n");
    bytes_free(&config);
    machine_run_free(&run);
}
END_TEST

START_TEST(missing_module_is_told_at_its_line)
{
    struct bytes seen = {0};
    struct machine_run run;
    begin("kernel = /boot/modules.bin\nmodule = /boot/modules.bin\nmodule = /boot/none all\n");
    boot_run(&files, (struct machine){.output = boot_until_given_up, .context = &seen}, &run);
    boot_expect(&run, MACHINE_STOPPED);
    ck_assert_msg(strstr(bytes_text(&seen),
                         "\\loader.cfg:3:10: error: /boot/none: no such file (EFI_NOT_FOUND)\n"
                         "    3 | module = /boot/none all\n"
                         "      |          ^~~~~~~~~~\n") != NULL,
                  "%s", bytes_text(&seen));
    bytes_free(&seen);
    machine_run_free(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boot-modules");
    TCase *tests = tcase_create("modules");
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    tcase_add_test(tests, sample_lists_its_modules);
    tcase_add_test(tests, one_module_with_arguments_arrives);
    tcase_add_test(tests, two_hundred_modules_arrive);
    tcase_add_test(tests, inspect_finds_every_promise_kept);
    tcase_add_test(tests, missing_module_is_told_at_its_line);
    suite_add_tcase(suite, tests);
    TCase *large = tcase_create("large");
    tcase_set_timeout(large, 5 * BOOT_TIMEOUT_S);
    tcase_add_loop_test(large, a_large_module_arrives, 0, 2);
    suite_add_tcase(suite, large);
    return suite_main(suite, "boot-modules");
}
