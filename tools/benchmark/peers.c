#include "peers.h"

#include "kernel.h"
#include "loader_cfg.h"
#include "vm/files.h"

#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYSTEMD_BOOT "/usr/lib/systemd/boot/efi/systemd-bootx64.efi"
#define GRUB_FOLDER  "/usr/lib/grub/x86_64-efi"

static const char grub_config[] = "multiboot2 $cmdpath/kernel.elf\nboot\n";
static const char grub_menu[] = "set timeout=0\nset default=0\n"
                                "menuentry k {\n  multiboot2 /kernel.elf\n}\n";
static const char systemd_loader[] = "timeout 0\ndefault k.conf\neditor no\nauto-entries no\n"
                                     "auto-firmware no\n";
static const char systemd_entry[] = "title k\nefi /kernel.efi\n";

static char *own(struct peer_files *files, char *string)
{
    files->owned[files->owned_count++] = string;
    return string;
}

static void add_host(struct peer_files *files, const char *path, char *host)
{
    files->files[files->count++] = (struct disk_file){.path = path, .host = own(files, host)};
}

static void add_text(struct peer_files *files, const char *path, const char *text)
{
    files->files[files->count++] =
        (struct disk_file){.path = path, .data = text, .size = strlen(text)};
}

/* Kernels and modules are named by all that makes them: one that is there is the right one. */
static char *kernel_path(const struct bench *bench, const struct bench_case *one)
{
    return string_format("%s/kernel-%d-%" PRIu64 "-%u-%" PRIu64 "-%016" PRIx64, bench->work,
                         one->format, one->size, one->module_count, one->module_size, bench->made);
}

static char *module_path(const struct bench *bench, const struct bench_case *one)
{
    return string_format("%s/module-%" PRIu64 "-%016" PRIx64, bench->work, one->module_size,
                         bench->made);
}

static char *grub_path(const struct bench *bench, const struct bench_case *one)
{
    return bench_work(bench, one->peer == PEER_GRUB ? "grub.efi" : "grub-cfg.efi");
}

static const char *kernel_name(enum format format)
{
    switch (format) {
    case FORMAT_GZIP:
        return "/kernel.bin.gz";
    case FORMAT_ELF:
    case FORMAT_HIGHER_HALF:
    case FORMAT_MULTIBOOT2:
        return "/kernel.elf";
    case FORMAT_EFI:
        return "/kernel.efi";
    default:
        return "/kernel.bin";
    }
}

static void list_ours(const struct bench *bench, const struct bench_case *one,
                      struct peer_files *files)
{
    add_host(files, "/peer.efi", string_copy(bench->loader));
    add_text(files, "/loader.cfg", own(files, loader_cfg(one, kernel_name(one->format))));
    for (unsigned i = 0; i < one->module_count; i++) {
        add_host(files, own(files, loader_cfg_module(i)), module_path(bench, one));
    }
}

static void list_floor(const struct bench *bench, const char *program, struct peer_files *files)
{
    AUTO_STRING name = string_format("efi/%s.EFI", program);
    add_host(files, "/peer.efi", bench_built(bench, name));
}

static void list_grub(const struct bench *bench, const struct bench_case *one,
                      struct peer_files *files)
{
    add_host(files, "/peer.efi", grub_path(bench, one));
    if (one->peer == PEER_GRUB_CFG) {
        add_text(files, "/grub/grub.cfg", grub_menu);
    }
}

static void list_systemd_boot(struct peer_files *files)
{
    add_host(files, "/peer.efi", string_copy(SYSTEMD_BOOT));
    add_text(files, "/loader/loader.conf", systemd_loader);
    add_text(files, "/loader/entries/k.conf", systemd_entry);
}

void peer_list(const struct bench *bench, const struct bench_case *one,
               struct peer_files *out_files)
{
    *out_files = (struct peer_files){0};
    add_host(out_files, "/EFI/BOOT/BOOTX64.EFI", bench_built(bench, "efi/chain.EFI"));
    switch (one->peer) {
    case PEER_FLOOR:
        list_floor(bench, "floor", out_files);
        break;
    case PEER_FLOOR_1M:
        list_floor(bench, "floor-1M", out_files);
        break;
    case PEER_OURS:
        list_ours(bench, one, out_files);
        break;
    case PEER_SYSTEMD_BOOT:
        list_systemd_boot(out_files);
        break;
    case PEER_GRUB:
    case PEER_GRUB_CFG:
        list_grub(bench, one, out_files);
        break;
    }
    add_host(out_files, kernel_name(one->format), kernel_path(bench, one));
}

void peer_files_free(struct peer_files *files)
{
    for (size_t i = 0; i < files->owned_count; i++) {
        free(files->owned[i]);
    }
}

const char *peer_loader(const struct peer_files *files)
{
    return files->files[1].host;
}

/* As small as GRUB gets for this: what it needs built in, and no normal mode. Made anew each time:
 * GRUB may have changed. */
static bool make_grub(const struct bench *bench, const struct bench_case *one,
                      struct message *message)
{
    AUTO_STRING image = grub_path(bench, one);
    AUTO_STRING unfinished = string_format("%s.new", image);
    AUTO_STRING config = bench_work(bench, "grub-min.cfg");
    const char *const small[] = {"grub-mkimage", "-O",       "x86_64-efi", "-d",    GRUB_FOLDER,
                                 "-o",           unfinished, "-p",         "/grub", "-c",
                                 config,         "part_gpt", "fat",        "boot",  "multiboot2",
                                 "gzio",         NULL};
    const char *const full[] = {"grub-mkimage", "-O",       "x86_64-efi", "-d",    GRUB_FOLDER,
                                "-o",           unfinished, "-p",         "/grub", "part_gpt",
                                "fat",          "boot",     "multiboot2", "gzio",  "normal",
                                "configfile",   "test",     "search",     NULL};
    return file_write(config, grub_config, strlen(grub_config), message) &&
           program_run(one->peer == PEER_GRUB ? small : full, message) &&
           (rename(unfinished, image) == 0 ||
            message_add(message, "%s: cannot be renamed to %s", unfinished, image));
}

static bool prepare_loader(const struct bench *bench, const struct bench_case *one,
                           struct message *message)
{
    if (one->peer == PEER_SYSTEMD_BOOT) {
        return file_exists(SYSTEMD_BOOT) ||
               message_add(message, "no file " SYSTEMD_BOOT ": install systemd-boot-efi");
    }
    if (one->peer == PEER_GRUB || one->peer == PEER_GRUB_CFG) {
        return make_grub(bench, one, message) ||
               message_add(message, "it needs grub-common and grub-efi-amd64-bin");
    }
    return true;
}

/* Files that differ from this one in their hash only: made by an earlier build. */
static void remove_outdated(const char *path)
{
    AUTO_STRING pattern = string_format("%.*s-*", (int)(strrchr(path, '-') - path), path);
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0) {
        return;
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        unlink(found.gl_pathv[i]);
    }
    globfree(&found);
}

static bool prepare_kernel(const struct bench *bench, const struct bench_case *one,
                           struct message *message)
{
    AUTO_STRING head = bench_built(bench, "benchmark-kernel.bin");
    AUTO_STRING stub = bench_built(bench, "efi/kernel-image.EFI");
    AUTO_STRING kernel = kernel_path(bench, one);
    struct kernel_parts parts = {head, stub};
    if (file_exists(kernel)) {
        return true;
    }
    remove_outdated(kernel);
    return kernel_write(kernel, one, &parts, message);
}

static bool prepare_module(const struct bench *bench, const struct bench_case *one,
                           struct message *message)
{
    AUTO_STRING module = module_path(bench, one);
    if (one->module_count == 0 || file_exists(module)) {
        return true;
    }
    remove_outdated(module);
    return module_write(module, one->module_size, message);
}

bool peer_prepare(const struct bench *bench, const struct bench_case *one, struct message *message)
{
    return prepare_loader(bench, one, message) && prepare_kernel(bench, one, message) &&
           prepare_module(bench, one, message);
}
