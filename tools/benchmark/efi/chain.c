/* \EFI\BOOT\BOOTX64.EFI of every disk. Waits for the harness, then loads and starts \peer.efi. The
 * machine is saved while it waits, once; each measurement goes on from there with another disk. */
#include "fragments.h"
#include "mark.h"
#include "services.h"

enum { PATH_MOST = 1024, EXIT_NOT_LOADED = 7, EXIT_RETURNED = 8, EXIT_NOT_MOUNTED = 9 };

static EFI_GUID loaded_image_guid = LOADED_IMAGE_PROTOCOL;
static EFI_GUID device_path_guid = DEVICE_PATH_PROTOCOL;
static const CHAR16 peer_name[] = L"\\peer.efi";
static CHAR16 peer_options[] = u"entry=" ENTRY_NAMED;
static UINT8 peer_path[PATH_MOST];

static UINT8 wait_for_harness(void)
{
    UINT8 answer;
    debug_text("READY\n");
    do {
        __asm__ volatile("pause");
        answer = debug_read();
    } while (answer == READ_WAIT);
    return answer;
}

/* The disk is another one now: the file system is mounted anew, which empties the FAT driver's
 * caches too. */
static void mount_again(EFI_BOOT_SERVICES *services, EFI_HANDLE device)
{
    EFI_STATUS status = services->DisconnectController(device, NULL, NULL);
    status |= services->ConnectController(device, NULL, NULL, TRUE);
    if (EFI_ERROR(status)) {
        debug_fact("cannot mount again:", status);
        leave_qemu(EXIT_NOT_MOUNTED);
    }
}

static UINTN append(UINTN at, const void *bytes, UINTN size)
{
    for (UINTN i = 0; i < size && at < PATH_MOST; i++) {
        peer_path[at++] = ((const UINT8 *)bytes)[i];
    }
    return at;
}

/* The device's path and the file's name as one more node (UEFI 2.10 section 10.3.5.4). */
static void make_peer_path(EFI_BOOT_SERVICES *services, EFI_HANDLE device)
{
    static const UINT8 file_node[] = {MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, 4 + sizeof(peer_name),
                                      0};
    static const UINT8 end_node[] = {END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, 4, 0};
    EFI_DEVICE_PATH *node = NULL;
    UINTN at = 0;
    services->HandleProtocol(device, &device_path_guid, (void **)&node);
    for (; !IsDevicePathEnd(node); node = NextDevicePathNode(node)) {
        at = append(at, node, DevicePathNodeLength(node));
    }
    at = append(at, file_node, sizeof(file_node));
    at = append(at, peer_name, sizeof(peer_name));
    append(at, end_node, sizeof(end_node));
}

static EFI_HANDLE load_peer(EFI_BOOT_SERVICES *services, EFI_HANDLE image, BOOLEAN with_options)
{
    EFI_HANDLE peer = NULL;
    EFI_LOADED_IMAGE *loaded = NULL;
    UINT64 before = time_stamp();
    EFI_STATUS status =
        services->LoadImage(FALSE, image, (EFI_DEVICE_PATH *)peer_path, NULL, 0, &peer);
    UINT64 after = time_stamp();
    if (EFI_ERROR(status)) {
        debug_fact("LoadImage failed:", status);
        leave_qemu(EXIT_NOT_LOADED);
    }
    services->HandleProtocol(peer, &loaded_image_guid, (void **)&loaded);
    if (with_options) {
        loaded->LoadOptions = peer_options;
        loaded->LoadOptionsSize = sizeof(peer_options);
    }
    debug_fact("loading took", after - before);
    debug_fact("image at", (UINT64)loaded->ImageBase);
    debug_fact("image size", loaded->ImageSize);
    return peer;
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
    EFI_BOOT_SERVICES *services = table->BootServices;
    EFI_LOADED_IMAGE *self = NULL;
    services->SetWatchdogTimer(0, 0, 0, NULL);
    services->HandleProtocol(image, &loaded_image_guid, (void **)&self);
    UINT8 how = wait_for_harness();
    mount_again(services, self->DeviceHandle);
    make_peer_path(services, self->DeviceHandle);
    fragments_make(services, how >> READ_FRAGMENTS);
    if ((how & READ_GO_HOOKED) != 0) {
        services_count(table, self->DeviceHandle);
    }
    EFI_HANDLE peer = load_peer(services, image, (how & READ_GO_ENTRY) != 0);
    MARK(MARK_START);
    EFI_STATUS status = services->StartImage(peer, NULL, NULL);
    debug_fact("the loader came back:", status);
    leave_qemu(EXIT_RETURNED);
    return status;
}
