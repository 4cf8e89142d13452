/* What core/ has to know about the architecture the kernel is for: numbers and names, no code.
 * arch/NAME fills one in (arch_target, arch.h); a tool on another machine may use the same one. */
#ifndef BATON_TARGET_H
#define BATON_TARGET_H

#include <stdint.h>

struct target {
    const char *name;              /* "x86-64": follows "an ELF64 file for " */
    uint16_t elf_machine;          /* e_machine of its ELF files */
    uint32_t elf_none;             /* the relocation type that does nothing */
    uint32_t elf_relative;         /* the one that adds the distance from the linked address */
    const char *elf_relative_name; /* as the psABI names it */
    uint64_t lowest_address;       /* no kernel lies lower; where a raw one lies by default */
    uint64_t mapped_below;         /* what ends here or lower is mapped at entry, whatever it is */
};

#endif
