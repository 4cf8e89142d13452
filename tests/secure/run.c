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

#define TWENTY "0123456789abcdefghij"
#define LONG   TWENTY TWENTY TWENTY TWENTY TWENTY

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
    {"printf 'kernel = /boot/trust.bin\\nmodule = /" LONG "\\n' >c.cfg; echo m >" LONG "; "
     "$BATON run --secure --config c.cfg $BUILD/kernels/trust.bin",
     2,
     LONG ": a sealed path has at most 99 bytes; shorten it, or leave the file outside: 'baton "
          "secure seal --outside PATH'"},
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

/* Killed while its machine runs: what it has made is gone soon afterwards. */
START_TEST(nothing_is_left_where_it_is_killed)
{
    tool_check("mkdir t; export TMPDIR=$PWD/t; $BATON run --secure $BUILD/kernels/trust.bin "
               ">said 2>&1 & run=$!; for i in $(seq 600); do [ -e t/*/tpm/socket ] && break; "
               "sleep 0.1; done; ls t/*/tpm; kill -KILL $run; "
               "for i in $(seq 100); do [ -z \"$(ls t)\" ] && break; sleep 0.1; done; "
               "echo left $(ls t | wc -l)",
               0, "left 0\n");
    tool_expect("socket"); /* it got as far as that */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("secure-run");
    TCase *tests = tcase_create("run");
    tcase_add_checked_fixture(tests, set_up, tool_tear_down);
    tcase_set_timeout(tests, 600);
    tcase_add_loop_test(tests, what_is_missing_has_a_name, 0, REFUSALS);
    tcase_add_test(tests, nothing_is_left_where_it_is_killed);
    tcase_add_test(tests, one_command_boots_sealed_verified_and_measured);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "secure-run");
}
