/* The entry's modules on their way into memory: each whole, on pages of its own, wherever the
 * firmware has room. They are kept apart from the ledger: there may be thousands. */
#include "boot/boot.h"

#include <string.h>

#define GZIP_FILE_MAX  UINT64_C(0x80000000) /* what inflate takes */
#define MODULES_LOGGED 8                    /* lines; the rest is summed up */

static enum status reserve(struct boot *boot, uint32_t type, uint64_t size, const char *what,
                           uint64_t *out_address)
{
    struct memory_request request = {PLAT_DATA, type, page_count_of(size), what};
    return memory_reserve(boot, request, out_address);
}

/* size bytes for the module, its last page zeroed to the end. */
static enum status reserve_data(struct boot *boot, struct module *module, uint64_t size)
{
    TRY(reserve(boot, BOOTINFO_MEMORY_MODULE, size, "it", &module->address));
    memory_disown(boot, module->address);
    module->size = size;
    boot->modules.count++;
    memset((uint8_t *)module->address + size, 0, (PAGE_SIZE - size % PAGE_SIZE) % PAGE_SIZE);
    return STATUS_OK;
}

static enum status read_all(struct boot *boot, uint64_t address)
{
    struct file *file = &boot->modules.file;
    TRY(file_read(boot, file, (void *)address, file->size));
    return file_finish(boot, file);
}

static enum status inflate_file(struct boot *boot, struct module *module, const uint8_t *input,
                                void *work)
{
    struct failure *failure = &boot->failure;
    struct inflate *stream = NULL;
    uint64_t input_size = boot->modules.file.size;
    uint64_t size = 0;
    uint64_t got = 0;
    uint32_t crc32 = 0;
    if (input_size < 2 || input[0] != 0x1F || input[1] != 0x8B) {
        return fail(boot, STATUS_MODULE_NOT_GZIP);
    }
    TRY(inflate_begin(work, INFLATE_GZIP, input, input_size, failure, &stream));
    TRY(inflate_gzip_length(input, input_size, failure, &size));
    if (size == 0) {
        return fail(boot, STATUS_IMAGE_EMPTY);
    }
    TRY(reserve_data(boot, module, size));
    TRY(inflate_some(stream, (void *)module->address, size, failure, &got));
    return inflate_end(stream, failure, &crc32);
}

static enum status load_gzip(struct boot *boot, struct module *module)
{
    uint64_t room = page_count_of(boot->modules.file.size) * PAGE_SIZE;
    uint64_t input = 0;
    TRY(reserve(boot, BOOTINFO_MEMORY_USABLE, room + INFLATE_WORK_SIZE, "the compressed file",
                &input));
    TRY(read_all(boot, input));
    TRY(inflate_file(boot, module, (const uint8_t *)input, (void *)(input + room)));
    memory_release(boot, input);
    return STATUS_OK;
}

static enum status load_module(struct boot *boot, const struct config_module *wanted)
{
    struct modules *modules = &boot->modules;
    struct module *module = &modules->items[modules->count];
    uint64_t size_max = wanted->gzip ? GZIP_FILE_MAX : boot->machine.address_limit;
    *module = (struct module){.path = wanted->path, .arguments = wanted->arguments};
    TRY(file_open(boot, wanted->path, size_max, &modules->file));
    modules->file.chunk = boot->entry->read_chunk;
    if (wanted->gzip) {
        TRY(load_gzip(boot, module));
    } else {
        TRY(reserve_data(boot, module, modules->file.size));
        TRY(read_all(boot, module->address));
    }
    modules->texts_size += wanted->path.size + 1 + wanted->arguments.size + 1;
    return STATUS_OK;
}

/* What is wrong with the module's file is told at the line that asked for it. */
static enum status blame(struct boot *boot, const struct config_module *wanted)
{
    struct failure *failure = &boot->failure;
    struct text before = {wanted->source.bytes,
                          (size_t)(wanted->path.bytes - wanted->source.bytes)};
    failure->subject = wanted->path;
    failure->path = text_of(boot->config_path);
    failure->line = wanted->line;
    failure->source = wanted->source;
    failure->column = 1 + (uint32_t)text_characters(before);
    failure->width = (uint32_t)text_characters(wanted->path);
    return failure->status;
}

/* The first ones, and how many there are besides. */
static void log_module(struct boot *boot)
{
    const struct modules *modules = &boot->modules;
    const struct module *module = &modules->items[modules->count - 1];
    char buffer[256];
    struct writer line = writer_on(buffer, sizeof(buffer));
    if (modules->count > MODULES_LOGGED + 1) {
        return;
    }
    if (modules->count > MODULES_LOGGED) {
        write_string(&line, "... and ");
        write_decimal(&line, boot->entry->module_count - MODULES_LOGGED);
        write_string(&line, " more");
    } else {
        log_path(&line, module->path);
        write_string(&line, ", ");
        write_size(&line, module->size);
        write_string(&line, " at ");
        write_hex(&line, module->address);
    }
    log_stage(&boot->log, "modules", &line);
}

enum status modules_load(struct boot *boot)
{
    struct modules *modules = &boot->modules;
    struct config_cursor cursor = {.line = 0};
    struct config_module wanted;
    uint64_t list = 0;
    TRY(reserve(boot, BOOTINFO_MEMORY_USABLE, boot->entry->module_count * sizeof(struct module),
                "the list of modules", &list));
    modules->items = (struct module *)list;
    while (config_next_module(boot->config, boot->entry, &cursor, &wanted)) {
        /* One file may well keep below the reads after which file_read sets it; a hundred do not. */
        plat_watchdog(WATCHDOG_SECONDS);
        boot->watchdog_set = true;
        if (load_module(boot, &wanted) != STATUS_OK) {
            return blame(boot, &wanted);
        }
        log_module(boot);
    }
    return STATUS_OK;
}

void modules_release(struct boot *boot)
{
    struct modules *modules = &boot->modules;
    file_close(&modules->file);
    while (modules->count > 0) {
        const struct module *module = &modules->items[--modules->count];
        plat_pages_free(module->address, page_count_of(module->size));
    }
    *modules = (struct modules){0};
}
