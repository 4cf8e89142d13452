#include "project_files.h"

#include "core/base/path.h"
#include "data.h"
#include "vm/files.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Who is looking, and whether all was found. */
struct search {
    const struct project_request *request;
    bool sample;
    struct message *message;
    struct project *project;
    bool missing;
};

/* With slashes, as disk_file has it. */
static char *path_on_disk(struct text written)
{
    char *path = malloc(PATH_MAX_BYTES);
    if (path == NULL || path_canonical(written, path)) {
        abort(); /* config_parse has accepted it */
    }
    for (char *c = path; *c != '\0'; c++) {
        *c = *c == '\\' ? '/' : *c;
    }
    return path;
}

/* FOLDER OF FILE/NAME, if it is there. */
static char *find_beside(const char *file, const char *name)
{
    const char *slash = strrchr(file, '/');
    int length = slash == NULL ? 0 : (int)(slash + 1 - file);
    char *path = string_format("%.*s%s", length, file, name);
    if (!file_exists(path) || folder_exists(path)) {
        string_free(&path);
    }
    return path;
}

/* Built or installed with baton: adapters that 'adapter = NAME' means. */
static char *find_adapter(const char *path)
{
    static const char folder[] = "/EFI/baton/";
    struct message ignored = {0};
    if (strncasecmp(path, folder, strlen(folder)) != 0) {
        return NULL;
    }
    AUTO_STRING built = string_format("kernels/%s", path + strlen(folder));
    char *host = data_find(built, &ignored);
    message_free(&ignored);
    return host;
}

/* A file that the command line names, by its own name; beside loader.cfg, as the volume would
 * have it or flat; beside one of the kernels; a sample among those that were built, or an
 * adapter. */
static char *find_host(const struct search *search, const char *path)
{
    const struct project_request *request = search->request;
    const char *name = base_name(path);
    char *host = NULL;
    if (request->root != NULL) {
        AUTO_STRING inside = string_format("%s/", request->root);
        return find_beside(inside, path + 1);
    }
    if (search->sample) {
        host = string_format("%s/kernels/%s", data_program_folder(), name);
        if (file_exists(host)) {
            return host;
        }
        string_free(&host);
    }
    for (size_t i = 0; i < request->kernel_count && !search->sample; i++) {
        if (strcasecmp(base_name(request->kernels[i]), name) == 0) {
            return string_copy(request->kernels[i]);
        }
    }
    if (!search->project->generated) {
        host = find_beside(search->project->config_name, path + 1);
        host = host != NULL ? host : find_beside(search->project->config_name, name);
    }
    for (size_t i = 0; i < request->kernel_count && host == NULL; i++) {
        host = find_beside(request->kernels[i], name);
    }
    return host != NULL ? host : find_adapter(path);
}

/* FAT does not tell a from A. */
static struct project_file *known(const struct project *project, const char *path)
{
    for (size_t i = 0; i < project->count; i++) {
        if (strcasecmp(project->files[i].path, path) == 0) {
            return &project->files[i];
        }
    }
    return NULL;
}

const struct project_file *project_file_of(const struct project *project, struct text written)
{
    AUTO_STRING path = path_on_disk(written);
    return known(project, path);
}

static struct project_file *add_file(const struct search *search, char *path)
{
    struct project *project = search->project;
    struct project_file *file = known(project, path);
    if (file != NULL) {
        free(path);
        return file;
    }
    file = &project->files[project->count++];
    *file = (struct project_file){.path = path, .host = find_host(search, path)};
    return file;
}

/* The text that was not found, at its place in loader.cfg, which written is a part of. */
static void complain(struct search *search, struct text written, const struct project_file *file,
                     bool needed)
{
    const struct project_request *request = search->request;
    const char *suspicion = path_suspicion(written); /* the loader's own words */
    const char *only = request->kernel_count == 1 ? base_name(request->kernels[0]) : NULL;
    AUTO_STRING what = string_format("the disk would have no %s", file->path);
    project_point(search->message, search->project->config_name, search->project->config->file,
                  written, what);
    if (request->root != NULL) {
        message_add(search->message, "  Put it on the volume: %s%s", request->root, file->path);
    } else if (only != NULL && !search->sample) {
        message_add(search->message, "  The kernel that was given is named %s.", only);
    } else {
        message_add(search->message, "  Name the file on the command line, or put it beside %s.",
                    search->project->config_name);
    }
    if (*suspicion != '\0') {
        message_add(search->message, " %s", suspicion);
    }
    search->missing = search->missing || needed;
}

/* named: what the file is called; written: the part of loader.cfg that names it. */
static struct project_file *take(struct search *search, struct text named, struct text written,
                                 bool needed)
{
    struct project *project = search->project;
    char *path = path_on_disk(named);
    if (strcasecmp(path, "/loader.cfg") == 0) {
        project->names_config = true; /* it is there anyway */
        free(path);
        return NULL;
    }
    size_t before = project->count;
    struct project_file *file = add_file(search, path);
    if (file->host == NULL && (needed || project->count > before)) {
        complain(search, written, file, needed);
    }
    return file;
}

static void take_entry(struct search *search, const struct entry *entry, bool is_default)
{
    struct config_cursor cursor = {.line = 0};
    struct config_module module;
    bool needed = is_default || search->request->every_entry;
    struct text written = entry->foreign.size > 0 ? entry->adapter : entry->kernel;
    struct project_file *kernel = take(search, entry->kernel, written, needed);
    while (config_next_module(search->project->config, entry, &cursor, &module)) {
        (void)take(search, module.path, module.path, needed);
    }
    if (is_default) {
        search->project->kernel = kernel;
    }
}

static size_t count_files(const struct config *config)
{
    size_t count = 0;
    for (uint32_t i = 0; i < config->entry_count; i++) {
        count += 1 + config->entries[i].module_count;
    }
    return count;
}

/* A file that the command line names and loader.cfg does not was meant for something. */
static void find_unused(struct search *search)
{
    const struct project_request *request = search->request;
    for (size_t i = 0; i < request->kernel_count && !search->sample; i++) {
        bool used = false;
        for (size_t j = 0; j < search->project->count; j++) {
            const char *host = search->project->files[j].host;
            used = used || (host != NULL && strcmp(host, request->kernels[i]) == 0);
        }
        if (!used && !search->missing) {
            message_add(search->message, "%s: error: it names no file %s, which was given",
                        search->project->config_name, base_name(request->kernels[i]));
            search->missing = true;
        }
    }
}

bool project_collect(const struct project_request *request, bool sample, struct message *message,
                     struct project *project)
{
    struct search search = {request, sample, message, project, false};
    const struct config *config = project->config;
    project->files = calloc(count_files(config), sizeof(project->files[0]));
    if (project->files == NULL) {
        abort();
    }
    take_entry(&search, &config->entries[config->default_entry], true);
    for (uint32_t i = 0; i < config->entry_count; i++) {
        if (i != config->default_entry) {
            take_entry(&search, &config->entries[i], false);
        }
    }
    find_unused(&search);
    return !search.missing;
}

struct disk_file *project_files(const struct project *project, const char *loader,
                                const char *config_path, size_t *out_count)
{
    struct disk_file *files = calloc(2 + project->count, sizeof(files[0]));
    size_t count = 0;
    if (files == NULL) {
        abort();
    }
    files[count++] = (struct disk_file){.path = "/EFI/BOOT/BOOTX64.EFI", .host = loader};
    files[count++] = (struct disk_file){.path = config_path,
                                        .data = bytes_text(&project->config_text),
                                        .size = project->config_text.size};
    for (size_t i = 0; i < project->count; i++) {
        const struct project_file *file = &project->files[i];
        if (file->host != NULL) {
            files[count++] = (struct disk_file){.path = file->path, .host = file->host};
        }
    }
    *out_count = count;
    return files;
}

bool project_make_disk(const struct project *project, const struct bytes *config, const char *disk,
                       struct message *message)
{
    size_t count;
    AUTO_STRING loader = data_find("BOOTX64.EFI", message);
    if (loader == NULL) {
        return false;
    }
    struct disk_file *files = project_files(project, loader, "/loader.cfg", &count);
    if (config != NULL) {
        files[1].data = bytes_text(config);
        files[1].size = config->size;
    }
    bool made = disk_make(disk, files, count, message);
    free(files);
    return made;
}
