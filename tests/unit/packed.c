/* What is unpacked is what was packed: every string of every list. */
#include "core/base/packed.h"
#include "arch/x86_64/crash_texts.h"
#include "core/base/names.h"
#include "core/base/status.h"
#include "core/base/warnings.h"
#include "core/config/forms.h"
#include "core/image/phrases.h"
#include "core/screen/crash_texts.h"
#include "core/screen/menu_texts.h"
#include "phrase.h"
#include "suite.h"

#define SENTENCES(name, sentence, advice) sentence, advice,
#define WORDS(name, words)                words "\0"
#define FORMAT_WORDS(name, next, words)   words "\0"

#define LIST(name, strings)                 \
    {                                       \
        name, strings, sizeof(strings) - 1, \
    }

static const struct {
    const unsigned char *packed;
    const char *strings;
    size_t size;
} lists[] = {
    LIST(packed_formats, FORMATS(FORMAT_WORDS)),
    LIST(packed_nexts, NEXTS(WORDS)),
    LIST(packed_forms, FORMS(WORDS)),
    LIST(packed_warnings, WARNINGS(WORDS)),
    LIST(packed_menu_texts, MENU_TEXTS(WORDS)),
    LIST(packed_protocols, PROTOCOLS(WORDS)),
    LIST(packed_firmware_names, FIRMWARE_NAMES),
    LIST(packed_memory_types, MEMORY_TYPE_NAMES),
    LIST(packed_crash_texts, CRASH_TEXTS(WORDS)),
    LIST(packed_exceptions, EXCEPTION_NAMES),
    LIST(packed_pic_lines, PIC_LINE_NAMES),
    LIST(packed_exception_texts, EXCEPTION_TEXTS(WORDS)),
    LIST(packed_handler_texts, HANDLER_TEXTS(WORDS)),
};

static void expect(const unsigned char *list, uint32_t n, const char *expected)
{
    char words[SENTENCE_ROOM];
    struct writer writer = writer_on(words, sizeof(words));
    write_packed(&writer, list, n);
    ck_assert_str_eq(words, expected);
    ck_assert(phrase_is(packed_text(list, n), expected));
}

START_TEST(every_string_is_unpacked_as_it_was)
{
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        const char *at = lists[i].strings;
        for (uint32_t n = 0; at < lists[i].strings + lists[i].size; n++) {
            expect(lists[i].packed, n, at);
            at += strlen(at) + 1;
        }
    }
}
END_TEST

START_TEST(every_sentence_is_unpacked_as_it_was)
{
    static const char *const sentences[] = {"", "", STATUS_LIST(SENTENCES) /* each with a comma */};
    ck_assert_uint_eq(sizeof(sentences) / sizeof(sentences[0]), 2 * STATUS_COUNT);
    for (uint32_t n = 0; n < 2 * STATUS_COUNT; n++) {
        expect(packed_sentences, n, sentences[n]);
    }
}
END_TEST

START_TEST(any_other_phrase_is_quoted)
{
    ck_assert(phrase_is(TEXT("a\033b"), "a?b"));
    ck_assert(phrase_is(TEXT(""), ""));
}
END_TEST

START_TEST(the_writer_is_not_overrun)
{
    char words[8];
    struct writer writer = writer_on(words, sizeof(words));
    write_packed(&writer, packed_firmware_names, FIRMWARE_NOT_FOUND);
    ck_assert_str_eq(words, "EFI_NOT");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("packed");
    TCase *tcase = tcase_create("packed");
    tcase_add_test(tcase, every_string_is_unpacked_as_it_was);
    tcase_add_test(tcase, every_sentence_is_unpacked_as_it_was);
    tcase_add_test(tcase, any_other_phrase_is_quoted);
    tcase_add_test(tcase, the_writer_is_not_overrun);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-packed");
}
