#include "boot/tries.h"

#include "core/base/path.h"
#include "platform/variables.h"

#include <string.h>
#include <zlib.h>

#define NAME_SIZE (sizeof("BatonTries-") + CONFIG_NAME_MAX)

/* What the variable holds; abi/boot_success.h sets left to TRIES_GOOD. */
struct count {
    uint32_t kernel; /* of which kernel: for another one the count begins anew */
    uint32_t left;
};

_Static_assert(sizeof(struct count) == 8, "abi/boot_success.h");

#define TRIES_GOOD UINT32_MAX /* it came up once: not counted any more */

static enum status refuse(const struct tries *tries, struct failure *failure, enum status status)
{
    failure->path = tries->config_path;
    failure->line = tries->entry->line[ENTRY_TRIES];
    failure->found = tries->entry->name;
    failure->number[0] = tries->entry->tries;
    return fail_with(failure, status);
}

static void write_name(char *buffer, const struct entry *entry)
{
    struct writer name = writer_on(buffer, NAME_SIZE);
    write_string(&name, "BatonTries-");
    write_text(&name, entry->name);
}

/* A kernel counts as the same one if loader.cfg, the kernel's path and its size are the same. */
static uint32_t kernel_sum(const struct tries *tries, uint64_t file_size)
{
    const struct text path = tries->entry->kernel;
    const struct text config = tries->config_file;
    uLong sum = crc32(0, (const Bytef *)path.bytes, (uInt)path.size);
    sum = crc32(sum, (const Bytef *)config.bytes, (uInt)config.size);
    return (uint32_t)crc32(sum, (const Bytef *)&file_size, sizeof(file_size));
}

/* A variable that cannot be read, or that another kernel or loader wrote, counts as if it were not
 * there: all tries are left. */
enum status tries_check(struct tries *tries, uint64_t file_size, struct failure *failure)
{
    const struct entry *entry = tries->entry;
    char name[NAME_SIZE];
    struct count count = {0};
    uint64_t size = sizeof(count);
    if (entry->tries == 0) {
        return STATUS_OK;
    }
    write_name(name, entry);
    tries->kernel = kernel_sum(tries, file_size);
    tries->left = entry->tries;
    if (plat_variable_get(name, &count, &size) == FIRMWARE_OK && size == sizeof(count) &&
        count.kernel == tries->kernel && (count.left < entry->tries || count.left == TRIES_GOOD)) {
        tries->left = count.left;
    }
    if (tries->left == 0 && !tries->forced) {
        return refuse(tries, failure, STATUS_TRIES_SPENT);
    }
    return STATUS_OK;
}

/* Sets BatonBooted, from which the kernel learns the name of its variable. A reset deletes it. */
static enum firmware announce(const char *name)
{
    uint16_t units[NAME_SIZE];
    path_to_ucs2(name, units);
    return plat_variable_set("BatonBooted", units, (strlen(name) + 1) * sizeof(units[0]), false);
}

static void log_tries(struct log *log, const struct tries *tries, enum firmware answer)
{
    struct writer *line = log_begin(log, "tries");
    if (answer != FIRMWARE_OK) {
        write_string(line, "not counted");
    } else if (tries->left == TRIES_GOOD) {
        write_string(line, "came up before");
    } else {
        write_decimal(line, tries->left);
        write_string(line, " left of ");
        write_decimal(line, tries->entry->tries);
    }
    log_end(log, LOG_NORMAL);
}

enum status tries_count(struct tries *tries, struct log *log, struct failure *failure)
{
    const struct entry *entry = tries->entry;
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
        tries->counted = answer == FIRMWARE_OK;
    }
    log_tries(log, tries, answer);
    if (answer != FIRMWARE_OK && !tries->forced) {
        failure->firmware = answer;
        return refuse(tries, failure, STATUS_TRIES_NOT_COUNTED);
    }
    return STATUS_OK;
}

static void give_back(const struct tries *tries, struct log *log)
{
    char name[NAME_SIZE];
    struct count count = {tries->kernel, tries->left + 1};
    write_name(name, tries->entry);
    struct writer *line = log_begin(log, "tries");
    if (plat_variable_set(name, &count, sizeof(count), true) == FIRMWARE_OK) {
        write_string(line, "the try is given back");
    } else {
        write_string(line, "the try cannot be given back: the firmware refuses to write");
    }
    log_end(log, LOG_NORMAL);
}

/* Deletes BatonBooted: otherwise the next kernel's success would be recorded for this entry. */
void tries_forget(const struct tries *tries, struct log *log)
{
    if (tries->counted) {
        give_back(tries, log);
    }
    if (tries->announced) {
        IGNORE(plat_variable_set("BatonBooted", NULL, 0, false)); /* a reset deletes it, too */
    }
}

void tries_refill(const struct entry *entry)
{
    char name[NAME_SIZE];
    write_name(name, entry);
    IGNORE(plat_variable_set(name, NULL, 0, true)); /* the menu boots an entry without tries, too */
}
