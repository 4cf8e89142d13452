#include "arch.h"

#define EM_X86_64         62 /* System V ABI, AMD64 supplement, "Machine Information" */
#define R_X86_64_NONE     0  /* the same, table 4.9 */
#define R_X86_64_RELATIVE 8

/* Below 1 MiB are the tables of firmware and BIOS, and kernels start other CPUs there. */
const struct target arch_target = {
    .name = "x86-64",
    .elf_machine = EM_X86_64,
    .elf_none = R_X86_64_NONE,
    .elf_relative = R_X86_64_RELATIVE,
    .elf_relative_name = "R_X86_64_RELATIVE",
    .lowest_address = 0x100000,
    .mapped_below = 0x100000000,
};
