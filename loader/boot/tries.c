/* Counted tries: how often a kernel was started without a word that it came up. The count is an EFI
 * variable for each entry (docs/menu.md); it is written as late as can be, and never to a file. */
#include "boot/boot.h"

#include <string.h>
#include <zlib.h>

#define NAME_SIZE (sizeof("BatonTries-") + CONFIG_NAME_MAX)

/* What the variable holds; abi/boot_success.h sets left to TRIES_GOOD. */
struct count {
    uint32_t kernel; /* of which kernel: another one begins anew */
    uint32_t left;
};

_Static_assert(sizeof(struct count) == 8, "abi/boot_success.h");

#define TRIES_GOOD UINT32_MAX /* it came up once: not counted any more */

static enum status refuse(struct boot *boot, enum status status)
{
    boot->failure.path = text_of(boot->config_path);
    boot->failure.line = boot->entry->line[ENTRY_TRIES];
    boot->failure.found = boot->entry->name;
    boot->failure.number[0] = boot->entry->tries;
    return fail(boot, status);
}

static void write_name(char *buffer, const struct entry *entry)
{
    struct writer name = writer_on(buffer, NAME_SIZE);
    write_string(&name, "BatonTries-");
    write_text(&name, entry->name);
}

/* The same path, size and number of tries are taken for the same kernel. */
static uint32_t kernel_sum(const struct boot *boot)
{
    const struct entry *entry = boot->entry;
    const uint64_t facts[] = {boot->image.file.size, entry->tries};
    uLong sum = crc32(0, (const Bytef *)entry->kernel.bytes, (uInt)entry->kernel.size);
    return (uint32_t)crc32(sum, (const Bytef *)facts, sizeof(facts));
}

/* Whatever cannot be read, or is none of ours, counts as if it were not there: all tries are left. */
enum status tries_check(struct boot *boot)
{
    const struct entry *entry = boot->entry;
    char name[NAME_SIZE];
    struct count count = {0};
    uint64_t size = sizeof(count);
    if (entry->tries == 0) {
        return STATUS_OK;
    }
    write_name(name, entry);
    boot->tries.kernel = kernel_sum(boot);
    boot->tries.left = entry->tries;
    if (plat_variable_get(name, &count, &size) == FIRMWARE_OK && size == sizeof(count) &&
        count.kernel == boot->tries.kernel &&
        (count.left < entry->tries || count.left == TRIES_GOOD)) {
        boot->tries.left = count.left;
    }
    if (boot->tries.left == 0 && !choice_is_forced(boot)) {
        return refuse(boot, STATUS_TRIES_SPENT);
    }
    return STATUS_OK;
}

/* Tells the kernel which variable is its own: one that is gone after a reset. */
static enum firmware announce(const char *name)
{
    uint16_t units[NAME_SIZE];
    path_to_ucs2(name, units);
    return plat_variable_set("BatonBooted", units, (strlen(name) + 1) * sizeof(units[0]), false);
}

static void log_tries(struct boot *boot, enum firmware answer)
{
    char buffer[96];
    struct writer line = writer_on(buffer, sizeof(buffer));
    if (answer != FIRMWARE_OK) {
        write_string(&line, "not counted");
    } else if (boot->tries.left == TRIES_GOOD) {
        write_string(&line, "came up before");
    } else {
        write_decimal(&line, boot->tries.left);
        write_string(&line, " left of ");
        write_decimal(&line, boot->entry->tries);
    }
    log_stage(&boot->log, "tries", &line);
}

enum status tries_count(struct boot *boot)
{
    const struct entry *entry = boot->entry;
    struct tries *tries = &boot->tries;
    char name[NAME_SIZE];
    if (entry->tries == 0) {
        return STATUS_OK;
    }
    write_name(name, entry);
    tries->announced = true;
    enum firmware answer = announce(name);
    if (answer == FIRMWARE_OK && tries->left != 0 && tries->left != TRIES_GOOD) {
        struct count count = {tries->kernel, --tries->left};
        answer = plat_variable_set(name, &count, sizeof(count), true);
    }
    log_tries(boot, answer);
    if (answer != FIRMWARE_OK && !choice_is_forced(boot)) {
        boot->failure.firmware = answer;
        return refuse(boot, STATUS_TRIES_NOT_COUNTED);
    }
    return STATUS_OK;
}

/* Another kernel must not speak for this one. */
void tries_forget(struct boot *boot)
{
    if (boot->tries.announced) {
        plat_variable_set("BatonBooted", NULL, 0, false);
        boot->tries.announced = false;
    }
}

void tries_refill(const struct entry *entry)
{
    char name[NAME_SIZE];
    write_name(name, entry);
    plat_variable_set(name, NULL, 0, true);
}
