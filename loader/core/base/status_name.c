/* Names of statuses, for tests and tools: the loader itself shows sentences, and its names are
 * packed. */
#include "core/base/names.h"
#include "core/base/packed.h"
#include "core/base/status.h"

const char *status_name(enum status status)
{
#define STATUS_NAME(name, sentence, advice) [STATUS_##name] = #name,
    static const char *const names[STATUS_COUNT] = {
        [STATUS_OK] = "OK", STATUS_LIST(STATUS_NAME) /* each with a comma */
    };
#undef STATUS_NAME
    return names[status];
}

const char *firmware_name(enum firmware firmware)
{
    if (firmware > FIRMWARE_COMPROMISED_DATA) {
        return NULL;
    }
    const char *name = string_at(FIRMWARE_NAMES, (uint32_t)firmware);
    return name[0] != '\0' ? name : NULL;
}
