#include "run_secure.h"

#include "data.h"
#include "report.h"
#include "secure.h"
#include "vm/files.h"
#include "vm/tpm.h"

#include <stdlib.h>
#include <string.h>

enum { ENROL_TIMEOUT_S = 120 };

#define ENROLLED "Secure Boot is on"

static const struct {
    const char *program;
    const char *package; /* Debian's */
} needs[] = {
    {"openssl", "openssl"},
    {"sbsign", "sbsigntool"},
    {"sbverify", "sbsigntool"},
    {"cert-to-efi-sig-list", "efitools"},
    {"sign-efi-sig-list", "efitools"},
    {"swtpm", "swtpm"},
};

static bool programs_are_there(struct message *message)
{
    bool good = true;
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        AUTO_STRING found = program_find(needs[i].program);
        if (found == NULL) {
            good = message_add(message, "--secure needs %s: apt-get install %s (Debian, Ubuntu)",
                               needs[i].program, needs[i].package);
        }
    }
    return good || message_add(message, "On other systems 'baton doctor' names the packages.");
}

/* The folders on the way to a file below the root. */
static bool make_folders(char *path, size_t root_length, struct message *message)
{
    for (char *at = path + root_length + 1; *at != '\0'; at++) {
        if (*at != '/') {
            continue;
        }
        *at = '\0';
        bool good = folder_exists(path) || folder_make(path, message);
        *at = '/';
        if (!good) {
            return false;
        }
    }
    return true;
}

/* What seal takes: a folder that looks like the disk. */
static bool make_root(const struct project *project, const char *root, struct message *message)
{
    AUTO_STRING config = string_format("%s/loader.cfg", root);
    if (!folder_make(root, message) || !file_write(config, bytes_text(&project->config_text),
                                                   project->config_text.size, message)) {
        return false;
    }
    for (size_t i = 0; i < project->count; i++) {
        const struct project_file *file = &project->files[i];
        AUTO_STRING path = string_format("%s%s", root, file->path);
        if (!make_folders(path, strlen(root), message) || !file_copy(file->host, path, message)) {
            return false;
        }
    }
    return true;
}

static bool make_disk(struct job *job, const char *keys, struct run_secure *secure)
{
    struct message *message = &job->message;
    AUTO_STRING loader = data_find("BOOTX64.EFI", message);
    AUTO_STRING root = string_format("%s/root", job->folder);
    AUTO_STRING sealed = string_format("%s/sealed.efi", job->folder);
    const struct secure_options options = {
        .keys = keys, .root = root, .loader = loader, .output = sealed};
    const struct disk_file file = {.path = "/" SECURE_LOADER_PATH, .host = sealed};
    secure->disk = string_format("%s/disk", job->folder);
    return loader != NULL && make_root(&job->project, root, message) &&
           secure_seal(&options, message) && disk_make(secure->disk, &file, 1, message);
}

static bool until_enrolled(void *context, const char *text, size_t size)
{
    struct bytes *seen = context;
    bytes_add(seen, text, size);
    return strstr(bytes_text(seen), ENROLLED) == NULL;
}

static bool make_enrolment_disk(const char *keys, const char *disk, struct message *message)
{
    AUTO_STRING program = data_find("ENROLL.EFI", message);
    AUTO_STRING platform_key = string_format("%s/PK.auth", keys);
    AUTO_STRING exchange_key = string_format("%s/KEK.auth", keys);
    AUTO_STRING database = string_format("%s/db.auth", keys);
    const struct disk_file files[] = {
        {.path = "/EFI/BOOT/BOOTX64.EFI", .host = program},
        {.path = "/EFI/BOOT/PK.auth", .host = platform_key},
        {.path = "/EFI/BOOT/KEK.auth", .host = exchange_key},
        {.path = "/EFI/BOOT/db.auth", .host = database},
    };
    return program != NULL && disk_make(disk, files, sizeof(files) / sizeof(files[0]), message);
}

/* As the owner of a machine would: ENROLL.EFI in Setup Mode, and "yes". */
static bool enrol(struct job *job, const char *keys, const struct machine *like)
{
    static const struct machine_typing yes[] = {{"changes nothing: ", "yes\r"}, {NULL, NULL}};
    struct bytes seen = {0};
    struct machine_run run;
    AUTO_STRING disk = string_format("%s/enrolment", job->folder);
    const char *const extra[] = {like->extra[0], like->extra[1], NULL};
    const struct machine machine = {
        .ovmf = like->ovmf,
        .disk = disk,
        .vars = like->vars,
        .machine_type = like->machine_type,
        .timeout_s = ENROL_TIMEOUT_S,
        .extra = extra,
        .typing = yes,
        .output = until_enrolled,
        .interrupted = like->interrupted,
        .context = &seen,
    };
    if (!make_enrolment_disk(keys, disk, &job->message)) {
        return false;
    }
    machine_boot(&machine, &run);
    bool good = strstr(bytes_text(&seen), ENROLLED) != NULL;
    if (!good && run.outcome != MACHINE_INTERRUPTED) {
        message_add(&job->message, "the keys were not enrolled: %s; the machine wrote:\n%s%s",
                    machine_outcome_words(run.outcome), bytes_text(&seen),
                    message_text(&run.message));
    }
    machine_run_free(&run);
    bytes_free(&seen);
    return good;
}

/* The firmware's flash is for SMM alone; then the TPM; then the user's own. */
static void set_machine(const struct job *job, struct run_secure *secure)
{
    const char *const ours[] = {"-global",  "driver=cfi.pflash01,property=secure,value=on",
                                "-chardev", secure->tpm,
                                "-tpmdev",  "emulator,id=tpm0,chardev=tpm",
                                "-device",  "tpm-tis,tpmdev=tpm0"};
    const char *const *rest = job->options.machine.extra;
    size_t count = sizeof(ours) / sizeof(ours[0]);
    size_t more = 0;
    while (rest != NULL && rest[more] != NULL) {
        more++;
    }
    secure->extra = calloc(count + more + 1, sizeof(secure->extra[0]));
    if (secure->extra == NULL) {
        abort();
    }
    memcpy(secure->extra, ours, sizeof(ours));
    for (size_t i = 0; i < more; i++) {
        secure->extra[count + i] = rest[i];
    }
    secure->machine = job->options.machine;
    secure->machine.ovmf = &secure->ovmf;
    secure->machine.disk = secure->disk;
    secure->machine.vars = secure->vars;
    secure->machine.machine_type = "q35,smm=on";
    secure->machine.extra = secure->extra;
}

bool run_secure_begin(struct job *job, const volatile sig_atomic_t *interrupted,
                      struct run_secure *secure)
{
    struct message *message = &job->message;
    AUTO_STRING keys = string_format("%s/keys", job->folder);
    AUTO_STRING tpm = string_format("%s/tpm", job->folder);
    const struct secure_options made = {.operands = {keys}, .operand_count = 1};
    if (!programs_are_there(message) || !ovmf_find_secure(message, &secure->ovmf)) {
        return false;
    }
    report_note("baton run: making keys, and enrolling them in the firmware ...");
    if (!secure_keys(&made, message) || !make_disk(job, keys, secure)) {
        return false;
    }
    secure->vars = string_format("%s/vars", job->folder);
    secure->tpm = tpm_chardev(tpm);
    set_machine(job, secure);
    secure->machine.interrupted = interrupted;
    return enrol(job, keys, &secure->machine) && folder_make(tpm, message) &&
           tpm_start(tpm, message, &secure->swtpm);
}

void run_secure_end(struct run_secure *secure)
{
    tpm_stop(secure->swtpm);
    ovmf_free(&secure->ovmf);
    string_free(&secure->vars);
    string_free(&secure->disk);
    string_free(&secure->tpm);
    free(secure->extra);
}
