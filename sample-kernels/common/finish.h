/* The end of a sample kernel. */
#ifndef BATON_FINISH_H
#define BATON_FINISH_H

#ifdef __cplusplus
extern "C" {
#endif

/* Ends QEMU through isa-debug-exit at port 0xF4 (its exit status is 33 where ok, else 35), or halts
 * a machine that has no such device. */
void finish(int ok) __attribute__((noreturn));

#ifdef __cplusplus
}
#endif

#endif
