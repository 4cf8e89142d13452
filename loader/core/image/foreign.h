/* Kernels of other loaders. Pure: looks at bytes. A file with a kernel header of BootInfo is not
 * asked about: it may have headers of several protocols. */
#ifndef BATON_FOREIGN_H
#define BATON_FOREIGN_H

#include "core/base/bytes.h"
#include "core/image/elf.h"

#define FOREIGN_HEAD_SIZE 0x8000 /* all Multiboot headers end within these first bytes */

/* Refuses, by name and with what to do next, a kernel of another protocol. bytes: of the file, or
 * of the loaded image. elf: what elf_parse has found in it; NULL: no ELF64 file.
 * Only the first FOREIGN_HEAD_SIZE bytes are looked at, but where elf is linked as kernels of the
 * Limine protocol are (in the last 2 GiB, or position-independent): their marks lie anywhere. */
MUST_CHECK enum status foreign_check(struct bytes bytes, const struct elf *elf,
                                     struct failure *failure);

#endif
