/* memory_map_convert against the judge of tests/maps: maps on file, random maps, and its cost. */
#include "map_builder.h"

#include <dirent.h>

/* The basic blocks that memory_map.c has run through: it is compiled with
 * -fsanitize-coverage=trace-pc for this test alone. */
static uint64_t steps;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    steps++;
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/* Everything over everything, within 64 pages from page 0 on: all edges meet somewhere. */
static void make_random_map(uint64_t seed)
{
    static const uint64_t attributes[] = {RAM, RAM, RAM, 0xB, 0x7, RAM | SP, RAM | RT};
    uint64_t state = seed;
    memset(&map, 0, sizeof(map));
    uint64_t count = next_random(&state) % 14;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t type = next_random(&state) % 20;
        uint64_t page = next_random(&state) % 64;
        uint64_t pages = next_random(&state) % 24;
        add((uint32_t)(type > 16 ? FREE : type), page, pages, attributes[next_random(&state) % 7]);
        if (next_random(&state) % 16 == 0) {
            map.descriptors[i].physical_start += next_random(&state) % PAGE_SIZE;
        }
    }
    map.stride = 40 + 8 * (next_random(&state) % 4);
    for (uint64_t page = 0; page < 70; page += 16) {
        if (next_random(&state) % 2 == 0) {
            place(1 + (uint32_t)next_random(&state) % 7, page + next_random(&state) % 8,
                  next_random(&state) % 9);
        }
    }
}

START_TEST(random_maps_keep_every_rule)
{
    const uint64_t first = UINT64_C(500) * (uint64_t)_i;
    for (uint64_t seed = first; seed < first + 500; seed++) {
        make_random_map(seed);
        struct map_result result = map_case_convert(&map);
        ck_assert_msg(map_case_judge(&map, &result) == NULL, "seed %d", (int)seed);
        ck_assert_uint_le(result.count, memory_map_regions_max(map.count, map.placed_count));
        free(result.regions);
    }
}
END_TEST

START_TEST(the_judge_sees_each_broken_rule)
{
    add(FREE, 256, 10, RAM);
    add(NVS, 266, 10, RAM);
    add(FREE, 276, 10, RAM);
    struct map_result result = map_case_convert(&map);
    ck_assert_ptr_null(map_case_judge(&map, &result));
    switch (_i) {
    case 0:
        result.regions[1].type = BOOTINFO_MEMORY_USABLE;
        break;
    case 1:
        result.regions[1].efi_attributes = 0;
        break;
    case 2:
        result.regions[1].size -= PAGE_SIZE;
        break;
    case 3:
        result.regions[1].size += PAGE_SIZE;
        break;
    case 4:
        result.regions[1].base += 1;
        break;
    case 5:
        result.regions[1].reserved = 1;
        break;
    case 6:
        result.count = 2;
        break;
    case 7:
        result.regions[2].size += PAGE_SIZE;
        break;
    case 8:
        result.regions[2].size = 0;
        break;
    default:
        result.regions[2] = result.regions[0];
        break;
    }
    ck_assert_ptr_nonnull(map_case_judge(&map, &result));
    free(result.regions);
}
END_TEST

/* The steps for count descriptors, shuffled so that no long run is left. */
static uint64_t steps_for(uint64_t count)
{
    uint64_t state = 1;
    memset(&map, 0, sizeof(map));
    for (uint64_t i = 0; i < count; i++) {
        add(i % 2 == 0 ? FREE : BS_DATA, 256 + 3 * i, 3, RAM);
    }
    for (uint64_t i = count - 1; i > 0; i--) {
        uint64_t j = next_random(&state) % (i + 1);
        struct firmware_descriptor swapped = map.descriptors[i];
        map.descriptors[i] = map.descriptors[j];
        map.descriptors[j] = swapped;
    }
    steps = 0;
    struct map_result result = map_case_convert(&map);
    ck_assert_uint_eq(result.count, count);
    free(result.regions);
    return steps;
}

/* n log n: 8 times the descriptors are 8 * 11 / 8 = 11 times the steps; n squared would be 64. */
START_TEST(two_thousand_shuffled_descriptors_cost_n_log_n_steps)
{
    uint64_t few = steps_for(250);
    uint64_t many = steps_for(2000);
    ck_assert_uint_gt(few, 250);
    ck_assert_uint_lt(many, 16 * few);
}
END_TEST

/* Scratch memory is zeros, whatever lies in it else. */
static uint64_t steps_of_map(void)
{
    static uint64_t scratch[64 * 1024];
    static struct BootInfoRegion regions[8 * 1024];
    const struct firmware_map taken = {map.descriptors, map.count * sizeof(*map.descriptors),
                                       sizeof(*map.descriptors)};
    ck_assert_uint_le(memory_map_scratch_size(map.count, 0), sizeof(scratch));
    ck_assert_uint_le(memory_map_regions_max(map.count, 0), COUNT(regions));
    memset(scratch, 0, sizeof(scratch));
    steps = 0;
    ck_assert_uint_eq(memory_map_convert(taken, NULL, 0, regions, scratch), map.count);
    return steps;
}

/* One overlap, of the last two, is what sorting and sweeping are for. */
START_TEST(a_map_in_order_without_overlaps_is_not_sorted)
{
    for (uint64_t gap = 0; gap < 2; gap++) {
        memset(&map, 0, sizeof(map));
        for (uint64_t i = 0; i < 1000; i++) {
            add(i % 2 == 0 ? FREE : NVS, 256 + (2 + gap) * i, 2, RAM);
        }
        uint64_t without = steps_of_map();
        map.descriptors[998].page_count += gap + 1;
        uint64_t with = steps_of_map();
        ck_assert_uint_gt(without, 1000);
        ck_assert_msg(4 * without < 3 * with, "%lu steps, and %lu with an overlap", without, with);
    }
}
END_TEST

static struct dirent **map_files;

static int is_map(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".map") == 0;
}

START_TEST(a_map_on_file_keeps_every_rule)
{
    char path[1024];
    int line;
    (void)snprintf(path, sizeof(path), "%s/%s", BATON_MAPS, map_files[_i]->d_name);
    ck_assert_msg(map_case_read(path, &map, &line), "%s:%d makes no sense", path, line);
    struct map_result result = map_case_convert(&map);
    ck_assert_msg(map_case_judge(&map, &result) == NULL, "%s", path);
    free(result.regions);
}
END_TEST

static TCase *judged_tests(void)
{
    TCase *tests = tcase_create("judged");
    int file_count = scandir(BATON_MAPS, &map_files, is_map, alphasort);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, a_map_on_file_keeps_every_rule, 0, file_count < 1 ? 1 : file_count);
    tcase_add_loop_test(tests, random_maps_keep_every_rule, 0, 8);
    tcase_add_loop_test(tests, the_judge_sees_each_broken_rule, 0, 10);
    tcase_add_test(tests, a_map_in_order_without_overlaps_is_not_sorted);
    tcase_add_test(tests, two_thousand_shuffled_descriptors_cost_n_log_n_steps);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("maps");
    suite_add_tcase(suite, judged_tests());
    return suite_main(suite, "unit-maps");
}
