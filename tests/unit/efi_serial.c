/* loader/efi/serial.c on a host: which port is taken, how it is set up, when it is silent. */
#include "efi/firmware.h"
#include "suite.h"
#include "uart.h"

#include <string.h>

#define COM1 0x3F8
#define COM2 0x2F8

EFI_HANDLE firmware_image;
EFI_SYSTEM_TABLE *firmware_table;
EFI_LOADED_IMAGE *firmware_loaded_image;

/* A 16550 at some port: what was written to its registers, and what was sent. */
static uint16_t port_of_uart;
static uint8_t registers[SERIAL_REGISTERS];
static uint8_t divisor;
static char sent[64];
static uint32_t sent_count;
static uint32_t status_reads;
static bool never_ready;

uint8_t arch_port_read(uint16_t port)
{
    int number = port - port_of_uart;
    if (number < 0 || number >= SERIAL_REGISTERS) {
        return 0xFF;
    }
    if (number == UART_STATUS) {
        status_reads++;
        return never_ready ? 0 : UART_STATUS_HOLD_EMPTY | UART_STATUS_ALL_EMPTY;
    }
    return registers[number];
}

void arch_port_write(uint16_t port, uint8_t value)
{
    int number = port - port_of_uart;
    if (number < 0 || number >= SERIAL_REGISTERS) {
        return;
    }
    if (number == UART_DATA && (registers[UART_LINE] & UART_LINE_DIVISOR) != 0) {
        divisor = value;
    } else if (number == UART_DATA) {
        sent[sent_count++ % sizeof(sent)] = (char)value;
    } else {
        registers[number] = value;
    }
}

static uint8_t con_out[64];
static UINTN con_out_size;

static EFI_STATUS EFIAPI get_variable(CHAR16 *name, EFI_GUID *guid, UINT32 *attributes, UINTN *size,
                                      VOID *data)
{
    (void)guid;
    (void)attributes;
    if (name[0] != 'C' || con_out_size == 0) {
        return EFI_NOT_FOUND;
    }
    ck_assert_uint_ge(*size, con_out_size);
    memcpy(data, con_out, con_out_size);
    *size = con_out_size;
    return EFI_SUCCESS;
}

static EFI_RUNTIME_SERVICES runtime = {.GetVariable = get_variable};
static SIMPLE_TEXT_OUTPUT_INTERFACE console;
static EFI_SYSTEM_TABLE table = {.RuntimeServices = &runtime, .ConOut = &console};

static void setup(void)
{
    firmware_table = &table;
    table.ConOut = &console;
    port_of_uart = COM1;
    memset(registers, 0, sizeof(registers));
    divisor = 0;
    sent_count = status_reads = 0;
    con_out_size = 0;
    never_ready = false;
}

/* A console at the port with that number in ConOut, after a node of another kind. */
static void put_console(uint32_t number)
{
    static const uint8_t other[] = {1, 1, 6, 0, 0x1F, 0};
    const uint32_t identity = 0x050141D0; /* PNP0501 */
    memcpy(con_out, other, sizeof(other));
    uint8_t *node = con_out + sizeof(other);
    node[0] = ACPI_DEVICE_PATH;
    node[1] = 1;
    node[2] = 12;
    node[3] = 0;
    memcpy(node + 4, &identity, sizeof(identity));
    memcpy(node + 8, &number, sizeof(number));
    con_out_size = sizeof(other) + 12;
}

START_TEST(a_port_is_set_up)
{
    struct serial_port port;
    plat_serial_open(CONFIG_SERIAL_AUTO, 0, &port);
    ck_assert_uint_eq(port.info.base, COM1);
    ck_assert_uint_eq(port.width, 1);
    ck_assert_uint_eq(registers[UART_LINE], UART_LINE_8N1);
    ck_assert_uint_eq(registers[UART_FIFO], UART_FIFO_ON);
    ck_assert_uint_eq(registers[UART_MODEM], UART_MODEM_DTR_RTS);
    ck_assert_uint_eq(registers[UART_INTERRUPTS], 0);
    ck_assert_uint_eq(divisor, 1);
    serial_write(TEXT("a\nb"));
    ck_assert_uint_eq(sent_count, 4);
    ck_assert_mem_eq(sent, "a\r\nb", 4);
}
END_TEST

START_TEST(the_rate_of_spcr_is_set)
{
    static const uint32_t rates[] = {9600, 19200, 57600, 115200};
    struct serial_port wanted = {.info = {.base = COM2,
                                          .kind = BOOTINFO_SERIAL_16550_PORT,
                                          .baud = rates[_i],
                                          .register_stride = 1},
                                 .width = 1};
    struct serial_port port;
    port_of_uart = COM2;
    plat_serial_found(&wanted);
    plat_serial_open(CONFIG_SERIAL_AUTO, 0, &port);
    ck_assert_uint_eq(port.info.base, COM2);
    ck_assert_uint_eq(divisor, 115200 / rates[_i]);
    divisor = 99;
    wanted.info.baud = 0; /* as the firmware left it */
    plat_serial_found(&wanted);
    plat_serial_open(CONFIG_SERIAL_AUTO, 0, &port);
    ck_assert_uint_eq(divisor, 99);
}
END_TEST

START_TEST(where_no_uart_answers_there_is_no_port)
{
    struct serial_port port;
    port_of_uart = COM2;
    plat_serial_open(CONFIG_SERIAL_AUTO, 0, &port);
    ck_assert_uint_eq(port.info.kind, BOOTINFO_SERIAL_NONE);
    serial_write(TEXT("a"));
    ck_assert_uint_eq(sent_count, 0);
    plat_serial_open(CONFIG_SERIAL_PORT, COM2, &port);
    ck_assert_uint_eq(port.info.base, COM2);
    serial_write(TEXT("a"));
    ck_assert_uint_eq(sent_count, 1);
    plat_serial_open(CONFIG_SERIAL_NONE, 0, &port);
    serial_write(TEXT("a"));
    ck_assert_uint_eq(sent_count, 1);
}
END_TEST

/* The firmware's console goes there: the text would come twice. */
START_TEST(a_port_that_the_console_writes_to_is_silent)
{
    struct serial_port port;
    put_console(0);
    plat_serial_open(CONFIG_SERIAL_AUTO, 0, &port);
    serial_write(TEXT("a"));
    ck_assert_uint_eq(sent_count, 0);
    put_console(1); /* COM2 is the console's */
    plat_serial_open(CONFIG_SERIAL_AUTO, 0, &port);
    serial_write(TEXT("a"));
    ck_assert_uint_eq(sent_count, 1);
    put_console(0);
    table.ConOut = NULL; /* nobody writes there */
    plat_serial_open(CONFIG_SERIAL_AUTO, 0, &port);
    serial_write(TEXT("a"));
    ck_assert_uint_eq(sent_count, 2);
}
END_TEST

START_TEST(a_port_that_is_never_ready_is_waited_for_once)
{
    struct serial_port port;
    never_ready = true;
    plat_serial_open(CONFIG_SERIAL_PORT, COM1, &port);
    ck_assert(port.given_up); /* so that the crash page need not wait either */
    for (int i = 0; i < 100; i++) {
        serial_write(TEXT("many lines\n"));
    }
    plat_serial_open(CONFIG_SERIAL_PORT, COM1, &port);
    serial_write(TEXT("more\n"));
    ck_assert_uint_eq(status_reads, UART_SPINS_MAX);
    ck_assert(port.given_up);
    port_of_uart = COM2; /* another one has its own */
    plat_serial_open(CONFIG_SERIAL_PORT, COM2, &port);
    ck_assert_uint_eq(status_reads, 2 * UART_SPINS_MAX);
}
END_TEST

START_TEST(a_port_that_gets_stuck_is_waited_for_once)
{
    struct serial_port port;
    plat_serial_open(CONFIG_SERIAL_PORT, COM1, &port);
    ck_assert(!port.given_up);
    serial_write(TEXT("a"));
    ck_assert(!plat_serial_given_up());
    uint32_t before = status_reads;
    never_ready = true;
    serial_write(TEXT("many lines\n"));
    ck_assert(plat_serial_given_up()); /* the crash page asks */
    ck_assert_uint_eq(status_reads, before + UART_SPINS_MAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("efi_serial");
    TCase *tests = tcase_create("efi_serial");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, a_port_is_set_up);
    tcase_add_loop_test(tests, the_rate_of_spcr_is_set, 0, 4);
    tcase_add_test(tests, where_no_uart_answers_there_is_no_port);
    tcase_add_test(tests, a_port_that_the_console_writes_to_is_silent);
    tcase_add_test(tests, a_port_that_is_never_ready_is_waited_for_once);
    tcase_add_test(tests, a_port_that_gets_stuck_is_waited_for_once);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-efi_serial");
}
