/* Shows what was measured, as a Markdown table. */
#ifndef BATON_BENCHMARK_TABLE_H
#define BATON_BENCHMARK_TABLE_H

#include "figures.h"

/* cases and figures: count of each. */
void table_print(const struct bench_case *const *cases, const struct figures *figures,
                 size_t count);
/* How often each of the firmware's services was called, a line for each case. */
void table_print_calls(const struct bench_case *const *cases, const struct figures *figures,
                       size_t count);

#endif
