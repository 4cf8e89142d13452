/* What "baton secure" refuses and predicts on this machine, without a boot. */
#include "trusted.h"

#include "core/base/text.h"
#include "secure_pe.h"

#include <string.h>
#include <unistd.h>

#define ZEROS "0000000000000000"

static void given(void)
{
    AUTO_STRING kernel = boot_built("kernels/trust.bin");
    secure_write_text("root/loader.cfg", "kernel = /boot/trust.bin\ncmdline = good\n");
    secure_copy(kernel, "root/boot/trust.bin");
}

static void make_partition(void)
{
    struct message message = {0};
    AUTO_STRING esp = secure_path("esp");
    const char *const argv[] = {"mkdir", "-p", esp, NULL};
    ck_assert(program_run(argv, &message));
}

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

static void strip_signature(const char *from, const char *to)
{
    struct message message = {0};
    AUTO_STRING file = secure_path(to);
    const char *const argv[] = {"sbattach", "--remove", file, NULL};
    AUTO_STRING input = secure_path(from);
    secure_copy(input, to);
    ck_assert_msg(program_run(argv, &message), "%s", message_text(&message));
}

/* Row 17. */
START_TEST(the_tool_refuses_and_predicts)
{
    static const char *const again[] = {"seal",     "--keys",     "keys", "--root",    "root",
                                        "--loader", "sealed.efi", "-o",   "twice.efi", NULL};
    static const char *const check[] = {"check", "sealed.efi", "--keys", "keys", NULL};
    static const char *const check_changed[] = {"check", "changed.efi", "--keys", "keys", NULL};
    static const char *const keys_again[] = {"keys", "keys", NULL};
    static const char *const sealed_twice[] = {"seal",     "--keys",   "keys", "--root",    "root",
                                               "--loader", "bare.efi", "-o",   "twice.efi", NULL};
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
    strip_signature("sealed.efi", "bare.efi");
    tool_ends(sealed_twice, 2, "sealed already");
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
}
END_TEST

/* What the loader would refuse, too, and more than it should have to carry. */
static const struct {
    const char *config; /* NULL: of 65 modules */
    const char *outside;
    const char *says;
} refused[] = {
    {"kernal = /boot/trust.bin\n", NULL, "unknown key 'kernal'"},
    {"kernel = /boot/none.bin\n", NULL, "none.bin: "},
    {"kernel = /boot/none.bin\n", "/boot/none.bin", "none.bin: "},
    {"kernel = /boot/empty\n", NULL, "boot/empty: the file is empty"},
    {"kernel = /boot/trust.bin\nmodule = /boot/empty\n", "/boot/empty", "the file is empty"},
    {"kernel = /boot/trust.bin\nmodule = /boot/../m\n", NULL, "/boot/../m"},
    {"sha256 = " ZEROS ZEROS ZEROS ZEROS " /boot/trust.bin\nkernel = /boot/trust.bin\n", NULL,
     "loader.cfg:1: the SHA-256 of \\boot\\trust.bin is "},
    {"sha256 = " ZEROS ZEROS ZEROS ZEROS " /boot/m\nkernel = /boot/trust.bin\n", NULL,
     "no 'kernel =' or 'module =' names '/boot/m'"},
    {"kernel = /boot/large\n", NULL, "at most 256 MiB can be sealed"},
    {"kernel = /" ZEROS ZEROS ZEROS ZEROS ZEROS ZEROS "0000\n", NULL,
     "a sealed path has at most 99 bytes"},
    {NULL, NULL, "64 hexadecimal digits and a path, 64 times at most"},
};

enum { REFUSED = sizeof(refused) / sizeof(refused[0]) };

/* 65 modules that all stay outside. */
static void seal_of_65_pins(const char **argv, size_t used)
{
    static char paths[65][12];
    struct bytes config = {0};
    bytes_add(&config, "kernel = /boot/trust.bin\n", 25);
    for (size_t i = 0; i < 65; i++) {
        snprintf(paths[i], sizeof(paths[i]), "/boot/m%zu", i);
        AUTO_STRING name = string_format("root%s", paths[i]);
        AUTO_STRING line = string_format("module = %s\n", paths[i]);
        secure_write_text(name, "m");
        bytes_add(&config, line, strlen(line));
        argv[used++] = "--outside";
        argv[used++] = paths[i];
    }
    argv[used] = NULL;
    secure_write("root/loader.cfg", config.data, config.size);
    bytes_free(&config);
}

/* Row 17, and row 6. */
START_TEST(what_would_not_boot_is_not_sealed)
{
    const char *argv[8 + 2 * 65] = {"seal", "--keys", "keys", "--root", "root", "-o", "x.efi"};
    AUTO_STRING large = secure_path("root/boot/large");
    AUTO_STRING output = secure_path("x.efi");
    given();
    secure_write_text("root/boot/empty", "");
    secure_write_text("root/boot/large", "");
    secure_write_text("root/" ZEROS ZEROS ZEROS ZEROS ZEROS ZEROS "0000", "long");
    ck_assert_int_eq(truncate(large, INT64_C(256) << 20), 0);
    if (refused[_i].config == NULL) {
        seal_of_65_pins(argv, 7);
    } else {
        secure_write_text("root/loader.cfg", refused[_i].config);
        argv[7] = refused[_i].outside == NULL ? NULL : "--outside";
        argv[8] = refused[_i].outside;
    }
    tool_ends(argv, 2, refused[_i].says);
    ck_assert(!file_exists(output));
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

void secure_add_host_tests(TCase *tests)
{
    tcase_add_test(tests, the_tool_refuses_and_predicts);
    tcase_add_loop_test(tests, what_would_not_boot_is_not_sealed, 0, REFUSED);
    tcase_add_test(tests, installing_keeps_the_one_before);
}
