/* Shows what the loader says of trust: Secure Boot, what was sealed, verified and measured, the
 * kernel's own digest, the registers that Baton extends as the TPM has them, and the TPM's event
 * log, which goes to the debug console byte by byte. */
#include "console.h"
#include "finish.h"
#include "port.h"
#include "tpm.h"

BOOTINFO_KERNEL_HEADER(kernel_main, 0x4000);

#define DEBUG_PORT 0xE9

static void print_bytes(const uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        static const char digits[] = "0123456789abcdef";
        const char pair[3] = {digits[bytes[i] >> 4], digits[bytes[i] & 0xF], '\0'};
        print(pair);
    }
}

static void print_flags(const struct BootInfo *info)
{
    static const char *const states[] = {"off", "on", "setup", "unknown"};
    print("secure boot ");
    print(info->secure_boot < 4 ? states[info->secure_boot] : "?");
    print(info->flags & BOOTINFO_FLAG_SEALED ? ", sealed" : "");
    print(info->flags & BOOTINFO_FLAG_VERIFIED ? ", verified" : "");
    print(info->flags & BOOTINFO_FLAG_MEASURED ? ", measured" : "");
    print(info->flags & BOOTINFO_FLAG_TPM_LOG_TRUNCATED ? ", log truncated" : "");
    /* Only both together mean that nobody but the machine's owner chose what runs. */
    bool safe = (info->flags & BOOTINFO_FLAG_SECURE_BOOT) != 0 &&
                (info->flags & BOOTINFO_FLAG_VERIFIED) != 0;
    print(safe ? "; secrets are safe\n" : "; keep secrets away\n");
}

static void print_registers(void)
{
    static const uint32_t registers[] = {4, 8, 9};
    uint8_t digest[32];
    for (uint32_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        if (tpm_read_register(registers[i], digest)) {
            print("PCR ");
            print_decimal(registers[i], 0);
            print(" ");
            print_bytes(digest, sizeof(digest));
            print("\n");
        }
    }
}

static void show_log(struct BootInfoSpan log)
{
    const uint8_t *bytes = (const uint8_t *)log.address;
    for (uint64_t i = 0; i < log.size; i++) {
        port_write(DEBUG_PORT, bytes[i]);
    }
}

/* The events that are not in the log: the firmware measured them when the loader left it. */
static void print_final_events(const struct BootInfo *info)
{
    const uint64_t *table = (const uint64_t *)info->tpm_final_events;
    print("final events ");
    print_decimal(table != (const uint64_t *)0 ? table[1] - info->tpm_final_first : 0, 0);
    print("\n");
}

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    if (magic != BOOTINFO_MAGIC || !bootinfo_valid(info) || !BOOTINFO_HAS(info, kernel_sha256)) {
        finish(0);
    }
    console_use(&info->serial);
    print_flags(info);
    print("command line: '");
    print_span(info->command_line);
    print("'\nkernel ");
    print_bytes(info->kernel_sha256, sizeof(info->kernel_sha256));
    print("\n");
    for (uint32_t i = 0; i < info->modules.count; i++) {
        const struct BootInfoModule *module = bootinfo_module(info, i);
        print("module ");
        print_span(module->name);
        print(": '");
        print_span(module->data);
        print("'\n");
    }
    print_registers();
    print_final_events(info);
    print("event log ");
    print_decimal(info->tpm_event_log.size, 0);
    print(" bytes\n");
    show_log(info->tpm_event_log);
    finish(1);
}
