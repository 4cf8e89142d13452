/* On which CPUs SHA-256 uses the SHA extensions: CPUID decides, and here it is the test's. */
#include "arch.h"
#include "cpuid.h"
#include "suite.h"

#define SHA       (1u << 29)
#define SIGNATURE 0x000B06F2u /* a CPU's family, model and stepping: as a leaf, a high one */

static uint32_t leaf_max;
static uint32_t features;

/* Above the last leaf that it has, a CPU answers as for the last one. */
struct cpuid fake_cpuid(uint32_t leaf)
{
    if (leaf == 0) {
        return (struct cpuid){.eax = leaf_max};
    }
    return leaf == 1 ? (struct cpuid){.eax = SIGNATURE} : (struct cpuid){.ebx = features};
}

START_TEST(the_extensions_are_used_if_cpuid_has_leaf_7_and_that_their_bit)
{
    static const struct {
        uint32_t leaf_max;
        uint32_t features;
        bool used;
    } rows[] = {
        {7, SHA, true},  {0x20, UINT32_MAX, true}, {7, 0, false},   {7, ~SHA, false},
        {6, SHA, false}, {6, UINT32_MAX, false},   {1, SHA, false}, {0x20, SHA, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        leaf_max = rows[i].leaf_max;
        features = rows[i].features;
        ck_assert_int_eq(arch_sha256_block() != sha256_block_plain, rows[i].used);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sha256_cpuid");
    TCase *tests = tcase_create("cpuid");
    tcase_add_test(tests, the_extensions_are_used_if_cpuid_has_leaf_7_and_that_their_bit);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-sha256_cpuid");
}
