/* What C consists of, as far as tools/mutation/mutants.c has to know. */
#include "tokens.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64

struct token tokens[TOKENS_MAX];
size_t token_count;

void die(const char *what, const char *why)
{
    fprintf(stderr, "mutants: %s: %s\n", what, why);
    exit(2);
}

bool is(const struct token *token, const char *text)
{
    return token->size == strlen(text) && memcmp(token->bytes, text, token->size) == 0;
}

bool is_one_of(const struct token *token, const char *const *texts)
{
    for (; *texts != NULL; texts++) {
        if (is(token, *texts)) {
            return true;
        }
    }
    return false;
}

static size_t quoted_size(const char *at)
{
    size_t size = 1;
    while (at[size] != at[0] && at[size] != '\0') {
        size += at[size] == '\\' ? 2 : 1;
    }
    return size + 1;
}

static size_t word_size(const char *at)
{
    size_t size = 0;
    while (isalnum((unsigned char)at[size]) || at[size] == '_') {
        size++;
    }
    return size;
}

static size_t mark_size(const char *at)
{
    static const char *const marks[] = {
        "<<=", ">>=", "...", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=",
        "&&",  "||",  "+=",  "-=", "*=", "/=", "%=", "&=", "|=", "^=", NULL,
    };
    for (const char *const *mark = marks; *mark != NULL; mark++) {
        if (strncmp(at, *mark, strlen(*mark)) == 0) {
            return strlen(*mark);
        }
    }
    return 1;
}

/* The end of the line, and of those that a backslash joins to it. */
static const char *behind_directive(const char *at)
{
    while (*at != '\0' && *at != '\n') {
        at += at[0] == '\\' && at[1] != '\0' ? 2 : 1;
    }
    return at;
}

/* Where a directive's tokens begin: after the name of a constant; else there are none. */
static const char *into_directive(const char *at)
{
    const char define[] = "#define ";
    if (strncmp(at, define, strlen(define)) != 0) {
        return behind_directive(at);
    }
    at += strlen(define);
    at += word_size(at);
    return *at == ' ' ? at : behind_directive(at);
}

static const char *behind_comment(const char *at)
{
    const char *end = strstr(at + 2, at[1] == '*' ? "*/" : "\n");
    return end == NULL ? at + strlen(at) : end + (at[1] == '*' ? 2 : 0);
}

static struct token token_at(const char *at)
{
    struct token token = {.bytes = at, .size = word_size(at), .kind = KIND_WORD};
    if (isdigit((unsigned char)*at)) {
        token.kind = KIND_NUMBER;
    } else if (*at == '"' || *at == '\'') {
        token.kind = *at == '"' ? KIND_STRING : KIND_CHARACTER;
        token.size = quoted_size(at);
    } else if (token.size == 0) {
        token.kind = KIND_MARK;
        token.size = mark_size(at);
    }
    return token;
}

static void lex(const char *source)
{
    unsigned line = 1;
    const char *counted = source;
    const char *define_end = source;
    for (const char *at = source; *at != '\0';) {
        if (isspace((unsigned char)*at) || *at == '\\') {
            at++;
        } else if (*at == '/' && (at[1] == '*' || at[1] == '/')) {
            at = behind_comment(at);
        } else if (*at == '#' && (at == source || at[-1] == '\n')) {
            define_end = behind_directive(at);
            at = into_directive(at);
        } else {
            if (token_count == TOKENS_MAX) {
                die("file", "has too many tokens");
            }
            struct token *token = &tokens[token_count++];
            *token = token_at(at);
            for (; counted < at; counted++) {
                line += *counted == '\n';
            }
            token->line = line;
            token->in_define = at < define_end;
            at += token->size;
        }
    }
}

/* Is the brace at i that of a function's body or of a block in one? What lies before its
 * parentheses tells it from a compound literal. */
static bool opens_code(size_t i)
{
    static const char *const words[] = {"else", "do", NULL};
    if (i == 0 || is_one_of(&tokens[i - 1], words)) {
        return i > 0;
    }
    if (!is(&tokens[i - 1], ")")) {
        return false;
    }
    unsigned depth = 0;
    for (size_t j = i; j-- > 1;) {
        depth += is(&tokens[j], ")") ? 1 : 0;
        depth -= is(&tokens[j], "(") ? 1 : 0;
        if (depth == 0) {
            return tokens[j - 1].kind == KIND_WORD && !is(&tokens[j - 1], "return") &&
                   !is(&tokens[j - 1], "sizeof");
        }
    }
    return false;
}

static void find_code(void)
{
    bool code[DEPTH_MAX] = {false};
    unsigned braces = 0;
    unsigned depth = 0;
    for (size_t i = 0; i < token_count; i++) {
        struct token *token = &tokens[i];
        if (token->in_define || token->kind != KIND_MARK) {
            token->in_code = code[braces];
            token->depth = depth;
            continue;
        }
        char mark = token->bytes[0];
        depth -= mark == ')' || mark == ']' ? 1 : 0;
        braces -= mark == '}' ? 1 : 0;
        token->in_code = code[braces];
        token->depth = depth;
        depth += mark == '(' || mark == '[' ? 1 : 0;
        if (mark == '{') {
            bool opened = opens_code(i);
            if (++braces == DEPTH_MAX) {
                die("file", "has too many braces");
            }
            code[braces] = opened;
        }
    }
}

void tokens_find(const char *source)
{
    lex(source);
    find_code();
}
