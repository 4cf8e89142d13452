/* The raw kernels that abi/kernel.ld and the CMake package make, looked at as the loader does. */
#include "../../abi/bootinfo.h"
#include "../suite.h"

#include <string.h>

#define IMAGE_MAX (8 * 1024 * 1024)
#define BSS_SLACK (UINT64_C(256) << 10) /* what a kernel may have in .bss beside its large array */

/* Below KERNELS_DIR; what the linker and the sources say it must ask for. */
struct expectation {
    const char *file;
    uint64_t load_address;
    uint64_t bss_least; /* bytes */
    uint64_t stack_size;
};

static const struct expectation expectations[] = {
    {KERNELS_DIR "/hello.bin", 0x100000, 0, 0x4000},
    {KERNELS_DIR "/hello-cpp.bin", 0x100000, 0, 0x4000},
    {KERNELS_DIR "/hello-asm.bin", 0x100000, 0, 0x1000},
    {KERNELS_DIR "/memory.bin", 0x100000, 0, 0x4000},
    {KERNELS_DIR "/runtime.bin", 0x100000, 0, 0x20000},
    {KERNELS_DIR "/linux.bin", 0x600000, 32U << 10, 0x10000},
    {KERNELS_DIR "/gzip.bin", 0x100000, 0, 0x4000},
    {KERNELS_DIR "/bss.bin", 0x100000, 3U << 20, 0x4000},
    {KERNELS_DIR "/inspect.bin", 0x100000, 512U << 10, 0x10000},
    {KERNELS_DIR "/inspect-large.bin", 0x100000, 512U << 10, 0x10000},
    {KERNELS_DIR "/inspect-staged.bin", 0xA00000, 512U << 10, 0x10000},
    {EXAMPLES_DIR "/make-gcc/kernel.bin", 0x100000, 0, 0x4000},
    {EXAMPLES_DIR "/make-clang/kernel.bin", 0x100000, 0, 0x4000},
    {EXAMPLES_DIR "/cmake-gcc/kernel.bin", 0x100000, 0, 0x4000},
    {EXAMPLES_DIR "/cmake-clang/kernel.bin", 0x100000, 0, 0x4000},
    {EXAMPLES_DIR "/moved/kernel.bin", 0x40000000, 0, 0x4000},
};

static uint8_t image[IMAGE_MAX];

static uint64_t read_image(const char *path)
{
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s: not built", path);
    uint64_t size = fread(image, 1, sizeof(image), file);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_msg(size > 0 && size < sizeof(image), "%s: %zu bytes", path, (size_t)size);
    return size;
}

/* The one header of the image; its offset to out_offset. */
static struct BootInfoKernelHeader find_header(uint64_t size, uint64_t *out_offset)
{
    struct BootInfoKernelHeader header = {0};
    uint64_t limit = size < BOOTINFO_KERNEL_HEADER_LIMIT ? size : BOOTINFO_KERNEL_HEADER_LIMIT;
    uint32_t found = 0;
    for (uint64_t offset = 0; offset + sizeof(header) <= limit; offset += 8) {
        const uint64_t magic = BOOTINFO_KERNEL_MAGIC;
        if (memcmp(&image[offset], &magic, sizeof(magic)) == 0) {
            memcpy(&header, &image[offset], sizeof(header));
            *out_offset = offset;
            found++;
        }
    }
    ck_assert_uint_eq(found, 1);
    return header;
}

static void check_image(const struct expectation *expected)
{
    uint64_t size = read_image(expected->file);
    uint64_t offset = 0;
    struct BootInfoKernelHeader header = find_header(size, &offset);
    ck_assert_uint_eq(header.abi_major, BOOTINFO_VERSION_MAJOR);
    ck_assert_uint_eq(header.abi_minor, 0);
    ck_assert_uint_eq(header.size, BOOTINFO_KERNEL_HEADER_SIZE_1_0);
    ck_assert_uint_eq(header.load_address, expected->load_address);
    ck_assert_uint_ge(header.memory_size, size + expected->bss_least);
    ck_assert_uint_le(header.memory_size, size + expected->bss_least + BSS_SLACK);
    ck_assert_uint_ge(header.entry, header.load_address);
    ck_assert_uint_lt(header.entry, header.load_address + size);
    ck_assert_uint_eq(header.stack_size, expected->stack_size);
    ck_assert_uint_eq(header.flags, 0);
}

START_TEST(an_image_asks_for_what_its_kernel_needs)
{
    for (size_t i = 0; i < sizeof(expectations) / sizeof(expectations[0]); i++) {
        check_image(&expectations[i]);
    }
}
END_TEST

START_TEST(the_first_byte_is_the_entry_where_the_kernel_has_text_entry)
{
    uint64_t offset = 0;
    struct BootInfoKernelHeader header =
        find_header(read_image(KERNELS_DIR "/hello-asm.bin"), &offset);
    ck_assert_uint_eq(header.entry, header.load_address);
    ck_assert_uint_gt(offset, 0);
}
END_TEST

START_TEST(the_header_comes_first_where_the_kernel_has_no_text_entry)
{
    uint64_t offset = 1;
    (void)find_header(read_image(KERNELS_DIR "/hello.bin"), &offset);
    ck_assert_uint_eq(offset, 0);
}
END_TEST

START_TEST(gzip_makes_a_gzip_file_without_name_and_time)
{
    static const uint8_t head[] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0};
    uint64_t size = read_image(KERNELS_DIR "/gzip.bin.gz");
    ck_assert_uint_gt(size, sizeof(head));
    ck_assert_mem_eq(image, head, sizeof(head));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("abi images");
    TCase *tcase = tcase_create("images");
    tcase_add_test(tcase, an_image_asks_for_what_its_kernel_needs);
    tcase_add_test(tcase, the_first_byte_is_the_entry_where_the_kernel_has_text_entry);
    tcase_add_test(tcase, the_header_comes_first_where_the_kernel_has_no_text_entry);
    tcase_add_test(tcase, gzip_makes_a_gzip_file_without_name_and_time);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "abi images");
}
