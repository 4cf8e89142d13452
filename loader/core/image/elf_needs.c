/* What an ELF kernel asks for: the second half of needs.h. */
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

/* loader.cfg may not contradict the ELF file either. movable: the kernel may lie at any multiple of
 * its alignment. */
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
    if (movable && entry->address % elf->alignment != 0) {
        return refuse(failure, (struct conflict){"p_align", elf->alignment,
                                                 "'address =' of loader.cfg", entry->address});
    }
    return STATUS_OK;
}

/* Where a movable kernel lies if neither its header nor loader.cfg names an address: where it is
 * linked for, if that is possible; 0: anywhere. */
static uint64_t preferred_address(const struct image_request *request, const struct elf *elf)
{
    uint64_t limit = request->limits.address_limit - PAGE_SIZE;
    bool fits = elf->address >= request->limits.lowest_address && elf->address < limit &&
                elf->memory_size <= limit - elf->address;
    return fits && request->entry->line[ENTRY_ADDRESS] == 0 ? elf->address : 0;
}

enum status image_resolve_elf(const struct image_request *request, const struct elf *elf,
                              struct failure *failure, struct image_needs *out_needs)
{
    struct BootInfoKernelHeader header = {.abi_major = BOOTINFO_VERSION_MAJOR,
                                          .size = sizeof(header)};
    struct image_request asked = *request;
    bool high = elf->address >= request->limits.higher_half;
    bool movable = elf->address == elf->physical && (high || elf->position_independent);
    if (!high && elf->address != elf->physical) {
        failure->number[2] = request->limits.higher_half;
        return fail_numbers(failure, STATUS_ELF_VIRTUAL, elf->address, elf->physical);
    }
    if (request->header != NULL) {
        header = *request->header;
    }
    TRY(check_header(elf, &header, failure));
    TRY(check_config(elf, request->entry, movable, failure));
    header.entry = 0;
    header.load_address = movable ? preferred_address(request, elf) : elf->physical;
    asked.header = &header;
    asked.image_size = elf->memory_size;
    TRY(image_resolve(&asked, failure, out_needs));
    out_needs->entry = elf->entry;
    out_needs->alignment = movable && request->entry->line[ENTRY_ADDRESS] == 0 ? elf->alignment : 0;
    return STATUS_OK;
}
