#include "boot/trust.h"

#include "core/trust/archive.h"

enum status trust_begin(struct trust *trust, uint32_t secure_boot, struct failure *failure)
{
    enum status status = STATUS_NOT_SEALED;
    trust->locked =
        secure_boot != BOOTINFO_SECURE_BOOT_OFF && secure_boot != BOOTINFO_SECURE_BOOT_SETUP;
    if (!plat_image_section(SEAL_SECTION, &trust->archive) ||
        (trust->archive.size > 0 && !archive_is_sound(trust->archive))) {
        trust->archive.size = 0;
        status = STATUS_SEAL_DAMAGED;
    } else if (!trust->locked || trust->archive.size > 0) {
        return STATUS_OK;
    }
    return fail_with(failure, status);
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
    if (trust->pins != NULL) {
        out_origin->pin = config_find_pin(trust->pins, canonical);
    }
    if (out_origin->pin == NULL) {
        trust->now.unverified = true;
        if (trust->locked) {
            return fail_with(failure, STATUS_NOT_TRUSTED);
        }
    }
    return STATUS_OK;
}

bool trust_wants_all(const struct trust *trust, const struct origin *origin)
{
    return origin->memory == NULL && (origin->pin != NULL || trust->measures);
}
