#include "event_log.h"

#include <string.h>

/* The first event has the form of TCG 1.2: its number, its type, a SHA-1 digest, its data. */
enum {
    FIRST_DATA_SIZE = 28,
    FIRST_DATA = 32,
    ALGORITHM_COUNT = FIRST_DATA + 24, /* in the Spec ID event */
    ALGORITHMS = FIRST_DATA + 28,      /* a number and the size of a digest, 2 bytes each */
    ALGORITHM_SIZE = 4,
    ALGORITHMS_MAX = 16,
    DIGEST_COUNT = 8, /* in the other events */
    DIGESTS = 12,
};

static uint64_t number_at(struct text log, uint64_t offset, size_t size)
{
    uint64_t value = 0;
    memcpy(&value, log.bytes + offset, size);
    return value;
}

static bool holds(struct text log, uint64_t offset, uint64_t size)
{
    return offset <= log.size && size <= log.size - offset;
}

/* Bytes of a digest of that algorithm; 0: the log does not describe it. */
static uint64_t digest_size(struct text log, uint64_t algorithm)
{
    uint64_t count = number_at(log, ALGORITHM_COUNT, 4);
    for (uint64_t i = 0; i < count; i++) {
        if (number_at(log, ALGORITHMS + i * ALGORITHM_SIZE, 2) == algorithm) {
            return number_at(log, ALGORITHMS + i * ALGORITHM_SIZE + 2, 2);
        }
    }
    return 0;
}

static bool describes_itself(struct text log)
{
    const struct text signature = {"Spec ID Event03", sizeof("Spec ID Event03")};
    return holds(log, 0, ALGORITHMS) &&
           memcmp(log.bytes + FIRST_DATA, signature.bytes, signature.size) == 0 &&
           number_at(log, ALGORITHM_COUNT, 4) <= ALGORITHMS_MAX &&
           holds(log, ALGORITHMS, number_at(log, ALGORITHM_COUNT, 4) * ALGORITHM_SIZE);
}

/* The end of an event's data, whose size stands at the offset. */
static uint64_t end_of_data(struct text log, uint64_t offset)
{
    uint64_t end = offset + 4 + number_at(log, offset, 4);
    return end <= log.size ? end : 0;
}

uint64_t event_log_size(struct text log, uint64_t last)
{
    if (!describes_itself(log)) {
        return 0;
    }
    if (last == 0) {
        return end_of_data(log, FIRST_DATA_SIZE);
    }
    if (!holds(log, last, DIGESTS)) {
        return 0;
    }
    uint64_t count = number_at(log, last + DIGEST_COUNT, 4);
    uint64_t at = last + DIGESTS;
    for (; count > 0; count--) {
        uint64_t size = holds(log, at, 2) ? digest_size(log, number_at(log, at, 2)) : 0;
        if (size == 0) {
            return 0;
        }
        at += 2 + size;
    }
    return holds(log, at, 4) ? end_of_data(log, at) : 0;
}
