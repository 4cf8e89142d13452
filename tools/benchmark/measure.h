#ifndef BATON_BENCHMARK_MEASURE_H
#define BATON_BENCHMARK_MEASURE_H

#include "figures.h"

/* Makes what the cases need, one after the other. */
bool measure_prepare(const struct bench *bench, const struct bench_case *const *cases, size_t count,
                     struct message *message);
/* Boots each case once (with calls: twice), jobs at a time. NULL: no memory. The figures stay until
 * the program ends. */
const struct figures *measure(const struct bench *bench, const struct bench_case *const *cases,
                              size_t count, unsigned jobs, bool calls);

#endif
