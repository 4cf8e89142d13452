// Compiling is the test: the headers beside bootinfo.h, as C++17.
#include "bootinfo_mock.h"
#include "paging.h"
#include "room.h"
#include "smp.h"

uint64_t use_everything(const BootInfo *info, const smp *request, paging *tables);

uint64_t use_everything(const BootInfo *info, const smp *request, paging *tables)
{
    static BootInfoMock mock;
    room wanted{};
    wanted.size = wanted.alignment = 4096;
    paging_begin(tables, request->stacks, 4096);
    paging_map_screens(tables, info, 0);
    paging_write_combining();
    paging_use(tables);
    bootinfo_mock(&mock, bootinfo_region(info, 0), 1);
    return room_find(info, &wanted) + smp_list(info, request->cpus, 1) + smp_start(request);
}
