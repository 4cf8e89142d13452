#include "suite.h"

#include "core/base/path.h"

#include <string.h>

#define COUNT_OF(array) (int)(sizeof(array) / sizeof((array)[0]))
#define NAME_255_A      A50 A50 A50 A50 A50 "aaaaa"
#define A50             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
    const char *written;
    const char *canonical;
} accepted[] = {
    {"/boot/k.bin", "\\boot\\k.bin"},
    {"\\boot\\k.bin", "\\boot\\k.bin"},
    {"boot/k.bin", "\\boot\\k.bin"},
    {"k", "\\k"},
    {"/boot\\sub/k.bin", "\\boot\\sub\\k.bin"},
    {"//boot///k.bin", "\\boot\\k.bin"},
    {"\\\\loader.cfg", "\\loader.cfg"},
    {"\\/\\loader.cfg", "\\loader.cfg"},
    {"/.hidden/..x/a.b.c", "\\.hidden\\..x\\a.b.c"},
    {"/with a blank/k", "\\with a blank\\k"},
    {"/B\xC3\xB6ot/\xE2\x82\xAC", "\\B\xC3\xB6ot\\\xE2\x82\xAC"},
    {"/\xEF\xBF\xBD", "\\\xEF\xBF\xBD"},
    {"/\xEF\xBF\xBF", "\\\xEF\xBF\xBF"},
    {"/" NAME_255_A, "\\" NAME_255_A},
};

START_TEST(each_file_has_one_canonical_path)
{
    for (int i = 0; i < COUNT_OF(accepted); i++) {
        char buffer[PATH_MAX_BYTES];
        ck_assert_ptr_null(path_canonical(text_of(accepted[i].written), buffer));
        ck_assert_str_eq(buffer, accepted[i].canonical);
        ck_assert_ptr_null(path_canonical(text_of(accepted[i].canonical), buffer));
        ck_assert_str_eq(buffer, accepted[i].canonical);
    }
}
END_TEST

#define DOTS      "'.' and '..' cannot be used"
#define ENDS      "a name in it ends in a dot or a blank"
#define NO_FILE   "it ends without the name of a file"
#define FORBIDDEN "a name in it holds one of : * ? \" < > |"
#define UTF8      "it is not valid UTF-8"
#define CONTROL   "it holds a control character"

static const struct {
    struct text written;
    const char *wrong;
} refused[] = {
    {{"", 0}, "it is empty"},
    {{"/", 1}, NO_FILE},
    {{"\\\\", 2}, NO_FILE},
    {{"/boot/", 6}, NO_FILE},
    {{".", 1}, DOTS},
    {{"/..", 3}, DOTS},
    {{"/boot/../k", 10}, DOTS},
    {{"/./k", 4}, DOTS},
    {{"/ k", 3}, "a name in it begins with a blank"},
    {{"/a/ b/c", 7}, "a name in it begins with a blank"},
    {{"/k.", 3}, ENDS},
    {{"/k ", 3}, ENDS},
    {{"/dir./k", 7}, ENDS},
    {{"/dir /k", 7}, ENDS},
    {{"/...", 4}, ENDS},
    {{"/ ", 2}, "a name in it begins with a blank"},
    {{"C:\\k", 4}, FORBIDDEN},
    {{"/a*b", 4}, FORBIDDEN},
    {{"/a?b", 4}, FORBIDDEN},
    {{"/a\"b", 4}, FORBIDDEN},
    {{"/a<b", 4}, FORBIDDEN},
    {{"/a>b", 4}, FORBIDDEN},
    {{"/a|b", 4}, FORBIDDEN},
    {{"/a\0b", 4}, CONTROL},
    {{"/a\tb", 4}, CONTROL},
    {{"/a\x7F", 3}, CONTROL},
    {{"/a\xC2\x85", 4}, CONTROL},
    {{"/a\xFF", 3}, UTF8},
    {{"/a\xC3/k", 5}, UTF8},
    {{"/\xED\xA0\x80", 4}, UTF8},
    {{"/\xC0\xAE\xC0\xAE/k", 7}, UTF8},
    {{"/\xF0\x90\x80\x80", 5}, "a character in it is above U+FFFF"},
    {{"/\xF0\x9F\x98\x80", 5}, "a character in it is above U+FFFF"},
    {{"/" NAME_255_A "b", 257}, "a name in it has more than 255 characters"},
};

START_TEST(a_path_that_firmware_reads_its_own_way_is_refused)
{
    for (int i = 0; i < COUNT_OF(refused); i++) {
        char buffer[PATH_MAX_BYTES];
        /* Of exact size, so that the sanitizer sees a byte too many being read. */
        struct text written = refused[i].written;
        char *bytes = malloc(written.size + 1);
        memcpy(bytes + 1, written.bytes, written.size);
        const char *wrong = path_canonical((struct text){bytes + 1, written.size}, buffer);
        ck_assert_ptr_nonnull(wrong);
        ck_assert_str_eq(wrong, refused[i].wrong);
        free(bytes);
    }
}
END_TEST

START_TEST(a_name_is_measured_in_characters)
{
    char path[1 + 2 * 256];
    char buffer[PATH_MAX_BYTES];
    path[0] = '/';
    for (size_t i = 0; i < 256; i++) {
        path[1 + 2 * i] = '\xC3';
        path[2 + 2 * i] = '\xA4';
    }
    ck_assert_ptr_null(path_canonical((struct text){path, 1 + 2 * 255}, buffer));
    ck_assert_uint_eq(strlen(buffer), 511);
    ck_assert_ptr_nonnull(path_canonical((struct text){path, sizeof(path)}, buffer));
}
END_TEST

START_TEST(a_path_has_room_for_1023_bytes_and_its_nul)
{
    char path[1024];
    char *buffer = malloc(PATH_MAX_BYTES);
    for (size_t i = 0; i < sizeof(path); i++) {
        path[i] = i % 128 == 0 ? '/' : 'a';
    }
    ck_assert_ptr_null(path_canonical((struct text){path, 1023}, buffer));
    ck_assert_uint_eq(strlen(buffer), 1023);
    const char *wrong = path_canonical((struct text){path, 1024}, buffer);
    ck_assert_ptr_nonnull(wrong);
    ck_assert_str_eq(wrong, "it has more than 1,023 bytes");
    /* Without a slash in front the canonical form is one byte longer than what was written. */
    ck_assert_ptr_nonnull(path_canonical((struct text){path + 1, 1023}, buffer));
    free(buffer);
}
END_TEST

START_TEST(a_sibling_lies_in_the_same_folder)
{
    char buffer[PATH_MAX_BYTES];
    ck_assert(path_sibling(TEXT("\\EFI\\BOOT\\BOOTX64.EFI"), TEXT("loader.cfg"), buffer));
    ck_assert_str_eq(buffer, "\\EFI\\BOOT\\loader.cfg");
    ck_assert(path_sibling(TEXT("\\loader.efi"), TEXT("loader.cfg"), buffer));
    ck_assert_str_eq(buffer, "\\loader.cfg");
}
END_TEST

START_TEST(a_sibling_that_gets_too_long_is_refused)
{
    char path[PATH_MAX_BYTES];
    char *buffer = malloc(PATH_MAX_BYTES);
    memset(path, 'a', sizeof(path));
    path[0] = '\\';
    path[1012] = '\\';
    ck_assert(path_sibling((struct text){path, 1020}, TEXT("loader.cfg"), buffer));
    ck_assert_uint_eq(strlen(buffer), 1023);
    ck_assert(!path_sibling((struct text){path, 1020}, TEXT("loader.conf"), buffer));
    path[1023] = '\\';
    ck_assert(!path_sibling((struct text){path, 1024}, TEXT("loader.cfg"), buffer));
    free(buffer);
}
END_TEST

START_TEST(a_canonical_path_becomes_ucs2)
{
    static const uint16_t expected[] = {'\\', 'B', 0xF6, 0x20AC, 0xFFFD, 0};
    const char *path = "\\B\xC3\xB6\xE2\x82\xAC\xEF\xBF\xBD";
    uint16_t *units = malloc((strlen(path) + 1) * sizeof(units[0]));
    path_to_ucs2(path, units);
    ck_assert_mem_eq(units, expected, sizeof(expected));
    free(units);
}
END_TEST

START_TEST(what_ucs2_has_no_character_for_becomes_a_question_mark)
{
    static const uint16_t expected[] = {0xFFFF, '?', '?', 'a', '?', 'b', 0};
    const char *path = "\xEF\xBF\xBF\xFF\xC3"
                       "a\xF0\x90\x80\x80"
                       "b";
    size_t size = (strlen(path) + 1) * sizeof(uint16_t);
    uint16_t *units = malloc(size);
    memset(units, 0xA5, size);
    path_to_ucs2(path, units);
    ck_assert_mem_eq(units, expected, sizeof(expected));
    free(units);
}
END_TEST

START_TEST(the_longest_path_becomes_ucs2)
{
    char path[PATH_MAX_BYTES];
    uint16_t *units = malloc(PATH_MAX_BYTES * sizeof(units[0]));
    memset(path, 'a', sizeof(path) - 1);
    path[PATH_MAX_BYTES - 1] = '\0';
    path_to_ucs2(path, units);
    ck_assert_uint_eq(units[PATH_MAX_BYTES - 2], 'a');
    ck_assert_uint_eq(units[PATH_MAX_BYTES - 1], 0);
    free(units);
}
END_TEST

START_TEST(ucs2_becomes_utf8_up_to_a_zero_or_the_end)
{
    static const uint16_t units[] = {'\\', 0x7F, 0x80, 0x7FF, 0x800, 0xFFFF, 0, 'x'};
    char buffer[32];
    path_from_ucs2(units, 8, buffer, sizeof(buffer));
    ck_assert_str_eq(buffer, "\\\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF");
    path_from_ucs2(units, 2, buffer, sizeof(buffer));
    ck_assert_str_eq(buffer, "\\\x7F");
    path_from_ucs2(units, 0, buffer, sizeof(buffer));
    ck_assert_str_eq(buffer, "");
}
END_TEST

START_TEST(surrogates_become_question_marks)
{
    static const uint16_t units[] = {0xD7FF, 0xD800, 0xDFFF, 0xE000, 0};
    char buffer[32];
    path_from_ucs2(units, 5, buffer, sizeof(buffer));
    ck_assert_str_eq(buffer, "\xED\x9F\xBF??\xEE\x80\x80");
}
END_TEST

START_TEST(ucs2_is_cut_between_characters)
{
    static const uint16_t units[] = {'a', 0x20AC, 'b', 0};
    static const char *const cut[] = {"", "a", "a", "a", "a\xE2\x82\xAC", "a\xE2\x82\xAC\x62"};
    for (int i = 0; i < COUNT_OF(cut); i++) {
        size_t capacity = (size_t)i + 1;
        char *buffer = malloc(capacity);
        path_from_ucs2(units, 4, buffer, capacity);
        ck_assert_str_eq(buffer, cut[i]);
        free(buffer);
    }
}
END_TEST

START_TEST(what_is_most_likely_not_meant_is_said)
{
    static const struct {
        const char *path;
        const char *says;
    } rows[] = {
        {"/boot/k.bin", ""},
        {"/boot/k#1;2.bin", ""},
        {"/boot/my kernel.bin", ""},
        {"#1.bin", ""},
        {"/boot/k.bin #", " Comments stand on their own line."},
        {"/boot/k.bin # mine", " Comments stand on their own line."},
        {"/boot/k.bin\t; mine", " Comments stand on their own line."},
        {"/boot/k.bin\xE2\x80\x8B", " It has an invisible character, shown as ?."},
        {"/boot/\xC2\xA0k.bin", " It has an invisible character, shown as ?."},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_str_eq(path_suspicion(text_of(rows[i].path)), rows[i].says);
    }
    char path[261];
    memset(path, 'a', 260);
    path[260] = '\0';
    ck_assert_str_eq(path_suspicion(text_of(path)),
                     " EDK2, most firmware's base, opens no path of 260 characters or more.");
    path[259] = '\0';
    ck_assert_str_eq(path_suspicion(text_of(path)), "");
}
END_TEST

/* Texts are parts of longer ones: what lies after them is none of a path's business. */
START_TEST(a_path_is_written_and_compared_up_to_its_end)
{
    static const struct {
        struct text path;
        const char *written;
    } rows[] = {
        {{"k//", 1}, "/k"},
        {{"k//x", 2}, "/k/"},
        {{"\\\\a/kk", 5}, "/a/k"},
        {{"", 0}, ""},
    };
    for (int i = 0; i < COUNT_OF(rows); i++) {
        char buffer[16];
        struct writer writer = writer_on(buffer, sizeof(buffer));
        struct text written = text_of(rows[i].written);
        path_write(&writer, rows[i].path);
        ck_assert_str_eq(buffer, rows[i].written);
        ck_assert(path_is_same(&rows[i].path, &written));
    }
    ck_assert(!path_is_same(&rows[0].path, &rows[1].path));
}
END_TEST

static const struct {
    const char *written;
    const char *resolved; /* NULL: refused, because */
    const char *why;
} resolved[] = {
    {"\\EFI\\BOOT\\BOOTX64.EFI", "\\EFI\\BOOT\\BOOTX64.EFI", NULL},
    {"\\EFI\\.\\BOOT\\x.efi", "\\EFI\\BOOT\\x.efi", NULL},
    {"\\EFI\\tools\\..\\baton\\x.efi", "\\EFI\\baton\\x.efi", NULL},
    {"\\a\\b\\..\\..\\x.efi", "\\x.efi", NULL},
    {".\\x.efi", "\\x.efi", NULL},
    {"\\\\a\\\\..\\\\b//./x.efi", "\\b\\x.efi", NULL},
    {"\\a\\..\\..\\x.efi", NULL, "it climbs above the root"},
    {"..\\x.efi", NULL, "it climbs above the root"},
    {"", NULL, "it ends without the name of a file"},
    {"\\a\\b\\", NULL, "it ends without the name of a file"},
    {"\\a\\b\\..", NULL, "it ends without the name of a file"},
    {"\\a\\.", NULL, "it ends without the name of a file"},
    {"\\a\\...\\x", NULL, "a name in it ends in a dot or a blank"},
    {"\\a\\b?\\x", NULL, "a name in it holds one of : * ? \" < > |"},
};

START_TEST(dots_in_the_path_of_a_program_are_resolved)
{
    char buffer[PATH_MAX_BYTES];
    for (size_t i = 0; i < sizeof(resolved) / sizeof(resolved[0]); i++) {
        const char *wrong = path_resolve(text_of(resolved[i].written), buffer);
        if (resolved[i].resolved != NULL) {
            ck_assert_msg(wrong == NULL, "%s: %s", resolved[i].written, wrong);
            ck_assert_str_eq(buffer, resolved[i].resolved);
        } else {
            ck_assert_msg(wrong != NULL, "%s", resolved[i].written);
            ck_assert_str_eq(wrong, resolved[i].why);
        }
    }
}
END_TEST

/* More than fits on the way is refused, even if '..' would take it away again. */
START_TEST(a_path_to_resolve_has_room_for_1023_bytes_on_its_way)
{
    char buffer[PATH_MAX_BYTES];
    static char path[3000];
    memset(path, 'x', sizeof(path));
    for (size_t i = 0; i < sizeof(path); i += 250) {
        path[i] = '\\';
    }
    ck_assert_str_eq(path_resolve((struct text){path, sizeof(path)}, buffer),
                     "it has more than 1,023 bytes");
    ck_assert_ptr_null(path_resolve((struct text){path, 1000}, buffer));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("path");
    TCase *tcase = tcase_create("path");
    tcase_add_test(tcase, each_file_has_one_canonical_path);
    tcase_add_test(tcase, a_path_that_firmware_reads_its_own_way_is_refused);
    tcase_add_test(tcase, a_name_is_measured_in_characters);
    tcase_add_test(tcase, a_path_has_room_for_1023_bytes_and_its_nul);
    tcase_add_test(tcase, a_sibling_lies_in_the_same_folder);
    tcase_add_test(tcase, a_sibling_that_gets_too_long_is_refused);
    tcase_add_test(tcase, a_canonical_path_becomes_ucs2);
    tcase_add_test(tcase, what_ucs2_has_no_character_for_becomes_a_question_mark);
    tcase_add_test(tcase, the_longest_path_becomes_ucs2);
    tcase_add_test(tcase, ucs2_becomes_utf8_up_to_a_zero_or_the_end);
    tcase_add_test(tcase, surrogates_become_question_marks);
    tcase_add_test(tcase, ucs2_is_cut_between_characters);
    tcase_add_test(tcase, what_is_most_likely_not_meant_is_said);
    tcase_add_test(tcase, a_path_is_written_and_compared_up_to_its_end);
    tcase_add_test(tcase, dots_in_the_path_of_a_program_are_resolved);
    tcase_add_test(tcase, a_path_to_resolve_has_room_for_1023_bytes_on_its_way);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-path");
}
