#ifndef BATON_BENCHMARK_QUIET_H
#define BATON_BENCHMARK_QUIET_H

#include <stdbool.h>

/* Returns once all other threads of this process sleep. False: they still do not after some
 * seconds, or cannot be listed. */
bool wait_until_quiet(void);

#endif
