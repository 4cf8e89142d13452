/* ELF files: any bytes. What is accepted can be loaded without another look, searched for the
 * headers of loaders, and relocated. */
#include "core/image/elf.h"
#include "arch.h"

#include "core/image/foreign.h"
#include "core/memory/map.h"
#include "fuzz.h"

#define IMAGE_MAX (UINT64_C(1) << 20)

/* Where two segments share a byte, or a virtual page that is not one physical page. */
static void check_pair(const struct elf_segment *a, const struct elf_segment *b)
{
    uint64_t a_last = (a->address + a->memory_size - 1) / PAGE_SIZE;
    uint64_t b_last = (b->address + b->memory_size - 1) / PAGE_SIZE;
    bool share = a->address / PAGE_SIZE <= b_last && b->address / PAGE_SIZE <= a_last;
    CHECK(a->at + a->memory_size <= b->at);
    CHECK(!share || a->address - a->at == b->address - b->at);
    CHECK(a->file_size == 0 || b->file_size == 0 || a->offset + a->file_size <= b->offset ||
          b->offset + b->file_size <= a->offset);
}

static void check_segments(const struct elf *elf, uint64_t file_size)
{
    uint64_t end = 0;
    uint64_t loaded = 0;
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        CHECK(segment->memory_size > 0 && segment->file_size <= segment->memory_size);
        CHECK(i > 0 || segment->at < PAGE_SIZE);
        CHECK(segment->address % PAGE_SIZE == segment->at % PAGE_SIZE);
        CHECK(segment->memory_size <= UINT64_MAX - PAGE_SIZE - segment->address + 1);
        CHECK((segment->flags & ~(uint32_t)(ELF_WRITE | ELF_EXECUTE)) == 0);
        for (uint32_t j = 0; j < i; j++) {
            check_pair(&elf->segments[j], segment);
        }
        end = segment->at + segment->memory_size;
        if (segment->file_size > 0) {
            CHECK(segment->offset <= file_size &&
                  segment->file_size <= file_size - segment->offset);
            loaded = segment->at + segment->file_size;
        }
    }
    CHECK(elf->memory_size == end && elf->loaded_size == loaded);
}

/* By virtual or physical address. */
static bool is_entered(const struct elf *elf)
{
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        const uint64_t starts[] = {segment->address, elf->physical + segment->at};
        for (int j = 0; j < 2; j++) {
            if ((segment->flags & ELF_EXECUTE) != 0 && elf->entry >= starts[j] &&
                elf->entry < starts[j] + segment->file_size) {
                return true;
            }
        }
    }
    return false;
}

/* Each segment with bytes in the file once, in the order of the file. */
static void check_file_order(const struct elf *elf)
{
    uint32_t expected = 0;
    uint32_t count = 0;
    uint64_t offset = 0;
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        expected += elf->segments[i].file_size > 0 ? 1 : 0;
    }
    for (const struct elf_segment *next = NULL; (next = elf_next_in_file(elf, offset)) != NULL;) {
        CHECK(next->offset >= offset);
        offset = next->offset + next->file_size;
        count++;
    }
    CHECK(count == expected);
}

static void check_elf(const struct elf *elf, uint64_t file_size)
{
    CHECK(elf->segment_count >= 1 && elf->segment_count <= ELF_SEGMENTS_MAX);
    CHECK(elf->address % PAGE_SIZE == 0 && elf->physical % PAGE_SIZE == 0);
    CHECK(elf->memory_size <= UINT64_MAX - PAGE_SIZE - elf->physical + 1);
    CHECK(elf->loaded_size > 0 && elf->loaded_size <= elf->memory_size);
    CHECK(elf->alignment >= PAGE_SIZE && elf->alignment <= UINT64_C(1) << 30);
    CHECK((elf->alignment & (elf->alignment - 1)) == 0);
    CHECK(elf->dynamic_size == 0 || (elf->dynamic <= elf->loaded_size &&
                                     elf->dynamic_size <= elf->loaded_size - elf->dynamic));
    CHECK(is_entered(elf));
    check_segments(elf, file_size);
    check_file_order(elf);
}

#define LAST_2_GIB (-(UINT64_C(1) << 31))

/* What header_search looks for, and where it has to find it: at a multiple of step in the first
 * limit bytes of a segment. */
static const struct plant {
    uint64_t words[3];
    uint32_t size;
    uint32_t step;
    uint32_t limit; /* 0: it has another place */
    bool request;   /* of a writable segment, where kernels with requests are linked */
} plants[] = {
    {{0}, 0, 1, 0, false},
    {{UINT64_C(0x4E52454B544F4F42), UINT64_C(0x3800000001)}, 56, 8, 0, false},
    {{0xE85250D6, UINT64_C(0x17ADAF1A00000010)}, 16, 8, 0x8000, false}, /* Multiboot2 */
    {{0x1BADB002, 0xE4524FFE}, 12, 4, 0x2000, false},                   /* Multiboot */
    {{UINT64_C(0x006E655800000012)}, 8, 4, 0, false},                   /* PVH, in notes */
    {{UINT64_C(0xC7B1DD30DF4C8B88)}, 8, 8, 0x40000, true},              /* Limine */
    {{UINT64_C(0xF9562B2D5C95A6C8), UINT64_C(0x6A7B384944536BDC), 3}, 24, 8, 0x40000, true},
    {{UINT64_C(0x3ECC1BC43D0F7971)}, 8, 8, 0x40000, true}, /* stivale2 */
};

enum { NATIVE = 1, PLANTS = sizeof(plants) / sizeof(plants[0]) };

static bool must_find(const struct elf *elf, const struct plant *plant, uint64_t at)
{
    bool high = elf->address >= LAST_2_GIB || elf->position_independent;
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        uint64_t size = segment->file_size < plant->limit ? segment->file_size : plant->limit;
        bool allowed = !plant->request || (high && (segment->flags & ELF_WRITE) != 0);
        if (allowed && at >= segment->at && (at - segment->at) % plant->step == 0 && size > 0 &&
            plant->size <= size && at - segment->at <= size - plant->size) {
            return true;
        }
    }
    return false;
}

/* What is put where follows from all bytes of the file: each input tries another pair. */
static const struct plant *plant(const struct elf *elf, struct text file, uint8_t *image,
                                 uint64_t *out_at)
{
    uint64_t number = 0xCBF29CE484222325; /* FNV-1a */
    for (size_t i = 0; i < file.size; i++) {
        number = (number ^ (uint8_t)file.bytes[i]) * 0x100000001B3;
    }
    const struct plant *plant = &plants[(number >> 8) % PLANTS];
    uint64_t at = (number >> 16) % elf->loaded_size / 4 * 4;
    uint64_t room = elf->loaded_size - at;
    uint64_t size = plant->size < sizeof(plant->words) ? plant->size : sizeof(plant->words);
    memcpy(image + at, plant->words, room < size ? room : size);
    *out_at = at;
    return plant;
}

/* The sanitizer watches the ends of the image. */
static void search(const struct elf *elf, uint8_t *image, const struct plant *plant, uint64_t at)
{
    struct failure failure = {.path = TEXT("/k")};
    struct header_search search = {.image = {image, elf->loaded_size}, .elf = elf};
    enum status status = header_search(&search, &failure);
    CHECK(status == STATUS_OK || !search.found);
    CHECK(plant != &plants[NATIVE] || at % 8 != 0 || elf->loaded_size - at < 56 || search.found);
    if (search.found) {
        CHECK(search.at % 8 == 0 && search.at + 56 <= elf->loaded_size);
        CHECK(memcmp(image + search.at, "BOOTKERN", 8) == 0);
        CHECK(memcmp(image + search.at, &search.header, 56) == 0);
    } else if (status == STATUS_OK) {
        CHECK(!must_find(elf, plant, at));
    } else {
        CHECK(status == STATUS_IMAGE_FOREIGN || status == STATUS_IMAGE_LIMINE);
        CHECK(failure.status == status && (status == STATUS_IMAGE_LIMINE || failure.hint.size > 0));
        check_message(&failure);
    }
    struct header_search native = search;
    native.native_only = true;
    CHECK(header_search(&native, &failure) == STATUS_OK && native.found == search.found);
    CHECK(!search.found || native.at == search.at);
}

/* As the loader does it. */
static void load(const struct elf *elf, struct text file, uint64_t distance)
{
    struct failure failure = {.path = TEXT("/k")};
    uint64_t at;
    uint8_t *image = malloc(elf->loaded_size);
    CHECK(image != NULL);
    memset(image, 0, elf->loaded_size);
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        if (segment->file_size > 0) {
            memcpy(image + segment->at, file.bytes + segment->offset, segment->file_size);
        }
    }
    const struct plant *planted = plant(elf, file, image, &at);
    search(elf, image, planted, at);
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
            load(elf, file, distance);
        }
    }
    free(elf);
    return 0;
}
