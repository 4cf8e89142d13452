/* Names of statuses, for tests and tools: the loader itself shows sentences. */
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
