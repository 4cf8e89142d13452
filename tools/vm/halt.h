/* Has the machine stopped for good? QEMU is asked for its registers, now and then. */
#ifndef BATON_VM_HALT_H
#define BATON_VM_HALT_H

#include "control.h"
#include "machine.h"

/* What was seen the last time. Starts as {0}. */
struct halt {
    char *state;   /* instruction pointer, flags and hlt of every CPU */
    unsigned same; /* how many looks in a row saw the same */
};

/* Looks once more: two looks that see the same are the least for an answer other than
 * HALT_NONE. Then out_registers is written. HALT_WAITING takes three, and that every source of
 * interrupts is masked: nothing but a message-signalled interrupt could wake the machine. */
enum machine_halt halt_look(struct halt *halt, struct control *control,
                            struct bytes *out_registers);
void halt_free(struct halt *halt);

#endif
