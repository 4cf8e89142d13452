/* A kernel that was written for BOOTBOOT keeps its variable "bootboot", now an ordinary one, and
 * its entry function. kernel_main fills the one and calls the other, on the boot CPU alone. */
#include "bootinfo.h"
#include "kernel.h"

enum { ENTRIES_MAX = 248, USED = 0, FREE = 1, ACPI = 2, MMIO = 3, TYPE = 15, ARGB = 0, ABGR = 2 };

struct bootboot {
    uint8_t magic[4];          /* "BOOT" */
    uint32_t size;             /* with the entries in use */
    uint8_t protocol, fb_type; /* protocol 6: level 2, by UEFI */
    uint16_t numcores, bspid;
    int16_t timezone;
    uint8_t datetime[8];
    uint64_t initrd_ptr, initrd_size, fb_ptr;
    uint32_t fb_size, fb_width, fb_height, fb_scanline;
    uint64_t acpi_ptr, smbi_ptr, efi_ptr, mp_ptr, unused[4];
    struct {
        uint64_t ptr, size; /* the type is in the low 4 bits of size */
    } mmap[ENTRIES_MAX];
};

_Static_assert(BOOTINFO_OFFSETOF(struct bootboot, initrd_ptr) == 24, "as in bootboot.h");
_Static_assert(BOOTINFO_OFFSETOF(struct bootboot, acpi_ptr) == 64, "as in bootboot.h");
_Static_assert(BOOTINFO_OFFSETOF(struct bootboot, mmap) == 128, "as in bootboot.h");
_Static_assert(sizeof(struct bootboot) == 4096, "as in bootboot.h");

static struct bootboot bootboot;

/* The kernel as it was. */
static void from_bootboot(void)
{
    struct facts facts = {"BOOTBOOT", "Baton", 0};
    for (uint32_t i = 0; i < (bootboot.size - 128) / 16; i++) {
        uint64_t size = bootboot.mmap[i].size;
        facts.usable += (size & TYPE) == FREE ? size & ~(uint64_t)TYPE : 0;
    }
    kernel(&facts);
}

static uint64_t type_of(uint32_t type)
{
    int usable = type == BOOTINFO_MEMORY_USABLE || type == BOOTINFO_MEMORY_BOOT_SERVICES;
    int acpi = type == BOOTINFO_MEMORY_ACPI_RECLAIMABLE || type == BOOTINFO_MEMORY_ACPI_NVS;
    int mmio = type == BOOTINFO_MEMORY_MMIO || type == BOOTINFO_MEMORY_MMIO_PORT;
    return usable ? FREE : acpi ? ACPI : mmio ? MMIO : USED;
}

BOOTINFO_KERNEL_HEADER(kernel_main, 0x4000);

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    const struct BootInfoRegion *region;
    const struct BootInfoModule *initrd;
    const struct BootInfoFramebuffer *screen;
    if (magic != BOOTINFO_MAGIC || !bootinfo_valid(info)) {
        return;
    }
    initrd = bootinfo_module(info, 0);
    bootboot = (struct bootboot){.magic = "BOOT", .size = 128, .protocol = 6, .numcores = 1};
    bootboot.bspid = (uint16_t)info->boot_cpu;
    bootboot.smbi_ptr = info->smbios;
    bootboot.efi_ptr = info->efi_system_table;
    bootboot.initrd_ptr = initrd != 0 ? initrd->data.address : 0;
    bootboot.initrd_size = initrd != 0 ? initrd->data.size : 0;
    if ((screen = bootinfo_framebuffer(info, 0)) != 0 && screen->bits_per_pixel == 32) {
        bootboot.fb_type = screen->red_position == 0 ? ABGR : ARGB;
        bootboot.fb_ptr = screen->address;
        bootboot.fb_size = (uint32_t)screen->size;
        bootboot.fb_width = screen->width;
        bootboot.fb_height = screen->height;
        bootboot.fb_scanline = screen->pitch;
    }
    for (uint32_t i = 0; i < ENTRIES_MAX && (region = bootinfo_region(info, i)) != 0; i++) {
        bootboot.mmap[i].ptr = region->base;
        bootboot.mmap[i].size = region->size | type_of(region->type);
        bootboot.size += 16;
    }
    from_bootboot();
}
