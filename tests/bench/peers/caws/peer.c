/* The peer with caws (see ../c/peer.h). Region and keys are in the environment. */
#include <caws/logs.h>
#include <caws/loop.h>

#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS = 10000 };

typedef struct side {
    caws_client *client;
    caws_loop *loop; /* of flight */
    long left;       /* of flight: to be started */
    long sum;        /* of flight; negative: a call has failed */
    char *messages;  /* of encode: one after the other, each with its NUL */
    caws_logs_input_log_event *events;
} side;

static const caws_logs_create_export_task_input task = {
    .task_name = "nightly",
    .log_group_name = "my-log-group",
    .from = {true, 1441490400000},
    .to = {true, 1441494000000},
    .destination = "my-exported-logs",
    .destination_prefix = "exports",
};

static bool is_well(const caws_error *error)
{
    if (error->status != CAWS_OK)
        fprintf(stderr, "%s: %s\n", error->code, error->message);
    return error->status == CAWS_OK;
}

static long make_calls(peer *p, long count)
{
    side *s = p->context;
    caws_error error = CAWS_ERROR_INIT;
    long sum = 0;
    for (long i = 0; i < count && error.status == CAWS_OK; i++) {
        caws_logs_create_export_task_output *out = NULL;
        if (caws_logs_create_export_task(s->client, &task, &out, &error) == CAWS_OK)
            sum += (long)strlen(out->task_id);
        caws_output_free(out);
    }
    bool well = is_well(&error);
    caws_error_clear(&error);
    return well ? sum : -1;
}

static void start_next(side *s);

static void done(void *context, void *output, const caws_error *error)
{
    side *s = context;
    const caws_logs_create_export_task_output *out = output;
    if (!is_well(error)) {
        s->sum = -1;
    } else if (s->sum >= 0) {
        s->sum += (long)strlen(out->task_id);
        start_next(s);
    }
    caws_output_free(output);
}

static void start_next(side *s)
{
    if (s->left == 0)
        return;
    s->left--;
    caws_error error = CAWS_ERROR_INIT;
    if (caws_loop_start(s->loop, &caws_operation_logs_create_export_task, &task, NULL, done, s,
                        &error) == NULL) {
        (void)is_well(&error);
        s->sum = -1;
    }
    caws_error_clear(&error);
}

static long fly(peer *p, long count)
{
    side *s = p->context;
    s->left = count;
    s->sum = 0;
    for (long i = 0; i < p->flight; i++)
        start_next(s);
    while (caws_loop_run(s->loop, -1) > 0)
        ;
    return s->sum;
}

static bool read_events(const peer *p, side *s)
{
    size_t length = 0;
    s->messages = peer_read(p, "messages", &length);
    s->events = calloc(EVENTS, sizeof(*s->events));
    if (s->messages == NULL || s->events == NULL)
        return false;
    const char *at = s->messages;
    for (int i = 0; i < EVENTS; i++) {
        s->events[i].timestamp = caws_i64(1441490400000 + i);
        s->events[i].message = at;
        at += strlen(at) + 1;
    }
    return at == s->messages + length;
}

static long encode(peer *p, long count)
{
    side *s = p->context;
    const caws_logs_put_log_events_input input = {
        .log_group_name = "my-log-group",
        .log_stream_name = "my-log-stream",
        .log_events = {s->events, EVENTS},
    };
    caws_error error = CAWS_ERROR_INIT;
    for (long i = 0; i < count && error.status == CAWS_OK; i++) {
        caws_logs_put_log_events_output *out = NULL;
        (void)caws_logs_put_log_events(s->client, &input, &out, &error);
        caws_output_free(out);
    }
    bool well = is_well(&error);
    caws_error_clear(&error);
    return well ? count : -1;
}

static long decode(peer *p, long count)
{
    side *s = p->context;
    const caws_logs_get_log_events_input input = {
        .log_group_name = "my-log-group",
        .log_stream_name = "my-log-stream",
        .start_from_head = {true, true},
    };
    caws_error error = CAWS_ERROR_INIT;
    long sum = 0;
    for (long i = 0; i < count && error.status == CAWS_OK; i++) {
        caws_logs_get_log_events_output *out = NULL;
        if (caws_logs_get_log_events(s->client, &input, &out, &error) == CAWS_OK)
            sum += (long)out->events.count;
        caws_output_free(out);
    }
    bool well = is_well(&error);
    caws_error_clear(&error);
    return well ? sum : -1;
}

int main(int argc, char **argv)
{
    static const peer_kind kinds[] = {{"call", make_calls},
                                      {"flight", fly},
                                      {"encode", encode},
                                      {"decode", decode},
                                      {NULL, NULL}};
    side s = {.client = NULL};
    peer p;
    if (!peer_init(&p, argc, argv, kinds))
        return 2;
    p.context = &s;
    caws_error error = CAWS_ERROR_INIT;
    s.client = caws_client_new(&(caws_client_options){.endpoint_url = p.url}, &error);
    if (s.client != NULL && p.calls == fly)
        s.loop = caws_loop_new(s.client, NULL, &error);
    bool ready = is_well(&error) && (p.calls != encode || read_events(&p, &s));
    int status = ready ? peer_serve(&p) : 1;
    caws_loop_free(s.loop);
    caws_client_free(s.client);
    caws_error_clear(&error);
    free(s.messages);
    free(s.events);
    return status;
}
