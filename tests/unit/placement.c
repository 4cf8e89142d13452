/* Where a kernel may live: directly, staged, or not at all. */
#include "boot_check.h"
#include "kernels.h"
#include "suite.h"

#include <string.h>

#define LAST_PAGE (FAKE_RAM_END - PAGE_SIZE)

struct blocked {
    uint64_t base, size;
    int type;
};

/* Of a kernel of 256 KiB at 1 MiB. */
static const struct blocked in_the_way[] = {
    {MIB, 4 * KIB, EFI_BOOT_DATA},               /* its first page */
    {MIB + 252 * KIB, 4 * KIB, EFI_BOOT_DATA},   /* its last */
    {MIB, 256 * KIB, EFI_BOOT_CODE},             /* all of it */
    {MIB + 64 * KIB, 64 * KIB, EFI_LOADER_CODE}, /* another loader */
    {MIB + 100 * KIB, 4 * KIB, EFI_LOADER_DATA},
    {MIB + 128 * KIB, 10 * MIB, EFI_BOOT_DATA}, /* from its middle on, far beyond it */
};

#define IN_THE_WAY_COUNT (sizeof(in_the_way) / sizeof(in_the_way[0]))

static void check_staged(struct text image, struct text file, uint64_t memory_size)
{
    struct expectation expected = expect_raw(image);
    expected.file = file;
    expected.gzip = file.bytes != image.bytes;
    expected.memory_size = memory_size;
    expected.staged = true;
    boots(&expected);
}

START_TEST(a_kernel_over_memory_that_becomes_free_is_staged)
{
    struct text kernel = kernel_raw(256 * KIB - 5);
    struct text packed = kernel_gzip(kernel);
    for (size_t i = 0; i < IN_THE_WAY_COUNT; i++) {
        (void)given(CONFIG_PLAIN, kernel);
        fake_set_memory(in_the_way[i].base, in_the_way[i].size, in_the_way[i].type);
        check_staged(kernel, kernel, 0);
        (void)given(CONFIG_PLAIN, packed);
        fake_set_memory(in_the_way[i].base, in_the_way[i].size, in_the_way[i].type);
        check_staged(kernel, packed, 0);
    }
}
END_TEST

START_TEST(only_what_follows_the_file_is_in_the_way)
{
    struct text kernel =
        kernel_with_header(20000, (struct BootInfoKernelHeader){.memory_size = 300000}, 0);
    struct fake_file *file = given(CONFIG_PLAIN, kernel);
    fake_set_memory(MIB + 200 * KIB, 4 * KIB, EFI_BOOT_DATA);
    check_staged(kernel, kernel, 300000);
    ck_assert_uint_eq(file->bytes_read, kernel.size);
    ck_assert_uint_eq(fake.hand_off.copy_pages, 5);
}
END_TEST

START_TEST(a_raw_file_is_its_own_copy)
{
    struct text kernel = kernel_raw(3 * MIB);
    (void)given(CONFIG_PLAIN, kernel);
    fake_set_memory(2 * MIB, 4 * KIB, EFI_BOOT_DATA);
    check_staged(kernel, kernel, 0);
    ck_assert_uint_eq(fake.hand_off.copy_source, the_boot.attempt.kernel.placement.source);
    /* The file, what is free of the target, and little else. */
    ck_assert_uint_lt(fake.peak_pages, page_count_of(2 * 3 * MIB) + 100);
}
END_TEST

static void check_taken(uint64_t base, uint64_t size)
{
    ck_assert_int_eq(fake_boot(&the_boot), FAKE_HANDED_OFF);
    ck_assert_uint_eq(fake.hand_off.copy_target, base);
    for (uint64_t at = base; at < base + size; at += PAGE_SIZE) {
        if (fake_type_at(at) == EFI_FREE) {
            ck_abort_msg("0x%lx was left free", at);
        }
    }
}

/* Else the firmware would offer them, one after the other, for what must lie elsewhere. */
START_TEST(the_free_parts_of_a_staged_kernels_place_are_taken)
{
    struct text kernel = kernel_raw(256 * KIB);
    for (int i = 0; i < 2; i++) {
        (void)given(CONFIG_PLAIN "address = 8M\n", kernel);
        fake.shuffled = i == 1;
        fake_set_memory(8 * MIB + 32 * KIB, 4 * KIB, EFI_BOOT_DATA);
        fake_set_memory(8 * MIB + 64 * KIB, 64 * KIB, EFI_BOOT_CODE);
        check_taken(8 * MIB, 256 * KIB);
        ck_assert_uint_eq(fake.calls[FAKE_ALLOCATE_AT], 2 + 3);
    }
    /* The last descriptor of the map. */
    (void)given(CONFIG_PLAIN "address = 0x40c0000\n", kernel);
    fake.bottom_up = true;
    fake.descriptor_count = 2;
    fake_set_memory(FAKE_RAM_END - 128 * KIB, 4 * KIB, EFI_BOOT_DATA);
    check_taken(FAKE_RAM_END - 256 * KIB, 256 * KIB);
}
END_TEST

/* A length that wraps, and a start that is on no page. */
START_TEST(the_free_parts_are_whole_pages_below_the_end_of_memory)
{
    struct text kernel = kernel_raw(256 * KIB);
    for (int i = 0; i < 2; i++) {
        (void)given(CONFIG_PLAIN "address = 8M\n", kernel);
        fake.cpu.large_tables = false;
        fake_set_memory(8 * MIB, 256 * KIB, EFI_NOTHING);
        if (i == 0) {
            fake_add_descriptor(EFI_FREE, 8 * MIB, (UINT64_C(1) << 52) - 1, FAKE_WRITE_BACK);
        } else {
            fake_add_descriptor(EFI_FREE, 8 * MIB - 2 * KIB, 64, FAKE_WRITE_BACK);
            fake_add_descriptor(EFI_BOOT_DATA, 8 * MIB + 252 * KIB, 2, FAKE_WRITE_BACK);
        }
        ck_assert_int_eq(fake_boot(&the_boot), FAKE_HANDED_OFF);
        ck_assert(the_boot.attempt.kernel.placement.staged);
        ck_assert_uint_eq(fake.calls[FAKE_ALLOCATE_AT], 2 + 1);
    }
}
END_TEST

/* More of them than PAGES_MAX, with what is still to come. */
START_TEST(a_kernels_place_in_many_pieces_is_taken_in_part)
{
    struct text kernel = kernel_raw(MIB);
    for (int i = 0; i < 2; i++) {
        (void)given(CONFIG_PLAIN "address = 8M\n", kernel);
        fake.bottom_up = i == 1;
        for (uint64_t page = 0; page < 256; page += 2) {
            fake_set_memory(8 * MIB + page * PAGE_SIZE, PAGE_SIZE, EFI_BOOT_DATA);
        }
        struct expectation expected = expect_raw(kernel);
        expected.address = 8 * MIB;
        expected.staged = true;
        boots(&expected);
        ck_assert_uint_lt(the_boot.session.pages.count, PAGES_MAX);
        /* In half of the list, with loader.cfg, the file and the look at the map. */
        ck_assert_uint_eq(fake.calls[FAKE_ALLOCATE_AT], 2 + PAGES_MAX / 2 - 3);
    }
}
END_TEST

/* Every page below the kernel's place is taken, and the firmware offers the lowest it has. */
START_TEST(a_firmware_that_allocates_from_the_bottom_cannot_come_in_the_way)
{
    struct text kernel = kernel_raw(3 * MIB);
    struct text packed = kernel_gzip(kernel);
    for (int i = 0; i < 4; i++) {
        (void)given(CONFIG_PLAIN, i % 2 == 0 ? kernel : packed);
        fake.bottom_up = true;
        if (i < 2) {
            fake_set_memory(2 * MIB, 4 * KIB, EFI_BOOT_DATA);
        }
        struct expectation expected = expect_raw(kernel);
        expected.file = i % 2 == 0 ? kernel : packed;
        expected.gzip = i % 2 == 1;
        expected.staged = true; /* loader.cfg itself lies at 1 MiB */
        boots(&expected);
    }
}
END_TEST

struct offers_case {
    uint64_t offers[6];
    uint32_t count;
};

static const struct offers_case offers_cases[] = {
    {{0}, 1},
    {{0, PAGE_SIZE, 0x9F000}, 3},
    {{LAST_PAGE - 64 * PAGE_SIZE, 0, 0x8000}, 3}, /* the stack: page 0 first */
    {{3 * MIB, 0x10000, 0x20000, 0x30000, 0x40000, 0x50000}, 6},
};

START_TEST(pages_offered_below_1_mib_are_kept_and_not_used)
{
    struct text kernel = kernel_raw(5000);
    for (size_t i = 0; i < sizeof(offers_cases) / sizeof(offers_cases[0]); i++) {
        for (int refused = 0; refused < 2; refused++) {
            (void)given(CONFIG_PLAIN, kernel);
            fake.no_pools = true;
            memcpy(fake.offers, offers_cases[i].offers, sizeof(offers_cases[i].offers));
            fake.offer_count = offers_cases[i].count;
            if (refused == 1) {
                fake.stride_unsaid = true;
                fake.stride_said = 24;
                refuses(STATUS_MAP_BAD_STRIDE, "error: the firmware's memory descriptors are 24");
            } else {
                struct expectation expected = expect_raw(kernel);
                boots(&expected);
            }
            ck_assert_uint_eq(fake.offer_count, 0);
        }
    }
}
END_TEST

/* While the kernel waits elsewhere, its place looks free to a firmware that was asked for any. */
START_TEST(pages_offered_in_the_place_of_a_staged_kernel_are_kept_and_not_used)
{
    struct text kernel = kernel_raw(MIB);
    (void)given(CONFIG_PLAIN, kernel);
    fake_set_memory(MIB, MIB, EFI_BOOT_DATA);
    fake.no_pools = true;
    fake.offers[0] = 8 * MIB;  /* loader.cfg */
    fake.offers[1] = 9 * MIB;  /* the file */
    fake.offers[2] = 11 * MIB; /* a look at the map */
    fake_set_memory(MIB + 512 * KIB, 4 * KIB, EFI_FREE);
    fake_set_memory(MIB + 768 * KIB, 128 * KIB, EFI_FREE);
    fake.failures[0] =
        (struct fake_failure){.call = 8, .status = FIRMWARE_NOT_FOUND, .for_good = true};
    fake.offers[3] = MIB + 768 * KIB; /* the stack */
    fake.offers[4] = 13 * MIB;
    fake.offers[5] = MIB + 512 * KIB; /* the hand-off */
    fake.offer_count = 6;
    check_staged(kernel, kernel, 0);
    ck_assert_uint_eq(fake.offer_count, 0);
    ck_assert_uint_eq(the_boot.attempt.kernel.placement.stack, 13 * MIB + PAGE_SIZE);
}
END_TEST

/* The file's own buffer is no place for the copy then. */
START_TEST(a_file_that_was_read_into_its_kernels_place_is_copied_out_of_it)
{
    struct text kernel = kernel_raw(MIB);
    static const uint64_t offers[] = {8 * MIB - 512 * KIB, 8 * MIB, 8 * MIB + 512 * KIB};
    for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
        (void)given(CONFIG_PLAIN "address = 8M\nmemory = 2M\n", kernel);
        fake_set_memory(10 * MIB - 4 * KIB, 4 * KIB, EFI_BOOT_DATA);
        fake.offers[0] = 32 * MIB; /* the pool */
        fake.offers[1] = offers[i];
        fake.offer_count = 2;
        struct expectation expected = expect_raw(kernel);
        expected.address = 8 * MIB;
        expected.memory_size = 2 * MIB;
        expected.staged = true;
        boots(&expected);
        ck_assert_uint_eq(fake.offer_count, 0);
    }
}
END_TEST

START_TEST(a_firmware_with_wrong_offers_only_is_refused)
{
    struct text kernel = kernel_raw(5000);
    (void)given(CONFIG_PLAIN, kernel);
    fake.no_pools = true;
    for (uint32_t i = 0; i < FAKE_OFFERS_MAX; i++) {
        fake.offers[i] = 0x10000 + i * PAGE_SIZE;
    }
    fake.offer_count = FAKE_OFFERS_MAX;
    refuses(STATUS_MEMORY_FRAGMENTED, "error: memory is in more than 64 pieces");
}
END_TEST

struct occupied {
    struct blocked blocked;
    const char *line;
};

/* Of a kernel of 256 KiB at 8 MiB, which ends at 0x83ffff. */
static const struct occupied occupants[] = {
    {{8 * MIB, 32 * KIB, EFI_ACPI_NVS}, "\n      0x800000-0x807fff ACPI NVS (8 pages)\n"},
    {{0x83F000, 4 * KIB, EFI_ACPI_NVS}, "\n      0x83f000-0x83ffff ACPI NVS (1 page)\n"},
    {{0x7FF000, 8 * KIB, EFI_ACPI_NVS}, "\n      0x800000-0x800fff ACPI NVS (1 page)\n"},
    {{0x83F000, 8 * KIB, EFI_RESERVED}, "\n      0x83f000-0x83ffff reserved (1 page)\n"},
    {{0x700000, 4 * MIB, EFI_RUNTIME_CODE},
     "\n      0x800000-0x83ffff EFI runtime code (64 pages)\n"},
    {{0x810000, 8 * KIB, EFI_RUNTIME_DATA},
     "\n      0x810000-0x811fff EFI runtime data (2 pages)\n"},
    {{0x810000, 8 * KIB, EFI_ACPI_TABLES},
     "\n      0x810000-0x811fff ACPI reclaimable (2 pages)\n"},
    {{0x810000, 8 * KIB, EFI_UNUSABLE}, "\n      0x810000-0x811fff unusable (faulty) (2 pages)\n"},
    {{0x810000, 8 * KIB, EFI_MMIO}, "\n      0x810000-0x811fff MMIO (2 pages)\n"},
    {{0x810000, 8 * KIB, EFI_NOTHING}, "\n      0x810000-0x811fff no memory (2 pages)\n"},
    {{0x800000, 4 * KIB, EFI_NOTHING}, "\n      0x800000-0x800fff no memory (1 page)\n"},
    {{0x83F000, 4 * KIB, EFI_NOTHING}, "\n      0x83f000-0x83ffff no memory (1 page)\n"},
};

static int occupants_in(const char *said)
{
    int count = 0;
    for (const char *at = said; (at = strstr(at, "\n      0x")) != NULL; at++) {
        count++;
    }
    return count;
}

START_TEST(a_kernel_over_memory_that_stays_is_refused_by_name)
{
    struct text kernel = kernel_raw(256 * KIB);
    for (size_t i = 0; i < sizeof(occupants) / sizeof(occupants[0]); i++) {
        (void)given(CONFIG_PLAIN "address = 8M\n", kernel);
        fake.shuffled = i % 2 == 1;
        fake_set_memory(occupants[i].blocked.base, occupants[i].blocked.size,
                        occupants[i].blocked.type);
        refuses(STATUS_ADDRESS_OCCUPIED, occupants[i].line);
        ck_assert(strstr(fake.said, "/k.bin: error: 0x800000-0x83ffff is not free:\n") != NULL);
        ck_assert_int_eq(occupants_in(fake.said), 1);
        ck_assert(strstr(fake.said, "The lowest place with enough room is address = 0x100000;") !=
                  NULL);
    }
}
END_TEST

START_TEST(each_occupant_is_named_and_what_becomes_free_is_not)
{
    struct text kernel = kernel_raw(256 * KIB);
    (void)given(CONFIG_PLAIN "address = 8M\n", kernel);
    fake_set_memory(0x800000, 4 * KIB, EFI_BOOT_DATA);
    fake_set_memory(0x802000, 8 * KIB, EFI_ACPI_NVS);
    fake_set_memory(0x804000, 4 * KIB, EFI_RESERVED);
    fake_set_memory(0x808000, 4 * KIB, EFI_NOTHING);
    fake_set_memory(0x820000, 4 * KIB, EFI_LOADER_CODE);
    refuses(STATUS_ADDRESS_OCCUPIED, "is not free:\n"
                                     "      0x802000-0x803fff ACPI NVS (2 pages)\n"
                                     "      0x804000-0x804fff reserved (1 page)\n"
                                     "      0x808000-0x808fff no memory (1 page)\n"
                                     "      The lowest place");
    (void)given(CONFIG_PLAIN "address = 8M\n", kernel);
    for (uint64_t i = 0; i < 11; i++) {
        fake_set_memory(0x810000 + i * 2 * PAGE_SIZE, PAGE_SIZE, EFI_ACPI_NVS);
    }
    refuses(STATUS_ADDRESS_OCCUPIED, "0x81e000-0x81efff ACPI NVS (1 page)\n      and 3 more\n");
}
END_TEST

struct room_case {
    struct blocked blocked[3];
    uint64_t room; /* expected; 0: none */
};

/* For 16 MiB wanted at 48 MiB, where the last 20 MiB are taken. */
static const struct room_case room_cases[] = {
    {{{45 * MIB, 20 * MIB, EFI_ACPI_NVS}}, MIB},
    {{{45 * MIB, 20 * MIB, EFI_ACPI_NVS}, {4 * MIB, 4 * KIB, EFI_RESERVED}}, 4 * MIB + 4 * KIB},
    {{{45 * MIB, 20 * MIB, EFI_ACPI_NVS}, {4 * MIB, MIB, EFI_BOOT_DATA}}, MIB},
    {{{45 * MIB, 20 * MIB, EFI_ACPI_NVS}, {16 * MIB, PAGE_SIZE, EFI_NOTHING}},
     16 * MIB + PAGE_SIZE},
    {{{45 * MIB, 20 * MIB, EFI_ACPI_NVS}, {17 * MIB, PAGE_SIZE, EFI_NOTHING}}, MIB},
    {{{45 * MIB, 20 * MIB, EFI_ACPI_NVS},
      {16 * MIB, PAGE_SIZE, EFI_RESERVED},
      {32 * MIB, PAGE_SIZE, EFI_RESERVED}},
     4 * GIB},
};

START_TEST(the_lowest_place_with_room_is_named)
{
    char sentence[100];
    struct text kernel = kernel_raw(256 * KIB);
    for (size_t i = 0; i < sizeof(room_cases) / sizeof(room_cases[0]); i++) {
        const struct room_case *test = &room_cases[i];
        (void)given(CONFIG_PLAIN "address = 48M\nmemory = 16M\n", kernel);
        for (int j = 0; j < 3 && test->blocked[j].size > 0; j++) {
            fake_set_memory(test->blocked[j].base, test->blocked[j].size, test->blocked[j].type);
        }
        snprintf(sentence, sizeof(sentence),
                 "The lowest place with enough room is address = 0x%llx;",
                 (unsigned long long)test->room);
        refuses(STATUS_ADDRESS_OCCUPIED, sentence);
    }
}
END_TEST

START_TEST(where_no_place_has_room_that_is_said)
{
    struct text kernel = kernel_raw(256 * KIB);
    (void)given(CONFIG_PLAIN "memory = 2G\n", kernel);
    refuses(STATUS_ADDRESS_NO_ROOM, "No other place has 2 GiB free in one piece either.");
    ck_assert(strstr(fake.said, "0x100000-0x800fffff is not free:\n"
                                "      0x4100000-0x41fffff ACPI reclaimable (256 pages)\n"
                                "      0x4200000-0x42fffff ACPI NVS (256 pages)\n"
                                "      0x4300000-0x43fffff EFI runtime data (256 pages)\n"
                                "      0x4400000-0x800fffff no memory (507136 pages)\n") != NULL);
}
END_TEST

START_TEST(neighbours_are_not_in_the_way)
{
    struct text kernel = kernel_raw(256 * KIB);
    (void)given(CONFIG_PLAIN "address = 8M\n", kernel);
    fake_set_memory(0x7FF000, 4 * KIB, EFI_ACPI_NVS);
    fake_set_memory(0x840000, 4 * KIB, EFI_ACPI_NVS);
    struct expectation expected = expect_raw(kernel);
    expected.address = 8 * MIB;
    boots(&expected);

    /* Its file is shorter than its place. */
    struct text larger =
        kernel_with_header(20000, (struct BootInfoKernelHeader){.memory_size = 256 * KIB}, 0);
    expected.image = expected.file = larger;
    expected.memory_size = 256 * KIB;
    (void)given(CONFIG_PLAIN "address = 8M\n", larger);
    fake_set_memory(0x840000, 4 * KIB, EFI_ACPI_NVS);
    boots(&expected);

    expected = expect_raw(kernel);
    expected.address = 8 * MIB;
    (void)given(CONFIG_PLAIN "address = 8M\n", kernel);
    fake_set_memory(0x7FF000, 4 * KIB, EFI_NOTHING);
    fake_set_memory(0x820000, 4 * KIB, EFI_BOOT_DATA);
    fake_set_memory(0x840000, 4 * KIB, EFI_NOTHING);
    expected.staged = true;
    boots(&expected);

    (void)given(CONFIG_PLAIN "address = 8M\n", kernel);
    fake_set_memory(0x7FF000, 4 * KIB, EFI_ACPI_NVS);
    fake_set_memory(0x820000, 4 * KIB, EFI_BOOT_DATA);
    fake_set_memory(0x840000, 4 * KIB, EFI_ACPI_NVS);
    boots(&expected);
}
END_TEST

START_TEST(neighbours_of_occupants_are_not_named)
{
    struct text kernel = kernel_raw(256 * KIB);
    (void)given(CONFIG_PLAIN "address = 8M\n", kernel);
    fake_set_memory(0x7FF000, 4 * KIB, EFI_ACPI_NVS);
    fake_set_memory(0x810000, 4 * KIB, EFI_NOTHING);
    fake_set_memory(0x811000, 4 * KIB, EFI_ACPI_NVS);
    fake_set_memory(0x83F000, 4 * KIB, EFI_NOTHING);
    fake_set_memory(0x840000, 4 * KIB, EFI_ACPI_NVS);
    refuses(STATUS_ADDRESS_OCCUPIED, "is not free:\n"
                                     "      0x810000-0x810fff no memory (1 page)\n"
                                     "      0x811000-0x811fff ACPI NVS (1 page)\n"
                                     "      0x83f000-0x83ffff no memory (1 page)\n"
                                     "      The lowest place");
}
END_TEST

START_TEST(the_last_pages_of_memory_are_as_good_as_any)
{
    struct text kernel = kernel_raw(2 * PAGE_SIZE);
    (void)given(CONFIG_PLAIN "address = 0x40fe000\n", kernel);
    struct expectation expected = expect_raw(kernel);
    expected.address = FAKE_RAM_END - 2 * PAGE_SIZE;
    expected.staged = true; /* loader.cfg itself lies there */
    boots(&expected);
    (void)given(CONFIG_PLAIN "address = 0x40ff000\n", kernel);
    refuses(STATUS_ADDRESS_OCCUPIED, "0x4100000-0x4100fff ACPI reclaimable (1 page)");
}
END_TEST

/* AllocateAddress fails though the map says that the memory is free. */
START_TEST(a_kernel_where_the_firmware_gives_nothing_is_staged)
{
    (void)given(CONFIG_PLAIN "address = 4G\n", kernel_raw(256 * KIB));
    ck_assert_int_eq(fake_boot(&the_boot), FAKE_HANDED_OFF);
    ck_assert_uint_eq(fake.hand_off.copy_target, 4 * GIB);
    ck_assert_uint_eq(fake.hand_off.copy_pages, 64);
    const struct BootInfo *info = (const struct BootInfo *)fake.hand_off.info;
    ck_assert(bootinfo_valid(info));
    ck_assert_uint_eq(info->kernel.address, 4 * GIB);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("placement");
    TCase *staged = tcase_create("staged");
    tcase_add_test(staged, a_kernel_over_memory_that_becomes_free_is_staged);
    tcase_add_test(staged, only_what_follows_the_file_is_in_the_way);
    tcase_add_test(staged, a_raw_file_is_its_own_copy);
    tcase_add_test(staged, the_free_parts_of_a_staged_kernels_place_are_taken);
    tcase_add_test(staged, a_kernels_place_in_many_pieces_is_taken_in_part);
    tcase_add_test(staged, the_free_parts_are_whole_pages_below_the_end_of_memory);
    tcase_add_test(staged, a_firmware_that_allocates_from_the_bottom_cannot_come_in_the_way);
    tcase_add_test(staged, a_kernel_where_the_firmware_gives_nothing_is_staged);
    suite_add_tcase(suite, staged);

    TCase *offers = tcase_create("odd offers");
    tcase_add_test(offers, pages_offered_below_1_mib_are_kept_and_not_used);
    tcase_add_test(offers, pages_offered_in_the_place_of_a_staged_kernel_are_kept_and_not_used);
    tcase_add_test(offers, a_file_that_was_read_into_its_kernels_place_is_copied_out_of_it);
    tcase_add_test(offers, a_firmware_with_wrong_offers_only_is_refused);
    suite_add_tcase(suite, offers);

    TCase *refused = tcase_create("refused");
    tcase_add_test(refused, a_kernel_over_memory_that_stays_is_refused_by_name);
    tcase_add_test(refused, each_occupant_is_named_and_what_becomes_free_is_not);
    tcase_add_test(refused, the_lowest_place_with_room_is_named);
    tcase_add_test(refused, where_no_place_has_room_that_is_said);
    tcase_add_test(refused, neighbours_are_not_in_the_way);
    tcase_add_test(refused, neighbours_of_occupants_are_not_named);
    tcase_add_test(refused, the_last_pages_of_memory_are_as_good_as_any);
    suite_add_tcase(suite, refused);
    return suite_main(suite, "unit-placement");
}
