/* baton image: what firmware boots, made of kernels: a disk, a CD, a folder, or the files on
 * an EFI system partition that is there. No root is needed for any of them. */
#include "image.h"

#include "command.h"
#include "data.h"
#include "project.h"
#include "report.h"
#include "vm/files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_OUTPUT = 'o',
    OPTION_CONFIG = 'c',
    OPTION_SIZE = 's',
    OPTION_ISO = 0x100,
    OPTION_ESP,
};

enum { KERNELS_MAX = 64 };

struct request {
    const char *output; /* a file or a folder; NULL: none */
    const char *esp;    /* a mount point; NULL: none */
    uint64_t size;      /* bytes, at least */
    bool iso;
    const char *kernels[KERNELS_MAX];
    struct project_request project;
};

static const struct command_option options[] = {
    {OPTION_OUTPUT, "output", "FILE",
     "the image to write; a folder that is there, or a name that ends with /, gets the files "
     "themselves, to be copied"},
    {OPTION_CONFIG, "config", "FILE", "this loader.cfg (default: a line for each KERNEL)"},
    {OPTION_SIZE, "size", "SIZE",
     "at least so large, as in 512M (default: 272M): larger disks get larger clusters, which "
     "firmware reads faster"},
    {OPTION_ISO, "iso", NULL, "an image that boots as a CD and as a stick (needs xorriso)"},
    {OPTION_ESP, "esp", "FOLDER",
     "install on the EFI system partition that is mounted there, instead of -o"},
    {0, NULL, NULL, NULL},
};

static int image_main(const struct command *command, int argc, char **argv);

const struct command command_image = {
    .name = "image",
    .operands = "-o FILE|FOLDER/ [KERNEL...]",
    .summary = "make a disk, a CD or a folder that boots a kernel",
    .details =
        "Puts the loader, loader.cfg and the files that it names where firmware looks for them: "
        "on a disk image (GPT, one EFI system partition with FAT32), on a CD that is a disk as "
        "well, in a folder, or on a partition that is there. The same input gives the same bytes. "
        "No root is needed.\n"
        "\n"
        "Kernels and modules that loader.cfg names are found by their file names: on the command "
        "line, beside loader.cfg, beside a kernel. One that is missing is an error.\n"
        "\n"
        "--esp writes each file beside its place, reads it back, and renames only when all are "
        "there. A loader that was there is kept as BOOTX64.EFI.OLD. Nothing else is touched.\n",
    .options = options,
    .run = image_main,
};

static bool parse_size(const char *text, uint64_t *out_size)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    unsigned shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
    end += shift != 0;
    if (end == text || *end != '\0' || text[0] == '-' || errno != 0 ||
        value > UINT64_MAX >> shift) {
        return false;
    }
    *out_size = (uint64_t)value << shift;
    return true;
}

/* False: the value makes no sense. */
static bool take(int id, const char *value, struct request *out)
{
    switch (id) {
    case COMMAND_OPERAND:
        out->kernels[out->project.kernel_count++] = value;
        return out->project.kernel_count < KERNELS_MAX;
    case OPTION_OUTPUT:
        out->output = value;
        return value[0] != '\0';
    case OPTION_CONFIG:
        out->project.config = value;
        return true;
    case OPTION_SIZE:
        return parse_size(value, &out->size);
    case OPTION_ISO:
        out->iso = true;
        return true;
    default:
        out->esp = value;
        return value[0] != '\0';
    }
}

/* EXIT_GOOD, or the program's exit status: all is said. */
static int parse(const struct command *command, int argc, char **argv, struct request *out)
{
    struct command_line line = command_line(command, argc, argv);
    int id;
    while ((id = command_next(&line)) != COMMAND_END) {
        if (id == COMMAND_WRONG) {
            return EXIT_CANNOT;
        }
        if (id == COMMAND_HELP) {
            exit(EXIT_GOOD);
        }
        if (!take(id, line.value, out)) {
            return command_misused(command, "'%s' is no value for %s%s", line.value,
                                   id == COMMAND_OPERAND ? "KERNEL" : "--",
                                   command_option_name(command, id));
        }
    }
    if ((out->output == NULL) == (out->esp == NULL)) {
        return command_misused(command, "expected one of -o and --esp");
    }
    if (out->project.kernel_count == 0 && out->project.config == NULL) {
        return command_misused(command, "expected a kernel, or --config");
    }
    out->project.kernels = out->kernels;
    out->project.every_entry = true;
    return EXIT_GOOD;
}

static uint64_t size_of(const struct disk_file *file)
{
    return file->host == NULL ? file->size : (uint64_t)file_size(file->host);
}

static void list(const struct disk_file *files, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        printf("  %10" PRIu64 "  %s\n", size_of(&files[i]), files[i].path);
    }
}

static void say_how_to_write(const char *image)
{
    printf("Write it to a stick (lsblk shows which; all that is on it is lost):\n"
           "  sudo dd if=%s of=/dev/sdX bs=4M conv=fsync status=progress\n",
           image);
}

static bool make_disk(const struct request *request, const struct disk_file *files, size_t count,
                      struct message *message)
{
    if (!disk_make_fast(request->output, request->size, files, count, message)) {
        remove(request->output);
        return false;
    }
    uint64_t size = (uint64_t)file_size(request->output);
    printf("%s: %" PRIu64 " MiB, GPT, an EFI system partition (FAT32, clusters of %" PRIu64
           " KiB) with\n",
           request->output, size >> 20, disk_cluster_size(size) >> 10);
    list(files, count);
    say_how_to_write(request->output);
    return true;
}

static bool make_iso(const struct request *request, const struct disk_file *files, size_t count,
                     struct message *message)
{
    if (!image_iso(request->output, files, count, message)) {
        remove(request->output);
        return false;
    }
    printf("%s: %lld KiB, boots as a CD and as a disk; an EFI system partition with\n",
           request->output, file_size(request->output) >> 10);
    list(files, count);
    say_how_to_write(request->output);
    return true;
}

static bool make_folder(const struct request *request, const struct disk_file *files, size_t count,
                        struct message *message)
{
    const char *target = request->esp != NULL ? request->esp : request->output;
    bool kept = false;
    if (!image_install(target, files, count, message, &kept)) {
        return false;
    }
    printf("%s has\n", target);
    list(files, count);
    if (kept) {
        puts("The loader that was there is EFI/BOOT/BOOTX64.EFI.OLD now.");
    } else if (request->esp == NULL) {
        puts("Copy what is in it to a stick with a FAT file system, folders and all.");
    }
    return true;
}

static bool is_folder(const char *output)
{
    return output[strlen(output) - 1] == '/' || folder_exists(output);
}

static bool make(const struct request *request, const struct project *project,
                 struct message *message)
{
    size_t count;
    AUTO_STRING loader = data_find("BOOTX64.EFI", message);
    if (loader == NULL) {
        return false;
    }
    const char *config = project->names_config ? "/loader.cfg" : "/EFI/BOOT/loader.cfg";
    struct disk_file *files = project_files(project, loader, config, &count);
    bool good = request->esp != NULL || is_folder(request->output)
                    ? make_folder(request, files, count, message)
                : request->iso ? make_iso(request, files, count, message)
                               : make_disk(request, files, count, message);
    free(files);
    return good;
}

static int image_main(const struct command *command, int argc, char **argv)
{
    static struct request request;
    struct message message = {0};
    static struct project project;
    int status = parse(command, argc, argv, &request);
    if (status != EXIT_GOOD) {
        return status;
    }
    enum project_status found = project_find(&request.project, &message, &project);
    if (found != PROJECT_FOUND) {
        status = found == PROJECT_REFUSED ? EXIT_BAD : EXIT_CANNOT;
    } else if (!make(&request, &project, &message)) {
        status = EXIT_CANNOT;
    }
    report_message(&message);
    message_free(&message);
    project_free(&project);
    return status;
}
