/* The whole boot, in order. Every STAGE is a row of docs/boot-flow.md and a file of this folder. */
#include "boot/boot.h"

#include "boot/exit.h"
#include "boot/image.h"
#include "boot/info.h"
#include "boot/load.h"
#include "boot/measure.h"
#include "boot/modules.h"
#include "boot/placement.h"
#include "boot/serial.h"
#include "core/base/apart.h"
#include "platform/console.h"

#define STAGE(word, call) TRY(session_stamp(session, BOOTINFO_STAGE_##word, (call)))

/* What the session had before an attempt, and has again after it. */
struct mark {
    uint32_t pages;
    uint32_t stamps;
};

static struct mark mark_of(const struct session *session)
{
    return (struct mark){session->pages.count, session->timeline.count};
}

static void return_to(struct session *session, struct mark mark)
{
    pages_release_down_to(&session->pages, mark.pages);
    session->timeline.count = mark.stamps;
}

static enum status load_kernel(struct session *session, struct attempt *now)
{
    struct kernel *kernel = &now->kernel;
    STAGE(IMAGE, image_read(session, kernel->entry, &kernel->image));
    TRY(tries_check(&now->tries, kernel->image.stream.file.size, &session->failure));
    STAGE(PLACEMENT, placement_choose(session, &kernel->image, &kernel->placement));
    STAGE(LOAD, load_image(session, &kernel->image, &kernel->placement));
    return STATUS_OK;
}

/* Whether the kernel must be loaded once more: a kernel header that is found only after loading may
 * ask for another place, and a gzip file of several members is larger than its trailer states. */
static bool is_to_repeat(struct image *image, enum status status)
{
    return status == STATUS_OK ? image->header_late : stream_measure(&image->stream);
}

static enum status load_fully(struct session *session, struct attempt *now)
{
    const struct mark mark = mark_of(session);
    struct image *image = &now->kernel.image;
    enum status status = load_kernel(session, now);
    while (is_to_repeat(image, status)) {
        return_to(session, mark); /* the file has been read to its end, and is closed */
        *image = (struct image){.header = image->header,
                                .has_header = image->has_header,
                                .stream = {.is_longer = image->stream.is_longer}};
        now->kernel.placement = (struct placement){.staged = false};
        session->failure = (struct failure){.status = STATUS_OK};
        status = load_kernel(session, now);
    }
    return status;
}

/* One entry, from its kernel's file to the jump. arch_hand_off does not return: this function does
 * so only after a failure. */
APART static enum status attempt(struct boot *boot, const struct entry *entry, struct attempt *now)
{
    struct session *session = &boot->session;
    const struct config *config = boot->loader_config.config;
    struct kernel *kernel = &now->kernel;
    kernel->entry = entry;
    now->tries = (struct tries){.entry = entry,
                                .config_path = config->path,
                                .config_file = config->file,
                                .forced = entry_is_forced(&boot->choice)};
    session->volume.trust.now = (struct trust_attempt){
        .by_hand = boot->choice.by_hand,
        .unverified = entry->cmdline.bytes == boot->choice.menu.line,
    };
    entry_begin(&boot->choice, session, entry);
    TRY(load_fully(session, now));
    if (entry->module_count > 0) {
        STAGE(MODULES, modules_load(session, config, entry, &kernel->modules));
    }
    TRY(measure_choice(session, kernel)); /* entry, command line -> TPM */
    screen_set(session, &entry->screen, &now->screen);
    STAGE(INFO, info_reserve(session, kernel, &now->hand_over)); /* the last allocation */
    TRY(tries_count(&now->tries, &session->log, &session->failure));
    TRY(exit_firmware(session, kernel, &now->hand_over)); /* no firmware from here on */
    arch_hand_off(&now->hand_over.hand_off);
}

static void attempt_undo(struct session *session, struct attempt *attempt, struct mark mark)
{
    file_close(&attempt->kernel.image.stream.file);
    modules_release(&session->pages, &attempt->kernel.modules);
    tries_forget(&attempt->tries, &session->log);
    return_to(session, mark);
    session->failure = (struct failure){.status = STATUS_OK};
    *attempt = (struct attempt){.kernel = {.entry = NULL}};
}

/* What no entry can boot on. */
static enum status check_machine(struct session *session)
{
    const char *encryption = session->cpu.encryption;
    return encryption == NULL ? STATUS_OK
                              : fail_hint(&session->failure, STATUS_MEMORY_ENCRYPTED, encryption);
}

enum status boot(struct boot *boot)
{
    struct session *session = &boot->session;
    struct loader_config *source = &boot->loader_config;
    struct entry_choice *choice = &boot->choice;
    const struct entry *entry = NULL;
    session_begin(session);
    screen_check_all(session);
    serial_find(session);
    enum status status = check_machine(session);
    if (status == STATUS_OK) {
        status = session_stamp(session, BOOTINFO_STAGE_CONFIG, config_read(session, source));
    }
    if (status == STATUS_OK) {
        choice->config = source->config;
        choice->menu.locked = session->volume.trust.locked;
        entry = entry_first(choice, session, source->entry, source->options.entry.size == 0);
    } else {
        config_show_errors(session, source);
    }
    const struct mark mark = mark_of(session);
    while (entry != NULL) {
        status = attempt(boot, entry, &boot->attempt);
        screen_restore(session, &boot->attempt.screen); /* the failure is shown in the old mode */
        struct text message = session_show(session, &session->failure);
        attempt_undo(session, &boot->attempt, mark);
        entry = entry_next(choice, session, status, message);
    }
    session_end(session);
    if (status != STATUS_OK && !choice->menu_shown) {
        plat_pause(); /* the menu has let the user read it already */
    }
    return choice->by_hand ? STATUS_OK : status;
}
