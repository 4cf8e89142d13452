#include "container.h"

#include "vm/files.h"

#include <elf.h>
#include <string.h>

enum { PAGE = 4096, FILE_ALIGNMENT = 512 };

/* Of the PE format (Microsoft's PE format specification, sections 3 and 4). */
enum {
    PE_OFFSET_AT = 0x3C,
    SECTION_COUNT_AT = 6,
    OPTIONAL_SIZE_AT = 20,
    OPTIONAL_AT = 24,
    IMAGE_SIZE_AT = 56,   /* in the optional header */
    HEADERS_SIZE_AT = 60, /* in the optional header */
    SECTION_READ_EXECUTE_CODE = 0x60000020,
};
#define SECTION_WRITE UINT32_C(0x80000000) /* no int, which an enum takes, holds it */

struct section {
    char name[8];
    uint32_t size;
    uint32_t address;
    uint32_t file_size;
    uint32_t file_offset;
    uint32_t unused[3];
    uint32_t flags;
};

void elf_wrap(struct bytes *kernel, uint64_t address, uint64_t entry)
{
    static char page[PAGE];
    Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_entry = entry,
        .e_phoff = sizeof(header),
        .e_ehsize = sizeof(header),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 1,
    };
    Elf64_Phdr segment = {
        .p_type = PT_LOAD,
        .p_flags = PF_R | PF_W | PF_X,
        .p_offset = PAGE,
        .p_vaddr = address,
        .p_paddr = address,
        .p_filesz = kernel->size,
        .p_memsz = kernel->size,
        .p_align = PAGE,
    };
    struct bytes file = {0};
    memset(page, 0, sizeof(page));
    memcpy(page, &header, sizeof(header));
    memcpy(page + sizeof(header), &segment, sizeof(segment));
    bytes_add(&file, page, sizeof(page));
    bytes_add(&file, kernel->data, kernel->size);
    bytes_free(kernel);
    *kernel = file;
}

static uint32_t word_at(const struct bytes *bytes, size_t at)
{
    uint32_t word = 0;
    if (at + sizeof(word) <= bytes->size) {
        memcpy(&word, bytes->data + at, sizeof(word));
    }
    return word;
}

static void pad_to(struct bytes *bytes, size_t alignment)
{
    static const char zero;
    while (bytes->size % alignment != 0) {
        bytes_add(bytes, &zero, 1);
    }
}

/* One more section header after the others: the headers' 512-byte units leave room for it. */
static bool add_section(struct bytes *image, uint32_t size)
{
    size_t pe = word_at(image, PE_OFFSET_AT);
    size_t optional = pe + OPTIONAL_AT;
    uint16_t count = (uint16_t)word_at(image, pe + SECTION_COUNT_AT);
    uint16_t optional_size = (uint16_t)word_at(image, pe + OPTIONAL_SIZE_AT);
    size_t at = optional + optional_size + count * sizeof(struct section);
    uint32_t address = word_at(image, optional + IMAGE_SIZE_AT);
    if (at + sizeof(struct section) > word_at(image, optional + HEADERS_SIZE_AT)) {
        return false;
    }
    struct section section = {
        .name = ".kernel",
        .size = size,
        .address = address,
        .file_size = (size + FILE_ALIGNMENT - 1) / FILE_ALIGNMENT * FILE_ALIGNMENT,
        .file_offset = (uint32_t)image->size,
        .flags = SECTION_READ_EXECUTE_CODE | SECTION_WRITE,
    };
    uint32_t image_size = address + (size + PAGE - 1) / PAGE * PAGE;
    count++;
    memcpy(image->data + at, &section, sizeof(section));
    memcpy(image->data + pe + SECTION_COUNT_AT, &count, sizeof(count));
    memcpy(image->data + optional + IMAGE_SIZE_AT, &image_size, sizeof(image_size));
    return true;
}

bool efi_wrap(struct bytes *kernel, const char *stub, struct message *message)
{
    struct bytes image = {0};
    if (!file_read(stub, message, &image)) {
        return false;
    }
    pad_to(&image, FILE_ALIGNMENT);
    if (!add_section(&image, (uint32_t)kernel->size)) {
        bytes_free(&image);
        return message_add(message, "%s: no room for another section header", stub);
    }
    bytes_add(&image, kernel->data, kernel->size);
    pad_to(&image, FILE_ALIGNMENT);
    bytes_free(kernel);
    *kernel = image;
    return true;
}
