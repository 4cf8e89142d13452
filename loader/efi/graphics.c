/* Screens through EFI_GRAPHICS_OUTPUT_PROTOCOL and their EDIDs (UEFI 2.10 section 12.9). */
#include <string.h>

#include "efi/firmware.h"

#define OUTPUTS_MAX \
    (PLAT_FRAMEBUFFERS_MAX + 1) /* the console's handle may stand for another one of them */
#define EDID_BLOCK    128
#define EDID_SIZE_MAX (256 * EDID_BLOCK) /* E-EDID: the first block counts 255 more at most */

static EFI_HANDLE outputs[OUTPUTS_MAX];
/* The output of the first framebuffer; without one, any output: it may have other modes. */
static EFI_GRAPHICS_OUTPUT_PROTOCOL *first;

static void *protocol_of(EFI_HANDLE handle, const EFI_GUID *guid)
{
    void *protocol = NULL;
    EFI_STATUS status =
        handle == NULL
            ? EFI_UNSUPPORTED
            : firmware_table->BootServices->HandleProtocol(handle, guid_of(guid), &protocol);
    return EFI_ERROR(status) ? NULL : protocol;
}

static EFI_GRAPHICS_OUTPUT_PROTOCOL *output_of(EFI_HANDLE handle)
{
    static const EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
    EFI_GRAPHICS_OUTPUT_PROTOCOL *output = protocol_of(handle, &guid);
    bool usable = output != NULL && output->Mode != NULL && output->Mode->Info != NULL;
    return usable ? output : NULL;
}

/* Fills outputs: first the console's handle, then all others. Returns their number. */
static UINTN find_outputs(void)
{
    static const EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
    UINTN size = sizeof(outputs) - sizeof(outputs[0]);
    EFI_STATUS status = firmware_table->BootServices->LocateHandle(ByProtocol, guid_of(&guid), NULL,
                                                                   &size, outputs + 1);
    outputs[0] = firmware_table->ConsoleOutHandle;
    UINTN count = EFI_ERROR(status) ? 0 : size / sizeof(outputs[0]);
    return 1 + (count < OUTPUTS_MAX ? count : OUTPUTS_MAX - 1);
}

static struct screen_mode mode_of(const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info)
{
    return (struct screen_mode){
        .width = info->HorizontalResolution,
        .height = info->VerticalResolution,
        .pixels_per_line = info->PixelsPerScanLine,
        .format = info->PixelFormat,
        .red_mask = info->PixelInformation.RedMask,
        .green_mask = info->PixelInformation.GreenMask,
        .blue_mask = info->PixelInformation.BlueMask,
        .reserved_mask = info->PixelInformation.ReservedMask,
    };
}

static void find_edid(EFI_HANDLE handle, struct BootInfoSpan *edid)
{
    static const EFI_GUID guids[] = {EFI_EDID_ACTIVE_PROTOCOL_GUID,
                                     EFI_EDID_DISCOVERED_PROTOCOL_GUID};
    for (size_t i = 0; i < 2 && edid->size == 0; i++) {
        const EFI_EDID_ACTIVE_PROTOCOL *found = protocol_of(handle, &guids[i]);
        if (found != NULL && found->Edid != NULL && found->SizeOfEdid <= EDID_SIZE_MAX) {
            edid->size = found->SizeOfEdid - found->SizeOfEdid % EDID_BLOCK;
            edid->address = edid->size > 0 ? (uint64_t)found->Edid : 0;
        }
    }
}

/* The console's output often stands for another one, and only that one has an EDID. */
static void add_screen(struct machine *machine, EFI_HANDLE handle)
{
    EFI_GRAPHICS_OUTPUT_PROTOCOL *output = output_of(handle);
    struct BootInfoFramebuffer framebuffer;
    uint32_t at = 0;
    if (machine->framebuffer_count == 0 && output != NULL) {
        first = output;
    }
    if (output == NULL) {
        return;
    }
    struct screen_mode mode = mode_of(output->Mode->Info);
    mode.address = output->Mode->FrameBufferBase;
    mode.size = output->Mode->FrameBufferSize;
    if (!screen_describe(&mode, &framebuffer)) {
        return;
    }
    while (at < machine->framebuffer_count &&
           machine->framebuffers[at].address != framebuffer.address) {
        at++;
    }
    if (at == PLAT_FRAMEBUFFERS_MAX) {
        return;
    }
    if (at == machine->framebuffer_count) {
        machine->framebuffers[machine->framebuffer_count++] = framebuffer;
    }
    find_edid(handle, &machine->framebuffers[at].edid);
}

void graphics_describe(struct machine *machine)
{
    UINTN count = find_outputs();
    machine->framebuffer_count = 0;
    first = NULL;
    for (UINTN i = 0; i < count; i++) {
        if (i == 0 || outputs[i] != outputs[0]) {
            add_screen(machine, outputs[i]);
        }
    }
}

uint32_t plat_graphics_modes(uint32_t *out_current)
{
    if (first == NULL) {
        return 0;
    }
    *out_current = first->Mode->Mode;
    return first->Mode->MaxMode;
}

bool plat_graphics_mode(uint32_t number, struct screen_mode *out_mode)
{
    EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info = NULL;
    UINTN size = 0;
    if (EFI_ERROR(first->QueryMode(first, number, &size, &info)) || info == NULL) {
        return false;
    }
    *out_mode = mode_of(info);
    firmware_table->BootServices->FreePool(info);
    return true;
}

enum firmware plat_graphics_set(uint32_t number, struct machine *machine)
{
    enum firmware answer = firmware_answer(first->SetMode(first, number));
    graphics_describe(machine);
    return answer;
}
