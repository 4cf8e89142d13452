/* CRC-32 by carry-less multiplication. The method: Gopal, Ozturk and others, "Fast CRC Computation
 * for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009. CPUID 1 ECX bit 1 says that the
 * CPU has the instruction (Intel SDM 2A); SSE2 comes with it.
 *
 * A row of 16 bytes is a polynomial. Its first bit, bit 0 of byte 0, is the coefficient of x^127.
 * To fold a row by n bits is to find another row that, n bits later, leaves the same remainder when
 * it is divided by the CRC's polynomial P. The row is H * x^64 + L, with H its first 8 bytes; the
 * other row is H * (x^(n + 64) mod P) + L * (x^n mod P). A product of two halves has 127 bits and
 * lies one bit too early in its row: so the constants are x^(n + 63) mod P and x^(n - 1) mod P. */
#include "crc32.h"

#include "arch/x86_64/cpu.h"

#define FEATURES      1u
#define ECX_PCLMULQDQ (1u << 1)
#define ROW           16

_Static_assert(CRC32_STEP == 4 * ROW && CRC32_REDUCED == ROW, "four rows a step, one is left");

typedef long long row __attribute__((vector_size(ROW)));
typedef long long unaligned_row __attribute__((vector_size(ROW), aligned(1), may_alias));
typedef unsigned long long constants __attribute__((vector_size(ROW)));

#define PCLMUL        __attribute__((target("pclmul")))
#define PCLMUL_INLINE static inline __attribute__((target("pclmul"), always_inline))

/* x^(n + 63) mod P and x^(n - 1) mod P, the coefficient of x^63 in bit 0. */
static const constants by_one_row = {0x65673B4600000000, 0x9BA54C6F00000000};
static const constants by_four_rows = {0x653D982200000000, 0xCAD38E8F00000000};

PCLMUL_INLINE row load(const uint8_t *bytes, size_t number)
{
    return (row)((const unaligned_row *)(const void *)bytes)[number];
}

PCLMUL_INLINE row fold(row value, row by, row onto)
{
    row first = __builtin_ia32_pclmulqdq128(value, by, 0x00);
    row second = __builtin_ia32_pclmulqdq128(value, by, 0x11);
    return first ^ second ^ onto;
}

/* Four rows at a time: a product takes the CPU longer than an instruction, and they do not wait for
 * each other. */
PCLMUL static void fold_bytes(uint32_t state, const uint8_t *bytes, size_t size,
                              uint8_t *out_reduced)
{
    row by = (row)by_four_rows;
    row a = load(bytes, 0) ^ (row) { state, 0 };
    row b = load(bytes, 1);
    row c = load(bytes, 2);
    row d = load(bytes, 3);
    const uint8_t *end = bytes + size;
    for (bytes += CRC32_STEP; bytes < end; bytes += CRC32_STEP) {
        a = fold(a, by, load(bytes, 0));
        b = fold(b, by, load(bytes, 1));
        c = fold(c, by, load(bytes, 2));
        d = fold(d, by, load(bytes, 3));
    }
    by = (row)by_one_row;
    *(unaligned_row *)(void *)out_reduced = fold(fold(fold(a, by, b), by, c), by, d);
}

crc32_reduce *arch_crc32_reduce(void)
{
    return (cpu_cpuid(FEATURES).ecx & ECX_PCLMULQDQ) != 0 ? fold_bytes : NULL;
}
