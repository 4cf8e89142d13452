/* Paths: the canonical form, what is refused, and the way to UCS-2 and back. */
#include "core/base/path.h"

#include "fuzz.h"

/* Can a canonical path hold this name? Written from docs/config.md. */
static bool is_name(struct text name)
{
    if (name.size == 0 || name.bytes[0] == ' ') {
        return false;
    }
    char last = name.bytes[name.size - 1];
    if (last == '.' || last == ' ') {
        return false;
    }
    for (struct text rest = name; rest.size > 0;) {
        uint32_t character;
        size_t size = text_decode(rest, &character);
        if (size == 0 || character > 0xFFFF || character_is_control(character) ||
            (character < 0x80 && strchr(":*?\"<>|/\\", (int)character) != NULL)) {
            return false;
        }
        rest = text_after(rest, size);
    }
    return text_characters(name) <= PATH_NAME_MAX;
}

/* Cuts the piece before the next separator off path; false: there was none left. */
static bool next_piece(struct text *path, bool *more, struct text *out_piece)
{
    if (!*more) {
        return false;
    }
    size_t size = 0;
    while (size < path->size && path->bytes[size] != '/' && path->bytes[size] != '\\') {
        size++;
    }
    *out_piece = (struct text){path->bytes, size};
    *more = size < path->size;
    size += *more ? 1 : 0;
    *path = text_after(*path, size);
    return true;
}

/* What path ought to become in out (of 2 * its size + 2 bytes); false: refused. */
static bool expected(struct text path, char *out)
{
    struct text piece = {"", 0};
    bool more = true;
    size_t used = 0;
    while (next_piece(&path, &more, &piece)) {
        if (piece.size == 0) {
            continue;
        }
        if (!is_name(piece)) {
            return false;
        }
        out[used++] = '\\';
        memcpy(out + used, piece.bytes, piece.size);
        used += piece.size;
    }
    out[used] = '\0';
    return used > 0 && piece.size > 0 && used < PATH_MAX_BYTES;
}

static void check_round_trip(const char *canonical)
{
    size_t size = strlen(canonical);
    uint16_t *units = malloc((size + 1) * sizeof(*units));
    char *back = malloc(size + 1);
    path_to_ucs2(canonical, units);
    path_from_ucs2(units, size + 1, back, size + 1);
    CHECK(strcmp(canonical, back) == 0);
    free(back);
    free(units);
}

static void check_sibling(const char *canonical)
{
    char *sibling = malloc(PATH_MAX_BYTES);
    char *again = malloc(PATH_MAX_BYTES);
    CHECK(path_sibling(text_of(canonical), TEXT("x"), sibling));
    CHECK(path_canonical(text_of(sibling), again) == NULL);
    CHECK(strcmp(sibling, again) == 0);
    free(again);
    free(sibling);
}

static void check_canonical(struct text path)
{
    char *canonical = malloc(PATH_MAX_BYTES);
    char *again = malloc(PATH_MAX_BYTES);
    char *wanted = malloc(2 * path.size + 2);
    const char *wrong = path_canonical(path, canonical);
    bool accepted = expected(path, wanted);
    CHECK((wrong == NULL) == accepted);
    if (accepted) {
        CHECK(strcmp(canonical, wanted) == 0);
        CHECK(path_canonical(text_of(canonical), again) == NULL);
        CHECK(strcmp(canonical, again) == 0);
        check_round_trip(canonical);
        check_sibling(canonical);
    } else {
        CHECK(wrong[0] != '\0' && is_clean(text_of(wrong)));
    }
    free(wanted);
    free(again);
    free(canonical);
}

/* Any units at all become UTF-8 that fits. */
static void check_units(struct text path)
{
    size_t count = path.size / 2;
    uint16_t *units = malloc(count * sizeof(*units) + 1);
    memcpy(units, path.bytes, count * sizeof(*units));
    for (size_t capacity = 1; capacity <= 3 * count + 1; capacity += 1 + capacity / 2) {
        char *bytes = malloc(capacity);
        path_from_ucs2(units, count, bytes, capacity);
        struct text text = text_of(bytes);
        CHECK(text.size < capacity);
        for (uint32_t character; text.size > 0;) {
            size_t size = text_decode(text, &character);
            CHECK(size > 0);
            text = text_after(text, size);
        }
        free(bytes);
    }
    free(units);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text path = {(const char *)data, size};
    check_canonical(path);
    check_units(path);
    return 0;
}
