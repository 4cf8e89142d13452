#include "boot/trust.h"

#include "core/trust/archive.h"

enum status trust_begin(struct trust *trust, uint32_t secure_boot, struct failure *failure)
{
    trust->locked =
        secure_boot != BOOTINFO_SECURE_BOOT_OFF && secure_boot != BOOTINFO_SECURE_BOOT_SETUP;
    if (!plat_image_section(SEAL_SECTION, &trust->archive) ||
        (trust->archive.size > 0 && !archive_is_sound(trust->archive))) {
        trust->archive.size = 0;
        return fail_with(failure, STATUS_SEAL_DAMAGED);
    }
    return trust->locked && trust->archive.size == 0 ? fail_with(failure, STATUS_NOT_SEALED)
                                                     : STATUS_OK;
}

void trust_begin_attempt(struct trust *trust, bool by_hand)
{
    trust->by_hand = by_hand;
    trust->unverified = false;
    trust->mismatched.size = 0;
    trust->log_size = 0;
    for (int i = 0; i < SHA256_SIZE; i++) {
        trust->kernel_sha256[i] = 0;
    }
}

enum status trust_admit(struct trust *trust, const char *canonical, struct failure *failure,
                        struct origin *out_origin, uint64_t *out_size)
{
    struct text bytes;
    if (trust->archive.size > 0 && archive_find(trust->archive, canonical, &bytes)) {
        out_origin->memory = (const uint8_t *)bytes.bytes;
        *out_size = bytes.size;
        return STATUS_OK;
    }
    out_origin->is_pinned =
        trust->pins != NULL && config_find_pin(trust->pins, canonical, &out_origin->pin);
    trust->unverified |= !out_origin->is_pinned;
    return trust->locked && !out_origin->is_pinned ? fail_with(failure, STATUS_NOT_TRUSTED)
                                                   : STATUS_OK;
}

bool trust_wants_all(const struct trust *trust, const struct origin *origin)
{
    return origin->memory == NULL && (origin->is_pinned || trust->measures);
}
