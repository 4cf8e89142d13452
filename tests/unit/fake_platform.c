#include "fake_platform.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_SHOWN 12
#define TICKS_PER_MS 3579 /* much like an ACPI timer */

struct fake fake;

/* What ExitBootServices leaves after it. */
enum phase {
    PHASE_BOOT,
    PHASE_EXIT_BEGAN, /* it has failed once */
    PHASE_EXITED,
};

static enum phase phase;
static jmp_buf way_out;

const char *fake_call_name(enum fake_call call)
{
    static const char *const names[FAKE_CALL_COUNT] = {
        [FAKE_VOLUME_OPEN] = "volume_open",
        [FAKE_FILE_OPEN] = "file_open",
        [FAKE_FILE_READ] = "file_read",
        [FAKE_ALLOCATE] = "pages_allocate",
        [FAKE_ALLOCATE_AT] = "pages_allocate_at",
        [FAKE_GRAPHICS_SET] = "graphics_set",
        [FAKE_MEMORY_MAP] = "memory_map",
        [FAKE_EXIT] = "exit",
        [FAKE_VARIABLE_GET] = "variable_get",
        [FAKE_VARIABLE_SET] = "variable_set",
        [FAKE_TPM_FIND] = "tpm_find",
        [FAKE_TPM_MEASURE] = "tpm_measure",
        [FAKE_TPM_LOG] = "tpm_log",
        [FAKE_IMAGE_SECTION] = "image_section",
        [FAKE_MACHINE] = "machine",
        [FAKE_GRAPHICS_QUERY] = "graphics_query",
        [FAKE_TIMESTAMP] = "timestamp",
        [FAKE_VOLUME_CLOSE] = "volume_close",
        [FAKE_FILE_CLOSE] = "file_close",
        [FAKE_FREE] = "pages_free",
        [FAKE_WATCHDOG] = "watchdog",
        [FAKE_SERIAL_OPEN] = "serial_open",
        [FAKE_SAY] = "say",
        [FAKE_RESTART] = "restart",
        [FAKE_HAND_OFF] = "hand_off",
        [FAKE_KEY] = "key",
        [FAKE_CONSOLE] = "console",
        [FAKE_PAUSE] = "pause",
    };
    return names[call];
}

void fake_violation(const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "%s: ", fake.context != NULL ? fake.context : "fake");
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n");
    uint32_t first = fake.event_count > EVENTS_SHOWN ? fake.event_count - EVENTS_SHOWN : 0;
    for (uint32_t i = first; i < fake.event_count; i++) {
        const struct fake_event *event = fake_event(i);
        fprintf(stderr, "  call %u: %s(0x%llx) = %d\n", i + 1, fake_call_name(event->call),
                (unsigned long long)event->argument, (int)event->answer);
    }
    abort();
}

/* platform/machine.h: "After its first failure only ... may be called; after success only ..." */
static void check_phase(enum fake_call call)
{
    bool after_failure = call == FAKE_MEMORY_MAP || call == FAKE_EXIT || call == FAKE_SAY ||
                         call == FAKE_RESTART || call == FAKE_TIMESTAMP;
    if (phase == PHASE_EXIT_BEGAN && !after_failure) {
        fake_violation("%s was called after a failed exit", fake_call_name(call));
    }
    if (phase == PHASE_EXITED && call != FAKE_HAND_OFF) {
        fake_violation("%s was called after the exit", fake_call_name(call));
    }
}

struct fake_event *fake_event(uint32_t number)
{
    return &fake.events[number % FAKE_EVENTS_MAX];
}

enum firmware fake_enter(enum fake_call call, uint64_t argument)
{
    check_phase(call);
    fake.calls[call]++;
    if (call == FAKE_TIMESTAMP) {
        return FIRMWARE_OK;
    }
    *fake_event(fake.event_count++) =
        (struct fake_event){.call = call, .answer = FIRMWARE_OK, .argument = argument};
    if (call >= FAKE_FALLIBLE_COUNT) {
        return FIRMWARE_OK;
    }
    fake.fallible_calls++;
    for (size_t i = 0; i < sizeof(fake.failures) / sizeof(fake.failures[0]); i++) {
        struct fake_failure *failure = &fake.failures[i];
        bool now = failure->call == fake.fallible_calls;
        if (now) {
            failure->met = true;
            failure->kind = call;
        }
        if (now || (failure->met && failure->for_good && failure->kind == call)) {
            return fake_answer(failure->status);
        }
    }
    return FIRMWARE_OK;
}

enum firmware fake_answer(enum firmware answer)
{
    fake_event(fake.event_count - 1)->answer = answer;
    return answer;
}

void fake_reset(void)
{
    memset(&fake, 0, sizeof(fake));
    phase = PHASE_BOOT;
    fake.loader_path = "\\EFI\\BOOT\\BOOTX64.EFI";
    fake.options = "";
    fake.stride = 48;
    fake.stale_status = FIRMWARE_INVALID_PARAMETER;
    fake.watchdog = WATCHDOG_SECONDS;
    fake.machine = (struct machine){
        .efi_system_table = 0x4200018,
        .acpi_rsdp = FAKE_RSDP,
        .smbios = FAKE_SMBIOS,
        .boot_time = 1700000000,
        .loader_image = {FAKE_RAM_END - MIB, 128 * KIB},
        .resident = {FAKE_RAM_END - MIB + 100 * KIB, 20 * KIB + 8},
        .framebuffers = {{.address = 0x80000000,
                          .size = UINT64_C(1024) * 768 * 4,
                          .width = 1024,
                          .height = 768,
                          .pitch = 4096,
                          .bits_per_pixel = 32,
                          .red_position = 16,
                          .red_size = 8,
                          .green_position = 8,
                          .green_size = 8,
                          .blue_size = 8}},
        .framebuffer_count = 1,
    };
    fake.cpu = (struct arch_cpu){
        .flags = BOOTINFO_FLAG_NX,
        .address_limit = UINT64_C(1) << 40,
        .higher_half = UINT64_C(0xFFFF800000000000),
        .counter_hz = 2000000000,
        .large_tables = true,
    };
    fake_memory_reset();
    fake_tables_reset();
    fake_set_memory(fake.machine.loader_image.address, fake.machine.loader_image.size,
                    EFI_LOADER_CODE);
    fake_map_reset();
    fake_files_reset();
    fake_variables_reset();
    fake_trust_reset();
}

void plat_machine(struct machine *out_machine)
{
    (void)fake_enter(FAKE_MACHINE, 0);
    *out_machine = fake.machine;
    out_machine->madt = 0; /* fake.machine has what is expected of firmware_tables_find */
}

static void mix(struct seed *seed, const struct seed *source)
{
    for (int i = 0; i < 4; i++) {
        seed->words[i] ^= source->words[i];
    }
    seed->sources |= source->sources;
}

void plat_random(struct seed *seed)
{
    (void)fake_enter(FAKE_MACHINE, 0);
    mix(seed, &fake.random_efi);
}

uint64_t arch_find(const void *words, uint64_t count, uint32_t value)
{
    uint64_t i = 0;
    while (i < count && word_at((const uint8_t *)words + i * sizeof(value)) != value) {
        i++;
    }
    return i;
}

void arch_random(struct seed *seed)
{
    mix(seed, &fake.random_cpu);
}

void fake_five_levels(void)
{
    fake.cpu.flags |= BOOTINFO_FLAG_LA57;
    fake.cpu.higher_half = UINT64_C(0xFF00000000000000);
}

void arch_describe(uint64_t fadt, struct arch_cpu *out_cpu)
{
    (void)fadt;
    *out_cpu = fake.cpu;
}

bool arch_is_readable(uint64_t address, uint64_t size)
{
    return fake_tables_hold(address, size) || (fake.readable_ram && address < UINT64_C(1) << 47);
}

uint64_t arch_hand_off_pages(void)
{
    return 7; /* as on x86-64 */
}

/* Both counters go on while the user thinks. */
static uint64_t ticks_waited(void)
{
    return fake.waited_ms * TICKS_PER_MS;
}

uint64_t arch_counter(void)
{
    (void)fake_enter(FAKE_TIMESTAMP, 0);
    if (fake.counter_hz != 0) {
        return fake.counter_hz / 1000 * ++fake.clock_ms;
    }
    return 1000 * (uint64_t)fake.calls[FAKE_TIMESTAMP] + ticks_waited();
}

uint32_t arch_reference(const struct arch_cpu *cpu)
{
    if (fake.counter_hz != 0) {
        return (uint32_t)(cpu->reference_hz * fake.clock_ms / 1000);
    }
    fake.timer += 1000;
    return fake.timer + (uint32_t)ticks_waited();
}

void plat_font(void *scratch, uint64_t scratch_size, struct font *font)
{
    memset(scratch, 0xA5, scratch_size);
    fake.font_scratch = scratch_size;
    font->known = 0;
}

void plat_watchdog(uint32_t seconds)
{
    (void)fake_enter(FAKE_WATCHDOG, seconds);
    fake.watchdog = seconds;
}

void plat_serial_found(const struct serial_port *port)
{
    fake.serial = *port;
}

void plat_serial_open(enum config_serial serial, uint16_t port, struct serial_port *out_serial)
{
    const struct serial_port com1 = {.info = {.base = serial == CONFIG_SERIAL_PORT ? port : 0x3F8,
                                              .kind = BOOTINFO_SERIAL_16550_PORT,
                                              .baud = 115200,
                                              .register_stride = 1},
                                     .width = 1};
    (void)fake_enter(FAKE_SERIAL_OPEN, port);
    bool found = fake.serial.info.kind != BOOTINFO_SERIAL_NONE && serial == CONFIG_SERIAL_AUTO;
    *out_serial = found ? fake.serial : com1;
    if (serial == CONFIG_SERIAL_NONE) {
        *out_serial = (struct serial_port){.info = {.kind = BOOTINFO_SERIAL_NONE}};
    }
    out_serial->given_up = fake.serial_never_ready;
}

bool plat_serial_given_up(void)
{
    return fake.serial_never_ready || fake.serial_stuck;
}

/* The serial port has all, the screen what plat_say is given. */
static void say(struct text text)
{
    if (fake.said_size + text.size >= FAKE_SAID_MAX) {
        fake_violation("too much talk");
    }
    memcpy(fake.said + fake.said_size, text.bytes, text.size);
    fake.said_size += text.size;
}

/* Consoles allocate: printing changes the map (HP EliteBook 840 G10, iPXE 6e4196ba). */
void plat_say(struct text text)
{
    (void)fake_enter(FAKE_SAY, text.size);
    say(text);
    memcpy(fake.shown + fake.shown_size, text.bytes, text.size);
    fake.shown_size += text.size;
    fake_key_changes();
}

void plat_note(struct text text)
{
    (void)fake_enter(FAKE_SAY, text.size);
    say(text);
}

enum firmware plat_exit(uint64_t key)
{
    const struct fake_event *before =
        fake.event_count > 0 ? fake_event(fake.event_count - 1) : NULL;
    bool fresh = before != NULL && before->call == FAKE_MEMORY_MAP && before->answer == FIRMWARE_OK;
    enum firmware answer = fake_enter(FAKE_EXIT, key);
    if (!fresh) {
        fake_violation("something came between the map and the exit");
    }
    fake_files_check_closed("for the exit");
    if (fake.watchdog != 0) {
        fake_violation("the watchdog is on at the exit");
    }
    if (fake.calls[FAKE_EXIT] == 1) {
        fake.said_before_exit = fake.said_size;
    }
    if (answer == FIRMWARE_OK && key != fake_key()) {
        answer = FIRMWARE_INVALID_PARAMETER;
    }
    if (answer == FIRMWARE_OK && fake.calls[FAKE_EXIT] <= fake.stale_keys) {
        answer = fake.stale_status;
    }
    if (answer != FIRMWARE_OK && phase == PHASE_BOOT) {
        fake_map_exit_began();
    }
    if (answer != FIRMWARE_OK) {
        fake_key_changes();
    }
    phase = answer == FIRMWARE_OK ? PHASE_EXITED : PHASE_EXIT_BEGAN;
    return fake_answer(answer);
}

void plat_pause(void)
{
    (void)fake_enter(FAKE_PAUSE, 0);
}

void plat_restart(void)
{
    (void)fake_enter(FAKE_RESTART, 0);
    if (phase != PHASE_EXIT_BEGAN || fake.said_size == fake.said_before_exit) {
        fake_violation("a restart without need, or without a word");
    }
    longjmp(way_out, FAKE_RESTARTED);
}

/* Pages of RAM from source to target as hand_off.S copies them; missing RAM is skipped. */
static void copy_pages(const struct hand_off *hand_off)
{
    uint64_t size = (hand_off->copy_pages + hand_off->zero_pages) * PAGE_SIZE;
    if (fake_type_at(hand_off->copy_target) == EFI_NOTHING) {
        return;
    }
    fake_memory_lift_poison(hand_off->copy_target, size);
    const uint64_t *source = (const uint64_t *)hand_off->copy_source;
    uint64_t *target = (uint64_t *)hand_off->copy_target;
    uint64_t words = hand_off->copy_pages * PAGE_SIZE / sizeof(*target);
    for (uint64_t i = 0; i < words; i++) {
        target[i] = source[i];
    }
    memset(target + words, 0, hand_off->zero_pages * PAGE_SIZE);
}

void arch_hand_off(const struct hand_off *hand_off)
{
    (void)fake_enter(FAKE_HAND_OFF, hand_off->entry);
    if (phase != PHASE_EXITED) {
        fake_violation("a hand-off before the exit");
    }
    fake.hand_off = *hand_off;
    if (hand_off->copy_pages > 0 || hand_off->zero_pages > 0) {
        copy_pages(hand_off);
    }
    longjmp(way_out, FAKE_HANDED_OFF);
}

void fake_power_fails(void)
{
    longjmp(way_out, FAKE_POWER_FAILED);
}

static enum fake_outcome run(struct boot *boot_state)
{
    int outcome = setjmp(way_out);
    if (outcome == FAKE_RETURNED) {
        fake.returned = boot(boot_state);
    }
    return (enum fake_outcome)outcome;
}

/* A message that only passes by is not read: boot() waits after a failure, but not after the menu,
 * which has shown it. */
static void check_pause(bool menu_shown)
{
    uint32_t expected = fake.returned != STATUS_OK && !menu_shown ? 1 : 0;
    if (fake.calls[FAKE_PAUSE] != expected) {
        fake_violation("%u pauses, expected %u", fake.calls[FAKE_PAUSE], expected);
    }
}

enum fake_outcome fake_boot(struct boot *boot_state)
{
    memset(boot_state, 0, sizeof(*boot_state));
    fake_memory_snapshot();
    enum fake_outcome outcome = run(boot_state);
    if (outcome == FAKE_RETURNED) {
        check_pause(boot_state->choice.menu_shown);
        fake_files_check_closed("after a failed boot");
        fake_files_check_volume_closed();
        fake_memory_check_returned();
        if (phase != PHASE_BOOT) {
            fake_violation("a return to the firmware after the exit began");
        }
        if (fake.calls[FAKE_WATCHDOG] > 0 && fake.watchdog != 0) {
            fake_violation("the watchdog was set and left on");
        }
    }
    return outcome;
}
