#include "judge.h"

#include <string.h>

/* "\cases\NN\loader.efi" after the device path of the volume. */
static uint8_t path[1024];
static CHAR16 name[] = u"\\cases\\00\\loader.efi";
enum { FIRST_DIGIT = 7 };

void *protocol_of(EFI_HANDLE handle, EFI_GUID guid)
{
    void *protocol = NULL;
    EFI_STATUS status = table->BootServices->HandleProtocol(handle, &guid, &protocol);
    if (EFI_ERROR(status)) {
        report("a protocol is missing\n");
        leave(false);
    }
    return protocol;
}

static size_t put_node(size_t at, uint8_t type, uint8_t subtype, const void *data, size_t size)
{
    size_t length = size + 4;
    const uint8_t head[4] = {type, subtype, (uint8_t)length, (uint8_t)(length >> 8)};
    memcpy(path + at, head, sizeof(head));
    memcpy(path + at + sizeof(head), data, size);
    return at + length;
}

EFI_DEVICE_PATH *path_of_loader(EFI_HANDLE volume, uint64_t number)
{
    const uint8_t *node = protocol_of(volume, (EFI_GUID)DEVICE_PATH_PROTOCOL);
    size_t at = 0;
    while (node[0] != END_DEVICE_PATH_TYPE) {
        size_t length = node[2] | (size_t)node[3] << 8;
        at = put_node(at, node[0], node[1], node + 4, length - 4);
        node += length;
    }
    name[FIRST_DIGIT] = (CHAR16)('0' + number / 10);
    name[FIRST_DIGIT + 1] = (CHAR16)('0' + number % 10);
    at = put_node(at, MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, name, sizeof(name));
    put_node(at, END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, name, 0);
    return (EFI_DEVICE_PATH *)(void *)path;
}
