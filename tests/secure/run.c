/* baton run --secure: from a kernel to a boot with Secure Boot and a TPM, in one command. */
#include "tool/tool.h"

#include <string.h>

struct line {
    const char *line;
    int status;
    const char *says;
};

static void set_up(void)
{
    tool_set_up();
    tool_write("two.cfg", "kernel = /boot/trust.bin\ncmdline = of mine\nmodule = /loader.cfg\n"
                          "module = /a/b/m with arguments\n");
}

START_TEST(one_command_boots_sealed_verified_and_measured)
{
    /* the event log, which is binary, comes on the debug console */
    tool_check(
        "set -o pipefail; mkdir -p a/b t && echo 'the module' >a/b/m && export TMPDIR=$PWD/t "
        "&& $BATON run --secure --config two.cfg $BUILD/kernels/trust.bin 2>&1 | "
        "tr -d '\\000'",
        0, "secure boot on, sealed, verified, measured; secrets are safe");
    tool_expect("Secure Boot on, sealed, verified, measured");
    tool_expect("command line: 'of mine'");
    tool_expect("module /loader.cfg: 'kernel = ");
    tool_expect("module /a/b/m: 'the module");
    tool_expect("baton run: the kernel ended the machine with success");
    tool_check("ls t | wc -l", 0, "0\n"); /* the keys are gone */
}
END_TEST

/* PATH has all but the one. */
#define WITHOUT(program)                                                                        \
    "mkdir bin; for f in openssl sbsign sbverify cert-to-efi-sig-list sign-efi-sig-list swtpm " \
    "qemu-system-x86_64 mformat mcopy mmd; do [ $f = " program " ] || "                         \
    "printf '#!/bin/sh\\nexit 0\\n' >bin/$f; done; chmod +x bin/*; "                            \
    "PATH=$PWD/bin $BATON run --secure $BUILD/kernels/trust.bin"

static const struct line refusals[] = {
    {WITHOUT("openssl"), 2, "--secure needs openssl: apt-get install openssl"},
    {WITHOUT("sbsign"), 2, "--secure needs sbsign: apt-get install sbsigntool"},
    {WITHOUT("sign-efi-sig-list"), 2, "--secure needs sign-efi-sig-list: apt-get install efitools"},
    {WITHOUT("swtpm"), 2, "--secure needs swtpm: apt-get install swtpm"},
    {"OVMF_CODE=/no/code OVMF_VARS=/no/vars $BATON run --secure $BUILD/kernels/trust.bin", 2,
     "A UEFI firmware with Secure Boot for QEMU (x86-64) was not found. Tried:\n"
     "  $OVMF_CODE, $OVMF_VARS: no file /no/code"},
    {"$BATON run --secure --machine pc $BUILD/kernels/trust.bin", 2,
     "--secure needs the machine q35"},
    {"$BATON run --secure --gdb $BUILD/kernels/trust.bin", 2, "--secure and --gdb do not go"},
    {"$BATON run --secure --firmware 4M $BUILD/kernels/trust.bin", 2, "--secure and --firmware"},
    {"printf '[entry a]\\nkernel = /boot/trust.bin\\n[entry b]\\nkernel = /no.bin\\n' >b.cfg; "
     "$BATON run --secure --config b.cfg $BUILD/kernels/trust.bin",
     7, "b.cfg:4:10: error: the disk would have no /no.bin"},
};

enum { REFUSALS = sizeof(refusals) / sizeof(refusals[0]) };

START_TEST(what_is_missing_has_a_name)
{
    tool_check(refusals[_i].line, refusals[_i].status, refusals[_i].says);
    tool_expect_no("Usage");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("secure-run");
    TCase *tests = tcase_create("run");
    tcase_add_checked_fixture(tests, set_up, tool_tear_down);
    tcase_set_timeout(tests, 600);
    tcase_add_loop_test(tests, what_is_missing_has_a_name, 0, REFUSALS);
    tcase_add_test(tests, one_command_boots_sealed_verified_and_measured);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "secure-run");
}
