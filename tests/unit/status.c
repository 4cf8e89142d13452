#include "suite.h"

#include "bootinfo.h"
#include "core/base/names.h"
#include "core/base/status.h"

#include <string.h>

#define COUNT_OF(array) (int)(sizeof(array) / sizeof((array)[0]))
#define PLAIN(literal)               \
    {                                \
        literal, sizeof(literal) - 1 \
    }

struct sentence {
    const char *name;
    const char *sentence;
    const char *advice;
};

static const struct sentence sentences[] = {
#define SENTENCE(name, sentence, advice) {#name, sentence, advice},
    STATUS_LIST(SENTENCE)
#undef SENTENCE
};

static const char *written(const struct failure *failure)
{
    static char buffer[4096];
    struct writer writer = writer_on(buffer, sizeof(buffer));
    failure_write(&writer, failure);
    return buffer;
}

/* A line of loader.cfg with something wrong at column, width characters wide. */
static struct failure at_line(const char *source, uint32_t column, uint32_t width)
{
    return (struct failure){
        .status = STATUS_CONFIG_EMPTY_KEY,
        .path = PLAIN("loader.cfg"),
        .source = text_of(source),
        .line = 12,
        .column = column,
        .width = width,
    };
}

START_TEST(every_status_has_its_name)
{
    ck_assert_int_eq(COUNT_OF(sentences), STATUS_COUNT - 1);
    for (int i = 0; i < COUNT_OF(sentences); i++) {
        ck_assert_str_eq(status_name((enum status)(i + 1)), sentences[i].name);
    }
}
END_TEST

START_TEST(success_is_named_and_says_nothing)
{
    struct failure failure = {.status = STATUS_OK, .path = PLAIN("loader.cfg")};
    ck_assert_str_eq(status_name(STATUS_OK), "OK");
    ck_assert_str_eq(written(&failure), "");
}
END_TEST

static bool is_placeholder(struct text name)
{
    static const char *const names[] = {
        "path", "found", "hint", "next", "guess", "firmware", "occupants", "0",   "1",  "2",
        "3",    "0:x",   "1:x",  "2:x",  "3:x",   "0:s",      "1:s",       "2:s", "3:s"};
    for (int i = 0; i < COUNT_OF(names); i++) {
        if (text_equal(name, text_of(names[i]))) {
            return true;
        }
    }
    return false;
}

static void check_placeholders(const char *sentence)
{
    for (const char *open = strchr(sentence, '{'); open != NULL; open = strchr(open + 1, '{')) {
        const char *close = strchr(open, '}');
        ck_assert_msg(close != NULL, "no } in: %s", sentence);
        struct text name = {open + 1, (size_t)(close - open - 1)};
        ck_assert_msg(is_placeholder(name), "unknown {%.*s}", (int)name.size, name.bytes);
    }
}

START_TEST(every_sentence_and_advice_is_made_of_known_placeholders)
{
    for (int i = 0; i < COUNT_OF(sentences); i++) {
        check_placeholders(sentences[i].sentence);
        check_placeholders(sentences[i].advice);
    }
}
END_TEST

START_TEST(every_message_is_one_sentence_and_one_advice)
{
    for (int i = 0; i < COUNT_OF(sentences); i++) {
        struct failure failure = {
            .status = (enum status)(i + 1), .path = PLAIN("/boot/k.bin"), .next = PLAIN("Next.")};
        const char *message = written(&failure);
        const char *end = strchr(message, '\n');
        ck_assert_int_eq(strncmp(message, "/boot/k.bin: error: ", 20), 0);
        ck_assert_ptr_nonnull(end);
        ck_assert_int_eq(strncmp(end, "\n      ", 7), 0);
        ck_assert_int_ne(end[7], '\n');
        ck_assert_str_eq(strchr(end + 1, '\n'), "\n");
        ck_assert_ptr_null(strpbrk(message, "{}"));
    }
}
END_TEST

START_TEST(a_failure_in_a_line_shows_it_with_carets_below)
{
    struct failure failure = {
        .status = STATUS_CONFIG_UNKNOWN_KEY,
        .path = PLAIN("loader.cfg"),
        .line = 12,
        .column = 1,
        .width = 6,
        .source = PLAIN("kernal = /boot/k.bin"),
        .found = PLAIN("kernal"),
        .guess = PLAIN("kernel"),
    };
    ck_assert_str_eq(written(&failure),
                     "loader.cfg:12:1: error: unknown key 'kernal'; did you mean 'kernel'?\n"
                     "   12 | kernal = /boot/k.bin\n"
                     "      | ^~~~~~\n"
                     "      docs/config.md lists the keys.\n");
}
END_TEST

START_TEST(a_failure_of_a_whole_file_names_only_the_file)
{
    struct failure failure = {
        .status = STATUS_FILE_NOT_FOUND,
        .path = PLAIN("/boot/k.bin"),
        .firmware = FIRMWARE_NOT_FOUND,
    };
    ck_assert_str_eq(written(&failure),
                     "/boot/k.bin: error: no such file (EFI_NOT_FOUND)\n"
                     "      Check the path, and that it is on the volume the loader came from.\n");
}
END_TEST

START_TEST(the_subject_stands_before_the_sentence)
{
    struct failure failure = {.status = STATUS_CONFIG_EMPTY_KEY, .subject = PLAIN("a")};
    ck_assert_str_eq(written(&failure), "baton: error: a: expected a key before '='\n"
                                        "      Write 'key = value'.\n");
}
END_TEST

START_TEST(a_failure_of_no_file_names_the_loader)
{
    struct failure failure = {
        .status = STATUS_MEMORY_EXHAUSTED,
        .firmware = FIRMWARE_OUT_OF_RESOURCES,
        .hint = PLAIN("the stack"),
        .number = {0x10000},
    };
    ck_assert_str_eq(written(&failure),
                     "baton: error: the firmware has no 64 KiB of memory in one piece for the "
                     "stack (EFI_OUT_OF_RESOURCES)\n"
                     "      The machine has too little memory for all that is to be loaded.\n");
}
END_TEST

START_TEST(a_line_whose_text_is_not_at_hand_is_named_without_an_excerpt)
{
    struct failure failure = {
        .status = STATUS_CONFIG_EMPTY_KEY, .path = PLAIN("loader.cfg"), .line = 3};
    ck_assert_str_eq(written(&failure), "loader.cfg:3: error: expected a key before '='\n"
                                        "      Write 'key = value'.\n");
}
END_TEST

START_TEST(numbers_are_written_in_their_forms)
{
    struct failure failure = {
        .status = STATUS_ADDRESS_TOO_HIGH,
        .path = PLAIN("k"),
        .number = {UINT64_C(3) << 20, 0xFFFFF000, 0x100000000},
    };
    ck_assert_str_eq(written(&failure),
                     "k: error: 3 MiB at 0xfffff000 end above the highest address that can be "
                     "mapped, 0x100000000\n"
                     "      Load the kernel at a lower address.\n");
    failure = (struct failure){
        .status = STATUS_HEADER_WRONG_ABI, .path = PLAIN("k"), .number = {1, 20, 3, 456}};
    ck_assert_ptr_nonnull(strstr(written(&failure), "BootInfo 1.20; this loader has 3.456\n"));
}
END_TEST

START_TEST(a_number_in_the_advice_is_expanded_too)
{
    struct failure failure = {.status = STATUS_ADDRESS_OCCUPIED, .number = {1, 2, 0x1500000}};
    ck_assert_ptr_nonnull(strstr(written(&failure), " address = 0x1500000; link "));
}
END_TEST

START_TEST(without_a_guess_nobody_is_asked)
{
    struct failure failure = {.status = STATUS_CONFIG_UNKNOWN_KEY, .found = PLAIN("x")};
    ck_assert_str_eq(written(&failure), "baton: error: unknown key 'x'\n"
                                        "      docs/config.md lists the keys.\n");
}
END_TEST

START_TEST(occupants_get_a_line_each_with_an_inclusive_end)
{
    struct failure failure = {
        .status = STATUS_ADDRESS_NO_ROOM,
        .path = PLAIN("k"),
        .number = {0x7FF000, 0x80FFFF, 0, 0x11000},
        .occupants = {{0x7FF000, 0x1000, OCCUPANT_NOTHING},
                      {0x800000, 0x8000, BOOTINFO_MEMORY_ACPI_NVS},
                      {0x808000, 0x1001, 4711}},
        .occupant_count = 3,
    };
    ck_assert_str_eq(written(&failure),
                     "k: error: 0x7ff000-0x80ffff is not free:\n"
                     "      0x7ff000-0x7fffff no memory (1 page)\n"
                     "      0x800000-0x807fff ACPI NVS (8 pages)\n"
                     "      0x808000-0x809000 reserved (2 pages)\n"
                     "      No other place has 68 KiB free in one piece either.\n");
}
END_TEST

START_TEST(occupants_that_were_not_kept_are_counted)
{
    struct failure failure = {.status = STATUS_ADDRESS_OCCUPIED, .occupant_count = OCCUPANTS_MAX};
    for (uint64_t i = 0; i < OCCUPANTS_MAX; i++) {
        failure.occupants[i] = (struct occupant){(i + 1) << 20, 4096, BOOTINFO_MEMORY_MMIO};
    }
    ck_assert_ptr_nonnull(strstr(written(&failure), "0x800000-0x800fff MMIO (1 page)\n"));
    ck_assert_ptr_null(strstr(written(&failure), "more"));
    failure.occupant_count = OCCUPANTS_MAX + 3;
    ck_assert_ptr_nonnull(
        strstr(written(&failure), "0x800000-0x800fff MMIO (1 page)\n      and 3 more\n"));
}
END_TEST

START_TEST(a_firmware_status_without_a_name_is_shown_as_number)
{
    struct failure failure = {.status = STATUS_MAP_FAILED, .firmware = (enum firmware)0x2A};
    ck_assert_ptr_nonnull(strstr(written(&failure), "no memory map (EFI status 0x2a)\n"));
    failure.firmware = (enum firmware)22;
    ck_assert_ptr_nonnull(strstr(written(&failure), "no memory map (EFI status 0x16)\n"));
}
END_TEST

static const struct {
    enum firmware firmware;
    const char *name;
} firmware_names[] = {
    {FIRMWARE_OK, "EFI_SUCCESS"},
    {FIRMWARE_LOAD_ERROR, "EFI_LOAD_ERROR"},
    {FIRMWARE_NOT_FOUND, "EFI_NOT_FOUND"},
    {FIRMWARE_ABORTED, "EFI_ABORTED"},
    {(enum firmware)22, NULL},
    {(enum firmware)25, NULL},
    {FIRMWARE_SECURITY_VIOLATION, "EFI_SECURITY_VIOLATION"},
    {FIRMWARE_COMPROMISED_DATA, "EFI_COMPROMISED_DATA"},
    {(enum firmware)34, NULL},
    {(enum firmware)INT32_MAX, NULL},
};

START_TEST(firmware_statuses_have_the_names_of_the_specification)
{
    for (int i = 0; i < COUNT_OF(firmware_names); i++) {
        const char *name = firmware_names[i].name;
        ck_assert_pstr_eq(firmware_name(firmware_names[i].firmware), name);
        char words[64];
        struct writer writer = writer_on(words, sizeof(words));
        write_firmware(&writer, firmware_names[i].firmware);
        if (name != NULL) {
            ck_assert_str_eq(words, name);
        } else {
            ck_assert_uint_eq((uint64_t)strtoull(words + strlen("EFI status "), NULL, 0),
                              (uint64_t)firmware_names[i].firmware);
        }
    }
}
END_TEST

static void memory_type_name(uint32_t type, char out_name[32])
{
    struct writer writer = writer_on(out_name, 32);
    write_memory_type(&writer, type);
}

static void expect_memory_type(uint32_t type, const char *expected)
{
    char name[32];
    memory_type_name(type, name);
    ck_assert_str_eq(name, expected);
}

START_TEST(every_memory_type_has_a_name_of_its_own)
{
    for (uint32_t type = 0; type < BOOTINFO_MEMORY_TYPE_COUNT; type++) {
        char name[32];
        char another[32];
        memory_type_name(type, name);
        ck_assert_str_ne(name, "");
        for (uint32_t other = 0; other < type; other++) {
            memory_type_name(other, another);
            ck_assert_str_ne(name, another);
        }
    }
    expect_memory_type(BOOTINFO_MEMORY_USABLE, "usable");
    expect_memory_type(BOOTINFO_MEMORY_ACPI_NVS, "ACPI NVS");
    expect_memory_type(BOOTINFO_MEMORY_SPECIAL_PURPOSE, "special purpose");
    expect_memory_type(BOOTINFO_MEMORY_TYPE_COUNT, "reserved");
    expect_memory_type(OCCUPANT_NOTHING, "no memory");
}
END_TEST

START_TEST(input_in_a_message_is_quoted)
{
    struct failure failure = {
        .status = STATUS_CONFIG_BAD_WORD,
        .path = PLAIN("a\x1B"),
        .found = PLAIN("b\n"),
        .hint = PLAIN("c\r"),
        .guess = PLAIN("d\a"),
    };
    ck_assert_str_eq(
        written(&failure),
        "a?: error: expected c?, found 'b?'; did you mean 'd?'?\n"
        "      docs/config.md lists the values of each key. Comments stand on their own "
        "line.\n");
}
END_TEST

START_TEST(a_message_that_does_not_fit_is_cut)
{
    struct failure failure = at_line("= x", 1, 1);
    const char *whole = written(&failure);
    for (size_t capacity = 1; capacity < 120; capacity++) {
        char *buffer = malloc(capacity);
        struct writer writer = writer_on(buffer, capacity);
        failure_write(&writer, &failure);
        size_t expected = strlen(whole) < capacity - 1 ? strlen(whole) : capacity - 1;
        ck_assert_uint_eq(writer.used, expected);
        ck_assert_int_eq(strncmp(buffer, whole, expected), 0);
        free(buffer);
    }
}
END_TEST

#define DOCS_MAX 262144 /* bytes */

static char *read_docs(void)
{
    FILE *file = fopen(BATON_DOCS "/errors.md", "rb");
    ck_assert_msg(file != NULL, "cannot open %s/errors.md", BATON_DOCS);
    char *docs = calloc(1, DOCS_MAX);
    size_t size = fread(docs, 1, DOCS_MAX - 1, file);
    ck_assert_uint_gt(size, 0);
    ck_assert_int_eq(fclose(file), 0);
    return docs;
}

/* The text after "\n### NAME\n", or NULL. */
static const char *section_of(const char *docs, const char *name)
{
    char heading[64];
    (void)snprintf(heading, sizeof(heading), "\n### %s\n", name);
    const char *found = strstr(docs, heading);
    return found == NULL ? NULL : found + strlen(heading) - 1;
}

/* The sentence's own words, placeholders left out, stand in the section in their order. */
static void check_words(const char *section, const char *sentence, const char *name)
{
    const char *section_end = strstr(section, "\n### ");
    const char *end = section_end == NULL ? section + strlen(section) : section_end;
    while (*sentence != '\0') {
        char words[256];
        size_t size = strcspn(sentence, "{");
        ck_assert_uint_lt(size, sizeof(words));
        memcpy(words, sentence, size);
        words[size] = '\0';
        const char *found = strstr(section, words);
        ck_assert_msg(found != NULL && found < end, "docs/errors.md, %s: no \"%s\"", name, words);
        section = found + size;
        sentence += size;
        sentence += *sentence == '{' ? strcspn(sentence, "}") + 1 : 0;
    }
}

START_TEST(every_status_has_its_section_in_the_docs)
{
    char *docs = read_docs();
    for (int i = 0; i < COUNT_OF(sentences); i++) {
        const char *name = sentences[i].name;
        const char *section = section_of(docs, name);
        ck_assert_msg(section != NULL, "docs/errors.md: no ### %s", name);
        check_words(section, sentences[i].sentence, name);
        ck_assert_msg(section_of(section, name) == NULL, "docs/errors.md: two ### %s", name);
    }
    free(docs);
}
END_TEST

START_TEST(every_section_of_the_docs_has_its_status)
{
    char *docs = read_docs();
    int count = 0;
    for (char *at = strstr(docs, "\n### "); at != NULL; at = strstr(at, "\n### ")) {
        at += strlen("\n### ");
        struct text name = {at, strcspn(at, "\n")};
        bool known = false;
        for (int i = 0; i < COUNT_OF(sentences); i++) {
            known |= text_equal(name, text_of(sentences[i].name));
        }
        ck_assert_msg(known, "docs/errors.md: unknown status %.*s", (int)name.size, name.bytes);
        count++;
    }
    ck_assert_int_eq(count, COUNT_OF(sentences));
    free(docs);
}
END_TEST

static TCase *message_tests(void)
{
    TCase *tcase = tcase_create("message");
    tcase_add_test(tcase, every_message_is_one_sentence_and_one_advice);
    tcase_add_test(tcase, a_failure_in_a_line_shows_it_with_carets_below);
    tcase_add_test(tcase, a_failure_of_a_whole_file_names_only_the_file);
    tcase_add_test(tcase, the_subject_stands_before_the_sentence);
    tcase_add_test(tcase, a_failure_of_no_file_names_the_loader);
    tcase_add_test(tcase, a_line_whose_text_is_not_at_hand_is_named_without_an_excerpt);
    tcase_add_test(tcase, numbers_are_written_in_their_forms);
    tcase_add_test(tcase, a_number_in_the_advice_is_expanded_too);
    tcase_add_test(tcase, without_a_guess_nobody_is_asked);
    tcase_add_test(tcase, occupants_get_a_line_each_with_an_inclusive_end);
    tcase_add_test(tcase, occupants_that_were_not_kept_are_counted);
    tcase_add_test(tcase, a_firmware_status_without_a_name_is_shown_as_number);
    tcase_add_test(tcase, input_in_a_message_is_quoted);
    tcase_add_test(tcase, a_message_that_does_not_fit_is_cut);
    return tcase;
}

static TCase *name_tests(void)
{
    TCase *tcase = tcase_create("names");
    tcase_add_test(tcase, every_status_has_its_name);
    tcase_add_test(tcase, success_is_named_and_says_nothing);
    tcase_add_test(tcase, every_sentence_and_advice_is_made_of_known_placeholders);
    tcase_add_test(tcase, firmware_statuses_have_the_names_of_the_specification);
    tcase_add_test(tcase, every_memory_type_has_a_name_of_its_own);
    tcase_add_test(tcase, every_status_has_its_section_in_the_docs);
    tcase_add_test(tcase, every_section_of_the_docs_has_its_status);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("status");
    suite_add_tcase(suite, name_tests());
    suite_add_tcase(suite, message_tests());
    return suite_main(suite, "unit-status");
}
