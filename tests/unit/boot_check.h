/* Judges a hand-off: everything docs/abi.md promises about memory and BootInfo. */
#ifndef BATON_BOOT_CHECK_H
#define BATON_BOOT_CHECK_H

#include "elves.h"
#include "fake_platform.h"

struct expected_module {
    const char *name;
    const char *arguments;
    struct text data;
};

struct expectation {
    struct text image; /* the kernel's bytes in memory */
    uint64_t address;
    uint64_t memory_size; /* 0: as the image */
    uint64_t entry;       /* 0: the address */
    uint64_t stack_size;  /* 0: the default */
    const char *cmdline;  /* NULL: empty */
    struct text file;     /* the kernel's file; its size and CRC-32 are in BootInfo */
    bool gzip;
    struct text inflated; /* what gzip was made of, where it is not image */
    bool staged;
    const struct elf_plan *elf; /* its segments have rights; NULL: all is writable and executable */
    uint64_t virtual_address;   /* 0: the address */
    uint64_t direct_map;
    bool window; /* the direct map is the kernel's own mapping as well, and ends at 2^64 */
    bool no_framebuffer;
    const struct expected_module *modules;
    uint32_t module_count;
    uint32_t screens_left_out;
    bool no_acpi, no_smbios; /* what the firmware names is none */
    const uint64_t *mapped;  /* addresses that must be mapped, up to a 0; NULL: none */
};

#define CONFIG_PLAIN "kernel = /k.bin\n"

extern struct boot the_boot;

/* A healthy machine whose volume has this loader.cfg and this file at \k.bin. */
struct fake_file *given(const char *config, struct text kernel_file);
/* What that machine is expected to do with a raw file. The test fills in what differs. */
struct expectation expect_raw(struct text kernel_file);

/* Boots, and checks that the hand-off is as promised. */
void boots(const struct expectation *expectation);
/* Boots and returns with this status, in words that contain this sentence. */
void refuses(enum status status, const char *sentence);
/* Boots and restarts; the console shows this sentence after the exit began. */
void restarts(const char *sentence);

/* After fake_boot gave FAKE_HANDED_OFF. */
void check_hand_off(const struct boot *boot, const struct expectation *expectation);

#endif
