/* The second half of elf.h: relocations, once the image lies in memory. */
#include "core/image/elf.h"

#include <string.h>

#define RELR_WORDS 63

/* d_tag; the values of those below DT_COUNT are kept. */
enum {
    DT_NULL = 0,
    DT_NEEDED = 1,
    DT_PLTRELSZ = 2,
    DT_RELA = 7,
    DT_RELASZ = 8,
    DT_RELAENT = 9,
    DT_RELSZ = 18,
    DT_RELRSZ = 35,
    DT_RELR = 36,
    DT_RELRENT = 37,
    DT_COUNT = 38,
};

struct dynamic {
    uint64_t tag;
    uint64_t value;
};

struct relocation {
    uint64_t address;
    uint64_t info; /* the type in the low 32 bits, a symbol above */
    uint64_t addend;
};

_Static_assert(sizeof(struct relocation) == 24, "System V ABI, ELF-64 Object File Format");

static enum status read_dynamic(const struct elf *elf, const uint8_t *image,
                                struct failure *failure, uint64_t values[DT_COUNT])
{
    struct dynamic dynamic;
    uint64_t end = elf->dynamic + elf->dynamic_size;
    memset(values, 0, DT_COUNT * sizeof(*values));
    for (uint64_t at = elf->dynamic; end - at >= sizeof(dynamic); at += sizeof(dynamic)) {
        memcpy(&dynamic, image + at, sizeof(dynamic));
        if (dynamic.tag == DT_NULL) {
            break;
        }
        if (dynamic.tag == DT_NEEDED) {
            return fail_hint(failure, STATUS_ELF_DYNAMIC, "shared libraries (DT_NEEDED)");
        }
        if (dynamic.tag < DT_COUNT) {
            values[dynamic.tag] = dynamic.value;
        }
    }
    if (values[DT_RELSZ] != 0 || values[DT_PLTRELSZ] != 0) {
        return fail_hint(failure, STATUS_ELF_DYNAMIC, "DT_REL or DT_JMPREL relocations");
    }
    return STATUS_OK;
}

/* An array that the dynamic section names: where its address, size and entry size are in there. */
struct table {
    uint8_t address;
    uint8_t size;
    uint8_t entry_size;
    uint8_t expected; /* entry size, in bytes */
    uint64_t at;      /* the result: an offset in the image */
    uint64_t end;
};

static enum status find_table(const struct elf *elf, const uint64_t values[DT_COUNT],
                              struct failure *failure, struct table *table)
{
    uint64_t size = values[table->size];
    if (size != 0 && (values[table->entry_size] != table->expected || size % table->expected != 0 ||
                      !elf_find(elf, values[table->address], size, &table->at))) {
        return fail_hint(failure, STATUS_ELF_DYNAMIC, "relocations that are damaged or not loaded");
    }
    table->end = table->at + size;
    return STATUS_OK;
}

static enum status refuse_relocation(const struct target *target, struct failure *failure,
                                     uint64_t address, uint64_t type)
{
    failure->number[0] = address;
    failure->number[1] = type;
    failure->number[2] = target->elf_relative;
    return fail_hint(failure, STATUS_ELF_RELOCATION, target->elf_relative_name);
}

static enum status apply_rela(const struct elf *elf, uint8_t *image, struct elf_move move,
                              const struct table *table, struct failure *failure)
{
    for (uint64_t at = table->at; at < table->end; at += sizeof(struct relocation)) {
        struct relocation relocation;
        memcpy(&relocation, image + at, sizeof(relocation));
        if (relocation.info == move.target->elf_none) { /* GNU ld counts a few too many */
            continue;
        }
        uint64_t place = 0;
        uint64_t value = relocation.addend + move.distance;
        if (relocation.info != move.target->elf_relative ||
            !elf_find(elf, relocation.address, sizeof(value), &place)) {
            return refuse_relocation(move.target, failure, relocation.address, relocation.info);
        }
        memcpy(image + place, &value, sizeof(value));
    }
    return STATUS_OK;
}

static bool move_word(const struct elf *elf, uint8_t *image, uint64_t distance, uint64_t address)
{
    uint64_t place = 0;
    uint64_t value;
    if (!elf_find(elf, address, sizeof(value), &place)) {
        return false;
    }
    memcpy(&value, image + place, sizeof(value));
    value += distance;
    memcpy(image + place, &value, sizeof(value));
    return true;
}

/* Moves the words from *address on whose mark is set; the lowest mark is that of the first word.
 * False: a word is not within the loaded part. */
static bool move_marked(const struct elf *elf, uint8_t *image, uint64_t distance, uint64_t marks,
                        uint64_t *address)
{
    uint64_t end = *address + RELR_WORDS * sizeof(uint64_t);
    for (; marks != 0; marks >>= 1, *address += sizeof(uint64_t)) {
        if ((marks & 1) != 0 && !move_word(elf, image, distance, *address)) {
            return false;
        }
    }
    *address = end;
    return true;
}

/* An even word is the address of a word to move. The upper 63 bits of an odd one mark which of the
 * next 63 words are moved as well ("Proposal for a new section type SHT_RELR"). */
static enum status apply_relr(const struct elf *elf, uint8_t *image, struct elf_move move,
                              const struct table *table, struct failure *failure)
{
    uint64_t address = elf->address;
    for (uint64_t at = table->at; at < table->end; at += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, image + at, sizeof(word));
        bool is_address = (word & 1) == 0;
        address = is_address ? word : address;
        if (!(is_address ? move_word(elf, image, move.distance, address)
                         : move_marked(elf, image, move.distance, word >> 1, &address))) {
            return refuse_relocation(move.target, failure, address, move.target->elf_relative);
        }
        address += is_address ? sizeof(word) : 0;
    }
    return STATUS_OK;
}

enum status elf_relocate(const struct elf *elf, uint8_t *image, struct elf_move move,
                         struct failure *failure)
{
    uint64_t values[DT_COUNT];
    struct table rela = {.address = DT_RELA,
                         .size = DT_RELASZ,
                         .entry_size = DT_RELAENT,
                         .expected = sizeof(struct relocation)};
    struct table relr = {.address = DT_RELR,
                         .size = DT_RELRSZ,
                         .entry_size = DT_RELRENT,
                         .expected = sizeof(uint64_t)};
    TRY(read_dynamic(elf, image, failure, values));
    TRY(find_table(elf, values, failure, &rela));
    TRY(find_table(elf, values, failure, &relr));
    TRY(apply_rela(elf, image, move, &rela, failure));
    return apply_relr(elf, image, move, &relr, failure);
}
