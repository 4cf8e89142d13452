/* EFI_RNG_PROTOCOL (UEFI 2.10 section 37.5). */
#include "efi/firmware.h"

void plat_random(struct seed *seed)
{
    static EFI_GUID guid = EFI_RNG_PROTOCOL_GUID;
    void *protocol = NULL;
    uint64_t words[4];
    if (EFI_ERROR(firmware_table->BootServices->LocateProtocol(&guid, NULL, &protocol))) {
        return;
    }
    EFI_RNG_PROTOCOL *rng = protocol;
    /* NULL: the firmware's default algorithm; the raw one may block (UEFI 2.10 section 37.5.4). */
    if (EFI_ERROR(rng->GetRNG(rng, NULL, sizeof(words), (UINT8 *)words))) {
        return;
    }
    (void)seed_mix(seed, words, BOOTINFO_RANDOM_EFI);
}
