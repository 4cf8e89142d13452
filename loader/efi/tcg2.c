/* The TPM through EFI_TCG2_PROTOCOL (TCG EFI Protocol Specification, family 2.0). */
#include <string.h>

#include "efi/firmware.h"

/* gnu-efi has none of it. */
#pragma pack(push, 1)
struct tcg2_event {
    UINT32 size; /* of all of it */
    UINT32 header_size;
    UINT16 header_version;
    UINT32 pcr;
    UINT32 type;
    char text[PLAT_EVENT_MAX];
};
#pragma pack(pop)

#define EVENT_HEADER_SIZE 14 /* header_size to type */
#define EVENT_TEXT        (sizeof(UINT32) + EVENT_HEADER_SIZE)
#define EVENT_VERSION     1
#define EVENT_IPL         0x0D /* EV_IPL, which tools show as text */

struct tcg2_capability {
    UINT8 size;
    UINT8 structure_version[2];
    UINT8 protocol_version[2];
    UINT32 hash_algorithms;
    UINT32 log_formats;
    BOOLEAN present;
    UINT16 command_max;
    UINT16 response_max;
    UINT32 manufacturer;
    UINT32 bank_count;
    UINT32 active_banks;
};

#define LOG_MAX          0x1000000 /* bytes; firmware reserves 64 KiB and the like */
#define LAST_EVENT_MAX   65536     /* bytes of the last event, which the firmware does not say */
#define LOG_CRYPTO_AGILE 2         /* EFI_TCG2_EVENT_LOG_FORMAT_TCG_2 */

struct tcg2 {
    EFI_STATUS(EFIAPI *get_capability)(struct tcg2 *tcg2, struct tcg2_capability *capability);
    EFI_STATUS(EFIAPI *get_event_log)
    (struct tcg2 *tcg2, UINT32 format, UINT64 *start, UINT64 *last, BOOLEAN *truncated);
    EFI_STATUS(EFIAPI *hash_log_extend_event)
    (struct tcg2 *tcg2, UINT64 flags, UINT64 data, UINT64 size, struct tcg2_event *event);
};

/* EFI_TCG2_FINAL_EVENTS_TABLE */
struct final_events {
    UINT64 version;
    UINT64 count;
};

static struct tcg2 *tcg2; /* what plat_tpm_find has found */

enum firmware plat_tpm_find(void)
{
    static const EFI_GUID guid = {
        0x607f766c, 0x7455, 0x42be, {0x93, 0x0b, 0xe4, 0xd7, 0x6d, 0xb2, 0x72, 0x0f}};
    struct tcg2_capability capability = {.size = sizeof(capability)};
    EFI_STATUS status =
        firmware_table->BootServices->LocateProtocol(guid_of(&guid), NULL, (void **)&tcg2);
    if (EFI_ERROR(status)) {
        return FIRMWARE_UNSUPPORTED;
    }
    status = tcg2->get_capability(tcg2, &capability);
    return !EFI_ERROR(status) && !capability.present ? FIRMWARE_UNSUPPORTED
                                                     : firmware_answer(status);
}

enum firmware plat_tpm_measure(uint32_t pcr, struct text text)
{
    static struct tcg2_event event; /* not initialised here: its text would be in the file */
    event.header_size = EVENT_HEADER_SIZE;
    event.header_version = EVENT_VERSION;
    event.type = EVENT_IPL;
    event.size = (UINT32)(EVENT_TEXT + text.size);
    event.pcr = pcr;
    memcpy(event.text, text.bytes, text.size);
    return firmware_answer(
        tcg2->hash_log_extend_event(tcg2, 0, (UINT64)text.bytes, text.size, &event));
}

enum firmware plat_tpm_log(struct event_log *out_log)
{
    static const EFI_GUID final_guid = {
        0x1e2ed096, 0x30e2, 0x4254, {0xbd, 0x89, 0x86, 0x3b, 0xbe, 0xf8, 0x23, 0x25}};
    const struct final_events *final = (const void *)firmware_find_table(&final_guid);
    UINT64 start;
    UINT64 last;
    BOOLEAN truncated = FALSE;
    if (final == NULL) { /* the search for a protocol is slow */
        return FIRMWARE_UNSUPPORTED;
    }
    enum firmware answer = plat_tpm_find();
    if (answer != FIRMWARE_OK) {
        return answer;
    }
    EFI_STATUS status = tcg2->get_event_log(tcg2, LOG_CRYPTO_AGILE, &start, &last, &truncated);
    if (EFI_ERROR(status)) {
        return firmware_answer(status);
    }
    last -= start;
    struct text bytes = {(const char *)start, last + LAST_EVENT_MAX};
    if (last > LOG_MAX || !arch_is_readable(start, bytes.size) ||
        !arch_is_readable((uint64_t) final, sizeof(*final))) {
        return FIRMWARE_COMPROMISED_DATA;
    }
    bytes.size = event_log_size(bytes, last);
    *out_log = (struct event_log){bytes, truncated != 0, (uint64_t) final, (uint32_t) final->count};
    return bytes.size == 0 ? FIRMWARE_COMPROMISED_DATA : FIRMWARE_OK;
}
