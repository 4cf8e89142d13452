#include "boot/boot.h"

#define LOW_MEMORY_END UINT64_C(0x100000) /* left to kernels that start other CPUs there */

uint64_t higher_half(const struct machine *machine)
{
    return (machine->flags & BOOTINFO_FLAG_LA57) != 0 ? UINT64_C(0xFF00000000000000)
                                                      : UINT64_C(0xFFFF800000000000);
}

uint64_t page_count_of(uint64_t size)
{
    return size / PAGE_SIZE + (size % PAGE_SIZE != 0);
}

static bool overlaps(uint64_t base, uint64_t size, uint64_t other_base, uint64_t other_size)
{
    return base < other_base + other_size && other_base < base + size;
}

static void note(struct ledger *ledger, struct memory_request request, uint64_t address)
{
    ledger->items[ledger->count++] = (struct allocation){
        .address = address,
        .page_count = request.page_count,
        .type = request.type,
    };
}

static bool is_misplaced(const struct ledger *ledger, uint64_t address, uint64_t page_count)
{
    return address < LOW_MEMORY_END ||
           overlaps(address, page_count * PAGE_SIZE, ledger->avoid_base, ledger->avoid_size);
}

/* What the firmware offers in a wrong place is kept, so that the next offer lies elsewhere. */
enum status memory_reserve(struct boot *boot, struct memory_request request, uint64_t *out_address)
{
    struct ledger *ledger = &boot->ledger;
    struct failure *failure = &boot->failure;
    struct memory_request misplaced = {request.use, BOOTINFO_MEMORY_USABLE, request.page_count,
                                       request.what};
    while (ledger->count < LEDGER_MAX) {
        uint64_t address = 0;
        failure->firmware = plat_pages_allocate(request.use, request.page_count, &address);
        if (failure->firmware != FIRMWARE_OK) {
            failure->number[0] = request.page_count * PAGE_SIZE;
            failure->hint = text_of(request.what);
            return fail(boot, STATUS_MEMORY_EXHAUSTED);
        }
        if (!is_misplaced(ledger, address, request.page_count)) {
            note(ledger, request, address);
            *out_address = address;
            return STATUS_OK;
        }
        note(ledger, misplaced, address);
    }
    failure->number[0] = LEDGER_MAX;
    return fail(boot, STATUS_MEMORY_FRAGMENTED);
}

bool memory_reserve_at(struct boot *boot, struct memory_request request, uint64_t address)
{
    if (boot->ledger.count == LEDGER_MAX) {
        return false;
    }
    boot->failure.firmware = plat_pages_allocate_at(request.use, request.page_count, address);
    if (boot->failure.firmware != FIRMWARE_OK) {
        return false;
    }
    note(&boot->ledger, request, address);
    return true;
}

static struct allocation *find(struct ledger *ledger, uint64_t address)
{
    for (uint32_t i = 0; i < ledger->count; i++) {
        if (ledger->items[i].address == address) {
            return &ledger->items[i];
        }
    }
    return NULL;
}

enum status memory_map_take(struct boot *boot, struct plat_map *map, uint64_t descriptors_max,
                            uint64_t *out_stride)
{
    struct failure *failure = &boot->failure;
    uint64_t stride = 0;
    failure->firmware = plat_memory_map(map);
    if (failure->firmware != FIRMWARE_OK && failure->firmware != FIRMWARE_BUFFER_TOO_SMALL) {
        return fail(boot, STATUS_MAP_FAILED);
    }
    failure->number[0] = map->descriptor_size;
    if (memory_map_stride(map->descriptor_size, &stride) != STATUS_OK) {
        return fail(boot, STATUS_MAP_BAD_STRIDE);
    }
    failure->number[0] = map->size;
    failure->number[1] = map->capacity;
    if (failure->firmware != FIRMWARE_OK || map->size > map->capacity ||
        map->size / stride > descriptors_max) {
        return fail(boot, STATUS_MAP_KEEPS_GROWING);
    }
    *out_stride = stride;
    return STATUS_OK;
}

/* What lies in a wrong place is kept until the end: the firmware would only offer it again. */
void memory_release(struct boot *boot, uint64_t address)
{
    struct ledger *ledger = &boot->ledger;
    struct allocation *item = find(ledger, address);
    if (item != NULL && !is_misplaced(ledger, item->address, item->page_count)) {
        plat_pages_free(item->address, item->page_count);
        *item = ledger->items[--ledger->count];
    }
}

void memory_disown(struct boot *boot, uint64_t address)
{
    struct allocation *item = find(&boot->ledger, address);
    *item = boot->ledger.items[--boot->ledger.count];
}

void memory_release_down_to(struct boot *boot, uint32_t count)
{
    struct ledger *ledger = &boot->ledger;
    while (ledger->count > count) {
        const struct allocation *item = &ledger->items[--ledger->count];
        plat_pages_free(item->address, item->page_count);
    }
    ledger->avoid_size = 0;
}

void memory_release_all(struct boot *boot)
{
    memory_release_down_to(boot, 0);
}
