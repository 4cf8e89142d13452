/* The info block: docs/abi.md, "struct BootInfo". */
#include "judge.h"

#define PIECES_MAX 64

/* A part of the info block: the struct, an array, or a text with its NUL. */
struct piece {
    uint64_t address;
    uint64_t size;
    bool text;
};

struct pieces {
    struct piece items[PIECES_MAX];
    uint32_t count; /* may be more than PIECES_MAX: then the rest is not kept */
};

static void add_piece(struct pieces *pieces, uint64_t address, uint64_t size, bool text)
{
    if (pieces->count < PIECES_MAX) {
        pieces->items[pieces->count] = (struct piece){address, size, text};
    }
    pieces->count++;
}

static void add_array(struct pieces *pieces, const struct BootInfoArray *array)
{
    if (array->count > 0) {
        add_piece(pieces, array->address, (uint64_t)array->count * array->entry_size, false);
    }
}

static void add_span(struct pieces *pieces, const struct BootInfoSpan *span)
{
    if (span->address != 0) {
        add_piece(pieces, span->address, span->size, false);
    }
}

static void add_text(struct pieces *pieces, struct BootInfoSpan text)
{
    add_piece(pieces, text.address, text.size + 1, true);
}

/* All that BootInfo keeps in its block. Modules' names and the like follow from there. */
static void find_pieces(const struct BootInfo *info, struct pieces *pieces)
{
    pieces->count = 0;
    add_piece(pieces, (uintptr_t)info, info->size, false);
    add_array(pieces, &info->memory_map);
    add_array(pieces, &info->modules);
    add_array(pieces, &info->framebuffers);
    add_array(pieces, &info->timeline);
    add_array(pieces, &info->cpus);
    add_piece(pieces, info->efi_memory_map.address, info->efi_memory_map.size, false);
    add_text(pieces, info->command_line);
    add_text(pieces, info->loader_name);
    add_text(pieces, info->log);
    add_text(pieces, info->kernel_file.name);
    for (uint32_t i = 0; i < info->modules.count; i++) {
        add_text(pieces, bootinfo_module(info, i)->name);
        add_text(pieces, bootinfo_module(info, i)->arguments);
    }
    add_span(pieces, &info->tpm_event_log);
    add_span(pieces, &info->device_tree);
    for (uint32_t i = 0; i < info->framebuffers.count; i++) {
        add_span(pieces, &bootinfo_framebuffer(info, i)->edid);
    }
}

static struct finding version(const struct evidence *evidence)
{
    const struct BootInfo *info = evidence->info;
    if (info->version_major != BOOTINFO_VERSION_MAJOR ||
        info->version_minor != BOOTINFO_VERSION_MINOR) {
        return broken(NOWHERE, info->version_minor, BOOTINFO_VERSION_MINOR);
    }
    return expect(info->size, BOOTINFO_SIZE_1_2);
}

static struct finding virtual_addresses(const struct evidence *evidence)
{
    const struct BootInfo *info = evidence->info;
    return info->direct_map != 0 ? broken(NOWHERE, info->direct_map, 0)
                                 : expect(info->kernel_virtual, info->kernel.address);
}

static struct finding checksum(const struct evidence *evidence)
{
    return expect(evidence->info->checksum, bootinfo_checksum(evidence->info));
}

static struct finding flags(const struct evidence *evidence)
{
    const uint32_t known = BOOTINFO_FLAG_FAULT_HANDLERS | BOOTINFO_FLAG_NX | BOOTINFO_FLAG_LA57 |
                           BOOTINFO_FLAG_SECURE_BOOT | BOOTINFO_FLAG_FRAMEBUFFER_LINEAR |
                           BOOTINFO_FLAG_STAGED | BOOTINFO_FLAG_SEALED | BOOTINFO_FLAG_VERIFIED |
                           BOOTINFO_FLAG_MEASURED | BOOTINFO_FLAG_TPM_LOG_TRUNCATED |
                           BOOTINFO_FLAG_EL2_DROPPED;
    return expect(evidence->info->flags & ~known, 0);
}

/* Values that later versions add are the business of kernels built for those. */
static struct finding known_values(const struct evidence *evidence)
{
    const struct BootInfo *info = evidence->info;
    const uint32_t sources = BOOTINFO_RANDOM_EFI | BOOTINFO_RANDOM_RDSEED | BOOTINFO_RANDOM_RDRAND |
                             BOOTINFO_RANDOM_RNDRRS;
    const struct {
        uint32_t found, most;
    } values[] = {{info->secure_boot, BOOTINFO_SECURE_BOOT_UNKNOWN},
                  {info->psci, BOOTINFO_PSCI_SMC},
                  {info->random_sources, sources},
                  {info->partition_kind, BOOTINFO_PARTITION_GPT}};
    for (uint32_t i = 0; i < COUNT(values); i++) {
        if (values[i].found > values[i].most) {
            return broken(i, values[i].found, values[i].most);
        }
    }
    if (info->tpm_log_format != BOOTINFO_TPM_LOG_NONE &&
        info->tpm_log_format != BOOTINFO_TPM_LOG_CRYPTO_AGILE) {
        return broken(NOWHERE, info->tpm_log_format, BOOTINFO_TPM_LOG_CRYPTO_AGILE);
    }
    return expect(info->machine, BOOTINFO_MACHINE_X86_64);
}

static struct finding strides(const struct evidence *evidence)
{
    const struct BootInfo *info = evidence->info;
    const struct BootInfoArray *arrays[] = {&info->memory_map, &info->modules, &info->framebuffers,
                                            &info->timeline, &info->cpus};
    const uint32_t sizes[] = {sizeof(struct BootInfoRegion), sizeof(struct BootInfoModule),
                              sizeof(struct BootInfoFramebuffer), sizeof(struct BootInfoTimestamp),
                              sizeof(struct BootInfoCpu)};
    for (uint32_t i = 0; i < COUNT(arrays); i++) {
        if (arrays[i]->entry_size != sizes[i]) {
            return broken(i, arrays[i]->entry_size, sizes[i]);
        }
        if ((arrays[i]->count == 0) != (arrays[i]->address == 0)) {
            return broken(i, arrays[i]->address, 0);
        }
    }
    return as_promised();
}

static struct finding reserved_fields(const struct evidence *evidence)
{
    const struct BootInfo *info = evidence->info;
    uint64_t bits = info->serial.reserved | info->kernel_file.reserved | info->reserved_1_2;
    for (uint32_t i = 0; i < info->memory_map.count; i++) {
        bits |= bootinfo_region(info, i)->reserved;
    }
    for (uint32_t i = 0; i < info->framebuffers.count; i++) {
        const struct BootInfoFramebuffer *buffer = bootinfo_framebuffer(info, i);
        bits |= buffer->reserved[0] | buffer->reserved[1];
    }
    for (uint32_t i = 0; i < info->timeline.count; i++) {
        bits |= bootinfo_timestamp(info, i)->reserved;
    }
    for (uint32_t i = 0; i < info->cpus.count; i++) {
        bits |= bootinfo_cpu(info, i)->reserved;
    }
    return expect(bits, 0);
}

static struct finding pieces_inside(const struct evidence *evidence)
{
    const struct BootInfoSpan *block = &evidence->info->info;
    struct pieces pieces;
    find_pieces(evidence->info, &pieces);
    if (pieces.count > PIECES_MAX) {
        return broken(NOWHERE, pieces.count, PIECES_MAX);
    }
    for (uint32_t i = 0; i < pieces.count; i++) {
        const struct piece *piece = &pieces.items[i];
        if (!lies_within(piece->address, piece->size, block->address, block->size)) {
            return broken(piece->address, piece->size, block->address);
        }
    }
    return as_promised();
}

static struct finding pieces_apart(const struct evidence *evidence)
{
    struct pieces pieces;
    find_pieces(evidence->info, &pieces);
    for (uint32_t i = 0; i < pieces.count && i < PIECES_MAX; i++) {
        const struct piece *piece = &pieces.items[i];
        if (!piece->text && piece->address % 8 != 0) {
            return broken(piece->address, piece->address % 8, 0);
        }
        for (uint32_t k = 0; k < i; k++) {
            const struct piece *other = &pieces.items[k];
            if (piece->address < other->address + other->size &&
                other->address < piece->address + piece->size) {
                return broken(piece->address, piece->size, other->address);
            }
        }
    }
    return as_promised();
}

/* The first piece at or after address, or NULL. */
static const struct piece *next_piece(const struct pieces *pieces, uint64_t address)
{
    const struct piece *next = NULL;
    for (uint32_t i = 0; i < pieces->count && i < PIECES_MAX; i++) {
        const struct piece *piece = &pieces->items[i];
        if (piece->address + piece->size > address &&
            (next == NULL || piece->address < next->address)) {
            next = piece;
        }
    }
    return next;
}

static struct finding rest_is_zero(const struct evidence *evidence)
{
    const struct BootInfoSpan *block = &evidence->info->info;
    uint64_t end = block->address + block->size;
    struct pieces pieces;
    find_pieces(evidence->info, &pieces);
    for (uint64_t address = block->address; address < end;) {
        const struct piece *next = next_piece(&pieces, address);
        uint64_t stop = next == NULL ? end : next->address;
        for (; address < stop; address++) {
            uint8_t byte = *(const uint8_t *)(uintptr_t)address;
            if (byte != 0) {
                return broken(address, byte, 0);
            }
        }
        address = next == NULL ? end : next->address + next->size;
    }
    return as_promised();
}

/* Bytes of the UTF-8 character at bytes (RFC 3629), 0 where there is none in size bytes. */
static uint64_t character_size(const uint8_t *bytes, uint64_t size)
{
    uint8_t first = bytes[0];
    if (first < 0x80) {
        return first != 0;
    }
    uint64_t need = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
    if (need > size) {
        return 0;
    }
    for (uint64_t i = 1; i < need; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return need;
}

static struct finding check_text(struct BootInfoSpan text)
{
    const uint8_t *bytes = (const uint8_t *)(uintptr_t)text.address;
    if (bytes == NULL) {
        return broken(0, 0, 1);
    }
    for (uint64_t i = 0; i < text.size;) {
        uint64_t size = character_size(&bytes[i], text.size - i);
        if (size == 0) {
            return broken(text.address + i, bytes[i], ' ');
        }
        i += size;
    }
    return bytes[text.size] == 0 ? as_promised()
                                 : broken(text.address + text.size, bytes[text.size], 0);
}

static struct finding texts(const struct evidence *evidence)
{
    const struct BootInfo *info = evidence->info;
    const struct BootInfoSpan *spans[] = {&info->command_line, &info->loader_name, &info->log,
                                          &info->kernel_file.name};
    for (uint32_t i = 0; i < COUNT(spans); i++) {
        struct finding finding = check_text(*spans[i]);
        if (finding.broken) {
            return finding;
        }
    }
    return expect_true(info->loader_name.size > 0 && info->kernel_file.name.size > 0);
}

static struct finding command_line(const struct evidence *evidence)
{
    static const char expected[] = INSPECT_COMMAND_LINE;
    struct BootInfoSpan span = evidence->info->command_line;
    const char *found = bootinfo_text(span);
    for (uint64_t i = 0; i < sizeof("inspect") - 1; i++) {
        if (i >= span.size || found[i] != expected[i]) {
            return skipped("it does not begin with 'inspect'");
        }
    }
    for (uint64_t i = 0; i < sizeof(expected); i++) {
        if (found[i] != expected[i]) {
            return broken(i, (uint8_t)found[i], (uint8_t)expected[i]);
        }
    }
    return expect(span.size, sizeof(expected) - 1);
}

const struct promise info_promises[] = {
    {"version and size are those of BootInfo 1.2", version},
    {"the checksum is right", checksum},
    {"no unknown flag is set", flags},
    {"no field has a value unknown to BootInfo 1.2", known_values},
    {"arrays carry their strides, and address 0 where they are empty", strides},
    {"all that BootInfo points at lies in the info block", pieces_inside},
    {"nothing overlaps in the info block, arrays are aligned", pieces_apart},
    {"reserved fields are zero", reserved_fields},
    {"the rest of the info block is zero", rest_is_zero},
    {"texts are UTF-8 with a NUL behind them", texts},
    {"the command line is loader.cfg's", command_line},
    {"the kernel runs at its physical address, without a direct map", virtual_addresses},
    {NULL, NULL},
};
