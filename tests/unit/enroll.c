/* ENROLL.EFI on a host: what it sets and in which order, and that PK, after which the firmware
 * enforces Secure Boot, is never set unless all before went well. */
#include <efi.h>

#include "suite.h"

#include <stdbool.h>
#include <string.h>

extern EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

enum { DB, DBX, KEK, PK, NO_PK, FILES };

static const char *const files[FILES] = {"db", "dbx", "KEK", "PK", "noPK"};

/* Calls that are made once or once a key; each can fail. */
enum call { NO_CALL, IMAGE, VOLUME, OPEN_VOLUME, OPEN, READ, WAIT, SET, CALLS };

static struct {
    uint8_t setup_mode;  /* 2: cannot be read */
    bool there[FILES];   /* NAME.auth */
    size_t sizes[FILES]; /* bytes of it */
    enum call failing;   /* this call */
    unsigned failing_at; /* from 0 on */
    const char *keys;    /* what is typed */
    bool late;           /* Secure Boot is on from the next start on */
} world;

static struct {
    unsigned counts[CALLS];
    char order[128]; /* "db 67, ..." of each SetVariable */
    char said[8192];
    bool is_set[FILES];
} seen;

static EFI_STATUS answer_to(enum call call)
{
    bool fails = call == world.failing && seen.counts[call] == world.failing_at;
    seen.counts[call]++;
    return fails ? EFI_SECURITY_VIOLATION : EFI_SUCCESS;
}

static void narrow(const CHAR16 *text, char *out)
{
    size_t i = 0;
    do {
        out[i] = (char)text[i];
    } while (text[i++] != 0);
}

static int file_named(const char *name)
{
    for (int i = 0; i < FILES; i++) {
        if (strcmp(name, files[i]) == 0) {
            return i;
        }
    }
    return -1;
}

/* files */

static int opened;

static EFI_STATUS EFIAPI file_close(EFI_FILE_HANDLE file)
{
    (void)file;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI file_read(EFI_FILE_HANDLE file, UINTN *size, VOID *buffer)
{
    (void)file;
    ck_assert_uint_ge(*size, world.sizes[opened]);
    *size = world.sizes[opened];
    memset(buffer, 'a' + opened, *size);
    return answer_to(READ);
}

static EFI_FILE key_file = {.Read = file_read, .Close = file_close};

static EFI_STATUS EFIAPI file_open(EFI_FILE_HANDLE volume, EFI_FILE_HANDLE *file, CHAR16 *path,
                                   UINT64 mode, UINT64 attributes)
{
    char name[64];
    (void)volume;
    (void)attributes;
    ck_assert_uint_eq(mode, EFI_FILE_MODE_READ);
    narrow(path, name);
    ck_assert_int_eq(strncmp(name, "\\EFI\\baton\\", 11), 0);
    char *end = strstr(name, ".auth");
    ck_assert_ptr_nonnull(end);
    *end = '\0';
    opened = file_named(name + 11);
    ck_assert_int_ge(opened, 0);
    *file = &key_file;
    EFI_STATUS status = answer_to(OPEN);
    return EFI_ERROR(status) ? status : world.there[opened] ? EFI_SUCCESS : EFI_NOT_FOUND;
}

static EFI_FILE root = {.Open = file_open, .Close = file_close};

static EFI_STATUS EFIAPI open_volume(EFI_FILE_IO_INTERFACE *system, EFI_FILE_HANDLE *volume)
{
    (void)system;
    *volume = &root;
    return answer_to(OPEN_VOLUME);
}

static EFI_FILE_IO_INTERFACE file_system = {.OpenVolume = open_volume};

static struct {
    EFI_DEVICE_PATH header;
    CHAR16 path[22];
    EFI_DEVICE_PATH end;
} __attribute__((packed)) device_path = {
    {MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, {4 + 44, 0}},
    u"\\EFI\\baton\\ENROLL.EFI",
    {END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, {4, 0}},
};

static EFI_LOADED_IMAGE image = {.FilePath = (EFI_DEVICE_PATH *)&device_path};

/* 5B1B31A1-...: LOADED_IMAGE_PROTOCOL. */
static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, VOID **interface)
{
    (void)handle;
    bool is_image = guid->Data1 == 0x5B1B31A1;
    *interface = is_image ? (void *)&image : (void *)&file_system;
    return answer_to(is_image ? IMAGE : VOLUME);
}

/* variables */

static EFI_STATUS EFIAPI get_variable(CHAR16 *name, EFI_GUID *guid, UINT32 *attributes, UINTN *size,
                                      VOID *data)
{
    char text[64];
    (void)guid;
    ck_assert_ptr_null(attributes);
    narrow(name, text);
    if (strcmp(text, "SetupMode") == 0 && world.setup_mode < 2) {
        *(uint8_t *)data = seen.is_set[NO_PK] || (world.setup_mode == 1 && !seen.is_set[PK]);
        return EFI_SUCCESS;
    }
    if (strcmp(text, "SecureBoot") == 0) {
        *(uint8_t *)data = seen.is_set[PK] && !world.late;
        return EFI_SUCCESS;
    }
    *size = 40;
    return file_named(text) >= 0 ? EFI_BUFFER_TOO_SMALL : EFI_DEVICE_ERROR;
}

static EFI_STATUS EFIAPI set_variable(CHAR16 *name, EFI_GUID *guid, UINT32 attributes, UINTN size,
                                      VOID *data)
{
    char text[64];
    narrow(name, text);
    int key = *(const uint8_t *)data - 'a'; /* as file_read fills it */
    ck_assert_int_lt(key, FILES);
    ck_assert_str_eq(text, key == NO_PK ? "PK" : files[key]);
    /* db and dbx have a vendor of their own. */
    ck_assert_uint_eq(guid->Data1, key <= DBX ? 0xd719b2cb : 0x8BE4DF61);
    ck_assert_uint_eq(size, world.sizes[key]);
    size_t used = strlen(seen.order);
    snprintf(seen.order + used, sizeof(seen.order) - used, "%s %x, ", text, attributes);
    EFI_STATUS status = answer_to(SET);
    seen.is_set[key] = !EFI_ERROR(status);
    return status;
}

/* console */

static EFI_STATUS EFIAPI output_string(SIMPLE_TEXT_OUTPUT_INTERFACE *console, CHAR16 *text)
{
    (void)console;
    narrow(text, seen.said + strlen(seen.said));
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI wait_for_event(UINTN count, EFI_EVENT *events, UINTN *index)
{
    (void)events;
    ck_assert_uint_eq(count, 1);
    *index = 0;
    return answer_to(WAIT);
}

static EFI_STATUS EFIAPI read_key(SIMPLE_INPUT_INTERFACE *keyboard, EFI_INPUT_KEY *key)
{
    (void)keyboard;
    *key = (EFI_INPUT_KEY){0, (CHAR16)*world.keys};
    world.keys += *world.keys != '\0';
    return EFI_SUCCESS;
}

static SIMPLE_TEXT_OUTPUT_INTERFACE console = {.OutputString = output_string};
static SIMPLE_INPUT_INTERFACE keyboard = {.ReadKeyStroke = read_key};
static EFI_BOOT_SERVICES services = {.HandleProtocol = handle_protocol,
                                     .WaitForEvent = wait_for_event};
static EFI_RUNTIME_SERVICES runtime = {.GetVariable = get_variable, .SetVariable = set_variable};
static EFI_SYSTEM_TABLE table = {
    .ConOut = &console, .ConIn = &keyboard, .BootServices = &services, .RuntimeServices = &runtime};

static void set_up(void)
{
    memset(&seen, 0, sizeof(seen));
    memset(&world, 0, sizeof(world));
    world.setup_mode = 1;
    world.keys = "yes\r";
    for (size_t i = 0; i < FILES; i++) {
        world.there[i] = true;
        world.sizes[i] = 100 + i;
    }
}

static void expect_said(const char *part)
{
    ck_assert_msg(strstr(seen.said, part) != NULL, "no '%s' in: %s", part, seen.said);
}

static void expect_nothing_set(void)
{
    ck_assert_str_eq(seen.order, "");
    ck_assert_uint_eq(seen.counts[SET], 0);
}

START_TEST(keys_are_appended_and_pk_is_last)
{
    ck_assert_uint_eq(efi_main(&image, &table), EFI_SUCCESS);
    ck_assert_str_eq(seen.order, "db 67, dbx 67, KEK 67, PK 27, ");
    expect_said("db.auth: added to db, which has 40 bytes now");
    expect_said("PK.auth: becomes PK");
    expect_said("Secure Boot is on.\r\n");
}
END_TEST

/* i: the key whose variable cannot be set. */
START_TEST(a_variable_that_cannot_be_set_ends_it_by_name_and_leaves_pk_unset)
{
    static const char *const orders[] = {"db 67, ", "db 67, dbx 67, ", "db 67, dbx 67, KEK 67, ",
                                         "db 67, dbx 67, KEK 67, PK 27, "};
    char words[64];
    world.failing = SET;
    world.failing_at = (unsigned)_i;
    ck_assert_uint_eq(efi_main(&image, &table), EFI_SECURITY_VIOLATION);
    ck_assert_str_eq(seen.order, orders[_i]);
    ck_assert(!seen.is_set[PK]);
    snprintf(words, sizeof(words), "  %s: error 0x001a; nothing more is changed", files[_i]);
    expect_said(words);
    ck_assert_ptr_null(strstr(seen.said, "Secure Boot is on"));
}
END_TEST

/* i: the key whose file cannot be opened, then read. */
START_TEST(a_file_that_cannot_be_read_changes_nothing)
{
    char words[64];
    world.failing = _i < FILES ? OPEN : READ;
    world.failing_at = (unsigned)_i % FILES;
    ck_assert_uint_eq(efi_main(&image, &table), EFI_SECURITY_VIOLATION);
    snprintf(words, sizeof(words), "%s.auth: cannot be read: error 0x001a", files[_i % FILES]);
    expect_said(words);
    expect_nothing_set();
}
END_TEST

START_TEST(a_volume_that_cannot_be_opened_changes_nothing)
{
    world.failing = (enum call)_i;
    ck_assert_uint_eq(efi_main(&image, &table), EFI_SECURITY_VIOLATION);
    expect_said("The volume of this program cannot be opened: error 0x001a");
    expect_nothing_set();
}
END_TEST

START_TEST(what_is_not_yes_changes_nothing)
{
    static const char *const typed[] = {"no\r", "\r", "yesyes\r", "Yes\r", "y\r", "yes"};
    world.keys = typed[_i];
    ck_assert_uint_eq(efi_main(&image, &table), EFI_ABORTED);
    expect_said("Nothing was changed.");
    expect_nothing_set();
}
END_TEST

START_TEST(a_keyboard_that_does_not_work_changes_nothing)
{
    world.failing = WAIT;
    world.failing_at = 2;
    ck_assert_uint_eq(efi_main(&image, &table), EFI_ABORTED);
    expect_nothing_set();
}
END_TEST

/* i: user mode; the firmware does not say. */
START_TEST(outside_setup_mode_only_revocations_are_appended)
{
    world.setup_mode = _i == 0 ? 0 : 2;
    world.there[NO_PK] = false;
    ck_assert_uint_eq(efi_main(&image, &table), EFI_SUCCESS);
    ck_assert_str_eq(seen.order, "dbx 67, ");
    expect_said("not in Setup Mode");
}
END_TEST

START_TEST(outside_setup_mode_the_platform_key_can_be_deleted)
{
    world.setup_mode = 0;
    world.there[DBX] = false;
    ck_assert_uint_eq(efi_main(&image, &table), EFI_SUCCESS);
    ck_assert_str_eq(seen.order, "PK 27, ");
    expect_said("noPK.auth: switches Secure Boot off: deletes PK, which has 40 bytes now");
    expect_said("Secure Boot is off: the firmware is in Setup Mode, and takes keys.");
}
END_TEST

/* Keys without a PK, and firmware that looks at a new PK when it starts again. */
START_TEST(what_it_led_to_is_said)
{
    world.there[PK] = _i == 1;
    world.late = true;
    ck_assert_uint_eq(efi_main(&image, &table), EFI_SUCCESS);
    expect_said(_i == 0 ? "Secure Boot is off: the firmware is in Setup Mode, and takes keys.\r\n"
                        : "Secure Boot is on from the next start on.\r\n");
}
END_TEST

/* i: which of the others is missing; it leaves nothing that boots. */
START_TEST(a_platform_key_is_not_set_without_the_others)
{
    world.there[_i == 0 ? DB : KEK] = false;
    ck_assert_uint_eq(efi_main(&image, &table), EFI_NOT_FOUND);
    expect_said("A PK without db.auth and KEK.auth");
    expect_nothing_set();
}
END_TEST

START_TEST(a_file_that_is_too_large_is_refused)
{
    world.sizes[KEK] = 65536;
    ck_assert(EFI_ERROR(efi_main(&image, &table)));
    expect_said("KEK.auth: cannot be read");
    expect_nothing_set();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("enroll");
    TCase *tests = tcase_create("enroll");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, keys_are_appended_and_pk_is_last);
    tcase_add_loop_test(tests, a_variable_that_cannot_be_set_ends_it_by_name_and_leaves_pk_unset, 0,
                        NO_PK);
    tcase_add_loop_test(tests, a_file_that_cannot_be_read_changes_nothing, 0, 2 * FILES);
    tcase_add_loop_test(tests, a_volume_that_cannot_be_opened_changes_nothing, IMAGE, OPEN);
    tcase_add_loop_test(tests, what_is_not_yes_changes_nothing, 0, 6);
    tcase_add_test(tests, a_keyboard_that_does_not_work_changes_nothing);
    tcase_add_loop_test(tests, outside_setup_mode_only_revocations_are_appended, 0, 2);
    tcase_add_test(tests, outside_setup_mode_the_platform_key_can_be_deleted);
    tcase_add_loop_test(tests, what_it_led_to_is_said, 0, 2);
    tcase_add_loop_test(tests, a_platform_key_is_not_set_without_the_others, 0, 2);
    tcase_add_test(tests, a_file_that_is_too_large_is_refused);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-enroll");
}
