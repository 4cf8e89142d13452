/* RDSEED and RDRAND (Intel SDM 1 section 7.3.17). */
#include "abi/bootinfo.h"
#include "arch.h"
#include "arch/x86_64/cpu.h"

#define LEAF_FEATURES 7u
#define HAS_RDSEED    (1u << 18) /* leaf 7 EBX */
#define HAS_RDRAND    (1u << 30) /* leaf 1 ECX */
#define TRIES         10         /* of an instruction; after as many failures the CPU is broken */

static bool draw(uint32_t source, uint64_t *out_word)
{
    bool good = false;
    uint64_t word = 0;
    for (int i = 0; i < TRIES && !good; i++) {
        if (source == BOOTINFO_RANDOM_RDSEED) {
            __asm__ volatile("rdseed %0" : "=r"(word), "=@ccc"(good));
        } else {
            __asm__ volatile("rdrand %0" : "=r"(word), "=@ccc"(good));
        }
    }
    *out_word = word;
    return good;
}

static bool mix(uint32_t source, struct seed *seed)
{
    uint64_t words[4];
    for (int i = 0; i < 4; i++) {
        if (!draw(source, &words[i])) {
            return false;
        }
    }
    return seed_mix(seed, words, source);
}

/* RDRAND's numbers come from a generator that RDSEED's source feeds: one of them is enough. */
void arch_random(struct seed *seed)
{
    bool rdseed =
        cpu_cpuid(0).eax >= LEAF_FEATURES && (cpu_cpuid(LEAF_FEATURES).ebx & HAS_RDSEED) != 0;
    bool rdrand = (cpu_cpuid(1).ecx & HAS_RDRAND) != 0;
    if (!(rdseed && mix(BOOTINFO_RANDOM_RDSEED, seed)) && rdrand) {
        (void)mix(BOOTINFO_RANDOM_RDRAND, seed);
    }
}
