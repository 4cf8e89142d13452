/* The fuzz target of the page tables, for worlds that are the same in each run. */
#include "fuzz/targets/fuzz.h"
#include "suite.h"

#define WORLDS     400 /* in each test */
#define INPUT_SIZE 220

/* A linear congruential generator: Knuth's MMIX. */
static uint8_t next_byte(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint8_t)(*state >> 56);
}

/* What a world lacks is printed, and abort() ends the test. */
START_TEST(all_that_is_mapped_is_wanted_and_the_other_way_round)
{
    uint64_t state = (uint64_t)_i;
    uint8_t input[INPUT_SIZE];
    for (int world = 0; world < WORLDS; world++) {
        for (size_t i = 0; i < INPUT_SIZE; i++) {
            input[i] = next_byte(&state);
        }
        ck_assert_int_eq(LLVMFuzzerTestOneInput(input, INPUT_SIZE), 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("paging worlds");
    TCase *tests = tcase_create("worlds");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, all_that_is_mapped_is_wanted_and_the_other_way_round, 0, 10);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-paging_worlds");
}
