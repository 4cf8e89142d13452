#include "boot/boot.h"

#include <string.h>

enum status fail(struct boot *boot, enum status status)
{
    boot->failure.status = status;
    return status;
}

/* Each stamp also measures the TSC against the ACPI timer: a calibration that takes no time. */
static uint64_t read_clocks(struct boot *boot)
{
    uint64_t tsc = plat_timestamp();
    if (boot->machine.tsc_frequency == 0 && boot->machine.timer.port != 0) {
        clock_rate_read(&boot->tsc_rate, tsc, plat_timer(boot->machine.timer),
                        boot->machine.timer.mask);
    }
    return tsc;
}

void boot_stamp(struct boot *boot, uint32_t stage)
{
    if (boot->timeline_count < TIMELINE_MAX) {
        boot->timeline[boot->timeline_count++] =
            (struct BootInfoTimestamp){.tsc = read_clocks(boot), .stage = stage};
    }
}

static enum status leave(struct boot *boot)
{
    TRY(bootinfo_reserve(boot)); /* the last allocation of the boot */
    boot_stamp(boot, BOOTINFO_STAGE_INFO);
    TRY(tries_count(boot));   /* one try less */
    TRY(exit_firmware(boot)); /* memory map -> BootInfo -> ExitBootServices */
    plat_hand_off(&boot->hand_off);
}

/* The boot of an entry, on one screen. Every stage is a file of the same name. */
enum status boot_entry(struct boot *boot)
{
    TRY(image_read(boot));  /* file -> what it is and what it needs */
    TRY(tries_check(boot)); /* has it failed too often? */
    boot_stamp(boot, BOOTINFO_STAGE_IMAGE);
    TRY(placement_choose(boot)); /* where it will run, and how it gets there */
    boot_stamp(boot, BOOTINFO_STAGE_PLACEMENT);
    TRY(image_load(boot)); /* bytes -> memory, inflated on the way */
    boot_stamp(boot, BOOTINFO_STAGE_LOAD);
    if (boot->entry->module_count > 0) {
        TRY(modules_load(boot)); /* other files the kernel asked for -> memory */
        boot_stamp(boot, BOOTINFO_STAGE_MODULES);
    }
    if (boot->entry->screen.kind == CONFIG_SCREEN_MODE) {
        screen_set(boot); /* what fails now is told in the old mode again */
    }
    enum status status = leave(boot);
    screen_restore(boot);
    return status;
}

struct text boot_say(struct boot *boot, const struct failure *failure)
{
    struct writer message = writer_on(boot->message, sizeof(boot->message));
    failure_write(&message, failure);
    log_message(&boot->log, writer_text(&message));
    return writer_text(&message);
}

/* All errors of loader.cfg, or why it was not found. */
static void report(struct boot *boot)
{
    const struct config *config = boot->config;
    uint32_t count = config != NULL ? config->diagnostic_count : 0;
    for (uint32_t i = 0; i < count; i++) {
        (void)boot_say(boot, &config->diagnostics[i]);
    }
    if (count == 0) {
        (void)boot_say(boot, &boot->failure);
    } else if (config->omitted_count > 0) {
        struct writer message = writer_on(boot->message, sizeof(boot->message));
        write_string(&message, "... and ");
        write_decimal(&message, config->omitted_count);
        write_string(&message, " more errors\n");
        plat_say(writer_text(&message));
    }
}

void boot_forget(struct boot *boot)
{
    file_close(&boot->image.file);
    modules_release(boot);
    tries_forget(boot);
    memory_release_down_to(boot, boot->choice.kept_allocations);
    boot->timeline_count = boot->choice.kept_stamps;
    memset(&boot->failure, 0, sizeof(boot->failure));
    memset((char *)boot + offsetof(struct boot, image), 0,
           sizeof(*boot) - offsetof(struct boot, image));
}

/* The firmware gets back what it had. */
static void release(struct boot *boot)
{
    if (boot->volume_open) {
        plat_volume_close();
        boot->volume_open = false;
    }
    if (boot->watchdog_set) {
        plat_watchdog(0);
        boot->watchdog_set = false;
    }
    memory_release_all(boot);
    boot->config = NULL;
    boot->entry = NULL;
}

enum status boot(struct boot *boot)
{
    log_begin(&boot->log);
    boot_stamp(boot, BOOTINFO_STAGE_START);
    plat_machine(&boot->machine);
    (void)read_clocks(boot);                /* the TSC's measurement begins */
    enum status status = config_read(boot); /* loader.cfg -> the entry to boot */
    if (status == STATUS_OK) {
        boot_stamp(boot, BOOTINFO_STAGE_CONFIG);
        status = choice_run(boot); /* one entry after the other, until one boots */
    } else {
        report(boot);
    }
    release(boot);
    return status;
}
