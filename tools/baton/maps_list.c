#include "maps_list.h"

#include "data.h"
#include "project.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* The others in that folder are made up, for tests. */
static int was_recorded(const struct dirent *entry)
{
    return fnmatch("ovmf-*.map", entry->d_name, 0) == 0;
}

void maps_list_add(struct maps_list *list, const char *path)
{
    char **paths = realloc(list->paths, (list->count + 1) * sizeof(*paths));
    if (paths == NULL) {
        abort();
    }
    paths[list->count++] = string_copy(path);
    list->paths = paths;
}

void maps_list_own(struct maps_list *list)
{
    struct dirent **entries = NULL;
    struct message ignored = {0};
    AUTO_STRING folder = data_find("maps", &ignored);
    int count = folder == NULL ? 0 : scandir(folder, &entries, was_recorded, alphasort);
    for (int i = 0; i < count; i++) {
        AUTO_STRING path = string_format("%s/%s", folder, entries[i]->d_name);
        maps_list_add(list, path);
        free(entries[i]);
    }
    free(entries);
    message_free(&ignored);
}

void maps_list_free(struct maps_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->paths[i]);
    }
    free(list->paths);
    *list = (struct maps_list){0};
}

char *maps_list_name(const char *path)
{
    char *name = string_copy(base_name(path));
    char *dot = strrchr(name, '.');
    if (dot != NULL) {
        *dot = '\0';
    }
    return name;
}
