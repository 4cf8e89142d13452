/* The menu, driven through the serial port as a person would, fallbacks and load options. */
#include "harness.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/files.h"

#define ESC   "\x1B"
#define UP    ESC "[A"
#define DOWN  ESC "[B"
#define LEFT  ESC "[D"
#define ENTER "\r"

#define TWO                                                     \
    "[entry one]\nkernel = /boot/hello.bin\ncmdline = first\n"  \
    "[entry two]\nkernel = /boot/hello.bin\ncmdline = second\n" \
    "[entry broken]\nkernel = /boot/none.bin\n"

/* The last rows that are drawn. */
#define DRAWN     "Esc: firmware"
#define COUNTDOWN "any key stops that"

static void boot_with(const char *config, const struct machine_typing *typing,
                      struct machine machine, struct machine_run *out_run)
{
    static struct boot_files files;
    boot_begin(&files);
    boot_add_kernel(&files, "hello.bin");
    boot_add(&files,
             (struct disk_file){.path = "/loader.cfg", .data = config, .size = strlen(config)});
    machine.typing = typing;
    boot_run(&files, machine, out_run);
}

static const struct {
    const char *config;
    struct machine_typing typing[6];
    const char *says; /* the kernel */
    const char *part; /* anybody */
} cases[] = {
    {"timeout = 2\ndefault = two\n" TWO, {{NULL, NULL}}, "command line: 'second'", COUNTDOWN},
    {"timeout = no\n" TWO, {{DRAWN, DOWN ENTER}}, "command line: 'second'", "entry      two"},
    {"timeout = 60\n" TWO, {{COUNTDOWN, "2" ENTER}}, "command line: 'second'", NULL},
    {"timeout = no\n" TWO,
     {{DRAWN, UP}, {"none.bin", UP}, {"second", "e"}, {"with this", " x\x08y" LEFT "z" ENTER}},
     "command line: 'second zy'",
     NULL},
    {"timeout = no\n" TWO,
     {{DRAWN, "3" ENTER}, {"Check the path", "1" ENTER}},
     "command line: 'first'",
     "/boot/none.bin: error: no such file (EFI_NOT_FOUND)"},
    {"default = broken\nfallback = two\n" TWO,
     {{NULL, NULL}},
     "command line: 'second'",
     "/boot/none.bin: error: no such file (EFI_NOT_FOUND)"},
    {"default = broken\n" TWO,
     {{"firmware in 8", "2" ENTER}},
     "command line: 'second'",
     "Back to the firmware in"},
};

START_TEST(the_menu_does_as_it_is_told)
{
    struct machine_run run;
    boot_with(cases[_i].config, cases[_i].typing, (struct machine){0}, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, cases[_i].says);
    if (cases[_i].part != NULL) {
        boot_expect_text(&run, cases[_i].part);
    }
    machine_run_free(&run);
}
END_TEST

#define SPACES_8   "        "
#define SPACES_64  SPACES_8 SPACES_8 SPACES_8 SPACES_8 SPACES_8 SPACES_8 SPACES_8 SPACES_8
#define SPACES_512 SPACES_64 SPACES_64 SPACES_64 SPACES_64 SPACES_64 SPACES_64 SPACES_64 SPACES_64
#define SPACES     SPACES_512 SPACES_512 SPACES_512 SPACES_512 SPACES_512 SPACES_512 SPACES_512

static const struct machine_typing choose_two[] = {{DRAWN, "2" ENTER}, {NULL, NULL}};
static const struct machine_typing hold_space[] = {
    {"BdsDxe", SPACES}, {DRAWN, "2" ENTER}, {NULL, NULL}};

/* The terminal repeats the key more often than the firmware takes it. */
START_TEST(a_key_held_on_the_serial_port_calls_the_menu)
{
    struct machine_run run;
    boot_with("timeout = 0\n" TWO, hold_space, (struct machine){0}, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, "command line: 'second'");
    machine_run_free(&run);
}
END_TEST

/* A child process holds the space bar, as QEMU's monitor lets it, until the machine is gone. */
static pid_t hold_key(const char *path)
{
    pid_t child = fork();
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    static const char command[] = "sendkey spc 60\n";
    if (child != 0) {
        return child;
    }
    signal(SIGPIPE, SIG_DFL);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    int monitor = socket(AF_UNIX, SOCK_STREAM, 0);
    for (int i = 0; i < 300; i++) {
        if (connect(monitor, (struct sockaddr *)&address, sizeof(address)) == 0) {
            break;
        }
        usleep(100000);
    }
    while (write(monitor, command, sizeof(command) - 1) > 0) {
        usleep(92000);
    }
    _exit(0);
}

START_TEST(a_key_held_on_the_keyboard_calls_the_menu)
{
    struct message message = {0};
    struct machine_run run;
    char *folder = NULL;
    ck_assert(folder_make_temporary(&message, &folder));
    AUTO_STRING path = string_format("%s/monitor", folder);
    AUTO_STRING monitor = string_format("unix:%s,server=on,wait=off", path);
    const char *const extra[] = {"-monitor", monitor, NULL};
    pid_t child = hold_key(path);
    ck_assert_int_gt(child, 0);
    boot_with("timeout = 0\n" TWO, choose_two, (struct machine){.extra = extra}, &run);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, "command line: 'second'");
    machine_run_free(&run);
    folder_remove(folder);
    free(folder);
    message_free(&message);
}
END_TEST

/* The firmware's shell passes what stands after the name as load options. */
START_TEST(load_options_choose_without_a_menu)
{
    static const char *const scripts[] = {
        "fs0:\\baton.efi entry=two\r\n",
        "fs0:\\baton.efi config=/boot/other.cfg quiet\r\n",
    };
    static const char *const says[] = {"command line: 'second'", "command line: 'other'"};
    static const char config[] = "timeout = no\n" TWO;
    static const char other[] = "kernel = /boot/hello.bin\ncmdline = other\n";
    static const struct machine_typing skip[] = {{"to skip startup.nsh", "x"}, {NULL, NULL}};
    static struct boot_files files;
    struct machine_run run;
    files.count = 0;
    boot_add(&files,
             (struct disk_file){.path = "/baton.efi", .host = BATON_BUILD_DIR "/BOOTX64.EFI"});
    boot_add_kernel(&files, "hello.bin");
    boot_add(&files,
             (struct disk_file){.path = "/loader.cfg", .data = config, .size = sizeof(config) - 1});
    boot_add(&files, (struct disk_file){
                         .path = "/boot/other.cfg", .data = other, .size = sizeof(other) - 1});
    boot_add(&files, (struct disk_file){
                         .path = "/startup.nsh", .data = scripts[_i], .size = strlen(scripts[_i])});
    boot_run(&files, (struct machine){.typing = skip}, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, says[_i]);
    machine_run_free(&run);
}
END_TEST

START_TEST(escape_leaves_to_the_firmware)
{
    static const struct machine_typing typing[] = {
        {DRAWN, ESC}, {"skip startup.nsh", ESC}, {"Shell>", "reset\r"}, {NULL, NULL}};
    struct machine_run run;
    boot_with("timeout = no\n" TWO, typing, (struct machine){0}, &run);
    boot_expect(&run, MACHINE_RESET);
    boot_expect_no_text(&run, "Press a key to return");
    machine_run_free(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boot-menu");
    TCase *tests = tcase_create("menu");
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    tcase_add_loop_test(tests, the_menu_does_as_it_is_told, 0,
                        (int)(sizeof(cases) / sizeof(cases[0])));
    tcase_add_test(tests, a_key_held_on_the_serial_port_calls_the_menu);
    tcase_add_test(tests, a_key_held_on_the_keyboard_calls_the_menu);
    tcase_add_loop_test(tests, load_options_choose_without_a_menu, 0, 2);
    tcase_add_test(tests, escape_leaves_to_the_firmware);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "boot-menu");
}
