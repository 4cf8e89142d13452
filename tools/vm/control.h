/* QEMU's machine protocol (docs/interop/qmp-spec.txt of QEMU). */
#ifndef BATON_VM_CONTROL_H
#define BATON_VM_CONTROL_H

#include "message.h"

struct control {
    int socket;     /* -1: closed */
    bool shut_down; /* the guest reset the machine or switched it off; it stands still now */
    struct bytes heard;
    size_t taken; /* bytes of heard that were looked at */
};

/* socket: QEMU's monitor at the other end. */
void control_begin(struct control *control, int socket);
/* Takes in what has come; false: nothing will come any more. */
bool control_hear(struct control *control);
void control_end(struct control *control);

/* Both wait for QEMU's answer. path: of the PNG file to write. */
bool control_screenshot(struct control *control, const char *path, struct message *message);
/* What a command of QEMU's monitor shows. */
bool control_monitor(struct control *control, const char *command, struct message *message,
                     struct bytes *out_text);
/* What the monitor's "info registers -a" shows. */
bool control_registers(struct control *control, struct message *message, struct bytes *out_text);

#endif
