/* Random bytes for the kernel alone. */
#ifndef BATON_SEED_H
#define BATON_SEED_H

#include <stdint.h>

struct seed {
    uint64_t words[4];
    uint32_t sources; /* BOOTINFO_RANDOM_*; 0: words are zero */
};

#endif
