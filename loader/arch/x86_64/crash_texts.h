/* The words about an exception of this CPU. Packed: core/base/packed.h. */
#ifndef BATON_ARCH_CRASH_TEXTS_H
#define BATON_ARCH_CRASH_TEXTS_H

/* A name and a mnemonic for each of the 32 (Intel SDM 3A table 6-1, AMD APM 2 table 8-1); empty:
 * reserved. "x87" is no number after a NUL. */
#define EXCEPTION_NAMES                                                         \
    "divide error\0#DE\0debug exception\0#DB\0non-maskable interrupt\0NMI\0"    \
    "breakpoint\0#BP\0overflow\0#OF\0bound range exceeded\0#BR\0"               \
    "invalid opcode\0#UD\0device not available\0#NM\0double fault\0#DF\0"       \
    "\0\0" /* 9 */                                                              \
    "invalid TSS\0#TS\0segment not present\0#NP\0stack-segment fault\0#SS\0"    \
    "general protection fault\0#GP\0page fault\0#PF\0"                          \
    "\0\0" /* 15 */                                                             \
    "x87 floating-point error\0#MF\0alignment check\0#AC\0machine check\0#MC\0" \
    "SIMD floating-point exception\0#XM\0virtualization exception\0#VE\0"       \
    "control protection exception\0#CP\0"                                       \
    "\0\0\0\0\0\0\0\0\0\0\0\0" /* 22 to 27 */                                   \
    "\0\0"                     /* 28 */                                         \
    "VMM communication exception\0#VC\0security exception\0#SX\0"               \
    "\0\0" /* 31 */

/* The lines of the legacy PICs. */
#define PIC_LINE_NAMES                                                      \
    "the timer\0the keyboard\0\0serial port COM2\0serial port COM1\0\0\0\0" \
    "the real-time clock\0\0\0\0the mouse\0\0\0\0"

#define EXCEPTION_TEXTS(X)                                                         \
    X(OPEN, " (")                                                                  \
    X(VECTOR, ", vector ")                                                         \
    X(UNEXPECTED, "unexpected interrupt (vector ")                                 \
    X(ERROR_CODE, ", error code ")                                                 \
    X(EXECUTION, "execution of ")                                                  \
    X(WRITE, "write to ")                                                          \
    X(READ, "read from ")                                                          \
    X(DAMAGED, ", page table entry is damaged")                                    \
    X(NOT_ALLOWED, ", not allowed by the page tables")                             \
    X(NOT_MAPPED, ", not mapped")                                                  \
    X(SELECTOR, "selector ")                                                       \
    X(NON_CANONICAL, "non-canonical address in ")                                  \
    X(NEXT_ONE, ", ")                                                              \
    X(PRIVILEGED, "a privileged, misaligned or malformed operation")               \
    X(A_DEVICE, "a device")                                                        \
    X(NOT_PIC, "not from the legacy PIC: from an APIC, a device's message or INT") \
    X(IRQ, " (IRQ ")                                                               \
    X(NO_IDT, " of the legacy PIC): interrupts are on, and the kernel has no IDT")

/* What the handlers add to the page. */
#define HANDLER_TEXTS(X)                                                                      \
    X(HALTED, "halted (on_fault = halt)")                                                     \
    X(RESETTING, "resetting in ")                                                             \
    X(REBOOT, " s (on_fault = reboot)")                                                       \
    X(AGAIN, "A second fault, while the first one was being reported: again, without a look " \
             "at memory.")

extern const unsigned char packed_exceptions[];
extern const unsigned char packed_pic_lines[];
extern const unsigned char packed_exception_texts[];
extern const unsigned char packed_handler_texts[];

#endif
