/* The fake's memory map. */
#include "fake_platform.h"

#include <string.h>

#define LIST_MAX    (FAKE_RAM_PAGES + FAKE_DESCRIPTORS_MAX + 8192)
#define FILLER_BASE UINT64_C(0x200000000000)

static bool exit_began;
static uint64_t fillers_grown;
static struct firmware_descriptor list[LIST_MAX];

void fake_map_reset(void)
{
    exit_began = false;
    fillers_grown = 0;
}

void fake_map_exit_began(void)
{
    exit_began = true;
    fillers_grown += fake.growth_at_exit;
}

static uint64_t address_of(uint64_t page)
{
    return FAKE_RAM_BASE + page * PAGE_SIZE;
}

static uint64_t list_ram(uint64_t count)
{
    for (uint64_t page = 0, run = 1; page < FAKE_RAM_PAGES; page += run) {
        int type = fake_type_at(address_of(page));
        bool runtime = type == EFI_RUNTIME_CODE || type == EFI_RUNTIME_DATA;
        run = 1;
        while (page + run < FAKE_RAM_PAGES && fake_type_at(address_of(page + run)) == type) {
            run++;
        }
        if (type != EFI_NOTHING) {
            list[count++] = (struct firmware_descriptor){
                .type = (uint32_t)type,
                .physical_start = address_of(page),
                .page_count = run,
                .attributes = FAKE_WRITE_BACK | (runtime ? EFI_MEMORY_RUNTIME : 0),
            };
        }
    }
    return count;
}

static void shuffle(uint64_t count)
{
    uint32_t random = 1;
    for (uint64_t i = count - 1; i > 0; i--) {
        random = random * 1664525 + 1013904223;
        uint64_t other = (random >> 8) % (i + 1);
        struct firmware_descriptor swapped = list[i];
        list[i] = list[other];
        list[other] = swapped;
    }
}

/* What is below RAM, RAM, what is above it, and fillers, each with a gap after it. */
static uint64_t list_all(void)
{
    uint64_t count = 0;
    uint32_t known = fake.descriptor_count - (exit_began ? 0 : fake.late_descriptors);
    uint32_t shown = fake.first_descriptors + fake.calls[FAKE_MEMORY_MAP];
    if (fake.first_descriptors != 0 && shown < known) {
        known = shown;
    }
    for (uint32_t i = 0; i < known; i++) {
        if (fake.descriptors[i].physical_start < FAKE_RAM_BASE) {
            list[count++] = fake.descriptors[i];
        }
    }
    count = list_ram(count);
    for (uint32_t i = 0; i < known; i++) {
        if (fake.descriptors[i].physical_start >= FAKE_RAM_BASE) {
            list[count++] = fake.descriptors[i];
        }
    }
    for (uint64_t i = 0; i < fake.filler_count + fillers_grown && count < LIST_MAX; i++) {
        list[count++] = (struct firmware_descriptor){
            .type = EFI_RESERVED,
            .physical_start = FILLER_BASE + i * 2 * PAGE_SIZE,
            .page_count = 1,
        };
    }
    if (fake.shuffled) {
        shuffle(count);
    }
    return count;
}

bool fake_is_final_map(struct BootInfoSpan map)
{
    uint64_t count = list_all();
    const uint8_t *at = (const uint8_t *)map.address;
    if (map.size != count * fake.stride) {
        return false;
    }
    for (uint64_t i = 0; i < count; i++, at += fake.stride) {
        if (memcmp(at, &list[i], sizeof(list[i])) != 0) {
            return false;
        }
    }
    return true;
}

enum firmware plat_memory_map(struct plat_map *map)
{
    enum firmware answer = fake_enter(FAKE_MEMORY_MAP, map->capacity);
    if (answer != FIRMWARE_OK && answer != FIRMWARE_BUFFER_TOO_SMALL) {
        return answer;
    }
    uint32_t maps_before = fake.calls[FAKE_MEMORY_MAP] - 1;
    if (maps_before > 0 && (fake.growths == 0 || maps_before <= fake.growths)) {
        fillers_grown += fake.growth;
    }
    uint64_t count = list_all();
    map->size = count * fake.stride;
    bool unsaid = fake.stride_unsaid && maps_before >= fake.stride_true_maps;
    map->descriptor_size = unsaid ? fake.stride_said : fake.stride;
    map->descriptor_version = 1;
    if (answer != FIRMWARE_OK || map->size > map->capacity) {
        map->size = fake.map_needs != 0 ? fake.map_needs : map->size;
        return fake_answer(FIRMWARE_BUFFER_TOO_SMALL);
    }
    if (!fake_is_allocated((uint64_t)map->buffer, map->capacity)) {
        fake_violation("a memory map to memory that is not the core's");
    }
    map->key = fake_key();
    memset(map->buffer, 0xA5, map->size); /* the padding too */
    for (uint64_t i = 0; i < count; i++) {
        memcpy((uint8_t *)map->buffer + i * fake.stride, &list[i], sizeof(list[i]));
    }
    map->size += fake.map_claims;
    return FIRMWARE_OK;
}
