#include "kernels.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define GZIP_WINDOW 31 /* deflateInit2: 15 for the window, 16 for gzip */
#define ZLIB_WINDOW 15

/* Kept in a chain for LeakSanitizer's sake. */
struct buffer {
    struct buffer *next;
    char bytes[];
};

static char *buffer_of(uint64_t size)
{
    static struct buffer *all;
    struct buffer *buffer = malloc(sizeof(*buffer) + size);
    if (buffer == NULL) {
        abort();
    }
    buffer->next = all;
    all = buffer;
    return buffer->bytes;
}

struct text kernel_raw(uint64_t size)
{
    static const uint8_t start[] = {0xFA, 0xFC, 0xEB, 0xFE}; /* cli; cld; jmp $ */
    uint8_t *bytes = (uint8_t *)buffer_of(size);
    uint32_t random = (uint32_t)size;
    for (uint64_t i = 0; i < size; i++) {
        random = random * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(random >> 26 | 0x80); /* compressible a little, never zero */
    }
    memcpy(bytes, start, size < sizeof(start) ? size : sizeof(start));
    return (struct text){(const char *)bytes, size};
}

struct text kernel_with_header(uint64_t size, struct BootInfoKernelHeader header, uint64_t offset)
{
    struct text kernel = kernel_raw(size);
    header.magic = header.magic != 0 ? header.magic : BOOTINFO_KERNEL_MAGIC;
    header.abi_major = header.abi_major != 0 ? header.abi_major : BOOTINFO_VERSION_MAJOR;
    header.size = header.size != 0 ? header.size : sizeof(header);
    memcpy((char *)kernel.bytes + offset, &header, sizeof(header));
    return kernel;
}

static struct text compress_with(struct text image, int window)
{
    z_stream stream = {0};
    if (deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        abort();
    }
    uint64_t room = deflateBound(&stream, image.size);
    char *bytes = buffer_of(room);
    stream.next_in = (Bytef *)image.bytes;
    stream.avail_in = (uInt)image.size;
    stream.next_out = (Bytef *)bytes;
    stream.avail_out = (uInt)room;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END) {
        abort();
    }
    struct text file = {bytes, stream.total_out};
    deflateEnd(&stream);
    return file;
}

struct text kernel_gzip(struct text image)
{
    return compress_with(image, GZIP_WINDOW);
}

struct text kernel_zlib(struct text image)
{
    return compress_with(image, ZLIB_WINDOW);
}

struct text kernel_joined(struct text first, struct text second)
{
    char *bytes = buffer_of(first.size + second.size);
    memcpy(bytes, first.bytes, first.size);
    memcpy(bytes + first.size, second.bytes, second.size);
    return (struct text){bytes, first.size + second.size};
}

struct text kernel_members(struct text image, uint64_t first)
{
    struct text rest = {image.bytes + first, image.size - first};
    struct text front = kernel_gzip((struct text){image.bytes, first});
    return kernel_joined(front, kernel_gzip(rest));
}

struct text kernel_cut(struct text file, uint64_t size)
{
    char *bytes = buffer_of(size);
    memcpy(bytes, file.bytes, size);
    return (struct text){bytes, size};
}

struct text kernel_damaged(struct text file, uint64_t offset)
{
    struct text copy = kernel_cut(file, file.size);
    ((char *)copy.bytes)[offset] ^= 0x20;
    return copy;
}
