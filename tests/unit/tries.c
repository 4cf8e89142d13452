/* Counted tries: what is in the variables, what boots then, and what a power loss leaves. */
#include "kernels.h"
#include "suite.h"
#include "two_kernels.h"

#include <string.h>

#define A "[entry a]\nkernel = /a.bin\ncmdline = a\ntries = 3\n"
#define B "[entry b]\nkernel = /b.bin\ncmdline = b\n"

static uint32_t left_of(const char *name)
{
    const struct fake_variable *variable = fake_find_variable(name);
    uint32_t left;
    ck_assert_ptr_nonnull(variable);
    ck_assert_uint_eq(variable->size, 8);
    ck_assert(variable->keep);
    memcpy(&left, variable->data + 4, sizeof(left));
    return left;
}

/* As abi/boot_success.h does it. */
static void came_up(void)
{
    const struct fake_variable *booted = fake_find_variable("BatonBooted");
    char name[96] = "";
    ck_assert_ptr_nonnull(booted);
    ck_assert(!booted->keep);
    for (uint64_t i = 0; i < booted->size / 2; i++) {
        name[i] = (char)booted->data[2 * i];
    }
    ck_assert_uint_eq(booted->size, 2 * strlen(name) + 2);
    memset(fake_find_variable(name)->data + 4, 0xFF, 4);
}

START_TEST(without_tries_no_variable_is_touched)
{
    given_two(B);
    boots_with("b");
    ck_assert_uint_eq(fake.calls[FAKE_VARIABLE_GET], 0);
    ck_assert_uint_eq(fake.calls[FAKE_VARIABLE_SET], 0);
}
END_TEST

START_TEST(tries_count_down_and_then_the_next_entry_boots)
{
    char line[40];
    for (uint32_t left = 3; left > 0; left--) {
        given_two(A B);
        boots_with("a");
        ck_assert_uint_eq(left_of("BatonTries-a"), left - 1);
        (void)snprintf(line, sizeof(line), "\ntries      %u left of 3\n", left - 1);
        ck_assert_msg(strstr(fake.said, line) != NULL, "no '%s' in:\n%s", line, fake.said);
    }
    for (int i = 0; i < 3; i++) {
        given_two(A B);
        boots_with("b");
        ck_assert_uint_eq(left_of("BatonTries-a"), 0);
        ck_assert_ptr_null(fake_find_variable("BatonBooted"));
        ck_assert(strstr(fake.said,
                         "loader.cfg:4: error: entry 'a' was started 3 times and never said "
                         "that it came up\n") != NULL);
    }
}
END_TEST

START_TEST(the_fallback_comes_before_the_next_entry)
{
    for (int i = 0; i < 4; i++) {
        given_two(A "fallback = c\n" B "[entry c]\nkernel = /b.bin\ncmdline = c\n");
        boots_with(i < 3 ? "a" : "c");
    }
    for (int i = 0; i < 4; i++) {
        given_two("default = a\n" B A); /* after the last entry comes the first */
        boots_with(i < 3 ? "a" : "b");
    }
}
END_TEST

#define C "[entry c]\nkernel = /b.bin\ncmdline = c\n"

/* In the order of the file, and from its end on from its beginning. */
START_TEST(the_next_entry_that_was_not_tried_comes_next)
{
    for (int i = 0; i < 4; i++) {
        given_two(A B C);
        boots_with(i < 3 ? "a" : "b");
    }
    fake_forget_variables();
    for (int i = 0; i < 5; i++) {
        given_two(A "fallback = c\n" B C "tries = 1\n");
        boots_with(i < 3 ? "a" : i == 3 ? "c" : "b");
    }
}
END_TEST

START_TEST(who_came_up_is_not_counted_any_more)
{
    given_two(A B);
    boots_with("a");
    came_up();
    for (int i = 0; i < 5; i++) {
        given_two(A B);
        boots_with("a");
        ck_assert_uint_eq(left_of("BatonTries-a"), UINT32_MAX);
        ck_assert_uint_eq(fake.calls[FAKE_VARIABLE_SET], 1); /* BatonBooted */
        ck_assert(strstr(fake.said, "\ntries      came up before\n") != NULL);
    }
}
END_TEST

START_TEST(another_kernel_has_all_its_tries)
{
    static const char *const configs[] = {
        "[entry a]\nkernel = /b.bin\ncmdline = a\ntries = 3\n" B,
        "[entry a]\nkernel = /a.bin\ncmdline = a\ntries = 4\n" B,
        A B,
    };
    for (size_t i = 0; i < 3; i++) {
        for (int boot = 0; boot < 4; boot++) {
            given_two(A B);
            boots_with(boot < 3 ? "a" : "b");
        }
        given_two(configs[i]);
        if (i == 2) {
            struct text larger = kernel_raw(5001);
            fake_find_file("\\a.bin")->size = larger.size;
            fake_find_file("\\a.bin")->bytes = larger.bytes;
            the_kernel = larger;
        }
        boots_with("a");
        ck_assert_uint_eq(left_of("BatonTries-a"), i == 1 ? 3 : 2);
        memset(fake_find_variable("BatonTries-a"), 0, sizeof(struct fake_variable));
    }
}
END_TEST

/* Another command line may be what it takes. */
START_TEST(a_changed_loader_cfg_gives_all_tries_back)
{
    for (uint32_t left = 3; left > 0; left--) {
        given_two(A B);
        boots_with("a");
    }
    given_two(A B);
    boots_with("b");
    given_two(A B "# mended\n");
    boots_with("a");
    ck_assert_uint_eq(left_of("BatonTries-a"), 2);
}
END_TEST

START_TEST(a_boot_that_the_loader_refuses_takes_no_try)
{
    for (int i = 0; i < 3; i++) {
        given_two("direct_map = 0xffffffff80000000\n[entry a]\nkernel = /a.bin\ntries = 2\n");
        refuses(STATUS_DIRECT_MAP_OVERLAP, "the direct map, 0xffffffff80000000-");
        ck_assert_uint_eq(left_of("BatonTries-a"), 2);
        ck_assert_ptr_null(fake_find_variable("BatonBooted"));
        ck_assert(strstr(fake.said, "\ntries      the try is given back\n") != NULL);
    }
}
END_TEST

/* The third write is the one that gives it back. */
START_TEST(a_try_that_cannot_be_given_back_is_told)
{
    static const char config[] =
        "direct_map = 0xffffffff80000000\n[entry a]\nkernel = /a.bin\ntries = 2\n";
    uint32_t call = 0;
    given_two(config);
    refuses(STATUS_DIRECT_MAP_OVERLAP, "the direct map, 0xffffffff80000000-");
    for (uint32_t i = 0, writes = 0; writes < 3; i++) {
        call += fake_event(i)->call < FAKE_FALLIBLE_COUNT;
        writes += fake_event(i)->call == FAKE_VARIABLE_SET;
    }
    given_two(config);
    fake.failures[0] = (struct fake_failure){.call = call, .status = FIRMWARE_DEVICE_ERROR};
    refuses(STATUS_DIRECT_MAP_OVERLAP, "the direct map, 0xffffffff80000000-");
    ck_assert_uint_eq(left_of("BatonTries-a"), 1);
    ck_assert_ptr_null(fake_find_variable("BatonBooted"));
    ck_assert(strstr(fake.said, "\ntries      the try cannot be given back: the firmware refuses "
                                "to write\n") != NULL);
}
END_TEST

START_TEST(a_damaged_variable_means_all_tries)
{
    static const struct {
        uint64_t size;
        uint8_t byte;
    } damages[] = {{8, 0x00}, {8, 0x7F}, {7, 0}, {9, 0}, {200, 0}, {8, 0xFF}};
    for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
        given_two(A B);
        boots_with("a");
        struct fake_variable *variable = fake_find_variable("BatonTries-a");
        memset(variable->data, damages[i].byte, sizeof(variable->data));
        variable->size = damages[i].size;
        given_two(A B);
        boots_with("a");
        ck_assert_uint_eq(left_of("BatonTries-a"), 2);
    }
    /* The right kernel, and nothing of the tries that are left: not the same as none left. */
    given_two(A B);
    fake_find_variable("BatonTries-a")->size = 4;
    boots_with("a");
    ck_assert_uint_eq(left_of("BatonTries-a"), 2);
    given_two(A B);
    uint32_t more = 200;
    memcpy(fake_find_variable("BatonTries-a")->data + 4, &more, sizeof(more));
    boots_with("a");
    ck_assert_uint_eq(left_of("BatonTries-a"), 2);
}
END_TEST

START_TEST(what_cannot_be_counted_is_not_booted_while_there_is_another)
{
    given_two(A B);
    boots_with("a");
    uint32_t writes = fake.fallible_calls - 2; /* BatonBooted, BatonTries-a, map, exit */
    for (uint32_t i = 0; i < 2; i++) {
        given_two(A B);
        fake.failures[0] =
            (struct fake_failure){.call = writes + i - 1, .status = FIRMWARE_OUT_OF_RESOURCES};
        boots_with("b");
        ck_assert(strstr(fake.said, "the firmware does not store the tries of entry 'a' "
                                    "(EFI_OUT_OF_RESOURCES)\n") != NULL);
        ck_assert_ptr_null(fake_find_variable("BatonBooted"));
    }
}
END_TEST

START_TEST(a_full_store_boots_where_there_is_nothing_else)
{
    given_two(A "[entry b]\nkernel = /b.bin\ncmdline = b\ntries = 3\n");
    fake.failures[0] = (struct fake_failure){.status = FIRMWARE_OUT_OF_RESOURCES,
                                             .for_good = true,
                                             .kind = FAKE_VARIABLE_SET,
                                             .met = true};
    boots_with("a");
    ck_assert(strstr(fake.said, "\ntries      not counted\n") != NULL);
}
END_TEST

/* Nobody ever says that it came up: each gets its turn, for ever. */
START_TEST(where_all_are_used_up_they_begin_anew)
{
    static const char config[] = A "[entry b]\nkernel = /b.bin\ncmdline = b\ntries = 2\n";
    static const char *const turns[] = {"a", "a", "a", "b", "b"};
    for (int i = 0; i < 20; i++) {
        given_two(config);
        boots_with(turns[i % 5]);
    }
}
END_TEST

START_TEST(where_all_are_used_up_the_default_comes_first)
{
    static const char config[] =
        "default = b\n" A "[entry b]\nkernel = /b.bin\ncmdline = b\ntries = 2\n";
    static const char *const turns[] = {"b", "b", "a", "a", "a"};
    for (int i = 0; i < 12; i++) {
        given_two(config);
        boots_with(turns[i % 5]);
    }
}
END_TEST

/* The default has no tries and cannot boot; it is not tried once more. */
START_TEST(the_first_that_was_used_up_begins_anew)
{
    static const char config[] = "fallback = c\n[entry a]\nkernel = /none\n"
                                 "[entry b]\nkernel = /nothing\n" C "tries = 1\n";
    for (int i = 0; i < 3; i++) {
        given_two(config);
        boots_with("c");
        const char *error = strstr(fake.said, "/none: error: ");
        ck_assert_ptr_nonnull(error);
        ck_assert_ptr_null(strstr(error + 1, "/none: error: "));
    }
}
END_TEST

/* Both are used up, and the place of the second kernel is now taken. */
START_TEST(what_begins_anew_and_cannot_boot_has_its_fallback)
{
    static const char config[] = "default = b\n"
                                 "[entry a]\nkernel = /a.bin\ncmdline = a\naddress = 2M\n"
                                 "tries = 1\n"
                                 "[entry b]\nkernel = /b.bin\ncmdline = b\ntries = 1\n"
                                 "fallback = a\n";
    for (int i = 0; i < 3; i++) {
        given_two(config);
        struct expectation expected = expect_raw(the_kernel);
        expected.address = i == 0 ? MIB : 2 * MIB;
        expected.cmdline = i == 0 ? "b" : "a";
        if (i == 2) {
            fake_set_memory(MIB, PAGE_SIZE, EFI_ACPI_NVS);
        }
        boots(&expected);
    }
}
END_TEST

/* The highest bit of a set of entries. */
START_TEST(the_last_of_64_entries_begins_anew_too)
{
    static char config[8192];
    struct writer writer = writer_on(config, sizeof(config));
    write_string(&writer, "default = z\n");
    for (int i = 0; i < CONFIG_ENTRIES_MAX - 1; i++) {
        char entry[40];
        (void)snprintf(entry, sizeof(entry), "[entry %d]\nkernel = /none\n", i);
        write_string(&writer, entry);
    }
    write_string(&writer, "[entry z]\nkernel = /b.bin\ncmdline = z\ntries = 1\n");
    for (int i = 0; i < 3; i++) {
        given_two(config);
        boots_with("z");
    }
}
END_TEST

START_TEST(a_single_entry_boots_for_ever)
{
    for (int i = 0; i < 10; i++) {
        given_two(A);
        boots_with("a");
    }
}
END_TEST

START_TEST(the_broken_one_and_the_used_up_one)
{
    for (int i = 0; i < 8; i++) {
        given_two(A "fallback = b\n" B);
        lose("\\b.bin");
        boots_with("a");
    }
}
END_TEST

START_TEST(a_choice_by_hand_boots_what_is_used_up)
{
    static const uint32_t keys[] = {KEY_ENTER, KEY_LAST};
    for (int i = 0; i < 3; i++) {
        given_two("timeout = no\n" A B);
        fake.keys = keys;
        boots_with("a");
    }
    for (int i = 0; i < 2; i++) {
        given_two("timeout = no\n" A B);
        fake.keys = keys;
        boots_with("a");
        ck_assert_uint_eq(left_of("BatonTries-a"), 0);
    }
    came_up();
    given_two(A B);
    boots_with("a");
}
END_TEST

START_TEST(another_kernel_cannot_speak_for_the_one_that_failed)
{
    given_two(A "fallback = b\n" B);
    boots_with("a");
    uint32_t final_map = fake.fallible_calls - 1;
    given_two(A "fallback = b\n" B);
    fake.failures[0] =
        (struct fake_failure){.call = final_map, .status = FIRMWARE_INVALID_PARAMETER};
    boots_with("b");
    ck_assert_ptr_null(fake_find_variable("BatonBooted"));
}
END_TEST

#define BOTH A "[entry b]\nkernel = /b.bin\ncmdline = b\ntries = 2\n"

static void boot_times(int times)
{
    for (int i = 0; i < times; i++) {
        given_two(BOTH);
        ck_assert_int_eq(fake_boot(&the_boot), FAKE_HANDED_OFF);
    }
}

static void lose_power(uint32_t at, bool after)
{
    given_two(BOTH);
    fake.power_fails_at = at;
    fake.power_fails_after = after;
    enum fake_outcome outcome = fake_boot(&the_boot);
    ck_assert(outcome == FAKE_POWER_FAILED || outcome == FAKE_HANDED_OFF);
}

/* Boots up to the power loss, then on: that must reach a kernel, with every state of both variables
 * that any number of boots before may have left. */
START_TEST(power_loss_at_any_write_leaves_what_boots)
{
    for (int before = 0; before < 7; before++) {
        for (uint32_t at = 1; at <= 6; at++) {
            fake_forget_variables();
            boot_times(before);
            lose_power(at, false);
            boot_times(6);
            fake_forget_variables();
            boot_times(before);
            lose_power(at, true);
            boot_times(6);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tries");
    TCase *tries = tcase_create("tries");
    tcase_add_test(tries, without_tries_no_variable_is_touched);
    tcase_add_test(tries, tries_count_down_and_then_the_next_entry_boots);
    tcase_add_test(tries, the_fallback_comes_before_the_next_entry);
    tcase_add_test(tries, the_next_entry_that_was_not_tried_comes_next);
    tcase_add_test(tries, who_came_up_is_not_counted_any_more);
    tcase_add_test(tries, another_kernel_has_all_its_tries);
    tcase_add_test(tries, a_changed_loader_cfg_gives_all_tries_back);
    tcase_add_test(tries, a_boot_that_the_loader_refuses_takes_no_try);
    tcase_add_test(tries, a_try_that_cannot_be_given_back_is_told);
    tcase_add_test(tries, a_damaged_variable_means_all_tries);
    tcase_add_test(tries, what_cannot_be_counted_is_not_booted_while_there_is_another);
    tcase_add_test(tries, a_full_store_boots_where_there_is_nothing_else);
    tcase_add_test(tries, where_all_are_used_up_they_begin_anew);
    tcase_add_test(tries, where_all_are_used_up_the_default_comes_first);
    tcase_add_test(tries, the_first_that_was_used_up_begins_anew);
    tcase_add_test(tries, what_begins_anew_and_cannot_boot_has_its_fallback);
    tcase_add_test(tries, the_last_of_64_entries_begins_anew_too);
    tcase_add_test(tries, a_single_entry_boots_for_ever);
    tcase_add_test(tries, the_broken_one_and_the_used_up_one);
    tcase_add_test(tries, a_choice_by_hand_boots_what_is_used_up);
    tcase_add_test(tries, another_kernel_cannot_speak_for_the_one_that_failed);
    tcase_add_test(tries, power_loss_at_any_write_leaves_what_boots);
    suite_add_tcase(suite, tries);
    return suite_main(suite, "unit-tries");
}
