/* What went wrong, in words, for the person at the terminal. */
#ifndef BATON_VM_MESSAGE_H
#define BATON_VM_MESSAGE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Starts as {0}. */
struct message {
    char *text; /* lines ended by LF; NULL: there is no message */
};

/* Appends a line. Always false, so that it can be returned. */
bool message_add(struct message *message, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *message_text(const struct message *message);
void message_free(struct message *message);

/* A new string; never NULL: a host that is out of memory ends the program. */
char *string_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *string_format_list(const char *format, va_list arguments)
    __attribute__((format(printf, 1, 0)));
char *string_copy(const char *string);
void string_free(char **string);

/* A string that is freed where its block ends. */
#define AUTO_STRING __attribute__((cleanup(string_free))) char *

/* Bytes that grow, always ended by a NUL. Starts as {0}. */
struct bytes {
    char *data; /* NULL only while size is 0 */
    size_t size;
    size_t capacity;
};

void bytes_add(struct bytes *bytes, const void *data, size_t size);
const char *bytes_text(const struct bytes *bytes);
void bytes_free(struct bytes *bytes);

#endif
