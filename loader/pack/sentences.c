/* sentences FILE: writes the sentences and advices of STATUS_LIST to FILE, packed, as C that is
 * built with core/base/sentence.c. It runs on the machine that builds the loader. "Byte pair
 * encoding": the most frequent pair of bytes gets a code, again and again, until there is no
 * code left. English text takes about half of its bytes then, and is unpacked from any sentence
 * on with nothing but the table of pairs. Exit status: 0 written; 1 a sentence holds a byte that
 * is a code; 2 FILE cannot be written. */
#include "core/base/sentence.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAIN(name, sentence, advice) sentence "\0" advice "\0"

/* Statuses begin with STATUS_OK, which has neither sentence nor advice. */
static const char plain[] = "\0\0" STATUS_LIST(PLAIN);

static unsigned char packed[sizeof(plain)];
static size_t used;
static unsigned char pairs[SENTENCE_CODES][2];
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

static size_t longest(void)
{
    size_t most = 0;
    for (size_t at = 0; at < sizeof(plain) - 1; at += strlen(plain + at) + 1) {
        size_t size = strlen(plain + at) + 1;
        most = size > most ? size : most;
    }
    return most;
}

static bool has_room_for_codes(void)
{
    for (size_t i = 0; i < sizeof(plain) - 1; i++) {
        unsigned char byte = (unsigned char)plain[i];
        if (byte >= 128 || (byte > 0 && byte < 32)) {
            fprintf(stderr, "a sentence holds byte %u: only printable ASCII has room\n", byte);
            return false;
        }
    }
    return true;
}

static void pack(void)
{
    used = sizeof(plain) - 1;
    memcpy(packed, plain, used);
    for (int i = 0; i < SENTENCE_CODES; i++) {
        count_pairs();
        find_most_frequent(pairs[i]);
        replace(pairs[i], code_of(i));
    }
}

static void print(FILE *file)
{
    fprintf(file, "/* By loader/pack/sentences.c: %zu bytes for %zu. */\n", used,
            sizeof(plain) - 1);
    fprintf(file, "#include \"core/base/sentence.h\"\n\n");
    fprintf(file, "_Static_assert(%zu <= SENTENCE_ROOM, \"the longest one has no room\");\n",
            longest());
    fprintf(file, "const unsigned char sentence_pairs[2 * SENTENCE_CODES] = {");
    print_bytes(file, &pairs[0][0], sizeof(pairs));
    fprintf(file, "\n};\nconst unsigned char sentences[] = {");
    print_bytes(file, packed, used);
    fprintf(file, "\n};\n");
}

int main(int count, char **arguments)
{
    if (!has_room_for_codes()) {
        return 1;
    }
    pack();
    FILE *file = count == 2 ? fopen(arguments[1], "w") : NULL;
    if (file == NULL) {
        fprintf(stderr, "usage: sentences FILE, where FILE can be written\n");
        return 2;
    }
    print(file);
    bool failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed) {
        perror(arguments[1]);
        (void)remove(arguments[1]);
        return 2;
    }
    return 0;
}
