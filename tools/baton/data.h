/* Files that belong to baton: the loader, header and linker scripts, memory maps, templates.
 * They are found from where the program lies: in a build folder, or installed
 * (../share/baton). */
#ifndef BATON_TOOL_DATA_H
#define BATON_TOOL_DATA_H

#include "vm/message.h"

/* "BOOTX64.EFI", "bootinfo.h", "templates/c": where it is, freed by the caller; NULL, and the
 * message says where it was looked for. */
char *data_find(const char *name, struct message *message);
/* The source that the program was built from, where it runs in its build folder; else NULL. */
const char *data_source_folder(void);
/* The folder the program lies in. */
const char *data_program_folder(void);
/* The program itself, for those who start it again. */
const char *data_program(void);

#endif
