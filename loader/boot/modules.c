/* Modules are kept apart from session->pages: there may be thousands. */
#include "boot/modules.h"

#include "boot/measure.h"
#include "platform/memory.h"

#include <string.h>

#define GZIP_FILE_MAX  UINT64_C(0x80000000) /* what inflate takes */
#define MODULES_LOGGED 8                    /* lines; the rest is summed up */

/* size bytes for the module, its last page zeroed to the end. */
static enum status take_data(struct session *session, struct modules *modules,
                             struct module *module, uint64_t size)
{
    struct pages_wish wish = pages_for(size, "it");
    TRY(pages_take(&session->pages, wish, &session->failure, &module->address));
    pages_disown(&session->pages, module->address);
    module->size = size;
    modules->count++;
    memset((uint8_t *)module->address + size, 0, wish.count * PAGE_SIZE - size);
    return STATUS_OK;
}

static void drop_last(const struct pages *pages, struct modules *modules)
{
    const struct module *module = &modules->items[--modules->count];
    pages_give_back(pages, module->address, page_count_of(module->size));
}

static enum status inflate_all(struct session *session, struct modules *modules,
                               struct module *module, struct inflate *stream)
{
    struct failure *failure = &session->failure;
    uint64_t size = inflate_length(stream);
    uint64_t got = 0;
    uint32_t crc32 = 0;
    if (size == 0) {
        return fail_with(failure, STATUS_IMAGE_EMPTY);
    }
    TRY(take_data(session, modules, module, size));
    TRY(inflate_some(stream, (void *)module->address, size, failure, &got));
    return inflate_end(stream, failure, &crc32);
}

static enum status inflate_file(struct session *session, struct modules *modules,
                                struct module *module, struct bytes input, void *work)
{
    struct failure *failure = &session->failure;
    struct inflate *stream = NULL;
    if (image_format_of(input, &arch_target).kind != IMAGE_GZIP) {
        return fail_with(failure, STATUS_MODULE_NOT_GZIP);
    }
    TRY(inflate_begin(work, INFLATE_GZIP, input, failure, &stream));
    enum status status = inflate_all(session, modules, module, stream);
    if (status == STATUS_IMAGE_LENGTH && inflate_measure(stream)) { /* of several members */
        drop_last(&session->pages, modules);
        status = inflate_all(session, modules, module, stream);
    }
    return status;
}

static enum status load_gzip(struct session *session, struct modules *modules,
                             struct module *module, bool or_as_it_is)
{
    struct file *file = &modules->file;
    uint64_t room = page_count_of(file->size) * PAGE_SIZE;
    uint64_t input = 0;
    TRY(pages_take(&session->pages, pages_for(room + INFLATE_WORK_SIZE, "the compressed file"),
                   &session->failure, &input));
    TRY(measure_read(file, &session->failure, input, "module"));
    struct bytes bytes = {(const uint8_t *)input, file->size};
    if (or_as_it_is && image_format_of(bytes, &arch_target).kind != IMAGE_GZIP) {
        TRY(take_data(session, modules, module, bytes.size));
        memcpy((void *)module->address, bytes.data, bytes.size);
    } else {
        TRY(inflate_file(session, modules, module, bytes, (void *)(input + room)));
    }
    pages_release(&session->pages, input);
    return STATUS_OK;
}

static enum status load_module(struct session *session, const struct entry *entry,
                               const struct config_module *wanted, struct modules *modules)
{
    struct failure *failure = &session->failure;
    struct module *module = &modules->items[modules->count];
    uint64_t size_max = wanted->gzip ? GZIP_FILE_MAX : session->cpu.address_limit;
    *module = (struct module){.path = wanted->path, .arguments = wanted->arguments};
    TRY(file_open(&session->volume, wanted->path, size_max, failure, &modules->file));
    modules->file.chunk = entry->read_chunk;
    if (wanted->gzip) {
        return load_gzip(session, modules, module, wanted->gzip_or);
    }
    TRY(take_data(session, modules, module, modules->file.size));
    return measure_read(&modules->file, failure, module->address, "module");
}

/* Reports a failure with the module's file at the line of loader.cfg that asks for it. */
static enum status point_at_line(struct failure *failure, struct text config_path,
                                 const struct config_module *wanted)
{
    struct text before = {wanted->source.bytes,
                          (size_t)(wanted->path.bytes - wanted->source.bytes)};
    failure->subject = wanted->path;
    failure->path = config_path;
    failure->line = wanted->line;
    failure->source = wanted->source;
    failure->column = 1 + (uint32_t)text_characters(before);
    failure->width = (uint32_t)text_characters(wanted->path);
    return failure->status;
}

/* Logs the first modules one by one, then how many more there are. */
static void log_module(struct log *log, const struct modules *modules, uint32_t total)
{
    const struct module *module = &modules->items[modules->count - 1];
    if (modules->count > MODULES_LOGGED + 1) {
        return;
    }
    struct writer *line = log_begin(log, "modules");
    if (modules->count > MODULES_LOGGED) {
        write_string(line, "... and ");
        write_decimal(line, total - MODULES_LOGGED);
        write_string(line, " more");
    } else {
        log_path(line, module->path);
        write_string(line, ", ");
        write_size(line, module->size);
        write_string(line, " at ");
        write_hex(line, module->address);
    }
    log_end(log, LOG_NORMAL);
}

enum status modules_load(struct session *session, const struct config *config,
                         const struct entry *entry, struct modules *modules)
{
    struct config_cursor cursor = {.line = 0};
    struct config_module wanted;
    uint64_t list = 0;
    TRY(pages_take(&session->pages,
                   pages_for(entry->module_count * sizeof(struct module), "the list of modules"),
                   &session->failure, &list));
    modules->items = (struct module *)list;
    while (config_next_module(config, entry, &cursor, &wanted)) {
        /* file_read re-arms the watchdog every 64 reads. Many small modules never get there. */
        volume_keep_alive(&session->volume);
        if (load_module(session, entry, &wanted, modules) != STATUS_OK) {
            return point_at_line(&session->failure, config->path, &wanted);
        }
        log_module(&session->log, modules, entry->module_count);
    }
    return STATUS_OK;
}

void modules_release(const struct pages *pages, struct modules *modules)
{
    file_close(&modules->file);
    while (modules->count > 0) {
        drop_last(pages, modules);
    }
}
