/* What every stage may use, from the first to the last: why the last call failed, the pages it may
 * take, the volume, the log, the clock, the machine. Anything else a stage needs is a parameter. */
#ifndef BATON_SESSION_H
#define BATON_SESSION_H

#include "boot/file.h"
#include "boot/firmware_tables.h"
#include "boot/log.h"
#include "boot/pages.h"
#include "boot/timeline.h"
#include "core/base/version.h"
#include "platform/machine.h"

#define MESSAGE_SIZE 4096

/* What the firmware names and cannot be: addresses; 0: nothing. It is not used. */
struct wrong {
    uint64_t serial;
    uint64_t screen;
    uint64_t edid;
};

struct session {
    struct failure failure;
    struct pages pages;
    struct volume volume;
    struct log log;
    struct timeline timeline;
    struct machine machine;
    struct firmware_tables tables;
    struct wrong wrong;
    struct arch_cpu cpu;
    struct serial_port serial;  /* the port that messages go to */
    char message[MESSAGE_SIZE]; /* the last failure in words */
};

/* session is all zero. */
void session_begin(struct session *session);
/* The firmware gets back what it had. */
void session_end(struct session *session);
/* Records the end of a stage that went well, and passes its status on. */
enum status session_stamp(struct session *session, uint32_t stage, enum status status);
/* Shows and logs a failure in words. The result is valid until the next call. */
struct text session_show(struct session *session, const struct failure *failure);

#endif
