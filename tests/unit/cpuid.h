/* CPUID as a test answers it: for a file of arch/x86_64 that is compiled once more, with this
 * header included first. */
#ifndef BATON_TESTS_CPUID_H
#define BATON_TESTS_CPUID_H

#include "arch/x86_64/cpu.h"

struct cpuid fake_cpuid(uint32_t leaf);
#define cpu_cpuid fake_cpuid

#endif
