/* baton doctor: what is there, what is missing, and the command that installs it. */
#include "command.h"
#include "data.h"
#include "report.h"
#include "vm/files.h"
#include "vm/ovmf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MANAGERS = 7 };

/* Package managers by their programs, and how each installs. */
static const struct {
    const char *program;
    const char *install;
} managers[MANAGERS] = {
    {"apt-get", "sudo apt-get install"},
    {"dnf", "sudo dnf install"},
    {"pacman", "sudo pacman -S"},
    {"zypper", "sudo zypper install"},
    {"apk", "sudo apk add"},
    {"nix-env", "nix-env -iA"},
    {"brew", "brew install"},
};

struct need {
    const char *programs[3]; /* one of them will do */
    const char *what_for;
    bool optional;
    const char *packages[MANAGERS]; /* as managers */
};

static const struct need needs[] = {
    {{"qemu-system-x86_64"},
     "boots kernels",
     false,
     {"qemu-system-x86", "qemu-system-x86", "qemu-system-x86", "qemu-x86", "qemu-system-x86_64",
      "nixpkgs.qemu", "qemu"}},
    {{"mformat"},
     "makes disk images",
     false,
     {"mtools", "mtools", "mtools", "mtools", "mtools", "nixpkgs.mtools", "mtools"}},
    {{"addr2line", "llvm-addr2line"},
     "names functions and lines",
     true,
     {"binutils", "binutils", "binutils", "binutils", "binutils", "nixpkgs.binutils", "binutils"}},
    {{"gdb"}, "baton run --gdb", true, {"gdb", "gdb", "gdb", "gdb", "gdb", "nixpkgs.gdb", "gdb"}},
    {{"xorriso"},
     "baton image --iso",
     true,
     {"xorriso", "xorriso", "libisoburn", "xorriso", "xorriso", "nixpkgs.xorriso", "xorriso"}},
    {{"openssl"},
     "baton secure, baton run --secure",
     true,
     {"openssl", "openssl", "openssl", "openssl", "openssl", "nixpkgs.openssl", "openssl"}},
    {{"sbsign"},
     "baton secure seal, baton run --secure",
     true,
     {"sbsigntool", "sbsigntools", "sbsigntools", "sbsigntools", "sbsigntool", "nixpkgs.sbsigntool",
      "sbsigntool"}},
    {{"sign-efi-sig-list"},
     "baton secure keys, baton run --secure",
     true,
     {"efitools", "efitools", "efitools", "efitools", "efitools", "nixpkgs.efitools", "efitools"}},
    {{"swtpm"},
     "baton run --secure",
     true,
     {"swtpm", "swtpm", "swtpm", "swtpm", "swtpm", "nixpkgs.swtpm", "swtpm"}},
    {{"gcc", "clang"},
     "compiles kernels",
     true,
     {"gcc", "gcc", "gcc", "gcc", "gcc", "nixpkgs.gcc", "llvm"}},
};

/* Homebrew's QEMU brings the firmware along, so does Nix' for the most part. */
static const char *const firmware_packages[MANAGERS] = {
    "ovmf", "edk2-ovmf", "edk2-ovmf", "qemu-ovmf-x86_64", "ovmf", "nixpkgs.OVMF.fd", "qemu"};

static const struct command_option options[] = {{0, NULL, NULL, NULL}};

static int doctor_main(const struct command *command, int argc, char **argv);

const struct command command_doctor = {
    .name = "doctor",
    .operands = "",
    .summary = "say what is installed here, and what is missing",
    .details = "Looks for the programs, the firmware and the files that baton works with, and says "
               "how to install what is missing.\n"
               "\n"
               "Exit status 1: something is missing that baton cannot do without.\n",
    .options = options,
    .run = doctor_main,
};

/* What is wrong, and what to install for it. */
struct findings {
    int manager; /* index; -1: none is known */
    bool ill;
    struct bytes packages; /* " a b" */
};

static void show(const char *mark, const char *what, const char *words)
{
    bool colours = report_colours(STDOUT_FILENO);
    bool bad = strcmp(mark, "ok") != 0;
    printf("%s%-8s%s %-20s %s\n",
           !colours ? ""
           : bad    ? "\033[33m"
                    : "\033[32m",
           mark, colours ? "\033[0m" : "", what, words);
}

static void want(struct findings *findings, const char *package, bool optional)
{
    findings->ill = findings->ill || !optional;
    bytes_add(&findings->packages, " ", 1);
    bytes_add(&findings->packages, package, strlen(package));
}

static void look_for_program(struct findings *findings, const struct need *need)
{
    const char *named =
        strcmp(need->programs[0], "qemu-system-x86_64") == 0 ? getenv("QEMU") : NULL;
    char *found = named != NULL ? program_find(named) : NULL;
    if (named != NULL && strchr(named, '/') != NULL && file_exists(named)) {
        found = string_copy(named);
    }
    for (int i = 0; i < 3 && need->programs[i] != NULL && found == NULL && named == NULL; i++) {
        found = program_find(need->programs[i]);
    }
    if (found != NULL) {
        show("ok", need->programs[0], found);
        free(found);
        return;
    }
    AUTO_STRING words = string_format("%s", need->what_for);
    show(need->optional ? "missing" : "MISSING", named != NULL ? named : need->programs[0], words);
    want(findings, need->packages[findings->manager < 0 ? 0 : findings->manager], need->optional);
}

static void look_for_firmware(struct findings *findings, const char *machine, enum ovmf_size size,
                              const char *what)
{
    struct message message = {0};
    struct ovmf ovmf = {0};
    bool optional = size != OVMF_ANY;
    if (ovmf_find(machine, size, &message, &ovmf)) {
        AUTO_STRING words = string_format("%s (%s)", ovmf.code, ovmf.source);
        show("ok", what, words);
        ovmf_free(&ovmf);
    } else {
        show(optional ? "missing" : "MISSING", what, optional ? "for baton test --matrix" : "");
        if (!optional) {
            printf("%s", message_text(&message));
            want(findings, firmware_packages[findings->manager < 0 ? 0 : findings->manager], false);
        }
    }
    message_free(&message);
}

static void look_for_secure_firmware(void)
{
    struct message message = {0};
    struct ovmf ovmf = {0};
    bool found = ovmf_find_secure(&message, &ovmf);
    show(found ? "ok" : "missing", "Secure Boot firmware",
         found ? ovmf.code : "baton run --secure");
    ovmf_free(&ovmf);
    message_free(&message);
}

static void look_for_data(struct findings *findings, const char *name)
{
    struct message message = {0};
    AUTO_STRING path = data_find(name, &message);
    if (path != NULL) {
        show("ok", name, path);
    } else {
        show("MISSING", name, "baton is not installed completely");
        printf("%s", message_text(&message));
        findings->ill = true;
    }
    message_free(&message);
}

static int find_manager(void)
{
    for (int i = 0; i < MANAGERS; i++) {
        AUTO_STRING found = program_find(managers[i].program);
        if (found != NULL) {
            return i;
        }
    }
    return -1;
}

static void say_what_to_do(const struct findings *findings)
{
    if (findings->packages.size == 0) {
        puts(findings->ill ? "" : "\nAll is there.");
    } else if (findings->manager >= 0) {
        printf("\nInstall it:\n  %s%s\n", managers[findings->manager].install,
               bytes_text(&findings->packages));
    } else {
        printf("\nNo package manager is known here. Debian's packages are called:%s\n",
               bytes_text(&findings->packages));
    }
}

static int doctor_main(const struct command *command, int argc, char **argv)
{
    struct command_line line = command_line(command, argc, argv);
    int id = command_next(&line);
    if (id != COMMAND_END) {
        return id == COMMAND_HELP      ? EXIT_GOOD
               : id == COMMAND_OPERAND ? command_misused(command, "expected no '%s'", line.value)
                                       : EXIT_CANNOT;
    }
    struct findings findings = {.manager = find_manager()};
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        look_for_program(&findings, &needs[i]);
    }
    look_for_firmware(&findings, "q35", OVMF_ANY, "firmware for q35");
    look_for_firmware(&findings, "pc", OVMF_ANY, "firmware for pc");
    look_for_firmware(&findings, "q35", OVMF_2M, "firmware of 2 MiB");
    look_for_secure_firmware();
    look_for_data(&findings, "BOOTX64.EFI");
    look_for_data(&findings, "ENROLL.EFI");
    look_for_data(&findings, "bootinfo.h");
    look_for_data(&findings, "kernel.ld");
    look_for_data(&findings, "templates");
    look_for_data(&findings, "maps");
    say_what_to_do(&findings);
    bytes_free(&findings.packages);
    return findings.ill ? EXIT_BAD : EXIT_GOOD;
}
