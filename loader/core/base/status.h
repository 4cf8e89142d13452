/* Every failure has a name, a sentence and an advice: STATUS_LIST is the only place for them.
 * docs/errors.md has a section for each; a test compares the two. */
#ifndef BATON_STATUS_H
#define BATON_STATUS_H

#include "core/base/writer.h"

#include <stdint.h>

/* Placeholders, filled from struct failure: {found} {hint} {next} {firmware} {occupants};
 * {0} to {3} are numbers: {0} decimal, {0:x} hexadecimal, {0:s} a size in bytes;
 * {guess} is "; did you mean 'GUESS'?" where there is one, else nothing. */
#define STATUS_LIST(X)                                                                            \
    X(CONFIG_NOT_FOUND, "no loader.cfg found; tried {found}",                                     \
      "Put loader.cfg beside the loader's own file, or into one of these places.")                \
    X(CONFIG_TOO_LARGE, "the file has {0:s}; a loader.cfg has at most {1:s}",                     \
      "Is this really a loader.cfg?")                                                             \
    X(CONFIG_UTF16, "the file is UTF-16; expected UTF-8",                                         \
      "Save it again as UTF-8 (in Notepad: Save as, Encoding, UTF-8).")                           \
    X(CONFIG_BAD_BYTE, "byte {0:x} is no part of UTF-8 text",                                     \
      "Remove it if it is a control character, else save the file as UTF-8.")                     \
    X(CONFIG_LONE_CR, "a carriage return without a line feed", "End lines with LF or CR LF.")     \
    X(CONFIG_LINE_TOO_LONG, "the line has {0} bytes; at most {1} are allowed", "Shorten it.")     \
    X(CONFIG_EXPECTED_EQUALS, "expected 'key = value' or '[entry NAME]', found '{found}'",        \
      "Comments start with # or ; on a line of their own.")                                       \
    X(CONFIG_EMPTY_KEY, "expected a key before '='", "Write 'key = value'.")                      \
    X(CONFIG_EMPTY_VALUE, "expected a value for '{found}'",                                       \
      "Give it a value, or remove the line to have the default.")                                 \
    X(CONFIG_UNKNOWN_KEY, "unknown key '{found}'{guess}", "docs/config.md lists the keys.")       \
    X(CONFIG_DUPLICATE_KEY, "'{found}' was already given in line {0}",                            \
      "Keep one of the two lines.")                                                               \
    X(CONFIG_GLOBAL_KEY, "'{found}' is for the whole file and stands before the first '[entry]'", \
      "Move the line to the top of the file.")                                                    \
    X(CONFIG_BAD_SECTION, "expected '[entry NAME]', found '{found}'",                             \
      "A NAME has 1 to 64 letters, digits, '.', '_' and '-'. Comments stand on their own line.")  \
    X(CONFIG_DUPLICATE_ENTRY, "entry '{found}' already begins in line {0}",                       \
      "Give each entry a name of its own.")                                                       \
    X(CONFIG_TOO_MANY_ENTRIES, "more than {0} entries", "Remove some.")                           \
    X(CONFIG_BAD_NUMBER, "expected {hint}, found '{found}'",                                      \
      "Numbers: 1048576, 0x100000, 1_048_576, 64K, 1M, 1G. Comments stand on their own line.")    \
    X(CONFIG_OVERFLOW, "'{found}' is too large: it does not fit in 64 bits", "Use less.")         \
    X(CONFIG_OUT_OF_RANGE, "'{found}' is out of range; expected {hint}",                          \
      "docs/config.md gives the range of each key.")                                              \
    X(CONFIG_BAD_WORD, "expected {hint}, found '{found}'{guess}",                                 \
      "docs/config.md lists the values of each key. Comments stand on their own line.")           \
    X(CONFIG_BAD_PATH, "'{found}' is not a usable path: {hint}",                                  \
      "Paths start at the root of the loader's volume: /boot/kernel.bin")                         \
    X(CONFIG_NO_KERNEL, "no 'kernel =' in {found}", "Add a line such as: kernel = /boot/k.bin")   \
    X(CONFIG_NO_SUCH_ENTRY, "{hint} names entry '{found}', but there is no such entry{guess}",    \
      "Name one of the file's '[entry NAME]' sections. Comments stand on their own line.")        \
    X(CONFIG_FALLBACK_CYCLE, "the fallback of entry '{hint}' leads back to it",                   \
      "Let one of them have no fallback.")                                                        \
    X(CONFIG_PIN_UNUSED, "no 'kernel =' or 'module =' names '{found}', or an earlier pin does",   \
      "Correct the path, or remove the line.")                                                    \
    X(CONFIG_ABI_TOO_NEW, "the kernel needs BootInfo {0}.{1}; this loader has {2}.{3}",           \
      "Use a newer loader, or lower 'abi =' if the kernel can live with less.")                   \
    X(NOT_SEALED, "Secure Boot is on, but this signed loader is not sealed: it boots nothing",    \
      "Seal it with 'baton secure seal', or switch Secure Boot off.")                             \
    X(SEAL_DAMAGED, "the archive in this loader, its section .baton, is damaged",                 \
      "Seal it again: 'baton secure seal'.")                                                      \
    X(NOT_TRUSTED, "Secure Boot is on, and this file is neither sealed nor pinned",               \
      "Seal it, or pin it in the sealed loader.cfg: docs/security.md says how.")                  \
    X(PIN_MISMATCH, "its SHA-256 is {hint}; line {0} of loader.cfg says {next}",                  \
      "The file was changed afterwards: seal again, or put the old file back.")                   \
    X(MEASURE_FAILED,                                                                             \
      "the TPM does not record this boot ({firmware}), which 'measure = required' asks for",      \
      "Is the TPM switched on? Without one, 'measure = yes' boots all the same.")                 \
    X(VOLUME_NOT_FOUND,                                                                           \
      "the loader was started from something that has no file system ({firmware})",               \
      "Start it from an EFI system partition; network boot is not supported yet.")                \
    X(FILE_NOT_FOUND, "no such file ({firmware})",                                                \
      "Check the path, and that it is on the volume the loader came from.{hint}")                 \
    X(ADAPTER_NOT_FOUND, "no such file ({firmware}); it is the adapter of this entry",            \
      "Copy it there: docs/adapters.md says where adapters are.")                                 \
    X(FILE_OPEN_FAILED, "the file cannot be opened ({firmware})",                                 \
      "Check the volume for damage.{hint}")                                                       \
    X(FILE_IS_DIRECTORY, "this is a directory; expected a file", "Name the file in it.")          \
    X(FILE_EMPTY, "the file is empty", "Was it copied completely?")                               \
    X(FILE_TOO_LARGE, "the file has {0:s}; at most {1:s} can be loaded", "Is it the right file?") \
    X(FILE_READ_FAILED, "reading failed at byte {0} of {1} ({firmware})",                         \
      "Check the volume for damage.")                                                             \
    X(FILE_SHORT, "the file ends at byte {0}; the firmware said it has {1}",                      \
      "Check the volume for damage.")                                                             \
    X(FILE_GREW, "the file has more than the {0} bytes the firmware named",                       \
      "Something writes to the volume while it is being read.")                                   \
    X(FILE_READ_LIED, "the firmware claims {0} bytes read where {1} were asked for",              \
      "This is a firmware bug: try another volume.")                                              \
    X(IMAGE_NOT_RAW,                                                                              \
      "this is {hint}; expected a raw image (the first byte is the entry) or an ELF64 file for "  \
      "{found}, or one of them compressed with gzip",                                             \
      "{next}")                                                                                   \
    X(IMAGE_FOREIGN, "this is {hint}", "{next}")                                                  \
    X(IMAGE_LIMINE,                                                                               \
      "this is a kernel of the Limine protocol, base revision {0}: it waits for answers that an " \
      "adapter gives",                                                                            \
      "Add 'adapter = limine' to loader.cfg: docs/adapters.md.")                                  \
    X(IMAGE_NOT_COMPRESSED, "this is {hint}; 'compression = {found}' expects another format",     \
      "Correct or remove the 'compression =' line.")                                              \
    X(IMAGE_CORRUPT, "the compressed data is damaged at byte {0} of {1}: {hint}",                 \
      "Compress it again and copy it again.")                                                     \
    X(IMAGE_CHECKSUM, "CRC-32 of the inflated image is {0:x}; the file says {1:x}",               \
      "Compress it again and copy it again.")                                                     \
    X(IMAGE_LENGTH, "the image inflates to {hint}{0} bytes; the file says {1}",                   \
      "Compress it again and copy it again.")                                                     \
    X(IMAGE_TRUNCATED, "the compressed data ends at byte {0}, before its end mark",               \
      "Was it copied completely?")                                                                \
    X(IMAGE_EMPTY, "the image inflates to 0 bytes", "Was the right file compressed?")             \
    X(IMAGE_BOMB, "the file claims to inflate to {0:s}, which {1} compressed bytes cannot hold",  \
      "Compress it again and copy it again.")                                                     \
    X(IMAGE_TRAILING_BYTES, "{0} bytes follow the compressed data",                               \
      "Remove them: gunzip and gzip again.")                                                      \
    X(IMAGE_SIZE_UNKNOWN, "a zlib stream does not say how large it gets",                         \
      "Add 'memory = BYTES' to loader.cfg, or use gzip.")                                         \
    X(IMAGE_OVER_CAP, "the image inflates to more than the {0:s} reserved for it",                \
      "Raise 'memory =' in loader.cfg.")                                                          \
    X(MODULE_NOT_GZIP, "this is no gzip file, which 'module-gz' would inflate",                   \
      "Write 'module =' to load the file as it is.")                                              \
    X(IMAGE_MEMORY_TOO_SMALL, "the image needs {0:s} of memory, but {hint} gives it {1:s}",       \
      "Raise the value, or remove it.")                                                           \
    X(ELF_HEADER, "its ELF header has {hint} {0}; expected {found}{1}",                           \
      "Link the kernel again: docs/abi.md says how.")                                             \
    X(ELF_SEGMENT, "its program header {0} {hint}: {1:x}, {2:x}",                                 \
      "'readelf -lW' shows them; check the kernel's linker script.")                              \
    X(ELF_ENTRY,                                                                                  \
      "its entry {0:x} is in no executable segment, neither by virtual nor by physical "          \
      "addresses",                                                                                \
      "Check the ENTRY of the kernel's linker script.")                                           \
    X(ELF_DYNAMIC, "it is linked dynamically: it has {hint}",                                     \
      "Link it with -static or -static-pie.")                                                     \
    X(ELF_NO_DYNAMIC,                                                                             \
      "it is position-independent, but has no PT_DYNAMIC that leads to its relocations",          \
      "Add a PT_DYNAMIC to the linker script's PHDRS, or link with -no-pie.")                     \
    X(ELF_RELOCATION,                                                                             \
      "its relocation for {0:x} has type {1}; expected {2} ({hint}), within the image",           \
      "Link it with -static or -static-pie.")                                                     \
    X(ELF_TOO_LOW, "its program header {0} is to be loaded at {1:x}, below {2:s}",                \
      "Use {2:x} or above; not -Ttext, but -Ttext-segment (GNU ld) or --image-base (ld.lld).")    \
    X(ELF_VIRTUAL, "its virtual address {0:x} is neither physical, {1:x}, nor {2:x} or above",    \
      "Link the kernel for one of them.")                                                         \
    X(ELF_CONFLICT, "its ELF header says {hint} {0:x}, but {found} says {1:x}",                   \
      "Make them agree, or remove the second.")                                                   \
    X(ELF_ALIGNMENT,                                                                              \
      "address {0:x} is no multiple of its p_align {1:x} away from {2:x}, where it is linked",    \
      "The next one that is: address = {3:x}")                                                    \
    X(HEADER_MISPLACED,                                                                           \
      "its kernel header lies at {0:x} of the image; it must end within the first {1} bytes",     \
      "Let the linker script begin with .bootinfo.header as abi/kernel.ld does.")                 \
    X(HEADER_BAD_SIZE, "its kernel header has {0} bytes; expected at least {1}",                  \
      "Build the kernel with this loader's abi/bootinfo.h.")                                      \
    X(HEADER_WRONG_ABI, "its kernel header asks for BootInfo {0}.{1}; this loader has {2}.{3}",   \
      "Build the kernel with this loader's abi/bootinfo.h, or use a newer loader.")               \
    X(HEADER_UNKNOWN_FLAGS, "its kernel header sets the unknown flags {0:x}",                     \
      "Use a newer loader.")                                                                      \
    X(HEADER_ADDRESS_CONFLICT, "its kernel header asks for address {0:x}, loader.cfg for {1:x}",  \
      "Remove 'address =' from loader.cfg, or link the kernel for that address.")                 \
    X(HEADER_STACK_CONFLICT,                                                                      \
      "its kernel header asks for a stack of {0:s}, loader.cfg gives {1:s}",                      \
      "Raise 'stack =' in loader.cfg, or remove it.")                                             \
    X(HEADER_DIRECT_MAP_CONFLICT,                                                                 \
      "its kernel header asks for a direct map at {0:x}, loader.cfg for one at {1:x}",            \
      "Remove 'direct_map =' from loader.cfg.")                                                   \
    X(DIRECT_MAP_BAD,                                                                             \
      "a direct map cannot be at {0:x}; expected a multiple of 1 GiB from {1:x} up",              \
      "Change 'direct_map =' or the kernel header: docs/abi.md says more.")                       \
    X(DIRECT_MAP_OVERLAP,                                                                         \
      "the direct map, {0:x}-{1:x}, meets the kernel at {2:x}-{3:x}, or the last address",        \
      "Change 'direct_map =' or the kernel header: docs/abi.md says more.")                       \
    X(HEADER_BAD_ENTRY, "its entry {0:x} is outside of the image at {1:x}-{2:x}",                 \
      "Check the kernel's linker script.")                                                        \
    X(HEADER_BAD_STACK, "its kernel header asks for a stack of {0:s}; at most {1:s}",             \
      "Ask for less.")                                                                            \
    X(ADDRESS_UNALIGNED,                                                                          \
      "address {0:x} is not a multiple of 4 KiB; the next ones are {1:x} and {2:x}",              \
      "Change 'address =' and the address the kernel is linked for.")                             \
    X(ADDRESS_TOO_LOW, "address {0:x} is below {1:s}", "Load the kernel at {1:x} or above.")      \
    X(ADDRESS_TOO_HIGH, "{0:s} at {1:x} end above the highest address that can be mapped, {2:x}", \
      "Load the kernel at a lower address.")                                                      \
    X(ADDRESS_OCCUPIED, "{0:x}-{1:x} is not free:{occupants}",                                    \
      "The lowest place with enough room is address = {2:x}; link the kernel for it.")            \
    X(ADDRESS_NO_ROOM, "{0:x}-{1:x} is not free:{occupants}",                                     \
      "No other place has {3:s} free in one piece either.")                                       \
    X(MEMORY_EXHAUSTED,                                                                           \
      "the firmware has no {0:s} of memory in one piece for {hint} ({firmware})",                 \
      "The machine has too little memory for all that is to be loaded.")                          \
    X(MEMORY_LOW_EXHAUSTED,                                                                       \
      "the firmware has no {0:s} of memory in one piece below 4 GiB for {hint} ({firmware})",     \
      "Without 'low = yes', here or in the kernel header, it may lie above.")                     \
    X(MEMORY_FRAGMENTED, "memory is in more than {0} pieces around the kernel's place",           \
      "Load the kernel at another address.")                                                      \
    X(MEMORY_ENCRYPTED, "the machine's memory is encrypted by {hint}, which is not supported",    \
      "Start the machine without it: the kernel would read nothing but noise.")                   \
    X(MAP_FAILED, "the firmware gives no memory map ({firmware})", "This is a firmware bug.")     \
    X(MAP_BAD_STRIDE,                                                                             \
      "the firmware's memory descriptors are {0} bytes apart; expected 40 to 1024 in steps of 8", \
      "This is a firmware bug.")                                                                  \
    X(MAP_KEEPS_GROWING, "the firmware's memory map does not stop growing: it has {0:s} now",     \
      "This is a firmware bug.")                                                                  \
    X(TRIES_SPENT, "entry '{found}' was started {0} times and never said that it came up",        \
      "Choose it in the menu to start it all the same.")                                          \
    X(TRIES_NOT_COUNTED, "the firmware does not store the tries of entry '{found}' ({firmware})", \
      "Is there room for variables? docs/menu.md says what to do.")                               \
    X(EXIT_REFUSED, "the firmware refused ExitBootServices in try {0} of {1} ({firmware})",       \
      "The machine restarts. If it happens again, it is a firmware bug.")                         \
    X(EXIT_MAP_GREW, "the memory map grew to {0:s} after the exit began; {1:s} were reserved",    \
      "The machine restarts. If it happens again, it is a firmware bug.")                         \
    X(EXIT_TABLES_GREW, "page tables grew to {0:s} after the exit began; {1:s} were reserved",    \
      "The machine restarts. If it happens again, it is a firmware bug.")                         \
    X(EXIT_MAP_FAILED, "the firmware gave no memory map after the exit began ({firmware})",       \
      "The machine restarts. If it happens again, it is a firmware bug.")

enum status {
    STATUS_OK,
#define STATUS_ENUM(name, sentence, advice) STATUS_##name,
    STATUS_LIST(STATUS_ENUM)
#undef STATUS_ENUM
        STATUS_COUNT
};

#define MUST_CHECK __attribute__((warn_unused_result))

/* For a call whose failure changes nothing, as a comment beside it says. */
#define IGNORE(call) ((void)!(call))

/* Passes a failure up. */
#define TRY(expression)                        \
    do {                                       \
        enum status try_status = (expression); \
        if (try_status != STATUS_OK) {         \
            return try_status;                 \
        }                                      \
    } while (0)

/* What the firmware answered: EFI_STATUS without its error bit (UEFI 2.10 appendix D). */
enum firmware {
    FIRMWARE_OK = 0,
    FIRMWARE_LOAD_ERROR = 1,
    FIRMWARE_INVALID_PARAMETER = 2,
    FIRMWARE_UNSUPPORTED = 3,
    FIRMWARE_BAD_BUFFER_SIZE = 4,
    FIRMWARE_BUFFER_TOO_SMALL = 5,
    FIRMWARE_NOT_READY = 6,
    FIRMWARE_DEVICE_ERROR = 7,
    FIRMWARE_WRITE_PROTECTED = 8,
    FIRMWARE_OUT_OF_RESOURCES = 9,
    FIRMWARE_VOLUME_CORRUPTED = 10,
    FIRMWARE_VOLUME_FULL = 11,
    FIRMWARE_NO_MEDIA = 12,
    FIRMWARE_MEDIA_CHANGED = 13,
    FIRMWARE_NOT_FOUND = 14,
    FIRMWARE_ACCESS_DENIED = 15,
    FIRMWARE_NO_RESPONSE = 16,
    FIRMWARE_NO_MAPPING = 17,
    FIRMWARE_TIMEOUT = 18,
    FIRMWARE_NOT_STARTED = 19,
    FIRMWARE_ALREADY_STARTED = 20,
    FIRMWARE_ABORTED = 21,
    FIRMWARE_SECURITY_VIOLATION = 26,
    FIRMWARE_CRC_ERROR = 27,
    FIRMWARE_END_OF_MEDIA = 28,
    FIRMWARE_END_OF_FILE = 31,
    FIRMWARE_COMPROMISED_DATA = 33,
    FIRMWARE_UNNAMED = 0x7FFFFFFF, /* an error whose code is 0 or does not fit here */
};

/* A stretch of memory that is in the kernel's way. */
struct occupant {
    uint64_t base;
    uint64_t size; /* bytes */
    uint32_t type; /* BOOTINFO_MEMORY_*, or OCCUPANT_NOTHING */
};

#define OCCUPANT_NOTHING UINT32_MAX /* no memory there at all */
#define OCCUPANTS_MAX    8

#define SENTENCE_ROOM 512 /* bytes of the longest sentence or advice, and a 0 */

/* The sentence and the advice of each status (core/base/packed.h). */
extern const unsigned char packed_sentences[];

/* A status and its facts. The texts belong to the code that filled them in and must live as long as
 * the failure. */
struct failure {
    enum status status;
    enum firmware firmware; /* the firmware's answer, for a {firmware} */
    uint32_t line;          /* in path, from 1; 0: about the whole file */
    uint32_t column;        /* in characters, from 1 */
    uint32_t width;         /* of what is wrong, in characters */
    struct text source;     /* the line itself, without its end */
    struct text path;       /* the file; empty: about no file */
    struct text subject;    /* another file, which that line names; empty: no such file */
    struct text found;
    struct text hint;  /* for write_phrase, like next */
    struct text next;  /* what to do, where that depends on hint */
    struct text guess; /* what may have been meant by found; empty: nothing comes near */
    uint64_t number[4];
    struct occupant occupants[OCCUPANTS_MAX];
    uint32_t occupant_count; /* all there are: only the first OCCUPANTS_MAX are kept */
};

/* "return fail_with(failure, STATUS_X);": the other facts are filled in before. */
static inline enum status fail_with(struct failure *failure, enum status status)
{
    failure->status = status;
    return status;
}

/* The same, with the first two numbers of the sentence. */
static inline enum status fail_numbers(struct failure *failure, enum status status, uint64_t first,
                                       uint64_t second)
{
    failure->number[0] = first;
    failure->number[1] = second;
    return fail_with(failure, status);
}

/* The same, with {hint}: a phrase. */
static inline enum status fail_hint(struct failure *failure, enum status status, const char *phrase)
{
    failure->hint = text_of(phrase);
    return fail_with(failure, status);
}

/* "CONFIG_NOT_FOUND" and the like; "OK" for STATUS_OK. */
const char *status_name(enum status status); /* status_name.c */
/* The names of enum firmware, "EFI_NOT_FOUND" and the like; NULL: it has no name for it. */
const char *firmware_name(enum firmware firmware); /* status_name.c */
/* That name, or "EFI status 0x2a". */
void write_firmware(struct writer *writer, enum firmware firmware);

/* The whole message, lines ended by LF; nothing for STATUS_OK. Without a line the sentence follows
 * the path alone, without a path it follows "baton". {firmware} is "EFI status 0x2a" for what has
 * no name. A source line above 100 characters is cut to those around the column.
 *   loader.cfg:12:1: error: unknown key 'kernal'; did you mean 'kernel'?
 *      12 | kernal = /boot/k.bin
 *         | ^~~~~~
 *         docs/config.md lists the keys. */
void failure_write(struct writer *writer, const struct failure *failure);

#endif
