/* What is expected of the value of a key, after "expected ". Packed: core/base/packed.h. */
#ifndef BATON_CONFIG_FORMS_H
#define BATON_CONFIG_FORMS_H

#define FORMS(X)                                                 \
    X(NONE, "")                                                  \
    X(ADDRESS, "an address such as 0x100000")                    \
    X(SIZE_64K, "a size such as 64K")                            \
    X(LIMITS_STACK, "4K to 1G")                                  \
    X(SIZE_8M, "a size such as 8M")                              \
    X(LIMITS_MEMORY, "1 byte or more")                           \
    X(COMPRESSION, "auto, none, gzip or zlib")                   \
    X(FORMAT, "auto, raw or elf")                                \
    X(LOW, "yes or no")                                          \
    X(ABI, "a BootInfo version such as 1.0")                     \
    X(LIMITS_ABI, "1.0 or above")                                \
    X(READ_CHUNK, "a size such as 1M, auto, or whole")           \
    X(LIMITS_READ_CHUNK, "4K to 1G, auto, or whole")             \
    X(SECONDS, "a number of seconds")                            \
    X(LIMITS_REBOOT, "0 to 86400 seconds")                       \
    X(ON_FAULT, "halt, reboot, reboot after SECONDS or none")    \
    X(DIRECT_MAP, "an address such as 0xffff800000000000")       \
    X(LIMITS_DIRECT_MAP, "0xff00000000000000 or above")          \
    X(FRAMEBUFFER, "auto, none or 1920x1080")                    \
    X(TRIES, "a number such as 3")                               \
    X(LIMITS_TRIES, "1 to 255")                                  \
    X(TIMEOUT, "a number of seconds, or no")                     \
    X(LIMITS_TIMEOUT, "0 to 3600 seconds, or no")                \
    X(SERIAL, "auto, none or an I/O port such as 0x3f8")         \
    X(LIMITS_SERIAL, "0x1 to 0xfff8")                            \
    X(LOG, "quiet, normal or verbose")                           \
    X(MEASURE, "no, yes or required")                            \
    X(ADAPTER, "expected a name of at most 32 bytes, or a path") \
    X(SHA256, "64 hexadecimal digits and a path, 64 times at most")

#define FORM_CODE(name, words) FORM_##name,
enum form { FORMS(FORM_CODE) };

extern const unsigned char packed_forms[];

#endif
