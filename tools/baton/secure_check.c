/* What a machine would make of a loader: its signature, its archive, the files that it pins. */
#include "secure.h"

#include "core/base/path.h"
#include "core/trust/archive.h"
#include "vm/files.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct check {
    const struct secure_options *options;
    const char *root; /* of the EFI system partition; NULL: a file was named, not a folder */
    struct text archive;
    struct config *config;
    struct bytes seen; /* a line for each file that entries name */
    bool good;
};

__attribute__((format(printf, 3, 4))) static void say(struct check *check, bool good,
                                                      const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs(good ? "good  " : "BAD   ", stdout);
    vprintf(format, arguments);
    putchar('\n');
    va_end(arguments);
    check->good &= good;
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static void check_signature(struct check *check, const char *path, struct text file)
{
    struct message message = {0};
    if (!secure_pe_is_signed(file)) {
        say(check, false, "%s is not signed: with Secure Boot on, the firmware refuses it", path);
        return;
    }
    if (check->options->keys == NULL) {
        say(check, true, "%s is signed (by whom: --keys FOLDER compares)", path);
        return;
    }
    AUTO_STRING certificate = string_format("%s/db.crt", check->options->keys);
    const char *const argv[] = {"sbverify", "--cert", certificate, path, NULL};
    bool verified = program_run(argv, &message);
    say(check, verified,
        verified ? "%s is signed with the key of db.crt"
                 : "%s is not signed with the key of db.crt, or was changed afterwards",
        path);
    message_free(&message);
}

static bool same_digest(const struct config_pin *pin, struct text bytes)
{
    char digits[65];
    secure_digest(bytes, digits);
    return text_equal_any_case(text_of(digits), pin->digits);
}

/* path: with slashes, as on this machine. */
static void check_outside(struct check *check, const char *path, const struct config_pin *pin)
{
    struct message message = {0};
    struct bytes file = {0};
    if (check->root == NULL) {
        say(check, true, "%s is pinned (name the partition's folder to compare the file)", path);
        return;
    }
    AUTO_STRING host = string_format("%s%s", check->root, path);
    if (!file_exists(host)) {
        say(check, false, "%s is pinned, but is not there: copy it to %s", path, host);
    } else if (!file_read(host, &message, &file)) {
        say(check, false, "%s is pinned, but cannot be read", path);
    } else if (!same_digest(pin, (struct text){bytes_text(&file), file.size})) {
        say(check, false, "%s is not what its pin says: PIN_MISMATCH", path);
    } else {
        say(check, true, "%s is what its pin says", path);
    }
    message_free(&message);
    bytes_free(&file);
}

static bool check_file(void *context, const char *canonical)
{
    struct check *check = context;
    const struct text wanted = text_of(canonical);
    const struct config_pin *pin = config_find_pin(check->config, &wanted);
    AUTO_STRING path = secure_host_path("", canonical);
    AUTO_STRING line = string_format("\n%s\n", path);
    struct text bytes;
    if (strstr(bytes_text(&check->seen), line) != NULL) {
        return true;
    }
    bytes_add(&check->seen, line, strlen(line));
    if (archive_find(check->archive, &wanted, &bytes)) {
        say(check, bytes.size > 0, "%s is sealed", path);
    } else if (pin != NULL) {
        check_outside(check, path, pin);
    } else {
        say(check, false, "%s is neither sealed nor pinned: NOT_TRUSTED", path);
    }
    return true;
}

static void check_archive(struct check *check, const char *path)
{
    struct message message = {0};
    struct secure_config parsed = {.config = NULL};
    struct text config;
    if (check->archive.size == 0) {
        say(check, false, "%s is not sealed: NOT_SEALED", path);
        return;
    }
    if (!archive_is_sound(check->archive) ||
        !archive_find(check->archive, &TEXT("/loader.cfg"), &config)) {
        say(check, false, "%s has a damaged archive: SEAL_DAMAGED", path);
        return;
    }
    if (secure_config_parse(config, "sealed loader.cfg", &message, &parsed)) {
        check->config = parsed.config;
        (void)secure_config_each_file(parsed.config, check_file, check);
    } else {
        say(check, false, "the sealed loader.cfg:\n%s", message_text(&message));
    }
    secure_config_free(&parsed);
    message_free(&message);
}

static void mention_config_on_disk(const struct check *check)
{
    static const char *const places[] = {"loader.cfg", "boot/loader.cfg", "EFI/BOOT/loader.cfg"};
    for (size_t i = 0; check->root != NULL && i < sizeof(places) / sizeof(places[0]); i++) {
        AUTO_STRING path = string_format("%s/%s", check->root, places[i]);
        if (file_exists(path)) {
            printf("note  %s is not read by a sealed loader\n", path);
        }
    }
}

bool secure_check(const struct secure_options *options, struct message *message, bool *out_good)
{
    const char *operand = options->operands[0];
    struct check check = {.options = options, .good = true};
    struct bytes file = {0};
    AUTO_STRING path = is_folder(operand) ? string_format("%s/" SECURE_LOADER_PATH, operand)
                                          : string_copy(operand);
    check.root = is_folder(operand) ? operand : options->root;
    if (!file_read(path, message, &file)) {
        return false;
    }
    struct text bytes = {bytes_text(&file), file.size};
    check_signature(&check, path, bytes);
    if (!secure_pe_archive(bytes, &check.archive)) {
        say(&check, false, "%s is no loader, or a damaged one", path);
    } else {
        check_archive(&check, path);
        mention_config_on_disk(&check);
    }
    bytes_free(&file);
    bytes_free(&check.seen);
    *out_good = check.good;
    return true;
}
