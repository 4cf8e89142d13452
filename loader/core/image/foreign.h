/* Whose kernel is it? Looks in an image for a kernel header of BootInfo, then for the headers of
 * other loaders. Pure: looks at bytes. */
#ifndef BATON_FOREIGN_H
#define BATON_FOREIGN_H

#include "abi/bootinfo.h"
#include "core/base/bytes.h"
#include "core/image/elf.h"

#define HEADER_SEARCHED   0x8000  /* bytes of a segment: all Multiboot headers end within them */
#define REQUESTS_SEARCHED 0x40000 /* the same, for requests */

/* A search and what it has found. */
struct header_search {
    struct bytes image;    /* as loaded */
    const struct elf *elf; /* what elf_parse has found in it; NULL: no ELF64 file */
    bool native_only;      /* the headers of other loaders are not looked for */
    /* Which of count words has this value; count if none has. NULL: one by one. */
    uint64_t (*find)(const void *words, uint64_t count, uint32_t value);
    bool found;  /* a header of BootInfo: the two below are written */
    uint64_t at; /* where in the image it lies */
    struct BootInfoKernelHeader header;
};

/* Finds the first kernel header whose first fields make sense, wherever in the image it lies. A
 * kernel without one that is of another protocol is refused, by name and with what to do next.
 * Multiboot headers are looked for in the first HEADER_SEARCHED bytes of a segment, or of an
 * image that is no ELF64 file; notes where PT_NOTE says; requests of the Limine protocol in the
 * first REQUESTS_SEARCHED bytes of writable segments of an ELF file that is linked as such
 * kernels are: in the last 2 GiB, or position-independent. */
MUST_CHECK enum status header_search(struct header_search *search, struct failure *failure);

#endif
