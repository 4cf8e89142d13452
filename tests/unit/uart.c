/* uart.h: how a 16550's registers are accessed, and how long anybody waits for one. */
#include "uart.h"
#include "suite.h"

#include <string.h>

static uint32_t port_reads;
static uint8_t status;

uint8_t arch_port_read(uint16_t port)
{
    ck_assert_uint_eq(port, 0x3F8 + UART_STATUS);
    port_reads++;
    return status;
}

static char written[16];
static uint32_t written_count;

void arch_port_write(uint16_t port, uint8_t value)
{
    ck_assert_uint_eq(port, 0x3F8);
    written[written_count++ % sizeof(written)] = (char)value;
}

static struct uart at_port(void)
{
    port_reads = written_count = 0;
    return (struct uart){
        .port = {{.base = 0x3F8, .kind = BOOTINFO_SERIAL_16550_PORT, .register_stride = 1}, 1}};
}

START_TEST(a_port_that_is_never_ready_costs_one_time_out)
{
    struct uart uart = at_port();
    status = 0;
    uart_put(&uart, 'a');
    ck_assert_uint_eq(port_reads, UART_SPINS_MAX);
    for (int i = 0; i < 1000; i++) {
        uart_put(&uart, 'b');
    }
    ck_assert_uint_eq(port_reads, UART_SPINS_MAX);
    ck_assert_uint_eq(written_count, 1001); /* all the same: somebody may listen */
}
END_TEST

START_TEST(a_port_that_is_ready_is_asked_each_time)
{
    struct uart uart = at_port();
    status = UART_STATUS_HOLD_EMPTY;
    for (int i = 0; i < 10; i++) {
        uart_put(&uart, 'a');
    }
    ck_assert_uint_eq(port_reads, 10);
    ck_assert(!uart.port.given_up);
}
END_TEST

/* Only the bytes of one access change. */
START_TEST(a_register_in_memory_is_accessed_in_its_width)
{
    static _Alignas(8) uint8_t memory[8 * 8];
    static const uint32_t widths[] = {1, 2, 4};
    uint32_t width = widths[_i];
    struct uart uart = {
        .port = {
            {.base = (uint64_t)memory, .kind = BOOTINFO_SERIAL_16550_MEMORY, .register_stride = 8},
            width}};
    memset(memory, 0xA5, sizeof(memory));
    uart_write(&uart, UART_LINE, 0x83);
    ck_assert_uint_eq(memory[8 * UART_LINE], 0x83);
    for (uint32_t i = 1; i < 8; i++) {
        ck_assert_uint_eq(memory[8 * UART_LINE + i], i < width ? 0 : 0xA5);
    }
    memory[8 * UART_STATUS] = UART_STATUS_HOLD_EMPTY;
    ck_assert_uint_eq(uart_read(&uart, UART_STATUS), UART_STATUS_HOLD_EMPTY);
    uart_put(&uart, 'x');
    ck_assert_uint_eq(memory[0], 'x');
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("uart");
    TCase *uart = tcase_create("uart");
    tcase_add_test(uart, a_port_that_is_never_ready_costs_one_time_out);
    tcase_add_test(uart, a_port_that_is_ready_is_asked_each_time);
    tcase_add_loop_test(uart, a_register_in_memory_is_accessed_in_its_width, 0, 3);
    suite_add_tcase(suite, uart);
    return suite_main(suite, "unit-uart");
}
