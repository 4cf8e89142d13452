/* The good streams again, with zlib given both sides in pieces far smaller than an unsigned int can
 * count: what happens to files and kernels above 1 GiB. */
#define INFLATE_PIECE_MAX 1021
#define SUITE_NAME        "inflate_pieces"
#include "core/image/inflate.c"
#include "inflate.c"
