/* A C file's tokens, and which of them are code. Trusts clang-format: blocks have braces. */
#ifndef BATON_TOKENS_H
#define BATON_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

#define TOKENS_MAX 65536

enum kind { KIND_WORD, KIND_NUMBER, KIND_CHARACTER, KIND_STRING, KIND_MARK };

struct token {
    const char *bytes;
    size_t size;
    unsigned line;
    enum kind kind;
    bool in_define; /* of a constant: only numbers are looked at */
    bool in_code;   /* in a function's body */
    unsigned depth; /* of parentheses and brackets around it */
};

extern struct token tokens[TOKENS_MAX];
extern size_t token_count;

/* Fills tokens from source, which ends with NUL; comments and directives have none. */
void tokens_find(const char *source);

bool is(const struct token *token, const char *text);
/* texts ends with NULL. */
bool is_one_of(const struct token *token, const char *const *texts);

/* Ends the program with status 2 and a message. */
_Noreturn void die(const char *what, const char *why);

#endif
