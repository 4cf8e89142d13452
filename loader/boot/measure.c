#include "boot/measure.h"

#include "core/trust/event_log.h"

#include <string.h>

#define PCR_CHOICE 8
#define PCR_FILES  9

static void write_digest(struct writer *writer, const uint8_t *digest)
{
    for (int i = 0; i < 2 * SHA256_SIZE; i++) {
        unsigned value = digest[i / 2] >> (i % 2 == 0 ? 4 : 0) & 0xF;
        write_char(writer, (char)(value < 10 ? '0' + value : 'a' - 10 + value));
    }
}

/* A user who has chosen the entry, and has no Secure Boot, may boot what has changed. */
static enum status mismatch(const struct file *file, struct failure *failure, const uint8_t *digest)
{
    struct trust *trust = &file->volume->trust;
    const struct config_pin *pin = file->origin.pin;
    if (!trust->locked && trust->now.by_hand) {
        trust->now.unverified = true;
        trust->now.mismatched = file->path;
        return STATUS_OK;
    }
    struct writer words = writer_on(trust->words, sizeof(trust->words));
    write_digest(&words, digest);
    write_string(&words, "; line ");
    write_decimal(&words, pin->line);
    write_string(&words, " of loader.cfg says ");
    write_digest(&words, pin->digest);
    failure->path = file->path;
    failure->hint = writer_text(&words);
    return fail_with(failure, STATUS_PIN_MISMATCH);
}

static enum status accept(struct trust *trust, struct failure *failure, enum firmware answer)
{
    if (answer == FIRMWARE_VOLUME_FULL) { /* it is in the register */
        trust->log_full = true;
    } else if (answer != FIRMWARE_OK) {
        trust->refused = answer;
        if (trust->required) {
            failure->path.size = 0;
            failure->firmware = answer;
            return fail_with(failure, STATUS_MEASURE_FAILED);
        }
    }
    return STATUS_OK;
}

enum status trust_begin_measuring(struct trust *trust, const struct config *config,
                                  struct failure *failure)
{
    enum config_measure wish = config->measure;
    trust->pins = config;
    trust->required = wish == CONFIG_MEASURE_REQUIRED;
    if (wish < CONFIG_MEASURE_YES && (wish == CONFIG_MEASURE_NO || !trust->locked)) {
        return STATUS_OK;
    }
    enum firmware answer = plat_tpm_find();
    trust->measures = answer == FIRMWARE_OK;
    return trust->required ? accept(trust, failure, answer) : STATUS_OK;
}

/* Begins with what, to be ended by extend. */
static struct writer *begin_event(struct trust *trust, const char *what)
{
    trust->event = writer_on(trust->words, sizeof(trust->words));
    write_string(&trust->event, what);
    return &trust->event;
}

static enum status extend(struct trust *trust, struct failure *failure, uint32_t pcr)
{
    return accept(trust, failure, plat_tpm_measure(pcr, writer_text(&trust->event)));
}

/* Canonical, with slashes, as people write them. */
static void write_path(struct writer *event, struct text path)
{
    char canonical[PATH_MAX_BYTES];
    write_char(event, ' ');
    if (path_canonical(path, canonical) == NULL) {
        for (const char *at = canonical; *at != '\0'; at++) {
            write_char(event, (char)(*at == '\\' ? '/' : *at));
        }
    }
}

enum status measure_file(const struct file *file, struct failure *failure, const void *bytes,
                         const char *what, uint8_t *out_digest)
{
    struct trust *trust = &file->volume->trust;
    const struct config_pin *pin = file->origin.pin;
    if (!trust_wants_all(trust, &file->origin)) {
        return STATUS_OK;
    }
    sha256(arch_sha256_blocks(), bytes, file->size, out_digest);
    if (pin != NULL && memcmp(out_digest, pin->digest, SHA256_SIZE) != 0) {
        TRY(mismatch(file, failure, out_digest));
    }
    if (!trust->measures) {
        return STATUS_OK;
    }
    struct writer *event = begin_event(trust, what);
    write_digest(event, out_digest);
    write_path(event, file->path);
    return extend(trust, failure, PCR_FILES);
}

static enum status measure_line(struct trust *trust, struct failure *failure, const char *what,
                                struct text text)
{
    write_text(begin_event(trust, what), text);
    return extend(trust, failure, PCR_CHOICE);
}

static enum status measure_words(struct trust *trust, struct failure *failure,
                                 const struct kernel *kernel)
{
    const struct entry *entry = kernel->entry;
    struct text name = entry->name.size > 0 ? entry->name : TEXT("-");
    TRY(measure_line(trust, failure, "baton entry ", name));
    TRY(measure_line(trust, failure, "baton cmdline ", entry->cmdline));
    for (uint32_t i = 0; i < kernel->modules.count; i++) {
        const struct module *module = &kernel->modules.items[i];
        if (module->arguments.size == 0) {
            continue;
        }
        struct writer *event = begin_event(trust, "baton arguments");
        write_path(event, module->path);
        write_char(event, ' ');
        write_text(event, module->arguments);
        TRY(extend(trust, failure, PCR_CHOICE));
    }
    return STATUS_OK;
}

/* False: there is a log, and it makes no sense. */
static bool take_log(struct trust_attempt *now)
{
    enum firmware answer = plat_tpm_log(&now->log);
    if (answer == FIRMWARE_OK) {
        now->log_size = event_log_size(
            (struct text){(const char *)now->log.address, now->log.size_max}, now->log.last);
    }
    return now->log_size > 0 || answer == FIRMWARE_UNSUPPORTED;
}

static void log_verdict(struct session *session, bool log_taken)
{
    const struct trust *trust = &session->volume.trust;
    const struct text *mismatched = &trust->now.mismatched;
    bool on = session->machine.secure_boot == BOOTINFO_SECURE_BOOT_ON;
    if (!trust->locked && trust->archive.size == 0 && !trust->measures && log_taken &&
        mismatched->size == 0) {
        return;
    }
    struct writer *line = log_begin(&session->log, "security");
    write_string(line, "Secure Boot ");
    write_string(line, !trust->locked ? "off" : on ? "on" : "unreadable, taken as on");
    write_string(line, trust->config_sealed ? ", sealed" : "");
    write_string(line, trust->now.unverified ? ", not all verified" : "");
    write_string(line, trust->measures ? ", in the TPM" : "");
    write_string(line, trust->refused != FIRMWARE_OK ? " only in part: it refused an event" : "");
    write_string(line, log_taken ? "" : ", the TPM's log makes no sense");
    if (mismatched->size > 0) {
        write_string(line, ", by hand in spite of the SHA-256 of ");
        log_path(line, *mismatched);
    }
    log_end(&session->log, LOG_NORMAL);
}

enum status measure_choice(struct session *session, const struct kernel *kernel)
{
    struct trust *trust = &session->volume.trust;
    if (trust->measures) {
        TRY(measure_words(trust, &session->failure, kernel));
    }
    log_verdict(session, take_log(&trust->now));
    return STATUS_OK;
}

uint32_t measure_flags(const struct session *session, bool edited)
{
    const struct trust *trust = &session->volume.trust;
    uint32_t flags = 0;
    if (session->machine.secure_boot == BOOTINFO_SECURE_BOOT_ON) {
        flags |= BOOTINFO_FLAG_SECURE_BOOT;
    }
    if (trust->config_sealed) {
        flags |= BOOTINFO_FLAG_SEALED;
        flags |= trust->now.unverified || edited ? 0 : BOOTINFO_FLAG_VERIFIED;
    }
    if (trust->measures && trust->refused == FIRMWARE_OK) {
        flags |= BOOTINFO_FLAG_MEASURED;
    }
    if (trust->now.log_size > 0 && (trust->now.log.truncated != 0 || trust->log_full)) {
        flags |= BOOTINFO_FLAG_TPM_LOG_TRUNCATED;
    }
    return flags;
}
