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

bool trust_admit(struct trust *trust, const struct text *path, struct origin *out_origin,
                 uint64_t *out_size)
{
    struct text bytes;
    if (archive_find(trust->archive, path, &bytes)) {
        out_origin->memory = (const uint8_t *)bytes.bytes;
        *out_size = bytes.size;
        return true;
    }
    if (trust->pins != NULL) {
        out_origin->pin = config_find_pin(trust->pins, path);
    }
    if (out_origin->pin != NULL) {
        return true;
    }
    trust->now.unverified = true;
    return !trust->locked;
}

bool trust_wants_all(const struct trust *trust, const struct origin *origin)
{
    return origin->memory == NULL && (origin->pin != NULL || trust->measures);
}

void trust_note(struct trust *trust, enum firmware answer)
{
    if (answer == FIRMWARE_VOLUME_FULL) { /* it is in the register */
        trust->log_full = true;
    } else if (answer != FIRMWARE_OK) {
        trust->refused = answer;
    }
}

void trust_begin_measuring(struct trust *trust, struct config *config)
{
    enum config_measure wish = config->measure;
    trust->pins = config;
    if (wish == CONFIG_MEASURE_NO || (wish == CONFIG_MEASURE_AUTO && !trust->locked)) {
        return;
    }
    enum firmware answer = plat_tpm_find();
    trust->measures = answer == FIRMWARE_OK;
    if (wish == CONFIG_MEASURE_REQUIRED || answer != FIRMWARE_UNSUPPORTED) {
        trust_note(trust, answer);
    }
}

enum status trust_check_measured(const struct trust *trust, struct failure *failure)
{
    if (trust->refused == FIRMWARE_OK || trust->pins->measure != CONFIG_MEASURE_REQUIRED) {
        return STATUS_OK;
    }
    failure->path.size = 0;
    failure->firmware = trust->refused;
    return fail_with(failure, STATUS_MEASURE_FAILED);
}
