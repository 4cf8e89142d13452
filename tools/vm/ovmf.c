#include "ovmf.h"

#include "descriptors.h"
#include "files.h"

#include <stdlib.h>
#include <string.h>

static const char *const known_places[][2] = {
    {"/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"},
    {"/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"},
    {"/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"},
    {"/usr/share/edk2-ovmf/x64/OVMF_CODE.fd", "/usr/share/edk2-ovmf/x64/OVMF_VARS.fd"},
    {"/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"},
    {"/usr/share/edk2/OvmfX64/OVMF_CODE.fd", "/usr/share/edk2/OvmfX64/OVMF_VARS.fd"},
    {"/usr/share/edk2-ovmf/OVMF_CODE.fd", "/usr/share/edk2-ovmf/OVMF_VARS.fd"},
    {"/usr/share/qemu/ovmf-x86_64-code.bin", "/usr/share/qemu/ovmf-x86_64-vars.bin"},
};

/* Built with Secure Boot and SMM. The variables are those without keys: what a distribution
 * enrols would not let a loader start that is signed with somebody's own. */
static const char *const secure_places[][2] = {
    {"/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"},
    {"/usr/share/OVMF/OVMF_CODE.secboot.fd", "/usr/share/OVMF/OVMF_VARS.fd"},
    {"/usr/share/edk2/x64/OVMF_CODE.secboot.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"},
    {"/usr/share/edk2/ovmf/OVMF_CODE.secboot.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"},
    {"/usr/share/qemu/ovmf-x86_64-smm-code.bin", "/usr/share/qemu/ovmf-x86_64-smm-vars.bin"},
};

enum {
    PLACES = sizeof(known_places) / sizeof(known_places[0]),
    SECURE_PLACES = sizeof(secure_places) / sizeof(secure_places[0]),
};

static bool size_fits(const struct ovmf *ovmf, enum ovmf_size size)
{
    if (size == OVMF_ANY) {
        return true;
    }
    return strcmp(ovmf->code_format, "raw") == 0 && strcmp(ovmf->vars_format, "raw") == 0 &&
           file_size(ovmf->code) + file_size(ovmf->vars) == (long long)size;
}

static bool usable(const struct ovmf *ovmf, enum ovmf_size size, const char *source,
                   struct message *tried)
{
    if (!file_exists(ovmf->code)) {
        return message_add(tried, "  %s: no file %s", source, ovmf->code);
    }
    if (!file_exists(ovmf->vars)) {
        return message_add(tried, "  %s: no file %s", source, ovmf->vars);
    }
    if (!size_fits(ovmf, size)) {
        return message_add(tried, "  %s: %s is not of the size wanted", source, ovmf->code);
    }
    return true;
}

static struct ovmf ovmf_of(const char *code, const char *vars)
{
    return (struct ovmf){
        .code = string_copy(code),
        .vars = string_copy(vars),
        .code_format = string_copy("raw"),
        .vars_format = string_copy("raw"),
    };
}

/* Takes candidate over, or frees it. */
static bool take(struct ovmf candidate, enum ovmf_size size, const char *source,
                 struct message *tried, struct ovmf *out_ovmf)
{
    if (!usable(&candidate, size, source, tried)) {
        ovmf_free(&candidate);
        return false;
    }
    candidate.source = string_copy(source);
    *out_ovmf = candidate;
    return true;
}

static bool from_environment(enum ovmf_size size, struct message *tried, struct ovmf *out_ovmf)
{
    const char *code = getenv("OVMF_CODE");
    const char *vars = getenv("OVMF_VARS");
    if (code == NULL || vars == NULL) {
        return message_add(tried, "  $OVMF_CODE and $OVMF_VARS: %s not set",
                           code == NULL ? "OVMF_CODE" : "OVMF_VARS");
    }
    return take(ovmf_of(code, vars), size, "$OVMF_CODE, $OVMF_VARS", tried, out_ovmf);
}

static bool from_descriptors(const char *machine_type, enum ovmf_size size, struct message *tried,
                             struct ovmf *out_ovmf)
{
    struct descriptor_list list = {0};
    descriptors_list(&list, tried);
    bool found = false;
    for (size_t i = 0; i < list.count && !found; i++) {
        struct ovmf candidate;
        found = descriptor_read(list.paths[i], machine_type, tried, &candidate) &&
                take(candidate, size, list.paths[i], tried, out_ovmf);
    }
    descriptors_free(&list);
    return found;
}

static bool from_places(const char *const places[][2], size_t count, enum ovmf_size size,
                        struct message *tried, struct ovmf *out_ovmf)
{
    for (size_t i = 0; i < count; i++) {
        struct ovmf candidate = ovmf_of(places[i][0], places[i][1]);
        if (take(candidate, size, "known place", tried, out_ovmf)) {
            return true;
        }
    }
    return false;
}

static const char *size_words(enum ovmf_size size)
{
    switch (size) {
    case OVMF_2M:
        return "a 2 MiB UEFI firmware";
    case OVMF_4M:
        return "a 4 MiB UEFI firmware";
    default:
        return "a UEFI firmware";
    }
}

bool ovmf_find(const char *machine_type, enum ovmf_size size, struct message *message,
               struct ovmf *out_ovmf)
{
    struct message tried = {0};
    bool found = from_environment(size, &tried, out_ovmf);
    /* Who names a firmware wants that one or none. */
    if (!found && (getenv("OVMF_CODE") == NULL || size != OVMF_ANY)) {
        found = from_descriptors(machine_type, size, &tried, out_ovmf) ||
                from_places(known_places, PLACES, size, &tried, out_ovmf);
    }
    if (!found) {
        message_add(message, "%s for QEMU (x86-64, without Secure Boot) was not found. Tried:\n%s",
                    size_words(size), message_text(&tried));
        message_add(message, "Install it: apt-get install ovmf (Debian, Ubuntu), dnf install "
                             "edk2-ovmf (Fedora),\npacman -S edk2-ovmf (Arch), zypper install "
                             "qemu-ovmf-x86_64 (openSUSE);\nor set OVMF_CODE and OVMF_VARS to the "
                             "two files.");
    }
    message_free(&tried);
    return found;
}

bool ovmf_find_secure(struct message *message, struct ovmf *out_ovmf)
{
    struct message tried = {0};
    bool found = from_environment(OVMF_ANY, &tried, out_ovmf) ||
                 (getenv("OVMF_CODE") == NULL &&
                  from_places(secure_places, SECURE_PLACES, OVMF_ANY, &tried, out_ovmf));
    if (!found) {
        message_add(message,
                    "A UEFI firmware with Secure Boot for QEMU (x86-64) was not found. "
                    "Tried:\n%s",
                    message_text(&tried));
        message_add(message, "Install it: apt-get install ovmf (Debian, Ubuntu), dnf install "
                             "edk2-ovmf (Fedora),\npacman -S edk2-ovmf (Arch), zypper install "
                             "qemu-ovmf-x86_64 (openSUSE);\nor set OVMF_CODE and OVMF_VARS to the "
                             "two files.");
    }
    message_free(&tried);
    return found;
}

void ovmf_free(struct ovmf *ovmf)
{
    string_free(&ovmf->code);
    string_free(&ovmf->vars);
    string_free(&ovmf->code_format);
    string_free(&ovmf->vars_format);
    string_free(&ovmf->source);
}
