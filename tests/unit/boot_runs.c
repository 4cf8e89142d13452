#include "boot_check.h"

#include "suite.h"

#include <string.h>

struct boot the_boot;

struct fake_file *given(const char *config, struct text kernel_file)
{
    fake_reset();
    fake_add_config(config);
    return fake_add_file("\\k.bin", kernel_file.bytes, kernel_file.size);
}

struct expectation expect_raw(struct text kernel_file)
{
    return (struct expectation){
        .image = kernel_file,
        .address = arch_target.lowest_address,
        .file = kernel_file,
    };
}

static void runs_to(enum fake_outcome outcome)
{
    static const char *const names[] = {"a return", "a hand-off", "a restart", "a power cut"};
    enum fake_outcome is = fake_boot(&the_boot);
    ck_assert_msg(is == outcome, "%s, expected %s; said:\n%s", names[is], names[outcome],
                  fake.said);
}

void boots(const struct expectation *expectation)
{
    runs_to(FAKE_HANDED_OFF);
    check_hand_off(&the_boot, expectation);
}

void refuses(enum status status, const char *sentence)
{
    runs_to(FAKE_RETURNED);
    ck_assert_str_eq(status_name(fake.returned), status_name(status));
    ck_assert_msg(strstr(fake.said, sentence) != NULL, "'%s' was not said, but:\n%s", sentence,
                  fake.said);
}

void restarts(const char *sentence)
{
    runs_to(FAKE_RESTARTED);
    const char *said = fake.said + fake.said_before_exit;
    ck_assert_msg(strstr(said, sentence) != NULL, "'%s' was not said, but:\n%s", sentence, said);
}
