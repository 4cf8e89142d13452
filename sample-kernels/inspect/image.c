/* The kernel's own image: did all of it arrive, and is the rest zero? */
#include "judge.h"

#define BSS_SIZE (UINT64_C(512) << 10)

/* kernel.ld: the end of the raw file. */
extern const uint8_t bootinfo_kernel_file_end[];
/* bulk.S: words that hold their own offset in it. */
extern const uint64_t bulk[];
extern const uint64_t bulk_end[];

static volatile uint64_t bss[BSS_SIZE / sizeof(uint64_t)];

static uint64_t file_size(void)
{
    return (uint64_t)(bootinfo_kernel_file_end - bootinfo_kernel_start);
}

static struct finding place(const struct evidence *evidence)
{
    return expect(evidence->info->kernel.address, (uintptr_t)bootinfo_kernel_start);
}

/* loader.cfg may give it more than the header asks for, never less. */
static struct finding memory_size(const struct evidence *evidence)
{
    uint64_t found = evidence->info->kernel.size;
    uint64_t asked = (uintptr_t)bootinfo_kernel_memory_size;
    return found >= asked ? as_promised() : broken(NOWHERE, found, asked);
}

/* Nothing in .data or before it has been written to so far. */
static struct finding file(const struct evidence *evidence)
{
    const struct BootInfoFile *kernel_file = &evidence->info->kernel_file;
    if (kernel_file->crc32 == 0) {
        return expect(kernel_file->size, file_size());
    }
    return expect(kernel_file->crc32, bootinfo_crc32(0, bootinfo_kernel_start, file_size()));
}

static struct finding contents(const struct evidence *evidence)
{
    (void)evidence;
    for (uint64_t i = 0; &bulk[i] < bulk_end; i++) {
        if (bulk[i] != i * sizeof(*bulk)) {
            return broken((uintptr_t)&bulk[i], bulk[i], i * sizeof(*bulk));
        }
    }
    return as_promised();
}

static struct finding bss_contents(const struct evidence *evidence)
{
    (void)evidence;
    for (uint64_t i = 0; i < COUNT(bss); i++) {
        if (bss[i] != 0) {
            return broken((uintptr_t)&bss[i], bss[i], 0);
        }
    }
    return as_promised();
}

static struct finding tail(const struct evidence *evidence)
{
    const struct BootInfoSpan *kernel = &evidence->info->kernel;
    uint64_t address = (uintptr_t)bootinfo_kernel_start + (uintptr_t)bootinfo_kernel_memory_size;
    uint64_t end = (kernel->address + kernel->size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    for (; address < end; address++) {
        uint8_t byte = *(const uint8_t *)(uintptr_t)address;
        if (byte != 0) {
            return broken(address, byte, 0);
        }
    }
    return as_promised();
}

const struct promise image_promises[] = {
    {"the kernel lies where it is linked", place},
    {"the kernel has the memory its header asks for", memory_size},
    {"the file's size or CRC-32 is that of the image in memory", file},
    {"the image arrived whole", contents},
    {".bss is zero", bss_contents},
    {"the rest of the kernel's last page is zero", tail},
    {NULL, NULL},
};
