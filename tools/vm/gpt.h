/* A GUID partition table (UEFI 2.10 chapter 5) with one EFI system partition. */
#ifndef BATON_VM_GPT_H
#define BATON_VM_GPT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define SECTOR_SIZE UINT64_C(512)
/* Where the partition begins: 1 MiB into the disk. */
#define PARTITION_FIRST_SECTOR UINT64_C(2048)

/* Sectors from PARTITION_FIRST_SECTOR on that the partition can have. */
uint64_t gpt_partition_sectors(uint64_t disk_sectors);
/* Both tables and the protective MBR, to a file of disk_sectors (at least 8192). */
bool gpt_write(FILE *disk, uint64_t disk_sectors);

#endif
