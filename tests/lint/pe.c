/* pe LOADER: the headers promise what firmware that protects memory asks for (Microsoft's UEFI CA
 * requirements; PE format revision 8.3). Each check is tried on a broken copy as well. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FILE_MAX = 1024 * 1024,
    OPTIONAL_HEADER = 24, /* after the signature */
    SECTION_SIZE = 40,

    MACHINE_X86_64 = 0x8664,
    MAGIC_PE32_PLUS = 0x20B,
    SUBSYSTEM_EFI_APPLICATION = 10,
    DYNAMIC_BASE = 0x40,
    NX_COMPAT = 0x100,
    PAGE = 4096,
};

#define SECTION_EXECUTE UINT32_C(0x20000000)
#define SECTION_WRITE   UINT32_C(0x80000000)

struct pe {
    uint8_t bytes[FILE_MAX];
    size_t size;
};

static uint32_t get(const struct pe *pe, size_t offset, size_t size)
{
    uint32_t value = 0;
    for (size_t i = size; i > 0; i--) {
        value = value << 8 | (offset + i <= pe->size ? pe->bytes[offset + i - 1] : 0);
    }
    return value;
}

static size_t header(const struct pe *pe)
{
    return get(pe, 0x3C, 4);
}

static size_t optional(const struct pe *pe)
{
    return header(pe) + OPTIONAL_HEADER;
}

static size_t section_count(const struct pe *pe)
{
    return get(pe, header(pe) + 6, 2);
}

static size_t section(const struct pe *pe, size_t i)
{
    return optional(pe) + get(pe, header(pe) + 20, 2) + i * SECTION_SIZE;
}

static bool is_efi_application(const struct pe *pe)
{
    return get(pe, header(pe), 4) == 0x4550 && get(pe, header(pe) + 4, 2) == MACHINE_X86_64 &&
           get(pe, optional(pe), 2) == MAGIC_PE32_PLUS &&
           get(pe, optional(pe) + 68, 2) == SUBSYSTEM_EFI_APPLICATION;
}

static void break_subsystem(struct pe *pe)
{
    pe->bytes[optional(pe) + 68] = 3;
}

static bool is_nx_compatible(const struct pe *pe)
{
    return (get(pe, optional(pe) + 70, 2) & NX_COMPAT) != 0;
}

static void break_nx(struct pe *pe)
{
    pe->bytes[optional(pe) + 71] = 0;
}

static bool is_relocatable(const struct pe *pe)
{
    return (get(pe, optional(pe) + 70, 2) & DYNAMIC_BASE) != 0 &&
           get(pe, optional(pe) + 112 + 5 * 8 + 4, 4) != 0;
}

static void break_relocations(struct pe *pe)
{
    memset(pe->bytes + optional(pe) + 112 + 5 * 8, 0, 8);
}

static bool is_page_aligned(const struct pe *pe)
{
    bool aligned = get(pe, optional(pe) + 32, 4) == PAGE;
    for (size_t i = 0; i < section_count(pe); i++) {
        aligned = aligned && get(pe, section(pe, i) + 12, 4) % PAGE == 0;
    }
    return aligned;
}

static void break_alignment(struct pe *pe)
{
    pe->bytes[section(pe, 1) + 12] = 0x10;
}

static bool has_no_writable_code(const struct pe *pe)
{
    bool any_code = false;
    for (size_t i = 0; i < section_count(pe); i++) {
        uint32_t flags = get(pe, section(pe, i) + 36, 4);
        any_code = any_code || (flags & SECTION_EXECUTE) != 0;
        if ((flags & SECTION_EXECUTE) != 0 && (flags & SECTION_WRITE) != 0) {
            return false;
        }
    }
    return any_code;
}

static void break_sections(struct pe *pe)
{
    for (size_t i = 0; i < section_count(pe); i++) {
        pe->bytes[section(pe, i) + 39] |= SECTION_WRITE >> 24;
    }
}

/* shim takes a section without bytes in the file for one that lies in the headers. */
static bool has_bytes_behind_headers(const struct pe *pe)
{
    size_t headers_size = get(pe, optional(pe) + 60, 4);
    for (size_t i = 0; i < section_count(pe); i++) {
        size_t size = get(pe, section(pe, i) + 16, 4);
        size_t offset = get(pe, section(pe, i) + 20, 4);
        if (size == 0 || offset < headers_size || offset + size > pe->size) {
            return false;
        }
    }
    return true;
}

static void break_offsets(struct pe *pe)
{
    memset(pe->bytes + section(pe, 2) + 16, 0, 8);
}

/* The section .sbat, or 0. */
static size_t find_sbat(const struct pe *pe)
{
    for (size_t i = 0; i < section_count(pe); i++) {
        if (memcmp(pe->bytes + section(pe, i), ".sbat\0\0", 8) == 0) {
            return get(pe, section(pe, i) + 20, 4);
        }
    }
    return 0;
}

/* Two lines, as shim's SBAT.md has them: its own, and Baton's with six fields. */
static bool has_sbat(const struct pe *pe)
{
    static const char own[] = "sbat,1,SBAT Version,sbat,1,";
    static const char ours[] = "\nbaton,1,Baton,baton,";
    size_t at = find_sbat(pe);
    const char *text = (const char *)pe->bytes + at;
    const char *line = at != 0 ? strstr(text, ours) : NULL;
    size_t commas = 0;
    for (const char *c = line == NULL ? "" : line + 1; *c != '\n' && *c != '\0'; c++) {
        commas += *c == ',';
    }
    return line != NULL && memcmp(text, own, sizeof(own) - 1) == 0 && commas == 5;
}

static void break_sbat(struct pe *pe)
{
    pe->bytes[find_sbat(pe)] = 'S';
}

static const struct check {
    const char *name;
    bool (*holds)(const struct pe *pe);
    void (*break_it)(struct pe *pe);
} checks[] = {
    {"an EFI application for x86-64", is_efi_application, break_subsystem},
    {"NX_COMPAT", is_nx_compatible, break_nx},
    {"relocatable", is_relocatable, break_relocations},
    {"sections on pages of their own", is_page_aligned, break_alignment},
    {"no section both writable and executable", has_no_writable_code, break_sections},
    {"sections with bytes behind the headers", has_bytes_behind_headers, break_offsets},
    {".sbat", has_sbat, break_sbat},
};

static bool read_file(const char *path, struct pe *pe)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    pe->size = fread(pe->bytes, 1, sizeof(pe->bytes), file);
    fclose(file);
    return pe->size > 0x200 && section(pe, section_count(pe)) <= pe->size;
}

int main(int argc, char **argv)
{
    static struct pe pe;
    static struct pe broken;
    int passed = 0;
    int failed = 0;
    bool good = argc == 2 && read_file(argv[1], &pe);
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        broken = pe;
        bool holds = good && checks[i].holds(&pe);
        if (good) {
            checks[i].break_it(&broken);
        }
        bool seen = good && !checks[i].holds(&broken);
        passed += holds + seen;
        failed += !holds + !seen;
        if (!holds) {
            printf("FAILED: not so: %s\n", checks[i].name);
        } else if (!seen) {
            printf("FAILED: not noticed on a broken copy: %s\n", checks[i].name);
        }
    }
    printf("lint-pe: %d passed, %d failed\n", passed, failed);
    return failed == 0 && passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
