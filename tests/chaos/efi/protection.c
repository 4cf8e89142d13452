/* Firmware that protects memory: the page tables it runs on, changed in place, and its
 * EFI_MEMORY_ATTRIBUTE_PROTOCOL (UEFI 2.10 section 37.7.1). */
#include "chaos.h"

#include <string.h>

#define ENTRY_PRESENT  UINT64_C(0x1) /* Intel SDM 3A table 4-15 */
#define ENTRY_WRITABLE UINT64_C(0x2)
#define ENTRY_LARGE    UINT64_C(0x80)
#define ENTRY_NX       (UINT64_C(1) << 63)
#define ENTRY_ADDRESS  UINT64_C(0x000FFFFFFFFFF000)
#define CR0_WP         (UINT64_C(1) << 16)

#define MEMORY_RP UINT64_C(0x2000) /* UEFI 2.10 section 7.2.3 */
#define MEMORY_XP UINT64_C(0x4000)
#define MEMORY_RO UINT64_C(0x20000)

enum { PAGE = 4096, ENTRIES = 512, LEVELS = 4, TABLES_MAX = 128 };

struct page_table {
    uint64_t entries[ENTRIES];
};

static _Alignas(PAGE) struct page_table tables[TABLES_MAX];
static int table_count;

static uint64_t control_0(void)
{
    uint64_t value;
    __asm__ volatile("mov %%cr0, %0" : "=r"(value));
    return value;
}

static void set_control_0(uint64_t value)
{
    __asm__ volatile("mov %0, %%cr0" : : "r"(value) : "memory");
}

static struct page_table *root(void)
{
    uint64_t value;
    __asm__ volatile("mov %%cr3, %0" : "=r"(value));
    return (struct page_table *)(value & ENTRY_ADDRESS);
}

static void flush(void)
{
    uint64_t value;
    __asm__ volatile("mov %%cr3, %0; mov %0, %%cr3" : "=r"(value) : : "memory");
}

static int shift_of(int level)
{
    return 12 + 9 * (level - 1);
}

/* A table of the next level that maps the same as the large page. */
static void split(uint64_t *entry, int level)
{
    if (table_count == TABLES_MAX) {
        report("too many page tables\n");
        leave(false);
    }
    struct page_table *split = &tables[table_count++];
    uint64_t size = UINT64_C(1) << shift_of(level - 1);
    uint64_t first = *entry & ENTRY_ADDRESS & ~((UINT64_C(1) << shift_of(level)) - 1);
    uint64_t flags = *entry & ~ENTRY_ADDRESS;
    if (level == 2) {
        flags &= ~ENTRY_LARGE;
    }
    for (uint64_t i = 0; i < ENTRIES; i++) {
        split->entries[i] = (first + i * size) | flags;
    }
    *entry = (uint64_t)split | ENTRY_PRESENT | ENTRY_WRITABLE;
}

/* The entry that maps the address; of a page of 4 KiB where whole. */
static uint64_t *entry_of(uint64_t address, bool whole)
{
    struct page_table *at = root();
    for (int level = LEVELS;; level--) {
        uint64_t *entry = &at->entries[address >> shift_of(level) & (ENTRIES - 1)];
        bool leaf = level == 1 || (*entry & ENTRY_LARGE) != 0 || (*entry & ENTRY_PRESENT) == 0;
        if (leaf && (level == 1 || !whole)) {
            return entry;
        }
        if (leaf) {
            split(entry, level);
        }
        at = (struct page_table *)(*entry & ENTRY_ADDRESS);
    }
}

unsigned access_get(uint64_t address)
{
    uint64_t entry = *entry_of(address, false);
    unsigned access = (entry & ENTRY_NX) != 0 ? ACCESS_XP : 0;
    access |= (entry & ENTRY_WRITABLE) == 0 ? ACCESS_RO : 0;
    return access | ((entry & ENTRY_PRESENT) == 0 ? ACCESS_RP : 0);
}

static void set_one(uint64_t address, unsigned access)
{
    uint64_t *entry = entry_of(address, true);
    uint64_t value = *entry & ~(ENTRY_NX | ENTRY_WRITABLE | ENTRY_PRESENT);
    value |= (access & ACCESS_XP) != 0 ? ENTRY_NX : 0;
    value |= (access & ACCESS_RO) == 0 ? ENTRY_WRITABLE : 0;
    *entry = value | ((access & ACCESS_RP) == 0 ? ENTRY_PRESENT : 0);
}

void access_set(uint64_t address, uint64_t page_count, unsigned access)
{
    uint64_t control = control_0();
    set_control_0(control & ~CR0_WP);
    for (uint64_t i = 0; i < page_count; i++) {
        if (access_get(address + i * PAGE) != access) {
            set_one(address + i * PAGE, access);
        }
    }
    set_control_0(control);
    flush();
}

unsigned access_of(EFI_MEMORY_TYPE type)
{
    uint32_t flag = type == EfiLoaderCode ? CHAOS_NX_CODE : CHAOS_NX_DATA;
    return (run.plan->flags & flag) != 0 ? ACCESS_XP : 0;
}

/* PE format, "Section Table". */
struct section {
    char name[8];
    uint32_t size;
    uint32_t address;
    uint32_t other[5];
    uint32_t flags;
};

enum { SECTION_EXECUTE = 0x20000000, SECTION_WRITE = (int)0x80000000 };

static uint32_t number_at(uint64_t address, size_t size)
{
    uint32_t value = 0;
    memcpy(&value, (const void *)address, size);
    return value;
}

/* What W^X firmware does with an image that is NX compatible. */
static void protect_image(bool on)
{
    uint64_t header = run.image_base + number_at(run.image_base + 0x3C, 4);
    uint32_t count = number_at(header + 6, 2);
    const struct section *sections = (const void *)(header + 24 + number_at(header + 20, 2));
    for (uint32_t i = 0; i < count; i++) {
        unsigned access = (sections[i].flags & (uint32_t)SECTION_EXECUTE) == 0 ? ACCESS_XP : 0;
        access |= (sections[i].flags & (uint32_t)SECTION_WRITE) == 0 ? ACCESS_RO : 0;
        access_set(run.image_base + sections[i].address, (sections[i].size + PAGE - 1) / PAGE,
                   on ? access : 0);
    }
}

void protection_patch(void)
{
    if ((run.plan->flags & CHAOS_UNMAP_PAGE_0) != 0) {
        access_set(0, 1, ACCESS_RP);
    }
    if ((run.plan->flags & CHAOS_NX_IMAGE) != 0) {
        protect_image(true);
    }
}

/* The image is gone by now: its pages may be anybody's. */
void protection_restore(void)
{
    if ((run.plan->flags & CHAOS_UNMAP_PAGE_0) != 0) {
        access_set(0, 1, 0);
    }
}

struct memory_attribute {
    EFI_STATUS(EFIAPI *get)(struct memory_attribute *, UINT64 base, UINT64 size, UINT64 *out);
    EFI_STATUS(EFIAPI *set)(struct memory_attribute *, UINT64 base, UINT64 size, UINT64 attributes);
    EFI_STATUS(EFIAPI *clear)
    (struct memory_attribute *, UINT64 base, UINT64 size, UINT64 attributes);
};

static bool is_sound(uint64_t base, uint64_t size)
{
    return size != 0 && base % PAGE == 0 && size % PAGE == 0;
}

static unsigned access_for(uint64_t attributes)
{
    unsigned access = (attributes & MEMORY_XP) != 0 ? ACCESS_XP : 0;
    access |= (attributes & MEMORY_RO) != 0 ? ACCESS_RO : 0;
    return access | ((attributes & MEMORY_RP) != 0 ? ACCESS_RP : 0);
}

static EFI_STATUS EFIAPI get_attributes(struct memory_attribute *protocol, UINT64 base, UINT64 size,
                                        UINT64 *out)
{
    EFI_STATUS status = gate(CHAOS_GET_ATTRIBUTES, CALLER);
    (void)protocol;
    if (EFI_ERROR(status)) {
        return status;
    }
    if (!is_sound(base, size)) {
        broken("memory attributes of a range that is not made of pages");
        return EFI_INVALID_PARAMETER;
    }
    unsigned access = access_get(base);
    for (uint64_t at = PAGE; at < size; at += PAGE) {
        if (access_get(base + at) != access) {
            return EFI_NO_MAPPING;
        }
    }
    *out = ((access & ACCESS_XP) != 0 ? MEMORY_XP : 0) |
           ((access & ACCESS_RO) != 0 ? MEMORY_RO : 0) |
           ((access & ACCESS_RP) != 0 ? MEMORY_RP : 0);
    return EFI_SUCCESS;
}

static EFI_STATUS change(enum chaos_call call, const void *caller, uint64_t base, uint64_t size,
                         uint64_t attributes)
{
    EFI_STATUS status = gate(call, caller);
    unsigned access = access_for(attributes);
    if (EFI_ERROR(status)) {
        return status;
    }
    if (!is_sound(base, size) || access == 0) {
        broken("memory attributes of a range that is not made of pages, or none");
        return EFI_INVALID_PARAMETER;
    }
    for (uint64_t at = 0; at < size; at += PAGE) {
        unsigned before = access_get(base + at);
        access_set(base + at, 1, call == CHAOS_SET_ATTRIBUTES ? before | access : before & ~access);
    }
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI set_attributes(struct memory_attribute *protocol, UINT64 base, UINT64 size,
                                        UINT64 attributes)
{
    (void)protocol;
    return change(CHAOS_SET_ATTRIBUTES, CALLER, base, size, attributes);
}

static EFI_STATUS EFIAPI clear_attributes(struct memory_attribute *protocol, UINT64 base,
                                          UINT64 size, UINT64 attributes)
{
    (void)protocol;
    return change(CHAOS_CLEAR_ATTRIBUTES, CALLER, base, size, attributes);
}

bool attribute_protocol(const EFI_GUID *guid, void **out_interface)
{
    static const EFI_GUID name = {
        0xf4560cf6, 0x40ec, 0x4b4a, {0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89}};
    static struct memory_attribute protocol = {get_attributes, set_attributes, clear_attributes};
    if ((run.plan->flags & CHAOS_ATTRIBUTES) == 0 || !same_guid(guid, &name)) {
        return false;
    }
    *out_interface = &protocol;
    return true;
}
