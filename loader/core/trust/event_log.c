#include "core/trust/event_log.h"

#include "core/base/bytes.h"

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

static bool holds(struct text log, uint64_t offset, uint64_t size)
{
    return offset <= log.size && size <= log.size - offset;
}

/* Bytes of a digest of that algorithm; 0: the log does not describe it. */
static uint64_t digest_size(struct text log, uint32_t algorithm)
{
    const char *known = log.bytes + ALGORITHMS;
    for (uint32_t left = word_at(log.bytes + ALGORITHM_COUNT); left > 0; left--) {
        if (half_at(known) == algorithm) {
            return half_at(known + 2);
        }
        known += ALGORITHM_SIZE;
    }
    return 0;
}

static bool describes_itself(struct text log)
{
    const char signature[] = "Spec ID Event03"; /* with its NUL */
    if (!holds(log, 0, ALGORITHMS) ||
        memcmp(log.bytes + FIRST_DATA, signature, sizeof(signature)) != 0) {
        return false;
    }
    uint64_t count = word_at(log.bytes + ALGORITHM_COUNT);
    return count <= ALGORITHMS_MAX && holds(log, ALGORITHMS, count * ALGORITHM_SIZE);
}

/* The end of an event's data, whose size stands at the offset. */
static uint64_t end_of_data(struct text log, uint64_t offset)
{
    uint64_t end = offset + 4 + word_at(log.bytes + offset);
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
    uint64_t count = word_at(log.bytes + last + DIGEST_COUNT);
    uint64_t at = last + DIGESTS;
    for (; count > 0; count--) {
        uint64_t size = holds(log, at, 2) ? digest_size(log, half_at(log.bytes + at)) : 0;
        if (size == 0) {
            return 0;
        }
        at += 2 + size;
    }
    return holds(log, at, 4) ? end_of_data(log, at) : 0;
}
