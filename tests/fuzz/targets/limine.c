/* The adapter limine reads, loads and searches any file. */
#include "fuzz.h"
#include "image.h"

#define IMAGE_MOST (UINT64_C(4) << 20) /* larger ones only cost time */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct limine_image image;
    struct BootInfoSpan file = {(uintptr_t)data, size};
    if (limine_read(file, &image).text != NULL || image.size > IMAGE_MOST) {
        return 0;
    }
    CHECK(image.virtual_address >= LIMINE_SPACE && image.size % 4096 == 0);
    image.bytes = calloc(1, image.size);
    if (limine_load(&image).text == NULL) {
        struct limine_wishes wishes = limine_scan(&image);
        uint64_t at = 0;
        uint32_t count = 0;
        while (limine_next(&image, &at) != NULL) {
            count++;
        }
        CHECK(count == wishes.requests);
        CHECK(wishes.revision <= LIMINE_REVISION_MAX && wishes.revision <= wishes.asked);
        CHECK(wishes.stack_size >= 0x10000 && wishes.stack_size % 4096 == 0);
        limine_confirm(&image, wishes.revision);
    }
    free(image.bytes);
    return 0;
}
