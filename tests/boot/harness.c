#include "harness.h"

#include "vm/files.h"

#include <string.h>

enum { TAP_POINTS_MIN = 40 };

char *boot_built(const char *name)
{
    return string_format("%s/%s", BATON_BUILD_DIR, name);
}

char *boot_source(const char *name)
{
    return string_format("%s/%s", BATON_SOURCE_DIR, name);
}

void boot_add(struct boot_files *files, struct disk_file file)
{
    ck_assert_uint_lt(files->count, BOOT_FILES_MAX);
    files->files[files->count++] = file;
}

void boot_begin(struct boot_files *files)
{
    files->count = 0;
    boot_add(files, (struct disk_file){.path = "/EFI/BOOT/BOOTX64.EFI",
                                       .host = BATON_BUILD_DIR "/BOOTX64.EFI"});
}

void boot_add_kernel(struct boot_files *files, const char *name)
{
    boot_add(files,
             (struct disk_file){.path = string_format("/boot/%s", name),
                                .host = string_format("%s/kernels/%s", BATON_BUILD_DIR, name)});
}

static void must(bool good, const struct message *message)
{
    ck_assert_msg(good, "%s", message_text(message));
}

void boot_run(const struct boot_files *files, struct machine machine, struct machine_run *out_run)
{
    struct message message = {0};
    struct ovmf ovmf = {0};
    char *folder = NULL;
    if (machine.ovmf == NULL) {
        const char *type = machine.machine_type == NULL ? "q35" : machine.machine_type;
        must(ovmf_find(type, OVMF_ANY, &message, &ovmf), &message);
        machine.ovmf = &ovmf;
    }
    must(folder_make_temporary(&message, &folder), &message);
    AUTO_STRING disk = string_format("%s/disk", folder);
    AUTO_STRING untouched = string_format("%s/untouched", folder);
    machine.disk = disk;
    machine.timeout_s = machine.timeout_s == 0 ? BOOT_TIMEOUT_S : machine.timeout_s;
    bool made = disk_make(disk, files->files, files->count, &message) &&
                file_copy(disk, untouched, &message);
    bool unchanged = true;
    if (made) {
        machine_boot(&machine, out_run);
        unchanged = file_equal(disk, untouched);
    }
    folder_remove(folder);
    free(folder);
    ovmf_free(&ovmf);
    must(made, &message);
    message_free(&message);
    ck_assert_msg(unchanged, "the boot changed the disk");
}

void boot_sample(const char *name, struct machine machine, struct machine_run *out_run)
{
    static struct boot_files files;
    AUTO_STRING config = string_format("%s/sample-kernels/%s/loader.cfg", BATON_SOURCE_DIR, name);
    AUTO_STRING raw = string_format("%s.bin", name);
    AUTO_STRING gzip = string_format("%s.bin.gz", name);
    AUTO_STRING gzip_file = string_format("%s/kernels/%s", BATON_BUILD_DIR, gzip);
    boot_begin(&files);
    boot_add(&files, (struct disk_file){.path = "/loader.cfg", .host = config});
    boot_add_kernel(&files, raw);
    if (file_exists(gzip_file)) {
        boot_add_kernel(&files, gzip);
    }
    boot_run(&files, machine, out_run);
}

void boot_show(const char *title, const char *text)
{
    printf("---- %s ----\n%s\n----\n", title, text);
    fflush(stdout);
}

void boot_expect(const struct machine_run *run, enum machine_outcome outcome)
{
    if (run->outcome == outcome) {
        return;
    }
    boot_show("QEMU", message_text(&run->message));
    boot_show("debug console", bytes_text(&run->debugcon));
    boot_show("serial port", bytes_text(&run->serial));
    ck_abort_msg("%s (QEMU's status %d)", machine_outcome_words(run->outcome), run->status);
}

void boot_expect_text(const struct machine_run *run, const char *part)
{
    if (strstr(bytes_text(&run->serial), part) == NULL) {
        boot_show("serial port", bytes_text(&run->serial));
        ck_abort_msg("no '%s' on the serial port", part);
    }
}

void boot_expect_no_text(const struct machine_run *run, const char *part)
{
    if (strstr(bytes_text(&run->serial), part) != NULL) {
        boot_show("serial port", bytes_text(&run->serial));
        ck_abort_msg("'%s' on the serial port", part);
    }
}

bool boot_until_given_up(void *context, const char *text, size_t size)
{
    struct bytes *seen = context;
    bytes_add(seen, text, size);
    return strstr(bytes_text(seen), "Press a key to return to the firmware") == NULL;
}

struct tap {
    unsigned plan;
    unsigned passed;
    unsigned failed;
};

static struct tap tap_of(const char *text)
{
    struct tap tap = {0};
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        tap.passed += strncmp(line, "ok ", 3) == 0;
        tap.failed += strncmp(line, "not ok ", 7) == 0;
        if (strncmp(line, "1..", 3) == 0) {
            tap.plan = (unsigned)strtoul(line + 3, NULL, 10);
        }
    }
    return tap;
}

static void expect_tap_in(const char *where, const char *text)
{
    struct tap tap = tap_of(text);
    if (tap.failed > 0 || tap.passed < TAP_POINTS_MIN || tap.plan != tap.passed) {
        boot_show(where, text);
        ck_abort_msg("%s: %u ok, %u not ok, plan %u", where, tap.passed, tap.failed, tap.plan);
    }
}

void boot_expect_console_tap(const struct machine_run *run)
{
    expect_tap_in("debug console", bytes_text(&run->debugcon));
    boot_expect(run, MACHINE_PASSED);
}

void boot_expect_tap(const struct machine_run *run)
{
    boot_expect_console_tap(run);
    expect_tap_in("serial port", bytes_text(&run->serial));
}
