/* What the tests of trusted boots share: keys made once, firmware in which they are enrolled,
 * and boots of sealed loaders in it. */
#ifndef BATON_SECURE_TEST_H
#define BATON_SECURE_TEST_H

#include "boot/harness.h"
#include "vm/files.h"

/* Of this test program, until it ends. */
extern char *secure_folder;

/* Makes the folder, the keys in it (keys/), and variables in which ENROLL.EFI has enrolled them. */
void secure_begin(void);
void secure_end(void);

/* A path in the folder; a new string. */
char *secure_path(const char *name);
void secure_write(const char *name, const void *bytes, size_t size);
void secure_write_text(const char *name, const char *text);

/* Runs "baton secure WORDS", NULL after the last, in the folder. Gives its status; *out_said is
 * what it wrote to either stream, freed by the caller; NULL: nobody wants it. */
int secure_tool(const char *const *words, char **out_said);
/* The same, and it must end well. */
void secure_tool_well(const char *const *words);

/* Seals root/ into the file, with what words add, such as --outside PATH. */
void secure_seal_root(const char *output, const char *const *words);

/* A sealed and signed loader that holds loader.cfg and only these files of root/: "seal" refuses
 * to leave one out. */
void secure_seal_by_hand(const char *output, const char *const *names);

/* "baton secure check" of a partition that has the loader (NULL: the one that was built) and the
 * files has to end with the status and to write the text. */
void secure_predict(const char *loader, const struct boot_files *files, int status,
                    const char *says);

struct secure_boot {
    const char *loader;  /* in the folder; NULL: the one that was built */
    const char *vars;    /* in the folder; NULL: those with the keys enrolled. They are copied */
    bool no_secure_boot; /* the firmware's variables are empty */
    const char *const *extra; /* for QEMU */
    const struct machine_typing *typing;
    const char *until[4]; /* texts that end the run */
};

/* Boots the loader as /EFI/BOOT/BOOTX64.EFI, with more files beside it. */
void secure_boot(const struct secure_boot *boot, const struct boot_files *files,
                 struct machine_run *out_run);

/* Signs a file of the folder with the key in db. */
void secure_sign(const char *from, const char *to);
/* A file of the folder onto a disk, under that path. */
void secure_put(struct boot_files *disk, const char *path, const char *name);
/* A file of this machine into the folder. */
void secure_copy(const char *from, const char *name);

/* variables.c: adds a variable of shim's to the firmware's, a file of the folder, as shim keeps
 * it. */
void secure_add_shim_variable(const char *vars, const char *name, const void *data, size_t size);
/* Has the firmware start /EFI/BOOT/BOOTX64.EFI next, with these load options. */
void secure_add_load_options(const char *vars, const char *options);

/* keys_host.c */
void secure_add_host_tests(TCase *tests);

/* The firmware itself refuses: no line of the loader's is there. */
void secure_expect_denied(const struct machine_run *run);

#endif
