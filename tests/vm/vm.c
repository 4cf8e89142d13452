/* tools/vm, as far as it can be tested without a machine. QEMU is played by shell scripts. */
#include "suite.h"
#include "vm/disk.h"
#include "vm/escapes.h"
#include "vm/files.h"
#include "vm/machine.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

static char *folder;
static struct message message;

static void set_up(void)
{
    ck_assert(folder_make_temporary(&message, &folder));
}

static void tear_down(void)
{
    folder_remove(folder);
    free(folder);
    message_free(&message);
}

static char *in_folder(const char *name)
{
    return string_format("%s/%s", folder, name);
}

static void write_text(const char *path, const char *text)
{
    ck_assert_msg(file_write(path, text, strlen(text), &message), "%s", message_text(&message));
}

static void check_contains(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%s", part, text);
}

/* escapes */

START_TEST(escapes_strips_escape_sequences_wherever_they_are_cut)
{
    static const char input[] = "\033[2J\033[01;01Ha\r\nb\033[=3hc\033(d\0e";
    for (size_t cut = 0; cut < sizeof(input) - 1; cut++) {
        char text[sizeof(input)];
        memcpy(text, input, sizeof(input));
        struct escapes escapes = {0};
        size_t first = escapes_strip(&escapes, text, cut);
        size_t second = escapes_strip(&escapes, text + cut, sizeof(input) - 1 - cut);
        memmove(text + first, text + cut, second);
        text[first + second] = '\0';
        ck_assert_str_eq(text, "a\nbcde");
    }
}
END_TEST

/* ovmf */

static const char descriptor_form[] =
    "{\"interface-types\": [\"%s\"], \"mapping\": {\"device\": \"%s\", \"executable\":"
    " {\"filename\": \"%s/code\", \"format\": \"qcow2\"}, \"nvram-template\": {\"filename\":"
    " \"%s/vars\", \"format\": \"raw\"}}, \"targets\": [{\"architecture\": \"%s\", \"machines\":"
    " [\"%s\"]}], \"features\": [\"acpi-s3\"%s]}";

struct descriptor {
    const char *interface;
    const char *device;
    const char *architecture;
    const char *machines;
    const char *features;
    bool fits;
};

static const struct descriptor descriptors[] = {
    {"uefi", "flash", "x86_64", "pc-q35-*", "", true},
    {"bios", "flash", "x86_64", "pc-q35-*", "", false},
    {"uefi", "memory", "x86_64", "pc-q35-*", "", false},
    {"uefi", "flash", "aarch64", "pc-q35-*", "", false},
    {"uefi", "flash", "x86_64", "pc-i440fx-*", "", false},
    {"uefi", "flash", "x86_64", "pc-q35-*", ", \"secure-boot\"", false},
    {"uefi", "flash", "x86_64", "pc-q35-*", ", \"requires-smm\"", false},
};

enum { DESCRIPTORS = sizeof(descriptors) / sizeof(descriptors[0]) };

/* A descriptor that is looked at before those of this machine, and the files it names. */
static void write_descriptor(const struct descriptor *descriptor)
{
    AUTO_STRING qemu = in_folder("qemu");
    AUTO_STRING firmware = in_folder("qemu/firmware");
    AUTO_STRING path = in_folder("qemu/firmware/00-test.json");
    AUTO_STRING code = in_folder("code");
    AUTO_STRING vars = in_folder("vars");
    AUTO_STRING json =
        string_format(descriptor_form, descriptor->interface, descriptor->device, folder, folder,
                      descriptor->architecture, descriptor->machines, descriptor->features);
    ck_assert_int_eq(mkdir(qemu, 0700), 0);
    ck_assert_int_eq(mkdir(firmware, 0700), 0);
    write_text(path, json);
    write_text(code, "code");
    write_text(vars, "vars");
    setenv("XDG_CONFIG_HOME", folder, 1);
    unsetenv("OVMF_CODE");
    unsetenv("OVMF_VARS");
}

START_TEST(ovmf_takes_a_descriptor_where_everything_fits)
{
    AUTO_STRING code = in_folder("code");
    const struct descriptor *descriptor = &descriptors[_i];
    write_descriptor(descriptor);
    struct ovmf ovmf;
    bool found = ovmf_find("q35", OVMF_ANY, &message, &ovmf);
    ck_assert_int_eq(found && strcmp(ovmf.code, code) == 0, descriptor->fits);
    if (descriptor->fits) {
        ck_assert_str_eq(ovmf.code_format, "qcow2");
        ck_assert_str_eq(ovmf.vars_format, "raw");
    }
    if (found) {
        ovmf_free(&ovmf);
    }
}
END_TEST

START_TEST(ovmf_named_by_the_environment_comes_first)
{
    write_descriptor(&descriptors[0]);
    AUTO_STRING vars = in_folder("vars");
    setenv("OVMF_CODE", vars, 1);
    setenv("OVMF_VARS", vars, 1);
    struct ovmf ovmf;
    ck_assert(ovmf_find("q35", OVMF_ANY, &message, &ovmf));
    ck_assert_str_eq(ovmf.code, vars);
    ck_assert_str_eq(ovmf.code_format, "raw");
    ovmf_free(&ovmf);
}
END_TEST

START_TEST(ovmf_named_by_the_environment_but_missing_is_an_error)
{
    write_descriptor(&descriptors[0]);
    setenv("OVMF_CODE", "/no/such/code", 1);
    setenv("OVMF_VARS", "/no/such/vars", 1);
    struct ovmf ovmf;
    ck_assert(!ovmf_find("q35", OVMF_ANY, &message, &ovmf));
    check_contains(message_text(&message), "no file /no/such/code");
    check_contains(message_text(&message), "apt-get install ovmf");
}
END_TEST

/* Newer distributions have no 2 MiB firmware. */
START_TEST(ovmf_of_a_size_has_that_size)
{
    write_descriptor(&descriptors[0]);
    enum ovmf_size size = _i == 0 ? OVMF_2M : OVMF_4M;
    struct ovmf ovmf;
    if (ovmf_find("q35", size, &message, &ovmf)) {
        ck_assert_int_eq(file_size(ovmf.code) + file_size(ovmf.vars), (long long)size);
        ovmf_free(&ovmf);
    } else {
        ck_assert_int_eq(size, OVMF_2M);
        check_contains(message_text(&message), "a 2 MiB UEFI firmware for QEMU");
    }
}
END_TEST

/* disk */

static const struct disk_file disk_files[] = {
    {.path = "/EFI/BOOT/BOOTX64.EFI", .data = "loader", .size = 6},
    {.path = "/EFI/BOOT/a name longer than 8.3.cfg", .data = "text\n", .size = 5},
    {.path = "/empty/folder", .folder = true},
    {.path = "/empty/file", .data = "", .size = 0},
};

enum { DISK_FILES = sizeof(disk_files) / sizeof(disk_files[0]) };

static char *make_disk(const char *name)
{
    char *disk = in_folder(name);
    ck_assert_msg(disk_make(disk, disk_files, DISK_FILES, &message), "%s", message_text(&message));
    return disk;
}

START_TEST(disk_gives_back_what_was_put_in)
{
    AUTO_STRING disk = make_disk("disk");
    AUTO_STRING drive = string_format("%s@@1M", disk);
    AUTO_STRING copy = in_folder("copy");
    for (size_t i = 0; i < DISK_FILES; i++) {
        AUTO_STRING source = string_format("::%s", disk_files[i].path);
        const char *const list[] = {"mdir", "-i", drive, source, NULL};
        const char *const take[] = {"mcopy", "-n", "-o", "-i", drive, source, copy, NULL};
        ck_assert_msg(program_run(list, &message), "%s", message_text(&message));
        if (disk_files[i].folder) {
            continue;
        }
        struct bytes bytes = {0};
        ck_assert_msg(program_run(take, &message), "%s", message_text(&message));
        ck_assert(file_read(copy, &message, &bytes));
        ck_assert_uint_eq(bytes.size, disk_files[i].size);
        ck_assert_mem_eq(bytes_text(&bytes), disk_files[i].data, disk_files[i].size);
        bytes_free(&bytes);
    }
}
END_TEST

START_TEST(disk_has_the_same_bytes_every_time)
{
    AUTO_STRING one = make_disk("one");
    struct timespec two_seconds = {.tv_sec = 2}; /* what FAT's clock ticks in */
    nanosleep(&two_seconds, NULL);
    AUTO_STRING other = make_disk("other");
    ck_assert(file_equal(one, other));
    AUTO_STRING longer = string_format("echo >>'%s'", other);
    const char *const append[] = {"sh", "-c", longer, NULL};
    ck_assert(program_run(append, &message));
    ck_assert(!file_equal(one, other));
}
END_TEST

static uint64_t little_endian(const uint8_t *bytes, int count)
{
    uint64_t value = 0;
    for (int i = count; i > 0; i--) {
        value = value << 8 | bytes[i - 1];
    }
    return value;
}

/* Microsoft's FAT specification, "FAT type determination": nothing but this count decides. */
START_TEST(disk_is_gpt_with_fat32)
{
    AUTO_STRING disk = make_disk("disk");
    uint8_t head[512];
    FILE *file = fopen(disk, "rb");
    ck_assert_ptr_nonnull(file);
    fseek(file, 512, SEEK_SET);
    ck_assert_uint_eq(fread(head, 1, sizeof(head), file), sizeof(head));
    ck_assert_mem_eq(head, "EFI PART", 8);
    fseek(file, -512, SEEK_END);
    ck_assert_uint_eq(fread(head, 1, sizeof(head), file), sizeof(head));
    ck_assert_mem_eq(head, "EFI PART", 8);
    fseek(file, 1024 * 1024, SEEK_SET);
    ck_assert_uint_eq(fread(head, 1, sizeof(head), file), sizeof(head));
    fclose(file);
    uint64_t reserved = little_endian(head + 14, 2);
    uint64_t fats = head[16] * little_endian(head + 36, 4);
    uint64_t data = little_endian(head + 32, 4) - reserved - fats;
    ck_assert_uint_eq(head[13], 8);
    ck_assert_uint_ge(data / head[13], 65525);
}
END_TEST

START_TEST(disk_names_the_file_that_is_missing)
{
    AUTO_STRING disk = in_folder("disk");
    struct disk_file file = {.path = "/k.bin", .host = "/no/such/kernel"};
    ck_assert(!disk_make(disk, &file, 1, &message));
    check_contains(message_text(&message), "/no/such/kernel");
}
END_TEST

/* machine */

static char code[] = "code";
static char raw[] = "raw";

struct play {
    const char *script;
    enum machine_outcome outcome;
    int status;
    const char *serial;
    const char *message;
};

static const struct play plays[] = {
    {"echo up; exit 33", MACHINE_PASSED, 33, "up\n", ""},
    {"echo down; exit 35", MACHINE_FAILED, 35, "down\n", ""},
    {"exit 0", MACHINE_RESET, 0, "", ""},
    {"exit 7", MACHINE_EXITED, 7, "", ""},
    {"kill -9 $$", MACHINE_EXITED, -1, "", ""},
    {"echo 'no such machine' >&2; exit 1", MACHINE_ERROR, 1, "", "no such machine"},
    {"echo 'KVM internal error' >&2; exec sleep 60", MACHINE_ERROR, -1, "", "KVM internal error"},
    {"echo '!!!! X64 Exception Type - 0E'; echo RIP; exec sleep 60", MACHINE_CRASHED, -1,
     "!!!! X64 Exception Type - 0E\nRIP\n", ""},
    {"echo on; exec sleep 60", MACHINE_TIMED_OUT, -1, "on\n", ""},
    {"printf '\\033[2Jclean\\r\\n'; exit 33", MACHINE_PASSED, 33, "clean\n", ""},
    {"echo name?; read name; echo \"hello $name\"; exit 33", MACHINE_PASSED, 33,
     "name?\nhello you\n", ""},
};

enum { PLAYS = sizeof(plays) / sizeof(plays[0]) };

static void boot_script(const char *script, struct machine machine, struct machine_run *out_run)
{
    AUTO_STRING path = in_folder("qemu.sh");
    AUTO_STRING vars = in_folder("vars");
    AUTO_STRING text = string_format("#!/bin/sh\n%s\n", script);
    struct ovmf ovmf = {code, vars, raw, raw, NULL};
    write_text(path, text);
    write_text(vars, "variables");
    ck_assert_int_eq(chmod(path, 0700), 0);
    setenv("QEMU", path, 1);
    machine.ovmf = &ovmf;
    machine.disk = "disk";
    machine_boot(&machine, out_run);
}

START_TEST(machine_tells_how_it_ended)
{
    static const struct machine_typing typing[] = {{"name?\n", "you\n"}, {NULL, NULL}};
    unsigned timeout_s = plays[_i].outcome == MACHINE_TIMED_OUT ? 4 : 40;
    struct machine_run run;
    boot_script(plays[_i].script, (struct machine){.timeout_s = timeout_s, .typing = typing}, &run);
    ck_assert_msg(run.outcome == plays[_i].outcome, "%s: %s", plays[_i].script,
                  machine_outcome_words(run.outcome));
    ck_assert_int_eq(run.status, plays[_i].status);
    ck_assert_str_eq(bytes_text(&run.serial), plays[_i].serial);
    check_contains(message_text(&run.message), plays[_i].message);
    machine_run_free(&run);
}
END_TEST

START_TEST(machine_is_ended_when_it_says_nothing_any_more)
{
    struct machine_run run;
    boot_script("echo a; sleep 1; echo b; exec sleep 60", (struct machine){.silence_s = 4}, &run);
    ck_assert_int_eq(run.outcome, MACHINE_SILENT);
    ck_assert_str_eq(bytes_text(&run.serial), "a\nb\n");
    machine_run_free(&run);
}
END_TEST

struct slow_reader {
    char *written; /* a file that is there once the machine has written everything */
    bool was_written;
};

/* Reads on only then, or after half a minute. */
static bool when_all_is_written(void *context, const char *text, size_t size)
{
    struct slow_reader *reader = context;
    struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    (void)text;
    (void)size;
    for (int i = 0; i < 300 && !reader->was_written; i++) {
        nanosleep(&pause, NULL);
        reader->was_written = file_exists(reader->written);
    }
    return true;
}

/* QEMU writes the serial port byte by byte; what a stream cannot keep is lost in the firmware. */
START_TEST(machine_may_write_much_while_nobody_reads)
{
    AUTO_STRING written = in_folder("written");
    AUTO_STRING script = string_format("echo; sleep 1; i=0; while [ $i -lt 3000 ]; do printf x; "
                                       "i=$((i+1)); done; echo >'%s'; exit 33",
                                       written);
    struct slow_reader reader = {.written = written};
    struct machine_run run;
    boot_script(script, (struct machine){.output = when_all_is_written, .context = &reader}, &run);
    ck_assert_int_eq(run.outcome, MACHINE_PASSED);
    ck_assert(reader.was_written);
    ck_assert_uint_eq(run.serial.size, 3001);
    machine_run_free(&run);
}
END_TEST

static bool until_enough(void *context, const char *text, size_t size)
{
    bytes_add(context, text, size);
    return strstr(bytes_text(context), "enough") == NULL;
}

START_TEST(machine_is_ended_when_enough_was_seen)
{
    struct bytes seen = {0};
    struct machine_run run;
    boot_script("echo some; sleep 1; echo enough; exec sleep 60",
                (struct machine){.output = until_enough, .context = &seen}, &run);
    ck_assert_int_eq(run.outcome, MACHINE_STOPPED);
    ck_assert_str_eq(bytes_text(&seen), "some\nenough\n");
    bytes_free(&seen);
    machine_run_free(&run);
}
END_TEST

static bool never_enough(void *context, const char *text, size_t size)
{
    bool *last_words = context;
    (void)text;
    (void)size;
    *last_words = true;
    return true;
}

START_TEST(machine_is_ended_after_its_last_words)
{
    bool last_words = false;
    struct machine_run run;
    boot_script("echo this is the end; exec sleep 60",
                (struct machine){.output = never_enough,
                                 .context = &last_words,
                                 .last_words = &last_words,
                                 .timeout_s = 20},
                &run);
    ck_assert_int_eq(run.outcome, MACHINE_STOPPED);
    machine_run_free(&run);
}
END_TEST

/* QEMU as far as it is asked: answer WORD ANSWER replies to the command with the word in it. */
static const char monitor[] =
    "answer() { while read -r line <&3; do\n"
    "case $line in *\"$1\"*) printf '%s\\n' \"$2\" >&3; break;; esac; done; }\n"
    "for a; do case $a in */log) echo 'Triple fault' >\"$a\";; esac; done\n";

START_TEST(machine_for_a_screenshot_ends_at_the_exit_port)
{
    static const struct {
        const char *octal;
        enum machine_outcome outcome;
        int status;
    } ends[] = {
        {"020", MACHINE_PASSED, 33}, {"021", MACHINE_FAILED, 35}, {"003", MACHINE_EXITED, 7}};
    AUTO_STRING script = string_format("%secho last; printf '\\%s' >&4; answer screendump "
                                       "'{\"return\": {}, \"id\": \"screendump\"}'; exec sleep 60",
                                       monitor, ends[_i].octal);
    struct machine_run run;
    boot_script(script, (struct machine){.screenshot = "screen.png", .timeout_s = 20}, &run);
    ck_assert_int_eq(run.outcome, ends[_i].outcome);
    ck_assert_int_eq(run.status, ends[_i].status);
    ck_assert_str_eq(bytes_text(&run.serial), "last\n");
    ck_assert_str_eq(message_text(&run.message), "");
    machine_run_free(&run);
}
END_TEST

START_TEST(machine_says_why_there_is_no_screenshot)
{
    AUTO_STRING script =
        string_format("%sprintf '\\020' >&4; answer screendump "
                      "'{\"error\": {\"desc\": \"no disk space\"}, \"id\": \"screendump\"}'; "
                      "exec sleep 60",
                      monitor);
    struct machine_run run;
    boot_script(script, (struct machine){.screenshot = "screen.png", .timeout_s = 20}, &run);
    ck_assert_int_eq(run.outcome, MACHINE_PASSED);
    check_contains(message_text(&run.message), "QEMU: screendump: no disk space");
    machine_run_free(&run);
}
END_TEST

START_TEST(machine_that_is_examined_tells_of_a_triple_fault)
{
    AUTO_STRING script =
        string_format("%secho '{\"event\": \"SHUTDOWN\"}' >&3; answer registers "
                      "'{\"return\": \"\\r\\nRIP=0000000000100223\\r\\n\", \"id\": "
                      "\"human-monitor-command\"}'; exec sleep 60",
                      monitor);
    struct machine_run run;
    boot_script(script, (struct machine){.examine = true, .timeout_s = 20}, &run);
    ck_assert_int_eq(run.outcome, MACHINE_RESET);
    ck_assert(run.triple_fault);
    ck_assert_str_eq(bytes_text(&run.registers), "\nRIP=0000000000100223\n");
    machine_run_free(&run);
}
END_TEST

START_TEST(machine_leaves_the_log_to_who_wants_it)
{
    static const char *const extra[] = {"-d", "int", NULL};
    struct machine_run run;
    boot_script("echo \"$*\"; exit 33", (struct machine){.examine = true}, &run);
    check_contains(bytes_text(&run.serial), "-d cpu_reset -D /");
    machine_run_free(&run);
    boot_script("echo \"$*\"; exit 33", (struct machine){.examine = true, .extra = extra}, &run);
    ck_assert_ptr_null(strstr(bytes_text(&run.serial), "cpu_reset"));
    machine_run_free(&run);
}
END_TEST

START_TEST(machine_for_gdb_waits_for_it)
{
    struct machine_run run;
    boot_script("echo \"$*\"; exit 33", (struct machine){.gdb = "a,b"}, &run);
    check_contains(bytes_text(&run.serial), "-S -gdb unix:a,,b,server=on,wait=off");
    machine_run_free(&run);
}
END_TEST

START_TEST(machine_without_qemu_says_what_to_install)
{
    AUTO_STRING vars = in_folder("vars");
    struct ovmf ovmf = {code, vars, raw, raw, NULL};
    struct machine machine = {.ovmf = &ovmf, .disk = "disk"};
    struct machine_run run;
    write_text(vars, "variables");
    setenv("QEMU", "/no/such/qemu", 1);
    machine_boot(&machine, &run);
    ck_assert_int_eq(run.outcome, MACHINE_ERROR);
    check_contains(message_text(&run.message), "apt-get install qemu-system-x86");
    machine_run_free(&run);
}
END_TEST

START_TEST(machine_gets_the_options_and_a_copy_of_the_variables)
{
    static const char script[] = "echo \"$*\"\n"
                                 "for a; do case $a in\n"
                                 "*unit=1*) v=${a##*file=}; cat \"$v\"; echo written >\"$v\";;\n"
                                 "file,id=debug,*) echo debugged >\"${a##*path=}\";;\n"
                                 "esac; done; exit 33";
    static const char *const extra[] = {"-s", "-S", NULL};
    struct machine_run run;
    boot_script(
        script,
        (struct machine){
            .machine_type = "pc", .cpu = "qemu64", .memory = "3G", .cpus = 4, .extra = extra},
        &run);
    const char *serial = bytes_text(&run.serial);
    check_contains(serial, "-accel tcg");
    check_contains(serial, "-M pc -cpu qemu64 -m 3G -smp 4");
    check_contains(serial, "unit=0,format=raw,readonly=on,file=code");
    check_contains(serial, " -s -S");
    check_contains(serial, "variables");
    ck_assert_str_eq(bytes_text(&run.debugcon), "debugged\n");
    machine_run_free(&run);
    AUTO_STRING vars = in_folder("vars");
    struct bytes template = {0};
    ck_assert(file_read(vars, &message, &template));
    ck_assert_str_eq(bytes_text(&template), "variables");
    bytes_free(&template);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vm");
    TCase *tests = tcase_create("vm");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, escapes_strips_escape_sequences_wherever_they_are_cut);
    tcase_add_loop_test(tests, ovmf_takes_a_descriptor_where_everything_fits, 0, DESCRIPTORS);
    tcase_add_test(tests, ovmf_named_by_the_environment_comes_first);
    tcase_add_test(tests, ovmf_named_by_the_environment_but_missing_is_an_error);
    tcase_add_loop_test(tests, ovmf_of_a_size_has_that_size, 0, 2);
    tcase_add_test(tests, disk_gives_back_what_was_put_in);
    tcase_add_test(tests, disk_has_the_same_bytes_every_time);
    tcase_add_test(tests, disk_is_gpt_with_fat32);
    tcase_add_test(tests, disk_names_the_file_that_is_missing);
    tcase_add_loop_test(tests, machine_tells_how_it_ended, 0, PLAYS);
    tcase_add_test(tests, machine_is_ended_when_it_says_nothing_any_more);
    tcase_add_test(tests, machine_is_ended_when_enough_was_seen);
    tcase_add_test(tests, machine_may_write_much_while_nobody_reads);
    tcase_add_test(tests, machine_is_ended_after_its_last_words);
    tcase_add_loop_test(tests, machine_for_a_screenshot_ends_at_the_exit_port, 0, 3);
    tcase_add_test(tests, machine_says_why_there_is_no_screenshot);
    tcase_add_test(tests, machine_that_is_examined_tells_of_a_triple_fault);
    tcase_add_test(tests, machine_leaves_the_log_to_who_wants_it);
    tcase_add_test(tests, machine_for_gdb_waits_for_it);
    tcase_add_test(tests, machine_without_qemu_says_what_to_install);
    tcase_add_test(tests, machine_gets_the_options_and_a_copy_of_the_variables);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "vm");
}
