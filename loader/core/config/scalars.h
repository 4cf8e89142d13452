/* Values of one key: a number in a range, or a word of a list. Any other value is diagnosed. */
#ifndef BATON_CONFIG_SCALARS_H
#define BATON_CONFIG_SCALARS_H

#include "core/config/forms.h"
#include "core/config/parser.h"

struct config_range {
    uint64_t least;
    uint64_t most;
    uint8_t form; /* enum form: "expected FORM", for a value that is no number */
    uint8_t limits;
};

/* Writes *out_number only where value is a number in range. */
void config_parse_number(struct config_parser *parser, struct text value,
                         const struct config_range *range, uint64_t *out_number);
/* words: separated by a blank each; a table of pointers would need relocations. list: the same as
 * "expected LIST". False: value is none of them, which has been diagnosed. */
bool config_parse_word(struct config_parser *parser, struct text value, const char *words,
                       enum form list, uint32_t *out_index);
/* Diagnoses value; {hint} is the form. */
void config_diagnose_form(struct config_parser *parser, enum status status, struct text value,
                          enum form form);
/* The same with any other {hint}. */
void config_diagnose_value(struct config_parser *parser, enum status status, struct text value,
                           const char *hint);

#endif
