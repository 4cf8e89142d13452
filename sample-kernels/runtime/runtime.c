/* Calls the firmware's runtime services: reads time and variables, moves the services to the upper
 * half of the address space with a map made from BootInfo's, and reads the time once more there. */
#include "calendar.h"
#include "console.h"
#include "efi.h"
#include "finish.h"

/* Some firmware takes more stack than the 4 KiB that UEFI 2.10 section 2.3.4 asks for. */
BOOTINFO_KERNEL_HEADER(kernel_main, 0x20000);

#define SLOW_BOOT_SECONDS 300
#define NAME_MAX          512 /* characters */
#define MAP_SIZE          16384
#define HALF_ENTRIES      256
#define CR4_LA57          (UINT64_C(1) << 12)
#define ADDRESS_BITS      UINT64_C(0x000FFFFFFFFFF000) /* of a page table entry */

static const struct efi_runtime_services *services;
static uint64_t virtual_map[MAP_SIZE / 8];

static _Noreturn void give_up(const char *what, uint64_t status)
{
    print("runtime: ");
    print(what);
    print(": ");
    print_hex(status, 0);
    print("\n");
    finish(0);
}

static void must(uint64_t status, const char *what)
{
    if (status != EFI_SUCCESS) {
        give_up(what, status);
    }
}

static void print_name(const uint16_t *name)
{
    char text[2] = {0};
    for (; *name != 0; name++) {
        text[0] = (char)(*name >= ' ' && *name < 0x7F ? *name : '?');
        print(text);
    }
}

static void print_two_digits(uint32_t value, const char *behind)
{
    char text[3] = {(char)('0' + value / 10 % 10), (char)('0' + value % 10), 0};
    print(text);
    print(behind);
}

/* Seconds since 1970-01-01 UTC. */
static int64_t read_time(const char *when)
{
    struct efi_time time;
    must(services->get_time(&time, NULL), "GetTime");
    print(when);
    print_two_digits(time.year / 100, "");
    print_two_digits(time.year, "-");
    print_two_digits(time.month, "-");
    print_two_digits(time.day, " ");
    print_two_digits(time.hour, ":");
    print_two_digits(time.minute, ":");
    print_two_digits(time.second, "\n");
    int64_t minutes =
        time.minutes_to_utc == EFI_UNSPECIFIED_TIMEZONE ? 0 : (int64_t)time.minutes_to_utc;
    minutes += (int64_t)time.hour * 60 + time.minute;
    return calendar_midnight(time.year, time.month, time.day) + minutes * 60 + time.second;
}

/* Every variable that is left after the exit. */
static void list_variables(void)
{
    static uint16_t name[NAME_MAX]; /* begins with an empty one */
    struct efi_guid vendor = {0};
    uint64_t count = 0;
    uint64_t status;
    for (;;) {
        uint64_t size = sizeof(name);
        status = services->get_next_variable_name(&size, name, &vendor);
        if (status != EFI_SUCCESS) {
            break;
        }
        print(count++ == 0 ? "variables: " : ", ");
        print_name(name);
    }
    print("\n");
    if (status != EFI_NOT_FOUND || count == 0) {
        give_up("GetNextVariableName", status);
    }
    print_decimal(count, 0);
    print(" variables\n");
}

/* The status; a variable of another size ends the sample. */
static uint64_t read_variable(const uint16_t *name, void *data, uint64_t size)
{
    const struct efi_guid vendor = EFI_GLOBAL_VARIABLE;
    uint64_t got = size;
    uint64_t status = services->get_variable(name, &vendor, NULL, &got, data);
    if (status == EFI_SUCCESS && got != size) {
        give_up("a variable's size", got);
    }
    return status;
}

static void read_variables(const struct BootInfo *info)
{
    uint16_t current = 0;
    uint8_t secure = 0;
    must(read_variable(u"BootCurrent", &current, sizeof(current)), "GetVariable");
    print("BootCurrent: ");
    print_hex(current, 4);
    print("\n");
    (void)read_variable(u"SecureBoot", &secure, sizeof(secure));
    if ((secure == 1) != ((info->flags & BOOTINFO_FLAG_SECURE_BOOT) != 0)) {
        give_up("SecureBoot is not what BootInfo.flags says", secure);
    }
}

/* The address of [0, 2^47) (2^56 with LA57) in the upper half, once it is mapped there too. The
 * tables are the loader's, in LOADER memory: the kernel may change them. */
static uint64_t map_upper_half(void)
{
    uint64_t cr3;
    uint64_t cr4;
    __asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    uint64_t *top = (uint64_t *)(uintptr_t)(cr3 & ADDRESS_BITS);
    for (uint32_t i = 0; i < HALF_ENTRIES; i++) {
        top[HALF_ENTRIES + i] = top[i];
    }
    __asm__ volatile("mov %0, %%cr3" : : "r"(cr3) : "memory");
    return -(UINT64_C(1) << ((cr4 & CR4_LA57) != 0 ? 56 : 47));
}

/* Bytes of the map: of BootInfo's, those descriptors that the services use, each offset higher. */
static uint64_t make_virtual_map(const struct BootInfo *info, uint64_t offset)
{
    uint64_t stride = info->efi_descriptor_size;
    uint64_t size = 0;
    for (uint64_t at = 0; at + stride <= info->efi_memory_map.size; at += stride) {
        const uint64_t *from = (const uint64_t *)(uintptr_t)(info->efi_memory_map.address + at);
        struct efi_descriptor *to = (struct efi_descriptor *)(void *)&virtual_map[size / 8];
        if ((((const struct efi_descriptor *)(const void *)from)->attributes &
             EFI_MEMORY_RUNTIME) == 0) {
            continue;
        }
        if (size + stride > sizeof(virtual_map)) {
            give_up("too many runtime descriptors", size / stride);
        }
        for (uint64_t word = 0; word < stride / 8; word++) {
            virtual_map[size / 8 + word] = from[word];
        }
        to->virtual_start = to->physical_start + offset;
        size += stride;
    }
    return size;
}

static void compare_times(int64_t earlier, int64_t later, const char *words)
{
    if (earlier == BOOTINFO_TIME_UNKNOWN) {
        give_up("boot_time is unknown, though there is a clock", 0);
    }
    if (later < earlier || later - earlier > SLOW_BOOT_SECONDS) {
        give_up(words, (uint64_t)(later - earlier));
    }
    print_decimal((uint64_t)(later - earlier), 0);
    print(" ");
    print(words);
    print("\n");
}

static void move_services(const struct BootInfo *info)
{
    uint64_t offset = map_upper_half();
    uint64_t size = make_virtual_map(info, offset);
    must(services->set_virtual_address_map(size, info->efi_descriptor_size,
                                           info->efi_descriptor_version, virtual_map),
         "SetVirtualAddressMap");
    /* The firmware has changed its pointers: this one is in the upper half now. */
    uint64_t table = info->efi_system_table + offset + EFI_SYSTEM_TABLE_RUNTIME;
    services = *(const struct efi_runtime_services *const *)(uintptr_t)table;
    if ((uintptr_t)services < offset || (uintptr_t)services->get_time < offset) {
        give_up("the services did not move", (uintptr_t)services);
    }
    print("moved ");
    print_decimal(size / info->efi_descriptor_size, 0);
    print(" ranges; the services are at ");
    print_hex((uintptr_t)services, 0);
    print("\n");
}

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    if (magic != BOOTINFO_MAGIC || !bootinfo_valid(info)) {
        finish(0);
    }
    console_use(&info->serial);
    uint64_t table = info->efi_system_table + EFI_SYSTEM_TABLE_RUNTIME;
    services = *(const struct efi_runtime_services *const *)(uintptr_t)table;
    if (services->signature != EFI_RUNTIME_SIGNATURE) {
        give_up("no runtime services", services->signature);
    }
    int64_t before = read_time("time in the identity map: ");
    compare_times(info->boot_time, before, "s after boot_time");
    list_variables();
    read_variables(info);
    move_services(info);
    int64_t after = read_time("time in the upper half:   ");
    compare_times(before, after, "s later");
    read_variables(info);
    print("the runtime services work\n");
    finish(1);
}
