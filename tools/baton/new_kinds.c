#include "new.h"

#include <stdlib.h>
#include <string.h>

/* A language: its sources, and what build systems have to know of it. */
struct language {
    const char *name;
    const char *words;
    struct new_file files[4];
    const char *objects; /* make */
    const char *tools;
    const char *flags;
    const char *rules;
    const char *link;    /* the compiler that links */
    const char *cmake;   /* its languages; NULL: not with cmake */
    const char *sources; /* cmake and meson */
    const char *options; /* a template for cmake */
    const char *meson;   /* its languages; NULL: not with meson */
};

#define C_OPTIONS "cmake/options-c"

static const struct language languages[] = {
    {"c",
     "C",
     {{"c/kernel.c", "kernel.c", false}, {"c/memory.c", "memory.c", false}},
     "build/kernel.o build/memory.o",
     "CC = gcc",
     "-std=gnu11",
     "make/rules-c",
     "$(CC)",
     "C",
     "kernel.c memory.c",
     C_OPTIONS,
     "'c'"},
    {"cpp",
     "C++",
     {{"cpp/kernel.cpp", "kernel.cpp", false}, {"cpp/runtime.cpp", "runtime.cpp", false}},
     "build/kernel.o build/runtime.o",
     "CXX = g++",
     "-std=c++17 -fno-exceptions -fno-rtti -fno-threadsafe-statics",
     "make/rules-cpp",
     "$(CXX)",
     "CXX",
     "kernel.cpp runtime.cpp",
     C_OPTIONS,
     "'cpp'"},
    {"asm",
     "assembly (GNU as)",
     {{"asm/kernel.S", "kernel.S", false}},
     "build/kernel.o",
     "CC = gcc",
     "",
     "make/rules-asm",
     "$(CC)",
     "C ASM",
     "kernel.S",
     C_OPTIONS,
     "'c'"},
    {"nasm",
     "assembly (NASM)",
     {{"nasm/kernel.asm", "kernel.asm", false}, {"asm/bootinfo.inc", "baton/bootinfo.inc", true}},
     "build/kernel.o",
     "CC = gcc\nNASM = nasm",
     "",
     "make/rules-nasm",
     "$(CC)",
     "C ASM_NASM",
     "kernel.asm",
     "cmake/options-nasm",
     NULL},
    {"rust", "Rust", {{NULL}}, "", "", "", NULL, "", NULL, "", NULL, NULL},
    {"nim",
     "Nim",
     {{"nim/kernel.nim", "kernel.nim", false},
      {"nim/panicoverride.nim", "panicoverride.nim", false},
      {"c/memory.c", "memory.c", false}},
     "build/memory.o build/libkernel.a",
     "CC = gcc\nNIM = nim",
     "-std=gnu11",
     "make/rules-nim",
     "$(CC) -Wl,-u,kernel_main -Wl,--gc-sections",
     NULL,
     "",
     NULL,
     NULL},
};

static const struct new_file common[] = {
    {"common/loader.cfg", "loader.cfg", false},
    {"common/gitignore", ".gitignore", false},
    {"kernel.ld", "baton/kernel.ld", true},
};

static const struct new_file headers[] = {
    {"bootinfo.h", "baton/bootinfo.h", true},
    {"bootinfo_console.h", "baton/bootinfo_console.h", true},
};

static const struct new_file crate[] = {
    {"rust/cargo/Cargo.toml", "Cargo.toml", false},
    {"rust/cargo/config.toml", ".cargo/config.toml", false},
    {"rust/cargo/build.rs", "build.rs", false},
    {"rust/cargo/bootinfo.toml", "bootinfo/Cargo.toml", false},
    {"rust/cargo/bootinfo-lib.rs", "bootinfo/src/lib.rs", false},
    {"rust/bootinfo.rs", "bootinfo/src/bootinfo.rs", true},
    {"rust/src/lib.rs", "src/lib.rs", false},
    {"rust/src/font.rs", "src/font.rs", false},
    {"rust/src/screen.rs", "src/screen.rs", false},
    {"rust/src/memory.rs", "src/memory.rs", false},
    {"rust/src/main.rs", "src/main.rs", false},
    {"rust/tests/boot.rs", "tests/boot.rs", false},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void add_files(struct new_project *project, const struct new_file *files, size_t count)
{
    size_t used = 0;
    while (project->files[used].from != NULL) {
        used++;
    }
    for (size_t i = 0; i < count && files[i].from != NULL && used < NEW_FILES_MAX; i++) {
        project->files[used++] = files[i];
    }
}

void new_value(struct new_project *project, const char *name, const char *text)
{
    if (project->value_count < NEW_VALUES_MAX) {
        project->values[project->value_count++] = (struct new_value){name, string_copy(text)};
    }
}

void new_free(struct new_project *project)
{
    for (size_t i = 0; i < project->value_count; i++) {
        string_free(&project->values[i].text);
    }
    project->value_count = 0;
}

/* "a.c b.c" as meson has it: 'a.c', 'b.c'. */
static char *quoted(const char *words)
{
    char *list = string_copy("");
    while (*words != '\0') {
        size_t length = strcspn(words, " ");
        char *longer =
            string_format("%s%s'%.*s'", list, list[0] == '\0' ? "" : ", ", (int)length, words);
        free(list);
        list = longer;
        words += length;
        words += strspn(words, " ");
    }
    return list;
}

static void use_make(const struct language *language, struct new_project *project)
{
    static const struct new_file file = {"make/Makefile", "Makefile", false};
    AUTO_STRING tools = string_format("%s\nLINK = %s", language->tools, language->link);
    add_files(project, &file, 1);
    new_value(project, "TOOLS", tools);
    new_value(project, "OBJECTS", language->objects);
    new_value(project, "FLAGS", language->flags);
    project->rules = language->rules;
    project->next = "make run";
}

static void use_cmake(const struct language *language, struct new_project *project)
{
    static const struct new_file file = {"cmake/CMakeLists.txt", "CMakeLists.txt", false};
    add_files(project, &file, 1);
    new_value(project, "LANGUAGES", language->cmake);
    new_value(project, "SOURCES", language->sources);
    new_value(project, "FLAGS", language->flags);
    project->rules = language->options;
    project->next = "cmake -B build && cmake --build build --target run";
}

static void use_meson(const struct language *language, struct new_project *project)
{
    static const struct new_file file = {"meson/meson.build", "meson.build", false};
    AUTO_STRING sources = quoted(language->sources);
    AUTO_STRING flags = quoted(language->flags);
    add_files(project, &file, 1);
    new_value(project, "LANGUAGES", language->meson);
    new_value(project, "SOURCES", sources);
    new_value(project, "FLAGS", flags);
    project->next = "meson setup build && meson compile -C build run";
}

static bool use_build(const struct language *language, const char *build,
                      struct new_project *project)
{
    if (strcmp(build, "make") == 0 && language->rules != NULL) {
        use_make(language, project);
    } else if (strcmp(build, "cmake") == 0 && language->cmake != NULL) {
        use_cmake(language, project);
    } else if (strcmp(build, "meson") == 0 && language->meson != NULL) {
        use_meson(language, project);
    } else if (strcmp(build, "cargo") == 0 && strcmp(language->name, "rust") == 0) {
        add_files(project, crate, COUNT(crate));
        project->next = "cargo run";
    } else {
        return false;
    }
    return true;
}

bool new_choose(const char *name, const char *build, struct message *message,
                struct new_project *project)
{
    static const struct new_file nim = {"nim/bootinfo.nim", "baton/bootinfo.nim", true};
    const struct language *language = NULL;
    for (size_t i = 0; i < COUNT(languages); i++) {
        language = strcmp(languages[i].name, name) == 0 ? &languages[i] : language;
    }
    if (language == NULL) {
        return message_add(message,
                           "baton new: no language '%s'; there are c, cpp, asm, nasm, "
                           "rust and nim",
                           name);
    }
    project->language = language->words;
    add_files(project, common, COUNT(common));
    add_files(project, language->files, COUNT(language->files));
    if (strcmp(name, "nim") == 0) {
        add_files(project, &nim, 1);
    }
    if (strcmp(name, "rust") != 0) {
        add_files(project, headers, COUNT(headers));
    }
    return use_build(language, build, project) ||
           message_add(message,
                       "baton new: '%s' does not build %s here; 'baton new --help' says "
                       "what does",
                       build, language->words);
}

bool new_rules(struct new_project *project, struct message *message)
{
    struct bytes bytes = {0};
    if (project->rules == NULL) {
        return true;
    }
    bool good = new_read(project, project->rules, message, &bytes);
    new_value(project, strncmp(project->rules, "make/", 5) == 0 ? "RULES" : "OPTIONS",
              bytes_text(&bytes));
    bytes_free(&bytes);
    return good;
}
