/* Memory maps: descriptors and placed ranges that touch, overlap and wrap. tests/maps/judge.c knows
 * what has to come out. */
#include "fuzz.h"
#include "maps/maps.h"

#define DESCRIPTORS_MAX 32
#define PLACED_MAX      6

static struct map_case map;
static struct map_case backwards;

static uint64_t choose_attributes(struct choices *choices)
{
    static const uint64_t common[] = {
        0xF, 0xF, 0x8, 0x1, 0, 0xF | EFI_MEMORY_RUNTIME, 0xF | EFI_MEMORY_SP, 0x401F,
    };
    size_t kind = choose_below(choices, 9);
    return kind < 8 ? common[kind] : choose(choices, 8);
}

static uint32_t choose_efi_type(struct choices *choices)
{
    static const uint32_t strange[] = {16, 17, 18, 0x6FFFFFFF, 0x70000000, 0x80000000, UINT32_MAX};
    size_t kind = choose_below(choices, 16 + 7);
    return kind < 16 ? (uint32_t)kind : strange[kind - 16];
}

static uint64_t choose_page_count(struct choices *choices)
{
    size_t kind = choose_below(choices, 64);
    return kind == 63 ? choose_number(choices) : kind == 62 ? choose(choices, 2) : kind % 16;
}

/* Where a descriptor begins, most often in sight of the one before it. */
static uint64_t choose_start(struct choices *choices, uint64_t start, uint64_t end)
{
    switch (choose_below(choices, 12)) {
    case 0:
    case 1:
    case 2:
    case 3:
        return end;
    case 4:
    case 5:
        return end + choose(choices, 1) * 4096;
    case 6:
        return start;
    case 7:
        return start + choose_below(choices, 16) * 4096;
    case 8:
        return end - choose_below(choices, 16) * 4096;
    case 9:
        return end + choose(choices, 2);
    case 10:
        return choose_number(choices);
    default:
        return choose_below(choices, 16) * 4096;
    }
}

static void choose_descriptors(struct choices *choices)
{
    uint64_t start = 0;
    uint64_t end = 0;
    map.count = choose_below(choices, DESCRIPTORS_MAX + 1);
    for (uint64_t i = 0; i < map.count; i++) {
        start = choose_start(choices, start, end);
        struct firmware_descriptor descriptor = {
            .type = choose_efi_type(choices),
            .padding = UINT32_C(0xA5A5A5A5),
            .physical_start = start,
            .virtual_start = UINT64_C(0xA5A5A5A5A5A5A5A5),
            .page_count = choose_page_count(choices),
            .attributes = choose_attributes(choices),
        };
        map.descriptors[i] = descriptor;
        end = start + descriptor.page_count * 4096;
    }
}

/* Disjoint, as the loader's allocations are, and all of them below 2^60. */
static void choose_placed(struct choices *choices)
{
    uint64_t end = 0;
    uint64_t count = choose_below(choices, PLACED_MAX + 1);
    map.placed_count = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t base = end + choose_below(choices, 16) * 4096;
        if (map.count > 0 && choose_below(choices, 2) != 0) {
            uint64_t index = choose_below(choices, map.count);
            base = map.descriptors[index].physical_start / 4096 * 4096 +
                   choose_below(choices, 8) * 4096;
        }
        uint64_t page_count = choose_below(choices, 12);
        if (base < end || base >= UINT64_C(1) << 60) {
            continue;
        }
        map.placed[map.placed_count++] = (struct placed){base, page_count, BOOTINFO_MEMORY_USABLE};
        uint32_t type = (uint32_t)choose_below(choices, 6);
        map.placed[map.placed_count - 1].type =
            type == 0 ? BOOTINFO_MEMORY_USABLE : BOOTINFO_MEMORY_LOADER + type - 1;
        end = base + page_count * 4096;
    }
}

/* The same map told from its end, with another stride. */
static void turn_round(uint64_t stride)
{
    backwards.stride = stride;
    backwards.count = map.count;
    backwards.placed_count = map.placed_count;
    for (uint64_t i = 0; i < map.count; i++) {
        backwards.descriptors[i] = map.descriptors[map.count - 1 - i];
    }
    for (uint64_t i = 0; i < map.placed_count; i++) {
        backwards.placed[i] = map.placed[map.placed_count - 1 - i];
    }
}

static void check_stride(uint64_t size)
{
    uint64_t stride = UNTOUCHED;
    enum status status = memory_map_stride(size, &stride);
    bool good = size == 0 || (size >= 40 && size <= 1024 && size % 8 == 0);
    CHECK((status == STATUS_OK) == good);
    CHECK(stride == (!good ? UNTOUCHED : size == 0 ? 40 : size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct choices choices = {data, size};
    uint64_t odd_size = choose(&choices, 2);
    check_stride(odd_size);
    map.stride = 40 + 8 * choose_below(&choices, 4);
    choose_descriptors(&choices);
    choose_placed(&choices);
    turn_round(40 + 8 * (odd_size % 4));

    struct map_result result = map_case_convert(&map);
    struct map_result same = map_case_convert(&backwards);
    CHECK(result.count <= memory_map_regions_max(map.count, map.placed_count));
    CHECK(map_case_judge(&map, &result) == NULL);
    CHECK(same.count == result.count);
    CHECK(memcmp(same.regions, result.regions, result.count * sizeof(*result.regions)) == 0);
    free(same.regions);
    free(result.regions);
    return 0;
}
