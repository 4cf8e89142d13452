/* ENROLL.EFI: adds the keys that lie beside it to db and KEK, and sets PK last, after which the
 * firmware enforces Secure Boot. Nothing is ever replaced: the keys that are there stay. Where
 * the firmware is not in Setup Mode, it only does what its owner has signed: it appends
 * dbx.auth, and deletes PK with noPK.auth. A program of its own, so that the loader keeps its
 * promise to set no variable of others. */
#include <efi.h>

#include <string.h>

#define FILE_MAX 65536
#define LINE_MAX 16

static EFI_SYSTEM_TABLE *firmware;
static EFI_FILE_HANDLE volume;
static CHAR16 folder[512]; /* this program's own, a backslash at its end */

static CHAR16 setup_mode[] = u"SetupMode";
static CHAR16 secure_boot[] = u"SecureBoot";
static EFI_GUID global = EFI_GLOBAL_VARIABLE;
static EFI_GUID database = {
    0xd719b2cb, 0x3d3a, 0x4596, {0xa3, 0xbc, 0xda, 0xd0, 0x0e, 0x67, 0x65, 0x6f}};

#define AUTHENTICATED                                                                            \
    (EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS | \
     EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS)
#define APPEND 0x40

enum mode { USER = 1, SETUP = 2, ANY = USER | SETUP };

/* In this order: PK is the last, and only where all others went well. */
static struct change {
    CHAR16 variable[4];
    CHAR16 file[12];
    EFI_GUID *vendor;
    const CHAR16 *does;
    enum mode mode; /* USER: it has a signature that the firmware can check */
    BOOLEAN present;
    UINTN size;
} changes[] = {
    {u"db", u"db.auth", &database, u"added to", SETUP, FALSE, 0},
    {u"dbx", u"dbx.auth", &database, u"added to", ANY, FALSE, 0},
    {u"KEK", u"KEK.auth", &global, u"added to", SETUP, FALSE, 0},
    {u"PK", u"PK.auth", &global, u"becomes", SETUP, FALSE, 0},
    {u"PK", u"noPK.auth", &global, u"switches Secure Boot off: deletes", USER, FALSE, 0},
};

enum { DATABASE, REVOCATIONS, EXCHANGE_KEY, PLATFORM_KEY, NO_PLATFORM_KEY, CHANGES };

static UINT8 contents[CHANGES][FILE_MAX];

static void say(const CHAR16 *text)
{
    firmware->ConOut->OutputString(firmware->ConOut, (CHAR16 *)text);
}

static void say_number(UINT64 number)
{
    CHAR16 digits[24];
    int at = 23;
    digits[at] = 0;
    do {
        digits[--at] = (CHAR16)(u'0' + number % 10);
        number /= 10;
    } while (number > 0);
    say(digits + at);
}

static void say_status(EFI_STATUS status)
{
    static const CHAR16 hex[] = u"0123456789abcdef";
    CHAR16 digits[5];
    for (int i = 0; i < 4; i++) {
        digits[i] = hex[status >> (12 - 4 * i) & 0xF];
    }
    digits[4] = 0;
    say(u"error 0x");
    say(digits);
}

/* 2: the firmware does not say. */
static UINT8 state_of(CHAR16 *name)
{
    UINT8 value = 2;
    UINTN size = sizeof(value);
    EFI_STATUS status = firmware->RuntimeServices->GetVariable(name, &global, NULL, &size, &value);
    return EFI_ERROR(status) || size != 1 || value > 1 ? 2 : value;
}

static UINTN length(const CHAR16 *text)
{
    UINTN count = 0;
    while (text[count] != 0) {
        count++;
    }
    return count;
}

/* The path of this program up to its last backslash. */
static void find_folder(EFI_DEVICE_PATH *node)
{
    UINTN used = 0;
    UINTN end = 0;
    for (; node != NULL && !IsDevicePathEnd(node); node = NextDevicePathNode(node)) {
        UINTN units = (UINTN)(DevicePathNodeLength(node) - 4) / 2;
        if (DevicePathType(node) != MEDIA_DEVICE_PATH ||
            DevicePathSubType(node) != MEDIA_FILEPATH_DP) {
            continue;
        }
        for (UINTN i = 0; i < units && used < 480; i++) {
            CHAR16 unit;
            memcpy(&unit, (const UINT8 *)node + 4 + i * sizeof(unit), sizeof(unit));
            if (unit == 0) {
                break;
            }
            folder[used++] = unit;
            end = unit == u'\\' ? used : end;
        }
    }
    folder[end] = 0;
}

static EFI_STATUS open_volume(EFI_HANDLE image)
{
    static EFI_GUID image_guid = LOADED_IMAGE_PROTOCOL;
    static EFI_GUID volume_guid = SIMPLE_FILE_SYSTEM_PROTOCOL;
    EFI_LOADED_IMAGE *loaded = NULL;
    EFI_FILE_IO_INTERFACE *system = NULL;
    EFI_BOOT_SERVICES *services = firmware->BootServices;
    EFI_STATUS status = services->HandleProtocol(image, &image_guid, (void **)&loaded);
    if (EFI_ERROR(status)) {
        return status;
    }
    find_folder(loaded->FilePath);
    status = services->HandleProtocol(loaded->DeviceHandle, &volume_guid, (void **)&system);
    return EFI_ERROR(status) ? status : system->OpenVolume(system, &volume);
}

/* A file that is not there is no error; one that cannot be read is. */
static EFI_STATUS read_change(struct change *change)
{
    CHAR16 path[560];
    EFI_FILE_HANDLE file = NULL;
    UINTN size = length(folder);
    memcpy(path, folder, size * sizeof(path[0]));
    memcpy(path + size, change->file, (length(change->file) + 1) * sizeof(path[0]));
    EFI_STATUS status = volume->Open(volume, &file, path, EFI_FILE_MODE_READ, 0);
    if (EFI_ERROR(status)) {
        return status == EFI_NOT_FOUND ? EFI_SUCCESS : status;
    }
    change->size = FILE_MAX;
    status = file->Read(file, &change->size, contents[change - changes]);
    file->Close(file);
    change->present = !EFI_ERROR(status) && change->size > 0;
    return change->size == FILE_MAX ? EFI_BUFFER_TOO_SMALL : status;
}

static void describe(struct change *change)
{
    UINTN before = 0;
    EFI_STATUS status = firmware->RuntimeServices->GetVariable(change->variable, change->vendor,
                                                               NULL, &before, NULL);
    say(u"  ");
    say(change->file);
    say(u": ");
    say(change->does);
    say(u" ");
    say(change->variable);
    say(u", which has ");
    say_number(status == EFI_BUFFER_TOO_SMALL ? before : 0);
    say(u" bytes now\r\n");
}

static EFI_STATUS apply(struct change *change)
{
    UINT32 attributes = AUTHENTICATED | (change < changes + PLATFORM_KEY ? APPEND : 0);
    EFI_STATUS status = firmware->RuntimeServices->SetVariable(
        change->variable, change->vendor, attributes, change->size, contents[change - changes]);
    say(u"  ");
    say(change->variable);
    say(u": ");
    if (EFI_ERROR(status)) {
        say_status(status);
        say(u"; nothing more is changed\r\n");
    } else {
        say(u"done\r\n");
    }
    return status;
}

/* The word "yes" and Enter. */
static BOOLEAN is_agreed(void)
{
    CHAR16 line[LINE_MAX];
    UINTN size = 0;
    say(u"Type yes and Enter to do that; anything else changes nothing: ");
    for (;;) {
        EFI_INPUT_KEY key;
        UINTN index;
        if (EFI_ERROR(
                firmware->BootServices->WaitForEvent(1, &firmware->ConIn->WaitForKey, &index))) {
            return FALSE;
        }
        if (EFI_ERROR(firmware->ConIn->ReadKeyStroke(firmware->ConIn, &key))) {
            continue;
        }
        if (key.UnicodeChar == u'\r' || size == LINE_MAX - 1) {
            break;
        }
        line[size++] = key.UnicodeChar;
        CHAR16 echo[2] = {key.UnicodeChar, 0};
        say(echo);
    }
    say(u"\r\n");
    return size == 3 && memcmp(line, u"yes", 3 * sizeof(line[0])) == 0;
}

/* Counts what is to be done; shows it. */
static EFI_STATUS prepare(BOOLEAN setup, UINTN *out_count)
{
    *out_count = 0;
    for (int i = 0; i < CHANGES; i++) {
        EFI_STATUS status = read_change(&changes[i]);
        if (EFI_ERROR(status)) {
            say(changes[i].file);
            say(u": cannot be read: ");
            say_status(status);
            say(u"\r\n");
            return status;
        }
        changes[i].present = changes[i].present && (changes[i].mode & (setup ? SETUP : USER)) != 0;
        if (changes[i].present) {
            describe(&changes[i]);
            (*out_count)++;
        }
    }
    return EFI_SUCCESS;
}

static void say_state(void)
{
    if (state_of(secure_boot) == 1) {
        say(u"Secure Boot is on.\r\n");
    } else if (state_of(setup_mode) == 1) {
        say(u"Secure Boot is off: the firmware is in Setup Mode, and takes keys.\r\n");
    } else {
        say(u"Secure Boot is on from the next start on.\r\n");
    }
}

static EFI_STATUS enroll(void)
{
    UINTN count;
    BOOLEAN setup = state_of(setup_mode) == 1;
    say(u"Baton's ENROLL.EFI. The firmware is ");
    say(setup ? u"in Setup Mode: it takes keys.\r\n"
              : u"not in Setup Mode: it keeps its keys.\r\n");
    EFI_STATUS status = prepare(setup, &count);
    if (EFI_ERROR(status)) {
        return status;
    }
    if (count == 0) {
        say(setup
                ? u"There is nothing to do: no db.auth, KEK.auth, PK.auth beside this program.\r\n"
                : u"There is nothing to do. To enrol keys, first delete the platform key (PK), and "
                  u"nothing else, in the firmware's setup.\r\n");
        return EFI_NOT_FOUND;
    }
    if (changes[PLATFORM_KEY].present &&
        (!changes[DATABASE].present || !changes[EXCHANGE_KEY].present)) {
        say(u"A PK without db.auth and KEK.auth would leave nothing that boots: nothing was "
            u"changed.\r\n");
        return EFI_NOT_FOUND;
    }
    if (!is_agreed()) {
        say(u"Nothing was changed.\r\n");
        return EFI_ABORTED;
    }
    for (int i = 0; i < CHANGES; i++) {
        status = changes[i].present ? apply(&changes[i]) : EFI_SUCCESS;
        if (EFI_ERROR(status)) {
            return status;
        }
    }
    say_state();
    return EFI_SUCCESS;
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
    firmware = table;
    EFI_STATUS status = open_volume(image);
    if (EFI_ERROR(status)) {
        say(u"The volume of this program cannot be opened: ");
        say_status(status);
        say(u"\r\n");
        return status;
    }
    status = enroll();
    volume->Close(volume);
    return status;
}
