/* baton run with a QEMU that is a script: how a run ends, what decides it, the names on a fault
 * page. */
#include "tool.h"

#include <string.h>

static const char kernel[] = "#include \"bootinfo.h\"\n"
                             "BOOTINFO_KERNEL_HEADER(kernel_main, 0);\n"
                             "void kernel_main(const struct BootInfo *info, uint64_t magic)\n"
                             "{\n"
                             "    (void)info;\n"
                             "    (void)magic;\n"
                             "    for (;;) {\n"
                             "        __asm__ volatile(\"hlt\");\n"
                             "    }\n"
                             "}\n";

static void set_up(void)
{
    tool_set_up();
    tool_compile(kernel, "-O1");
}

struct play {
    const char *script;
    const char *line;
    int status;
    const char *says;
};

#define LEAVES "printf 'Baton 1\\nexit leaving the firmware\\n'; "

static const struct play plays[] = {
    {"echo up; exit 33", "$BATON run k.elf", 0, "up\nbaton run: the kernel ended the machine with"},
    {"exit 35", "$BATON run k.elf", 1, "with failure"},
    {"echo all is well; exec sleep 60", "$BATON run --expect 'is well' k.elf", 0,
     "baton run: all that was expected has been seen"},
    {"echo one; echo two; exec sleep 60", "$BATON run --expect two --expect one k.elf", 0, "seen"},
    {"echo all is well >\"$debug\"; exec sleep 60", "$BATON run --expect 'is well' k.elf", 0,
     "all is well\n"},
    {"echo all is well; exit 33", "$BATON run --expect 'all is fine' k.elf", 1,
     "baton run: expected and not seen: all is fine"},
    {"echo the end: panic; exec sleep 60", "$BATON run --fail-on panic --expect x k.elf", 1,
     "baton run: failed, since this was seen: panic"},
    {LEAVES "echo on; exec sleep 60", "$BATON run --timeout 3 k.elf", 5,
     "no serial output for 3 seconds"},
    /* what comes through a pipe waits for the kernel, also for one that says nothing */
    {LEAVES "read -r line; echo \"got $line\"; exit 33", "echo keys | $BATON run k.elf", 0,
     "got keys"},
    {"read -r -t 2 line || echo \"nothing yet\"; " LEAVES
     "read -r line; echo \"got $line\"; exit 33",
     "echo keys | $BATON run k.elf", 0,
     "nothing yet\nBaton 1\nexit leaving the firmware\ngot keys"},
    /* nor does the firmware get it that is about to leave */
    {LEAVES "read -r -N 1 -t 0.7 key && echo \"lost $key\"; echo up; read -r line; "
            "echo \"got $line\"; exit 33",
     "echo keys | $BATON run k.elf", 0, "got keys"},
    {"echo \"$*\"; exit 33", "$BATON run --gdb=4321 k.elf </dev/null", 0,
     "-S -gdb tcp:localhost:4321,server=on,wait=off"},
    {"echo \"$*\"; exit 33", "$BATON run --gdb k.elf </dev/null; cat build/gdb.txt", 0,
     "target remote "},
    {"exit 33", "$BATON run nothing.elf", 2, "nothing.elf is neither"},
    {"exit 33", "$BATON run --halt-is death k.elf", 2, "'death' is no value for --halt-is"},
    {"exit 33", "$BATON run --cpus none k.elf", 2, "'none' is no value for --cpus"},
    {"exit 33", "$BATON run k.elf k.elf", 2, "one kernel at a time"},
    {"exit 33", "$BATON run --boot k.elf", 2, "unrecognized option '--boot'"},
    {"exit 33", "$BATON run .", 2, ". is a folder"},
    /* stderr has what baton says, stdout what the kernel says */
    {"echo up; exit 33", "$BATON run k.elf 2>/dev/null", 0, "up\n"},
    {"echo up; exit 33", "$BATON run k.elf 2>&1 >/dev/null | grep -c up; true", 0, "0\n"},
};

enum { PLAYS = sizeof(plays) / sizeof(plays[0]) };

START_TEST(run_ends_as_it_should)
{
    tool_play_qemu(plays[_i].script);
    tool_check(plays[_i].line, plays[_i].status, plays[_i].says);
}
END_TEST

/* script, of util-linux, is a terminal. */
START_TEST(keys_of_a_terminal_go_to_the_kernel)
{
    tool_play_qemu("echo \"$*\"; read -r -N 3 keys; printf 'got %q\\n' \"$keys\"; "
                   "exec sleep 60");
    tool_check("wait_for() { for i in $(seq 250); do grep -aqs \"$1\" log && return; sleep 0.2; "
               "done; }\n"
               "(wait_for 'Ctrl-A x ends'; printf abc; wait_for 'got abc'; printf '\\001x'; "
               "sleep 1) | script -qefc \"$BATON run k.elf\" log",
               0, "baton run: ended from the keyboard");
    tool_expect("stdio,id=com1,signal=off,mux=on");
    tool_expect("got abc");
    tool_expect("Ctrl-A x ends the machine");
}
END_TEST

/* Silence of the firmware is no time-out of the kernel's. */
START_TEST(time_out_counts_from_the_first_line_of_the_loader)
{
    tool_play_qemu("sleep 5; echo 'BdsDxe: starting Boot0001'; echo up; exec sleep 60");
    tool_check("$BATON run --timeout 3 k.elf", 5, "up\nbaton run: no serial output for 3 seconds");
}
END_TEST

/* config: what is in my.cfg; NULL: there is none. */
struct naming {
    const char *config;
    const char *line;
    int status;
    const char *says;
};

static const struct naming namings[] = {
    {"kernel = /boot/kernal.elf\n", "$BATON run --config my.cfg k.elf", 7,
     "my.cfg:1:10: error: the disk would have no /boot/kernal.elf\n"
     "    1 | kernel = /boot/kernal.elf\n"
     "      |          ^~~~~~~~~~~~~~~~\n"
     "  The kernel that was given is named k.elf.\n"},
    {"kernel = /boot/K.ELF\nmodule = /a/font.psf\n", "$BATON run --config my.cfg k.elf", 7,
     "my.cfg:2:10: error: the disk would have no /a/font.psf\n"},
    {"kernel = /boot/k.elf\nmodule = /a/font.psf\n",
     "mkdir a; echo x >a/font.psf; $BATON run --config my.cfg k.elf", 0, "with success"},
    {"kernal = /boot/k.elf\n", "$BATON run --config my.cfg k.elf", 7,
     "my.cfg:1:1: error: unknown key 'kernal'; did you mean 'kernel'?\n"},
    {"[entry a]\nkernel = /k.elf\n[entry b]\nkernel = /other.elf\n",
     "$BATON run --config my.cfg k.elf", 0,
     "my.cfg:4:10: error: the disk would have no /other.elf\n"},
};

enum { NAMINGS = sizeof(namings) / sizeof(namings[0]) };

START_TEST(files_that_loader_cfg_names_are_there)
{
    tool_play_qemu("exit 33");
    tool_write("my.cfg", namings[_i].config);
    tool_check(namings[_i].line, namings[_i].status, namings[_i].says);
}
END_TEST

/* halts */

/* The address of a symbol, from the kernel's first byte on, and bytes after it. */
static char *offset_of(const char *symbol, unsigned long more)
{
    AUTO_STRING line = string_format("nm k.elf | grep ' %s$'", symbol);
    tool_check(line, 0, symbol);
    unsigned long address = strtoul(bytes_text(&output), NULL, 16);
    return string_format("%lx", address - 0x100000 + more);
}

#define FRAME  "RIP=0000000000%s RFL=%s [---] CPL=0 II=0 A20=1 SMM=0 HLT=%s"
#define PARKED "EIP=0f76b0e9 EFL=00000046 [---] CPL=0 II=0 A20=1 SMM=0 HLT=0"
#define PIC                                                                                \
    "{\"return\": \"ioapic0: ver\\n  pin 0 x masked\\n  pin 1 x %s\\npic1: irr=00 imr=ff " \
    "isr\\npic0: irr=00 imr=ff isr\\n\", \"id\": \"human-monitor-command\"}"
#define LAPIC "{\"return\": \"LVTT\\t 0x1 masked \\n\", \"id\": \"human-monitor-command\"}"

struct halt_play {
    const char *flags;
    const char *halted;
    const char *more; /* other CPUs */
    const char *pin;
    const char *bytes; /* at the instruction */
    const char *options;
    int status;
    const char *says;
};

static const struct halt_play halts[] = {
    {"00000046", "1", "", "masked", "", "", 5, "baton run: the kernel has halted at kernel+0x"},
    {"00000046", "1", "", "masked", "", "--halt-is success", 0, "the kernel has halted at"},
    {"00000046", "1", PARKED, "masked", "", "", 5,
     "kernel_main at k.c:8 (hlt with interrupts off)"},
    {"00000246", "1", "", "masked", "", "", 5, "(hlt, and every interrupt is masked)"},
    {"00000246", "1", "", "edge", "", "", 5, "no serial output for 4 seconds"},
    {"00000046", "0", "", "masked", "0xeb 0xfe 0 0", "", 5, "(an endless loop of one instruction"},
    {"00000046", "0", "", "masked", "0xeb 0xfb 0 0", "", 5, "no serial output for 4 seconds"},
    {"00000246", "0", "", "masked", "0xeb 0xfe 0 0", "", 5, "no serial output for 4 seconds"},
};

enum { HALTS = sizeof(halts) / sizeof(halts[0]) };

START_TEST(kernel_that_halts_is_noticed)
{
    const struct halt_play *play = &halts[_i];
    AUTO_STRING offset = offset_of("kernel_main", 1);
    AUTO_STRING address = string_format("%06lx", 0x100000 + strtoul(offset, NULL, 16));
    AUTO_STRING frame = string_format(FRAME, address, play->flags, play->halted);
    AUTO_STRING pic = string_format(PIC, play->pin);
    AUTO_STRING script =
        string_format(LEAVES "while read -r line <&3; do case $line in\n"
                             "*registers*) echo '{\"return\": \"%s\\n%s\\n\", \"id\": "
                             "\"human-monitor-command\"}' >&3;;\n"
                             "*'info pic'*) echo '%s' >&3;;\n*'info lapic'*) echo '%s' >&3;;\n"
                             "*'x /4xb'*) echo '{\"return\": \"0000000000100000: %s\", \"id\": "
                             "\"human-monitor-command\"}' >&3;;\nesac; done",
                      frame, play->more, pic, LAPIC, play->bytes);
    AUTO_STRING line = string_format("$BATON run --timeout 4 %s k.elf", play->options);
    tool_play_qemu(script);
    tool_check(line, play->status, play->says);
}
END_TEST

/* names */

#define PAGE                                                                                      \
    "#!/bin/sh\nPAGE=\"FAULT: page fault (#PF, vector 14), error code 0x2\nat      kernel+0x%s\n" \
    "backtrace, by frame pointers\n  #0 kernel+0x%s\n  ends: no frame pointer\nstack at 0x1000\n" \
    "  0x1000  0x1000b0  kernel+0x%s\nhalted (on_fault = halt)\"; echo \"$PAGE\"; exec sleep 60\n"

static void fault_at(const char *at, const char *on_stack)
{
    AUTO_STRING script = string_format(PAGE, at, at, on_stack);
    tool_play_qemu(script);
    tool_check("$BATON run k.bin", 3, "baton run: the kernel met a fault");
}

static const char inlined[] = "#include \"bootinfo.h\"\n"
                              "BOOTINFO_KERNEL_HEADER(kernel_main, 0);\n"
                              "#line 7 \"/usr/include/not-the-users.h\"\n"
                              "static inline void poke(volatile int *p) { *p = 1; }\n"
                              "#line 5 \"k.c\"\n"
                              "static inline void middle(volatile int *p) { poke(p); }\n"
                              "void kernel_main(const struct BootInfo *info, uint64_t magic)\n"
                              "{\n"
                              "    middle((volatile int *)magic); (void)info;\n"
                              "    for (;;) {}\n"
                              "}\n"
                              "int table[4] = {1, 2, 3, 4};\n";

/* The first frame that is the user's is line 5; the file the innermost claims to be in is not
 * there, and would not be the user's if it were. */
START_TEST(inlined_frames_have_a_line_each)
{
    tool_compile(inlined, "-O2");
    AUTO_STRING at = offset_of("kernel_main", 0);
    fault_at(at, at);
    tool_expect("  poke at /usr/include/not-the-users.h:7\n"
                "          inlined into middle at k.c:5\n"
                "          inlined into kernel_main at k.c:8\n"
                "            5 | #line 5 \"k.c\"\n");
}
END_TEST

START_TEST(jump_into_data_names_it_and_who_jumped)
{
    tool_compile(inlined, "-O2");
    AUTO_STRING table = offset_of("table", 8);
    AUTO_STRING caller = offset_of("kernel_main", 1);
    fault_at(table, caller);
    tool_expect("  table+0x8 (.data): data, not code\n");
    tool_expect(
        "inlined into kernel_main at k.c:8  <- the jump came from here, if it was a call\n");
}
END_TEST

/* An ELF file from assembly has symbols and lines, and no functions. */
START_TEST(own_name_of_the_entry_wins)
{
    tool_write("k.S", ".globl my_entry\n.text\n"
                      ".balign 8\n.quad 0\nmy_entry: ud2\n");
    tool_check("cc -g -nostdlib -static -no-pie -Wl,-e,my_entry "
               "-Wl,--defsym=bootinfo_kernel_entry=my_entry -Wl,--build-id=none "
               "-Wl,-Ttext=0x100000 k.S -o k.elf && objcopy -O binary k.elf k.bin",
               0, "");
    AUTO_STRING at = offset_of("my_entry", 0);
    fault_at(at, at);
    tool_expect("  my_entry at k.S:5\n");
    tool_expect("    5 | my_entry: ud2\n");
    tool_expect_no("bootinfo_kernel_entry");
}
END_TEST

/* NASM ends the folder of the source with a slash. */
START_TEST(folder_that_ends_with_a_slash_is_no_matter)
{
    tool_write("k.S", ".text\nmy_entry: ud2\n");
    tool_check("cc -g -nostdlib -static -no-pie -Wl,-e,my_entry -Wl,--build-id=none "
               "-fdebug-prefix-map=\"$PWD\"=\"$PWD/\" -Wl,-Ttext=0x100000 k.S -o k.elf && "
               "objcopy -O binary k.elf k.bin && addr2line -e k.elf 0x100000",
               0, "//k.S:2");
    fault_at("0", "0");
    tool_expect("  my_entry at k.S:2\n");
    tool_expect("    2 | my_entry: ud2\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tool-run");
    TCase *tests = tcase_create("run");
    tcase_add_checked_fixture(tests, set_up, tool_tear_down);
    tcase_set_timeout(tests, 100);
    tcase_add_loop_test(tests, run_ends_as_it_should, 0, PLAYS);
    tcase_add_test(tests, keys_of_a_terminal_go_to_the_kernel);
    tcase_add_test(tests, time_out_counts_from_the_first_line_of_the_loader);
    tcase_add_loop_test(tests, files_that_loader_cfg_names_are_there, 0, NAMINGS);
    tcase_add_loop_test(tests, kernel_that_halts_is_noticed, 0, HALTS);
    tcase_add_test(tests, inlined_frames_have_a_line_each);
    tcase_add_test(tests, jump_into_data_names_it_and_who_jumped);
    tcase_add_test(tests, own_name_of_the_entry_wins);
    tcase_add_test(tests, folder_that_ends_with_a_slash_is_no_matter);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "tool-run");
}
