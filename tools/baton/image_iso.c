#include "image.h"

#include "vm/files.h"

#include <stdio.h>
#include <stdlib.h>

/* El Torito counts what it boots from in 16 bits of 512-byte sectors; 1 means "up to the end
 * of the medium" to EDK2 (MdeModulePkg, ElTorito.c). */
#define FIXED_DATE  "2001090901464000" /* as in disk images */
#define COUNTED_MAX (65535LL * 512)

/* xorriso takes all dates and identifiers of the image from SOURCE_DATE_EPOCH, which
 * disk_make... has set. The file system of the CD itself is empty: all that is there lies in
 * the partition. */
static bool run_xorriso(const char *image, const char *partition, const char *empty,
                        struct message *message)
{
    const char *size = file_size(partition) > COUNTED_MAX ? "1" : "full";
    const char *const argv[] = {"xorriso",
                                "-as",
                                "mkisofs",
                                "-quiet",
                                "-o",
                                image,
                                "-V",
                                "BATON",
                                "--set_all_file_dates",
                                FIXED_DATE,
                                "-append_partition",
                                "2",
                                "0xef",
                                partition,
                                "-appended_part_as_gpt",
                                "-e",
                                "--interval:appended_partition_2:all::",
                                "-no-emul-boot",
                                "-boot-load-size",
                                size,
                                empty,
                                NULL};
    if (program_run(argv, message)) {
        return true;
    }
    return message_add(message, "baton image: --iso needs xorriso; 'baton doctor' says how to "
                                "install it");
}

bool image_iso(const char *image, const struct disk_file *files, size_t count,
               struct message *message)
{
    char *folder = NULL;
    if (!folder_make_temporary(message, &folder)) {
        return false;
    }
    AUTO_STRING partition = string_format("%s/partition", folder);
    AUTO_STRING empty = string_format("%s/empty", folder);
    bool good = disk_make_partition(partition, files, count, message) &&
                folder_make(empty, message) && run_xorriso(image, partition, empty, message);
    folder_remove(folder);
    free(folder);
    return good;
}
