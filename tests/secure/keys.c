/* Keys: ENROLL.EFI, revocation, shim. */
#include "trusted.h"

#include <string.h>

static struct boot_files disk;

static void given(void)
{
    AUTO_STRING kernel = boot_built("kernels/trust.bin");
    secure_write_text("root/loader.cfg", "kernel = /boot/trust.bin\ncmdline = good\n");
    secure_copy(kernel, "root/boot/trust.bin");
    disk.count = 0;
}

static void start(struct secure_boot boot, struct machine_run *out_run)
{
    boot.until[0] = "Access Denied";
    boot.until[1] = "Press a key to return";
    boot.until[2] = "Security Violation";
    boot.until[3] = boot.until[3] == NULL ? "Failed to boot" : boot.until[3];
    secure_boot(&boot, &disk, out_run);
}

static void make_partition(void)
{
    struct message message = {0};
    AUTO_STRING esp = secure_path("esp");
    const char *const argv[] = {"mkdir", "-p", esp, NULL};
    ck_assert(program_run(argv, &message));
}

static void keep_vars(const char *name)
{
    AUTO_STRING now = secure_path("vars.now");
    AUTO_STRING kept = secure_path(name);
    ck_assert_int_eq(rename(now, kept), 0);
}

/* Row 12, and ENROLL.EFI in user mode. */
START_TEST(a_revoked_loader_does_not_start)
{
    static const char *const revoke[] = {"revoke", "--keys",   "keys", "sealed.efi",
                                         "-o",     "dbx.auth", NULL};
    static const char *const install[] = {"install", "--keys", "keys", "sealed.efi", "esp", NULL};
    static const struct machine_typing yes[] = {{"changes nothing: ", "yes\r"}, {NULL, NULL}};
    struct machine_run run;
    AUTO_STRING installed = secure_path("esp/EFI/baton/ENROLL.EFI");
    given();
    make_partition();
    secure_seal_root("sealed.efi", NULL);
    start((struct secure_boot){.loader = "sealed.efi"}, &run);
    boot_expect(&run, MACHINE_PASSED);
    machine_run_free(&run);

    secure_tool_well(revoke);
    secure_tool_well(install); /* which signs it: Secure Boot is on */
    secure_copy(installed, "enroll.signed");
    secure_put(&disk, "/EFI/BOOT/dbx.auth", "dbx.auth");
    start((struct secure_boot){.loader = "enroll.signed",
                               .typing = yes,
                               .until = {NULL, NULL, NULL, "Secure Boot is on"}},
          &run);
    boot_expect_text(&run, "not in Setup Mode");
    boot_expect_text(&run, "dbx: done");
    machine_run_free(&run);
    keep_vars("vars.revoked");
    disk.count = 0;
    start((struct secure_boot){.loader = "sealed.efi", .vars = "vars.revoked"}, &run);
    secure_expect_denied(&run);
    machine_run_free(&run);
}
END_TEST

/* absent is what it must not offer. */
static void enrol(struct secure_boot boot, const char *says, const char *and_says,
                  const char *absent)
{
    static const struct machine_typing yes[] = {{"changes nothing: ", "yes\r"}, {NULL, NULL}};
    struct machine_run run;
    boot.typing = yes;
    boot.until[3] = says;
    start(boot, &run);
    boot_expect_text(&run, says);
    boot_expect_text(&run, and_says);
    boot_expect_no_text(&run, absent);
    machine_run_free(&run);
}

static void boots(const char *loader, const char *vars)
{
    struct machine_run run;
    disk.count = 0;
    start((struct secure_boot){.loader = loader, .vars = vars}, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, "secure boot on, sealed, verified; secrets are safe");
    machine_run_free(&run);
}

/* Row 16, from one owner's keys to another's: in user mode only noPK.auth is looked at; it leads
 * to Setup Mode, in which an ENROLL.EFI that nobody has signed starts; and what was signed with
 * the keys that were there boots with Secure Boot on, as does what the new owner has signed. */
START_TEST(keys_are_added_to_those_that_are_there)
{
    static const char *const make[] = {"keys", "new", NULL};
    static const char *const seal[] = {"seal", "--keys", "new",     "--root",
                                       "root", "-o",     "new.efi", NULL};
    given();
    secure_tool_well(make);
    secure_seal_root("sealed.efi", NULL);
    secure_tool_well(seal);
    secure_sign("ENROLL.EFI", "enroll.signed");
    secure_put(&disk, "/EFI/BOOT/noPK.auth", "keys/noPK.auth");
    secure_put(&disk, "/EFI/BOOT/KEK.auth", "new/KEK.auth");
    secure_put(&disk, "/EFI/BOOT/db.auth", "new/db.auth");
    enrol((struct secure_boot){.loader = "enroll.signed"},
          "Secure Boot is off: the firmware is in Setup Mode",
          "noPK.auth: switches Secure Boot off: deletes PK, which has ", "db.auth");
    keep_vars("vars.setup");
    secure_put(&disk, "/EFI/BOOT/PK.auth", "new/PK.auth");
    enrol((struct secure_boot){.loader = "ENROLL.EFI", .vars = "vars.setup"}, "Secure Boot is on.",
          "  PK.auth: becomes PK, which has 0 bytes now", "added to db, which has 0 bytes");
    keep_vars("vars.both");
    boots("sealed.efi", "vars.both");
    boots("new.efi", "vars.both");
}
END_TEST

START_TEST(enrolment_changes_nothing_where_nobody_says_yes)
{
    static const struct machine_typing no[] = {{"changes nothing: ", "no\r"}, {NULL, NULL}};
    struct machine_run run;
    given();
    secure_put(&disk, "/EFI/BOOT/PK.auth", "keys/PK.auth");
    secure_put(&disk, "/EFI/BOOT/KEK.auth", "keys/KEK.auth");
    secure_put(&disk, "/EFI/BOOT/db.auth", "keys/db.auth");
    start((struct secure_boot){.loader = "ENROLL.EFI",
                               .no_secure_boot = true,
                               .typing = no,
                               .until = {NULL, NULL, NULL, "Nothing was changed."}},
          &run);
    boot_expect_text(&run, "in Setup Mode: it takes keys.");
    boot_expect_text(&run, "db.auth: added to db, which has ");
    boot_expect_text(&run, "Nothing was changed.");
    boot_expect_no_text(&run, ": done");
    machine_run_free(&run);
    disk.count = 0; /* a PK alone would leave nothing that boots */
    secure_put(&disk, "/EFI/BOOT/PK.auth", "keys/PK.auth");
    start((struct secure_boot){.loader = "ENROLL.EFI",
                               .no_secure_boot = true,
                               .until = {NULL, NULL, NULL, "nothing was changed."}},
          &run);
    boot_expect_text(&run, "A PK without db.auth and KEK.auth");
    machine_run_free(&run);
}
END_TEST

/* The built loader, without its section .sbat by name. */
static void hide_sbat(void)
{
    struct message message = {0};
    struct bytes file = {0};
    AUTO_STRING loader = boot_built("BOOTX64.EFI");
    ck_assert(file_read(loader, &message, &file));
    char *name = memmem(file.data, 0x400, ".sbat", 5);
    ck_assert_ptr_nonnull(name);
    name[1] = 'x';
    secure_write("no-sbat.efi", file.data, file.size);
    bytes_free(&file);
}

static void put_shim(const char *loader)
{
    secure_copy("/usr/lib/shim/shimx64.efi", "shim.unsigned");
    secure_sign("shim.unsigned", "shim.efi");
    disk.count = 0;
    secure_put(&disk, "/EFI/BOOT/grubx64.efi", loader);
}

static void shim_refuses(const char *vars)
{
    struct machine_run run;
    start((struct secure_boot){.loader = "shim.efi", .vars = vars}, &run);
    boot_expect(&run, MACHINE_STOPPED);
    boot_expect_text(&run, "Security Violation");
    boot_expect_no_text(&run, "Baton 0.");
    machine_run_free(&run);
}

static void shim_starts(const char *vars)
{
    struct machine_run run;
    start((struct secure_boot){.loader = "shim.efi", .vars = vars}, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, "secure boot on, sealed, verified; secrets are safe");
    machine_run_free(&run);
}

/* Row 11: with .sbat, and without. */
START_TEST(shim_starts_a_sealed_loader)
{
    static const char *const hidden[] = {"--loader", "no-sbat.efi", NULL};
    given();
    secure_seal_root("sealed.efi", NULL);
    put_shim("sealed.efi");
    shim_starts(NULL);
    hide_sbat();
    secure_seal_root("no-sbat-sealed.efi", hidden);
    put_shim("no-sbat-sealed.efi");
    shim_refuses(NULL);
}
END_TEST

/* Row 11: the generations that shim asks for. Its date is later than that of shim's own list. */
START_TEST(shim_refuses_a_generation_that_was_revoked)
{
    static const char first[] = "sbat,1,2099010100\nbaton,1\n";
    static const char second[] = "sbat,1,2099010100\nbaton,2\n";
    AUTO_STRING vars = secure_path("vars");
    given();
    secure_seal_root("sealed.efi", NULL);
    put_shim("sealed.efi");
    secure_copy(vars, "vars.first");
    secure_add_shim_variable("vars.first", "SbatLevel", first, sizeof(first) - 1);
    shim_starts("vars.first");
    secure_copy(vars, "vars.second");
    secure_add_shim_variable("vars.second", "SbatLevel", second, sizeof(second) - 1);
    shim_refuses("vars.second");
}
END_TEST

/* Row 11: a key that is not in db, but enrolled in shim. */
START_TEST(shim_starts_what_its_owner_signed)
{
    static const char *const make[] = {"keys", "--mok", "mok", NULL};
    static const char *const seal[] = {"seal", "--keys", "mok",     "--root",
                                       "root", "-o",     "mok.efi", NULL};
    struct message message = {0};
    struct bytes list = {0};
    AUTO_STRING vars = secure_path("vars");
    AUTO_STRING certificates = secure_path("mok/db.esl");
    given();
    secure_tool_well(make);
    secure_tool_well(seal);
    put_shim("mok.efi");
    shim_refuses(NULL);
    ck_assert(file_read(certificates, &message, &list));
    secure_copy(vars, "vars.mok");
    secure_add_shim_variable("vars.mok", "MokList", list.data, list.size);
    bytes_free(&list);
    shim_starts("vars.mok");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keys");
    TCase *keys = tcase_create("keys");
    tcase_set_timeout(keys, 3 * TEST_TIMEOUT_S);
    tcase_add_unchecked_fixture(keys, secure_begin, secure_end);
    secure_add_host_tests(keys);
    tcase_add_test(keys, a_revoked_loader_does_not_start);
    tcase_add_test(keys, keys_are_added_to_those_that_are_there);
    tcase_add_test(keys, enrolment_changes_nothing_where_nobody_says_yes);
    tcase_add_test(keys, shim_starts_a_sealed_loader);
    tcase_add_test(keys, shim_refuses_a_generation_that_was_revoked);
    tcase_add_test(keys, shim_starts_what_its_owner_signed);
    suite_add_tcase(suite, keys);
    return suite_main(suite, "secure-keys");
}
