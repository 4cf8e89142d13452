/* The loader in firmware with faults, up to the kernel: inspect judges from inside what came out of
 * it. Where the firmware does not let go, the loader must say so and restart the machine. */
#include "harness.h"

#include <string.h>

enum { BOOT_TEXTS_MAX = 3 };

#define NX_STACK "-fw_cfg", "name=opt/ovmf/PcdSetNxForStack,string=yes"

struct boot_case {
    struct chaos_case plan;
    const char *texts[BOOT_TEXTS_MAX]; /* what the report has, in this order */
    const char *goodbye;               /* the sentence before the restart; NULL: it boots */
    const char *extra[3];              /* arguments for QEMU */
};

static const struct boot_case boot_cases[] = {
    {.plan = {.name = "one refusal", .refusals = 1}, .texts = {"exit: try 1, ", "exit: try 2, "}},
    {.plan = {.name = "two refusals, gzip", .folder = FOLDER_INSPECT_GZIP, .refusals = 2},
     .texts = {"exit: try 3, "}},
    {.plan = {.name = "three refusals", .refusals = 3}, .texts = {"exit: try 4, "}},
    {.plan = {.name = "refused for ever", .refusals = UINT32_MAX},
     .texts = {"exit: try 4, ", "reset: stalled ms 10000"},
     .goodbye = "baton: error: the firmware refused ExitBootServices in try 4 of 4 "
                "(EFI_INVALID_PARAMETER)"},
    {.plan = {.name = "not allowed to leave",
              .refusals = UINT32_MAX,
              .refusal = FIRMWARE_ACCESS_DENIED},
     .texts = {"exit: try 1, ", "reset: stalled ms 10000"},
     .goodbye = "baton: error: the firmware refused ExitBootServices in try 1 of 4 "
                "(EFI_ACCESS_DENIED)"},
    {.plan = {.name = "the map grows after a refusal", .refusals = 1, .pieces_late = 40},
     .texts = {"exit: try 2, "}},
    {.plan = {.name = "the map outgrows its room after a refusal",
              .refusals = 1,
              .pieces_late = 1000},
     .texts = {"exit: try 1, ", "reset: stalled ms 10000"},
     .goodbye = "baton: error: the memory map grew to "},
    {.plan = {.name = "no map after a refusal", .refusals = 1, .map_late = FIRMWARE_DEVICE_ERROR},
     .texts = {"exit: try 1, ", "reset: stalled ms 10000"},
     .goodbye = "baton: error: the firmware gave no memory map after the exit began "
                "(EFI_DEVICE_ERROR)"},
    {.plan = {.name = "a stride of 56, short reads, a map that grows",
              .stride = 56,
              .read_most = 4089,
              .pieces_more = 1}},
    {.plan = {.name = "2,000 descriptors, unsorted", .pieces = 2000, .flags = CHAOS_REVERSED_MAP}},
    {.plan = {.name = "2,000 descriptors, and a kernel that dies",
              .folder = FOLDER_CRASH,
              .pieces = 2000},
     .goodbye = "address page 0: a NULL pointer was used"},
    {.plan = {.name = "no screen, console, keyboard, clock, ACPI, SMBIOS",
              .flags = CHAOS_NO_SCREEN | CHAOS_NO_CONSOLE | CHAOS_NO_KEYBOARD | CHAOS_NO_TABLES |
                       CHAOS_FOR_GOOD,
              .call = CHAOS_GET_TIME,
              .from = 1,
              .status = FIRMWARE_DEVICE_ERROR}},
    {.plan = {.name = "an EDID", .flags = CHAOS_EDID}},
    {.plan = {.name = "a large Read breaks the file",
              .folder = FOLDER_INSPECT_LARGE,
              .read_limit = 0x100000},
     .texts = {" at once failed (EFI_BAD_BUFFER_SIZE): read anew in steps of 1 MiB"}},
    {.plan = {.name = "a large Read moves the file, which stays at its end",
              .folder = FOLDER_INSPECT_LARGE,
              .flags = CHAOS_FILE_SURVIVES | CHAOS_STUCK_POSITION,
              .read_limit = 0x100000},
     .texts = {" at once failed (EFI_BAD_BUFFER_SIZE): read anew in steps of 1 MiB"}},
    {.plan = {.name = "a large Read gives nothing, there are no positions",
              .folder = FOLDER_INSPECT_LARGE,
              .flags = CHAOS_READ_NOTHING | CHAOS_NO_POSITION,
              .read_limit = 0x100000},
     .texts = {" at once failed (EFI_SUCCESS): read anew in steps of 1 MiB"}},
    {.plan = {.name = "large Reads are short, the end's position is 2^64 - 1",
              .folder = FOLDER_INSPECT_LARGE,
              .flags = CHAOS_LITERAL_POSITION,
              .read_most = 0x234567}},
    {.plan = {.name = "runtime services with MMIO above 4 GiB", .flags = CHAOS_RUNTIME_MMIO}},
    {.plan = {.name = "a framebuffer of 2^44 bytes",
              .odd = CHAOS_ODD_SCREEN_SIZE,
              .odd_value = UINT64_C(1) << 44}},
    {.plan = {.name = "a dirty CPU", .flags = CHAOS_DIRTY_CPU}},
    {.plan = {.name = "a dirty CPU, staged",
              .folder = FOLDER_INSPECT_GZIP,
              .flags = CHAOS_DIRTY_CPU,
              .place_base = 0x100000,
              .place_end = 0x180000}},
    {.plan = {.name = "the loader lies in the kernel's place",
              .folder = FOLDER_INSPECT_LARGE,
              .image_at = 0x140000},
     .texts = {"copied there after the exit"}},
    {.plan = {.name = "file buffer and stack lie in the kernel's place",
              .folder = FOLDER_INSPECT_GZIP,
              .place_base = 0x100000,
              .place_end = 0x180000},
     .texts = {"copied there after the exit"}},
    {.plan = {.name = "memory protection that is not to be changed, page 0 unmapped",
              .folder = FOLDER_INSPECT_GZIP,
              .flags = CHAOS_NX_DATA | CHAOS_NX_CODE | CHAOS_NX_IMAGE | CHAOS_ATTRIBUTES |
                       CHAOS_UNMAP_PAGE_0 | CHAOS_FOR_GOOD,
              .call = CHAOS_CLEAR_ATTRIBUTES,
              .from = 1,
              .status = FIRMWARE_ACCESS_DENIED}},
    {.plan = {.name = "memory protection that cannot be asked, of the stack too",
              .flags = CHAOS_NX_DATA | CHAOS_NX_CODE | CHAOS_NX_IMAGE},
     .texts = {"stack: not executable"},
     .extra = {NX_STACK, NULL}},
};

enum { BOOT_CASES = sizeof(boot_cases) / sizeof(boot_cases[0]) };

static void expect_texts(const struct boot_case *expected, const struct machine_run *run)
{
    const char *report = bytes_text(&run->debugcon);
    const char *from = report;
    for (int i = 0; i < BOOT_TEXTS_MAX && expected->texts[i] != NULL; i++) {
        from = strstr(from, expected->texts[i]);
        ck_assert_msg(from != NULL, "no '%s' in:\n%s", expected->texts[i], report);
    }
    ck_assert_msg(strstr(report, "\nbroken: ") == NULL, "%s", report);
    ck_assert_msg(strstr(report, "\nexit: try 1, ") != NULL, "%s", report);
}

START_TEST(kernel_finds_every_promise_kept)
{
    const struct boot_case *expected = &boot_cases[_i];
    struct chaos_case plan = expected->plan;
    struct machine_run run;
    plan.folder = plan.folder == 0 ? FOLDER_INSPECT : plan.folder;
    plan.flags |= CHAOS_TO_KERNEL;
    printf("%s\n", plan.name);
    fflush(stdout);
    chaos_run(&plan, 1, BOOT_TIMEOUT_S, expected->extra, &run);
    expect_texts(expected, &run);
    if (expected->goodbye == NULL) {
        boot_expect_tap(&run);
    } else {
        boot_expect(&run, MACHINE_RESET);
        boot_expect_text(&run, expected->goodbye);
    }
    machine_run_free(&run);
}
END_TEST

START_TEST(kernel_gets_the_edid)
{
    const struct chaos_case plan = {
        .name = "EDID", .folder = FOLDER_CARD, .flags = CHAOS_EDID | CHAOS_TO_KERNEL};
    struct machine_run run;
    chaos_run(&plan, 1, BOOT_TIMEOUT_S, NULL, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, "800x600x32 at ");
    boot_expect_text(&run, ", EDID 256 bytes\n");
    machine_run_free(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("chaos-kernels");
    TCase *tests = tcase_create("boot");
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    tcase_add_loop_test(tests, kernel_finds_every_promise_kept, 0, BOOT_CASES);
    suite_add_tcase(suite, tests);
    TCase *screen = tcase_create("screen");
    tcase_set_timeout(screen, TEST_TIMEOUT_S);
    tcase_add_test(screen, kernel_gets_the_edid);
    suite_add_tcase(suite, screen);
    return suite_main(suite, "chaos-kernels");
}
