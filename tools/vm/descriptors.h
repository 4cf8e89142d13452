/* QEMU's firmware descriptors: JSON files, docs/interop/firmware.json of QEMU. */
#ifndef BATON_VM_DESCRIPTORS_H
#define BATON_VM_DESCRIPTORS_H

#include "ovmf.h"

struct descriptor_list {
    char **paths;
    size_t count;
};

/* All there are, best first: by file name over all folders; a name in
 * $XDG_CONFIG_HOME/qemu/firmware hides the same name in /etc/qemu/firmware, and that one in
 * /usr/share/qemu/firmware. Folders that are not there are noted in tried. */
void descriptors_list(struct descriptor_list *out_list, struct message *tried);
void descriptors_free(struct descriptor_list *list);

/* False: tried says why the descriptor does not fit. The files it names may be missing. */
bool descriptor_read(const char *path, const char *machine_type, struct message *tried,
                     struct ovmf *out_ovmf);

#endif
