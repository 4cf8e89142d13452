#include "bzimage.h"

#define BOOT_FLAG          0x1FE
#define JUMP_LENGTH        0x201 /* of a jump from 0x202: it ends where the header does */
#define JUMP_BASE          0x202
#define MAGIC              0x202
#define VERSION            0x206
#define INITRD_ADDRESS_MAX 0x22C
#define KERNEL_ALIGNMENT   0x230
#define RELOCATABLE        0x234
#define XLOADFLAGS         0x236
#define COMMAND_LINE_SIZE  0x238
#define PREFERRED_ADDRESS  0x258
#define INIT_SIZE          0x260
#define HEADER_NEEDED      0x264 /* the fields above lie below */

#define BOOT_FLAG_VALUE 0xAA55
#define MAGIC_VALUE     0x53726448 /* "HdrS" */
#define VERSION_LEAST   0x020C     /* Linux 3.8: the first with xloadflags and above 4 GiB */
#define SECTOR_SIZE     512
#define SETUP_SECTORS   4 /* where the header says 0 */

#define XLF_KERNEL_64 1
#define XLF_ABOVE_4G  2

static struct refusal check(const uint8_t *file, uint64_t size)
{
    if (size < SETUP_HEADER_MAX) {
        return refused("the file is too short for a Linux kernel; its bytes:", size);
    }
    if (field(file, BOOT_FLAG, 2) != BOOT_FLAG_VALUE) {
        return refused("not a Linux kernel: 0xaa55 expected at 0x1fe, found",
                       field(file, BOOT_FLAG, 2));
    }
    if (field(file, MAGIC, 4) != MAGIC_VALUE) {
        return refused("not a Linux kernel: 'HdrS' (0x53726448) expected at 0x202, found",
                       field(file, MAGIC, 4));
    }
    if (field(file, VERSION, 2) < VERSION_LEAST) {
        return refused("a Linux kernel before 3.8: boot protocol 0x020c is the least, found",
                       field(file, VERSION, 2));
    }
    uint32_t header_end = JUMP_BASE + file[JUMP_LENGTH];
    if (header_end < HEADER_NEEDED || header_end > SETUP_HEADER_MAX) {
        return refused("the setup header should end between 0x264 and 0x290, found", header_end);
    }
    uint64_t alignment = field(file, KERNEL_ALIGNMENT, 4);
    if (alignment == 0 || (alignment & (alignment - 1)) != 0) {
        return refused("kernel_alignment should be a power of two, found", alignment);
    }
    return accepted();
}

struct refusal bzimage_read(struct BootInfoSpan span, struct bzimage *out_image)
{
    const uint8_t *file = (const uint8_t *)(uintptr_t)span.address;
    struct refusal refusal = check(file, span.size);
    if (refusal.text != NULL) {
        return refusal;
    }
    uint64_t sectors = file[SETUP_HEADER] == 0 ? SETUP_SECTORS : file[SETUP_HEADER];
    uint64_t setup_size = (sectors + 1) * SECTOR_SIZE;
    if (span.size <= setup_size) {
        return refused("the file ends within its setup code; its bytes:", span.size);
    }
    uint64_t flags = field(file, XLOADFLAGS, 2);
    struct bzimage image = {
        .file = file,
        .header_end = JUMP_BASE + file[JUMP_LENGTH],
        .code = file + setup_size,
        .code_size = span.size - setup_size,
        .memory_size = field(file, INIT_SIZE, 4),
        .preferred = field(file, PREFERRED_ADDRESS, 8),
        .alignment = field(file, KERNEL_ALIGNMENT, 4),
        .relocatable = file[RELOCATABLE] != 0,
        .is_64 = (flags & XLF_KERNEL_64) != 0,
        .above_4g = (flags & XLF_ABOVE_4G) != 0,
        .initrd_last =
            (flags & XLF_ABOVE_4G) != 0 ? UINT64_MAX : field(file, INITRD_ADDRESS_MAX, 4),
        .command_line_max = (uint32_t)field(file, COMMAND_LINE_SIZE, 4),
    };
    if (image.memory_size < image.code_size) {
        image.memory_size = image.code_size;
    }
    *out_image = image;
    return accepted();
}
