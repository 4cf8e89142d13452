#include "loader_cfg.h"

#include "marks.h"
#include "vm/message.h"

#include <string.h>

/* Below 1 MiB plus this OVMF has room: larger kernels go elsewhere. */
#define LOW_MOST UINT64_C(0x400000)

static void add(struct bytes *text, char *line)
{
    bytes_add(text, line, strlen(line));
    string_free(&line);
}

static bool has_own_address(const struct bench_case *one)
{
    return one->format == FORMAT_ELF || one->format == FORMAT_HIGHER_HALF ||
           (one->config != NULL && strstr(one->config, "address") != NULL);
}

static void add_entries(struct bytes *text, unsigned count, const char *kernel)
{
    for (unsigned i = 0; i < count; i++) {
        AUTO_STRING name = i == 0 ? string_copy(ENTRY_NAMED) : string_format("number-%02u", i);
        add(text, string_format("[entry %s]\nkernel = %s\ncmdline = number=%u\nstack = 64K\n", name,
                                kernel, i));
    }
}

char *loader_cfg(const struct bench_case *one, const char *kernel)
{
    struct bytes text = {0};
    add(&text, string_format("kernel = %s\n", kernel));
    if (one->size > LOW_MOST && !has_own_address(one)) {
        add(&text, string_format("address = 0x4000000\n"));
    }
    for (unsigned i = 0; i < one->module_count; i++) {
        AUTO_STRING path = loader_cfg_module(i);
        add(&text, string_format("module = %s\n", path));
    }
    add(&text, string_copy(one->config == NULL ? "log = quiet\n" : one->config));
    add_entries(&text, one->entry_count, kernel);
    char *config = string_copy(bytes_text(&text));
    bytes_free(&text);
    return config;
}

char *loader_cfg_module(unsigned index)
{
    return string_format("/modules/m%03u", index);
}
