#include "emulator.h"

#include "marks.h"
#include "process.h"
#include "vm/files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MEMORY_DEFAULT_MIB = 2048, SAVE_TIMEOUT_S = 600, RUN_TIMEOUT_S = 600 };

static unsigned memory_of(const struct bench_case *one)
{
    return one->memory_mib == 0 ? MEMORY_DEFAULT_MIB : one->memory_mib;
}

static void add_disk(struct words *words, enum disk disk, const char *folder)
{
    static const char *const devices[] = {
        [DISK_VIRTIO] = "virtio-blk-pci,drive=d,disable-legacy=on,disable-modern=off,"
                        "ioeventfd=off,bootindex=0",
        [DISK_AHCI] = "ide-hd,drive=d,bus=ide.0,bootindex=0",
        [DISK_NVME] = "nvme,drive=d,serial=1,bootindex=0",
    };
    words_add(words, "-drive");
    words_take(words,
               string_format("if=none,id=d,format=raw,file=%s/disk,cache=writeback", folder));
    words_add(words, "-device");
    words_add(words, devices[disk]);
}

/* The same for saving and for going on. */
static void add_machine(struct words *words, const struct bench *bench,
                        const struct bench_case *one, const char *folder)
{
    static const char *const fixed[] = {"-machine",
                                        "q35",
                                        "-accel",
                                        "tcg,thread=single",
                                        "-cpu",
                                        "qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt",
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
    words_add(words, bench->qemu);
    for (size_t i = 0; fixed[i] != NULL; i++) {
        words_add(words, fixed[i]);
    }
    words_add(words, "-vga");
    words_add(words, bench->console);
    words_add(words, "-m");
    words_take(words, string_format("%u", memory_of(one)));
    words_add(words, "-drive");
    words_take(words, string_format("if=pflash,format=%s,unit=0,readonly=on,file=%s",
                                    bench->ovmf.code_format, bench->ovmf.code));
    words_add(words, "-drive");
    words_take(words, string_format("if=pflash,format=%s,unit=1,file=%s/vars",
                                    bench->ovmf.vars_format, folder));
    add_disk(words, one->disk, folder);
    words_add(words, "-serial");
    words_take(words, string_format("file:%s/serial", folder));
    words_add(words, "-debugcon");
    words_take(words, string_format("file:%s/debug", folder));
}

static void add_answer(struct words *words, unsigned answer)
{
    words_add(words, "-global");
    words_take(words, string_format("isa-debugcon.readback=%u", answer));
}

/* Named by all that went into it. NULL: message says what cannot be read. */
static char *state_path(const struct bench *bench, const struct bench_case *one,
                        struct message *message)
{
    struct words words = {0};
    AUTO_STRING chain = bench_built(bench, "efi/chain.EFI");
    add_machine(&words, bench, one, "");
    uint64_t hash = hash_bytes(bench->firmware, bench->qemu_version, strlen(bench->qemu_version));
    for (size_t i = 0; i < words.count; i++) {
        hash = hash_bytes(hash, words.words[i], strlen(words.words[i]));
    }
    words_free(&words);
    hash = hash_file(hash, chain, message);
    hash = hash == 0 ? 0 : hash_file(hash, bench->ovmf.vars, message);
    return hash == 0 ? NULL
                     : string_format("%s/machine-%s-%u-%016" PRIx64, bench->work,
                                     disk_name(one->disk), memory_of(one), hash);
}

/* The disk and the variables, in a folder of their own. */
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

static bool save_in(const struct bench *bench, const struct bench_case *one, const char *folder,
                    const char *state, struct message *message)
{
    struct words words = {0};
    AUTO_STRING debug = string_format("%s/debug", folder);
    AUTO_STRING output = string_format("%s/output", folder);
    AUTO_STRING unfinished = string_format("%s/state", folder);
    AUTO_STRING commands = string_format("migrate_set_parameter max-bandwidth 10G\n"
                                         "migrate \"exec:cat >'%s'\"\nquit\n",
                                         unfinished);
    add_machine(&words, bench, one, folder);
    add_answer(&words, READ_WAIT);
    words_add(&words, "-monitor");
    words_add(&words, "stdio");
    struct process process = {words.words, output, SAVE_TIMEOUT_S, is_ready, debug, commands};
    int status = process_run(&process);
    words_free(&words);
    if (status != 0 || !file_exists(unfinished) || rename(unfinished, state) != 0) {
        struct bytes text = {0};
        if (file_read(output, message, &text)) {
            message_add(message, "the machine could not be saved (status %d): %s", status,
                        bytes_text(&text));
            bytes_free(&text);
        }
        return false;
    }
    return true;
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
    fprintf(stderr, "Saving a machine with %s and %u MiB of memory: about a minute\n",
            disk_name(one->disk), memory_of(one));
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
    struct words words = {0};
    AUTO_STRING output = string_format("%s/output", folder);
    AUTO_STRING plugin = bench_built(bench, "libbenchmark-plugin.so");
    add_machine(&words, bench, one, folder);
    add_answer(&words, answer);
    if (one->disk != DISK_NVME) {
        words_add(&words, "-incoming");
        words_take(&words, string_format("exec:cat '%s'", state));
    }
    words_add(&words, "-plugin");
    words_take(&words, string_format("%s,out=%s/plugin", plugin, folder));
    struct process process = {words.words, output, RUN_TIMEOUT_S, NULL, NULL, NULL};
    *out_run = (struct emulator_run){.status = process_run(&process)};
    words_free(&words);
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
    unsigned answer = (hooked ? READ_GO_HOOKED : READ_GO) | one->fragments << READ_FRAGMENTS;
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
