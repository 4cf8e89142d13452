#include "descriptors.h"

#include "files.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static bool listed(const struct descriptor_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(base_name(list->paths[i]), name) == 0) {
            return true;
        }
    }
    return false;
}

static int is_json(const struct dirent *entry)
{
    return fnmatch("*.json", entry->d_name, FNM_PERIOD) == 0;
}

static void list_add(struct descriptor_list *list, char *path)
{
    char **paths = realloc(list->paths, (list->count + 1) * sizeof(*paths));
    if (paths == NULL) {
        abort();
    }
    paths[list->count++] = path;
    list->paths = paths;
}

static void add_folder(struct descriptor_list *list, const char *folder, struct message *tried)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_json, alphasort);
    if (count < 0) {
        message_add(tried, "  no folder %s", folder);
        return;
    }
    for (int i = 0; i < count; i++) {
        if (!listed(list, entries[i]->d_name)) {
            list_add(list, string_format("%s/%s", folder, entries[i]->d_name));
        }
        free(entries[i]);
    }
    free(entries);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(base_name(*(char *const *)a), base_name(*(char *const *)b));
}

static char *user_folder(void)
{
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    if (config != NULL && config[0] != '\0') {
        return string_format("%s/qemu/firmware", config);
    }
    return string_format("%s/.config/qemu/firmware", home == NULL ? "" : home);
}

void descriptors_list(struct descriptor_list *out_list, struct message *tried)
{
    struct descriptor_list list = {0};
    AUTO_STRING user = user_folder();
    add_folder(&list, user, tried);
    add_folder(&list, "/etc/qemu/firmware", tried);
    add_folder(&list, "/usr/share/qemu/firmware", tried);
    if (list.count > 1) {
        qsort(list.paths, list.count, sizeof(*list.paths), compare_names);
    }
    *out_list = list;
}

void descriptors_free(struct descriptor_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->paths[i]);
    }
    free(list->paths);
    *list = (struct descriptor_list){0};
}

static const char *string_at(const cJSON *object, const char *key)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return value == NULL ? "" : value;
}

static bool has_string(const cJSON *array, const char *wanted)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, array)
    {
        if (cJSON_IsString(item) && strcmp(item->valuestring, wanted) == 0) {
            return true;
        }
    }
    return false;
}

/* Descriptors name versioned machines by pattern ("pc-q35-*"); "q35" is an alias of the
 * newest. */
static bool target_fits(const cJSON *target, const char *machine_type)
{
    if (strcmp(string_at(target, "architecture"), "x86_64") != 0) {
        return false;
    }
    const char *long_name = strcmp(machine_type, "pc") == 0 ? "pc-i440fx-1" : "pc-q35-1";
    const cJSON *pattern;
    cJSON_ArrayForEach(pattern, cJSON_GetObjectItemCaseSensitive(target, "machines"))
    {
        if (cJSON_IsString(pattern) && (fnmatch(pattern->valuestring, long_name, 0) == 0 ||
                                        fnmatch(pattern->valuestring, machine_type, 0) == 0)) {
            return true;
        }
    }
    return false;
}

static bool any_target_fits(const cJSON *descriptor, const char *machine_type)
{
    const cJSON *target;
    cJSON_ArrayForEach(target, cJSON_GetObjectItemCaseSensitive(descriptor, "targets"))
    {
        if (target_fits(target, machine_type)) {
            return true;
        }
    }
    return false;
}

/* NULL: it fits. */
static const char *why_not(const cJSON *descriptor, const char *machine_type)
{
    const cJSON *features = cJSON_GetObjectItemCaseSensitive(descriptor, "features");
    const cJSON *mapping = cJSON_GetObjectItemCaseSensitive(descriptor, "mapping");
    const char *mode = string_at(mapping, "mode");
    if (!has_string(cJSON_GetObjectItemCaseSensitive(descriptor, "interface-types"), "uefi")) {
        return "is not UEFI";
    }
    if (!any_target_fits(descriptor, machine_type)) {
        return "is for other machines";
    }
    if (has_string(features, "secure-boot") || has_string(features, "requires-smm")) {
        return "has Secure Boot or needs SMM";
    }
    if (strcmp(string_at(mapping, "device"), "flash") != 0) {
        return "is not for flash";
    }
    if (mode[0] != '\0' && strcmp(mode, "split") != 0) {
        return "keeps no variables of its own";
    }
    return NULL;
}

static struct ovmf mapped_files(const cJSON *descriptor)
{
    const cJSON *mapping = cJSON_GetObjectItemCaseSensitive(descriptor, "mapping");
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(mapping, "executable");
    const cJSON *vars = cJSON_GetObjectItemCaseSensitive(mapping, "nvram-template");
    return (struct ovmf){
        .code = string_copy(string_at(code, "filename")),
        .vars = string_copy(string_at(vars, "filename")),
        .code_format = string_copy(string_at(code, "format")),
        .vars_format = string_copy(string_at(vars, "format")),
    };
}

bool descriptor_read(const char *path, const char *machine_type, struct message *tried,
                     struct ovmf *out_ovmf)
{
    struct bytes text = {0};
    if (!file_read(path, tried, &text)) {
        return false;
    }
    cJSON *descriptor = cJSON_Parse(bytes_text(&text));
    const char *reason = descriptor == NULL ? "is not JSON" : why_not(descriptor, machine_type);
    if (reason != NULL) {
        message_add(tried, "  %s: %s", path, reason);
    } else {
        *out_ovmf = mapped_files(descriptor);
    }
    cJSON_Delete(descriptor);
    bytes_free(&text);
    return reason == NULL;
}
