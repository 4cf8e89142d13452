/* "sha256 = DIGEST PATH" and "measure": what the two keys of a trusted boot mean. */
#include "config_parse.h"

#define D0     "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef"
#define D63    "123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef"
#define D1     "1123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef"
#define FORM   "64 hexadecimal digits and a path, 64 times at most"
#define KERNEL "kernel = /boot/k.bin\n"

static const struct config_pin *find(const char *path)
{
    const struct text text = text_of(path);
    return config_find_pin(&config, &text);
}

static void expect_pin(const char *path, const char *digits, uint32_t line)
{
    const struct config_pin *pin = find(path);
    ck_assert_msg(pin != NULL, "%s", path);
    ck_assert(text_equal(pin->digits, text_of(digits)));
    ck_assert_uint_eq(pin->line, line);
}

START_TEST(pins_are_found_by_their_canonical_path)
{
    ck_assert_int_eq(parse("# sha256 = nothing\n"
                           "sha256 = " D0 "  /boot/k.bin\n"
                           "sha256 = " D1 " boot\\\\a name\n"
                           "[entry a]\n"
                           "kernel = /Boot/K.bin\n"
                           "module = \"/boot/a name\" arguments\n"
                           "module-gz = /boot/free\n"),
                     STATUS_OK);
    ck_assert_uint_eq(config.pin_count, 2);
    expect_pin("\\boot\\k.bin", D0, 2);
    expect_pin("\\BOOT\\K.BIN", D0, 2);
    expect_pin("\\boot\\a name", D1, 3);
    ck_assert_ptr_null(find("\\boot\\free"));
    ck_assert_ptr_null(find("\\boot\\k.bi"));
    ck_assert_int_eq(parse(KERNEL), STATUS_OK);
    ck_assert_uint_eq(config.pin_count, 0);
    config.pins[0].path = TEXT("\\boot\\k.bin"); /* as an earlier file may have left it */
    ck_assert_ptr_null(find("\\boot\\k.bin"));
    forget();
}
END_TEST

START_TEST(a_pin_may_be_for_a_file_of_any_entry)
{
    ck_assert_int_eq(parse("sha256 = " D0 " /b\nsha256 = " D1 " /m\n[entry a]\nkernel = /a\n"
                           "[entry b]\nkernel = /b\n[entry c]\nkernel = /a\nmodule = /m\n"),
                     STATUS_OK);
    forget();
}
END_TEST

/* The pin of the file that was read before had a use; this one is in its place. */
START_TEST(a_pin_without_a_use_is_refused_where_one_with_a_use_was)
{
    const struct text unused = TEXT("sha256 = " D0 " /other\n" KERNEL);
    ck_assert_int_eq(parse("sha256 = " D0 " /boot/k.bin\n" KERNEL), STATUS_OK);
    ck_assert_int_eq(config_parse(unused, TEXT("loader.cfg"), &config), STATUS_CONFIG_PIN_UNUSED);
    forget();
}
END_TEST

static const struct {
    const char *file;
    const char *diagnosis;
} refused[] = {
    {"sha256 = 01 /boot/k.bin\n" KERNEL, "BAD_WORD 1:10+14 '01 /boot/k.bin' (" FORM ")"},
    {"sha256 = " D0 "0 /boot/k.bin\n" KERNEL, "BAD_WORD 1:10+77 '" D0 "0 /boot/k.bin' (" FORM ")"},
    {"sha256 = g" D0 " /boot/k.bin\n" KERNEL, "BAD_WORD 1:10+77 'g" D0 " /boot/k.bin' (" FORM ")"},
    {"sha256 = g" D63 " /boot/k.bin\n" KERNEL,
     "BAD_WORD 1:10+76 'g" D63 " /boot/k.bin' (" FORM ")"},
    {"sha256 = " D0 " \n" KERNEL, "BAD_WORD 1:10+64 '" D0 "' (" FORM ")"},
    {"sha256 = /boot/k.bin\n" KERNEL, "BAD_WORD 1:10+11 '/boot/k.bin' (" FORM ")"},
    {"sha256 = " D0 "\n" KERNEL, "BAD_WORD 1:10+64 '" D0 "' (" FORM ")"},
    {"sha256 = " D0 " /boot/../k.bin\n" KERNEL, "PIN_UNUSED 1:75+14 '/boot/../k.bin'"},
    {"sha256 =\n" KERNEL, "EMPTY_VALUE 1:9+0 'sha256'"},
    {"sha256 = " D0 " /boot/k.bin\nsha256 = " D1 " /BOOT//k.bin\n" KERNEL,
     "PIN_UNUSED 2:75+12 '/BOOT//k.bin'"},
    {"sha256 = " D0 " /boot/k.bin\nsha256 = " D0 " /boot/k.bin\n" KERNEL,
     "PIN_UNUSED 2:75+11 '/boot/k.bin'"},
    {"sha256 = " D0 " /boot/other\n" KERNEL, "PIN_UNUSED 1:75+11 '/boot/other'"},
    {"sha256 = " D0 " /boot/x\n" KERNEL "module = /boot/y /boot/x\n# module = /boot/x\n",
     "PIN_UNUSED 1:75+7 '/boot/x'"},
    /* Where another line is wrong, that one may have named it. */
    {"sha256 = " D0 " /boot/other\nkernal = /boot/other\n" KERNEL,
     "UNKNOWN_KEY 2:1+6 'kernal' ? kernel"},
    {"[entry a]\n" KERNEL "sha256 = " D0 " /boot/k.bin\n", "GLOBAL_KEY 3:1+6 'sha256'"},
    {"[entry a]\n" KERNEL "measure = yes\n", "GLOBAL_KEY 3:1+7 'measure'"},
    {"measure = off\n" KERNEL, "BAD_WORD 1:11+3 'off' (no, yes or required)"},
    {"measure = yes\nmeasure = no\n" KERNEL, "DUPLICATE_KEY 2:1+7 'measure'"},
};

START_TEST(what_is_wrong_with_a_pin_is_said)
{
    for (int i = 0; i < COUNT_OF(refused); i++) {
        ck_assert_int_ne(parse(refused[i].file), STATUS_OK);
        ck_assert_str_eq(diagnosis(), refused[i].diagnosis);
    }
    (void)parse("sha256 = " D0 " /boot/k.bin\nsha256 = " D1 " /boot/k.bin\n" KERNEL);
    ck_assert_str_eq(messages(),
                     "loader.cfg:2:75: error: no 'kernel =' or 'module =' names '/boot/k.bin', "
                     "or an earlier pin does\n"
                     "    2 | sha256 = " D1 " /boot/k.bin\n"
                     "      |                                                                      "
                     "     ^~~~~~~~~~~\n"
                     "      Correct the path, or remove the line.\n");
    forget();
}
END_TEST

/* 64 pins, each for a module; one more is refused. */
START_TEST(there_is_room_for_64_pins)
{
    static char file[CONFIG_SIZE_MAX];
    for (unsigned count = CONFIG_PINS_MAX; count <= CONFIG_PINS_MAX + 1; count++) {
        struct writer writer = writer_on(file, sizeof(file));
        for (unsigned i = 0; i < 2 * count; i++) {
            write_string(&writer, i < count ? "sha256 = " D0 " /boot/m" : "module = /boot/m");
            write_decimal(&writer, i % count);
            write_char(&writer, '\n');
        }
        write_string(&writer, KERNEL);
        bool fits = count == CONFIG_PINS_MAX;
        ck_assert_int_eq(parse(file), fits ? STATUS_OK : STATUS_CONFIG_BAD_WORD);
        ck_assert_uint_eq(config.pin_count, CONFIG_PINS_MAX);
        forget();
    }
}
END_TEST

START_TEST(measuring_has_three_words)
{
    static const struct {
        const char *file;
        enum config_measure measure;
    } cases[] = {
        {KERNEL, CONFIG_MEASURE_AUTO},
        {"measure = no\n" KERNEL, CONFIG_MEASURE_NO},
        {"measure = yes\n" KERNEL, CONFIG_MEASURE_YES},
        {"measure = required\n" KERNEL, CONFIG_MEASURE_REQUIRED},
    };
    for (int i = 0; i < COUNT_OF(cases); i++) {
        ck_assert_int_eq(parse(cases[i].file), STATUS_OK);
        ck_assert_int_eq(config.measure, cases[i].measure);
    }
    forget();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pins");
    TCase *pins = tcase_create("pins");
    tcase_add_test(pins, pins_are_found_by_their_canonical_path);
    tcase_add_test(pins, a_pin_may_be_for_a_file_of_any_entry);
    tcase_add_test(pins, a_pin_without_a_use_is_refused_where_one_with_a_use_was);
    tcase_add_test(pins, what_is_wrong_with_a_pin_is_said);
    tcase_add_test(pins, there_is_room_for_64_pins);
    tcase_add_test(pins, measuring_has_three_words);
    suite_add_tcase(suite, pins);
    return suite_main(suite, "unit-pins");
}
