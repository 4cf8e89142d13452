/* What an image is, its header, and what it needs: any bytes, any loader.cfg. */
#include "arch.h"
#include "core/image/foreign.h"
#include "core/image/kind.h"
#include "core/image/needs.h"

#include "fuzz.h"

#define HIGHER_HALF UINT64_C(0xFFFF800000000000)

/* Often one that can be. */
static uint64_t choose_map(struct choices *choices)
{
    uint64_t number = choose_number(choices);
    return (number & 1) != 0 ? number : HIGHER_HALF | (number & ~UINT64_C(0x3FFFFFFF));
}

static struct entry choose_entry(struct choices *choices)
{
    uint64_t given = choose(choices, 1);
    struct entry entry = {
        .stack = CONFIG_DEFAULT_STACK,
        .compression = (enum compression)choose_below(choices, COMPRESSION_ZLIB + 1),
    };
    if ((given & 1) != 0) {
        entry.address = choose_number(choices);
        entry.line[ENTRY_ADDRESS] = 1;
    }
    if ((given & 2) != 0) {
        entry.stack = 4096 + choose_number(choices) % (CONFIG_STACK_MAX - 4095);
        entry.line[ENTRY_STACK] = 2;
    }
    if ((given & 4) != 0) {
        entry.memory = choose_number(choices);
        entry.line[ENTRY_MEMORY] = entry.memory != 0 ? 3 : 0;
    }
    if ((given & 8) != 0) {
        entry.direct_map = choose_map(choices);
    }
    return entry;
}

static bool has(struct text head, const char *bytes, size_t size)
{
    return head.size >= size && memcmp(head.bytes, bytes, size) == 0;
}

static void check_refusal(const struct failure *failure, enum status status)
{
    CHECK(failure->status == status);
    CHECK(status != STATUS_IMAGE_NOT_RAW || failure->hint.size > 0);
    CHECK(status != STATUS_IMAGE_NOT_COMPRESSED || failure->hint.size > 0);
    check_message(failure);
}

static void check_recognise(struct text head, const struct entry *entry)
{
    struct failure failure = {.path = TEXT("/k")};
    enum image_kind format = (enum image_kind)UNTOUCHED;
    enum status status = image_recognise(bytes_of(head), entry, &arch_target, &failure, &format);
    bool gzip = has(head, "\x1F\x8B", 2);
    if (status != STATUS_OK) {
        CHECK(format == (enum image_kind)UNTOUCHED);
        CHECK((status == STATUS_FILE_EMPTY) == (head.size == 0));
        check_refusal(&failure, status);
        return;
    }
    CHECK(head.size > 0);
    CHECK((format == IMAGE_ZLIB) == (entry->compression == COMPRESSION_ZLIB));
    CHECK(format == IMAGE_ZLIB || (format == IMAGE_GZIP) == gzip);
    CHECK(entry->compression != COMPRESSION_GZIP || format == IMAGE_GZIP);
    CHECK(entry->compression != COMPRESSION_NONE || format == IMAGE_RAW || format == IMAGE_ELF64);
    if (format == IMAGE_RAW || format == IMAGE_ELF64) {
        enum image_kind inner;
        CHECK(has(head, "\x7F\x45LF", 4) == (format == IMAGE_ELF64));
        CHECK(!has(head, "PK\x03\x04", 4));
        CHECK(image_recognise_inflated(bytes_of(head), entry, &arch_target, &failure, &inner) ==
              STATUS_OK);
        CHECK(inner == format);
    }
}

static void check_inflated(struct text head, const struct entry *entry)
{
    struct failure failure = {.path = TEXT("/k")};
    enum status status = image_recognise_inflated(bytes_of(head), entry, &arch_target, &failure,
                                                  &(enum image_kind){IMAGE_OTHER});
    CHECK(status == STATUS_OK || failure.status == status);
    if (status != STATUS_OK) {
        check_refusal(&failure, status);
    }
}

/* Bytes that the header at offset has, of those that this version knows. */
static size_t header_size(struct text head, size_t offset)
{
    uint32_t size;
    memcpy(&size, head.bytes + offset + 12, sizeof(size));
    return size < 64 ? 56 : size < 72 ? 64 : 72;
}

/* Where the first header lies, found byte by byte; SIZE_MAX: there is none. */
static size_t header_offset(struct text head)
{
    for (size_t at = 0; at + 56 <= head.size && at + 56 <= 4096; at++) {
        size_t size = header_size(head, at);
        if (at % 8 == 0 && at + size <= head.size && at + size <= 4096 &&
            memcmp(head.bytes + at, "BOOTKERN", 8) == 0) {
            return at;
        }
    }
    return SIZE_MAX;
}

static bool check_header(struct text head, struct BootInfoKernelHeader *out_header)
{
    struct BootInfoKernelHeader *header = untouched(sizeof(*header));
    size_t offset = header_offset(head);
    bool found = image_header(bytes_of(head), header);
    CHECK(found == (offset != SIZE_MAX));
    if (found) {
        size_t size = header_size(head, offset);
        CHECK(memcmp(header, head.bytes + offset, size) == 0);
        CHECK(size >= 64 || header->direct_map == 0);
        CHECK(size >= 72 || (header->machine == 0 && header->reserved == 0));
    } else {
        CHECK(is_untouched(header, sizeof(*header)));
    }
    *out_header = *header;
    free(header);
    return found;
}

/* A header beyond the front: found byte by byte. */
static void check_search(struct text image)
{
    struct header_search search = {.image = bytes_of(image), .native_only = true};
    size_t end = image.size;
    size_t at = 0;
    struct failure failure = {.path = TEXT("/k")};
    CHECK(header_search(&search, &failure) == STATUS_OK);
    for (; at + 56 <= end; at += 8) {
        struct BootInfoKernelHeader said;
        memcpy(&said, image.bytes + at, 56);
        uint32_t size = said.size < 64 ? 56 : said.size < 72 ? 64 : 72;
        bool here = memcmp(image.bytes + at, "BOOTKERN", 8) == 0 && at + size <= end &&
                    said.abi_major == 1 && said.size >= 56 && said.size <= 4096;
        if (here) {
            CHECK(search.found && search.at == at &&
                  memcmp(&search.header, image.bytes + at, size) == 0);
            break;
        }
    }
    CHECK(search.found == (at + 56 <= end));
    search.native_only = false;
    enum status status = header_search(&search, &failure);
    if (status != STATUS_OK) {
        CHECK(!search.found && failure.status == status);
        check_message(&failure);
    }
}

/* A header that makes sense in most of its fields, for an image of that size. */
static struct BootInfoKernelHeader choose_header(struct choices *choices, uint64_t image_size)
{
    uint64_t odd = choose(choices, 1);
    uint64_t inside = (odd & 128) != 0 ? image_size - choose_below(choices, 2) : choose(choices, 2);
    return (struct BootInfoKernelHeader){
        .magic = BOOTINFO_KERNEL_MAGIC,
        .abi_major = (odd & 1) != 0 ? (uint16_t)choose(choices, 2) : BOOTINFO_VERSION_MAJOR,
        .abi_minor = (odd & 2) != 0 ? (uint16_t)choose(choices, 2) : (uint16_t)(odd >> 6 & 1),
        .size = (odd & 4) != 0 ? (uint32_t)choose(choices, 4) : BOOTINFO_KERNEL_HEADER_SIZE_1_0,
        .load_address = (odd & 8) != 0 ? choose_number(choices) : arch_target.lowest_address,
        .memory_size = choose_number(choices),
        .entry = (odd & 16) != 0 ? choose_number(choices) : arch_target.lowest_address + inside,
        .stack_size = (odd & 32) != 0 ? choose_number(choices) : 0,
        .flags = (odd & 64) != 0 ? choose_number(choices) : 0,
        .direct_map = (odd & 2) != 0 ? choose_map(choices) : 0,
    };
}

/* What goes into image_resolve. */
struct question {
    const struct entry *entry;
    const struct BootInfoKernelHeader *header; /* or NULL */
    uint64_t image_size;
    uint64_t limit;
};

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static bool is_header_sane(const struct BootInfoKernelHeader *header)
{
    return header->abi_major == 1 && header->abi_minor <= BOOTINFO_VERSION_MINOR &&
           header->size >= 56 && (header->flags & ~UINT64_C(3)) == 0 &&
           header->stack_size <= CONFIG_STACK_MAX;
}

/* The answer that docs/abi.md and docs/config.md ask for; false: refused. */
static bool expected(const struct question *question, struct image_needs *out_needs)
{
    struct BootInfoKernelHeader header = {.abi_major = 1, .size = 56};
    const struct entry *entry = question->entry;
    if (question->header != NULL) {
        header = *question->header;
    }
    uint64_t needed = larger(question->image_size, header.memory_size);
    bool agreed = header.load_address == 0 || entry->line[ENTRY_ADDRESS] == 0 ||
                  entry->address == header.load_address;
    bool maps_agreed =
        header.direct_map == 0 || entry->direct_map == 0 || header.direct_map == entry->direct_map;
    bool stack_agreed = entry->line[ENTRY_STACK] == 0 || entry->stack >= header.stack_size;
    bool holds = (header.memory_size == 0 || header.memory_size >= question->image_size) &&
                 (entry->memory == 0 || entry->memory >= needed);
    struct image_needs needs = {
        .address = header.load_address != 0          ? header.load_address
                   : entry->line[ENTRY_ADDRESS] != 0 ? entry->address
                                                     : arch_target.lowest_address,
        .memory_size = entry->memory != 0 ? entry->memory : needed,
        .stack_size = (larger(entry->stack, header.stack_size) + 4095) / 4096 * 4096,
        .direct_map = larger(header.direct_map, entry->direct_map),
        .last = (header.flags & 2) != 0 ? UINT32_MAX : 0,
    };
    needs.entry = header.entry != 0 ? header.entry : needs.address;
    unsigned __int128 end = (unsigned __int128)needs.address + needs.memory_size;
    uint64_t code = question->image_size != 0 ? question->image_size : needs.memory_size;
    bool placeable = needs.address % 4096 == 0 && needs.address >= 0x100000 &&
                     (end + 4095) / 4096 * 4096 <= question->limit;
    bool map_fits = needs.direct_map == 0 ||
                    (needs.direct_map >= HIGHER_HALF && needs.direct_map % 0x40000000 == 0);
    bool enters = needs.entry >= needs.address && needs.entry - needs.address < code;
    *out_needs = needs;
    return is_header_sane(&header) && agreed && stack_agreed && maps_agreed && holds &&
           needs.memory_size != 0 && placeable && enters && map_fits;
}

static void check_resolve(const struct question *question)
{
    struct failure failure = {.path = TEXT("/k")};
    struct image_needs *needs = untouched(sizeof(*needs));
    struct image_needs wanted;
    bool accepted = expected(question, &wanted);
    struct image_request request = {question->entry,
                                    question->header,
                                    question->image_size,
                                    {arch_target.lowest_address, question->limit, HIGHER_HALF}};
    enum status status = image_resolve(&request, &failure, needs);
    CHECK((status == STATUS_OK) == accepted);
    if (accepted) {
        CHECK(memcmp(needs, &wanted, sizeof(wanted)) == 0);
    } else {
        CHECK(is_untouched(needs, sizeof(*needs)));
        check_refusal(&failure, status);
    }
    free(needs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct choices choices = {data, size};
    struct entry entry = choose_entry(&choices);
    struct BootInfoKernelHeader header;
    struct question question = {
        .entry = &entry,
        .image_size = choose_number(&choices),
        .limit = UINT64_C(1) << (20 + choose_below(&choices, 44)),
    };
    bool header_given = choose_below(&choices, 2) != 0;
    if (header_given) {
        header = choose_header(&choices, question.image_size);
    }
    struct text head = choose_rest(&choices);
    struct BootInfoKernelHeader found;
    check_recognise(head, &entry);
    check_inflated(head, &entry);
    check_search(head);
    if (check_header(head, &found)) {
        question.header = &found;
        check_resolve(&question);
    }
    question.header = header_given ? &header : NULL;
    check_resolve(&question);
    return 0;
}
