/* What the files of core/config share. */
#ifndef BATON_CONFIG_PARSER_H
#define BATON_CONFIG_PARSER_H

#include "core/config/config.h"

/* Where a diagnostic points: part is a piece of source. Line 0: at the whole file. */
struct config_place {
    uint32_t line;
    struct text source;
    struct text part;
};

enum config_line_kind {
    CONFIG_LINE_NOTHING, /* blank, or a comment */
    CONFIG_LINE_HEADER,  /* begins with "[" */
    CONFIG_LINE_VALUE,   /* name = value; either may be empty */
    CONFIG_LINE_OTHER,   /* the name alone */
};

struct config_line {
    struct text source; /* without its end */
    size_t plain;       /* text_plain(source): these bytes need no further look */
    struct text text;   /* trimmed, like the next two */
    enum config_line_kind kind;
    struct text name;  /* of a VALUE or OTHER */
    struct text value; /* of a VALUE */
};

enum file_key {
    FILE_DEFAULT,
    FILE_SERIAL,
    FILE_LOG,
    FILE_TIMEOUT,
    FILE_MEASURE,
    FILE_SHA256,
    FILE_KEY_COUNT
};

struct config_parser {
    struct config *config;
    struct text path;
    struct text file;
    uint32_t line;      /* the current one, from 1 */
    struct text source; /* the current one, without its end */

    struct config_place section; /* the header above the current line; line 0: none yet */
    struct config_place chosen;  /* the value of 'default' */
    struct entry *entry;         /* takes the keys; NULL: below a section that is no entry */
    struct entry defaults;       /* the keys before the first section */
    uint32_t file_key_line[FILE_KEY_COUNT];

    /* Errors that may cause others. Those are not reported: they would mislead. */
    bool kernel_unclear;             /* a line of this section may have been its kernel */
    bool kernel_unclear_in_defaults; /* the same before the first section */
    bool sections_unclear;           /* a section is missing among the entries */
    bool too_many_entries;

    /* Written before they are read, and not cleared: they are large. */
    struct entry *refused;   /* takes the keys of a section whose header is refused */
    struct failure *omitted; /* takes the diagnostic that there is no room for */
};

/* diagnostics.c: adds a diagnostic in the order of the lines; found is part. The caller fills in
 * the other facts at once: the next diagnostic may move it. */
struct failure *config_diagnose_at(struct config_parser *parser, enum status status,
                                   struct config_place place);
/* The same for a part of the current line. */
struct failure *config_diagnose(struct config_parser *parser, enum status status, struct text part);

/* lines.c */
struct text config_trim(struct text text);
bool config_is_blank(char c);
/* Takes the next line off rest, its end (LF or CR LF) included. */
void config_take_line(struct text *rest, struct config_line *line);
/* The line of file that part is in, without its end. */
struct text config_line_around(struct text file, struct text part);
/* Whether a slash of either kind is in it. */
bool config_is_path(struct text value);

/* keys.c: a VALUE or OTHER. */
void config_assign(struct config_parser *parser, const struct config_line *line);

/* module_lines.c: the value of "module" and "module-gz". */
void config_parse_module(struct config_parser *parser, struct text value);
/* pins.c: the value of "sha256"; whether there is one digest a path, and a use for it. */
void config_parse_pin(struct config_parser *parser, struct text value);
void config_check_pins(struct config_parser *parser);
/* entries.c: config_find, and the index in last_of that is for the name. */
uint32_t config_find_slot(const struct config *config, struct text name, const struct entry **out);
/* entries.c: whether the entries that are named exist; sets default_entry. */
void config_check_names(struct config_parser *parser);
/* entries.c: when all lines are parsed. Entries with an adapter boot that one from then on. */
void config_put_adapters(struct config *config);

#endif
