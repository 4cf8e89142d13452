/* The serial port: the one that ACPI's SPCR table describes, or the one that loader.cfg names. The
 * machine has two, and each test looks at the second: the first is where the firmware speaks. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "vm/files.h"

static struct boot_files files;

/* SPCR after its header (ACPI SPCR revision 2): a 16550 at I/O port 0x2f8, 57600 baud. */
static const uint8_t spcr[44] = {
    [0] = 0,             /* interface type: full 16550 */
    [4] = 1,             /* address: in I/O space, */
    [5] = 8,             /* 8 bits a register, */
    [8] = 0xF8, [9] = 2, /* at 0x2f8 */
    [22] = 6,            /* 57600 baud */
    [25] = 1,            /* one stop bit */
};

static void boot_hello(const char *config, bool with_spcr, struct machine_run *out_run,
                       struct bytes *out_second)
{
    struct message message = {0};
    char *folder = NULL;
    ck_assert(folder_make_temporary(&message, &folder));
    AUTO_STRING table = string_format("%s/spcr", folder);
    AUTO_STRING second = string_format("%s/com2", folder);
    AUTO_STRING chardev = string_format("file,id=com2,path=%s", second);
    AUTO_STRING acpi = string_format("sig=SPCR,rev=2,data=%s", table);
    const char *const extra[] = {
        "-chardev", chardev, "-serial", "chardev:com2", with_spcr ? "-acpitable" : NULL,
        acpi,       NULL};
    ck_assert(file_write(table, spcr, sizeof(spcr), &message));
    boot_begin(&files);
    boot_add_kernel(&files, "hello.bin");
    boot_add(&files,
             (struct disk_file){.path = "/loader.cfg", .data = config, .size = strlen(config)});
    boot_run(&files, (struct machine){.extra = extra}, out_run);
    ck_assert(file_read(second, &message, out_second));
    folder_remove(folder);
    free(folder);
    message_free(&message);
}

static const struct {
    const char *config;
    bool spcr;
    const char *port; /* that the loader and the kernel used */
} cases[] = {
    {"log = verbose\nkernel = /boot/hello.bin\n", true, "0x2f8"},
    {"log = verbose\nserial = 0x2f8\nkernel = /boot/hello.bin\n", false, "0x2f8"},
    {"log = verbose\nserial = 0x3f8\nkernel = /boot/hello.bin\n", true, "0x3f8"},
    {"log = verbose\nkernel = /boot/hello.bin\n", false, "0x3f8"},
};

START_TEST(kernel_speaks_on_the_port_that_was_chosen)
{
    static const char greeting[] = "hello from a kernel at 0x100000: ";
    struct machine_run run;
    struct bytes second = {0};
    boot_hello(cases[_i].config, cases[_i].spcr, &run, &second);
    boot_expect(&run, MACHINE_PASSED);
    bool on_second = strcmp(cases[_i].port, "0x2f8") == 0;
    ck_assert_msg((strstr(bytes_text(&second), greeting) != NULL) == on_second,
                  "on the second port:\n%s", bytes_text(&second));
    const char *stage = strstr(bytes_text(&second), "\nplacement  ");
    ck_assert_msg(stage != NULL && strstr(stage + 1, "\nplacement  ") == NULL, "once:\n%s",
                  bytes_text(&second)); /* the firmware speaks on both ports */
    ck_assert_msg((strstr(bytes_text(&run.serial), greeting) == NULL) == on_second,
                  "on the first port:\n%s", bytes_text(&run.serial));
    boot_expect_text(&run, cases[_i].port);
    bytes_free(&second);
    machine_run_free(&run);
}
END_TEST

/* SPCR after its header: a 16550 whose registers lie 4 bytes apart, at an address where nothing
 * is: below 4 GiB it reads as 0xFF or 0, above only the loader's page tables make it readable. */
static void boot_with_uart_at(uint64_t base, const char *kernel, const char *config,
                              struct machine_run *out_run)
{
    struct message message = {0};
    uint8_t table[sizeof(spcr)] = {[5] = 32, [7] = 3};
    char *folder = NULL;
    memcpy(table + 8, &base, sizeof(base));
    ck_assert(folder_make_temporary(&message, &folder));
    AUTO_STRING path = string_format("%s/spcr", folder);
    AUTO_STRING acpi = string_format("sig=SPCR,rev=2,data=%s", path);
    const char *const extra[] = {"-acpitable", acpi, NULL};
    ck_assert(file_write(path, table, sizeof(table), &message));
    boot_begin(&files);
    boot_add_kernel(&files, kernel);
    boot_add(&files,
             (struct disk_file){.path = "/loader.cfg", .data = config, .size = strlen(config)});
    boot_run(&files, (struct machine){.extra = extra}, out_run);
    folder_remove(folder);
    free(folder);
    message_free(&message);
}

START_TEST(a_port_above_4_gib_is_mapped)
{
    struct machine_run run;
    struct bytes config = {0};
    struct message message = {0};
    ck_assert(file_read(BATON_SOURCE_DIR "/sample-kernels/inspect/loader.cfg", &message, &config));
    boot_with_uart_at(0x800000000, "inspect.bin", bytes_text(&config), &run);
    boot_expect_console_tap(&run);
    bytes_free(&config);
    machine_run_free(&run);
}
END_TEST

/* Nothing is there, and reads as 0: a time-out for each character would take minutes. */
START_TEST(a_port_that_is_never_ready_is_no_obstacle)
{
    static const char config[] = "log = verbose\nkernel = /boot/hello.bin\n";
    struct machine_run run;
    boot_with_uart_at(0xFD000000, "hello.bin", config, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, "serial port 0xfd000000");
    machine_run_free(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boot-serial");
    TCase *tests = tcase_create("boot");
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    tcase_add_loop_test(tests, kernel_speaks_on_the_port_that_was_chosen, 0,
                        sizeof(cases) / sizeof(cases[0]));
    tcase_add_test(tests, a_port_above_4_gib_is_mapped);
    tcase_add_test(tests, a_port_that_is_never_ready_is_no_obstacle);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "boot-serial");
}
