#include "core/config/scalars.h"

#include "core/base/packed.h"
#include "core/config/value.h"

void config_diagnose_value(struct config_parser *parser, enum status status, struct text value,
                           const char *hint)
{
    config_diagnose(parser, status, value)->hint = text_of(hint);
}

void config_diagnose_form(struct config_parser *parser, enum status status, struct text value,
                          enum form form)
{
    config_diagnose(parser, status, value)->hint = packed_text(packed_forms, form);
}

void config_parse_number(struct config_parser *parser, struct text value,
                         const struct config_range *range, uint64_t *out_number)
{
    uint64_t number = 0;
    enum status status = config_number(value, &number);
    if (status != STATUS_OK) {
        config_diagnose_form(parser, status, value, (enum form)range->form);
    } else if (number < range->least || number > range->most) {
        config_diagnose_form(parser, STATUS_CONFIG_OUT_OF_RANGE, value, (enum form)range->limits);
    } else {
        *out_number = number;
    }
}

/* The next of words; empty after the last. */
static struct text take_word(struct text *words)
{
    size_t size = 0;
    while (size < words->size && words->bytes[size] != ' ') {
        size++;
    }
    struct text word = {words->bytes, size};
    *words = text_after(*words, size < words->size ? size + 1 : size);
    return word;
}

static bool find_word(struct text words, struct text value, uint32_t *out_index)
{
    for (uint32_t index = 0; words.size > 0; index++) {
        if (text_equal(value, take_word(&words))) {
            *out_index = index;
            return true;
        }
    }
    return false;
}

bool config_parse_word(struct config_parser *parser, struct text value, const char *words,
                       enum form list, uint32_t *out_index)
{
    struct text rest = text_of(words);
    if (find_word(rest, value, out_index)) {
        return true;
    }
    struct guess guess = guess_for(value);
    while (rest.size > 0) {
        guess_offer(&guess, take_word(&rest));
    }
    struct failure *failure = config_diagnose(parser, STATUS_CONFIG_BAD_WORD, value);
    failure->hint = packed_text(packed_forms, list);
    failure->guess = guess.best;
    return false;
}
