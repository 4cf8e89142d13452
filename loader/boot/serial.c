#include "boot/serial.h"

#include "boot/firmware_map.h"
#include "platform/console.h"

/* Only registers in memory need a look at the map: it takes longer than all else here. */
static bool is_believed(struct session *session, const struct BootInfoSerial *port)
{
    struct BootInfoSpan span = serial_registers(port);
    struct survey survey = {0};
    if (port->kind != BOOTINFO_SERIAL_16550_MEMORY) {
        return true;
    }
    if (span.address > UINT64_MAX - span.size || !arch_is_readable(span.address, span.size) ||
        survey_take(session, &survey) != STATUS_OK) {
        return false;
    }
    bool device = room_is_device(survey.regions, span);
    survey_release(session, &survey);
    return device;
}

void serial_find(struct session *session)
{
    struct serial_port port;
    if (!acpi_serial(session->tables.acpi.spcr, &port)) {
        return;
    }
    if (is_believed(session, &port.info)) {
        plat_serial_found(&port);
    } else {
        session->wrong.serial = port.info.base;
        session->failure = (struct failure){.status = STATUS_OK};
    }
}
