/* What the log says about values that cannot be right, and about what was verified.
 * Packed: core/base/packed.h. */
#ifndef BATON_WARNINGS_H
#define BATON_WARNINGS_H

#define WARNINGS(X)                                                     \
    X(ACPI_TABLE, "the ACPI table at ")                                 \
    X(SMBIOS, "the SMBIOS entry point at ")                             \
    X(EDID, "the EDID at ")                                             \
    X(DAMAGED, " is damaged or not in memory: left out")                \
    X(ACPI_OMITTED, "ACPI tables that are not mapped for the kernel: ") \
    X(APART, ", they lie too far apart")                                \
    X(SERIAL, "the serial port of ACPI's SPCR, at ")                    \
    X(NOT_USED, ", is memory or cannot be reached: not used")           \
    X(FRAMEBUFFER, "the framebuffer at ")                               \
    X(UNREACHABLE, " lies where the CPU cannot reach it: left out")     \
    X(NO_PATH, "the firmware does not name the loader's own path")      \
    X(OWN_PATH, "the loader's own path '")                              \
    X(CANNOT_BE_USED, "' cannot be used: ")                             \
    X(OPTION_IGNORED, "config= is ignored: Secure Boot is on")          \
    X(PIN_BY_HAND, " is not what its pin says, and boots by hand")      \
    X(SECURE_BOOT, "Secure Boot off")                                   \
    X(SECURE_BOOT_ON, "Secure Boot on")                                 \
    X(SECURE_BOOT_SETUP, "Secure Boot in setup mode")                   \
    X(SECURE_BOOT_UNKNOWN, "Secure Boot unreadable, taken as on")       \
    X(SEALED, "sealed")                                                 \
    X(VERIFIED, "verified")                                             \
    X(MEASURED, "measured")                                             \
    X(TPM_ANSWERS, ", the TPM answers ")                                \
    X(OPTION, "baton: the load option '")                               \
    X(OPTION_UNKNOWN, "' is not understood: write entry=NAME or config=PATH")

#define WARNING_CODE(name, words) WARNING_##name,
enum warning { WARNINGS(WARNING_CODE) };

extern const unsigned char packed_warnings[];

#endif
