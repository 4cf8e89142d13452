#include "bench.h"

#include "kernel.h"
#include "vm/files.h"

#include <stdlib.h>
#include <string.h>

/* The plugin is written for interface 1: QEMU 9 takes 2 at least. */
enum { QEMU_LEAST = 5, QEMU_MOST = 8 };

uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *byte = bytes;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ byte[i]) * UINT64_C(0x100000001B3);
    }
    return hash;
}

uint64_t hash_file(uint64_t hash, const char *path, struct message *message)
{
    struct bytes bytes = {0};
    if (!file_read(path, message, &bytes)) {
        return 0;
    }
    hash = hash_bytes(hash, bytes.data, bytes.size);
    bytes_free(&bytes);
    return hash;
}

/* "QEMU emulator version 7.2.22 (Debian ...)" */
static bool find_qemu(struct bench *bench, struct message *message)
{
    static const char before[] = "version ";
    const char *named = getenv("QEMU");
    bench->qemu = string_copy(named == NULL ? "qemu-system-x86_64" : named);
    const char *const argv[] = {bench->qemu, "--version", NULL};
    struct bytes output = {0};
    if (!program_output(argv, message, &output)) {
        return false;
    }
    const char *version = strstr(bytes_text(&output), before);
    version = version == NULL ? "" : version + strlen(before);
    bench->qemu_version = string_format("%.*s", (int)strcspn(version, " \n("), version);
    bytes_free(&output);
    long major = strtol(bench->qemu_version, NULL, 10);
    bench->unsupported = major < QEMU_LEAST || major > QEMU_MOST;
    return !bench->unsupported ||
           message_add(message,
                       "QEMU %s: the plugin that counts instructions works with QEMU %d to %d",
                       bench->qemu_version, QEMU_LEAST, QEMU_MOST);
}

/* The folder stands in commands of a shell and of QEMU's monitor. */
static bool can_be_quoted(const char *folder, struct message *message)
{
    return strpbrk(folder, "'\"\\\n") == NULL ||
           message_add(message,
                       "'%s': the folder of work must not have quotes, backslashes or line ends in "
                       "its name",
                       folder);
}

static bool hash_parts(struct bench *bench, struct message *message)
{
    AUTO_STRING head = bench_built(bench, "benchmark-kernel.bin");
    AUTO_STRING stub = bench_built(bench, "efi/kernel-image.EFI");
    bench->firmware = hash_file(HASH_START, bench->ovmf.code, message);
    bench->made = kernel_hash(&(struct kernel_parts){head, stub}, message);
    return bench->firmware != 0 && bench->made != 0;
}

bool bench_begin(struct bench *bench, struct message *message)
{
    return can_be_quoted(bench->work, message) &&
           (folder_exists(bench->work) || folder_make(bench->work, message)) &&
           find_qemu(bench, message) && ovmf_find("q35", OVMF_4M, message, &bench->ovmf) &&
           hash_parts(bench, message);
}

void bench_end(struct bench *bench)
{
    ovmf_free(&bench->ovmf);
    free(bench->qemu);
    free(bench->qemu_version);
}

char *bench_built(const struct bench *bench, const char *name)
{
    return string_format("%s/tools/benchmark/%s", bench->build, name);
}

char *bench_work(const struct bench *bench, const char *name)
{
    return string_format("%s/%s", bench->work, name);
}
