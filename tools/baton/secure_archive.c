#include "secure.h"

#include "core/trust/archive.h"

#include <stdio.h>
#include <string.h>

static const char zeros[2 * ARCHIVE_UNIT];

static void set_checksum(char *header)
{
    unsigned sum = 0;
    memset(header + 148, ' ', 8);
    for (int i = 0; i < ARCHIVE_UNIT; i++) {
        sum += (unsigned char)header[i];
    }
    (void)snprintf(header + 148, 8, "%06o", sum);
}

/* Mode, owner, size and date of everything are the same: so are the bytes then. */
bool secure_archive_add(struct bytes *archive, const char *path, struct text file,
                        struct message *message)
{
    char header[ARCHIVE_UNIT] = {0};
    if (strlen(path) > ARCHIVE_NAME_MAX) {
        return message_add(message,
                           "%s: a sealed path has at most %d bytes; shorten it, or leave the file "
                           "outside: 'baton secure seal --outside PATH'",
                           path, ARCHIVE_NAME_MAX);
    }
    if (file.size > 0x1FFFFFFFF) {
        return message_add(message, "%s: its size does not fit into an archive", path);
    }
    memcpy(header, path, strlen(path));
    memcpy(header + 100, "0000644", 8);
    memcpy(header + 108, "0000000", 8);
    memcpy(header + 116, "0000000", 8);
    (void)snprintf(header + 124, 12, "%011llo", (unsigned long long)file.size & 0x1FFFFFFFF);
    memcpy(header + 136, "00000000000", 12);
    header[156] = '0';
    memcpy(header + 257,
           "ustar\0"
           "00",
           8);
    set_checksum(header);
    bytes_add(archive, header, sizeof(header));
    bytes_add(archive, file.bytes, file.size);
    bytes_add(archive, zeros, (ARCHIVE_UNIT - file.size % ARCHIVE_UNIT) % ARCHIVE_UNIT);
    return true;
}

void secure_archive_end(struct bytes *archive)
{
    bytes_add(archive, zeros, sizeof(zeros));
}
