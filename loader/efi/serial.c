/* The serial port, driven directly: this works also when the firmware has gone. */
#include "efi/firmware.h"
#include "uart.h"

#include <string.h>

#define COM1 0x3F8

enum serial_state {
    SERIAL_UNDECIDED,
    SERIAL_NONE,
    SERIAL_SHARED, /* the firmware's console writes there: every line would appear twice */
    SERIAL_OPEN,   /* whether the console writes there was not asked yet */
    SERIAL_OURS,
};

static enum serial_state state;
static struct uart uart;
static struct serial_port found; /* plat_serial_found */

/* An absent port reads as 0xFF whatever was written. */
static bool answers(void)
{
    uart_write(&uart, UART_SCRATCH, 0x5A);
    bool first = uart_read(&uart, UART_SCRATCH) == 0x5A;
    uart_write(&uart, UART_SCRATCH, 0xA5);
    return first && uart_read(&uart, UART_SCRATCH) == 0xA5;
}

/* Sets the rate that SPCR names; 0: keeps the one that the firmware has set. */
static void initialise(void)
{
    uart_wait(&uart, UART_STATUS_ALL_EMPTY);
    uart_write(&uart, UART_INTERRUPTS, 0);
    if (uart.port.info.baud != 0) {
        uart_write(&uart, UART_LINE, UART_LINE_8N1 | UART_LINE_DIVISOR);
        uart_write(&uart, UART_DATA, (uint8_t)(UART_CLOCK / uart.port.info.baud));
        uart_write(&uart, UART_INTERRUPTS, 0);
        uart_write(&uart, UART_LINE, UART_LINE_8N1);
    }
    uart_write(&uart, UART_FIFO, UART_FIFO_ON);
    uart_write(&uart, UART_MODEM, UART_MODEM_DTR_RTS);
}

#define HID_16550 0x050141D0 /* PNP0501, compressed (ACPI 6.5 section 19.3.4) */

/* Whether one of the consoles in ConOut (UEFI 2.10 section 3.3) is the UART of our port. Firmware
 * numbers those of a PC, COM1 first. */
static bool console_is_ours(void)
{
    static const uint16_t ports[] = {COM1, 0x2F8, 0x3E8, 0x2E8};
    static const EFI_GUID guid = EFI_GLOBAL_VARIABLE;
    static const CHAR16 name[] = u"ConOut";
    uint8_t path[1024];
    UINTN size = sizeof(path);
    EFI_STATUS status = firmware_table->RuntimeServices->GetVariable((CHAR16 *)name, guid_of(&guid),
                                                                     NULL, &size, path);
    size = EFI_ERROR(status) || size > sizeof(path) ? 0 : size;
    for (UINTN at = 0; at + sizeof(ACPI_HID_DEVICE_PATH) <= size;) {
        ACPI_HID_DEVICE_PATH node; /* unaligned where it lies */
        memcpy(&node, path + at, sizeof(node));
        if (DevicePathType(&node.Header) == ACPI_DEVICE_PATH && node.HID == HID_16550 &&
            node.UID < sizeof(ports) / sizeof(ports[0]) && ports[node.UID] == uart.port.info.base) {
            return true;
        }
        size_t node_size = (size_t)DevicePathNodeLength(&node.Header);
        at += node_size < sizeof(node.Header) ? size : node_size;
    }
    return false;
}

static struct serial_port port_at(uint16_t port)
{
    return (struct serial_port){
        .info = {.base = port,
                 .kind = BOOTINFO_SERIAL_16550_PORT,
                 .baud = UART_CLOCK,
                 .register_stride = 1},
        .width = 1,
    };
}

void plat_serial_found(const struct serial_port *port)
{
    found = *port;
}

void plat_serial_open(enum config_serial serial, uint16_t port, struct serial_port *out_serial)
{
    state = SERIAL_NONE;
    *out_serial = (struct serial_port){.info = {.kind = BOOTINFO_SERIAL_NONE}};
    if (serial == CONFIG_SERIAL_NONE) {
        return;
    }
    bool given_up = uart.port.given_up;
    uint64_t before = uart.port.info.base;
    uart.port = port_at(serial == CONFIG_SERIAL_PORT ? port : COM1);
    if (serial == CONFIG_SERIAL_AUTO && found.info.kind != BOOTINFO_SERIAL_NONE) {
        uart.port = found;
    } else if (serial == CONFIG_SERIAL_AUTO && !answers()) {
        return;
    }
    uart.port.given_up = given_up && uart.port.info.base == before;
    initialise();
    state = SERIAL_OPEN;
    *out_serial = uart.port;
}

bool plat_serial_given_up(void)
{
    return uart.port.given_up;
}

static void decide(void)
{
    if (state == SERIAL_UNDECIDED) {
        struct serial_port unused;
        plat_serial_open(CONFIG_SERIAL_AUTO, 0, &unused);
    }
}

void serial_write(struct text text)
{
    decide();
    if (state == SERIAL_OPEN) {
        bool shared = uart.port.info.kind == BOOTINFO_SERIAL_16550_PORT &&
                      firmware_table->ConOut != NULL && console_is_ours();
        state = shared ? SERIAL_SHARED : SERIAL_OURS;
    }
    if (state == SERIAL_OURS) {
        serial_note(text);
    }
}

void serial_note(struct text text)
{
    decide();
    for (size_t i = 0; state != SERIAL_NONE && i < text.size; i++) {
        if (text.bytes[i] == '\n') {
            uart_put(&uart, '\r');
        }
        uart_put(&uart, text.bytes[i]);
    }
}
