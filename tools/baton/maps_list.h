/* The memory maps that come with baton: what firmware was seen to leave. */
#ifndef BATON_TOOL_MAPS_LIST_H
#define BATON_TOOL_MAPS_LIST_H

#include "vm/message.h"

struct maps_list {
    char **paths;
    size_t count;
};

/* Those of baton, in the order of their names. Starts as {0}; freed by maps_list_free. */
void maps_list_own(struct maps_list *list);
void maps_list_add(struct maps_list *list, const char *path);
void maps_list_free(struct maps_list *list);
/* "ovmf-q35-2g" of its path. Freed by the caller. */
char *maps_list_name(const char *path);

#endif
