#include "archives.h"

#include "core/trust/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM (1024 * 1024)

static char bytes[ROOM];
static size_t used;

void archive_set_checksum(char *header)
{
    unsigned sum = 0;
    memset(header + 148, ' ', 8);
    for (int i = 0; i < ARCHIVE_UNIT; i++) {
        sum += (unsigned char)header[i];
    }
    snprintf(header + 148, 8, "%06o", sum);
}

void archive_begin(void)
{
    memset(bytes, 0, sizeof(bytes));
    used = 0;
}

char *archive_add(const char *prefix, const char *name, struct text file)
{
    char *header = bytes + used;
    size_t padded = (file.size + ARCHIVE_UNIT - 1) / ARCHIVE_UNIT * ARCHIVE_UNIT;
    if (padded + 3 * (size_t)ARCHIVE_UNIT > sizeof(bytes) - used) {
        abort();
    }
    memcpy(header, name, strlen(name));
    memcpy(header + 345, prefix, strlen(prefix));
    memcpy(header + 100, "0000644", 7);
    snprintf(header + 124, 12, "%011o", (unsigned)file.size);
    memcpy(header + 136, "00000000000", 11);
    header[156] = '0';
    memcpy(header + 257,
           "ustar\0"
           "00",
           8);
    archive_set_checksum(header);
    memcpy(header + ARCHIVE_UNIT, file.bytes, file.size);
    used += ARCHIVE_UNIT + padded;
    return header;
}

struct text archive_whole(void)
{
    return (struct text){bytes, used + 2 * (size_t)ARCHIVE_UNIT};
}
