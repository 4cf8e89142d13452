/* What loading takes of memory and does not hand over: it is given back before the next stage,
 * which may need it. */
#include "boot_check.h"
#include "elves.h"
#include "kernels.h"
#include "suite.h"

#define SIZE  100000
#define PAGES UINT64_C(25) /* of a kernel of SIZE bytes */

static bool is_handed_over(uint32_t type)
{
    return type == BOOTINFO_MEMORY_KERNEL || type == BOOTINFO_MEMORY_STACK ||
           type == BOOTINFO_MEMORY_INFO || type == BOOTINFO_MEMORY_MODULE ||
           type == BOOTINFO_MEMORY_LOADER;
}

/* Boots on a machine where each allocation is AllocatePages of its own, and where the firmware has
 * blocked pages from 1 MiB on. The result: pages that are taken at the jump, and in which the
 * kernel gets nothing. */
static uint64_t pages_left(const char *config, struct text file, struct text module,
                           uint64_t blocked)
{
    (void)given(config, file);
    fake_add_file("\\m", module.bytes, module.size);
    fake_set_memory(MIB, blocked * PAGE_SIZE, EFI_BOOT_DATA);
    fake.no_pools = true;
    ck_assert_int_eq(fake_boot(&the_boot), FAKE_HANDED_OFF);
    const struct BootInfo *info = (const struct BootInfo *)fake.hand_off.info;
    uint64_t pages = fake_pages_allocated();
    for (uint32_t i = 0; i < info->memory_map.count; i++) {
        const struct BootInfoRegion *region = bootinfo_region(info, i);
        pages -= is_handed_over(region->type) ? region->size / PAGE_SIZE : 0;
    }
    return pages;
}

static const char zlib[] = CONFIG_PLAIN "compression = zlib\nmemory = 100K\n";
static const struct text no_module = {"", 0};

/* Of a raw kernel that is read to where it runs. */
static uint64_t least_left(void)
{
    return pages_left(CONFIG_PLAIN, kernel_raw(SIZE), no_module, 0);
}

static void leaves(const char *config, struct text file, uint64_t pages)
{
    ck_assert_uint_eq(pages_left(config, file, no_module, 0), pages);
}

/* Of each, the file's buffer, inflate's memory and the copy of the file's beginning. */
START_TEST(every_kind_of_kernel_leaves_as_little)
{
    struct elf_plan plan = elf_plan(4 * MIB, 4 * MIB);
    struct text raw = kernel_raw(SIZE);
    struct text moved =
        kernel_with_header(SIZE, (struct BootInfoKernelHeader){.load_address = 4 * MIB}, 64);
    uint64_t pages = least_left();
    plan.size = SIZE;
    struct text elf = elf_file(&plan);
    leaves(CONFIG_PLAIN, moved, pages);
    leaves(CONFIG_PLAIN, kernel_gzip(raw), pages);
    leaves(CONFIG_PLAIN, kernel_members(raw, SIZE / 3), pages);
    leaves(zlib, kernel_zlib(raw), pages);
    leaves(CONFIG_PLAIN, elf, pages);
    leaves(CONFIG_PLAIN, kernel_gzip(elf), pages);
    leaves(CONFIG_PLAIN, kernel_members(elf, SIZE / 3), pages);
    leaves(zlib, kernel_zlib(elf), pages);
}
END_TEST

/* The kernel's place but for the page that is not free, and the copy. */
START_TEST(a_staged_kernel_leaves_its_copy)
{
    uint64_t pages = least_left();
    ck_assert_uint_eq(pages_left(CONFIG_PLAIN, kernel_raw(SIZE), no_module, 1), pages + PAGES - 1);
    ck_assert_uint_eq(pages_left(CONFIG_PLAIN, kernel_gzip(kernel_raw(SIZE)), no_module, 1),
                      pages + PAGES - 1);
    ck_assert_uint_eq(pages_left(zlib, kernel_zlib(kernel_raw(SIZE)), no_module, 1),
                      pages + PAGES - 1);
}
END_TEST

START_TEST(a_compressed_module_leaves_as_little_as_another)
{
    struct text kernel = kernel_raw(SIZE);
    struct text data = kernel_raw(3 * SIZE);
    uint64_t pages = pages_left(CONFIG_PLAIN "module = /m\n", kernel, data, 0);
    static const char gz[] = CONFIG_PLAIN "module-gz = /m\n";
    ck_assert_uint_eq(pages_left(gz, kernel, kernel_gzip(data), 0), pages);
    ck_assert_uint_eq(pages_left(gz, kernel, kernel_members(data, SIZE), 0), pages);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory_left");
    TCase *tests = tcase_create("memory left");
    tcase_add_test(tests, every_kind_of_kernel_leaves_as_little);
    tcase_add_test(tests, a_staged_kernel_leaves_its_copy);
    tcase_add_test(tests, a_compressed_module_leaves_as_little_as_another);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-memory_left");
}
