/* baton image: what is on the disk, the CD, in the folder; how it is installed. */
#include "tool.h"

#include <string.h>
#include <time.h>

static const char kernel[] = "#include \"bootinfo.h\"\n"
                             "BOOTINFO_KERNEL_HEADER(kernel_main, 0);\n"
                             "void kernel_main(const struct BootInfo *info, uint64_t magic)\n"
                             "{ (void)info; (void)magic; for (;;) {} }\n";

static void set_up(void)
{
    tool_set_up();
    tool_compile(kernel, "-O1");
    tool_write("loader.cfg", "[entry a]\nkernel = /boot/k.elf\nmodule = \"/a file.txt\"\n"
                             "[entry b]\nkernel = /boot/k.bin\n");
    tool_write("a file.txt", "text\n");
}

START_TEST(disk_has_the_files)
{
    tool_check("$BATON image -o disk --config loader.cfg", 0,
               "disk: 272 MiB, GPT, an EFI system partition (FAT32, clusters of 4 KiB) with\n");
    tool_expect("sudo dd if=disk of=/dev/sdX");
    tool_check("for f in /EFI/BOOT/BOOTX64.EFI:$BUILD/BOOTX64.EFI "
               "/EFI/BOOT/loader.cfg:loader.cfg /boot/k.elf:k.elf /boot/k.bin:k.bin; do\n"
               "mcopy -n -o -i disk@@1M ::${f%%:*} copy && cmp copy \"${f#*:}\" || exit 1; done\n"
               "mcopy -n -o -i disk@@1M '::/a file.txt' copy && cmp copy 'a file.txt'",
               0, "");
}
END_TEST

START_TEST(disk_of_a_size_has_larger_clusters)
{
    tool_check("$BATON image -o disk --size 600M k.elf && stat -c 'size %s' disk", 0,
               "clusters of 8 KiB");
    tool_expect("size 629145600\n");
    tool_check("$BATON image -o disk --size 2G k.elf", 0, "clusters of 16 KiB");
    tool_check("command -v fsck.fat >/dev/null || exit 0\n"
               "tail -c +1048577 disk >part; PATH=$PATH:/sbin:/usr/sbin fsck.fat -n part",
               0, "");
}
END_TEST

/* Two seconds are what FAT's clock ticks in. */
START_TEST(same_input_gives_the_same_bytes)
{
    static const char *const kinds[] = {"", "--iso"};
    AUTO_STRING line = string_format("$BATON image -o one %s k.elf >/dev/null && sleep 2 && "
                                     "touch k.elf && $BATON image -o other %s k.elf >/dev/null && "
                                     "cmp one other && ! cmp -s one k.elf",
                                     kinds[_i], kinds[_i]);
    tool_check(line, 0, "");
}
END_TEST

START_TEST(cd_is_a_disk_as_well)
{
    tool_check("$BATON image -o cd --iso k.elf && xorriso -indev cd -report_el_torito plain", 0,
               "boots as a CD and as a disk");
    tool_expect("UEFI");
    tool_check("PATH=$PATH:/sbin:/usr/sbin; start=$(sfdisk -d cd | sed -n "
               "'s/.*start= *\\([0-9]*\\),.*C12A7328.*/\\1/p')\n"
               "mcopy -n -o -i cd@@$((start * 512)) ::/boot/k.elf copy && cmp copy k.elf",
               0, "");
}
END_TEST

START_TEST(folder_has_the_files)
{
    tool_check("$BATON image -o out/ --config loader.cfg && cmp out/boot/k.elf k.elf && "
               "cmp out/EFI/BOOT/BOOTX64.EFI $BUILD/BOOTX64.EFI && "
               "cmp out/EFI/BOOT/loader.cfg loader.cfg && find out -type f | wc -l",
               0, "\n5\n");
}
END_TEST

START_TEST(partition_keeps_the_old_loader)
{
    tool_check("mkdir -p esp/EFI/BOOT esp/EFI/debian && echo old >esp/EFI/BOOT/BOOTX64.EFI && "
               "echo x >esp/EFI/debian/grub && $BATON image --esp esp k.elf && "
               "cat esp/EFI/BOOT/BOOTX64.EFI.OLD && cmp esp/EFI/BOOT/BOOTX64.EFI "
               "$BUILD/BOOTX64.EFI && cmp esp/boot/k.elf k.elf && find esp -type f | wc -l",
               0, "The loader that was there is EFI/BOOT/BOOTX64.EFI.OLD now.\nold\n");
    tool_expect("\n5\n");
    /* the same again: it is Baton's now, and the old one stays */
    tool_check("$BATON image --esp esp k.elf >/dev/null && cat esp/EFI/BOOT/BOOTX64.EFI.OLD", 0,
               "old\n");
}
END_TEST

/* A folder is where a new file would have to be. */
START_TEST(partition_stays_as_it_was_where_something_fails)
{
    tool_check("mkdir -p esp/EFI/BOOT && echo old >esp/EFI/BOOT/BOOTX64.EFI && "
               "mkdir -p esp/boot/k.elf.baton-new && $BATON image --esp esp k.elf",
               2, "k.elf.baton-new");
    tool_check("cat esp/EFI/BOOT/BOOTX64.EFI; find esp -type f", 0,
               "old\nesp/EFI/BOOT/BOOTX64.EFI\n");
    tool_check("test -d esp/boot/k.elf.baton-new", 0, "");
    tool_expect_no("loader.cfg");
}
END_TEST

struct mistake {
    const char *line;
    int status;
    const char *says;
};

static const struct mistake mistakes[] = {
    {"rm 'a file.txt'; $BATON image -o disk --config loader.cfg", 1,
     "loader.cfg:3:11: error: the disk would have no /a file.txt\n"},
    {"rm k.bin; $BATON image -o disk --config loader.cfg; test ! -e disk", 0,
     "loader.cfg:5:10: error: the disk would have no /boot/k.bin\n"},
    {"cp k.elf other.elf; $BATON image -o disk --config loader.cfg other.elf", 1,
     "loader.cfg: error: it names no file other.elf, which was given\n"},
    {"$BATON image k.elf", 2, "expected one of -o and --esp"},
    {"$BATON image -o disk", 2, "expected a kernel, or --config"},
    {"$BATON image -o disk --size much k.elf", 2, "'much' is no value for --size"},
    {"$BATON image -o /no/such/folder/disk k.elf", 2, "/no/such/folder/disk: No such file"},
};

enum { MISTAKES = sizeof(mistakes) / sizeof(mistakes[0]) };

START_TEST(mistake_is_named)
{
    tool_check(mistakes[_i].line, mistakes[_i].status, mistakes[_i].says);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tool-image");
    TCase *tests = tcase_create("image");
    tcase_add_checked_fixture(tests, set_up, tool_tear_down);
    tcase_set_timeout(tests, 100);
    tcase_add_test(tests, disk_has_the_files);
    tcase_add_test(tests, disk_of_a_size_has_larger_clusters);
    tcase_add_loop_test(tests, same_input_gives_the_same_bytes, 0, 2);
    tcase_add_test(tests, cd_is_a_disk_as_well);
    tcase_add_test(tests, folder_has_the_files);
    tcase_add_test(tests, partition_keeps_the_old_loader);
    tcase_add_test(tests, partition_stays_as_it_was_where_something_fails);
    tcase_add_loop_test(tests, mistake_is_named, 0, MISTAKES);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "tool-image");
}
