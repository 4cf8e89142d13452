#include "boot/session.h"

#include "platform/machine.h"

void session_begin(struct session *session)
{
    log_open(&session->log);
    session->pages.pooled = true;
    session->volume.log = &session->log;
    timeline_stamp(&session->timeline, &session->cpu, BOOTINFO_STAGE_START);
    plat_machine(&session->machine);
    firmware_tables_find(&session->machine, &session->tables);
    arch_describe(session->tables.acpi.fadt, &session->cpu);
    (void)timeline_read(&session->timeline, &session->cpu); /* the measurement begins */
}

void session_end(struct session *session)
{
    volume_close(&session->volume);
    volume_let_go(&session->volume);
    pages_end(&session->pages);
}

enum status session_stamp(struct session *session, uint32_t stage, enum status status)
{
    if (status == STATUS_OK) {
        timeline_stamp(&session->timeline, &session->cpu, stage);
    }
    return status;
}

struct text session_show(struct session *session, const struct failure *failure)
{
    struct writer message = writer_on(session->message, sizeof(session->message));
    failure_write(&message, failure);
    log_message(&session->log, writer_text(&message));
    return writer_text(&message);
}
