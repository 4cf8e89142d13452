/* The TSC's rate, which the loader measures while it works, where the disk makes it wait for longer
 * than the ACPI timer can count (24 bits at 3.58 MHz: 4.7 seconds). */
#include "harness.h"

#include <string.h>
#include <time.h>

enum {
    BYTES_A_SECOND =
        18000, /* 104 KB of kernel: 5.8 s in a stage, and about as much for the loader */
    SLOW_TIMEOUT_S = 600,
    STAGE_LEAST_MS = 4700,
};

/* When the first byte after these words came, in ms. */
struct moment {
    const char *words;
    uint64_t ms;
};

struct moments {
    struct bytes seen;
    struct moment config, placement;
};

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void note(struct moment *moment, const char *text)
{
    if (moment->ms == 0 && strstr(text, moment->words) != NULL) {
        moment->ms = now_ms();
    }
}

static bool watch(void *context, const char *text, size_t size)
{
    struct moments *moments = context;
    bytes_add(&moments->seen, text, size);
    note(&moments->config, bytes_text(&moments->seen));
    note(&moments->placement, bytes_text(&moments->seen));
    return true;
}

/* The kernel's judge compares the rate with the timer; a rate of 0 is a promise that is skipped. */
START_TEST(tsc_frequency_is_right_or_0_where_the_disk_is_slow)
{
    struct machine_run run;
    struct moments moments = {.config = {"\nconfig ", 0}, .placement = {"\nplacement ", 0}};
    struct machine machine = {.cpu = "qemu64",
                              .disk_speed = BYTES_A_SECOND,
                              .timeout_s = SLOW_TIMEOUT_S,
                              .output = watch,
                              .context = &moments};
    boot_sample("inspect", machine, &run);
    boot_expect_tap(&run);
    uint64_t took = moments.placement.ms - moments.config.ms;
    ck_assert_msg(moments.config.ms != 0 && took > STAGE_LEAST_MS, "%d ms are not slow", (int)took);
    bytes_free(&moments.seen);
    machine_run_free(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boot-clock");
    TCase *tests = tcase_create("boot");
    tcase_set_timeout(tests, 2 * SLOW_TIMEOUT_S);
    tcase_add_test(tests, tsc_frequency_is_right_or_0_where_the_disk_is_slow);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "boot-clock");
}
