/* SHA-256: the examples of FIPS 180-4, every length of an end, and both ways against each other. */
#include "arch.h"

#include "suite.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LENGTHS    301
#define LARGE_SIZE (UINT64_C(0x20000000) + 1) /* its number of bits does not fit into 32 */
#define MILLION    1000000

struct vector {
    const char *text;
    const char *digest;
};

/* FIPS 180-2 appendix B and NIST's "SHA-256 examples". */
static const struct vector vectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnop"
     "qrsmnopqrstnopqrstu",
     "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
};

static bool has_extensions(void)
{
    return arch_sha256_block() != sha256_block_plain;
}

static void expect(sha256_block *take_block, const void *bytes, uint64_t size, const char *digest)
{
    uint8_t got[SHA256_SIZE];
    char words[2 * SHA256_SIZE + 1];
    sha256(take_block, bytes, size, got);
    for (int i = 0; i < SHA256_SIZE; i++) {
        snprintf(words + 2 * (size_t)i, 3, "%02x", got[i]);
    }
    ck_assert_str_eq(words, digest);
}

START_TEST(the_examples_of_the_standard)
{
    static char million[MILLION];
    sha256_block *take_block = _i == 0 ? sha256_block_plain : arch_sha256_block();
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        expect(take_block, vectors[i].text, strlen(vectors[i].text), vectors[i].digest);
    }
    memset(million, 'a', sizeof(million));
    expect(take_block, million, sizeof(million),
           "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

/* The digest of the digests of the first 0 to 300 bytes of (7 i + 3) mod 256, as Python's hashlib
 * has it; from unaligned places as well. */
START_TEST(every_length_of_an_end)
{
    sha256_block *take_block = _i % 2 == 0 ? sha256_block_plain : arch_sha256_block();
    size_t shift = (size_t)_i / 2;
    static uint8_t digests[LENGTHS][SHA256_SIZE];
    uint8_t bytes[LENGTHS + 16];
    for (size_t i = 0; i < LENGTHS; i++) {
        bytes[shift + i] = (uint8_t)(7 * i + 3);
    }
    for (size_t size = 0; size < LENGTHS; size++) {
        sha256(take_block, bytes + shift, size, digests[size]);
    }
    expect(sha256_block_plain, digests, sizeof(digests),
           "7d917fbd2cf49ddff9ad0a8706bba32d204e92e71d2e369c5a03d6af29278c9f");
}
END_TEST

/* Linux reads the same leaf of CPUID. */
START_TEST(the_extensions_are_used_where_the_cpu_has_them)
{
    char line[8192];
    bool listed = false;
    FILE *info = fopen("/proc/cpuinfo", "r");
    ck_assert_ptr_nonnull(info);
    while (!listed && fgets(line, sizeof(line), info) != NULL) {
        listed = strncmp(line, "flags", 5) == 0 && strstr(line, " sha_ni") != NULL;
    }
    fclose(info);
    ck_assert_int_eq(has_extensions(), listed);
}
END_TEST

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8 ^ *state << 13;
}

/* One block from any state leads to the same state. */
START_TEST(both_ways_lead_from_any_state_to_the_same)
{
    sha256_block *take_block = arch_sha256_block();
    uint32_t random = 1;
    for (uint32_t round = 0; round < 20000; round++) {
        uint8_t block[64];
        uint32_t plain[8];
        uint32_t extended[8];
        for (size_t i = 0; i < sizeof(block); i++) {
            block[i] = (uint8_t)next_random(&random);
        }
        for (size_t i = 0; i < 8; i++) {
            plain[i] = extended[i] = next_random(&random);
        }
        sha256_block_plain(plain, block);
        take_block(extended, block);
        ck_assert_mem_eq(plain, extended, sizeof(plain));
    }
}
END_TEST

/* What sha256sum prints for a file is what a pin has. */
START_TEST(files_have_the_digest_that_sha256sum_prints)
{
    static uint8_t bytes[1000003];
    char digest[2 * SHA256_SIZE + 1] = "";
    char path[] = "/tmp/baton-sha256-XXXXXX";
    char command[64];
    uint32_t random = 2;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)next_random(&random);
    }
    int file = mkstemp(path);
    ck_assert(file >= 0 && write(file, bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes));
    close(file);
    snprintf(command, sizeof(command), "sha256sum %s", path);
    FILE *said = popen(command, "r"); /* NOLINT(cert-env33-c) */
    ck_assert(said != NULL && fgets(digest, sizeof(digest), said) != NULL);
    pclose(said);
    remove(path);
    expect(sha256_block_plain, bytes, sizeof(bytes), digest);
    expect(arch_sha256_block(), bytes, sizeof(bytes), digest);
}
END_TEST

/* In plain C this takes a minute: the end, which has the length in it, is the same function. */
START_TEST(a_length_above_32_bits)
{
    if (!has_extensions()) {
        printf("unit-sha256: this CPU has no SHA extensions; not tried: 512 MiB, and the "
               "extensions\n");
        return;
    }
    void *zeros =
        mmap(NULL, LARGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ck_assert_ptr_ne(zeros, MAP_FAILED);
    expect(arch_sha256_block(), zeros, LARGE_SIZE,
           "7c40fe5ce847740d0f0d0cdde3949d6585804cdec3ae61a15b923165699c8137");
    munmap(zeros, LARGE_SIZE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sha256");
    TCase *sha256_case = tcase_create("sha256");
    tcase_set_timeout(sha256_case, 120);
    tcase_add_loop_test(sha256_case, the_examples_of_the_standard, 0, 2);
    tcase_add_loop_test(sha256_case, every_length_of_an_end, 0, 6);
    tcase_add_test(sha256_case, the_extensions_are_used_where_the_cpu_has_them);
    tcase_add_test(sha256_case, both_ways_lead_from_any_state_to_the_same);
    tcase_add_test(sha256_case, files_have_the_digest_that_sha256sum_prints);
    tcase_add_test(sha256_case, a_length_above_32_bits);
    suite_add_tcase(suite, sha256_case);
    return suite_main(suite, "unit-sha256");
}
