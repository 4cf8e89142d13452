#include "kernel.h"

#include "bench.h"
#include "container.h"
#include "payload.h"
#include "vm/files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* kernel/kernel.ld has these places, kernel/entry.S the sums. */
enum { HEAD_SIZE = 0x2000, ENTRY32 = 0x200, SUMS = 0x600, GZIP_LEVEL = 9 };
enum { MULTIBOOT2 = 0x400, MULTIBOOT2_SIZE = 24 }; /* the header that GRUB looks for */
#define ADDRESS_MULTIBOOT2  UINT64_C(0x100000)
#define ADDRESS_ELF         UINT64_C(0x4000000)
#define ADDRESS_HIGHER_HALF UINT64_C(0xFFFFFFFF80000000)

struct sums {
    uint64_t payload;
    uint64_t payload32;
    uint64_t words;
    uint64_t modules;
};

static uint64_t sum_of(const uint8_t *bytes, uint64_t size)
{
    uint64_t sum = 0;
    for (uint64_t at = 0; at + sizeof(sum) <= size; at += sizeof(sum)) {
        uint64_t word;
        memcpy(&word, bytes + at, sizeof(word));
        sum += word;
    }
    return sum;
}

static uint64_t sum32_of(const uint8_t *bytes, uint64_t size)
{
    uint32_t sum = 0;
    for (uint64_t at = 0; at + sizeof(sum) <= size; at += sizeof(sum)) {
        uint32_t word;
        memcpy(&word, bytes + at, sizeof(word));
        sum += word;
    }
    return sum;
}

static uint64_t modules_sum(const struct bench_case *one)
{
    if (one->module_count == 0) {
        return 0;
    }
    uint8_t *module = payload_random(one->module_size);
    uint64_t sum = sum_of(module, one->module_size) * one->module_count;
    free(module);
    return sum;
}

static bool make_raw(const struct bench_case *one, const char *head_path, struct message *message,
                     struct bytes *out_raw)
{
    struct bytes head = {0};
    if (!file_read(head_path, message, &head)) {
        return false;
    }
    if (head.size != HEAD_SIZE || one->size <= HEAD_SIZE) {
        message_add(message, "%s has %zu bytes where %d are expected, for a kernel of %" PRIu64,
                    head_path, head.size, HEAD_SIZE, one->size);
        bytes_free(&head);
        return false;
    }
    uint64_t size = one->size - HEAD_SIZE;
    uint8_t *payload = one->format == FORMAT_GZIP ? payload_like_code(size) : payload_random(size);
    struct sums sums = {sum_of(payload, size), sum32_of(payload, size), size / sizeof(uint64_t),
                        modules_sum(one)};
    memcpy(head.data + SUMS, &sums, sizeof(sums));
    if (one->format != FORMAT_MULTIBOOT2) { /* ours takes it for what it says it is, and refuses */
        memset(head.data + MULTIBOOT2, 0, MULTIBOOT2_SIZE);
    }
    bytes_add(&head, payload, size);
    free(payload);
    *out_raw = head;
    return true;
}

static void pack(struct bytes *raw)
{
    z_stream stream = {.next_in = (Bytef *)raw->data, .avail_in = (uInt)raw->size};
    if (deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, 16 + MAX_WBITS, MAX_MEM_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        abort();
    }
    size_t room = deflateBound(&stream, raw->size);
    char *packed = malloc(room);
    if (packed == NULL) {
        abort();
    }
    stream.next_out = (Bytef *)packed;
    stream.avail_out = (uInt)room;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END) {
        abort();
    }
    deflateEnd(&stream);
    struct bytes result = {0};
    bytes_add(&result, packed, stream.total_out);
    free(packed);
    bytes_free(raw);
    *raw = result;
}

static bool wrap(const struct bench_case *one, const struct kernel_parts *parts,
                 struct message *message, struct bytes *raw)
{
    switch (one->format) {
    case FORMAT_RAW:
        return true;
    case FORMAT_GZIP:
        pack(raw);
        return true;
    case FORMAT_ELF:
        elf_wrap(raw, ADDRESS_ELF, ADDRESS_ELF);
        return true;
    case FORMAT_HIGHER_HALF:
        elf_wrap(raw, ADDRESS_HIGHER_HALF, ADDRESS_HIGHER_HALF);
        return true;
    case FORMAT_MULTIBOOT2:
        elf_wrap(raw, ADDRESS_MULTIBOOT2, ADDRESS_MULTIBOOT2 + ENTRY32);
        return true;
    case FORMAT_EFI:
        return efi_wrap(raw, parts->efi_stub, message);
    }
    return false;
}

/* Under another name until it is whole: a file of that name is used as it is. */
static bool write_whole(const char *path, const struct bytes *bytes, struct message *message)
{
    AUTO_STRING unfinished = string_format("%s.new", path);
    return file_write(unfinished, bytes->data, bytes->size, message) &&
           (rename(unfinished, path) == 0 ||
            message_add(message, "%s: cannot be renamed to %s", unfinished, path));
}

bool kernel_write(const char *path, const struct bench_case *one, const struct kernel_parts *parts,
                  struct message *message)
{
    struct bytes kernel = {0};
    bool good = make_raw(one, parts->head, message, &kernel) &&
                wrap(one, parts, message, &kernel) && write_whole(path, &kernel, message);
    bytes_free(&kernel);
    return good;
}

bool module_write(const char *path, uint64_t size, struct message *message)
{
    uint8_t *payload = payload_random(size);
    struct bytes module = {.data = (char *)payload, .size = size};
    bool good = write_whole(path, &module, message);
    bytes_free(&module);
    return good;
}

uint64_t kernel_hash(const struct kernel_parts *parts, struct message *message)
{
    static const char program[] = "/proc/self/exe";
    const char *const files[] = {parts->head, parts->efi_stub, program};
    uint64_t hash = hash_bytes(HASH_START, zlibVersion(), strlen(zlibVersion()));
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && hash != 0; i++) {
        hash = hash_file(hash, files[i], message);
    }
    return hash;
}
