/* What an ELF kernel asks for, beside what its kernel header and loader.cfg say. */
#include "core/image/needs.h"

#include "core/base/span.h"
#include "suite.h"

#include <string.h>

#define COUNT_OF(array) (int)(sizeof(array) / sizeof((array)[0]))
#define LOWEST          UINT64_C(0x100000)
#define LIMIT           UINT64_C(0x8000000000) /* 512 GiB */
#define HIGHER_HALF     UINT64_C(0xFFFF800000000000)
#define HIGH            UINT64_C(0xFFFFFFFF80200000)
#define MIB             UINT64_C(0x100000)
#define STACK           CONFIG_DEFAULT_STACK
#define SIZE            UINT64_C(0x5001)

/* An ELF file of one segment at these addresses, so large, and with this p_align. */
#define ELF_OF(linked, at_physical, size, align)                                            \
    .address = (linked), .physical = (at_physical), .entry = (linked) + 0x40,               \
    .memory_size = (size), .loaded_size = (size), .alignment = (align), .segment_count = 1, \
    .segments = {{.memory_size = (size), .file_size = (size), .address = (linked)}}
#define ELF_AT(linked, at_physical) ELF_OF(linked, at_physical, SIZE, PAGE_SIZE)
#define PIE_AT(linked)              ELF_AT(linked, linked), .position_independent = true
#define PIE_OF(linked, size, align) \
    ELF_OF(linked, linked, size, align), .position_independent = true

/* What goes in, and what comes out: a sentence, or needs. */
struct request {
    struct elf elf;
    uint64_t address;             /* in loader.cfg; 0: none */
    uint64_t entry, load_address; /* in the kernel header */
    uint64_t memory_size;         /* the same; all 0: there is none */
    const char *sentence;         /* NULL: it is not refused */
    struct image_needs needs;
};

static enum status resolve(const struct request *request, struct failure *failure,
                           struct image_needs *out_needs)
{
    struct BootInfoKernelHeader header = {.magic = BOOTINFO_KERNEL_MAGIC,
                                          .abi_major = BOOTINFO_VERSION_MAJOR,
                                          .size = sizeof(header),
                                          .entry = request->entry,
                                          .load_address = request->load_address,
                                          .memory_size = request->memory_size};
    struct entry entry = {.stack = STACK, .address = request->address};
    bool no_header = (request->entry | request->load_address | request->memory_size) == 0;
    /* The size of the file says nothing. */
    struct image_request asked = {
        &entry, no_header ? NULL : &header, 7, {LOWEST, LIMIT, HIGHER_HALF}};
    entry.line[ENTRY_ADDRESS] = request->address != 0 ? 3 : 0;
    return image_resolve_elf(&asked, &request->elf, failure, out_needs);
}

static const struct request sound[] = {
    /* Where it is linked for, by physical addresses. */
    {.elf = {ELF_AT(2 * MIB, 2 * MIB)},
     .needs = {2 * MIB, SIZE, 2 * MIB + 0x40, STACK, 0, 2 * MIB, 0, 0}},
    {.elf = {ELF_AT(LOWEST, LOWEST)},
     .needs = {LOWEST, SIZE, LOWEST + 0x40, STACK, 0, LOWEST, 0, 0}},
    {.elf = {ELF_AT(HIGH, 2 * MIB)}, .needs = {2 * MIB, SIZE, HIGH + 0x40, STACK, 0, HIGH, 0, 0}},
    {.elf = {ELF_AT(HIGH, 2 * MIB), .position_independent = true},
     .needs = {2 * MIB, SIZE, HIGH + 0x40, STACK, 0, HIGH, 0, 0}},
    {.elf = {ELF_AT(HIGHER_HALF, 2 * MIB)},
     .needs = {2 * MIB, SIZE, HIGHER_HALF + 0x40, STACK, 0, HIGHER_HALF, 0, 0}},
    {.elf = {ELF_AT(2 * MIB, 2 * MIB)},
     .address = 2 * MIB,
     .needs = {2 * MIB, SIZE, 2 * MIB + 0x40, STACK, 0, 2 * MIB, 0, 0}},
    /* Without physical addresses it may lie anywhere, in whole multiples of its alignment. */
    {.elf = {ELF_AT(HIGH, HIGH)},
     .needs = {LOWEST, SIZE, HIGH + 0x40, STACK, PAGE_SIZE, HIGH, 0, 0}},
    {.elf = {ELF_AT(HIGHER_HALF, HIGHER_HALF)},
     .needs = {LOWEST, SIZE, HIGHER_HALF + 0x40, STACK, PAGE_SIZE, HIGHER_HALF, 0, 0}},
    {.elf = {ELF_AT(HIGH, HIGH)},
     .address = 3 * MIB,
     .needs = {3 * MIB, SIZE, HIGH + 0x40, STACK, 0, HIGH, 0, 0}},
    /* A position-independent one is where it is linked for, if it fits there. */
    {.elf = {PIE_AT(0)}, .needs = {LOWEST, SIZE, 0x40, STACK, PAGE_SIZE, 0, 0, 0}},
    {.elf = {PIE_AT(0x1000)}, .needs = {LOWEST, SIZE, 0x1040, STACK, PAGE_SIZE, 0x1000, 0, 0}},
    {.elf = {PIE_AT(LOWEST)},
     .needs = {LOWEST, SIZE, LOWEST + 0x40, STACK, PAGE_SIZE, LOWEST, 0, 0}},
    {.elf = {PIE_AT(5 * MIB)},
     .needs = {5 * MIB, SIZE, 5 * MIB + 0x40, STACK, PAGE_SIZE, 5 * MIB, 0, 0}},
    {.elf = {PIE_AT(5 * MIB)},
     .address = 3 * MIB,
     .needs = {3 * MIB, SIZE, 5 * MIB + 0x40, STACK, 0, 5 * MIB, 0, 0}},
    {.elf = {PIE_OF(5 * MIB, SIZE, 4 * MIB)},
     .address = 9 * MIB,
     .needs = {9 * MIB, SIZE, 5 * MIB + 0x40, STACK, 0, 5 * MIB, 0, 0}},
    {.elf = {PIE_AT(LIMIT - 0x7000)},
     .needs = {LIMIT - 0x7000, SIZE, LIMIT - 0x7000 + 0x40, STACK, PAGE_SIZE, LIMIT - 0x7000}},
    {.elf = {PIE_OF(LIMIT - 0x6000, 0x5000, PAGE_SIZE)},
     .needs = {LIMIT - 0x6000, 0x5000, LIMIT - 0x6000 + 0x40, STACK, PAGE_SIZE, LIMIT - 0x6000}},
    {.elf = {PIE_AT(LIMIT - 0x5000)},
     .needs = {LOWEST, SIZE, LIMIT - 0x5000 + 0x40, STACK, PAGE_SIZE, LIMIT - 0x5000, 0, 0}},
    {.elf = {PIE_AT(LIMIT)}, .needs = {LOWEST, SIZE, LIMIT + 0x40, STACK, PAGE_SIZE, LIMIT, 0, 0}},
    {.elf = {PIE_AT(UINT64_C(1) << 46)},
     .needs = {LOWEST, SIZE, (UINT64_C(1) << 46) + 0x40, STACK, PAGE_SIZE, UINT64_C(1) << 46}},
    /* The kernel header may say the same, and what the ELF file does not. */
    {.elf = {ELF_AT(2 * MIB, 2 * MIB)},
     .entry = 2 * MIB + 0x40,
     .load_address = 2 * MIB,
     .memory_size = 0x9000,
     .needs = {2 * MIB, 0x9000, 2 * MIB + 0x40, STACK, 0, 2 * MIB, 0, 0}},
    {.elf = {ELF_AT(HIGH, 2 * MIB)},
     .load_address = HIGH,
     .needs = {2 * MIB, SIZE, HIGH + 0x40, STACK, 0, HIGH, 0, 0}},
    {.elf = {PIE_AT(0)},
     .entry = 0x40,
     .address = 3 * MIB,
     .needs = {3 * MIB, SIZE, 0x40, STACK, 0, 0, 0, 0}},
};

START_TEST(an_elf_file_says_most_of_what_its_kernel_needs)
{
    const struct request *request = &sound[_i];
    struct failure failure = {0};
    struct image_needs needs = {0};
    ck_assert_str_eq(status_name(resolve(request, &failure, &needs)), "OK");
    ck_assert_uint_eq(needs.address, request->needs.address);
    ck_assert_uint_eq(needs.memory_size, request->needs.memory_size);
    ck_assert_uint_eq(needs.entry, request->needs.entry);
    ck_assert_uint_eq(needs.alignment, request->needs.alignment);
    ck_assert_uint_eq(needs.linked, request->needs.linked);
    ck_assert_mem_eq(&needs, &request->needs, sizeof(needs));
}
END_TEST

/* A low segment and another one, whose virtual address is next. */
#define TWO_SEGMENTS(next)                                                            \
    .address = 2 * MIB, .physical = 2 * MIB, .entry = 2 * MIB, .memory_size = 0x2000, \
    .loaded_size = 0x2000, .alignment = PAGE_SIZE, .segment_count = 2,                \
    .segments = {{.memory_size = PAGE_SIZE, .address = 2 * MIB},                      \
                 {.at = PAGE_SIZE, .memory_size = PAGE_SIZE, .address = (next)}}

static const struct request refused[] = {
    {.elf = {ELF_AT(2 * MIB, 2 * MIB)},
     .address = 3 * MIB,
     .sentence = "its ELF header says address 0x200000, but loader.cfg says 0x300000\n"},
    {.elf = {ELF_AT(HIGH, 2 * MIB)},
     .address = 3 * MIB,
     .sentence = "its ELF header says address 0x200000, but loader.cfg says 0x300000\n"},
    {.elf = {ELF_AT(2 * MIB, 2 * MIB)},
     .load_address = 3 * MIB,
     .sentence = "its ELF header says address 0x200000, but its kernel header says 0x300000\n"},
    {.elf = {ELF_AT(2 * MIB, 2 * MIB)},
     .load_address = 1,
     .sentence = "its ELF header says address 0x200000, but its kernel header says 0x1\n"},
    {.elf = {ELF_AT(2 * MIB, 2 * MIB)},
     .entry = 2 * MIB + 0x41,
     .sentence = "its ELF header says entry 0x200040, but its kernel header says 0x200041\n"},
    {.elf = {ELF_AT(2 * MIB, 2 * MIB)},
     .entry = 1,
     .sentence = "its ELF header says entry 0x200040, but its kernel header says 0x1\n"},
    {.elf = {PIE_OF(5 * MIB, SIZE, 4 * MIB)},
     .address = 7 * MIB,
     .sentence = "address 0x700000 is no multiple of its p_align 0x400000 away from 0x500000, "
                 "where it is linked\n      The next one that is: address = 0x900000\n"},
    {.elf = {PIE_AT(5 * MIB)},
     .address = 7 * MIB + 1,
     .sentence = "address 0x700001 is no multiple of its p_align 0x1000 away from 0x500000, "
                 "where it is linked\n      The next one that is: address = 0x701000\n"},
    {.elf = {ELF_AT(3 * MIB, 2 * MIB)},
     .sentence = "its virtual address 0x300000 is neither physical, 0x200000, nor "
                 "0xffff800000000000 or above\n"},
    {.elf = {ELF_AT(HIGHER_HALF - 0x1000, 2 * MIB)},
     .sentence = "its virtual address 0xffff7ffffffff000 is neither physical, 0x200000, nor "
                 "0xffff800000000000 or above\n"},
    {.elf = {TWO_SEGMENTS(4 * MIB)},
     .sentence = "its virtual address 0x400000 is neither physical, 0x201000, nor "
                 "0xffff800000000000 or above\n"},
    {.elf = {.physical = 0xFF000,
             .address = 0xFF000,
             .alignment = PAGE_SIZE,
             .segment_count = 1,
             .segments = {{.at = 0x123, .address = 0xFF123, .memory_size = SIZE, .program = 5}}},
     .sentence = "its program header 5 is to be loaded at 0xff123, below 1 MiB\n"
                 "      Use 0x100000 or above;"},
    {.elf = {ELF_AT(0, 0)},
     .sentence = "its program header 0 is to be loaded at 0x0, below 1 MiB\n"},
    {.elf = {ELF_AT(2 * MIB, 2 * MIB)},
     .memory_size = SIZE - 1,
     .sentence = "the image needs 20,481 bytes of memory, but its kernel header gives it 20 KiB"},
    {.elf = {ELF_AT(LIMIT, LIMIT)},
     .sentence = "20,481 bytes at 0x8000000000 end above the highest address that can be mapped"},
};

START_TEST(a_contradiction_is_refused_with_both_values)
{
    const struct request *request = &refused[_i];
    const struct image_needs untouched = {1, 2, 3, 4, 5, 6, 7, 8};
    struct failure failure = {.path = TEXT("/k")};
    struct image_needs needs = untouched;
    char buffer[1000];
    struct writer writer = writer_on(buffer, sizeof(buffer));
    enum status status = resolve(request, &failure, &needs);
    ck_assert_msg(status != STATUS_OK, "not refused: %s", request->sentence);
    ck_assert_int_eq(failure.status, status);
    failure_write(&writer, &failure);
    ck_assert_msg(strstr(buffer, request->sentence) != NULL, "'%s' was not said, but:\n%s",
                  request->sentence, buffer);
    ck_assert_mem_eq(&needs, &untouched, sizeof(needs));
}
END_TEST

/* The sanitizer watches the end of the segments. */
START_TEST(sixteen_segments_may_each_be_low_or_in_the_higher_half)
{
    struct request request = {.elf = {ELF_AT(2 * MIB, 2 * MIB)}};
    struct failure failure = {0};
    struct image_needs needs = {0};
    for (uint32_t i = 0; i < ELF_SEGMENTS_MAX; i++) {
        request.elf.segments[i] = (struct elf_segment){
            .at = i * PAGE_SIZE,
            .memory_size = PAGE_SIZE,
            .address = (i % 2 == 0 ? 2 * MIB : HIGHER_HALF - PAGE_SIZE) + i * PAGE_SIZE};
    }
    request.elf.segment_count = ELF_SEGMENTS_MAX;
    request.elf.memory_size = ELF_SEGMENTS_MAX * PAGE_SIZE;
    ck_assert_str_eq(status_name(resolve(&request, &failure, &needs)), "OK");
    ck_assert_uint_eq(needs.address, 2 * MIB);
    ck_assert_uint_eq(needs.memory_size, ELF_SEGMENTS_MAX * PAGE_SIZE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("elf_needs");
    TCase *tcase = tcase_create("resolving");
    tcase_add_loop_test(tcase, an_elf_file_says_most_of_what_its_kernel_needs, 0, COUNT_OF(sound));
    tcase_add_loop_test(tcase, a_contradiction_is_refused_with_both_values, 0, COUNT_OF(refused));
    tcase_add_test(tcase, sixteen_segments_may_each_be_low_or_in_the_higher_half);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-elf_needs");
}
