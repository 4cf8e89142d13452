/* Numbers on which the harness, the plugin and the programs in the machine agree. */
#ifndef BATON_BENCHMARK_MARKS_H
#define BATON_BENCHMARK_MARKS_H

#define MARK_BASE   0x4D4B0000
#define MARK_START  3 /* before StartImage of the loader under test */
#define MARK_KERNEL 4 /* the kernel's first instruction */
/* From here on: a service of the firmware was called. See efi/services.h. */
#define MARK_CALLS      0x100
#define MARK_CALLS_MOST 256
/* Below SERVICE_END: a boot service, by its position in EFI_BOOT_SERVICES. */
#define SERVICE_END         47
#define SERVICE_OPEN_VOLUME 200 /* the first of the others: efi/services.h */

#define DEBUG_PORT 0xE9
#define EXIT_PORT  0xF4
/* What the kernel writes to EXIT_PORT at its end: QEMU's status is then twice that and 1. */
#define EXIT_DONE 1

/* What the debug console reads as. The program that waits in the saved machine goes on with
 * anything but WAIT: the low digit says how, the high digit picks a size of the memory map. */
#define READ_WAIT      0x55
#define READ_GO        0x01
#define READ_GO_HOOKED 0x02 /* count the firmware's services: this changes the other figures */
#define READ_GO_ENTRY  0x08 /* a load option names the entry ENTRY_NAMED */
#define READ_FRAGMENTS 4    /* bits to shift: see efi/fragments.c */

/* With more than one entry our loader waits 100 ms for a key, unless a load option names one:
 * waiting is instructions here, a hundred million of them, in which all others would be lost. */
#define ENTRY_NAMED "first"

#endif
