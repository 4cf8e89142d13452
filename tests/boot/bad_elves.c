#include "bad_cases.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>

/* Two segments of a page each; the second holds one relocation, for position-independent code. */
struct elf_file {
    Elf64_Ehdr header;
    Elf64_Phdr programs[3];
    uint8_t padding[0x1000 - sizeof(Elf64_Ehdr) - 3 * sizeof(Elf64_Phdr)];
    uint8_t code[0x1000];
    Elf64_Dyn dynamic[4];
    Elf64_Rela relocation;
    uint8_t data[0x1000 - 4 * sizeof(Elf64_Dyn) - sizeof(Elf64_Rela)];
};

static Elf64_Phdr segment(uint64_t i, uint64_t address)
{
    return (Elf64_Phdr){
        .p_type = PT_LOAD,
        .p_flags = PF_R | (i == 0 ? PF_X : PF_W),
        .p_offset = (i + 1) * 0x1000,
        .p_vaddr = address + i * 0x1000,
        .p_paddr = address + i * 0x1000,
        .p_filesz = 0x1000,
        .p_memsz = 0x1000,
        .p_align = 0x1000,
    };
}

static void make(struct elf_file *file, uint64_t address)
{
    file->header = (Elf64_Ehdr){
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_entry = address,
        .e_phoff = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 3,
    };
    file->programs[0] = segment(0, address);
    file->programs[1] = segment(1, address);
}

static void add_relocation(struct elf_file *file, uint64_t data)
{
    file->header.e_type = ET_DYN;
    file->programs[2] = file->programs[1];
    file->programs[2].p_type = PT_DYNAMIC;
    file->dynamic[0] = (Elf64_Dyn){DT_RELA, {data + sizeof(file->dynamic)}};
    file->dynamic[1] = (Elf64_Dyn){DT_RELASZ, {sizeof(Elf64_Rela)}};
    file->dynamic[2] = (Elf64_Dyn){DT_RELAENT, {sizeof(Elf64_Rela)}};
    file->relocation = (Elf64_Rela){data + 0x18, ELF64_R_INFO(0, R_X86_64_GLOB_DAT), 0};
}

static void spoil(struct elf_file *file, enum bad_kernel kernel)
{
    if (kernel == KERNEL_ELF_OBJECT) {
        file->header.e_type = ET_REL;
    } else if (kernel == KERNEL_ELF_CUT) {
        file->programs[0].p_filesz = file->programs[0].p_memsz = 0x20000;
    } else if (kernel == KERNEL_ELF_OVERLAP) {
        file->programs[0].p_memsz = 0x2000;
    } else if (kernel == KERNEL_ELF_ENTRY) {
        file->header.e_entry = 0;
    } else if (kernel == KERNEL_ELF_INTERPRETER) {
        file->programs[2].p_type = PT_INTERP;
    } else if (kernel == KERNEL_ELF_VIRTUAL) {
        file->programs[0].p_vaddr = 0x40000000;
        file->programs[1].p_vaddr = 0x40001000;
        file->header.e_entry = 0x40000000;
    } else if (kernel == KERNEL_ELF_RELOCATION) {
        add_relocation(file, 0x2000);
    } else if (kernel == KERNEL_ELF_NO_DYNAMIC) {
        file->header.e_type = ET_DYN;
    }
}

void bad_elf_make(enum bad_kernel kernel, struct bytes *bytes)
{
    static struct elf_file file;
    uint64_t address = 0x200000;
    if (kernel == KERNEL_ELF_NOWHERE) {
        address = UINT64_C(0x7000000000);
    } else if (kernel == KERNEL_ELF_RELOCATION) {
        address = 0x1000;
    } else if (kernel == KERNEL_ELF_TTEXT) {
        address = 0xFF000;
    }
    memset(&file, 0, sizeof(file));
    make(&file, address);
    spoil(&file, kernel);
    bytes_add(bytes, &file, sizeof(file));
}
