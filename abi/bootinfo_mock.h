/* A BootInfo on the host, for unit tests and fuzzing of what a kernel does with one. C11 and C++17.
 *
 *     #include "machine.h"  // 'baton mock >machine.h': a real machine's memory, as regions
 *
 *     static struct BootInfoMock mock;
 *     const struct BootInfo *info = bootinfo_mock(&mock, machine, machine_count);
 *
 * All else that a loader may leave out is absent. A test that wants it sets it in mock.info, and
 * calls bootinfo_mock_seal. docs/recipes.md has a whole test.
 * SPDX-License-Identifier: MIT */
#ifndef BATON_BOOTINFO_MOCK_H
#define BATON_BOOTINFO_MOCK_H

#include "bootinfo.h"

#define BOOTINFO_MOCK_REGIONS_MAX 1024
/* Entries are further apart than sizeof(struct BootInfoRegion): a kernel that steps by sizeof
 * instead of entry_size fails its tests, and not on the day that a later loader appends a field. */
#define BOOTINFO_MOCK_ENTRY_SIZE (sizeof(struct BootInfoRegion) + 8)

struct BootInfoMock {
    struct BootInfo info;
    char empty[8];
    uint64_t map[BOOTINFO_MOCK_REGIONS_MAX * BOOTINFO_MOCK_ENTRY_SIZE / sizeof(uint64_t)];
};

/* To be called after each change of mock->info: bootinfo_valid holds again. */
static inline void bootinfo_mock_seal(struct BootInfoMock *mock)
{
    mock->info.checksum = bootinfo_checksum(&mock->info);
}

/* The span of the first region of that type; absent where there is none. */
static inline struct BootInfoSpan bootinfo_mock_span(const struct BootInfo *info, uint32_t type)
{
    struct BootInfoSpan span = {0, 0};
    const struct BootInfoRegion *region;
    for (uint32_t i = 0; span.size == 0 && (region = bootinfo_region(info, i)) != 0; i++) {
        if (region->type == type) {
            span.address = region->base;
            span.size = region->size;
        }
    }
    return span;
}

static inline void bootinfo_mock_map(struct BootInfoMock *mock,
                                     const struct BootInfoRegion *regions, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct BootInfoRegion *entry =
            (struct BootInfoRegion *)(void *)((char *)mock->map + i * BOOTINFO_MOCK_ENTRY_SIZE);
        *entry = regions[i];
        /* What a step of sizeof would take for the next entry. */
        *(uint64_t *)(void *)(entry + 1) = ~BOOTINFO_U64(0);
    }
    mock->info.memory_map.address = (uint64_t)(uintptr_t)mock->map;
    mock->info.memory_map.count = count;
    mock->info.memory_map.entry_size = BOOTINFO_MOCK_ENTRY_SIZE;
}

/* Fills *mock, which is in memory of the caller's. 0: more regions than it can hold. */
static inline const struct BootInfo *
bootinfo_mock(struct BootInfoMock *mock, const struct BootInfoRegion *regions, uint32_t count)
{
    static struct BootInfo nothing; /* never written */
    struct BootInfo *info = &mock->info;
    if (count > BOOTINFO_MOCK_REGIONS_MAX) {
        return 0;
    }
    *info = nothing;
    mock->empty[0] = 0;
    info->magic = BOOTINFO_MAGIC;
    info->version_major = BOOTINFO_VERSION_MAJOR;
    info->version_minor = BOOTINFO_VERSION_MINOR;
    info->size = sizeof(*info);
    info->info.address = (uint64_t)(uintptr_t)mock;
    info->info.size = sizeof(*mock);
    info->command_line.address = (uint64_t)(uintptr_t)mock->empty;
    info->loader_name = info->command_line;
    info->log = info->command_line;
    info->boot_time = BOOTINFO_TIME_UNKNOWN;
    info->machine = BOOTINFO_MACHINE_X86_64;
    info->secure_boot = BOOTINFO_SECURE_BOOT_UNKNOWN;
    bootinfo_mock_map(mock, regions, count);
    info->kernel = bootinfo_mock_span(info, BOOTINFO_MEMORY_KERNEL);
    info->kernel_virtual = info->kernel.address;
    info->stack = bootinfo_mock_span(info, BOOTINFO_MEMORY_STACK);
    bootinfo_mock_seal(mock);
    return info;
}

#endif
