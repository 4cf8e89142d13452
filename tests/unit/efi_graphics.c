/* loader/efi/graphics.c on a host: which outputs become framebuffers, their EDIDs, their modes. */
#include "efi/firmware.h"
#include "suite.h"

#include <string.h>

EFI_HANDLE firmware_image;
EFI_SYSTEM_TABLE *firmware_table;
EFI_LOADED_IMAGE *firmware_loaded_image;

enum { OUTPUTS = 20 };

/* Handle i is the address of outputs[i]. */
static struct output {
    EFI_GRAPHICS_OUTPUT_PROTOCOL protocol;
    EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE mode;
    EFI_GRAPHICS_OUTPUT_MODE_INFORMATION info;
    EFI_EDID_ACTIVE_PROTOCOL active, discovered;
    bool is_output, has_active, has_discovered;
} outputs[OUTPUTS];

static UINTN located; /* of outputs, from the first on */
static UINTN freed;
static struct machine machine;

static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, VOID **interface)
{
    static const EFI_GUID output_guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
    static const EFI_GUID active_guid = EFI_EDID_ACTIVE_PROTOCOL_GUID;
    static const EFI_GUID discovered_guid = EFI_EDID_DISCOVERED_PROTOCOL_GUID;
    struct output *output = handle;
    if (memcmp(guid, &output_guid, sizeof(*guid)) == 0 && output->is_output) {
        *interface = &output->protocol;
    } else if (memcmp(guid, &active_guid, sizeof(*guid)) == 0 && output->has_active) {
        *interface = &output->active;
    } else if (memcmp(guid, &discovered_guid, sizeof(*guid)) == 0 && output->has_discovered) {
        *interface = &output->discovered;
    } else {
        return EFI_UNSUPPORTED;
    }
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI locate_handle(EFI_LOCATE_SEARCH_TYPE type, EFI_GUID *guid, VOID *key,
                                       UINTN *size, EFI_HANDLE *handles)
{
    (void)guid;
    (void)key;
    ck_assert_int_eq(type, ByProtocol);
    UINTN room = *size / sizeof(*handles);
    *size = located * sizeof(*handles);
    if (located > room || located == 0) {
        return located == 0 ? EFI_NOT_FOUND : EFI_BUFFER_TOO_SMALL;
    }
    for (UINTN i = 0; i < located; i++) {
        handles[i] = &outputs[i];
    }
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI free_pool(VOID *buffer)
{
    ck_assert_ptr_nonnull(buffer);
    freed++;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI query_mode(EFI_GRAPHICS_OUTPUT_PROTOCOL *output, UINT32 number,
                                    UINTN *size, EFI_GRAPHICS_OUTPUT_MODE_INFORMATION **info)
{
    static EFI_GRAPHICS_OUTPUT_MODE_INFORMATION other;
    other = *output->Mode->Info;
    other.HorizontalResolution = 1024 + number;
    *size = sizeof(other);
    *info = number == 1 ? NULL : &other;
    return number == 2 ? EFI_DEVICE_ERROR : EFI_SUCCESS;
}

static EFI_STATUS EFIAPI set_mode(EFI_GRAPHICS_OUTPUT_PROTOCOL *output, UINT32 number)
{
    if (number == 9) {
        return EFI_DEVICE_ERROR;
    }
    output->Mode->Mode = number;
    output->Mode->Info->HorizontalResolution = 640;
    return EFI_SUCCESS;
}

static EFI_BOOT_SERVICES services = {
    .HandleProtocol = handle_protocol, .LocateHandle = locate_handle, .FreePool = free_pool};
static EFI_SYSTEM_TABLE table = {.BootServices = &services};

static struct output *put(UINTN i, uint64_t address)
{
    struct output *output = &outputs[i];
    output->info = (EFI_GRAPHICS_OUTPUT_MODE_INFORMATION){
        .HorizontalResolution = 800,
        .VerticalResolution = 600,
        .PixelFormat = PixelBlueGreenRedReserved8BitPerColor,
        .PixelsPerScanLine = 832,
    };
    output->mode = (EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE){.MaxMode = 5,
                                                       .Mode = 3,
                                                       .Info = &output->info,
                                                       .FrameBufferBase = address,
                                                       .FrameBufferSize = 0x400000};
    output->protocol.Mode = &output->mode;
    output->protocol.QueryMode = query_mode;
    output->protocol.SetMode = set_mode;
    output->is_output = true;
    located = i + 1 > located ? i + 1 : located;
    return output;
}

static void setup(void)
{
    memset(outputs, 0, sizeof(outputs));
    memset(&machine, 0xA5, sizeof(machine));
    located = freed = 0;
    table.ConsoleOutHandle = NULL;
    firmware_table = &table;
}

START_TEST(an_output_is_described)
{
    static const EFI_PIXEL_BITMASK masks = {0xF800, 0x7E0, 0x1F, 0};
    put(0, 0x80000000);
    struct output *second = put(1, 0x90000000);
    second->info.PixelFormat = PixelBitMask;
    second->info.PixelInformation = masks;
    graphics_describe(&machine);
    ck_assert_uint_eq(machine.framebuffer_count, 2);
    const struct BootInfoFramebuffer *screen = &machine.framebuffers[0];
    ck_assert_uint_eq(screen->address, 0x80000000);
    ck_assert_uint_eq(screen->width, 800);
    ck_assert_uint_eq(screen->height, 600);
    ck_assert_uint_eq(screen->pitch, 832 * 4);
    ck_assert_uint_eq(screen->size, UINT64_C(832) * 4 * 600);
    ck_assert_uint_eq(screen->red_position, 16);
    screen++;
    ck_assert_uint_eq(screen->bits_per_pixel, 16);
    ck_assert_uint_eq(screen->red_position, 11);
    ck_assert_uint_eq(screen->green_size, 6);
    ck_assert_uint_eq(screen->blue_position, 0);
}
END_TEST

/* It stands for another one, which is found as well. */
START_TEST(the_console_comes_first_and_once)
{
    put(0, 0x80000000);
    put(1, 0x90000000);
    put(2, 0xA0000000);
    table.ConsoleOutHandle = &outputs[1];
    graphics_describe(&machine);
    ck_assert_uint_eq(machine.framebuffer_count, 3);
    ck_assert_uint_eq(machine.framebuffers[0].address, 0x90000000);
    ck_assert_uint_eq(machine.framebuffers[1].address, 0x80000000);
    put(5, 0xA0000000);
    located = 3; /* the console's own handle is not among them */
    table.ConsoleOutHandle = &outputs[5];
    graphics_describe(&machine);
    ck_assert_uint_eq(machine.framebuffer_count, 3);
    ck_assert_uint_eq(machine.framebuffers[0].address, 0xA0000000);
    ck_assert_uint_eq(machine.framebuffers[2].address, 0x90000000);
}
END_TEST

START_TEST(edids_are_whole_blocks_of_the_active_or_the_discovered)
{
    static uint8_t bytes[300];
    for (UINTN i = 0; i < 5; i++) {
        put(i, 0x80000000 + (i << 24));
        outputs[i].active = (EFI_EDID_ACTIVE_PROTOCOL){i == 1 ? 0 : 300, bytes};
        outputs[i].discovered = (EFI_EDID_ACTIVE_PROTOCOL){128, bytes + 128};
        outputs[i].has_active = i != 2;
        outputs[i].has_discovered = i != 0;
    }
    outputs[3].active.SizeOfEdid = 256 * 128 + 1;
    outputs[4].active.Edid = NULL;
    graphics_describe(&machine);
    for (UINTN i = 0; i < 5; i++) {
        const struct BootInfoSpan *edid = &machine.framebuffers[i].edid;
        ck_assert_uint_eq(edid->size, i == 0 ? 256 : 128);
        ck_assert_uint_eq(edid->address, (uint64_t)bytes + (i == 0 ? 0 : 128));
    }
    outputs[0].active.SizeOfEdid = 127;
    graphics_describe(&machine);
    ck_assert_uint_eq(machine.framebuffers[0].edid.size, 0);
    ck_assert_uint_eq(machine.framebuffers[0].edid.address, 0);
}
END_TEST

/* Two of one framebuffer: the second has the EDID. */
START_TEST(an_output_of_the_same_framebuffer_only_gives_its_edid)
{
    static uint8_t bytes[128];
    put(0, 0x80000000);
    put(1, 0x80000000);
    outputs[1].active = (EFI_EDID_ACTIVE_PROTOCOL){sizeof(bytes), bytes};
    outputs[1].has_active = true;
    graphics_describe(&machine);
    ck_assert_uint_eq(machine.framebuffer_count, 1);
    ck_assert_uint_eq(machine.framebuffers[0].edid.address, (uint64_t)bytes);
}
END_TEST

START_TEST(outputs_that_are_none_are_passed_over)
{
    put(0, 0x80000000)->is_output = false;
    put(1, 0x90000000)->protocol.Mode = NULL;
    put(2, 0xA0000000)->mode.Info = NULL;
    put(3, 0); /* no framebuffer: only Blt */
    put(4, 0xB0000000);
    graphics_describe(&machine);
    ck_assert_uint_eq(machine.framebuffer_count, 1);
    ck_assert_uint_eq(machine.framebuffers[0].address, 0xB0000000);
    located = 0;
    graphics_describe(&machine);
    ck_assert_uint_eq(machine.framebuffer_count, 0);
    uint32_t current = 7;
    ck_assert_uint_eq(plat_graphics_modes(&current), 0);
}
END_TEST

START_TEST(there_are_sixteen_framebuffers_at_most)
{
    for (UINTN i = 0; i < PLAT_FRAMEBUFFERS_MAX + 1; i++) {
        put(i, 0x80000000 + (i << 24));
    }
    located = PLAT_FRAMEBUFFERS_MAX;
    table.ConsoleOutHandle = &outputs[PLAT_FRAMEBUFFERS_MAX]; /* one more than there is room for */
    graphics_describe(&machine);
    ck_assert_uint_eq(machine.framebuffer_count, PLAT_FRAMEBUFFERS_MAX);
}
END_TEST

/* The modes are those of the first framebuffer; a mode that is set is described anew. */
START_TEST(modes_are_listed_and_set)
{
    struct screen_mode mode = {0};
    uint32_t current = 0;
    put(0, 0x80000000);
    put(1, 0x90000000)->mode.MaxMode = 77;
    graphics_describe(&machine);
    ck_assert_uint_eq(plat_graphics_modes(&current), 5);
    ck_assert_uint_eq(current, 3);
    ck_assert(plat_graphics_mode(4, &mode));
    ck_assert_uint_eq(mode.width, 1028);
    ck_assert_uint_eq(mode.height, 600);
    ck_assert_uint_eq(mode.pixels_per_line, 832);
    ck_assert_uint_eq(mode.format, 1);
    ck_assert_uint_eq(freed, 1);
    ck_assert(!plat_graphics_mode(1, &mode) && !plat_graphics_mode(2, &mode));
    ck_assert_uint_eq(freed, 1);
    ck_assert_int_eq(plat_graphics_set(4, &machine), FIRMWARE_OK);
    ck_assert_uint_eq(machine.framebuffers[0].width, 640);
    ck_assert_uint_eq(outputs[0].mode.Mode, 4);
    ck_assert_int_eq(plat_graphics_set(9, &machine), FIRMWARE_DEVICE_ERROR);
    ck_assert_uint_eq(machine.framebuffer_count, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("efi_graphics");
    TCase *tests = tcase_create("graphics");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, an_output_is_described);
    tcase_add_test(tests, the_console_comes_first_and_once);
    tcase_add_test(tests, edids_are_whole_blocks_of_the_active_or_the_discovered);
    tcase_add_test(tests, an_output_of_the_same_framebuffer_only_gives_its_edid);
    tcase_add_test(tests, outputs_that_are_none_are_passed_over);
    tcase_add_test(tests, there_are_sixteen_framebuffers_at_most);
    tcase_add_test(tests, modes_are_listed_and_set);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-efi_graphics");
}
