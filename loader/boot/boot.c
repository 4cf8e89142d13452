/* The whole boot, in order. Every STAGE is a row of docs/boot-flow.md and a file of this folder. */
#include "boot/boot.h"

#include "boot/exit.h"
#include "boot/image.h"
#include "boot/info.h"
#include "boot/load.h"
#include "boot/measure.h"
#include "boot/modules.h"
#include "boot/placement.h"

#define STAGE(word, call) TRY(session_stamp(session, BOOTINFO_STAGE_##word, (call)))

/* One entry, from its kernel's file to the jump. arch_hand_off does not return: this does only on a
 * failure. */
static enum status attempt(struct boot *boot, const struct entry *entry, struct attempt *now)
{
    struct session *session = &boot->session;
    const struct config *config = boot->loader_config.config;
    struct kernel *kernel = &now->kernel;
    kernel->entry = entry;
    kernel->edited = entry->cmdline.bytes == boot->choice.menu.line;
    now->tries = (struct tries){entry, config->path, entry_is_forced(&boot->choice), 0, 0, false};
    trust_begin_attempt(&session->volume.trust, boot->choice.by_hand);
    entry_begin(&boot->choice, session, entry);
    STAGE(IMAGE, image_read(session, entry, &kernel->image));
    TRY(tries_check(&now->tries, kernel->image.stream.file.size, &session->failure));
    STAGE(PLACEMENT, placement_choose(session, &kernel->image, &kernel->placement));
    STAGE(LOAD, load_image(session, &kernel->image, &kernel->placement));
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

/* The pages (of loader.cfg) and stamps that were there before the first attempt: they stay. */
struct mark {
    uint32_t pages;
    uint32_t stamps;
};

static void attempt_undo(struct session *session, struct attempt *attempt, struct mark mark)
{
    file_close(&attempt->kernel.image.stream.file);
    modules_release(&attempt->kernel.modules);
    tries_forget(&attempt->tries);
    pages_release_down_to(&session->pages, mark.pages);
    session->timeline.count = mark.stamps;
    session->failure = (struct failure){.status = STATUS_OK};
    *attempt = (struct attempt){.kernel = {.entry = NULL}};
}

enum status boot(struct boot *boot)
{
    struct session *session = &boot->session;
    struct loader_config *source = &boot->loader_config;
    struct entry_choice *choice = &boot->choice;
    const struct entry *entry = NULL;
    session_begin(session);
    enum status status =
        session_stamp(session, BOOTINFO_STAGE_CONFIG, config_read(session, source));
    if (status == STATUS_OK) {
        choice->config = source->config;
        choice->menu.locked = session->volume.trust.locked;
        entry = entry_first(choice, session, source->entry, source->options.entry.size == 0);
    } else {
        config_show_errors(session, source);
    }
    const struct mark mark = {session->pages.count, session->timeline.count};
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
