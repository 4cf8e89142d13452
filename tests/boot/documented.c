/* Every example of docs/config.md boots. Its kernels are one: code for any address, that ends the
 * machine with success. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "vm/files.h"

enum { EXAMPLES_MAX = 64, PACKED_MAX = 256, GZIP = 31, ZLIB = 15 };

/* mov $0x10, %al; out %al, $0xf4; hlt; jmp to the hlt */
static const uint8_t kernel[64] = {0xB0, 0x10, 0xE6, 0xF4, 0xF4, 0xEB, 0xFD};

static struct bytes document;
static char *examples[EXAMPLES_MAX];
static int example_count;

static const char *const raw_files[] = {"/boot/k.bin",      "/boot/a.bin",
                                        "/boot/b.bin",      "/boot/new.bin",
                                        "/boot/rescue.bin", "/boot/test.bin",
                                        "/boot/initrd.img", "/boot/a file.txt",
                                        "/boot/vmlinuz",    "/EFI/baton/multiboot.bin"};

/* False: docs/config.md is not there, or an example in it does not end. */
static bool take_examples(struct message *message)
{
    static const char mark[] = "\n```ini\n";
    if (!file_read(BATON_SOURCE_DIR "/docs/config.md", message, &document)) {
        return false;
    }
    char *at = document.data;
    while (example_count < EXAMPLES_MAX && (at = strstr(at, mark)) != NULL) {
        char *start = at + strlen(mark);
        char *end = strstr(start, "\n```\n");
        if (end == NULL) {
            return message_add(message, "docs/config.md: an example has no end");
        }
        end[1] = '\0';
        examples[example_count++] = start;
        at = end + 2;
    }
    return true;
}

static size_t pack(int window_bits, uint8_t *packed)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)kernel,
                       .avail_in = sizeof(kernel),
                       .next_out = packed,
                       .avail_out = PACKED_MAX};
    ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return PACKED_MAX - stream.avail_out;
}

static void add_bytes(struct boot_files *files, const char *path, const void *data, size_t size)
{
    boot_add(files, (struct disk_file){.path = path, .data = data, .size = size});
}

START_TEST(example_boots)
{
    static struct boot_files files;
    static uint8_t gzip[PACKED_MAX];
    static uint8_t zlib[PACKED_MAX];
    struct machine_run run;
    size_t gzip_size = pack(GZIP, gzip);
    boot_begin(&files);
    for (size_t i = 0; i < sizeof(raw_files) / sizeof(raw_files[0]); i++) {
        add_bytes(&files, raw_files[i], kernel, sizeof(kernel));
    }
    add_bytes(&files, "/boot/kernel.bin.gz", gzip, gzip_size);
    add_bytes(&files, "/boot/initrd.cpio.gz", gzip, gzip_size);
    add_bytes(&files, "/boot/xen.gz", gzip, gzip_size);
    add_bytes(&files, "/boot/k.bin.zz", zlib, pack(ZLIB, zlib));
    boot_add(&files, (struct disk_file){.path = "/boot/k.elf",
                                        .host = BATON_BUILD_DIR "/kernels/hello-pie.elf"});
    add_bytes(&files, "/loader.cfg", examples[_i], strlen(examples[_i]));
    boot_run(&files, (struct machine){0}, &run);
    if (run.outcome != MACHINE_PASSED) {
        boot_show("example", examples[_i]);
    }
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_no_text(&run, "error:");
    machine_run_free(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boot-documented");
    TCase *tests = tcase_create("boot");
    struct message message = {0};
    if (!take_examples(&message)) {
        fprintf(stderr, "%s\n", message_text(&message));
        return EXIT_FAILURE;
    }
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    tcase_add_loop_test(tests, example_boots, 0, example_count);
    suite_add_tcase(suite, tests);
    int status = suite_main(suite, "boot-documented");
    bytes_free(&document);
    return status;
}
