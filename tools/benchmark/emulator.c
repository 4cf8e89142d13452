#include "emulator.h"

#include "marks.h"
#include "process.h"
#include "vm/arguments.h"
#include "vm/files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CPU "qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt"

enum { MEMORY_DEFAULT_MIB = 2048, SAVE_TIMEOUT_S = 600, RUN_TIMEOUT_S = 600 };

static unsigned memory_of(const struct bench_case *one)
{
    return one->memory_mib == 0 ? MEMORY_DEFAULT_MIB : one->memory_mib;
}

static void add_disk(struct arguments *arguments, enum disk disk, const char *folder)
{
    static const char *const devices[] = {
        [DISK_VIRTIO] = "virtio-blk-pci,drive=d,disable-legacy=on,disable-modern=off,"
                        "ioeventfd=off,bootindex=0",
        [DISK_AHCI] = "ide-hd,drive=d,bus=ide.0,bootindex=0",
        [DISK_NVME] = "nvme,drive=d,serial=1,bootindex=0",
    };
    arguments_add_pair(
        arguments, "-drive",
        string_format("if=none,id=d,format=raw,file=%s/disk,cache=writeback", folder));
    arguments_add_pair(arguments, "-device", string_copy(devices[disk]));
}

/* Firmware and disk. folder: as a part of QEMU's options, comma_safe. */
static void add_images(struct arguments *arguments, const struct bench *bench,
                       const struct bench_case *one, const char *folder)
{
    AUTO_STRING code = comma_safe(bench->ovmf.code);
    arguments_add_pair(arguments, "-drive",
                       string_format("if=pflash,format=%s,unit=0,readonly=on,file=%s",
                                     bench->ovmf.code_format, code));
    arguments_add_pair(
        arguments, "-drive",
        string_format("if=pflash,format=%s,unit=1,file=%s/vars", bench->ovmf.vars_format, folder));
    add_disk(arguments, one->disk, folder);
}

/* The same for saving and for going on. */
static void add_machine(struct arguments *arguments, const struct bench *bench,
                        const struct bench_case *one, const char *folder)
{
    static const char *const fixed[] = {"-machine",
                                        "q35",
                                        "-accel",
                                        "tcg,thread=single",
                                        "-nodefaults",
                                        "-no-user-config",
                                        "-icount",
                                        "shift=0,sleep=off,align=off",
                                        "-rtc",
                                        "base=2020-01-01T00:00:00,clock=vm",
                                        "-net",
                                        "none",
                                        "-no-reboot",
                                        "-display",
                                        "none",
                                        "-device",
                                        "isa-debug-exit,iobase=0xf4,iosize=1",
                                        "-global",
                                        "isa-debugcon.iobase=0xe9",
                                        NULL};
    AUTO_STRING safe_folder = comma_safe(folder);
    arguments_add(arguments, bench->qemu);
    arguments_add_words(arguments, fixed);
    arguments_add_pair(arguments, "-cpu",
                       string_copy(one->without_pclmulqdq ? CPU : CPU ",+pclmulqdq"));
    arguments_add_pair(arguments, "-vga", string_copy(bench->console));
    arguments_add_pair(arguments, "-m", string_format("%u", memory_of(one)));
    add_images(arguments, bench, one, safe_folder);
    /* What follows "file:" is the path as it is. */
    arguments_add_pair(arguments, "-serial", string_format("file:%s/serial", folder));
    arguments_add_pair(arguments, "-debugcon", string_format("file:%s/debug", folder));
}

static void add_answer(struct arguments *arguments, unsigned answer)
{
    arguments_add_pair(arguments, "-global", string_format("isa-debugcon.readback=%u", answer));
}

/* Named by all that went into it. NULL: message says what cannot be read. */
static char *state_path(const struct bench *bench, const struct bench_case *one,
                        struct message *message)
{
    static const uint64_t disk_size = EMULATOR_DISK_SIZE;
    struct arguments arguments = {0};
    AUTO_STRING chain = bench_built(bench, "efi/chain.EFI");
    add_machine(&arguments, bench, one, "");
    uint64_t hash = hash_bytes(bench->firmware, bench->qemu_version, strlen(bench->qemu_version));
    hash = hash_bytes(hash, &disk_size, sizeof(disk_size));
    for (size_t i = 0; i < arguments.count; i++) {
        hash = hash_bytes(hash, arguments.argv[i], strlen(arguments.argv[i]));
    }
    arguments_free(&arguments);
    hash = hash_file(hash, chain, message);
    hash = hash == 0 ? 0 : hash_file(hash, bench->ovmf.vars, message);
    return hash == 0 ? NULL
                     : string_format("%s/machine-%s-%u-%016" PRIx64, bench->work,
                                     disk_name(one->disk), memory_of(one), hash);
}

/* A new folder with the disk and the variables. */
static bool make_folder(const struct bench *bench, const struct disk_file *files, size_t file_count,
                        struct message *message, char **out_folder)
{
    char *folder = string_format("%s/run-XXXXXX", bench->work);
    if (mkdtemp(folder) == NULL) {
        message_add(message, "cannot make a folder in %s", bench->work);
        free(folder);
        return false;
    }
    AUTO_STRING disk = string_format("%s/disk", folder);
    AUTO_STRING vars = string_format("%s/vars", folder);
    if (!disk_make_sized(disk, EMULATOR_DISK_SIZE, files, file_count, message) ||
        !file_copy(bench->ovmf.vars, vars, message)) {
        folder_remove(folder);
        free(folder);
        return false;
    }
    *out_folder = folder;
    return true;
}

static bool is_ready(void *context)
{
    struct message ignored = {0};
    struct bytes debug = {0};
    bool ready =
        file_read(context, &ignored, &debug) && strstr(bytes_text(&debug), "READY") != NULL;
    bytes_free(&debug);
    message_free(&ignored);
    return ready;
}

/* Whether QEMU's monitor wrote that the machine was saved; else message has what it wrote, but for
 * the echo of the commands. */
static bool was_saved(const char *output, int status, struct message *message)
{
    static const char completed[] = "Migration status: completed";
    struct bytes text = {0};
    if (!file_read(output, message, &text)) {
        return false;
    }
    const char *answer = strstr(bytes_text(&text), "Migration status: ");
    bool saved =
        status == 0 && answer != NULL && strncmp(answer, completed, strlen(completed)) == 0;
    if (!saved) {
        message_add(message, "the machine could not be saved (QEMU's status %d): %s", status,
                    answer == NULL ? bytes_text(&text) : answer);
    }
    bytes_free(&text);
    return saved;
}

static bool save_in(const struct bench *bench, const struct bench_case *one, const char *folder,
                    const char *state, struct message *message)
{
    struct arguments arguments = {0};
    AUTO_STRING debug = string_format("%s/debug", folder);
    AUTO_STRING output = string_format("%s/output", folder);
    AUTO_STRING unfinished = string_format("%s/state", folder);
    AUTO_STRING commands = string_format("migrate_set_parameter max-bandwidth 10G\n"
                                         "migrate \"exec:cat >'%s'\"\ninfo migrate\nquit\n",
                                         unfinished);
    add_machine(&arguments, bench, one, folder);
    add_answer(&arguments, READ_WAIT);
    arguments_add_pair(&arguments, "-monitor", string_copy("stdio"));
    struct process process = {arguments.argv, output, SAVE_TIMEOUT_S, is_ready, debug, commands};
    int status = process_run(&process);
    arguments_free(&arguments);
    if (!was_saved(output, status, message)) {
        return false;
    }
    return rename(unfinished, state) == 0 ||
           message_add(message, "%s: cannot be renamed to %s", unfinished, state);
}

bool emulator_save(const struct bench *bench, const struct bench_case *one, struct message *message)
{
    if (one->disk == DISK_NVME) {
        return true;
    }
    AUTO_STRING state = state_path(bench, one, message);
    AUTO_STRING chain = bench_built(bench, "efi/chain.EFI");
    const struct disk_file file = {.path = "/EFI/BOOT/BOOTX64.EFI", .host = chain};
    char *folder = NULL;
    if (state == NULL || file_exists(state)) {
        return state != NULL;
    }
    fprintf(stderr, "Saving a machine with %s and %u MiB of memory%s: about a minute\n",
            disk_name(one->disk), memory_of(one),
            one->without_pclmulqdq ? ", its CPU without PCLMULQDQ" : "");
    if (!make_folder(bench, &file, 1, message, &folder)) {
        return false;
    }
    bool good = save_in(bench, one, folder, state, message);
    folder_remove(folder);
    free(folder);
    return good;
}

static void collect(const char *folder, const char *name, struct bytes *out_bytes)
{
    struct message ignored = {0};
    AUTO_STRING path = string_format("%s/%s", folder, name);
    if (!file_read(path, &ignored, out_bytes)) {
        *out_bytes = (struct bytes){0};
    }
    message_free(&ignored);
}

static void run_in(const struct bench *bench, const struct bench_case *one, const char *folder,
                   const char *state, unsigned answer, struct emulator_run *out_run)
{
    struct arguments arguments = {0};
    AUTO_STRING output = string_format("%s/output", folder);
    AUTO_STRING plugin = bench_built(bench, "libbenchmark-plugin.so");
    AUTO_STRING safe_plugin = comma_safe(plugin);
    AUTO_STRING safe_folder = comma_safe(folder);
    add_machine(&arguments, bench, one, folder);
    add_answer(&arguments, answer);
    if (one->disk != DISK_NVME) {
        arguments_add_pair(&arguments, "-incoming", string_format("exec:cat '%s'", state));
    }
    arguments_add_pair(&arguments, "-plugin",
                       string_format("%s,out=%s/plugin", safe_plugin, safe_folder));
    struct process process = {arguments.argv, output, RUN_TIMEOUT_S, NULL, NULL, NULL};
    *out_run = (struct emulator_run){.status = process_run(&process)};
    arguments_free(&arguments);
    collect(folder, "debug", &out_run->debug);
    collect(folder, "serial", &out_run->serial);
    collect(folder, "plugin", &out_run->plugin);
    collect(folder, "output", &out_run->output);
}

bool emulator_run(const struct bench *bench, const struct bench_case *one,
                  const struct disk_file *files, size_t file_count, bool hooked,
                  struct message *message, struct emulator_run *out_run)
{
    AUTO_STRING state = state_path(bench, one, message);
    char *folder = NULL;
    if (state == NULL || !make_folder(bench, files, file_count, message, &folder)) {
        return false;
    }
    unsigned answer = (hooked ? READ_GO_HOOKED : READ_GO) |
                      (one->entry_is_named ? READ_GO_ENTRY : 0) | one->fragments << READ_FRAGMENTS;
    run_in(bench, one, folder, state, answer, out_run);
    folder_remove(folder);
    free(folder);
    return true;
}

void emulator_run_free(struct emulator_run *run)
{
    bytes_free(&run->debug);
    bytes_free(&run->serial);
    bytes_free(&run->plugin);
    bytes_free(&run->output);
}
