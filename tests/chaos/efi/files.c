/* The file protocol. What the loader must not call is NULL. */
#include "chaos.h"

enum { FILES_MAX = 8, NAME_MAX = 64, ELSEWHERE = 12345 };

struct file {
    struct _EFI_FILE_HANDLE shown; /* first: the loader's handle is this struct's address */
    EFI_FILE_HANDLE real;
    uint32_t number; /* 0: the root */
    UINT64 claimed;  /* position that GetPosition is to give; 0: the real one */
    bool open;
    bool dead;
};

static struct file files[FILES_MAX];
static uint32_t opened;
static UINT64 given_out;           /* bytes of odd_file that the loader has seen */
static CHAR16 last_name[NAME_MAX]; /* of the file that was opened last */
static EFI_FILE_IO_INTERFACE *patched;
static EFI_VOLUME_OPEN firmware_open_volume;

static EFI_STATUS EFIAPI file_open(EFI_FILE_HANDLE folder, EFI_FILE_HANDLE *file, CHAR16 *name,
                                   UINT64 mode, UINT64 attributes);
static EFI_STATUS EFIAPI file_close(EFI_FILE_HANDLE file);
static EFI_STATUS EFIAPI file_read(EFI_FILE_HANDLE file, UINTN *size, VOID *buffer);
static EFI_STATUS EFIAPI file_get_info(EFI_FILE_HANDLE file, EFI_GUID *guid, UINTN *size,
                                       VOID *buffer);
static EFI_STATUS EFIAPI file_set_position(EFI_FILE_HANDLE file, UINT64 position);
static EFI_STATUS EFIAPI file_get_position(EFI_FILE_HANDLE file, UINT64 *position);

static EFI_FILE_HANDLE show(EFI_FILE_HANDLE real, uint32_t number)
{
    for (int i = 0; i < FILES_MAX; i++) {
        if (!files[i].open) {
            files[i] = (struct file){.shown = {.Revision = real->Revision,
                                               .Open = file_open,
                                               .Close = file_close,
                                               .Read = file_read,
                                               .GetInfo = file_get_info,
                                               .SetPosition = file_set_position,
                                               .GetPosition = file_get_position},
                                     .real = real,
                                     .number = number,
                                     .open = true};
            return &files[i].shown;
        }
    }
    report("too many files\n");
    leave(false);
}

static struct file *file_of(EFI_FILE_HANDLE handle)
{
    struct file *file = (struct file *)handle;
    if (file < files || file >= files + FILES_MAX || !file->open) {
        broken("a file was used that is not open");
        leave(false);
    }
    return file;
}

static bool is_odd(const struct file *file)
{
    return file->number != 0 && file->number == run.plan->odd_file;
}

static EFI_STATUS EFIAPI open_volume(EFI_FILE_IO_INTERFACE *volume, EFI_FILE_HANDLE *root)
{
    EFI_FILE_HANDLE real = NULL;
    EFI_STATUS status = gate(CHAOS_OPEN_VOLUME, CALLER);
    if (!EFI_ERROR(status)) {
        status = firmware_open_volume(volume, &real);
    }
    if (!EFI_ERROR(status)) {
        *root = from_loader(CALLER) ? show(real, 0) : real;
    }
    return status;
}

/* Of the file of that name: another one than the last, or the last one again. */
static uint32_t number_of(const CHAR16 *name)
{
    bool same = opened > 0;
    for (size_t i = 0; i < NAME_MAX - 1 && (i == 0 || name[i - 1] != 0); i++) {
        same = same && last_name[i] == name[i];
        last_name[i] = name[i];
    }
    opened += same ? 0 : 1;
    return opened;
}

static EFI_STATUS EFIAPI file_open(EFI_FILE_HANDLE folder, EFI_FILE_HANDLE *file, CHAR16 *name,
                                   UINT64 mode, UINT64 attributes)
{
    EFI_FILE_HANDLE real = NULL;
    EFI_FILE_HANDLE parent = file_of(folder)->real;
    EFI_STATUS status = gate(CHAOS_OPEN, CALLER);
    if (mode != EFI_FILE_MODE_READ) {
        broken("a file was opened for writing");
    }
    if (!EFI_ERROR(status)) {
        status = parent->Open(parent, &real, name, mode, attributes);
    }
    if (!EFI_ERROR(status)) {
        *file = show(real, number_of(name));
    }
    return status;
}

static EFI_STATUS EFIAPI file_close(EFI_FILE_HANDLE handle)
{
    struct file *file = file_of(handle);
    EFI_STATUS status = gate(CHAOS_CLOSE, CALLER);
    file->open = false;
    file->real->Close(file->real);
    return status;
}

static EFI_STATUS EFIAPI file_get_info(EFI_FILE_HANDLE handle, EFI_GUID *guid, UINTN *size,
                                       VOID *buffer)
{
    const struct file *file = file_of(handle);
    EFI_STATUS status = gate(CHAOS_GET_INFO, CALLER);
    if (!EFI_ERROR(status)) {
        status = file->real->GetInfo(file->real, guid, size, buffer);
    }
    if (!EFI_ERROR(status) && is_odd(file)) {
        ((EFI_FILE_INFO *)buffer)->FileSize += run.plan->size_added;
    }
    return status;
}

static EFI_STATUS EFIAPI file_set_position(EFI_FILE_HANDLE handle, UINT64 position)
{
    struct file *file = file_of(handle);
    uint32_t flags = run.plan->flags;
    EFI_STATUS status = gate(CHAOS_SET_POSITION, CALLER);
    if (EFI_ERROR(status) || (flags & CHAOS_NO_POSITION) != 0) {
        return EFI_ERROR(status) ? status : EFI_UNSUPPORTED;
    }
    file->claimed = (flags & CHAOS_LITERAL_POSITION) != 0 ? position : 0;
    return (flags & CHAOS_STUCK_POSITION) != 0 && position == 0
               ? EFI_SUCCESS
               : file->real->SetPosition(file->real, position);
}

static EFI_STATUS EFIAPI file_get_position(EFI_FILE_HANDLE handle, UINT64 *position)
{
    const struct file *file = file_of(handle);
    EFI_STATUS status = gate(CHAOS_GET_POSITION, CALLER);
    if (!EFI_ERROR(status)) {
        status = file->real->GetPosition(file->real, position);
    }
    if (!EFI_ERROR(status) && file->claimed != 0) {
        *position = file->claimed;
    }
    if (!EFI_ERROR(status) && is_odd(file) && *position != 0) {
        *position += run.plan->size_added;
    }
    return status;
}

/* A Read above the plan's limit. */
static EFI_STATUS read_too_much(struct file *file, UINTN *size)
{
    if ((run.plan->flags & CHAOS_READ_NOTHING) != 0) {
        *size = 0;
        return EFI_SUCCESS;
    }
    if ((run.plan->flags & CHAOS_FILE_SURVIVES) != 0) {
        file->real->SetPosition(file->real, ELSEWHERE);
    } else {
        file->dead = true;
    }
    return EFI_BAD_BUFFER_SIZE;
}

/* Somebody writes to the file between two Reads of it. What was verified must not be read again. */
static void swap_seen(UINT64 position, UINTN size, uint8_t *bytes)
{
    if (size > 0 && position < given_out) {
        broken("bytes of a pinned file were read twice");
    }
    for (UINTN i = 0; i < size && position + i < given_out; i++) {
        bytes[i] ^= 1;
    }
    given_out = position + size > given_out ? position + size : given_out;
}

static EFI_STATUS read_of_plan(struct file *file, UINTN *size, VOID *buffer)
{
    const struct chaos_case *plan = run.plan;
    if (file->dead) {
        return EFI_DEVICE_ERROR;
    }
    if (plan->read_limit != 0 && *size > plan->read_limit) {
        return read_too_much(file, size);
    }
    if (plan->read_most != 0 && *size > plan->read_most) {
        *size = plan->read_most;
    }
    UINT64 position = 0;
    file->real->GetPosition(file->real, &position);
    EFI_STATUS status = file->real->Read(file->real, size, buffer);
    if (!EFI_ERROR(status) && is_odd(file) && (plan->flags & CHAOS_SWAPPED) != 0) {
        swap_seen(position, *size, buffer);
    }
    return status;
}

static EFI_STATUS EFIAPI file_read(EFI_FILE_HANDLE handle, UINTN *size, VOID *buffer)
{
    struct file *file = file_of(handle);
    EFI_STATUS status = gate(CHAOS_READ, CALLER);
    if (!EFI_ERROR(status)) {
        status = read_of_plan(file, size, buffer);
    }
    if (EFI_ERROR(status)) {
        *size = 1; /* FAT drivers leave anything here */
    } else if (is_odd(file)) {
        *size += run.plan->read_added;
    }
    return status;
}

void files_patch(EFI_FILE_IO_INTERFACE *volume)
{
    opened = 0;
    given_out = 0;
    patched = volume;
    firmware_open_volume = volume->OpenVolume;
    volume->OpenVolume = open_volume;
}

void files_restore(void)
{
    patched->OpenVolume = firmware_open_volume;
    for (int i = 0; i < FILES_MAX; i++) {
        if (files[i].open) {
            broken("a file was not closed");
            files[i].open = false;
            files[i].real->Close(files[i].real);
        }
    }
}

/* Without the volume's root, which may stay open at the exit. */
uint64_t hooks_open_files(void)
{
    uint64_t count = 0;
    for (int i = 0; i < FILES_MAX; i++) {
        count += files[i].open && files[i].number != 0 ? 1 : 0;
    }
    return count;
}
