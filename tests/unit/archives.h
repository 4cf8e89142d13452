/* Archives for tests, as GNU tar writes them with --format=ustar. There is one at a time. */
#ifndef BATON_TEST_ARCHIVES_H
#define BATON_TEST_ARCHIVES_H

#include "core/base/text.h"

void archive_begin(void);
/* Gives the header. prefix may be "". */
char *archive_add(const char *prefix, const char *name, struct text bytes);
/* Makes a header's checksum right again. */
void archive_set_checksum(char *header);
/* What was added, its end included. */
struct text archive_whole(void);

#endif
