/* The fake's EFI variables. */
#include "fake_platform.h"

#include <string.h>

static struct fake_variable variables[FAKE_VARIABLES_MAX];

void fake_variables_reset(void)
{
    for (size_t i = 0; i < FAKE_VARIABLES_MAX; i++) {
        if (!variables[i].keep) {
            variables[i].name[0] = '\0';
        }
    }
}

struct fake_variable *fake_find_variable(const char *name)
{
    for (size_t i = 0; i < FAKE_VARIABLES_MAX; i++) {
        if (name[0] != '\0' && strcmp(variables[i].name, name) == 0) {
            return &variables[i];
        }
    }
    return NULL;
}

enum firmware plat_variable_get(const char *name, void *data, uint64_t *size)
{
    enum firmware answer = fake_enter(FAKE_VARIABLE_GET, *size);
    const struct fake_variable *variable = fake_find_variable(name);
    uint64_t capacity = *size;
    if (answer != FIRMWARE_OK) {
        memset(data, 0xA5, capacity);
        return answer;
    }
    if (variable == NULL) {
        return fake_answer(FIRMWARE_NOT_FOUND);
    }
    *size = variable->size;
    if (variable->size > capacity) {
        return fake_answer(FIRMWARE_BUFFER_TOO_SMALL);
    }
    memcpy(data, variable->data, variable->size);
    return FIRMWARE_OK;
}

static struct fake_variable *free_place(void)
{
    for (size_t i = 0; i < FAKE_VARIABLES_MAX; i++) {
        if (variables[i].name[0] == '\0') {
            return &variables[i];
        }
    }
    fake_violation("more than %d variables", FAKE_VARIABLES_MAX);
}

static enum firmware write(const char *name, const void *data, uint64_t size, bool keep)
{
    struct fake_variable *variable = fake_find_variable(name);
    if (variable != NULL && variable->keep != keep) {
        return FIRMWARE_INVALID_PARAMETER; /* UEFI 2.10 section 8.2.3: other attributes */
    }
    if (size == 0) {
        if (variable == NULL) {
            return FIRMWARE_NOT_FOUND;
        }
        memset(variable, 0, sizeof(*variable));
        return FIRMWARE_OK;
    }
    if (strlen(name) >= sizeof(variable->name) || size > sizeof(variable->data)) {
        fake_violation("%s does not fit", name);
    }
    variable = variable == NULL ? free_place() : variable;
    memcpy(variable->name, name, strlen(name) + 1);
    memcpy(variable->data, data, size);
    variable->size = size;
    variable->keep = keep;
    return FIRMWARE_OK;
}

/* Variables take memory of the firmware's: the map changes. */
enum firmware plat_variable_set(const char *name, const void *data, uint64_t size, bool keep)
{
    enum firmware answer = fake_enter(FAKE_VARIABLE_SET, size);
    bool now = fake.calls[FAKE_VARIABLE_SET] == fake.power_fails_at;
    if (now && !fake.power_fails_after) {
        fake_power_fails();
    }
    fake_key_changes();
    answer = answer == FIRMWARE_OK ? fake_answer(write(name, data, size, keep)) : answer;
    if (now) {
        fake_power_fails();
    }
    return answer;
}

void fake_forget_variables(void)
{
    memset(variables, 0, sizeof(variables));
}
