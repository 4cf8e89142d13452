/* A variable written into OVMF's flash from outside: what shim keeps in variables (MokList,
 * SbatLevel) can only be set in boot services, by shim's own MokManager or before Secure Boot is
 * on. The format is EDK II's, MdeModulePkg/Include/Guid/VariableFormat.h, authenticated. */
#include "trusted.h"

#include <string.h>

enum {
    HEADER_LENGTH = 48, /* in the firmware volume's header (PI specification, volume 3) */
    STORE_HEADER_SIZE = 28,
    STORE_SIZE = 16, /* in the store's header */
    VARIABLE = 0x55AA,
    ADDED = 0x3F,
    BOOT_SERVICES_NON_VOLATILE = 3,
    NAME_MAX = 32,
};

#pragma pack(push, 1)
struct variable {
    uint16_t start;
    uint8_t state;
    uint8_t reserved;
    uint32_t attributes;
    uint8_t count_and_time[24];
    uint32_t key;
    uint32_t name_size;
    uint32_t data_size;
    uint8_t vendor[16];
};
#pragma pack(pop)

/* 605dab50-e046-4300-abb6-3dd810dd8b23 */
static const uint8_t shim[16] = {0x50, 0xab, 0x5d, 0x60, 0x46, 0xe0, 0x00, 0x43,
                                 0xab, 0xb6, 0x3d, 0xd8, 0x10, 0xdd, 0x8b, 0x23};

static struct variable variable_at(const struct bytes *flash, size_t at)
{
    struct variable variable;
    ck_assert_uint_le(at + sizeof(variable), flash->size);
    memcpy(&variable, flash->data + at, sizeof(variable));
    return variable;
}

/* The first free byte of the store. */
static size_t end_of_variables(const struct bytes *flash, size_t store)
{
    size_t at = store + STORE_HEADER_SIZE;
    for (;;) {
        struct variable variable = variable_at(flash, at);
        if (variable.start != VARIABLE) {
            return at;
        }
        at += sizeof(variable) + variable.name_size + variable.data_size;
        at = (at + 3) / 4 * 4;
    }
}

void secure_add_shim_variable(const char *vars, const char *name, const void *data, size_t size)
{
    struct message message = {0};
    struct bytes flash = {0};
    uint16_t store = 0;
    uint32_t store_size = 0;
    uint8_t units[2 * NAME_MAX] = {0};
    AUTO_STRING path = secure_path(vars);
    ck_assert_msg(file_read(path, &message, &flash), "%s", message_text(&message));
    memcpy(&store, flash.data + HEADER_LENGTH, sizeof(store));
    memcpy(&store_size, flash.data + store + STORE_SIZE, sizeof(store_size));
    ck_assert_uint_lt(strlen(name), NAME_MAX);
    for (size_t i = 0; name[i] != '\0'; i++) {
        units[2 * i] = (uint8_t)name[i];
    }
    struct variable variable = {.start = VARIABLE,
                                .state = ADDED,
                                .attributes = BOOT_SERVICES_NON_VOLATILE,
                                .name_size = (uint32_t)(2 * (strlen(name) + 1)),
                                .data_size = (uint32_t)size};
    memcpy(variable.vendor, shim, sizeof(shim));
    size_t at = end_of_variables(&flash, store);
    ck_assert_uint_le(at + sizeof(variable) + variable.name_size + size, store + store_size);
    memcpy(flash.data + at, &variable, sizeof(variable));
    memcpy(flash.data + at + sizeof(variable), units, variable.name_size);
    memcpy(flash.data + at + sizeof(variable) + variable.name_size, data, size);
    secure_write(vars, flash.data, flash.size);
    bytes_free(&flash);
}
