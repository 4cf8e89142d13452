/* The adapter linux, on this host: what it makes of BootInfo and of a Linux kernel's file. */
#include "../../sample-kernels/adapters/linux/parameters.h"
#include "../suite.h"

#include <string.h>

#define REGIONS_MAX  400
#define FILE_SIZE    0x2000
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct BootInfoRegion regions[REGIONS_MAX];
static struct BootInfo info;
static uint8_t entries[REGIONS_MAX * E820_ENTRY_SIZE];
static uint8_t file[FILE_SIZE];
static uint8_t page[PARAMETERS_SIZE];
static uint8_t extension[SETUP_DATA_HEADER + sizeof(entries)];
static uint8_t seed[SEED_SIZE];

static void begin(void)
{
    memset(&info, 0, sizeof(info));
    info.memory_map = (struct BootInfoArray){(uintptr_t)regions, 0, sizeof(regions[0])};
}

static void add_region(uint64_t base, uint64_t size, uint32_t type)
{
    regions[info.memory_map.count++] = (struct BootInfoRegion){base, size, type, 0, 0xF};
}

static struct e820_table fill(uint32_t capacity)
{
    struct e820_table table = {.entries = entries, .capacity = capacity};
    e820_fill(&info, &table);
    return table;
}

static void expect_entry(uint32_t i, uint64_t base, uint64_t size, uint32_t type)
{
    ck_assert_uint_eq(field(entries, i * E820_ENTRY_SIZE, 8), base);
    ck_assert_uint_eq(field(entries, i * E820_ENTRY_SIZE + 8, 8), size);
    ck_assert_uint_eq(field(entries, i * E820_ENTRY_SIZE + 16, 4), type);
}

START_TEST(every_type_has_its_e820_type)
{
    static const uint32_t expected[BOOTINFO_MEMORY_TYPE_COUNT] = {
        [BOOTINFO_MEMORY_RESERVED] = E820_RESERVED,
        [BOOTINFO_MEMORY_USABLE] = E820_RAM,
        [BOOTINFO_MEMORY_BOOT_SERVICES] = E820_RAM,
        [BOOTINFO_MEMORY_LOADER] = E820_RAM,
        [BOOTINFO_MEMORY_INFO] = E820_RAM,
        [BOOTINFO_MEMORY_KERNEL] = E820_RAM,
        [BOOTINFO_MEMORY_STACK] = E820_RAM,
        [BOOTINFO_MEMORY_MODULE] = E820_RAM,
        [BOOTINFO_MEMORY_ACPI_RECLAIMABLE] = E820_ACPI,
        [BOOTINFO_MEMORY_ACPI_NVS] = E820_NVS,
        [BOOTINFO_MEMORY_EFI_RUNTIME_CODE] = E820_RESERVED,
        [BOOTINFO_MEMORY_EFI_RUNTIME_DATA] = E820_RESERVED,
        [BOOTINFO_MEMORY_MMIO] = E820_RESERVED,
        [BOOTINFO_MEMORY_MMIO_PORT] = E820_RESERVED,
        [BOOTINFO_MEMORY_UNUSABLE] = E820_UNUSABLE,
        [BOOTINFO_MEMORY_PERSISTENT] = E820_PMEM,
        [BOOTINFO_MEMORY_UNACCEPTED] = E820_RESERVED,
        [BOOTINFO_MEMORY_SPECIAL_PURPOSE] = E820_SOFT_RESERVED,
    };
    for (uint32_t type = 0; type < BOOTINFO_MEMORY_TYPE_COUNT; type++) {
        begin();
        add_region(0x1000, 0x2000, type);
        ck_assert_uint_eq(fill(1).count, 1);
        expect_entry(0, 0x1000, 0x2000, expected[type]);
    }
    ck_assert_uint_eq(e820_type(BOOTINFO_MEMORY_TYPE_COUNT), E820_RESERVED);
}
END_TEST

START_TEST(neighbours_of_one_type_are_one_entry)
{
    begin();
    add_region(0, 0x1000, BOOTINFO_MEMORY_RESERVED);
    add_region(0x1000, 0x1000, BOOTINFO_MEMORY_USABLE);
    add_region(0x2000, 0x3000, BOOTINFO_MEMORY_KERNEL);
    add_region(0x5000, 0x1000, BOOTINFO_MEMORY_BOOT_SERVICES);
    add_region(0x8000, 0x1000, BOOTINFO_MEMORY_USABLE); /* after a hole */
    add_region(0x9000, 0x1000, BOOTINFO_MEMORY_ACPI_NVS);
    ck_assert_uint_eq(fill(REGIONS_MAX).count, 4);
    expect_entry(0, 0, 0x1000, E820_RESERVED);
    expect_entry(1, 0x1000, 0x5000, E820_RAM);
    expect_entry(2, 0x8000, 0x1000, E820_RAM);
    expect_entry(3, 0x9000, 0x1000, E820_NVS);
}
END_TEST

static void add_islands(uint32_t count)
{
    begin();
    for (uint32_t i = 0; i < count; i++) {
        add_region(0x10000 + UINT64_C(0x2000) * i, 0x1000, BOOTINFO_MEMORY_USABLE);
    }
}

START_TEST(too_many_ranges_are_counted_and_not_written)
{
    add_islands(5);
    memset(entries, 0xA5, sizeof(entries));
    ck_assert_uint_eq(fill(3).count, 5);
    ck_assert_uint_eq(entries[3 * E820_ENTRY_SIZE], 0xA5);
}
END_TEST

/* A file that is accepted: two sectors of setup code. */
static struct BootInfoSpan make_file(void)
{
    memset(file, 0, sizeof(file));
    file[0x1F1] = 2;
    set_field(file, 0x1FE, 2, 0xAA55);
    set_field(file, 0x200, 2, 0x6AEB);
    memcpy(file + 0x202, "HdrS", 4);
    set_field(file, 0x206, 2, 0x20F);
    file[0x211] = 0x81;
    set_field(file, 0x22C, 4, 0x7FFFFFFF);
    set_field(file, 0x230, 4, 0x200000);
    file[0x234] = 1;
    set_field(file, 0x236, 2, 3);
    set_field(file, 0x238, 4, 2047);
    set_field(file, 0x258, 8, 0x1000000);
    set_field(file, 0x260, 4, 0x3000000);
    return (struct BootInfoSpan){(uintptr_t)file, sizeof(file)};
}

START_TEST(a_linux_kernel_is_read)
{
    struct bzimage image;
    ck_assert_ptr_null(bzimage_read(make_file(), &image).text);
    ck_assert_uint_eq(image.header_end, 0x26C);
    ck_assert_ptr_eq(image.code, file + 0x600);
    ck_assert_uint_eq(image.code_size, FILE_SIZE - 0x600);
    ck_assert_uint_eq(image.memory_size, 0x3000000);
    ck_assert_uint_eq(image.preferred, 0x1000000);
    ck_assert_uint_eq(image.alignment, 0x200000);
    ck_assert_uint_eq(image.command_line_max, 2047);
    ck_assert_uint_eq(image.initrd_last, UINT64_MAX);
    ck_assert(image.relocatable && image.above_4g && image.is_64);
    file[0x236] = 1;
    file[0x1F1] = 0;
    set_field(file, 0x260, 4, 1);
    ck_assert_ptr_null(
        bzimage_read((struct BootInfoSpan){(uintptr_t)file, FILE_SIZE}, &image).text);
    ck_assert_uint_eq(image.initrd_last, 0x7FFFFFFF);
    ck_assert_uint_eq(image.code_size, FILE_SIZE - 5 * 512);
    ck_assert_uint_eq(image.memory_size, image.code_size);
    ck_assert(image.is_64);
    file[0x236] = 0;
    ck_assert_ptr_null(
        bzimage_read((struct BootInfoSpan){(uintptr_t)file, FILE_SIZE}, &image).text);
    ck_assert(!image.is_64 && !image.above_4g);
}
END_TEST

struct bad_file {
    uint32_t offset;
    uint32_t size; /* of the field; 0: the file ends at offset */
    uint64_t value;
    const char *says;
    uint64_t found;
};

static const struct bad_file bad_files[] = {
    {0x28F, 0, 0, "too short", 0x28F},
    {0x600, 0, 0, "ends within its setup code", 0x600},
    {0x1FE, 2, 0xAA56, "0xaa55 expected", 0xAA56},
    {0x202, 4, 0x53726449, "'HdrS'", 0x53726449},
    {0x206, 2, 0x20B, "before 3.8", 0x20B},
    {0x201, 1, 0x61, "should end between", 0x263},
    {0x201, 1, 0x8F, "should end between", 0x291},
    {0x230, 4, 0, "power of two", 0},
    {0x230, 4, 0x300000, "power of two", 0x300000},
};

START_TEST(a_bad_kernel_is_refused_with_what_was_found)
{
    const struct bad_file *bad = &bad_files[_i];
    struct BootInfoSpan span = make_file();
    struct bzimage image = {.header_end = 7};
    if (bad->size == 0) {
        span.size = bad->offset;
    } else {
        set_field(file, bad->offset, bad->size, bad->value);
    }
    struct refusal refusal = bzimage_read(span, &image);
    ck_assert_ptr_nonnull(refusal.text);
    ck_assert_msg(strstr(refusal.text, bad->says) != NULL, "%s", refusal.text);
    ck_assert_uint_eq(refusal.found, bad->found);
    ck_assert_uint_eq(image.header_end, 7);
}
END_TEST

static void fill_page(struct BootInfoSpan initrd)
{
    struct bzimage image;
    struct e820_table table = fill(REGIONS_MAX);
    ck_assert_ptr_null(bzimage_read(make_file(), &image).text);
    memset(page, 0, sizeof(page));
    memset(extension, 0, sizeof(extension));
    memset(seed, 0, sizeof(seed));
    struct parameters parameters = {.page = page,
                                    .extension = extension,
                                    .seed = seed,
                                    .e820 = &table,
                                    .info = &info,
                                    .image = &image,
                                    .command_line = {0x60001234, 5},
                                    .initrd = initrd};
    parameters_fill(&parameters);
}

START_TEST(the_boot_parameters_say_what_bootinfo_says)
{
    add_islands(3);
    info.acpi_rsdp = 0x7FE01014;
    info.efi_system_table = UINT64_C(0x17F000018);
    info.efi_memory_map = (struct BootInfoSpan){UINT64_C(0x27E000040), 0x1230};
    info.efi_descriptor_size = 48;
    info.efi_descriptor_version = 1;
    fill_page((struct BootInfoSpan){UINT64_C(0x387654000), UINT64_C(0x123456789)});
    ck_assert_int_eq(memcmp(page + 0x202, "HdrS", 4), 0);
    ck_assert_uint_eq(page[0x210], 0xFF);
    ck_assert_uint_eq(page[0x211], 0x01);
    ck_assert_uint_eq(field(page, 0x218, 4), 0x87654000);
    ck_assert_uint_eq(field(page, 0x0C0, 4), 3);
    ck_assert_uint_eq(field(page, 0x21C, 4), 0x23456789);
    ck_assert_uint_eq(field(page, 0x0C4, 4), 1);
    ck_assert_uint_eq(field(page, 0x228, 4), 0x60001234);
    ck_assert_uint_eq(field(page, 0x0C8, 4), 0);
    ck_assert_uint_eq(field(page, 0x070, 8), 0x7FE01014);
    ck_assert_int_eq(memcmp(page + 0x1C0, "EL64", 4), 0);
    ck_assert_uint_eq(field(page, 0x1C4, 4), 0x7F000018);
    ck_assert_uint_eq(field(page, 0x1C8, 4), 48);
    ck_assert_uint_eq(field(page, 0x1CC, 4), 1);
    ck_assert_uint_eq(field(page, 0x1D0, 4), 0x7E000040);
    ck_assert_uint_eq(field(page, 0x1D4, 4), 0x1230);
    ck_assert_uint_eq(field(page, 0x1D8, 4), 1);
    ck_assert_uint_eq(field(page, 0x1DC, 4), 2);
    ck_assert_uint_eq(page[0x1E8], 3);
    ck_assert_uint_eq(page[0x1EC], 2);
    ck_assert_uint_eq(page[0x1EF], 0); /* the sentinel */
    ck_assert_uint_eq(page[0x00F], 0); /* no screen */
    ck_assert_int_eq(memcmp(page + 0x2D0, entries, 3 * E820_ENTRY_SIZE), 0);
    ck_assert_uint_eq(field(page, 0x250, 8), 0);
}
END_TEST

START_TEST(ranges_beyond_128_go_behind_the_boot_parameters)
{
    add_islands(128);
    fill_page((struct BootInfoSpan){0, 0});
    ck_assert_uint_eq(page[0x1E8], 128);
    ck_assert_uint_eq(field(page, 0x250, 8), 0);
    add_islands(300);
    fill_page((struct BootInfoSpan){0, 0});
    ck_assert_uint_eq(page[0x1E8], 128);
    ck_assert_int_eq(memcmp(page + 0x2D0, entries, 128 * E820_ENTRY_SIZE), 0);
    ck_assert_uint_eq(field(page, 0x250, 8), (uintptr_t)extension);
    ck_assert_uint_eq(field(extension, 0, 8), 0);
    ck_assert_uint_eq(field(extension, 8, 4), 1);
    ck_assert_uint_eq(field(extension, 12, 4), 172 * E820_ENTRY_SIZE);
    ck_assert_int_eq(memcmp(extension + SETUP_DATA_HEADER, entries + 128 * E820_ENTRY_SIZE,
                            172 * E820_ENTRY_SIZE),
                     0);
}
END_TEST

/* Where BootInfo is of 1.2 and there are random numbers; as the first of the list. */
START_TEST(random_numbers_are_passed_on)
{
    add_islands(300);
    info.size = BOOTINFO_OFFSET_RANDOM_SOURCES;
    info.random_sources = BOOTINFO_RANDOM_RDRAND;
    memcpy(info.random_seed, "0123456789abcdef0123456789ABCDEF", 32);
    fill_page((struct BootInfoSpan){0, 0});
    ck_assert_uint_eq(field(page, 0x250, 8), (uintptr_t)extension);
    info.size = sizeof(info);
    fill_page((struct BootInfoSpan){0, 0});
    ck_assert_uint_eq(field(page, 0x250, 8), (uintptr_t)seed);
    ck_assert_uint_eq(field(seed, 0, 8), (uintptr_t)extension);
    ck_assert_uint_eq(field(seed, 8, 4), 9);
    ck_assert_uint_eq(field(seed, 12, 4), 32);
    ck_assert_mem_eq(seed + 16, "0123456789abcdef0123456789ABCDEF", 32);
    ck_assert_uint_eq(field(extension, 0, 8), 0);
    info.random_sources = 0;
    fill_page((struct BootInfoSpan){0, 0});
    ck_assert_uint_eq(field(page, 0x250, 8), (uintptr_t)extension);
}
END_TEST

START_TEST(the_screen_is_the_first_framebuffer)
{
    static uint8_t edid[128] = {0, 0xFF};
    static const uint8_t colors[8] = {8, 16, 8, 8, 8, 0, 8, 24};
    struct BootInfoFramebuffer screen = {.address = UINT64_C(0x4C0000000),
                                         .size = UINT64_C(5120) * 801,
                                         .width = 1280,
                                         .height = 800,
                                         .pitch = 5120,
                                         .bits_per_pixel = 32,
                                         .red_position = 16,
                                         .red_size = 8,
                                         .green_position = 8,
                                         .green_size = 8,
                                         .blue_size = 8,
                                         .edid = {(uintptr_t)edid, sizeof(edid)}};
    add_islands(1);
    info.framebuffers = (struct BootInfoArray){(uintptr_t)&screen, 1, sizeof(screen)};
    info.flags = BOOTINFO_FLAG_FRAMEBUFFER_LINEAR | BOOTINFO_FLAG_SECURE_BOOT;
    fill_page((struct BootInfoSpan){0, 0});
    ck_assert_uint_eq(page[0x0F], 0x70);
    ck_assert_uint_eq(field(page, 0x12, 2), 1280);
    ck_assert_uint_eq(field(page, 0x14, 2), 800);
    ck_assert_uint_eq(field(page, 0x16, 2), 32);
    ck_assert_uint_eq(field(page, 0x18, 4), 0xC0000000);
    ck_assert_uint_eq(field(page, 0x1C, 4), 5120 * 800);
    ck_assert_uint_eq(field(page, 0x24, 2), 5120);
    ck_assert_int_eq(memcmp(page + 0x26, colors, sizeof(colors)), 0);
    ck_assert_uint_eq(field(page, 0x36, 4), 2);
    ck_assert_uint_eq(field(page, 0x3A, 4), 4);
    ck_assert_int_eq(memcmp(page + 0x140, edid, sizeof(edid)), 0);
    ck_assert_uint_eq(page[0x1EC], 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("abi linux");
    TCase *tcase = tcase_create("linux");
    tcase_add_test(tcase, every_type_has_its_e820_type);
    tcase_add_test(tcase, neighbours_of_one_type_are_one_entry);
    tcase_add_test(tcase, too_many_ranges_are_counted_and_not_written);
    tcase_add_test(tcase, a_linux_kernel_is_read);
    tcase_add_loop_test(tcase, a_bad_kernel_is_refused_with_what_was_found, 0, COUNT(bad_files));
    tcase_add_test(tcase, the_boot_parameters_say_what_bootinfo_says);
    tcase_add_test(tcase, ranges_beyond_128_go_behind_the_boot_parameters);
    tcase_add_test(tcase, the_screen_is_the_first_framebuffer);
    tcase_add_test(tcase, random_numbers_are_passed_on);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "abi linux");
}
