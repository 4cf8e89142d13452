#include "console.h"

#include "port.h"

#define DEBUG_PORT 0xE9

#define LINE_STATUS             5    /* register of a 16550 */
#define LINE_STATUS_TRANSMITTER 0x20 /* holding register empty */

/* A port without a UART must not stop the kernel: a character's time at 300 baud. */
#define TRANSMIT_POLLS 100000

static struct BootInfoSerial serial_port;

void console_use(const struct BootInfoSerial *serial)
{
    serial_port = *serial;
}

static void serial_put(char character)
{
    uint16_t base = (uint16_t)serial_port.base;
    uint16_t status = (uint16_t)(base + LINE_STATUS * serial_port.register_stride);
    for (uint32_t i = 0; i < TRANSMIT_POLLS; i++) {
        if ((port_read(status) & LINE_STATUS_TRANSMITTER) != 0) {
            break;
        }
    }
    port_write(base, (uint8_t)character);
}

static void put(char character)
{
    /* QEMU's debug console answers with its own port number. */
    if (port_read(DEBUG_PORT) == DEBUG_PORT) {
        port_write(DEBUG_PORT, (uint8_t)character);
    }
    if (serial_port.kind == BOOTINFO_SERIAL_16550_PORT) {
        if (character == '\n') {
            serial_put('\r');
        }
        serial_put(character);
    }
}

static void put_times(char character, uint32_t times)
{
    while (times-- > 0) {
        put(character);
    }
}

void print(const char *text)
{
    print_padded(text, 0);
}

void print_span(struct BootInfoSpan text)
{
    const char *bytes = (const char *)(uintptr_t)text.address;
    for (uint64_t i = 0; i < text.size; i++) {
        put(bytes[i]);
    }
}

void print_padded(const char *text, uint32_t width)
{
    uint32_t length = 0;
    while (text[length] != '\0') {
        put(text[length++]);
    }
    put_times(' ', length < width ? width - length : 0);
}

void print_decimal(uint64_t value, uint32_t width)
{
    char reversed[26]; /* 20 digits, 6 commas */
    uint32_t length = 0;
    uint32_t digits = 0;
    do {
        if (digits > 0 && digits % 3 == 0) {
            reversed[length++] = ',';
        }
        reversed[length++] = (char)('0' + value % 10);
        digits++;
        value /= 10;
    } while (value != 0);
    put_times(' ', length < width ? width - length : 0);
    while (length > 0) {
        put(reversed[--length]);
    }
}

void print_hex(uint64_t value, uint32_t digits)
{
    uint32_t count = 1;
    while (count < 16 && (count < digits || value >> (4 * count) != 0)) {
        count++;
    }
    print("0x");
    while (count > 0) {
        put("0123456789abcdef"[value >> (4 * --count) & 0xF]);
    }
}
