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

/* The next four words of the message schedule, from the sixteen before them: four a register. */
SHA static row schedule(const row *rows)
{
    row between = {rows[2][1], rows[2][2], rows[2][3], rows[3][0]};
    operand sum = __builtin_ia32_sha256msg1((operand)rows[0], (operand)rows[1]);
    return (row)__builtin_ia32_sha256msg2((operand)((row)sum + between), (operand)rows[3]);
}

/* The instructions take the words of a state as fe ba and hg dc, the last one highest. */
SHA static row before(row abcd, row efgh)
{
    return (row){efgh[1], efgh[0], abcd[1], abcd[0]};
}

SHA static row after(row abcd, row efgh)
{
    return (row){efgh[3], efgh[2], abcd[3], abcd[2]};
}

SHA static void block_extended(uint32_t state[8], const uint8_t *block)
{
    const bytes swap = {3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12};
    words *first = (words *)state;
    words *second = first + 1;
    row a = before(*first, *second);
    row c = after(*first, *second);
    row rows[16 + 4]; /* the last four are not used */
    for (size_t i = 0; i < 4; i++) {
        rows[i] = (row)__builtin_ia32_pshufb128((bytes)load(block + 16 * i), swap);
    }
    for (size_t i = 0; i < 16; i++) {
        row sum = rows[i] + load(sha256_constants + 4 * i);
        row high = {sum[2], sum[3], 0, 0};
        c = (row)__builtin_ia32_sha256rnds2((operand)c, (operand)a, (operand)sum);
        a = (row)__builtin_ia32_sha256rnds2((operand)a, (operand)c, (operand)high);
        rows[i + 4] = schedule(rows + i);
    }
    *first += after(c, a);
    *second += before(c, a);
}

sha256_block *arch_sha256_block(void)
{
    bool extended =
        cpu_cpuid(0).eax >= LEAF_FEATURES && (cpu_cpuid(LEAF_FEATURES).ebx >> 29 & 1) != 0;
    return extended ? block_extended : sha256_block_plain;
}
