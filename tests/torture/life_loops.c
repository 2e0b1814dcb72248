/* Lives with calls in loops. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <caws/loop.h>

#include "life.h"

enum { CALLS = 3, WATCHED = 64 };

/* Three calls, in steps of their own. */
typedef struct flown {
    life *life;
    const char *server; /* "http://%P", "https://%T" */
    const char *name;
    bool ended;
} flown;

static void note_end(void *context, void *output, const caws_error *error)
{
    flown *f = context;
    caws_logs_create_export_task_output *out = output;
    f->ended = true;
    life_note(f->life, f->name, error, out != NULL ? out->task_id : NULL);
    caws_output_free(out);
}

static caws_pending *start(caws_loop *loop, flown *f)
{
    char form[64];
    char url[256];
    caws_error error = CAWS_ERROR_INIT;
    snprintf(form, sizeof(form), "%s/%s/%%R", f->server, f->name);
    scenarios_fill(url, sizeof(url), form, f->life->run);
    caws_pending *pending =
        caws_loop_start(loop, &caws_operation_logs_create_export_task, &life_export_input,
                        &(caws_call_options){.endpoint_url = url}, note_end, f, &error);
    if (pending == NULL)
        life_note(f->life, f->name, &error, NULL);
    f->ended = pending == NULL;
    caws_error_clear(&error);
    return pending;
}

static bool have_ended(const flown *calls)
{
    return calls[0].ended && calls[1].ended && calls[2].ended;
}

static const char plain[] = "http://%P";

/* first_to: the server of the first call; the others' is the plain one, TLS takes time. */
static void fly(life *l, const char *first_to, const caws_loop_options *options,
                void (*drive)(caws_loop *, flown *))
{
    flown calls[CALLS] = {
        {l, first_to, "ok", false}, {l, plain, "retry", false}, {l, plain, "limit", false}};
    flown cancelled = {l, plain, "cancelled", false};
    flown given_up = {l, first_to, "given-up", false};
    caws_error error = CAWS_ERROR_INIT;
    caws_loop *loop = caws_loop_new(l->client, options, &error);
    if (loop == NULL) {
        life_note(l, "loop", &error, NULL);
        caws_error_clear(&error);
        return;
    }
    for (int i = 0; i < CALLS; i++)
        (void)start(loop, &calls[i]);
    caws_loop_cancel(start(loop, &cancelled));
    drive(loop, calls);
    (void)start(loop, &given_up);
    caws_loop_free(loop);
}

static void drive_itself(caws_loop *loop, flown *calls)
{
    for (int i = 0; i < 1000 && !have_ended(calls); i++)
        (void)caws_loop_run(loop, 100);
}

void life_loop(life *l)
{
    fly(l, plain, NULL, drive_itself);
}

void life_loop_over_tls(life *l)
{
    fly(l, "https://%T", NULL, drive_itself);
}

/* What a stream in a loop has told. */
typedef struct tailed {
    char text[LIFE_TEXT];
    life *life;
    bool ended;
} tailed;

static void note_tail(void *context, void *output, const caws_error *error)
{
    tailed *t = context;
    (void)output;
    t->ended = true;
    life_note(t->life, "tail", error, error->status == CAWS_ERROR_MEMORY ? "" : t->text);
}

void life_tail_in_loop(life *l)
{
    tailed t = {.life = l};
    caws_error error = CAWS_ERROR_INIT;
    const caws_logs_start_live_tail_handler handler = life_tail_handler(t.text);
    caws_loop *loop = caws_loop_new(l->client, NULL, &error);
    if (loop == NULL ||
        caws_loop_start_stream(loop, &caws_stream_logs_start_live_tail, &life_tail_input, &handler,
                               NULL, note_tail, &t, &error) == NULL) {
        life_note(l, "tail", &error, "");
        t.ended = true;
    }
    for (int i = 0; i < 1000 && !t.ended; i++)
        (void)caws_loop_run(loop, 100);
    caws_loop_free(loop);
    caws_error_clear(&error);
}

static struct pollfd watched[WATCHED];
static nfds_t watched_count;
static int64_t timer_ms;

static void watch(void *context, int socket, int events)
{
    nfds_t i = 0;
    (void)context;
    while (i < watched_count && watched[i].fd != socket)
        i++;
    if (i == watched_count)
        watched[watched_count++].fd = socket;
    watched[i].events = (short)(((events & CAWS_WATCH_IN) != 0 ? POLLIN : 0) |
                                ((events & CAWS_WATCH_OUT) != 0 ? POLLOUT : 0));
    if (events == CAWS_WATCH_NONE)
        watched[i] = watched[--watched_count];
}

static void set_timer(void *context, int64_t timeout_ms)
{
    (void)context;
    timer_ms = timeout_ms;
}

static void drive_by_hand(caws_loop *loop, flown *calls)
{
    for (int i = 0; i < 1000 && !have_ended(calls); i++) {
        struct pollfd now[WATCHED];
        nfds_t count = watched_count;
        int wait_ms = timer_ms < 0 || timer_ms > 20 ? 20 : (int)timer_ms;
        memcpy(now, watched, sizeof(now));
        (void)poll(now, count, wait_ms);
        for (nfds_t n = 0; n < count; n++)
            if (now[n].revents != 0)
                (void)caws_loop_act(
                    loop, now[n].fd,
                    ((now[n].revents & POLLIN) != 0 ? CAWS_WATCH_IN : 0) |
                        ((now[n].revents & POLLOUT) != 0 ? CAWS_WATCH_OUT : 0) |
                        ((now[n].revents & (POLLERR | POLLHUP)) != 0 ? CAWS_WATCH_ERROR : 0));
        (void)caws_loop_act(loop, CAWS_LOOP_TIMER, 0);
    }
}

void life_event_loop(life *l)
{
    watched_count = 0;
    timer_ms = -1;
    fly(l, plain, &(caws_loop_options){.watch = watch, .set_timer = set_timer}, drive_by_hand);
}
