/* loader.cfg of a case of ours. */
#ifndef BATON_BENCHMARK_LOADER_CFG_H
#define BATON_BENCHMARK_LOADER_CFG_H

#include "cases.h"

/* Both are freed by the caller. */
char *loader_cfg(const struct bench_case *one, const char *kernel);
/* The path of a module. */
char *loader_cfg_module(unsigned index);

#endif
