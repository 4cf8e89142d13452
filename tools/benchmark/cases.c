#include "cases.h"

#include "marks.h"

#include <fnmatch.h>
#include <string.h>

#define K UINT64_C(1024)
#define M (1024 * K)

#define QUIET "log = quiet\n"

/* clang-format off */
#define FLOOR(text, bytes) \
    {.name = "floor/" text, .peer = PEER_FLOOR, .size = bytes, .watched = bytes <= 16 * M}
#define FLOOR_1M(text, bytes) \
    {.name = "floor-1M/" text, .floor = "floor/" text, .peer = PEER_FLOOR_1M, .size = bytes}
#define OURS(text, bytes) \
    {.name = "ours/" text, .floor = "floor/" text, .peer = PEER_OURS, .size = bytes, \
     .watched = bytes <= 16 * M}
#define SYSTEMD_BOOT(text, bytes) \
    {.name = "systemd-boot/" text, .floor = "floor/" text, .peer = PEER_SYSTEMD_BOOT, \
     .format = FORMAT_EFI, .size = bytes}
#define GRUB(text, bytes) \
    {.name = "grub/" text, .floor = "floor/" text, .peer = PEER_GRUB, \
     .format = FORMAT_MULTIBOOT2, .size = bytes}
/* ours, with something else: 64 KiB and 16 MiB. */
#define SMALL(what, ...) \
    {.name = "ours/64K/" what, .floor = "floor/64K", .peer = PEER_OURS, .size = 64 * K, \
     __VA_ARGS__}
#define LARGE(what, ...) \
    {.name = "ours/16M/" what, .floor = "floor/16M", .peer = PEER_OURS, .size = 16 * M, \
     __VA_ARGS__}
/* The floor and ours on another machine. */
#define BOTH(text, bytes, what, ...) \
    {.name = "floor/" text "/" what, .peer = PEER_FLOOR, .size = bytes, __VA_ARGS__}, \
    {.name = "ours/" text "/" what, .floor = "floor/" text "/" what, .peer = PEER_OURS, \
     .size = bytes, __VA_ARGS__}

const struct bench_case bench_cases[] = {
    FLOOR("64K", 64 * K),
    FLOOR("1M", M),
    FLOOR("16M", 16 * M),
    FLOOR("64M", 64 * M),
    FLOOR("256M", 256 * M),
    FLOOR_1M("16M", 16 * M),
    FLOOR_1M("64M", 64 * M),
    FLOOR_1M("256M", 256 * M),
    OURS("64K", 64 * K),
    OURS("1M", M),
    OURS("16M", 16 * M),
    OURS("64M", 64 * M),
    OURS("256M", 256 * M),
    SYSTEMD_BOOT("64K", 64 * K),
    SYSTEMD_BOOT("1M", M),
    SYSTEMD_BOOT("16M", 16 * M),
    SYSTEMD_BOOT("64M", 64 * M),
    SYSTEMD_BOOT("256M", 256 * M),
    GRUB("64K", 64 * K),
    GRUB("1M", M),
    GRUB("16M", 16 * M),
    GRUB("64M", 64 * M),
    GRUB("256M", 256 * M),
    {.name = "grub-cfg/64K", .floor = "floor/64K", .peer = PEER_GRUB_CFG,
     .format = FORMAT_MULTIBOOT2, .size = 64 * K},
    {.name = "grub-cfg/16M", .floor = "floor/16M", .peer = PEER_GRUB_CFG,
     .format = FORMAT_MULTIBOOT2, .size = 16 * M},

    SMALL("normal", .config = "", .watched = true),
    SMALL("verbose", .config = "log = verbose\n"),
    SMALL("no-fault-page", .config = QUIET "on_fault = none\n"),
    SMALL("framebuffer", .config = QUIET "framebuffer = 1024x768\n"),
    SMALL("tries", .config = QUIET "[entry a]\ntries = 3\n"),
    SMALL("fallback", .entry_is_named = true, .config =
          QUIET "[entry " ENTRY_NAMED "]\nkernel = /none.bin\nfallback = b\n[entry b]\n"),
    SMALL("elf", .format = FORMAT_ELF),
    SMALL("entries-64", .entry_count = 64, .entry_is_named = true, .watched = true),
    SMALL("modules-1x4K", .module_count = 1, .module_size = 4 * K, .watched = true),
    SMALL("modules-200x4K", .module_count = 200, .module_size = 4 * K),
    SMALL("modules-1x64M", .module_count = 1, .module_size = 64 * M),
    {.name = "ours/16M/1M-reads", .floor = "floor-1M/16M", .peer = PEER_OURS, .size = 16 * M,
     .config = QUIET "read_chunk = 1M\n"},
    LARGE("whole", .config = QUIET "read_chunk = whole\n"),
    LARGE("gzip", .format = FORMAT_GZIP, .watched = true),
    LARGE("elf", .format = FORMAT_ELF, .watched = true),
    LARGE("higher-half", .format = FORMAT_HIGHER_HALF, .watched = true),
    LARGE("staged", .config = QUIET "address = 0x900000\n", .watched = true),

    {.name = "floor/16M/no-pclmulqdq", .peer = PEER_FLOOR, .size = 16 * M,
     .without_pclmulqdq = true, .watched = true},
    {.name = "ours/16M/gzip/no-pclmulqdq", .floor = "floor/16M/no-pclmulqdq", .peer = PEER_OURS,
     .format = FORMAT_GZIP, .size = 16 * M, .without_pclmulqdq = true, .watched = true},
    BOTH("64K", 64 * K, "512M-ram", .memory_mib = 512),
    BOTH("64K", 64 * K, "6G-ram", .memory_mib = 6144),
    BOTH("64K", 64 * K, "map-1", .fragments = 1),
    BOTH("64K", 64 * K, "map-2", .fragments = 2, .watched = true),
    BOTH("64K", 64 * K, "map-3", .fragments = 3),
    BOTH("64K", 64 * K, "map-4", .fragments = 4),
    BOTH("64K", 64 * K, "map-5", .fragments = 5),
    BOTH("64K", 64 * K, "ahci", .disk = DISK_AHCI, .watched = true),
    BOTH("16M", 16 * M, "ahci", .disk = DISK_AHCI, .watched = true),
    BOTH("64K", 64 * K, "nvme", .disk = DISK_NVME),
    BOTH("16M", 16 * M, "nvme", .disk = DISK_NVME),
};
/* clang-format on */
const size_t bench_case_count = sizeof(bench_cases) / sizeof(bench_cases[0]);

const struct bench_case *case_named(const char *name)
{
    for (size_t i = 0; i < bench_case_count; i++) {
        if (strcmp(bench_cases[i].name, name) == 0) {
            return &bench_cases[i];
        }
    }
    return NULL;
}

bool case_matches(const struct bench_case *one, const char *pattern)
{
    if (strcmp(pattern, "watched") == 0) {
        return one->watched;
    }
    return strcmp(pattern, "all") == 0 || fnmatch(pattern, one->name, 0) == 0;
}

static bool is_among(const struct bench_case *one, const struct bench_case *const *cases,
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (cases[i] == one) {
            return true;
        }
    }
    return false;
}

const struct bench_case *case_missing(const struct bench_case *const *cases, size_t count)
{
    for (size_t i = 0; i < bench_case_count; i++) {
        if (bench_cases[i].watched && !is_among(&bench_cases[i], cases, count)) {
            return &bench_cases[i];
        }
    }
    return NULL;
}

const char *disk_name(enum disk disk)
{
    static const char *const names[] = {"virtio", "ahci", "nvme"};
    return names[disk];
}
