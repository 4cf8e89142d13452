#include "boot/measure.h"

#include "core/trust/event_log.h"

#include <string.h>

#define PCR_CHOICE 8
#define PCR_FILES  9

#define LAST_EVENT_MAX 65536 /* bytes of the log's last event, which the firmware does not say */

static void write_digest(struct writer *writer, const uint8_t *digest)
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < SHA256_SIZE; i++) {
        write_char(writer, digits[digest[i] >> 4]);
        write_char(writer, digits[digest[i] & 0xF]);
    }
}

/* A user who has chosen the entry, and has no Secure Boot, may boot what has changed. */
static enum status mismatch(const struct file *file, struct failure *failure, const uint8_t *digest)
{
    struct trust *trust = &file->volume->trust;
    const struct config_pin *pin = &file->origin.pin;
    struct writer words = writer_on(trust->words, sizeof(trust->words));
    if (!trust->locked && trust->by_hand) {
        trust->unverified = true;
        trust->mismatched = file->path;
        return STATUS_OK;
    }
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
            failure->path = (struct text){NULL, 0};
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
    if (wish == CONFIG_MEASURE_NO || (wish == CONFIG_MEASURE_AUTO && !trust->locked)) {
        return STATUS_OK;
    }
    enum firmware answer = plat_tpm_find();
    trust->measures = answer == FIRMWARE_OK;
    return trust->required ? accept(trust, failure, answer) : STATUS_OK;
}

/* Begins "baton WHAT ", to be ended by extend. */
static struct writer begin_event(struct trust *trust, const char *what)
{
    struct writer event = writer_on(trust->words, sizeof(trust->words));
    write_string(&event, "baton ");
    write_string(&event, what);
    write_char(&event, ' ');
    return event;
}

static enum status extend(struct trust *trust, struct failure *failure, uint32_t pcr,
                          const struct writer *event)
{
    return accept(trust, failure, plat_tpm_measure(pcr, writer_text(event)));
}

/* With slashes, as people write paths. */
static void write_path(struct writer *event, struct text path)
{
    char canonical[PATH_MAX_BYTES];
    if (path_canonical(path, canonical) == NULL) {
        for (const char *at = canonical; *at != '\0'; at++) {
            write_char(event, *at == '\\' ? '/' : *at);
        }
    }
}

enum status measure_file(const struct file *file, struct failure *failure, const void *bytes,
                         const char *what, uint8_t *out_digest)
{
    struct trust *trust = &file->volume->trust;
    if (!trust_wants_all(trust, &file->origin)) {
        return STATUS_OK;
    }
    sha256(arch_sha256_blocks(), bytes, file->size, out_digest);
    if (file->origin.is_pinned && memcmp(out_digest, file->origin.pin.digest, SHA256_SIZE) != 0) {
        TRY(mismatch(file, failure, out_digest));
    }
    if (!trust->measures) {
        return STATUS_OK;
    }
    struct writer event = begin_event(trust, what);
    write_digest(&event, out_digest);
    write_char(&event, ' ');
    write_path(&event, file->path);
    return extend(trust, failure, PCR_FILES, &event);
}

static enum status measure_line(struct trust *trust, struct failure *failure, const char *what,
                                struct text text)
{
    struct writer event = begin_event(trust, what);
    write_text(&event, text);
    return extend(trust, failure, PCR_CHOICE, &event);
}

static enum status measure_arguments(struct trust *trust, struct failure *failure,
                                     const struct modules *modules)
{
    for (uint32_t i = 0; i < modules->count; i++) {
        const struct module *module = &modules->items[i];
        if (module->arguments.size > 0) {
            struct writer event = begin_event(trust, "arguments");
            write_path(&event, module->path);
            write_char(&event, ' ');
            write_text(&event, module->arguments);
            TRY(extend(trust, failure, PCR_CHOICE, &event));
        }
    }
    return STATUS_OK;
}

/* False: there is a log, and it makes no sense. */
static bool take_log(struct trust *trust)
{
    struct plat_event_log *log = &trust->log;
    enum firmware answer = plat_tpm_log(log);
    if (answer == FIRMWARE_OK && log->start != NULL) {
        struct text bytes = {log->start, log->last + LAST_EVENT_MAX};
        trust->log_size = event_log_size(bytes, log->last);
    }
    return trust->log_size > 0 || answer == FIRMWARE_UNSUPPORTED;
}

static void log_verdict(struct session *session, bool log_taken)
{
    static const char *const states[] = {
        [BOOTINFO_SECURE_BOOT_OFF] = "Secure Boot off",
        [BOOTINFO_SECURE_BOOT_ON] = "Secure Boot on",
        [BOOTINFO_SECURE_BOOT_SETUP] = "Secure Boot in setup mode",
        [BOOTINFO_SECURE_BOOT_UNKNOWN] = "Secure Boot unreadable, taken as on",
    };
    const struct trust *trust = &session->volume.trust;
    if (!trust->locked && trust->archive.size == 0 && !trust->measures && log_taken &&
        trust->mismatched.size == 0) {
        return;
    }
    struct writer *line = log_begin(&session->log, "security");
    write_string(line, states[session->machine.secure_boot]);
    write_string(line, trust->config_sealed ? ", sealed" : "");
    write_string(line, trust->unverified ? ", not all files verified" : "");
    write_string(line, trust->measures ? ", in the TPM" : "");
    write_string(line, trust->refused != FIRMWARE_OK ? " only in part: it refused an event" : "");
    write_string(line, log_taken ? "" : ", no event log that makes sense");
    if (trust->mismatched.size > 0) {
        write_string(line, ", chosen by hand in spite of the SHA-256 of ");
        log_path(line, trust->mismatched);
    }
    log_end(&session->log, LOG_NORMAL);
}

enum status measure_choice(struct session *session, const struct kernel *kernel)
{
    struct trust *trust = &session->volume.trust;
    struct failure *failure = &session->failure;
    const struct entry *entry = kernel->entry;
    if (trust->measures) {
        TRY(measure_line(trust, failure, "entry", entry->name.size > 0 ? entry->name : TEXT("-")));
        TRY(measure_line(trust, failure, "cmdline", entry->cmdline));
        TRY(measure_arguments(trust, failure, &kernel->modules));
    }
    log_verdict(session, take_log(trust));
    return STATUS_OK;
}

uint32_t measure_flags(const struct session *session, bool edited)
{
    const struct trust *trust = &session->volume.trust;
    bool on = session->machine.secure_boot == BOOTINFO_SECURE_BOOT_ON;
    bool truncated = trust->log_size > 0 && (trust->log.truncated || trust->log_full);
    uint32_t flags = on ? BOOTINFO_FLAG_SECURE_BOOT : 0;
    flags |= trust->config_sealed ? BOOTINFO_FLAG_SEALED : 0;
    flags |= trust->config_sealed && !trust->unverified && !edited ? BOOTINFO_FLAG_VERIFIED : 0;
    flags |= trust->measures && trust->refused == FIRMWARE_OK ? BOOTINFO_FLAG_MEASURED : 0;
    return flags | (truncated ? BOOTINFO_FLAG_TPM_LOG_TRUNCATED : 0);
}
