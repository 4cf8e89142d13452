/* A kernel built for BootInfo 1.1, as it was released: it knows no header but the frozen lists, and
 * has a kernel header of 1.1. Runs under every loader of 1.x with x >= 1. */
#include <finish.h>
#include <port.h>
#include <stdint.h>

#define FROZEN(name, value) static const uint64_t name = (value);
#include "../../abi/bootinfo_1_0.h"
#include "../../abi/bootinfo_1_1.h"

#define DIRECT_MAP 0xffff800000000000

#define TEXT(value)   TEXT_OF(value)
#define TEXT_OF(text) #text

__asm__(".pushsection .bootinfo.header, \"a\", @progbits\n"
        ".balign 8\n"
        ".ascii \"BOOTKERN\"\n"
        ".short 1, 1\n"
        ".long 64\n"
        ".quad bootinfo_kernel_start, bootinfo_kernel_memory_size, kernel_main\n"
        ".quad 0x4000, 0, " TEXT(DIRECT_MAP) "\n"
                                             ".popsection\n");

extern const uint8_t bootinfo_kernel_start[];

void kernel_main(const uint8_t *info, uint64_t magic);

static uint64_t number(const uint8_t *info, uint64_t offset, uint32_t size)
{
    uint64_t value = 0;
    while (size-- > 0) {
        value = value << 8 | info[offset + size];
    }
    return value;
}

/* Of all bytes that the loader says it wrote, with the checksum's own taken as 0. */
static uint32_t checksum(const uint8_t *info)
{
    uint32_t crc = UINT32_MAX;
    for (uint64_t i = 0; i < number(info, BOOTINFO_OFFSET_SIZE, 4); i++) {
        crc ^= i - BOOTINFO_OFFSET_CHECKSUM < 4 ? 0 : info[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (0xEDB88320 & (0 - (crc & 1)));
        }
    }
    return ~crc;
}

static void say(const uint8_t *info, const char *text)
{
    uint16_t port = (uint16_t)number(info, BOOTINFO_OFFSET_SERIAL, 8);
    for (; *text != '\0'; text++) {
        while ((port_read(port + 5) & 0x20) == 0) {
        }
        port_write(port, (uint8_t)*text);
    }
}

/* USABLE bytes by its map, whose entries it steps by their stride. */
static uint64_t usable(const uint8_t *info)
{
    const uint8_t *map = (const uint8_t *)number(info, BOOTINFO_OFFSET_MEMORY_MAP, 8);
    uint64_t count = number(info, BOOTINFO_OFFSET_MEMORY_MAP + 8, 4);
    uint64_t size = 0;
    for (uint64_t i = 0; i < count; i++) {
        size += number(map, 16, 4) == BOOTINFO_MEMORY_USABLE ? number(map, 8, 8) : 0;
        map += number(info, BOOTINFO_OFFSET_MEMORY_MAP + 12, 4);
    }
    return size;
}

void kernel_main(const uint8_t *info, uint64_t magic)
{
    uint64_t start = (uintptr_t)bootinfo_kernel_start;
    if (magic != BOOTINFO_MAGIC || number(info, BOOTINFO_OFFSET_MAGIC, 8) != BOOTINFO_MAGIC ||
        number(info, BOOTINFO_OFFSET_VERSION_MAJOR, 2) != BOOTINFO_VERSION_MAJOR ||
        number(info, BOOTINFO_OFFSET_VERSION_MINOR, 2) < 1 ||
        number(info, BOOTINFO_OFFSET_SIZE, 4) < BOOTINFO_SIZE_1_1 ||
        number(info, BOOTINFO_OFFSET_CHECKSUM, 4) != checksum(info)) {
        finish(0);
    }
    if (number(info, BOOTINFO_OFFSET_KERNEL, 8) != start ||
        number(info, BOOTINFO_OFFSET_KERNEL_VIRTUAL, 8) != start ||
        number(info, BOOTINFO_OFFSET_DIRECT_MAP, 8) != DIRECT_MAP ||
        *(const uint64_t *)(DIRECT_MAP + start) != *(const uint64_t *)start ||
        number(info, BOOTINFO_OFFSET_SERIAL + 8, 4) != BOOTINFO_SERIAL_16550_PORT ||
        usable(info) < 1 << 20) {
        finish(0);
    }
    say(info, "a kernel of BootInfo 1.1 runs\r\n");
    finish(1);
}
