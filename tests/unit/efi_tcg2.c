/* loader/efi/tcg2.c on a host: what it hands to EFI_TCG2_PROTOCOL, and what it makes of each call's
 * answer (TCG EFI Protocol Specification, family 2.0, section 6). */
#include "efi/firmware.h"

#include "suite.h"

#include <string.h>

enum { SIZE_OF_CAPABILITY = 36, HEADER = 18, LOG_SIZE = 4096, LAST_EVENT_MAX = 65536 };

#define LOG_MAX UINT64_C(0x1000000)

EFI_SYSTEM_TABLE *firmware_table; /* main.c has it */

enum call { NO_CALL, LOCATE, CAPABILITY, EVENT_LOG, EXTEND, CALLS };

/* What the firmware does. */
static struct {
    EFI_STATUS answers[CALLS];
    bool present;
    bool truncated;
    bool has_final;
    uint64_t last; /* of the log; from its beginning */
    uint64_t unreadable;
} world;

/* What it was asked. */
static struct {
    unsigned counts[CALLS];
    uint8_t event[4096];
    uint64_t flags;
    uint64_t data;
    uint64_t size;
    uint32_t format;
} asked;

static uint8_t log_bytes[LOG_SIZE + LAST_EVENT_MAX];
static size_t log_size;
static uint64_t final_events[2] = {1, 7};

static EFI_STATUS answer_to(enum call call)
{
    asked.counts[call]++;
    return world.answers[call];
}

uint64_t firmware_find_table(const EFI_GUID *guid)
{
    static const EFI_GUID wanted = {
        0x1e2ed096, 0x30e2, 0x4254, {0xbd, 0x89, 0x86, 0x3b, 0xbe, 0xf8, 0x23, 0x25}};
    ck_assert_mem_eq(guid, &wanted, sizeof(wanted));
    return world.has_final ? (uint64_t)final_events : 0;
}

bool arch_is_readable(uint64_t address, uint64_t size)
{
    ck_assert_uint_gt(size, 0);
    return address != world.unreadable;
}

static EFI_STATUS EFIAPI get_capability(void *protocol, uint8_t *capability)
{
    (void)protocol;
    ck_assert_uint_eq(capability[0], SIZE_OF_CAPABILITY);
    capability[1 + 2 + 2 + 3 + 4 + 4] = world.present; /* after 3 bytes that align */
    return answer_to(CAPABILITY);
}

static EFI_STATUS EFIAPI get_event_log(void *protocol, uint32_t format, uint64_t *start,
                                       uint64_t *last, BOOLEAN *truncated)
{
    (void)protocol;
    asked.format = format;
    *start = (uint64_t)log_bytes;
    *last = (uint64_t)log_bytes + world.last;
    *truncated = world.truncated;
    return answer_to(EVENT_LOG);
}

static EFI_STATUS EFIAPI extend(void *protocol, uint64_t flags, uint64_t data, uint64_t size,
                                void *event)
{
    uint32_t event_size;
    (void)protocol;
    memcpy(&event_size, event, sizeof(event_size));
    ck_assert_uint_le(event_size, sizeof(asked.event));
    memcpy(asked.event, event, event_size);
    asked.flags = flags;
    asked.data = data;
    asked.size = size;
    return answer_to(EXTEND);
}

static struct {
    EFI_STATUS(EFIAPI *get_capability)(void *, uint8_t *);
    EFI_STATUS(EFIAPI *get_event_log)(void *, uint32_t, uint64_t *, uint64_t *, BOOLEAN *);
    EFI_STATUS(EFIAPI *extend)(void *, uint64_t, uint64_t, uint64_t, void *);
} protocol = {get_capability, get_event_log, extend};

static EFI_STATUS EFIAPI locate(EFI_GUID *guid, VOID *registration, VOID **interface)
{
    static const EFI_GUID wanted = {
        0x607f766c, 0x7455, 0x42be, {0x93, 0x0b, 0xe4, 0xd7, 0x6d, 0xb2, 0x72, 0x0f}};
    ck_assert_ptr_null(registration);
    ck_assert_mem_eq(guid, &wanted, sizeof(wanted));
    EFI_STATUS status = answer_to(LOCATE);
    *interface = EFI_ERROR(status) ? NULL : &protocol;
    return status;
}

static EFI_BOOT_SERVICES services = {.LocateProtocol = locate};
static EFI_SYSTEM_TABLE table = {.BootServices = &services};

static void put(uint64_t value, size_t count)
{
    memcpy(log_bytes + log_size, &value, count);
    log_size += count;
}

/* The event that describes the log, of one bank; then one event. */
static void write_log(void)
{
    memset(log_bytes, 0xEE, sizeof(log_bytes));
    log_size = 0;
    put(0, 4);
    put(3, 4);
    log_size += 20;
    put(33, 4);
    memcpy(log_bytes + log_size, "Spec ID Event03", 16);
    log_size += 16;
    put(0, 8);
    put(1, 4);
    put(0x0B, 2);
    put(32, 2);
    put(0, 1);
    world.last = log_size;
    put(8, 4);
    put(13, 4);
    put(1, 4);
    put(0x0B, 2);
    log_size += 32;
    put(5, 4);
    log_size += 5;
}

static void set_up(void)
{
    memset(&world, 0, sizeof(world));
    memset(&asked, 0, sizeof(asked));
    world.present = world.has_final = true;
    world.unreadable = 1;
    firmware_table = &table;
    write_log();
}

START_TEST(an_event_is_as_the_specification_has_it)
{
    static const uint8_t header[HEADER] = {HEADER + 9, 0, 0, 0, 14, 0,  0, 0, 1,
                                           0,          9, 0, 0, 0,  13, 0, 0, 0};
    struct text text = TEXT("baton one");
    ck_assert_int_eq(plat_tpm_find(), FIRMWARE_OK);
    ck_assert_int_eq(plat_tpm_measure(9, text), FIRMWARE_OK);
    ck_assert_mem_eq(asked.event, header, HEADER);
    ck_assert_mem_eq(asked.event + HEADER, "baton one", 9);
    ck_assert(asked.data == (uint64_t)text.bytes && asked.size == 9 && asked.flags == 0);
    ck_assert_int_eq(plat_tpm_measure(8, TEXT("x")), FIRMWARE_OK); /* shorter than before */
    ck_assert(asked.event[0] == HEADER + 1 && asked.event[10] == 8 && asked.event[HEADER] == 'x');
}
END_TEST

START_TEST(a_log_ends_with_its_last_event)
{
    struct event_log log = {.truncated = true};
    ck_assert_int_eq(plat_tpm_log(&log), FIRMWARE_OK);
    ck_assert_uint_eq(asked.format, EVENT_LOG_CRYPTO_AGILE);
    ck_assert_ptr_eq(log.bytes.bytes, (const char *)log_bytes);
    ck_assert_uint_eq(log.bytes.size, log_size);
    ck_assert(!log.truncated && log.final_events == (uint64_t)final_events && log.final_count == 7);
    world.truncated = true;
    ck_assert_int_eq(plat_tpm_log(&log), FIRMWARE_OK);
    ck_assert(log.truncated);
}
END_TEST

/* i: the call. Everything of the firmware's fails once; what is not there is no error. */
START_TEST(each_call_that_fails_is_reported)
{
    struct event_log log = {.final_count = 99};
    world.answers[_i] = EFI_DEVICE_ERROR;
    const enum firmware found = plat_tpm_find();
    ck_assert_int_eq(found, _i == LOCATE       ? FIRMWARE_UNSUPPORTED
                            : _i == CAPABILITY ? FIRMWARE_DEVICE_ERROR
                                               : FIRMWARE_OK);
    if (found == FIRMWARE_OK) {
        ck_assert_int_eq(plat_tpm_measure(8, TEXT("x")),
                         _i == EXTEND ? FIRMWARE_DEVICE_ERROR : FIRMWARE_OK);
    }
    const enum firmware logged = plat_tpm_log(&log);
    ck_assert_int_eq(logged, _i == EXTEND   ? FIRMWARE_OK
                             : _i == LOCATE ? FIRMWARE_UNSUPPORTED
                                            : FIRMWARE_DEVICE_ERROR);
    ck_assert_uint_eq(log.final_count, _i == EXTEND ? 7 : 99);
    ck_assert_uint_eq(asked.counts[CAPABILITY], _i == LOCATE ? 0 : 2);
}
END_TEST

/* Each status that HashLogExtendEvent may give (section 6.6.5). */
START_TEST(a_full_log_is_told_from_a_measurement_that_failed)
{
    static const struct {
        EFI_STATUS status;
        enum firmware answer;
    } cases[] = {{EFI_VOLUME_FULL, FIRMWARE_VOLUME_FULL},
                 {EFI_INVALID_PARAMETER, FIRMWARE_INVALID_PARAMETER},
                 {EFI_UNSUPPORTED, FIRMWARE_UNSUPPORTED},
                 {EFI_OUT_OF_RESOURCES, FIRMWARE_OUT_OF_RESOURCES}};
    ck_assert_int_eq(plat_tpm_find(), FIRMWARE_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        world.answers[EXTEND] = cases[i].status;
        ck_assert_int_eq(plat_tpm_measure(8, TEXT("x")), cases[i].answer);
    }
}
END_TEST

START_TEST(firmware_without_a_tpm_has_none)
{
    struct event_log log = {.final_count = 99};
    world.present = false;
    ck_assert_int_eq(plat_tpm_find(), FIRMWARE_UNSUPPORTED);
    ck_assert_int_eq(plat_tpm_log(&log), FIRMWARE_UNSUPPORTED);
    world.present = true;
    world.has_final = false;
    memset(&asked, 0, sizeof(asked));
    ck_assert_int_eq(plat_tpm_log(&log), FIRMWARE_UNSUPPORTED);
    ck_assert_uint_eq(asked.counts[LOCATE], 0); /* the search is slow */
    ck_assert_uint_eq(log.final_count, 99);
}
END_TEST

/* i: before its beginning; longer than any log; not in memory; the final events are not; the last
 * event is none; it has no end; no first event. */
START_TEST(a_log_that_makes_no_sense_is_refused)
{
    struct event_log log = {{NULL, 0}, false, 0, 0};
    world.last = _i == 0 ? UINT64_MAX : _i == 1 ? LOG_MAX + 1 : world.last;
    world.unreadable = _i == 2 ? (uint64_t)log_bytes : _i == 3 ? (uint64_t)final_events : 1;
    log_bytes[world.last < LOG_SIZE ? world.last + 8 : 0] += _i == 4;
    log_bytes[world.last < LOG_SIZE ? world.last + 12 + 2 + 32 + 2 : 0] += _i == 5;
    log_bytes[32] ^= _i == 6;
    ck_assert_int_eq(plat_tpm_log(&log), FIRMWARE_COMPROMISED_DATA);
    ck_assert_uint_eq(asked.counts[EVENT_LOG], 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("efi_tcg2");
    TCase *tests = tcase_create("tcg2");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, an_event_is_as_the_specification_has_it);
    tcase_add_test(tests, a_log_ends_with_its_last_event);
    tcase_add_loop_test(tests, each_call_that_fails_is_reported, LOCATE, CALLS);
    tcase_add_test(tests, a_full_log_is_told_from_a_measurement_that_failed);
    tcase_add_test(tests, firmware_without_a_tpm_has_none);
    tcase_add_loop_test(tests, a_log_that_makes_no_sense_is_refused, 0, 7);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-efi_tcg2");
}
