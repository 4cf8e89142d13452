#include "debugger.h"

#include "data.h"
#include "vm/files.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    TRIAL_S = 60,
    SOCKET_TRIES = 200,
    SOCKET_PAUSE_MS = 50,
    SOCKET_PATH_MAX = 107, /* unix(7) */
    PE_HEADER_POINTER = 0x3C,
    PE_IMAGE_BASE = 0x30, /* from "PE\0\0", in a PE32+ file */
};

static const char base_mark[] = "loader at 0x";
static const char trial_config[] = "log = verbose\nkernel = /none\n";

/* The same file for a program that was started in another folder. */
static char *absolute(const char *path)
{
    AUTO_STRING folder = getcwd(NULL, 0); /* as glibc, musl and the BSDs have it */
    return path[0] == '/' || folder == NULL ? string_copy(path)
                                            : string_format("%s/%s", folder, path);
}

/* Who is here again after a run that was killed finds the old socket. */
static void remove_socket(const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISSOCK(status.st_mode)) {
        remove(path);
    }
}

static bool choose_socket(const char *at, struct message *message, struct debugger *debugger)
{
    AUTO_STRING whole = absolute(at);
    /* What is too long for a socket's address works from this folder. */
    debugger->where = string_copy(strlen(whole) <= SOCKET_PATH_MAX ? whole : at);
    if (strlen(debugger->where) > SOCKET_PATH_MAX) {
        return message_add(message, "--gdb: the name of a socket has at most %d bytes: %s",
                           SOCKET_PATH_MAX, at);
    }
    remove_socket(debugger->where);
    debugger->target = string_copy(debugger->where);
    debugger->socket = true;
    return true;
}

bool debugger_choose(const char *at, struct message *message, struct debugger *out_debugger)
{
    bool port = at != NULL && at[0] != '\0' && strspn(at, "0123456789") == strlen(at);
    if (mkdir("build", 0777) != 0 && errno != EEXIST) {
        return message_add(message, "cannot make a folder 'build' here for gdb.txt: %s",
                           strerror(errno));
    }
    out_debugger->script = absolute("build/gdb.txt");
    if (port) {
        out_debugger->where = string_copy(at);
        out_debugger->target = string_format("localhost:%s", at);
        return true;
    }
    return choose_socket(at == NULL || at[0] == '\0' ? "build/gdb.socket" : at, message,
                         out_debugger);
}

void debugger_free(struct debugger *debugger)
{
    string_free(&debugger->script);
    string_free(&debugger->where);
    string_free(&debugger->target);
}

static bool until_known(void *context, const char *text, size_t size)
{
    struct bytes *seen = context;
    bytes_add(seen, text, size);
    const char *mark = strstr(bytes_text(seen), base_mark);
    return mark == NULL || strchr(mark, ',') == NULL;
}

/* The firmware's allocations depend on the machine and on what lies beside the loader; not on
 * what the loader does, later. */
bool debugger_find_loader(const struct machine *machine, const struct project *project,
                          const char *folder, uint64_t *out_address)
{
    AUTO_STRING disk = string_format("%s/trial", folder);
    struct message ignored = {0};
    struct bytes config = {0};
    struct bytes seen = {0};
    struct machine trial = *machine;
    struct machine_run run;
    bytes_add(&config, trial_config, strlen(trial_config));
    trial.disk = disk;
    trial.screenshot = NULL;
    trial.gdb = NULL;
    trial.begun = NULL;
    trial.notice_halt = false;
    trial.input = NULL;
    trial.examine = false;
    trial.timeout_s = TRIAL_S;
    trial.output = until_known;
    trial.debug_output = NULL;
    trial.last_words = NULL;
    trial.context = &seen;
    bool known = false;
    if (project_make_disk(project, &config, disk, &ignored)) {
        machine_boot(&trial, &run);
        const char *mark = strstr(bytes_text(&seen), base_mark);
        known = mark != NULL;
        if (known) {
            *out_address = strtoull(mark + strlen(base_mark), NULL, 16);
        }
        machine_run_free(&run);
    }
    bytes_free(&config);
    bytes_free(&seen);
    message_free(&ignored);
    return known;
}

/* What the file is linked for (PE/COFF specification, "Optional Header"); 0: this is no PE
 * file. */
static uint64_t image_base(const char *path)
{
    struct message ignored = {0};
    struct bytes file = {0};
    uint32_t header = 0;
    uint64_t base = 0;
    if (file_read(path, &ignored, &file) && file.size > PE_HEADER_POINTER + sizeof(header)) {
        memcpy(&header, file.data + PE_HEADER_POINTER, sizeof(header));
        if (file.size > (size_t)header + PE_IMAGE_BASE + sizeof(base)) {
            memcpy(&base, file.data + header + PE_IMAGE_BASE, sizeof(base));
        }
    }
    bytes_free(&file);
    message_free(&ignored);
    return base;
}

static void write_loader(FILE *file, uint64_t loader_address)
{
    struct message ignored = {0};
    AUTO_STRING loader = data_find("BOOTX64.debug.EFI", &ignored);
    uint64_t base = loader == NULL ? 0 : image_base(loader);
    message_free(&ignored);
    if (loader_address == 0 || base == 0) {
        fputs("echo Where the loader will lie is not known: it has no names.\\n\n", file);
        return;
    }
    fprintf(file, "add-symbol-file \"%s\" -o 0x%llx\n", loader,
            (unsigned long long)(loader_address - base));
    if (data_source_folder() != NULL) {
        /* Its debug information names files from the folder of the source on. */
        fprintf(file, "set substitute-path loader %s/loader\n", data_source_folder());
    }
}

static void write_kernel(FILE *file, const struct symbols *symbols)
{
    if (symbols->elf == NULL) {
        fputs("echo No ELF file lies beside the kernel: it has no names.\\n\n", file);
        return;
    }
    AUTO_STRING elf = absolute(symbols->elf);
    fprintf(file, "file \"%s\"\n", elf);
}

bool debugger_write_script(const struct debugger *debugger, const struct symbols *symbols,
                           uint64_t loader_address, struct message *message)
{
    FILE *file = fopen(debugger->script, "w");
    if (file == NULL) {
        return message_add(message, "%s: %s", debugger->script, strerror(errno));
    }
    fputs("set confirm off\nset pagination off\nset architecture i386:x86-64\n", file);
    write_kernel(file, symbols);
    write_loader(file, loader_address);
    fprintf(file, "target remote %s\n", debugger->target);
    fputs("echo \\nThe machine stands before its first instruction.\\n\n", file);
    if (symbols->elf != NULL) {
        fprintf(file, "thbreak *0x%llx\n", (unsigned long long)symbols->entry);
        fputs("echo 'continue' runs to the first instruction of the kernel.\\n\n", file);
    }
    if (loader_address != 0) {
        fputs("echo 'thbreak efi_main' stops in the loader before that.\\n\n", file);
    }
    return fclose(file) == 0 || message_add(message, "%s: %s", debugger->script, strerror(errno));
}

pid_t debugger_start(const struct debugger *debugger)
{
    const struct timespec pause = {.tv_nsec = SOCKET_PAUSE_MS * 1000000L};
    pid_t gdb = fork();
    if (gdb != 0) {
        return gdb;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (debugger->socket) {
        for (int i = 0; i < SOCKET_TRIES && access(debugger->where, F_OK) != 0; i++) {
            nanosleep(&pause, NULL);
        }
    } else {
        nanosleep(&(struct timespec){.tv_sec = 1}, NULL); /* QEMU listens by then */
    }
    execlp("gdb", "gdb", "-q", "-x", debugger->script, (char *)NULL);
    fprintf(stderr, "gdb: %s; install it: apt-get install gdb\n", strerror(errno));
    _exit(127);
}
