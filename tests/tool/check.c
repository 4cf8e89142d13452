/* baton check and baton inspect: the loader's words, without a boot. */
#include "tool.h"

#include <string.h>

static const char kernel[] = "#include \"bootinfo.h\"\n"
                             "BOOTINFO_KERNEL_HEADER(kernel_main, 0x8000);\n"
                             "char zeros[10000];\n"
                             "void kernel_main(const struct BootInfo *info, uint64_t magic)\n"
                             "{ (void)info; (void)magic; zeros[1] = 1; for (;;) {} }\n";

static void set_up(void)
{
    tool_set_up();
    tool_compile(kernel, "-O1");
}

/* config: of loader.cfg. */
struct check {
    const char *config;
    const char *line;
    int status;
    const char *says;
};

static const struct check checks[] = {
    {"kernel = /boot/k.elf\n", "$BATON check loader.cfg k.elf", 0, "loader.cfg: 1 entry\n"},
    {"kernel = /boot/k.elf\n", "$BATON check loader.cfg k.elf", 0, " = kernel_main\nNo errors.\n"},
    {"kernel = /boot/k.elf\n", "$BATON check", 0, "No errors.\n"},
    {"kernel = /boot/k.elf\n", "$BATON check k.bin", 0, "/boot/k.bin: 0x100000-0x"},
    {"kernel = /k.elf\nstak = 5\n[entry a]\nadress = 6\n", "$BATON check", 1,
     "loader.cfg:2:1: error: unknown key 'stak'"},
    {"kernel = /k.elf\nstak = 5\n[entry a]\nadress = 6\n", "$BATON check", 1,
     "loader.cfg:4:1: error: unknown key 'adress'"},
    {"kernel = /boot/k.elf\nmodule = /font\n", "$BATON check", 1,
     "loader.cfg:2:10: error: the disk would have no /font\n"},
    {"kernel = /boot/none # mine\n", "$BATON check", 1,
     "beside loader.cfg.\n  Comments stand on their own line.\n"},
    {"kernel = /boot/none\342\200\213\n", "$BATON check", 1,
     "  It has an invisible character, shown as ?.\n"},
    {"kernel = /boot/k.elf\nmodule = /font\n", "touch font; $BATON check", 1,
     "/font: error: the file is empty\n"},
    {"kernel = /boot/k.elf\nmodule-gz = /font\n", "echo font >font; $BATON check", 1,
     "/font: error: this is no gzip file, which 'module-gz' would inflate\n"},
    {"kernel = /boot/k.elf\nmodule-gz = /font.gz\n",
     "seq 9999 | gzip | head -c 900 >font.gz; $BATON check", 1, "/font.gz: error: "},
    {"kernel = /boot/k.elf\nmodule-gz = /font.gz\n", "seq 9999 | gzip >font.gz; $BATON check", 0,
     "No errors."},
    {"kernel = /boot/k.elf\nstack = 4K\n", "$BATON check", 1,
     "/boot/k.elf: error: its kernel header asks for a stack of 32 KiB, loader.cfg gives 4 KiB\n"},
    {"kernel = /boot/raw\n",
     "{ head -c 90000 /dev/zero | tr '\\0' '\\220'; cat k.bin; } >raw; $BATON check", 1,
     "/boot/raw: error: its kernel header lies at 0x15f"},
    {"kernel = /boot/k.elf.gz\n", "gzip -k k.elf; $BATON check", 0, "No errors."},
    {"kernel = /boot/k.elf.gz\n", "gzip -c k.elf | head -c 999 >k.elf.gz; $BATON check", 1,
     "/boot/k.elf.gz: error: "},
    {"kernel = /boot/ls\n", "cp /bin/ls .; $BATON check", 1,
     "/boot/ls: error: it is linked dynamically"},
    {"kernel = /boot/raw\naddress = 0x7f0000\n",
     "head -c 200000 /dev/zero | tr '\\0' '\\220' >raw; $BATON check", 1,
     "/boot/raw on ovmf-q35-2g: error: 0x7f0000-0x820fff is not free:\n"
     "      0x806000-0x807fff ACPI NVS (2 pages)\n"},
    {"kernel = /boot/raw\naddress = 0x7f0000\n",
     "head -c 20 /dev/zero | tr '\\0' '\\220' >raw; "
     "printf 'Available 700000 f0 F\\nReserved 7f0000 10 F\\n' >my.map; "
     "$BATON check --map my.map",
     1, "/boot/raw on my: error: 0x7f0000-0x7f0fff is not free:\n"},
    {"kernel = /boot/k.elf\n", "echo nonsense >my.map; $BATON check --map my.map", 1,
     "my.map:1: error: this is no line of a memory map\n"},
    /* kernels of other loaders, and adapters, which come with baton */
    {"kernel = /boot/f.elf\n", "cp $BUILD/kernels/foreign-mb2.elf f.elf; $BATON check", 1,
     "/boot/f.elf: error: this is a Multiboot2 kernel: its entry is 32-bit code\n"
     "      Add 'adapter = multiboot' to loader.cfg: docs/adapters.md.\n"},
    {"kernel = /boot/f.gz\n", "gzip -c $BUILD/kernels/foreign-mb1.elf >f.gz; $BATON check", 1,
     "/boot/f.gz: error: this is a Multiboot kernel: its entry is 32-bit code\n"},
    {"kernel = /boot/f.elf\n", "cp $BUILD/kernels/foreign-limine-3.elf f.elf; $BATON check", 1,
     "/boot/f.elf: error: this is a kernel of the Limine protocol, base revision 3: "},
    {"kernel = /boot/f.elf\nadapter = multiboot\n",
     "cp $BUILD/kernels/foreign-mb2.elf f.elf; $BATON check", 0,
     "/EFI/baton/multiboot.bin: 0x600000-0x"},
    {"kernel = /boot/f.gz\nadapter = multiboot\n",
     "gzip -c $BUILD/kernels/foreign-mb2.elf >f.gz; $BATON check", 0, "No errors.\n"},
    {"kernel = /boot/k.elf\nadapter = none-such\n", "$BATON check", 1,
     "loader.cfg:2:11: error: the disk would have no /EFI/baton/none-such.bin\n"
     "    2 | adapter = none-such\n"
     "      |           ^~~~~~~~~\n"},
    {"adapter = linux\nkernel = /boot/none\n", "$BATON check", 1,
     "loader.cfg:2:10: error: the disk would have no /boot/none\n"},
    /* a volume: nothing is looked for elsewhere */
    {"kernel = /boot/k.elf\n",
     "mkdir -p esp/EFI/BOOT esp/boot; cp loader.cfg esp/EFI/BOOT; cp k.elf esp/boot; "
     "$BATON check esp",
     0, "esp/EFI/BOOT/loader.cfg: 1 entry\n"},
    {"kernel = /boot/k.elf\n", "mkdir esp; cp loader.cfg k.elf esp; $BATON check esp", 1,
     "esp/loader.cfg:1:10: error: the disk would have no /boot/k.elf\n"},
    {"", "mkdir esp; $BATON check esp", 2, "esp: error: no loader.cfg found"},
    {"kernel = /boot/k.elf\nstak = 5\n", "$BATON check --json loader.cfg", 1,
     "\"line\":\t2,\n\t\t\t\"column\":\t1,\n\t\t\t\"file\":\t\"loader.cfg\""},
    {"kernel = /boot/k.elf\n", "$BATON check --json", 0, "\"good\":\ttrue"},
    {"", "rm loader.cfg; $BATON check", 2, "expected a loader.cfg, a folder or a kernel"},
    {"", "$BATON check nothing.elf", 2, "nothing.elf is neither"},
};

enum { CHECKS = sizeof(checks) / sizeof(checks[0]) };

START_TEST(check_finds_what_the_loader_would_refuse)
{
    tool_write("loader.cfg", checks[_i].config);
    tool_check(checks[_i].line, checks[_i].status, checks[_i].says);
}
END_TEST

START_TEST(check_agrees_with_itself_in_json)
{
    tool_write("loader.cfg", "kernel = /boot/k.elf\nstak = 5\n");
    tool_check("$BATON check --json 2>errors | head -2; test ! -s errors", 0, "\"good\":\tfalse");
}
END_TEST

/* inspect */

#define LINK                                                                                   \
    "sed s/kernel_main/go/g k.c >go.c; cc -std=c11 -ffreestanding -fno-pic -nostdlib -static " \
    "-Wl,-T,$SOURCE/abi/kernel.ld -Wl,--build-id=none -I$SOURCE/abi go.c -o go.elf"

static const struct check inspections[] = {
    {NULL, "$BATON inspect k.elf", 0, "k.elf: an ELF64 file, "},
    {NULL, "$BATON inspect k.elf", 0, "  segments   0x100000-0x100"},
    {NULL, "$BATON inspect k.elf", 0, " r-x, "},
    {NULL, "$BATON inspect k.elf", 0, "10,000 bytes of it .bss\n"},
    {NULL, "$BATON inspect k.elf", 0, " = kernel_main\n  header     for BootInfo 1.0, "},
    {NULL, "$BATON inspect k.elf", 0, "  stack      64 KiB\n  firmware   ovmf-q35-2g: free\n"},
    {NULL, "$BATON inspect k.bin", 0, "k.bin: a raw image, "},
    {NULL, "gzip -k k.bin; $BATON inspect k.bin.gz", 0, "compressed with gzip\n"},
    {NULL, "$BATON inspect $BUILD/kernels/higher-half.elf", 0, "  runs at    0xffffffff80"},
    {NULL, "$BATON inspect --json k.elf", 0, "\"entry_name\":\t\"kernel_main\""},
    {NULL, "$BATON inspect --json k.elf", 0, "\"room\":\t\"free\""},
    /* an entry of another name */
    {NULL, LINK " && $BATON inspect go.elf", 1, "its ELF header says entry 0x100000, but its"},
    {NULL, LINK " -Wl,-e,go && $BATON inspect go.elf", 0, " = go\n"},
    {NULL, "$BATON inspect /bin/ls", 1, "/bin/ls: error: it is linked dynamically"},
    {NULL, "$BATON inspect nothing", 2, "nothing: No such file"},
    {NULL, "$BATON inspect", 2, "expected a kernel"},
    {NULL, "$BATON inspect k.elf k.bin", 2, "one kernel at a time"},
};

enum { INSPECTIONS = sizeof(inspections) / sizeof(inspections[0]) };

START_TEST(inspect_says_what_a_kernel_is)
{
    tool_check(inspections[_i].line, inspections[_i].status, inspections[_i].says);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tool-check");
    TCase *tests = tcase_create("check");
    tcase_add_checked_fixture(tests, set_up, tool_tear_down);
    tcase_set_timeout(tests, 100);
    tcase_add_loop_test(tests, check_finds_what_the_loader_would_refuse, 0, CHECKS);
    tcase_add_test(tests, check_agrees_with_itself_in_json);
    tcase_add_loop_test(tests, inspect_says_what_a_kernel_is, 0, INSPECTIONS);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "tool-check");
}
