/* Room in a memory map: for a kernel, with what is in its way, and for a device's registers. */
#include "core/memory/room.h"

#include "suite.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define MIB        UINT64_C(0x100000)
#define OCCUPANTS  2
#define MAP_COUNT  4
#define TYPE_COUNT (size_t) BOOTINFO_MEMORY_TYPE_COUNT

/* Free from 1 to 4 MiB, a hole, and ACPI NVS from 5 to 6 MiB. The last one is not of the map. */
static const struct BootInfoRegion regions[MAP_COUNT + 1] = {
    {.base = 1 * MIB, .size = MIB, .type = BOOTINFO_MEMORY_USABLE},
    {.base = 2 * MIB, .size = MIB, .type = BOOTINFO_MEMORY_BOOT_SERVICES},
    {.base = 3 * MIB, .size = MIB, .type = BOOTINFO_MEMORY_USABLE},
    {.base = 5 * MIB, .size = MIB, .type = BOOTINFO_MEMORY_ACPI_NVS},
    {.base = 6 * MIB, .size = 8 * MIB, .type = BOOTINFO_MEMORY_USABLE},
};
static const struct memory_view map = {regions, MAP_COUNT};

struct room_case {
    uint64_t address, size;
    enum room room;
    struct occupant occupants[OCCUPANTS];
    uint64_t lowest; /* with an occupant: the lowest place that would do; 0: none */
};

#define HALF (MIB / 2)
static const struct room_case room_cases[] = {
    {.address = 1 * MIB, .size = MIB, .room = ROOM_NOW},
    {.address = 3 * MIB, .size = MIB, .room = ROOM_NOW},
    {.address = 2 * MIB, .size = MIB, .room = ROOM_AT_EXIT},
    {.address = 1 * MIB + HALF, .size = MIB, .room = ROOM_AT_EXIT},
    {.address = 2 * MIB + HALF, .size = MIB, .room = ROOM_AT_EXIT},
    {.address = 1 * MIB, .size = 3 * MIB, .room = ROOM_AT_EXIT},
    {0, MIB, ROOM_NEVER, {{0, MIB, OCCUPANT_NOTHING}}, MIB},
    {HALF, MIB, ROOM_NEVER, {{HALF, HALF, OCCUPANT_NOTHING}}, MIB},
    {3 * MIB + HALF, MIB, ROOM_NEVER, {{4 * MIB, HALF, OCCUPANT_NOTHING}}, MIB},
    {4 * MIB,
     2 * MIB,
     ROOM_NEVER,
     {{4 * MIB, MIB, OCCUPANT_NOTHING}, {5 * MIB, MIB, BOOTINFO_MEMORY_ACPI_NVS}},
     MIB},
    {5 * MIB, MIB, ROOM_NEVER, {{5 * MIB, MIB, BOOTINFO_MEMORY_ACPI_NVS}}, MIB},
    {5 * MIB + HALF,
     4 * MIB,
     ROOM_NEVER,
     {{5 * MIB + HALF, HALF, BOOTINFO_MEMORY_ACPI_NVS},
      {6 * MIB, 3 * MIB + HALF, OCCUPANT_NOTHING}},
     0},
};

static void check_occupants(const struct room_case *test, const struct failure *failure)
{
    uint32_t count = 0;
    for (; count < OCCUPANTS && test->occupants[count].size != 0; count++) {
        ck_assert_uint_eq(failure->occupants[count].base, test->occupants[count].base);
        ck_assert_uint_eq(failure->occupants[count].size, test->occupants[count].size);
        ck_assert_uint_eq(failure->occupants[count].type, test->occupants[count].type);
    }
    ck_assert_uint_eq(failure->occupant_count, count);
}

/* With one failure for all, as where an entry follows another that had no room: each has its own
 * occupants. */
START_TEST(a_kernels_place_is_free_now_or_at_the_exit_or_never)
{
    struct failure failure = {.status = STATUS_OK};
    for (size_t i = 0; i < COUNT(room_cases); i++) {
        const struct room_case *test = &room_cases[i];
        const struct BootInfoSpan span = {test->address, test->size};
        enum room room = room_at(map, span, MIB, &failure);
        ck_assert_msg(room == test->room, "case %zu: %d", i, room);
        check_occupants(test, &failure);
        if (room == ROOM_NEVER) {
            ck_assert_int_eq(failure.status,
                             test->lowest != 0 ? STATUS_ADDRESS_OCCUPIED : STATUS_ADDRESS_NO_ROOM);
            ck_assert_uint_eq(failure.number[0], test->address);
            ck_assert_uint_eq(failure.number[1], test->address + test->size - 1);
            ck_assert_uint_eq(failure.number[2], test->lowest);
            ck_assert_uint_eq(failure.number[3], test->size);
        }
    }
}
END_TEST

static const struct {
    uint64_t size, lowest_address, lowest;
} lowest_cases[] = {
    {PAGE_SIZE, 0, MIB},
    {3 * MIB, 0, MIB},
    {3 * MIB, MIB, MIB},
    {3 * MIB, MIB + PAGE_SIZE, 0},
    {3 * MIB + PAGE_SIZE, 0, 0},
    {MIB, 2 * MIB + HALF, 2 * MIB + HALF},
    {MIB, 3 * MIB, 3 * MIB},
    {MIB, 3 * MIB + PAGE_SIZE, 0},
    {PAGE_SIZE, 4 * MIB - PAGE_SIZE, 4 * MIB - PAGE_SIZE},
    {PAGE_SIZE, 4 * MIB, 0},
    {PAGE_SIZE, 6 * MIB, 0},
};

START_TEST(the_lowest_room_is_in_one_piece_of_what_becomes_free)
{
    for (size_t i = 0; i < COUNT(lowest_cases); i++) {
        uint64_t lowest = room_lowest(map, lowest_cases[i].size, lowest_cases[i].lowest_address);
        ck_assert_msg(lowest == lowest_cases[i].lowest, "case %zu: 0x%lx", i, lowest);
    }
}
END_TEST

static bool may_have_registers(uint32_t type)
{
    return type == BOOTINFO_MEMORY_RESERVED || type == BOOTINFO_MEMORY_MMIO ||
           type == BOOTINFO_MEMORY_MMIO_PORT;
}

/* A region of each type, a MiB from one to the next, and after them one that is not of the map. */
START_TEST(a_device_is_in_no_memory)
{
    struct BootInfoRegion all[TYPE_COUNT + 1];
    const struct memory_view types = {all, TYPE_COUNT};
    for (size_t i = 0; i < COUNT(all); i++) {
        uint32_t type = (uint32_t)((i + BOOTINFO_MEMORY_USABLE) % TYPE_COUNT);
        all[i] = (struct BootInfoRegion){.base = i * MIB, .size = HALF, .type = type};
    }
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        const uint64_t end = i * MIB + HALF;
        bool device = may_have_registers(all[i].type);
        ck_assert_int_eq(room_is_device(types, (struct BootInfoSpan){i * MIB, 8}), device);
        ck_assert_int_eq(room_is_device(types, (struct BootInfoSpan){end - 8, 8}), device);
        ck_assert_int_eq(room_is_device(types, (struct BootInfoSpan){end - 4, 8}), device);
        ck_assert(room_is_device(types, (struct BootInfoSpan){end, 8}));
    }
    ck_assert_uint_eq(all[TYPE_COUNT].type, BOOTINFO_MEMORY_USABLE);
    ck_assert(room_is_device(types, (struct BootInfoSpan){TYPE_COUNT * MIB, 8}));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("room");
    TCase *tests = tcase_create("room");
    tcase_add_test(tests, a_kernels_place_is_free_now_or_at_the_exit_or_never);
    tcase_add_test(tests, the_lowest_room_is_in_one_piece_of_what_becomes_free);
    tcase_add_test(tests, a_device_is_in_no_memory);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-room");
}
