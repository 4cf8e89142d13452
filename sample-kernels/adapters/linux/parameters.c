#include "parameters.h"

#include "memory.h"

/* Offsets in the boot parameters */
#define ACPI_RSDP         0x070
#define EXT_RAMDISK_IMAGE 0x0C0
#define EXT_RAMDISK_SIZE  0x0C4
#define EXT_COMMAND_LINE  0x0C8
#define EDID              0x140
#define EFI_INFO          0x1C0
#define E820_COUNT        0x1E8
#define SECURE_BOOT       0x1EC
#define TYPE_OF_LOADER    0x210
#define LOADFLAGS         0x211
#define RAMDISK_IMAGE     0x218
#define RAMDISK_SIZE      0x21C
#define COMMAND_LINE      0x228
#define SETUP_DATA        0x250
#define E820_TABLE        0x2D0

#define EDID_SIZE         128
#define E820_ROOM         128 /* entries */
#define LOADER_UNDEFINED  0xFF
#define CAN_USE_HEAP      0x80
#define SECURE_BOOT_OFF   2
#define SECURE_BOOT_ON    3
#define SETUP_E820_EXT    1
#define SETUP_RNG_SEED    9
#define EFI_LOADER_64     0x34364C45 /* "EL64" */
#define VIDEO_EFI         0x70
#define VIDEO_64_BIT_BASE 2

/* struct screen_info, at the boot parameters' begin: include/uapi/linux/screen_info.h of Linux */
#define SCREEN_TYPE         0x0F
#define SCREEN_WIDTH        0x12
#define SCREEN_HEIGHT       0x14
#define SCREEN_DEPTH        0x16
#define SCREEN_BASE         0x18
#define SCREEN_SIZE         0x1C
#define SCREEN_PITCH        0x24
#define SCREEN_COLORS       0x26 /* size and position of red, green, blue and the rest */
#define SCREEN_CAPABILITIES 0x36
#define SCREEN_BASE_HIGH    0x3A

static void fill_screen(uint8_t *page, const struct BootInfoFramebuffer *screen)
{
    uint8_t colors[8] = {screen->red_size,       screen->red_position, screen->green_size,
                         screen->green_position, screen->blue_size,    screen->blue_position};
    uint32_t used = 0;
    for (uint32_t i = 0; i < 6; i += 2) {
        used |= ((UINT32_C(1) << colors[i]) - 1) << colors[i + 1];
        colors[6] = (uint8_t)(colors[6] + colors[i]);
    }
    colors[6] = (uint8_t)(screen->bits_per_pixel - colors[6]);
    while (colors[6] > 0 && (used >> colors[7] & 1) != 0) {
        colors[7]++;
    }
    page[SCREEN_TYPE] = VIDEO_EFI;
    set_field(page, SCREEN_WIDTH, 2, screen->width);
    set_field(page, SCREEN_HEIGHT, 2, screen->height);
    set_field(page, SCREEN_DEPTH, 2, screen->bits_per_pixel);
    set_field(page, SCREEN_BASE, 4, screen->address);
    set_field(page, SCREEN_SIZE, 4, (uint64_t)screen->pitch * screen->height);
    set_field(page, SCREEN_PITCH, 2, screen->pitch);
    memcpy(page + SCREEN_COLORS, colors, sizeof(colors));
    set_field(page, SCREEN_BASE_HIGH, 4, screen->address >> 32);
    set_field(page, SCREEN_CAPABILITIES, 4, screen->address >> 32 != 0 ? VIDEO_64_BIT_BASE : 0);
    if (screen->edid.size >= EDID_SIZE) {
        memcpy(page + EDID, bootinfo_text(screen->edid), EDID_SIZE);
    }
}

static void fill_efi(uint8_t *page, const struct BootInfo *info)
{
    set_field(page, EFI_INFO, 4, EFI_LOADER_64);
    set_field(page, EFI_INFO + 4, 4, info->efi_system_table);
    set_field(page, EFI_INFO + 8, 4, info->efi_descriptor_size);
    set_field(page, EFI_INFO + 12, 4, info->efi_descriptor_version);
    set_field(page, EFI_INFO + 16, 4, info->efi_memory_map.address);
    set_field(page, EFI_INFO + 20, 4, info->efi_memory_map.size);
    set_field(page, EFI_INFO + 24, 4, info->efi_system_table >> 32);
    set_field(page, EFI_INFO + 28, 4, info->efi_memory_map.address >> 32);
    bool secure = (info->flags & BOOTINFO_FLAG_SECURE_BOOT) != 0;
    page[SECURE_BOOT] = secure ? SECURE_BOOT_ON : SECURE_BOOT_OFF;
}

/* setup_data, with size bytes after its header, as the first of the list. */
static void add_setup_data(uint8_t *page, uint8_t *data, uint32_t type, uint64_t size)
{
    set_field(data, 0, 8, field(page, SETUP_DATA, 8));
    set_field(data, 8, 4, type);
    set_field(data, 12, 4, size);
    set_field(page, SETUP_DATA, 8, (uintptr_t)data);
}

static void fill_seed(const struct parameters *parameters)
{
    const struct BootInfo *info = parameters->info;
    if (BOOTINFO_HAS(info, random_sources) && info->random_sources != 0) {
        memcpy(parameters->seed + SETUP_DATA_HEADER, info->random_seed, sizeof(info->random_seed));
        add_setup_data(parameters->page, parameters->seed, SETUP_RNG_SEED,
                       sizeof(info->random_seed));
    }
}

static void fill_e820(const struct parameters *parameters)
{
    const struct e820_table *table = parameters->e820;
    uint32_t inside = table->count < E820_ROOM ? table->count : E820_ROOM;
    uint64_t inside_size = (uint64_t)inside * E820_ENTRY_SIZE;
    parameters->page[E820_COUNT] = (uint8_t)inside;
    memcpy(parameters->page + E820_TABLE, table->entries, inside_size);
    if (table->count > inside) {
        uint64_t size = (uint64_t)(table->count - inside) * E820_ENTRY_SIZE;
        memcpy(parameters->extension + SETUP_DATA_HEADER, table->entries + inside_size, size);
        add_setup_data(parameters->page, parameters->extension, SETUP_E820_EXT, size);
    }
}

static void set_split(uint8_t *page, uint32_t low, uint32_t high, uint64_t value)
{
    set_field(page, low, 4, value);
    set_field(page, high, 4, value >> 32);
}

void parameters_fill(const struct parameters *parameters)
{
    const struct BootInfo *info = parameters->info;
    uint8_t *page = parameters->page;
    memcpy(page + SETUP_HEADER, parameters->image->file + SETUP_HEADER,
           parameters->image->header_end - SETUP_HEADER);
    page[TYPE_OF_LOADER] = LOADER_UNDEFINED;
    page[LOADFLAGS] &= (uint8_t)~CAN_USE_HEAP;
    set_split(page, COMMAND_LINE, EXT_COMMAND_LINE, parameters->command_line.address);
    set_split(page, RAMDISK_IMAGE, EXT_RAMDISK_IMAGE, parameters->initrd.address);
    set_split(page, RAMDISK_SIZE, EXT_RAMDISK_SIZE, parameters->initrd.size);
    set_field(page, ACPI_RSDP, 8, info->acpi_rsdp);
    if (parameters->image->is_64) { /* kernels of 32 bits cannot call this firmware */
        fill_efi(page, info);
    }
    set_field(page, SETUP_DATA, 8, 0); /* the file's own is not memory */
    fill_e820(parameters);
    fill_seed(parameters);
    if ((info->flags & BOOTINFO_FLAG_FRAMEBUFFER_LINEAR) != 0) {
        fill_screen(page, bootinfo_framebuffer(info, 0));
    }
}
