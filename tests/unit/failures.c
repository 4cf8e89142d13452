/* Fails every call that a boot makes of the firmware, one after the other, with every status that
 * the specification allows there: once, from then on, and with a second failure later on. Whatever
 * happens, it ends in a boot as promised, in a refusal with everything given back and a sentence,
 * or, after a failed exit, in a restart with a sentence. */
#include "failure_cases.h"
#include "suite.h"

#include <string.h>
#include <sys/mman.h>

#define STATUSES_MAX 16
#define UNHEARD_OF   ((enum firmware)42) /* no specification has it */

/* UEFI 2.10 sections 7.3.7 and 13.4.2; 13.5.2 and 13.5.12; 13.5.5; 7.2.1; 7.2.3; 7.4.6; 8.2.1;
 * 8.2.3. */
static const enum firmware statuses[FAKE_FALLIBLE_COUNT][STATUSES_MAX] = {
    [FAKE_VOLUME_OPEN] = {FIRMWARE_UNSUPPORTED, FIRMWARE_INVALID_PARAMETER, FIRMWARE_NO_MEDIA,
                          FIRMWARE_DEVICE_ERROR, FIRMWARE_VOLUME_CORRUPTED, FIRMWARE_ACCESS_DENIED,
                          FIRMWARE_OUT_OF_RESOURCES, FIRMWARE_MEDIA_CHANGED, UNHEARD_OF},
    [FAKE_FILE_OPEN] = {FIRMWARE_NOT_FOUND, FIRMWARE_NO_MEDIA, FIRMWARE_MEDIA_CHANGED,
                        FIRMWARE_DEVICE_ERROR, FIRMWARE_VOLUME_CORRUPTED, FIRMWARE_WRITE_PROTECTED,
                        FIRMWARE_ACCESS_DENIED, FIRMWARE_OUT_OF_RESOURCES, FIRMWARE_VOLUME_FULL,
                        FIRMWARE_INVALID_PARAMETER, FIRMWARE_UNSUPPORTED, FIRMWARE_BUFFER_TOO_SMALL,
                        UNHEARD_OF},
    [FAKE_FILE_READ] = {FIRMWARE_NO_MEDIA, FIRMWARE_DEVICE_ERROR, FIRMWARE_VOLUME_CORRUPTED,
                        FIRMWARE_BUFFER_TOO_SMALL, FIRMWARE_BAD_BUFFER_SIZE, UNHEARD_OF},
    [FAKE_ALLOCATE] = {FIRMWARE_OUT_OF_RESOURCES, FIRMWARE_INVALID_PARAMETER, FIRMWARE_NOT_FOUND,
                       UNHEARD_OF},
    [FAKE_ALLOCATE_AT] = {FIRMWARE_NOT_FOUND, FIRMWARE_OUT_OF_RESOURCES, FIRMWARE_INVALID_PARAMETER,
                          UNHEARD_OF},
    [FAKE_MEMORY_MAP] = {FIRMWARE_BUFFER_TOO_SMALL, FIRMWARE_INVALID_PARAMETER, UNHEARD_OF},
    [FAKE_VARIABLE_GET] = {FIRMWARE_NOT_FOUND, FIRMWARE_BUFFER_TOO_SMALL, FIRMWARE_DEVICE_ERROR,
                           FIRMWARE_SECURITY_VIOLATION, FIRMWARE_UNSUPPORTED, UNHEARD_OF},
    [FAKE_VARIABLE_SET] = {FIRMWARE_INVALID_PARAMETER, FIRMWARE_OUT_OF_RESOURCES,
                           FIRMWARE_DEVICE_ERROR, FIRMWARE_WRITE_PROTECTED,
                           FIRMWARE_SECURITY_VIOLATION, FIRMWARE_NOT_FOUND, FIRMWARE_UNSUPPORTED,
                           UNHEARD_OF},
    /* TCG EFI Protocol Specification, sections 6.4, 6.6 and 6.5. */
    [FAKE_TPM_FIND] = {FIRMWARE_UNSUPPORTED, FIRMWARE_DEVICE_ERROR, FIRMWARE_INVALID_PARAMETER,
                       FIRMWARE_BUFFER_TOO_SMALL, UNHEARD_OF},
    [FAKE_TPM_MEASURE] = {FIRMWARE_DEVICE_ERROR, FIRMWARE_VOLUME_FULL, FIRMWARE_INVALID_PARAMETER,
                          FIRMWARE_UNSUPPORTED, UNHEARD_OF},
    [FAKE_TPM_LOG] = {FIRMWARE_INVALID_PARAMETER, FIRMWARE_UNSUPPORTED, FIRMWARE_DEVICE_ERROR,
                      UNHEARD_OF},
    [FAKE_EXIT] = {FIRMWARE_INVALID_PARAMETER, FIRMWARE_UNSUPPORTED, FIRMWARE_ACCESS_DENIED,
                   UNHEARD_OF},
};

/* Shared by the processes that Check makes of each test. */
static struct totals {
    uint32_t runs[FAILURE_CASE_COUNT];
    uint32_t calls[FAILURE_CASE_COUNT];
    uint32_t ended[FAILURE_CASE_COUNT][FAKE_POWER_FAILED + 1]; /* by enum fake_outcome */
    bool seen[STATUS_COUNT];
} * totals;

struct sentence {
    const char *sentence;
    const char *advice;
};

#define SENTENCE(name, sentence, advice) [STATUS_##name] = {sentence, advice},

static const struct sentence sentences[STATUS_COUNT] = {
    [STATUS_OK] = {"", ""}, STATUS_LIST(SENTENCE) /* each with a comma */
};

static void describe(const struct failure_case *test)
{
    static char context[200];
    struct writer writer = writer_on(context, sizeof(context));
    write_string(&writer, test->name);
    for (int i = 0; i < 2 && fake.failures[i].call != 0; i++) {
        write_string(&writer, ", call ");
        write_decimal(&writer, fake.failures[i].call);
        write_string(&writer, fake.failures[i].for_good ? " and on fails with " : " fails with ");
        write_decimal(&writer, (uint64_t)fake.failures[i].status);
    }
    fake.context = context;
}

/* Said up to the first fact that is filled in. */
static void check_said(const char *said, const char *words)
{
    char start[256];
    size_t size = strcspn(words, "{");
    memcpy(start, words, size);
    start[size] = '\0';
    if (strstr(said, start) == NULL) {
        fake_violation("'%s' was not said, but: %s", start, said);
    }
}

/* The last call that failed is the one that a sentence with {firmware} is about; for
 * MEASURE_FAILED the last one that kept the TPM from recording something, whatever came after. */
static bool is_named(const struct fake_event *event, enum status status)
{
    bool records = event->call == FAKE_TPM_FIND ||
                   (event->call == FAKE_TPM_MEASURE && event->answer != FIRMWARE_VOLUME_FULL);
    return event->answer != FIRMWARE_OK && (status != STATUS_MEASURE_FAILED || records);
}

static void check_firmware_named(const char *said, enum status status)
{
    uint32_t number = fake.event_count;
    while (number > 0 && !is_named(fake_event(number - 1), status)) {
        number--;
    }
    const char *name = number > 0 ? firmware_name(fake_event(number - 1)->answer) : "";
    name = name != NULL ? name : "EFI status 0x2a";
    if (strstr(said, name) == NULL) {
        fake_violation("%s was not said, but: %s", name, said);
    }
}

static void check_words(enum status status, const char *said)
{
    if (status <= STATUS_OK || status >= STATUS_COUNT) {
        fake_violation("status %d", (int)status);
    }
    totals->seen[status] = true;
    check_said(said, sentences[status].sentence);
    check_said(said, sentences[status].advice);
    if (strstr(sentences[status].sentence, "{firmware}") != NULL) {
        check_firmware_named(said, status);
    }
    if (strstr(said, ": error: ") == NULL || said[strlen(said) - 1] != '\n' ||
        strpbrk(said, "{}") != NULL) {
        fake_violation("this is no message: %s", said);
    }
}

static enum fake_outcome run(int number, struct fake_failure first, struct fake_failure second)
{
    const struct failure_case *test = &failure_cases[number];
    (void)given(test->config, failure_file);
    if (test->arrange != NULL) {
        test->arrange();
    }
    fake.failures[0] = first;
    fake.failures[1] = second;
    describe(test);
    enum fake_outcome outcome = fake_boot(&the_boot);
    totals->runs[number]++;
    totals->ended[number][outcome]++;
    if (outcome == FAKE_HANDED_OFF) {
        failure_expected.staged = the_boot.attempt.kernel.placement.staged;
        check_hand_off(&the_boot, &failure_expected);
    } else if (outcome == FAKE_RETURNED) {
        check_words(fake.returned, fake.said);
    } else {
        check_words(the_boot.session.failure.status, fake.said + fake.said_before_exit);
    }
    return outcome;
}

/* What the run just made did in its call-th fallible call. */
static enum fake_call kind_of(uint32_t call)
{
    uint32_t number = 0;
    for (uint32_t i = 0; i < fake.event_count; i++) {
        number += fake_event(i)->call < FAKE_FALLIBLE_COUNT;
        if (number == call) {
            return fake_event(i)->call;
        }
    }
    fake_violation("there was no call %u", call);
}

/* After a first failure that the boot survived, every later call fails as well. */
static void fail_again(int number, struct fake_failure first)
{
    static enum fake_call kinds[FAKE_EVENTS_MAX];
    uint32_t calls = fake.fallible_calls;
    for (uint32_t call = first.call + 1; call <= calls; call++) {
        kinds[call] = kind_of(call);
    }
    for (uint32_t call = first.call + 1; call <= calls; call++) {
        for (int i = 0; statuses[kinds[call]][i] != FIRMWARE_OK; i++) {
            struct fake_failure second = {.call = call, .status = statuses[kinds[call]][i]};
            (void)run(number, first, second);
        }
    }
}

START_TEST(every_call_can_fail)
{
    static enum fake_call kinds[FAKE_EVENTS_MAX];
    const struct fake_failure none = {0};
    const struct failure_case *test = &failure_cases[_i];
    test->make();
    enum fake_outcome outcome = run(_i, none, none);
    ck_assert_int_eq(outcome == FAKE_HANDED_OFF, test->status == STATUS_OK);
    ck_assert_str_eq(status_name(fake.returned), status_name(test->status));
    uint32_t calls = fake.fallible_calls;
    totals->calls[_i] = calls;
    for (uint32_t call = 1; call <= calls; call++) {
        kinds[call] = kind_of(call);
    }
    for (uint32_t call = 1; call <= calls; call++) {
        for (int i = 0; statuses[kinds[call]][i] != FIRMWARE_OK; i++) {
            struct fake_failure failure = {.call = call, .status = statuses[kinds[call]][i]};
            failure.for_good = true;
            (void)run(_i, failure, none);
            failure.for_good = false;
            (void)run(_i, failure, none);
            if (fake.fallible_calls > call && i == 0) {
                fail_again(_i, failure);
            }
        }
    }
}
END_TEST

static void print_totals(void)
{
    uint32_t runs = 0;
    uint32_t calls = 0;
    uint32_t seen = 0;
    printf("%-28s %6s %6s %7s %8s %9s\n", "configuration", "calls", "runs", "booted", "refused",
           "restarted");
    for (size_t i = 0; i < FAILURE_CASE_COUNT; i++) {
        const uint32_t *ended = totals->ended[i];
        printf("%-28s %6u %6u %7u %8u %9u\n", failure_cases[i].name, totals->calls[i],
               totals->runs[i], ended[FAKE_HANDED_OFF], ended[FAKE_RETURNED],
               ended[FAKE_RESTARTED]);
        runs += totals->runs[i];
        calls += totals->calls[i];
    }
    for (int i = 0; i < STATUS_COUNT; i++) {
        seen += totals->seen[i];
    }
    printf("failures: %u runs, each of %u calls failed, %u statuses seen\n", runs, calls, seen);
}

int main(void)
{
    totals = mmap(NULL, sizeof(*totals), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (totals == MAP_FAILED) {
        return EXIT_FAILURE;
    }
    Suite *suite = suite_create("failures");
    TCase *failures = tcase_create("failures");
    tcase_set_timeout(failures, 300);
    tcase_add_loop_test(failures, every_call_can_fail, 0, (int)FAILURE_CASE_COUNT);
    suite_add_tcase(suite, failures);
    int result = suite_main(suite, "unit-failures");
    print_totals();
    return result;
}
