/* The numbers of the architecture, against the C library's. */
#include "arch.h"
#include "suite.h"

#include <elf.h>

START_TEST(numbers_of_elf_files_are_those_of_the_system)
{
    ck_assert_uint_eq(arch_target.elf_machine, EM_X86_64);
    ck_assert_uint_eq(arch_target.elf_none, R_X86_64_NONE);
    ck_assert_uint_eq(arch_target.elf_relative, R_X86_64_RELATIVE);
    ck_assert_str_eq(arch_target.elf_relative_name, "R_X86_64_RELATIVE");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("target");
    TCase *tests = tcase_create("target");
    tcase_add_test(tests, numbers_of_elf_files_are_those_of_the_system);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-target");
}
