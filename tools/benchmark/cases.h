/* What is measured: one boot each. */
#ifndef BATON_BENCHMARK_CASES_H
#define BATON_BENCHMARK_CASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum peer {
    PEER_FLOOR,    /* open, allocate, read at once, map, exit, jump: efi/floor.c */
    PEER_FLOOR_1M, /* the same in Reads of 1 MiB */
    PEER_OURS,
    PEER_SYSTEMD_BOOT, /* starts the kernel as an EFI application */
    PEER_GRUB,         /* Multiboot2, its commands built in, without normal mode */
    PEER_GRUB_CFG,     /* the same with normal mode and a grub.cfg */
};

enum format {
    FORMAT_RAW,
    FORMAT_GZIP,        /* of a payload that packs 2.25 : 1, as x86 code does */
    FORMAT_ELF,         /* at 64 MiB */
    FORMAT_HIGHER_HALF, /* ELF at 0xFFFFFFFF80000000 */
    FORMAT_MULTIBOOT2,  /* ELF at 1 MiB */
    FORMAT_EFI,         /* PE image that leaves boot services itself */
};

enum disk { DISK_VIRTIO, DISK_AHCI, DISK_NVME };

struct bench_case {
    const char *name;   /* PEER/SIZE, or PEER/SIZE/WHAT */
    const char *floor;  /* the case that bounds this one from below; NULL: there is none */
    uint64_t size;      /* of the kernel, bytes */
    const char *config; /* ours: more lines for loader.cfg; NULL: "log = quiet" */
    uint64_t module_size;
    unsigned module_count;
    unsigned entry_count; /* of loader.cfg; 0: no sections */
    unsigned memory_mib;  /* 0: 2048 */
    unsigned fragments;   /* how long the memory map is made: efi/fragments.c */
    enum peer peer;
    enum format format;
    enum disk disk;
    bool entry_is_named;    /* ours: by a load option, so that it waits for no key: marks.h */
    bool without_pclmulqdq; /* the CPU has no such instruction: a CRC-32 takes more */
    bool watched;           /* compared with the baseline in the tests */
};

extern const struct bench_case bench_cases[];
extern const size_t bench_case_count;

/* NULL: there is none of that name. */
const struct bench_case *case_named(const char *name);
/* As a user names cases: a pattern of the shell. "watched" and "all" are sets. */
bool case_matches(const struct bench_case *one, const char *pattern);
/* The first watched case that is not among these; NULL: all are. */
const struct bench_case *case_missing(const struct bench_case *const *cases, size_t count);
const char *disk_name(enum disk disk);

#endif
