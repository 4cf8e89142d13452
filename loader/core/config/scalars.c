#include "core/config/scalars.h"

#include "core/config/value.h"

void config_diagnose_value(struct config_parser *parser, enum status status, struct text value,
                           const char *hint)
{
    config_diagnose(parser, status, value)->hint = text_of(hint);
}

void config_parse_number(struct config_parser *parser, struct text value,
                         const struct config_range *range, uint64_t *out_number)
{
    uint64_t number = 0;
    enum status status = config_number(value, &number);
    if (status != STATUS_OK) {
        config_diagnose_value(parser, status, value, range->form);
    } else if (number < range->least || number > range->most) {
        config_diagnose_value(parser, STATUS_CONFIG_OUT_OF_RANGE, value, range->limits);
    } else {
        *out_number = number;
    }
}

static bool find_word(const struct config_words *words, struct text value, uint32_t *out_index)
{
    for (uint32_t i = 0; i < words->count; i++) {
        if (text_equal(value, text_of(words->names[i]))) {
            *out_index = i;
            return true;
        }
    }
    return false;
}

bool config_parse_word(struct config_parser *parser, struct text value,
                       const struct config_words *words, uint32_t *out_index)
{
    if (find_word(words, value, out_index)) {
        return true;
    }
    struct guess guess = guess_for(value);
    for (uint32_t i = 0; i < words->count; i++) {
        guess_offer(&guess, text_of(words->names[i]));
    }
    struct failure *failure = config_diagnose(parser, STATUS_CONFIG_BAD_WORD, value);
    failure->hint = text_of(words->list);
    failure->guess = guess.best;
    return false;
}
