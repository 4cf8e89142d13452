/* baton new, baton test, baton doctor, baton generate, and help. */
#include "tool.h"

#include <string.h>
#include <sys/stat.h>

/* new: every pair is built with the compilers that are here, and boots. */

struct pair {
    const char *language;
    const char *build;
    const char *needs; /* a program; without it the pair is made, and not built */
    const char *line;  /* in the project */
};

static const struct pair pairs[] = {
    {"c", "make", "gcc", "make -s && E=build/k1.elf"},
    {"cpp", "make", "g++", "make -s && E=build/k1.elf"},
    {"asm", "make", "gcc", "make -s && E=build/k1.elf"},
    {"nasm", "make", "nasm", "make -s && E=build/k1.elf"},
    {"nim", "make", "nim", "make -s && E=build/k1.elf"},
    {"c", "cmake", "cmake", "cmake -B build && cmake --build build && E=build/k1.elf"},
    {"cpp", "cmake", "cmake", "cmake -B build && cmake --build build && E=build/k1.elf"},
    {"asm", "cmake", "cmake", "cmake -B build && cmake --build build && E=build/k1.elf"},
    {"nasm", "cmake", "nasm", "cmake -B build && cmake --build build && E=build/k1.elf"},
    {"c", "meson", "meson", "meson setup build && meson compile -C build && E=build/k1.elf"},
    {"cpp", "meson", "meson", "meson setup build && meson compile -C build && E=build/k1.elf"},
    {"asm", "meson", "meson", "meson setup build && meson compile -C build && E=build/k1.elf"},
    {"rust", "cargo", "cargo",
     "cargo build --offline && cargo test --offline --no-run && "
     "E=target/x86_64-unknown-linux-gnu/debug/k1"},
};

enum { PAIRS = sizeof(pairs) / sizeof(pairs[0]) };

START_TEST(project_builds_without_a_warning_and_boots)
{
    const struct pair *pair = &pairs[_i];
    AUTO_STRING line =
        string_format("$BATON new k1 --lang %s --build %s || exit 1\n"
                      "! grep -rn '@[A-Z]*@' k1 || exit 1\n"
                      "command -v %s >/dev/null || { echo 'not built: no %s'; exit 0; }\n"
                      "cd k1 && { %s; } >../log 2>&1 || { cat ../log; exit 1; }\n"
                      "! grep -i warning ../log || exit 1\n"
                      "test -f $E && cp $E k1.elf && $BATON check loader.cfg k1.elf && "
                      "$BATON run --config loader.cfg k1.elf </dev/null",
                      pair->language, pair->build, pair->needs, pair->needs, pair->line);
    tool_check(line, 0, "k1: a kernel in ");
    if (strstr(bytes_text(&output), "not built") == NULL) {
        tool_expect("= kernel_main\nNo errors.\n");
        tool_expect("hello from k1");
        tool_expect("baton run: the kernel ended the machine with success\n");
    }
}
END_TEST

/* What a project's build system is asked for, with a QEMU that says what the kernel would. */
struct target {
    const char *project;
    const char *needs;
    const char *line;
    const char *says;
};

#define CMAKE "cmake -B build >/dev/null && cmake --build build --target "
/* An older cargo does not know that edition, and stays with 2021. */
#define EDITION_2024                                                                        \
    "cp Cargo.toml before; sed -i 's/^edition = \"2021\"/edition = \"2024\"/' Cargo.toml; " \
    "cargo metadata --offline --no-deps >/dev/null 2>&1 || mv before Cargo.toml; "          \
    "cargo build --offline 2>&1 | grep -i 'warning\\|error' && exit 1; "
#define MESON "meson setup build >/dev/null; meson compile -C build "

static const struct target targets[] = {
    {"", "make", "make -s run", "hello from k1\n"},
    {"", "make", "make -s test", "1 passed, 0 failed\n"},
    {"", "make", "make -s image", "build/k1.img: 272 MiB"},
    {"", "make", "make -s debug", "the machine waits for: gdb -x "},
    {"--build cmake", "cmake", CMAKE "run", "hello from k1\n"},
    {"--build cmake", "cmake", CMAKE "image", "build/k1.img: 272 MiB"},
    {"--build cmake", "cmake", CMAKE "debug", "the machine waits for: gdb -x "},
    {"--build cmake", "cmake", CMAKE "all && ctest --test-dir build", "100% tests passed"},
    {"--build meson", "meson", MESON "run", "hello from k1\n"},
    {"--build meson", "meson", MESON "image", "build/k1.img: 272 MiB"},
    {"--build meson", "meson", MESON "debug", "the machine waits for: gdb -x "},
    {"--build meson", "meson", MESON "&& meson test -C build", "Ok:                 1"},
    {"--lang rust", "cargo", "cargo run --offline", "hello from k1\n"},
    {"--lang rust", "cargo", EDITION_2024 "cargo run --offline", "hello from k1\n"},
    {"--lang rust", "cargo", "cargo test --offline", "hello from k1\n"},
};

enum { TARGETS = sizeof(targets) / sizeof(targets[0]) };

START_TEST(target_of_a_project_works)
{
    const struct target *target = &targets[_i];
    AUTO_STRING line =
        string_format("command -v %s >/dev/null || { echo 'not built: no %s'; exit 0; }\n"
                      "$BATON new k1 %s && cd k1 && { %s; } </dev/null",
                      target->needs, target->needs, target->project, target->line);
    tool_play_qemu("echo hello from k1; exit 33");
    tool_check(line, 0, "");
    if (strstr(bytes_text(&output), "not built") == NULL) {
        tool_expect(target->says);
    }
}
END_TEST

/* The greeting is made the same in all of them. The loader's log, which a kernel in assembly
 * leaves on the screen, is another picture. */
START_TEST(screen_shows_the_same_in_c_rust_and_nim)
{
    tool_check("command -v cargo >/dev/null && command -v nim >/dev/null || { echo not built; exit "
               "0; }\n"
               "for l in c rust nim asm; do mkdir $l && cd $l && $BATON new k1 --lang $l && cd k1 "
               "|| exit 1\n"
               "case $l in rust) sed -i 's/, loaded by {loader}//; s/let loader/let _loader/' "
               "src/main.rs; cargo build --offline; "
               "E=target/x86_64-unknown-linux-gnu/debug/k1;; "
               "*) make -s; E=build/k1.elf;; esac\n"
               "$BATON run --screenshot ../../$l.png $E </dev/null && cd ../.. || exit 1; done\n"
               "cmp c.png rust.png && cmp c.png nim.png && ! cmp -s c.png asm.png && echo same",
               0, "");
    if (strstr(bytes_text(&output), "not built") == NULL) {
        tool_expect("same\n");
    }
}
END_TEST

struct line {
    const char *line;
    int status;
    const char *says;
};

static const struct line lines[] = {
    {"$BATON new", 2, "expected a name"},
    {"$BATON new 1k", 2, "expected a name"},
    {"$BATON new ../k", 2, "expected a name"},
    {"mkdir k; $BATON new k", 2, "k is there already"},
    {"$BATON new k --lang fortran", 2, "no language 'fortran'; there are c, cpp"},
    {"$BATON new k --lang rust --build make", 2, "'make' does not build Rust here"},
    {"test ! -e k", 0, ""},
    /* help, and what is none */
    {"$BATON", 2, "usage: baton COMMAND"},
    {"$BATON 2>/dev/null | wc -c", 0, "0\n"},
    {"$BATON --help", 0, "  check      find what the loader would refuse"},
    {"$BATON help image", 0, "usage: baton image [OPTIONS] -o"},
    {"$BATON image -h 2>/dev/null", 0, "  -o, --output FILE"},
    {"$BATON help nothing", 2, "there is no command 'nothing'"},
    {"$BATON nothing", 2, "there is no command 'nothing'"},
    {"$BATON --version", 0, "baton 0."},
    {"for c in run new test image check inspect mock doctor generate; do $BATON $c --help >out || "
     "exit "
     "1\n"
     "awk 'length > 80 {print; bad = 1} END {exit bad}' out || exit 1; done",
     0, ""},
    /* the example of the kit ends with success */
    {"cp -r $SOURCE/abi/examples/make . && cd make && make -s ABI=$SOURCE/abi && "
     "$BATON run kernel.elf </dev/null",
     0, " KiB are usable\n"},
    /* completions and the man page */
    {"$BATON generate bash >b && bash -n b && . ./b && COMP_WORDS=(baton ch) COMP_CWORD=1 && "
     "_baton && echo \"${COMPREPLY[*]}\"",
     0, "check\n"},
    {"$BATON generate bash >b && . ./b && COMP_WORDS=(baton run --exp) COMP_CWORD=2 && "
     "_baton && echo \"${COMPREPLY[*]}\"",
     0, "--expect\n"},
    {"command -v zsh >/dev/null || { echo good; exit 0; }; $BATON generate zsh >_baton && "
     "zsh -n _baton && echo good",
     0, "good\n"},
    {"command -v fish >/dev/null || { echo --expect; exit 0; }; $BATON generate fish >f && "
     "fish -c 'source f; complete -C \"baton run --exp\"'",
     0, "--expect"},
    {"$BATON generate man >baton.1 && command -v groff >/dev/null || { echo '--expect TEXT'; exit "
     "0; }\n"
     "groff -ww -man -Tascii baton.1 2>errors | sed 's/.\x08//g; s/\x1b\\[[0-9]*m//g' && "
     "! grep . errors",
     0, "--expect TEXT"},
    {"$BATON generate", 2, "expected man, bash, zsh or fish"},
    /* no colours but on terminals */
    {"echo bad >k.cfg; TERM=xterm $BATON check k.cfg 2>&1 | grep -c $'\\033'", 1, "0\n"},
    /* doctor */
    {"$BATON doctor", 0, "ok       BOOTX64.EFI          /"},
    {"QEMU=/no/such/qemu $BATON doctor", 1, "MISSING  /no/such/qemu"},
    {"OVMF_CODE=/no/code OVMF_VARS=/no/vars $BATON doctor", 1, "MISSING  firmware for q35"},
    {"mkdir bin; printf '#!/bin/sh\\n' >bin/pacman; chmod +x bin/pacman; ln -s /usr/bin/true "
     "bin/qemu; "
     "PATH=$PWD/bin QEMU=nothing $BATON doctor",
     1, "sudo pacman -S qemu-system-x86"},
    /* installed: what belongs to baton is found from where it lies */
    {"mkdir -p p/bin p/share/baton && cp $BATON p/bin && cp $BUILD/BOOTX64.EFI $BUILD/ENROLL.EFI "
     "$SOURCE/abi/bootinfo.h "
     "$SOURCE/abi/bootinfo_console.h $SOURCE/abi/kernel.ld p/share/baton && "
     "cp -r $SOURCE/tests/maps $SOURCE/tools/baton/templates p/share/baton && p/bin/baton doctor "
     "&& "
     "PATH=$PWD/p/bin:$PATH baton new k && grep -c '^BATON ?= baton$' k/Makefile",
     0, "/p/bin/../share/baton/BOOTX64.EFI\n"},
    {"mkdir -p p/bin && cp $BATON p/bin && p/bin/baton doctor", 1,
     "MISSING  BOOTX64.EFI          baton is not installed completely\n"},
    {"mkdir -p p/bin && cp $BATON p/bin && touch k.bin && p/bin/baton image -o disk k.bin", 2,
     "BOOTX64.EFI was not found; baton looked for\n"},
};

enum { LINES = sizeof(lines) / sizeof(lines[0]) };

START_TEST(line_says)
{
    tool_check(lines[_i].line, lines[_i].status, lines[_i].says);
}
END_TEST

/* test */

static void make_kernels(void)
{
    tool_compile("#include \"bootinfo.h\"\nBOOTINFO_KERNEL_HEADER(kernel_main, 0);\n"
                 "void kernel_main(const struct BootInfo *i, uint64_t m) "
                 "{ (void)i; (void)m; for (;;) {} }\n",
                 "");
    tool_check("mkdir d && cp k.elf d/good.elf && cp k.bin d/good.bin && cp k.bin d/bad.bin", 0,
               "");
    /* The kernel's name is on the disk, QEMU's command line has the machine. */
    tool_play_qemu("for a; do case $a in format=raw,file=*) d=${a#*file=};; esac; done\n"
                   "case \"$*\" in *'-m 3G'*) echo large;; esac\n"
                   "echo '<&>'; mdir -i $d@@1M ::/boot | grep -qi bad && exit 35; exit 33");
}

START_TEST(tests_are_a_table)
{
    make_kernels();
    tool_check("$BATON test --junit out.xml d", 1, "kernel    256M");
    tool_expect("good.elf  ok ");
    tool_expect("bad.bin   FAILED ");
    tool_expect("\nd/bad.bin on 256M: failed (status 1)\n");
    tool_expect("\n1 passed, 1 failed\n");
    tool_check("cat out.xml", 0, "<testsuite name=\"bad.bin\" tests=\"1\" failures=\"1\"");
    tool_expect("<testcase classname=\"good.elf\" name=\"256M\"");
    tool_expect("<failure message=\"failed (status 1)\"/>");
    tool_expect("&lt;&amp;&gt;");
    tool_check("command -v xmllint >/dev/null || exit 0; xmllint --noout out.xml", 0, "");
}
END_TEST

START_TEST(tests_run_on_a_matrix)
{
    make_kernels();
    tool_check("unset OVMF_CODE OVMF_VARS; $BATON test --matrix --fail-on large d/good.elf", 1,
               "256M            3G              4 CPUs          qemu64          pc              "
               "2 MiB firmware");
    tool_expect("d/good.elf on 3G: failed (status 1)\n");
    tool_expect_no("d/good.elf on 4 CPUs");
}
END_TEST

/* $OVMF_CODE is 8 bytes here, and Debian's firmware out of sight; where that cannot be brought
 * about, nothing is tested. */
START_TEST(machine_without_its_firmware_is_left_out)
{
    make_kernels();
    tool_check("mkdir empty; hidden() { unshare -rm sh -c 'mount --bind empty /usr/share/OVMF && "
               "exec \"$@\"' sh \"$@\"; }\n"
               "hidden true || { echo cannot hide it; exit 0; }\n"
               "hidden $BATON test --matrix d/good.elf",
               0, "");
    if (strstr(bytes_text(&output), "cannot hide it") == NULL) {
        tool_expect("baton test: no firmware of 2 MiB is here; that machine is left out\n");
        tool_expect("\n5 passed, 0 failed\n");
    }
}
END_TEST

/* Each sleeps for two seconds; two at a time take less than four. */
START_TEST(tests_run_two_at_a_time)
{
    make_kernels();
    tool_play_qemu("echo start >>\"$ORDER\"; sleep 2; echo end >>\"$ORDER\"; exit 33");
    tool_check("export ORDER=$PWD/order; $BATON test d/good.elf d/bad.bin && head -2 order", 0,
               "start\nstart\n");
    tool_check("export ORDER=$PWD/order2; $BATON test -j 1 d/good.elf d/bad.bin && head -2 order2",
               0, "start\nend\n");
}
END_TEST

static const struct line test_lines[] = {
    {"$BATON test", 2, "expected a folder or kernels"},
    {"mkdir e; $BATON test e", 2, "e: no .elf and no .bin file in there"},
    {"$BATON test nothing.elf", 2, "nothing.elf: no such file"},
    {"$BATON test -j none k.elf", 2, "'none' is no value for --jobs"},
};

enum { TEST_LINES = sizeof(test_lines) / sizeof(test_lines[0]) };

START_TEST(test_line_says)
{
    make_kernels();
    tool_check(test_lines[_i].line, test_lines[_i].status, test_lines[_i].says);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tool-new");
    TCase *tests = tcase_create("new");
    tcase_add_checked_fixture(tests, tool_set_up, tool_tear_down);
    tcase_set_timeout(tests, 100);
    tcase_add_loop_test(tests, project_builds_without_a_warning_and_boots, 0, PAIRS);
    tcase_add_test(tests, screen_shows_the_same_in_c_rust_and_nim);
    tcase_add_loop_test(tests, target_of_a_project_works, 0, TARGETS);
    tcase_add_loop_test(tests, line_says, 0, LINES);
    tcase_add_test(tests, tests_are_a_table);
    tcase_add_test(tests, tests_run_on_a_matrix);
    tcase_add_test(tests, machine_without_its_firmware_is_left_out);
    tcase_add_test(tests, tests_run_two_at_a_time);
    tcase_add_loop_test(tests, test_line_says, 0, TEST_LINES);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "tool-new");
}
