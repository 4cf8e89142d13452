/* Keys and revocations. openssl, cert-to-efi-sig-list, hash-to-efi-sig-list and
 * sign-efi-sig-list do the cryptography. */
#include "secure.h"

#include "vm/files.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define OWNER \
    "2c3b1e70-6a5c-4d0f-9d1b-7e5f0a8c4e21" /* of the entries in db and KEK: marks them as ours */
#define DAYS "7300"

enum { LATER_S = 3600 };

static char *in_folder(const char *folder, const char *name, const char *ending)
{
    return string_format("%s/%s%s", folder, name, ending);
}

static bool make_key(const char *folder, const char *name, struct message *message)
{
    AUTO_STRING key = in_folder(folder, name, ".key");
    AUTO_STRING certificate = in_folder(folder, name, ".crt");
    AUTO_STRING subject = string_format("/CN=Baton %s of this machine's owner/", name);
    const char *const argv[] = {"openssl", "req",     "-new",  "-x509",     "-newkey", "rsa:2048",
                                "-nodes",  "-sha256", "-days", DAYS,        "-subj",   subject,
                                "-keyout", key,       "-out",  certificate, NULL};
    return program_run(argv, message) &&
           (chmod(key, 0600) == 0 || message_add(message, "%s: %s", key, strerror(errno)));
}

static bool make_list(const char *folder, const char *name, struct message *message)
{
    AUTO_STRING certificate = in_folder(folder, name, ".crt");
    AUTO_STRING list = in_folder(folder, name, ".esl");
    const char *const argv[] = {"cert-to-efi-sig-list", "-g", OWNER, certificate, list, NULL};
    return program_run(argv, message);
}

/* A signed change of the variable: append adds to what is there. */
struct change {
    const char *signer; /* of the keys */
    const char *variable;
    const char *list; /* file without its ending; NULL: nothing, which deletes the variable */
    const char *output;
    bool append;
    bool later; /* than any change that is made now */
};

/* Firmware takes a change only where its time, in seconds, is after that of the change before. */
static char *time_of(const struct change *change)
{
    char text[sizeof("2000-01-01 00:00:00")];
    time_t now = time(NULL) + (change->later ? LATER_S : 0);
    struct tm broken_down;
    gmtime_r(&now, &broken_down);
    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &broken_down);
    return string_copy(text);
}

static bool sign_change(const char *folder, const struct change *change, struct message *message)
{
    AUTO_STRING key = in_folder(folder, change->signer, ".key");
    AUTO_STRING certificate = in_folder(folder, change->signer, ".crt");
    AUTO_STRING list =
        change->list == NULL ? string_copy("/dev/null") : in_folder(folder, change->list, ".esl");
    AUTO_STRING output = change->output[0] == '/' || strchr(change->output, '/') != NULL
                             ? string_copy(change->output)
                             : in_folder(folder, change->output, ".auth");
    AUTO_STRING when = time_of(change);
    const char *argv[14] = {"sign-efi-sig-list", "-t", when, "-g", OWNER};
    int count = 5;
    if (change->append) {
        argv[count++] = "-a";
    }
    const char *const rest[] = {"-k", key, "-c", certificate, change->variable, list, output};
    memcpy(argv + count, rest, sizeof(rest));
    return program_run(argv, message);
}

static bool make_platform_keys(const char *folder, struct message *message)
{
    static const char *const names[] = {"PK", "KEK", "db"};
    static const struct change changes[] = {
        {"PK", "PK", "PK", "PK", false, false},
        {"PK", "KEK", "KEK", "KEK", true, false},
        {"KEK", "db", "db", "db", true, false},
        {"PK", "PK", NULL, "noPK", false, true},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!make_key(folder, names[i], message) || !make_list(folder, names[i], message)) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        if (!sign_change(folder, &changes[i], message)) {
            return false;
        }
    }
    return true;
}

/* What mokutil takes. seal finds its key as db, as with a machine's own keys. */
static bool make_machine_owner_key(const char *folder, struct message *message)
{
    AUTO_STRING certificate = in_folder(folder, "db", ".crt");
    AUTO_STRING output = in_folder(folder, "MOK", ".der");
    const char *const argv[] = {"openssl", "x509", "-in",  certificate, "-outform",
                                "DER",     "-out", output, NULL};
    return make_key(folder, "db", message) && program_run(argv, message) &&
           make_list(folder, "db", message);
}

bool secure_keys(const struct secure_options *options, struct message *message)
{
    const char *folder = options->operands[0];
    if (mkdir(folder, 0700) != 0) {
        return message_add(
            message,
            errno == EEXIST ? "%s is there already: keys are never overwritten. Name another folder"
                            : "%s: the folder cannot be made",
            folder);
    }
    return options->mok ? make_machine_owner_key(folder, message)
                        : make_platform_keys(folder, message);
}

bool secure_revoke(const struct secure_options *options, struct message *message)
{
    const char *output = options->output == NULL ? "dbx.auth" : options->output;
    AUTO_STRING absolute =
        strchr(output, '/') == NULL ? string_format("./%s", output) : string_copy(output);
    AUTO_STRING list = in_folder(options->keys, "dbx", ".esl");
    const char *const argv[] = {"hash-to-efi-sig-list", options->operands[0], list, NULL};
    const struct change change = {"KEK", "dbx", "dbx", absolute, true, false};
    return program_run(argv, message) && sign_change(options->keys, &change, message);
}
