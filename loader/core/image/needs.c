#include "core/image/needs.h"

#include "core/base/bytes.h"
#include "core/base/span.h"

#include <stddef.h>
#include <string.h>

#define DIRECT_MAP_UNIT UINT64_C(0x40000000) /* 1 GiB: what a page table of the second level maps */

/* Bytes of a header whose field size has this value: one of version 1.0 ends where direct_map
 * begins, one of 1.1 where machine does. */
static uint64_t header_size(uint32_t stated)
{
    if (stated < BOOTINFO_KERNEL_HEADER_SIZE_1_1) {
        return BOOTINFO_KERNEL_HEADER_SIZE_1_0;
    }
    return stated < BOOTINFO_KERNEL_HEADER_SIZE_1_2 ? BOOTINFO_KERNEL_HEADER_SIZE_1_1
                                                    : sizeof(struct BootInfoKernelHeader);
}

/* room is at least that of a header of 1.0. */
static bool copy_header(const uint8_t *at, uint64_t room, struct BootInfoKernelHeader *out_header)
{
    struct BootInfoKernelHeader header = {0};
    uint64_t size = header_size(word_at(at + offsetof(struct BootInfoKernelHeader, size)));
    if (room < size) {
        return false;
    }
    memcpy(&header, at, size);
    *out_header = header;
    return true;
}

bool image_header(struct bytes head, struct BootInfoKernelHeader *out_header)
{
    uint64_t size = least(head.size, BOOTINFO_KERNEL_HEADER_LIMIT);
    if (size < BOOTINFO_KERNEL_HEADER_SIZE_1_0) {
        return false;
    }
    const uint8_t *last = head.data + size - BOOTINFO_KERNEL_HEADER_SIZE_1_0;
    for (const uint8_t *at = head.data; at <= last; at += 8) {
        if (word_at(at) == (uint32_t)BOOTINFO_KERNEL_MAGIC &&
            long_at(at) == BOOTINFO_KERNEL_MAGIC &&
            copy_header(at, (uint64_t)(head.data + size - at), out_header)) {
            return true;
        }
    }
    return false;
}

/* No kernel's header will be larger for a long time. */
static bool is_plausible(const struct BootInfoKernelHeader *header)
{
    return header->abi_major == BOOTINFO_VERSION_MAJOR &&
           header->size >= BOOTINFO_KERNEL_HEADER_SIZE_1_0 &&
           header->size <= BOOTINFO_KERNEL_HEADER_LIMIT;
}

bool image_header_at(struct bytes image, uint64_t at, struct BootInfoKernelHeader *out_header)
{
    struct BootInfoKernelHeader header;
    uint64_t room = image.size - at;
    if (room < BOOTINFO_KERNEL_HEADER_SIZE_1_0 ||
        long_at(image.data + at) != BOOTINFO_KERNEL_MAGIC ||
        !copy_header(image.data + at, room, &header) || !is_plausible(&header)) {
        return false;
    }
    *out_header = header;
    return true;
}

static enum status check_header(const struct BootInfoKernelHeader *header, struct failure *failure)
{
    if (header->abi_major != BOOTINFO_VERSION_MAJOR || header->abi_minor > BOOTINFO_VERSION_MINOR) {
        failure->number[2] = BOOTINFO_VERSION_MAJOR;
        failure->number[3] = BOOTINFO_VERSION_MINOR;
        return fail_numbers(failure, STATUS_HEADER_WRONG_ABI, header->abi_major, header->abi_minor);
    }
    if (header->size < BOOTINFO_KERNEL_HEADER_SIZE_1_0) {
        return fail_numbers(failure, STATUS_HEADER_BAD_SIZE, header->size,
                            BOOTINFO_KERNEL_HEADER_SIZE_1_0);
    }
    uint64_t unknown = header->flags & ~(BOOTINFO_KERNEL_LOW | BOOTINFO_KERNEL_KEEP_EL2);
    if (unknown != 0) {
        return fail_numbers(failure, STATUS_HEADER_UNKNOWN_FLAGS, unknown, 0);
    }
    return STATUS_OK;
}

uint64_t image_address(const struct entry *entry, const struct image_limits *limits)
{
    return entry->line[ENTRY_ADDRESS] != 0 ? entry->address : limits->lowest_address;
}

static enum status resolve_address(const struct image_request *request, struct failure *failure,
                                   uint64_t *out_address)
{
    const struct entry *entry = request->entry;
    const struct BootInfoKernelHeader *header = request->header;
    if (header->load_address == 0) {
        *out_address = image_address(entry, &request->limits);
        return STATUS_OK;
    }
    if (entry->line[ENTRY_ADDRESS] != 0 && entry->address != header->load_address) {
        return fail_numbers(failure, STATUS_HEADER_ADDRESS_CONFLICT, header->load_address,
                            entry->address);
    }
    *out_address = header->load_address;
    return STATUS_OK;
}

static enum status resolve_memory(const struct image_request *request, struct failure *failure,
                                  uint64_t *out_memory_size)
{
    uint64_t image_size = request->image_size;
    uint64_t given = request->entry->memory;
    uint64_t asked = request->header->memory_size;
    uint64_t needed = most(image_size, asked);
    if (needed == 0 && given == 0) {
        return fail_with(failure, STATUS_IMAGE_SIZE_UNKNOWN);
    }
    if (asked != 0 && asked < image_size) {
        failure->hint = TEXT("its kernel header");
        return fail_numbers(failure, STATUS_IMAGE_MEMORY_TOO_SMALL, image_size, asked);
    }
    if (given != 0 && given < needed) {
        failure->hint = TEXT("'memory =' in loader.cfg");
        return fail_numbers(failure, STATUS_IMAGE_MEMORY_TOO_SMALL, needed, given);
    }
    *out_memory_size = given != 0 ? given : needed;
    return STATUS_OK;
}

/* Checks whole pages, since whole pages are mapped. */
static enum status check_place(const struct image_limits *limits, uint64_t address,
                               uint64_t memory_size, struct failure *failure)
{
    uint64_t end = 0;
    if (address < limits->lowest_address) {
        return fail_numbers(failure, STATUS_ADDRESS_TOO_LOW, address, limits->lowest_address);
    }
    if (__builtin_add_overflow(address, memory_size, &end) ||
        __builtin_add_overflow(end, PAGE_SIZE - 1, &end) ||
        end / PAGE_SIZE * PAGE_SIZE > limits->address_limit) {
        failure->number[2] = limits->address_limit;
        return fail_numbers(failure, STATUS_ADDRESS_TOO_HIGH, memory_size, address);
    }
    if (address % PAGE_SIZE != 0) {
        uint64_t lower = address / PAGE_SIZE * PAGE_SIZE;
        failure->number[2] = lower + PAGE_SIZE;
        return fail_numbers(failure, STATUS_ADDRESS_UNALIGNED, address, lower);
    }
    return STATUS_OK;
}

static enum status resolve_entry(const struct BootInfoKernelHeader *header, uint64_t address,
                                 uint64_t size, struct failure *failure, uint64_t *out_entry)
{
    if (header->entry != 0 && (header->entry < address || header->entry - address >= size)) {
        failure->number[2] = address + size - 1;
        return fail_numbers(failure, STATUS_HEADER_BAD_ENTRY, header->entry, address);
    }
    *out_entry = header->entry != 0 ? header->entry : address;
    return STATUS_OK;
}

static enum status resolve_stack(const struct entry *entry,
                                 const struct BootInfoKernelHeader *header, struct failure *failure,
                                 uint64_t *out_stack_size)
{
    uint64_t asked = header->stack_size;
    if (asked > CONFIG_STACK_MAX) {
        return fail_numbers(failure, STATUS_HEADER_BAD_STACK, asked, CONFIG_STACK_MAX);
    }
    if (entry->line[ENTRY_STACK] != 0 && entry->stack < asked) {
        return fail_numbers(failure, STATUS_HEADER_STACK_CONFLICT, asked, entry->stack);
    }
    *out_stack_size = page_count_of(most(entry->stack, asked)) * PAGE_SIZE;
    return STATUS_OK;
}

static enum status resolve_direct_map(const struct image_request *request, struct failure *failure,
                                      uint64_t *out_direct_map)
{
    uint64_t asked = request->header->direct_map;
    uint64_t given = request->entry->direct_map;
    uint64_t lowest = request->limits.higher_half;
    if (asked != 0 && given != 0 && given != asked) {
        return fail_numbers(failure, STATUS_HEADER_DIRECT_MAP_CONFLICT, asked, given);
    }
    uint64_t direct_map = asked != 0 ? asked : given;
    if (direct_map != 0 && (direct_map < lowest || direct_map % DIRECT_MAP_UNIT != 0)) {
        return fail_numbers(failure, STATUS_DIRECT_MAP_BAD, direct_map, lowest);
    }
    *out_direct_map = direct_map;
    return STATUS_OK;
}

enum status image_resolve(const struct image_request *request, struct failure *failure,
                          struct image_needs *out_needs)
{
    static const struct BootInfoKernelHeader all_left_open;
    struct image_request asked = *request;
    struct image_needs needs = {0};
    if (asked.header == NULL) {
        asked.header = &all_left_open;
    } else {
        TRY(check_header(asked.header, failure));
    }
    TRY(resolve_address(&asked, failure, &needs.address));
    TRY(resolve_memory(&asked, failure, &needs.memory_size));
    TRY(check_place(&asked.limits, needs.address, needs.memory_size, failure));
    uint64_t code_size = asked.image_size != 0 ? asked.image_size : needs.memory_size;
    TRY(resolve_entry(asked.header, needs.address, code_size, failure, &needs.entry));
    TRY(resolve_stack(asked.entry, asked.header, failure, &needs.stack_size));
    TRY(resolve_direct_map(&asked, failure, &needs.direct_map));
    if (asked.entry->low || (asked.header->flags & BOOTINFO_KERNEL_LOW) != 0) {
        needs.last = UINT32_MAX;
    }
    *out_needs = needs;
    return STATUS_OK;
}
