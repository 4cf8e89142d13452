/* Handlers that outlive the loader: a kernel without an IDT of its own gets a page of facts
 * instead of a silent reset. They run from the loader's image, which stays in LOADER memory. */
#ifndef BATON_ARCH_FAULT_H
#define BATON_ARCH_FAULT_H

#define FAULT_KEPT_SIZE 11536 /* bytes of the handlers' data, rounded up to 16 */

#ifndef __ASSEMBLER__

#define FAULT_VECTORS 256
#define FAULT_PAGES   4

#include "arch.h"

/* What fault_install builds, in LOADER memory. */
struct fault_pages {
    uint64_t idt[FAULT_VECTORS][2];
    uint64_t stubs[FAULT_VECTORS];
    uint64_t common; /* what all stubs call */
    uint8_t stack[FAULT_PAGES * PAGE_SIZE - (3 * FAULT_VECTORS + 1) * sizeof(uint64_t)];
};

/* Fills pages, and copies from BootInfo what the handlers need. pages->idt is for LIDT, the end
 * of pages for the TSS's first interrupt stack. */
void fault_install(struct fault_pages *pages, const struct hand_off *hand_off);

#endif

#endif
