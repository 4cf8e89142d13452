/* The loader's crash page on its way to the user: names are added to it. */
#ifndef BATON_RUNNER_PAGE_H
#define BATON_RUNNER_PAGE_H

#include "symbols.h"

/* Starts as {.symbols = ...}. */
struct page {
    const struct symbols *symbols;
    struct bytes line; /* as far as it came */
    unsigned vector;
    bool returns; /* a carriage return is held back: names go before the end of the line */
    bool inside;  /* its last line has not come yet */
    bool seen;    /* its first line has come */
    bool ended;   /* its last line has come */
};

/* What came from the kernel to standard output, lines of a crash page with names. */
void page_show(struct page *page, const char *text, size_t size);
void page_free(struct page *page);

#endif
