#include "config_parse.h"

#include "bootinfo.h"

/* kernel = k stands above each of them. */
static const struct {
    const char *line;
    const char *diagnosis;
} bad_values[] = {
    {"address = 12abc", "BAD_NUMBER 2:11+5 '12abc' (an address such as 0x100000)"},
    {"address = 0x", "BAD_NUMBER 2:11+2 '0x' (an address such as 0x100000)"},
    {"address = x10", "BAD_NUMBER 2:11+3 'x10' (an address such as 0x100000)"},
    {"address = -1", "BAD_NUMBER 2:11+2 '-1' (an address such as 0x100000)"},
    {"address = +1", "BAD_NUMBER 2:11+2 '+1' (an address such as 0x100000)"},
    {"address = 1e6", "BAD_NUMBER 2:11+3 '1e6' (an address such as 0x100000)"},
    {"address = 1.5M", "BAD_NUMBER 2:11+4 '1.5M' (an address such as 0x100000)"},
    {"address = 1 M", "BAD_NUMBER 2:11+3 '1 M' (an address such as 0x100000)"},
    {"address = 1T", "BAD_NUMBER 2:11+2 '1T' (an address such as 0x100000)"},
    {"address = 1KB", "BAD_NUMBER 2:11+3 '1KB' (an address such as 0x100000)"},
    {"address = 1Ki", "BAD_NUMBER 2:11+3 '1Ki' (an address such as 0x100000)"},
    {"address = 1KiBs", "BAD_NUMBER 2:11+5 '1KiBs' (an address such as 0x100000)"},
    {"address = 1B", "BAD_NUMBER 2:11+2 '1B' (an address such as 0x100000)"},
    {"address = 1iB", "BAD_NUMBER 2:11+3 '1iB' (an address such as 0x100000)"},
    {"address = K", "BAD_NUMBER 2:11+1 'K' (an address such as 0x100000)"},
    {"address = _1", "BAD_NUMBER 2:11+2 '_1' (an address such as 0x100000)"},
    {"address = 1_", "BAD_NUMBER 2:11+2 '1_' (an address such as 0x100000)"},
    {"address = 1__0", "BAD_NUMBER 2:11+4 '1__0' (an address such as 0x100000)"},
    {"address = 1_K", "BAD_NUMBER 2:11+3 '1_K' (an address such as 0x100000)"},
    {"address = 0x_1", "BAD_NUMBER 2:11+4 '0x_1' (an address such as 0x100000)"},
    {"address = 0_x1", "BAD_NUMBER 2:11+4 '0_x1' (an address such as 0x100000)"},
    {"address = 0xg", "BAD_NUMBER 2:11+3 '0xg' (an address such as 0x100000)"},
    {"address = \"1M\"", "BAD_NUMBER 2:11+4 '\"1M\"' (an address such as 0x100000)"},
    {"address = 18446744073709551616",
     "OVERFLOW 2:11+20 '18446744073709551616' (an address such as 0x100000)"},
    {"address = 0x1FFFFFFFFFFFFFFFF",
     "OVERFLOW 2:11+19 '0x1FFFFFFFFFFFFFFFF' (an address such as 0x100000)"},
    {"address = 0x100000000000000001",
     "OVERFLOW 2:11+20 '0x100000000000000001' (an address such as 0x100000)"},
    {"address = 99999999999G", "OVERFLOW 2:11+12 '99999999999G' (an address such as 0x100000)"},
    {"address = 17179869184G", "OVERFLOW 2:11+12 '17179869184G' (an address such as 0x100000)"},
    {"address = 99999999999999999999x",
     "BAD_NUMBER 2:11+21 '99999999999999999999x' (an address such as 0x100000)"},
    {"stack = 64K # enough", "BAD_NUMBER 2:9+12 '64K # enough' (a size such as 64K)"},
    {"stack = 0", "OUT_OF_RANGE 2:9+1 '0' (4K to 1G)"},
    {"stack = 4095", "OUT_OF_RANGE 2:9+4 '4095' (4K to 1G)"},
    {"stack = 0x40000001", "OUT_OF_RANGE 2:9+10 '0x40000001' (4K to 1G)"},
    {"stack = 1024G", "OUT_OF_RANGE 2:9+5 '1024G' (4K to 1G)"},
    {"memory = 0", "OUT_OF_RANGE 2:10+1 '0' (1 byte or more)"},
    {"memory = lots", "BAD_NUMBER 2:10+4 'lots' (a size such as 8M)"},
    {"read_chunk = 4095", "OUT_OF_RANGE 2:14+4 '4095' (4K to 1G, auto, or whole)"},
    {"read_chunk = 0x40000001", "OUT_OF_RANGE 2:14+10 '0x40000001' (4K to 1G, auto, or whole)"},
    {"read_chunk = 1Q", "BAD_NUMBER 2:14+2 '1Q' (a size such as 1M, auto, or whole)"},
    {"read_chunk = hole", "BAD_WORD 2:14+4 'hole' (a size such as 1M, auto, or whole) ? whole"},
    {"read_chunk = Whole", "BAD_WORD 2:14+5 'Whole' (a size such as 1M, auto, or whole) ? whole"},
    {"compression = gzp", "BAD_WORD 2:15+3 'gzp' (auto, none, gzip or zlib) ? gzip"},
    {"compression = GZIP", "BAD_WORD 2:15+4 'GZIP' (auto, none, gzip or zlib) ? gzip"},
    {"compression = ZLIB", "BAD_WORD 2:15+4 'ZLIB' (auto, none, gzip or zlib) ? zlib"},
    {"compression = xz", "BAD_WORD 2:15+2 'xz' (auto, none, gzip or zlib)"},
    {"serial = on", "BAD_WORD 2:10+2 'on' (auto, none or an I/O port such as 0x3f8)"},
    {"serial = atuo", "BAD_WORD 2:10+4 'atuo' (auto, none or an I/O port such as 0x3f8) ? auto"},
    {"serial = 0", "OUT_OF_RANGE 2:10+1 '0' (0x1 to 0xfff8)"},
    {"serial = 115200", "OUT_OF_RANGE 2:10+6 '115200' (0x1 to 0xfff8)"},
    {"serial = 0xfff9", "OUT_OF_RANGE 2:10+6 '0xfff9' (0x1 to 0xfff8)"},
    {"serial = 3f8", "BAD_NUMBER 2:10+3 '3f8' (auto, none or an I/O port such as 0x3f8)"},
    {"direct_map = none", "BAD_NUMBER 2:14+4 'none' (an address such as 0xffff800000000000)"},
    {"direct_map = 0", "OUT_OF_RANGE 2:14+1 '0' (0xff00000000000000 or above)"},
    {"direct_map = 0xfeffffffffffffff",
     "OUT_OF_RANGE 2:14+18 '0xfeffffffffffffff' (0xff00000000000000 or above)"},
    {"framebuffer = nome", "BAD_WORD 2:15+4 'nome' (auto, none or 1920x1080) ? none"},
    {"framebuffer = 640", "BAD_WORD 2:15+3 '640' (auto, none or 1920x1080)"},
    {"framebuffer = 640x", "BAD_WORD 2:15+4 '640x' (auto, none or 1920x1080)"},
    {"framebuffer = x480", "BAD_WORD 2:15+4 'x480' (auto, none or 1920x1080)"},
    {"framebuffer = 640x480x", "BAD_WORD 2:15+8 '640x480x' (auto, none or 1920x1080)"},
    {"framebuffer = 640x480x0", "BAD_WORD 2:15+9 '640x480x0' (auto, none or 1920x1080)"},
    {"framebuffer = 0x480", "BAD_WORD 2:15+5 '0x480' (auto, none or 1920x1080)"},
    {"framebuffer = 640x0", "BAD_WORD 2:15+5 '640x0' (auto, none or 1920x1080)"},
    {"framebuffer = 640xx480", "BAD_WORD 2:15+8 '640xx480' (auto, none or 1920x1080)"},
    {"framebuffer = 65536x1", "BAD_WORD 2:15+7 '65536x1' (auto, none or 1920x1080)"},
    {"framebuffer = 1x1x1x1", "BAD_WORD 2:15+7 '1x1x1x1' (auto, none or 1920x1080)"},
    {"framebuffer = 640 x 480", "BAD_WORD 2:15+9 '640 x 480' (auto, none or 1920x1080)"},
    {"log = loud", "BAD_WORD 2:7+4 'loud' (quiet, normal or verbose)"},
    {"log = verbos", "BAD_WORD 2:7+6 'verbos' (quiet, normal or verbose) ? verbose"},
    {"abi = 3", "ABI_TOO_NEW 2:7+1 '3'"},
    {"abi = 1.3", "ABI_TOO_NEW 2:7+3 '1.3'"},
    {"abi = 2.0", "ABI_TOO_NEW 2:7+3 '2.0'"},
    {"abi = 4294967297.0", "ABI_TOO_NEW 2:7+12 '4294967297.0'"},
    {"abi = 4294967296", "ABI_TOO_NEW 2:7+10 '4294967296'"},
    {"abi = 0.9", "OUT_OF_RANGE 2:7+3 '0.9' (1.0 or above)"},
    {"abi = .1", "BAD_WORD 2:7+2 '.1' (a BootInfo version such as 1.0)"},
    {"abi = 1.", "BAD_WORD 2:7+2 '1.' (a BootInfo version such as 1.0)"},
    {"abi = .", "BAD_WORD 2:7+1 '.' (a BootInfo version such as 1.0)"},
    {"abi = 1.0.0", "BAD_WORD 2:7+5 '1.0.0' (a BootInfo version such as 1.0)"},
    {"abi = v1", "BAD_WORD 2:7+2 'v1' (a BootInfo version such as 1.0)"},
    {"abi = 0x1", "BAD_WORD 2:7+3 '0x1' (a BootInfo version such as 1.0)"},
    {"abi = 1K", "BAD_WORD 2:7+2 '1K' (a BootInfo version such as 1.0)"},
    {"abi = 99999999999999999999.0",
     "OVERFLOW 2:7+22 '99999999999999999999.0' (a BootInfo version such as 1.0)"},
    {"timeout = 3601", "OUT_OF_RANGE 2:11+4 '3601' (0 to 3600 seconds, or no)"},
    {"timeout = 0.5", "BAD_NUMBER 2:11+3 '0.5' (a number of seconds, or no)"},
    {"timeout = never", "BAD_WORD 2:11+5 'never' (a number of seconds, or no)"},
    {"timeout = No", "BAD_WORD 2:11+2 'No' (a number of seconds, or no) ? no"},
    {"timeout = 4294967295", "OUT_OF_RANGE 2:11+10 '4294967295' (0 to 3600 seconds, or no)"},
    {"adapter = multi<boot",
     "BAD_PATH 2:11+10 'multi<boot' (a name in it holds one of : * ? \" < > |)"},
    {"adapter = a23456789012345678901234567890123",
     "BAD_PATH 2:11+33 'a23456789012345678901234567890123' (expected a name of at most 32 bytes, "
     "or a path)"},
    {"adapter = a2345678901234567890123456789012/",
     "BAD_PATH 2:11+33 'a2345678901234567890123456789012/' (it ends without the name of a file)"},
    {"format = pe", "BAD_WORD 2:10+2 'pe' (auto, raw or elf)"},
    {"low = 1", "BAD_WORD 2:7+1 '1' (yes or no)"},
    {"tries = 0", "OUT_OF_RANGE 2:9+1 '0' (1 to 255)"},
    {"tries = 256", "OUT_OF_RANGE 2:9+3 '256' (1 to 255)"},
    {"tries = many", "BAD_NUMBER 2:9+4 'many' (a number such as 3)"},
    {"fallback = x", "NO_SUCH_ENTRY 2:12+1 'x' (fallback)"},
    {"default = hello", "NO_SUCH_ENTRY 2:11+5 'hello' (default)"},
};

START_TEST(a_bad_value_is_told_with_what_was_expected)
{
    for (int i = 0; i < COUNT_OF(bad_values); i++) {
        char file[256];
        (void)snprintf(file, sizeof(file), "kernel = k\n%s\n", bad_values[i].line);
        ck_assert_int_ne(parse(file), STATUS_OK);
        ck_assert_str_eq(diagnosis(), bad_values[i].diagnosis);
    }
}
END_TEST

#define NAME_31 "a23456789.b23456789.c23456789.d"

static const struct {
    struct text file;
    const char *diagnosis;
} bad_files[] = {
    /* nothing to boot */
    {FILE_OF(""), "NO_KERNEL 0:0+0 'this file'"},
    {FILE_OF("\xEF\xBB\xBF"), "NO_KERNEL 0:0+0 'this file'"},
    {FILE_OF("\n\r\n\n"), "NO_KERNEL 0:0+0 'this file'"},
    {FILE_OF("# kernel = k\n; kernel = k"), "NO_KERNEL 0:0+0 'this file'"},
    {FILE_OF("stack = 64K\n"), "NO_KERNEL 0:0+0 'this file'"},
    {FILE_OF("[entry a]\n[entry b]\nkernel=k\n\n \t[entry c]\t \n"),
     "NO_KERNEL 1:1+9 '[entry a]'\nNO_KERNEL 5:3+9 '[entry c]'"},
    /* lines */
    {FILE_OF("kernel /boot/k.bin"), "EXPECTED_EQUALS 1:1+18 'kernel /boot/k.bin'"},
    {FILE_OF("kernel=k\n  stack : 4K \n"), "EXPECTED_EQUALS 2:3+10 'stack : 4K'"},
    {FILE_OF("kernel=k\n // comment"), "EXPECTED_EQUALS 2:2+10 '// comment'"},
    {FILE_OF("kernel=k\nx"), "EXPECTED_EQUALS 2:1+1 'x'"},
    {FILE_OF("kernel=k\n\t = 4K\n"), "EMPTY_KEY 2:3+1 '='"},
    {FILE_OF("kernel=k\n=\n"), "EMPTY_KEY 2:1+1 '='"},
    {FILE_OF("kernel =\n"), "EMPTY_VALUE 1:9+0 'kernel'"},
    {FILE_OF("kernel = \t \r\n"), "EMPTY_VALUE 1:9+0 'kernel'"},
    {FILE_OF("kernel=k\nstack="), "EMPTY_VALUE 2:7+0 'stack'"},
    /* keys */
    {FILE_OF("kernel=k\n kernal = /boot/k.bin\n"), "UNKNOWN_KEY 2:2+6 'kernal' ? kernel"},
    {FILE_OF("kernel=k\nKernel = k\n"), "UNKNOWN_KEY 2:1+6 'Kernel' ? kernel"},
    {FILE_OF("kernel=k\nSTCAK = 4K\n"), "UNKNOWN_KEY 2:1+5 'STCAK' ? stack"},
    {FILE_OF("kernel=k\nadress = 1M\n"), "UNKNOWN_KEY 2:1+6 'adress' ? address"},
    {FILE_OF("kernel=k\nread-chunk = 1M\n"), "UNKNOWN_KEY 2:1+10 'read-chunk' ? read_chunk"},
    {FILE_OF("kernel=k\nbai = 0\n"), "UNKNOWN_KEY 2:1+3 'bai' ? abi"},
    {FILE_OF("kernel=k\nbax = 0\n"), "UNKNOWN_KEY 2:1+3 'bax'"},
    {FILE_OF("kernel=k\nserail = none\n"), "UNKNOWN_KEY 2:1+6 'serail' ? serial"},
    {FILE_OF("[entry a]\nkernel=k\nserail = none\n"), "UNKNOWN_KEY 3:1+6 'serail'"},
    {FILE_OF("kernel=k\ntimeouts = 3\n"), "UNKNOWN_KEY 2:1+8 'timeouts' ? timeout"},
    {FILE_OF("kernel=k\nstack size = 3\n"), "UNKNOWN_KEY 2:1+10 'stack size'"},
    {FILE_OF("kernel=k\nst\xC3\xA4"
             "ck = 3\n"),
     "UNKNOWN_KEY 2:1+5 'st\xC3\xA4"
     "ck' ? stack"},
    {FILE_OF("kernel=k\nkernelkernelkernelkernelkernelker = 3\n"),
     "UNKNOWN_KEY 2:1+33 'kernelkernelkernelkernelkernelker'"},
    {FILE_OF("kernel=k\nstack=4K\nkernel=l\n"), "DUPLICATE_KEY 3:1+6 'kernel'"},
    {FILE_OF("kernel=k\nstack=4K\nstack=0\n"), "DUPLICATE_KEY 3:1+5 'stack'"},
    {FILE_OF("kernel=k\nlog=quiet\nlog=quiet\n"), "DUPLICATE_KEY 3:1+3 'log'"},
    {FILE_OF("kernel=k\nstack=0\nstack=4K\n"),
     "OUT_OF_RANGE 2:7+1 '0' (4K to 1G)\nDUPLICATE_KEY 3:1+5 'stack'"},
    {FILE_OF("kernel=k\n[entry a]\nkernel=l\nkernel=m\n"), "DUPLICATE_KEY 4:1+6 'kernel'"},
    {FILE_OF("kernel=k\n[entry a]\nserial = none\n"), "GLOBAL_KEY 3:1+6 'serial'"},
    {FILE_OF("kernel=k\n[entry a]\n log = \n"), "GLOBAL_KEY 3:2+3 'log'"},
    {FILE_OF("kernel=k\n[entry a]\ndefault = a\n"), "GLOBAL_KEY 3:1+7 'default'"},
    /* paths */
    {FILE_OF("kernel = /boot/../k"), "BAD_PATH 1:10+10 '/boot/../k' ('.' and '..' cannot be used)"},
    {FILE_OF("[entry a]\nkernel = /\n"),
     "BAD_PATH 2:10+1 '/' (it ends without the name of a file)"},
    /* modules */
    {FILE_OF("kernel=k\nmodule =\nmodule = /..\nmodule-gz = a b\nmodule = a b\nmodul = c"),
     "EMPTY_VALUE 2:9+0 'module'\nBAD_PATH 3:10+3 '/..' ('.' and '..' cannot be used)\n"
     "UNKNOWN_KEY 6:1+5 'modul' ? module"},
    {FILE_OF("kernel=k\nmodule = \"/a b"),
     "BAD_PATH 2:10+5 '\"/a b' (its closing quote is missing)"},
    {FILE_OF("kernel=k\nmodule = \"/a\"b"),
     "BAD_PATH 2:10+5 '\"/a\"b' (expected a blank after the closing quote)"},
    {FILE_OF("kernel=k\nmodule = \"/\" b"),
     "BAD_PATH 2:11+1 '/' (it ends without the name of a file)"},
    {FILE_OF("kernel=k\nmodule = \"\" b"), "BAD_PATH 2:10+4 '\"\" b' (it is empty)"},
    {FILE_OF("kernel=k\nmodule = \"/a\\\" b"),
     "BAD_PATH 2:11+3 '/a\\' (it ends without the name of a file)"},
    /* sections */
    {FILE_OF("[entry a]\nkernel=k\n[kernel]\nfile = x\nnonsense\n[entry b]\nkernel=k\n"),
     "BAD_SECTION 3:1+8 '[kernel]'"},
    {FILE_OF("[entry a]\nkernel=k\n [ ] \n"), "BAD_SECTION 3:2+3 '[ ]'"},
    {FILE_OF("[entry a]\nkernel=k\n[\n"), "BAD_SECTION 3:1+1 '['"},
    {FILE_OF("[entries]\n"), "BAD_SECTION 1:1+9 '[entries]'"},
    {FILE_OF("[Entry a]\n"), "BAD_SECTION 1:1+9 '[Entry a]'"},
    {FILE_OF("[a]\n"), "BAD_SECTION 1:1+3 '[a]'"},
    {FILE_OF("[entry]\nkernal=k\n"),
     "BAD_SECTION 1:1+7 '[entry]'\nUNKNOWN_KEY 2:1+6 'kernal' ? kernel"},
    {FILE_OF("[entry ]"), "BAD_SECTION 1:1+8 '[entry ]'"},
    {FILE_OF("[entry"), "BAD_SECTION 1:1+6 '[entry'"},
    {FILE_OF("[entry a"), "BAD_SECTION 1:1+8 '[entry a'"},
    {FILE_OF("[entry a] # one"), "BAD_SECTION 1:1+15 '[entry a] # one'"},
    {FILE_OF("[entry a b]"), "BAD_SECTION 1:8+3 '[entry a b]'"},
    {FILE_OF("[entry !a]"), "BAD_SECTION 1:8+2 '[entry !a]'"},
    {FILE_OF("[entry !]"), "BAD_SECTION 1:8+1 '[entry !]'"},
    {FILE_OF("[entryx\nkernal=k\n"), "BAD_SECTION 1:1+7 '[entryx'"},
    {FILE_OF("[entry a/b]"), "BAD_SECTION 1:8+3 '[entry a/b]'"},
    {FILE_OF("[entry \xC3\xA4]"), "BAD_SECTION 1:8+1 '[entry \xC3\xA4]'"},
    {FILE_OF("[entry a]]"), "BAD_SECTION 1:8+2 '[entry a]]'"},
    {FILE_OF("[entry a!]\nkernel=/\n"), "BAD_SECTION 1:8+2 '[entry a!]'\n"
                                        "BAD_PATH 2:8+1 '/' (it ends without the name of a file)"},
    {FILE_OF("[entry a!]\nkernel=k\nkernel=k\n[entry b!]\nkernel=k\n"),
     "BAD_SECTION 1:8+2 '[entry a!]'\nDUPLICATE_KEY 3:1+6 'kernel'\n"
     "BAD_SECTION 4:8+2 '[entry b!]'"},
    {FILE_OF("[entry a]\nkernel=k\n[entry b]\nkernel=k\n[ entry\ta ]\n"),
     "DUPLICATE_ENTRY 5:9+1 'a'"},
    /* default */
    {FILE_OF("default=helo\n[entry a]\nkernel=k\n[entry hello]\nkernel=k\n"),
     "NO_SUCH_ENTRY 1:9+4 'helo' (default) ? hello"},
    {FILE_OF("default=A\n[entry a]\nkernel=k\n"), "NO_SUCH_ENTRY 1:9+1 'A' (default) ? a"},
    {FILE_OF("default = x y\n[entry a]\nkernel=k\n"), "NO_SUCH_ENTRY 1:11+3 'x y' (default)"},
    {FILE_OF("default=" NAME_31 "\n[entry " NAME_31 "x]\nkernel=k\n[entry " NAME_31
             "xy]\nkernel=k"),
     "NO_SUCH_ENTRY 1:9+31 '" NAME_31 "' (default) ? " NAME_31 "x"},
    {FILE_OF("default=" NAME_31 "\n[entry " NAME_31 "xy]\nkernel=k\n"),
     "NO_SUCH_ENTRY 1:9+31 '" NAME_31 "' (default)"},
    /* fallback */
    {FILE_OF("kernel=k\n[entry a]\n fallback = b\r\n[entry c]\nfallback=a"),
     "NO_SUCH_ENTRY 3:13+1 'b' (fallback) ? a"},
    {FILE_OF("\xEF\xBB\xBF"
             "fallback=B\nkernel=k\n[entry a]\n[entry b]\n"),
     "NO_SUCH_ENTRY 1:10+1 'B' (fallback) ? b"},
    {FILE_OF("fallback=nowhere\nkernel=k\n[entry a]\n[entry b]\nfallback=\n"),
     "NO_SUCH_ENTRY 1:10+7 'nowhere' (fallback)\nEMPTY_VALUE 5:10+0 'fallback'"},
    {FILE_OF("fallback=nowhere\nkernel=k\n[entry a]\nfallback=\n[entry b]\n"),
     "NO_SUCH_ENTRY 1:10+7 'nowhere' (fallback)\nEMPTY_VALUE 4:10+0 'fallback'"},
    {FILE_OF("fallback=nowhere\nkernel=k\n[entry b]\nfallback=\n"),
     "EMPTY_VALUE 4:10+0 'fallback'"},
    {FILE_OF("kernel=k\n[entry a]\nfallback=a\n"), "FALLBACK_CYCLE 3:10+1 'a' (a)"},
    {FILE_OF("kernel=k\nfallback=b\n[entry a]\n[entry b]\nfallback = a\n[entry c]\n"),
     "FALLBACK_CYCLE 5:12+1 'a' (b)"},
    {FILE_OF("kernel=k\nfallback=b\n[entry b]\nfallback = a\n[entry a]\n[entry c]\n"),
     "FALLBACK_CYCLE 2:10+1 'b' (a)"},
    {FILE_OF("kernel=k\n[entry a]\nfallback=c\n[entry b]\nfallback=a\n[entry c]\nfallback=b\n"),
     "FALLBACK_CYCLE 7:10+1 'b' (c)"},
    {FILE_OF("kernel=k\n[entry a]\ntimeout=3\n"), "GLOBAL_KEY 3:1+7 'timeout'"},
    /* bytes */
    {FILE_OF("\xFF\xFEk\0e\0"), "UTF16 0:0+0 ''"},
    {FILE_OF("\xFE\xFF\0k\0e"), "UTF16 0:0+0 ''"},
    {FILE_OF("kernel=k\ncmdline=\xC3\xA4\0x\n"), "BAD_BYTE 2:10+1 ''"},
    {FILE_OF("kernel=k\ncmdline=\x1B[2J\n"), "BAD_BYTE 2:9+1 '\x1B'"},
    {FILE_OF("kernel=k\ncmdline=a\x7F\n"), "BAD_BYTE 2:10+1 '\x7F'"},
    {FILE_OF("kernel=k\ncmdline=\xE4\n"), "BAD_BYTE 2:9+1 '\xE4'"},
    {FILE_OF("kernel=k\ncmdline=\xC2\x85\n"), "BAD_BYTE 2:9+1 '\xC2'"},
    {FILE_OF("kernel=k\n# \xC3\xA4\xC3\n"), "BAD_BYTE 2:4+1 '\xC3'"},
    {FILE_OF("kernel=k\n\xEF\xBB"), "BAD_BYTE 2:1+1 '\xEF'"},
    {FILE_OF("kernel=k\rstack=4K\r"), "LONE_CR 1:9+1 '\r'"},
    {FILE_OF("kernel=k\nstack=4K\r"), "LONE_CR 2:9+1 '\r'"},
    {FILE_OF("kernel=k\r\r\n"), "LONE_CR 1:9+1 '\r'"},
    {FILE_OF("\xEF\xBB\xBF"
             "kernel=k\rx"),
     "LONE_CR 1:9+1 '\r'"},
};

START_TEST(a_bad_file_is_told_line_by_line)
{
    for (int i = 0; i < COUNT_OF(bad_files); i++) {
        enum status status = parse_bytes(bad_files[i].file);
        ck_assert_str_eq(diagnosis(), bad_files[i].diagnosis);
        ck_assert_int_ne(status, STATUS_OK);
        ck_assert_int_eq(status, config.diagnostics[0].status);
    }
}
END_TEST

/* One mistake, one message: what follows from it alone is not told. */
static const struct {
    struct text file;
    const char *diagnosis;
} chains[] = {
    {FILE_OF("kernal = k\n"), "UNKNOWN_KEY 1:1+6 'kernal' ? kernel"},
    {FILE_OF("kernal = k\ncolour = red\n"),
     "UNKNOWN_KEY 1:1+6 'kernal' ? kernel\nUNKNOWN_KEY 2:1+6 'colour'"},
    {FILE_OF("kernel = /\n"), "BAD_PATH 1:10+1 '/' (it ends without the name of a file)"},
    {FILE_OF("kernel = k\x01\n"), "BAD_BYTE 1:11+1 '\x01'"},
    {FILE_OF("= k\n"), "EMPTY_KEY 1:1+1 '='"},
    {FILE_OF("kernal = k\n[entry a]\n[entry b]\n"), "UNKNOWN_KEY 1:1+6 'kernal' ? kernel"},
    {FILE_OF("[entry a]\nkernel k\n[entry b]\n"),
     "EXPECTED_EQUALS 2:1+8 'kernel k'\nNO_KERNEL 3:1+9 '[entry b]'"},
    {FILE_OF("default = b\n[entry a]\nkernel=k\n[entri b]\nkernel=k\n"),
     "BAD_SECTION 4:1+9 '[entri b]'"},
    {FILE_OF("default = b!\n[entry a]\nkernel=k\n[entry b!]\nkernel=k\n"),
     "BAD_SECTION 4:8+2 '[entry b!]'"},
    {FILE_OF("default = b\n[entry a]\nkernel=k\n[entry b\x01]\nkernel=k\nkernel=l\n"),
     "BAD_BYTE 4:9+1 '\x01'"},
    {FILE_OF("[entry a]\nkernel=k\nfallback = b\n[entri b]\nkernel=k\n"),
     "BAD_SECTION 4:1+9 '[entri b]'"},
    {FILE_OF("[entry b\x01]\nkernel=k\n[entry a]\nstack=4K"),
     "BAD_BYTE 1:9+1 '\x01'\nNO_KERNEL 3:1+9 '[entry a]'"},
    /* but here both are to be mended */
    {FILE_OF("stcak = 4K\n"), "NO_KERNEL 0:0+0 'this file'\nUNKNOWN_KEY 1:1+5 'stcak' ? stack"},
    {FILE_OF("[entry a]\nlog = quiet\nstack = 0\n"),
     "NO_KERNEL 1:1+9 '[entry a]'\nGLOBAL_KEY 2:1+3 'log'\nOUT_OF_RANGE 3:9+1 '0' (4K to 1G)"},
};

START_TEST(one_mistake_is_told_once)
{
    for (int i = 0; i < COUNT_OF(chains); i++) {
        ck_assert_int_ne(parse_bytes(chains[i].file), STATUS_OK);
        ck_assert_str_eq(diagnosis(), chains[i].diagnosis);
    }
}
END_TEST

START_TEST(numbers_of_the_diagnostics_are_filled)
{
    ck_assert_int_eq(parse("kernel=k\nstack=4K\n\nkernel=l\n"), STATUS_CONFIG_DUPLICATE_KEY);
    ck_assert_uint_eq(config.diagnostics[0].number[0], 1);
    ck_assert_int_eq(parse("kernel=k\n\n[entry a]\n[entry a]\n"), STATUS_CONFIG_DUPLICATE_ENTRY);
    ck_assert_uint_eq(config.diagnostics[0].number[0], 3);
    ck_assert_int_eq(parse("kernel=k\xFA"), STATUS_CONFIG_BAD_BYTE);
    ck_assert_uint_eq(config.diagnostics[0].number[0], 0xFA);
    ck_assert_int_eq(parse("kernel=k\nabi=7.9"), STATUS_CONFIG_ABI_TOO_NEW);
    ck_assert_uint_eq(config.diagnostics[0].number[0], 7);
    ck_assert_uint_eq(config.diagnostics[0].number[1], 9);
    ck_assert_uint_eq(config.diagnostics[0].number[2], BOOTINFO_VERSION_MAJOR);
    ck_assert_uint_eq(config.diagnostics[0].number[3], BOOTINFO_VERSION_MINOR);
}
END_TEST

static size_t fill_with_entries(char *file, size_t capacity, int count)
{
    size_t used = 0;
    for (int i = 0; i < count; i++) {
        used += (size_t)snprintf(file + used, capacity - used, "[entry e%d]\nkernel=k\n", i);
    }
    return used;
}

START_TEST(there_is_room_for_64_entries_and_one_complaint_about_more)
{
    static char file[65536];
    (void)fill_with_entries(file, sizeof(file), CONFIG_ENTRIES_MAX);
    ck_assert_int_eq(parse(file), STATUS_OK);
    ck_assert_uint_eq(config.entry_count, CONFIG_ENTRIES_MAX);
    ck_assert(says(config.entries[63].name, "e63"));
    (void)fill_with_entries(file, sizeof(file), 2000);
    ck_assert_int_eq(parse(file), STATUS_CONFIG_TOO_MANY_ENTRIES);
    ck_assert_str_eq(diagnosis(), "TOO_MANY_ENTRIES 129:1+11 '[entry e64]'");
    ck_assert_uint_eq(config.diagnostics[0].number[0], CONFIG_ENTRIES_MAX);
}
END_TEST

START_TEST(the_first_20_errors_are_kept_and_the_rest_counted)
{
    char file[512];
    struct writer writer = writer_on(file, sizeof(file));
    write_string(&writer, "kernel=k\n");
    for (int i = 0; i < 23; i++) {
        write_string(&writer, "x=1\n");
    }
    ck_assert_int_eq(parse(file), STATUS_CONFIG_UNKNOWN_KEY);
    ck_assert_uint_eq(config.diagnostic_count, CONFIG_DIAGNOSTICS_MAX);
    ck_assert_uint_eq(config.omitted_count, 3);
    for (uint32_t i = 0; i < CONFIG_DIAGNOSTICS_MAX; i++) {
        ck_assert_uint_eq(config.diagnostics[i].line, i + 2);
    }
}
END_TEST

/* That an entry has no kernel is known only at its end, after the errors in it. */
START_TEST(errors_are_in_the_order_of_their_lines)
{
    char file[512];
    struct writer writer = writer_on(file, sizeof(file));
    write_string(&writer, "[entry a]\nstack=0\n[entry b]\nstack=0\n");
    ck_assert_int_eq(parse(file), STATUS_CONFIG_NO_KERNEL);
    ck_assert_str_eq(diagnosis(), "NO_KERNEL 1:1+9 '[entry a]'\n"
                                  "OUT_OF_RANGE 2:7+1 '0' (4K to 1G)\n"
                                  "NO_KERNEL 3:1+9 '[entry b]'\n"
                                  "OUT_OF_RANGE 4:7+1 '0' (4K to 1G)");
    for (int i = 0; i < 18; i++) {
        write_string(&writer, "x=1\n");
    }
    ck_assert_int_eq(parse(file), STATUS_CONFIG_NO_KERNEL);
    ck_assert_uint_eq(config.diagnostic_count, CONFIG_DIAGNOSTICS_MAX);
    ck_assert_uint_eq(config.omitted_count, 2);
    ck_assert_int_eq(config.diagnostics[2].status, STATUS_CONFIG_NO_KERNEL);
    ck_assert_uint_eq(config.diagnostics[2].line, 3);
    ck_assert_uint_eq(config.diagnostics[19].line, 20);
}
END_TEST

static void put(char *at, struct text text)
{
    memcpy(at, text.bytes, text.size);
}

START_TEST(a_line_may_have_4096_bytes)
{
    static char file[8192];
    struct text text = {file, 9 + CONFIG_LINE_MAX};
    memset(file, 'x', sizeof(file));
    put(file, TEXT("kernel=k\ncmdline="));
    ck_assert_int_eq(parse_bytes(text), STATUS_OK);
    ck_assert_uint_eq(config.entries[0].cmdline.size, CONFIG_LINE_MAX - 8);
    put(file + text.size, TEXT("\r\n"));
    text.size += 2;
    ck_assert_int_eq(parse_bytes(text), STATUS_OK);
    file[9 + CONFIG_LINE_MAX] = 'x';
    ck_assert_int_eq(parse_bytes(text), STATUS_CONFIG_LINE_TOO_LONG);
    ck_assert_str_eq(diagnosis(), "LINE_TOO_LONG 2:4097+1 'x'");
    ck_assert_uint_eq(config.diagnostics[0].number[0], CONFIG_LINE_MAX + 1);
    ck_assert_uint_eq(config.diagnostics[0].number[1], CONFIG_LINE_MAX);
    put(file, TEXT("kernel=k\ncmdlime=")); /* no more is said of it */
    ck_assert_int_eq(parse_bytes(text), STATUS_CONFIG_LINE_TOO_LONG);
    ck_assert_str_eq(diagnosis(), "LINE_TOO_LONG 2:4097+1 'x'");
}
END_TEST

START_TEST(a_name_may_have_64_bytes)
{
    static const char name[] = "a234567890123456789012345678901234567890123456789012345678901234";
    char file[128];
    (void)snprintf(file, sizeof(file), "[entry %s]\nkernel=k\n", name);
    ck_assert_int_eq(parse(file), STATUS_OK);
    ck_assert(says(config.entries[0].name, name));
    (void)snprintf(file, sizeof(file), "[entry %s5]\nkernel=k\n", name);
    ck_assert_int_eq(parse(file), STATUS_CONFIG_BAD_SECTION);
    ck_assert_uint_eq(config.diagnostics[0].width, 65);
}
END_TEST

START_TEST(a_file_may_have_64_kib)
{
    static char file[CONFIG_SIZE_MAX + 1];
    struct text text = {file, CONFIG_SIZE_MAX};
    memset(file, '\n', sizeof(file));
    put(file, TEXT("kernel=k"));
    ck_assert_int_eq(parse_bytes(text), STATUS_OK);
    text.size++;
    file[0] = '=';
    ck_assert_int_eq(parse_bytes(text), STATUS_CONFIG_TOO_LARGE);
    ck_assert_str_eq(diagnosis(), "TOO_LARGE 0:0+0 ''");
    ck_assert_uint_eq(config.diagnostics[0].number[0], CONFIG_SIZE_MAX + 1);
    ck_assert_uint_eq(config.diagnostics[0].number[1], CONFIG_SIZE_MAX);
}
END_TEST

/* Such a file is refused before its lines are read. */
START_TEST(nothing_is_left_of_the_file_before)
{
    const struct text utf16 = TEXT("\xFF\xFE");
    ck_assert_int_eq(parse("kernel=k\n[entry a]\n[entry b]\n"), STATUS_OK);
    ck_assert_int_eq(config_parse(utf16, TEXT("other.cfg"), &config), STATUS_CONFIG_UTF16);
    ck_assert(says(config.path, "other.cfg"));
    ck_assert_uint_eq(config.file.size, 0);
    ck_assert_uint_eq(config.entry_count, 0);
    ck_assert_ptr_null(config_find(&config, TEXT("b")));
}
END_TEST

START_TEST(what_the_user_reads)
{
    ck_assert_int_ne(parse("\xEF\xBB\xBF# my kernel\r\n"
                           "kernal  = /boot/k.bin\r\n"
                           "\tstack = 64K # enough\r\n"
                           "cmdline = \xC3\xA4\xC3\xB6 \x07\r\n"
                           "[entry a]\r\n"
                           "memory =\r\n"
                           "[entry a]\r\n"),
                     STATUS_OK);
    ck_assert_str_eq(
        messages(),
        "loader.cfg:2:1: error: unknown key 'kernal'; did you mean 'kernel'?\n"
        "    2 | kernal  = /boot/k.bin\n"
        "      | ^~~~~~\n"
        "      docs/config.md lists the keys.\n"
        "loader.cfg:3:10: error: expected a size such as 64K, found '64K # enough'\n"
        "    3 |  stack = 64K # enough\n"
        "      |          ^~~~~~~~~~~~\n"
        "      Numbers: 1048576, 0x100000, 1_048_576, 64K, 1M, 1G. Comments stand on their own "
        "line.\n"
        "loader.cfg:4:14: error: byte 0x7 is no part of UTF-8 text\n"
        "    4 | cmdline = \xC3\xA4\xC3\xB6 ?\n"
        "      |              ^\n"
        "      Remove it if it is a control character, else save the file as UTF-8.\n"
        "loader.cfg:6:9: error: expected a value for 'memory'\n"
        "    6 | memory =\n"
        "      |         ^\n"
        "      Give it a value, or remove the line to have the default.\n"
        "loader.cfg:7:8: error: entry 'a' already begins in line 5\n"
        "    7 | [entry a]\n"
        "      |        ^\n"
        "      Give each entry a name of its own.\n");
}
END_TEST

/* What holds for every file, good or bad. */
static void check_promises(enum status status)
{
    ck_assert_int_eq(status == STATUS_OK, config.diagnostic_count == 0);
    ck_assert_uint_le(config.diagnostic_count, CONFIG_DIAGNOSTICS_MAX);
    ck_assert_uint_le(config.entry_count, CONFIG_ENTRIES_MAX);
    ck_assert(status != STATUS_OK || config.entry_count > 0);
    ck_assert(config.entry_count == 0 || config.default_entry < config.entry_count);
    for (uint32_t i = 0; i < config.diagnostic_count; i++) {
        const struct failure *failure = &config.diagnostics[i];
        ck_assert(i == 0 || failure[-1].line == 0 || failure[-1].line < failure->line);
        if (failure->line > 0) {
            size_t characters = text_characters(failure->source);
            ck_assert_uint_ge(failure->column, 1);
            ck_assert_uint_le(failure->column - 1 + failure->width, characters);
        }
    }
    ck_assert(status != STATUS_OK || config.entries[0].kernel.size > 0);
    ck_assert_ptr_nonnull(messages());
}

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

START_TEST(damaged_files_keep_every_promise)
{
    static const char whole[] =
        "\xEF\xBB\xBF# all of it\r\ndefault = b\nserial = 0x3f8\n"
        "log = quiet\ntimeout=5\nstack = 64K\nfallback=b\n\n[entry a]\nkernel = /boot/\xC3\xA4\n"
        "address = 0x10_0000\nabi = 1.0\ntries = 3\n[entry b]\nkernel = \\k\n"
        "compression = zlib\nmemory = 2MiB\ncmdline = x = y\n"
        "read_chunk = whole\n";
    static const char pieces[] = "\n\r\t =[]#;\"_0xKkernlty.\x00\x80\xC3\xEF\xFF";
    uint32_t state = 2463534242;
    ck_assert_int_eq(parse(whole), STATUS_OK);
    for (int round = 0; round < 5000; round++) {
        char file[sizeof(whole)];
        memcpy(file, whole, sizeof(whole));
        for (uint32_t i = next_random(&state) % 6; i > 0; i--) {
            uint32_t at = next_random(&state) % (sizeof(whole) - 1);
            file[at] = pieces[next_random(&state) % (sizeof(pieces) - 1)];
        }
        size_t begin = next_random(&state) % 4 == 0 ? next_random(&state) % sizeof(whole) : 0;
        size_t size = next_random(&state) % (sizeof(whole) - begin);
        check_promises(parse_bytes((struct text){file + begin, size}));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config_errors");
    TCase *tcase = tcase_create("errors");
    tcase_add_checked_fixture(tcase, NULL, forget);
    tcase_add_test(tcase, a_bad_value_is_told_with_what_was_expected);
    tcase_add_test(tcase, a_bad_file_is_told_line_by_line);
    tcase_add_test(tcase, one_mistake_is_told_once);
    tcase_add_test(tcase, numbers_of_the_diagnostics_are_filled);
    tcase_add_test(tcase, there_is_room_for_64_entries_and_one_complaint_about_more);
    tcase_add_test(tcase, the_first_20_errors_are_kept_and_the_rest_counted);
    tcase_add_test(tcase, errors_are_in_the_order_of_their_lines);
    tcase_add_test(tcase, a_line_may_have_4096_bytes);
    tcase_add_test(tcase, a_name_may_have_64_bytes);
    tcase_add_test(tcase, a_file_may_have_64_kib);
    tcase_add_test(tcase, nothing_is_left_of_the_file_before);
    tcase_add_test(tcase, what_the_user_reads);
    tcase_add_test(tcase, damaged_files_keep_every_promise);
    tcase_set_timeout(tcase, 60);
    suite_add_tcase(suite, tcase);
    return suite_main(suite, "unit-config_errors");
}
