/* baton mock: a machine's memory as C, for bootinfo_mock.h: what a kernel does with BootInfo is
 * tested on the host. The regions are those that the loader would hand over. */
#include "command.h"
#include "data.h"
#include "kernel_view.h"
#include "maps_list.h"
#include "project.h"
#include "report.h"
#include "vm/files.h"

#include "core/base/span.h"
#include "core/memory/room.h"
#include "maps/maps.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_MAP = 0x100, OPTION_NAME };

#define DEFAULT_MAP "ovmf-q35-2g"

/* What stands in for a kernel that is not given, and for what the loader takes for itself. */
#define KERNEL_ADDRESS UINT64_C(0x100000)
#define KERNEL_PAGES   16
#define STACK_PAGES    16
#define LOADER_PAGES   64
#define INFO_PAGES     4

static const struct command_option options[] = {
    {OPTION_MAP, "map", "FILE",
     "a firmware's memory map, as the EFI shell's memmap prints it, or the name of one that comes "
     "with baton (default: " DEFAULT_MAP ")"},
    {OPTION_NAME, "name", "NAME", "of the array in C (default: machine)"},
    {0, NULL, NULL, NULL},
};

static int mock_main(const struct command *command, int argc, char **argv);

const struct command command_mock = {
    .name = "mock",
    .operands = "[KERNEL]",
    .summary = "write a machine's memory map as C, for tests on the host",
    .details =
        "Writes to standard output the memory map that the loader would hand to KERNEL on a "
        "machine whose firmware has that memory map: an array of regions and its count, for "
        "bootinfo_mock.h, which makes a valid BootInfo of them. So the kernel's memory allocator "
        "is tested, and fuzzed, on this machine. Without KERNEL there is one of 64 KiB at "
        "0x100000.\n",
    .options = options,
    .run = mock_main,
};

struct mock {
    const char *map;
    const char *array;
    const char *kernel; /* NULL: none was given */
};

static const char *type_name(uint32_t type)
{
    static const char *const names[] = {
        "RESERVED",
        "USABLE",
        "BOOT_SERVICES",
        "LOADER",
        "INFO",
        "KERNEL",
        "STACK",
        "MODULE",
        "ACPI_RECLAIMABLE",
        "ACPI_NVS",
        "EFI_RUNTIME_CODE",
        "EFI_RUNTIME_DATA",
        "MMIO",
        "MMIO_PORT",
        "UNUSABLE",
        "PERSISTENT",
        "UNACCEPTED",
        "SPECIAL_PURPOSE",
    };
    _Static_assert(sizeof(names) / sizeof(names[0]) == BOOTINFO_MEMORY_TYPE_COUNT, "a name each");
    return names[type];
}

/* Where the kernel would lie: pages of the file that was given, or of the stand-in. */
static bool view_kernel(const struct mock *mock, struct message *message, struct kernel_view *view)
{
    static char words[KERNEL_VIEW_WORDS_MAX];
    *view =
        (struct kernel_view){.physical = KERNEL_ADDRESS, .memory_size = KERNEL_PAGES * PAGE_SIZE};
    if (mock->kernel == NULL) {
        return true;
    }
    struct bytes file = {0};
    struct entry entry = kernel_view_entry(mock->kernel);
    bool good = file_read(mock->kernel, message, &file);
    if (good && !kernel_view_make(&entry, bytes_text(&file), file.size, words, view)) {
        good = message_add(message, "%s", words);
    }
    bytes_free(&file);
    return good;
}

static void place(struct map_case *map, uint64_t base, uint64_t pages, uint32_t type)
{
    map->placed[map->placed_count++] = (struct placed){base, pages, type};
}

/* The lowest free pages from 16 MiB up, given to the loader's purposes one after the other. */
static bool place_lowest(struct map_case *map, uint64_t pages, uint32_t type)
{
    struct map_result now = map_case_convert(map);
    uint64_t base = room_lowest((struct memory_view){now.regions, now.count}, pages * PAGE_SIZE,
                                UINT64_C(16) << 20);
    free(now.regions);
    if (base != 0) {
        place(map, base, pages, type);
    }
    return base != 0;
}

static bool place_all(struct map_case *map, const struct kernel_view *view, bool moved)
{
    uint64_t pages = page_count_of(view->memory_size);
    if (!moved) {
        place(map, view->physical, pages, BOOTINFO_MEMORY_KERNEL);
    }
    return (!moved || place_lowest(map, pages, BOOTINFO_MEMORY_KERNEL)) &&
           place_lowest(map, LOADER_PAGES, BOOTINFO_MEMORY_LOADER) &&
           place_lowest(map, INFO_PAGES, BOOTINFO_MEMORY_INFO) &&
           place_lowest(map, view->stack_size == 0 ? STACK_PAGES : page_count_of(view->stack_size),
                        BOOTINFO_MEMORY_STACK);
}

static void show(const struct mock *mock, const char *map_name, const struct map_result *result)
{
    printf("/* Written by 'baton mock': the memory of %s, with %s. */\n", map_name,
           mock->kernel == NULL ? "a kernel of 64 KiB at 0x100000" : base_name(mock->kernel));
    printf("#include \"bootinfo_mock.h\"\n\nstatic const struct BootInfoRegion %s[] = {\n",
           mock->array);
    for (uint64_t i = 0; i < result->count; i++) {
        const struct BootInfoRegion *region = &result->regions[i];
        printf("    {0x%" PRIx64 ", 0x%" PRIx64 ", BOOTINFO_MEMORY_%s, 0, 0x%" PRIx64 "},\n",
               region->base, region->size, type_name(region->type), region->efi_attributes);
    }
    printf("};\nenum { %s_count = sizeof(%s) / sizeof(%s[0]) };\n", mock->array, mock->array,
           mock->array);
}

static int write_mock(const struct mock *mock, const char *path, struct map_case *map,
                      struct message *message)
{
    static char words[KERNEL_VIEW_WORDS_MAX];
    static struct kernel_view view;
    AUTO_STRING map_name = maps_list_name(path);
    int line;
    if (!map_case_read(path, map, &line)) {
        message_add(message, "%s:%d: error: this is no line of a memory map", path, line);
        return EXIT_BAD;
    }
    map->placed_count = 0; /* the loader that was there then */
    if (mock->kernel != NULL && !file_exists(mock->kernel)) {
        message_add(message, "%s: No such file", mock->kernel);
        return EXIT_CANNOT;
    }
    if (!view_kernel(mock, message, &view)) {
        return EXIT_BAD;
    }
    AUTO_STRING who =
        string_format("%s on %s", mock->kernel == NULL ? "a kernel" : mock->kernel, map_name);
    enum kernel_view_room room = kernel_view_room(&view, path, who, words);
    if (room == KERNEL_VIEW_REFUSED) {
        message_add(message, "%s", words);
        return EXIT_BAD;
    }
    if (!place_all(map, &view, room == KERNEL_VIEW_MOVED)) {
        message_add(message, "baton mock: %s has no free memory for the loader's own pages",
                    map_name);
        return EXIT_BAD;
    }
    struct map_result result = map_case_convert(map);
    show(mock, map_name, &result);
    free(result.regions);
    return EXIT_GOOD;
}

static int make(const struct mock *mock)
{
    struct message message = {0};
    AUTO_STRING own = string_format("maps/%s.map", mock->map);
    AUTO_STRING path = file_exists(mock->map) ? string_copy(mock->map) : data_find(own, &message);
    struct map_case *map = calloc(1, sizeof(*map));
    if (map == NULL) {
        abort();
    }
    int status = path == NULL ? EXIT_CANNOT : write_mock(mock, path, map, &message);
    report_message(&message);
    message_free(&message);
    free(map);
    return status;
}

static bool is_name(const char *name)
{
    bool good = isalpha((unsigned char)name[0]) || name[0] == '_';
    for (const char *c = name; *c != '\0'; c++) {
        good = good && (isalnum((unsigned char)*c) || *c == '_');
    }
    return good;
}

static int mock_main(const struct command *command, int argc, char **argv)
{
    struct command_line line = command_line(command, argc, argv);
    struct mock mock = {.map = DEFAULT_MAP, .array = "machine"};
    int id;
    while ((id = command_next(&line)) >= 0 || id == COMMAND_OPERAND) {
        if (id == COMMAND_OPERAND && mock.kernel != NULL) {
            return command_misused(command, "one kernel at a time");
        }
        if (id == OPTION_NAME && !is_name(line.value)) {
            return command_misused(command, "'%s' is no name in C", line.value);
        }
        *(id == OPTION_MAP    ? &mock.map
          : id == OPTION_NAME ? &mock.array
                              : &mock.kernel) = line.value;
    }
    if (id == COMMAND_HELP) {
        return EXIT_GOOD;
    }
    return id == COMMAND_END ? make(&mock) : EXIT_CANNOT;
}
