/* Xen, with Linux as its dom0, through the adapter multiboot. tools/systems.sh fetches both. */
#include "cpio.h"
#include "harness.h"
#include "vm/files.h"

#include <string.h>

enum { SKIPPED = 77, XEN_TIMEOUT_S = 500 };

#define SYSTEM(name) BATON_SOURCE_DIR "/build-packages/" name

static const char config[] =
    "log = quiet\n"
    "kernel = /boot/xen.gz\n"
    "adapter = multiboot\n"
    "module = /boot/vmlinuz placeholder console=hvc0 earlyprintk=xen,keep\n"
    "module = /boot/initrd\n"
    "cmdline = xen com1=115200,8n1 console=com1 noreboot no-real-mode "
    "edd=off dom0_mem=512M\n";

static const char init[] = "#!/bin/busybox sh\n"
                           "b=/bin/busybox\n"
                           "exec >/dev/kmsg 2>&1\n" /* kernels for clouds have no hvc0 */
                           "$b mount -t proc proc /proc\n"
                           "$b grep -c ^processor /proc/cpuinfo | $b sed 's/^/CPUs of dom0: /'\n"
                           "echo userspace of dom0 is done\n"
                           "$b sleep 3\n"
                           "$b poweroff -f\n";

static void make_initrd(struct bytes *archive)
{
    struct message message = {0};
    struct bytes busybox = {0};
    ck_assert_msg(file_read(SYSTEM("busybox"), &message, &busybox), "%s", message_text(&message));
    cpio_add(archive, &(struct cpio_file){.path = "bin", .mode = CPIO_FOLDER});
    cpio_add(archive, &(struct cpio_file){.path = "dev", .mode = CPIO_FOLDER});
    cpio_add(archive, &(struct cpio_file){.path = "proc", .mode = CPIO_FOLDER});
    cpio_add(archive,
             &(struct cpio_file){
                 .path = "dev/console", .mode = CPIO_DEVICE, .device_major = 5, .device_minor = 1});
    cpio_add(archive,
             &(struct cpio_file){
                 .path = "dev/kmsg", .mode = CPIO_DEVICE, .device_major = 1, .device_minor = 11});
    cpio_add(archive, &(struct cpio_file){.path = "bin/busybox",
                                          .mode = CPIO_PROGRAM,
                                          .data = busybox.data,
                                          .size = busybox.size});
    cpio_add(archive,
             &(struct cpio_file){
                 .path = "init", .mode = CPIO_PROGRAM, .data = init, .size = strlen(init)});
    cpio_end(archive);
    bytes_free(&busybox);
}

/* Xen stays when dom0 has powered off. */
static bool until_dom0_is_gone(void *context, const char *text, size_t size)
{
    struct bytes *seen = context;
    bytes_add(seen, text, size);
    return strstr(bytes_text(seen), "Hardware Dom0 halted") == NULL;
}

START_TEST(xen_boots_linux)
{
    static struct boot_files files;
    struct bytes initrd = {0};
    struct bytes seen = {0};
    struct machine_run run;
    AUTO_STRING adapter = boot_built("kernels/multiboot.bin");
    make_initrd(&initrd);
    boot_begin(&files);
    boot_add(&files,
             (struct disk_file){.path = "/loader.cfg", .data = config, .size = strlen(config)});
    boot_add(&files, (struct disk_file){.path = "/EFI/baton/multiboot.bin", .host = adapter});
    boot_add(&files, (struct disk_file){.path = "/boot/xen.gz", .host = SYSTEM("xen.gz")});
    boot_add(&files, (struct disk_file){.path = "/boot/vmlinuz", .host = SYSTEM("vmlinuz")});
    boot_add(&files,
             (struct disk_file){.path = "/boot/initrd", .data = initrd.data, .size = initrd.size});
    boot_run(&files,
             (struct machine){.cpu = "Westmere,-x2apic",
                              .cpus = 2,
                              .memory = "1G",
                              .timeout_s = XEN_TIMEOUT_S,
                              .output = until_dom0_is_gone,
                              .context = &seen},
             &run);
    bytes_free(&initrd);
    bytes_free(&seen);
    boot_expect_text(&run, "multiboot: Multiboot2, kernel at 0x");
    boot_expect_text(&run, "ACPI: RSDP ");
    boot_expect_text(&run, "Brought up 2 CPUs");
    boot_expect_text(&run, "CPUs of dom0: 2");
    boot_expect_text(&run, "userspace of dom0 is done");
    boot_expect_text(&run, "Hardware Dom0 halted");
    machine_run_free(&run);
}
END_TEST

int main(void)
{
    static const char *const needed[] = {SYSTEM("xen.gz"), SYSTEM("vmlinuz"), SYSTEM("busybox")};
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (!file_exists(needed[i])) {
            printf("SKIPPED: there is no %s; tools/test fetches it on Debian\n", needed[i]);
            return SKIPPED;
        }
    }
    Suite *suite = suite_create("boot-xen");
    TCase *tests = tcase_create("xen");
    tcase_set_timeout(tests, 2 * XEN_TIMEOUT_S);
    tcase_add_test(tests, xen_boots_linux);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "boot-xen");
}
