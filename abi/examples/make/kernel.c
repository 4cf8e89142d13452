/* A whole kernel: says on the serial port how much memory it may use at once, and stops. */
#include "bootinfo.h"

BOOTINFO_KERNEL_HEADER(kernel_main, 0x4000); /* the entry; 16 KiB of stack */

static void put(const struct BootInfoSerial *serial, char character)
{
    uint16_t data = (uint16_t)serial->base;
    uint16_t line_status = (uint16_t)(data + 5 * serial->register_stride);
    uint8_t status = 0;
    while (serial->kind == BOOTINFO_SERIAL_16550_PORT && (status & 0x20) == 0) { /* still sending */
        __asm__ volatile("inb %1, %0" : "=a"(status) : "Nd"(line_status));
    }
    if (serial->kind == BOOTINFO_SERIAL_16550_PORT) {
        __asm__ volatile("outb %0, %1" : : "a"(character), "Nd"(data));
    }
}

static void put_text(const struct BootInfoSerial *serial, const char *text)
{
    while (*text != '\0') {
        put(serial, *text++);
    }
}

static void put_decimal(const struct BootInfoSerial *serial, uint64_t value)
{
    if (value >= 10) {
        put_decimal(serial, value / 10);
    }
    put(serial, (char)('0' + value % 10));
}

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    if (magic == BOOTINFO_MAGIC && bootinfo_valid(info)) {
        uint64_t usable = 0;
        for (uint32_t i = 0; i < info->memory_map.count; i++) {
            const struct BootInfoRegion *region = bootinfo_region(info, i);
            usable += region->type == BOOTINFO_MEMORY_USABLE ? region->size : 0;
        }
        put_text(&info->serial, "hello: ");
        put_decimal(&info->serial, usable / 1024);
        put_text(&info->serial, " KiB are usable\r\n");
        /* Success, where QEMU has isa-debug-exit; a real machine has nothing at this port. */
        __asm__ volatile("outb %0, %1" : : "a"((uint8_t)0x10), "Nd"((uint16_t)0xF4));
    }
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}
