/* baton mock and bootinfo_mock.h: a machine's memory on the host. */
#include "tool.h"

/* Looks at BootInfo as a kernel would, and at each promise of the memory map. */
static const char user[] =
    "#include \"machine.h\"\n"
    "#include <stdio.h>\n"
    "static struct BootInfoMock mock;\n"
    "int main(void)\n"
    "{\n"
    "    const struct BootInfo *info = bootinfo_mock(&mock, machine, machine_count);\n"
    "    const struct BootInfoRegion *region;\n"
    "    unsigned long long end = 0, usable = 0;\n"
    "    int sorted = 1;\n"
    "    for (uint32_t i = 0; (region = bootinfo_region(info, i)) != 0; i++) {\n"
    "        sorted = sorted && region->base >= end && region->size % 4096 == 0;\n"
    "        end = region->base + region->size;\n"
    "        usable += region->type == BOOTINFO_MEMORY_USABLE ? region->size : 0;\n"
    "    }\n"
    "    printf(\"valid %d sorted %d usable %llu MiB kernel 0x%llx+0x%llx stack 0x%llx\\n\",\n"
    "           bootinfo_valid(info), sorted, usable >> 20,\n"
    "           (unsigned long long)info->kernel.address,\n"
    "           (unsigned long long)info->kernel.size, (unsigned long long)info->stack.size);\n"
    "    printf(\"text '%s%s%s'\\n\", bootinfo_text(info->command_line),\n"
    "           bootinfo_text(info->loader_name), bootinfo_text(info->log));\n"
    "    mock.info.acpi_rsdp = 0xE0000;\n"
    "    printf(\"changed %d\", bootinfo_valid(info));\n"
    "    bootinfo_mock_seal(&mock);\n"
    "    printf(\" sealed %d\\n\", bootinfo_valid(info));\n"
    "    printf(\"by sizeof 0x%llx\\n\", (unsigned long long)\n"
    "           ((const struct BootInfoRegion *)(uintptr_t)info->memory_map.address)[1].base);\n"
    "    printf(\"too many %d\\n\", bootinfo_mock(&mock, machine, 1025) == 0);\n"
    "    return 0;\n"
    "}\n";

#define BUILD                                                                               \
    " >machine.h && cc -std=c11 -Wall -Wextra -Werror -fsanitize=address,undefined -O1 -g " \
    "-I$SOURCE/abi user.c -o user && ./user"

struct play {
    const char *line;
    int status;
    const char *says;
};

static const struct play plays[] = {
    {"$BATON mock" BUILD, 0, "valid 1 sorted 1 usable 19"},
    {"$BATON mock" BUILD, 0, " kernel 0x100000+0x10000 stack 0x10000\ntext ''\n"},
    {"$BATON mock" BUILD, 0, "changed 0 sealed 1\nby sizeof 0xffffffffffffffff\ntoo many 1\n"},
    {"$BATON mock --map ovmf-q35-6g" BUILD, 0, "valid 1 sorted 1 usable 60"},
    /* bytes and stack of the file itself */
    {"$BATON mock k.elf" BUILD, 0, " kernel 0x100000+0x4000 stack 0x20000\n"},
    {"$BATON mock k.elf | head -1", 0,
     "/* Written by 'baton mock': the memory of ovmf-q35-2g, with k.elf. */\n"},
    {"printf 'Available 1000 9f F\\nAvailable 100000 f00 F\\nBS_Data 1000000 100 F\\n"
     "Available 1100000 1000 F\\n' >my.map; $BATON mock --map my.map --name mine k.elf | "
     "grep -v '^#\\|^/'",
     0,
     "static const struct BootInfoRegion mine[] = {\n"
     "    {0x1000, 0x9f000, BOOTINFO_MEMORY_USABLE, 0, 0xf},\n"
     "    {0x100000, 0x4000, BOOTINFO_MEMORY_KERNEL, 0, 0xf},\n"
     "    {0x104000, 0xefc000, BOOTINFO_MEMORY_USABLE, 0, 0xf},\n"
     "    {0x1000000, 0x40000, BOOTINFO_MEMORY_LOADER, 0, 0xf},\n"},
    {"$BATON mock --map my.map; printf 'Available 1000 9f F\\nReserved 100000 10 F\\n' >my.map; "
     "$BATON mock --map my.map k.elf",
     1, "k.elf on my: error: 0x100000-0x103fff is not free:\n"},
    {"printf 'Available 100000 10 F\\n' >my.map; $BATON mock --map my.map", 1,
     "my has no free memory for the loader's own pages\n"},
    {"echo nonsense >my.map; $BATON mock --map my.map", 1,
     "my.map:1: error: this is no line of a memory map\n"},
    {"$BATON mock --map nothing", 2, "maps/nothing.map was not found"},
    {"$BATON mock --name 2g", 2, "'2g' is no name in C"},
    {"$BATON mock k.elf k.elf", 2, "one kernel at a time"},
    {"$BATON mock nothing.elf", 2, "nothing.elf: No such file"},
    {"$BATON mock /bin/ls", 1, "/bin/ls: error: it is linked dynamically"},
};

enum { PLAYS = sizeof(plays) / sizeof(plays[0]) };

static void set_up(void)
{
    tool_set_up();
    tool_compile("#include \"bootinfo.h\"\nBOOTINFO_KERNEL_HEADER(kernel_main, 0x20000);\n"
                 "char zeros[9000];\n"
                 "void kernel_main(const struct BootInfo *i, uint64_t m)\n"
                 "{ (void)i; (void)m; zeros[1] = 1; for (;;) {} }\n",
                 "-O1 -Wl,-z,noseparate-code");
    tool_write("user.c", user);
}

START_TEST(mock_is_a_machine)
{
    tool_check(plays[_i].line, plays[_i].status, plays[_i].says);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tool-mock");
    TCase *tests = tcase_create("mock");
    tcase_add_checked_fixture(tests, set_up, tool_tear_down);
    tcase_set_timeout(tests, 100);
    tcase_add_loop_test(tests, mock_is_a_machine, 0, PLAYS);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "tool-mock");
}
