/* ELF files: any bytes. What is accepted can be loaded without another look, and relocated. */
#include "core/image/elf.h"
#include "arch.h"

#include "core/memory/map.h"
#include "fuzz.h"

#define IMAGE_MAX (UINT64_C(1) << 20)

static void check_segments(const struct elf *elf, uint64_t file_size)
{
    uint64_t file_end = 0;
    uint64_t end = 0;
    uint64_t loaded = 0;
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        CHECK(segment->memory_size > 0 && segment->file_size <= segment->memory_size);
        CHECK(segment->offset <= file_size && segment->file_size <= file_size - segment->offset);
        CHECK(segment->at >= end && (i > 0 || segment->at < PAGE_SIZE));
        CHECK((segment->flags & ~(uint32_t)(ELF_WRITE | ELF_EXECUTE)) == 0);
        CHECK(i == 0 || segment->at / PAGE_SIZE != (end - 1) / PAGE_SIZE ||
              segment->flags == elf->segments[i - 1].flags);
        end = segment->at + segment->memory_size;
        if (segment->file_size > 0) {
            CHECK(segment->offset >= file_end);
            file_end = segment->offset + segment->file_size;
            loaded = segment->at + segment->file_size;
        }
    }
    CHECK(elf->memory_size == end && elf->loaded_size == loaded);
}

static bool is_entered(const struct elf *elf)
{
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        uint64_t start = elf->address + segment->at;
        if ((segment->flags & ELF_EXECUTE) != 0 && elf->entry >= start &&
            elf->entry < start + segment->file_size) {
            return true;
        }
    }
    return false;
}

static void check_elf(const struct elf *elf, uint64_t file_size)
{
    CHECK(elf->segment_count >= 1 && elf->segment_count <= ELF_SEGMENTS_MAX);
    CHECK(elf->address % PAGE_SIZE == 0 && elf->physical % PAGE_SIZE == 0);
    CHECK(elf->memory_size <= UINT64_MAX - PAGE_SIZE - elf->address + 1);
    CHECK(elf->memory_size <= UINT64_MAX - PAGE_SIZE - elf->physical + 1);
    CHECK(elf->loaded_size > 0 && elf->loaded_size <= elf->memory_size);
    CHECK(elf->alignment >= PAGE_SIZE && elf->alignment <= UINT64_C(1) << 30);
    CHECK((elf->alignment & (elf->alignment - 1)) == 0);
    CHECK(elf->dynamic_size == 0 || elf_is_loaded(elf, elf->dynamic, elf->dynamic_size));
    CHECK(is_entered(elf));
    check_segments(elf, file_size);
}

/* The sanitizer watches the ends of the image. */
static void relocate(const struct elf *elf, struct text file, uint64_t distance)
{
    struct failure failure = {.path = TEXT("/k")};
    uint8_t *image = malloc(elf->loaded_size);
    CHECK(image != NULL);
    memset(image, 0, elf->loaded_size);
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        if (segment->file_size > 0) {
            memcpy(image + segment->at, file.bytes + segment->offset, segment->file_size);
        }
    }
    enum status status =
        elf_relocate(elf, image, (struct elf_move){&arch_target, distance}, &failure);
    if (status != STATUS_OK) {
        CHECK(status == STATUS_ELF_DYNAMIC || status == STATUS_ELF_RELOCATION);
        CHECK(failure.status == status);
        check_message(&failure);
    }
    free(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct choices choices = {data, size};
    struct failure failure = {.path = TEXT("/k")};
    uint64_t distance = choose_number(&choices);
    bool unknown = choose_below(&choices, 4) == 3;
    struct text file = choose_rest(&choices);
    struct text head = {file.bytes, file.size < ELF_HEAD_SIZE ? file.size : ELF_HEAD_SIZE};
    uint64_t file_size = unknown ? ELF_SIZE_UNKNOWN : file.size;
    struct elf *elf = untouched(sizeof(*elf));
    enum status status = elf_parse(bytes_of(head), file_size, &failure, elf);
    if (status != STATUS_OK) {
        CHECK(is_untouched(elf, sizeof(*elf)));
        CHECK(failure.status == status);
        check_message(&failure);
    } else {
        check_elf(elf, file_size);
        if (!unknown && elf->loaded_size <= IMAGE_MAX) {
            relocate(elf, file, distance);
        }
    }
    free(elf);
    return 0;
}
