/* Starts all CPUs. They draw a picture together, each in its own colour, and each counts the rows
 * it drew; a bar a CPU shows how many, on the screen and on the serial port. */
#include "smp.h"

#include "console.h"
#include "finish.h"
#include "picture.h"
#include "room.h"
#include "screen.h"

BOOTINFO_KERNEL_HEADER(kernel_main, 0x4000);

#define CPUS_MAX   128
#define STACK_SIZE 8192
#define LOW_SIZE   0x2000 /* bytes that smp_start needs below 1 MiB */
#define LOW_END    0x100000
#define BAR_WIDTH  50 /* characters */

static struct smp_cpu cpus[CPUS_MAX];
static _Alignas(16) uint8_t stacks[CPUS_MAX * STACK_SIZE];

/* What the CPUs share. */
static struct picture picture;
static uint32_t cpu_count;
static volatile uint32_t next_row;
static volatile uint32_t done;
static volatile uint32_t inside;
static volatile uint32_t rows[CPUS_MAX];

static void draw(uint32_t cpu)
{
    uint32_t rgb = picture_hue(cpu, cpu_count);
    uint32_t row;
    while ((row = __atomic_fetch_add(&next_row, 1, __ATOMIC_SEQ_CST)) < picture.height) {
        uint32_t found = picture_row(&picture, row, rgb);
        __atomic_fetch_add(&inside, found, __ATOMIC_SEQ_CST);
        rows[cpu]++;
    }
    __atomic_fetch_add(&done, 1, __ATOMIC_SEQ_CST);
}

static void ap_main(struct smp_cpu *cpu)
{
    draw((uint32_t)(cpu - cpus));
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}

static uint32_t start(const struct BootInfo *info)
{
    const struct room room = {
        .size = LOW_SIZE, .alignment = 0x1000, .first = 0x1000, .last = LOW_END - 1};
    struct smp smp = {.info = info,
                      .cpus = cpus,
                      .count = cpu_count,
                      .low = room_find(info, &room),
                      .entry = ap_main,
                      .stacks = stacks,
                      .stack_size = STACK_SIZE};
    if (smp.low == 0) {
        print("smp: no two free pages below 1 MiB to start CPUs from\n");
        finish(0);
    }
    return smp_start(&smp);
}

static void print_cpu(uint32_t cpu, uint32_t most)
{
    print("cpu ");
    print_decimal(cpus[cpu].id, 4);
    print("  ");
    if (cpus[cpu].state != SMP_RUNS) {
        print(cpus[cpu].state == SMP_SILENT ? "did not come\n" : "has an id beyond the APIC's\n");
        return;
    }
    print_decimal(rows[cpu], 6);
    print(" rows  ");
    for (uint32_t i = 0; i < (uint64_t)rows[cpu] * BAR_WIDTH / (most != 0 ? most : 1); i++) {
        print("#");
    }
    print("\n");
}

/* Below the picture: as long as the CPU's share of the longest, in its colour. */
static void draw_bar(uint32_t cpu, uint32_t most)
{
    const struct BootInfoFramebuffer *screen = picture.screen;
    uint32_t height = (screen->height - picture.height) / cpu_count;
    uint32_t gap = height > 4 ? 2 : 0;
    uint32_t width = (uint32_t)((uint64_t)rows[cpu] * screen->width / (most != 0 ? most : 1));
    if (height > gap && width > 0) {
        screen_fill(screen, 0, picture.height + cpu * height + gap, width, height - gap,
                    picture_hue(cpu, cpu_count));
    }
}

static void begin(const struct BootInfo *info)
{
    const struct BootInfoFramebuffer *screen = bootinfo_framebuffer(info, 0);
    cpu_count = smp_list(info, cpus, CPUS_MAX);
    if (cpu_count == 0) {
        print("smp: BootInfo lists no CPU: the loader is older than 1.2, or there is no MADT\n");
        finish(0);
    }
    if (cpu_count > CPUS_MAX) {
        print("smp: more CPUs than this kernel has stacks for; it leaves some out\n");
        cpu_count = CPUS_MAX;
    }
    picture = (struct picture){.width = 640, .height = 400};
    if (screen != NULL) {
        picture = (struct picture){screen, screen->width, screen->height / 4 * 3};
        screen_fill(screen, 0, 0, screen->width, screen->height, 0x101010);
    }
}

void kernel_main(const struct BootInfo *info, uint64_t magic)
{
    if (magic != BOOTINFO_MAGIC || !bootinfo_valid(info)) {
        finish(0);
    }
    console_use(&info->serial);
    begin(info);
    uint32_t running = start(info);
    draw(0);
    while (done < running) {
        __asm__ volatile("pause");
    }
    uint32_t most = 0;
    uint32_t total = 0;
    for (uint32_t i = 0; i < cpu_count; i++) {
        most = rows[i] > most ? rows[i] : most;
        total += rows[i];
    }
    for (uint32_t i = 0; i < cpu_count; i++) {
        print_cpu(i, most);
        if (picture.screen != NULL) {
            draw_bar(i, most);
        }
    }
    print("smp: ");
    print_decimal(running, 0);
    print(" of ");
    print_decimal(cpu_count, 0);
    print(" CPUs drew ");
    print_decimal(total, 0);
    print(" rows; ");
    print_decimal(inside, 0);
    print(" points are in the set\n");
    finish(running == cpu_count && total == picture.height);
}
