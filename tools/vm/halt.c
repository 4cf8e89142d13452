#include "halt.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FLAG_INTERRUPTS 0x200u /* RFLAGS.IF */

/* How many looks in a row must have seen the same as the first. */
enum { SAME_DEAF = 1, SAME_WAITING = 2 };

/* What "info registers -a" says of all CPUs together. */
struct cpus {
    unsigned count;
    unsigned running; /* have not executed hlt */
    bool interrupts;  /* on at one of them */
    uint64_t address; /* the next instruction of the last one that runs */
};

/* "RIP=0000000000100223 RFL=00000012 [----A--] CPL=0 II=0 A20=1 SMM=0 HLT=1": EIP and EFL in
 * 32-bit code. Appends to state what can be compared. */
static bool read_cpu(const char **text, struct cpus *cpus, struct bytes *state)
{
    const char *ip = strstr(*text, "IP=");
    const char *flags = ip == NULL ? NULL : strstr(ip, "FL=");
    const char *hlt = flags == NULL ? NULL : strstr(flags, "HLT=");
    if (hlt == NULL) {
        return false;
    }
    uint64_t address = strtoull(ip + strlen("IP="), NULL, 16);
    uint64_t bits = strtoull(flags + strlen("FL="), NULL, 16);
    bool halted = hlt[strlen("HLT=")] == '1';
    *text = hlt;
    cpus->count++;
    if (!halted && cpus->count > 1 && ip[-1] == 'E' && (bits & FLAG_INTERRUPTS) == 0) {
        return true; /* where the firmware parks the other CPUs: a loop in 32-bit code */
    }
    AUTO_STRING words = string_format("%" PRIx64 " %" PRIx64 " %d\n", address, bits, halted);
    bytes_add(state, words, strlen(words));
    cpus->running += !halted;
    cpus->interrupts = cpus->interrupts || (bits & FLAG_INTERRUPTS) != 0;
    cpus->address = halted ? cpus->address : address;
    return true;
}

/* What the monitor answers; nobody needs to know why it does not. */
static bool ask(struct control *control, const char *command, struct bytes *out_answer)
{
    struct message ignored = {0};
    bool good = control_monitor(control, command, &ignored, out_answer);
    message_free(&ignored);
    return good;
}

/* "jmp ." is EB FE; with a pause before it the jump goes to that. */
static bool jumps_to_itself(struct control *control, uint64_t address)
{
    struct bytes answer = {0};
    AUTO_STRING command = string_format("x /4xb 0x%" PRIx64, address);
    bool good = ask(control, command, &answer) &&
                (strstr(bytes_text(&answer), ": 0xeb 0xfe") != NULL ||
                 strstr(bytes_text(&answer), ": 0xf3 0x90 0xeb 0xfc") != NULL);
    bytes_free(&answer);
    return good;
}

/* Every line of text that has the mark has the word as well; there is one at least. */
static bool all_lines_have(const char *text, const char *mark, const char *word)
{
    unsigned count = 0;
    for (const char *line = strstr(text, mark); line != NULL; line = strstr(line + 1, mark)) {
        const char *end = line + 1 + strcspn(line + 1, "\n");
        const char *found = strstr(line, word);
        if (found == NULL || found >= end) {
            return false;
        }
        count++;
    }
    return count > 0;
}

/* The two 8259s, the pins of the I/O APIC, the timer of each local APIC. */
static bool all_is_masked(struct control *control, unsigned cpus)
{
    struct bytes answer = {0};
    bool masked = ask(control, "info pic", &answer) &&
                  all_lines_have(bytes_text(&answer), "  pin ", "masked") &&
                  all_lines_have(bytes_text(&answer), "\npic0:", " imr=ff ") &&
                  all_lines_have(bytes_text(&answer), "\npic1:", " imr=ff ");
    bytes_free(&answer);
    for (unsigned i = 0; i < cpus && masked; i++) {
        AUTO_STRING command = string_format("info lapic %u", i);
        masked = ask(control, command, &answer) &&
                 all_lines_have(bytes_text(&answer), "LVTT\t", "masked");
        bytes_free(&answer);
    }
    return masked;
}

static void remember(struct halt *halt, const struct bytes *state)
{
    bool same = halt->state != NULL && strcmp(halt->state, bytes_text(state)) == 0;
    halt->same = same ? halt->same + 1 : 0;
    string_free(&halt->state);
    halt->state = string_copy(bytes_text(state));
}

static enum machine_halt judge(const struct halt *halt, const struct cpus *cpus,
                               struct control *control)
{
    if (cpus->count == 0 || halt->same < SAME_DEAF) {
        return HALT_NONE;
    }
    if (!cpus->interrupts && cpus->running == 0) {
        return HALT_DEAF;
    }
    if (!cpus->interrupts && cpus->running == 1 && jumps_to_itself(control, cpus->address)) {
        return HALT_LOOP;
    }
    bool asleep = cpus->running == 0 && halt->same >= SAME_WAITING;
    return asleep && all_is_masked(control, cpus->count) ? HALT_WAITING : HALT_NONE;
}

enum machine_halt halt_look(struct halt *halt, struct control *control, struct bytes *out_registers)
{
    struct bytes registers = {0};
    struct bytes state = {0};
    struct cpus cpus = {0};
    enum machine_halt answer = HALT_NONE;
    if (ask(control, "info registers -a", &registers)) {
        const char *text = bytes_text(&registers);
        while (read_cpu(&text, &cpus, &state)) {
        }
        remember(halt, &state);
        answer = judge(halt, &cpus, control);
    }
    if (answer != HALT_NONE) {
        bytes_add(out_registers, bytes_text(&registers), registers.size);
    }
    bytes_free(&registers);
    bytes_free(&state);
    return answer;
}

void halt_free(struct halt *halt)
{
    string_free(&halt->state);
}
