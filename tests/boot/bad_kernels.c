#include "../../abi/bootinfo.h"
#include "bad_cases.h"

#include <string.h>
#include <zlib.h>

enum {
    RAW_SIZE = 4096,
    HEADER_OFFSET = 64,
    GZIP_DATA = 15, /* where the stored block's bytes begin */
    GZIP_TRAILER = GZIP_DATA + RAW_SIZE,
    GZIP_SIZE = GZIP_TRAILER + 8,
};

static void make_raw(uint8_t *raw)
{
    memset(raw, 0x90, RAW_SIZE);
    raw[RAW_SIZE - 2] = 0xEB; /* jmp to itself */
    raw[RAW_SIZE - 1] = 0xFE;
}

/* 1 KiB that begins with start and has more at offset. */
static void add_start(struct bytes *bytes, const char *start, size_t offset, const char *more)
{
    char file[RAW_SIZE / 4] = {0};
    memcpy(file, start, strlen(start));
    memcpy(file + offset, more, strlen(more));
    bytes_add(bytes, file, sizeof(file));
}

static void put_u32(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof(value));
}

/* One member (RFC 1952) with one stored block (RFC 1951 section 3.2.4). */
static void make_gzip(uint8_t *gzip)
{
    static const uint8_t head[GZIP_DATA] = {0x1F,
                                            0x8B,
                                            8,
                                            0,
                                            0,
                                            0,
                                            0,
                                            0,
                                            0,
                                            3,
                                            1,
                                            RAW_SIZE & 0xFF,
                                            RAW_SIZE >> 8,
                                            (uint8_t) ~(RAW_SIZE & 0xFF),
                                            (uint8_t) ~(RAW_SIZE >> 8)};
    memcpy(gzip, head, sizeof(head));
    make_raw(gzip + GZIP_DATA);
    put_u32(gzip + GZIP_TRAILER, (uint32_t)crc32(0, gzip + GZIP_DATA, RAW_SIZE));
    put_u32(gzip + GZIP_TRAILER + 4, RAW_SIZE);
}

static void add_gzip(enum bad_kernel kernel, struct bytes *bytes)
{
    static uint8_t gzip[GZIP_SIZE];
    size_t size = GZIP_SIZE;
    make_gzip(gzip);
    switch (kernel) {
    case KERNEL_GZIP_TRUNCATED:
        size = 2000;
        break;
    case KERNEL_GZIP_CORRUPT:
        gzip[10] |= 6; /* the reserved block type */
        break;
    case KERNEL_GZIP_CRC:
        put_u32(gzip + GZIP_TRAILER, 0x12345678);
        break;
    case KERNEL_GZIP_LENGTH:
        put_u32(gzip + GZIP_TRAILER + 4, RAW_SIZE + 1);
        break;
    case KERNEL_GZIP_BOMB:
        put_u32(gzip + GZIP_TRAILER + 4, 0xF0000000);
        break;
    default:
        break;
    }
    bytes_add(bytes, gzip, size);
    if (kernel == KERNEL_GZIP_TRAILING) {
        bytes_add(bytes, "garbage", 7);
    }
    if (kernel == KERNEL_GZIP_SECOND) {
        bytes_add(bytes, gzip, size - 1);
    }
}

static void add_zlib(struct bytes *bytes)
{
    static uint8_t raw[RAW_SIZE];
    static uint8_t compressed[2 * RAW_SIZE];
    uLongf size = sizeof(compressed);
    make_raw(raw);
    if (compress2(compressed, &size, raw, sizeof(raw), 9) == Z_OK) {
        bytes_add(bytes, compressed, size);
    }
}

static void add_with_header(enum bad_kernel kernel, struct bytes *bytes)
{
    static uint8_t raw[RAW_SIZE];
    struct BootInfoKernelHeader header = {
        .magic = BOOTINFO_KERNEL_MAGIC,
        .abi_major = 1,
        .size = sizeof(header),
    };
    header.abi_minor = kernel == KERNEL_HEADER_ABI ? 77 : 0;
    header.size = kernel == KERNEL_HEADER_SIZE ? 12 : sizeof(header);
    header.flags = kernel == KERNEL_HEADER_FLAGS ? 0x80 : 0;
    header.load_address = kernel == KERNEL_HEADER_ADDRESS ? 0x300000 : 0;
    header.stack_size = kernel == KERNEL_HEADER_STACK ? 0x20000 : 0;
    header.entry = kernel == KERNEL_HEADER_ENTRY ? 0x100 : 0;
    header.memory_size = kernel == KERNEL_HEADER_MEMORY ? 100 : 0;
    make_raw(raw);
    if (kernel == KERNEL_HEADER_MISPLACED) {
        bytes_add(bytes, raw, sizeof(raw));
    }
    memcpy(raw + HEADER_OFFSET, &header, sizeof(header));
    bytes_add(bytes, raw, sizeof(raw));
}

void bad_kernel_make(enum bad_kernel kernel, struct bytes *out_bytes)
{
    static uint8_t raw[RAW_SIZE];
    struct bytes bytes = {0};
    make_raw(raw);
    if (kernel >= KERNEL_HEADER_ABI) {
        add_with_header(kernel, &bytes);
    } else if (kernel >= KERNEL_GZIP && kernel < KERNEL_ZLIB) {
        add_gzip(kernel, &bytes);
    } else if (kernel == KERNEL_ZLIB) {
        add_zlib(&bytes);
    } else if (kernel == KERNEL_RAW) {
        bytes_add(&bytes, raw, sizeof(raw));
    } else if (kernel == KERNEL_TEXT) {
        bytes_add(&bytes, "#!/bin/sh\necho hello\n", 21);
    } else if (kernel == KERNEL_ELF_MACHINE) {
        add_start(&bytes, "\177ELF\2\1\1", 18, "\xB7"); /* e_machine: AArch64 */
    } else if (kernel >= KERNEL_ELF && kernel < KERNEL_PE) {
        bad_elf_make(kernel, &bytes);
    } else if (kernel == KERNEL_PE) {
        add_start(&bytes, "MZ", 0x3C, "\x40");
        memcpy(bytes.data + 0x40, "PE\0\0\x64\x86", 6);
    }
    *out_bytes = bytes;
}
