/* A kernel of the Limine protocol, base revision REVISION, that asks for everything and looks at
 * the answers. */
#include "say.h"

#include <stddef.h>

#define RSDP     UINT64_C(0x2052545020445352) /* "RSD PTR " */
#define ELF      0x464C457F
#define USABLE   0
#define EXTRA    0x1234
#define PATIENCE 400000000

struct request {
    uint64_t id[4];
    uint64_t revision;
    uint64_t *response;
    uint64_t argument;
};

#define REQUEST(name, first, second, argument)                                          \
    __attribute__((used, section(".requests"))) static volatile struct request name = { \
        {0xc7b1dd30df4c8b88, 0x0a82e883a194f07b, first, second}, 0, 0, argument}

__attribute__((used, section(".requests"))) static volatile uint64_t base[3] = {
    0xf9562b2d5c95a6c8, 0x6a7b384944536bdc, REVISION};
REQUEST(loader, 0xf55038d8e2a1202f, 0x279426fcf5f59740, 0);
REQUEST(stack, 0x224ef0460a8e8926, 0xe1cb0fc25f46ea3d, 0x40000);
REQUEST(hhdm, 0x48dcf1cb8ad2b852, 0x63984e959a98244b, 0);
REQUEST(screens, 0x9d5827dcd881dd75, 0xa3148604f6fab11b, 0);
REQUEST(paging, 0x95c1a0edab0944cb, 0xa4e5cb3842f7488a, 0);
REQUEST(cpus, 0x95a67b819a1b857e, 0xa0b61b723b6a73e0, 0);
REQUEST(map, 0x67cf3d9d378a806f, 0xe304acdfc50c3c62, 0);
REQUEST(file, 0xad97e90e83f1ed67, 0x31eb5d1c5ff23b69, 0);
REQUEST(modules, 0x3e7e279702be32af, 0xca1c4f3bd1280cee, 0);
REQUEST(rsdp, 0xc5e77b6b397e7b43, 0x27637845accdcf3c, 0);
REQUEST(smbios, 0x9e9046f11e095391, 0xaa4a520fefbde5ee, 0);
REQUEST(efi, 0x5ceba5163eaaf6d6, 0x0a6981610cf65fcc, 0);
REQUEST(efi_map, 0x7df62a431d6872d5, 0xa4fcdfb3e57306c8, 0);
REQUEST(boot_time, 0x502746e184c088aa, 0xfbc5ec83e6327893, 0);
REQUEST(address, 0x71ba76863cc55f63, 0xb2644a48c516a487, 0);
REQUEST(command_line, 0x4b161536e598651e, 0xb390ad4a2f1f303a, 0);
REQUEST(device_tree, 0xb40ddb48fb54bac7, 0x545081493f81ffb7, 0);

static volatile uint64_t arrived;
static char zeros[0x3000];
static const char *volatile pointer = "a pointer that is relocated\n"; /* in a PIE */

void kernel(void);

static void other_cpu(uint64_t *cpu)
{
    uint64_t stack;
    __asm__ volatile("mov %%rsp, %0" : "=r"(stack));
    int good = cpu[3] == EXTRA && stack >> 47 != 0;
    __atomic_fetch_add(&arrived, good ? 1 : 1000, __ATOMIC_SEQ_CST);
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}

static void look_at_map(uint64_t offset)
{
    uint64_t **ranges = (uint64_t **)map.response[2];
    uint64_t last = 0;
    uint64_t usable = 0;
    for (uint64_t i = 0; i < map.response[1]; i++) {
        uint64_t first = ranges[i][0];
        uint64_t size = ranges[i][1];
        expect("ranges are in order", first >= last && size > 0 && (first | size) % 4096 == 0);
        last = first + size;
        if (ranges[i][2] != USABLE) {
            continue;
        }
        usable += size;
        volatile uint64_t *words = (volatile uint64_t *)(first + offset);
        words[0] = first;
        words[size / 8 - 1] = last;
        expect("usable memory keeps what is written", words[0] == first || size == 8);
        expect("page 0 is not usable", first != 0);
    }
    say("ranges end at");
    say_hex(last);
    say(", usable");
    say_hex(usable);
    say("\n");
}

static void start_cpus(void)
{
    uint64_t count = cpus.response[2];
    uint64_t **list = (uint64_t **)cpus.response[3];
    uint32_t own = (uint32_t)(cpus.response[1] >> 32);
    for (uint64_t i = 0; i < count; i++) {
        if ((uint32_t)(list[i][0] >> 32) != own) {
            list[i][3] = EXTRA;
            __atomic_store_n(&list[i][2], (uint64_t)other_cpu, __ATOMIC_SEQ_CST);
        }
    }
    for (uint64_t i = 0; i < PATIENCE && arrived < count - 1; i++) {
        __asm__ volatile("pause");
    }
    expect("all CPUs came", arrived == count - 1);
    say("CPUs:");
    say_hex(count);
    say("\n");
}

static void look_at_screen(void)
{
    uint64_t *screen = ((uint64_t **)screens.response[2])[0];
    uint32_t *pixels = (uint32_t *)screen[0];
    for (uint64_t i = 0; i < 100; i++) {
        pixels[i * screen[3] / 4 + i] = 0xFFFFFF;
    }
    say("screen");
    say_hex(screen[1]);
    say_hex(screen[2]);
    say_hex(screen[4] & 0xFFFF);
    say("\n");
}

static void look_at_module(void)
{
    uint64_t *module = ((uint64_t **)modules.response[2])[0];
    expect("one module", modules.response[1] == 1);
    say("module");
    say_hex(module[2]);
    say(" bytes, crc");
    say_hex(crc_of(module[1], (uint32_t)module[2]));
    say(module[1] % 4096 == 0 ? ", " : ", unaligned, ");
    say((const char *)module[4]);
    say("\n");
}

static void look_at_machine(void)
{
    uint64_t cr0;
    uint64_t cr3;
    uint64_t flags;
    uint16_t selectors[2];
    __asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
    __asm__ volatile("mov %%cr3, %0; mov %0, %%cr3" : "=r"(cr3) : : "memory");
    __asm__ volatile("pushfq; popq %0" : "=r"(flags));
    __asm__ volatile("mov %%cs, %0" : "=r"(selectors[0]));
    __asm__ volatile("mov %%ss, %0" : "=r"(selectors[1]));
    expect("paging with write protection", (cr0 & 0x80010001) == 0x80010001);
    expect("interrupts are off", (flags & 0x200) == 0);
    expect("the protocol's selectors", selectors[0] == 0x28 && selectors[1] == 0x30);
}

static void expect_answers(void)
{
    volatile struct request *all[] = {&loader,  &stack,     &hhdm,    &screens,     &paging, &cpus,
                                      &map,     &file,      &modules, &rsdp,        &smbios, &efi,
                                      &efi_map, &boot_time, &address, &command_line};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        expect("every request is answered", all[i]->response != 0);
    }
    expect("there is no device tree", device_tree.response == 0);
}

void kernel(void)
{
    expect("the base revision is there", REVISION <= 3 ? base[2] == 0 && base[1] == REVISION
                                                       : base[2] == REVISION && base[1] == 3);
    look_at_machine();
    expect_answers();
    say("foreign kernel at");
    say_hex(address.response[2]);
    say("\n");
    say(pointer);
    say("command line '");
    say((const char *)command_line.response[1]);
    say("'\nloader ");
    say((const char *)loader.response[1]);
    say("\n");
    uint64_t offset = hhdm.response[1];
    uint64_t table = rsdp.response[1] + (REVISION >= 3 ? offset : 0);
    expect("an RSDP", *(uint64_t *)table == RSDP);
    expect("the kernel's file", *(uint32_t *)((uint64_t *)file.response[1])[1] == ELF);
    expect("the kernel is where it says",
           *(uint64_t *)((uint64_t)&kernel - address.response[2] + address.response[1] + offset) ==
               *(uint64_t *)&kernel);
    for (size_t i = 0; i < sizeof(zeros); i++) {
        expect(".bss is zero", zeros[i] == 0);
    }
    look_at_module();
    start_cpus();
    look_at_screen();
    look_at_map(offset);
    say("foreign kernel is done\n");
    end(1);
}
