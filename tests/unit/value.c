/* Which word a misspelt one was meant to be: how far from it a guess may be. */
#include "suite.h"

#include "core/config/value.h"

#include <string.h>

#define LONGEST 32 /* bytes; nothing longer is guessed */

static bool is_guessed(struct text written, struct text candidate)
{
    struct guess guess = guess_for(written);
    guess_offer(&guess, candidate);
    return guess.best.size > 0;
}

/* As many bytes of a word differ as may do, and one more. */
START_TEST(a_word_of_this_size_is_guessed_with_so_many_slips)
{
    const size_t size = (size_t)_i;
    const size_t most = size < 4 ? 1 : size < 8 ? 2 : 3;
    char written[LONGEST];
    char candidate[LONGEST];
    memset(written, 'a', sizeof(written));
    memset(candidate, 'a', sizeof(candidate));
    memset(candidate, 'b', most);
    ck_assert(is_guessed((struct text){written, size}, (struct text){candidate, size}));
    candidate[most] = 'b';
    ck_assert(size == most ||
              !is_guessed((struct text){written, size}, (struct text){candidate, size}));
}
END_TEST

START_TEST(no_word_of_more_than_32_bytes_is_guessed)
{
    char word[LONGEST + 1];
    memset(word, 'a', sizeof(word));
    const struct text longest = {word, LONGEST};
    const struct text longer = {word, LONGEST + 1};
    ck_assert(is_guessed(longest, longest));
    ck_assert(!is_guessed(longer, longest));
    ck_assert(!is_guessed(longest, longer));
}
END_TEST

/* Fills the part of the stack that the next function called will have. */
static __attribute__((noinline)) void fill_stack(int byte)
{
    char bytes[4096];
    memset(bytes, byte, sizeof(bytes));
    __asm__ volatile("" ::"r"(bytes) : "memory");
}

/* The distances are in an array that is not cleared: 0 in it would count as no slip. */
START_TEST(what_is_on_the_stack_makes_no_guess)
{
    static const int bytes[] = {0x00, 0xFF};
    for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
        struct guess guess = guess_for(TEXT("x"));
        fill_stack(bytes[i]);
        guess_offer(&guess, TEXT("kernel"));
        ck_assert_uint_eq(guess.best.size, 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("value");
    TCase *guesses = tcase_create("guesses");
    tcase_add_loop_test(guesses, a_word_of_this_size_is_guessed_with_so_many_slips, 1, LONGEST + 1);
    tcase_add_test(guesses, no_word_of_more_than_32_bytes_is_guessed);
    tcase_add_test(guesses, what_is_on_the_stack_makes_no_guess);
    suite_add_tcase(suite, guesses);
    return suite_main(suite, "unit-value");
}
