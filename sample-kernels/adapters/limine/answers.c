#include "bytes.h"
#include "limine.h"
#include "memory.h"

#define DIRECT_RGB   1
#define FIRMWARE_EFI 2 /* of 64 bits */

uint64_t answer_words(struct limine *limine, const uint64_t *words, uint32_t count)
{
    return high(memcpy(arena_add(limine, count * sizeof(*words)), words, count * sizeof(*words)));
}

uint64_t answer_list(struct limine *limine, uint64_t first, uint64_t stride, uint64_t count)
{
    uint64_t *list = arena_add(limine, (count + 1) * sizeof(*list));
    for (uint64_t i = 0; i < count; i++) {
        list[i] = first + stride * i;
    }
    return high(list);
}

/* A copy, with a NUL after it. */
static uint64_t copy(struct limine *limine, struct BootInfoSpan bytes)
{
    return high(memcpy(arena_add(limine, bytes.size + 1), bytes_of(bytes), bytes.size));
}

static uint64_t one(struct limine *limine, uint64_t value)
{
    const uint64_t words[] = {0, value};
    return answer_words(limine, words, 2);
}

/* Revision 3 gives the addresses of firmware tables as they are. */
static uint64_t table(const struct limine *limine, uint64_t address)
{
    return limine->wishes.revision == 3 ? address : address + HHDM;
}

static uint64_t file(struct limine *limine, struct BootInfoSpan data, struct BootInfoSpan path,
                     struct BootInfoSpan string)
{
    const struct BootInfo *info = limine->info;
    struct limine_file *out = arena_add(limine, sizeof(*out));
    out->address = data.address + HHDM;
    out->size = data.size;
    out->path = copy(limine, path);
    out->string = copy(limine, string);
    if (BOOTINFO_HAS(info, partition_number)) {
        out->partition = info->partition_number;
        if (info->partition_kind == BOOTINFO_PARTITION_GPT) {
            memcpy(out->gpt_partition, info->partition_id, sizeof(out->gpt_partition));
        } else if (info->partition_kind == BOOTINFO_PARTITION_MBR) {
            memcpy(&out->mbr_disk, info->partition_id, sizeof(out->mbr_disk));
        }
    }
    return high(out);
}

static uint64_t kernel_file(struct limine *limine)
{
    const struct BootInfoModule *kernel = bootinfo_module(limine->info, 0);
    return one(limine, file(limine, kernel->data, kernel->name, limine->info->command_line));
}

static uint64_t modules(struct limine *limine)
{
    uint32_t count = limine->info->modules.count - 1;
    uint64_t *list = arena_add(limine, (count + 1) * sizeof(*list));
    for (uint32_t i = 0; i < count; i++) {
        const struct BootInfoModule *module = bootinfo_module(limine->info, i + 1);
        list[i] = file(limine, module->data, module->name, module->arguments);
    }
    const uint64_t words[] = {0, count, high(list)};
    return answer_words(limine, words, 3);
}

static void fill_screen(struct limine *limine, const struct BootInfoFramebuffer *screen,
                        struct limine_screen *out)
{
    struct limine_mode *mode = arena_add(limine, sizeof(*mode));
    const uint8_t colors[6] = {screen->red_size,       screen->red_position, screen->green_size,
                               screen->green_position, screen->blue_size,    screen->blue_position};
    *mode = (struct limine_mode){.pitch = screen->pitch,
                                 .width = screen->width,
                                 .height = screen->height,
                                 .bits_per_pixel = (uint16_t)screen->bits_per_pixel,
                                 .model = DIRECT_RGB};
    memcpy(mode->colors, colors, sizeof(colors));
    *out = (struct limine_screen){.address = screen->address + HHDM,
                                  .width = screen->width,
                                  .height = screen->height,
                                  .pitch = screen->pitch,
                                  .bits_per_pixel = mode->bits_per_pixel,
                                  .model = DIRECT_RGB,
                                  .edid_size = screen->edid.size,
                                  .mode_count = 1};
    memcpy(out->colors, colors, sizeof(colors));
    out->edid = screen->edid.size != 0 ? copy(limine, screen->edid) : 0;
    out->modes = answer_list(limine, high(mode), 0, 1);
}

static uint64_t screens(struct limine *limine)
{
    uint32_t count = limine->info->framebuffers.count;
    if (count == 0) {
        return 0;
    }
    struct limine_screen *list = arena_add(limine, count * sizeof(*list));
    for (uint32_t i = 0; i < count; i++) {
        fill_screen(limine, bootinfo_framebuffer(limine->info, i), &list[i]);
    }
    const uint64_t words[] = {1, count, answer_list(limine, high(list), sizeof(*list), count)};
    return answer_words(limine, words, 3);
}

static uint64_t smbios(struct limine *limine)
{
    uint64_t address = limine->info->smbios;
    if (address == 0) {
        return 0;
    }
    int three = ((const uint8_t *)(uintptr_t)address)[3] == '3';
    const uint64_t words[] = {0, three ? 0 : table(limine, address),
                              three ? table(limine, address) : 0};
    return answer_words(limine, words, 3);
}

static uint64_t efi_map(struct limine *limine)
{
    const struct BootInfo *info = limine->info;
    const uint64_t words[] = {0, copy(limine, info->efi_memory_map), info->efi_memory_map.size,
                              info->efi_descriptor_size, info->efi_descriptor_version};
    return answer_words(limine, words, 5);
}

static uint64_t loader(struct limine *limine)
{
    uint64_t name = copy(limine, limine->info->loader_name);
    const uint64_t words[] = {0, name, name};
    return answer_words(limine, words, 3);
}

static uint64_t address(struct limine *limine)
{
    const uint64_t words[] = {0, (uintptr_t)limine->image.bytes, limine->image.virtual_address};
    return answer_words(limine, words, 3);
}

/* The answers that are one word, or a table of the firmware's. */
static uint64_t answer_short(struct limine *limine, uint64_t id)
{
    const struct BootInfo *info = limine->info;
    switch (id) {
    case LIMINE_STACK_SIZE:
    case LIMINE_ENTRY:
        return one(limine, 0);
    case LIMINE_HHDM:
        return one(limine, HHDM);
    case LIMINE_FIRMWARE:
        return one(limine, FIRMWARE_EFI);
    case LIMINE_PAGING_MODE:
        return one(limine, limine->paging.levels == 5 ? 1 : 0);
    case LIMINE_COMMAND_LINE:
        return one(limine, copy(limine, info->command_line));
    case LIMINE_RSDP:
        return info->acpi_rsdp != 0 ? one(limine, table(limine, info->acpi_rsdp)) : 0;
    case LIMINE_EFI_TABLE:
        return one(limine, table(limine, info->efi_system_table));
    case LIMINE_BOOT_TIME:
        return info->boot_time != BOOTINFO_TIME_UNKNOWN ? one(limine, (uint64_t)info->boot_time)
                                                        : 0;
    default:
        return 0; /* what is not known is left unanswered, as the protocol has it */
    }
}

uint64_t answer(struct limine *limine, const struct limine_request *request)
{
    switch (request->id[2]) {
    case LIMINE_LOADER:
        return loader(limine);
    case LIMINE_FRAMEBUFFER:
        return screens(limine);
    case LIMINE_MP:
        return cpus_answer(limine);
    case LIMINE_MEMORY_MAP:
        return map_answer(limine);
    case LIMINE_KERNEL_FILE:
        return kernel_file(limine);
    case LIMINE_MODULES:
        return modules(limine);
    case LIMINE_SMBIOS:
        return smbios(limine);
    case LIMINE_EFI_MAP:
        return efi_map(limine);
    case LIMINE_ADDRESS:
        return address(limine);
    default:
        return answer_short(limine, request->id[2]);
    }
}
