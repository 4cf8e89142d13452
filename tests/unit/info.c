/* The info block: with any firmware's map, with any machine's facts. */
#include "boot_check.h"
#include "core/base/acpi.h"
#include "kernels.h"
#include "suite.h"

#include <string.h>

static struct text kernel;

static void given_a_kernel(void)
{
    if (kernel.bytes == NULL) {
        kernel = kernel_raw(40000);
    }
    (void)given(CONFIG_PLAIN, kernel);
}

static void given_a_staged_kernel(void)
{
    given_a_kernel();
    fake_set_memory(MIB + PAGE_SIZE, PAGE_SIZE, EFI_BOOT_DATA);
}

static const struct BootInfo *boots_it(bool staged)
{
    struct expectation expected = expect_raw(kernel);
    expected.staged = staged;
    boots(&expected);
    return (const struct BootInfo *)fake.hand_off.info;
}

START_TEST(the_map_is_stepped_by_the_firmwares_stride)
{
    static const uint64_t strides[] = {40, 48, 56, 64, 256, 1024};
    for (size_t i = 0; i < sizeof(strides) / sizeof(strides[0]); i++) {
        given_a_kernel();
        fake.stride = strides[i];
        (void)boots_it(false);
        given_a_staged_kernel();
        fake.stride = strides[i];
        (void)boots_it(true);
    }
}
END_TEST

START_TEST(a_stride_left_out_is_that_of_the_specification)
{
    given_a_kernel();
    fake.stride = 40;
    fake.stride_unsaid = true;
    (void)boots_it(false);
    given_a_staged_kernel();
    fake.stride = 40;
    fake.stride_unsaid = true;
    (void)boots_it(true);
}
END_TEST

START_TEST(a_stride_that_cannot_be_is_refused)
{
    static const uint64_t strides[] = {1, 7, 24, 39, 44, 4096, UINT64_MAX};
    char sentence[100];
    for (size_t i = 0; i < sizeof(strides) / sizeof(strides[0]); i++) {
        snprintf(sentence, sizeof(sentence), "memory descriptors are %llu bytes apart",
                 (unsigned long long)strides[i]);
        given_a_kernel();
        fake.stride_unsaid = true;
        fake.stride_said = strides[i];
        refuses(STATUS_MAP_BAD_STRIDE, sentence);
        given_a_staged_kernel();
        fake.stride_unsaid = true;
        fake.stride_said = strides[i];
        refuses(STATUS_MAP_BAD_STRIDE, sentence);
    }
}
END_TEST

START_TEST(a_stride_that_goes_bad_later_is_refused)
{
    given_a_kernel();
    fake.stride_unsaid = true;
    fake.stride_said = 24;
    fake.stride_true_maps = 1;
    refuses(STATUS_MAP_BAD_STRIDE, "error: the firmware's memory descriptors are 24 bytes apart");
    given_a_staged_kernel();
    fake.stride_unsaid = true;
    fake.stride_said = 52;
    fake.stride_true_maps = 1;
    refuses(STATUS_MAP_BAD_STRIDE, "error: the firmware's memory descriptors are 52 bytes apart");
}
END_TEST

START_TEST(long_and_unsorted_maps_are_converted)
{
    for (int i = 0; i < 8; i++) {
        bool staged = (i & 1) != 0;
        if (staged) {
            given_a_staged_kernel();
        } else {
            given_a_kernel();
        }
        fake.shuffled = (i & 2) != 0;
        fake.filler_count = (i & 4) != 0 ? 2000 : 0;
        for (uint64_t at = 20 * MIB; at < 30 * MIB; at += 2 * PAGE_SIZE) {
            fake_set_memory(at, PAGE_SIZE, EFI_BOOT_DATA);
        }
        const struct BootInfo *info = boots_it(staged);
        ck_assert_uint_gt(info->memory_map.count, fake.filler_count + 2560);
    }
}
END_TEST

/* Success, but a size that the buffer cannot have: a little more, or a lot. */
START_TEST(a_map_that_claims_more_than_there_is_room_for_is_not_believed)
{
    given_a_kernel();
    (void)boots_it(false);
    const uint64_t claims[] = {the_boot.attempt.hand_over.map.capacity -
                                   the_boot.attempt.hand_over.map.size + 8,
                               GIB, UINT64_MAX / 2};
    for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
        given_a_kernel();
        fake.map_claims = claims[i];
        ck_assert_int_ne(fake_boot(&the_boot), FAKE_RESTARTED);
        given_a_staged_kernel();
        fake.map_claims = claims[i];
        refuses(STATUS_MAP_KEEPS_GROWING, "error: the firmware's memory map does not stop growing");
    }
}
END_TEST

/* With the last two, the sizes of all that is reserved add up to a few pages, modulo 2^64. */
START_TEST(a_map_that_needs_more_than_there_is_memory_is_refused)
{
    static const uint64_t needs[] = {GIB,
                                     UINT64_C(1) << 40,
                                     UINT64_MAX / 2,
                                     UINT64_MAX,
                                     UINT64_C(6324597968128989024),
                                     UINT64_C(4099276460824356144)};
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        given_a_kernel();
        fake.map_needs = needs[i];
        refuses(STATUS_MEMORY_EXHAUSTED, "of memory in one piece for the boot info");
        given_a_staged_kernel();
        fake.map_needs = needs[i];
        refuses(STATUS_MEMORY_EXHAUSTED, "of memory in one piece for a look at the memory map");
    }
}
END_TEST

START_TEST(a_map_that_grows_while_it_is_looked_at_is_looked_at_again)
{
    given_a_staged_kernel();
    fake.growth = 100;
    fake.growths = 1;
    (void)boots_it(true);
}
END_TEST

START_TEST(a_machine_without_anything_boots)
{
    given_a_kernel();
    fake.machine = (struct machine){
        .boot_time = BOOTINFO_TIME_UNKNOWN,
        .loader_image = fake.machine.loader_image,
        .resident = fake.machine.resident,
    };
    fake.cpu = (struct arch_cpu){
        .address_limit = UINT64_C(1) << 36,
        .higher_half = fake.cpu.higher_half,
    };
    (void)boots_it(false);
}
END_TEST

START_TEST(four_framebuffers_are_listed_and_mapped)
{
    given_a_kernel();
    fake.machine.secure_boot = BOOTINFO_SECURE_BOOT_SETUP;
    for (uint32_t i = 1; i < PLAT_FRAMEBUFFERS_MAX; i++) {
        fake.machine.framebuffers[i] = fake.machine.framebuffers[0];
        fake.machine.framebuffers[i].address = 0x90000000 + i * GIB;
    }
    fake.machine.framebuffers[0].address = UINT64_C(0x3800000000);
    fake.machine.framebuffers[2].address = UINT64_C(0x3900000000);
    fake.machine.framebuffer_count = PLAT_FRAMEBUFFERS_MAX;
    const struct BootInfo *info = boots_it(false);
    for (uint32_t i = 0; i < PLAT_FRAMEBUFFERS_MAX; i++) {
        ck_assert(memcmp(bootinfo_framebuffer(info, i), &fake.machine.framebuffers[i],
                         sizeof(struct BootInfoFramebuffer)) == 0);
    }
}
END_TEST

START_TEST(what_lies_after_the_last_framebuffer_is_none)
{
    given_a_kernel();
    fake.machine.framebuffers[1] = fake.machine.framebuffers[0];
    fake.machine.framebuffers[1].address = UINT64_C(0x3900000000);
    (void)boots_it(false);
}
END_TEST

START_TEST(fault_handlers_keep_the_loader_alive_unless_told_otherwise)
{
    given_a_kernel();
    ck_assert((boots_it(false)->flags & BOOTINFO_FLAG_FAULT_HANDLERS) != 0);
    (void)given(CONFIG_PLAIN "on_fault = none\n", kernel);
    ck_assert((boots_it(false)->flags & BOOTINFO_FLAG_FAULT_HANDLERS) == 0);
}
END_TEST

/* What the fault handlers know: what to do, whether the kernel has a header, and the font, which is
 * only read for a screen that there is. */
START_TEST(fault_handlers_get_what_they_need)
{
    struct text with_header = kernel_with_header(5176, (struct BootInfoKernelHeader){0}, 8);
    for (int screens = 0; screens < 2; screens++) {
        (void)given(CONFIG_PLAIN "on_fault = reboot after 7\n", with_header);
        fake.machine.framebuffer_count = (uint32_t)screens;
        struct expectation expected = expect_raw(with_header);
        boots(&expected);
        ck_assert_int_eq(fake.hand_off.on_fault.kind, ON_FAULT_REBOOT);
        ck_assert_uint_eq(fake.hand_off.on_fault.seconds, 7);
        ck_assert(fake.hand_off.has_header);
        ck_assert_ptr_eq(fake.hand_off.font, &the_boot.attempt.hand_over.font);
        ck_assert_uint_eq(fake.font_scratch, screens == 0 ? 0 : 16 * PAGE_SIZE);
    }
    given_a_kernel();
    (void)boots_it(false);
    ck_assert(!fake.hand_off.has_header);
}
END_TEST

/* It runs while the tables change, and the firmware's map need not have it. */
START_TEST(the_loaders_image_is_mapped_wherever_it_lies)
{
    (void)given(CONFIG_PLAIN "on_fault = none\n", kernel_raw(5000));
    struct expectation expected = expect_raw(kernel_raw(5000));
    fake.machine.loader_image.address = 48 * GIB;
    boots(&expected);
}
END_TEST

/* The loader's image reaches from the kernel's place to beyond it. */
static const struct BootInfo *boots_with_handlers_at(uint64_t address)
{
    given_a_kernel();
    fake.machine.loader_image = (struct BootInfoSpan){MIB + PAGE_SIZE, MIB};
    fake.machine.resident = (struct BootInfoSpan){address, PAGE_SIZE};
    fake_set_memory(MIB + PAGE_SIZE, MIB, EFI_LOADER_CODE);
    return boots_it(true);
}

START_TEST(handlers_in_the_kernels_place_are_left_out)
{
    ck_assert((boots_with_handlers_at(MIB + PAGE_SIZE)->flags & BOOTINFO_FLAG_FAULT_HANDLERS) == 0);
    ck_assert(strstr(fake.said,
                     "\ninfo       no fault handlers: they lie where the kernel goes\n") != NULL);
    ck_assert((boots_with_handlers_at(2 * MIB)->flags & BOOTINFO_FLAG_FAULT_HANDLERS) != 0);
}
END_TEST

START_TEST(a_tsc_of_unknown_frequency_is_measured_against_the_acpi_timer)
{
    given_a_kernel();
    fake.cpu.counter_hz = 0;
    fake.cpu.reference_hz = ACPI_TIMER_HZ;
    fake.cpu.reference_mask = 0xFFFFFF;
    /* The fake's TSC and its timer both count 1,000 a reading. */
    ck_assert_uint_eq(boots_it(false)->tsc_frequency, ACPI_TIMER_HZ);
    given_a_kernel();
    fake.cpu.counter_hz = 0;
    ck_assert_uint_eq(boots_it(false)->tsc_frequency, 0);
}
END_TEST

/* The ACPI timer has 24 bits here, which wrap around in 4.687 s; a stage reads several times. */
START_TEST(a_slow_disk_does_not_change_the_tsc_frequency)
{
    static const uint64_t read_ms[] = {0, 1, 150, 1000, 2300, 4600, 4687, 10000, 60000};
    static const uint64_t hz[] = {1000000000, 2100000000, 5000000000};
    for (size_t i = 0; i < sizeof(read_ms) / sizeof(read_ms[0]); i++) {
        given_a_kernel();
        fake.cpu.counter_hz = 0;
        fake.cpu.reference_hz = ACPI_TIMER_HZ;
        fake.cpu.reference_mask = 0xFFFFFF;
        fake.counter_hz = hz[_i];
        fake.read_ms = read_ms[i];
        uint64_t is = boots_it(false)->tsc_frequency;
        ck_assert_msg(is > hz[_i] / 1000 * 998 && is < hz[_i] / 1000 * 1002, "%lu ms a read: %lu",
                      read_ms[i], is);
    }
}
END_TEST

START_TEST(a_long_menu_does_not_change_the_tsc_frequency)
{
    static const uint32_t keys[] = {KEY_NONE, KEY_NONE, KEY_NONE, KEY_NONE, KEY_NONE,
                                    KEY_NONE, KEY_NONE, 'x',      '\r',     KEY_LAST};
    given_a_kernel();
    fake_find_file("\\EFI\\BOOT\\loader.cfg")->bytes = "timeout = no\nkernel = /k.bin\n";
    fake_find_file("\\EFI\\BOOT\\loader.cfg")->size = strlen("timeout = no\nkernel = /k.bin\n");
    fake.cpu.counter_hz = 0;
    fake.cpu.reference_hz = ACPI_TIMER_HZ;
    fake.cpu.reference_mask = 0xFFFFFF;
    fake.counter_hz = 2000000000;
    fake.keys = keys;
    uint64_t is = boots_it(false)->tsc_frequency;
    ck_assert_msg(is > 1996000000 && is < 2004000000, "%lu", is);
}
END_TEST

static void check_utf8(struct text text)
{
    while (text.size > 0) {
        uint32_t character;
        size_t size = text_decode(text, &character);
        ck_assert_msg(size > 0, "no UTF-8 from '%s' on", text.bytes);
        text.bytes += size;
        text.size -= size;
    }
}

/* As long as a path can be, in characters of three bytes; one byte more or less after them moves
 * every place where a line may be cut. */
START_TEST(a_log_with_a_long_path_is_whole_utf8)
{
    for (size_t shift = 0; shift < 3; shift++) {
        static char path[PATH_MAX_BYTES];
        static char config[PATH_MAX_BYTES + 16];
        struct writer writer = writer_on(path, sizeof(path));
        write_char(&writer, '\\');
        for (size_t i = 0; i < 330; i++) {
            write_string(&writer, i % 100 == 99 ? "\\" : "\xE2\x82\xAC");
        }
        for (size_t i = 0; i < shift; i++) {
            write_char(&writer, 'a');
        }
        snprintf(config, sizeof(config), "kernel = %s\n", path);
        given_a_kernel();
        fake.files[0].bytes = config;
        fake.files[0].size = strlen(config);
        fake.files[1].path = path;
        const struct BootInfo *info = boots_it(false);
        ck_assert_str_eq(bootinfo_text(info->kernel_file.name), path);
        check_utf8((struct text){bootinfo_text(info->log), info->log.size});
        check_utf8((struct text){fake.said, fake.said_size});
        ck_assert(strstr(bootinfo_text(info->log), "40,000 bytes, raw\n") != NULL);
    }
}
END_TEST

START_TEST(a_long_command_line_arrives)
{
    static char config[4200];
    struct writer writer = writer_on(config, sizeof(config));
    write_string(&writer, CONFIG_PLAIN "cmdline = ");
    for (int i = 0; i < 4000; i++) {
        write_char(&writer, (char)('a' + i % 26));
    }
    given_a_kernel();
    fake.files[0].bytes = config;
    fake.files[0].size = strlen(config);
    struct expectation expected = expect_raw(kernel);
    expected.cmdline = strchr(config, 'c') + strlen("cmdline = ");
    boots(&expected);
}
END_TEST

/* "APIC", and for each CPU a structure of type 0: all that the loader looks at. */
static uint8_t madt[44 + 8 * 100];

START_TEST(the_cpus_of_the_madt_are_listed)
{
    static const uint32_t counts[] = {0, 1, 100};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        uint32_t size = 44 + 8 * counts[i];
        memset(madt, 0, sizeof(madt));
        memcpy(madt, "APIC", 4);
        memcpy(madt + 4, &size, sizeof(size));
        for (uint32_t cpu = 0; cpu < counts[i]; cpu++) {
            memcpy(madt + 44 + 8 * cpu, (uint8_t[]){0, 8, (uint8_t)(cpu + 1), (uint8_t)cpu, 1}, 5);
        }
        given_a_kernel();
        const uint64_t table = (uintptr_t)madt;
        fake_seal(table, size, 9);
        fake_write_acpi(FAKE_RSDP, &table, 1);
        fake.readable_ram = true;
        fake.machine.madt = table; /* expected */
        fake.cpu.id = 7;
        const struct BootInfo *info = boots_it(false);
        ck_assert_uint_eq(info->cpus.count, counts[i]);
        for (uint32_t cpu = 0; cpu < counts[i]; cpu++) {
            bool first = counts[i] > 7 && cpu == 0;
            uint64_t id = first ? 7 : counts[i] > 7 && cpu <= 7 ? cpu - 1 : cpu;
            ck_assert_uint_eq(bootinfo_cpu(info, cpu)->id, id);
            ck_assert_uint_eq(bootinfo_cpu(info, cpu)->acpi_id, id + 1);
            ck_assert_uint_eq(bootinfo_cpu(info, cpu)->flags,
                              BOOTINFO_CPU_ENABLED | (first ? BOOTINFO_CPU_BOOT : 0));
        }
        ck_assert_ptr_null(bootinfo_cpu(info, counts[i]));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("info");
    TCase *maps = tcase_create("maps");
    tcase_add_test(maps, the_map_is_stepped_by_the_firmwares_stride);
    tcase_add_test(maps, a_stride_left_out_is_that_of_the_specification);
    tcase_add_test(maps, a_stride_that_cannot_be_is_refused);
    tcase_add_test(maps, a_stride_that_goes_bad_later_is_refused);
    tcase_add_test(maps, long_and_unsorted_maps_are_converted);
    tcase_add_test(maps, a_map_that_claims_more_than_there_is_room_for_is_not_believed);
    tcase_add_test(maps, a_map_that_needs_more_than_there_is_memory_is_refused);
    tcase_add_test(maps, a_map_that_grows_while_it_is_looked_at_is_looked_at_again);
    suite_add_tcase(suite, maps);

    TCase *facts = tcase_create("facts");
    tcase_add_test(facts, a_machine_without_anything_boots);
    tcase_add_test(facts, four_framebuffers_are_listed_and_mapped);
    tcase_add_test(facts, what_lies_after_the_last_framebuffer_is_none);
    tcase_add_test(facts, fault_handlers_keep_the_loader_alive_unless_told_otherwise);
    tcase_add_test(facts, fault_handlers_get_what_they_need);
    tcase_add_test(facts, the_loaders_image_is_mapped_wherever_it_lies);
    tcase_add_test(facts, handlers_in_the_kernels_place_are_left_out);
    tcase_add_loop_test(facts, a_slow_disk_does_not_change_the_tsc_frequency, 0, 3);
    tcase_add_test(facts, a_long_menu_does_not_change_the_tsc_frequency);
    tcase_add_test(facts, a_tsc_of_unknown_frequency_is_measured_against_the_acpi_timer);
    tcase_add_test(facts, a_log_with_a_long_path_is_whole_utf8);
    tcase_add_test(facts, a_long_command_line_arrives);
    tcase_add_test(facts, the_cpus_of_the_madt_are_listed);
    suite_add_tcase(suite, facts);
    return suite_main(suite, "unit-info");
}
