#include "gpt.h"

#include "../../abi/bootinfo.h"

#include <string.h>

enum {
    ENTRY_SIZE = 128,
    ENTRY_COUNT = 128,
    TABLE_SECTORS = ENTRY_SIZE * ENTRY_COUNT / 512,
    TAIL_SECTORS = TABLE_SECTORS + 1, /* the second table and its header */
    ALIGNMENT_SECTORS = 2048,
};

/* As they lie in memory: the first three fields of a GUID are little-endian. */
static const uint8_t type_guid[16] = {0x28, 0x73, 0x2A, 0xC1, 0x1F, 0xF8, 0xD2, 0x11,
                                      0xBA, 0x4B, 0x00, 0xA0, 0xC9, 0x3E, 0xC9, 0x3B};
static const uint8_t disk_guid[16] = {'B',  'A', 'T', 'O', 'N', ' ', 'd', 0x49,
                                      0xA0, 's', 'k', ' ', 'n', 'o', ' ', '1'};
static const uint8_t partition_guid[16] = {'B',  'A', 'T', 'O', 'N', ' ', 'p', 0x49,
                                           0xA0, 't', 'n', ' ', 'n', 'o', ' ', '1'};

/* UEFI 2.10 table 5.5 */
struct gpt_header {
    char signature[8];
    uint32_t revision;
    uint32_t header_size;
    uint32_t header_crc32;
    uint32_t reserved;
    uint64_t my_lba;
    uint64_t alternate_lba;
    uint64_t first_usable_lba;
    uint64_t last_usable_lba;
    uint8_t disk_guid[16];
    uint64_t entries_lba;
    uint32_t entry_count;
    uint32_t entry_size;
    uint32_t entries_crc32;
    uint32_t padding;
};

enum { HEADER_SIZE = 92 };

_Static_assert(offsetof(struct gpt_header, my_lba) == 24, "UEFI 2.10 table 5.5");
_Static_assert(offsetof(struct gpt_header, entries_lba) == 72, "UEFI 2.10 table 5.5");
_Static_assert(offsetof(struct gpt_header, entries_crc32) == 88, "UEFI 2.10 table 5.5");

/* UEFI 2.10 table 5.6 */
struct gpt_entry {
    uint8_t type_guid[16];
    uint8_t unique_guid[16];
    uint64_t first_lba;
    uint64_t last_lba;
    uint64_t attributes;
    uint16_t name[36];
};

_Static_assert(sizeof(struct gpt_entry) == ENTRY_SIZE, "UEFI 2.10 table 5.6");

uint64_t gpt_partition_sectors(uint64_t disk_sectors)
{
    uint64_t end = (disk_sectors - TAIL_SECTORS) / ALIGNMENT_SECTORS * ALIGNMENT_SECTORS;
    return end - PARTITION_FIRST_SECTOR;
}

static bool put(FILE *disk, uint64_t sector, const void *data, size_t size)
{
    return fseek(disk, (long)(sector * SECTOR_SIZE), SEEK_SET) == 0 &&
           fwrite(data, 1, size, disk) == size;
}

/* UEFI 2.10 section 5.2.3 */
static bool put_protective_mbr(FILE *disk, uint64_t disk_sectors)
{
    uint8_t mbr[512] = {0};
    static const uint8_t record[8] = {0x00, 0x00, 0x02, 0x00, 0xEE, 0xFF, 0xFF, 0xFF};
    uint32_t first = 1;
    uint32_t size = disk_sectors > UINT32_MAX ? UINT32_MAX : (uint32_t)disk_sectors - 1;
    memcpy(mbr + 446, record, sizeof(record));
    memcpy(mbr + 454, &first, sizeof(first));
    memcpy(mbr + 458, &size, sizeof(size));
    mbr[510] = 0x55;
    mbr[511] = 0xAA;
    return put(disk, 0, mbr, sizeof(mbr));
}

static struct gpt_entry partition_entry(uint64_t disk_sectors)
{
    static const char name[] = "EFI system";
    uint64_t size = gpt_partition_sectors(disk_sectors);
    struct gpt_entry entry = {.first_lba = PARTITION_FIRST_SECTOR,
                              .last_lba = PARTITION_FIRST_SECTOR + size - 1};
    memcpy(entry.type_guid, type_guid, sizeof(type_guid));
    memcpy(entry.unique_guid, partition_guid, sizeof(partition_guid));
    for (size_t i = 0; name[i] != '\0'; i++) {
        entry.name[i] = (uint16_t)name[i];
    }
    return entry;
}

static uint32_t entries_crc32(const struct gpt_entry *first)
{
    static const struct gpt_entry none;
    uint32_t crc = bootinfo_crc32(0, first, sizeof(*first));
    for (int i = 1; i < ENTRY_COUNT; i++) {
        crc = bootinfo_crc32(crc, &none, sizeof(none));
    }
    return crc;
}

/* The header at sector my_lba. The table follows the first header, and precedes the second. */
static bool put_table(FILE *disk, uint64_t disk_sectors, uint64_t my_lba)
{
    struct gpt_entry entry = partition_entry(disk_sectors);
    struct gpt_header header = {
        .signature = {'E', 'F', 'I', ' ', 'P', 'A', 'R', 'T'},
        .revision = 0x00010000,
        .header_size = HEADER_SIZE,
        .my_lba = my_lba,
        .alternate_lba = disk_sectors - my_lba,
        .first_usable_lba = 2 + TABLE_SECTORS,
        .last_usable_lba = disk_sectors - TAIL_SECTORS - 1,
        .entries_lba = my_lba == 1 ? 2 : disk_sectors - TAIL_SECTORS,
        .entry_count = ENTRY_COUNT,
        .entry_size = ENTRY_SIZE,
        .entries_crc32 = entries_crc32(&entry),
    };
    memcpy(header.disk_guid, disk_guid, sizeof(disk_guid));
    header.header_crc32 = bootinfo_crc32(0, &header, HEADER_SIZE);
    return put(disk, my_lba, &header, HEADER_SIZE) &&
           put(disk, header.entries_lba, &entry, sizeof(entry));
}

bool gpt_write(FILE *disk, uint64_t disk_sectors)
{
    return put_protective_mbr(disk, disk_sectors) && put_table(disk, disk_sectors, 1) &&
           put_table(disk, disk_sectors, disk_sectors - 1);
}
