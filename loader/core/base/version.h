/* The loader's own name, as the user and the kernel see it. */
#ifndef BATON_VERSION_H
#define BATON_VERSION_H

/* The only place of the version: CMake reads this line, too. */
#define BATON_VERSION "0.1.0"
#define BATON_NAME    "Baton " BATON_VERSION

#endif
