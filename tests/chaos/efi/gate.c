#include "chaos.h"

#include <string.h>

struct run run;

bool from_loader(const void *caller)
{
    return (uint64_t)caller - run.image_base < run.image_size;
}

bool same_guid(const EFI_GUID *a, const EFI_GUID *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

void broken(const char *rule)
{
    console_end_line();
    report("broken: ");
    report(rule);
    report_char('\n');
    run.broken = true;
}

/* After a failed ExitBootServices only memory services may be called (UEFI 2.10 section 7.4.6). A
 * loader that shows a message, which changes the map, must not try again. */
static void check_after_exit(enum chaos_call call)
{
    switch (call) {
    case CHAOS_GET_MEMORY_MAP:
    case CHAOS_EXIT_BOOT_SERVICES:
        if (run.said_goodbye) {
            broken("another try after a message");
        }
        break;
    case CHAOS_OUTPUT_STRING:
    case CHAOS_STALL:
    case CHAOS_GET_VARIABLE:
        run.said_goodbye = true;
        break;
    default:
        broken("a call that is not allowed after the exit began");
        break;
    }
}

static void check_order(enum chaos_call call)
{
    if (run.exit_began) {
        check_after_exit(call);
    }
    if (call == CHAOS_EXIT_BOOT_SERVICES && run.since_map != 0) {
        broken("a call between the final map and ExitBootServices");
    }
    run.since_map = call == CHAOS_GET_MEMORY_MAP ? 0 : run.since_map + 1;
}

static bool is_to_fail(enum chaos_call call)
{
    const struct chaos_case *plan = run.plan;
    uint64_t from = (plan->flags & CHAOS_SWEEP) != 0 ? run.number : plan->from;
    uint64_t made = run.calls[call];
    bool chosen = (plan->flags & CHAOS_FOR_GOOD) != 0 ? made >= from : made == from;
    return plan->call == (uint32_t)call && chosen;
}

EFI_STATUS gate(enum chaos_call call, const void *caller)
{
    bool ours = from_loader(caller);
    bool any = (run.plan->flags & CHAOS_ANY_CALLER) != 0;
    if (!ours && (!any || run.plan->call != (uint32_t)call)) {
        return EFI_SUCCESS;
    }
    if (ours) {
        check_order(call);
    }
    run.calls[call]++;
    if (!is_to_fail(call)) {
        return EFI_SUCCESS;
    }
    run.failed++;
    return EFIERR(run.plan->status);
}
