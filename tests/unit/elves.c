#include "elves.h"

#include "kernels.h"

#include <string.h>

struct elf_plan elf_plan(uint64_t vaddr, uint64_t paddr)
{
    return (struct elf_plan){
        .entry = vaddr + 0x40,
        .count = 3,
        .programs =
            {
                {PT_LOAD, PF_R | PF_X, 0x1000, vaddr, paddr, 0x2345, 0x2345, 0x1000},
                {PT_LOAD, PF_R, 0x4000, vaddr + 0x3000, paddr + 0x3000, 0x801, 0x801, 0x1000},
                {PT_LOAD, PF_R | PF_W, 0x5010, vaddr + 0x4010, paddr + 0x4010, 0x1234, 0x9876,
                 0x1000},
            },
    };
}

static uint64_t file_size(const struct elf_plan *plan)
{
    uint64_t size = E_SIZE + plan->count * P_SIZE;
    for (uint32_t i = 0; i < plan->count; i++) {
        uint64_t end = plan->programs[i].offset + plan->programs[i].filesz;
        size = end > size ? end : size;
    }
    return plan->size != 0 ? plan->size : size;
}

void elf_poke(struct text file, uint64_t offset, uint64_t value, uint64_t size)
{
    memcpy((char *)file.bytes + offset, &value, size);
}

uint64_t elf_field(uint32_t program, uint64_t field)
{
    return E_SIZE + program * (uint64_t)P_SIZE + field;
}

void elf_put_program(struct text file, uint32_t i, const struct elf_program *program)
{
    elf_poke(file, elf_field(i, P_TYPE), program->type, 4);
    elf_poke(file, elf_field(i, P_FLAGS), program->flags, 4);
    elf_poke(file, elf_field(i, P_OFFSET), program->offset, 8);
    elf_poke(file, elf_field(i, P_VADDR), program->vaddr, 8);
    elf_poke(file, elf_field(i, P_PADDR), program->paddr, 8);
    elf_poke(file, elf_field(i, P_FILESZ), program->filesz, 8);
    elf_poke(file, elf_field(i, P_MEMSZ), program->memsz, 8);
    elf_poke(file, elf_field(i, P_ALIGN), program->align, 8);
}

struct text elf_file(const struct elf_plan *plan)
{
    struct text file = kernel_raw(file_size(plan));
    memcpy((char *)file.bytes, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0", 16);
    elf_poke(file, E_TYPE, plan->type != 0 ? plan->type : ET_EXEC, 2);
    elf_poke(file, E_MACHINE, 62, 2);
    elf_poke(file, E_VERSION, 1, 4);
    elf_poke(file, E_ENTRY, plan->entry, 8);
    elf_poke(file, E_PHOFF, E_SIZE, 8);
    elf_poke(file, E_PHENTSIZE, P_SIZE, 2);
    elf_poke(file, E_PHNUM, plan->count, 2);
    for (uint32_t i = 0; i < plan->count; i++) {
        elf_put_program(file, i, &plan->programs[i]);
    }
    return file;
}

static bool is_loaded(const struct elf_program *program)
{
    return program->type == PT_LOAD && program->memsz > 0;
}

uint64_t elf_base(const struct elf_plan *plan)
{
    uint64_t base = UINT64_MAX;
    for (uint32_t i = 0; i < plan->count; i++) {
        const struct elf_program *program = &plan->programs[i];
        base = is_loaded(program) && program->paddr < base ? program->paddr : base;
    }
    return base / PAGE_SIZE * PAGE_SIZE;
}

static uint64_t span(const struct elf_plan *plan, bool in_file)
{
    uint64_t size = 0;
    for (uint32_t i = 0; i < plan->count; i++) {
        const struct elf_program *program = &plan->programs[i];
        uint64_t bytes = in_file ? program->filesz : program->memsz;
        uint64_t end = program->paddr - elf_base(plan) + bytes;
        size = is_loaded(program) && bytes > 0 && end > size ? end : size;
    }
    return size;
}

struct text elf_image(const struct elf_plan *plan, struct text file)
{
    struct text image = kernel_raw(span(plan, true));
    memset((char *)image.bytes, 0, image.size);
    for (uint32_t i = 0; i < plan->count; i++) {
        const struct elf_program *program = &plan->programs[i];
        if (is_loaded(program) && program->filesz > 0) {
            memcpy((char *)image.bytes + (program->paddr - elf_base(plan)),
                   file.bytes + program->offset, program->filesz);
        }
    }
    return image;
}

uint64_t elf_span(const struct elf_plan *plan)
{
    return span(plan, false);
}
