/* ELF files through all of the boot: what lies where in the end, and what the stages refuse. */
#include "boot_check.h"
#include "elves.h"
#include "kernels.h"
#include "suite.h"

#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define LINKED          (2 * MIB)
#define HIGH            UINT64_C(0xFFFFFFFF80000000)
#define DIRECT          UINT64_C(0xFFFF800000000000)

static struct expectation expect_elf(const struct elf_plan *plan, struct text file)
{
    uint64_t base = elf_base(plan);
    struct expectation expected = {
        .image = elf_image(plan, file),
        .address = base,
        .memory_size = elf_span(plan),
        .entry = plan->entry,
        .file = file,
        .elf = plan,
    };
    for (uint32_t i = 0; i < plan->count && expected.virtual_address == 0; i++) {
        uint64_t distance = plan->programs[i].vaddr - plan->programs[i].paddr;
        expected.virtual_address = distance != 0 ? base + distance : 0;
    }
    return expected;
}

/* As it is, with gzip, with gzip in two members, and with zlib. */
static void boots_packed(const char *config, const struct expectation *sound)
{
    char zlib[200];
    struct expectation expected = *sound;
    (void)given(config, sound->file);
    boots(&expected);
    expected.inflated = sound->file;
    expected.file = kernel_gzip(sound->file);
    expected.gzip = true;
    (void)given(config, expected.file);
    boots(&expected);
    expected.gzip = false;
    expected.file = kernel_members(sound->file, sound->file.size / 3);
    (void)given(config, expected.file);
    boots(&expected);
    expected.file = kernel_zlib(sound->file);
    (void)snprintf(zlib, sizeof(zlib), "%scompression = zlib\n", config);
    (void)given(zlib, expected.file);
    boots(&expected);
}

START_TEST(segments_go_to_their_physical_addresses)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    boots_packed(CONFIG_PLAIN, &expected);
    boots_packed(CONFIG_PLAIN "address = 2M\n", &expected);
    boots_packed(CONFIG_PLAIN "read_chunk = 4K\n", &expected);
    boots_packed(CONFIG_PLAIN "read_chunk = whole\n", &expected);
}
END_TEST

START_TEST(the_tail_of_the_file_does_not_matter)
{
    struct elf_plan plan = elf_plan(MIB, MIB);
    plan.size = 3 * MIB + 17;
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    boots_packed(CONFIG_PLAIN, &expected);
    struct fake_file *file = given(CONFIG_PLAIN "read_chunk = 4K\n", expected.file);
    boots(&expected);
    ck_assert_uint_eq(file->bytes_read, 0x6244);
}
END_TEST

START_TEST(wide_gaps_in_the_file_are_skipped)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    plan.programs[0].offset = 3 * MIB / 2;
    plan.programs[1].offset = 2 * MIB;
    plan.programs[2].offset = 5 * MIB;
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    boots_packed(CONFIG_PLAIN, &expected);
    boots_packed(CONFIG_PLAIN "read_chunk = 4K\n", &expected);
    boots_packed(CONFIG_PLAIN "read_chunk = whole\n", &expected);
}
END_TEST

/* Segments are copied, not mapped: p_offset may be any, modulo a page. */
START_TEST(an_offset_need_not_be_congruent_to_its_address)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    plan.programs[0].offset += 0x7;
    plan.programs[1].offset += 0x123;
    plan.programs[2].offset += 0xFFF;
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    boots_packed(CONFIG_PLAIN, &expected);
    for (int i = 1; i < 3; i++) { /* a byte is between them */
        plan.programs[i].offset = plan.programs[i - 1].offset + plan.programs[i - 1].filesz + 1;
    }
    expected = expect_elf(&plan, elf_file(&plan));
    boots_packed(CONFIG_PLAIN, &expected);
}
END_TEST

START_TEST(short_reads_are_continued)
{
    static const uint64_t limits[] = {1, 7, 511, 4089};
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        given(CONFIG_PLAIN, expected.file)->read_limit = limits[i];
        boots(&expected);
    }
}
END_TEST

START_TEST(a_headers_first_segment_may_hold_the_elf_header)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    plan.programs[0].offset = 0;
    plan.entry = LINKED + 0x1000;
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    boots_packed(CONFIG_PLAIN, &expected);
}
END_TEST

START_TEST(a_kernel_begins_with_the_page_of_its_first_segment)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    plan.programs[0].vaddr += 0x120;
    plan.programs[0].paddr += 0x120;
    plan.programs[0].offset += 0x120;
    plan.entry = LINKED + 0x120;
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    boots_packed(CONFIG_PLAIN, &expected);
}
END_TEST

START_TEST(an_elf_file_is_staged_like_any_other)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    struct text packed = kernel_gzip(expected.file);
    expected.staged = true;
    (void)given(CONFIG_PLAIN, expected.file);
    fake_set_memory(LINKED + 16 * KIB, 8 * KIB, EFI_BOOT_DATA);
    boots(&expected);
    expected.inflated = expected.file;
    expected.file = packed;
    expected.gzip = true;
    (void)given(CONFIG_PLAIN, expected.file);
    fake_set_memory(LINKED + 16 * KIB, 8 * KIB, EFI_BOOT_DATA);
    boots(&expected);
}
END_TEST

START_TEST(segments_in_any_order_are_loaded)
{
    struct elf_plan sound = elf_plan(LINKED, LINKED);
    sound.programs[0].offset = 0x5000; /* first in memory, last in the file */
    sound.programs[2].offset = 0x1010;
    for (int first = 0; first < 3; first++) {
        struct elf_plan plan = sound;
        for (int i = 0; i < 3; i++) {
            plan.programs[i] = sound.programs[(first + i) % 3];
        }
        struct expectation expected = expect_elf(&plan, elf_file(&plan));
        boots_packed(CONFIG_PLAIN, &expected);
        boots_packed(CONFIG_PLAIN "read_chunk = 4K\n", &expected);
    }
}
END_TEST

START_TEST(a_page_of_two_segments_has_the_rights_of_both)
{
    struct elf_plan plan = elf_plan(HIGH + LINKED, LINKED);
    plan.programs[0].filesz = plan.programs[0].memsz = 0x2900; /* the rest of it is rodata's */
    plan.programs[1].vaddr = HIGH + LINKED + 0x2900;
    plan.programs[1].paddr = LINKED + 0x2900;
    plan.programs[1].memsz = 0x1700; /* and 16 bytes of the page of data */
    plan.programs[2].vaddr -= 0x10;
    plan.programs[2].paddr -= 0x10;
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    boots_packed(CONFIG_PLAIN, &expected);
    for (int i = 0; i < 3; i++) {
        plan.programs[i].vaddr = plan.programs[i].paddr;
    }
    plan.entry = LINKED + 0x40;
    expected = expect_elf(&plan, elf_file(&plan));
    boots_packed(CONFIG_PLAIN, &expected);
    plan.programs[1].memsz = 0x10; /* three on one page */
    plan.programs[1].filesz = 0x10;
    plan.programs[2].vaddr = plan.programs[2].paddr = LINKED + 0x2920;
    expected = expect_elf(&plan, elf_file(&plan));
    boots_packed(CONFIG_PLAIN, &expected);
}
END_TEST

/* The layout of most kernels that come from Multiboot. */
START_TEST(a_trampoline_runs_low_and_the_rest_in_the_higher_half)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    plan.programs[1].vaddr += HIGH;
    plan.programs[2].vaddr += HIGH;
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    ck_assert_uint_eq(expected.virtual_address, HIGH + LINKED);
    boots_packed(CONFIG_PLAIN, &expected);
    (void)given(CONFIG_PLAIN, expected.file);
    fake_set_memory(LINKED + 16 * KIB, 8 * KIB, EFI_BOOT_DATA);
    expected.staged = true;
    boots(&expected);
    plan.programs[2].vaddr += 64 * MIB; /* two distances besides 0 */
    expected = expect_elf(&plan, elf_file(&plan));
    expected.direct_map = DIRECT;
    boots_packed(CONFIG_PLAIN "direct_map = 0xffff800000000000\n", &expected);
    plan.programs[1].vaddr = DIRECT + GIB + 0x3000; /* the direct map would lie between the two */
    (void)given(CONFIG_PLAIN "direct_map = 0xffff900000000000\n", elf_file(&plan));
    refuses(STATUS_DIRECT_MAP_OVERLAP, "meets the kernel at 0xffff800040003000-0xffffffff8420dfff");
}
END_TEST

START_TEST(a_kernel_may_begin_at_a_physical_address)
{
    struct elf_plan plan = elf_plan(HIGH + LINKED, LINKED);
    plan.entry = LINKED + 0x40;
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    boots_packed(CONFIG_PLAIN, &expected);
}
END_TEST

START_TEST(an_elf_file_below_1_mib_names_the_segment)
{
    struct elf_plan plan = elf_plan(HIGH, 0);
    (void)given(CONFIG_PLAIN, elf_file(&plan));
    refuses(STATUS_ELF_TOO_LOW, "its program header 0 is to be loaded at 0x0, below 1 MiB");
    plan = elf_plan(MIB - 4 * KIB, MIB - 4 * KIB);
    struct elf_program first = plan.programs[0];
    plan.programs[0] = plan.programs[1];
    plan.programs[1] = first;
    (void)given(CONFIG_PLAIN, elf_file(&plan));
    refuses(STATUS_ELF_TOO_LOW, "its program header 1 is to be loaded at 0xff000, below 1 MiB");
    ck_assert(strstr(fake.said, "-Ttext-segment (GNU ld) or --image-base (ld.lld)") != NULL);
}
END_TEST

START_TEST(segments_of_one_byte_and_of_none_are_loaded)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    plan.programs[1].filesz = plan.programs[1].memsz = 1;
    plan.programs[3] = (struct elf_program){PT_LOAD,      PF_R | PF_W, 0x6400, LINKED + MIB,
                                            LINKED + MIB, 0,           0x1000, 0x1000};
    plan.count = 4;
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    boots_packed(CONFIG_PLAIN, &expected);
    (void)given(CONFIG_PLAIN, expected.file);
    fake_set_memory(LINKED + 16 * KIB, 8 * KIB, EFI_BOOT_DATA);
    expected.staged = true; /* nothing is cleared after the copy, which has no room for the last */
    boots(&expected);
}
END_TEST

START_TEST(as_many_segments_as_there_may_be_are_loaded)
{
    const struct elf_program page = {PT_LOAD, PF_R | PF_X, 0x1000, LINKED,
                                     LINKED,  0x80,        0x100,  0x1000};
    struct elf_plan plan = {.entry = LINKED + 0x40, .count = ELF_SEGMENTS_MAX};
    for (uint32_t i = 0; i < plan.count; i++) {
        plan.programs[i] = page;
        plan.programs[i].offset += i * UINT64_C(0x100);
        plan.programs[i].vaddr += i * PAGE_SIZE;
        plan.programs[i].paddr += i * PAGE_SIZE;
    }
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    boots_packed(CONFIG_PLAIN, &expected);
}
END_TEST

/* A large .bss makes neither a large copy nor a large file. */
START_TEST(a_bss_is_zero_and_costs_nothing)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    plan.programs[2].memsz = 40 * MIB;
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    boots_packed(CONFIG_PLAIN, &expected);
    (void)given(CONFIG_PLAIN, expected.file);
    fake_set_memory(20 * MIB, 8 * KIB, EFI_BOOT_DATA);
    expected.staged = true;
    boots(&expected);
    ck_assert_uint_eq(fake.hand_off.copy_pages, 6);
}
END_TEST

START_TEST(memory_may_be_more_than_the_segments_take)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    expected.memory_size = MIB;
    boots_packed(CONFIG_PLAIN "memory = 1M\n", &expected);
    (void)given(CONFIG_PLAIN "memory = 54K\n", expected.file);
    refuses(STATUS_IMAGE_MEMORY_TOO_SMALL,
            "the image needs 55,430 bytes of memory, but 'memory =' in loader.cfg gives it 54 KiB");
}
END_TEST

static void put_header(struct text file, uint64_t offset, struct BootInfoKernelHeader header)
{
    header.magic = BOOTINFO_KERNEL_MAGIC;
    header.abi_major = BOOTINFO_VERSION_MAJOR;
    header.size = sizeof(header);
    memcpy((char *)file.bytes + offset, &header, sizeof(header));
}

START_TEST(a_kernel_header_counts_in_the_first_4_kib_of_the_first_segment)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    struct BootInfoKernelHeader header = {.load_address = LINKED,
                                          .memory_size = elf_span(&plan),
                                          .entry = plan.entry,
                                          .stack_size = 200 * KIB};
    static const uint64_t offsets[] = {0x1000, 0x1050, 0x2000 - sizeof(header)};
    for (size_t i = 0; i < COUNT_OF(offsets); i++) {
        struct text file = elf_file(&plan);
        put_header(file, offsets[i], header);
        struct expectation expected = expect_elf(&plan, file);
        expected.stack_size = 200 * KIB;
        boots_packed(CONFIG_PLAIN, &expected);
        boots_packed(CONFIG_PLAIN "read_chunk = 4K\n", &expected);
    }
    struct text file = elf_file(&plan);
    put_header(file, 0x200, header); /* in no segment */
    struct expectation expected = expect_elf(&plan, file);
    boots_packed(CONFIG_PLAIN, &expected);
}
END_TEST

/* As linker scripts do that do not know of .bootinfo.header. */
START_TEST(a_kernel_header_counts_in_any_segment)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    struct BootInfoKernelHeader header = {.memory_size = 2 * MIB, .stack_size = 200 * KIB};
    static const uint64_t offsets[] = {0x2000 - sizeof(header) + 8, 0x3200, 0x4100, 0x6200 - 0x40};
    for (size_t i = 0; i < COUNT_OF(offsets); i++) {
        struct text file = elf_file(&plan);
        put_header(file, offsets[i], header);
        struct expectation expected = expect_elf(&plan, file);
        expected.stack_size = 200 * KIB;
        expected.memory_size = 2 * MIB;
        boots_packed(CONFIG_PLAIN, &expected);
        (void)given(CONFIG_PLAIN, file);
        fake_set_memory(LINKED + MIB, 8 * KIB, EFI_BOOT_DATA);
        expected.staged = true;
        boots(&expected);
        ck_assert(strstr(fake.said, "with a kernel header") != NULL);
    }
    struct text file = elf_file(&plan);
    header.entry = LINKED + 0x48;
    put_header(file, 0x4100, header);
    (void)given(CONFIG_PLAIN, file);
    refuses(STATUS_ELF_CONFLICT,
            "its ELF header says entry 0x200040, but its kernel header says 0x200048");
}
END_TEST

/* The segment does not begin at a multiple of 8; the header does, as the linker places it. */
START_TEST(a_kernel_header_counts_at_the_end_of_a_large_segment)
{
    struct elf_plan plan = {
        .entry = LINKED + 0x10,
        .count = 1,
        .programs = {{PT_LOAD, PF_R | PF_W | PF_X, 0x1004, LINKED + 4, LINKED + 4, 2 * MIB, 2 * MIB,
                      0x1000}},
    };
    struct BootInfoKernelHeader header = {.stack_size = 200 * KIB};
    struct text file = elf_file(&plan);
    put_header(file, 0x1000 + 2 * MIB - sizeof(header), header);
    struct expectation expected = expect_elf(&plan, file);
    expected.stack_size = 200 * KIB;
    boots_packed(CONFIG_PLAIN, &expected);
}
END_TEST

/* The kernel is placed by it: the file is read once. */
static void is_seen_at_once(const struct elf_plan *plan, uint64_t offset)
{
    struct text file = elf_file(plan);
    put_header(file, offset, (struct BootInfoKernelHeader){.stack_size = 200 * KIB});
    struct expectation expected = expect_elf(plan, file);
    expected.stack_size = 200 * KIB;
    boots_packed(CONFIG_PLAIN, &expected);
    struct fake_file *opened = given(CONFIG_PLAIN, file);
    boots(&expected);
    ck_assert_uint_eq(opened->opens, 1);
}

START_TEST(a_kernel_header_is_seen_where_the_loaded_bytes_of_the_file_begin)
{
    static const uint64_t offsets[] = {0, 0x1000, 0x3000};
    struct elf_plan plan = {
        .entry = LINKED + 0x500,
        .count = 1,
        .programs = {{PT_LOAD, PF_R | PF_X, 0, LINKED, LINKED, 20000, 20000, 0x1000}},
    };
    for (size_t i = 0; i < COUNT_OF(offsets); i++) {
        plan.programs[0].offset = offsets[i];
        is_seen_at_once(&plan, offsets[i] + 0x400);
    }
    plan.programs[1] = plan.programs[0]; /* in the second segment of two short ones */
    plan.programs[0].filesz = plan.programs[0].memsz = 0x600;
    plan.programs[1].offset += 0x600;
    plan.programs[1].vaddr = plan.programs[1].paddr = LINKED + 0x1000;
    plan.programs[1].filesz = plan.programs[1].memsz = 0x700;
    plan.count = 2;
    is_seen_at_once(&plan, 0x3640);
}
END_TEST

/* Requests count in writable segments only. */
START_TEST(an_elf_kernel_of_another_loader_is_refused_by_its_segments)
{
    static const uint64_t request[] = {UINT64_C(0xC7B1DD30DF4C8B88), UINT64_C(0x0A82E883A194F07B)};
    struct elf_plan plan = elf_plan(HIGH, HIGH);
    struct text file = elf_file(&plan);
    memcpy((char *)file.bytes + 0x4010, request, sizeof(request));
    struct expectation expected = expect_elf(&plan, file);
    expected.address = MIB;
    expected.virtual_address = HIGH;
    boots_packed(CONFIG_PLAIN, &expected);
    memcpy((char *)file.bytes + 0x5020, request, sizeof(request));
    (void)given(CONFIG_PLAIN, file);
    refuses(STATUS_IMAGE_LIMINE, "/k.bin: error: ");
}
END_TEST

START_TEST(a_raw_kernels_header_out_of_reach_is_an_error)
{
    static const struct {
        uint64_t at;
        const char *sentence;
    } places[] = {
        {0x1280, "its kernel header lies at 0x1280 of the image; it must end within the first 4096 "
                 "bytes"},
        {0x8000, "its kernel header lies at 0x8000 of the image"},
        {3 * MIB - sizeof(struct BootInfoKernelHeader),
         "its kernel header lies at 0x2fffb8 of the image"},
    };
    struct text raw;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        raw = kernel_with_header(3 * MIB, (struct BootInfoKernelHeader){0}, places[i].at);
        (void)given(CONFIG_PLAIN, raw);
        refuses(STATUS_HEADER_MISPLACED, places[i].sentence);
        (void)given(CONFIG_PLAIN, kernel_gzip(raw));
        refuses(STATUS_HEADER_MISPLACED, places[i].sentence);
    }
    raw = kernel_with_header(20000, (struct BootInfoKernelHeader){0}, 0x1280);
    struct text other = kernel_with_header(5000, (struct BootInfoKernelHeader){0}, 64);
    memcpy((char *)raw.bytes, other.bytes, 4096); /* another kernel may lie in this one */
    struct expectation expected = expect_raw(raw);
    (void)given(CONFIG_PLAIN, raw);
    boots(&expected);
}
END_TEST

static void refuses_header(struct BootInfoKernelHeader header, enum status status,
                           const char *sentence)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    struct text file = elf_file(&plan);
    put_header(file, 0x1080, header);
    (void)given(CONFIG_PLAIN, file);
    refuses(status, sentence);
    (void)given(CONFIG_PLAIN, kernel_gzip(file));
    refuses(status, sentence);
}

START_TEST(a_kernel_header_that_contradicts_the_elf_file_is_refused)
{
    refuses_header((struct BootInfoKernelHeader){.entry = LINKED + 0x48}, STATUS_ELF_CONFLICT,
                   "its ELF header says entry 0x200040, but its kernel header says 0x200048");
    refuses_header((struct BootInfoKernelHeader){.load_address = LINKED + 0x1000},
                   STATUS_ELF_CONFLICT,
                   "its ELF header says address 0x200000, but its kernel header says 0x201000");
    refuses_header((struct BootInfoKernelHeader){.memory_size = 55429},
                   STATUS_IMAGE_MEMORY_TOO_SMALL,
                   "the image needs 55,430 bytes of memory, but its kernel header gives it 55,429");
    refuses_header((struct BootInfoKernelHeader){.flags = 5}, STATUS_HEADER_UNKNOWN_FLAGS,
                   "its kernel header sets the unknown flags 0x4");
}
END_TEST

START_TEST(another_address_in_loader_cfg_is_refused)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    (void)given(CONFIG_PLAIN "address = 3M\n", elf_file(&plan));
    refuses(STATUS_ELF_CONFLICT,
            "its ELF header says address 0x200000, but loader.cfg says 0x300000");
}
END_TEST

/* A PIE of one segment, its dynamic section and relocations in it. */
static struct elf_plan pie_plan(uint64_t address)
{
    return (struct elf_plan){
        .type = ET_DYN,
        .entry = address + 0x10,
        .count = 2,
        .programs =
            {
                {PT_LOAD, PF_R | PF_W | PF_X, 0x1000, address, address, 0x3000, 0x4000, 0x1000},
                {PT_DYNAMIC, PF_R, 0x2000, address + 0x1000, address + 0x1000, 0x60, 0x60, 8},
            },
    };
}

static void put_dynamic(struct text file, uint32_t i, uint64_t tag, uint64_t value)
{
    elf_poke(file, 0x2000 + i * UINT64_C(16), tag, 8);
    elf_poke(file, 0x2008 + i * UINT64_C(16), value, 8);
}

struct rela {
    uint64_t address, info, addend;
};

/* Two of DT_RELA, at 0x1800 of the image. */
static struct text pie_file(const struct elf_plan *plan, struct rela first)
{
    struct text file = elf_file(plan);
    uint64_t address = plan->programs[0].vaddr;
    struct rela second = {address + 0x2FF8, 8, address + 0x3123};
    memset((char *)file.bytes + 0x2000, 0, 0x60);
    put_dynamic(file, 0, 7, address + 0x1800);
    put_dynamic(file, 1, 8, 2 * sizeof(first));
    put_dynamic(file, 2, 9, sizeof(first));
    memcpy((char *)file.bytes + 0x2800, &first, sizeof(first));
    memcpy((char *)file.bytes + 0x2800 + sizeof(first), &second, sizeof(second));
    return file;
}

static struct expectation expect_pie(const struct elf_plan *plan, struct text file,
                                     uint64_t address)
{
    struct expectation expected = expect_elf(plan, file);
    uint64_t distance = address - plan->programs[0].vaddr;
    expected.address = address;
    expected.entry += distance;
    elf_poke(expected.image, 0x2000, address + 0x555, 8);
    elf_poke(expected.image, 0x2FF8, address + 0x3123, 8);
    return expected;
}

static struct text sound_pie(const struct elf_plan *plan)
{
    uint64_t address = plan->programs[0].vaddr;
    return pie_file(plan, (struct rela){address + 0x2000, 8, address + 0x555});
}

START_TEST(a_pie_goes_where_loader_cfg_says)
{
    struct elf_plan plan = pie_plan(0);
    struct text file = sound_pie(&plan);
    struct expectation expected = expect_pie(&plan, file, 3 * MIB);
    boots_packed(CONFIG_PLAIN "address = 3M\n", &expected);
    fake_set_memory(3 * MIB, 4 * KIB, EFI_BOOT_DATA);
    (void)given(CONFIG_PLAIN "address = 3M\n", file);
    fake_set_memory(3 * MIB, 4 * KIB, EFI_BOOT_DATA);
    expected.staged = true;
    boots(&expected);
    plan.programs[0].align = 2 * MIB;
    (void)given(CONFIG_PLAIN "address = 3M\n", sound_pie(&plan));
    refuses(STATUS_ELF_ALIGNMENT, "address 0x300000 is no multiple of its p_align 0x200000 away "
                                  "from 0x0, where it is linked");
    ck_assert(strstr(fake.said, "The next one that is: address = 0x400000") != NULL);
}
END_TEST

/* Linked at 5 MiB with an object aligned to 2 MiB: that is aligned where the kernel lies at an odd
 * number of MiB. */
START_TEST(a_pie_moves_by_multiples_of_its_alignment)
{
    struct elf_plan plan = pie_plan(5 * MIB);
    plan.programs[0].align = 2 * MIB;
    struct text file = sound_pie(&plan);
    struct expectation expected = expect_pie(&plan, file, 5 * MIB);
    boots_packed(CONFIG_PLAIN, &expected);
    expected = expect_pie(&plan, file, 3 * MIB);
    boots_packed(CONFIG_PLAIN "address = 3M\n", &expected);
    expected = expect_pie(&plan, file, 7 * MIB);
    boots_packed(CONFIG_PLAIN "address = 7M\n", &expected);
    (void)given(CONFIG_PLAIN "address = 4M\n", file);
    refuses(STATUS_ELF_ALIGNMENT, "address 0x400000 is no multiple of its p_align 0x200000 away "
                                  "from 0x500000, where it is linked");
    ck_assert(strstr(fake.said, "The next one that is: address = 0x500000") != NULL);
    (void)given(CONFIG_PLAIN, file);
    fake_set_memory(5 * MIB, 4 * KIB, EFI_ACPI_NVS);
    ck_assert_int_eq(fake_boot(&the_boot), FAKE_HANDED_OFF);
    uint64_t address = the_boot.attempt.kernel.placement.target;
    ck_assert_uint_eq(address % (2 * MIB), MIB);
    expected = expect_pie(&plan, file, address);
    check_hand_off(&the_boot, &expected);
}
END_TEST

static const struct {
    uint64_t linked, lies;
} pie_places[] = {
    {5 * MIB, 5 * MIB}, {0x1000, MIB}, {UINT64_C(1) << 46, MIB}, /* nothing can lie there */
};

START_TEST(a_pie_goes_where_it_is_linked_for_or_to_1_mib)
{
    struct elf_plan plan = pie_plan(pie_places[_i].linked);
    struct expectation expected = expect_pie(&plan, sound_pie(&plan), pie_places[_i].lies);
    boots_packed(CONFIG_PLAIN, &expected);
}
END_TEST

static void boots_anywhere(const struct elf_plan *plan, uint64_t alignment)
{
    struct text file = sound_pie(plan);
    ck_assert_int_eq(fake_boot(&the_boot), FAKE_HANDED_OFF);
    uint64_t address = the_boot.attempt.kernel.placement.target;
    ck_assert_uint_eq(address % alignment, 0);
    ck_assert_uint_ne(address, MIB);
    struct expectation expected = expect_pie(plan, file, address);
    check_hand_off(&the_boot, &expected);
}

START_TEST(a_pie_goes_anywhere_else_if_that_is_taken)
{
    struct elf_plan plan = pie_plan(5 * MIB);
    (void)given(CONFIG_PLAIN, sound_pie(&plan));
    fake_set_memory(5 * MIB + 8 * KIB, 4 * KIB, EFI_BOOT_DATA);
    boots_anywhere(&plan, PAGE_SIZE);
    (void)given(CONFIG_PLAIN, sound_pie(&plan));
    fake_set_memory(5 * MIB, 4 * KIB, EFI_ACPI_NVS);
    boots_anywhere(&plan, PAGE_SIZE);
    plan = pie_plan(0);
    plan.programs[0].align = 4 * MIB;
    (void)given(CONFIG_PLAIN, sound_pie(&plan));
    boots_anywhere(&plan, 4 * MIB);
}
END_TEST

static const struct {
    struct rela rela;
    const char *sentence;
} bad_relocations[] = {
    {{MIB + 0x2000, 1, 0}, "its relocation for 0x102000 has type 1; expected 8"},
    {{MIB + 0x2000, 0x100000008, 0}, "its relocation for 0x102000 has type 4294967304; expected 8"},
    {{MIB + 0x2FF9, 8, 0}, "its relocation for 0x102ff9 has type 8; expected 8"},
    {{MIB + 0x3000, 8, 0}, "its relocation for 0x103000 has type 8; expected 8"},
    {{MIB - 8, 8, 0}, "its relocation for 0xffff8 has type 8; expected 8"},
    {{UINT64_MAX, 8, 0}, "its relocation for 0xffffffffffffffff has type 8; expected 8"},
};

START_TEST(other_relocations_are_refused)
{
    struct elf_plan plan = pie_plan(MIB);
    plan.size = 200 * KIB; /* with memory of its own, which is free by then */
    struct text file = pie_file(&plan, bad_relocations[_i].rela);
    (void)given(CONFIG_PLAIN, file);
    refuses(STATUS_ELF_RELOCATION, bad_relocations[_i].sentence);
    (void)given(CONFIG_PLAIN, kernel_gzip(file));
    refuses(STATUS_ELF_RELOCATION, bad_relocations[_i].sentence);
}
END_TEST

/* One entry more in the dynamic section of a sound PIE. */
static const struct {
    uint64_t tag, value;
    const char *sentence; /* NULL: no harm */
} dynamics[] = {
    {5, MIB, NULL},
    {0x6FFFFFF9, 2, NULL},
    {UINT64_MAX, 2, NULL},
    {1, 1, "it is linked dynamically: it has shared libraries (DT_NEEDED)"},
    {18, 24, "it is linked dynamically: it has DT_REL or DT_JMPREL relocations"},
    {2, 24, "it is linked dynamically: it has DT_REL or DT_JMPREL relocations"},
    {8, 47, "it has relocations that are damaged or not loaded"},
    {8, 0x1818, "it has relocations that are damaged or not loaded"},
    {8, UINT64_MAX / 24 * 24, "it has relocations that are damaged or not loaded"},
    {9, 16, "it has relocations that are damaged or not loaded"},
    {7, MIB + 0x2FD8, "it has relocations that are damaged or not loaded"},
    {7, MIB - 8, "it has relocations that are damaged or not loaded"},
    {35, 8, "it has relocations that are damaged or not loaded"},
};

START_TEST(dynamic_sections_are_not_believed)
{
    struct elf_plan plan = pie_plan(MIB);
    struct text file = sound_pie(&plan);
    put_dynamic(file, 3, dynamics[_i].tag, dynamics[_i].value);
    (void)given(CONFIG_PLAIN, file);
    if (dynamics[_i].sentence != NULL) {
        refuses(STATUS_ELF_DYNAMIC, dynamics[_i].sentence);
        return;
    }
    struct expectation expected = expect_pie(&plan, file, MIB);
    boots(&expected);
}
END_TEST

START_TEST(what_follows_the_last_dynamic_entry_does_not_matter)
{
    struct elf_plan plan = pie_plan(MIB);
    struct text file = sound_pie(&plan);
    put_dynamic(file, 4, 1, 1);
    struct expectation expected = expect_pie(&plan, file, MIB);
    boots_packed(CONFIG_PLAIN, &expected);
    plan.programs[1].filesz = 0x3F; /* three entries and a part: there need not be a last one */
    file = sound_pie(&plan);
    put_dynamic(file, 3, 1, 1);
    expected = expect_pie(&plan, file, MIB);
    boots_packed(CONFIG_PLAIN, &expected);
}
END_TEST

START_TEST(a_dynamic_section_lies_in_what_is_loaded)
{
    struct elf_plan plan = pie_plan(MIB);
    plan.programs[1].vaddr = MIB + 0x3000 - 0x58;
    (void)given(CONFIG_PLAIN, elf_file(&plan));
    refuses(STATUS_ELF_DYNAMIC, "it has a PT_DYNAMIC outside of what is loaded");
    plan.programs[1].vaddr = MIB - 0x10;
    (void)given(CONFIG_PLAIN, elf_file(&plan));
    refuses(STATUS_ELF_DYNAMIC, "it has a PT_DYNAMIC outside of what is loaded");
}
END_TEST

START_TEST(packed_relocations_are_applied)
{
    struct elf_plan plan = pie_plan(MIB);
    struct text file = sound_pie(&plan);
    const uint64_t relr[] = {MIB + 0x2100, 1 | 1 << 1 | UINT64_C(1) << 63, 1 | 1 << 2};
    put_dynamic(file, 3, 36, MIB + 0x1900);
    put_dynamic(file, 4, 35, sizeof(relr));
    put_dynamic(file, 5, 37, 8);
    memcpy((char *)file.bytes + 0x2900, relr, sizeof(relr));
    struct expectation expected = expect_pie(&plan, file, 4 * MIB);
    /* The word it begins at, the first and the last of the 63 after it, the second of the next. */
    static const uint64_t words[] = {0x2100, 0x2108, 0x2100 + 63 * 8, 0x2100 + 65 * 8};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        uint64_t word;
        memcpy(&word, file.bytes + 0x1000 + words[i], sizeof(word));
        elf_poke(expected.image, words[i], word + 3 * MIB, 8);
    }
    boots_packed(CONFIG_PLAIN "address = 4M\n", &expected);
    elf_poke(file, 0x2900, MIB + 0x2E00, 8); /* the 64th word is the first outside */
    (void)given(CONFIG_PLAIN, file);
    refuses(STATUS_ELF_RELOCATION, "its relocation for 0x103008 has type 8; expected 8");
}
END_TEST

START_TEST(a_zlib_stream_that_ends_within_a_segment_is_refused)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    struct text file = elf_file(&plan);
    (void)given(CONFIG_PLAIN "compression = zlib\n", kernel_zlib(kernel_cut(file, 0x6243)));
    refuses(STATUS_IMAGE_LENGTH, "the image inflates to 25155 bytes; the file says 25156");
    (void)given(CONFIG_PLAIN "compression = zlib\n",
                kernel_joined(kernel_zlib(kernel_cut(file, 0x6243)), TEXT("x")));
    refuses(STATUS_IMAGE_TRAILING_BYTES, "1 bytes follow the compressed data");
    (void)given(CONFIG_PLAIN, kernel_gzip(kernel_cut(file, 0x6243)));
    refuses(STATUS_ELF_SEGMENT,
            "its program header 2 reaches beyond the file with p_offset and p_filesz");
}
END_TEST

/* GNU ld leaves them after the others. */
START_TEST(relocations_of_no_type_do_nothing)
{
    struct elf_plan plan = pie_plan(MIB);
    struct text file = pie_file(&plan, (struct rela){0, 0, 0});
    struct expectation expected = expect_pie(&plan, file, MIB);
    memcpy((char *)expected.image.bytes + 0x2000, file.bytes + 0x3000, 8);
    boots_packed(CONFIG_PLAIN, &expected);
}
END_TEST

START_TEST(a_place_that_cannot_be_is_refused)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    struct text file = elf_file(&plan);
    (void)given(CONFIG_PLAIN, file);
    fake_set_memory(LINKED + 12 * KIB, 4 * KIB, EFI_ACPI_NVS);
    refuses(STATUS_ADDRESS_OCCUPIED, "0x200000-0x20dfff is not free:");
    plan = elf_plan(300 * GIB, 300 * GIB);
    (void)given(CONFIG_PLAIN, elf_file(&plan));
    refuses(STATUS_ADDRESS_OCCUPIED, "no memory");
    plan = elf_plan(UINT64_C(1) << 46, UINT64_C(1) << 46);
    (void)given(CONFIG_PLAIN, elf_file(&plan));
    refuses(STATUS_ADDRESS_TOO_HIGH, "end above the highest address that can be mapped");
    plan = elf_plan(LINKED, LINKED);
    plan.programs[2].memsz = UINT64_C(1) << 40;
    (void)given(CONFIG_PLAIN, elf_file(&plan));
    refuses(STATUS_ADDRESS_TOO_HIGH, "1,099,511,644,176 bytes at 0x200000 end above");
}
END_TEST

START_TEST(a_virtual_address_in_the_lower_half_is_the_physical_one)
{
    struct elf_plan plan = elf_plan(3 * MIB, LINKED);
    (void)given(CONFIG_PLAIN, elf_file(&plan));
    refuses(STATUS_ELF_VIRTUAL, "its virtual address 0x300000 is neither physical, 0x200000, nor "
                                "0xffff800000000000 or above");
    plan = elf_plan(UINT64_C(0xFFFF7FFFFFFFF000), LINKED);
    (void)given(CONFIG_PLAIN, elf_file(&plan));
    refuses(STATUS_ELF_VIRTUAL, "its virtual address 0xffff7ffffffff000 is neither physical");
}
END_TEST

START_TEST(sixteen_mib_take_little_more_memory_than_their_own)
{
    struct elf_plan plan = elf_plan(LINKED, LINKED);
    plan.programs[2].filesz = 16 * MIB;
    plan.programs[2].memsz = 16 * MIB;
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    (void)given(CONFIG_PLAIN, expected.file);
    boots(&expected);
    ck_assert_uint_lt(fake.peak_pages, (16 * MIB + 3 * MIB) / PAGE_SIZE);
}
END_TEST

START_TEST(a_higher_half_kernel_lies_at_its_physical_addresses)
{
    struct elf_plan plan = elf_plan(HIGH + LINKED, LINKED);
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    boots_packed(CONFIG_PLAIN, &expected);
    boots_packed(CONFIG_PLAIN "address = 2M\n", &expected);
    (void)given(CONFIG_PLAIN, expected.file);
    fake_set_memory(LINKED + 16 * KIB, 8 * KIB, EFI_BOOT_DATA);
    expected.staged = true;
    boots(&expected);
    (void)given(CONFIG_PLAIN "address = 3M\n", expected.file);
    refuses(STATUS_ELF_CONFLICT, "its ELF header says address 0x200000, but loader.cfg says");
}
END_TEST

START_TEST(a_kernel_may_begin_where_the_higher_half_does)
{
    struct elf_plan plan = elf_plan(DIRECT, LINKED);
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    boots_packed(CONFIG_PLAIN, &expected);
}
END_TEST

START_TEST(large_segments_have_their_rights_all_over)
{
    struct elf_plan plan = elf_plan(HIGH + LINKED, LINKED);
    plan.programs[0].filesz = plan.programs[0].memsz = 5 * MIB + 17;
    for (int i = 1; i < 3; i++) {
        plan.programs[i].vaddr += 6 * MIB;
        plan.programs[i].paddr += 6 * MIB;
        plan.programs[i].offset += 6 * MIB;
    }
    plan.programs[2].memsz = 9 * MIB;
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    expected.direct_map = DIRECT;
    boots_packed(CONFIG_PLAIN "direct_map = 0xffff800000000000\n", &expected);
}
END_TEST

START_TEST(five_levels_have_a_larger_higher_half)
{
    struct elf_plan plan = elf_plan(UINT64_C(0xFF11000000000000), LINKED);
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    expected.direct_map = UINT64_C(0xFF00000000000000);
    (void)given(CONFIG_PLAIN "direct_map = 0xff00000000000000\n", expected.file);
    fake_five_levels();
    boots(&expected);
    (void)given(CONFIG_PLAIN, expected.file);
    refuses(STATUS_ELF_VIRTUAL, "its virtual address 0xff11000000000000 is neither physical");
}
END_TEST

START_TEST(without_nx_everything_can_be_executed)
{
    struct elf_plan plan = elf_plan(HIGH, LINKED);
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    (void)given(CONFIG_PLAIN, expected.file);
    fake.cpu.flags &= ~BOOTINFO_FLAG_NX;
    boots(&expected);
}
END_TEST

/* Many linker scripts give no physical addresses: p_paddr is p_vaddr then. */
START_TEST(a_higher_half_kernel_without_physical_addresses_goes_to_1_mib_or_anywhere)
{
    struct elf_plan plan = elf_plan(HIGH, HIGH);
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    expected.address = MIB;
    expected.virtual_address = HIGH;
    boots_packed(CONFIG_PLAIN, &expected);
    expected.address = 7 * MIB;
    boots_packed(CONFIG_PLAIN "address = 7M\n", &expected);
    (void)given(CONFIG_PLAIN, expected.file);
    fake_set_memory(MIB, 4 * KIB, EFI_ACPI_NVS);
    ck_assert_int_eq(fake_boot(&the_boot), FAKE_HANDED_OFF);
    expected.address = the_boot.attempt.kernel.placement.target;
    ck_assert_uint_ne(expected.address, MIB);
    check_hand_off(&the_boot, &expected);
}
END_TEST

START_TEST(a_pie_of_the_higher_half_stays_there)
{
    struct elf_plan plan = pie_plan(HIGH);
    struct text file = sound_pie(&plan);
    struct expectation expected = expect_pie(&plan, file, HIGH);
    expected.address = MIB;
    expected.virtual_address = HIGH;
    boots_packed(CONFIG_PLAIN, &expected);
}
END_TEST

START_TEST(a_staged_kernel_may_cover_the_loader)
{
    struct elf_plan plan = elf_plan(HIGH, LINKED);
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    (void)given(CONFIG_PLAIN, expected.file);
    fake.machine.loader_image = (struct BootInfoSpan){LINKED + 0x4000, 0x2000};
    fake_set_memory(LINKED + 0x4000, 0x2000, EFI_LOADER_CODE);
    expected.staged = true;
    boots(&expected);
}
END_TEST

START_TEST(raw_kernels_can_have_a_direct_map)
{
    struct text raw = kernel_raw(5000);
    struct expectation expected = expect_raw(raw);
    expected.direct_map = DIRECT;
    (void)given(CONFIG_PLAIN "direct_map = 0xffff800000000000\n", raw);
    boots(&expected);
    struct BootInfoKernelHeader header = {.direct_map = DIRECT + 3 * GIB, .abi_minor = 1};
    raw = kernel_with_header(5000, header, 64);
    expected = expect_raw(raw);
    expected.direct_map = DIRECT + 3 * GIB;
    (void)given(CONFIG_PLAIN, raw);
    boots(&expected);
    (void)given(CONFIG_PLAIN "direct_map = 0xffff8000c0000000\n", raw);
    boots(&expected);
    (void)given(CONFIG_PLAIN "direct_map = 0xffff800000000000\n", raw);
    refuses(STATUS_HEADER_DIRECT_MAP_CONFLICT,
            "its kernel header asks for a direct map at 0xffff8000c0000000, loader.cfg for one at "
            "0xffff800000000000");
}
END_TEST

static const struct {
    const char *address;
    const char *sentence;
} bad_maps[] = {
    {"0xffff7fffc0000000", "a direct map cannot be at 0xffff7fffc0000000; expected a multiple of "
                           "1 GiB from 0xffff800000000000 up"},
    {"0xffff800000001000", "a direct map cannot be at 0xffff800000001000; expected"},
    {"0xffff800020000000", "a direct map cannot be at 0xffff800020000000; expected"},
    {"0xffffffff80000000", "the direct map, 0xffffffff80000000-0xbfffffff, meets the kernel at "
                           "0xffffffff80000000-0xffffffff8000dfff, or the last address"},
    {"0xfffffffec0000000", "the direct map, 0xfffffffec0000000-0xffffffffffffffff, meets"},
    {"0xfffffffe80000000", "the direct map, 0xfffffffe80000000-0xffffffffbfffffff, meets"},
};

START_TEST(a_direct_map_where_none_can_be_is_refused)
{
    char config[100];
    struct elf_plan plan = elf_plan(HIGH, LINKED);
    (void)snprintf(config, sizeof(config), CONFIG_PLAIN "direct_map = %s\n", bad_maps[_i].address);
    (void)given(config, elf_file(&plan));
    ck_assert_int_eq(fake_boot(&the_boot), FAKE_RETURNED);
    ck_assert_msg(strstr(fake.said, bad_maps[_i].sentence) != NULL, "%s", fake.said);
}
END_TEST

START_TEST(a_direct_map_beyond_the_last_address_is_refused)
{
    (void)given(CONFIG_PLAIN "direct_map = 0xffffffffc0000000\n", kernel_raw(5000));
    refuses(STATUS_DIRECT_MAP_OVERLAP,
            "/k.bin: error: the direct map, 0xffffffffc0000000-0xffffffff, meets");
}
END_TEST

START_TEST(a_direct_map_may_lie_on_either_side_of_the_kernel)
{
    struct elf_plan plan = elf_plan(DIRECT + 7 * GIB, LINKED);
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    expected.direct_map = DIRECT;
    boots_packed(CONFIG_PLAIN "direct_map = 0xffff800000000000\n", &expected);
    expected.direct_map = DIRECT + 8 * GIB;
    boots_packed(CONFIG_PLAIN "direct_map = 0xffff800200000000\n", &expected);
    plan.count = 1; /* right in it */
    (void)given(CONFIG_PLAIN "direct_map = 0xffff800180000000\n", elf_file(&plan));
    refuses(STATUS_DIRECT_MAP_OVERLAP, "meets the kernel at 0xffff8001c0000000-");
}
END_TEST

/* Kernels of the last 2 GiB take physical memory to be where they are linked. */
START_TEST(a_direct_map_may_be_where_the_kernel_is_linked)
{
    static const char config[] = CONFIG_PLAIN "direct_map = 0xffffffff80000000\n";
    struct elf_plan plan = elf_plan(HIGH + LINKED, LINKED);
    struct expectation expected = expect_elf(&plan, elf_file(&plan));
    expected.direct_map = HIGH;
    expected.window = true;
    boots_packed(config, &expected);
    (void)given(config, expected.file);
    fake.cpu.large_tables = true;
    boots(&expected);
    (void)given(config, expected.file);
    fake_set_memory(LINKED + 16 * KIB, 8 * KIB, EFI_BOOT_DATA);
    expected.staged = true;
    boots(&expected);
    struct elf_plan small = plan;
    small.count = 1;
    expected = expect_elf(&small, elf_file(&small));
    expected.direct_map = HIGH;
    expected.window = true;
    boots_packed(config, &expected);
    plan.programs[2].vaddr += 64 * MIB; /* another distance than the direct map's */
    (void)given(config, elf_file(&plan));
    refuses(STATUS_DIRECT_MAP_OVERLAP, "the direct map, 0xffffffff80000000-0xbfffffff, meets");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("load");
    TCase *physical = tcase_create("physical");
    tcase_set_timeout(physical, 60);
    tcase_add_test(physical, segments_go_to_their_physical_addresses);
    tcase_add_test(physical, the_tail_of_the_file_does_not_matter);
    tcase_add_test(physical, wide_gaps_in_the_file_are_skipped);
    tcase_add_test(physical, an_offset_need_not_be_congruent_to_its_address);
    tcase_add_test(physical, short_reads_are_continued);
    tcase_add_test(physical, a_headers_first_segment_may_hold_the_elf_header);
    tcase_add_test(physical, a_kernel_begins_with_the_page_of_its_first_segment);
    tcase_add_test(physical, an_elf_file_is_staged_like_any_other);
    tcase_add_test(physical, segments_in_any_order_are_loaded);
    tcase_add_test(physical, a_page_of_two_segments_has_the_rights_of_both);
    tcase_add_test(physical, a_trampoline_runs_low_and_the_rest_in_the_higher_half);
    tcase_add_test(physical, a_kernel_may_begin_at_a_physical_address);
    tcase_add_test(physical, an_elf_file_below_1_mib_names_the_segment);
    tcase_add_test(physical, segments_of_one_byte_and_of_none_are_loaded);
    tcase_add_test(physical, as_many_segments_as_there_may_be_are_loaded);
    tcase_add_test(physical, a_bss_is_zero_and_costs_nothing);
    tcase_add_test(physical, memory_may_be_more_than_the_segments_take);
    tcase_add_test(physical, sixteen_mib_take_little_more_memory_than_their_own);
    suite_add_tcase(suite, physical);

    TCase *agreement = tcase_create("agreement");
    tcase_set_timeout(agreement, 60);
    tcase_add_test(agreement, a_kernel_header_counts_in_the_first_4_kib_of_the_first_segment);
    tcase_add_test(agreement, a_kernel_header_counts_in_any_segment);
    tcase_add_test(agreement, a_kernel_header_counts_at_the_end_of_a_large_segment);
    tcase_add_test(agreement, a_kernel_header_is_seen_where_the_loaded_bytes_of_the_file_begin);
    tcase_add_test(agreement, an_elf_kernel_of_another_loader_is_refused_by_its_segments);
    tcase_add_test(agreement, a_raw_kernels_header_out_of_reach_is_an_error);
    tcase_add_test(agreement, a_kernel_header_that_contradicts_the_elf_file_is_refused);
    tcase_add_test(agreement, another_address_in_loader_cfg_is_refused);
    tcase_add_test(agreement, a_zlib_stream_that_ends_within_a_segment_is_refused);
    tcase_add_test(agreement, a_place_that_cannot_be_is_refused);
    tcase_add_test(agreement, a_virtual_address_in_the_lower_half_is_the_physical_one);
    suite_add_tcase(suite, agreement);

    TCase *pie = tcase_create("pie");
    tcase_set_timeout(pie, 60);
    tcase_add_test(pie, a_pie_goes_where_loader_cfg_says);
    tcase_add_test(pie, a_pie_moves_by_multiples_of_its_alignment);
    tcase_add_loop_test(pie, a_pie_goes_where_it_is_linked_for_or_to_1_mib, 0,
                        COUNT_OF(pie_places));
    tcase_add_test(pie, a_pie_goes_anywhere_else_if_that_is_taken);
    tcase_add_loop_test(pie, other_relocations_are_refused, 0, COUNT_OF(bad_relocations));
    tcase_add_loop_test(pie, dynamic_sections_are_not_believed, 0, COUNT_OF(dynamics));
    tcase_add_test(pie, what_follows_the_last_dynamic_entry_does_not_matter);
    tcase_add_test(pie, a_dynamic_section_lies_in_what_is_loaded);
    tcase_add_test(pie, packed_relocations_are_applied);
    tcase_add_test(pie, relocations_of_no_type_do_nothing);
    suite_add_tcase(suite, pie);
    TCase *high = tcase_create("high");
    tcase_set_timeout(high, 60);
    tcase_add_test(high, a_higher_half_kernel_lies_at_its_physical_addresses);
    tcase_add_test(high, a_kernel_may_begin_where_the_higher_half_does);
    tcase_add_test(high, large_segments_have_their_rights_all_over);
    tcase_add_test(high, five_levels_have_a_larger_higher_half);
    tcase_add_test(high, without_nx_everything_can_be_executed);
    tcase_add_test(high, a_higher_half_kernel_without_physical_addresses_goes_to_1_mib_or_anywhere);
    tcase_add_test(high, a_pie_of_the_higher_half_stays_there);
    tcase_add_test(high, a_staged_kernel_may_cover_the_loader);
    tcase_add_test(high, raw_kernels_can_have_a_direct_map);
    tcase_add_loop_test(high, a_direct_map_where_none_can_be_is_refused, 0, COUNT_OF(bad_maps));
    tcase_add_test(high, a_direct_map_beyond_the_last_address_is_refused);
    tcase_add_test(high, a_direct_map_may_lie_on_either_side_of_the_kernel);
    tcase_add_test(high, a_direct_map_may_be_where_the_kernel_is_linked);
    suite_add_tcase(suite, high);
    return suite_main(suite, "unit-load");
}
