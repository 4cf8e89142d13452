#include "place.h"

#include "vm/files.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where compilers' own sources lie: /rustc is in Rust's debug information only. */
static const char *const not_the_users[] = {"/usr/",     "/rustc/",       "/.cargo/registry/",
                                            "/.rustup/", "/lib/rustlib/", "/.choosenim/",
                                            "/nim/lib/"};

/* "a//b" is "a/b": NASM ends the folder with a slash. */
static char *single_slashes(const char *path)
{
    char *clean = string_copy(path);
    char *end = clean;
    for (const char *c = path; *c != '\0'; c++) {
        if (*c != '/' || end == clean || end[-1] != '/') {
            *end++ = *c;
        }
    }
    *end = '\0';
    return clean;
}

/* As seen from the folder the user is in. */
static const char *shorter(const char *file)
{
    static char folder[PATH_MAX];
    if (getcwd(folder, sizeof(folder)) == NULL) {
        return file;
    }
    size_t length = strlen(folder);
    bool below = strncmp(file, folder, length) == 0 && file[length] == '/';
    return below ? file + length + 1 : file;
}

/* binutils come with every gcc, LLVM's program with every clang; their output is the same. */
static bool ask(const char *elf, uint64_t address, struct bytes *out_answer)
{
    static const char *const programs[] = {"addr2line", "llvm-addr2line"};
    AUTO_STRING where = string_format("0x%llx", (unsigned long long)address);
    struct message ignored = {0};
    bool good = false;
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]) && !good; i++) {
        const char *const argv[] = {programs[i], "-f", "-i", "-C", "-e", elf, where, NULL};
        good = program_output(argv, &ignored, out_answer);
    }
    message_free(&ignored);
    return good;
}

/* One function and its place, as addr2line shows them in two lines. */
static void add_frame(struct place *place, const char *function, char *position)
{
    struct frame *frames = realloc(place->frames, (place->count + 1) * sizeof(*frames));
    if (frames == NULL) {
        abort();
    }
    char *colon = strrchr(position, ':');
    unsigned line = colon == NULL ? 0 : (unsigned)strtoul(colon + 1, NULL, 10);
    struct frame frame = {.function = string_copy(function), .line = line};
    if (line != 0) {
        *colon = '\0';
        frame.file = single_slashes(position);
    }
    place->frames = frames;
    frames[place->count++] = frame;
}

/* Assembly has no functions in its debug information: then the name is that of the nearest
 * symbol, of which addr2line takes any. */
static void prefer_own_name(struct symbols *symbols, uint64_t address, struct frame *frame)
{
    uint64_t distance;
    if (strcmp(frame->function, "bootinfo_kernel_entry") != 0) {
        return;
    }
    char *name = symbols_name(symbols, address, &distance);
    if (name != NULL) {
        string_free(&frame->function);
        frame->function = name;
    }
}

static bool find_code(struct symbols *symbols, uint64_t address, struct place *out_place)
{
    struct bytes answer = {0};
    struct place place = {0};
    char *function;
    if (!ask(symbols->elf, address, &answer)) {
        return false;
    }
    char *rest = answer.data;
    while (rest != NULL && (function = strsep(&rest, "\n")) != NULL && rest != NULL &&
           strcmp(function, "??") != 0) {
        add_frame(&place, function, strsep(&rest, "\n"));
    }
    bytes_free(&answer);
    if (place.count == 0) {
        return false;
    }
    prefer_own_name(symbols, address, &place.frames[place.count - 1]);
    *out_place = place;
    return true;
}

bool place_find(struct symbols *symbols, uint64_t offset, struct place *out_place)
{
    uint64_t address;
    uint64_t distance;
    const struct symbols_section *section = symbols_section_of(symbols, offset, &address);
    if (symbols->elf == NULL || section == NULL) {
        return false;
    }
    if (section->code) {
        return find_code(symbols, address, out_place);
    }
    AUTO_STRING name = symbols_name(symbols, address, &distance);
    char *data = name == NULL ? string_format("%s: data, not code", section->name)
                              : string_format("%s+0x%llx (%s): data, not code", name,
                                              (unsigned long long)distance, section->name);
    *out_place = (struct place){.data = data};
    return true;
}

char *place_words(const struct place *place, size_t index)
{
    const struct frame *frame = &place->frames[index];
    if (frame->file == NULL) {
        return string_copy(frame->function);
    }
    return string_format("%s at %s:%u", frame->function, shorter(frame->file), frame->line);
}

static bool is_users(const struct frame *frame)
{
    bool there = frame->file != NULL && file_exists(frame->file);
    for (size_t i = 0; there && i < sizeof(not_the_users) / sizeof(not_the_users[0]); i++) {
        const char *found = strstr(frame->file, not_the_users[i]);
        bool anywhere = not_the_users[i][1] == '.' || strstr(not_the_users[i], "lib/") != NULL;
        there = found == NULL || (found != frame->file && !anywhere);
    }
    return there;
}

size_t place_of_user(const struct place *place)
{
    size_t i = 0;
    while (i < place->count && !is_users(&place->frames[i])) {
        i++;
    }
    return i;
}

char *place_source(const struct place *place)
{
    size_t user = place_of_user(place);
    FILE *file = user == place->count ? NULL : fopen(place->frames[user].file, "r");
    char *line = NULL;
    size_t capacity = 0;
    unsigned number = 0;
    ssize_t length = 0;
    if (file == NULL) {
        return NULL;
    }
    unsigned wanted = place->frames[user].line;
    while (number < wanted && (length = getline(&line, &capacity, file)) >= 0) {
        number++;
    }
    fclose(file);
    char *source = NULL;
    if (number == wanted && length > 0) {
        line[strcspn(line, "\r\n")] = '\0';
        source = string_format("%5u | %s", number, line);
    }
    free(line);
    return source;
}

void place_free(struct place *place)
{
    for (size_t i = 0; i < place->count; i++) {
        string_free(&place->frames[i].function);
        string_free(&place->frames[i].file);
    }
    free(place->frames);
    string_free(&place->data);
}
