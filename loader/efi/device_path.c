/* What device paths say: the loader's own path, and its partition (UEFI 2.10 section 10.3). */
#include <string.h>

#include "core/base/path.h"
#include "efi/firmware.h"

#define NODES_MAX           256 /* of a device path that may have no end */
#define PARTITION_NODE_SIZE 42

_Static_assert(SIGNATURE_TYPE_MBR == BOOTINFO_PARTITION_MBR &&
                   SIGNATURE_TYPE_GUID == BOOTINFO_PARTITION_GPT,
               "kinds of partitions are numbered alike");

/* Writes the node's name after a separator, unless the name brings one: most firmware has the whole
 * path in one node, and a second '\' in front would be shown to the user. */
static void write_name(struct writer *writer, const EFI_DEVICE_PATH *node)
{
    const uint8_t *bytes = (const uint8_t *)(node + 1);
    size_t size = (size_t)DevicePathNodeLength(node) - sizeof(*node);
    if (size < 2 || bytes[0] != '\\' || bytes[1] != 0) {
        write_char(writer, '\\');
    }
    for (size_t i = 0; i + 1 < size; i += 2) {
        uint16_t unit = (uint16_t)(bytes[i] | bytes[i + 1] << 8);
        char character[4];
        if (unit == 0) {
            return;
        }
        path_from_ucs2(&unit, 1, character, sizeof(character));
        write_string(writer, character);
    }
}

/* The node at address; NULL: there is none that can be looked at. */
static const EFI_DEVICE_PATH *node_at(uint64_t address)
{
    const EFI_DEVICE_PATH *node = (const EFI_DEVICE_PATH *)address;
    if (address == 0 || !arch_is_readable(address, sizeof(*node)) || IsDevicePathEnd(node) ||
        (size_t)DevicePathNodeLength(node) < sizeof(*node) ||
        !arch_is_readable(address, (size_t)DevicePathNodeLength(node))) {
        return NULL;
    }
    return node;
}

static const EFI_DEVICE_PATH *after(const EFI_DEVICE_PATH *node)
{
    return node_at((uint64_t)node + (size_t)DevicePathNodeLength(node));
}

/* The names in the file path nodes, one after the other (UEFI 2.10 section 10.3.5.4). */
void device_path_of_loader(char *out_path)
{
    struct writer writer = writer_on(out_path, PLAT_PATH_MAX);
    const EFI_DEVICE_PATH *node = node_at((uint64_t)firmware_loaded_image->FilePath);
    for (int i = 0; node != NULL && i < NODES_MAX; i++) {
        if (DevicePathType(node) == MEDIA_DEVICE_PATH &&
            DevicePathSubType(node) == MEDIA_FILEPATH_DP) {
            write_name(&writer, node);
        }
        node = after(node);
    }
}

static bool is_partition(const EFI_DEVICE_PATH *node)
{
    return DevicePathType(node) == MEDIA_DEVICE_PATH &&
           DevicePathSubType(node) == MEDIA_HARDDRIVE_DP &&
           (size_t)DevicePathNodeLength(node) >= PARTITION_NODE_SIZE;
}

/* The hard drive node (UEFI 2.10 section 10.3.5.1). */
void device_path_partition(struct partition *out_partition)
{
    static EFI_GUID guid = DEVICE_PATH_PROTOCOL;
    EFI_HANDLE device = firmware_loaded_image->DeviceHandle;
    void *path = NULL;
    if (device == NULL ||
        EFI_ERROR(firmware_table->BootServices->HandleProtocol(device, &guid, &path))) {
        return;
    }
    const EFI_DEVICE_PATH *node = node_at((uint64_t)path);
    for (int i = 0; node != NULL && i < NODES_MAX; i++) {
        if (is_partition(node)) {
            const uint8_t *bytes = (const uint8_t *)node;
            uint8_t kind = bytes[offsetof(HARDDRIVE_DEVICE_PATH, SignatureType)];
            if (kind == SIGNATURE_TYPE_MBR || kind == SIGNATURE_TYPE_GUID) {
                out_partition->kind = kind;
                memcpy(out_partition->id, bytes + offsetof(HARDDRIVE_DEVICE_PATH, Signature),
                       kind == SIGNATURE_TYPE_GUID ? sizeof(out_partition->id) : sizeof(uint32_t));
            }
            memcpy(&out_partition->number, bytes + sizeof(*node), sizeof(out_partition->number));
        }
        node = after(node);
    }
}
