#include "figures.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_SHIFT = 12, HEX = 16, SHOWN = 600, STATUS_DONE = 2 * EXIT_DONE + 1 };

static const char *const boot_services[SERVICE_END] = {NULL,
                                                       NULL,
                                                       NULL,
                                                       "RaiseTPL",
                                                       "RestoreTPL",
                                                       "AllocatePages",
                                                       "FreePages",
                                                       "GetMemoryMap",
                                                       "AllocatePool",
                                                       "FreePool",
                                                       "CreateEvent",
                                                       "SetTimer",
                                                       "WaitForEvent",
                                                       "SignalEvent",
                                                       "CloseEvent",
                                                       "CheckEvent",
                                                       "InstallProtocolInterface",
                                                       "ReinstallProtocolInterface",
                                                       "UninstallProtocolInterface",
                                                       "HandleProtocol",
                                                       NULL,
                                                       "RegisterProtocolNotify",
                                                       "LocateHandle",
                                                       "LocateDevicePath",
                                                       "InstallConfigurationTable",
                                                       "LoadImage",
                                                       "StartImage",
                                                       "Exit",
                                                       "UnloadImage",
                                                       "ExitBootServices",
                                                       "GetNextMonotonicCount",
                                                       "Stall",
                                                       "SetWatchdogTimer",
                                                       "ConnectController",
                                                       "DisconnectController",
                                                       "OpenProtocol",
                                                       "CloseProtocol",
                                                       "OpenProtocolInformation",
                                                       "ProtocolsPerHandle",
                                                       "LocateHandleBuffer",
                                                       "LocateProtocol",
                                                       "InstallMultipleProtocolInterfaces",
                                                       "UninstallMultipleProtocolInterfaces",
                                                       "CalculateCrc32",
                                                       "CopyMem",
                                                       "SetMem",
                                                       "CreateEventEx"};
/* As efi/services.h numbers them. */
static const char *const others[] = {
    "OpenVolume",       "File.Open",        "File.Close", "File.Read",   "File.GetInfo",
    "File.SetPosition", "File.GetPosition", "ReadBlocks", "FlushBlocks", "OutputString"};

const char *service_name(unsigned call)
{
    if (call < SERVICE_END) {
        return boot_services[call];
    }
    unsigned other = call - SERVICE_OPEN_VOLUME;
    return call >= SERVICE_OPEN_VOLUME && other < sizeof(others) / sizeof(others[0]) ? others[other]
                                                                                     : NULL;
}

/* Writes to a device that make one request of it. */
static unsigned doorbells_of(enum disk disk)
{
    static const unsigned doorbells[] = {[DISK_VIRTIO] = 3, [DISK_AHCI] = 10, [DISK_NVME] = 2};
    return doorbells[disk];
}

/* The value of the line "NAME VALUE", hexadecimal. */
static bool fact(const struct bytes *text, const char *name, uint64_t *out_value)
{
    AUTO_STRING start = string_format("%s ", name);
    const char *line = bytes_text(text);
    while (line != NULL && strncmp(line, start, strlen(start)) != 0) {
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    if (line == NULL) {
        return false;
    }
    *out_value = strtoull(line + strlen(start), NULL, HEX);
    return true;
}

struct mark {
    uint64_t instructions;
    uint64_t rep_starts;
    uint64_t rep_bytes;
    uint64_t doorbells;
};

static bool find_mark(const struct bytes *plugin, unsigned number, struct mark *out_mark)
{
    AUTO_STRING start = string_format("mark %u ", number);
    const char *line = strstr(bytes_text(plugin), start);
    return line != NULL &&
           sscanf(line + strlen(start), "%" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
                  &out_mark->instructions, &out_mark->rep_starts, &out_mark->rep_bytes,
                  &out_mark->doorbells) == 4;
}

static uint64_t count_own(const struct bytes *plugin, uint64_t base, uint64_t size)
{
    uint64_t own = 0;
    const char *line = bytes_text(plugin);
    while ((line = strstr(line, "\npage ")) != NULL) {
        uint64_t page = 0;
        uint64_t count = 0;
        line++;
        if (sscanf(line, "page %" SCNu64 " %" SCNu64, &page, &count) == 2 &&
            page << PAGE_SHIFT >= base && page << PAGE_SHIFT < base + size) {
            own += count;
        }
    }
    return own;
}

static const char *last_part(const struct bytes *text)
{
    return bytes_text(text) + (text->size > SHOWN ? text->size - SHOWN : 0);
}

static bool is_in(const struct bytes *text, const char *words)
{
    return strstr(bytes_text(text), words) != NULL;
}

/* What is wrong with the boot; NULL: the kernel ran and has found all as it should be. */
static const char *failure_of(const struct bench_case *one, const struct emulator_run *run)
{
    uint64_t held = 0;
    if (!is_in(&run->debug, "payload ok") || is_in(&run->debug, "BAD")) {
        return "the kernel did not find its payload and modules as they should be";
    }
    if (one->peer == PEER_OURS && !fact(&run->debug, "held", &held)) {
        return "the kernel got no BootInfo";
    }
    if (run->status != STATUS_DONE) {
        return "the kernel did not come to its end";
    }
    if (!is_in(&run->plugin, "\nrestless ")) {
        return "the plugin did not count to the kernel's first instruction";
    }
    return is_in(&run->plugin, "\nrestless 0\n") ? NULL
                                                 : "QEMU did not come to rest after a request to "
                                                   "the disk: the figures would not repeat";
}

static bool judge(const struct bench_case *one, const struct emulator_run *run,
                  struct figures *out_figures)
{
    const char *failure = failure_of(one, run);
    out_figures->good = failure == NULL;
    if (failure != NULL) {
        snprintf(out_figures->reason, sizeof(out_figures->reason),
                 "%s. QEMU's status %d; debug console: %s\nserial port: %s\nQEMU: %s", failure,
                 run->status, last_part(&run->debug), last_part(&run->serial),
                 last_part(&run->output));
    }
    return out_figures->good;
}

void figures_read(const struct bench_case *one, const struct emulator_run *run,
                  struct figures *out_figures)
{
    struct mark start = {0};
    struct mark kernel = {0};
    uint64_t base = 0;
    uint64_t size = 0;
    if (!judge(one, run, out_figures)) {
        return;
    }
    if (!find_mark(&run->plugin, MARK_START, &start) ||
        !find_mark(&run->plugin, MARK_KERNEL, &kernel) || !fact(&run->debug, "image at", &base) ||
        !fact(&run->debug, "image size", &size)) {
        out_figures->good = false;
        snprintf(out_figures->reason, sizeof(out_figures->reason), "a mark is missing: %s%s",
                 last_part(&run->plugin), last_part(&run->output));
        return;
    }
    unsigned doorbells = doorbells_of(one->disk);
    out_figures->instructions = kernel.instructions - start.instructions;
    out_figures->rep_starts = kernel.rep_starts - start.rep_starts;
    out_figures->rep_bytes = kernel.rep_bytes - start.rep_bytes;
    out_figures->requests = (kernel.doorbells - start.doorbells + doorbells - 1) / doorbells;
    out_figures->own = count_own(&run->plugin, base, size);
    (void)fact(&run->debug, "loading took", &out_figures->load_ns);
    (void)fact(&run->debug, "held", &out_figures->held);
}

void figures_read_calls(const struct bench_case *one, const struct emulator_run *run,
                        struct figures *figures)
{
    const char *line = bytes_text(&run->plugin);
    if (!judge(one, run, figures)) {
        return;
    }
    while ((line = strstr(line, "\ncall ")) != NULL) {
        unsigned call = 0;
        uint64_t count = 0;
        line++;
        if (sscanf(line, "call %u %" SCNu64, &call, &count) == 2 && call < MARK_CALLS_MOST) {
            figures->calls[call] = count;
            figures->services += call < SERVICE_END ? count : 0;
        }
    }
}
