/* The words of the crash page. Packed: core/base/packed.h. */
#ifndef BATON_CRASH_TEXTS_H
#define BATON_CRASH_TEXTS_H

#define CRASH_TEXTS(X)                                                                         \
    X(GAP, "  ")                                                                               \
    X(FAULT, "FAULT: ")                                                                        \
    X(CAUSE, "cause   ")                                                                       \
    X(ADDRESS, "address ")                                                                     \
    X(AT, "at      ")                                                                          \
    X(OUTSIDE, ", outside of the kernel: ")                                                    \
    X(NO_HEADER, "kernel  has no BootInfo header: is it for another loader? docs/adapters.md") \
    X(CODE, "code   ")                                                                         \
    X(BACKTRACE, "backtrace, by frame pointers")                                               \
    X(FRAME, "  #")                                                                            \
    X(ENDS, "  ends: ")                                                                        \
    X(ENTERED, "this is where the kernel was entered")                                         \
    X(MORE, "there are more")                                                                  \
    X(NO_FRAME, "no frame pointer in ")                                                        \
    X(BUILD_WITH, " (build with -fno-omit-frame-pointer)")                                     \
    X(STACK_AT, "stack at ")                                                                   \
    X(NOT_THE_STACK, ", outside of the stack that the loader gave")                            \
    X(IN_KERNEL, "kernel+")                                                                    \
    X(IN_MODULE, "module ")                                                                    \
    X(PAGE_0, "page 0: a NULL pointer was used")                                               \
    X(LEADS_NOWHERE, "nothing: the kernel's own page tables lead nowhere from there")          \
    X(GUARD_PAGE, "the guard page: the stack overflowed")                                      \
    X(THE_STACK, "the stack")                                                                  \
    X(MEMORY_TYPE, "memory of type ")                                                          \
    X(HIGH_NOTHING, "nothing: neither the kernel nor a direct map is there")                   \
    X(NOT_RAM, "not RAM: the memory map has nothing there")

extern const unsigned char packed_crash_texts[];

#endif
