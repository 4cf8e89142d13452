/* Small changes to a C file, each of which some test ought to notice: tools/mutate tries them.
 *   mutants FILE           lists them, one a line: line, what, source line; tabs in between
 *   mutants FILE NUMBER... writes FILE with these changes made; the first is 1
 * Trusts clang-format: a binary operator has white space on both sides. */
#include "tokens.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MUTANTS_MAX 16384
#define QUOTED_MAX  60 /* bytes of source shown of what is replaced */

/* What is replaced: [bytes, bytes + size) becomes before, itself if kept, after. */
struct mutant {
    const char *bytes;
    size_t size;
    unsigned line;
    bool kept;
    char before[40];
    const char *after;
};

static char *source;
static struct mutant mutants[MUTANTS_MAX];
static size_t mutant_count;

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        die(path, "cannot be opened");
    }
    size_t capacity = 1 << 20;
    char *bytes = calloc(1, capacity);
    if (bytes == NULL || fread(bytes, 1, capacity, file) == capacity) {
        die(path, "is too large");
    }
    fclose(file);
    return bytes;
}

/* Changes. */

static struct mutant *add(const struct token *first, const struct token *last, const char *before)
{
    if (mutant_count == MUTANTS_MAX) {
        die("file", "has too many mutants");
    }
    struct mutant *mutant = &mutants[mutant_count++];
    *mutant = (struct mutant){.bytes = first->bytes, .line = first->line, .after = ""};
    mutant->size = (size_t)(last->bytes + last->size - first->bytes);
    snprintf(mutant->before, sizeof(mutant->before), "%s", before);
    return mutant;
}

static bool is_binary(const struct token *token)
{
    return token->bytes > source && isspace((unsigned char)token->bytes[-1]) &&
           isspace((unsigned char)token->bytes[token->size]);
}

static void change_mark(const struct token *token)
{
    static const char *const swaps[][2] = {
        {"<", "<="},  {"<", ">="},  {"<=", "<"},  {"<=", ">"},  {">", ">="},  {">", "<="},
        {">=", ">"},  {">=", "<"},  {"==", "!="}, {"!=", "=="}, {"&&", "||"}, {"||", "&&"},
        {"+", "-"},   {"-", "+"},   {"*", "/"},   {"/", "*"},   {"%", "/"},   {"&", "|"},
        {"|", "&"},   {"^", "|"},   {"<<", ">>"}, {">>", "<<"}, {"+=", "-="}, {"-=", "+="},
        {"*=", "/="}, {"/=", "*="}, {"|=", "&="}, {"&=", "|="},
    };
    for (size_t i = 0; i < sizeof(swaps) / sizeof(*swaps) && is_binary(token); i++) {
        if (is(token, swaps[i][0])) {
            add(token, token, swaps[i][1]);
        }
    }
    if (is(token, "++") || is(token, "--")) {
        add(token, token, is(token, "++") ? "--" : "++");
    } else if (is(token, "!") || is(token, "~")) {
        add(token, token, "");
    }
}

static void change_number(const struct token *token)
{
    char text[40];
    char *end;
    snprintf(text, sizeof(text), "%.*s", (int)token->size, token->bytes);
    uint64_t number = strtoull(text, &end, 0);
    bool hex = token->size > 1 && (text[1] == 'x' || text[1] == 'X');
    for (int step = 1; step >= -1; step -= 2) {
        if (step < 0 && number == 0) {
            continue;
        }
        uint64_t changed = step > 0 ? number + 1 : number - 1;
        char before[40];
        snprintf(before, sizeof(before), hex ? "0x%" PRIx64 "%.8s" : "%" PRIu64 "%.8s", changed,
                 end);
        add(token, token, before);
    }
}

static void change_character(const struct token *token)
{
    char before[] = {'\'', (char)(token->bytes[1] + 1), '\'', '\0'};
    if (token->size == 3 && isalnum((unsigned char)before[1])) {
        add(token, token, before);
    }
}

/* The token that ends the statement at i, or closes the parenthesis at i. */
static size_t end_of(size_t i, const char *mark)
{
    unsigned depth = tokens[i].depth;
    while (i + 1 < token_count && !(is(&tokens[i], mark) && tokens[i].depth == depth)) {
        i++;
    }
    return i;
}

static void change_return(size_t i)
{
    static const char *const zeros[] = {"NULL", "STATUS_OK", NULL};
    static const char *const changed[] = {"true", "false", ";", NULL};
    const struct token *first = &tokens[i + 1];
    size_t last = end_of(i, ";") - 1;
    bool alone = last == i + 1;
    if (alone && (first->kind == KIND_NUMBER || is_one_of(first, changed))) {
        return;
    }
    if (!alone || !is_one_of(first, zeros)) {
        add(first, &tokens[last], "0");
    }
    if (first->kind != KIND_STRING) {
        add(first, &tokens[last], "1");
    }
}

/* A condition without an operator that is changed by itself. */
static void change_condition(size_t i)
{
    static const char *const changed[] = {"<", ">", "<=", ">=", "==", "!=", "&&", "||", "!", NULL};
    size_t last = end_of(i + 1, ")");
    for (size_t j = i + 1; j < last; j++) {
        if (is_one_of(&tokens[j], changed)) {
            return;
        }
    }
    struct mutant *mutant = add(&tokens[i + 1], &tokens[last], "(!");
    mutant->kept = true;
    mutant->after = ")";
}

/* The colon of a label of a switch, not that of a ?: operator. */
static bool is_label_end(size_t i)
{
    return is(&tokens[i], ":") && i > 1 &&
           (is(&tokens[i - 1], "default") || is(&tokens[i - 2], "case"));
}

static bool begins_statement(size_t i)
{
    static const char *const before[] = {";", "{", "}", NULL};
    return i > 0 && tokens[i].in_code && tokens[i].depth == 0 &&
           (is_one_of(&tokens[i - 1], before) || is_label_end(i - 1));
}

/* "type name", "type *name" and what has a word of its own. */
static bool is_removable(size_t i)
{
    static const char *const words[] = {
        "if",     "else",  "for",    "while", "do",   "switch", "case",     "default", "return",
        "struct", "const", "static", "enum",  "char", "int",    "unsigned", "void",    NULL,
    };
    const struct token *first = &tokens[i];
    const struct token *next = &tokens[i + 1];
    if (first->kind == KIND_WORD &&
        (is_one_of(first, words) || next->kind == KIND_WORD ||
         (is(next, "*") && tokens[i + 2].kind == KIND_WORD && !is_binary(next)))) {
        return false;
    }
    return first->kind == KIND_WORD || is(first, "*") || is(first, "(") || is(first, "++") ||
           is(first, "--");
}

static void change_token(size_t i)
{
    const struct token *token = &tokens[i];
    if (token->kind == KIND_NUMBER) {
        change_number(token);
    }
    if (token->in_define) {
        return;
    }
    if (token->kind == KIND_CHARACTER) {
        change_character(token);
    } else if (token->kind == KIND_MARK) {
        change_mark(token);
    } else if (is(token, "true") || is(token, "false")) {
        add(token, token, is(token, "true") ? "false" : "true");
    } else if (is(token, "return")) {
        change_return(i);
    } else if (is(token, "if") || is(token, "while")) {
        change_condition(i);
    }
    if (begins_statement(i) && is_removable(i)) {
        add(token, &tokens[end_of(i, ";")], ";");
    }
}

/* Output. */

static void print_quoted(const char *bytes, size_t size)
{
    size_t shown = size < QUOTED_MAX ? size : QUOTED_MAX;
    for (size_t i = 0; i < shown; i++) {
        bool space = isspace((unsigned char)bytes[i]);
        if (!space || (i > 0 && !isspace((unsigned char)bytes[i - 1]))) {
            putchar(space ? ' ' : bytes[i]);
        }
    }
    printf("%s", shown < size ? "..." : "");
}

static void print_source_line(const char *at)
{
    const char *start = at;
    while (start > source && start[-1] != '\n') {
        start--;
    }
    while (*start == ' ') {
        start++;
    }
    printf("%.*s", (int)strcspn(start, "\n"), start);
}

static void list(void)
{
    for (size_t i = 0; i < mutant_count; i++) {
        const struct mutant *mutant = &mutants[i];
        printf("%u\t'", mutant->line);
        print_quoted(mutant->bytes, mutant->size);
        printf("' -> '%s", mutant->before);
        if (mutant->kept) {
            print_quoted(mutant->bytes, mutant->size);
        }
        printf("%s'\t", mutant->after);
        print_source_line(mutant->bytes);
        putchar('\n');
    }
}

static int compare(const void *a, const void *b)
{
    const struct mutant *const *first = a;
    const struct mutant *const *second = b;
    return (*first)->bytes < (*second)->bytes ? -1 : (*first)->bytes > (*second)->bytes;
}

static void apply(const struct mutant **chosen, size_t count)
{
    const char *at = source;
    qsort(chosen, count, sizeof(*chosen), compare);
    for (size_t i = 0; i < count; i++) {
        const struct mutant *mutant = chosen[i];
        if (mutant->bytes < at) {
            die("changes", "two are of the same place");
        }
        fwrite(at, 1, (size_t)(mutant->bytes - at), stdout);
        fputs(mutant->before, stdout);
        fwrite(mutant->bytes, 1, mutant->kept ? mutant->size : 0, stdout);
        fputs(mutant->after, stdout);
        at = mutant->bytes + mutant->size;
    }
    fputs(at, stdout);
}

int main(int argc, char **argv)
{
    static const struct mutant *chosen[MUTANTS_MAX];
    if (argc < 2 || argc > MUTANTS_MAX) {
        die("usage", "mutants FILE [NUMBER...]");
    }
    source = read_file(argv[1]);
    tokens_find(source);
    for (size_t i = 0; i < token_count; i++) {
        change_token(i);
    }
    if (argc == 2) {
        list();
        return 0;
    }
    size_t count = 0;
    for (int i = 2; i < argc; i++) {
        size_t number = strtoul(argv[i], NULL, 10);
        if (number < 1 || number > mutant_count) {
            die(argv[i], "there is no such mutant");
        }
        chosen[count++] = &mutants[number - 1];
    }
    apply(chosen, count);
    return 0;
}
