/* Link-time optimisation makes a function that has one caller part of it. Where that takes more
 * bytes than a call, since the caller runs out of registers, the function is marked: each one was
 * tried with and without (docs/decisions/0009-how-large.md). */
#ifndef BATON_APART_H
#define BATON_APART_H

/* Without the underscores at its end: gnu-efi's headers define the other spelling away. */
#define APART __attribute((noinline))

#endif
