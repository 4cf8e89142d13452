/* Takes the place of zlib's own adler32 for the reason that crc32.c gives: it brings 2 KB. Only
 * zlib streams need it. */
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#define BASE 65521 /* RFC 1950 section 8.2 */
#define RUN  5552  /* bytes until a sum must be reduced to fit in 32 bits */

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
