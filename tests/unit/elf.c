/* ELF files: what is taken from them, and each field that can be wrong by itself. */
#include "elf_parse.h"

START_TEST(segments_are_taken_as_they_are)
{
    struct elf_plan plan = elf_plan(HIGH, LINKED);
    accepts(elf_file(&plan));
    ck_assert_uint_eq(elf.address, HIGH);
    ck_assert_uint_eq(elf.physical, LINKED);
    ck_assert_uint_eq(elf.entry, HIGH + 0x40);
    ck_assert_uint_eq(elf.memory_size, 0x4010 + 0x9876);
    ck_assert_uint_eq(elf.loaded_size, 0x4010 + 0x1234);
    ck_assert_uint_eq(elf.alignment, 0x1000);
    ck_assert_uint_eq(elf.dynamic_size, 0);
    ck_assert(!elf.position_independent);
    ck_assert_uint_eq(elf.segment_count, 3);
    static const struct elf_segment expected[] = {
        {0x1000, 0x2345, 0, 0x2345, HIGH, ELF_EXECUTE, 0},
        {0x4000, 0x801, 0x3000, 0x801, HIGH + 0x3000, 0, 1},
        {0x5010, 0x1234, 0x4010, 0x9876, HIGH + 0x4010, ELF_WRITE, 2}};
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        const struct elf_segment *segment = &elf.segments[i];
        ck_assert_uint_eq(segment->offset, expected[i].offset);
        ck_assert_uint_eq(segment->file_size, expected[i].file_size);
        ck_assert_uint_eq(segment->at, expected[i].at);
        ck_assert_uint_eq(segment->memory_size, expected[i].memory_size);
        ck_assert_uint_eq(segment->address, expected[i].address);
        ck_assert_uint_eq(segment->flags, expected[i].flags);
        ck_assert_uint_eq(segment->program, expected[i].program);
    }
}
END_TEST

START_TEST(an_image_begins_with_the_page_of_its_first_segment)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    plan.programs[0].vaddr = plan.programs[0].paddr = LINKED + 0x120;
    plan.entry = LINKED + 0x120;
    accepts(elf_file(&plan));
    ck_assert_uint_eq(elf.address, LINKED);
    ck_assert_uint_eq(elf.physical, LINKED);
    ck_assert_uint_eq(elf.segments[0].at, 0x120);
}
END_TEST

START_TEST(position_independence_and_alignment_are_noticed)
{
    struct elf_plan plan = elf_plan(0, 0);
    plan.type = ET_DYN;
    plan.programs[plan.count++] =
        (struct elf_program){PT_DYNAMIC, PF_R, 0x4000, 0x3000, 0x3000, 0x40, 0x40, 8};
    plan.programs[1].align = 0x200000;
    plan.programs[2].align = 0;
    accepts(elf_file(&plan));
    ck_assert(elf.position_independent);
    ck_assert_uint_eq(elf.alignment, 0x200000);
    ck_assert_uint_eq(elf.address, 0);
    plan.programs[0].align = 1;
    plan.programs[1].align = 0x40000000;
    accepts(elf_file(&plan));
    ck_assert_uint_eq(elf.alignment, 0x40000000);
    plan.programs[1].align = 2;
    accepts(elf_file(&plan));
    ck_assert_uint_eq(elf.alignment, 0x1000);
}
END_TEST

START_TEST(other_program_headers_do_not_matter)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    static const uint32_t types[] = {PT_NULL, PT_NOTE, PT_TLS, 0x6474E551, 0x6474E552};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        plan.programs[3 + i] =
            (struct elf_program){types[i], 7, UINT64_MAX, UINT64_MAX, 1, UINT64_MAX, 0, 3};
    }
    struct text file;
    plan.size = 0x6244;
    plan.count = 3 + COUNT_OF(types);
    file = elf_file(&plan);
    accepts(file);
    ck_assert_uint_eq(elf.segment_count, 3);
    elf_poke(file, E_PHNUM, 2, 2); /* what follows the last one is none */
    accepts(file);
    ck_assert_uint_eq(elf.segment_count, 2);
}
END_TEST

START_TEST(an_empty_segment_is_none)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    plan.programs[3] = (struct elf_program){PT_LOAD, 7, 0, 0x10, 0x20, 0, 0, 3};
    plan.count = 4;
    accepts(elf_file(&plan));
    ck_assert_uint_eq(elf.segment_count, 3);
}
END_TEST

START_TEST(a_segment_without_bytes_in_the_file_may_name_any_offset)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    struct elf_program bss = {.type = PT_LOAD, .vaddr = LINKED + 0x20000, .memsz = 0x5001};
    static const uint64_t offsets[] = {0, 0x4020, 0x6245, UINT64_MAX};
    bss.paddr = bss.vaddr;
    plan.programs[3] = bss;
    plan.count = 4;
    plan.size = 0x6244;
    struct text file = elf_file(&plan);
    for (size_t i = 0; i < COUNT_OF(offsets); i++) {
        elf_poke(file, elf_field(3, P_OFFSET), offsets[i], 8);
        accepts(file);
    }
    ck_assert_uint_eq(elf.segment_count, 4);
    ck_assert_uint_eq(elf.memory_size, 0x25001);
    ck_assert_uint_eq(elf.loaded_size, 0x4010 + 0x1234);
}
END_TEST

START_TEST(sixteen_segments_are_the_most)
{
    accepts(file_of_pages(16));
    ck_assert_uint_eq(elf.segment_count, 16);
    refuses(file_of_pages(17),
            "its ELF header has PT_LOAD segments, at least 17; expected 1 to 16");
    refuses(file_of_pages(0), "its ELF header has PT_LOAD segments: 0; expected 1 to 16");
}
END_TEST

START_TEST(program_headers_lie_in_the_first_4_kib)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    struct text file = elf_file(&plan);
    uint64_t last = ELF_HEAD_SIZE - 3 * P_SIZE;
    memmove((char *)file.bytes + last, file.bytes + E_SIZE, 3 * P_SIZE);
    elf_poke(file, E_PHOFF, last, 8);
    accepts(file);
    elf_poke(file, E_PHOFF, last + 1, 8);
    refuses(file, "its ELF header has e_phoff 3929; expected at most 3928");
    elf_poke(file, E_PHOFF, UINT64_MAX, 8);
    refuses(file, "its ELF header has e_phoff 18446744073709551615; expected at most 3928");
    elf_poke(file, E_PHOFF, E_SIZE, 8);
    elf_poke(file, E_PHNUM, 73, 2);
    refuses(file, "its ELF header has e_phoff 64; expected at most 8");
    elf_poke(file, E_PHNUM, 74, 2);
    refuses(file, "its ELF header has e_phnum 74; expected at most 73");
    elf_poke(file, E_PHNUM, 0xFFFF, 2);
    refuses(file, "its ELF header has e_phnum 65535; expected at most 73");
    elf_poke(file, E_PHNUM, 2, 2);
    refuses((struct text){file.bytes, 2 * P_SIZE},
            "its ELF header has e_phoff 64; expected at most 0");
    elf_poke(file, E_PHNUM, 0, 2);
    refuses((struct text){file.bytes, E_SIZE}, "its ELF header has PT_LOAD segments: 0; expected");
}
END_TEST

START_TEST(a_file_cut_anywhere_is_refused)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    struct text file = elf_file(&plan);
    for (uint64_t size = 20; size < file.size; size += size < 300 ? 1 : 67) {
        struct text cut = {file.bytes, size};
        ck_assert_int_ne(parse(cut, size), STATUS_OK);
    }
    refuses((struct text){file.bytes, 63}, "its ELF header has a size of 63; expected 64");
    refuses((struct text){file.bytes, 231}, "its ELF header has e_phoff 64; expected at most 63");
    refuses(
        (struct text){file.bytes, 0x6243},
        "its program header 2 reaches beyond the file with p_offset and p_filesz: 0x5010, 0x1234");
    ck_assert_int_eq(parse((struct text){file.bytes, 5000}, ELF_SIZE_UNKNOWN), STATUS_OK);
}
END_TEST

/* One field of a sound file, and what is said about it. */
struct broken {
    uint64_t offset;
    uint64_t value;
    uint64_t size;
    const char *sentence;
};

#define FIELD(program, field) (E_SIZE + (program)*P_SIZE + (field))

static const struct broken broken[] = {
    {E_VERSION, 0, 4, "its ELF header has e_version 0; expected 1"},
    {E_VERSION, 2, 4, "its ELF header has e_version 2; expected 1"},
    {E_TYPE, 0, 2, "its ELF header has e_type 0; expected 2 or 3"},
    {E_TYPE, ET_REL, 2, "its ELF header has e_type 1; expected 2 or 3"},
    {E_TYPE, ET_CORE, 2, "its ELF header has e_type 4; expected 2 or 3"},
    {E_PHENTSIZE, 0, 2, "its ELF header has e_phentsize 0; expected 56"},
    {E_PHENTSIZE, 32, 2, "its ELF header has e_phentsize 32; expected 56"},
    {E_PHENTSIZE, 64, 2, "its ELF header has e_phentsize 64; expected 56"},
    {E_ENTRY, 0, 8, "its entry 0x0 is in no executable segment"},
    {E_ENTRY, LINKED - 1, 8, "its entry 0x1fffff is in no executable segment"},
    {E_ENTRY, LINKED + 0x2345, 8, "its entry 0x202345 is in no executable segment"},
    {E_ENTRY, LINKED + 0x4010, 8, "its entry 0x204010 is in no executable segment"},
    {FIELD(1, P_TYPE), PT_INTERP, 4, "it is linked dynamically: it has an interpreter (PT_INTERP)"},
    {FIELD(0, P_FILESZ), 0x2346, 8,
     "its program header 0 has a p_filesz above p_memsz: 0x2346, 0x2345"},
    {FIELD(0, P_MEMSZ), 0x2344, 8,
     "its program header 0 has a p_filesz above p_memsz: 0x2345, 0x2344"},
    {FIELD(2, P_OFFSET), 0x5011, 8,
     "its program header 2 reaches beyond the file with p_offset and p_filesz: 0x5011, 0x1234"},
    {FIELD(2, P_OFFSET), UINT64_MAX, 8,
     "its program header 2 reaches beyond the file with p_offset and p_filesz: "
     "0xffffffffffffffff, 0x1234"},
    {FIELD(2, P_FILESZ), 0x1235, 8,
     "its program header 2 reaches beyond the file with p_offset and p_filesz: 0x5010, 0x1235"},
    {FIELD(1, P_ALIGN), 3, 8,
     "its program header 1 has a p_align that is no power of two, or too large: 0x3, 0x40000000"},
    {FIELD(1, P_ALIGN), UINT64_C(1) << 31, 8,
     "its program header 1 has a p_align that is no power of two, or too large: 0x80000000"},
    {FIELD(2, P_MEMSZ), UINT64_MAX, 8,
     "its program header 2 wraps around with p_vaddr and p_memsz: 0x204010, 0xffffffffffffffff"},
    {FIELD(2, P_MEMSZ), UINT64_MAX - LINKED - 0x5000, 8,
     "its program header 2 wraps around with p_vaddr and p_memsz: 0x204010"},
    {FIELD(2, P_VADDR), UINT64_MAX - 0x9876, 8,
     "its program header 2 wraps around with p_vaddr and p_memsz: 0xffffffffffff6789, 0x9876"},
    {FIELD(2, P_PADDR), UINT64_MAX - 0x9876, 8,
     "its program header 2 wraps around with p_paddr and p_memsz: 0xffffffffffff6789, 0x9876"},
    {FIELD(1, P_VADDR), LINKED + 0x3001, 8,
     "its program header 1 has p_vaddr and p_paddr at different places of a page: 0x203001"},
    {FIELD(0, P_VADDR), LINKED + 1, 8,
     "its program header 0 has p_vaddr and p_paddr at different places of a page: 0x200001"},
    {FIELD(0, P_MEMSZ), 0x3001, 8,
     "its program header 1 overlaps another one by p_paddr: 0x203000, 0x200000"},
    {FIELD(2, P_OFFSET), 0x4800, 8,
     "its program header 2 overlaps another one by p_offset: 0x4800, 0x4000"},
    {FIELD(2, P_VADDR), LINKED + 0x10, 8,
     "its program header 2 shares a page with another one by p_vaddr only: 0x200010, 0x200000"},
    {FIELD(1, P_PADDR), HIGH + 0x3000, 8,
     "its program header 1 has a p_paddr in another half of all addresses than others: "
     "0xffffffff80203000, 0x200000"},
};

START_TEST(one_broken_field_is_refused_by_name)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    const struct broken *test = &broken[_i];
    struct text file = elf_file(&plan);
    accepts(file);
    elf_poke(file, test->offset, test->value, test->size);
    refuses(file, test->sentence);
}
END_TEST

START_TEST(a_pie_without_a_dynamic_section_is_refused)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    plan.type = ET_DYN;
    refuses(elf_file(&plan),
            "it is position-independent, but has no PT_DYNAMIC that leads to its relocations");
}
END_TEST

/* As ld.lld -Ttext and mold leave them, in memory or in the file. */
START_TEST(segments_may_be_in_any_order)
{
    static const uint8_t orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                        {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        struct elf_plan shuffled = plan;
        for (int j = 0; j < 3; j++) {
            shuffled.programs[j] = plan.programs[orders[i][j]];
        }
        accepts(elf_file(&shuffled));
        ck_assert_uint_eq(elf.physical, LINKED);
        ck_assert_uint_eq(elf.memory_size, 0x4010 + 0x9876);
        ck_assert_uint_eq(elf.loaded_size, 0x4010 + 0x1234);
        ck_assert_uint_eq(elf.segments[0].at, 0);
        ck_assert_uint_eq(elf.segments[1].at, 0x3000);
        ck_assert_uint_eq(elf.segments[2].at, 0x4010);
        ck_assert_uint_eq(elf.segments[1].offset, 0x4000);
    }
}
END_TEST

START_TEST(segments_of_one_page_share_it)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    plan.programs[1].memsz = 0x1010;
    accepts(elf_file(&plan));
    plan = elf_plan(HIGH, LINKED);
    plan.programs[1].memsz = 0x1010;
    accepts(elf_file(&plan));
}
END_TEST

/* All of them in the upper half of all addresses, or one far from the others. */
START_TEST(segments_may_lie_apart)
{
    struct elf_plan plan = elf_plan(HIGH, HIGH);
    accepts(elf_file(&plan));
    ck_assert_uint_eq(elf.physical, HIGH);
    plan = elf_plan(LINKED, LINKED);
    plan.programs[2].vaddr = plan.programs[2].paddr = (UINT64_C(1) << 62) + 0x10;
    accepts(elf_file(&plan));
    ck_assert_uint_eq(elf.memory_size, (UINT64_C(1) << 62) - LINKED + 0x10 + 0x9876);
}
END_TEST

/* A part that runs at its physical address, the rest in the higher half. */
START_TEST(segments_may_be_at_different_distances_from_their_physical_addresses)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    plan.programs[1].vaddr = HIGH + 0x3000;
    plan.programs[2].vaddr = HIGH + 0x104010;
    accepts(elf_file(&plan));
    ck_assert_uint_eq(elf.physical, LINKED);
    ck_assert_uint_eq(elf.address, HIGH);
    ck_assert_uint_eq(elf.segments[0].address, LINKED);
    ck_assert_uint_eq(elf.segments[2].address, HIGH + 0x104010);
    ck_assert_uint_eq(elf.segments[2].at, 0x4010);
}
END_TEST

/* xv6, JOS and most kernels that had a Multiboot header once. */
START_TEST(an_entry_may_be_a_physical_address)
{
    struct elf_plan plan = elf_plan(HIGH, LINKED);
    plan.entry = LINKED + 0x2344;
    accepts(elf_file(&plan));
    ck_assert_uint_eq(elf.entry, LINKED + 0x2344);
    plan.entry = LINKED + 0x2345;
    refuses(elf_file(&plan), "its entry 0x202345 is in no executable segment, neither by virtual "
                             "nor by physical addresses");
    plan.entry = LINKED + 0x3000;
    refuses(elf_file(&plan), "its entry 0x203000 is in no executable segment");
}
END_TEST

START_TEST(segments_lie_at_the_same_place_of_physical_and_virtual_pages)
{
    struct elf_plan plan = elf_plan(HIGH, LINKED + 8);
    refuses(elf_file(&plan), "its program header 0 has p_vaddr and p_paddr at different places of "
                             "a page: 0xffffffff80200000, 0x200008");
}
END_TEST

START_TEST(the_last_page_of_all_addresses_is_not_for_kernels)
{
    struct text file = file_of_pages(1);
    elf_poke(file, E_ENTRY, UINT64_MAX - 0x1FFF, 8);
    elf_poke(file, elf_field(0, P_VADDR), UINT64_MAX - 0x1FFF, 8);
    elf_poke(file, elf_field(0, P_PADDR), UINT64_MAX - 0x1FFF, 8);
    accepts(file);
    elf_poke(file, elf_field(0, P_MEMSZ), PAGE_SIZE + 1, 8);
    refuses(file, "its program header 0 wraps around with p_vaddr and p_memsz");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("elf");
    TCase *sound = tcase_create("sound");
    tcase_add_test(sound, segments_are_taken_as_they_are);
    tcase_add_test(sound, an_image_begins_with_the_page_of_its_first_segment);
    tcase_add_test(sound, position_independence_and_alignment_are_noticed);
    tcase_add_test(sound, other_program_headers_do_not_matter);
    tcase_add_test(sound, an_empty_segment_is_none);
    tcase_add_test(sound, a_segment_without_bytes_in_the_file_may_name_any_offset);
    tcase_add_test(sound, segments_may_be_in_any_order);
    tcase_add_test(sound, segments_of_one_page_share_it);
    tcase_add_test(sound, segments_may_be_at_different_distances_from_their_physical_addresses);
    tcase_add_test(sound, segments_may_lie_apart);
    tcase_add_test(sound, an_entry_may_be_a_physical_address);
    suite_add_tcase(suite, sound);

    TCase *unsound = tcase_create("unsound");
    tcase_add_test(unsound, sixteen_segments_are_the_most);
    tcase_add_test(unsound, program_headers_lie_in_the_first_4_kib);
    tcase_add_test(unsound, a_file_cut_anywhere_is_refused);
    tcase_add_test(unsound, a_pie_without_a_dynamic_section_is_refused);
    tcase_add_loop_test(unsound, one_broken_field_is_refused_by_name, 0, COUNT_OF(broken));
    tcase_add_test(unsound, segments_lie_at_the_same_place_of_physical_and_virtual_pages);
    tcase_add_test(unsound, the_last_page_of_all_addresses_is_not_for_kernels);
    suite_add_tcase(suite, unsound);
    return suite_main(suite, "unit-elf");
}
