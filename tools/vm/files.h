/* Files and folders of the host. */
#ifndef BATON_VM_FILES_H
#define BATON_VM_FILES_H

#include "message.h"

/* out_bytes is freed by the caller. */
bool file_read(const char *path, struct message *message, struct bytes *out_bytes);
bool file_write(const char *path, const void *data, size_t size, struct message *message);
bool file_copy(const char *from, const char *to, struct message *message);
/* False also where either cannot be read. */
bool file_equal(const char *path, const char *other);
bool file_exists(const char *path);
bool folder_exists(const char *path);
bool folder_make(const char *path, struct message *message);
/* Bytes; -1: cannot be asked. */
long long file_size(const char *path);

/* A new, empty folder below $TMPDIR (or /tmp). The caller frees the string, removes the
 * folder. */
bool folder_make_temporary(struct message *message, char **out_path);
/* With everything in it. */
void folder_remove(const char *path);

/* Where a program is, in PATH and in the sbin folders; freed by the caller. NULL: nowhere. */
char *program_find(const char *name);

/* Runs a program to its end and waits for it; argv[0] is looked up in PATH and in the sbin
 * folders. True: its status was 0. False: message says why, with what it wrote. */
bool program_run(const char *const argv[], struct message *message);
/* The same, and gives what it wrote; freed by the caller. */
bool program_output(const char *const argv[], struct message *message, struct bytes *out_output);

#endif
