/* Installing: the new loader is written beside the old one, compared, and renamed over it; the
 * old one stays as BOOTX64.OLD.EFI. */
#include "secure.h"

#include "vm/files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool make_folder(const char *esp, const char *name, struct message *message)
{
    AUTO_STRING path = string_format("%s/%s", esp, name);
    return mkdir(path, 0755) == 0 || errno == EEXIST ||
           message_add(message, "%s: %s", path, strerror(errno));
}

static bool replace(const char *from, const char *to, struct message *message)
{
    return rename(from, to) == 0 ||
           message_add(message, "%s cannot be renamed to %s: %s", from, to, strerror(errno));
}

static bool copy_beside(const char *from, const char *to, struct message *message)
{
    if (!file_copy(from, to, message)) {
        return false;
    }
    sync();
    return file_equal(from, to) || message_add(message, "%s was not written as it should be", to);
}

/* The old one is kept under its second name before the first is taken: one of the two is whole
 * at any time. */
static bool put_loader(const char *file, const char *esp, struct message *message)
{
    AUTO_STRING path = string_format("%s/" SECURE_LOADER_PATH, esp);
    AUTO_STRING previous = string_format("%s/" SECURE_PREVIOUS_PATH, esp);
    AUTO_STRING fresh = string_format("%s.NEW", path);
    AUTO_STRING kept = string_format("%s.NEW", previous);
    if (!copy_beside(file, fresh, message)) {
        return false;
    }
    if (file_exists(path) && !file_equal(path, file) &&
        !(copy_beside(path, kept, message) && replace(kept, previous, message))) {
        return false;
    }
    return replace(fresh, path, message);
}

/* With Secure Boot on, where it adds to dbx, the firmware starts it only if it is signed. */
static bool put_program(const struct secure_options *options, const char *esp,
                        struct message *message)
{
    AUTO_STRING to = string_format("%s/" SECURE_FOLDER "/ENROLL.EFI", esp);
    AUTO_STRING fresh = string_format("%s.NEW", to);
    return secure_sign_image(options->keys, options->loader, fresh, message) &&
           replace(fresh, to, message);
}

/* Public parts only. noPK.auth is none: whoever has it switches Secure Boot off. A folder with a
 * key for shim has none of them. */
static bool put_enrolment(const struct secure_options *options, const char *esp,
                          struct message *message)
{
    static const char *const names[] = {"PK.auth", "KEK.auth", "db.auth"};
    bool good = true;
    bool any = false;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && good; i++) {
        AUTO_STRING from = string_format("%s/%s", options->keys, names[i]);
        AUTO_STRING to = string_format("%s/" SECURE_FOLDER "/%s", esp, names[i]);
        if (file_exists(from)) {
            good =
                (any || make_folder(esp, SECURE_FOLDER, message)) && copy_beside(from, to, message);
            any = true;
        }
    }
    return good && (!any || put_program(options, esp, message));
}

bool secure_install(const struct secure_options *options, struct message *message)
{
    const char *file = options->operands[0];
    const char *esp = options->operands[1];
    struct secure_options check = *options;
    bool good = false;
    check.root = esp;
    if (!secure_check(&check, message, &good)) {
        return false;
    }
    if (!good) {
        return message_add(message, "%s would not boot from %s: nothing was installed", file, esp);
    }
    return make_folder(esp, "EFI", message) && make_folder(esp, "EFI/BOOT", message) &&
           put_loader(file, esp, message) && put_enrolment(options, esp, message);
}
