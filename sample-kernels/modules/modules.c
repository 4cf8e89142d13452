/* Lists the modules that were loaded with it: where each lies, what it is called, and the CRC-32
 * of its bytes, which "gzip -lv" and "crc32" can be asked for. */
#include "console.h"
#include "finish.h"

BOOTINFO_KERNEL_HEADER(kernel_main, 0x4000);

/* CRC-32 by tables, eight bytes a step: a module can have a gigabyte. */
#define LANES 8

static uint32_t tables[LANES][256];

static void make_tables(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint8_t byte = (uint8_t)i;
        tables[0][i] = ~bootinfo_crc32(0xFFFFFFFF, &byte, 1);
    }
    for (uint32_t lane = 1; lane < LANES; lane++) {
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t before = tables[lane - 1][i];
            tables[lane][i] = before >> 8 ^ tables[0][before & 0xFF];
        }
    }
}

static uint32_t crc32(const void *data, uint64_t size)
{
    const uint8_t *bytes = data;
    uint32_t crc = 0xFFFFFFFF;
    for (; size >= LANES; size -= LANES, bytes += LANES) {
        uint64_t word = *(const uint64_t *)(const void *)bytes ^ crc;
        crc = 0;
        for (uint32_t lane = 0; lane < LANES; lane++) {
            crc ^= tables[LANES - 1 - lane][word >> 8 * lane & 0xFF];
        }
    }
    for (; size > 0; size--, bytes++) {
        crc = crc >> 8 ^ tables[0][(crc ^ *bytes) & 0xFF];
    }
    return ~crc;
}

/* The loader promises pages of their own, zero after the last byte. */
static int is_sound(const struct BootInfoModule *module)
{
    uint64_t end = module->data.address + module->data.size;
    for (; end % 4096 != 0; end++) {
        if (*(const uint8_t *)end != 0) {
            return 0;
        }
    }
    return module->data.address % 4096 == 0;
}

static void print_module(const struct BootInfoModule *module)
{
    print_span(module->name);
    print(" '");
    print_span(module->arguments);
    print("': ");
    print_decimal(module->data.size, 0);
    print(" bytes at ");
    print_hex(module->data.address, 0);
    print(", CRC-32 ");
    print_hex(crc32((const void *)module->data.address, module->data.size), 8);
    print("\n");
}

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    int sound = 1;
    if (magic != BOOTINFO_MAGIC || !bootinfo_valid(info)) {
        finish(0);
    }
    console_use(&info->serial);
    make_tables();
    for (uint32_t i = 0; i < info->modules.count; i++) {
        const struct BootInfoModule *module = bootinfo_module(info, i);
        print_module(module);
        sound &= is_sound(module);
    }
    print_decimal(info->modules.count, 0);
    print(sound ? " modules\n" : " modules, not all as promised\n");
    finish(sound);
}
