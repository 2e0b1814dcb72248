/* StartLiveTail: a handler that notes what it hears. */
#ifndef TAIL_H
#define TAIL_H

#include "loop_calls.h"

/* What came, as text: "start session-1; update one; ". */
typedef struct heard {
    char text[1024];
    int events;
    int stop_after; /* the event whose callback says stop; 0: none */
    int asked;      /* how often keep_going was called */
    int stop_asked; /* at which call keep_going says stop; 0: never */
} heard;

static inline void note(heard *h, const char *what, const char *text)
{
    size_t length = strlen(h->text);
    snprintf(h->text + length, sizeof(h->text) - length, "%s%.200s; ", what, text);
}

static inline bool on_start(void *context, const caws_logs_live_tail_session_start *event)
{
    heard *h = context;
    note(h, "start ", event->session_id != NULL ? event->session_id : "-");
    return ++h->events != h->stop_after;
}

static inline bool on_update(void *context, const caws_logs_live_tail_session_update *event)
{
    heard *h = context;
    const caws_logs_live_tail_session_results *results = &event->session_results;
    note(h, "update", "");
    for (size_t i = 0; i < results->count; i++)
        note(h, " ", results->items[i].message);
    return ++h->events != h->stop_after;
}

static inline bool on_ask(void *context)
{
    heard *h = context;
    return ++h->asked != h->stop_asked;
}

#define ALL "start session-1; update;  one; update;  two;  three; update; "
#define ONE "start session-1; update;  one; "

static inline caws_logs_start_live_tail_input tail_input(void)
{
    static const char *const groups[] = {"/caws/group"};
    return (caws_logs_start_live_tail_input){.log_group_identifiers = {groups, 1}};
}

static inline caws_logs_start_live_tail_handler tail_handler(heard *h)
{
    return (caws_logs_start_live_tail_handler){
        .context = h, .keep_going = on_ask, .session_start = on_start, .session_update = on_update};
}

/* Neither input nor handler outlives this function. */
static inline caws_pending *start_tail(caws_loop *loop, heard *h, const caws_call_options *options,
                                       caws_call_done done, void *context)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_logs_start_live_tail_input input = tail_input();
    caws_logs_start_live_tail_handler handler = tail_handler(h);
    caws_pending *call = caws_loop_start_stream(loop, &caws_stream_logs_start_live_tail, &input,
                                                &handler, options, done, context, &error);
    if (call == NULL)
        fail_msg("%s: %s", error.code, error.message);
    assert_int_equal(error.status, CAWS_OK);
    memset(&input, 0xff, sizeof(input));
    memset(&handler, 0xff, sizeof(handler));
    return call;
}

#endif
