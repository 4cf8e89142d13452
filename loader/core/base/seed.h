/* Random bytes for the kernel alone. */
#ifndef BATON_SEED_H
#define BATON_SEED_H

#include <stdbool.h>
#include <stdint.h>

struct seed {
    uint64_t words[4];
    uint32_t sources; /* BOOTINFO_RANDOM_*; 0: words are zero */
};

/* Mixes words of source into seed, and clears them. False, and seed as before: all four are the
 * same. A broken generator repeats itself and reports success: RDRAND of some AMD CPUs gives
 * nothing but ones. */
static inline bool seed_mix(struct seed *seed, uint64_t words[4], uint32_t source)
{
    bool good = words[0] != words[1] || words[0] != words[2] || words[0] != words[3];
    for (int i = 0; i < 4; i++) {
        seed->words[i] ^= good ? words[i] : 0;
        words[i] = 0;
    }
    seed->sources |= good ? source : 0;
    return good;
}

#endif
