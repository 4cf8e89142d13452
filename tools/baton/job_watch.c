#include "job.h"

#include <stdlib.h>
#include <string.h>

/* Either tells that the loader gave up: its last line, or the firmware's first one after it. */
static const char *const last_words[] = {"Press a key to return to the firmware",
                                         "BdsDxe: failed to start"};
/* Either tells that the firmware is done with what takes it so long. */
static const char *const first_words[] = {"BdsDxe: starting Boot", "\nBaton "};
/* The loader's last line of a boot that is not quiet. */
static const char *const leaving_words[] = {"leaving the firmware"};

/* Texts are looked for in so much of the output's end. */
enum { WINDOW = 4096 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The end of the line that has one of the texts, in the end of the output; NULL: there is none. */
static const char *find_line(const struct bytes *serial, const char *const *texts, size_t count)
{
    const char *end = bytes_text(serial) + (serial->size > WINDOW ? serial->size - WINDOW : 0);
    for (size_t i = 0; i < count; i++) {
        const char *mark = strstr(end, texts[i]);
        if (mark != NULL && strchr(mark, '\n') != NULL) {
            return strchr(mark, '\n');
        }
    }
    return NULL;
}

static bool has_line(const struct bytes *serial, const char *const *texts, size_t count)
{
    return find_line(serial, texts, count) != NULL;
}

/* Marks the texts that came with the last size bytes, or ended in them. */
static const char *mark_texts(struct job_texts *texts, const char *all, size_t whole, size_t size)
{
    const char *first = NULL;
    for (size_t i = 0; i < texts->count; i++) {
        size_t length = strlen(texts->texts[i]);
        size_t from = whole > size + length ? whole - size - length : 0;
        if (memmem(all + from, whole - from, texts->texts[i], length) != NULL) {
            texts->seen[i] = true;
            first = first == NULL ? texts->texts[i] : first;
        }
    }
    return first;
}

bool job_saw_all(const struct job_texts *texts)
{
    bool all = texts->count > 0;
    for (size_t i = 0; i < texts->count; i++) {
        all = all && texts->seen[i];
    }
    return all;
}

static void look_at_texts(struct job *job, const char *all, size_t whole, size_t size)
{
    mark_texts(&job->options.expected, all, whole, size);
    const char *bad = mark_texts(&job->options.failing, all, whole, size);
    job->decided_by = job->decided_by == NULL ? bad : job->decided_by;
}

/* Who debugs wants to look around after a fault. */
static bool is_over(struct job *job)
{
    bool began = job->page.seen || job->debug_page.seen;
    job->page_began = began && !job->options.gdb;
    return (job->page.ended && !job->options.gdb) ||
           has_line(&job->serial, last_words, COUNT(last_words)) || job->decided_by != NULL ||
           job_saw_all(&job->options.expected);
}

static void look_at_loader(struct job *job)
{
    const char *last_line = find_line(&job->serial, leaving_words, COUNT(leaving_words));
    job->kernel_spoke =
        job->kernel_spoke || (last_line != NULL && last_line[1 + strspn(last_line + 1, "\r")] != 0);
    job->loader_left = job->loader_left || last_line != NULL;
    job->loader_began = job->loader_began || job->loader_left ||
                        has_line(&job->serial, first_words, COUNT(first_words));
}

bool job_output(void *context, const char *text, size_t size)
{
    struct job *job = context;
    bytes_add(&job->serial, text, size);
    fault_page_show(&job->page, text, size);
    look_at_texts(job, bytes_text(&job->serial), job->serial.size, size);
    look_at_loader(job);
    return !is_over(job);
}

/* Kernels like to say everything twice: only what did not come over the serial port is shown. */
static void show_debug_line(struct job *job)
{
    const char *line = bytes_text(&job->debug_line);
    look_at_texts(job, line, job->debug_line.size, job->debug_line.size);
    if (strstr(bytes_text(&job->serial), line) == NULL) {
        fault_page_show(&job->debug_page, line, job->debug_line.size);
        fault_page_show(&job->debug_page, "\n", 1);
    }
    bytes_free(&job->debug_line);
}

void job_debug_output(void *context, const char *text, size_t size)
{
    struct job *job = context;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n') {
            show_debug_line(job);
        } else if (text[i] != '\r') {
            bytes_add(&job->debug_line, text + i, 1);
        }
    }
    job->page_began = is_over(job) || job->page_began;
}

void job_debug_rest(struct job *job)
{
    if (job->debug_line.size > 0) {
        show_debug_line(job);
    }
}

void job_free(struct job *job)
{
    message_free(&job->message);
    project_free(&job->project);
    bytes_free(&job->serial);
    bytes_free(&job->debug_line);
    fault_page_free(&job->page);
    fault_page_free(&job->debug_page);
    free(job->folder);
}
