/* The sample kernels as ELF files: as they are, and with gzip. */
#include "harness.h"
#include "vm/files.h"

#include <string.h>
#include <zlib.h>

/* The file at path, compressed with gzip. */
static struct bytes gzip_of(const char *path)
{
    struct bytes file = {0};
    struct bytes packed = {0};
    struct message message = {0};
    z_stream stream = {0};
    ck_assert_msg(file_read(path, &message, &file), "%s", message_text(&message));
    ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    uint64_t room = deflateBound(&stream, file.size);
    uint8_t *out = malloc(room);
    stream.next_in = (Bytef *)file.data;
    stream.avail_in = (uInt)file.size;
    stream.next_out = out;
    stream.avail_out = (uInt)room;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    bytes_add(&packed, out, stream.total_out);
    ck_assert_int_eq(deflateEnd(&stream), Z_OK);
    free(out);
    bytes_free(&file);
    message_free(&message);
    return packed;
}

/* build/kernels/NAME.elf with this loader.cfg, whose kernel is /boot/k.elf. */
static void boot_elf(const char *name, bool gzip, const char *config, struct machine_run *out_run)
{
    static struct boot_files files;
    AUTO_STRING path = string_format("%s/kernels/%s.elf", BATON_BUILD_DIR, name);
    struct bytes packed = {0};
    boot_begin(&files);
    boot_add(&files,
             (struct disk_file){.path = "/loader.cfg", .data = config, .size = strlen(config)});
    if (gzip) {
        packed = gzip_of(path);
        boot_add(&files, (struct disk_file){.path = "/boot/k.elf",
                                            .data = bytes_text(&packed),
                                            .size = packed.size});
    } else {
        boot_add(&files, (struct disk_file){.path = "/boot/k.elf", .host = path});
    }
    struct bytes seen = {0};
    boot_run(&files, (struct machine){.output = boot_until_given_up, .context = &seen}, out_run);
    bytes_free(&seen);
    bytes_free(&packed);
}

struct elf_boot {
    const char *name;
    bool gzip;
    const char *config; /* below "kernel = /boot/k.elf" */
    const char *says[4];
};

#define CONFIG "kernel = /boot/k.elf\n"

static const struct elf_boot boots[] = {
    {"hello",
     false,
     CONFIG,
     {" bytes, raw ELF, with a kernel header\n", "from a kernel at 0x100000: "}},
    {"hello",
     true,
     CONFIG,
     {" bytes, gzip ELF, with a kernel header\n", "from a kernel at 0x100000: "}},
    {"hello-asm", false, CONFIG, {"hello from a kernel in assembly"}},
    {"hello-cpp", false, CONFIG, {"loaded by Baton "}},
    {"hello-pie",
     false,
     CONFIG "address = 0x300000\n",
     {" bytes, raw ELF", "from a kernel at 0x300000: "}},
    {"hello-pie", true, CONFIG, {" bytes, gzip ELF", "from a kernel at 0x100000: "}},
    {"higher-half",
     false,
     CONFIG,
     {"running at 0xffffffff80200000, physical 0x200000, direct map at 0xffff800000000000\n",
      "text: read-only, executable\nrodata: read-only, not executable\n"
      "data: writable, not executable\nbss: writable, not executable\n",
      "all as the ELF file says\n"}},
    {"higher-half", true, CONFIG, {"gzip ELF", "all as the ELF file says\n"}},
    {"trampoline", false, CONFIG, {"from a trampoline to the higher half\n"}},
    {"trampoline", true, CONFIG, {"from a trampoline to the higher half\n"}},
    {"hello-staged",
     false,
     CONFIG,
     {"copied there after the exit from ", "from a kernel at 0xa00000: "}},
    {"hello-staged",
     true,
     CONFIG,
     {"copied there after the exit from ", "from a kernel at 0xa00000: "}},
    {"bss", false, CONFIG, {" bytes of .bss were zero and can be written"}},
    {"bss", true, CONFIG, {" bytes of .bss were zero and can be written"}},
    {"kernel-1-1", false, CONFIG, {"a kernel of BootInfo 1.1 runs"}},
};

enum { BOOTS = sizeof(boots) / sizeof(boots[0]) };

START_TEST(sample_boots_from_its_elf_file)
{
    const struct elf_boot *test = &boots[_i];
    struct machine_run run;
    boot_elf(test->name, test->gzip, test->config, &run);
    boot_expect(&run, MACHINE_PASSED);
    for (size_t i = 0; test->says[i] != NULL; i++) {
        boot_expect_text(&run, test->says[i]);
    }
    machine_run_free(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boot-elf");
    TCase *tests = tcase_create("boot");
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    tcase_add_loop_test(tests, sample_boots_from_its_elf_file, 0, BOOTS);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "boot-elf");
}
