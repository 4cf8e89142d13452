/* Keys: ENROLL.EFI, revocation, shim; and what "baton secure" refuses on this machine. */
#include "trusted.h"

#include "core/base/text.h"
#include "secure_pe.h"

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
    AUTO_STRING now = secure_path("vars.now");
    AUTO_STRING revoked = secure_path("vars.revoked");
    ck_assert_int_eq(rename(now, revoked), 0);

    disk.count = 0;
    start((struct secure_boot){.loader = "sealed.efi", .vars = "vars.revoked"}, &run);
    secure_expect_denied(&run);
    machine_run_free(&run);
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

static struct bytes archive_of(const char *name)
{
    struct message message = {0};
    struct bytes file = {0};
    struct bytes archive = {0};
    struct text inside;
    AUTO_STRING path = secure_path(name);
    ck_assert(file_read(path, &message, &file));
    ck_assert(secure_pe_archive((struct text){file.data, file.size}, &inside));
    bytes_add(&archive, inside.bytes, inside.size);
    bytes_free(&file);
    return archive;
}

static void tool_ends(const char *const *words, int status, const char *says)
{
    char *said = NULL;
    int got = secure_tool(words, &said);
    ck_assert_msg(got == status && strstr(said, says) != NULL, "%s: status %d: %s", words[0], got,
                  said);
    free(said);
}

/* Row 17. */
START_TEST(the_tool_refuses_and_predicts)
{
    static const char *const again[] = {"seal",     "--keys",     "keys", "--root",    "root",
                                        "--loader", "sealed.efi", "-o",   "twice.efi", NULL};
    static const char *const check[] = {"check", "sealed.efi", "--keys", "keys", NULL};
    static const char *const check_changed[] = {"check", "changed.efi", "--keys", "keys", NULL};
    static const char *const keys_again[] = {"keys", "keys", NULL};
    static const char *const seal[] = {"seal", "--keys", "keys",  "--root",
                                       "root", "-o",     "x.efi", NULL};
    given();
    secure_seal_root("sealed.efi", NULL);
    secure_seal_root("same.efi", NULL);
    struct bytes one = archive_of("sealed.efi");
    struct bytes two = archive_of("same.efi");
    ck_assert_uint_eq(one.size, two.size);
    ck_assert_mem_eq(one.data, two.data, one.size);
    bytes_free(&one);
    bytes_free(&two);
    tool_ends(again, 2, "signed already");
    tool_ends(check, 0, "trust.bin is sealed");
    tool_ends(keys_again, 2, "never overwritten");
    struct message message = {0};
    struct bytes file = {0};
    AUTO_STRING path = secure_path("sealed.efi");
    ck_assert(file_read(path, &message, &file));
    file.data[file.size / 2] ^= 1;
    secure_write("changed.efi", file.data, file.size);
    bytes_free(&file);
    tool_ends(check_changed, 1, "not signed with the key of db.crt, or was changed");
    secure_write_text("root/loader.cfg", "kernal = /boot/trust.bin\n");
    tool_ends(seal, 2, "unknown key 'kernal'");
    secure_write_text("root/loader.cfg", "kernel = /boot/none.bin\n");
    tool_ends(seal, 2, "none.bin");
}
END_TEST

/* The old loader stays; what would not boot is not installed. */
START_TEST(installing_keeps_the_one_before)
{
    static const char *const install[] = {"install", "--keys", "keys", "sealed.efi", "esp", NULL};
    static const char *const install_other[] = {"install",   "--keys", "keys",
                                                "other.efi", "esp",    NULL};
    static const char *const install_bad[] = {
        "install", "--keys", "keys", "esp/EFI/baton/ENROLL.EFI", "esp", NULL};
    static const char *const outside[] = {"--outside", "/boot/trust.bin", NULL};
    static const char *const install_pinned[] = {"install",    "--keys", "keys",
                                                 "pinned.efi", "esp",    NULL};
    static const char *const check[] = {"check", "esp", "--keys", "keys", NULL};
    given();
    make_partition();
    secure_seal_root("sealed.efi", NULL);
    tool_ends(install, 0, "good");
    tool_ends(check, 0, "good");
    secure_write_text("root/loader.cfg", "kernel = /boot/trust.bin\ncmdline = newer\n");
    secure_seal_root("other.efi", NULL);
    tool_ends(install_other, 0, "good");
    AUTO_STRING now = secure_path("esp/EFI/BOOT/BOOTX64.EFI");
    AUTO_STRING before = secure_path("esp/EFI/BOOT/BOOTX64.OLD.EFI");
    AUTO_STRING other = secure_path("other.efi");
    AUTO_STRING sealed = secure_path("sealed.efi");
    AUTO_STRING enrol = secure_path("esp/EFI/baton/ENROLL.EFI");
    AUTO_STRING public = secure_path("esp/EFI/baton/db.auth");
    AUTO_STRING secret = secure_path("esp/EFI/baton/db.key");
    AUTO_STRING way_out = secure_path("esp/EFI/baton/noPK.auth"); /* whoever has it ends it all */
    ck_assert(file_equal(now, other) && file_equal(before, sealed));
    ck_assert(file_exists(enrol) && file_exists(public) && !file_exists(secret));
    ck_assert(!file_exists(way_out));
    tool_ends(install_bad, 2, "nothing was installed");
    secure_seal_root("pinned.efi", outside);
    tool_ends(install_pinned, 2, "/boot/trust.bin is pinned, but is not there: copy it to ");
    ck_assert(file_equal(now, other) && file_equal(before, sealed));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keys");
    TCase *keys = tcase_create("keys");
    tcase_set_timeout(keys, 3 * TEST_TIMEOUT_S);
    tcase_add_unchecked_fixture(keys, secure_begin, secure_end);
    tcase_add_test(keys, the_tool_refuses_and_predicts);
    tcase_add_test(keys, installing_keeps_the_one_before);
    tcase_add_test(keys, a_revoked_loader_does_not_start);
    tcase_add_test(keys, enrolment_changes_nothing_where_nobody_says_yes);
    tcase_add_test(keys, shim_starts_a_sealed_loader);
    tcase_add_test(keys, shim_refuses_a_generation_that_was_revoked);
    tcase_add_test(keys, shim_starts_what_its_owner_signed);
    suite_add_tcase(suite, keys);
    return suite_main(suite, "secure-keys");
}
