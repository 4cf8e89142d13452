/* loader/efi/files.c and device_path.c on a host: the loader's own path and its partition, the size
 * of a file, every handle closed. */
#include "efi/firmware.h"
#include "suite.h"

#include <string.h>

EFI_HANDLE firmware_image;
EFI_SYSTEM_TABLE *firmware_table;
EFI_LOADED_IMAGE *firmware_loaded_image;

static EFI_LOADED_IMAGE image;
static char path[PLAT_PATH_MAX];
static uint64_t readable_end; /* nothing from there on */

bool arch_is_readable(uint64_t address, uint64_t size)
{
    return readable_end == 0 || address + size <= readable_end;
}

/* A volume with one file. */
static struct {
    EFI_STATUS protocol, volume, open, again, set_position, get_position, info, read;
    UINT64 size, position, end_position;
    bool stays; /* SetPosition(0) is a success and does nothing */
    bool directory;
    int opens, closes, infos, root_closes;
    char name[64];
} volume;

static EFI_FILE file;
static EFI_FILE root;
static EFI_FILE_IO_INTERFACE file_system;

static EFI_STATUS EFIAPI open_file(EFI_FILE *from, EFI_FILE **out, CHAR16 *name, UINT64 mode,
                                   UINT64 attributes)
{
    ck_assert_ptr_eq(from, &root);
    ck_assert_uint_eq(mode, EFI_FILE_MODE_READ);
    ck_assert_uint_eq(attributes, 0);
    for (size_t i = 0; i == 0 || name[i - 1] != 0; i++) {
        volume.name[i] = (char)name[i];
    }
    EFI_STATUS status = volume.opens == 0 ? volume.open : volume.again;
    if (!EFI_ERROR(status)) {
        volume.opens++;
        volume.position = 0;
        *out = &file;
    }
    return status;
}

static EFI_STATUS EFIAPI close_file(EFI_FILE *handle)
{
    *(handle == &root ? &volume.root_closes : &volume.closes) += 1;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI set_position(EFI_FILE *handle, UINT64 position)
{
    (void)handle;
    if (EFI_ERROR(volume.set_position) || (volume.stays && position == 0)) {
        return volume.set_position;
    }
    volume.position = position == UINT64_MAX ? volume.end_position : position;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI get_position(EFI_FILE *handle, UINT64 *position)
{
    (void)handle;
    *position = volume.position;
    return volume.get_position;
}

static EFI_STATUS EFIAPI get_info(EFI_FILE *handle, EFI_GUID *type, UINTN *size, VOID *buffer)
{
    static const EFI_GUID guid = EFI_FILE_INFO_ID;
    EFI_FILE_INFO info = {.FileSize = volume.size};
    (void)handle;
    volume.infos++;
    ck_assert_mem_eq(type, &guid, sizeof(guid));
    ck_assert_uint_ge(*size, sizeof(info) + 256 * sizeof(CHAR16)); /* room for any name */
    info.Attribute = volume.directory ? EFI_FILE_DIRECTORY : 0;
    memcpy(buffer, &info, sizeof(info));
    return volume.info;
}

static EFI_STATUS EFIAPI read_file(EFI_FILE *handle, UINTN *size, VOID *buffer)
{
    ck_assert_ptr_eq(handle, &file);
    ck_assert_uint_eq(*size, 100);
    memset(buffer, 'r', 3);
    *size = 3;
    return volume.read;
}

static EFI_STATUS EFIAPI open_volume(EFI_FILE_IO_INTERFACE *from, EFI_FILE **out)
{
    ck_assert_ptr_eq(from, &file_system);
    *out = &root;
    return volume.volume;
}

static void *device_path; /* of the volume */

static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, VOID **interface)
{
    static const EFI_GUID wanted = SIMPLE_FILE_SYSTEM_PROTOCOL;
    static const EFI_GUID path_guid = DEVICE_PATH_PROTOCOL;
    ck_assert_ptr_eq(handle, &volume);
    if (memcmp(guid, &path_guid, sizeof(path_guid)) == 0) {
        *interface = device_path;
        return device_path == NULL ? EFI_UNSUPPORTED : EFI_SUCCESS;
    }
    ck_assert_mem_eq(guid, &wanted, sizeof(wanted));
    *interface = &file_system;
    return volume.protocol;
}

static EFI_BOOT_SERVICES services = {.HandleProtocol = handle_protocol};
static EFI_SYSTEM_TABLE table = {.BootServices = &services};

static void setup(void)
{
    memset(&volume, 0, sizeof(volume));
    volume.size = volume.end_position = 5000;
    file = (EFI_FILE){.Close = close_file,
                      .Read = read_file,
                      .GetPosition = get_position,
                      .SetPosition = set_position,
                      .GetInfo = get_info};
    root = (EFI_FILE){.Open = open_file, .Close = close_file};
    file_system.OpenVolume = open_volume;
    image = (EFI_LOADED_IMAGE){.DeviceHandle = &volume};
    firmware_loaded_image = &image;
    firmware_table = &table;
    readable_end = 0;
    device_path = NULL;
}

/* Appends a node: its length, and a text in UTF-16. */
static size_t put_node(uint8_t *at, uint8_t type, uint8_t sub_type, const char *text)
{
    size_t size = 4 + 2 * (strlen(text) + 1);
    uint8_t head[] = {type, sub_type, (uint8_t)size, (uint8_t)(size >> 8)};
    memcpy(at, head, sizeof(head));
    for (size_t i = 0; i <= strlen(text); i++) {
        at[4 + 2 * i] = (uint8_t)text[i];
        at[5 + 2 * i] = 0;
    }
    return size;
}

static const uint8_t end_node[] = {0x7F, 0xFF, 4, 0};

static void expect_path(const char *expected)
{
    path[0] = '\0';
    ck_assert_int_eq(plat_volume_open(path), FIRMWARE_OK);
    ck_assert_str_eq(path, expected);
}

/* At an address that is not even; nodes of other kinds are passed over. */
START_TEST(the_loaders_path_is_that_of_all_its_nodes)
{
    static uint8_t bytes[4096];
    uint8_t *at = bytes + 1;
    image.FilePath = NULL;
    expect_path("");
    image.FilePath = (EFI_DEVICE_PATH *)at;
    at += put_node(at, MEDIA_DEVICE_PATH, MEDIA_HARDDRIVE_DP, "no");
    at += put_node(at, MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, "EFI");
    at += put_node(at, ACPI_DEVICE_PATH, MEDIA_FILEPATH_DP, "no");
    at += put_node(at, MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, "\\baton.efi");
    memcpy(at, end_node, sizeof(end_node));
    expect_path("\\EFI\\baton.efi");
    *at = MEDIA_DEVICE_PATH; /* no end: a length below that of a head is one */
    at[2] = 3;
    expect_path("\\EFI\\baton.efi");
    at[2] = 200;
    readable_end = (uint64_t)at + 100;
    expect_path("\\EFI\\baton.efi");
    readable_end = (uint64_t)at + 3;
    expect_path("\\EFI\\baton.efi");
}
END_TEST

/* A node that leads back into itself for ever cannot be: but thousands of them can. */
START_TEST(a_device_path_without_an_end_is_left)
{
    static uint8_t bytes[64 * 1024];
    for (size_t at = 0; at + 100 < sizeof(bytes);) {
        at += put_node(bytes + at, MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, "a");
    }
    image.FilePath = (EFI_DEVICE_PATH *)bytes;
    path[0] = '\0';
    ck_assert_int_eq(plat_volume_open(path), FIRMWARE_OK);
    ck_assert_uint_eq(strlen(path), 512);
}
END_TEST

/* Of a disk with a GPT, with an MBR, with neither; a node that is too short; no path at all. */
START_TEST(the_partition_is_that_of_the_hard_drive_node)
{
    static uint8_t bytes[64] = {ACPI_DEVICE_PATH,   1,  4, 0, MEDIA_DEVICE_PATH,
                                MEDIA_HARDDRIVE_DP, 42, 0, 3};
    uint8_t *node = bytes + 4;
    memset(node + 24, 0x77, 16); /* the signature; its format and its kind follow */
    memcpy(node + 42, end_node, sizeof(end_node));
    device_path = bytes;
    for (uint8_t kind = 0; kind <= 3; kind++) {
        struct partition partition = {0};
        node[41] = kind;
        device_path_partition(&partition);
        ck_assert_uint_eq(partition.number, 3);
        ck_assert_uint_eq(partition.kind, kind == 1 || kind == 2 ? kind : 0);
        ck_assert_uint_eq(partition.id[3], kind == 1 || kind == 2 ? 0x77 : 0);
        ck_assert_uint_eq(partition.id[15], kind == 2 ? 0x77 : 0);
    }
    struct partition none = {0};
    node[2] = 41;
    device_path_partition(&none);
    device_path = NULL;
    device_path_partition(&none);
    image.DeviceHandle = NULL;
    device_path_partition(&none);
    ck_assert_uint_eq(none.number, 0);
}
END_TEST

START_TEST(a_volume_that_cannot_be_opened_is_an_error)
{
    volume.volume = EFI_NO_MEDIA;
    ck_assert_int_eq(plat_volume_open(path), FIRMWARE_NO_MEDIA);
    volume.protocol = EFI_UNSUPPORTED;
    ck_assert_int_eq(plat_volume_open(path), FIRMWARE_UNSUPPORTED);
    image.DeviceHandle = NULL;
    ck_assert_int_eq(plat_volume_open(path), FIRMWARE_UNSUPPORTED);
}
END_TEST

static enum firmware open_it(uint64_t *out_size, bool *out_directory)
{
    struct plat_file *opened = NULL;
    char unused[PLAT_PATH_MAX];
    ck_assert_int_eq(plat_volume_open(unused), FIRMWARE_OK);
    *out_size = 7;
    enum firmware answer = plat_file_open("\\k.bin", &opened, out_size, out_directory);
    ck_assert_int_eq(opened != NULL, answer == FIRMWARE_OK);
    return answer;
}

START_TEST(a_file_has_the_size_of_its_end)
{
    uint64_t size = 0;
    bool directory = true;
    ck_assert_int_eq(open_it(&size, &directory), FIRMWARE_OK);
    ck_assert_str_eq(volume.name, "\\k.bin");
    ck_assert_uint_eq(size, 5000);
    ck_assert(!directory);
    ck_assert_uint_eq(volume.position, 0);
    ck_assert_int_eq(volume.opens, 1);
    ck_assert_int_eq(volume.infos + volume.closes, 0);
    char buffer[100] = "";
    uint64_t got = sizeof(buffer);
    ck_assert_int_eq(plat_file_read((struct plat_file *)&file, buffer, &got), FIRMWARE_OK);
    ck_assert_uint_eq(got, 3);
    ck_assert_str_eq(buffer, "rrr");
    volume.read = EFI_DEVICE_ERROR;
    got = sizeof(buffer);
    ck_assert_int_eq(plat_file_read((struct plat_file *)&file, buffer, &got),
                     FIRMWARE_DEVICE_ERROR);
    plat_file_close((struct plat_file *)&file);
    ck_assert_int_eq(volume.closes, 1);
    plat_volume_close();
    ck_assert_int_eq(volume.root_closes, 1);
}
END_TEST

/* Then the file is opened anew, since nobody knows where the first handle is. */
START_TEST(where_positions_do_not_work_the_file_is_asked)
{
    uint64_t size = 0;
    bool directory = false;
    switch (_i) {
    case 0:
        volume.set_position = EFI_UNSUPPORTED;
        break;
    case 1:
        volume.get_position = EFI_DEVICE_ERROR;
        break;
    case 2:
        volume.end_position = 0;
        break;
    case 3:
        volume.end_position = UINT64_MAX;
        break;
    default:
        volume.stays = true;
        break;
    }
    volume.size = 6000;
    volume.directory = _i == 2;
    ck_assert_int_eq(open_it(&size, &directory), FIRMWARE_OK);
    ck_assert_uint_eq(size, 6000);
    ck_assert_int_eq(directory, _i == 2);
    ck_assert_int_eq(volume.opens, 2);
    ck_assert_int_eq(volume.closes, 1);
    ck_assert_int_eq(volume.infos, 1);
    ck_assert_uint_eq(volume.position, 0);
}
END_TEST

START_TEST(a_file_that_cannot_be_opened_or_described_is_closed)
{
    uint64_t size = 0;
    bool directory = false;
    volume.set_position = EFI_UNSUPPORTED;
    volume.info = EFI_VOLUME_CORRUPTED;
    ck_assert_int_eq(open_it(&size, &directory), FIRMWARE_VOLUME_CORRUPTED);
    ck_assert_int_eq(volume.closes, 2);
    volume.opens = volume.closes = 0;
    volume.again = EFI_ACCESS_DENIED;
    ck_assert_int_eq(open_it(&size, &directory), FIRMWARE_ACCESS_DENIED);
    ck_assert_int_eq(volume.closes, 1);
    volume.opens = volume.closes = 0;
    volume.open = EFI_NOT_FOUND;
    ck_assert_int_eq(open_it(&size, &directory), FIRMWARE_NOT_FOUND);
    ck_assert_int_eq(volume.closes, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("efi_files");
    TCase *tests = tcase_create("files");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, the_loaders_path_is_that_of_all_its_nodes);
    tcase_add_test(tests, a_device_path_without_an_end_is_left);
    tcase_add_test(tests, the_partition_is_that_of_the_hard_drive_node);
    tcase_add_test(tests, a_volume_that_cannot_be_opened_is_an_error);
    tcase_add_test(tests, a_file_has_the_size_of_its_end);
    tcase_add_loop_test(tests, where_positions_do_not_work_the_file_is_asked, 0, 5);
    tcase_add_test(tests, a_file_that_cannot_be_opened_or_described_is_closed);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-efi_files");
}
