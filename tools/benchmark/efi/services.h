/* Counts what the loader asks of the firmware: boot services, files, the disk, the console. */
#ifndef BATON_BENCHMARK_SERVICES_H
#define BATON_BENCHMARK_SERVICES_H

#include "../marks.h"

#include <efi.h>

/* Numbers of MARK_CALLS, with SERVICE_END and SERVICE_OPEN_VOLUME of marks.h. */
enum {
    SERVICE_FIRST = 3, /* RaiseTPL */
    SERVICE_FILE_OPEN = SERVICE_OPEN_VOLUME + 1,
    SERVICE_FILE_CLOSE,
    SERVICE_FILE_READ,
    SERVICE_FILE_GET_INFO,
    SERVICE_FILE_SET_POSITION,
    SERVICE_FILE_GET_POSITION,
    SERVICE_BLOCK_READ,
    SERVICE_BLOCK_FLUSH,
    SERVICE_OUTPUT_STRING,
    SERVICE_COUNT
};

/* device: the one with the file system that the loader is started from. */
void services_count(EFI_SYSTEM_TABLE *table, EFI_HANDLE device);

#endif
