/* Shows what the loader says of trust: Secure Boot, what was sealed, verified and measured, the
 * kernel's own digest, the registers that Baton extends as the TPM has them, and the TPM's event
 * log, which goes to the debug console byte by byte: the loader's copy, then the final events that
 * the copy does not have. */
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

static void print_registers(struct tpm_bank bank, const char *name)
{
    static const uint32_t registers[] = {4, 5, 8, 9};
    uint8_t digest[TPM_DIGEST_MAX];
    for (uint32_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        if (tpm_read_register(bank, registers[i], digest)) {
            print("PCR ");
            print_decimal(registers[i], 0);
            print(name);
            print_bytes(digest, bank.digest_size);
            print("\n");
        }
    }
}

static void show_log(const uint8_t *bytes, uint64_t size)
{
    for (uint64_t i = 0; i < size; i++) {
        port_write(DEBUG_PORT, bytes[i]);
    }
}

static uint32_t number_at(const uint8_t *bytes, uint32_t size)
{
    uint32_t number = 0;
    for (uint32_t i = size; i > 0; i--) {
        number = number << 8 | bytes[i - 1];
    }
    return number;
}

/* The size of a TCG_PCR_EVENT2: register, type, digests (each an algorithm and its bytes), text. */
static uint32_t event_size(const uint8_t *event)
{
    uint32_t at = 12;
    for (uint32_t i = 0; i < number_at(event + 8, 4); i++) {
        uint32_t algorithm = number_at(event + at, 2);
        at += 2 + (algorithm == TPM_SHA1     ? 20
                   : algorithm == TPM_SHA384 ? 48
                   : algorithm == TPM_SHA512 ? 64
                                             : 32);
    }
    return at + 4 + number_at(event + at, 4);
}

/* The table of final events has a version and a count of 8 bytes each, then the events. */
static uint32_t final_count(const struct BootInfo *info)
{
    const uint8_t *table = (const uint8_t *)info->tpm_final_events;
    return table == (const uint8_t *)0 ? 0 : number_at(table + 8, 4);
}

/* The events that are not in the log: the firmware measured them when the loader left it. */
static void show_final_events(const struct BootInfo *info)
{
    const uint8_t *event = (const uint8_t *)info->tpm_final_events + 16;
    for (uint32_t i = 0; i < final_count(info); i++) {
        if (i >= info->tpm_final_first) {
            show_log(event, event_size(event));
        }
        event += event_size(event);
    }
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
    print_registers((struct tpm_bank){TPM_SHA256, 32}, " ");
    print_registers((struct tpm_bank){TPM_SHA1, 20}, " sha1 ");
    print("final events ");
    print_decimal(final_count(info) - info->tpm_final_first, 0);
    print("\nevent log ");
    print_decimal(info->tpm_event_log.size, 0);
    print(" bytes\n");
    show_log((const uint8_t *)info->tpm_event_log.address, info->tpm_event_log.size);
    show_final_events(info);
    finish(1);
}
