#include "fragments.h"

#include "mark.h"

enum { PAGE = 4096 };

/* Holes: each makes two descriptors more. OVMF's own map has about 130. */
static const unsigned hole_counts[] = {0, 50, 200, 450, 950, 1950};

/* A block of loader data with every second page given back. */
static void punch(EFI_BOOT_SERVICES *services, unsigned hole_count)
{
    EFI_PHYSICAL_ADDRESS base = 0;
    if (EFI_ERROR(
            services->AllocatePages(AllocateAnyPages, EfiLoaderData, 2 * hole_count + 1, &base))) {
        debug_text("no memory for a longer map\n");
        leave_qemu(10);
    }
    for (unsigned hole = 0; hole < hole_count; hole++) {
        services->FreePages(base + (2 * (UINT64)hole + 1) * PAGE, 1);
    }
}

void fragments_make(EFI_BOOT_SERVICES *services, unsigned step)
{
    if (step == 0 || step >= sizeof(hole_counts) / sizeof(hole_counts[0])) {
        return;
    }
    punch(services, hole_counts[step]);
}
