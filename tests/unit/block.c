/* The info block by itself: where its parts lie, and what they are filled with. */
#include "core/info/block.h"

#include "suite.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define MODULES      2
#define SCREENS      2
#define STAMPS       3
#define STAMPS_MAX   5
#define LINES_AFTER  222 /* bytes of the lines of info, tries and exit at most, and the NUL */
#define REGION_BYTES 0x5A

static const struct info_layout layout = {.descriptors_max = 10, .stride = 48, .placed_max = 4};
static const struct event_log no_log;
static const struct seed seed = {{1, 2, 3, 4}, BOOTINFO_RANDOM_EFI};
static const struct partition partition = {BOOTINFO_PARTITION_GPT, 3, "0123456789abcde"};
static const uint8_t digest[32] = "the kernel's digest, as it were";
static const struct BootInfoTimestamp stamps[STAMPS] = {{10, 1, 0}, {20, 2, 0}, {30, 3, 0}};
static uint8_t edids[128];
static uint8_t tpm_bytes[] = {0xAB};
static struct event_log tpm_log;

static const struct info_module modules[MODULES] = {
    {{0x1000, 5}, TEXT_INIT("a"), {NULL, 0}},
    {{0x2000, 6}, TEXT_INIT("module"), TEXT_INIT("with arguments")},
};

/* The last one is not counted. */
static struct BootInfoFramebuffer screens[SCREENS + 1];

static struct info_module module_at(const void *items, uint32_t i)
{
    return ((const struct info_module *)items)[i];
}

static struct info_facts given_facts(void)
{
    const uint64_t edid = (uintptr_t)edids;
    memset(edids, 0xED, sizeof(edids));
    screens[0] = (struct BootInfoFramebuffer){.address = 0x80000000, .edid = {edid, 128}};
    screens[1] = (struct BootInfoFramebuffer){.address = 0x90000000, .edid = {edid, 1}};
    screens[2] = (struct BootInfoFramebuffer){.address = 0xA0000000, .edid = {edid, 128}};
    tpm_log = (struct event_log){.bytes = {(const char *)tpm_bytes, sizeof(tpm_bytes)},
                                 .final_events = 0x7000,
                                 .final_count = 2};
    return (struct info_facts){
        .command_line = TEXT("words for the kernel"),
        .loader_name = TEXT("Baton"),
        .kernel_name = TEXT("/k.bin"),
        .modules = modules,
        .module_at = module_at,
        .module_count = MODULES,
        .framebuffers = screens,
        .framebuffer_count = SCREENS,
        .log = TEXT("the log\n"),
        .timeline = stamps,
        .timeline_count = STAMPS,
        .timeline_max = STAMPS_MAX,
        .kernel_sha256 = digest,
        .tpm_log = &tpm_log,
        .seed = &seed,
        .partition = &partition,
    };
}

/* None of what can be left out, and the command line of that many bytes. */
static struct info_facts given_few_facts(size_t size)
{
    struct info_facts facts = given_facts();
    facts.command_line.size = size;
    facts.module_count = 0;
    facts.framebuffer_count = 0;
    facts.timeline_count = 0;
    facts.timeline_max = 0;
    facts.tpm_log = &no_log;
    return facts;
}

/* Each part begins where the one before ends; what follows the texts is aligned. */
START_TEST(the_parts_of_a_block_follow_each_other)
{
    const struct info_facts facts = given_facts();
    const uint64_t texts = sizeof("words for the kernel") + sizeof("Baton") + sizeof("/k.bin") +
                           sizeof("a") + sizeof("") + sizeof("module") + sizeof("with arguments");
    struct info_block block;
    info_block_lay_out(&facts, layout, &block);
    uint64_t at = sizeof(struct BootInfo);
    ck_assert_uint_eq(block.framebuffers_offset, at);
    ck_assert_uint_eq(block.modules_offset, at += SCREENS * sizeof(struct BootInfoFramebuffer));
    ck_assert_uint_eq(block.timeline_offset, at += MODULES * sizeof(struct BootInfoModule));
    ck_assert_uint_eq(block.cpus_offset, at += STAMPS_MAX * sizeof(struct BootInfoTimestamp));
    ck_assert_uint_eq(block.edids_offset, at);
    ck_assert_uint_eq(block.tpm_log_offset, at += 128 + 1);
    ck_assert_uint_eq(block.texts_offset, at += sizeof(tpm_bytes));
    ck_assert_uint_eq(block.log_offset, at + texts);
}
END_TEST

static void check_end(const struct info_facts *facts)
{
    struct info_block block;
    info_block_lay_out(facts, layout, &block);
    uint64_t log_end = block.log_offset + block.log_capacity;
    uint64_t regions_size = block.regions_max * sizeof(struct BootInfoRegion);
    ck_assert_uint_ge(block.log_capacity, facts->log.size + LINES_AFTER);
    ck_assert_uint_eq(block.regions_offset, (log_end + 7) / 8 * 8);
    ck_assert_uint_eq(block.regions_max, memory_map_regions_max(10, 4));
    ck_assert_uint_eq(block.map_offset, block.regions_offset + regions_size);
    ck_assert_uint_eq(block.map_capacity, UINT64_C(10) * 48);
    ck_assert_uint_eq(block.page_count, page_count_of(block.map_offset + block.map_capacity));
}

START_TEST(regions_and_map_are_aligned_after_texts_of_any_length)
{
    for (size_t size = 0; size < 8; size++) {
        const struct info_facts facts = given_few_facts(size);
        check_end(&facts);
    }
}
END_TEST

static struct info_block block;
static uint8_t *memory;

/* Fills a block of zeros, in which the regions are there already. */
static const struct BootInfo *filled(const struct info_facts *laid_out,
                                     const struct info_facts *facts)
{
    info_block_lay_out(laid_out, layout, &block);
    free(memory);
    memory = calloc(block.page_count, PAGE_SIZE);
    ck_assert_ptr_nonnull(memory);
    block.address = (uintptr_t)memory;
    block.region_count = block.regions_max;
    memset(memory + block.regions_offset, REGION_BYTES, block.map_offset - block.regions_offset);
    info_block_fill(facts, &block, (struct info_map){480, 48, 1});
    for (uint64_t at = block.regions_offset; at < block.map_offset; at++) {
        ck_assert(memory[at] == REGION_BYTES);
    }
    const struct BootInfo *info = (const struct BootInfo *)memory;
    ck_assert(bootinfo_valid(info));
    return info;
}

START_TEST(all_that_the_loader_found_arrives)
{
    const struct info_facts facts = given_facts();
    const struct BootInfo *info = filled(&facts, &facts);
    ck_assert_uint_eq(info->timeline.count, STAMPS);
    ck_assert_mem_eq(bootinfo_timestamp(info, 0), stamps, sizeof(stamps));
    ck_assert_str_eq(bootinfo_text(info->command_line), "words for the kernel");
    ck_assert_str_eq(bootinfo_text(info->kernel_file.name), "/k.bin");
    ck_assert_str_eq(bootinfo_text(info->log), "the log\n");
    ck_assert_uint_eq(info->modules.count, MODULES);
    ck_assert_str_eq(bootinfo_text(bootinfo_module(info, 0)->name), "a");
    ck_assert_str_eq(bootinfo_text(bootinfo_module(info, 0)->arguments), "");
    ck_assert_str_eq(bootinfo_text(bootinfo_module(info, 1)->arguments), "with arguments");
    ck_assert_uint_eq(info->tpm_event_log.size, sizeof(tpm_bytes));
    ck_assert_mem_eq((const void *)info->tpm_event_log.address, tpm_bytes, sizeof(tpm_bytes));
    ck_assert_uint_eq(info->tpm_final_events, 0x7000);
}
END_TEST

START_TEST(every_value_arrives)
{
    struct info_facts facts = given_facts();
    facts.flags = 11;
    facts.kernel = (struct BootInfoSpan){12, 13};
    facts.kernel_virtual = 14;
    facts.direct_map = 15;
    facts.direct_map_size = 16;
    facts.stack = (struct BootInfoSpan){17, 18};
    facts.kernel_file_size = 19;
    facts.kernel_crc32 = 20;
    facts.boot_time = -21;
    facts.tsc_frequency = 22;
    const struct BootInfo *info = filled(&facts, &facts);
    ck_assert_uint_eq(info->flags, 11);
    ck_assert_uint_eq(info->kernel.address, 12);
    ck_assert_uint_eq(info->kernel.size, 13);
    ck_assert_uint_eq(info->kernel_virtual, 14);
    ck_assert_uint_eq(info->direct_map, 15);
    ck_assert_uint_eq(info->direct_map_size, 16);
    ck_assert_uint_eq(info->stack.address, 17);
    ck_assert_uint_eq(info->stack.size, 18);
    ck_assert_uint_eq(info->kernel_file.size, 19);
    ck_assert_uint_eq(info->kernel_file.crc32, 20);
    ck_assert_int_eq(info->boot_time, -21);
    ck_assert_uint_eq(info->tsc_frequency, 22);
    ck_assert_mem_eq(info->random_seed, seed.words, sizeof(seed.words));
    ck_assert_uint_eq(info->random_sources, BOOTINFO_RANDOM_EFI);
    ck_assert_uint_eq(info->partition_kind, BOOTINFO_PARTITION_GPT);
    ck_assert_uint_eq(info->partition_number, 3);
    ck_assert_mem_eq(info->partition_id, partition.id, sizeof(partition.id));
    ck_assert_mem_eq(info->kernel_sha256, digest, sizeof(digest));
}
END_TEST

/* Without modules and timeline, after which another screen would be written over. */
START_TEST(each_screen_has_a_copy_of_its_edid)
{
    struct info_facts facts = given_few_facts(0);
    facts.framebuffer_count = SCREENS;
    const struct BootInfo *info = filled(&facts, &facts);
    ck_assert_uint_eq(info->framebuffers.count, SCREENS);
    for (uint32_t i = 0; i < SCREENS; i++) {
        const struct BootInfoSpan edid = bootinfo_framebuffer(info, i)->edid;
        ck_assert_uint_eq(edid.size, screens[i].edid.size);
        ck_assert_uint_ge(edid.address, info->info.address + block.edids_offset);
        ck_assert_uint_le(edid.address + edid.size, info->info.address + block.tpm_log_offset);
        ck_assert_mem_eq((const void *)edid.address, edids, edid.size);
    }
    ck_assert_uint_eq(info->tpm_event_log.size, 0);
    ck_assert_uint_eq(info->timeline.count, 0);
}
END_TEST

/* The lines that follow fit in any case; where they did not, the log would end sooner. */
START_TEST(a_log_that_has_grown_too_far_is_cut_and_ends_in_nul)
{
    static char bytes[1000];
    const struct info_facts before = given_few_facts(3);
    struct info_facts after = before;
    memset(bytes, 'x', sizeof(bytes));
    after.log = (struct text){bytes, sizeof(bytes)};
    const struct BootInfo *info = filled(&before, &after);
    ck_assert_uint_eq(info->log.size, block.log_capacity - 1);
    ck_assert_uint_eq(strlen(bootinfo_text(info->log)), info->log.size);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("block");
    TCase *tests = tcase_create("block");
    tcase_add_test(tests, the_parts_of_a_block_follow_each_other);
    tcase_add_test(tests, regions_and_map_are_aligned_after_texts_of_any_length);
    tcase_add_test(tests, all_that_the_loader_found_arrives);
    tcase_add_test(tests, every_value_arrives);
    tcase_add_test(tests, each_screen_has_a_copy_of_its_edid);
    tcase_add_test(tests, a_log_that_has_grown_too_far_is_cut_and_ends_in_nul);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-block");
}
