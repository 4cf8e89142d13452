/* UEFI load options: words such as entry=NAME, whoever wrote them. Firmware puts other things
 * there, too (a device path, a description, garbage): what is not known is nobody's mistake. */
#include "core/config/load_options.h"

#include <string.h>

static bool take_word(struct text *rest, struct text *out_word)
{
    while (rest->size > 0 && rest->bytes[0] <= ' ' && rest->bytes[0] >= 0) {
        *rest = (struct text){rest->bytes + 1, rest->size - 1};
    }
    *out_word = (struct text){rest->bytes, 0};
    while (rest->size > 0 && (rest->bytes[0] > ' ' || rest->bytes[0] < 0)) {
        *rest = (struct text){rest->bytes + 1, rest->size - 1};
        out_word->size++;
    }
    return out_word->size > 0;
}

static void take_value(struct text word, struct text key, struct text *out_value)
{
    if (word.size > key.size && memcmp(word.bytes, key.bytes, key.size) == 0) {
        *out_value = (struct text){word.bytes + key.size, word.size - key.size};
    }
}

struct load_options load_options_parse(struct text text)
{
    struct load_options options = {.entry = {NULL, 0}};
    struct text word;
    while (take_word(&text, &word)) {
        take_value(word, TEXT("entry="), &options.entry);
        take_value(word, TEXT("config="), &options.config);
    }
    return options;
}
