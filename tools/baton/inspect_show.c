#include "inspect.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

char *inspect_entry(struct inspected *kernel)
{
    uint64_t distance = 0;
    uint64_t entry = kernel->view.entry;
    char *name =
        kernel->symbols.elf == NULL ? NULL : symbols_name(&kernel->symbols, entry, &distance);
    char *words = string_format("0x%" PRIx64 "%s%s", entry, name == NULL ? "" : " = ",
                                name == NULL ? "" : name);
    string_free(&name);
    return words;
}

/* As write_size has it. */
static char *size_words(uint64_t size)
{
    char text[64];
    struct writer writer = writer_on(text, sizeof(text));
    write_size(&writer, size);
    return string_copy(text);
}

static const char *format_words(const struct kernel_view *view)
{
    return view->format == KERNEL_VIEW_RAW ? "a raw image"
           : view->position_independent    ? "a position-independent ELF64 file"
                                           : "an ELF64 file";
}

static uint64_t bss_of(const struct kernel_view *view)
{
    uint64_t size = 0;
    for (uint32_t i = 0; i < view->segment_count; i++) {
        size += view->segments[i].memory_size - view->segments[i].file_size;
    }
    return view->format == KERNEL_VIEW_ELF ? size : view->memory_size - view->image_size;
}

static void show_segments(const struct kernel_view *view)
{
    for (uint32_t i = 0; i < view->segment_count; i++) {
        const struct kernel_view_segment *segment = &view->segments[i];
        AUTO_STRING size = size_words(segment->memory_size);
        printf("  %-10s 0x%" PRIx64 "-0x%" PRIx64 " r%c%c, %s\n", i == 0 ? "segments" : "",
               segment->address, segment->address + segment->memory_size - 1,
               segment->write ? 'w' : '-', segment->execute ? 'x' : '-', size);
    }
}

static void show_header(const struct kernel_view *view)
{
    const struct BootInfoKernelHeader *header = &view->header;
    if (!view->has_header) {
        puts("  header     none");
        return;
    }
    printf("  header     for BootInfo %u.%u, %u bytes\n", header->abi_major, header->abi_minor,
           header->size);
}

static void show_maps(const struct kernel_view *view, const struct maps_list *maps)
{
    static char words[KERNEL_VIEW_WORDS_MAX];
    for (size_t i = 0; i < maps->count; i++) {
        AUTO_STRING name = maps_list_name(maps->paths[i]);
        words[0] = '\0';
        enum kernel_view_room room = kernel_view_room(view, maps->paths[i], name, words);
        printf("  %-10s %s: %s\n%s", i == 0 ? "firmware" : "", name, kernel_view_room_name(room),
               words);
    }
}

void inspect_show(struct inspected *kernel, const struct maps_list *maps)
{
    const struct kernel_view *view = &kernel->view;
    AUTO_STRING file = size_words(kernel->file.size);
    AUTO_STRING memory = size_words(view->memory_size);
    AUTO_STRING bss = size_words(bss_of(view));
    AUTO_STRING stack = size_words(view->stack_size);
    AUTO_STRING entry = inspect_entry(kernel);
    printf("%s: %s, %s%s%s\n", kernel->name, format_words(view), file,
           view->compression == NULL ? "" : ", compressed with ",
           view->compression == NULL ? "" : view->compression);
    printf("  memory     0x%" PRIx64 "-0x%" PRIx64 ", %s; %s of it .bss\n", view->physical,
           view->physical + view->memory_size - 1, memory, bss);
    if (view->address != view->physical) {
        printf("  runs at    0x%" PRIx64 "\n", view->address);
    }
    show_segments(view);
    printf("  entry      %s\n", entry);
    show_header(view);
    printf("  stack      %s\n", stack);
    if (view->direct_map != 0) {
        printf("  direct map 0x%" PRIx64 "\n", view->direct_map);
    }
    show_maps(view, maps);
}

/* JSON has no 64-bit numbers: addresses are text. */
static void add_hex(cJSON *object, const char *name, uint64_t value)
{
    AUTO_STRING text = string_format("0x%" PRIx64, value);
    cJSON_AddStringToObject(object, name, text);
}

static void add_segments(cJSON *object, const struct kernel_view *view)
{
    cJSON *array = cJSON_AddArrayToObject(object, "segments");
    for (uint32_t i = 0; i < view->segment_count; i++) {
        const struct kernel_view_segment *segment = &view->segments[i];
        cJSON *item = cJSON_CreateObject();
        add_hex(item, "address", segment->address);
        cJSON_AddNumberToObject(item, "file_size", (double)segment->file_size);
        cJSON_AddNumberToObject(item, "memory_size", (double)segment->memory_size);
        cJSON_AddBoolToObject(item, "write", segment->write);
        cJSON_AddBoolToObject(item, "execute", segment->execute);
        cJSON_AddItemToArray(array, item);
    }
}

static void add_maps(cJSON *object, const struct kernel_view *view, const struct maps_list *maps)
{
    static char words[KERNEL_VIEW_WORDS_MAX];
    cJSON *array = cJSON_AddArrayToObject(object, "firmware");
    for (size_t i = 0; i < maps->count; i++) {
        AUTO_STRING name = maps_list_name(maps->paths[i]);
        cJSON *item = cJSON_CreateObject();
        words[0] = '\0';
        enum kernel_view_room room = kernel_view_room(view, maps->paths[i], name, words);
        cJSON_AddStringToObject(item, "map", name);
        cJSON_AddStringToObject(item, "room", kernel_view_room_name(room));
        if (words[0] != '\0') {
            cJSON_AddStringToObject(item, "message", words);
        }
        cJSON_AddItemToArray(array, item);
    }
}

cJSON *inspect_json(struct inspected *kernel, const struct maps_list *maps)
{
    const struct kernel_view *view = &kernel->view;
    uint64_t distance;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "file", kernel->name);
    cJSON_AddStringToObject(object, "format", view->format == KERNEL_VIEW_ELF ? "elf64" : "raw");
    cJSON_AddStringToObject(object, "compression",
                            view->compression == NULL ? "none" : view->compression);
    cJSON_AddBoolToObject(object, "position_independent", view->position_independent);
    cJSON_AddNumberToObject(object, "file_size", (double)kernel->file.size);
    add_hex(object, "physical", view->physical);
    add_hex(object, "address", view->address);
    cJSON_AddNumberToObject(object, "memory_size", (double)view->memory_size);
    cJSON_AddNumberToObject(object, "bss_size", (double)bss_of(view));
    add_hex(object, "entry", view->entry);
    char *name =
        kernel->symbols.elf == NULL ? NULL : symbols_name(&kernel->symbols, view->entry, &distance);
    if (name != NULL) {
        cJSON_AddStringToObject(object, "entry_name", name);
        string_free(&name);
    }
    cJSON_AddBoolToObject(object, "kernel_header", view->has_header);
    if (view->has_header) {
        AUTO_STRING abi = string_format("%u.%u", view->header.abi_major, view->header.abi_minor);
        cJSON_AddStringToObject(object, "abi", abi);
    }
    cJSON_AddNumberToObject(object, "stack_size", (double)view->stack_size);
    add_segments(object, view);
    add_maps(object, view, maps);
    return object;
}
