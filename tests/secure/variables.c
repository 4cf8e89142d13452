/* A variable written into OVMF's flash from outside. What shim keeps in variables (MokList,
 * SbatLevel) can only be set in boot services, by shim's own MokManager or before Secure Boot is
 * on; load options would take a program that sets them. The format is EDK II's,
 * MdeModulePkg/Include/Guid/VariableFormat.h, authenticated. */
#include "trusted.h"

#include <string.h>

enum {
    HEADER_LENGTH = 48, /* in the firmware volume's header (PI specification, volume 3) */
    STORE_HEADER_SIZE = 28,
    STORE_SIZE = 16, /* in the store's header */
    VARIABLE = 0x55AA,
    ADDED = 0x3F,
    BOOT_SERVICES_NON_VOLATILE = 3,
    RUNTIME_NON_VOLATILE = 7,
    NAME_MAX = 32,
    OPTION = 0xBA,
    OPTION_ACTIVE = 1,
    OPTIONS_MAX = 128,
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

/* EFI_LOAD_OPTION (UEFI 2.10 section 3.1.3) with a path of one file, for any volume. */
struct load_option {
    uint32_t attributes;
    uint16_t path_size;
    uint16_t description[2];
    uint8_t path_node[4];
    uint16_t path[22];
    uint8_t path_end[4];
    uint16_t options[OPTIONS_MAX];
};
#pragma pack(pop)

/* 605dab50-e046-4300-abb6-3dd810dd8b23 */
static const uint8_t shim[16] = {0x50, 0xab, 0x5d, 0x60, 0x46, 0xe0, 0x00, 0x43,
                                 0xab, 0xb6, 0x3d, 0xd8, 0x10, 0xdd, 0x8b, 0x23};

/* 8be4df61-93ca-11d2-aa0d-00e098032b8c */
static const uint8_t global[16] = {0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2, 0x11,
                                   0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c};

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

static void put_units(uint16_t *units, const char *text, size_t room)
{
    ck_assert_uint_lt(strlen(text), room);
    for (size_t i = 0; i <= strlen(text); i++) {
        units[i] = (uint8_t)text[i];
    }
}

struct addition {
    const uint8_t *vendor;
    uint32_t attributes;
    const char *name;
    const void *data;
    size_t size;
};

static void add_variable(const char *vars, struct addition addition)
{
    struct message message = {0};
    struct bytes flash = {0};
    uint16_t store = 0;
    uint32_t store_size = 0;
    uint16_t units[NAME_MAX] = {0};
    AUTO_STRING path = secure_path(vars);
    ck_assert_msg(file_read(path, &message, &flash), "%s", message_text(&message));
    memcpy(&store, flash.data + HEADER_LENGTH, sizeof(store));
    memcpy(&store_size, flash.data + store + STORE_SIZE, sizeof(store_size));
    put_units(units, addition.name, NAME_MAX);
    struct variable variable = {.start = VARIABLE,
                                .state = ADDED,
                                .attributes = addition.attributes,
                                .name_size = (uint32_t)(2 * (strlen(addition.name) + 1)),
                                .data_size = (uint32_t)addition.size};
    memcpy(variable.vendor, addition.vendor, sizeof(variable.vendor));
    size_t at = end_of_variables(&flash, store);
    ck_assert_uint_le(at + sizeof(variable) + variable.name_size + addition.size,
                      store + store_size);
    memcpy(flash.data + at, &variable, sizeof(variable));
    memcpy(flash.data + at + sizeof(variable), units, variable.name_size);
    memcpy(flash.data + at + sizeof(variable) + variable.name_size, addition.data, addition.size);
    secure_write(vars, flash.data, flash.size);
    bytes_free(&flash);
}

void secure_add_shim_variable(const char *vars, const char *name, const void *data, size_t size)
{
    add_variable(vars, (struct addition){shim, BOOT_SERVICES_NON_VOLATILE, name, data, size});
}

void secure_add_load_options(const char *vars, const char *options)
{
    static const uint16_t number = OPTION;
    struct load_option option = {.attributes = OPTION_ACTIVE,
                                 .description = {'B'},
                                 .path_node = {4, 4, sizeof(option.path) + 4},
                                 .path_end = {0x7F, 0xFF, 4}};
    option.path_size = sizeof(option.path_node) + sizeof(option.path) + sizeof(option.path_end);
    put_units(option.path, "\\EFI\\BOOT\\BOOTX64.EFI", 22);
    put_units(option.options, options, OPTIONS_MAX);
    size_t size = sizeof(option) - sizeof(option.options) + 2 * (strlen(options) + 1);
    add_variable(vars, (struct addition){global, RUNTIME_NON_VOLATILE, "Boot00BA", &option, size});
    add_variable(
        vars, (struct addition){global, RUNTIME_NON_VOLATILE, "BootNext", &number, sizeof(number)});
}
