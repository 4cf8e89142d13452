/* Linked into the unit tests by tools/mutate with --wrap=waitpid: Check runs each test in a process
 * and waits for it here. The first test that fails ends the program: what the others would find
 * makes no difference. Status 152, as a shell has it, where the test took too much of the CPU. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t __real_waitpid(pid_t pid, int *status, int options);
pid_t __wrap_waitpid(pid_t pid, int *status, int options);

pid_t __wrap_waitpid(pid_t pid, int *status, int options)
{
    pid_t ended = __real_waitpid(pid, status, options);
    if (ended > 0 && WIFSIGNALED(*status)) {
        _exit(WTERMSIG(*status) == SIGXCPU ? 128 + SIGXCPU : 1);
    }
    if (ended > 0 && WIFEXITED(*status) && WEXITSTATUS(*status) != 0) {
        _exit(1);
    }
    return ended;
}
