/* What is to be booted: kernels, their loader.cfg, the files it names, the names in the
 * kernel. */
#ifndef BATON_TOOL_PROJECT_H
#define BATON_TOOL_PROJECT_H

#include "core/config/config.h"
#include "symbols.h"
#include "vm/disk.h"

struct project_request {
    const char *const *kernels; /* names of samples, or files */
    size_t kernel_count;        /* at least 1 where config is NULL */
    const char *config;         /* NULL: the sample's own, or a generated one */
    const char *root;           /* the volume, with loader.cfg on it; NULL: files lie anywhere */
    bool every_entry;           /* the files of all entries must be there, not the default's only */
};

/* A file that loader.cfg names. */
struct project_file {
    char *path; /* on the disk: "/boot/k.bin" */
    char *host; /* on this machine; NULL: not found */
};

/* Starts as {0}. */
struct project {
    struct bytes config_text;
    char *config_name; /* for messages; of a file, or "loader.cfg" where it was generated */
    bool generated;
    struct config *config; /* points into config_text */
    struct project_file *files;
    size_t count;
    const struct project_file *kernel; /* the default entry's; NULL: not known */
    bool names_config;                 /* loader.cfg has itself as a module, as /loader.cfg */
    struct symbols symbols;            /* of that kernel */
};

enum project_status {
    PROJECT_FOUND,
    PROJECT_MISSING, /* a file that the command line names; message says what */
    PROJECT_REFUSED, /* the loader would not boot this; message says why */
};

enum project_status project_find(const struct project_request *request, struct message *message,
                                 struct project *project);
/* A disk with the loader, loader.cfg, and the files that were found. config: another text instead
 * of the project's; NULL: its own. */
bool project_make_disk(const struct project *project, const struct bytes *config, const char *disk,
                       struct message *message);
/* The same as a list of files, freed by the caller; loader.cfg at that path. The loader is the
 * first. Texts are kept by reference. */
struct disk_file *project_files(const struct project *project, const char *loader,
                                const char *config_path, size_t *out_count);
void project_free(struct project *project);

/* The file that loader.cfg calls so; NULL: loader.cfg itself. */
const struct project_file *project_file_of(const struct project *project, struct text written);

/* The part of a path after its last slash. */
const char *base_name(const char *path);
/* Whether name is that of a sample kernel: only where baton runs in its build folder. */
bool project_is_sample(const char *name);
/* "FILE:LINE:COLUMN: error: WHAT" and the line with a caret. where lies in file. */
void project_point(struct message *message, const char *name, struct text file, struct text where,
                   const char *what);

#endif
