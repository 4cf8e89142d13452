/* Says through an EFI variable that it came up: the loader counts its starts no longer. With
 * "give up" as its command line it fails before that. */
#include "boot_success.h"
#include "console.h"
#include "finish.h"

BOOTINFO_KERNEL_HEADER(kernel_main, 0x4000);

static int equal(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    if (magic != BOOTINFO_MAGIC || !bootinfo_valid(info)) {
        finish(0);
    }
    console_use(&info->serial);
    print("command line: '");
    print_span(info->command_line);
    print("'\n");
    if (equal(bootinfo_text(info->command_line), "give up")) {
        finish(1);
    }
    uint64_t status = bootinfo_boot_success(info);
    print("came up, EFI status ");
    print_hex(status, 0);
    print("\n");
    finish(status == 0);
}
