/* What boots with Secure Boot on and off, from a sealed loader and from one that is not, and
 * what the TPM is given: the rules of docs/security.md. */
#include "archives.h"
#include "boot_check.h"
#include "kernels.h"
#include "suite.h"

#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum { OFF, ON, SETUP, UNKNOWN, STATES };

static const bool locked[STATES] = {[ON] = true, [UNKNOWN] = true};

static struct text kernel;
static struct text other; /* of the same size */
static char config[1024];

static const char *hex_of(struct text bytes)
{
    static char digits[2 * SHA256_SIZE + 1];
    uint8_t digest[SHA256_SIZE];
    sha256(sha256_block_plain, bytes.bytes, bytes.size, digest);
    for (size_t i = 0; i < SHA256_SIZE; i++) {
        snprintf(digits + 2 * i, 3, "%02x", digest[i]);
    }
    return digits;
}

static void given_machine(int state)
{
    fake_reset();
    kernel = kernel_raw(40000);
    other = kernel_damaged(kernel, 20000);
    fake.machine.secure_boot = (uint32_t)state;
}

static void seal(const char *text)
{
    archive_begin();
    (void)archive_add("", "loader.cfg", text_of(text));
    fake.seal = archive_whole();
}

static void seal_file(const char *name, struct text bytes)
{
    (void)archive_add("", name, bytes);
    fake.seal = archive_whole();
}

/* A sealed loader.cfg that pins /k.bin with the digest of these bytes. */
static void pin(struct text bytes, const char *rest)
{
    snprintf(config, sizeof(config), "sha256 = %s  /k.bin\n" CONFIG_PLAIN "%s", hex_of(bytes),
             rest);
}

static void put_on_disk(struct text bytes)
{
    fake_add_file("\\k.bin", bytes.bytes, bytes.size);
}

static const struct BootInfo *boots_kernel(struct text bytes)
{
    struct expectation expected = expect_raw(kernel);
    expected.image = bytes;
    expected.file = bytes;
    boots(&expected);
    return (const struct BootInfo *)fake.hand_off.info;
}

static void expect_flags(const struct BootInfo *info, uint32_t flags)
{
    const uint32_t all = BOOTINFO_FLAG_SECURE_BOOT | BOOTINFO_FLAG_SEALED | BOOTINFO_FLAG_VERIFIED |
                         BOOTINFO_FLAG_MEASURED | BOOTINFO_FLAG_TPM_LOG_TRUNCATED;
    ck_assert_uint_eq(info->flags & all, flags);
    ck_assert_uint_eq(info->secure_boot, fake.machine.secure_boot);
}

static uint32_t secure(int state)
{
    return state == ON ? BOOTINFO_FLAG_SECURE_BOOT : 0;
}

static void no_file_was_opened(void)
{
    ck_assert_uint_eq(fake.calls[FAKE_VOLUME_OPEN], 0);
    ck_assert_uint_eq(fake.calls[FAKE_FILE_OPEN], 0);
}

START_TEST(a_loader_that_is_not_sealed_boots_nothing_with_secure_boot)
{
    given_machine(_i);
    (void)fake_add_config(CONFIG_PLAIN);
    put_on_disk(kernel);
    if (!locked[_i]) {
        expect_flags(boots_kernel(kernel), 0);
        return;
    }
    refuses(STATUS_NOT_SEALED, "baton: error: Secure Boot is on, but this signed loader is not");
    no_file_was_opened();
}
END_TEST

START_TEST(a_damaged_archive_boots_nothing)
{
    static const struct text archives[] = {{"", 0}, {"x", 1}};
    for (size_t i = 0; i < COUNT_OF(archives); i++) {
        given_machine(_i);
        (void)fake_add_config(CONFIG_PLAIN);
        put_on_disk(kernel);
        fake.seal = archives[i];
        fake.seal_lost = i == 0;
        refuses(STATUS_SEAL_DAMAGED,
                "baton: error: the archive in this loader, its section .baton,");
        no_file_was_opened();
    }
}
END_TEST

/* What lies on the disk under the same names is not even opened. */
START_TEST(a_sealed_loader_boots_what_it_carries)
{
    static const struct expected_module modules[] = {{"/boot/M", "with arguments", {"module", 6}}};
    static const char *const words[] = {"off", "on", "in setup mode", "unreadable, taken as on"};
    given_machine(_i);
    seal(CONFIG_PLAIN "cmdline = good\nmodule = /boot/M with arguments\n");
    seal_file("k.bin", kernel);
    seal_file("boot/m", text_of("module"));
    (void)fake_add_config("kernel = /k.bin\ncmdline = evil\n");
    put_on_disk(other);
    fake_add_file("\\boot\\m", "hostile", 7);
    struct expectation expected = expect_raw(kernel);
    expected.cmdline = "good";
    expected.modules = modules;
    expected.module_count = 1;
    boots(&expected);
    no_file_was_opened();
    expect_flags((const struct BootInfo *)fake.hand_off.info,
                 BOOTINFO_FLAG_SEALED | BOOTINFO_FLAG_VERIFIED | secure(_i));
    snprintf(config, sizeof(config),
             "\nsecurity   Secure Boot %s, sealed, verified, not measured\n", words[_i]);
    ck_assert_ptr_nonnull(strstr(fake.said, config));
    ck_assert_ptr_null(strstr(fake.said, "ignored"));
    ck_assert_ptr_nonnull(strstr(fake.said, "\nconfig     \\loader.cfg, sealed\n"));
    ck_assert_ptr_nonnull(strstr(fake.said, "\nimage      /k.bin, 40,000 bytes, raw, sealed\n"));
}
END_TEST

START_TEST(a_sealed_gzip_kernel_is_inflated_from_the_image)
{
    given_machine(ON);
    seal(CONFIG_PLAIN);
    seal_file("k.bin", kernel_gzip(kernel));
    struct expectation expected = expect_raw(kernel);
    expected.file = kernel_gzip(kernel);
    expected.gzip = true;
    boots(&expected);
    no_file_was_opened();
}
END_TEST

START_TEST(a_file_outside_boots_where_it_is_pinned)
{
    given_machine(_i);
    pin(kernel, "");
    seal(config);
    put_on_disk(kernel);
    const struct BootInfo *info = boots_kernel(kernel);
    expect_flags(info, BOOTINFO_FLAG_SEALED | BOOTINFO_FLAG_VERIFIED | secure(_i));
    uint8_t digest[SHA256_SIZE];
    sha256(sha256_block_plain, kernel.bytes, kernel.size, digest);
    ck_assert(memcmp(info->kernel_sha256, digest, sizeof(digest)) == 0);
    const struct fake_file *file = fake_find_file("\\k.bin");
    ck_assert_uint_eq(file->opens, 1);
    ck_assert_uint_eq(file->bytes_read, kernel.size); /* each byte once: nothing can be swapped */
}
END_TEST

START_TEST(a_file_outside_that_is_not_pinned_is_not_opened)
{
    given_machine(_i);
    seal(CONFIG_PLAIN "on_fault = none\n");
    put_on_disk(kernel);
    if (!locked[_i]) {
        expect_flags(boots_kernel(kernel), BOOTINFO_FLAG_SEALED);
        ck_assert_ptr_nonnull(strstr(fake.said, ", sealed, not verified, not measured\n"));
        return;
    }
    refuses(STATUS_NOT_TRUSTED,
            "/k.bin: error: Secure Boot is on, and this file is neither sealed");
    no_file_was_opened();
}
END_TEST

START_TEST(a_module_outside_that_is_not_pinned_is_not_opened)
{
    given_machine(ON);
    seal(CONFIG_PLAIN "module = /m\n");
    seal_file("k.bin", kernel);
    fake_add_file("\\m", "module", 6);
    refuses(STATUS_NOT_TRUSTED, "loader.cfg:2:10: error: /m: Secure Boot is on, and this file is");
    no_file_was_opened();
}
END_TEST

/* Longer, shorter, changed at either end or in between. */
static struct text changed(int how)
{
    switch (how) {
    case 0:
        return kernel_damaged(kernel, 0);
    case 1:
        return other;
    case 2:
        return kernel_damaged(kernel, kernel.size - 1);
    case 3:
        return kernel_cut(kernel, kernel.size - 1);
    case 4:
        return kernel_raw(kernel.size + 1);
    default:
        return (struct text){"\x1F\x8B", 2}; /* would be taken for gzip, were it looked at */
    }
}

enum { CHANGES = 6 };

START_TEST(a_changed_file_is_refused_with_both_digests)
{
    char sentence[300];
    char expected[2 * SHA256_SIZE + 1];
    for (int how = 0; how < CHANGES; how++) {
        given_machine(_i);
        pin(kernel, "");
        snprintf(expected, sizeof(expected), "%s", hex_of(kernel));
        seal(config);
        put_on_disk(changed(how));
        snprintf(sentence, sizeof(sentence),
                 "/k.bin: error: its SHA-256 is %s; line 1 of loader.cfg says %s\n",
                 hex_of(changed(how)), expected);
        refuses(STATUS_PIN_MISMATCH, sentence);
        ck_assert_int_eq(fake.calls[FAKE_CONSOLE] > 0,
                         !locked[_i]); /* it could be chosen by hand */
    }
}
END_TEST

/* The pin differs from the file's digest in one digit only. */
START_TEST(every_digit_of_a_pin_counts)
{
    for (size_t digit = 0; digit < (size_t)2 * SHA256_SIZE; digit++) {
        given_machine(ON);
        pin(kernel, "");
        char *at = config + strlen("sha256 = ") + digit;
        *at = *at == '0' ? '1' : '0';
        seal(config);
        put_on_disk(kernel);
        refuses(STATUS_PIN_MISMATCH, "/k.bin: error: its SHA-256 is ");
    }
}
END_TEST

START_TEST(a_changed_file_makes_the_fallback_boot)
{
    given_machine(_i);
    snprintf(config, sizeof(config),
             "sha256 = %s  /k.bin\nfallback = b\n[entry a]\nkernel = /k.bin\n"
             "[entry b]\nkernel = /b.bin\n",
             hex_of(kernel));
    seal(config);
    seal_file("b.bin", kernel);
    put_on_disk(other);
    expect_flags(boots_kernel(kernel), BOOTINFO_FLAG_SEALED | BOOTINFO_FLAG_VERIFIED | secure(_i));
    ck_assert_ptr_nonnull(strstr(fake.said, "/k.bin: error: its SHA-256 is "));
}
END_TEST

START_TEST(a_changed_file_boots_by_hand_without_secure_boot)
{
    static const uint32_t keys[] = {KEY_ENTER, KEY_ESCAPE, KEY_LAST};
    given_machine(_i);
    pin(kernel, "timeout = no\n");
    seal(config);
    put_on_disk(other);
    fake.keys = keys;
    if (!locked[_i]) {
        expect_flags(boots_kernel(other), BOOTINFO_FLAG_SEALED);
        ck_assert_ptr_nonnull(
            strstr(fake.said, "\nsecurity   /k.bin is not what its pin says, and boots by hand\n"));
        return;
    }
    ck_assert_int_eq(fake_boot(&the_boot), FAKE_RETURNED);
    ck_assert_ptr_nonnull(strstr(fake.said, "/k.bin: error: its SHA-256 is "));
}
END_TEST

START_TEST(a_changed_module_is_refused_before_it_is_inflated)
{
    struct text gzip;
    given_machine(ON);
    gzip = kernel_gzip(kernel);
    snprintf(config, sizeof(config), "sha256 = %s /m.gz\n" CONFIG_PLAIN "module-gz = /m.gz\n",
             hex_of(gzip));
    for (int how = 0; how < 2; how++) {
        given_machine(ON);
        seal(config);
        seal_file("k.bin", kernel);
        struct text bytes = how == 0 ? gzip : kernel_damaged(gzip, gzip.size / 2);
        fake_add_file("\\m.gz", bytes.bytes, bytes.size);
        const struct expected_module module = {"/m.gz", "", kernel};
        struct expectation expected = expect_raw(kernel);
        expected.modules = &module;
        expected.module_count = 1;
        if (how == 0) {
            boots(&expected);
        } else {
            refuses(STATUS_PIN_MISMATCH, "loader.cfg:3:13: error: /m.gz: its SHA-256 is ");
        }
    }
}
END_TEST

/* "e", " evil", Enter. */
START_TEST(a_command_line_cannot_be_edited_with_secure_boot)
{
    static const uint32_t keys[] = {'e', ' ', 'e', 'v', 'i', 'l', KEY_ENTER, KEY_LAST};
    given_machine(_i);
    seal("timeout = no\n" CONFIG_PLAIN "cmdline = good\n");
    seal_file("k.bin", kernel);
    fake.keys = keys;
    struct expectation expected = expect_raw(kernel);
    expected.cmdline = locked[_i] ? "good" : "good evil";
    boots(&expected);
    expect_flags((const struct BootInfo *)fake.hand_off.info,
                 BOOTINFO_FLAG_SEALED | secure(_i) | (locked[_i] ? BOOTINFO_FLAG_VERIFIED : 0));
}
END_TEST

START_TEST(load_options_choose_among_what_is_sealed)
{
    given_machine(_i);
    seal("[entry a]\nkernel = /none\n[entry b]\n" CONFIG_PLAIN);
    seal_file("k.bin", kernel);
    fake_add_file("\\evil.cfg", CONFIG_PLAIN "cmdline = evil\n[entry b]\n", 41);
    fake.options = "config=/evil.cfg entry=b";
    struct expectation expected = expect_raw(kernel);
    expected.cmdline = locked[_i] ? "" : "evil";
    boots(&expected);
    expect_flags((const struct BootInfo *)fake.hand_off.info,
                 locked[_i] ? BOOTINFO_FLAG_SEALED | BOOTINFO_FLAG_VERIFIED | secure(_i) : 0);
    ck_assert_int_eq(strstr(fake.said, "security   config= is ignored: Secure Boot is on\n") !=
                         NULL,
                     locked[_i]);
    ck_assert_uint_eq(fake_find_file("\\evil.cfg")->opens, locked[_i] ? 0 : 1);
}
END_TEST

START_TEST(a_config_named_by_one_character_is_ignored_too)
{
    given_machine(ON);
    seal(CONFIG_PLAIN);
    seal_file("k.bin", kernel);
    fake.options = "config=c";
    (void)boots_kernel(kernel);
    ck_assert_ptr_nonnull(strstr(fake.said, "security   config= is ignored: Secure Boot is on\n"));
}
END_TEST

START_TEST(pins_are_checked_in_a_loader_that_is_not_sealed)
{
    given_machine(OFF);
    pin(kernel, "");
    (void)fake_add_config(config);
    put_on_disk(kernel);
    expect_flags(boots_kernel(kernel), 0);
    given_machine(OFF);
    (void)fake_add_config(config);
    put_on_disk(other);
    refuses(STATUS_PIN_MISMATCH, "/k.bin: error: its SHA-256 is ");
}
END_TEST

static void given_measured(const char *measure, bool tpm)
{
    given_machine(OFF);
    snprintf(config, sizeof(config),
             "measure = %s\n[entry first]\n" CONFIG_PLAIN
             "cmdline = one  two\nmodule = /n\nmodule = boot\\m x\n",
             measure);
    (void)fake_add_config(config);
    put_on_disk(kernel);
    fake_add_file("\\boot\\m", "module", 6);
    fake_add_file("\\n", "another", 7);
    fake.tpm = tpm;
}

static const struct BootInfo *boots_measured(void)
{
    static const struct expected_module modules[] = {{"/n", "", {"another", 7}},
                                                     {"boot\\m", "x", {"module", 6}}};
    struct expectation expected = expect_raw(kernel);
    expected.cmdline = "one  two";
    expected.modules = modules;
    expected.module_count = 2;
    boots(&expected);
    return (const struct BootInfo *)fake.hand_off.info;
}

START_TEST(files_and_choice_are_measured)
{
    static char events[1200];
    size_t used = 0;
    given_measured(_i == 0 ? "yes" : "required", true);
    const struct BootInfo *info = boots_measured();
    expect_flags(info, BOOTINFO_FLAG_MEASURED);
    ck_assert_ptr_nonnull(strstr(fake.said, ", not sealed, not verified, measured\n"));
    used += (size_t)snprintf(events + used, sizeof(events) - used,
                             "9 baton config %s /EFI/BOOT/loader.cfg\n", hex_of(text_of(config)));
    used += (size_t)snprintf(events + used, sizeof(events) - used, "9 baton kernel %s /k.bin\n",
                             hex_of(kernel));
    used += (size_t)snprintf(events + used, sizeof(events) - used, "9 baton module %s /n\n",
                             hex_of(text_of("another")));
    used += (size_t)snprintf(events + used, sizeof(events) - used, "9 baton module %s /boot/m\n",
                             hex_of(text_of("module")));
    snprintf(events + used, sizeof(events) - used,
             "8 baton entry first\n8 baton cmdline one  two\n8 baton arguments /boot/m x\n");
    ck_assert_str_eq(fake.tpm_events, events);
    ck_assert_uint_eq(info->tpm_log_format, BOOTINFO_TPM_LOG_CRYPTO_AGILE);
    ck_assert_uint_eq(info->tpm_final_events, 0x7000000);
    ck_assert_uint_eq(info->tpm_final_first, 4);
    ck_assert_uint_eq(info->tpm_event_log.size, fake_tpm_log().size);
    ck_assert(memcmp((const void *)info->tpm_event_log.address, fake_tpm_log().bytes,
                     fake_tpm_log().size) == 0);
}
END_TEST

START_TEST(without_measuring_the_kernel_still_gets_the_log)
{
    given_measured("no", true);
    const struct BootInfo *info = boots_measured();
    expect_flags(info, 0);
    ck_assert_str_eq(fake.tpm_events, "");
    ck_assert_uint_eq(fake.calls[FAKE_TPM_FIND], 0);
    ck_assert_uint_eq(info->tpm_event_log.size, fake_tpm_log().size);
    given_measured("no", true);
    fake.tpm_log_truncated = true;
    expect_flags(boots_measured(), BOOTINFO_FLAG_TPM_LOG_TRUNCATED);
}
END_TEST

START_TEST(without_a_tpm_nothing_is_measured)
{
    given_measured("yes", false);
    const struct BootInfo *info = boots_measured();
    expect_flags(info, 0);
    ck_assert_uint_eq(info->tpm_event_log.size | info->tpm_final_events | info->tpm_log_format, 0);
    ck_assert_ptr_null(strstr(fake.said, "\nsecurity   "));
    given_measured("required", false);
    refuses(STATUS_MEASURE_FAILED,
            "baton: error: the TPM does not record this boot (EFI_UNSUPPORTED)");
    ck_assert_uint_eq(fake_find_file("\\k.bin")->opens, 0); /* found out before */
}
END_TEST

/* Sealed files are in PCR 4, which is the firmware's. */
START_TEST(secure_boot_measures_by_itself)
{
    given_machine(_i);
    pin(kernel, "module = /m\n");
    seal(config);
    seal_file("m", text_of("module"));
    put_on_disk(kernel);
    fake.tpm = true;
    const struct expected_module module = {"/m", "", {"module", 6}};
    struct expectation expected = expect_raw(kernel);
    expected.modules = &module;
    expected.module_count = 1;
    boots(&expected);
    expect_flags((const struct BootInfo *)fake.hand_off.info,
                 BOOTINFO_FLAG_SEALED | BOOTINFO_FLAG_VERIFIED | secure(_i) |
                     (locked[_i] ? BOOTINFO_FLAG_MEASURED : 0));
    char events[400] = "";
    if (locked[_i]) {
        snprintf(events, sizeof(events),
                 "9 baton kernel %s /k.bin\n8 baton entry \n8 baton cmdline \n", hex_of(kernel));
    }
    ck_assert_str_eq(fake.tpm_events, events);
}
END_TEST

static void fail_measuring(uint32_t number, enum firmware status)
{
    /* Calls before the first event: volume, loader.cfg's open and two reads, memory, the TPM. */
    given_measured("yes", true);
    (void)boots_measured();
    uint32_t call = 0;
    uint32_t seen = 0;
    for (uint32_t i = 0; i < fake.event_count && seen < number; i++) {
        call += fake_event(i)->call < FAKE_FALLIBLE_COUNT;
        seen += fake_event(i)->call == FAKE_TPM_MEASURE;
    }
    ck_assert_uint_eq(seen, number);
    fake.failures[0] = (struct fake_failure){.call = call, .status = status};
}

START_TEST(an_event_that_the_tpm_refuses_is_missed)
{
    uint32_t number = (uint32_t)_i + 1;
    fail_measuring(number, FIRMWARE_DEVICE_ERROR);
    struct fake_failure failure = fake.failures[0];
    given_measured("yes", true);
    fake.failures[0] = failure;
    expect_flags(boots_measured(), 0);
    ck_assert_ptr_nonnull(strstr(fake.said,
                                 "\nsecurity   Secure Boot off, not sealed, not verified, "
                                 "not measured, the TPM answers EFI_DEVICE_ERROR\n"));
    given_measured("required", true);
    fake.failures[0] = failure;
    refuses(STATUS_MEASURE_FAILED,
            "baton: error: the TPM does not record this boot (EFI_DEVICE_ERROR), which");
    given_measured("required", true);
    fake.failures[0] = failure;
    fake.failures[0].status = FIRMWARE_VOLUME_FULL; /* extended, but not in the log */
    expect_flags(boots_measured(), BOOTINFO_FLAG_MEASURED | BOOTINFO_FLAG_TPM_LOG_TRUNCATED);
}
END_TEST

START_TEST(a_tpm_that_cannot_be_asked_is_reported)
{
    given_measured("yes", true);
    fake.failures[0] = (struct fake_failure){
        .status = FIRMWARE_DEVICE_ERROR, .for_good = true, .kind = FAKE_TPM_FIND, .met = true};
    expect_flags(boots_measured(), 0);
    ck_assert_ptr_nonnull(strstr(fake.said, ", the TPM answers EFI_DEVICE_ERROR\n"));
}
END_TEST

/* What is not there lacks nothing. */
START_TEST(a_log_that_there_is_not_is_not_truncated)
{
    given_measured("yes", true);
    fake.failures[0] = (struct fake_failure){
        .status = FIRMWARE_VOLUME_FULL, .for_good = true, .kind = FAKE_TPM_MEASURE, .met = true};
    fake.failures[1] = (struct fake_failure){
        .status = FIRMWARE_UNSUPPORTED, .for_good = true, .kind = FAKE_TPM_LOG, .met = true};
    expect_flags(boots_measured(), BOOTINFO_FLAG_MEASURED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trust");
    TCase *rules = tcase_create("rules");
    tcase_add_loop_test(rules, a_loader_that_is_not_sealed_boots_nothing_with_secure_boot, 0,
                        STATES);
    tcase_add_loop_test(rules, a_damaged_archive_boots_nothing, 0, STATES);
    tcase_add_loop_test(rules, a_sealed_loader_boots_what_it_carries, 0, STATES);
    tcase_add_test(rules, a_sealed_gzip_kernel_is_inflated_from_the_image);
    tcase_add_loop_test(rules, a_file_outside_boots_where_it_is_pinned, 0, STATES);
    tcase_add_loop_test(rules, a_file_outside_that_is_not_pinned_is_not_opened, 0, STATES);
    tcase_add_test(rules, a_module_outside_that_is_not_pinned_is_not_opened);
    tcase_add_loop_test(rules, a_changed_file_is_refused_with_both_digests, 0, STATES);
    tcase_add_test(rules, every_digit_of_a_pin_counts);
    tcase_add_loop_test(rules, a_changed_file_makes_the_fallback_boot, 0, STATES);
    tcase_add_loop_test(rules, a_changed_file_boots_by_hand_without_secure_boot, 0, STATES);
    tcase_add_test(rules, a_changed_module_is_refused_before_it_is_inflated);
    tcase_add_loop_test(rules, a_command_line_cannot_be_edited_with_secure_boot, 0, STATES);
    tcase_add_loop_test(rules, load_options_choose_among_what_is_sealed, 0, STATES);
    tcase_add_test(rules, a_config_named_by_one_character_is_ignored_too);
    tcase_add_test(rules, pins_are_checked_in_a_loader_that_is_not_sealed);
    suite_add_tcase(suite, rules);
    TCase *measuring = tcase_create("measuring");
    tcase_add_loop_test(measuring, files_and_choice_are_measured, 0, 2);
    tcase_add_test(measuring, without_measuring_the_kernel_still_gets_the_log);
    tcase_add_test(measuring, without_a_tpm_nothing_is_measured);
    tcase_add_test(measuring, a_tpm_that_cannot_be_asked_is_reported);
    tcase_add_test(measuring, a_log_that_there_is_not_is_not_truncated);
    tcase_add_loop_test(measuring, secure_boot_measures_by_itself, 0, STATES);
    tcase_add_loop_test(measuring, an_event_that_the_tpm_refuses_is_missed, 0, 7);
    suite_add_tcase(suite, measuring);
    return suite_main(suite, "unit-trust");
}
