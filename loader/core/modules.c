/* The entry's modules on their way into memory: each whole, on pages of its own, wherever the
 * firmware has room. They are kept apart from the ledger: there may be thousands. */
#include "boot.h"

#include <string.h>

#define GZIP_FILE_MAX  UINT64_C(0x80000000) /* what inflate takes */
#define MODULES_LOGGED 8                    /* lines; the rest is summed up */

/* All that the modules need from loader.cfg, so that the info block can be laid out. */
static enum status reserve_list(struct boot *boot)
{
    uint64_t size = boot->entry->module_count * sizeof(struct module);
    struct memory_request request = {PLAT_DATA, BOOTINFO_MEMORY_USABLE, page_count_of(size),
                                     "the list of modules"};
    uint64_t address = 0;
    TRY(memory_reserve(boot, request, &address));
    boot->modules.items = (struct module *)address;
    return STATUS_OK;
}

/* size bytes for the module, its last page zeroed to the end. */
static enum status reserve_data(struct boot *boot, struct module *module, uint64_t size)
{
    struct memory_request request = {PLAT_DATA, BOOTINFO_MEMORY_MODULE, page_count_of(size), "it"};
    uint64_t address = 0;
    TRY(memory_reserve(boot, request, &address));
    memory_disown(boot, address);
    uint64_t tail = request.page_count * PAGE_SIZE - size;
    memset((uint8_t *)address + size, 0, tail);
    module->address = address;
    module->size = size;
    boot->modules.count++;
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
    uint64_t pages = page_count_of(boot->modules.file.size);
    struct memory_request request = {PLAT_DATA, BOOTINFO_MEMORY_USABLE,
                                     pages + INFLATE_WORK_SIZE / PAGE_SIZE, "the compressed file"};
    uint64_t address = 0;
    TRY(memory_reserve(boot, request, &address));
    uint64_t work = address + pages * PAGE_SIZE;
    TRY(read_all(boot, address));
    TRY(inflate_file(boot, module, (const uint8_t *)address, (void *)work));
    memory_release(boot, address);
    return STATUS_OK;
}

static void log_module(struct boot *boot, const struct module *module)
{
    char buffer[256];
    struct writer line = writer_on(buffer, sizeof(buffer));
    log_path(&line, module->path);
    write_string(&line, ", ");
    write_size(&line, module->size);
    write_string(&line, " at ");
    write_hex(&line, module->address);
    log_stage(&boot->log, "modules", &line);
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

static void log_rest(struct boot *boot)
{
    const struct modules *modules = &boot->modules;
    char buffer[64];
    struct writer line = writer_on(buffer, sizeof(buffer));
    write_string(&line, "... and ");
    write_decimal(&line, modules->count - MODULES_LOGGED);
    write_string(&line, " more");
    log_stage(&boot->log, "modules", &line);
}

enum status modules_load(struct boot *boot)
{
    struct modules *modules = &boot->modules;
    struct config_cursor cursor = {.line = 0};
    struct config_module wanted;
    TRY(reserve_list(boot));
    while (config_next_module(boot->config, boot->entry, &cursor, &wanted)) {
        /* One file may well keep below the reads after which file_read sets it; a hundred do not. */
        plat_watchdog(WATCHDOG_SECONDS);
        boot->watchdog_set = true;
        if (load_module(boot, &wanted) != STATUS_OK) {
            return blame(boot, &wanted);
        }
        if (modules->count <= MODULES_LOGGED) {
            log_module(boot, &modules->items[modules->count - 1]);
        }
    }
    if (modules->count > MODULES_LOGGED) {
        log_rest(boot);
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
