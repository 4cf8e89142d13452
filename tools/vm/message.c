#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *not_null(void *allocation)
{
    if (allocation == NULL) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return allocation;
}

char *string_format_list(const char *format, va_list arguments)
{
    char *string = NULL;
    if (vasprintf(&string, format, arguments) < 0) {
        string = NULL;
    }
    return not_null(string);
}

char *string_format(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *string = string_format_list(format, arguments);
    va_end(arguments);
    return string;
}

char *string_copy(const char *string)
{
    return not_null(strdup(string));
}

void string_free(char **string)
{
    free(*string);
    *string = NULL;
}

bool message_add(struct message *message, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    AUTO_STRING line = string_format_list(format, arguments);
    va_end(arguments);
    size_t size = strlen(line);
    while (size > 0 && line[size - 1] == '\n') {
        line[--size] = '\0';
    }
    char *longer = string_format("%s%s\n", message_text(message), line);
    free(message->text);
    message->text = longer;
    return false;
}

const char *message_text(const struct message *message)
{
    return message->text == NULL ? "" : message->text;
}

void message_free(struct message *message)
{
    string_free(&message->text);
}

void bytes_add(struct bytes *bytes, const void *data, size_t size)
{
    if (bytes->capacity - bytes->size <= size) {
        bytes->capacity = 2 * bytes->capacity + size + 1;
        bytes->data = not_null(realloc(bytes->data, bytes->capacity));
    }
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
    bytes->data[bytes->size] = '\0';
}

const char *bytes_text(const struct bytes *bytes)
{
    return bytes->data == NULL ? "" : bytes->data;
}

void bytes_free(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){0};
}
