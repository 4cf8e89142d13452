/* Whole boots of kernels, loader.cfg files and machines that chance has made: each byte, right and
 * field is judged by check_hand_off, and a boot is refused only where something is in the way. */
#include "boot_check.h"
#include "elves.h"
#include "kernels.h"
#include "suite.h"

#include <string.h>

#define WORLDS        25 /* in each test: a kernel has a buffer of its own until the test ends */
#define HIGH          UINT64_C(0xFFFFFFFF80000000)
#define OCCUPANTS_MAX 8
#define CONFIG_SIZE   512

/* A linear congruential generator: Knuth's MMIX. */
static uint64_t random_state;

static uint64_t below(uint64_t limit)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (random_state >> 33) % limit;
}

static bool one_in(uint64_t count)
{
    return below(count) == 0;
}

struct world {
    struct elf_plan plan;
    struct expectation expected;
    char config[CONFIG_SIZE];
    struct writer line; /* on config */
};

/* Segments one after the other, with gaps; of one page, only if their rights are the same. */
static void choose_program(struct elf_plan *plan, uint64_t linked, uint64_t physical)
{
    struct elf_program *program = &plan->programs[plan->count];
    bool first = plan->count == 0;
    const struct elf_program *last = first ? NULL : &program[-1];
    uint64_t at = first ? below(3) * 0x40 : last->vaddr - linked + last->memsz;
    at += first || one_in(3) ? 0 : one_in(3) ? below(64) : below(30000);
    program->type = PT_LOAD;
    program->flags = PF_R | (first || one_in(2) ? PF_X : 0) | (one_in(2) ? PF_W : 0);
    if (!first && program->flags != last->flags) {
        at = (at + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
    }
    program->vaddr = linked + at;
    program->paddr = physical + at;
    program->filesz = !first && one_in(6) ? 0 : 64 + below(one_in(3) ? 40000 : 3000);
    program->memsz = program->filesz + (one_in(2) ? 0 : 1 + below(20000));
    program->memsz = program->memsz == 0 ? 1 : program->memsz;
    program->offset = first ? 0x400 + below(5000) : last->offset + last->filesz;
    program->offset += first || one_in(3) ? 0 : below(9000);
    program->align = one_in(4) ? UINT64_C(1) << below(13) : PAGE_SIZE;
    plan->count++;
}

static void choose_elf(struct world *world, uint64_t physical)
{
    struct elf_plan *plan = &world->plan;
    uint64_t linked = one_in(3) ? HIGH + physical : physical;
    uint32_t count = 1 + (uint32_t)below(6);
    *plan = (struct elf_plan){0};
    while (plan->count < count) {
        choose_program(plan, linked, physical);
    }
    plan->entry = plan->programs[0].vaddr + below(plan->programs[0].filesz);
    const struct elf_program *last = &plan->programs[count - 1];
    plan->size = last->offset + last->filesz + (one_in(2) ? 0 : below(20000));
    struct text file = elf_file(plan);
    world->expected = (struct expectation){
        .image = elf_image(plan, file),
        .address = physical,
        .memory_size = elf_span(plan),
        .entry = plan->entry,
        .file = file,
        .elf = plan,
        .virtual_address = linked == physical ? 0 : linked,
    };
}

static void choose_raw(struct world *world, uint64_t physical)
{
    struct text image = kernel_raw(1 + below(one_in(2) ? 9000 : 2000000));
    world->expected = (struct expectation){
        .image = image, .address = physical, .memory_size = image.size, .file = image};
    if (one_in(3)) {
        world->expected.memory_size += below(50000);
    }
    write_string(&world->line, "address = ");
    write_hex(&world->line, physical);
    write_string(&world->line, "\nmemory = ");
    write_decimal(&world->line, world->expected.memory_size);
    write_string(&world->line, "\n");
}

static void choose_packing(struct world *world)
{
    struct expectation *expected = &world->expected;
    struct text image = expected->file;
    uint64_t kind = below(3);
    if (kind > 0) {
        expected->inflated = image;
        expected->gzip = kind == 1;
        expected->file = kind == 1 ? kernel_gzip(image) : kernel_zlib(image);
    }
    if (kind == 2) {
        write_string(&world->line, "compression = zlib\n");
    }
}

static void choose_settings(struct world *world)
{
    struct writer *line = &world->line;
    if (one_in(3)) {
        write_string(line, one_in(2) ? "read_chunk = 4K\n" : "read_chunk = whole\n");
    }
    if (one_in(3)) {
        world->expected.stack_size = 4096 + below(300000);
        write_string(line, "stack = ");
        write_decimal(line, world->expected.stack_size);
        write_string(line, "\n");
    }
    if (one_in(4)) {
        write_string(line, "on_fault = none\n");
    }
    if (one_in(4)) {
        world->expected.direct_map = UINT64_C(0xFFFF900000000000) + below(4) * 64 * GIB;
        write_string(line, "direct_map = ");
        write_hex(line, world->expected.direct_map);
        write_string(line, "\n");
    }
    if (one_in(3)) {
        static const struct expected_module module = {"/m.bin", "hello", {"module", 6}};
        world->expected.modules = &module;
        world->expected.module_count = 1;
        write_string(line, "module = /m.bin hello\n");
    }
}

/* What else is in memory, mostly of the kind that is free after the exit. */
static void choose_machine(void)
{
    static const int types[] = {EFI_BOOT_DATA, EFI_BOOT_DATA,    EFI_BOOT_CODE, EFI_BOOT_DATA,
                                EFI_ACPI_NVS,  EFI_RUNTIME_DATA, EFI_RESERVED,  EFI_UNUSABLE};
    static const uint64_t strides[] = {40, 48, 56, 1024};
    for (uint64_t i = below(OCCUPANTS_MAX); i > 0; i--) {
        uint64_t base = MIB + below(one_in(2) ? 800 : 12000) * PAGE_SIZE;
        fake_set_memory(base, (1 + below(200)) * PAGE_SIZE, types[below(8)]);
    }
    fake.bottom_up = one_in(4);
    fake.shuffled = one_in(4);
    fake.stride = strides[below(4)];
    fake.filler_count = one_in(3) ? below(400) : 0;
    fake.stale_keys = one_in(5) ? (uint32_t)below(4) : 0;
}

/* Whether all of the kernel's place is memory of this kind: free, or free after the exit. */
static bool is_place_free(const struct expectation *expected, bool after_the_exit)
{
    bool all_free = true;
    for (uint64_t at = 0; at < expected->memory_size; at += PAGE_SIZE) {
        int type = fake_type_at(expected->address + at);
        all_free =
            all_free && (type == EFI_FREE ||
                         (after_the_exit && (type == EFI_BOOT_DATA || type == EFI_BOOT_CODE)));
    }
    return all_free;
}

static void make_world(struct world *world)
{
    uint64_t physical = one_in(4) ? MIB : MIB + below(1000) * PAGE_SIZE;
    world->line = writer_on(world->config, CONFIG_SIZE);
    write_string(&world->line, CONFIG_PLAIN);
    if (one_in(4)) {
        choose_raw(world, physical);
    } else {
        choose_elf(world, physical);
    }
    choose_packing(world);
    choose_settings(world);
    struct fake_file *file = given(world->config, world->expected.file);
    fake_add_file("\\m.bin", "module", 6);
    file->read_limit = one_in(3) ? 1000 + below(5000) : 0;
    choose_machine();
}

/* A machine of 64 MiB has room for all of these kernels, elsewhere too. */
static void judge(struct world *world)
{
    struct expectation *expected = &world->expected;
    bool free_now = is_place_free(expected, false);
    bool free_then = is_place_free(expected, true);
    enum fake_outcome outcome = fake_boot(&the_boot);
    if (!free_then) {
        ck_assert_int_eq(outcome, FAKE_RETURNED);
        ck_assert_str_eq(status_name(fake.returned), status_name(STATUS_ADDRESS_OCCUPIED));
        return;
    }
    ck_assert_msg(outcome == FAKE_HANDED_OFF, "%s\n%s\n%s", status_name(fake.returned),
                  world->config, fake.said);
    /* Firmware that gives out the lowest pages first gives the loader's own buffers that place. */
    const struct BootInfo *info = (const struct BootInfo *)fake.hand_off.info;
    bool staged = (info->flags & BOOTINFO_FLAG_STAGED) != 0;
    expected->staged = !free_now || (fake.bottom_up && staged);
    check_hand_off(&the_boot, expected);
}

START_TEST(what_chance_makes_boots_or_is_in_the_way)
{
    random_state = (uint64_t)_i;
    for (int i = 0; i < WORLDS; i++) {
        static struct world world;
        make_world(&world);
        judge(&world);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("whole boots");
    TCase *tests = tcase_create("worlds");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, what_chance_makes_boots_or_is_in_the_way, 0, 16);
    suite_add_tcase(suite, tests);
    return suite_main(suite, "unit-whole_boots");
}
