/* Every death of sample-kernels/crash, seen through tools/run: what the loader's crash page says,
 * the names baton adds, the exit status, the screen. */
#include "picture.h"
#include "suite.h"
#include "vm/files.h"

#include <string.h>
#include <sys/wait.h>

enum {
    EXIT_FAULT = 3,
    EXIT_RESET = 4,
    EXIT_TIME_OUT = 5,
    TEST_TIMEOUT_S = 300,
    CELL_WIDTH = 8,
    CELL_HEIGHT = 19,
    LINES_MAX = 64,
};

#define CRASH_SOURCE BATON_SOURCE_DIR "/sample-kernels/crash/crash.c"

static char *folder;
static struct message message;
static struct bytes output;

static void set_up(void)
{
    ck_assert(folder_make_temporary(&message, &folder));
}

static void tear_down(void)
{
    folder_remove(folder);
    free(folder);
    message_free(&message);
    bytes_free(&output);
}

/* tools/run with these arguments, from a folder that no source is below: files have their whole
 * names. Its output is kept. Returns its exit status. */
static int run(const char *arguments)
{
    AUTO_STRING command = string_format("cd %s && %s/baton run %s 2>&1 </dev/null", folder,
                                        BATON_BUILD_DIR, arguments);
    FILE *pipe = popen(command, "r");
    char data[1024];
    size_t size;
    ck_assert_ptr_nonnull(pipe);
    bytes_free(&output);
    while ((size = fread(data, 1, sizeof(data), pipe)) > 0) {
        bytes_add(&output, data, size);
    }
    int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static char *write_config(const char *kernel, const char *death, const char *more)
{
    char *path = string_format("%s/loader.cfg", folder);
    AUTO_STRING text = string_format("kernel = /boot/%s\ncmdline = %s\n%s", kernel, death, more);
    ck_assert_msg(file_write(path, text, strlen(text), &message), "%s", message_text(&message));
    return path;
}

static int run_crash(const char *variant, const char *death, const char *more)
{
    AUTO_STRING kernel = string_format("%s.elf", variant);
    AUTO_STRING config = write_config(kernel, death, more);
    AUTO_STRING arguments =
        string_format("--config %s %s/kernels/%s.elf", config, BATON_BUILD_DIR, variant);
    return run(arguments);
}

static const char *expect(const char *part)
{
    const char *place = strstr(bytes_text(&output), part);
    if (place == NULL) {
        printf("----\n%s\n----\n", bytes_text(&output));
        fflush(stdout);
        ck_abort_msg("no '%s'", part);
    }
    return place;
}

static void expect_status(int status, int wanted)
{
    if (status != wanted) {
        printf("----\n%s\n----\n", bytes_text(&output));
        fflush(stdout);
        ck_abort_msg("exit status %d, not %d", status, wanted);
    }
}

/* The number of the first line of crash.c that has the text. */
static unsigned line_of(const char *text)
{
    struct bytes source = {0};
    unsigned line = 1;
    ck_assert(file_read(CRASH_SOURCE, &message, &source));
    const char *place = strstr(bytes_text(&source), text);
    ck_assert_msg(place != NULL, "crash.c: no '%s'", text);
    for (const char *c = source.data; c < place; c++) {
        line += *c == '\n';
    }
    bytes_free(&source);
    return line;
}

/* Address and size of a symbol, as nm knows them. What gcc has optimised may be "name.isra.0". */
static void symbol_of(const char *variant, const char *name, uint64_t *out_address,
                      uint64_t *out_size)
{
    AUTO_STRING elf = string_format("%s/kernels/%s.elf", BATON_BUILD_DIR, variant);
    AUTO_STRING whole = string_format(" %s\n", name);
    AUTO_STRING start = string_format(" %s.", name);
    const char *const nm[] = {"nm", "-S", elf, NULL};
    struct bytes table = {0};
    ck_assert_msg(program_output(nm, &message, &table), "%s", message_text(&message));
    const char *line = strstr(bytes_text(&table), whole);
    line = line != NULL ? line : strstr(bytes_text(&table), start);
    ck_assert_msg(line != NULL, "no symbol %s in %s", name, elf);
    while (line > table.data && line[-1] != '\n') {
        line--;
    }
    char *rest;
    *out_address = strtoull(line, &rest, 16);
    *out_size = strtoull(rest, NULL, 16);
    bytes_free(&table);
}

/* The number after "kernel+0x" lies in the function. */
static void expect_within(const char *variant, const char *function, const char *place)
{
    static const char mark[] = "kernel+0x";
    uint64_t address;
    uint64_t size;
    const char *digits = strstr(place, mark);
    ck_assert_ptr_nonnull(digits);
    uint64_t offset = strtoull(digits + strlen(mark), NULL, 16);
    symbol_of(variant, function, &address, &size);
    address -= 0x100000;
    ck_assert_msg(offset >= address && offset <= address + size, "kernel+0x%llx is not in %s",
                  (unsigned long long)offset, function);
}

/* deaths */

struct death {
    const char *name;
    const char *function;
    const char *line; /* of crash.c; NULL: any of the function */
    const char *says[3];
};

static const struct death deaths[] = {
    {"null",
     "null",
     "*nowhere = 1;",
     {"FAULT: page fault (#PF, vector 14), error code 0x2\n", "cause   write to 0x0, not mapped\n",
      "address page 0: a NULL pointer was used\n"}},
    {"overflow",
     "recurse",
     NULL,
     {"FAULT: page fault (#PF, vector 14), error code 0x2\n",
      "address the guard page: the stack overflowed\n",
      ", outside of the stack that the loader gave\n"}},
    {"divide", "divide", "1000 / zero", {"FAULT: divide error (#DE, vector 0)\n"}},
    {"opcode", "opcode", "__asm__ volatile(\"ud2\")", {"FAULT: invalid opcode (#UD, vector 6)\n"}},
    {"canonical",
     "canonical",
     "*strange = 1;",
     {"FAULT: general protection fault (#GP, vector 13), error code 0x0\n",
      "cause   non-canonical address in r"}},
    {"hole",
     "hole",
     "*nothing = 1;",
     {"FAULT: page fault (#PF, vector 14), error code 0x2\n",
      "cause   write to 0x7777777000, not mapped\n",
      "address not RAM: the memory map has nothing there\n"}},
    {"interrupt", "interrupt", NULL, {"FAULT: unexpected interrupt (vector 32)\n"}},
    {"twice", "twice", NULL, {"FAULT: double fault (#DF, vector 8), error code 0x0\n"}},
    {"simd",
     "simd",
     "movaps",
     {"FAULT: general protection fault (#GP, vector 13), error code 0x0\n",
      "cause   a privileged, misaligned or malformed operation\n"}},
    {"breakpoint", "breakpoint", "\"int3\"", {"FAULT: breakpoint (#BP, vector 3)\n"}},
    {"timer",
     "timer",
     NULL,
     {"FAULT: unexpected interrupt (vector 32)\n",
      "cause   the timer (IRQ 0 of the legacy PIC): interrupts are on, and the kernel has no "
      "IDT\n"}},
};

enum { DEATHS = sizeof(deaths) / sizeof(deaths[0]) };

/* Of a kernel that has changed what the handlers stand on. */
static const struct death changes[] = {
    {"untidy",
     "untidy",
     NULL,
     {"FAULT: page fault (#PF, vector 14), error code 0x2\n",
      "cause   write to 0x7777777000, not mapped\n",
      "address nothing: the kernel's own page tables lead nowhere from there\n"}},
    {"nxe",
     "nxe",
     NULL,
     {"FAULT: page fault (#PF, vector 14), error code 0x", "page table entry is damaged\n"}},
    {"screen", "screen", NULL, {"FAULT: invalid opcode (#UD, vector 6)\n"}},
    {"gdt", "gdt", NULL, {"FAULT: invalid opcode (#UD, vector 6)\n"}},
    {"gdt28", "gdt28", NULL, {"FAULT: double fault (#DF, vector 8), error code 0x0\n"}},
    {"overwrite", "overwrite", NULL, {"FAULT: invalid opcode (#UD, vector 6)\n"}},
};

enum { CHANGES = sizeof(changes) / sizeof(changes[0]) };

static void expect_death(const char *variant, const struct death *death)
{
    expect_status(run_crash(variant, death->name, ""), EXIT_FAULT);
    for (size_t i = 0; i < sizeof(death->says) / sizeof(death->says[0]); i++) {
        expect(death->says[i] == NULL ? "" : death->says[i]);
    }
    const char *at = expect("\nat      kernel+0x");
    expect_within(variant, death->function, at);
    AUTO_STRING names = string_format("  %s at %s", death->function, CRASH_SOURCE);
    const char *named = expect(names);
    ck_assert_msg(memchr(at + 1, '\n', (size_t)(named - at - 1)) == NULL, "not in its line: %s",
                  names);
    if (death->line != NULL) {
        AUTO_STRING place = string_format("%s:%u\n", names, line_of(death->line));
        AUTO_STRING shown = string_format("%5u | ", line_of(death->line));
        expect(place);
        const char *source = expect(shown);
        const char *text = strstr(source, death->line);
        ck_assert_msg(text != NULL && text < strchr(source, '\n'), "another line is shown");
    }
    expect("\nhalted (on_fault = halt)\n");
    expect("baton run: the kernel met a fault\n");
}

START_TEST(death_is_named_at_O0_with_frame_pointers)
{
    expect_death("crash", &deaths[_i]);
    AUTO_STRING caller =
        string_format("  kernel_main at %s:%u", CRASH_SOURCE, line_of("deaths[i].die(info)"));
    if (strcmp(deaths[_i].name, "overflow") != 0) {
        expect(caller);
        expect("\n  ends: this is where the kernel was entered\n");
    } else {
        expect("\n  ends: there are more\n");
    }
}
END_TEST

START_TEST(death_is_named_at_O2_without_frame_pointers)
{
    expect_death("crash-O2-nofp", &deaths[_i]);
    expect("\n  ends: ");
}
END_TEST

START_TEST(death_is_named_at_O2_with_frame_pointers)
{
    expect_death("crash-O2", &deaths[_i]);
    expect(strcmp(deaths[_i].name, "overflow") == 0
               ? "\n  ends: there are more\n"
               : "\n  ends: this is where the kernel was entered\n");
}
END_TEST

START_TEST(death_is_named_at_O0_without_frame_pointers)
{
    expect_death("crash-nofp", &deaths[_i]);
    expect("\n  ends: ");
}
END_TEST

/* Where the CPU went is of no help; where it came from lies on the stack, and is frame 1. At -O2
 * the call is the last thing its function does, and becomes a jump: then it is the function's
 * caller. */
START_TEST(wild_jump_names_its_caller)
{
    static const char *const variants[] = {"crash", "crash-nofp", "crash-O2", "crash-O2-nofp"};
    bool optimised = strstr(variants[_i], "-O2") != NULL;
    expect_status(run_crash(variants[_i], "jump", ""), EXIT_FAULT);
    expect("\ncause   execution of 0x7777777000, not mapped\n");
    expect("\nat      0x7777777000, outside of the kernel: not RAM");
    const char *caller = expect("\n  #0 0x7777777000\n  #1 kernel+0x");
    expect_within(variants[_i], optimised ? "kernel_main" : "jump", caller);
    AUTO_STRING place = optimised
                            ? string_format("  kernel_main at %s:", CRASH_SOURCE)
                            : string_format("  jump at %s:%u\n", CRASH_SOURCE, line_of("wild();"));
    expect(place);
}
END_TEST

/* The whole page comes all the same, once. */
START_TEST(kernel_that_changed_the_machine_gets_its_page)
{
    expect_death("crash", &changes[_i]);
    const char *page = expect("FAULT: ");
    ck_assert_msg(strstr(page + 1, "FAULT: ") == NULL, "twice: %s", bytes_text(&output));
    expect("\ncode    ");
    expect("\nbacktrace, by frame pointers\n");
    expect("\nstack at ");
}
END_TEST

/* Neither where the loader has it nor where Limine does. */
START_TEST(kernel_with_its_code_at_another_selector_resets)
{
    expect_status(run_crash("crash", "gdt18", ""), EXIT_RESET);
    ck_assert_ptr_null(strstr(bytes_text(&output), "FAULT: "));
}
END_TEST

/* Data has its place in the kernel, and the call its own. */
START_TEST(jump_into_data_names_its_caller)
{
    static const char *const variants[] = {"crash", "crash-nofp"};
    expect_status(run_crash(variants[_i], "data", ""), EXIT_FAULT);
    expect("\ncause   execution of 0x");
    expect(", not allowed by the page tables\n");
    expect("\nat      kernel+0x");
    const char *caller = expect("\n  #1 kernel+0x");
    expect_within(variants[_i], "data", caller + 4);
}
END_TEST

START_TEST(endless_loop_is_a_time_out)
{
    AUTO_STRING config = write_config("crash.elf", "loop", "");
    AUTO_STRING arguments =
        string_format("--timeout 30 --config %s %s/kernels/crash.elf", config, BATON_BUILD_DIR);
    expect_status(run(arguments), EXIT_TIME_OUT);
}
END_TEST

START_TEST(fault_that_reboots_is_a_fault)
{
    expect_status(run_crash("crash", "opcode", "on_fault = reboot after 5\n"), EXIT_FAULT);
    expect("\nresetting in 5 s (on_fault = reboot)\n");
}
END_TEST

START_TEST(fault_without_handlers_is_a_reset_with_its_place)
{
    expect_status(run_crash("crash", "null", "on_fault = none\n"), EXIT_RESET);
    AUTO_STRING place = string_format(", null at %s:%u\n", CRASH_SOURCE, line_of("*nowhere = 1;"));
    expect_within("crash", "null", expect("the CPU reset itself (triple fault) at kernel+0x"));
    expect(place);
    expect("*nowhere = 1;");
    expect("\nIDT=     0000000000000000 00000000\n");
}
END_TEST

/* the ELF file beside */

static void copy_kernel(const char *name)
{
    AUTO_STRING from = string_format("%s/kernels/crash.%s", BATON_BUILD_DIR, name);
    AUTO_STRING to = string_format("%s/k.%s", folder, name);
    ck_assert_msg(file_copy(from, to, &message), "%s", message_text(&message));
}

static int run_copy(const char *death, const char *options)
{
    AUTO_STRING config = write_config("k.bin", death, "");
    AUTO_STRING arguments = string_format("--config %s %s %s/k.bin", config, options, folder);
    return run(arguments);
}

START_TEST(elf_file_beside_the_raw_one_gives_the_names)
{
    copy_kernel("bin");
    copy_kernel("elf");
    expect_status(run_copy("null", ""), EXIT_FAULT);
    expect("  null at " CRASH_SOURCE);
}
END_TEST

/* gdb */

/* The command it prints is the one that works, from another terminal. */
static const char debugging[] =
    "cd '%s' && { timeout 200 %s/baton run --gdb crash >log 2>&1 </dev/null & } && "
    "for i in $(seq 100); do sleep 1; grep -q 'waits for' log && break; done; sleep 2; "
    "timeout 90 $(sed -n 's/.*waits for: //p' log) -batch -ex 'thbreak efi_main' -ex continue "
    "-ex continue -ex 'info symbol $rip' -ex 'break null' -ex continue -ex bt -ex kill 2>&1; wait";

START_TEST(gdb_has_the_symbols_of_loader_and_kernel)
{
    AUTO_STRING command = string_format(debugging, folder, BATON_BUILD_DIR);
    const char *const argv[] = {"bash", "-c", command, NULL};
    bytes_free(&output);
    program_output(argv, &message, &output);
    expect("efi_main (image=0x");
    expect("at loader/efi/main.c:");
    expect("\nkernel_main in section .text");
    expect("\n#0  null (info=0x");
    expect(" in kernel_main (info=0x");
}
END_TEST

/* screen */

/* The page as it came over the serial port, from its empty first line on. */
static size_t page_lines(char **out_lines)
{
    char *line = strstr(output.data, "\n\nFAULT: ");
    size_t count = 0;
    ck_assert_ptr_nonnull(line);
    line++;
    while (count < LINES_MAX && strncmp(line, "baton run: ", 11) != 0) {
        char *end = strchr(line, '\n');
        ck_assert_ptr_nonnull(end);
        *end = '\0';
        out_lines[count++] = line;
        line = end + 1;
    }
    return count;
}

struct glyph {
    bool seen;
    uint8_t rows[CELL_HEIGHT];
};

static struct glyph read_cell(const struct picture *picture, uint32_t column, uint32_t row)
{
    struct glyph glyph = {.seen = true};
    for (uint32_t y = 0; y < CELL_HEIGHT; y++) {
        for (uint32_t x = 0; x < CELL_WIDTH; x++) {
            bool bright =
                picture_is_bright(picture, column * CELL_WIDTH + x, row * CELL_HEIGHT + y);
            glyph.rows[y] = (uint8_t)(glyph.rows[y] << 1 | bright);
        }
    }
    return glyph;
}

/* Every cell of the line shows what that character shows everywhere. */
static void expect_line(const struct picture *picture, const char *line, uint32_t row,
                        struct glyph glyphs[128])
{
    size_t length = strlen(line);
    for (uint32_t column = 0; column < picture->width / CELL_WIDTH; column++) {
        char c = column < length ? line[column] : ' ';
        struct glyph *known = &glyphs[(unsigned char)c & 127];
        struct glyph cell = read_cell(picture, column, row);
        if (!known->seen) {
            *known = cell;
        }
        ck_assert_msg(memcmp(known->rows, cell.rows, CELL_HEIGHT) == 0,
                      "line %u, column %u: '%c' looks different", row, column, c);
    }
}

static void expect_different_glyphs(const struct glyph glyphs[128])
{
    int kinds = 0;
    for (int a = 0; a < 128; a++) {
        kinds += glyphs[a].seen;
        for (int b = 0; b < a; b++) {
            ck_assert_msg(!glyphs[a].seen || !glyphs[b].seen ||
                              memcmp(glyphs[a].rows, glyphs[b].rows, CELL_HEIGHT) != 0,
                          "'%c' and '%c' look the same", a, b);
        }
    }
    ck_assert_int_gt(kinds, 40);
}

/* Read off the screen by eye, once: OVMF's narrow font. */
static const struct glyph capital_f = {
    true, {0, 0, 0, 0xFE, 0x66, 0x62, 0x60, 0x64, 0x7C, 0x64, 0x60, 0x60, 0x60, 0x60, 0xF0}};

START_TEST(screen_shows_the_same_page)
{
    static struct glyph glyphs[128];
    AUTO_STRING file = string_format("%s/screen.png", folder);
    AUTO_STRING options = string_format("--screenshot %s", file);
    char *lines[LINES_MAX];
    struct picture picture;
    copy_kernel("bin"); /* without names, so that the output is what the kernel's side said */
    expect_status(run_copy(deaths[_i].name, options), EXIT_FAULT);
    size_t count = page_lines(lines);
    ck_assert_uint_gt(count, 20);
    ck_assert_msg(picture_read(file, &picture), "%s is no picture", file);
    for (size_t i = 0; i < count; i++) {
        expect_line(&picture, lines[i], (uint32_t)i, glyphs);
    }
    free(picture.pixels);
    expect_different_glyphs(glyphs);
    ck_assert_mem_eq(glyphs['F'].rows, capital_f.rows, CELL_HEIGHT);
    for (int y = 0; y < CELL_HEIGHT; y++) {
        ck_assert_uint_eq(glyphs[' '].rows[y], 0);
    }
}
END_TEST

/* A machine that ends itself is stopped before, for its picture: the status must stay. */
START_TEST(screenshot_keeps_the_exit_status)
{
    AUTO_STRING file = string_format("%s/screen.png", folder);
    AUTO_STRING passing = string_format("--screenshot %s hello", file);
    expect_status(run(passing), EXIT_SUCCESS);
    ck_assert(file_exists(file));
    remove(file);
    AUTO_STRING config = write_config("crash.bin", "none of them", "");
    AUTO_STRING failing = string_format("--screenshot %s --config %s %s/kernels/crash.bin", file,
                                        config, BATON_BUILD_DIR);
    expect_status(run(failing), EXIT_FAILURE);
    ck_assert(file_exists(file));
}
END_TEST

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *tests = tcase_create(name);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    suite_add_tcase(suite, tests);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("boot-faults");
    TCase *tests = add_case(suite, "deaths-O0");
    tcase_add_loop_test(tests, death_is_named_at_O0_with_frame_pointers, 0, DEATHS);
    tcase_add_loop_test(tests, death_is_named_at_O0_without_frame_pointers, 0, DEATHS);
    tcase_add_loop_test(tests, wild_jump_names_its_caller, 0, 2);
    tcase_add_loop_test(tests, kernel_that_changed_the_machine_gets_its_page, 0, CHANGES);
    tcase_add_test(tests, kernel_with_its_code_at_another_selector_resets);
    tcase_add_loop_test(tests, jump_into_data_names_its_caller, 0, 2);
    tests = add_case(suite, "deaths-O2");
    tcase_add_loop_test(tests, death_is_named_at_O2_with_frame_pointers, 0, DEATHS);
    tcase_add_loop_test(tests, death_is_named_at_O2_without_frame_pointers, 0, DEATHS);
    tcase_add_loop_test(tests, wild_jump_names_its_caller, 2, 4);
    tests = add_case(suite, "ends");
    tcase_add_test(tests, endless_loop_is_a_time_out);
    tcase_add_test(tests, fault_that_reboots_is_a_fault);
    tcase_add_test(tests, fault_without_handlers_is_a_reset_with_its_place);
    tests = add_case(suite, "tools");
    tcase_add_test(tests, elf_file_beside_the_raw_one_gives_the_names);
    tcase_add_test(tests, gdb_has_the_symbols_of_loader_and_kernel);
    tcase_add_test(tests, screenshot_keeps_the_exit_status);
    tests = add_case(suite, "screen");
    tcase_add_loop_test(tests, screen_shows_the_same_page, 0, DEATHS);
    return suite_main(suite, "boot-faults");
}
