/* A kernel without a kernel header that dies in its first instructions may be one of another
 * loader: the crash page says so. Of others it does not. */
#include "harness.h"

#include "bootinfo.h"

#include <string.h>

enum { KERNEL_SIZE = 0x400, HEADER_AT = 0x200, NOP = 0x90 };

#define SUSPICION "kernel  has no BootInfo header: is it for another loader? docs/adapters.md"

static const struct {
    size_t dies_at; /* offset of an instruction that no CPU has */
    bool has_header;
    bool suspected;
} kernels[] = {
    {0, false, true},
    {60, false, true},
    {64, false, false},
    {0, true, false},
};

static void make_kernel(int number, uint8_t *kernel)
{
    static const struct BootInfoKernelHeader header = {
        .magic = BOOTINFO_KERNEL_MAGIC,
        .abi_major = BOOTINFO_VERSION_MAJOR,
        .size = BOOTINFO_KERNEL_HEADER_SIZE_1_0,
    };
    memset(kernel, NOP, KERNEL_SIZE);
    memcpy(kernel + kernels[number].dies_at, "\x0F\x0B", 2); /* ud2 */
    if (kernels[number].has_header) {
        memcpy(kernel + HEADER_AT, &header, sizeof(header));
    }
}

START_TEST(a_kernel_that_may_be_of_another_loader_is_suspected)
{
    static const char config[] = "kernel = /boot/k\non_fault = halt\n";
    static struct boot_files files;
    struct machine_run run;
    uint8_t kernel[KERNEL_SIZE];
    make_kernel(_i, kernel);
    boot_begin(&files);
    boot_add(&files,
             (struct disk_file){.path = "/loader.cfg", .data = config, .size = strlen(config)});
    boot_add(&files,
             (struct disk_file){.path = "/boot/k", .data = (char *)kernel, .size = sizeof(kernel)});
    boot_run(&files, (struct machine){.notice_halt = true}, &run);
    boot_expect(&run, MACHINE_HALTED);
    boot_expect_text(&run, "FAULT: invalid opcode (#UD, vector 6)\n");
    AUTO_STRING place = string_format("\nat      kernel+0x%zx", kernels[_i].dies_at);
    boot_expect_text(&run, place);
    if (kernels[_i].suspected) {
        boot_expect_text(&run, SUSPICION "\n");
    } else {
        boot_expect_no_text(&run, "has no BootInfo header");
    }
    machine_run_free(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boot-headerless");
    TCase *tests = tcase_create("boot");
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    tcase_add_loop_test(tests, a_kernel_that_may_be_of_another_loader_is_suspected, 0,
                        sizeof(kernels) / sizeof(kernels[0]));
    suite_add_tcase(suite, tests);
    return suite_main(suite, "boot-headerless");
}
