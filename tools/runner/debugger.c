#include "debugger.h"

#include "vm/files.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum {
    TRIAL_S = 60,
    SOCKET_TRIES = 200,
    SOCKET_PAUSE_MS = 50,
    PE_HEADER_POINTER = 0x3C,
    PE_IMAGE_BASE = 0x30, /* from "PE\0\0", in a PE32+ file */
};

static const char base_mark[] = "loader at 0x";
static const char trial_config[] = "log = verbose\nkernel = /none\n";

static bool until_known(void *context, const char *text, size_t size)
{
    struct bytes *seen = context;
    bytes_add(seen, text, size);
    const char *mark = strstr(bytes_text(seen), base_mark);
    return mark == NULL || strchr(mark, ',') == NULL;
}

/* The firmware's allocations depend on the machine and on what lies beside the loader; not on
 * what the loader does, later. */
bool debugger_find_loader(const struct machine *machine, const struct kernel *kernel,
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
    trial.gdb_socket = NULL;
    trial.examine = false;
    trial.timeout_s = TRIAL_S;
    trial.output = until_known;
    trial.debug_output = NULL;
    trial.last_words = NULL;
    trial.context = &seen;
    bool known = false;
    if (kernel_make_disk(kernel, &config, disk, &ignored)) {
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

/* What the file is linked for (PE/COFF specification, "Optional Header"); 0: this is no PE file. */
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
    AUTO_STRING loader = string_format("%s/BOOTX64.debug.EFI", BATON_BUILD_DIR);
    uint64_t base = image_base(loader);
    if (loader_address == 0 || base == 0) {
        fputs("echo Where the loader will lie is not known: it has no names.\\n\n", file);
        return;
    }
    fprintf(file, "add-symbol-file \"%s\" -o 0x%llx\n", loader,
            (unsigned long long)(loader_address - base));
    /* Its debug information names files from the folder of the source on. */
    fputs("set substitute-path loader " BATON_SOURCE_DIR "/loader\n", file);
}

static void write_kernel(FILE *file, const struct symbols *symbols)
{
    if (symbols->elf == NULL) {
        fputs("echo No ELF file lies beside the kernel: it has no names.\\n\n", file);
        return;
    }
    fprintf(file, "file \"%s\"\n", symbols->elf);
}

bool debugger_write_script(const char *script, const char *socket, const struct kernel *kernel,
                           uint64_t loader_address, struct message *message)
{
    FILE *file = fopen(script, "w");
    if (file == NULL) {
        return message_add(message, "%s: %s", script, strerror(errno));
    }
    fputs("set confirm off\nset pagination off\nset architecture i386:x86-64\n", file);
    write_kernel(file, &kernel->symbols);
    write_loader(file, loader_address);
    fprintf(file, "target remote %s\n", socket);
    fputs("echo \\nThe machine stands before its first instruction.\\n\n", file);
    if (kernel->symbols.elf != NULL) {
        fprintf(file, "thbreak *0x%llx\n", (unsigned long long)kernel->symbols.entry);
        fputs("echo 'continue' runs to the first instruction of the kernel.\\n\n", file);
    }
    if (loader_address != 0) {
        fputs("echo 'thbreak efi_main' stops in the loader before that.\\n\n", file);
    }
    return fclose(file) == 0 || message_add(message, "%s: %s", script, strerror(errno));
}

pid_t debugger_start(const char *script, const char *socket)
{
    const struct timespec pause = {.tv_nsec = SOCKET_PAUSE_MS * 1000000L};
    pid_t gdb = fork();
    if (gdb != 0) {
        return gdb;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    for (int i = 0; i < SOCKET_TRIES && access(socket, F_OK) != 0; i++) {
        nanosleep(&pause, NULL);
    }
    execlp("gdb", "gdb", "-q", "-x", script, (char *)NULL);
    fprintf(stderr, "gdb: %s; install it: apt-get install gdb\n", strerror(errno));
    _exit(127);
}
