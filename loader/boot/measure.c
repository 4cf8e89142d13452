#include "boot/measure.h"

#include "core/base/apart.h"
#include "core/base/packed.h"

#define PCR_CHOICE 8
#define PCR_FILES  9

/* A user who has chosen the entry, and has no Secure Boot, may boot what has changed. */
static enum status mismatch(const struct file *file, struct failure *failure, struct text digits)
{
    const struct volume *volume = file->volume;
    const struct config_pin *pin = file->origin.pin;
    struct trust *trust = &file->volume->trust;
    if (!trust->locked && trust->now.by_hand) {
        trust->now.unverified = true;
        struct writer *line = log_begin(volume->log, "security");
        log_path(line, file->path);
        write_packed(line, packed_warnings, WARNING_PIN_BY_HAND);
        log_end(volume->log, LOG_NORMAL);
        return STATUS_OK;
    }
    failure->hint = digits;
    failure->next = pin->digits;
    failure->number[0] = pin->line;
    return fail_with(failure, STATUS_PIN_MISMATCH);
}

/* Begins "baton WHAT ", to be ended by extend. */
static struct writer *begin_event(struct trust *trust, const char *what)
{
    trust->event = writer_on(trust->words, sizeof(trust->words));
    write_string(&trust->event, "baton ");
    write_string(&trust->event, what);
    write_char(&trust->event, ' ');
    return &trust->event;
}

static void extend(struct trust *trust, uint32_t pcr)
{
    trust_note(trust, plat_tpm_measure(pcr, writer_text(&trust->event)));
}

enum status measure_file(struct file *file, struct failure *failure, const void *bytes,
                         const char *what)
{
    struct trust *trust = &file->volume->trust;
    const struct config_pin *pin = file->origin.pin;
    if (!trust_wants_all(trust, &file->origin)) {
        return STATUS_OK;
    }
    sha256(arch_sha256_block(), bytes, file->size, file->sha256);
    struct writer *event = begin_event(trust, what);
    struct text digits = {event->buffer + event->used, (size_t)2 * SHA256_SIZE};
    for (size_t i = 0; i < digits.size; i++) {
        write_char(event, digit_of(file->sha256[i / 2] >> (i % 2 == 0 ? 4 : 0) & 0xF));
    }
    if (pin != NULL && !text_equal_any_case(digits, pin->digits)) {
        TRY(mismatch(file, failure, digits));
    }
    write_char(event, ' ');
    path_write(event, file->path);
    if (trust->measures) {
        extend(trust, PCR_FILES);
    }
    return STATUS_OK;
}

enum status measure_read(struct file *file, struct failure *failure, uint64_t address,
                         const char *what)
{
    TRY(file_read(file, failure, (void *)address, file->size));
    TRY(file_finish(file, failure));
    return measure_file(file, failure, (const void *)address, what);
}

/* "baton WHAT PATH TEXT"; path may be NULL. */
static void measure_line(struct trust *trust, const char *what, const struct text *path,
                         const struct text *text)
{
    struct writer *event = begin_event(trust, what);
    if (path != NULL) {
        path_write(event, *path);
        write_char(event, ' ');
    }
    write_text(event, *text);
    extend(trust, PCR_CHOICE);
}

static void measure_lines(struct trust *trust, const struct kernel *kernel)
{
    measure_line(trust, "entry", NULL, &kernel->entry->name);
    measure_line(trust, "cmdline", NULL, &kernel->entry->cmdline);
    for (uint32_t i = 0; i < kernel->modules.count; i++) {
        const struct module *module = &kernel->modules.items[i];
        if (module->arguments.size > 0) {
            measure_line(trust, "arguments", &module->path, &module->arguments);
        }
    }
}

static uint32_t flags_of(const struct trust *trust, uint32_t secure_boot)
{
    uint32_t flags = secure_boot == BOOTINFO_SECURE_BOOT_ON ? BOOTINFO_FLAG_SECURE_BOOT : 0;
    if (trust->config_sealed) {
        flags |= BOOTINFO_FLAG_SEALED;
        flags |= trust->now.unverified ? 0 : BOOTINFO_FLAG_VERIFIED;
    }
    if (trust->measures && trust->refused == FIRMWARE_OK) {
        flags |= BOOTINFO_FLAG_MEASURED;
    }
    if (trust->now.log.bytes.size > 0 && (trust->now.log.truncated || trust->log_full)) {
        flags |= BOOTINFO_FLAG_TPM_LOG_TRUNCATED;
    }
    return flags;
}

/* answer: what the TPM has answered instead of FIRMWARE_OK. */
static void log_verdict(struct session *session, enum firmware answer)
{
    _Static_assert(WARNING_SECURE_BOOT + BOOTINFO_SECURE_BOOT_UNKNOWN ==
                           WARNING_SECURE_BOOT_UNKNOWN &&
                       WARNING_SEALED + 2 == WARNING_MEASURED,
                   "in the order of the values and of the flags");
    const uint32_t flags = session->volume.trust.now.flags;
    struct writer *line = log_begin(&session->log, "security");
    write_packed(line, packed_warnings, WARNING_SECURE_BOOT + session->machine.secure_boot);
    for (uint32_t i = 0; i < 3; i++) {
        write_string(line, (flags & BOOTINFO_FLAG_SEALED << i) != 0 ? ", " : ", not ");
        write_packed(line, packed_warnings, WARNING_SEALED + i);
    }
    if (answer != FIRMWARE_OK) {
        write_packed(line, packed_warnings, WARNING_TPM_ANSWERS);
        write_firmware(line, answer);
    }
    log_end(&session->log, LOG_NORMAL);
}

APART enum status measure_choice(struct session *session, const struct kernel *kernel)
{
    struct trust *trust = &session->volume.trust;
    if (trust->measures) {
        measure_lines(trust, kernel);
    }
    enum firmware answer = plat_tpm_log(&trust->now.log);
    if (answer == FIRMWARE_UNSUPPORTED || trust->refused != FIRMWARE_OK) {
        answer = trust->refused; /* that there is no log is not worth a word */
    }
    trust->now.flags = flags_of(trust, session->machine.secure_boot);
    if (trust->archive.size > 0 || trust->measures || answer != FIRMWARE_OK) {
        log_verdict(session, answer);
    }
    return trust_check_measured(trust, &session->failure);
}
