/* What BootInfo says besides the memory map: where the loader came from, random numbers; and memory
 * below 4 GiB for kernels that ask for it. */
#include "boot_check.h"
#include "kernels.h"
#include "suite.h"

#include <string.h>

#define TAKEN_AFTER_THE_IMAGE \
    7 /* stack, list of modules, module, hand-off, tables, block, scratch */

static const struct BootInfo *info_of_boot(struct text kernel)
{
    struct expectation expected = expect_raw(kernel);
    boots(&expected);
    return (const struct BootInfo *)fake.hand_off.info;
}

START_TEST(the_partition_is_the_loaders_volume)
{
    static const struct partition partition = {BOOTINFO_PARTITION_GPT, 3, "0123456789abcde"};
    struct text kernel = kernel_raw(5000);
    (void)given(CONFIG_PLAIN, kernel);
    const struct BootInfo *info = info_of_boot(kernel);
    ck_assert_uint_eq(info->partition_kind, BOOTINFO_PARTITION_UNKNOWN);
    ck_assert_uint_eq(info->partition_number, 0);
    (void)given(CONFIG_PLAIN, kernel);
    fake.machine.partition = partition;
    info = info_of_boot(kernel);
    ck_assert_uint_eq(info->partition_kind, BOOTINFO_PARTITION_GPT);
    ck_assert_uint_eq(info->partition_number, 3);
    ck_assert_mem_eq(info->partition_id, partition.id, sizeof(partition.id));
}
END_TEST

static const struct seed efi = {{1, 2, 3, UINT64_C(0x8877665544332211)}, BOOTINFO_RANDOM_EFI};
static const struct seed cpu = {{16, 32, 48, 64}, BOOTINFO_RANDOM_RDSEED};
static const struct seed nothing;

static const struct {
    const struct seed *efi;
    const struct seed *cpu;
} sources[] = {{&nothing, &nothing}, {&efi, &nothing}, {&nothing, &cpu}, {&efi, &cpu}};

START_TEST(the_seed_is_mixed_of_all_sources_and_kept_nowhere)
{
    struct text kernel = kernel_raw(5000);
    struct seed expected = *sources[_i].efi;
    for (int i = 0; i < 4; i++) {
        expected.words[i] ^= sources[_i].cpu->words[i];
    }
    (void)given(CONFIG_PLAIN "log = verbose\n", kernel);
    fake.random_efi = *sources[_i].efi;
    fake.random_cpu = *sources[_i].cpu;
    const struct BootInfo *info = info_of_boot(kernel);
    ck_assert_mem_eq(info->random_seed, expected.words, sizeof(expected.words));
    ck_assert_uint_eq(info->random_sources, sources[_i].efi->sources | sources[_i].cpu->sources);
    ck_assert_mem_eq(&the_boot.attempt.hand_over.seed, &nothing, sizeof(nothing));
}
END_TEST

/* All that is taken once the kernel's needs are known ends at or below last. */
static void boots_with_last(const char *config, struct text kernel, uint64_t last)
{
    static const char words[] = "words";
    const struct expected_module modules[] = {{"m", "", {words, sizeof(words)}}};
    struct expectation expected = expect_raw(kernel);
    (void)given(config, kernel);
    fake.no_pools = true;
    fake_add_file("\\m", words, sizeof(words));
    expected.modules = modules;
    expected.module_count = 1;
    boots(&expected);
    ck_assert_uint_eq(fake.allocate_last, last);
    ck_assert_uint_eq(fake.allocated_low, last == 0 ? 0 : TAKEN_AFTER_THE_IMAGE);
}

START_TEST(memory_for_the_kernel_may_have_to_end_below_4_gib)
{
    struct BootInfoKernelHeader header = {.flags = BOOTINFO_KERNEL_LOW, .abi_minor = 2};
    struct text plain = kernel_raw(5000);
    boots_with_last(CONFIG_PLAIN "module = m\n", plain, 0);
    boots_with_last(CONFIG_PLAIN "module = m\nlow = no\n", plain, 0);
    boots_with_last(CONFIG_PLAIN "module = m\nlow = yes\n", plain, UINT32_MAX);
    boots_with_last(CONFIG_PLAIN "module = m\nlow = no\n", kernel_with_header(5000, header, 64),
                    UINT32_MAX);
}
END_TEST

START_TEST(too_little_memory_below_4_gib_is_named)
{
    (void)given(CONFIG_PLAIN "low = yes\nstack = 1G\n", kernel_raw(5000));
    refuses(STATUS_MEMORY_LOW_EXHAUSTED,
            "k.bin: error: the firmware has no 1,048,580 KiB of memory in one piece below "
            "4 GiB for the stack (EFI_OUT_OF_RESOURCES)");
}
END_TEST

/* One entry asks for it, the one that is booted instead does not. */
START_TEST(the_next_entry_may_have_memory_anywhere_again)
{
    struct text kernel = kernel_raw(5000);
    struct expectation expected = expect_raw(kernel);
    (void)given("[entry a]\nkernel = /k.bin\nlow = yes\nstack = 1G\nfallback = b\n"
                "[entry b]\nkernel = /k.bin\n",
                kernel);
    fake.no_pools = true;
    boots(&expected);
    ck_assert_uint_eq(fake.allocate_last, 0);
}
END_TEST

START_TEST(a_full_timeline_takes_no_more)
{
    static struct timeline timeline;
    const struct arch_cpu one_hz = {.counter_hz = 1};
    fake_reset();
    for (uint32_t i = 0; i < TIMELINE_MAX + 2; i++) {
        timeline_stamp(&timeline, &one_hz, i);
    }
    ck_assert_uint_eq(timeline.count, TIMELINE_MAX);
    ck_assert_uint_eq(timeline.items[TIMELINE_MAX - 1].stage, TIMELINE_MAX - 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("facts");
    TCase *tests = tcase_create("facts");
    tcase_add_test(tests, the_partition_is_the_loaders_volume);
    tcase_add_loop_test(tests, the_seed_is_mixed_of_all_sources_and_kept_nowhere, 0,
                        sizeof(sources) / sizeof(sources[0]));
    tcase_add_test(tests, memory_for_the_kernel_may_have_to_end_below_4_gib);
    tcase_add_test(tests, too_little_memory_below_4_gib_is_named);
    tcase_add_test(tests, the_next_entry_may_have_memory_anywhere_again);
    tcase_add_test(tests, a_full_timeline_takes_no_more);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-facts");
}
