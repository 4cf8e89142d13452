/* What somebody types, on its way to the guest. */
#ifndef BATON_VM_INPUT_H
#define BATON_VM_INPUT_H

#include "machine.h"

#include <poll.h>

enum { INPUT_PENDING_MAX = 256 };

struct input {
    const struct machine_input *from; /* NULL: there is none */
    bool at_end;                      /* nothing will come any more */
    bool waited;                      /* from->probable was true for long enough */
    bool left;                        /* Ctrl-A x was typed */
    bool escaped;                     /* the last byte was Ctrl-A */
    char pending[INPUT_PENDING_MAX];  /* read, and not yet taken by QEMU */
    size_t pending_size;
};

struct input input_from(const struct machine_input *from);
/* Before input_prepare: for so long there was no serial output. */
void input_wait(struct input *input, long long silence_ms);
/* Before poll: what to wait for. keys already waits for POLLIN. */
void input_prepare(const struct input *input, struct pollfd *out_source, struct pollfd *keys);
/* After poll. QEMU stops reading while the guest does: nothing here waits for it. */
void input_move(struct input *input, const struct pollfd *source, const struct pollfd *keys);

#endif
