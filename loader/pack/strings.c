/* strings FILE KEPT-FILE: writes the loader's lists of strings, packed, as C that is built with
 * core/base/packed.c: KEPT-FILE has those that the fault handlers need. It runs on the machine that
 * builds the loader. "Byte pair encoding": the most frequent pair of bytes gets a code, again and
 * again, until there is no code left. English text takes about half of its bytes then, and is
 * unpacked from any string on with nothing but the table of pairs. Exit status: 0 written; 1 a
 * string does not fit its place; 2 a file cannot be written. */
#include "arch/x86_64/crash_texts.h"
#include "core/base/names.h"
#include "core/base/packed.h"
#include "core/base/status.h"
#include "core/base/warnings.h"
#include "core/config/forms.h"
#include "core/image/phrases.h"
#include "core/screen/crash_page.h"
#include "core/screen/crash_texts.h"
#include "core/screen/menu_texts.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SENTENCES(name, sentence, advice) sentence "\0" advice "\0"
#define WORDS(name, words)                words "\0"
#define FORMAT_WORDS(name, next, words)   words "\0"

#define LIST(name, strings, room, kept)                 \
    {                                                   \
#name, strings, sizeof(strings) - 1, room, kept \
    }

/* Statuses begin with STATUS_OK, which has neither sentence nor advice. */
static const struct list {
    const char *name;
    const char *strings; /* one after the other, each ended by NUL */
    size_t size;
    size_t room; /* that the longest one may take, with its NUL */
    bool kept;
} lists[] = {
    /* NOLINTBEGIN(bugprone-string-literal-with-embedded-nul) */
    LIST(packed_sentences, "\0\0" STATUS_LIST(SENTENCES), SENTENCE_ROOM, false),
    LIST(packed_formats, FORMATS(FORMAT_WORDS), SENTENCE_ROOM, false),
    LIST(packed_nexts, NEXTS(WORDS), SENTENCE_ROOM, false),
    LIST(packed_forms, FORMS(WORDS), SENTENCE_ROOM, false),
    LIST(packed_warnings, WARNINGS(WORDS), SENTENCE_ROOM, false),
    LIST(packed_menu_texts, MENU_TEXTS(WORDS), SENTENCE_ROOM, false),
    LIST(packed_protocols, PROTOCOLS(WORDS), SENTENCE_ROOM, false),
    LIST(packed_firmware_names, FIRMWARE_NAMES, SENTENCE_ROOM, false),
    LIST(packed_memory_types, MEMORY_TYPE_NAMES, CRASH_LINE_MAX, true),
    LIST(packed_crash_texts, CRASH_TEXTS(WORDS), CRASH_LINE_MAX, true),
    /* "x87" is no number after a NUL.
     * NOLINTNEXTLINE(bugprone-string-literal-with-embedded-nul) */
    LIST(packed_exceptions, EXCEPTION_NAMES, CRASH_LINE_MAX, true),
    LIST(packed_pic_lines, PIC_LINE_NAMES, CRASH_LINE_MAX, true),
    LIST(packed_exception_texts, EXCEPTION_TEXTS(WORDS), CRASH_LINE_MAX, true),
    LIST(packed_handler_texts, HANDLER_TEXTS(WORDS), CRASH_LINE_MAX, true),
    /* NOLINTEND(bugprone-string-literal-with-embedded-nul) */
};
#define LISTS       (sizeof(lists) / sizeof(lists[0]))
#define STRINGS_MAX 65536 /* bytes of all of them */

static unsigned char packed[STRINGS_MAX];
static size_t used;
static unsigned char pairs[PACKED_CODES][2];
static unsigned counts[256][256];

static unsigned char code_of(int index)
{
    return (unsigned char)(index < 128 ? index + 128 : index - 127);
}

static void count_pairs(void)
{
    memset(counts, 0, sizeof(counts));
    for (size_t i = 0; i + 1 < used; i++) {
        if (packed[i] == 0 || packed[i + 1] == 0) {
            continue;
        }
        counts[packed[i]][packed[i + 1]]++;
        if (packed[i] == packed[i + 1] && i + 2 < used && packed[i + 2] == packed[i]) {
            i++; /* "aaa" has the pair once */
        }
    }
}

static void find_most_frequent(unsigned char out_pair[2])
{
    unsigned most = 0;
    for (int first = 1; first < 256; first++) {
        for (int second = 1; second < 256; second++) {
            if (counts[first][second] > most) {
                most = counts[first][second];
                out_pair[0] = (unsigned char)first;
                out_pair[1] = (unsigned char)second;
            }
        }
    }
}

static void replace(const unsigned char pair[2], unsigned char code)
{
    size_t to = 0;
    for (size_t from = 0; from < used; from++, to++) {
        bool here = from + 1 < used && packed[from] == pair[0] && packed[from + 1] == pair[1];
        packed[to] = here ? code : packed[from];
        from += here;
    }
    used = to;
}

static void print_bytes(FILE *file, const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fprintf(file, "%s%u,", i % 20 == 0 ? "\n    " : " ", bytes[i]);
    }
}

static bool fits(const struct list *list)
{
    for (const char *at = list->strings; at < list->strings + list->size; at += strlen(at) + 1) {
        for (const char *c = at; *c != '\0'; c++) {
            if (*c < ' ' || *c > '~') {
                fprintf(stderr, "%s: only printable ASCII has room: %s\n", list->name, at);
                return false;
            }
        }
        if (strlen(at) >= list->room) {
            fprintf(stderr, "%s: at most %zu bytes: %s\n", list->name, list->room - 1, at);
            return false;
        }
    }
    return true;
}

/* How many codes this one leads through, with itself. */
static unsigned depth_of(unsigned char byte)
{
    if (byte == 0 || (byte >= ' ' && byte < 128)) {
        return 0;
    }
    int index = byte < ' ' ? byte + 127 : byte - 128;
    unsigned first = depth_of(pairs[index][0]);
    unsigned second = depth_of(pairs[index][1]);
    return 1 + (first > second ? first : second);
}

static bool collect(void)
{
    for (size_t i = 0; i < LISTS; i++) {
        if (!fits(&lists[i]) || lists[i].size > sizeof(packed) - used) {
            return false;
        }
        memcpy(packed + used, lists[i].strings, lists[i].size);
        used += lists[i].size;
    }
    return true;
}

static bool pack(void)
{
    for (int i = 0; i < PACKED_CODES; i++) {
        count_pairs();
        find_most_frequent(pairs[i]);
        replace(pairs[i], code_of(i));
        if (depth_of(code_of(i)) > PACKED_DEPTH) {
            fprintf(stderr, "PACKED_DEPTH is too small\n");
            return false;
        }
    }
    return true;
}

/* As many strings as the list has. */
static const unsigned char *end_of(const struct list *list, const unsigned char *from)
{
    for (size_t i = 0; i < list->size; i++) {
        if (list->strings[i] == '\0') {
            from += strlen((const char *)from) + 1;
        }
    }
    return from;
}

static void print(FILE *file, bool kept)
{
    const unsigned char *at = packed;
    fprintf(file, "/* By loader/pack/strings.c. */\n#include <stddef.h>\n#include <stdint.h>\n");
    fprintf(file, "#include \"core/base/packed.h\"\n#include \"core/base/names.h\"\n");
    fprintf(file, "#include \"core/base/status.h\"\n#include \"core/image/phrases.h\"\n");
    fprintf(file, "#include \"core/screen/crash_texts.h\"\n#include \"core/config/forms.h\"\n");
    fprintf(file, "#include \"core/base/warnings.h\"\n#include \"core/screen/menu_texts.h\"\n");
    fprintf(file, "#include \"arch/x86_64/crash_texts.h\"\n");
    if (kept) {
        fprintf(file, "\nconst unsigned char packed_pairs[2 * PACKED_CODES] = {");
        print_bytes(file, &pairs[0][0], sizeof(pairs));
        fprintf(file, "\n};\n");
    }
    for (size_t i = 0; i < LISTS; i++) {
        const unsigned char *end = end_of(&lists[i], at);
        if (lists[i].kept == kept) {
            fprintf(file, "\n/* %zu bytes for %zu. */\nconst unsigned char %s[] = {",
                    (size_t)(end - at), lists[i].size, lists[i].name);
            print_bytes(file, at, (size_t)(end - at));
            fprintf(file, "\n};\n");
        }
        at = end;
    }
}

static bool write_file(const char *path, bool kept)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        perror(path);
        return false;
    }
    print(file, kept);
    bool failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed) {
        perror(path);
        (void)remove(path);
        return false;
    }
    return true;
}

int main(int count, char **arguments)
{
    if (count != 3) {
        fprintf(stderr, "usage: strings FILE KEPT-FILE\n");
        return 2;
    }
    if (!collect() || !pack()) {
        return 1;
    }
    return write_file(arguments[1], false) && write_file(arguments[2], true) ? 0 : 2;
}
