/*
 * Many calls at once in a program that runs on libuv: writes COUNT log events, each by a call of
 * its own, all at the same time.
 *
 *     libuv COUNT LOG_GROUP LOG_STREAM
 *
 * Region, credentials and endpoint come from the environment. Exit status: 0 done, 1 a call failed,
 * 2 wrong usage.
 */
#include <caws/logs.h>
#include <caws/loop.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

enum { MOST_CALLS = 100000 };

/* A socket that libuv watches for caws. libuv keeps it until it has closed it. */
typedef struct watched {
    uv_poll_t poll; /* first: libuv hands this back */
    struct watched *next;
    struct bridge *bridge;
    int socket;
} watched;

/* Between caws and libuv. */
typedef struct bridge {
    uv_loop_t *uv;
    uv_timer_t timer;
    caws_loop *calls;
    watched *sockets;
} bridge;

typedef struct totals {
    bridge *bridge;
    int left;
    int failed;
} totals;

/* --- between caws and libuv --- */

static void on_timer(uv_timer_t *timer)
{
    const bridge *b = timer->data;
    caws_loop_act(b->calls, CAWS_LOOP_TIMER, 0);
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    const watched *w = (const watched *)poll;
    int happened = status < 0 ? CAWS_WATCH_ERROR : 0;
    if ((events & UV_READABLE) != 0)
        happened |= CAWS_WATCH_IN;
    if ((events & UV_WRITABLE) != 0)
        happened |= CAWS_WATCH_OUT;
    caws_loop_act(w->bridge->calls, w->socket, happened);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle); /* the whole of a watched */
}

static watched *add_socket(bridge *b, int socket)
{
    watched *w = calloc(1, sizeof(*w));
    if (w == NULL || uv_poll_init_socket(b->uv, &w->poll, socket) != 0) {
        free(w);
        return NULL;
    }
    w->bridge = b;
    w->socket = socket;
    w->next = b->sockets;
    b->sockets = w;
    return w;
}

static void watch(void *context, int socket, int events)
{
    bridge *b = context;
    watched **place = &b->sockets;
    while (*place != NULL && (*place)->socket != socket)
        place = &(*place)->next;
    watched *w = *place;
    if (events == CAWS_WATCH_NONE) {
        if (w == NULL)
            return;
        *place = w->next;
        uv_poll_stop(&w->poll); /* now: caws may close the socket next */
        uv_close((uv_handle_t *)&w->poll, on_closed);
        return;
    }
    if (w == NULL)
        w = add_socket(b, socket);
    int wanted = ((events & CAWS_WATCH_IN) != 0 ? UV_READABLE : 0) |
                 ((events & CAWS_WATCH_OUT) != 0 ? UV_WRITABLE : 0);
    if (w == NULL || uv_poll_start(&w->poll, wanted, on_socket) != 0)
        fputs("a socket cannot be watched: its call ends by its timeout\n", stderr);
}

static void set_timer(void *context, int64_t timeout_ms)
{
    bridge *b = context;
    if (timeout_ms < 0) {
        uv_timer_stop(&b->timer);
        return;
    }
    uv_update_time(b->uv); /* libuv counts from when it last looked at the clock */
    uv_timer_start(&b->timer, on_timer, (uint64_t)timeout_ms, 0);
}

/* --- the calls --- */

static void on_written(void *context, void *output, const caws_error *error)
{
    totals *all = context;
    all->left--;
    if (error->status != CAWS_OK) {
        all->failed++;
        printf("%s: %s\n", error->code, error->message);
    }
    caws_output_free(output);
}

/* Input is borrowed for the start alone. */
static bool start(totals *all, int number, const char *group, const char *stream, caws_error *error)
{
    char message[64];
    uv_timeval64_t now;
    uv_gettimeofday(&now);
    snprintf(message, sizeof(message), "event %d", number);
    const caws_logs_input_log_event event = {
        .timestamp = caws_i64(now.tv_sec * 1000 + now.tv_usec / 1000), .message = message};
    const caws_logs_put_log_events_input input = {
        .log_group_name = group, .log_stream_name = stream, .log_events = {&event, 1}};
    if (caws_loop_start(all->bridge->calls, &caws_operation_logs_put_log_events, &input, NULL,
                        on_written, all, error) != NULL)
        return true;
    fprintf(stderr, "event %d: %s: %s\n", number, error->code, error->message);
    return false;
}

static int write_events(bridge *b, int count, const char *group, const char *stream,
                        caws_error *error)
{
    totals all = {.bridge = b};
    for (int i = 0; i < count; i++) {
        if (start(&all, i, group, stream, error))
            all.left++;
        else
            all.failed++;
    }
    while (all.left > 0)
        uv_run(b->uv, UV_RUN_ONCE); /* a program with more to do has one uv_run for all of it */
    printf("%d calls, %d failed\n", count, all.failed);
    return all.failed > 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
    long count = argc == 4 ? strtol(argv[1], NULL, 10) : 0;
    if (count < 1 || count > MOST_CALLS) {
        fputs("usage: libuv COUNT LOG_GROUP LOG_STREAM\n", stderr);
        return 2;
    }

    int result = 1;
    caws_error error = CAWS_ERROR_INIT;
    bridge b = {.uv = uv_default_loop()};
    uv_timer_init(b.uv, &b.timer);
    b.timer.data = &b;
    const caws_loop_options options = {.watch = watch, .set_timer = set_timer, .context = &b};
    caws_client *client = caws_client_new(NULL, &error);
    b.calls = client != NULL ? caws_loop_new(client, &options, &error) : NULL;
    if (b.calls == NULL)
        fprintf(stderr, "%s: %s\n", error.code, error.message);
    else
        result = write_events(&b, (int)count, argv[2], argv[3], &error);

    caws_loop_free(b.calls); /* takes its sockets and its timer out of libuv */
    caws_client_free(client);
    caws_error_clear(&error);
    uv_close((uv_handle_t *)&b.timer, NULL);
    uv_run(b.uv, UV_RUN_DEFAULT); /* until everything is closed */
    uv_loop_close(b.uv);
    return result;
}
