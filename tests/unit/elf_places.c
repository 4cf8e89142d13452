/* ELF files: what lies where in the file, in the image and at which addresses, to the byte. */
#include "elf_parse.h"

/* Two segments of one file, in either order, and what is said about them. */
struct pair {
    struct elf_program a, b;
    const char *sentence; /* NULL: they go together */
};

#define BEYOND  "reaches beyond the file with p_offset and p_filesz: "
#define IN_FILE "overlaps another one by p_offset: "
#define AT_PAGE "shares a page with another one by p_vaddr only: "

/* PT_LOAD, executable, at these places of the file, of virtual and of physical addresses. */
#define LOAD(offset, vaddr, paddr, filesz, memsz)                                          \
    {                                                                                      \
        PT_LOAD, PF_R | PF_X, offset, LINKED + (vaddr), LINKED + (paddr), filesz, memsz, 0 \
    }

static const struct pair pairs[] = {
    /* one after the other, in the file, in memory and by pages */
    {LOAD(0x1000, 0, 0, 0x1000, 0x1000), LOAD(0x2000, 0x1000, 0x1000, 0x1000, 0x1000), NULL},
    {LOAD(0x1000, 0, 0, 0x1000, 0x1000), LOAD(0x2000, 0x1000, 0x5000, 0x1000, 0x1000), NULL},
    /* one byte of a page is enough */
    {LOAD(0x1000, 0, 0, 0x1000, 0x1001), LOAD(0x2800, 0x1800, 0x5800, 0x100, 0x100), AT_PAGE},
    {LOAD(0x1000, 0, 0, 0x1000, 0x1001), LOAD(0x2800, 0x1800, 0x1800, 0x100, 0x100), NULL},
    /* and so is one of the file */
    {LOAD(0x1000, 0, 0, 0x1000, 0x1000), LOAD(0x1800, 0x1000, 0x1000, 1, 0x1000), IN_FILE},
    {LOAD(0x1000, 0, 0, 0x1000, 0x1000), LOAD(0x1FFF, 0x1000, 0x1000, 0x1000, 0x1000), IN_FILE},
    {LOAD(0x1000, 0, 0, 0x1000, 0x1000), LOAD(0x1800, 0x1000, 0x1000, 0, 0x1000), NULL},
    {LOAD(0x1000, 0, 0, 0x1000, 0x1000), LOAD(0x3000, 0x1000, 0x1000, 1, 0x1000), BEYOND},
    {LOAD(0x1000, 0, 0, 0x1000, 0x1000), LOAD(0x2FFF, 0x1000, 0x1000, 1, 0x1000), NULL},
};

static struct text file_of_pair(const struct elf_program *first, const struct elf_program *second)
{
    struct elf_plan plan = {.entry = LINKED, .count = 2, .size = 0x3000};
    plan.programs[0] = *first;
    plan.programs[1] = *second;
    return elf_file(&plan);
}

START_TEST(two_segments_share_no_byte_and_no_page_of_two_places)
{
    const struct pair *pair = &pairs[_i];
    struct text files[] = {file_of_pair(&pair->a, &pair->b), file_of_pair(&pair->b, &pair->a)};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        if (pair->sentence != NULL) {
            refuses(files[i], pair->sentence);
            continue;
        }
        accepts(files[i]);
        ck_assert_uint_eq(elf.segment_count, 2);
        ck_assert_uint_eq(elf.segments[0].at, 0);
        ck_assert_uint_eq(elf.segments[1].at, pair->b.paddr - LINKED);
        ck_assert_uint_eq(elf.loaded_size, pair->b.filesz > 0 ? elf.segments[1].at + pair->b.filesz
                                                              : pair->a.filesz);
    }
}
END_TEST

/* Up to three PT_NOTE at these places of HIGH, and where all of them are. */
static const struct {
    uint32_t count;
    struct {
        uint64_t at, size;
    } notes[3];
    uint64_t at, size;
} notes[] = {
    {1, {{0x3100, 0x20}}, 0x3100, 0x20},
    {2, {{0x3100, 0x20}, {0x3120, 0x44}}, 0x3100, 0x64},
    {2, {{0x3120, 0x44}, {0x3100, 0x20}}, 0x3100, 0x64},
    {2, {{0x3100, 1}, {0x3200, 8}}, 0x3100, 0x108},
    {3, {{0x3200, 8}, {0x3400, 0x10}, {0x3100, 8}}, 0x3100, 0x310},
    {2, {{0x3100, 0x300}, {0x3200, 8}}, 0x3100, 0x300},
    {1, {{0x3100, 0}}, 0x3100, 0},
    {1, {{0x3100, UINT64_MAX}}, 0x3100, 0}, /* it wraps around: none */
};

START_TEST(notes_are_from_the_first_to_the_last)
{
    struct elf_plan plan = elf_plan(HIGH, LINKED);
    for (uint32_t i = 0; i < notes[_i].count; i++) {
        uint64_t at = notes[_i].notes[i].at;
        uint64_t size = notes[_i].notes[i].size;
        plan.programs[plan.count++] = (struct elf_program){
            PT_NOTE, PF_R, 0x4000 + at - 0x3000, HIGH + at, LINKED + at, size, size, 4};
    }
    plan.size = 0x6244;
    accepts(elf_file(&plan));
    ck_assert_uint_eq(elf.notes, HIGH + notes[_i].at);
    ck_assert_uint_eq(elf.notes_size, notes[_i].size);
}
END_TEST

START_TEST(a_dynamic_section_is_found_by_its_virtual_address)
{
    struct elf_plan plan = elf_plan(HIGH, LINKED);
    plan.programs[plan.count++] = (struct elf_program){PT_DYNAMIC,      PF_R, 0x4200, HIGH + 0x3200,
                                                       LINKED + 0x3200, 0x40, 0x40,   8};
    struct text file = elf_file(&plan);
    accepts(file);
    ck_assert_uint_eq(elf.dynamic, 0x3200);
    ck_assert_uint_eq(elf.dynamic_size, 0x40);
    elf_poke(file, elf_field(3, P_VADDR), HIGH + 0x7FFF, 8); /* in memory, not in the file */
    elf_poke(file, elf_field(3, P_FILESZ), 1, 8);
    refuses(file, "it is linked dynamically: it has a PT_DYNAMIC outside of what is loaded");
}
END_TEST

START_TEST(an_entry_is_in_any_executable_segment)
{
    struct elf_plan plan = elf_plan(HIGH, LINKED);
    static const uint64_t entries[] = {HIGH + 0x4010, HIGH + 0x4010 + 0x1233, LINKED + 0x4010,
                                       LINKED + 0x4010 + 0x1233};
    plan.programs[0].flags = PF_R;
    plan.programs[2].flags = PF_R | PF_X;
    for (size_t i = 0; i < COUNT_OF(entries); i++) {
        plan.entry = entries[i];
        accepts(elf_file(&plan));
        ck_assert_uint_eq(elf.entry, entries[i]);
    }
    plan.entry = HIGH + 0x4010 + 0x1234;
    refuses(elf_file(&plan), "its entry 0xffffffff80205244 is in no executable segment");
    plan.entry = HIGH + 0x400F;
    refuses(elf_file(&plan), "its entry 0xffffffff8020400f is in no executable segment");
}
END_TEST

/* The sanitizer watches the end of the segments. */
START_TEST(what_is_in_none_of_sixteen_segments_is_nowhere)
{
    uint64_t at;
    struct text file = file_of_pages(16);
    accepts(file);
    ck_assert(elf_find(&elf, LINKED + 15 * PAGE_SIZE, PAGE_SIZE, &at));
    ck_assert_uint_eq(at, 15 * PAGE_SIZE);
    ck_assert(!elf_find(&elf, LINKED + 16 * PAGE_SIZE, 1, &at));
    ck_assert_ptr_eq(elf_next_in_file(&elf, 17 * PAGE_SIZE), &elf.segments[15]);
    ck_assert_ptr_null(elf_next_in_file(&elf, 17 * PAGE_SIZE + 1));
    elf_poke(file, E_ENTRY, LINKED + 16 * PAGE_SIZE, 8);
    refuses(file, "its entry 0x210000 is in no executable segment");
}
END_TEST

/* The file has less of each than memory, and nothing of the one at HIGH + 0x8000. */
static const struct elf gaps = {
    .loaded_size = 0x1280,
    .memory_size = 0x3100,
    .segment_count = 3,
    .segments = {{0x5000, 0x400, 0, 0x800, LINKED, 0, 0},
                 {0x1000, 0x280, 0x1000, 0x300, HIGH, 0, 1},
                 {0x3000, 0, 0x3000, 0x100, HIGH + 0x8000, 0, 2}},
};

static const struct {
    uint64_t address, size;
    bool found;
    uint64_t at;
} finds[] = {
    {LINKED, 1, true, 0},
    {LINKED, 0x800, true, 0}, /* zeros as well: bytes of the file follow */
    {LINKED, 0x801, false, 0},
    {LINKED + 0x7FF, 1, true, 0x7FF},
    {LINKED + 0x7FF, 2, false, 0},
    {LINKED + 0x800, 1, false, 0},
    {LINKED - 1, 1, false, 0},
    {LINKED - 1, 2, false, 0},
    {HIGH, 0x280, true, 0x1000},
    {HIGH, 0x281, false, 0},
    {HIGH + 0x27F, 1, true, 0x127F},
    {HIGH + 0x280, 1, false, 0},
    {HIGH + 0x2F0, 8, false, 0},
    {HIGH + 0x300, 1, false, 0},
    {HIGH, UINT64_MAX, false, 0},
    {HIGH + 0x10, UINT64_MAX - 0xF, false, 0},
    {HIGH + 0x8000, 1, false, 0},
    {0, 1, false, 0},
    {UINT64_MAX, 1, false, 0},
};

START_TEST(an_address_is_found_where_the_file_has_it_or_before)
{
    uint64_t at = UNTOUCHED;
    ck_assert_int_eq(elf_find(&gaps, finds[_i].address, finds[_i].size, &at), finds[_i].found);
    ck_assert(!finds[_i].found || at == finds[_i].at);
}
END_TEST

START_TEST(segments_follow_in_the_order_of_the_file)
{
    struct elf few = gaps;
    ck_assert_ptr_eq(elf_next_in_file(&few, 0), &few.segments[1]);
    ck_assert_ptr_eq(elf_next_in_file(&few, 0x1000), &few.segments[1]);
    ck_assert_ptr_eq(elf_next_in_file(&few, 0x1001), &few.segments[0]);
    ck_assert_ptr_eq(elf_next_in_file(&few, 0x5000), &few.segments[0]);
    ck_assert_ptr_null(elf_next_in_file(&few, 0x5001));
    few.segments[2].file_size = 1;
    ck_assert_ptr_eq(elf_next_in_file(&few, 0x1001), &few.segments[2]);
    ck_assert_ptr_eq(elf_next_in_file(&few, 0x3001), &few.segments[0]);
    few.segment_count = 0;
    ck_assert_ptr_null(elf_next_in_file(&few, 0));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("elf_places");
    TCase *file = tcase_create("file");
    tcase_add_loop_test(file, two_segments_share_no_byte_and_no_page_of_two_places, 0,
                        COUNT_OF(pairs));
    tcase_add_loop_test(file, notes_are_from_the_first_to_the_last, 0, COUNT_OF(notes));
    tcase_add_test(file, a_dynamic_section_is_found_by_its_virtual_address);
    tcase_add_test(file, an_entry_is_in_any_executable_segment);
    suite_add_tcase(suite, file);

    TCase *places = tcase_create("places");
    tcase_add_test(places, what_is_in_none_of_sixteen_segments_is_nowhere);
    tcase_add_loop_test(places, an_address_is_found_where_the_file_has_it_or_before, 0,
                        COUNT_OF(finds));
    tcase_add_test(places, segments_follow_in_the_order_of_the_file);
    suite_add_tcase(suite, places);
    return suite_main(suite, "unit-elf_places");
}
