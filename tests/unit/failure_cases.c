#include "failure_cases.h"

#include "archives.h"
#include "elves.h"
#include "kernels.h"

#include <string.h>

#define CONFIG_MODULES "module = /m plain\nmodule-gz = /m.gz\n"
#define TRIES          "[entry a]\n" CONFIG_PLAIN "tries = 3\n[entry b]\n" CONFIG_PLAIN

struct text failure_file;
struct expectation failure_expected;

static void raw(uint64_t size)
{
    failure_file = kernel_raw(size);
    failure_expected = expect_raw(failure_file);
}

static void packed(struct text packed_file)
{
    failure_expected.file = failure_file = packed_file;
}

static void make_raw(void)
{
    raw(40000);
}

static void make_large(void)
{
    raw(5 * MIB / 2);
}

static void make_gzip(void)
{
    raw(40000);
    packed(kernel_gzip(failure_file));
    failure_expected.gzip = true;
}

static void make_zlib(void)
{
    raw(40000);
    packed(kernel_zlib(failure_file));
    failure_expected.memory_size = 64 * KIB;
}

static void make_header(void)
{
    struct BootInfoKernelHeader header = {.load_address = 3 * MIB,
                                          .memory_size = 100000,
                                          .entry = 3 * MIB + 4096,
                                          .stack_size = 128 * KIB};
    packed(kernel_with_header(40000, header, 512));
    failure_expected = (struct expectation){.image = failure_file,
                                            .address = header.load_address,
                                            .memory_size = header.memory_size,
                                            .entry = header.entry,
                                            .stack_size = header.stack_size,
                                            .file = failure_file};
}

static void make_header_bss(void)
{
    struct BootInfoKernelHeader header = {.memory_size = MIB};
    packed(kernel_with_header(40000, header, 8));
    failure_expected = expect_raw(failure_file);
    failure_expected.memory_size = MIB;
}

/* A file of which the firmware names a part only: where the look after its end fails, that part
 * is all there is. */
static void make_long_file(void)
{
    make_raw();
    failure_expected.image.size = 30000;
    failure_expected.file.size = 30000;
}

static void make_damaged_gzip(void)
{
    make_gzip();
    packed(kernel_damaged(failure_file, failure_file.size / 2));
}

static void make_cut_gzip(void)
{
    make_gzip();
    packed(kernel_cut(failure_file, failure_file.size - 100));
}

static void make_elf_32(void)
{
    raw(40000);
    memcpy((char *)failure_file.bytes, "\177ELF\1\1\1", 7);
}

static void make_elf(void)
{
    static struct elf_plan plan;
    plan = elf_plan(MIB, MIB);
    failure_file = elf_file(&plan);
    failure_expected = (struct expectation){.image = elf_image(&plan, failure_file),
                                            .address = MIB,
                                            .memory_size = elf_span(&plan),
                                            .entry = plan.entry,
                                            .file = failure_file,
                                            .elf = &plan};
}

static void make_high_elf(void)
{
    static struct elf_plan plan;
    plan = elf_plan(UINT64_C(0xFFFFFFFF80000000), MIB);
    failure_file = elf_file(&plan);
    failure_expected = (struct expectation){.image = elf_image(&plan, failure_file),
                                            .address = MIB,
                                            .memory_size = elf_span(&plan),
                                            .entry = plan.entry,
                                            .file = failure_file,
                                            .elf = &plan,
                                            .virtual_address = plan.programs[0].vaddr,
                                            .direct_map = UINT64_C(0xFFFF800000000000)};
}

static void make_gzip_elf(void)
{
    make_elf();
    failure_expected.inflated = failure_file;
    failure_expected.gzip = true;
    packed(kernel_gzip(failure_file));
}

static void occupy(void)
{
    fake_set_memory(MIB + 16 * KIB, 8 * KIB, EFI_BOOT_DATA);
}

static void occupy_and_offer_low(void)
{
    fake_set_memory(MIB + 16 * KIB, 8 * KIB, EFI_BOOT_CODE);
    fake.bottom_up = true;
    fake.offers[0] = 0;
    fake.offers[1] = 0x9F000;
    fake.offer_count = 2;
}

static void occupy_for_good(void)
{
    fake_set_memory(MIB + 16 * KIB, 8 * KIB, EFI_ACPI_NVS);
}

static void widen_stride(void)
{
    fake.stride = 56;
}

static void grow(void)
{
    fake.growth = 120;
    fake.growths = 2;
    fake.stale_keys = 1;
}

static void outgrow(void)
{
    fake.cpu.large_tables = false;
    fake_add_descriptor(EFI_FREE, 8 * GIB, 20 * GIB / PAGE_SIZE, 0xF);
    fake.stale_keys = 3;
}

static void lose_kernel(void)
{
    fake.file_count = 1;
}

static void lose_config(void)
{
    fake.file_count = 0;
}

static void move_config(void)
{
    fake.files[0].path = "\\boot\\loader.cfg";
}

static void make_directory(void)
{
    fake.files[1].directory = true;
}

static void make_short(void)
{
    fake.files[1].lies_about_size = true;
    fake.files[1].claimed_size = 50000;
}

static void make_long(void)
{
    fake.files[1].lies_about_size = true;
    fake.files[1].claimed_size = 30000;
}

/* 12,000 bytes as they are, the same from gzip. */
static void add_modules(void)
{
    static struct expected_module modules[2];
    struct text data = kernel_raw(12000);
    struct text gzip = kernel_gzip(data);
    modules[0] = (struct expected_module){"/m", "plain", data};
    modules[1] = (struct expected_module){"/m.gz", "", data};
    fake_add_file("\\m", data.bytes, data.size);
    fake_add_file("\\m.gz", gzip.bytes, gzip.size);
    failure_expected.modules = modules;
    failure_expected.module_count = 2;
}

static void add_damaged_module(void)
{
    add_modules();
    fake.files[3].size -= 20;
}

/* A mode is set, and set back where the boot fails later. */
static void add_modes(void)
{
    fake.mode_count = 2;
    for (uint32_t i = 0; i < 2; i++) {
        fake.modes[i] = (struct screen_mode){.address = 0x80000000,
                                             .size = 4 * MIB,
                                             .width = 1024,
                                             .height = 768 + i,
                                             .pixels_per_line = 1024};
    }
}

static void forget_tries(void)
{
    fake_forget_variables();
}

/* The tries of the first entry are used up, as three boots left them. */
static void use_up_tries(void)
{
    fake_forget_variables();
    for (int i = 0; i < 3; i++) {
        (void)fake_boot(&the_boot);
        (void)given(TRIES, failure_file);
    }
}

static void write_digest(struct writer *writer, struct text bytes)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_SIZE];
    sha256(sha256_block_plain, bytes.bytes, bytes.size, digest);
    for (int i = 0; i < SHA256_SIZE; i++) {
        write_char(writer, digits[digest[i] >> 4]);
        write_char(writer, digits[digest[i] & 0xF]);
    }
}

/* Secure Boot is on: the module is sealed, the kernel pinned, the TPM required. */
static void lock(void)
{
    static struct expected_module module = {"/m", "plain", {"module", 6}};
    static char config[400];
    struct writer text = writer_on(config, sizeof(config));
    write_string(&text, "measure = required\nsha256 = ");
    write_digest(&text, failure_file);
    write_string(&text, " /k.bin\n" CONFIG_PLAIN "module = /m plain\n");
    archive_begin();
    (void)archive_add("", "loader.cfg", writer_text(&text));
    (void)archive_add("", "m", module.data);
    fake.seal = archive_whole();
    fake.machine.secure_boot = BOOTINFO_SECURE_BOOT_ON;
    fake.tpm = true;
    failure_expected.modules = &module;
    failure_expected.module_count = 1;
}

static void lock_and_change(void)
{
    lock();
    fake.files[1].bytes = kernel_damaged(failure_file, 100).bytes;
}

static void lock_without_seal(void)
{
    fake.machine.secure_boot = BOOTINFO_SECURE_BOOT_UNKNOWN;
}

static void add_tpm(void)
{
    fake.tpm = true;
}

const struct failure_case failure_cases[FAILURE_CASE_COUNT] = {
    {"raw", CONFIG_PLAIN, make_raw, NULL, STATUS_OK},
    {"raw, quiet", "log = quiet\n" CONFIG_PLAIN, make_raw, NULL, STATUS_OK},
    {"raw, 2.5 MiB", CONFIG_PLAIN, make_large, NULL, STATUS_OK},
    {"raw, in small chunks", CONFIG_PLAIN "read_chunk = 4K\n", make_raw, NULL, STATUS_OK},
    {"header", CONFIG_PLAIN, make_header, NULL, STATUS_OK},
    {"header, memory only", CONFIG_PLAIN, make_header_bss, NULL, STATUS_OK},
    {"gzip", CONFIG_PLAIN, make_gzip, NULL, STATUS_OK},
    {"gzip, as said", CONFIG_PLAIN "compression = gzip\n", make_gzip, NULL, STATUS_OK},
    {"zlib", CONFIG_PLAIN "compression = zlib\nmemory = 64K\n", make_zlib, NULL, STATUS_OK},
    {"staged", CONFIG_PLAIN, make_raw, occupy, STATUS_OK},
    {"staged, header", CONFIG_PLAIN, make_header_bss, occupy, STATUS_OK},
    {"staged, gzip", CONFIG_PLAIN, make_gzip, occupy, STATUS_OK},
    {"staged, odd offers", CONFIG_PLAIN, make_raw, occupy_and_offer_low, STATUS_OK},
    {"stride 56", CONFIG_PLAIN, make_raw, widen_stride, STATUS_OK},
    {"config elsewhere", CONFIG_PLAIN, make_raw, move_config, STATUS_OK},
    {"growing map, a stale key", CONFIG_PLAIN, make_raw, grow, STATUS_OK},
    {"large tables, 3 stale keys", CONFIG_PLAIN, make_raw, outgrow, STATUS_OK},
    {"modules", CONFIG_PLAIN CONFIG_MODULES, make_raw, add_modules, STATUS_OK},
    {"damaged module", CONFIG_PLAIN CONFIG_MODULES, make_raw, add_damaged_module,
     STATUS_IMAGE_TRUNCATED},
    {"another mode", CONFIG_PLAIN "framebuffer = 1024x769\n", make_raw, add_modes, STATUS_OK},
    {"no config", CONFIG_PLAIN, make_raw, lose_config, STATUS_CONFIG_NOT_FOUND},
    {"bad config", "kernal = /k.bin\n[entry", make_raw, NULL, STATUS_CONFIG_UNKNOWN_KEY},
    {"no kernel", CONFIG_PLAIN, make_raw, lose_kernel, STATUS_FILE_NOT_FOUND},
    {"a directory", CONFIG_PLAIN, make_raw, make_directory, STATUS_FILE_IS_DIRECTORY},
    {"file too short", CONFIG_PLAIN, make_raw, make_short, STATUS_FILE_SHORT},
    {"file too long", CONFIG_PLAIN, make_long_file, make_long, STATUS_FILE_GREW},
    {"an ELF32 file", CONFIG_PLAIN, make_elf_32, NULL, STATUS_IMAGE_NOT_RAW},
    {"an ELF file", CONFIG_PLAIN, make_elf, NULL, STATUS_OK},
    {"an ELF file, gzip, staged", CONFIG_PLAIN, make_gzip_elf, occupy, STATUS_OK},
    {"an ELF file of the higher half", CONFIG_PLAIN "direct_map = 0xffff800000000000\n",
     make_high_elf, NULL, STATUS_OK},
    {"damaged gzip", CONFIG_PLAIN, make_damaged_gzip, NULL, STATUS_IMAGE_CHECKSUM},
    {"cut gzip", CONFIG_PLAIN, make_cut_gzip, NULL, STATUS_IMAGE_TRUNCATED},
    {"over ACPI NVS", CONFIG_PLAIN, make_raw, occupy_for_good, STATUS_ADDRESS_OCCUPIED},
    {"fallback", "fallback = b\n[entry a]\nkernel = /none\n[entry b]\n" CONFIG_PLAIN, make_raw,
     NULL, STATUS_OK},
    {"menu", "timeout = 2\n[entry a]\n" CONFIG_PLAIN "[entry b]\n" CONFIG_PLAIN, make_raw, NULL,
     STATUS_OK},
    {"sealed, pinned, measured", CONFIG_PLAIN, make_raw, lock, STATUS_OK},
    {"sealed, pinned, gzip", CONFIG_PLAIN, make_gzip, lock, STATUS_OK},
    {"sealed, another file", CONFIG_PLAIN, make_raw, lock_and_change, STATUS_PIN_MISMATCH},
    {"not sealed", CONFIG_PLAIN, make_raw, lock_without_seal, STATUS_NOT_SEALED},
    {"measured", "measure = yes\n" CONFIG_PLAIN, make_raw, add_tpm, STATUS_OK},
    {"measured, required", "measure = required\n" CONFIG_PLAIN, make_raw, add_tpm, STATUS_OK},
    {"tries", TRIES, make_raw, forget_tries, STATUS_OK},
    {"tries, used up", TRIES, make_gzip, use_up_tries, STATUS_OK},
};
