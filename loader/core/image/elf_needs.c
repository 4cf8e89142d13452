/* What an ELF kernel asks for: the second half of needs.h. */
#include "core/base/apart.h"
#include "core/base/span.h"
#include "core/image/needs.h"

/* "its ELF header says WHAT ELF, but WHO says OTHER". */
struct conflict {
    const char *what;
    uint64_t elf;
    const char *who;
    uint64_t other;
};

static enum status refuse(struct failure *failure, struct conflict conflict)
{
    failure->found = text_of(conflict.who);
    failure->number[0] = conflict.elf;
    failure->number[1] = conflict.other;
    return fail_hint(failure, STATUS_ELF_CONFLICT, conflict.what);
}

/* The kernel header may repeat what the ELF file says, not contradict it. */
static enum status check_header(const struct elf *elf, const struct BootInfoKernelHeader *header,
                                struct failure *failure)
{
    static const char who[] = "its kernel header";
    if (header->entry != 0 && header->entry != elf->entry) {
        return refuse(failure, (struct conflict){"entry", elf->entry, who, header->entry});
    }
    if (header->load_address != 0 && header->load_address != elf->physical &&
        header->load_address != elf->address) {
        return refuse(failure,
                      (struct conflict){"address", elf->physical, who, header->load_address});
    }
    return STATUS_OK;
}

/* A linker aligns to addresses as linked: the kernel moves by multiples of its largest p_align. */
static enum status check_alignment(const struct elf *elf, uint64_t address, struct failure *failure)
{
    uint64_t excess = (address - elf->address) % elf->alignment;
    if (excess == 0) {
        return STATUS_OK;
    }
    failure->number[2] = elf->address;
    failure->number[3] = address - excess + elf->alignment;
    return fail_numbers(failure, STATUS_ELF_ALIGNMENT, address, elf->alignment);
}

/* Nor may loader.cfg. movable: the kernel may lie elsewhere than where it is linked for. */
static enum status check_config(const struct elf *elf, const struct entry *entry, bool movable,
                                struct failure *failure)
{
    if (entry->line[ENTRY_ADDRESS] == 0) {
        return STATUS_OK;
    }
    if (!movable && entry->address != elf->physical) {
        return refuse(failure,
                      (struct conflict){"address", elf->physical, "loader.cfg", entry->address});
    }
    return movable ? check_alignment(elf, entry->address, failure) : STATUS_OK;
}

/* The lower half of virtual addresses is the identity map. */
static enum status check_virtual(const struct elf *elf, uint64_t higher_half,
                                 struct failure *failure)
{
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        uint64_t physical = elf->physical + segment->at;
        if (segment->address < higher_half && segment->address != physical) {
            failure->number[2] = higher_half;
            return fail_numbers(failure, STATUS_ELF_VIRTUAL, segment->address, physical);
        }
    }
    return STATUS_OK;
}

/* No address is left open: 0 is one as well. */
static enum status check_low(const struct elf *elf, uint64_t lowest, struct failure *failure)
{
    if (elf->physical >= lowest) {
        return STATUS_OK;
    }
    failure->number[2] = lowest;
    return fail_numbers(failure, STATUS_ELF_TOO_LOW, elf->segments[0].program,
                        elf->physical + elf->segments[0].at);
}

/* Where a movable kernel lies if nobody asks for a place: where it is linked for, if that can be;
 * 0: anywhere. */
static uint64_t preferred_address(const struct image_request *request, const struct elf *elf)
{
    uint64_t limit = request->limits.address_limit - PAGE_SIZE;
    bool fits = elf->address >= request->limits.lowest_address && elf->address < limit &&
                elf->memory_size <= limit - elf->address;
    return fits && request->entry->line[ENTRY_ADDRESS] == 0 ? elf->address : 0;
}

APART enum status image_resolve_elf(const struct image_request *request, const struct elf *elf,
                                    struct failure *failure, struct image_needs *out_needs)
{
    struct BootInfoKernelHeader header = {.abi_major = BOOTINFO_VERSION_MAJOR,
                                          .size = sizeof(header)};
    struct image_request asked = *request;
    bool high = elf->address >= request->limits.higher_half;
    bool movable = elf->address == elf->physical && (high || elf->position_independent);
    TRY(check_virtual(elf, request->limits.higher_half, failure));
    if (request->header != NULL) {
        header = *request->header;
    }
    TRY(check_header(elf, &header, failure));
    TRY(check_config(elf, request->entry, movable, failure));
    if (!movable) {
        TRY(check_low(elf, request->limits.lowest_address, failure));
    }
    header.entry = 0;
    header.load_address = movable ? preferred_address(request, elf) : elf->physical;
    asked.header = &header;
    asked.image_size = elf->memory_size;
    TRY(image_resolve(&asked, failure, out_needs));
    out_needs->entry = elf->entry;
    out_needs->linked = elf->address;
    out_needs->alignment = movable && request->entry->line[ENTRY_ADDRESS] == 0 ? elf->alignment : 0;
    return STATUS_OK;
}
