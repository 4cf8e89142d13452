/* The fake's own image and its TPM, whose log is kept as firmware keeps it. */
#include "fake_platform.h"

#include <string.h>

#define LOG_ROOM 65536

static uint8_t log_bytes[LOG_ROOM];
static size_t log_size;

static void put(const void *bytes, size_t size)
{
    if (size > sizeof(log_bytes) - log_size) {
        fake_violation("the TPM's log is full");
    }
    memcpy(log_bytes + log_size, bytes, size);
    log_size += size;
}

static void put_number(uint64_t number, size_t size)
{
    put(&number, size);
}

/* The event that describes the log: one bank, of SHA-256. */
static void begin_log(void)
{
    static const uint8_t zeros[20];
    log_size = 0;
    put_number(0, 4);
    put_number(3, 4);
    put(zeros, sizeof(zeros));
    put_number(33, 4);
    put("Spec ID Event03", 16);
    put_number(0, 4);
    put_number(0, 4);
    put_number(1, 4);
    put_number(0x0B, 2);
    put_number(32, 2);
    put_number(0, 1);
}

static void log_event(uint32_t pcr, struct text event)
{
    uint8_t digest[SHA256_SIZE];
    sha256(sha256_block_plain, event.bytes, event.size, digest);
    fake.tpm_last = log_size;
    put_number(pcr, 4);
    put_number(0x0D, 4);
    put_number(1, 4);
    put_number(0x0B, 2);
    put(digest, sizeof(digest));
    put_number(event.size, 4);
    put(event.bytes, event.size);
}

void fake_trust_reset(void)
{
    begin_log();
}

struct text fake_tpm_log(void)
{
    return (struct text){(const char *)log_bytes, log_size};
}

bool plat_image_section(const char *name, struct text *out_section)
{
    (void)fake_enter(FAKE_IMAGE_SECTION, 0);
    if (memcmp(name, ".baton\0", 8) != 0) {
        fake_violation("section %s", name);
    }
    *out_section = fake.seal;
    return !fake.seal_lost;
}

enum firmware plat_tpm_find(void)
{
    enum firmware answer = fake_enter(FAKE_TPM_FIND, 0);
    return fake_answer(answer == FIRMWARE_OK && !fake.tpm ? FIRMWARE_UNSUPPORTED : answer);
}

enum firmware plat_tpm_measure(uint32_t pcr, struct text event)
{
    enum firmware answer = fake_enter(FAKE_TPM_MEASURE, pcr);
    if (!fake.tpm || event.size > PLAT_EVENT_MAX) {
        fake_violation("an event without a TPM, or of %zu bytes", event.size);
    }
    if (answer != FIRMWARE_OK) {
        return answer;
    }
    size_t used = strlen(fake.tpm_events);
    struct writer writer = writer_on(fake.tpm_events + used, sizeof(fake.tpm_events) - used);
    write_decimal(&writer, pcr);
    write_char(&writer, ' ');
    write_text(&writer, event);
    write_char(&writer, '\n');
    log_event(pcr, event);
    return FIRMWARE_OK;
}

enum firmware plat_tpm_log(struct event_log *out_log)
{
    enum firmware answer = fake_enter(FAKE_TPM_LOG, 0);
    if (answer != FIRMWARE_OK || !fake.tpm) {
        return fake_answer(answer == FIRMWARE_OK ? FIRMWARE_UNSUPPORTED : answer);
    }
    *out_log = (struct event_log){
        .bytes = {(const char *)log_bytes, event_log_size(fake_tpm_log(), fake.tpm_last)},
        .truncated = fake.tpm_log_truncated,
        .final_events = 0x7000000,
        .final_count = 4,
    };
    return FIRMWARE_OK;
}
