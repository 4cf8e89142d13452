/* The serial port that ACPI describes: looked at before anybody writes to it. */
#ifndef BATON_BOOT_SERIAL_H
#define BATON_BOOT_SERIAL_H

#include "boot/session.h"

/* Tells the firmware's side of it. Where its registers would be memory, or cannot be reached, it is
 * as if there were none, and session->wrong.serial is their address. */
void serial_find(struct session *session);

#endif
