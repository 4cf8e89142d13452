/* Paths: as people write them, and as firmware takes them. FAT drivers open the root directory for
 * a doubled backslash and ignore blanks at both ends of a name and dots at its end, so that one
 * file has many names. A canonical path is the only one of these names that the loader uses. */
#ifndef BATON_PATH_H
#define BATON_PATH_H

#include "core/base/status.h"

#define PATH_MAX_BYTES 1024 /* of a canonical path, in UTF-8, with the NUL */
#define PATH_NAME_MAX  255  /* characters of one name in it */

/* Writes the canonical form of path to buffer (PATH_MAX_BYTES of it): a backslash before each name,
 * no empty name, UTF-8, ended by a NUL. Slashes and backslashes are alike; several count as one.
 * NULL on success; else what is wrong with path, as a phrase for CONFIG_BAD_PATH's {hint}, and
 * buffer is unspecified. Refused: an empty path or one that ends without a file's name, '.' and
 * '..', a name that begins with a blank or ends in a blank or a dot, control characters, any of : *
 * ? " < > |, invalid UTF-8 and characters above U+FFFF, a name above PATH_NAME_MAX, a path above
 * PATH_MAX_BYTES. */
MUST_CHECK const char *path_canonical(struct text path, char *buffer);

/* A sentence for people who wonder why there is no file at path, with a blank before it: what about
 * it is most likely not meant. Empty: nothing. */
const char *path_suspicion(struct text path);

/* The same with '.' and '..' resolved, as firmware and shells write the path of a program. */
MUST_CHECK const char *path_resolve(struct text path, char *buffer);

/* The canonical path of name in the folder of the file at path (canonical, UTF-8):
 * ("\EFI\BOOT\BOOTX64.EFI", "loader.cfg") is "\EFI\BOOT\loader.cfg". False: too long. */
MUST_CHECK bool path_sibling(struct text path, struct text name, char *buffer);

/* Converts a canonical path from UTF-8 to UCS-2, ended by a 0. units has an element for each byte
 * of path, NUL included. */
void path_to_ucs2(const char *path, uint16_t *units);
/* Converts UCS-2 (up to a 0, at most size units) to UTF-8, ended by a NUL; surrogates become '?'.
 * What does not fit in capacity bytes is cut off. */
void path_from_ucs2(const uint16_t *units, size_t size, char *buffer, size_t capacity);

/* Whether two paths, canonical or not, are of one file: ASCII letters are alike, as FAT takes
 * them. */
bool path_is_same(const struct text *a, const struct text *b);
/* Appends path with a slash before each name. */
void path_write(struct writer *writer, struct text path);

#endif
