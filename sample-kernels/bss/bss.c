/* A kernel whose .bss is much larger than its file: all of it must be there, and zero. */
#include "console.h"
#include "finish.h"

#define WORDS ((UINT64_C(3) << 20) / sizeof(uint64_t))

/* volatile: the compiler must not reason about what it finds. */
static volatile uint64_t words[WORDS];

BOOTINFO_KERNEL_HEADER(kernel_main, 0x4000);

static void check_word(uint64_t i, uint64_t expected)
{
    if (words[i] == expected) {
        return;
    }
    print(".bss at ");
    print_hex((uintptr_t)&words[i], 0);
    print(": found ");
    print_hex(words[i], 0);
    print(", expected ");
    print_hex(expected, 0);
    print("\n");
    finish(0);
}

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    if (magic != BOOTINFO_MAGIC || !bootinfo_valid(info)) {
        finish(0);
    }
    console_use(&info->serial);
    uint64_t end = info->kernel.address + info->kernel.size;
    if ((uintptr_t)words < info->kernel.address || (uintptr_t)(words + WORDS) > end) {
        print(".bss is not within the kernel's memory\n");
        finish(0);
    }
    for (uint64_t i = 0; i < WORDS; i++) {
        check_word(i, 0);
    }
    for (uint64_t i = 0; i < WORDS; i++) {
        words[i] = ~i;
    }
    for (uint64_t i = 0; i < WORDS; i++) {
        check_word(i, ~i);
    }
    print_decimal(sizeof(words), 0);
    print(" bytes of .bss were zero and can be written; the file has ");
    print_decimal(info->kernel_file.size, 0);
    print("\n");
    finish(bootinfo_valid(info));
}
