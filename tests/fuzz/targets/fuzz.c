#include "fuzz.h"

#define MESSAGE_MAX 16384

uint64_t choose(struct choices *choices, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size && choices->left > 0; i++) {
        value |= (uint64_t)*choices->next++ << (8 * i);
        choices->left--;
    }
    return value;
}

size_t choose_below(struct choices *choices, size_t count)
{
    return choose(choices, 1) % count;
}

uint64_t choose_number(struct choices *choices)
{
    size_t kind = choose_below(choices, 8);
    unsigned shift = (unsigned)choose_below(choices, 64);
    uint64_t power = UINT64_C(1) << shift;
    switch (kind) {
    case 0:
        return power;
    case 1:
        return power - 1;
    case 2:
        return power + choose(choices, 2);
    case 3:
        return UINT64_MAX - power;
    case 4:
        return UINT64_MAX - choose(choices, 2);
    case 5:
        return choose(choices, 3) * 4096;
    case 6:
        return choose(choices, 8);
    default:
        return 0;
    }
}

struct text choose_rest(struct choices *choices)
{
    struct text rest = {(const char *)choices->next, choices->left};
    choices->left = 0;
    return rest;
}

void *untouched(size_t size)
{
    void *bytes = malloc(size);
    CHECK(bytes != NULL);
    memset(bytes, UNTOUCHED, size);
    return bytes;
}

bool is_untouched(const void *bytes, size_t size)
{
    const uint8_t *byte = bytes;
    return size == 0 || (byte[0] == UNTOUCHED && memcmp(byte, byte + 1, size - 1) == 0);
}

bool is_within(struct text inner, struct text outer)
{
    uintptr_t start = (uintptr_t)inner.bytes;
    uintptr_t first = (uintptr_t)outer.bytes;
    return start >= first && start - first <= outer.size &&
           inner.size <= outer.size - (start - first);
}

bool is_clean(struct text text)
{
    while (text.size > 0) {
        uint32_t character;
        size_t size = text_decode(text, &character);
        if (size == 0 || character_is_control(character)) {
            return false;
        }
        text = text_after(text, size);
    }
    return true;
}

static void check_lines(struct text message)
{
    CHECK(message.bytes[message.size - 1] == '\n');
    for (struct text rest = message; rest.size > 0;) {
        const char *end = memchr(rest.bytes, '\n', rest.size);
        struct text line = {rest.bytes, (size_t)(end - rest.bytes)};
        CHECK(line.size > 0);
        CHECK(is_clean(line));
        rest = (struct text){end + 1, rest.size - line.size - 1};
    }
}

void check_message(const struct failure *failure)
{
    CHECK(failure->status > STATUS_OK && failure->status < STATUS_COUNT);
    static char whole[MESSAGE_MAX];
    struct writer writer = writer_on(whole, MESSAGE_MAX);
    failure_write(&writer, failure);
    CHECK(writer.used > 0 && writer.used < MESSAGE_MAX - 1);
    CHECK(whole[writer.used] == '\0');
    check_lines(writer_text(&writer));

    size_t capacity = 1 + writer.used / 2;
    char *half = malloc(capacity);
    struct writer short_writer = writer_on(half, capacity);
    failure_write(&short_writer, failure);
    CHECK(short_writer.used == capacity - 1 && half[capacity - 1] == '\0');
    CHECK(memcmp(whole, half, capacity - 1) == 0);
    free(half);
}
