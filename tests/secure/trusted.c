#include "trusted.h"

#include "secure.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

char *secure_folder;

static const struct ovmf secure_ovmf = {
    .code = (char *)"/usr/share/OVMF/OVMF_CODE_4M.secboot.fd",
    .vars = (char *)"/usr/share/OVMF/OVMF_VARS_4M.fd",
    .code_format = (char *)"raw",
    .vars_format = (char *)"raw",
};

char *secure_path(const char *name)
{
    return string_format("%s/%s", secure_folder, name);
}

void secure_write(const char *name, const void *bytes, size_t size)
{
    struct message message = {0};
    AUTO_STRING path = secure_path(name);
    ck_assert_msg(file_write(path, bytes, size, &message), "%s", message_text(&message));
}

void secure_write_text(const char *name, const char *text)
{
    secure_write(name, text, strlen(text));
}

static void run_tool(const char *const *words, const char *output)
{
    const char *argv[160] = {BATON_BUILD_DIR "/baton", "secure"};
    size_t count = 2;
    for (; words[count - 2] != NULL; count++) {
        argv[count] = words[count - 2];
    }
    argv[count] = NULL;
    if (chdir(secure_folder) != 0 || freopen(output, "wb", stdout) == NULL ||
        dup2(STDOUT_FILENO, STDERR_FILENO) < 0) {
        _exit(126);
    }
    execv(argv[0], (char *const *)argv);
    _exit(127);
}

int secure_tool(const char *const *words, char **out_said)
{
    struct message message = {0};
    struct bytes said = {0};
    int status = 0;
    AUTO_STRING output = secure_path("said");
    fflush(NULL);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        run_tool(words, output);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(file_read(output, &message, &said));
    if (out_said != NULL) {
        *out_said = string_copy(bytes_text(&said));
    }
    bytes_free(&said);
    message_free(&message);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void secure_tool_well(const char *const *words)
{
    char *said = NULL;
    int status = secure_tool(words, &said);
    ck_assert_msg(status == 0, "%s: status %d: %s", words[0], status, said);
    free(said);
}

void secure_seal_root(const char *output, const char *const *words)
{
    const char *argv[24] = {"seal", "--keys", "keys", "--root", "root", "-o", output};
    for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
        argv[7 + i] = words[i];
    }
    secure_tool_well(argv);
}

static void add_member(struct bytes *archive, const char *name)
{
    struct message message = {0};
    struct bytes file = {0};
    AUTO_STRING below = string_format("root/%s", name);
    AUTO_STRING path = secure_path(below);
    ck_assert_msg(
        file_read(path, &message, &file) &&
            secure_archive_add(archive, name, (struct text){file.data, file.size}, &message),
        "%s", message_text(&message));
    bytes_free(&file);
}

void secure_seal_by_hand(const char *output, const char *const *names)
{
    struct message message = {0};
    struct bytes archive = {0};
    struct bytes loader = {0};
    struct bytes sealed = {0};
    AUTO_STRING path = boot_built("BOOTX64.EFI");
    add_member(&archive, "loader.cfg");
    for (; *names != NULL; names++) {
        add_member(&archive, *names);
    }
    secure_archive_end(&archive);
    ck_assert_msg(file_read(path, &message, &loader) &&
                      secure_pe_seal((struct text){loader.data, loader.size},
                                     (struct text){archive.data, archive.size}, &message, &sealed),
                  "%s", message_text(&message));
    secure_write("by-hand.unsigned", sealed.data, sealed.size);
    secure_sign("by-hand.unsigned", output);
    bytes_free(&archive);
    bytes_free(&loader);
    bytes_free(&sealed);
}

static void put_on_partition(const struct disk_file *file)
{
    struct message message = {0};
    AUTO_STRING below = string_format("partition%s", file->path);
    AUTO_STRING path = secure_path(below);
    AUTO_STRING folder = string_format("%.*s", (int)(strrchr(path, '/') - path), path);
    const char *const argv[] = {"mkdir", "-p", folder, NULL};
    ck_assert_msg(program_run(argv, &message) &&
                      (file->host != NULL ? file_copy(file->host, path, &message)
                                          : file_write(path, file->data, file->size, &message)),
                  "%s", message_text(&message));
}

void secure_predict(const char *loader, const struct boot_files *files, int status,
                    const char *says)
{
    static const char *const check[] = {"check", "partition", "--keys", "keys", NULL};
    char *said = NULL;
    AUTO_STRING partition = secure_path("partition");
    AUTO_STRING host = loader == NULL ? boot_built("BOOTX64.EFI") : secure_path(loader);
    folder_remove(partition);
    put_on_partition(&(struct disk_file){.path = "/EFI/BOOT/BOOTX64.EFI", .host = host});
    for (size_t i = 0; i < files->count; i++) {
        put_on_partition(&files->files[i]);
    }
    int got = secure_tool(check, &said);
    ck_assert_msg(got == status && strstr(said, says) != NULL, "status %d, no '%s' in: %s", got,
                  says, said);
    free(said);
}

struct watch {
    const struct secure_boot *boot;
    struct bytes seen;
};

static bool watch_output(void *context, const char *text, size_t size)
{
    struct watch *watch = context;
    bytes_add(&watch->seen, text, size);
    for (size_t i = 0; i < 4 && watch->boot->until[i] != NULL; i++) {
        if (strstr(bytes_text(&watch->seen), watch->boot->until[i]) != NULL) {
            return false;
        }
    }
    return true;
}

/* Each boot has variables of its own: the firmware writes to them. */
static char *fresh_vars(const struct secure_boot *boot)
{
    struct message message = {0};
    char *vars = secure_path("vars.now");
    AUTO_STRING from = boot->no_secure_boot ? string_copy(secure_ovmf.vars)
                                            : secure_path(boot->vars == NULL ? "vars" : boot->vars);
    ck_assert_msg(file_copy(from, vars, &message), "%s", message_text(&message));
    return vars;
}

void secure_boot(const struct secure_boot *boot, const struct boot_files *files,
                 struct machine_run *out_run)
{
    static struct boot_files all;
    const char *extra[24] = {"-global", "driver=cfi.pflash01,property=secure,value=on"};
    struct watch watch = {boot, {0}};
    all.count = 0;
    AUTO_STRING loader =
        boot->loader == NULL ? boot_built("BOOTX64.EFI") : secure_path(boot->loader);
    AUTO_STRING vars = fresh_vars(boot);
    boot_add(&all, (struct disk_file){.path = "/EFI/BOOT/BOOTX64.EFI", .host = loader});
    for (size_t i = 0; files != NULL && i < files->count; i++) {
        boot_add(&all, files->files[i]);
    }
    for (size_t i = 0; boot->extra != NULL && boot->extra[i] != NULL; i++) {
        extra[2 + i] = boot->extra[i];
    }
    struct machine machine = {
        .ovmf = &secure_ovmf,
        .machine_type = "q35,smm=on",
        .vars = vars,
        .extra = extra,
        .typing = boot->typing,
        .output = watch_output,
        .context = &watch,
    };
    boot_run(&all, machine, out_run);
    bytes_free(&watch.seen);
}

static void enrol(void)
{
    static struct boot_files files;
    static const struct machine_typing typing[] = {{"changes nothing: ", "yes\r"}, {NULL, NULL}};
    static const char *const names[] = {"PK.auth", "KEK.auth", "db.auth"};
    struct secure_boot boot = {.loader = "ENROLL.EFI",
                               .no_secure_boot = true,
                               .typing = typing,
                               .until = {"Secure Boot is on", "error 0x", "nothing was changed"}};
    struct machine_run run;
    struct message message = {0};
    AUTO_STRING program = boot_built("ENROLL.EFI");
    AUTO_STRING copy = secure_path("ENROLL.EFI");
    ck_assert(file_copy(program, copy, &message));
    files.count = 0;
    for (size_t i = 0; i < 3; i++) {
        AUTO_STRING key = string_format("keys/%s", names[i]);
        boot_add(&files, (struct disk_file){.path = string_format("/EFI/BOOT/%s", names[i]),
                                            .host = secure_path(key)});
    }
    secure_boot(&boot, &files, &run);
    boot_expect(&run, MACHINE_STOPPED);
    boot_expect_text(&run, "Secure Boot is on");
    AUTO_STRING now = secure_path("vars.now");
    AUTO_STRING kept = secure_path("vars");
    ck_assert_msg(rename(now, kept) == 0, "%s", now);
    machine_run_free(&run);
}

void secure_begin(void)
{
    struct message message = {0};
    static const char *const keys[] = {"keys", "keys", NULL};
    ck_assert_msg(folder_make_temporary(&message, &secure_folder), "%s", message_text(&message));
    AUTO_STRING root = secure_path("root");
    AUTO_STRING boot = secure_path("root/boot");
    ck_assert(mkdir(root, 0755) == 0 && mkdir(boot, 0755) == 0);
    secure_tool_well(keys);
    enrol();
}

void secure_end(void)
{
    folder_remove(secure_folder);
    free(secure_folder);
}

void secure_sign(const char *from, const char *to)
{
    struct message message = {0};
    AUTO_STRING key = secure_path("keys/db.key");
    AUTO_STRING certificate = secure_path("keys/db.crt");
    AUTO_STRING input = secure_path(from);
    AUTO_STRING output = secure_path(to);
    const char *const argv[] = {"sbsign",   "--key", key,   "--cert", certificate,
                                "--output", output,  input, NULL};
    ck_assert_msg(program_run(argv, &message), "%s", message_text(&message));
    message_free(&message);
}

void secure_put(struct boot_files *disk, const char *path, const char *name)
{
    static char *kept[32]; /* until the process ends */
    static size_t count;
    ck_assert_uint_lt(count, sizeof(kept) / sizeof(kept[0]));
    kept[count] = secure_path(name);
    boot_add(disk, (struct disk_file){.path = path, .host = kept[count++]});
}

void secure_copy(const char *from, const char *name)
{
    struct message message = {0};
    AUTO_STRING to = secure_path(name);
    ck_assert_msg(file_copy(from, to, &message), "%s", message_text(&message));
}

void secure_expect_denied(const struct machine_run *run)
{
    boot_expect(run, MACHINE_STOPPED);
    boot_expect_text(run, "Access Denied");
    boot_expect_no_text(run, "Baton 0.");
    boot_expect_no_text(run, "config     ");
}
