/* Secure Boot as the firmware has it: what it refuses, what the loader refuses, what boots. */
#include "trusted.h"

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

/* Row 3, and the files of the same names on the disk are hostile. */
START_TEST(a_sealed_loader_boots_what_it_carries)
{
    given(CONFIG);
    secure_seal("sealed.efi", NULL);
    put("/loader.cfg", "kernel = /boot/trust.bin\ncmdline = evil\n");
    put("/boot/trust.bin", "no kernel at all");
    put("/boot/m", "hostile");
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
    secure_seal("sealed.efi", NULL);
    denies(NULL); /* not signed */
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        change("sealed.efi", "changed.efi", places[i]);
        denies("changed.efi");
    }
    secure_tool_well(other_keys);
    secure_tool_well(other);
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
    refuses((struct secure_boot){.loader = "signed.efi"},
            "baton: error: Secure Boot is on, but this signed loader is not sealed");
    boots((struct secure_boot){.loader = "signed.efi", .no_secure_boot = true},
          "secure boot setup; keep secrets away", "kernel 00000000");
}
END_TEST

/* Rows 4 and 5: raw, and what stands outside was changed. */
START_TEST(a_file_outside_boots_where_it_is_pinned)
{
    static const char *const outside[] = {"--outside", "/boot/trust.bin", "--outside", "/boot/m",
                                          NULL};
    given(CONFIG);
    secure_seal("sealed.efi", outside);
    put_file("/boot/trust.bin", "root/boot/trust.bin");
    put_file("/boot/m", "root/boot/m");
    boots((struct secure_boot){.loader = "sealed.efi"}, SAYS_SAFE,
          ", raw, with a kernel header, pinned");

    given(FALLBACK);
    secure_seal("sealed.efi", outside);
    change("root/boot/trust.bin", "changed.bin", "secrets are safe");
    put_file("/boot/trust.bin", "changed.bin");
    boots((struct secure_boot){.loader = "sealed.efi"}, "/boot/trust.bin: error: its SHA-256 is ",
          "command line: 'the fallback'");
}
END_TEST

/* Row 6. */
START_TEST(a_file_outside_that_is_not_pinned_does_not_boot)
{
    given(FALLBACK);
    static const char *const pe[] = {"seal", "--keys", "keys",  "--root",
                                     "root", "-o",     "x.efi", NULL};
    char *said = NULL;
    AUTO_STRING missing = secure_path("root/boot/trust.bin");
    remove(missing);
    ck_assert_int_eq(secure_tool(pe, &said), 2);
    ck_assert_ptr_nonnull(strstr(said, "trust.bin"));
    free(said);
}
END_TEST

/* Row 7. */
START_TEST(a_command_line_cannot_be_edited)
{
    static const struct machine_typing typing[] = {
        {"Secure Boot is on: command lines cannot", "e"},
        {"Esc: firmware", " evil\r"},
        {NULL, NULL},
    };
    given("timeout = no\n" CONFIG);
    secure_seal("sealed.efi", NULL);
    boots((struct secure_boot){.loader = "sealed.efi", .typing = typing}, SAYS_SAFE,
          "command line: 'good'");
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
    secure_seal("sealed.efi", outside);
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
    tcase_add_test(rules, a_file_outside_that_is_not_pinned_does_not_boot);
    tcase_add_test(rules, a_command_line_cannot_be_edited);
    tcase_add_test(rules, without_secure_boot_everything_boots);
    suite_add_tcase(suite, rules);
    return suite_main(suite, "secure-rules");
}
