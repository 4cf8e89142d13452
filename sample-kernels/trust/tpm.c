#include "tpm.h"

#define TIS UINT64_C(0xFED40000) /* TCG PC Client Platform TPM Profile, section 6 */

enum {
    ACCESS = 0x00,
    STATUS = 0x18,
    FIFO = 0x24,
    ACCESS_USE = 0x02,
    ACCESS_ACTIVE = 0x20,
    STATUS_READY = 0x40,
    STATUS_GO = 0x20,
    STATUS_DATA = 0x10,
    PATIENCE = 10000000,
    RESPONSE_COUNT = 27,  /* header, counter, one bank; the last byte of the number of digests */
    RESPONSE_DIGEST = 30, /* the digest's size comes before it */
};

#define PRESENT  UINT64_C(0x001)
#define WRITABLE UINT64_C(0x002)
#define UNCACHED UINT64_C(0x010)
#define LARGE    UINT64_C(0x080)
#define ADDRESS  UINT64_C(0x000FFFFFFFFFF000)

static uint64_t spare_directory[512] __attribute__((aligned(4096)));

/* The loader maps what its memory map names; a TPM's registers are not there. The page tables
 * are the kernel's: it adds 2 MiB to them. */
static void map_registers(void)
{
    uint64_t top;
    __asm__ volatile("mov %%cr3, %0" : "=r"(top));
    uint64_t *level = (uint64_t *)(top & ADDRESS);
    uint64_t cr4;
    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    if ((cr4 >> 12 & 1) != 0) {
        level = (uint64_t *)(level[0] & ADDRESS);
    }
    uint64_t *directories = (uint64_t *)(level[0] & ADDRESS);
    uint64_t *entry = &directories[TIS >> 30];
    if ((*entry & PRESENT) == 0) {
        *entry = (uint64_t)spare_directory | PRESENT | WRITABLE;
    }
    if ((*entry & LARGE) == 0) {
        uint64_t *directory = (uint64_t *)(*entry & ADDRESS);
        directory[TIS >> 21 & 511] =
            (TIS & ~UINT64_C(0x1FFFFF)) | PRESENT | WRITABLE | UNCACHED | LARGE;
    }
    __asm__ volatile("mov %0, %%cr3" : : "r"(top) : "memory");
}

static volatile uint8_t *at(uint32_t offset)
{
    return (volatile uint8_t *)(TIS + offset);
}

static bool wait_for(uint32_t offset, uint8_t bits)
{
    for (uint32_t i = 0; i < PATIENCE; i++) {
        if ((*at(offset) & bits) == bits) {
            return true;
        }
    }
    return false;
}

bool tpm_read_register(struct tpm_bank bank, uint32_t number, uint8_t *out_digest)
{
    uint8_t command[20] = {0x80, 1, 0, 0, 0, 20, 0, 0, 1, 0x7E, 0, 0, 0, 1, 0, bank.id, 3};
    static bool mapped;
    if (!mapped) {
        map_registers();
        mapped = true;
    }
    command[17 + number / 8] = (uint8_t)(1 << number % 8);
    *at(ACCESS) = ACCESS_USE;
    if (*at(ACCESS) == 0xFF || !wait_for(ACCESS, ACCESS_ACTIVE)) {
        return false;
    }
    *at(STATUS) = STATUS_READY;
    if (!wait_for(STATUS, STATUS_READY)) {
        return false;
    }
    for (uint32_t i = 0; i < sizeof(command); i++) {
        *at(FIFO) = command[i];
    }
    *at(STATUS) = STATUS_GO;
    if (!wait_for(STATUS, 0x80 | STATUS_DATA)) {
        return false;
    }
    uint8_t count = 0;
    for (uint32_t i = 0; i < RESPONSE_DIGEST + bank.digest_size; i++) {
        uint8_t byte = *at(FIFO);
        count = i == RESPONSE_COUNT ? byte : count;
        if (i >= RESPONSE_DIGEST) {
            out_digest[i - RESPONSE_DIGEST] = byte;
        }
    }
    *at(STATUS) = STATUS_READY;
    return count == 1;
}
