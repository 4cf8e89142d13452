/* The kernel itself: it knows no loader. It says on COM1 what it was given, and stops. */
#include "kernel.h"

static void put(char character)
{
    uint8_t status = 0;
    while ((status & 0x20) == 0) { /* COM1 is still sending */
        __asm__ volatile("inb %1, %0" : "=a"(status) : "Nd"((uint16_t)0x3FD));
    }
    __asm__ volatile("outb %0, %1" : : "a"(character), "Nd"((uint16_t)0x3F8));
}

static void put_text(const char *text)
{
    while (*text != '\0') {
        put(*text++);
    }
}

static void put_decimal(uint64_t value)
{
    if (value >= 10) {
        put_decimal(value / 10);
    }
    put((char)('0' + value % 10));
}

_Noreturn void kernel(const struct facts *facts)
{
    put_text("stub: ");
    put_text(facts->protocol);
    put_text(" from ");
    put_text(facts->loader);
    put_text(", usable KiB: ");
    put_decimal(facts->usable / 1024);
    put_text("\r\n");
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}
