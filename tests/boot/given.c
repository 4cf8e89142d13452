/* What the loader gives a kernel on a real firmware: random numbers, the partition, memory below
 * 4 GiB, a direct map where the kernel is linked. */
#include "harness.h"

#include <string.h>

static struct boot_files files;

static void prepare(void)
{
    static const char config[] = "kernel = /boot/given.elf\nmodule = /boot/module\n";
    boot_begin(&files);
    boot_add_kernel(&files, "given.elf");
    boot_add(&files,
             (struct disk_file){.path = "/loader.cfg", .data = config, .size = strlen(config)});
    boot_add(&files, (struct disk_file){.path = "/boot/module", .data = "m", .size = 1});
}

static void boot_given(const char *cpu, const char *const *extra, struct machine_run *out_run)
{
    boot_run(&files, (struct machine){.cpu = cpu, .memory = "5G", .extra = extra}, out_run);
    boot_expect(out_run, MACHINE_PASSED);
}

static const char *line_of(const struct machine_run *run, const char *words)
{
    const char *line = strstr(bytes_text(&run->serial), words);
    ck_assert_msg(line != NULL, "no '%s'", words);
    return line + strlen(words);
}

static const char *const virtio[] = {"-device", "virtio-rng-pci", NULL};

static const struct {
    const char *cpu;
    const char *const *extra;
    const char *sources;
    bool random;
} machines[] = {
    /* QEMU 7.2 has no RDSEED */
    {"max,-rdseed", NULL, "random sources: 0x4\n", true},
    {"max,-rdseed,-rdrand", NULL, "random sources: 0x0\n", false},
    {"max,-rdseed,-rdrand", virtio, "random sources: 0x1\n", true},
    {"max,-rdseed", virtio, "random sources: 0x5\n", true},
};

START_TEST(two_boots_have_two_seeds_where_there_are_random_numbers)
{
    char seeds[2][24];
    prepare();
    for (int i = 0; i < 2; i++) {
        struct machine_run run;
        boot_given(machines[_i].cpu, machines[_i].extra, &run);
        boot_expect_text(&run, machines[_i].sources);
        const char *seed = line_of(&run, "sum of the seed: ");
        snprintf(seeds[i], sizeof(seeds[i]), "%.*s", (int)strcspn(seed, "\r\n"), seed);
        machine_run_free(&run);
    }
    ck_assert_int_eq(strcmp(seeds[0], seeds[1]) != 0, machines[_i].random);
    ck_assert_int_eq(strcmp(seeds[0], "0x0") != 0, machines[_i].random);
}
END_TEST

/* The tests' disks have a GPT: tools/vm/gpt.c. */
START_TEST(a_kernel_is_given_its_partition_low_memory_and_a_window)
{
    struct machine_run run;
    prepare();
    boot_given("max", NULL, &run);
    boot_expect_text(&run, "partition kind: 0x2\n");
    boot_expect_text(&run, "partition number: 0x1\n");
    boot_expect_text(&run, "partition id: 0x4970204e4f544142\n"); /* "BATON pI" */
    boot_expect_text(&run, "\nlow: 0x1\n");
    boot_expect_text(&run, "\nwindow: 0x1\n");
    machine_run_free(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boot-given");
    TCase *tests = tcase_create("boot");
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    tcase_add_test(tests, a_kernel_is_given_its_partition_low_memory_and_a_window);
    tcase_add_loop_test(tests, two_boots_have_two_seeds_where_there_are_random_numbers, 0,
                        sizeof(machines) / sizeof(machines[0]));
    suite_add_tcase(suite, tests);
    return suite_main(suite, "boot-given");
}
