/* Kernels of other loaders. Pure: looks at bytes. A file with a kernel header of BootInfo is not
 * asked about: it may have headers of several protocols. */
#ifndef BATON_FOREIGN_H
#define BATON_FOREIGN_H

#include "core/base/bytes.h"
#include "core/image/elf.h"

#define FOREIGN_HEAD_SIZE     0x8000  /* all Multiboot headers end within these first bytes */
#define FOREIGN_REQUESTS_SIZE 0x40000 /* of a segment: each byte costs 1.4 instructions */

/* Refuses, by name and with what to do next, a kernel of another protocol. bytes: of the file,
 * or of the loaded image. elf: what elf_parse has found in it; NULL: no ELF64 file. Headers lie
 * in the first FOREIGN_HEAD_SIZE bytes, notes where PT_NOTE says. Requests of the Limine
 * protocol lie anywhere in the first FOREIGN_REQUESTS_SIZE bytes of writable segments of an ELF
 * file that is linked as such kernels are: in the last 2 GiB, or position-independent. */
MUST_CHECK enum status foreign_check(struct bytes bytes, const struct elf *elf,
                                     struct failure *failure);

#endif
