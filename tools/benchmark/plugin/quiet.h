#ifndef BATON_BENCHMARK_QUIET_H
#define BATON_BENCHMARK_QUIET_H

/* Returns once all other threads of this process sleep. */
void wait_until_quiet(void);

#endif
