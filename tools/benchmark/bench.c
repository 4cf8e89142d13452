#include "bench.h"

#include "vm/files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
    return (major >= QEMU_LEAST && major <= QEMU_MOST) ||
           message_add(message,
                       "QEMU %s: the plugin that counts instructions works with QEMU %d to %d",
                       bench->qemu_version, QEMU_LEAST, QEMU_MOST);
}

bool bench_begin(struct bench *bench, struct message *message)
{
    mkdir(bench->work, 0777);
    if (!find_qemu(bench, message) || !ovmf_find("q35", OVMF_4M, message, &bench->ovmf)) {
        return false;
    }
    bench->firmware = hash_file(HASH_START, bench->ovmf.code, message);
    return bench->firmware != 0;
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
