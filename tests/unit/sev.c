/* What SEV_STATUS says, by name. */
#include "arch/x86_64/sev.h"

#include "suite.h"

START_TEST(what_is_active_is_named)
{
    ck_assert_ptr_null(sev_name(0));
    ck_assert_ptr_null(sev_name(~UINT64_C(7)));
    ck_assert_str_eq(sev_name(1), "AMD SEV");
    ck_assert_str_eq(sev_name(3), "AMD SEV-ES");
    ck_assert_str_eq(sev_name(7), "AMD SEV-SNP");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sev");
    TCase *tests = tcase_create("sev");
    tcase_add_test(tests, what_is_active_is_named);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-sev");
}
