/* SHA-256 with the SHA extensions (Intel SDM 2B, SHA256RNDS2). CPUID 7 EBX bit 29 says that they
 * are there; SSSE3 and SSE4.1 come with them. */
#include "arch.h"
#include "arch/x86_64/cpu.h"

#define LEAF_FEATURES 7u

typedef uint32_t words __attribute__((vector_size(16), aligned(1), may_alias));
typedef char bytes __attribute__((vector_size(16)));
typedef uint32_t row __attribute__((vector_size(16)));
typedef int operand __attribute__((vector_size(16))); /* as the intrinsics have it */

#define SHA __attribute__((target("sha,ssse3,sse4.1")))

SHA static row load(const void *address)
{
    return (row) * (const words *)address;
}

/* Sixteen words of the message schedule, four a register; the next four replace the first. */
SHA static row schedule(row *rows, size_t i)
{
    row second = rows[(i + 2) & 3];
    row third = rows[(i + 3) & 3];
    row between = {second[1], second[2], second[3], third[0]};
    operand sum = __builtin_ia32_sha256msg1((operand)rows[i & 3], (operand)rows[(i + 1) & 3]);
    return (row)__builtin_ia32_sha256msg2((operand)((row)sum + between), (operand)third);
}

SHA static void block_extended(uint32_t state[8], const uint8_t *block)
{
    const bytes swap = {3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12};
    words *abef = (words *)state;
    words *cdgh = (words *)(state + 4);
    row a = *abef;
    row c = *cdgh;
    row rows[4];
    for (size_t i = 0; i < 4; i++) {
        rows[i] = (row)__builtin_ia32_pshufb128((bytes)load(block + 16 * i), swap);
    }
    for (size_t i = 0; i < 16; i++) {
        row sum = rows[i & 3] + load(sha256_constants + 4 * i);
        row high = {sum[2], sum[3], 0, 0};
        c = (row)__builtin_ia32_sha256rnds2((operand)c, (operand)a, (operand)sum);
        a = (row)__builtin_ia32_sha256rnds2((operand)a, (operand)c, (operand)high);
        rows[i & 3] = schedule(rows, i);
    }
    *abef += a;
    *cdgh += c;
}

sha256_block *arch_sha256_block(void)
{
    bool extended =
        cpu_cpuid(0).eax >= LEAF_FEATURES && (cpu_cpuid(LEAF_FEATURES).ebx >> 29 & 1) != 0;
    return extended ? block_extended : sha256_block_plain;
}
