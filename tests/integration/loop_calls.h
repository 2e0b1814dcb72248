/* Calls of CreateExportTask in a loop, each of which notes how it ended. */
#ifndef LOOP_CALLS_H
#define LOOP_CALLS_H

#include <time.h>

#include <caws/loop.h>

#include "servers.h"

static inline int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void sleep_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* One call. A callback that comes twice, or too late, is seen here: it lives longer than its loop.
 */
typedef struct ending {
    char name[32]; /* what is sent as destinationPrefix, and what the crowd server answers */
    int times;     /* that the callback came */
    int order;     /* 1: the first of all that count in the same total */
    int *total;    /* NULL: not counted */
    caws_status status;
    int attempts; /* of a failure */
    char code[64];
    char message[256];
    char answer[128]; /* taskId */
    int64_t ended_ms;
    caws_pending *call;
} ending;

static inline void note_ending(void *context, void *output, const caws_error *error)
{
    ending *e = context;
    caws_logs_create_export_task_output *out = output;
    assert_non_null(error);
    assert_true((error->status == CAWS_OK) == (output != NULL));
    e->times++;
    e->status = error->status;
    e->attempts = error->attempts;
    e->ended_ms = now_ms();
    snprintf(e->code, sizeof(e->code), "%s", error->code);
    snprintf(e->message, sizeof(e->message), "%s", error->message);
    if (out != NULL && out->task_id != NULL)
        snprintf(e->answer, sizeof(e->answer), "%s", out->task_id);
    if (e->total != NULL)
        e->order = ++*e->total;
    caws_output_free(out);
}

/* The input does not outlive this function, and neither does what it points to. */
static inline caws_pending *try_start(caws_loop *loop, ending *e, const caws_call_options *options,
                                      caws_call_done done, caws_error *error)
{
    char name[sizeof(e->name)];
    memcpy(name, e->name, sizeof(name));
    caws_logs_create_export_task_input input = valid_input();
    if (name[0] != '\0')
        input.destination_prefix = name;
    e->call = caws_loop_start(loop, &caws_operation_logs_create_export_task, &input, options, done,
                              e, error);
    memset(name, 'X', sizeof(name) - 1);
    memset(&input, 0xff, sizeof(input));
    return e->call;
}

static inline void start_with(caws_loop *loop, ending *e, const caws_call_options *options,
                              caws_call_done done)
{
    caws_error error = CAWS_ERROR_INIT;
    if (try_start(loop, e, options, done, &error) == NULL)
        fail_msg("%s: %s", error.code, error.message);
    assert_int_equal(error.status, CAWS_OK);
}

/* For a path of the crowd server: "delay/50". */
static inline void start_at(caws_loop *loop, ending *e, const char *path)
{
    char url[256];
    snprintf(url, sizeof(url), "%s/%s", required_environment("CAWS_TEST_CROWD_URL"), path);
    start_with(loop, e, &(caws_call_options){.endpoint_url = url}, note_ending);
    memset(url, 'X', sizeof(url) - 1);
}

static inline caws_client *new_crowd_client(const caws_client_options *options)
{
    char url[256];
    snprintf(url, sizeof(url), "%s/delay/0", required_environment("CAWS_TEST_CROWD_URL"));
    return new_client_at(url, options);
}

static inline caws_loop *new_loop(caws_client *client, const caws_loop_options *options)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_loop *loop = caws_loop_new(client, options, &error);
    if (loop == NULL)
        fail_msg("%s: %s", error.code, error.message);
    return loop;
}

/* Until nothing is pending; fails if that takes too long. */
static inline void run_all(caws_loop *loop, int64_t most_ms)
{
    if (caws_loop_run(loop, most_ms) != 0)
        fail_msg("calls are pending after %d ms", (int)most_ms);
}

/* Until no more than so many are pending; fails if that takes too long. */
static inline void run_down_to(caws_loop *loop, size_t left, int64_t most_ms)
{
    int64_t began = now_ms();
    while (caws_loop_run(loop, 10) > left)
        if (now_ms() - began > most_ms)
            fail_msg("more than %d calls are pending after %d ms", (int)left, (int)most_ms);
}

static inline void assert_ended_well(const ending *e)
{
    if (e->times != 1 || e->status != CAWS_OK)
        fail_msg("%s: %d callbacks, %s: %s", e->name, e->times, e->code, e->message);
    if (e->name[0] != '\0')
        assert_string_equal(e->answer, e->name);
}

static inline void assert_ended(const ending *e, caws_status status)
{
    if (e->times != 1 || e->status != status)
        fail_msg("%s: %d callbacks, %s: %s", e->name, e->times, e->code, e->message);
}

/* Connections, most requests at once and requests that the crowd server saw with a label. */
static inline void ask_what_was_seen(caws_client *client, const char *label, int figures[3])
{
    char url[256];
    caws_error error = CAWS_ERROR_INIT;
    caws_logs_create_export_task_output *out = NULL;
    const caws_logs_create_export_task_input input = valid_input();
    snprintf(url, sizeof(url), "%s/seen/%s", required_environment("CAWS_TEST_CROWD_URL"), label);
    const caws_call_options options = {.endpoint_url = url};
    if (caws_call_with(client, &caws_operation_logs_create_export_task, &input, &options, &out,
                       &error) != CAWS_OK)
        fail_msg("%s: %s", error.code, error.message);
    char *rest = out->task_id != NULL ? (char *)out->task_id : (char *)"";
    for (int i = 0; i < 3; i++)
        figures[i] = (int)strtol(rest, &rest, 10);
    caws_output_free(out);
}

#endif
