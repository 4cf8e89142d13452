/* A 16550 UART at an I/O port, written to directly: it works after the firmware has gone. */
#include "../arch/x86_64/cpu.h"
#include "firmware.h"

#define COM1      0x3F8
#define BAUD      115200
#define SPINS_MAX 100000 /* for a transmitter that never empties */

enum {
    UART_DATA = 0,
    UART_INTERRUPTS = 1,
    UART_FIFO = 2,
    UART_LINE = 3,
    UART_MODEM = 4,
    UART_STATUS = 5,
    UART_SCRATCH = 7,
};

#define LINE_8N1          0x03
#define LINE_DIVISOR      0x80
#define FIFO_ON           0x07 /* enabled, both emptied */
#define MODEM_DTR_RTS     0x03
#define STATUS_HOLD_EMPTY 0x20
#define STATUS_ALL_EMPTY  0x40

enum serial_state {
    SERIAL_UNDECIDED,
    SERIAL_NONE,
    SERIAL_SILENT, /* the firmware's console goes there already: said once is enough */
    SERIAL_OPEN,
};

static enum serial_state state;
static uint16_t base;

static void wait_for(uint8_t condition)
{
    for (uint32_t i = 0; i < SPINS_MAX; i++) {
        if ((cpu_in8(base + UART_STATUS) & condition) != 0) {
            return;
        }
    }
}

/* An absent port reads as 0xFF whatever was written. */
static bool answers(uint16_t port)
{
    cpu_out8(port + UART_SCRATCH, 0x5A);
    bool first = cpu_in8(port + UART_SCRATCH) == 0x5A;
    cpu_out8(port + UART_SCRATCH, 0xA5);
    return first && cpu_in8(port + UART_SCRATCH) == 0xA5;
}

static void initialise(void)
{
    wait_for(STATUS_ALL_EMPTY);
    cpu_out8(base + UART_INTERRUPTS, 0);
    cpu_out8(base + UART_LINE, LINE_8N1 | LINE_DIVISOR);
    cpu_out8(base + UART_DATA, 1); /* 115200 baud / 1 */
    cpu_out8(base + UART_INTERRUPTS, 0);
    cpu_out8(base + UART_LINE, LINE_8N1);
    cpu_out8(base + UART_FIFO, FIFO_ON);
    cpu_out8(base + UART_MODEM, MODEM_DTR_RTS);
}

/* Whether one of the consoles in ConOut (UEFI 2.10 section 3.3) is a UART. */
static bool console_is_serial(void)
{
    static EFI_GUID guid = EFI_GLOBAL_VARIABLE;
    static CHAR16 name[] = u"ConOut";
    uint8_t path[1024];
    UINTN size = sizeof(path);
    EFI_STATUS status =
        firmware_table->RuntimeServices->GetVariable(name, &guid, NULL, &size, path);
    size = EFI_ERROR(status) ? 0 : size;
    for (UINTN at = 0; at + sizeof(EFI_DEVICE_PATH) <= size;) {
        const EFI_DEVICE_PATH *node = (const EFI_DEVICE_PATH *)(path + at);
        if (DevicePathType(node) == MESSAGING_DEVICE_PATH &&
            DevicePathSubType(node) == MSG_UART_DP) {
            return true;
        }
        size_t node_size = (size_t)DevicePathNodeLength(node);
        at += node_size < sizeof(*node) ? size : node_size;
    }
    return false;
}

void plat_serial_open(enum config_serial serial, uint16_t port, struct BootInfoSerial *out_serial)
{
    bool automatic = serial == CONFIG_SERIAL_AUTO;
    base = automatic ? COM1 : port;
    state = SERIAL_NONE;
    *out_serial = (struct BootInfoSerial){.kind = BOOTINFO_SERIAL_NONE};
    if (serial == CONFIG_SERIAL_NONE || (automatic && !answers(base))) {
        return;
    }
    initialise();
    state = SERIAL_OPEN;
    *out_serial = (struct BootInfoSerial){
        .base = base,
        .kind = BOOTINFO_SERIAL_16550_PORT,
        .baud = BAUD,
        .register_stride = 1,
    };
}

static void put(char c)
{
    wait_for(STATUS_HOLD_EMPTY);
    cpu_out8(base + UART_DATA, (uint8_t)c);
}

void serial_write(struct text text)
{
    if (state == SERIAL_UNDECIDED) {
        struct BootInfoSerial unused;
        plat_serial_open(CONFIG_SERIAL_AUTO, 0, &unused);
    }
    if (state == SERIAL_OPEN && base == COM1 && firmware_table->ConOut != NULL &&
        console_is_serial()) {
        state = SERIAL_SILENT;
    }
    if (state != SERIAL_OPEN) {
        return;
    }
    for (size_t i = 0; i < text.size; i++) {
        if (text.bytes[i] == '\n') {
            put('\r');
        }
        put(text.bytes[i]);
    }
}
