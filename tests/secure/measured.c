/* Measured boot with swtpm: the log that the kernel gets, replayed, gives the registers that the
 * kernel reads from the TPM, and each of Baton's events can be checked from the log alone. */
#include "trusted.h"

#include "core/base/text.h"
#include "core/trust/sha256.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DIGEST = 32, DIGEST_SHA1 = 20, REGISTERS = 24, NO_ACTION = 3 };
enum { SHA256, SHA1, BANKS };

static struct boot_files disk;
static pid_t swtpm;
static const char *banks_wanted;
static uint8_t registers[BANKS][REGISTERS][DIGEST];
static bool is_active[BANKS]; /* as the log says */
static char events[16384];    /* "PCR TEXT" lines of Baton's */

static const struct bank {
    uint32_t id;
    size_t size;
    const char *name; /* as the kernel prints it */
} banks[BANKS] = {{0x0B, DIGEST, ""}, {0x04, DIGEST_SHA1, "sha1 "}};

static void start_swtpm(void)
{
    struct message message = {0};
    AUTO_STRING state = secure_path("tpm");
    AUTO_STRING control = string_format("type=unixio,path=%s/sock", state);
    AUTO_STRING state_option = string_format("dir=%s", state);
    AUTO_STRING log = string_format("file=%s/log", state);
    const char *const make[] = {"mkdir", "-p", state, NULL};
    const char *const setup[] = {"swtpm_setup", "--tpm2",     "--tpmstate",  state,
                                 "--pcr-banks", banks_wanted, "--overwrite", NULL};
    ck_assert_msg(program_run(make, &message) && program_run(setup, &message), "%s",
                  message_text(&message));
    fflush(NULL);
    swtpm = fork();
    if (swtpm == 0) {
        execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state_option, "--ctrl", control,
               "--log", log, (char *)NULL);
        _exit(127);
    }
    AUTO_STRING sock = string_format("%s/sock", state);
    for (int i = 0; i < 100 && access(sock, F_OK) != 0; i++) {
        usleep(100000);
    }
    message_free(&message);
}

static void stop_swtpm(void)
{
    kill(swtpm, SIGTERM);
    waitpid(swtpm, NULL, 0);
}

/* Boots with a TPM. */
static void start(struct secure_boot boot, struct machine_run *out_run)
{
    AUTO_STRING chardev = string_format("socket,id=tpm,path=%s/tpm/sock", secure_folder);
    const char *const extra[] = {"-chardev", chardev,
                                 "-tpmdev",  "emulator,id=tpm0,chardev=tpm",
                                 "-device",  "tpm-tis,tpmdev=tpm0",
                                 NULL};
    start_swtpm();
    boot.extra = extra;
    boot.until[0] = "Access Denied";
    boot.until[1] = "Press a key to return";
    secure_boot(&boot, &disk, out_run);
    stop_swtpm();
}

static uint32_t number_at(const uint8_t *bytes, size_t size)
{
    uint32_t number = 0;
    memcpy(&number, bytes, size);
    return number;
}

static void digest_of(const void *bytes, size_t size, uint8_t *out)
{
    sha256(sha256_block_plain, bytes, size, out);
}

/* In 20 bytes, as sha1sum has it. */
static void sha1_of(const void *bytes, size_t size, uint8_t *out)
{
    struct message message = {0};
    struct bytes said = {0};
    AUTO_STRING path = secure_path("hashed");
    const char *const argv[] = {"sha1sum", path, NULL};
    secure_write("hashed", bytes, size);
    ck_assert_msg(program_output(argv, &message, &said), "%s", message_text(&message));
    for (size_t i = 0; i < DIGEST_SHA1; i++) {
        const char pair[3] = {said.data[2 * i], said.data[2 * i + 1], '\0'};
        out[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    bytes_free(&said);
}

static void hash(int bank, const void *bytes, size_t size, uint8_t *out)
{
    if (bank == SHA1) {
        sha1_of(bytes, size, out);
    } else {
        digest_of(bytes, size, out);
    }
}

static void extend(int bank, uint32_t pcr, const uint8_t *digest)
{
    const size_t size = banks[bank].size;
    uint8_t both[2 * DIGEST];
    ck_assert_uint_lt(pcr, REGISTERS);
    memcpy(both, registers[bank][pcr], size);
    memcpy(both + size, digest, size);
    hash(bank, both, 2 * size, registers[bank][pcr]);
}

/* What is hashed is the event's text, byte for byte. */
static void note_event(int bank, uint32_t pcr, struct text text, const uint8_t *digest)
{
    uint8_t own[DIGEST];
    if (text.size < 6 || memcmp(text.bytes, "baton ", 6) != 0) {
        return;
    }
    hash(bank, text.bytes, text.size, own);
    ck_assert_mem_eq(own, digest, banks[bank].size);
    size_t used = strlen(events);
    if (bank == SHA256) {
        snprintf(events + used, sizeof(events) - used, "%u %.*s\n", pcr, (int)text.size,
                 text.bytes);
    }
}

static int bank_at(const uint8_t *log, size_t at)
{
    for (int bank = 0; bank < BANKS; bank++) {
        if (number_at(log + at, 2) == banks[bank].id) {
            return bank;
        }
    }
    ck_abort_msg("a digest of bank %x", number_at(log + at, 2));
}

/* One event; gives the place after it. */
static size_t replay_event(const uint8_t *log, size_t size, size_t at)
{
    const uint8_t *digests[BANKS] = {NULL};
    ck_assert_uint_le(at + 12, size);
    uint32_t pcr = number_at(log + at, 4);
    uint32_t type = number_at(log + at + 4, 4);
    uint32_t count = number_at(log + at + 8, 4);
    at += 12;
    for (uint32_t i = 0; i < count; i++) {
        ck_assert_uint_le(at + 2 + DIGEST_SHA1 + 4, size);
        int bank = bank_at(log, at);
        digests[bank] = log + at + 2;
        is_active[bank] = true;
        at += 2 + banks[bank].size;
        ck_assert_uint_le(at + 4, size);
    }
    struct text text = {(const char *)log + at + 4, number_at(log + at, 4)};
    ck_assert_uint_le(text.size, size - at - 4);
    for (int bank = 0; bank < BANKS; bank++) {
        if (digests[bank] != NULL && type != NO_ACTION) {
            extend(bank, pcr, digests[bank]);
            note_event(bank, pcr, text, digests[bank]);
        }
    }
    return at + 4 + text.size;
}

static void replay(const struct machine_run *run)
{
    const uint8_t *all = (const uint8_t *)bytes_text(&run->debugcon);
    const uint8_t *signature = memmem(all, run->debugcon.size, "Spec ID Event03", 15);
    ck_assert_ptr_nonnull(signature);
    const uint8_t *log = signature - 32;
    size_t size = run->debugcon.size - (size_t)(log - all);
    memset(registers, 0, sizeof(registers));
    memset(is_active, 0, sizeof(is_active));
    events[0] = '\0';
    for (size_t at = 32 + number_at(log + 28, 4); at < size;) {
        at = replay_event(log, size, at);
    }
}

static void expect_register(const struct machine_run *run, int bank, uint32_t number)
{
    char line[2 * DIGEST + 24];
    size_t used = (size_t)snprintf(line, sizeof(line), "PCR %u %s", number, banks[bank].name);
    for (size_t byte = 0; is_active[bank] && byte < banks[bank].size; byte++) {
        used += (size_t)snprintf(line + used, 3, "%02x", registers[bank][number][byte]);
    }
    if (is_active[bank]) {
        boot_expect_text(run, line);
    } else {
        boot_expect_no_text(run, line);
    }
}

/* The copy of the log and the final events, replayed. The firmware extends PCR 5 at the exit. */
static void expect_registers(const struct machine_run *run)
{
    static const uint32_t shown[] = {4, 5, 8, 9};
    replay(run);
    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
        expect_register(run, SHA256, shown[i]);
        expect_register(run, SHA1, shown[i]);
    }
}

static void expect_event(const char *format, const char *file)
{
    struct message message = {0};
    struct bytes bytes = {0};
    char digits[2 * DIGEST + 1];
    uint8_t digest[DIGEST];
    AUTO_STRING path = secure_path(file);
    ck_assert(file_read(path, &message, &bytes));
    digest_of(bytes.data, bytes.size, digest);
    bytes_free(&bytes);
    for (size_t i = 0; i < DIGEST; i++) {
        snprintf(digits + 2 * i, 3, "%02x", digest[i]);
    }
    char *hole = strstr(format, "DIGEST");
    AUTO_STRING event = string_format("%.*s%s%s\n", (int)(hole - format), format, digits, hole + 6);
    ck_assert_msg(strstr(events, event) != NULL, "no '%s' in:\n%s", event, events);
}

static void given(const char *config)
{
    banks_wanted = "sha256";
    AUTO_STRING kernel = boot_built("kernels/trust.bin");
    secure_write_text("root/loader.cfg", config);
    secure_write_text("root/boot/m", "the module");
    secure_copy(kernel, "root/boot/trust.bin");
    disk.count = 0;
}

/* The Authenticode hash of the whole sealed file is in PCR 4, as the firmware measured it. */
static void expect_loader_measured(const struct machine_run *run, const char *loader)
{
    struct message message = {0};
    struct bytes said = {0};
    uint8_t digest[DIGEST];
    AUTO_STRING path = secure_path(loader);
    const char *const argv[] = {"pesign", "-h", "-i", path, NULL};
    ck_assert_msg(program_output(argv, &message, &said), "%s", message_text(&message));
    const char *digits = bytes_text(&said);
    digits = strstr(digits, "hash: ") != NULL ? strstr(digits, "hash: ") + 6 : digits;
    for (size_t i = 0; i < DIGEST; i++) {
        const char pair[3] = {digits[2 * i], digits[2 * i + 1], '\0'};
        digest[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    ck_assert_msg(memmem(run->debugcon.data, run->debugcon.size, digest, DIGEST) != NULL,
                  "%s is not in the log", digits);
    bytes_free(&said);
}

START_TEST(the_log_of_a_sealed_boot_gives_the_registers)
{
    static const char *const outside[] = {"--outside", "/boot/trust.bin", NULL};
    struct machine_run run;
    given("kernel = /boot/trust.bin\ncmdline = one two\nmodule = /boot/m with arguments\n");
    secure_seal_root("sealed.efi", outside);
    secure_put(&disk, "/boot/trust.bin", "root/boot/trust.bin");
    start((struct secure_boot){.loader = "sealed.efi"}, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, "secure boot on, sealed, verified, measured; secrets are safe");
    expect_registers(&run);
    expect_event("9 baton kernel DIGEST /boot/trust.bin", "root/boot/trust.bin");
    ck_assert_ptr_nonnull(strstr(events, "8 baton entry \n8 baton cmdline one two\n"
                                         "8 baton arguments /boot/m with arguments\n"));
    ck_assert_ptr_null(strstr(events, "baton module")); /* it is sealed */
    expect_loader_measured(&run, "sealed.efi");
    boot_expect_no_text(&run, "final events 0\n"); /* the exit is there */
    machine_run_free(&run);
}
END_TEST

START_TEST(without_secure_boot_files_are_measured_where_loader_cfg_asks_for_it)
{
    struct machine_run run;
    given("measure = required\nkernel = /boot/trust.bin\nmodule = /boot/m\n");
    secure_put(&disk, "/loader.cfg", "root/loader.cfg");
    secure_put(&disk, "/boot/trust.bin", "root/boot/trust.bin");
    secure_put(&disk, "/boot/m", "root/boot/m");
    start((struct secure_boot){.no_secure_boot = true}, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, "secure boot setup, measured; keep secrets away");
    expect_registers(&run);
    expect_event("9 baton config DIGEST /loader.cfg", "root/loader.cfg");
    expect_event("9 baton kernel DIGEST /boot/trust.bin", "root/boot/trust.bin");
    expect_event("9 baton module DIGEST /boot/m", "root/boot/m");
    machine_run_free(&run);
}
END_TEST

START_TEST(each_bank_of_the_tpm_is_extended)
{
    struct machine_run run;
    given("measure = yes\nkernel = /boot/trust.bin\ncmdline = of two banks\n");
    banks_wanted = "sha1,sha256";
    secure_put(&disk, "/loader.cfg", "root/loader.cfg");
    secure_put(&disk, "/boot/trust.bin", "root/boot/trust.bin");
    start((struct secure_boot){.no_secure_boot = true}, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, "secure boot setup, measured; keep secrets away");
    expect_registers(&run);
    ck_assert(is_active[SHA256] && is_active[SHA1]);
    expect_event("9 baton config DIGEST /loader.cfg", "root/loader.cfg");
    expect_event("9 baton kernel DIGEST /boot/trust.bin", "root/boot/trust.bin");
    ck_assert_ptr_nonnull(strstr(events, "8 baton cmdline of two banks\n"));
    machine_run_free(&run);
}
END_TEST

START_TEST(the_kernel_gets_the_log_even_if_nothing_is_measured)
{
    struct machine_run run;
    given("measure = no\nkernel = /boot/trust.bin\n");
    secure_seal_root("sealed.efi", NULL);
    start((struct secure_boot){.loader = "sealed.efi"}, &run);
    boot_expect(&run, MACHINE_PASSED);
    boot_expect_text(&run, "secure boot on, sealed, verified; secrets are safe");
    expect_registers(&run);
    ck_assert_str_eq(events, "");
    machine_run_free(&run);
}
END_TEST

START_TEST(without_a_tpm_what_requires_it_does_not_boot)
{
    struct machine_run run;
    given("measure = required\nkernel = /boot/trust.bin\n");
    secure_seal_root("sealed.efi", NULL);
    secure_boot(&(struct secure_boot){.loader = "sealed.efi", .until = {"Press a key to return"}},
                NULL, &run);
    boot_expect(&run, MACHINE_STOPPED);
    boot_expect_text(&run, "baton: error: the TPM does not record this boot (EFI_UNSUPPORTED)");
    machine_run_free(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("measured");
    TCase *measured = tcase_create("measured");
    tcase_set_timeout(measured, 2 * TEST_TIMEOUT_S);
    tcase_add_unchecked_fixture(measured, secure_begin, secure_end);
    tcase_add_test(measured, the_log_of_a_sealed_boot_gives_the_registers);
    tcase_add_test(measured, without_secure_boot_files_are_measured_where_loader_cfg_asks_for_it);
    tcase_add_test(measured, each_bank_of_the_tpm_is_extended);
    tcase_add_test(measured, the_kernel_gets_the_log_even_if_nothing_is_measured);
    tcase_add_test(measured, without_a_tpm_what_requires_it_does_not_boot);
    suite_add_tcase(suite, measured);
    return suite_main(suite, "secure-measured");
}
