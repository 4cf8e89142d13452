#include "enter.h"

#include "memory.h"

extern const uint8_t enter_code[];
extern const uint8_t enter_code_end[];

void enter_kernel(struct enter *page)
{
    static const uint64_t gdt[] = {0, 0, UINT64_C(0x00CF9B000000FFFF),
                                   UINT64_C(0x00CF93000000FFFF)};
    memcpy(page->gdt, gdt, sizeof(gdt));
    page->gdt_limit = sizeof(gdt) - 1;
    page->gdt_base = (uintptr_t)page->gdt;
    memcpy(page->code, enter_code, (uintptr_t)enter_code_end - (uintptr_t)enter_code);
    ((void (*)(struct enter *))(uintptr_t)page->code)(page);
    __builtin_unreachable();
}
