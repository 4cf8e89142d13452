#include "tool.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

char *folder;
struct message message;
struct bytes output;

void tool_set_up(void)
{
    ck_assert(folder_make_temporary(&message, &folder));
    setenv("BATON", BATON_BUILD_DIR "/baton", 1);
    setenv("BUILD", BATON_BUILD_DIR, 1);
    setenv("SOURCE", BATON_SOURCE_DIR, 1);
}

void tool_tear_down(void)
{
    folder_remove(folder);
    free(folder);
    message_free(&message);
    bytes_free(&output);
}

char *tool_in_folder(const char *name)
{
    return string_format("%s/%s", folder, name);
}

int tool_run(const char *line)
{
    AUTO_STRING script = tool_in_folder("line.sh");
    AUTO_STRING command = string_format("cd '%s' && bash ./line.sh 2>&1", folder);
    char data[1024];
    size_t size;
    tool_write("line.sh", line);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    bytes_free(&output);
    while ((size = fread(data, 1, sizeof(data), pipe)) > 0) {
        bytes_add(&output, data, size);
    }
    int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void show_output(void)
{
    printf("----\n%s\n----\n", bytes_text(&output));
    fflush(stdout);
}

void tool_expect(const char *part)
{
    if (strstr(bytes_text(&output), part) == NULL) {
        show_output();
        ck_abort_msg("no '%s'", part);
    }
}

void tool_expect_no(const char *part)
{
    if (strstr(bytes_text(&output), part) != NULL) {
        show_output();
        ck_abort_msg("'%s'", part);
    }
}

void tool_expect_status(int status, int wanted)
{
    if (status != wanted) {
        show_output();
        ck_abort_msg("exit status %d, not %d", status, wanted);
    }
}

void tool_check(const char *line, int status, const char *part)
{
    int got = tool_run(line);
    if (got != status) {
        printf("%s\n", line);
    }
    tool_expect_status(got, status);
    tool_expect(part);
}

void tool_write(const char *name, const char *text)
{
    AUTO_STRING path = tool_in_folder(name);
    ck_assert_msg(file_write(path, text, strlen(text), &message), "%s", message_text(&message));
}

void tool_play_qemu(const char *script)
{
    static const char functions[] =
        "#!/bin/bash\n"
        "answer() { while read -r line <&3; do\n"
        "case $line in *\"$1\"*) printf '%s\\n' \"$2\" >&3; break;; esac; done; }\n"
        "registers() { answer 'info registers' \"{\\\"return\\\": \\\"$1\\\", \\\"id\\\": "
        "\\\"human-monitor-command\\\"}\"; }\n"
        "for a; do case $a in file,id=debug,*) debug=${a##*path=};; esac; done\n";
    AUTO_STRING text = string_format("%s%s\n", functions, script);
    AUTO_STRING path = tool_in_folder("qemu");
    AUTO_STRING firmware = tool_in_folder("firmware");
    tool_write("qemu", text);
    tool_write("firmware", "firmware");
    ck_assert_int_eq(chmod(path, 0700), 0);
    setenv("QEMU", path, 1);
    setenv("OVMF_CODE", firmware, 1);
    setenv("OVMF_VARS", firmware, 1);
}

void tool_compile(const char *source, const char *options)
{
    AUTO_STRING line = string_format(
        "cc -std=c11 -g -ffreestanding -fno-pic -mno-red-zone -fno-stack-protector -nostdlib "
        "-static -fcf-protection=none -Wl,-T,$SOURCE/abi/kernel.ld -Wl,--build-id=none "
        "-I$SOURCE/abi %s k.c -o k.elf && objcopy -O binary k.elf k.bin",
        options);
    tool_write("k.c", source);
    tool_check(line, 0, "");
}
