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

static struct tcg2 *find(void)
{
    static const EFI_GUID guid = {
        0x607f766c, 0x7455, 0x42be, {0x93, 0x0b, 0xe4, 0xd7, 0x6d, 0xb2, 0x72, 0x0f}};
    void *tcg2 = NULL;
    EFI_STATUS status = firmware_table->BootServices->LocateProtocol(guid_of(&guid), NULL, &tcg2);
    return EFI_ERROR(status) ? NULL : tcg2;
}

enum firmware plat_tpm_find(void)
{
    struct tcg2_capability capability;
    struct tcg2 *tcg2 = find();
    if (tcg2 == NULL) {
        return FIRMWARE_UNSUPPORTED;
    }
    memset(&capability, 0, sizeof(capability));
    capability.size = sizeof(capability);
    EFI_STATUS status = tcg2->get_capability(tcg2, &capability);
    if (EFI_ERROR(status)) {
        return firmware_answer(status);
    }
    return capability.present ? FIRMWARE_OK : FIRMWARE_UNSUPPORTED;
}

enum firmware plat_tpm_measure(uint32_t pcr, struct text text)
{
    static struct tcg2_event event;
    struct tcg2 *tcg2 = find();
    if (tcg2 == NULL || text.size > sizeof(event.text)) {
        return FIRMWARE_UNSUPPORTED;
    }
    event.size = (UINT32)(EVENT_TEXT + text.size);
    event.header_size = EVENT_HEADER_SIZE;
    event.header_version = EVENT_VERSION;
    event.pcr = pcr;
    event.type = EVENT_IPL;
    memcpy(event.text, text.bytes, text.size);
    return firmware_answer(
        tcg2->hash_log_extend_event(tcg2, 0, (UINT64)text.bytes, text.size, &event));
}

enum firmware plat_tpm_log(struct plat_event_log *out_log)
{
    static const EFI_GUID final_guid = {
        0x1e2ed096, 0x30e2, 0x4254, {0xbd, 0x89, 0x86, 0x3b, 0xbe, 0xf8, 0x23, 0x25}};
    uint64_t final = firmware_find_table(&final_guid);
    struct tcg2 *tcg2 = final == 0 ? NULL : find(); /* the search for a protocol is slow */
    UINT64 last;
    if (tcg2 == NULL) {
        return FIRMWARE_UNSUPPORTED;
    }
    EFI_STATUS status = tcg2->get_event_log(tcg2, LOG_CRYPTO_AGILE, &out_log->address, &last,
                                            (BOOLEAN *)&out_log->truncated);
    if (EFI_ERROR(status)) {
        return firmware_answer(status);
    }
    out_log->last = last - out_log->address;
    out_log->size_max = out_log->last + LAST_EVENT_MAX;
    out_log->final_events = final;
    if (out_log->last > LOG_MAX || !arch_is_readable(out_log->address, out_log->size_max) ||
        !arch_is_readable(final, sizeof(struct final_events))) {
        return FIRMWARE_COMPROMISED_DATA;
    }
    out_log->final_count = (uint32_t)((const struct final_events *) final)->count;
    return FIRMWARE_OK;
}
