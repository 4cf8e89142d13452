/* The judge is judged: inspect's checks find nothing wrong with a sound machine, and each of them
 * notices when its promise is broken. */
#include "../suite.h"
#include "judge_faults.h"
#include "judge_world.h"

#include <string.h>

/* Promises that a host can look at; the others need the machine itself. */
static const struct promise *const tables[] = {info_promises,    fact_promises,    time_promises,
                                               map_promises,     segment_promises, paging_promises,
                                               firmware_promises};

/* Helpers of the faults. */
static char *text_of(struct BootInfoSpan span)
{
    return (char *)(uintptr_t)span.address;
}

static void add_module(struct world *world, uint64_t address)
{
    struct BootInfoSpan text = {(uintptr_t)world->info + 0xB00, 0};
    *world->module = (struct BootInfoModule){{address, 0x1000}, text, text};
    world->info->modules.address = (uintptr_t)world->module;
    world->info->modules.count = 1;
}

static void shrink_from_below(struct BootInfoRegion *region)
{
    region->base += PAGE_SIZE;
    region->size -= PAGE_SIZE;
}

static void swap(struct BootInfoRegion *left, struct BootInfoRegion *right)
{
    struct BootInfoRegion kept = *left;
    *left = *right;
    *right = kept;
}

static void split_last(struct world *world)
{
    struct BootInfoRegion *last = &world->regions[world->info->memory_map.count++];
    *last = last[-1];
    last[-1].size -= PAGE_SIZE;
    last->base += last[-1].size;
    last->size = PAGE_SIZE;
}

#define DEFINE_FAULT(name, promise, ...)  \
    static void name(struct world *world) \
    {                                     \
        __VA_ARGS__;                      \
    }
INFO_FAULTS(DEFINE_FAULT)
MAP_FAULTS(DEFINE_FAULT)
MACHINE_FAULTS(DEFINE_FAULT)

struct fault {
    const char *name;
    const char *promise;
    void (*apply)(struct world *world);
};

#define LIST_FAULT(name, promise, ...) {#name, promise, name},
static const struct fault faults[] = {INFO_FAULTS(LIST_FAULT) MAP_FAULTS(LIST_FAULT)
                                          MACHINE_FAULTS(LIST_FAULT)};

static const struct promise *find_promise(const char *text)
{
    for (uint32_t i = 0; i < COUNT(tables); i++) {
        for (const struct promise *promise = tables[i]; promise->text != NULL; promise++) {
            if (strcmp(promise->text, text) == 0) {
                return promise;
            }
        }
    }
    return NULL;
}

START_TEST(a_sound_machine_breaks_no_promise)
{
    static struct world world;
    world_make(&world);
    for (uint32_t i = 0; i < COUNT(tables); i++) {
        for (const struct promise *promise = tables[i]; promise->text != NULL; promise++) {
            struct finding finding = promise->check(&world.evidence);
            ck_assert_msg(!finding.broken, "%s: at %#lx found %#lx, expected %#lx", promise->text,
                          (unsigned long)finding.at, (unsigned long)finding.found,
                          (unsigned long)finding.expected);
        }
    }
    ck_assert_int_ne(bootinfo_valid(world.info), 0);
}
END_TEST

START_TEST(a_broken_promise_is_noticed)
{
    static struct world world;
    for (uint32_t i = 0; i < COUNT(faults); i++) {
        const struct promise *promise = find_promise(faults[i].promise);
        ck_assert_msg(promise != NULL, "no such promise: %s", faults[i].promise);
        world_make(&world);
        faults[i].apply(&world);
        if (faults[i].apply != bad_checksum) {
            world_seal(&world);
        }
        ck_assert_msg(promise->check(&world.evidence).broken, "%s does not break '%s'",
                      faults[i].name, faults[i].promise);
    }
}
END_TEST

START_TEST(every_promise_has_a_fault_that_breaks_it)
{
    for (uint32_t i = 0; i < COUNT(tables); i++) {
        for (const struct promise *promise = tables[i]; promise->text != NULL; promise++) {
            uint32_t broken_by = 0;
            for (uint32_t k = 0; k < COUNT(faults); k++) {
                broken_by += strcmp(faults[k].promise, promise->text) == 0;
            }
            ck_assert_msg(broken_by > 0, "no fault breaks '%s'", promise->text);
        }
    }
}
END_TEST

START_TEST(five_levels_of_page_tables_are_walked)
{
    static _Alignas(4096) uint64_t top[512];
    static struct world world;
    world_make(&world);
    top[0] = world.machine.cr3 | 3;
    world.machine.cr3 = (uintptr_t)top;
    world.machine.cr4 |= 0x1000;
    ck_assert(is_mapped(&world.evidence, 0x1000, 0x10000));
    ck_assert(!is_mapped(&world.evidence, 0, 1));
    ck_assert(!is_mapped(&world.evidence, UINT64_C(1) << 48, 1));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("abi judge");
    TCase *tcase = tcase_create("judge");
    tcase_add_test(tcase, a_sound_machine_breaks_no_promise);
    tcase_add_test(tcase, a_broken_promise_is_noticed);
    tcase_add_test(tcase, every_promise_has_a_fault_that_breaks_it);
    tcase_add_test(tcase, five_levels_of_page_tables_are_walked);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "abi judge");
}
