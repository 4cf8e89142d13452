/* Test results in the Test Anything Protocol. */
#ifndef BATON_TAP_H
#define BATON_TAP_H

#include "judge.h"

/* Nothing is reported so far. Said, not left to .bss: that may be what the loader got wrong. */
void tap_begin(void);
/* Prints "ok 1 - text", or "not ok 1 - text: ..." with what was found. when stands before text. */
void tap_report(const char *when, const char *text, const struct finding *finding);
/* Prints the closing lines. True where everything was ok. */
bool tap_end(void);

#endif
