/* Secure Boot and the TPM, as chaos.efi plays them: variables, EFI_TCG2_PROTOCOL, its log. */
#include "cases.h"

/* The same, in firmware with Secure Boot, with a TPM. */
#define SWEEP_SECURE(flags_, call_, status_, folder_, least, ...)  \
    {                                                              \
        .plan = {.name = #call_ " " #status_ " " #folder_ #flags_, \
                 .folder = FOLDER_##folder_,                       \
                 .flags = CHAOS_SWEEP | CHAOS_TPM | (flags_),      \
                 .call = CHAOS_##call_,                            \
                 .status = FIRMWARE_##status_},                    \
        .failed_calls = (least), .texts = {__VA_ARGS__},           \
    }

#define LOCKED CHAOS_SECURE_BOOT

#define NOT_SEALED     "baton: error: Secure Boot is on, but this signed loader is not sealed"
#define MEASURE_FAILED "baton: error: the TPM does not record this boot ("

/* What the firmware says of the TPM's log; the boot is measured all the same. */
#define ODD_LOG(name_, odd_, value)                                               \
    {                                                                             \
        .plan = {.name = name_,                                                   \
                 .folder = FOLDER_REQUIRED,                                       \
                 .flags = LOCKED | CHAOS_TPM,                                     \
                 .odd = (odd_),                                                   \
                 .odd_value = (value)},                                           \
        .texts = {"measured, the TPM answers EFI_COMPROMISED_DATA", REACHED_END}, \
    }

const struct session_case trust_cases[] = {
    {.plan = {.name = "SecureBoot cannot be read",
              .flags = CHAOS_FOR_GOOD,
              .call = CHAOS_GET_VARIABLE,
              .from = 1,
              .status = FIRMWARE_DEVICE_ERROR},
     .texts = {NOT_SEALED, GAVE_UP}},
    {.plan = {.name = "SecureBoot has no bytes", .odd = CHAOS_ODD_SECURE_BOOT, .odd_value = 0},
     .texts = {NOT_SEALED, GAVE_UP}},
    {.plan = {.name = "SecureBoot has two bytes",
              .odd = CHAOS_ODD_SECURE_BOOT,
              .odd_value = 2 * 256},
     .texts = {NOT_SEALED, GAVE_UP}},
    {.plan = {.name = "SecureBoot is 2", .odd = CHAOS_ODD_SECURE_BOOT, .odd_value = 256 + 2},
     .texts = {NOT_SEALED, GAVE_UP}},
    {.plan = {.name = "SecureBoot is 0", .odd = CHAOS_ODD_SECURE_BOOT, .odd_value = 256},
     .texts = {REACHED_END}},
    SWEEP_WITH(" in setup mode", CHAOS_SETUP_MODE, GET_VARIABLE, DEVICE_ERROR, RAW, 2),
    {.plan = {.name = "Secure Boot, sealed", .folder = FOLDER_SEALED, .flags = LOCKED | CHAOS_TPM},
     .texts = {"pinned", "security   Secure Boot on, sealed, verified, measured\n", REACHED_END}},
    {.plan = {.name = "a pinned file is swapped between two Reads",
              .folder = FOLDER_SEALED,
              .flags = LOCKED | CHAOS_SWAPPED,
              .odd_file = 1},
     .texts = {"Secure Boot on, sealed, verified", REACHED_END}},
    {.plan = {.name = "a pinned file is swapped between short Reads",
              .folder = FOLDER_SEALED,
              .flags = LOCKED | CHAOS_SWAPPED,
              .odd_file = 1,
              .read_most = 4089},
     .texts = {"Secure Boot on, sealed, verified", REACHED_END}},
    {.plan = {.name = "a pinned file grew",
              .folder = FOLDER_SEALED,
              .flags = LOCKED,
              .odd_file = 1,
              .size_added = -UINT64_C(1)},
     .texts = {"/boot/small.bin: error: the file has more than the 39999 bytes", GAVE_UP}},
    {.plan = {.name = "a pinned file shrank",
              .folder = FOLDER_SEALED,
              .flags = LOCKED,
              .odd_file = 1,
              .size_added = 1},
     .texts = {"/boot/small.bin: error: the file ends at byte 40000", GAVE_UP}},
    SWEEP_SECURE(LOCKED, GET_VARIABLE, DEVICE_ERROR, SEALED, 1, "unreadable, taken as on, sealed",
                 REACHED_END),
    SWEEP_SECURE(LOCKED, GET_VARIABLE, NOT_FOUND, SEALED, 1, "Secure Boot off, sealed",
                 REACHED_END),
    SWEEP_SECURE(LOCKED, READ, DEVICE_ERROR, SEALED, 1, GAVE_UP, REACHED_END),
    SWEEP_SECURE(LOCKED, ALLOCATE_PAGES, OUT_OF_RESOURCES, SEALED, 7, GAVE_UP, REACHED_END),
    SWEEP_SECURE(LOCKED, LOCATE_PROTOCOL, NOT_FOUND, SEALED, 2, ", not measured", REACHED_END),
    SWEEP_SECURE(LOCKED, TPM_CAPABILITY, DEVICE_ERROR, SEALED, 2,
                 ", not measured, the TPM answers EFI_DEVICE_ERROR", REACHED_END),
    SWEEP_SECURE(LOCKED, TPM_EXTEND, DEVICE_ERROR, SEALED, 4,
                 ", not measured, the TPM answers EFI_DEVICE_ERROR", REACHED_END),
    SWEEP_SECURE(LOCKED | CHAOS_FOR_GOOD, TPM_EXTEND, UNSUPPORTED, SEALED, 4,
                 ", not measured, the TPM answers EFI_UNSUPPORTED", REACHED_END),
    SWEEP_SECURE(LOCKED, TPM_EXTEND, VOLUME_FULL, REQUIRED, 4, ", measured\n", REACHED_END),
    SWEEP_SECURE(LOCKED, TPM_LOG, DEVICE_ERROR, REQUIRED, 1,
                 ", measured, the TPM answers EFI_DEVICE_ERROR", REACHED_END),
    SWEEP_SECURE(LOCKED, TPM_CAPABILITY, DEVICE_ERROR, REQUIRED, 2,
                 MEASURE_FAILED "EFI_DEVICE_ERROR)", GAVE_UP, REACHED_END),
    SWEEP_SECURE(LOCKED, LOCATE_PROTOCOL, NOT_FOUND, REQUIRED, 2, MEASURE_FAILED "EFI_UNSUPPORTED)",
                 GAVE_UP, REACHED_END),
    SWEEP_SECURE(LOCKED, TPM_EXTEND, OUT_OF_RESOURCES, REQUIRED, 4,
                 MEASURE_FAILED "EFI_OUT_OF_RESOURCES)", GAVE_UP, REACHED_END),
    SWEEP_SECURE(0, TPM_CAPABILITY, INVALID_PARAMETER, MEASURED, 2, ", not measured", REACHED_END),
    SWEEP_SECURE(0, TPM_EXTEND, DEVICE_ERROR, MEASURED, 6, ", not measured", REACHED_END),
    SWEEP_SECURE(0, TPM_LOG, DEVICE_ERROR, RAW, 1, "the TPM answers EFI_DEVICE_ERROR", REACHED_END),
    {.plan = {.name = "a TPM's protocol, and no TPM",
              .folder = FOLDER_REQUIRED,
              .flags = LOCKED | CHAOS_TPM,
              .odd = CHAOS_ODD_TPM_ABSENT},
     .texts = {MEASURE_FAILED "EFI_UNSUPPORTED)", GAVE_UP}},
    ODD_LOG("an event log nowhere", CHAOS_ODD_LOG, NOWHERE),
    ODD_LOG("an event log at no address", CHAOS_ODD_LOG, NO_ADDRESS),
    ODD_LOG("an event log that ends before it begins", CHAOS_ODD_LOG_END, 0x1000),
    ODD_LOG("an event log that ends nowhere", CHAOS_ODD_LOG_END, NOWHERE),
    ODD_LOG("final events nowhere", CHAOS_ODD_FINAL, NOWHERE),
    ODD_LOG("final events at no address", CHAOS_ODD_FINAL, NO_ADDRESS),
};

const size_t trust_case_count = sizeof(trust_cases) / sizeof(trust_cases[0]);
