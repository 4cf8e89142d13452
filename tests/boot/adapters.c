/* The adapters boot kernels of other protocols, which say what they were given. */
#include "harness.h"

#include <string.h>
#include <zlib.h>

#define LARGE_SIZE (64U << 20)

struct adapter_case {
    const char *adapter;
    const char *kernel; /* of build/kernels */
    const char *memory;
    bool large; /* the module has LARGE_SIZE bytes */
    const char *says[8];
};

static const struct adapter_case cases[] = {
    {"multiboot",
     "foreign-mb2.elf",
     NULL,
     false,
     {"multiboot: Multiboot2, kernel at 0x100000-", "foreign kernel at 0x100000, ",
      "command line 'one two=3'\n", "loader Baton ", "RSDP in the EBDA: yes\n",
      "multiboot: the kernel asks for 800x600 and gets "}},
    {"multiboot",
     "foreign-mb2-moved.elf",
     NULL,
     false,
     {"foreign kernel at 0x1000000, ", "moved to 0x1000000\n"}},
    {"multiboot", "foreign-mb2-over.elf", NULL, false, {"foreign kernel at 0x601000, "}},
    {"multiboot", "foreign-mb2-flat.bin", NULL, false, {"foreign kernel at 0x200000, "}},
    {"multiboot", "foreign-mb2.elf", "5G", true, {"foreign kernel at 0x100000, "}},
    {"multiboot",
     "foreign-mb2-text.elf",
     NULL,
     false,
     {"multiboot: the kernel asks for VGA text, which machines with UEFI do not have: "}},
    {"multiboot",
     "foreign-mb1.elf",
     NULL,
     false,
     {"multiboot: Multiboot, kernel at 0x100000-", "foreign kernel at 0x100000, ",
      "command line 'one two=3'\n", "loader Baton ", "flags 0x126d\n",
      "multiboot: the kernel asks for VGA text, ", "RSDP in the EBDA: yes\n"}},
    {"multiboot", "foreign-mb1-flat.bin", NULL, false, {"foreign kernel at 0x200000, "}},
    {"multiboot",
     "foreign-pvh.elf",
     NULL,
     false,
     {"multiboot: PVH, kernel at 0x100000-", "command line 'one two=3'\n"}},
    {"limine",
     "foreign-limine-3.elf",
     NULL,
     false,
     {"limine: base revision 3, kernel at ", ", which is 0xffffffff80000000, entry ",
      "limine: no answer to request 0xb40ddb48fb54bac7\n", "command line 'one two=3'\n",
      "loader Baton ", "CPUs: 0x4\n"}},
    {"limine", "foreign-limine-0.elf", NULL, false, {"limine: base revision 0, "}},
    {"limine", "foreign-limine-2.elf", NULL, false, {"limine: base revision 2, "}},
    {"limine", "foreign-limine-5.elf", NULL, false, {"limine: base revision 3 instead of 5, "}},
    {"limine", "foreign-limine-pie.elf", NULL, false, {"foreign kernel at 0xffffffff80000000\n"}},
    {"limine", "foreign-limine-3.elf", "5G", true, {", usable 0x13"}},
};

enum { CASES = sizeof(cases) / sizeof(cases[0]) };

static struct boot_files files;

static void add_text(const char *path, const char *text)
{
    boot_add(&files, (struct disk_file){.path = path, .data = text, .size = strlen(text)});
}

/* The kernel and a module, as modules of the adapter. */
static void boot_foreign(const char *adapter, const char *kernel, struct bytes module,
                         struct machine machine, struct machine_run *out_run)
{
    AUTO_STRING binary = string_format("%s.bin", adapter);
    AUTO_STRING config = string_format("log = quiet\n"
                                       "kernel = /boot/%s\n"
                                       "module = /boot/%s kernel\n"
                                       "module = /boot/module some words\n"
                                       "cmdline = one two=3\n",
                                       binary, kernel);
    boot_begin(&files);
    boot_add_kernel(&files, binary);
    boot_add_kernel(&files, kernel);
    add_text("/loader.cfg", config);
    boot_add(&files,
             (struct disk_file){.path = "/boot/module", .data = module.data, .size = module.size});
    boot_run(&files, machine, out_run);
}

static struct bytes make_module(size_t size)
{
    struct bytes module = {0};
    uint8_t *data = malloc(size);
    for (size_t i = 0; i < size; i++) {
        data[i] = (uint8_t)(i * 2654435761U >> 13);
    }
    bytes_add(&module, data, size);
    free(data);
    return module;
}

START_TEST(a_foreign_kernel_gets_all_it_asks_for)
{
    const struct adapter_case *test = &cases[_i];
    struct machine_run run;
    struct bytes module = make_module(test->large ? LARGE_SIZE : 12345);
    boot_foreign(test->adapter, test->kernel, module,
                 (struct machine){.memory = test->memory, .cpus = 4}, &run);
    boot_expect(&run, MACHINE_PASSED);
    uLong crc = crc32(0, (const Bytef *)module.data, (uInt)module.size);
    AUTO_STRING line =
        string_format("module 0x%zx bytes, crc 0x%lx, some words\n", module.size, crc);
    boot_expect_text(&run, line);
    boot_expect_text(&run, "foreign kernel is done\n");
    for (size_t i = 0; test->says[i] != NULL; i++) {
        boot_expect_text(&run, test->says[i]);
    }
    bytes_free(&module);
    machine_run_free(&run);
}
END_TEST

static const struct {
    const char *adapter;
    const char *kernel;
    const char *says;
} refusals[] = {
    {"limine", "foreign-limine-low.elf",
     "limine: /boot/foreign-limine-low.elf: linked below 0xffffffff80000000, where the protocol "
     "wants kernels: 0x200000\n"},
    {"limine", "foreign-mb1.elf",
     "limine: /boot/foreign-mb1.elf: an ELF64 file for x86-64 "
     "expected; e_machine: 0x3\n"},
    {"multiboot", "foreign-mb2-fixed.elf",
     "multiboot: /boot/foreign-mb2-fixed.elf: it cannot be moved, and there "
     "is no free memory at 0x80"},
    {"multiboot", "foreign-mb2-efi.elf",
     "multiboot: /boot/foreign-mb2-efi.elf: it insists on boot services, which "
     "the loader has left; header tag 0x7\n"},
    {"multiboot", "hello.bin",
     "multiboot: /boot/hello.bin: no Multiboot header in its first bytes, and no note "
     "of PVH; bytes: 0x"},
};

START_TEST(what_cannot_be_had_is_refused_in_words)
{
    struct machine_run run;
    struct bytes module = make_module(1);
    boot_foreign(refusals[_i].adapter, refusals[_i].kernel, module, (struct machine){0}, &run);
    boot_expect(&run, MACHINE_FAILED);
    boot_expect_text(&run, refusals[_i].says);
    bytes_free(&module);
    machine_run_free(&run);
}
END_TEST

/* The adapter by its name, the kernel compressed. */
START_TEST(an_adapter_is_named_in_loader_cfg)
{
    static const char config[] = "log = quiet\n"
                                 "kernel = /boot/k.gz\n"
                                 "adapter = multiboot\n"
                                 "module = /boot/module some words\n"
                                 "cmdline = one two=3\n";
    struct machine_run run;
    AUTO_STRING adapter = boot_built("kernels/multiboot.bin");
    AUTO_STRING kernel = boot_built("kernels/foreign-mb2.elf.gz");
    boot_begin(&files);
    add_text("/loader.cfg", config);
    add_text("/boot/module", "abc");
    boot_add(&files, (struct disk_file){.path = "/EFI/baton/multiboot.bin", .host = adapter});
    boot_add(&files, (struct disk_file){.path = "/boot/k.gz", .host = kernel});
    boot_run(&files, (struct machine){0}, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, "module 0x3 bytes, crc 0x352441c2, some words\n");
    boot_expect_text(&run, "foreign kernel is done\n");
    machine_run_free(&run);
}
END_TEST

static const struct {
    const char *config;
    const char *kernel;
    const char *says[2];
} told[] = {
    {"",
     "foreign-mb2.elf",
     {"/boot/k: error: this is a Multiboot2 kernel: its entry is 32-bit code\n",
      "Add 'adapter = multiboot' to loader.cfg: docs/adapters.md."}},
    {"", "foreign-mb2.elf.gz", {"this is a Multiboot2 kernel: its entry is 32-bit code\n", ""}},
    {"", "foreign-mb1-flat.bin", {"this is a Multiboot kernel: its entry is 32-bit code\n", ""}},
    {"",
     "foreign-limine-3.elf",
     {"/boot/k: error: this is a kernel of the Limine protocol, base revision 3: it waits for "
      "answers that an adapter gives\n",
      "Add 'adapter = limine' to loader.cfg: docs/adapters.md."}},
    {"", "foreign-limine-pie.elf", {"this is a kernel of the Limine protocol, base ", ""}},
    {"",
     "foreign-limine-0.elf",
     {"this is a kernel of the Limine protocol, base revision 0: ", ""}},
    {"adapter = multiboot\n",
     "foreign-mb2.elf",
     {"\\EFI\\baton\\multiboot.bin: error: no such file (EFI_NOT_FOUND); it is the adapter of this "
      "entry\n",
      "docs/adapters.md"}},
};

START_TEST(a_foreign_kernel_without_its_adapter_is_refused_with_advice)
{
    struct machine_run run;
    struct bytes seen = {0};
    AUTO_STRING config = string_format("kernel = /boot/k\n%s", told[_i].config);
    AUTO_STRING name = string_format("kernels/%s", told[_i].kernel);
    AUTO_STRING kernel = boot_built(name);
    boot_begin(&files);
    add_text("/loader.cfg", config);
    boot_add(&files, (struct disk_file){.path = "/boot/k", .host = kernel});
    boot_run(&files, (struct machine){.output = boot_until_given_up, .context = &seen}, &run);
    boot_expect(&run, MACHINE_STOPPED);
    boot_expect_text(&run, told[_i].says[0]);
    boot_expect_text(&run, told[_i].says[1]);
    bytes_free(&seen);
    machine_run_free(&run);
}
END_TEST

static const struct {
    const char *name;
    const char *adapter;
    const char *says;
} migrated[] = {{"migrated-limine.elf", "limine", "stub: Limine from Baton "},
                {"migrated-multiboot2.elf", "multiboot", "stub: Multiboot2 from Baton "}};

static bool until_stub_is_done(void *context, const char *text, size_t size)
{
    struct bytes *seen = context;
    bytes_add(seen, text, size);
    const char *last = strstr(bytes_text(seen), "usable KiB: ");
    return last == NULL || strchr(last, '\n') == NULL;
}

/* The file is native to the loader, and one of its old protocol to the adapter. */
static void boot_migrated(const char *name, const char *adapter, const char *line, const char *says)
{
    struct machine_run run;
    struct bytes seen = {0};
    AUTO_STRING config = string_format("kernel = /boot/k\n%s", line);
    AUTO_STRING kernel_name = string_format("kernels/%s", name);
    AUTO_STRING kernel = boot_built(kernel_name);
    AUTO_STRING adapter_name = string_format("kernels/%s.bin", adapter);
    AUTO_STRING adapter_file = boot_built(adapter_name);
    AUTO_STRING place = string_format("/EFI/baton/%s.bin", adapter);
    boot_begin(&files);
    add_text("/loader.cfg", config);
    boot_add(&files, (struct disk_file){.path = "/boot/k", .host = kernel});
    boot_add(&files, (struct disk_file){.path = place, .host = adapter_file});
    boot_run(&files, (struct machine){.output = until_stub_is_done, .context = &seen}, &run);
    boot_expect(&run, MACHINE_STOPPED);
    boot_expect_text(&run, says);
    bytes_free(&seen);
    machine_run_free(&run);
}

START_TEST(a_migrated_kernel_boots_by_both_protocols)
{
    AUTO_STRING line = string_format("adapter = %s\n", migrated[_i].adapter);
    boot_migrated(migrated[_i].name, migrated[_i].adapter, "", "stub: BootInfo from Baton ");
    boot_migrated(migrated[_i].name, migrated[_i].adapter, line, migrated[_i].says);
}
END_TEST

/* Kernels of protocols without an adapter: the old structures are filled from BootInfo. */
START_TEST(a_stub_fills_the_structures_of_another_protocol)
{
    static const char *const stubs[][2] = {
        {"migrated-stivale2.elf", "stub: stivale2 from Baton, usable KiB: 2"},
        {"migrated-bootboot.elf", "stub: BOOTBOOT from Baton, usable KiB: 2"}};
    boot_migrated(stubs[_i][0], "limine", "", stubs[_i][1]); /* of 256 MiB */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boot-adapters");
    TCase *tests = tcase_create("boot");
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    tcase_add_loop_test(tests, a_foreign_kernel_gets_all_it_asks_for, 0, CASES);
    tcase_add_loop_test(tests, what_cannot_be_had_is_refused_in_words, 0,
                        sizeof(refusals) / sizeof(refusals[0]));
    tcase_add_test(tests, an_adapter_is_named_in_loader_cfg);
    tcase_add_loop_test(tests, a_migrated_kernel_boots_by_both_protocols, 0,
                        sizeof(migrated) / sizeof(migrated[0]));
    tcase_add_loop_test(tests, a_stub_fills_the_structures_of_another_protocol, 0, 2);
    tcase_add_loop_test(tests, a_foreign_kernel_without_its_adapter_is_refused_with_advice, 0,
                        sizeof(told) / sizeof(told[0]));
    suite_add_tcase(suite, tests);
    return suite_main(suite, "boot-adapters");
}
