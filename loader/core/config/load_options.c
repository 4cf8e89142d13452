/* UEFI load options: words such as entry=NAME. Firmware puts other things there, too (a device
 * path, a description, garbage), so unknown words are no error: they are ignored. */
#include "core/config/load_options.h"

static bool take_word(struct text *rest, struct text *out_word)
{
    while (rest->size > 0 && rest->bytes[0] <= ' ' && rest->bytes[0] >= 0) {
        *rest = text_after(*rest, 1);
    }
    *out_word = (struct text){rest->bytes, 0};
    while (rest->size > 0 && (rest->bytes[0] > ' ' || rest->bytes[0] < 0)) {
        *rest = text_after(*rest, 1);
        out_word->size++;
    }
    return out_word->size > 0;
}

static void take_value(struct text word, struct text key, struct text *out_value)
{
    if (word.size > key.size && text_begins_with(word, key)) {
        *out_value = text_after(word, key.size);
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
