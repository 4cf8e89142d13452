#include "firmware_map.h"

#define PAGE_SIZE UINT64_C(4096)

/* UEFI 2.10 section 7.2.3 */
#define ATTRIBUTE_WB      UINT64_C(0x8)
#define ATTRIBUTE_SP      UINT64_C(0x40000)
#define ATTRIBUTE_RUNTIME (UINT64_C(1) << 63)

/* EFI_MEMORY_TYPE (UEFI 2.10 section 7.2.1), from 0 on. */
static const uint32_t types[] = {
    BOOTINFO_MEMORY_RESERVED,         BOOTINFO_MEMORY_USABLE,
    BOOTINFO_MEMORY_USABLE,           BOOTINFO_MEMORY_BOOT_SERVICES,
    BOOTINFO_MEMORY_BOOT_SERVICES,    BOOTINFO_MEMORY_EFI_RUNTIME_CODE,
    BOOTINFO_MEMORY_EFI_RUNTIME_DATA, BOOTINFO_MEMORY_USABLE,
    BOOTINFO_MEMORY_UNUSABLE,         BOOTINFO_MEMORY_ACPI_RECLAIMABLE,
    BOOTINFO_MEMORY_ACPI_NVS,         BOOTINFO_MEMORY_MMIO,
    BOOTINFO_MEMORY_MMIO_PORT,        BOOTINFO_MEMORY_RESERVED,
    BOOTINFO_MEMORY_PERSISTENT,       BOOTINFO_MEMORY_UNACCEPTED,
};

/* From the most restrictive on. */
static const uint32_t ranking[] = {
    BOOTINFO_MEMORY_UNUSABLE,         BOOTINFO_MEMORY_MMIO,
    BOOTINFO_MEMORY_MMIO_PORT,        BOOTINFO_MEMORY_RESERVED,
    BOOTINFO_MEMORY_EFI_RUNTIME_CODE, BOOTINFO_MEMORY_EFI_RUNTIME_DATA,
    BOOTINFO_MEMORY_ACPI_NVS,         BOOTINFO_MEMORY_PERSISTENT,
    BOOTINFO_MEMORY_UNACCEPTED,       BOOTINFO_MEMORY_ACPI_RECLAIMABLE,
    BOOTINFO_MEMORY_SPECIAL_PURPOSE,  BOOTINFO_MEMORY_BOOT_SERVICES,
    BOOTINFO_MEMORY_USABLE,
};

bool becomes_free(uint32_t type)
{
    return type == BOOTINFO_MEMORY_USABLE || type == BOOTINFO_MEMORY_BOOT_SERVICES ||
           type == BOOTINFO_MEMORY_SPECIAL_PURPOSE;
}

bool is_write_back(uint64_t efi_attributes)
{
    return (efi_attributes & (ATTRIBUTE_WB | ATTRIBUTE_RUNTIME)) == ATTRIBUTE_WB;
}

static uint32_t type_of(const struct firmware_descriptor *descriptor)
{
    uint32_t type = BOOTINFO_MEMORY_RESERVED;
    if (descriptor->type < sizeof(types) / sizeof(types[0])) {
        type = types[descriptor->type];
    }
    if (becomes_free(type) && !is_write_back(descriptor->attributes)) {
        return BOOTINFO_MEMORY_RESERVED;
    }
    if (becomes_free(type) && (descriptor->attributes & ATTRIBUTE_SP) != 0) {
        return BOOTINFO_MEMORY_SPECIAL_PURPOSE;
    }
    return type;
}

/* 0 for the most restrictive type. */
static uint32_t rank_of(uint32_t type)
{
    uint32_t rank = 0;
    while (ranking[rank] != type) {
        rank++;
    }
    return rank;
}

uint64_t descriptor_count(const struct BootInfo *info)
{
    return info->efi_memory_map.size / info->efi_descriptor_size;
}

const struct firmware_descriptor *descriptor_at(const struct BootInfo *info, uint64_t i)
{
    uint64_t address = info->efi_memory_map.address + i * info->efi_descriptor_size;
    return (const struct firmware_descriptor *)(uintptr_t)address;
}

struct extent descriptor_extent(const struct firmware_descriptor *descriptor)
{
    uint64_t base = descriptor->physical_start;
    uint64_t end = base + descriptor->page_count * PAGE_SIZE;
    uint64_t past = PAGE_SIZE - 1;
    if (descriptor->page_count == 0 || becomes_free(type_of(descriptor))) {
        return (struct extent){(base + past) & ~past, end & ~past};
    }
    return (struct extent){base & ~past, (end + past) & ~past};
}

struct firmware_view firmware_view(const struct BootInfo *info, uint64_t address)
{
    struct firmware_view view = {.attributes = UINT64_MAX,
                                 .all_attributes = UINT64_MAX,
                                 .end = address < PAGE_SIZE ? PAGE_SIZE : UINT64_MAX,
                                 .type = BOOTINFO_MEMORY_USABLE};
    for (uint64_t i = 0; i < descriptor_count(info); i++) {
        const struct firmware_descriptor *descriptor = descriptor_at(info, i);
        struct extent extent = descriptor_extent(descriptor);
        uint32_t type = type_of(descriptor);
        bool covers = extent.base <= address && address < extent.end;
        uint64_t edge = covers ? extent.end : extent.base;
        if (edge > address && edge < view.end && extent.base < extent.end) {
            view.end = edge;
        }
        if (!covers) {
            continue;
        }
        if (!view.covered || rank_of(type) < rank_of(view.type)) {
            view.type = type;
            view.attributes = UINT64_MAX;
        }
        if (type == view.type) {
            view.attributes &= descriptor->attributes;
        }
        view.all_attributes &= descriptor->attributes;
        view.covered = true;
    }
    return view;
}
