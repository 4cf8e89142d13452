/* The loader's own name, as the user and the kernel see it. */
#ifndef BATON_VERSION_H
#define BATON_VERSION_H

#ifndef BATON_VERSION
#define BATON_VERSION "0.1.0"
#endif
#define BATON_NAME "Baton " BATON_VERSION

#endif
