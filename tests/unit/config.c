#include "config_parse.h"

#include "bootinfo.h"
#include "core/config/parser.h"

static const char *const keys[] = {
    "kernel",     "address",     "stack",      "memory",  "cmdline", "abi",
    "read_chunk", "compression", "default",    "serial",  "log",     "on_fault",
    "fallback",   "tries",       "timeout",    "measure", "sha256",  "module",
    "module-gz",  "framebuffer", "direct_map", "adapter", "format",  "low"};

static struct entry *only_entry(const char *file)
{
    ck_assert_msg(parse(file) == STATUS_OK, "%s\n%s", file, diagnosis());
    ck_assert_uint_eq(config.entry_count, 1);
    ck_assert_uint_eq(config.default_entry, 0);
    return &config.entries[0];
}

/* 'A' * 31 + 'a' is 'B' * 31 + 'B': config_find must compare the names, too. */
START_TEST(names_with_the_same_hash_are_told_apart)
{
    ck_assert_int_eq(parse("kernel = /k\ndefault = BB\n[entry Aa]\nkernel = /1\n"
                           "[entry x]\n[entry BB]\nkernel = /2\n[entry Aaa]\n[entry BBa]\n"),
                     STATUS_OK);
    ck_assert_uint_eq(config.default_entry, 2);
    ck_assert_ptr_eq(config_find(&config, TEXT("Aa")), &config.entries[0]);
    ck_assert_ptr_eq(config_find(&config, TEXT("Aaa")), &config.entries[3]);
    ck_assert_ptr_eq(config_find(&config, TEXT("BBa")), &config.entries[4]);
    ck_assert_ptr_null(config_find(&config, TEXT("CB")));
    ck_assert_int_eq(parse("kernel = /k\n[entry Aa]\n[entry BB]\n[entry Aa]\n"),
                     STATUS_CONFIG_DUPLICATE_ENTRY);
    ck_assert_int_eq(parse("kernel = /k\n[entry Aa]\n[entry BB]\n[entry BB]\n"),
                     STATUS_CONFIG_DUPLICATE_ENTRY);
    ck_assert_int_eq(parse("kernel = /k\n[entry BB]\n"), STATUS_OK); /* nothing is left of it */
    ck_assert_ptr_null(config_find(&config, TEXT("Aa")));
}
END_TEST

static int count_slots(const char *before, const char *after)
{
    bool taken[CONFIG_HASHES] = {false};
    int count = 0;
    for (int i = 0; i < CONFIG_ENTRIES_MAX; i++) {
        char name[CONFIG_NAME_MAX + 1];
        const struct entry *entry;
        (void)snprintf(name, sizeof(name), "%s%d%s", before, i, after);
        uint32_t slot = config_find_slot(&config, text_of(name), &entry);
        ck_assert_uint_lt(slot, CONFIG_HASHES);
        count += taken[slot] ? 0 : 1;
        taken[slot] = true;
    }
    return count;
}

/* Else each name is compared with all of those before it: chance alone fills 40 of 64 slots. */
START_TEST(names_with_a_number_anywhere_have_many_hashes)
{
    ck_assert_int_eq(parse("kernel = /k\n"), STATUS_OK);
    ck_assert_int_gt(count_slots("linux-6.", ""), 24);
    ck_assert_int_gt(count_slots("", "-kernel"), 24);
}
END_TEST

START_TEST(one_line_is_a_whole_config_and_the_rest_are_defaults)
{
    struct entry *entry = only_entry("kernel = /boot/k.bin");
    ck_assert(says(entry->kernel, "/boot/k.bin"));
    ck_assert(says(entry->name, ""));
    ck_assert(says(entry->cmdline, ""));
    ck_assert_uint_eq(entry->address, 0);
    ck_assert_uint_eq(entry->stack, 65536);
    ck_assert_uint_eq(entry->memory, 0);
    ck_assert_uint_eq(entry->read_chunk, CONFIG_READ_CHUNK_AUTO);
    ck_assert_int_eq(entry->compression, COMPRESSION_AUTO);
    ck_assert_uint_eq(entry->abi_minor, 0);
    ck_assert_uint_eq(entry->direct_map, 0);
    ck_assert_uint_eq(entry->line[ENTRY_KERNEL], 1);
    for (int key = ENTRY_ADDRESS; key < ENTRY_KEY_COUNT; key++) {
        ck_assert_uint_eq(entry->line[key], 0);
    }
    ck_assert_int_eq(config.serial, CONFIG_SERIAL_AUTO);
    ck_assert_uint_eq(config.serial_port, 0);
    ck_assert_int_eq(config.log, LOG_NORMAL);
    ck_assert_uint_eq(config.timeout, 0);
    ck_assert(says(entry->fallback, ""));
    ck_assert_uint_eq(entry->tries, 0);
    ck_assert_uint_eq(config.diagnostic_count, 0);
    ck_assert_uint_eq(config.omitted_count, 0);
}
END_TEST

START_TEST(an_adapter_takes_the_kernels_place)
{
    struct entry *entry =
        only_entry("adapter = /boot/my adapter.bin\nkernel = /k\nmodule = /m a\n");
    struct config_cursor cursor = {0};
    struct config_module module;
    ck_assert(says(entry->kernel, "/boot/my adapter.bin"));
    ck_assert_uint_eq(entry->module_count, 2);
    ck_assert(config_next_module(&config, entry, &cursor, &module));
    ck_assert(says(module.path, "/k"));
    ck_assert(says(module.arguments, "kernel"));
    ck_assert(says(module.source, "kernel = /k"));
    ck_assert_uint_eq(module.line, 2);
    ck_assert(module.gzip && module.gzip_or);
    ck_assert(config_next_module(&config, entry, &cursor, &module));
    ck_assert(says(module.path, "/m"));
    ck_assert(!module.gzip && !module.gzip_or);
    ck_assert(!config_next_module(&config, entry, &cursor, &module));
    entry = only_entry("kernel = /k\ncompression = none\nadapter = a-2\n");
    cursor = (struct config_cursor){0};
    ck_assert(config_next_module(&config, entry, &cursor, &module));
    ck_assert(!module.gzip && !module.gzip_or);
    ck_assert(says(entry->kernel, "\\EFI\\baton\\a-2.bin"));
    entry = only_entry("kernel = /k\nadapter = a2345678901234567890123456789012\n");
    ck_assert(says(entry->kernel, "\\EFI\\baton\\a2345678901234567890123456789012.bin"));
}
END_TEST

/* The blanks at its end included, its line end not; however long the path is, and where the file
 * ends with it. */
START_TEST(the_source_of_a_kernel_is_the_whole_line)
{
    static const struct {
        const char *file;
        const char *source;
    } rows[] = {
        {"adapter = a\n kernel = /k \t\nlow = no\n", " kernel = /k \t"},
        {"adapter = a\r\nkernel = /k \r\nlow = no\r\n", "kernel = /k "},
        {"adapter = a\nkernel = /boot/of/a/long/path\n", "kernel = /boot/of/a/long/path"},
        {"adapter = a\nkernel = /k", "kernel = /k"},
        {"kernel = k\nadapter = a\n", "kernel = k"},
    };
    for (int i = 0; i < COUNT_OF(rows); i++) {
        const struct entry *entry = only_entry(rows[i].file);
        struct config_cursor cursor = {0};
        struct config_module module;
        ck_assert(config_next_module(&config, entry, &cursor, &module));
        ck_assert(says(module.source, rows[i].source));
    }
}
END_TEST

START_TEST(an_adapter_with_a_slash_is_a_path)
{
    static const char *const paths[] = {"/a", "\\a", "a/b", "a\\b"};
    for (int i = 0; i < COUNT_OF(paths); i++) {
        char file[64];
        (void)snprintf(file, sizeof(file), "kernel = /k\nadapter = %s\n", paths[i]);
        ck_assert(says(only_entry(file)->kernel, paths[i]));
    }
}
END_TEST

START_TEST(a_module_may_have_a_path_of_one_byte)
{
    const struct entry *entry = only_entry("kernel = k\nmodule = m\n");
    struct config_cursor cursor = {0};
    struct config_module module;
    ck_assert(config_next_module(&config, entry, &cursor, &module));
    ck_assert(says(module.path, "m"));
}
END_TEST

START_TEST(every_entry_with_an_adapter_boots_that_one)
{
    ck_assert_int_eq(parse("kernel = /k\n[entry one]\n[entry two]\nadapter = a\n"
                           "[entry three]\nadapter = b\n"),
                     STATUS_OK);
    ck_assert(says(config.entries[0].kernel, "/k"));
    ck_assert(says(config.entries[1].kernel, "\\EFI\\baton\\a.bin"));
    ck_assert(says(config.entries[2].kernel, "\\EFI\\baton\\b.bin"));
}
END_TEST

START_TEST(every_key_sets_its_value_and_its_line)
{
    struct entry *entry = only_entry("kernel = /k\naddress = 0x200000\nstack = 128K\n"
                                     "memory = 3M\ncmdline = a=b # c ; d \"e\" \\n\n"
                                     "compression = gzip\nabi = 1.0\nread_chunk = 64K\n"
                                     "on_fault = reboot after 10\n"
                                     "direct_map = 0xffff800000000000\n"
                                     "module = /m\nmodule-gz = /m.gz a b\n"
                                     "framebuffer = 1024x768x32\n"
                                     "fallback = b\ntries = 3\nadapter = multiboot\n"
                                     "format = elf\nlow = yes\n"
                                     "serial = none\nlog = quiet\ntimeout = 5\n[entry b]\n");
    ck_assert(says(entry->adapter, "multiboot"));
    ck_assert(says(entry->kernel, "\\EFI\\baton\\multiboot.bin"));
    ck_assert(says(entry->foreign, "/k"));
    ck_assert_uint_eq(entry->address, 0x200000);
    ck_assert_uint_eq(entry->stack, 131072);
    ck_assert_uint_eq(entry->memory, 3 << 20);
    ck_assert(says(entry->cmdline, "a=b # c ; d \"e\" \\n"));
    ck_assert_int_eq(entry->compression, COMPRESSION_AUTO);
    ck_assert_int_eq(entry->foreign_compression, COMPRESSION_GZIP);
    ck_assert_uint_eq(entry->abi_minor, 0);
    ck_assert_uint_eq(entry->read_chunk, 65536);
    ck_assert_int_eq(entry->on_fault.kind, ON_FAULT_REBOOT);
    ck_assert_uint_eq(entry->on_fault.seconds, 10);
    ck_assert_uint_eq(entry->direct_map, UINT64_C(0xFFFF800000000000));
    ck_assert(says(entry->fallback, "b"));
    ck_assert_uint_eq(entry->tries, 3);
    ck_assert_int_eq(entry->format, FORMAT_AUTO); /* of the adapter */
    ck_assert(entry->low);
    for (uint32_t key = 0; key < ENTRY_KEY_COUNT; key++) {
        ck_assert_uint_eq(entry->line[key], key + 1);
    }
    ck_assert_uint_eq(entry->module_count, 3);
    ck_assert_int_eq(entry->screen.kind, CONFIG_SCREEN_MODE);
    ck_assert_uint_eq(entry->screen.width, 1024);
    ck_assert_uint_eq(entry->screen.height, 768);
    ck_assert_uint_eq(entry->screen.bits, 32);
    ck_assert_int_eq(config.serial, CONFIG_SERIAL_NONE);
    ck_assert_int_eq(config.log, LOG_QUIET);
    ck_assert_uint_eq(config.timeout, 5);
}
END_TEST

START_TEST(every_word_has_its_value)
{
    ck_assert_int_eq(only_entry("kernel=k\ncompression=auto")->compression, COMPRESSION_AUTO);
    ck_assert_int_eq(only_entry("kernel=k\ncompression=none")->compression, COMPRESSION_NONE);
    ck_assert_int_eq(only_entry("kernel=k\ncompression=zlib")->compression, COMPRESSION_ZLIB);
    ck_assert_uint_eq(only_entry("kernel=k\nread_chunk=auto")->read_chunk, CONFIG_READ_CHUNK_AUTO);
    ck_assert_uint_eq(only_entry("kernel=k\nread_chunk=whole")->read_chunk,
                      CONFIG_READ_CHUNK_WHOLE);
    ck_assert_int_eq(only_entry("kernel=k\nformat=auto")->format, FORMAT_AUTO);
    ck_assert_int_eq(only_entry("kernel=k\nformat=raw")->format, FORMAT_RAW);
    ck_assert_int_eq(only_entry("kernel=k\nformat=elf")->format, FORMAT_ELF);
    ck_assert(!only_entry("kernel=k\nlow=no")->low);
    only_entry("kernel=k\nlog=normal");
    ck_assert_int_eq(config.log, LOG_NORMAL);
    only_entry("kernel=k\nlog=verbose");
    ck_assert_int_eq(config.log, LOG_VERBOSE);
    only_entry("kernel=k\nserial=auto");
    ck_assert_int_eq(config.serial, CONFIG_SERIAL_AUTO);
    only_entry("kernel=k\nserial=0x2f8");
    ck_assert_int_eq(config.serial, CONFIG_SERIAL_PORT);
    ck_assert_uint_eq(config.serial_port, 0x2F8);
    only_entry("kernel=k\ntimeout=no");
    ck_assert_uint_eq(config.timeout, CONFIG_TIMEOUT_NEVER);
    ck_assert_uint_eq(only_entry("kernel=k\nabi=0")->abi_minor, 0);
    ck_assert_int_eq(only_entry("kernel=k")->on_fault.kind, ON_FAULT_HALT);
    ck_assert_int_eq(only_entry("kernel=k\non_fault=halt")->on_fault.kind, ON_FAULT_HALT);
    ck_assert_int_eq(only_entry("kernel=k\non_fault=none")->on_fault.kind, ON_FAULT_NONE);
    ck_assert_int_eq(only_entry("kernel=k\nframebuffer=none")->screen.kind, CONFIG_SCREEN_NONE);
    ck_assert_int_eq(only_entry("kernel=k\nframebuffer=auto")->screen.kind, CONFIG_SCREEN_AUTO);
    ck_assert_uint_eq(only_entry("kernel=k\nframebuffer=1x65535")->screen.height, 65535);
    ck_assert_uint_eq(only_entry("kernel=k\nframebuffer=640x480")->screen.bits, 0);
    ck_assert_int_eq(only_entry("kernel=k\nframebuffer=1x1x1")->screen.kind, CONFIG_SCREEN_MODE);
    struct on_fault reboot = only_entry("kernel=k\non_fault=reboot")->on_fault;
    ck_assert(reboot.kind == ON_FAULT_REBOOT && reboot.seconds == 0);
}
END_TEST

static const struct {
    const char *written;
    uint64_t value;
} numbers[] = {
    {"1", 1},
    {"0", 0},
    {"00010", 10},
    {"1048576", 1 << 20},
    {"1_048_576", 1 << 20},
    {"0x0", 0},
    {"0x100000", 1 << 20},
    {"0X1000", 4096},
    {"0xdeadBEEF", 0xDEADBEEF},
    {"0xABCDEFabcdef", 0xABCDEFABCDEF},
    {"0x10_0000", 1 << 20},
    {"64K", 65536},
    {"64k", 65536},
    {"64KiB", 65536},
    {"64kib", 65536},
    {"64KIB", 65536},
    {"2M", 2 << 20},
    {"2mib", 2 << 20},
    {"3G", UINT64_C(3) << 30},
    {"3GiB", UINT64_C(3) << 30},
    {"0x10K", 16384},
    {"0xfM", 15 << 20},
    {"1_0K", 10240},
    {"18446744073709551615", UINT64_MAX},
    {"0xffffffffffffffff", UINT64_MAX},
    {"0x0000000000000000000000001", 1},
    {"17179869183G", UINT64_C(17179869183) << 30},
};

START_TEST(numbers_are_read_in_every_form)
{
    for (int i = 0; i < COUNT_OF(numbers); i++) {
        char file[128];
        (void)snprintf(file, sizeof(file), "kernel = k\naddress = %s\n", numbers[i].written);
        ck_assert_msg(only_entry(file)->address == numbers[i].value, "%s", numbers[i].written);
    }
}
END_TEST

START_TEST(limits_of_ranges_are_within)
{
    only_entry("kernel=k\ntimeout=0");
    ck_assert_uint_eq(config.timeout, 0);
    only_entry("kernel=k\ntimeout=3600");
    ck_assert_uint_eq(config.timeout, 3600);
    ck_assert_uint_eq(only_entry("kernel=k\ntries=1")->tries, 1);
    ck_assert_uint_eq(only_entry("kernel=k\ntries=255")->tries, 255);
    ck_assert_uint_eq(only_entry("kernel=k\nstack=4K")->stack, 4096);
    ck_assert_uint_eq(only_entry("kernel=k\nstack=1G")->stack, 1 << 30);
    ck_assert_uint_eq(only_entry("kernel=k\nmemory=1")->memory, 1);
    ck_assert_uint_eq(only_entry("kernel=k\nmemory=0xffffffffffffffff")->memory, UINT64_MAX);
    ck_assert_uint_eq(only_entry("kernel=k\nread_chunk=4K")->read_chunk, 4096);
    ck_assert_uint_eq(only_entry("kernel=k\nread_chunk=1G")->read_chunk, 1 << 30);
    ck_assert_uint_eq(only_entry("kernel=k\ndirect_map=0xff00000000000000")->direct_map,
                      UINT64_C(0xFF00000000000000));
    ck_assert_uint_eq(only_entry("kernel=k\ndirect_map=0xffffffffffffffff")->direct_map,
                      UINT64_MAX);
    ck_assert_uint_eq(only_entry("kernel=k\non_fault=reboot after 0")->on_fault.seconds, 0);
    ck_assert_uint_eq(only_entry("kernel=k\non_fault=reboot after 86400")->on_fault.seconds, 86400);
    only_entry("kernel=k\nserial=1");
    ck_assert_uint_eq(config.serial_port, 1);
    only_entry("kernel=k\nserial=0xfff8");
    ck_assert_uint_eq(config.serial_port, 0xFFF8);
}
END_TEST

START_TEST(the_newest_abi_version_is_known)
{
    char file[64];
    (void)snprintf(file, sizeof(file), "kernel = k\nabi = %d.%d\n", BOOTINFO_VERSION_MAJOR,
                   BOOTINFO_VERSION_MINOR);
    struct entry *entry = only_entry(file);
    ck_assert_uint_eq(entry->abi_minor, BOOTINFO_VERSION_MINOR);
    (void)snprintf(file, sizeof(file), "kernel = k\nabi = %d\n", BOOTINFO_VERSION_MINOR);
    ck_assert_uint_eq(only_entry(file)->abi_minor, BOOTINFO_VERSION_MINOR);
}
END_TEST

START_TEST(line_ends_marks_and_blanks_make_no_difference)
{
    static const char *const files[] = {
        "kernel = /k\nstack = 8K\n",
        "kernel = /k\nstack = 8K",
        "kernel = /k\r\nstack = 8K\r\n",
        "kernel = /k\r\nstack = 8K",
        "\xEF\xBB\xBFkernel = /k\nstack = 8K\n",
        "kernel=/k\nstack=8K\n",
        "\t kernel \t=\t /k \t\n  stack  =  8K  \r\n",
        "# a\nkernel = /k\n\n ; b = c\n\t# [entry x]\n \t \nstack = 8K\n",
        "stack = 8K\nkernel = /k\n",
    };
    for (int i = 0; i < COUNT_OF(files); i++) {
        struct entry *entry = only_entry(files[i]);
        ck_assert(says(entry->kernel, "/k"));
        ck_assert_uint_eq(entry->stack, 8192);
    }
}
END_TEST

START_TEST(a_value_is_taken_literally_to_the_end_of_its_line)
{
    ck_assert(says(only_entry("kernel=k\ncmdline =  a  b\t\n")->cmdline, "a  b"));
    ck_assert(says(only_entry("kernel=k\ncmdline = \"a\"")->cmdline, "\"a\""));
    ck_assert(says(only_entry("kernel=k\ncmdline = #a")->cmdline, "#a"));
    ck_assert(says(only_entry("kernel=k\ncmdline==b=")->cmdline, "=b="));
    ck_assert(says(only_entry("kernel=k\ncmdline=a\tb")->cmdline, "a\tb"));
    ck_assert(says(only_entry("kernel=k\ncmdline=\xC3\xA4\xF0\x9F\x98\x80")->cmdline,
                   "\xC3\xA4\xF0\x9F\x98\x80"));
    ck_assert(says(only_entry("kernel=/a b.bin\n")->kernel, "/a b.bin"));
}
END_TEST

START_TEST(only_cmdline_may_be_empty)
{
    struct entry *entry = only_entry("kernel = k\ncmdline =\n");
    ck_assert(says(entry->cmdline, ""));
    ck_assert_uint_eq(entry->line[ENTRY_CMDLINE], 2);
    for (int i = 0; i < COUNT_OF(keys); i++) {
        char file[64];
        (void)snprintf(file, sizeof(file), "%s =\n", keys[i]);
        bool may_be_empty = strcmp(keys[i], "cmdline") == 0;
        (void)parse(file);
        ck_assert_int_eq(strstr(diagnosis(), "EMPTY_VALUE 1:") == NULL, may_be_empty);
    }
    ck_assert_int_eq(parse("cmdline = x\nkernel=k\n[entry a]\ncmdline =\n"), STATUS_OK);
    ck_assert(says(config.entries[0].cmdline, ""));
}
END_TEST

START_TEST(entries_have_names_and_the_first_is_the_default)
{
    ck_assert_int_eq(parse("[entry one]\nkernel = /1\n[ entry  Two.2_x-yAZaz09 ]\nkernel = /2\n"),
                     STATUS_OK);
    ck_assert_uint_eq(config.entry_count, 2);
    ck_assert_uint_eq(config.default_entry, 0);
    ck_assert(says(config.entries[0].name, "one"));
    ck_assert(says(config.entries[0].kernel, "/1"));
    ck_assert(says(config.entries[1].name, "Two.2_x-yAZaz09"));
    ck_assert(says(config.entries[1].kernel, "/2"));
}
END_TEST

START_TEST(default_picks_an_entry)
{
    ck_assert_int_eq(parse("default = b\n[entry a]\nkernel=1\n[entry b]\nkernel=2\n"), STATUS_OK);
    ck_assert_uint_eq(config.default_entry, 1);
    ck_assert_int_eq(parse("default = a\n[entry a]\nkernel=1\n[entry b]\nkernel=2\n"), STATUS_OK);
    ck_assert_uint_eq(config.default_entry, 0);
}
END_TEST

START_TEST(keys_before_the_first_section_are_for_all_entries)
{
    ck_assert_int_eq(parse("kernel = /k\nstack = 8K\ncmdline = x\n\n[entry a]\nstack = 16K\n"
                           "[entry b]\nkernel = /b\naddress = 2M\n[entry c]\n"),
                     STATUS_OK);
    const struct entry *entries = config.entries;
    ck_assert_uint_eq(config.entry_count, 3);
    ck_assert(says(entries[0].kernel, "/k"));
    ck_assert(says(entries[1].kernel, "/b"));
    ck_assert(says(entries[2].kernel, "/k"));
    ck_assert_uint_eq(entries[0].stack, 16384);
    ck_assert_uint_eq(entries[1].stack, 8192);
    ck_assert_uint_eq(entries[2].stack, 8192);
    ck_assert_uint_eq(entries[0].address, 0);
    ck_assert_uint_eq(entries[1].address, 2 << 20);
    ck_assert_uint_eq(entries[2].address, 0);
    ck_assert(says(entries[2].cmdline, "x"));
    ck_assert_uint_eq(entries[0].line[ENTRY_STACK], 6);
    ck_assert_uint_eq(entries[1].line[ENTRY_STACK], 2);
    ck_assert_uint_eq(entries[1].line[ENTRY_KERNEL], 8);
    ck_assert_uint_eq(entries[2].line[ENTRY_KERNEL], 1);
    ck_assert_uint_eq(entries[2].line[ENTRY_ADDRESS], 0);
}
END_TEST

static const struct entry *fallback_of(const char *name)
{
    return config_fallback(&config, config_find(&config, text_of(name)));
}

START_TEST(a_fallback_for_all_is_none_for_itself)
{
    ck_assert_int_eq(parse("kernel = k\nfallback = rescue\n[entry a]\n[entry b]\nfallback = a\n"
                           "[entry rescue]\n"),
                     STATUS_OK);
    ck_assert_ptr_eq(fallback_of("a"), &config.entries[2]);
    ck_assert_ptr_eq(fallback_of("b"), &config.entries[0]);
    ck_assert_ptr_null(fallback_of("rescue"));
    ck_assert_ptr_null(config_find(&config, TEXT("Rescue")));
}
END_TEST

/* What lies beyond the last entry may be of a file that was read before. */
START_TEST(an_entrys_name_is_guessed_from_those_of_this_file)
{
    ck_assert_int_eq(parse("kernel = k\n[entry a]\n[entry rescue]\n"), STATUS_OK);
    ck_assert(says(config_guess(&config, TEXT("recsue")), "rescue"));
    ck_assert_int_eq(parse("kernel = k\n[entry a]\n"), STATUS_OK);
    config.entries[1].name = TEXT("rescue");
    ck_assert(says(config_guess(&config, TEXT("recsue")), ""));
}
END_TEST

#define DOCS_MAX 131072 /* bytes */

static char *read_docs(void)
{
    FILE *file = fopen(BATON_DOCS "/config.md", "rb");
    ck_assert_msg(file != NULL, "cannot open %s/config.md", BATON_DOCS);
    char *docs = calloc(1, DOCS_MAX);
    size_t size = fread(docs, 1, DOCS_MAX - 1, file);
    ck_assert_uint_gt(size, 0);
    ck_assert_int_eq(fclose(file), 0);
    return docs;
}

START_TEST(every_key_has_its_section_in_the_docs)
{
    char *docs = read_docs();
    int count = 0;
    for (int i = 0; i < COUNT_OF(keys); i++) {
        char heading[64];
        (void)snprintf(heading, sizeof(heading), "\n### %s\n", keys[i]);
        ck_assert_msg(strstr(docs, heading) != NULL, "docs/config.md: no ### %s", keys[i]);
        (void)snprintf(heading, sizeof(heading), "%s = ", keys[i]);
        (void)parse(heading);
        ck_assert_int_ne(config.diagnostics[0].status, STATUS_CONFIG_UNKNOWN_KEY);
    }
    for (const char *at = docs; (at = strstr(at, "\n### ")) != NULL; at++) {
        count++;
    }
    ck_assert_int_eq(count, COUNT_OF(keys));
    ck_assert_int_eq(count, ENTRY_KEY_COUNT + 6);
    free(docs);
}
END_TEST

START_TEST(every_example_in_the_docs_is_a_valid_file)
{
    char *docs = read_docs();
    int count = 0;
    char *at = docs;
    while ((at = strstr(at, "\n```ini\n")) != NULL) {
        at += strlen("\n```ini\n");
        char *end = strstr(at, "\n```");
        ck_assert_ptr_nonnull(end);
        enum status status = parse_bytes((struct text){at, (size_t)(end + 1 - at)});
        ck_assert_msg(status == STATUS_OK, "%s", messages());
        at = end;
        count++;
    }
    ck_assert_int_ge(count, COUNT_OF(keys));
    free(docs);
}
END_TEST

static TCase *good_tests(void)
{
    TCase *tcase = tcase_create("good");
    tcase_add_checked_fixture(tcase, NULL, forget);
    tcase_add_test(tcase, one_line_is_a_whole_config_and_the_rest_are_defaults);
    tcase_add_test(tcase, every_key_sets_its_value_and_its_line);
    tcase_add_test(tcase, an_adapter_takes_the_kernels_place);
    tcase_add_test(tcase, the_source_of_a_kernel_is_the_whole_line);
    tcase_add_test(tcase, an_adapter_with_a_slash_is_a_path);
    tcase_add_test(tcase, a_module_may_have_a_path_of_one_byte);
    tcase_add_test(tcase, every_entry_with_an_adapter_boots_that_one);
    tcase_add_test(tcase, every_word_has_its_value);
    tcase_add_test(tcase, numbers_are_read_in_every_form);
    tcase_add_test(tcase, limits_of_ranges_are_within);
    tcase_add_test(tcase, the_newest_abi_version_is_known);
    tcase_add_test(tcase, line_ends_marks_and_blanks_make_no_difference);
    tcase_add_test(tcase, a_value_is_taken_literally_to_the_end_of_its_line);
    tcase_add_test(tcase, only_cmdline_may_be_empty);
    tcase_add_test(tcase, entries_have_names_and_the_first_is_the_default);
    tcase_add_test(tcase, default_picks_an_entry);
    tcase_add_test(tcase, keys_before_the_first_section_are_for_all_entries);
    tcase_add_test(tcase, a_fallback_for_all_is_none_for_itself);
    tcase_add_test(tcase, an_entrys_name_is_guessed_from_those_of_this_file);
    return tcase;
}

static TCase *docs_tests(void)
{
    TCase *tcase = tcase_create("docs");
    tcase_add_checked_fixture(tcase, NULL, forget);
    tcase_add_test(tcase, names_with_the_same_hash_are_told_apart);
    tcase_add_test(tcase, names_with_a_number_anywhere_have_many_hashes);
    tcase_add_test(tcase, every_key_has_its_section_in_the_docs);
    tcase_add_test(tcase, every_example_in_the_docs_is_a_valid_file);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("config");
    suite_add_tcase(suite, good_tests());
    suite_add_tcase(suite, docs_tests());
    return suite_main(suite, "unit-config");
}
