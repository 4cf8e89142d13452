#include "control.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A picture takes long on a busy machine. */
enum { ANSWER_MS = 20000 };

static void say(struct control *control, const char *text)
{
    size_t size = strlen(text);
    while (size > 0) {
        ssize_t sent = send(control->socket, text, size, MSG_NOSIGNAL);
        if (sent <= 0) {
            return; /* no answer will come, which is noticed */
        }
        text += sent;
        size -= (size_t)sent;
    }
}

void control_begin(struct control *control, int socket)
{
    *control = (struct control){.socket = socket};
    say(control, "{\"execute\": \"qmp_capabilities\"}\n");
}

void control_end(struct control *control)
{
    if (control->socket >= 0) {
        close(control->socket);
    }
    bytes_free(&control->heard);
    *control = (struct control){.socket = -1};
}

/* The next message, freed by the caller; NULL: it has not come yet. A message is a line. */
static cJSON *next_message(struct control *control)
{
    const char *start = bytes_text(&control->heard) + control->taken;
    const char *end = strchr(start, '\n');
    if (end == NULL) {
        return NULL;
    }
    control->taken += (size_t)(end + 1 - start);
    cJSON *message = cJSON_ParseWithLength(start, (size_t)(end - start));
    const char *event = cJSON_GetStringValue(cJSON_GetObjectItem(message, "event"));
    if (event != NULL && strcmp(event, "SHUTDOWN") == 0) {
        control->shut_down = true;
    }
    return message;
}

/* False: nothing will come any more. */
static bool receive(struct control *control)
{
    char data[1024];
    ssize_t size = recv(control->socket, data, sizeof(data), 0);
    if (size > 0) {
        bytes_add(&control->heard, data, (size_t)size);
    }
    return size > 0 || (size < 0 && errno == EINTR);
}

bool control_hear(struct control *control)
{
    bool open = receive(control);
    cJSON *message;
    while ((message = next_message(control)) != NULL) {
        cJSON_Delete(message);
    }
    return open;
}

/* Events and the answers to earlier commands are passed over. NULL: none came. */
static cJSON *wait_for_answer(struct control *control, const char *id)
{
    struct pollfd socket = {.fd = control->socket, .events = POLLIN};
    for (;;) {
        cJSON *message = next_message(control);
        const char *about = cJSON_GetStringValue(cJSON_GetObjectItem(message, "id"));
        if (about != NULL && strcmp(about, id) == 0) {
            return message;
        }
        cJSON_Delete(message);
        if (message == NULL && (poll(&socket, 1, ANSWER_MS) <= 0 || !receive(control))) {
            return NULL;
        }
    }
}

static cJSON *command_with(const char *name, const char *argument, const char *value)
{
    cJSON *command = cJSON_CreateObject();
    cJSON_AddStringToObject(command, "execute", name);
    cJSON_AddStringToObject(command, "id", name);
    cJSON *arguments = cJSON_AddObjectToObject(command, "arguments");
    cJSON_AddStringToObject(arguments, argument, value);
    return command;
}

/* Takes command over. The answer is freed by the caller. */
static bool execute(struct control *control, cJSON *command, struct message *message,
                    cJSON **out_answer)
{
    AUTO_STRING name = string_copy(cJSON_GetStringValue(cJSON_GetObjectItem(command, "id")));
    char *text = cJSON_PrintUnformatted(command);
    say(control, text);
    say(control, "\n");
    cJSON_free(text);
    cJSON_Delete(command);
    cJSON *answer = wait_for_answer(control, name);
    if (answer == NULL) {
        return message_add(message, "QEMU does not answer to %s", name);
    }
    cJSON *error = cJSON_GetObjectItem(answer, "error");
    if (error != NULL) {
        const char *words = cJSON_GetStringValue(cJSON_GetObjectItem(error, "desc"));
        message_add(message, "QEMU: %s: %s", name, words == NULL ? "refused" : words);
        cJSON_Delete(answer);
        return false;
    }
    *out_answer = answer;
    return true;
}

bool control_screenshot(struct control *control, const char *path, struct message *message)
{
    cJSON *command = command_with("screendump", "filename", path);
    cJSON *answer;
    cJSON_AddStringToObject(cJSON_GetObjectItem(command, "arguments"), "format", "png");
    if (!execute(control, command, message, &answer)) {
        bool old = strstr(message_text(message), "Parameter 'format'") != NULL ||
                   strstr(message_text(message), "PNG") != NULL;
        return old ? message_add(message,
                                 "no screenshot: that takes QEMU 7.1 or newer, built with PNG")
                   : message_add(message, "no screenshot was taken");
    }
    cJSON_Delete(answer);
    return true;
}

bool control_monitor(struct control *control, const char *command, struct message *message,
                     struct bytes *out_text)
{
    cJSON *answer;
    if (!execute(control, command_with("human-monitor-command", "command-line", command), message,
                 &answer)) {
        return false;
    }
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(answer, "return"));
    for (; text != NULL && *text != '\0'; text++) {
        if (*text != '\r') {
            bytes_add(out_text, text, 1);
        }
    }
    cJSON_Delete(answer);
    return true;
}

bool control_registers(struct control *control, struct message *message, struct bytes *out_text)
{
    return control_monitor(control, "info registers -a", message, out_text);
}
