/* Secure Boot as the firmware has it: what it refuses, what the loader refuses, what boots. */
#include "trusted.h"

#include "secure.h"

#include <string.h>

#define CONFIG    "kernel = /boot/trust.bin\ncmdline = good\nmodule = /boot/m with arguments\n"
#define GAVE_UP   "Press a key to return"
#define DENIED    "Access Denied"
#define SAYS_SAFE "secure boot on, sealed, verified; secrets are safe"
#define FALLBACK                                          \
    "fallback = b\n[entry a]\nkernel = /boot/trust.bin\n" \
    "[entry b]\nkernel = /boot/b.bin\ncmdline = the fallback\n"

static struct boot_files disk;

static char *kernel(void)
{
    return boot_built("kernels/trust.bin");
}

static void copy_kernel(const char *name)
{
    struct message message = {0};
    AUTO_STRING from = kernel();
    AUTO_STRING to = secure_path(name);
    ck_assert_msg(file_copy(from, to, &message), "%s", message_text(&message));
}

/* What is to be sealed. */
static void given(const char *config)
{
    secure_write_text("root/loader.cfg", config);
    copy_kernel("root/boot/trust.bin");
    copy_kernel("root/boot/b.bin");
    secure_write_text("root/boot/m", "the module");
    disk.count = 0;
}

static void put(const char *path, const char *text)
{
    boot_add(&disk, (struct disk_file){.path = path, .data = text, .size = strlen(text)});
}

static void put_file(const char *path, const char *name)
{
    static char *kept[64]; /* until the process ends */
    static size_t count;
    ck_assert_uint_lt(count, sizeof(kept) / sizeof(kept[0]));
    kept[count] = secure_path(name);
    boot_add(&disk, (struct disk_file){.path = path, .host = kept[count++]});
}

static void start(struct secure_boot boot, struct machine_run *out_run)
{
    boot.until[0] = DENIED;
    boot.until[1] = GAVE_UP;
    secure_boot(&boot, &disk, out_run);
}

static void boots(struct secure_boot boot, const char *says, const char *and_says)
{
    struct machine_run run;
    start(boot, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, says);
    boot_expect_text(&run, and_says);
    machine_run_free(&run);
}

static void refuses(struct secure_boot boot, const char *says)
{
    struct machine_run run;
    start(boot, &run);
    boot_expect(&run, MACHINE_STOPPED);
    boot_expect_text(&run, says);
    boot_expect_text(&run, GAVE_UP);
    machine_run_free(&run);
}

static void denies(const char *loader)
{
    struct machine_run run;
    start((struct secure_boot){.loader = loader}, &run);
    secure_expect_denied(&run);
    machine_run_free(&run);
}

/* Writes the file with one byte changed, where these bytes are. */
static void change(const char *from, const char *to, const char *bytes)
{
    struct message message = {0};
    struct bytes file = {0};
    AUTO_STRING path = secure_path(from);
    ck_assert(file_read(path, &message, &file));
    char *at = memmem(file.data, file.size, bytes, strlen(bytes));
    ck_assert_msg(at != NULL, "%s holds no '%s'", from, bytes);
    *at ^= 1;
    secure_write(to, file.data, file.size);
    bytes_free(&file);
}

static void predicts(const char *loader, int status, const char *says)
{
    secure_predict(loader, &disk, status, says);
}

/* In 64 digits, of a file in the folder. */
static char *digest_of(const char *name)
{
    struct message message = {0};
    struct bytes file = {0};
    char digits[65];
    AUTO_STRING path = secure_path(name);
    ck_assert(file_read(path, &message, &file));
    secure_digest((struct text){file.data, file.size}, digits);
    bytes_free(&file);
    return string_copy(digits);
}

/* Row 3, and the files of the same names on the disk are hostile. */
START_TEST(a_sealed_loader_boots_what_it_carries)
{
    given(CONFIG);
    secure_seal_root("sealed.efi", NULL);
    put("/loader.cfg", "kernel = /boot/trust.bin\ncmdline = evil\n");
    put("/boot/trust.bin", "no kernel at all");
    put("/boot/m", "hostile");
    predicts("sealed.efi", 0, "loader.cfg is not read by a sealed loader");
    boots((struct secure_boot){.loader = "sealed.efi"}, SAYS_SAFE, "command line: 'good'");
    boots((struct secure_boot){.loader = "sealed.efi"}, "module /boot/m: 'the module'",
          "config     \\loader.cfg, sealed");
}
END_TEST

/* Row 1. */
START_TEST(the_firmware_refuses_what_was_changed)
{
    static const char *const other_keys[] = {"keys", "other", NULL};
    static const char *const other[] = {"seal", "--keys", "other",     "--root",
                                        "root", "-o",     "other.efi", NULL};
    static const char *const places[] = {"did you mean", "cmdline = good", "secrets are safe",
                                         "the module"};
    given(CONFIG);
    secure_seal_root("sealed.efi", NULL);
    predicts(NULL, 1, "is not signed: with Secure Boot on, the firmware refuses it");
    denies(NULL);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        change("sealed.efi", "changed.efi", places[i]);
        predicts("changed.efi", 1, "is not signed with the key of db.crt, or was changed");
        denies("changed.efi");
    }
    secure_tool_well(other_keys);
    secure_tool_well(other);
    predicts("other.efi", 1, "is not signed with the key of db.crt");
    denies("other.efi");
}
END_TEST

static void sign_unsealed(void)
{
    AUTO_STRING loader = boot_built("BOOTX64.EFI");
    secure_copy(loader, "unsigned.efi");
    secure_sign("unsigned.efi", "signed.efi");
}

/* Row 2. */
START_TEST(a_loader_that_is_signed_but_not_sealed_boots_nothing)
{
    given(CONFIG);
    sign_unsealed();
    put("/loader.cfg", "kernel = /boot/trust.bin\n");
    put_file("/boot/trust.bin", "root/boot/trust.bin");
    predicts("signed.efi", 1, "BOOTX64.EFI is not sealed: NOT_SEALED");
    refuses((struct secure_boot){.loader = "signed.efi"},
            "baton: error: Secure Boot is on, but this signed loader is not sealed");
    boots((struct secure_boot){.loader = "signed.efi", .no_secure_boot = true},
          "secure boot setup; keep secrets away", "kernel 00000000");
}
END_TEST

/* Row 4: raw; gzip and ELF are below. The digest is taken by the SHA extensions here, where this
 * machine has them, and without them in QEMU's machine, which has none: row 19. */
START_TEST(a_file_outside_boots_where_it_is_pinned)
{
    static const char *const outside[] = {"--outside", "/boot/trust.bin", "--outside", "/boot/m",
                                          NULL};
    given(CONFIG);
    secure_seal_root("sealed.efi", outside);
    put_file("/boot/trust.bin", "root/boot/trust.bin");
    put_file("/boot/m", "root/boot/m");
    AUTO_STRING digest = digest_of("root/boot/trust.bin");
    AUTO_STRING says = string_format("kernel %s", digest);
    predicts("sealed.efi", 0, "/boot/trust.bin is what its pin says");
    predicts("sealed.efi", 0, "/boot/m is what its pin says");
    struct machine_run run;
    start((struct secure_boot){.loader = "sealed.efi"}, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, ", raw, with a kernel header, pinned");
    boot_expect_text(&run, SAYS_SAFE);
    boot_expect_text(&run, says);
    boot_expect_text(&run, "module /boot/m: 'the module'");
    machine_run_free(&run);
}
END_TEST

#define CHANGED                                                              \
    "[entry flipped]\nkernel = /boot/flipped.bin\nfallback = cut\n"          \
    "[entry cut]\nkernel = /boot/cut.elf\nfallback = longer\n"               \
    "[entry longer]\nkernel = /boot/longer.bin\nfallback = missing\n"        \
    "[entry missing]\nkernel = /boot/missing.bin\nfallback = module\n"       \
    "[entry module]\nkernel = /boot/b.bin\nmodule = /boot/m\nfallback = g\n" \
    "[entry g]\nkernel = /boot/trust.bin.gz\ncmdline = the fallback\n"

static const char *const changed[] = {"flipped.bin", "cut.elf", "longer.bin", "m"};

enum { CHANGED_COUNT = sizeof(changed) / sizeof(changed[0]) };

static void given_changed(void)
{
    struct message message = {0};
    struct bytes file = {0};
    AUTO_STRING packed = secure_path("root/boot/trust.bin");
    AUTO_STRING elf = boot_built("kernels/trust.elf");
    const char *const gzip[] = {"gzip", "-kf", packed, NULL};
    given(CHANGED);
    ck_assert(program_run(gzip, &message));
    copy_kernel("root/boot/flipped.bin");
    copy_kernel("root/boot/longer.bin");
    copy_kernel("root/boot/missing.bin");
    secure_copy(elf, "root/boot/cut.elf");
    change("root/boot/flipped.bin", "disk.flipped.bin", "secrets are safe");
    change("root/boot/m", "disk.m", "module");
    ck_assert(file_read(elf, &message, &file));
    secure_write("disk.cut.elf", file.data, file.size - 1);
    bytes_free(&file);
    ck_assert(file_read(packed, &message, &file));
    bytes_add(&file, "", 1);
    secure_write("disk.longer.bin", file.data, file.size);
    bytes_free(&file);
}

static void expect_both_digests(const struct machine_run *run, const char *name)
{
    AUTO_STRING sealed = string_format("root/boot/%s", name);
    AUTO_STRING stored = string_format("disk.%s", name);
    AUTO_STRING expected = digest_of(sealed);
    AUTO_STRING found = digest_of(stored);
    AUTO_STRING is = string_format("/boot/%s: %sits SHA-256 is %s; line ", name,
                                   strcmp(name, "m") == 0 ? "" : "error: ", found);
    AUTO_STRING says = string_format(" of loader.cfg says %s", expected);
    boot_expect_text(run, is);
    boot_expect_text(run, says);
}

/* Row 5, each the fallback of the one before: one bit changed, cut, longer, missing, a module. The
 * last one is good: row 4, gzip. What is swapped between two reads: tests/chaos. */
START_TEST(what_was_changed_outside_is_refused)
{
    static const char *const outside[] = {
        "--outside", "/boot/flipped.bin", "--outside", "/boot/cut.elf",
        "--outside", "/boot/longer.bin",  "--outside", "/boot/missing.bin",
        "--outside", "/boot/m",           "--outside", "/boot/trust.bin.gz",
        NULL};
    struct machine_run run;
    given_changed();
    secure_seal_root("sealed.efi", outside);
    for (size_t i = 0; i < CHANGED_COUNT; i++) {
        AUTO_STRING stored = string_format("disk.%s", changed[i]);
        put_file(string_format("/boot/%s", changed[i]), stored);
    }
    put_file("/boot/trust.bin.gz", "root/boot/trust.bin.gz");
    for (size_t i = 0; i < CHANGED_COUNT; i++) {
        AUTO_STRING says = string_format("BAD   /boot/%s is not what its pin says", changed[i]);
        predicts("sealed.efi", 1, says);
    }
    predicts("sealed.efi", 1, "BAD   /boot/missing.bin is pinned, but is not there");
    predicts("sealed.efi", 1, "good  /boot/trust.bin.gz is what its pin says");
    start((struct secure_boot){.loader = "sealed.efi"}, &run);
    boot_expect(&run, MACHINE_PASSED);
    for (size_t i = 0; i < CHANGED_COUNT; i++) {
        expect_both_digests(&run, changed[i]);
    }
    AUTO_STRING digest = digest_of("root/boot/trust.bin.gz");
    AUTO_STRING says = string_format("kernel %s", digest);
    boot_expect_text(&run, "/boot/missing.bin: error: no such file");
    boot_expect_text(&run, "command line: 'the fallback'");
    boot_expect_text(&run, SAYS_SAFE);
    boot_expect_text(&run, says);
    machine_run_free(&run);
}
END_TEST

/* Row 6: "seal" does not make such a loader. */
START_TEST(a_file_outside_that_is_not_pinned_does_not_boot)
{
    static const char *const seal[] = {"seal", "--keys", "keys",  "--root",
                                       "root", "-o",     "x.efi", NULL};
    static const char *const names[] = {"boot/b.bin", NULL};
    char *said = NULL;
    given(FALLBACK);
    put_file("/boot/trust.bin", "outside.bin");
    AUTO_STRING outside = secure_path("root/boot/trust.bin");
    AUTO_STRING stored = secure_path("outside.bin");
    AUTO_STRING refused = secure_path("x.efi");
    ck_assert_int_eq(rename(outside, stored), 0);
    ck_assert_int_eq(secure_tool(seal, &said), 2);
    ck_assert_ptr_nonnull(strstr(said, "trust.bin"));
    ck_assert(!file_exists(refused));
    free(said);
    secure_seal_by_hand("sealed.efi", names);
    predicts("sealed.efi", 1, "/boot/trust.bin is neither sealed nor pinned: NOT_TRUSTED");
    boots((struct secure_boot){.loader = "sealed.efi"},
          "/boot/trust.bin: error: Secure Boot is on, and this file is neither sealed",
          "command line: 'the fallback'");
}
END_TEST

/* Row 8; and row 4: ELF. */
START_TEST(load_options_choose_among_what_is_sealed)
{
    static const char *const outside[] = {"--outside", "/boot/trust.elf", NULL};
    struct machine_run run;
    AUTO_STRING elf = boot_built("kernels/trust.elf");
    AUTO_STRING vars = secure_path("vars");
    given("[entry a]\nkernel = /boot/b.bin\n"
          "[entry b]\nkernel = /boot/trust.elf\ncmdline = the second\n");
    secure_copy(elf, "root/boot/trust.elf");
    secure_seal_root("sealed.efi", outside);
    secure_copy(vars, "vars.options");
    secure_add_load_options("vars.options", "config=/evil.cfg entry=b");
    put("/evil.cfg", "[entry b]\nkernel = /boot/b.bin\ncmdline = evil\n");
    put_file("/boot/trust.elf", "root/boot/trust.elf");
    start((struct secure_boot){.loader = "sealed.efi", .vars = "vars.options"}, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, "security   config= is ignored: Secure Boot is on");
    boot_expect_text(&run, "entry 'b'");
    boot_expect_text(&run, "command line: 'the second'");
    boot_expect_text(&run, SAYS_SAFE);
    machine_run_free(&run);
}
END_TEST

/* Row 7. */
START_TEST(a_command_line_cannot_be_edited)
{
    /* The menu's last line: what comes with it in one piece is not waited for again. */
    static const struct machine_typing typing[] = {{"Esc: firmware", "e evil\r"}, {NULL, NULL}};
    given("timeout = no\n" CONFIG);
    secure_seal_root("sealed.efi", NULL);
    struct machine_run run;
    start((struct secure_boot){.loader = "sealed.efi", .typing = typing}, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, "Secure Boot is on: command lines cannot be edited.");
    boot_expect_text(&run, "command line: 'good'");
    boot_expect_text(&run, SAYS_SAFE);
    machine_run_free(&run);
}
END_TEST

/* Row 9. */
START_TEST(without_secure_boot_everything_boots)
{
    static const char *const outside[] = {"--outside", "/boot/trust.bin", NULL};
    static const struct machine_typing edit[] = {
        {"Esc: firmware", "e"}, {"with this command line", " more\r"}, {NULL, NULL}};
    static const struct machine_typing by_hand[] = {{"Esc: firmware", "\r"}, {NULL, NULL}};
    given("timeout = no\n" CONFIG);
    secure_seal_root("sealed.efi", outside);
    put_file("/boot/trust.bin", "root/boot/trust.bin");
    boots((struct secure_boot){.loader = "sealed.efi", .no_secure_boot = true, .typing = edit},
          "secure boot setup, sealed; keep secrets away", "command line: 'good more'");
    change("root/boot/trust.bin", "changed.bin", "secrets are safe");
    disk.count = 0;
    put_file("/boot/trust.bin", "changed.bin");
    boots((struct secure_boot){.loader = "sealed.efi", .no_secure_boot = true, .typing = by_hand},
          "secure boot setup, sealed; keep secrets away",
          "/boot/trust.bin is not what its pin says, and boots by hand");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("secure");
    TCase *rules = tcase_create("rules");
    tcase_set_timeout(rules, 5 * TEST_TIMEOUT_S);
    tcase_add_unchecked_fixture(rules, secure_begin, secure_end);
    tcase_add_test(rules, a_sealed_loader_boots_what_it_carries);
    tcase_add_test(rules, the_firmware_refuses_what_was_changed);
    tcase_add_test(rules, a_loader_that_is_signed_but_not_sealed_boots_nothing);
    tcase_add_test(rules, a_file_outside_boots_where_it_is_pinned);
    tcase_add_test(rules, what_was_changed_outside_is_refused);
    tcase_add_test(rules, load_options_choose_among_what_is_sealed);
    tcase_add_test(rules, a_file_outside_that_is_not_pinned_does_not_boot);
    tcase_add_test(rules, a_command_line_cannot_be_edited);
    tcase_add_test(rules, without_secure_boot_everything_boots);
    suite_add_tcase(suite, rules);
    return suite_main(suite, "secure-rules");
}
