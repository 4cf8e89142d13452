/* What the loader gives a kernel on a real firmware: random numbers, the partition, memory below
 * 4 GiB, a direct map where the kernel is linked. */
#include "harness.h"

#include "vm/files.h"

#include <string.h>

static struct boot_files files;

static void prepare_with(const char *config)
{
    boot_begin(&files);
    boot_add_kernel(&files, "given.elf");
    boot_add(&files,
             (struct disk_file){.path = "/loader.cfg", .data = config, .size = strlen(config)});
    boot_add(&files, (struct disk_file){.path = "/boot/module", .data = "m", .size = 1});
}

static void prepare(void)
{
    prepare_with("kernel = /boot/given.elf\nmodule = /boot/module\nlog = verbose\n");
}

static void boot_given(const char *cpu, const char *const *extra, struct machine_run *out_run)
{
    boot_run(&files, (struct machine){.cpu = cpu, .memory = "5G", .extra = extra}, out_run);
    boot_expect(out_run, MACHINE_PASSED);
}

static const char *line_of(const struct machine_run *run, const char *words)
{
    const char *line = strstr(bytes_text(&run->serial), words);
    ck_assert_msg(line != NULL, "no '%s'", words);
    return line + strlen(words);
}

static const char *const virtio[] = {"-device", "virtio-rng-pci", NULL};

static const struct {
    const char *cpu;
    const char *const *extra;
    const char *sources;
    bool random;
} machines[] = {
    /* QEMU 7.2 has no RDSEED */
    {"max,-rdseed", NULL, "random sources: 0x4\n", true},
    {"max,-rdseed,-rdrand", NULL, "random sources: 0x0\n", false},
    {"max,-rdseed,-rdrand", virtio, "random sources: 0x1\n", true},
    {"max,-rdseed", virtio, "random sources: 0x5\n", true},
};

static void expect_without(const char *text, const uint8_t *part)
{
    char forwards[17];
    char backwards[17];
    for (int i = 0; i < 8; i++) {
        snprintf(forwards + 2 * i, 3, "%02x", part[i]);
        snprintf(backwards + 2 * i, 3, "%02x", part[7 - i]);
    }
    ck_assert_msg(memmem(text, strlen(text), part, 8) == NULL, "the seed is there");
    ck_assert_msg(strcasestr(text, forwards) == NULL, "the seed is there: %s", forwards);
    ck_assert_msg(strcasestr(text, backwards) == NULL, "the seed is there: %s", backwards);
}

/* Neither the log, which the kernel writes to the debug console before the seed, nor the serial
 * port has 8 bytes of it, as they are or as a number. */
static void expect_secret(struct machine_run *run)
{
    uint8_t seed[32];
    char *log = run->debugcon.data;
    char *line = strstr(bytes_text(&run->debugcon), "\nseed: ");
    ck_assert_ptr_nonnull(line);
    char *next = line + strlen("\nseed: ");
    for (size_t i = 0; i < 4; i++) {
        uint64_t word = strtoull(next, &next, 16);
        memcpy(seed + 8 * i, &word, 8);
    }
    *line = '\0';
    ck_assert_msg(strstr(log, "/boot/given.elf") != NULL, "no log: %s", log);
    for (size_t i = 0; i + 8 <= sizeof(seed); i++) {
        expect_without(log, seed + i);
        expect_without(bytes_text(&run->serial), seed + i);
    }
}

START_TEST(two_boots_have_two_seeds_where_there_are_random_numbers)
{
    char seeds[2][24];
    prepare();
    for (int i = 0; i < 2; i++) {
        struct machine_run run;
        boot_given(machines[_i].cpu, machines[_i].extra, &run);
        boot_expect_text(&run, machines[_i].sources);
        const char *seed = line_of(&run, "sum of the seed: ");
        snprintf(seeds[i], sizeof(seeds[i]), "%.*s", (int)strcspn(seed, "\r\n"), seed);
        if (machines[_i].random) {
            expect_secret(&run);
        }
        machine_run_free(&run);
    }
    ck_assert_int_eq(strcmp(seeds[0], seeds[1]) != 0, machines[_i].random);
    ck_assert_int_eq(strcmp(seeds[0], "0x0") != 0, machines[_i].random);
}
END_TEST

/* The tests' disks have a GPT: tools/vm/gpt.c. */
START_TEST(a_kernel_is_given_its_partition_low_memory_and_a_window)
{
    struct machine_run run;
    prepare();
    boot_given("max", NULL, &run);
    boot_expect_text(&run, "partition kind: 0x2\n");
    boot_expect_text(&run, "partition number: 0x1\n");
    boot_expect_text(&run, "partition id: 0x4970204e4f544142\n"); /* "BATON pI" */
    boot_expect_text(&run, "\nlow: 0x1\n");
    boot_expect_text(&run, "\nwindow: 0x1\n");
    machine_run_free(&run);
}
END_TEST

/* The window is where the kernel is linked, and its segments keep their rights. */
START_TEST(the_kernels_code_is_read_only_in_the_window)
{
    struct machine_run run;
    prepare_with("kernel = /boot/given.elf\nmodule = /boot/module\ncmdline = write\n"
                 "on_fault = halt\n");
    boot_run(&files, (struct machine){.notice_halt = true}, &run);
    boot_expect(&run, MACHINE_HALTED);
    boot_expect_text(&run, "FAULT: page fault (#PF, vector 14), error code 0x3\n");
    boot_expect_text(&run, "\ncause   write to 0xffffffff80");
    boot_expect_text(&run, ", not allowed by the page tables\n");
    machine_run_free(&run);
}
END_TEST

enum { SECTOR = 512, FIRST_SECTOR = 2048 };

static void put_word(uint8_t *at, uint64_t number)
{
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(number >> 8 * i);
    }
}

/* A disk with an MBR: its signature, and the EFI system partition (UEFI 2.10 section 5.2.1). */
static void write_mbr_disk(const char *path, const struct bytes *fat)
{
    struct message message = {0};
    struct bytes disk = {0};
    static uint8_t front[FIRST_SECTOR * SECTOR];
    uint8_t *entry = front + 0x1BE + 16; /* the second */
    put_word(front + 0x1B8, 0x1234ABCD);
    memcpy(entry, "\0\xFE\xFF\xFF\xEF\xFE\xFF\xFF", 8);
    put_word(entry + 8, FIRST_SECTOR);
    put_word(entry + 12, fat->size / SECTOR);
    memcpy(front + 0x1FE, "\x55\xAA", 2);
    bytes_add(&disk, (const char *)front, sizeof(front));
    bytes_add(&disk, fat->data, fat->size);
    ck_assert(file_write(path, disk.data, disk.size, &message));
    bytes_free(&disk);
}

static void boot_disk(const char *disk, struct machine_run *out_run)
{
    struct message message = {0};
    struct ovmf ovmf = {0};
    ck_assert(ovmf_find("q35", OVMF_ANY, &message, &ovmf));
    const struct machine machine = {
        .ovmf = &ovmf, .disk = disk, .memory = "5G", .timeout_s = BOOT_TIMEOUT_S};
    machine_boot(&machine, out_run);
    ovmf_free(&ovmf);
    boot_expect(out_run, MACHINE_PASSED);
}

START_TEST(a_partition_of_an_mbr_is_named_by_the_disks_signature)
{
    struct message message = {0};
    struct machine_run run;
    struct bytes fat = {0};
    char *folder = NULL;
    prepare();
    ck_assert(folder_make_temporary(&message, &folder));
    AUTO_STRING image = string_format("%s/fat", folder);
    AUTO_STRING disk = string_format("%s/disk", folder);
    ck_assert(disk_make_partition(image, files.files, files.count, &message));
    ck_assert(file_read(image, &message, &fat));
    write_mbr_disk(disk, &fat);
    bytes_free(&fat);
    boot_disk(disk, &run);
    folder_remove(folder);
    free(folder);
    boot_expect_text(&run, "partition kind: 0x1\n");
    boot_expect_text(&run, "partition number: 0x2\n");
    boot_expect_text(&run, "partition id: 0x1234abcd\n");
    machine_run_free(&run);
}
END_TEST

/* A FAT file system over a whole disk: the volume is in no partition. */
START_TEST(a_disk_without_partitions_has_none_to_name)
{
    struct message message = {0};
    struct machine_run run;
    char *folder = NULL;
    prepare();
    ck_assert(folder_make_temporary(&message, &folder));
    AUTO_STRING image = string_format("%s/fat", folder);
    ck_assert(disk_make_partition(image, files.files, files.count, &message));
    boot_disk(image, &run);
    folder_remove(folder);
    free(folder);
    boot_expect_text(&run, "partition kind: 0x0\n");
    boot_expect_text(&run, "partition number: 0x0\n");
    boot_expect_text(&run, "partition id: 0x0\n");
    machine_run_free(&run);
}
END_TEST

/* QEMU shows a folder as a disk with an MBR, whose signature is always the same. */
START_TEST(a_folder_that_qemu_shows_as_a_disk_has_a_partition)
{
    struct message message = {0};
    struct machine_run run;
    char *folder = NULL;
    prepare();
    ck_assert(folder_make_temporary(&message, &folder));
    static const char *const folders[] = {"EFI", "EFI/BOOT", "boot"};
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        AUTO_STRING made = string_format("%s/%s", folder, folders[i]);
        ck_assert(folder_make(made, &message));
    }
    for (size_t i = 0; i < files.count; i++) {
        const struct disk_file *file = &files.files[i];
        AUTO_STRING path = string_format("%s%s", folder, file->path);
        ck_assert(file->host != NULL ? file_copy(file->host, path, &message)
                                     : file_write(path, file->data, file->size, &message));
    }
    AUTO_STRING disk = string_format("fat:rw:%s", folder);
    boot_disk(disk, &run);
    folder_remove(folder);
    free(folder);
    boot_expect_text(&run, "partition kind: 0x1\n");
    boot_expect_text(&run, "partition number: 0x1\n");
    boot_expect_text(&run, "partition id: 0xbe1afdfa\n");
    machine_run_free(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boot-given");
    TCase *tests = tcase_create("boot");
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    tcase_add_test(tests, a_kernel_is_given_its_partition_low_memory_and_a_window);
    tcase_add_test(tests, the_kernels_code_is_read_only_in_the_window);
    tcase_add_test(tests, a_partition_of_an_mbr_is_named_by_the_disks_signature);
    tcase_add_test(tests, a_disk_without_partitions_has_none_to_name);
    tcase_add_test(tests, a_folder_that_qemu_shows_as_a_disk_has_a_partition);
    tcase_add_loop_test(tests, two_boots_have_two_seeds_where_there_are_random_numbers, 0,
                        sizeof(machines) / sizeof(machines[0]));
    suite_add_tcase(suite, tests);
    return suite_main(suite, "boot-given");
}
