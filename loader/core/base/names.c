#include "core/base/names.h"

#include "abi/bootinfo.h"
#include "core/base/packed.h"
#include "core/base/status.h"

void write_memory_type(struct writer *writer, uint32_t type)
{
    uint32_t name = type == OCCUPANT_NOTHING            ? BOOTINFO_MEMORY_TYPE_COUNT
                    : type < BOOTINFO_MEMORY_TYPE_COUNT ? type
                                                        : BOOTINFO_MEMORY_RESERVED;
    write_packed(writer, packed_memory_types, name);
}
