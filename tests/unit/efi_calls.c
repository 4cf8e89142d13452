/* The files of loader/efi that hardly do more than call the firmware, on a host: with what they
 * call it, and what they make of its answers. */
#include "boot/boot.h"
#include "core/config/load_options.h"
#include "efi/firmware.h"
#include "suite.h"

#include <setjmp.h>
#include <string.h>

/* main.c */
extern EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

static enum status boot_result;
static bool readable;

enum status boot(struct boot *boot)
{
    (void)boot;
    return boot_result;
}

bool arch_is_readable(uint64_t address, uint64_t size)
{
    (void)address;
    ck_assert_uint_le(size, LOAD_OPTIONS_MAX);
    return readable;
}

static jmp_buf halted;

void arch_halt(void)
{
    longjmp(halted, 1);
}

static char serial[8192];

void serial_write(struct text text)
{
    strncat(serial, text.bytes, text.size);
}

void serial_note(struct text text)
{
    strncat(serial, "note:", 6);
    strncat(serial, text.bytes, text.size);
}

static EFI_STATUS answer; /* of every call */
static uint64_t stalled_us, keys_asked, resets;
static bool key_is_there;
static uint16_t printed[8192];
static size_t printed_count, prints;
static struct {
    UINTN type, memory, pages, key;
    uint64_t address;
    UINTN seconds, code;
    EFI_HANDLE image;
} called;

static EFI_STATUS EFIAPI allocate(EFI_ALLOCATE_TYPE type, EFI_MEMORY_TYPE memory, UINTN pages,
                                  EFI_PHYSICAL_ADDRESS *address)
{
    called.type = type;
    called.memory = memory;
    called.pages = pages;
    called.address = *address;
    *address = type == AllocateAnyPages ? 0x5000 : *address;
    return answer;
}

static EFI_STATUS EFIAPI release(EFI_PHYSICAL_ADDRESS address, UINTN pages)
{
    called.address = address;
    called.pages = pages;
    return answer;
}

static EFI_STATUS EFIAPI get_map(UINTN *size, EFI_MEMORY_DESCRIPTOR *map, UINTN *key,
                                 UINTN *descriptor_size, UINT32 *version)
{
    called.address = (uint64_t)map;
    called.pages = *size;
    *size = 4800;
    *key = 77;
    *descriptor_size = 48;
    *version = 1;
    return answer;
}

static EFI_STATUS EFIAPI watchdog(UINTN seconds, UINT64 code, UINTN size, CHAR16 *data)
{
    ck_assert(size == 0 && data == NULL);
    called.seconds = seconds;
    called.code = code;
    return answer;
}

static EFI_STATUS EFIAPI exit_services(EFI_HANDLE image, UINTN key)
{
    called.image = image;
    called.key = key;
    return answer;
}

static EFI_STATUS EFIAPI stall(UINTN microseconds)
{
    stalled_us += microseconds;
    return EFI_SUCCESS;
}

static void *protocol;

static EFI_STATUS EFIAPI locate_protocol(EFI_GUID *guid, VOID *registration, VOID **interface)
{
    (void)guid;
    (void)registration;
    *interface = protocol;
    return protocol != NULL ? EFI_SUCCESS : EFI_NOT_FOUND;
}

static EFI_LOADED_IMAGE loaded;

static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, VOID **interface)
{
    (void)handle;
    (void)guid;
    *interface = &loaded;
    return answer;
}

static EFI_STATUS EFIAPI read_key(SIMPLE_INPUT_INTERFACE *keyboard, EFI_INPUT_KEY *key)
{
    (void)keyboard;
    keys_asked++;
    *key = (EFI_INPUT_KEY){0, 'x'};
    return key_is_there ? EFI_SUCCESS : EFI_NOT_READY;
}

static EFI_STATUS EFIAPI output_string(SIMPLE_TEXT_OUTPUT_INTERFACE *console, CHAR16 *text)
{
    (void)console;
    prints++;
    while (*text != 0) {
        printed[printed_count++] = *text++;
    }
    return EFI_DEVICE_ERROR; /* it does not matter */
}

static uint16_t variable_name[128];
static EFI_GUID variable_guid;
static UINT32 variable_attributes;
static UINTN variable_size;

static void note_variable(const CHAR16 *name, const EFI_GUID *guid)
{
    size_t i = 0;
    do {
        variable_name[i] = name[i];
    } while (name[i++] != 0);
    variable_guid = *guid;
}

static EFI_STATUS EFIAPI get_variable(CHAR16 *name, EFI_GUID *guid, UINT32 *attributes, UINTN *size,
                                      VOID *data)
{
    ck_assert_ptr_null(attributes);
    note_variable(name, guid);
    memset(data, 0x11, 2);
    *size = 2;
    return answer;
}

static EFI_STATUS EFIAPI set_variable(CHAR16 *name, EFI_GUID *guid, UINT32 attributes, UINTN size,
                                      VOID *data)
{
    (void)data;
    note_variable(name, guid);
    variable_attributes = attributes;
    variable_size = size;
    return answer;
}

static EFI_STATUS EFIAPI reset_system(EFI_RESET_TYPE type, EFI_STATUS status, UINTN size,
                                      CHAR16 *data)
{
    ck_assert_int_eq(type, EfiResetCold);
    ck_assert(EFI_ERROR(status) && size == 0 && data == NULL);
    resets++;
    return EFI_SUCCESS;
}

static EFI_BOOT_SERVICES services = {.AllocatePages = allocate,
                                     .FreePages = release,
                                     .GetMemoryMap = get_map,
                                     .SetWatchdogTimer = watchdog,
                                     .ExitBootServices = exit_services,
                                     .Stall = stall,
                                     .LocateProtocol = locate_protocol,
                                     .HandleProtocol = handle_protocol};
static EFI_RUNTIME_SERVICES runtime = {
    .GetVariable = get_variable, .SetVariable = set_variable, .ResetSystem = reset_system};
static SIMPLE_TEXT_OUTPUT_INTERFACE console = {.OutputString = output_string};
static SIMPLE_INPUT_INTERFACE keyboard = {.ReadKeyStroke = read_key};
static EFI_SYSTEM_TABLE table = {.BootServices = &services, .RuntimeServices = &runtime};

static void setup(void)
{
    answer = EFI_SUCCESS;
    stalled_us = keys_asked = resets = 0;
    printed_count = prints = 0;
    key_is_there = false;
    readable = true;
    serial[0] = '\0';
    memset(&called, 0, sizeof(called));
    table.ConOut = &console;
    table.ConIn = &keyboard;
    firmware_table = &table;
    firmware_image = &loaded;
    firmware_loaded_image = &loaded;
    protocol = NULL;
}

START_TEST(pages_are_of_the_type_that_was_asked_for)
{
    uint64_t address = 1;
    ck_assert_int_eq(plat_pages_allocate(PLAT_DATA, 3, 0, &address), FIRMWARE_OK);
    ck_assert_uint_eq(address, 0x5000);
    ck_assert(called.type == AllocateAnyPages && called.memory == EfiLoaderData);
    ck_assert_uint_eq(called.pages, 3);
    ck_assert_int_eq(plat_pages_allocate(PLAT_CODE, 3, UINT32_MAX, &address), FIRMWARE_OK);
    ck_assert(called.type == AllocateMaxAddress && called.address == UINT32_MAX);
    ck_assert_int_eq(plat_pages_allocate_at(PLAT_CODE, 4, 0x100000), FIRMWARE_OK);
    ck_assert(called.type == AllocateAddress && called.memory == EfiLoaderCode);
    ck_assert(called.pages == 4 && called.address == 0x100000);
    plat_pages_free(0x7000, 9);
    ck_assert(called.pages == 9 && called.address == 0x7000);
    answer = EFI_OUT_OF_RESOURCES;
    address = 1;
    ck_assert_int_eq(plat_pages_allocate(PLAT_DATA, 3, 0, &address), FIRMWARE_OUT_OF_RESOURCES);
    ck_assert_uint_eq(address, 1);
    ck_assert_int_eq(plat_pages_allocate_at(PLAT_DATA, 3, 0), FIRMWARE_OUT_OF_RESOURCES);
}
END_TEST

START_TEST(the_map_comes_with_all_that_belongs_to_it)
{
    char buffer[16];
    struct plat_map map = {.buffer = buffer, .capacity = 5000};
    ck_assert_int_eq(plat_memory_map(&map), FIRMWARE_OK);
    ck_assert(called.address == (uint64_t)buffer && called.pages == 5000);
    ck_assert(map.size == 4800 && map.key == 77 && map.descriptor_size == 48);
    ck_assert(map.descriptor_version == 1 && map.capacity == 5000 && map.buffer == buffer);
    answer = EFI_BUFFER_TOO_SMALL;
    ck_assert_int_eq(plat_memory_map(&map), FIRMWARE_BUFFER_TOO_SMALL);
}
END_TEST

START_TEST(the_exit_and_the_watchdog_are_called_as_the_specification_says)
{
    plat_watchdog(300);
    ck_assert_uint_eq(called.seconds, 300);
    ck_assert_uint_ge(called.code, 0x10000); /* those below are the firmware's */
    ck_assert_int_eq(plat_exit(77), FIRMWARE_OK);
    ck_assert(called.key == 77 && called.image == &loaded);
    answer = EFI_INVALID_PARAMETER;
    ck_assert_int_eq(plat_exit(77), FIRMWARE_INVALID_PARAMETER);
}
END_TEST

/* The same GUID as in abi/boot_success.h: the kernel finds them. */
START_TEST(variables_are_the_loaders_and_outlive_a_reset_where_asked_for)
{
    static const EFI_GUID vendor = {
        0x91686e00, 0x93d2, 0x469c, {0x8b, 0xd0, 0xf9, 0x4b, 0x07, 0xf7, 0x46, 0x80}};
    static const uint16_t name[] = {'a', 'b', 0};
    uint8_t data[8] = {0};
    uint64_t size = sizeof(data);
    ck_assert_int_eq(plat_variable_get("ab", data, &size), FIRMWARE_OK);
    ck_assert(size == 2 && data[1] == 0x11 && data[2] == 0);
    ck_assert_mem_eq(variable_name, name, sizeof(name));
    ck_assert_mem_eq(&variable_guid, &vendor, sizeof(vendor));
    ck_assert_int_eq(plat_variable_set("ab", data, 8, true), FIRMWARE_OK);
    ck_assert_uint_eq(variable_attributes, 7); /* non-volatile, boot and runtime services */
    ck_assert_uint_eq(variable_size, 8);
    ck_assert_mem_eq(&variable_guid, &vendor, sizeof(vendor));
    answer = EFI_WRITE_PROTECTED;
    ck_assert_int_eq(plat_variable_set("ab", NULL, 0, false), FIRMWARE_WRITE_PROTECTED);
    ck_assert_uint_eq(variable_attributes, 6);
}
END_TEST

/* In pieces that hold whole characters. */
START_TEST(text_of_any_length_is_shown_with_the_consoles_line_ends)
{
    char text[1001];
    size_t at = 0;
    text[at++] = '\n';
    while (at + 2 <= 1000) {
        memcpy(text + at, "\xC3\xA4", 2);
        at += 2;
    }
    plat_say((struct text){text, at});
    ck_assert_uint_eq(printed_count, 2 + (at - 1) / 2);
    ck_assert(printed[0] == '\r' && printed[1] == '\n');
    for (size_t i = 2; i < printed_count; i++) {
        ck_assert_uint_eq(printed[i], 0xE4);
    }
    ck_assert_uint_ge(prints, 4);
    ck_assert_uint_eq(strlen(serial), at);
    table.ConOut = NULL;
    plat_say(TEXT("x"));
    plat_note(TEXT("y"));
    ck_assert_str_eq(serial + at, "xnote:y");
    ck_assert_uint_eq(printed_count, 2 + (at - 1) / 2);
}
END_TEST

START_TEST(a_pause_ends_with_a_key_or_after_10_seconds)
{
    plat_pause();
    ck_assert_uint_eq(stalled_us, 10000000);
    ck_assert_ptr_nonnull(strstr(serial, "Press a key"));
    key_is_there = true;
    keys_asked = 0;
    plat_pause();
    ck_assert(stalled_us == 10000000 && keys_asked == 1);
    table.ConIn = NULL;
    plat_pause();
    ck_assert_uint_eq(stalled_us, 20000000);
}
END_TEST

START_TEST(a_restart_waits_and_resets)
{
    if (setjmp(halted) == 0) {
        plat_restart();
    }
    ck_assert_uint_eq(stalled_us, 10000000);
    ck_assert_uint_eq(resets, 1);
}
END_TEST

/* i: as they are, none, not readable, more than are looked at. */
START_TEST(load_options_are_looked_at_where_they_can_be)
{
    static char options[3 * LOAD_OPTIONS_MAX];
    memset(options, ' ', sizeof(options));
    memcpy(options, "entry=b", 7);
    loaded.LoadOptions = _i == 1 ? NULL : options;
    loaded.LoadOptionsSize = _i == 3 ? sizeof(options) : 7;
    readable = _i != 2;
    struct text text = plat_options();
    ck_assert_uint_eq(text.size, _i == 0 ? 7 : _i == 3 ? LOAD_OPTIONS_READ : 0);
    ck_assert(text.size == 0 || memcmp(text.bytes, "entry=b", 7) == 0);
}
END_TEST

START_TEST(the_firmware_learns_how_it_ended)
{
    static const struct {
        enum status status;
        EFI_STATUS result;
    } ends[] = {{STATUS_OK, EFI_ABORTED},
                {STATUS_CONFIG_NOT_FOUND, EFI_NOT_FOUND},
                {STATUS_FILE_NOT_FOUND, EFI_NOT_FOUND},
                {STATUS_IMAGE_CORRUPT, EFI_LOAD_ERROR}};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        boot_result = ends[i].status;
        ck_assert_uint_eq(efi_main(&table, &table), ends[i].result);
        ck_assert(firmware_image == &table && firmware_table == &table);
        ck_assert_ptr_eq(firmware_loaded_image, &loaded);
    }
    answer = EFI_UNSUPPORTED; /* no device then, which the boot reports */
    (void)efi_main(&table, &table);
    ck_assert_ptr_ne(firmware_loaded_image, &loaded);
    ck_assert_ptr_null(firmware_loaded_image->DeviceHandle);
}
END_TEST

static size_t random_odd; /* the byte that is another */

static EFI_STATUS EFIAPI get_random(EFI_RNG_PROTOCOL *rng, EFI_RNG_ALGORITHM *algorithm, UINTN size,
                                    UINT8 *bytes)
{
    (void)rng;
    ck_assert_ptr_null(algorithm);
    memset(bytes, 0x3C, size);
    bytes[random_odd] ^= 1;
    return answer;
}

START_TEST(random_numbers_are_mixed_into_those_that_are_there)
{
    EFI_RNG_PROTOCOL rng = {.GetRNG = get_random};
    struct seed seed = {.words = {0, 1, 2, UINT64_MAX}};
    struct seed before = seed;
    plat_random(&seed); /* there is no such protocol */
    protocol = &rng;
    answer = EFI_DEVICE_ERROR;
    plat_random(&seed);
    ck_assert_mem_eq(&seed, &before, sizeof(seed));
    answer = EFI_SUCCESS;
    random_odd = 0;
    plat_random(&seed);
    ck_assert_uint_eq(seed.sources, BOOTINFO_RANDOM_EFI);
    ck_assert_uint_eq(seed.words[0], before.words[0] ^ UINT64_C(0x3C3C3C3C3C3C3C3D));
    for (int i = 1; i < 4; i++) {
        ck_assert_uint_eq(seed.words[i], before.words[i] ^ UINT64_C(0x3C3C3C3C3C3C3C3C));
    }
}
END_TEST

START_TEST(random_numbers_that_repeat_are_not_believed)
{
    struct seed seed = {.words = {0, 1, 2, UINT64_MAX}};
    const struct seed before = seed;
    for (size_t odd = 0; odd < 4; odd++) {
        uint64_t words[4] = {7, 7, 7, 7};
        struct seed mixed = seed;
        ck_assert(!seed_mix(&mixed, words, BOOTINFO_RANDOM_RDRAND));
        ck_assert_mem_eq(&mixed, &before, sizeof(mixed));
        for (int i = 0; i < 4; i++) {
            ck_assert_uint_eq(words[i], 0);
            words[i] = 7;
        }
        words[odd] = 8;
        ck_assert(seed_mix(&mixed, words, BOOTINFO_RANDOM_RDRAND));
        ck_assert_uint_eq(mixed.sources, BOOTINFO_RANDOM_RDRAND);
        ck_assert_uint_eq(mixed.words[odd], before.words[odd] ^ 8);
    }
}
END_TEST

/* The HII database: three lists, of which the first is too large and the second refused. */
static char list_handles[3];
static void *const lists[] = {&list_handles[0], &list_handles[1], &list_handles[2]};
static UINTN list_count;
static int exports;

static EFI_STATUS EFIAPI list_packages(void *database, UINT8 type, const EFI_GUID *guid,
                                       UINTN *size, void **handles)
{
    (void)guid;
    ck_assert_ptr_eq(database, protocol);
    ck_assert_uint_eq(type, 7);
    ck_assert_uint_ge(*size, sizeof(lists));
    memcpy(handles, lists, sizeof(lists));
    *size = list_count * sizeof(lists[0]);
    return list_count == 0 ? EFI_NOT_FOUND : EFI_SUCCESS;
}

/* A package list with one package of simple fonts, and the glyph of 'A' in it. */
static EFI_STATUS EFIAPI export_list(void *database, void *handle, UINTN *size, void *buffer)
{
    static uint8_t list[20 + 4 + 4 + 22 + 4];
    (void)database;
    UINTN room = *size;
    exports++;
    memset(list, 0, sizeof(list));
    list[16] = sizeof(list);
    list[20] = 30; /* the package: 24 bits of length, its type */
    list[23] = 7;
    list[24] = 1; /* one narrow glyph: character, attributes, 19 rows */
    list[28] = 'A';
    memset(list + 31, 0x3C, 19);
    list[50] = 4; /* the end */
    list[53] = 0xDF;
    *size = handle == lists[0] ? room + 1 : sizeof(list);
    if (handle != lists[0]) {
        memcpy(buffer, list, sizeof(list));
    }
    return handle == lists[1] ? EFI_DEVICE_ERROR : EFI_SUCCESS;
}

static struct {
    void *unused[3];
    EFI_STATUS(EFIAPI *list)(void *, UINT8, const EFI_GUID *, UINTN *, void **);
    EFI_STATUS(EFIAPI *export)(void *, void *, UINTN *, void *);
} database = {.list = list_packages, .export = export_list};

START_TEST(glyphs_come_from_the_lists_that_can_be_had)
{
    static uint8_t scratch[4096];
    struct font font = {.known = 0};
    plat_font(scratch, sizeof(scratch), &font); /* no database */
    protocol = &database;
    list_count = 0;
    plat_font(scratch, sizeof(scratch), &font); /* no list */
    ck_assert_uint_eq(font.known, 0);
    ck_assert_int_eq(exports, 0);
    list_count = 2;
    plat_font(scratch, sizeof(scratch), &font);
    ck_assert_uint_eq(font.known, 0);
    ck_assert_int_eq(exports, 2);
    list_count = 3;
    plat_font(scratch, sizeof(scratch), &font);
    ck_assert_uint_eq(font.known, 1);
    ck_assert_int_eq(exports, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("efi_calls");
    TCase *tests = tcase_create("calls");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, pages_are_of_the_type_that_was_asked_for);
    tcase_add_test(tests, the_map_comes_with_all_that_belongs_to_it);
    tcase_add_test(tests, the_exit_and_the_watchdog_are_called_as_the_specification_says);
    tcase_add_test(tests, variables_are_the_loaders_and_outlive_a_reset_where_asked_for);
    tcase_add_test(tests, text_of_any_length_is_shown_with_the_consoles_line_ends);
    tcase_add_test(tests, a_pause_ends_with_a_key_or_after_10_seconds);
    tcase_add_test(tests, a_restart_waits_and_resets);
    tcase_add_loop_test(tests, load_options_are_looked_at_where_they_can_be, 0, 4);
    tcase_add_test(tests, the_firmware_learns_how_it_ended);
    tcase_add_test(tests, random_numbers_are_mixed_into_those_that_are_there);
    tcase_add_test(tests, random_numbers_that_repeat_are_not_believed);
    tcase_add_test(tests, glyphs_come_from_the_lists_that_can_be_had);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-efi_calls");
}
