#include "secure.h"

#include "core/trust/archive.h"

#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 100, PREFIX_SIZE = 155 };

static const char zeros[2 * ARCHIVE_UNIT];

/* A name above 100 bytes is split at a slash: the part before it goes into the prefix. */
static const char *split(const char *path)
{
    size_t size = strlen(path);
    const char *name = path;
    if (size <= NAME_SIZE) {
        return name;
    }
    for (name = path + size - NAME_SIZE - 1; *name != '\0' && *name != '/'; name++) {
    }
    return *name == '/' && (size_t)(name - path) <= PREFIX_SIZE && name[1] != '\0' ? name + 1
                                                                                   : NULL;
}

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
    const char *name = split(path);
    if (name == NULL || file.size > 0x1FFFFFFFF) {
        return message_add(message, "%s: its name or its size does not fit into an archive", path);
    }
    if (name > path) {
        memcpy(header + 345, path, (size_t)(name - path) - 1);
    }
    memcpy(header, name, strlen(name));
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
