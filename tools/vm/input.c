#include "input.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CTRL_A = 1, WAIT_MS = 1000 };

struct input input_from(const struct machine_input *from)
{
    return (struct input){.from = from, .at_end = from == NULL};
}

static bool is_wanted(const struct input *input)
{
    return !input->at_end && input->pending_size == 0 &&
           (input->from->ready == NULL || *input->from->ready || input->waited);
}

void input_wait(struct input *input, long long silence_ms)
{
    bool probable = input->from != NULL && input->from->probable != NULL && *input->from->probable;
    input->waited = input->waited || (probable && silence_ms >= WAIT_MS);
}

void input_prepare(const struct input *input, struct pollfd *out_source, struct pollfd *keys)
{
    *out_source =
        (struct pollfd){.fd = is_wanted(input) ? input->from->descriptor : -1, .events = POLLIN};
    keys->events = (short)(POLLIN | (input->pending_size > 0 ? POLLOUT : 0));
}

static void look_for_escape(struct input *input, const char *data, size_t size)
{
    for (size_t i = 0; i < size && input->from->terminal; i++) {
        input->left = input->left || (input->escaped && (data[i] == 'x' || data[i] == 'X'));
        input->escaped = !input->escaped && data[i] == CTRL_A;
    }
}

void input_move(struct input *input, const struct pollfd *source, const struct pollfd *keys)
{
    if (source->fd >= 0 && source->revents != 0) {
        ssize_t size = read(source->fd, input->pending, sizeof(input->pending));
        input->at_end = size == 0 || (size < 0 && errno != EINTR && errno != EAGAIN);
        input->pending_size = size > 0 ? (size_t)size : 0;
        look_for_escape(input, input->pending, input->pending_size);
    }
    if (input->pending_size == 0 || keys->fd < 0) {
        return;
    }
    ssize_t sent = send(keys->fd, input->pending, input->pending_size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
        memmove(input->pending, input->pending + sent, input->pending_size - (size_t)sent);
        input->pending_size -= (size_t)sent;
    }
}
