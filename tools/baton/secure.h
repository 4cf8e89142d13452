/* "baton secure": keys, sealed loaders, and what a machine would make of them. docs/security.md. */
#ifndef BATON_TOOL_SECURE_H
#define BATON_TOOL_SECURE_H

#include "core/config/config.h"
#include "secure_pe.h"
#include "vm/message.h"

#define SECURE_LOADER_PATH   "EFI/BOOT/BOOTX64.EFI"
#define SECURE_PREVIOUS_PATH "EFI/BOOT/BOOTX64.OLD.EFI"
#define SECURE_FOLDER        "EFI/baton"

/* The words of a command line that the sub-commands share. */
struct secure_options {
    const char *keys;           /* --keys: a folder that "keys" made */
    const char *root;           /* --root: what is at "/" for the loader */
    const char *loader;         /* --loader: the one to seal; --enroll: ENROLL.EFI */
    const char *output;         /* -o */
    const char *const *outside; /* --outside, NULL behind the last */
    bool mok;                   /* --mok */
    const char *operands[3];
    int operand_count;
};

/* secure_keys.c */
bool secure_keys(const struct secure_options *options, struct message *message);
bool secure_revoke(const struct secure_options *options, struct message *message);
/* secure_seal.c */
bool secure_seal(const struct secure_options *options, struct message *message);
/* Signs a PE file with the key of db.crt in the folder, and verifies that. */
bool secure_sign_image(const char *keys, const char *from, const char *to, struct message *message);
/* secure_check.c: *out_good: whether a machine with these keys would boot it. */
bool secure_check(const struct secure_options *options, struct message *message, bool *out_good);
/* secure_install.c */
bool secure_install(const struct secure_options *options, struct message *message);

/* secure_archive.c: a ustar archive, which grows. path begins without a slash. */
bool secure_archive_add(struct bytes *archive, const char *path, struct text file,
                        struct message *message);
void secure_archive_end(struct bytes *archive);

/* secure_config.c: a parsed loader.cfg. */
struct secure_config {
    struct bytes text;
    struct config *config;
};

/* False: message has the loader's own words. name is for these. */
bool secure_config_parse(struct text text, const char *name, struct message *message,
                         struct secure_config *out_config);
void secure_config_free(struct secure_config *config);
/* Calls use with the canonical path of each kernel and module; false ends it. */
bool secure_config_each_file(const struct config *config,
                             bool (*use)(void *context, const char *canonical), void *context);

/* A canonical path below a folder of this machine; freed by the caller. */
char *secure_host_path(const char *root, const char *canonical);
/* The SHA-256 of bytes in 64 digits. */
void secure_digest(struct text bytes, char out_digits[65]);

#endif
