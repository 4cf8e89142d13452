/* Messages: to the console and, unless its output goes there already, to the serial port. */
#include <string.h>

#include "core/base/path.h"
#include "efi/firmware.h"

#define PAUSE_MS      10000
#define PAUSE_STEP_MS 20
#define PIECE         256 /* bytes of text a call */

/* A piece of text that ends with a whole character, at most PIECE bytes. */
static size_t piece_of(struct text text)
{
    size_t size = least(text.size, PIECE);
    while (size > 1 && size < text.size && byte_continues_character(text.bytes[size])) {
        size--;
    }
    return size;
}

static void console_write(struct text text)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *console = firmware_table->ConOut;
    char piece[2 * PIECE + 1];
    uint16_t units[2 * PIECE + 1];
    while (console != NULL && text.size > 0) {
        size_t size = piece_of(text);
        struct writer writer = writer_on(piece, sizeof(piece));
        for (size_t i = 0; i < size; i++) {
            write_string(&writer, text.bytes[i] == '\n' ? "\r" : "");
            write_char(&writer, text.bytes[i]);
        }
        path_to_ucs2(piece, units);
        console->OutputString(console, (CHAR16 *)units);
        text = text_after(text, size);
    }
}

void plat_say(struct text text)
{
    console_write(text);
    serial_write(text);
}

void plat_note(struct text text)
{
    serial_note(text);
}

static bool key_pressed(void)
{
    SIMPLE_INPUT_INTERFACE *input = firmware_table->ConIn;
    EFI_INPUT_KEY key;
    return input != NULL && !EFI_ERROR(input->ReadKeyStroke(input, &key));
}

static void wait(uint32_t milliseconds)
{
    firmware_table->BootServices->Stall((UINTN)milliseconds * 1000);
}

/* Without a pause the firmware may clear the screen before anybody has read it. */
void plat_pause(void)
{
    plat_say(TEXT("Press a key to return to the firmware; it goes on by itself in 10 seconds.\n"));
    for (uint32_t waited = 0; waited < PAUSE_MS && !key_pressed(); waited += PAUSE_STEP_MS) {
        wait(PAUSE_STEP_MS);
    }
}

void plat_restart(void)
{
    wait(PAUSE_MS);
    firmware_table->RuntimeServices->ResetSystem(EfiResetCold, EFI_LOAD_ERROR, 0, NULL);
    arch_halt();
}
