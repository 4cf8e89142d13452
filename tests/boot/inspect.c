/* The kernel inspect judges every promise of the ABI from inside, on one machine type
 * (MACHINE_TYPE) with every RAM size, number of CPUs, CPU model and firmware size. */
#include "harness.h"

static const char *const memories[] = {"128M", "512M", "3G", "6G"};
static const unsigned cpu_counts[] = {1, 4};
static const char *const models[] = {"qemu64", "max"};
static const enum ovmf_size firmwares[] = {OVMF_4M, OVMF_2M};

enum { POINTS_OF_A_FIRMWARE = 4 * 2 * 2 };

START_TEST(inspect_finds_every_promise_kept)
{
    struct message message = {0};
    struct ovmf ovmf;
    struct machine_run run;
    struct machine machine = {
        .machine_type = MACHINE_TYPE,
        .memory = memories[_i / 4 % 4],
        .cpus = cpu_counts[_i / 2 % 2],
        .cpu = models[_i % 2],
        .ovmf = &ovmf,
    };
    enum ovmf_size size = firmwares[_i / POINTS_OF_A_FIRMWARE];
    printf("%s, %s, %u CPUs, %s, %d MiB of firmware\n", MACHINE_TYPE, machine.memory, machine.cpus,
           machine.cpu, size / 1024 / 1024);
    fflush(stdout);
    ck_assert_msg(ovmf_find(MACHINE_TYPE, size, &message, &ovmf), "%s", message_text(&message));
    boot_sample("inspect", machine, &run);
    boot_expect_tap(&run);
    machine_run_free(&run);
    ovmf_free(&ovmf);
}
END_TEST

/* Newer distributions have only 4 MiB firmware. CI has both, or fails. */
static int firmware_count(void)
{
    struct message message = {0};
    struct ovmf ovmf;
    bool both = ovmf_find(MACHINE_TYPE, OVMF_2M, &message, &ovmf);
    if (both) {
        ovmf_free(&ovmf);
    } else {
        printf("NOT TESTED, there is none: %s", message_text(&message));
        message_free(&message);
    }
    return both || getenv("CI") != NULL ? 2 : 1;
}

int main(void)
{
    Suite *suite = suite_create("boot-inspect-" MACHINE_TYPE);
    TCase *tests = tcase_create("boot");
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    tcase_add_loop_test(tests, inspect_finds_every_promise_kept, 0,
                        firmware_count() * POINTS_OF_A_FIRMWARE);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "boot-inspect-" MACHINE_TYPE);
}
