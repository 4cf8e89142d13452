/* Each sample kernel's loader.cfg, read as the loader reads it. */
#include "../../sample-kernels/inspect/judge.h"
#include "../suite.h"
#include "core/config/config.h"

#include <string.h>

struct sample {
    const char *name;
    const char *kernel;
};

static const struct sample samples[] = {
    {"hello", "/boot/hello.bin"},
    {"hello-cpp", "/boot/hello-cpp.bin"},
    {"hello-asm", "/boot/hello-asm.bin"},
    {"memory", "/boot/memory.bin"},
    {"runtime", "/boot/runtime.bin"},
    {"smp", "/boot/smp.bin"},
    {"gzip", "/boot/gzip.bin.gz"},
    {"bss", "/boot/bss.bin"},
    {"hello-rust", "/boot/hello-rust.bin"},
    {"hello-nim", "/boot/hello-nim.bin"},
    {"inspect", "/boot/inspect.bin"},
    {"adapters/linux", "/boot/linux.bin"},
    {"adapters/multiboot", "/boot/multiboot.bin"},
    {"adapters/limine", "/boot/limine.bin"},
};

static char file_text[CONFIG_SIZE_MAX];
static struct config config;

/* The file's one entry. Its texts live until the next call. */
static const struct entry *read_entry(const char *name)
{
    char path[256];
    int length = snprintf(path, sizeof(path), "%s/sample-kernels/%s/loader.cfg", SOURCE_DIR, name);
    ck_assert_int_lt(length, (int)sizeof(path));
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s: missing", path);
    struct text text = {file_text, fread(file_text, 1, sizeof(file_text), file)};
    ck_assert_int_eq(fclose(file), 0);
    enum status status = config_parse(text, text_of("loader.cfg"), &config);
    ck_assert_msg(status == STATUS_OK, "%s: %s", path, status_name(status));
    ck_assert_uint_eq(config.entry_count, 1);
    return &config.entries[0];
}

static bool is(struct text text, const char *expected)
{
    return text_equal(text, text_of(expected));
}

START_TEST(every_sample_has_a_loader_cfg_that_names_its_kernel)
{
    for (uint32_t i = 0; i < COUNT(samples); i++) {
        const struct entry *entry = read_entry(samples[i].name);
        ck_assert_msg(is(entry->kernel, samples[i].kernel), "%s", samples[i].name);
        ck_assert(entry->line[ENTRY_ADDRESS] == 0 || entry->address == 0x100000);
    }
}
END_TEST

START_TEST(inspect_is_given_the_command_line_it_expects)
{
    ck_assert(is(read_entry("inspect")->cmdline, INSPECT_COMMAND_LINE));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("abi samples");
    TCase *tcase = tcase_create("samples");
    tcase_add_test(tcase, every_sample_has_a_loader_cfg_that_names_its_kernel);
    tcase_add_test(tcase, inspect_is_given_the_command_line_it_expects);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "abi samples");
}
