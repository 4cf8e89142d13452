/* Replaces zlib's own adler32, which brings 2 KB, for the reason given in crc32.c. Only zlib
 * streams need it. */
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#define BASE 65521 /* RFC 1950 section 8.2 */
#define RUN  5552  /* bytes that can be added before a sum exceeds 32 bits */

/* As zlib documents it: NULL gives the value to start with. */
uLong adler32(uLong adler, const Bytef *bytes, uInt size)
{
    uint32_t low = (uint32_t)adler & 0xFFFF;
    uint32_t high = (uint32_t)adler >> 16;
    if (bytes == NULL) {
        return 1;
    }
    while (size > 0) {
        uInt run = size < RUN ? size : RUN;
        size -= run;
        for (; run > 0; run--) {
            low += *bytes++;
            high += low;
        }
        low %= BASE;
        high %= BASE;
    }
    return high << 16 | low;
}
