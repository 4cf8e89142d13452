#include "clocks.h"

#include "calendar.h"
#include "port.h"

#include <stdbool.h>

/* The CMOS clock: ports, registers, bits */
#define CMOS_INDEX     0x70
#define CMOS_DATA      0x71
#define RTC_STATUS_A   0x0A
#define RTC_STATUS_B   0x0B
#define RTC_BUSY       0x80 /* of status A: a change is under way */
#define RTC_BINARY     0x04 /* of status B */
#define RTC_24_HOURS   0x02
#define RTC_AFTERNOON  0x80 /* of the hour, where there are 12 */
#define RTC_CENTURY    2000
#define RTC_BUSY_POLLS 100000
#define RTC_TRIES      100

/* Fixed ACPI Description Table (ACPI 6.5 section 5.2.9): offsets */
#define ACPI_HEADER    36
#define RSDP_REVISION  15
#define RSDP_RSDT      16
#define RSDP_XSDT      24
#define FADT_SIGNATURE 0x50434146 /* "FACP" */
#define FADT_TIMER     76
#define TIMER_HZ       3579545
#define TIMER_MASK     0xFFFFFF /* 24 bits: every machine has them */
#define TIMER_TICKS    (TIMER_HZ / 10)
#define READINGS       16

static const uint8_t rtc_registers[] = {0, 2, 4, 7, 8, 9};
enum { SECOND, MINUTE, HOUR, DAY, MONTH, YEAR, RTC_REGISTERS };

static uint64_t timestamp(void)
{
    uint32_t low;
    uint32_t high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

static uint8_t cmos(uint8_t index)
{
    port_write(CMOS_INDEX, index);
    return port_read(CMOS_DATA);
}

static void read_registers(uint8_t values[RTC_REGISTERS])
{
    for (uint32_t i = 0; i < RTC_BUSY_POLLS && (cmos(RTC_STATUS_A) & RTC_BUSY) != 0; i++) {
    }
    for (uint32_t i = 0; i < RTC_REGISTERS; i++) {
        values[i] = cmos(rtc_registers[i]);
    }
}

static bool equal(const uint8_t a[RTC_REGISTERS], const uint8_t b[RTC_REGISTERS])
{
    uint8_t difference = 0;
    for (uint32_t i = 0; i < RTC_REGISTERS; i++) {
        difference |= a[i] ^ b[i];
    }
    return difference == 0;
}

static uint32_t decimal(uint8_t value, uint8_t status)
{
    return (status & RTC_BINARY) != 0 ? value : (uint32_t)(value >> 4) * 10 + (value & 0xF);
}

static uint32_t hour_of_day(uint8_t value, uint8_t status)
{
    if ((status & RTC_24_HOURS) != 0) {
        return decimal(value, status);
    }
    uint32_t hour = decimal(value & (uint8_t)~RTC_AFTERNOON, status) % 12;
    return (value & RTC_AFTERNOON) != 0 ? hour + 12 : hour;
}

static int64_t read_rtc(void)
{
    uint8_t values[RTC_REGISTERS];
    uint8_t again[RTC_REGISTERS];
    uint32_t tries = 0;
    do {
        read_registers(values);
        read_registers(again);
    } while (!equal(values, again) && ++tries < RTC_TRIES);
    uint8_t status = cmos(RTC_STATUS_B);
    uint32_t month = decimal(values[MONTH], status);
    if (tries == RTC_TRIES || month < 1 || month > 12) {
        return BOOTINFO_TIME_UNKNOWN;
    }
    int64_t hours = hour_of_day(values[HOUR], status);
    int64_t minutes = hours * 60 + decimal(values[MINUTE], status);
    return calendar_midnight(RTC_CENTURY + decimal(values[YEAR], status), month,
                             decimal(values[DAY], status)) +
           minutes * 60 + decimal(values[SECOND], status);
}

static uint32_t word(uint64_t address)
{
    return *(const uint32_t *)(uintptr_t)address;
}

/* I/O port of the ACPI timer, or 0. */
static uint16_t find_timer(uint64_t rsdp)
{
    if (rsdp == 0) {
        return 0;
    }
    bool wide = *(const uint8_t *)(uintptr_t)(rsdp + RSDP_REVISION) >= 2;
    uint64_t list = wide ? word(rsdp + RSDP_XSDT) | (uint64_t)word(rsdp + RSDP_XSDT + 4) << 32
                         : word(rsdp + RSDP_RSDT);
    uint64_t end = list + word(list + 4);
    for (uint64_t at = list + ACPI_HEADER; at < end; at += wide ? 8 : 4) {
        uint64_t table = word(at) | (wide ? (uint64_t)word(at + 4) << 32 : 0);
        if (word(table) == FADT_SIGNATURE) {
            return (uint16_t)word(table + FADT_TIMER);
        }
    }
    return 0;
}

struct reading {
    uint64_t tsc;
    uint32_t timer;
};

/* Both clocks at one moment: the closest of several readings, for a machine may be stopped between
 * two instructions. */
static struct reading read_both(uint16_t port)
{
    struct reading best = {0};
    uint64_t least = UINT64_MAX;
    for (uint32_t i = 0; i < READINGS; i++) {
        uint32_t timer;
        uint64_t before = timestamp();
        __asm__ volatile("inl %1, %0" : "=a"(timer) : "Nd"(port));
        uint64_t after = timestamp();
        if (after - before < least) {
            least = after - before;
            best = (struct reading){before + least / 2, timer & TIMER_MASK};
        }
    }
    return best;
}

static uint64_t measure(uint16_t port)
{
    struct reading first = read_both(port);
    struct reading last = first;
    uint32_t ticks = 0;
    while (ticks < TIMER_TICKS) {
        last = read_both(port);
        uint32_t now = (last.timer - first.timer) & TIMER_MASK;
        if (now < ticks) {
            return 0; /* it ran over, or does not run at all */
        }
        ticks = now;
    }
    return (last.tsc - first.tsc) * TIMER_HZ / ticks;
}

struct clocks clocks_read(const struct BootInfo *info)
{
    uint16_t port = find_timer(info->acpi_rsdp);
    struct clocks clocks = {.tsc_hz = port == 0 ? 0 : measure(port)};
    clocks.rtc = read_rtc();
    clocks.tsc = timestamp();
    return clocks;
}
