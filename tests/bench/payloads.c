/* What the benchmark's figures rest on: payloads, and what the plugin knows about instructions. */
#include "loader_cfg.h"
#include "payload.h"
#include "plugin/instruction.h"

#include "vm/message.h"

#include <check.h>
#include <stdlib.h>
#include <zlib.h>

enum { SIZE = 1024 * 1024 };

void add_payload_tests(TCase *tests);

START_TEST(payloads_are_the_same_ones_every_time)
{
    uint8_t *(*const makers[])(uint64_t) = {payload_random, payload_like_code};
    for (size_t i = 0; i < 2; i++) {
        uint8_t *one = makers[i](SIZE);
        uint8_t *other = makers[i](SIZE);
        ck_assert_mem_eq(one, other, SIZE);
        free(one);
        free(other);
    }
}
END_TEST

/* x86 code: 2.25 to 1, as measured with the libraries of a Debian system. */
START_TEST(code_packs_as_code_does)
{
    uint8_t *payload = payload_like_code(SIZE);
    uLongf packed = compressBound(SIZE);
    uint8_t *target = malloc(packed);
    ck_assert_int_eq(compress2(target, &packed, payload, SIZE, 9), Z_OK);
    double ratio = (double)SIZE / (double)packed;
    ck_assert_msg(ratio > 2.2 && ratio < 2.3, "%.3f to 1", ratio);
    free(target);
    free(payload);
}
END_TEST

START_TEST(a_mark_is_known_by_its_number)
{
    const uint8_t nop[] = {0x0F, 0x1F, 0x80, 0x04, 0x01, 0x4B, 0x4D};
    const uint8_t other[] = {0x0F, 0x1F, 0x80, 0x04, 0x01, 0x4B, 0x4E};
    struct instruction mark = instruction_of(nop, sizeof(nop));
    ck_assert(mark.is_mark);
    ck_assert_uint_eq(mark.mark, 0x104);
    ck_assert(!instruction_of(other, sizeof(other)).is_mark);
    ck_assert(!instruction_of(nop, sizeof(nop) - 1).is_mark);
}
END_TEST

struct known {
    uint8_t bytes[4];
    size_t size;
    bool repeats;
    bool stores;
    unsigned width;
};

START_TEST(instructions_are_told_apart)
{
    static const struct known known[] = {
        {{0xF3, 0xA4}, 2, true, false, 0},              /* rep movsb */
        {{0xF3, 0x48, 0xA5}, 3, true, false, 3},        /* rep movsq */
        {{0xF3, 0xA5}, 2, true, false, 2},              /* rep movsd */
        {{0xF3, 0x66, 0xAB}, 3, true, false, 1},        /* rep stosw */
        {{0xF2, 0xAE}, 2, true, false, 0},              /* repne scasb */
        {{0xA4}, 1, false, false, 0},                   /* movsb, once */
        {{0xF3, 0x90}, 2, false, false, 0},             /* pause */
        {{0x89, 0x07}, 2, false, true, 2},              /* mov %eax, (%rdi) */
        {{0x66, 0x89, 0x07}, 3, false, true, 1},        /* mov %ax, (%rdi) */
        {{0xF3, 0x0F, 0x6F, 0x06}, 4, false, false, 2}, /* movdqu */
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        struct instruction found = instruction_of(known[i].bytes, known[i].size);
        ck_assert_msg(found.repeats == known[i].repeats && found.stores == known[i].stores &&
                          (!found.repeats || found.width == known[i].width),
                      "number %zu", i);
    }
}
END_TEST

START_TEST(an_instruction_of_prefixes_only_is_none)
{
    const uint8_t bytes[] = {0xF3, 0x66};
    struct instruction found = instruction_of(bytes, sizeof(bytes));
    ck_assert(!found.repeats && !found.stores && !found.is_mark);
}
END_TEST

static void expect_config(const struct bench_case *one, const char *text)
{
    char *config = loader_cfg(one, "/kernel.bin");
    ck_assert_str_eq(config, text);
    string_free(&config);
}

START_TEST(loader_cfg_is_what_the_case_says)
{
    expect_config(&(struct bench_case){.size = 65536}, "kernel = /kernel.bin\nlog = quiet\n");
    expect_config(&(struct bench_case){.size = 1 << 24, .config = ""},
                  "kernel = /kernel.bin\naddress = 0x4000000\n");
    expect_config(&(struct bench_case){.module_count = 2},
                  "kernel = /kernel.bin\nmodule = /modules/m000\nmodule = /modules/m001\n"
                  "log = quiet\n");
    expect_config(&(struct bench_case){.entry_count = 2},
                  "kernel = /kernel.bin\nlog = quiet\n"
                  "[entry first]\nkernel = /kernel.bin\ncmdline = number=0\nstack = 64K\n"
                  "[entry number-01]\nkernel = /kernel.bin\ncmdline = number=1\nstack = 64K\n");
}
END_TEST

void add_payload_tests(TCase *tests)
{
    tcase_add_test(tests, payloads_are_the_same_ones_every_time);
    tcase_add_test(tests, code_packs_as_code_does);
    tcase_add_test(tests, a_mark_is_known_by_its_number);
    tcase_add_test(tests, instructions_are_told_apart);
    tcase_add_test(tests, an_instruction_of_prefixes_only_is_none);
    tcase_add_test(tests, loader_cfg_is_what_the_case_says);
}
