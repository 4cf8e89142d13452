#include "harness.h"

#include "secure.h"
#include "vm/files.h"

#include <string.h>
#include <zlib.h>

/* inspect compares its command line with the one of its own loader.cfg. */
#define INSPECT_COMMAND_LINE                                                  \
    "cmdline = inspect  two blanks, \"quotes\", # and ; and = too, C:\\ /x, " \
    "\xC3\xA4\xE2\x82\xAC\n"

#define SMALL "/boot/small.bin" /* what is hashed in plain C shall not take long */

enum { SMALL_SIZE = 40000 };

static uint8_t raw[RAW_SIZE];
static struct bytes sealed[FOLDER_COUNT]; /* loaders; empty: as it was built */

/* What the loader logs is looked for on the console. */
#define VERBOSE "log = verbose\n"

static const char *const configs[FOLDER_COUNT] = {
    [FOLDER_RAW] = VERBOSE "kernel = /boot/raw.bin\n",
    [FOLDER_GZIP] = VERBOSE "kernel = /boot/raw.gz\n",
    [FOLDER_STAGED] = VERBOSE "kernel = /boot/raw.bin\naddress = 0xA00000\n",
    [FOLDER_MISSING] = VERBOSE "kernel = /boot/none.bin\n",
    [FOLDER_CORRUPT] = VERBOSE "kernel = /boot/corrupt.gz\n",
    [FOLDER_WHOLE] = VERBOSE "kernel = /boot/raw.bin\nread_chunk = whole\n",
    [FOLDER_CHUNKS] = VERBOSE "kernel = /boot/raw.bin\nread_chunk = 4K\n",
    [FOLDER_STEPS] =
        VERBOSE "kernel = /boot/inspect-large.bin\nread_chunk = 1M\n" INSPECT_COMMAND_LINE,
    [FOLDER_QUIET] = "log = quiet\nkernel = /boot/raw.bin\n",
    [FOLDER_MENU] = VERBOSE "timeout = 2\nkernel = /boot/raw.bin\n[entry a]\n[entry b]\n",
    [FOLDER_INSPECT] = VERBOSE "kernel = /boot/inspect.bin\n" INSPECT_COMMAND_LINE,
    [FOLDER_INSPECT_GZIP] = VERBOSE "kernel = /boot/inspect.bin.gz\n" INSPECT_COMMAND_LINE,
    [FOLDER_CARD] = VERBOSE "kernel = /boot/framebuffer.bin\nframebuffer = 800x600\n",
    [FOLDER_INSPECT_LARGE] = VERBOSE "kernel = /boot/inspect-large.bin\n" INSPECT_COMMAND_LINE,
    [FOLDER_MEASURED] =
        VERBOSE "measure = yes\nkernel = /boot/small.bin\nmodule = /boot/small.bin x\n",
    [FOLDER_SEALED] = VERBOSE "kernel = /boot/small.bin\nmodule = /m with arguments\n",
    [FOLDER_REQUIRED] = VERBOSE "measure = required\nkernel = /boot/small.bin\n"
                                "module = /m with arguments\n",
    [FOLDER_CRASH] = "kernel = /boot/crash.bin\ncmdline = null\non_fault = reboot\n",
};

/* Nothing that runs, nor anything that looks like another format. */
static void make_raw(void)
{
    uint32_t state = 1;
    for (size_t i = 0; i < RAW_SIZE; i++) {
        state = state * 1664525 + 1013904223;
        raw[i] = (uint8_t)(state >> 24);
    }
    raw[0] = 0xEB; /* jmp . */
    raw[1] = 0xFE;
}

static size_t make_gzip(uint8_t *gzip, size_t room)
{
    z_stream stream = {
        .next_in = raw, .avail_in = RAW_SIZE, .next_out = gzip, .avail_out = (uInt)room};
    ck_assert_int_eq(deflateInit2(&stream, 1, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY),
                     Z_OK);
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return stream.total_out;
}

/* Not signed: chaos.efi itself says that Secure Boot is on. loader.cfg with a pin for the kernel,
 * and a module. */
static void seal(enum folder folder)
{
    struct message message = {0};
    struct bytes archive = {0};
    struct bytes built = {0};
    char digits[65];
    secure_digest((struct text){(const char *)raw, SMALL_SIZE}, digits);
    AUTO_STRING config = string_format("sha256 = %s " SMALL "\n%s", digits, configs[folder]);
    bool good = secure_archive_add(&archive, "loader.cfg", text_of(config), &message) &&
                secure_archive_add(&archive, "m", TEXT("the module"), &message) &&
                file_read(BATON_BUILD_DIR "/BOOTX64.EFI", &message, &built);
    secure_archive_end(&archive);
    good = good && secure_pe_seal((struct text){bytes_text(&built), built.size},
                                  (struct text){bytes_text(&archive), archive.size}, &message,
                                  &sealed[folder]);
    ck_assert_msg(good, "%s", message_text(&message));
    bytes_free(&archive);
    bytes_free(&built);
}

static void add_kernels(struct boot_files *files)
{
    static uint8_t gzip[RAW_SIZE + 0x10000];
    static uint8_t corrupt[sizeof(gzip)];
    size_t size = make_gzip(gzip, sizeof(gzip));
    memcpy(corrupt, gzip, size);
    corrupt[size - 8] ^= 1; /* its CRC-32 */
    boot_add(files, (struct disk_file){.path = "/boot/raw.bin", .data = raw, .size = RAW_SIZE});
    boot_add(files, (struct disk_file){.path = "/boot/raw.gz", .data = gzip, .size = size});
    boot_add(files, (struct disk_file){.path = "/boot/corrupt.gz", .data = corrupt, .size = size});
    boot_add_kernel(files, "inspect.bin");
    boot_add_kernel(files, "inspect.bin.gz");
    boot_add_kernel(files, "inspect-large.bin");
    boot_add_kernel(files, "framebuffer.bin");
    boot_add_kernel(files, "crash.bin");
    boot_add(files, (struct disk_file){.path = SMALL, .data = raw, .size = SMALL_SIZE});
}

static void add_folder(struct boot_files *files, enum folder folder)
{
    struct disk_file loader = {.path = string_format("/cases/%02d/loader.efi", folder),
                               .host = BATON_BUILD_DIR "/BOOTX64.EFI"};
    if (sealed[folder].size > 0) {
        loader.host = NULL;
        loader.data = sealed[folder].data;
        loader.size = sealed[folder].size;
    }
    boot_add(files, loader);
    boot_add(files, (struct disk_file){.path = string_format("/cases/%02d/loader.cfg", folder),
                                       .data = configs[folder],
                                       .size = strlen(configs[folder])});
}

void chaos_run(const struct chaos_case *cases, size_t count, unsigned timeout_s,
               const char *const *extra, struct machine_run *out_run)
{
    static struct boot_files files;
    struct chaos_plan plan = {CHAOS_MAGIC, sizeof(*cases), (uint32_t)count};
    struct bytes bytes = {0};
    bytes_add(&bytes, &plan, sizeof(plan));
    bytes_add(&bytes, cases, count * sizeof(*cases));
    files.count = 0;
    boot_add(&files, (struct disk_file){.path = "/EFI/BOOT/BOOTX64.EFI", .host = BATON_CHAOS});
    boot_add(&files,
             (struct disk_file){.path = CHAOS_PLAN_PATH, .data = bytes.data, .size = bytes.size});
    make_raw();
    seal(FOLDER_SEALED);
    seal(FOLDER_REQUIRED);
    for (int folder = 0; folder < FOLDER_COUNT; folder++) {
        add_folder(&files, (enum folder)folder);
    }
    add_kernels(&files);
    boot_run(&files, (struct machine){.timeout_s = timeout_s, .extra = extra}, out_run);
    bytes_free(&bytes);
}
