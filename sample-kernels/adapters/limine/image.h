/* The kernel: loaded, relocated, and searched for requests. */
#ifndef LIMINE_IMAGE_H
#define LIMINE_IMAGE_H

#include "elf.h"
#include "protocol.h"

#define LIMINE_SPACE UINT64_C(0xFFFFFFFF80000000) /* where kernels are linked, at the lowest */

struct limine_image {
    struct elf elf;
    uint64_t size;            /* bytes in memory, whole pages */
    uint64_t linked;          /* the first page's virtual address in the file */
    uint64_t virtual_address; /* and as it will run */
    uint64_t entry;           /* virtual */
    uint8_t *bytes;           /* where it lies */
};

/* Reads the file's headers. */
struct refusal limine_read(struct BootInfoSpan file, struct limine_image *out_image);
/* Copies the segments to image->bytes, image->size bytes that are all zero, and relocates them. */
struct refusal limine_load(struct limine_image *image);

/* What the kernel's image says before it is answered. */
struct limine_wishes {
    uint64_t revision; /* the base revision that it gets */
    uint64_t asked;    /* and the one it asked for */
    uint64_t stack_size;
    uint64_t entry; /* 0: the file's */
    uint32_t requests;
    int wants_cpus;
};

struct limine_wishes limine_scan(const struct limine_image *image);
/* The request at or after *at, which moves on; NULL: there are no more. at is 0 at first. */
struct limine_request *limine_next(const struct limine_image *image, uint64_t *at);
/* Tells the kernel which base revision it got. */
void limine_confirm(const struct limine_image *image, uint64_t revision);

#endif
