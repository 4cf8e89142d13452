#include "tpm.h"

#include "arguments.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAITS = 100, WAIT_US = 100000 };

static char *socket_of(const char *folder)
{
    return string_format("%s/socket", folder);
}

char *tpm_chardev(const char *folder)
{
    AUTO_STRING path = socket_of(folder);
    AUTO_STRING safe = comma_safe(path);
    return string_format("socket,id=tpm,path=%s", safe);
}

static void exec_swtpm(const char *folder)
{
    AUTO_STRING path = socket_of(folder);
    AUTO_STRING state = string_format("dir=%s", folder);
    AUTO_STRING control = string_format("type=unixio,path=%s", path);
    AUTO_STRING log = string_format("file=%s/log", folder);
    AUTO_STRING program = program_find("swtpm");
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    setpgid(0, 0); /* Ctrl-C is for the machine */
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    dup2(nothing, STDERR_FILENO);
    if (program != NULL) {
        execl(program, "swtpm", "socket", "--tpm2", "--terminate", "--tpmstate", state, "--ctrl",
              control, "--log", log, (char *)NULL);
    }
}

/* swtpm makes its socket once it can be used. */
static bool wait_for_socket(const char *folder, pid_t swtpm)
{
    AUTO_STRING path = socket_of(folder);
    for (int i = 0; i < WAITS && waitpid(swtpm, NULL, WNOHANG) == 0; i++) {
        if (access(path, F_OK) == 0) {
            return true;
        }
        usleep(WAIT_US);
    }
    return false;
}

bool tpm_start(const char *folder, struct message *message, pid_t *out_swtpm)
{
    struct message ignored = {0};
    struct bytes log = {0};
    AUTO_STRING path = socket_of(folder);
    if (strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
        return message_add(message, "%s is too long for a socket: set TMPDIR to a shorter path",
                           path);
    }
    pid_t swtpm = fork();
    if (swtpm == 0) {
        exec_swtpm(folder);
        _exit(127);
    }
    if (swtpm > 0 && wait_for_socket(folder, swtpm)) {
        *out_swtpm = swtpm;
        return true;
    }
    AUTO_STRING log_path = string_format("%s/log", folder);
    (void)file_read(log_path, &ignored, &log);
    message_add(message, "swtpm did not start: %s",
                log.size > 0 ? bytes_text(&log) : "it says nothing; is it installed?");
    tpm_stop(swtpm);
    bytes_free(&log);
    message_free(&ignored);
    return false;
}

void tpm_stop(pid_t swtpm)
{
    if (swtpm > 0) {
        kill(swtpm, SIGTERM);
        waitpid(swtpm, NULL, 0);
    }
}
