/* What a kernel file is and asks for, in words and as JSON. */
#ifndef BATON_TOOL_INSPECT_H
#define BATON_TOOL_INSPECT_H

#include "kernel_view.h"
#include "maps_list.h"
#include "project.h"

#include <cjson/cJSON.h>

struct inspected {
    const char *name; /* of the file, as the user gave it */
    struct bytes file;
    struct kernel_view view;
    struct symbols symbols; /* of the ELF file itself or the one beside it */
};

/* "0x100090 = kernel_main". Freed by the caller. */
char *inspect_entry(struct inspected *kernel);
void inspect_show(struct inspected *kernel, const struct maps_list *maps);
cJSON *inspect_json(struct inspected *kernel, const struct maps_list *maps);

#endif
