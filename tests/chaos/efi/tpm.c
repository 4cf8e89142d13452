/* A TPM 2.0 that records nothing (TCG EFI Protocol Specification, family 2.0): it checks what the
 * loader asks for, and keeps a log and final events as firmware does. */
#include "chaos.h"

#include <string.h>

enum {
    DIGEST = 32,
    SHA256 = 0x0B,
    NO_ACTION = 3,
    IPL = 0x0D,
    EVENT_HEADER = 14, /* as HashLogExtendEvent takes it, without the event's size */
    LOG_SIZE = 0x10000,
    TABLES_MAX = 64,
    CRYPTO_AGILE = 2,
    PCR_FIRST = 8, /* the loader's */
    PCR_LAST = 9,
};

#pragma pack(push, 1)
struct event {
    UINT32 size;
    UINT32 header_size;
    UINT16 header_version;
    UINT32 pcr;
    UINT32 type;
    char text[];
};
#pragma pack(pop)

static uint8_t log_bytes[LOG_SIZE];
static size_t log_size;
static size_t log_last; /* where the last event begins */
static uint64_t final_events[2];
static bool log_was_read;

static void put(uint64_t value, size_t size)
{
    if (log_size + size > LOG_SIZE) {
        broken("more events than a log has room for");
        log_size = 0;
    }
    memcpy(log_bytes + log_size, &value, size);
    log_size += size;
}

static void put_bytes(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        put((uint8_t)bytes[i], 1);
    }
}

/* The event that describes the log: one bank, of SHA-256. */
static void begin_log(void)
{
    log_size = 0;
    put(0, 4);
    put(NO_ACTION, 4);
    put_bytes((const char[20]){0}, 20);
    put(33, 4);
    put_bytes("Spec ID Event03", 16);
    put(0, 8);
    put(1, 4);
    put(SHA256, 2);
    put(DIGEST, 2);
    put(0, 1);
    log_last = 0;
}

static void add_event(const struct event *event, size_t text_size)
{
    log_last = log_size;
    put(event->pcr, 4);
    put(event->type, 4);
    put(1, 4);
    put(SHA256, 2);
    put_bytes((const char[DIGEST]){1}, DIGEST);
    put(text_size, 4);
    put_bytes(event->text, text_size);
    final_events[1] += log_was_read ? 1 : 0;
}

static EFI_STATUS EFIAPI get_capability(void *protocol, uint8_t *capability)
{
    enum { SIZE = 36, PRESENT = 16 };
    EFI_STATUS status = gate(CHAOS_TPM_CAPABILITY, CALLER);
    (void)protocol;
    if (capability[0] != SIZE) {
        broken("a capability structure of another size");
    }
    capability[PRESENT] = EFI_ERROR(status) || run.plan->odd != CHAOS_ODD_TPM_ABSENT;
    return status;
}

static EFI_STATUS EFIAPI get_event_log(void *protocol, UINT32 format, UINT64 *start, UINT64 *last,
                                       BOOLEAN *truncated)
{
    EFI_STATUS status = gate(CHAOS_TPM_LOG, CALLER);
    (void)protocol;
    if (format != CRYPTO_AGILE) {
        broken("a log of another format");
    }
    *start = *last = run.plan->odd_value; /* nothing to rely on */
    if (EFI_ERROR(status)) {
        return status;
    }
    if (run.plan->odd != CHAOS_ODD_LOG) {
        *start = (uint64_t)log_bytes;
    }
    if (run.plan->odd != CHAOS_ODD_LOG_END) {
        *last = *start + log_last;
    }
    *truncated = FALSE;
    log_was_read = true;
    return EFI_SUCCESS;
}

/* A log that is full does not keep the event from the register (section 6.6.4). */
static EFI_STATUS EFIAPI extend(void *protocol, UINT64 flags, UINT64 data, UINT64 size,
                                const struct event *event)
{
    EFI_STATUS status = gate(CHAOS_TPM_EXTEND, CALLER);
    (void)protocol;
    if (flags != 0 || event->header_size != EVENT_HEADER || event->header_version != 1 ||
        event->size != sizeof(*event) + size || event->type != IPL || event->pcr < PCR_FIRST ||
        event->pcr > PCR_LAST || memcmp(event->text, (const void *)data, size) != 0) {
        broken("an event that is none, or not of what is hashed");
        return EFI_INVALID_PARAMETER;
    }
    if (!EFI_ERROR(status)) {
        add_event(event, size);
    }
    return status;
}

static EFI_STATUS EFIAPI unused(void)
{
    broken("a call of the TPM's that the loader has no use for");
    return EFI_UNSUPPORTED;
}

bool tpm_protocol(const EFI_GUID *guid, void **out_interface)
{
    static const EFI_GUID name = {
        0x607f766c, 0x7455, 0x42be, {0x93, 0x0b, 0xe4, 0xd7, 0x6d, 0xb2, 0x72, 0x0f}};
    static const struct {
        EFI_STATUS(EFIAPI *get_capability)(void *, uint8_t *);
        EFI_STATUS(EFIAPI *get_event_log)(void *, UINT32, UINT64 *, UINT64 *, BOOLEAN *);
        EFI_STATUS(EFIAPI *extend)(void *, UINT64, UINT64, UINT64, const struct event *);
        EFI_STATUS(EFIAPI *others[4])(void);
    } protocol = {get_capability, get_event_log, extend, {unused, unused, unused, unused}};
    if ((run.plan->flags & CHAOS_TPM) == 0 || !same_guid(guid, &name)) {
        return false;
    }
    *out_interface = (void *)&protocol;
    return true;
}

/* The firmware's table of tables, with one more entry. */
void tpm_patch(void)
{
    static const EFI_GUID name = {
        0x1e2ed096, 0x30e2, 0x4254, {0xbd, 0x89, 0x86, 0x3b, 0xbe, 0xf8, 0x23, 0x25}};
    static EFI_CONFIGURATION_TABLE tables[TABLES_MAX];
    UINTN count = table->NumberOfTableEntries;
    if ((run.plan->flags & CHAOS_TPM) == 0) {
        return;
    }
    if (count >= TABLES_MAX) {
        broken("the firmware has too many tables");
        return;
    }
    begin_log();
    log_was_read = false;
    final_events[0] = 1;
    final_events[1] = 0;
    memcpy(tables, table->ConfigurationTable, count * sizeof(tables[0]));
    tables[count].VendorGuid = name;
    tables[count].VendorTable =
        run.plan->odd == CHAOS_ODD_FINAL ? (VOID *)run.plan->odd_value : final_events;
    table->ConfigurationTable = tables;
    table->NumberOfTableEntries = count + 1;
}
