/* The adapter linux boots the distribution's kernel, and memtest86+. What Linux says of the
 * machine is compared with what BootInfo's memory map says. tools/systems.sh fetches both. */
#include "cpio.h"
#include "harness.h"

#include "../../abi/bootinfo.h"
#include "vm/files.h"

#include <inttypes.h>
#include <string.h>

enum { SKIPPED = 77, LINUX_TIMEOUT_S = 400 };

#define SYSTEM(name) BATON_SOURCE_DIR "/build-packages/" name

#define KIB          UINT64_C(1024)
#define MIB          (UINT64_C(1) << 20)
#define GIB          (UINT64_C(1) << 30)
#define FOUR_GIB     (4 * GIB)
#define VIDEO_WINDOW (384 * KIB) /* 0xA0000 to 1 MiB: the machine's RAM there is hidden */

static const char config[] = "log = quiet\n"
                             "kernel = /boot/linux.bin\n"
                             "module = /boot/vmlinuz kernel\n"
                             "module = /boot/initrd initrd\n"
                             "cmdline = console=ttyS0 quiet\n";

/* The first program of Linux. The machine is switched off at the end: the distribution's kernel has
 * no /dev/port to write to. */
static const char init[] = "#!/bin/busybox sh\n"
                           "b=/bin/busybox\n"
                           "$b mount -t proc proc /proc\n"
                           "$b mount -t sysfs sys /sys\n"
                           "$b mount -t devtmpfs dev /dev\n"
                           "$b sed 's/^/command line: /' /proc/cmdline\n"
                           "$b grep MemTotal /proc/meminfo\n"
                           "$b dmesg | $b grep -i -e efi -e e820 -e Memory: -e Freeing\n"
                           "$b ls /sys/firmware/efi\n"
                           "echo userspace is done\n"
                           "$b poweroff -f\n";

static void add_tree(struct bytes *archive)
{
    static const char *const folders[] = {"bin", "dev", "proc", "sys"};
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        cpio_add(archive, &(struct cpio_file){.path = folders[i], .mode = CPIO_FOLDER});
    }
    cpio_add(archive,
             &(struct cpio_file){
                 .path = "dev/console", .mode = CPIO_DEVICE, .device_major = 5, .device_minor = 1});
}

static void add_busybox(struct bytes *archive)
{
    struct message message = {0};
    struct bytes busybox = {0};
    ck_assert_msg(file_read(SYSTEM("busybox"), &message, &busybox), "%s", message_text(&message));
    cpio_add(archive, &(struct cpio_file){.path = "bin/busybox",
                                          .mode = CPIO_PROGRAM,
                                          .data = busybox.data,
                                          .size = busybox.size});
    bytes_free(&busybox);
}

static void add_init(struct bytes *archive)
{
    cpio_add(archive,
             &(struct cpio_file){
                 .path = "init", .mode = CPIO_PROGRAM, .data = init, .size = strlen(init)});
}

static void add_text(struct boot_files *files, const char *path, const char *text)
{
    boot_add(files, (struct disk_file){.path = path, .data = text, .size = strlen(text)});
}

static void add_bytes(struct boot_files *files, const char *path, const struct bytes *bytes)
{
    boot_add(files, (struct disk_file){.path = path, .data = bytes->data, .size = bytes->size});
}

static void begin(struct boot_files *files, const char *text)
{
    boot_begin(files);
    boot_add_kernel(files, "linux.bin");
    add_text(files, "/loader.cfg", text);
}

/* The number after text, wherever that stands; base 0: decimal, or hexadecimal with 0x. */
static uint64_t number_behind(const struct machine_run *run, const char *text)
{
    boot_expect_text(run, text);
    return strtoull(strstr(bytes_text(&run->serial), text) + strlen(text), NULL, 0);
}

struct range {
    uint64_t first;
    uint64_t last;
    char type[32];
};

/* The next "linux: e820 0x...-0x... type" at or after *at, which moves on. */
static bool next_range(const char **at, struct range *out_range)
{
    static const char begins[] = "linux: e820 ";
    *at = strstr(*at, begins);
    if (*at == NULL) {
        return false;
    }
    *at += strlen(begins);
    return sscanf(*at, "0x%" SCNx64 "-0x%" SCNx64 " %31[^\r\n]", &out_range->first,
                  &out_range->last, out_range->type) == 3;
}

/* Linux has the ranges it was given, with their types, and no others. */
static void expect_ranges(const struct machine_run *run)
{
    const char *at = bytes_text(&run->serial);
    struct range range;
    unsigned given = 0;
    unsigned taken = 0;
    for (; next_range(&at, &range); given++) {
        AUTO_STRING line = string_format("BIOS-e820: [mem 0x%016" PRIx64 "-0x%016" PRIx64 "] %s",
                                         range.first, range.last, range.type);
        boot_expect_text(run, line);
    }
    for (at = bytes_text(&run->serial); (at = strstr(at, "BIOS-e820: [mem")) != NULL; at++) {
        taken++;
    }
    ck_assert_uint_gt(given, 5);
    ck_assert_uint_eq(given, taken);
}

/* All of the machine's RAM is in the map, as one type or another. */
static void expect_all_memory(const struct machine_run *run, uint64_t memory, uint64_t low)
{
    const char *at = bytes_text(&run->serial);
    struct range range;
    uint64_t found = VIDEO_WINDOW;
    while (next_range(&at, &range)) {
        bool is_memory = range.last < low || range.first >= FOUR_GIB;
        found += is_memory ? range.last + 1 - range.first : 0;
    }
    ck_assert_uint_eq(found, memory);
}

/* Linux may use all that nobody else does once it runs: docs/linux.md has the table. */
static void expect_usable(const struct machine_run *run)
{
    static const char begins[] = "linux: bytes of each BOOTINFO_MEMORY type:";
    uint64_t usable = 0;
    boot_expect_text(run, begins);
    char *at = strstr(bytes_text(&run->serial), begins) + strlen(begins);
    for (unsigned type = 0; type < BOOTINFO_MEMORY_TYPE_COUNT; type++) {
        uint64_t size = strtoull(at, &at, 16);
        bool free = type >= BOOTINFO_MEMORY_USABLE && type <= BOOTINFO_MEMORY_MODULE;
        usable += free ? size : 0;
    }
    ck_assert_uint_eq(number_behind(run, "usable for Linux, in bytes: "), usable);
}

/* What Linux has for its programs is what the map calls usable, less what it reserved for itself,
 * plus what it gave back of that while it started. To the last page. */
static void expect_account(const struct machine_run *run)
{
    const char *text = bytes_text(&run->serial);
    uint64_t available;
    uint64_t total;
    uint64_t freed = 0;
    const char *memory = strstr(text, "Memory: ");
    ck_assert_ptr_nonnull(memory);
    ck_assert_int_eq(sscanf(memory, "Memory: %" SCNu64 "K/%" SCNu64 "K", &available, &total), 2);
    uint64_t reserved = 0;
    ck_assert_ptr_nonnull(strstr(memory, "bss, "));
    ck_assert_int_eq(sscanf(strstr(memory, "bss, "), "bss, %" SCNu64 "K reserved", &reserved), 1);
    for (const char *at = text; (at = strstr(at, "Freeing ")) != NULL; at++) {
        const char *amount = strstr(at, "memory: ");
        uint64_t size = 0;
        if (amount != NULL && sscanf(amount, "memory: %" SCNu64 "K", &size) == 1) {
            freed += size;
        }
    }
    uint64_t mem_total = number_behind(run, "MemTotal:");
    printf("%" PRIu64 " K usable, %" PRIu64 " K reserved, %" PRIu64 " K given back, %" PRIu64
           " K for programs\n",
           total, reserved, freed, mem_total);
    fflush(stdout);
    ck_assert_uint_eq(total * KIB, number_behind(run, "usable for Linux, in bytes: "));
    ck_assert_uint_eq(mem_total, total - reserved + freed);
}

static void expect_linux(const struct machine_run *run)
{
    boot_expect(run, MACHINE_RESET);
    boot_expect_text(run, "command line: console=ttyS0 quiet\n");
    boot_expect_text(run, "userspace is done");
    boot_expect_text(run, "efi: EFI v2");
    boot_expect_text(run, "ACPI 2.0=0x");
    boot_expect_text(run, "Freeing EFI boot services memory");
    boot_expect_text(run, "Registered efivars operations");
    boot_expect_text(run, "runtime-map");
    boot_expect_no_text(run, "Unable to switch EFI into virtual mode");
    boot_expect_text(run, "efifb: mode is ");
    expect_ranges(run);
}

struct memory_case {
    const char *memory;
    uint64_t size;
    uint64_t low; /* below 4 GiB */
    unsigned cpus;
    const char *machine_type;
    uint64_t padding; /* after the initrd, so that it has to lie above 4 GiB */
};

static const struct memory_case memory_cases[] = {
    {"512M", GIB / 2, GIB / 2, 1, "q35", 0},
    {"5G", 5 * GIB, 2 * GIB, 2, "q35", 0},
    {"1G", GIB, 128 * MIB, 1, "q35,max-ram-below-4g=128M", 130 * MIB},
};

static void add_padding(struct bytes *archive, uint64_t size)
{
    static const uint8_t zeros[MIB];
    for (uint64_t done = 0; done < size; done += sizeof(zeros)) {
        bytes_add(archive, zeros, sizeof(zeros));
    }
}

START_TEST(linux_boots_with_all_the_memory_of_the_map)
{
    static struct boot_files files;
    const struct memory_case *memory = &memory_cases[_i];
    struct bytes initrd = {0};
    struct machine_run run;
    struct message message = {0};
    struct ovmf ovmf;
    ck_assert_msg(ovmf_find("q35", OVMF_ANY, &message, &ovmf), "%s", message_text(&message));
    add_tree(&initrd);
    add_busybox(&initrd);
    add_init(&initrd);
    cpio_end(&initrd);
    add_padding(&initrd, memory->padding);
    begin(&files, config);
    boot_add(&files, (struct disk_file){.path = "/boot/vmlinuz", .host = SYSTEM("vmlinuz")});
    add_bytes(&files, "/boot/initrd", &initrd);
    boot_run(&files,
             (struct machine){.ovmf = &ovmf,
                              .machine_type = memory->machine_type,
                              .memory = memory->memory,
                              .cpus = memory->cpus,
                              .timeout_s = LINUX_TIMEOUT_S},
             &run);
    bytes_free(&initrd);
    ovmf_free(&ovmf);
    expect_linux(&run);
    ck_assert_int_eq(number_behind(&run, "linux: initrd at ") >= FOUR_GIB, memory->padding > 0);
    expect_all_memory(&run, memory->size, memory->low);
    expect_usable(&run);
    expect_account(&run);
    machine_run_free(&run);
}
END_TEST

START_TEST(linux_finds_the_files_of_two_initrds)
{
    static struct boot_files files;
    struct bytes first = {0};
    struct bytes second = {0};
    struct machine_run run;
    add_tree(&first);
    add_init(&first);
    cpio_end(&first);
    bytes_add(&first, "", 1); /* an odd size: the next one has to be put at a multiple of 4 */
    add_busybox(&second);
    cpio_end(&second);
    begin(&files, "log = quiet\n"
                  "kernel = /boot/linux.bin\n"
                  "module = /boot/first initrd\n"
                  "module = /boot/vmlinuz kernel\n"
                  "module = /boot/second\n"
                  "cmdline = console=ttyS0 quiet\n");
    boot_add(&files, (struct disk_file){.path = "/boot/vmlinuz", .host = SYSTEM("vmlinuz")});
    add_bytes(&files, "/boot/first", &first);
    add_bytes(&files, "/boot/second", &second);
    boot_run(&files, (struct machine){.memory = "512M", .timeout_s = LINUX_TIMEOUT_S}, &run);
    bytes_free(&first);
    bytes_free(&second);
    expect_linux(&run);
    machine_run_free(&run);
}
END_TEST

/* memtest86+ repeats itself for ever. */
static bool until_memory_is_tested(void *context, const char *text, size_t size)
{
    struct bytes *seen = context;
    bytes_add(seen, text, size);
    return strstr(bytes_text(seen), "Moving inversions, 8 bit pattern") == NULL;
}

/* Its kernel of 64 bits, and the one of 32. */
static const char *const memtests[] = {SYSTEM("memtest86+x64.bin"), SYSTEM("memtest86+ia32.bin")};

START_TEST(memtest_tests_the_memory_of_the_map)
{
    static struct boot_files files;
    struct bytes seen = {0};
    struct machine_run run;
    begin(&files, "kernel = /boot/linux.bin\n"
                  "module = /boot/memtest\n"
                  "cmdline = console=ttyS0,115200 nosmp\n");
    boot_add(&files, (struct disk_file){.path = "/boot/memtest", .host = memtests[_i]});
    boot_run(&files,
             (struct machine){.memory = "128M",
                              .timeout_s = LINUX_TIMEOUT_S,
                              .output = until_memory_is_tested,
                              .context = &seen},
             &run);
    bytes_free(&seen);
    boot_expect(&run, MACHINE_STOPPED);
    boot_expect_text(&run, "linux: kernel at 0x100000, ");
    boot_expect_text(&run, "Memtest86+ v");
    boot_expect_text(&run, "Errors: 0 ");
    /* To the nearest MiB. */
    uint64_t usable = number_behind(&run, "usable for Linux, in bytes: ");
    ck_assert_uint_eq(number_behind(&run, "Memory  : "), (usable + MIB / 2) / MIB);
    machine_run_free(&run);
}
END_TEST

struct refusal_case {
    const char *config;
    const char *says;
};

static const struct refusal_case refusals[] = {
    {"", "linux: loader.cfg names no 'module = /path/of/vmlinuz kernel'; modules: 0x0\n"},
    {"module = /boot/text kernel\n",
     "linux: /boot/text: not a Linux kernel: 0xaa55 expected at 0x1fe, found 0x2e2e\n"},
    {"module = /boot/text kernel\nmodule = /boot/text kernel\n",
     "linux: /boot/text: there is a kernel already; module 0x1\n"},
    {"module = /boot/text root\n",
     "linux: /boot/text: its argument is neither 'kernel' nor 'initrd'; module 0x0\n"},
};

START_TEST(what_is_no_linux_is_refused_in_a_sentence)
{
    static struct boot_files files;
    static char text[1024];
    struct machine_run run;
    AUTO_STRING whole =
        string_format("log = quiet\nkernel = /boot/linux.bin\n%s", refusals[_i].config);
    memset(text, '.', sizeof(text) - 1);
    begin(&files, whole);
    add_text(&files, "/boot/text", text);
    boot_run(&files, (struct machine){0}, &run);
    boot_expect(&run, MACHINE_FAILED);
    boot_expect_text(&run, refusals[_i].says);
    machine_run_free(&run);
}
END_TEST

static TCase *add_tcase(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 2 * LINUX_TIMEOUT_S);
    suite_add_tcase(suite, tcase);
    return tcase;
}

int main(void)
{
    static const char *const needed[] = {SYSTEM("vmlinuz"), SYSTEM("busybox"),
                                         SYSTEM("memtest86+x64.bin"), SYSTEM("memtest86+ia32.bin")};
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (!file_exists(needed[i])) {
            printf("SKIPPED: there is no %s; tools/test fetches it on Debian\n", needed[i]);
            return SKIPPED;
        }
    }
    Suite *suite = suite_create("boot-linux");
    TCase *linux_tests = add_tcase(suite, "linux");
    TCase *other_tests = add_tcase(suite, "others");
    tcase_add_loop_test(linux_tests, linux_boots_with_all_the_memory_of_the_map, 0,
                        sizeof(memory_cases) / sizeof(memory_cases[0]));
    tcase_add_test(linux_tests, linux_finds_the_files_of_two_initrds);
    tcase_add_loop_test(other_tests, memtest_tests_the_memory_of_the_map, 0,
                        sizeof(memtests) / sizeof(memtests[0]));
    tcase_add_loop_test(other_tests, what_is_no_linux_is_refused_in_a_sentence, 0,
                        sizeof(refusals) / sizeof(refusals[0]));
    return suite_main(suite, "boot-linux");
}
