/* The loader's fault page on its way to the user: names are added to it. */
#ifndef BATON_TOOL_FAULT_PAGE_H
#define BATON_TOOL_FAULT_PAGE_H

#include "symbols.h"

/* Starts as {.symbols = ...}. */
struct fault_page {
    struct symbols *symbols;
    struct bytes line; /* as far as it came */
    unsigned vector;
    bool returns;    /* a carriage return is held back: names go before the end of the line */
    bool inside;     /* its last line has not come yet */
    bool seen;       /* its first line has come */
    bool ended;      /* its last line has come */
    bool in_data;    /* the instruction is none of the kernel's code */
    bool has_caller; /* the backtrace names where a call came from */
    bool on_stack;   /* the lines of the stack have begun, and none of them was a return address */
};

/* What came from the kernel to standard output, lines of a fault page with names. */
void fault_page_show(struct fault_page *page, const char *text, size_t size);
void fault_page_free(struct fault_page *page);

#endif
