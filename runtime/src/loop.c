/* Drives the calls of a loop: their times, and libcurl's multi interface. */
#include <string.h>

#include "clock.h"
#include "fail.h"
#include "pending.h"

#define TIMER_UNKNOWN INT64_MIN /* timer_ms: it may run, or have run out */

/* Calls whose time has come. A look may end a call, and with it take it off the list. */
static void wake(caws_loop *loop, int64_t now_ms)
{
    if (now_ms < loop->wake_ms)
        return;
    loop->wake_ms = INT64_MAX;
    for (caws_pending *p = loop->active, *next = NULL; p != NULL; p = next) {
        next = p->next;
        if (now_ms >= p->wake_ms)
            caws_attempt_look_at(p, now_ms);
        caws_pending_settle(p);
    }
}

/* Transfers that have ended. */
static void collect(caws_loop *loop)
{
    int queued = 0;
    for (const CURLMsg *message; (message = curl_multi_info_read(loop->multi, &queued)) != NULL;) {
        void *private = NULL;
        CURLcode code = message->data.result; /* the message ends with the removal */
        if (message->msg != CURLMSG_DONE ||
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private) != CURLE_OK)
            continue;
        caws_pending *p = private;
        long version = 0;
        (void)curl_easy_getinfo(p->http.curl, CURLINFO_HTTP_VERSION, &version);
        loop->http2 = loop->http2 || version >= CURL_HTTP_VERSION_2_0;
        if (code == CURLE_COULDNT_CONNECT && loop->sockets.no_memory)
            code = CURLE_OUT_OF_MEMORY; /* all that libcurl can know is that there is no socket */
        caws_loop_stop_transfer(p);
        p->code = code;
        caws_attempt_go_on(p, caws_monotonic_ms());
        caws_pending_settle(p);
    }
}

void caws_loop_deliver(caws_loop *loop)
{
    while (loop->finished != NULL) {
        caws_pending *p = loop->finished;
        loop->finished = p->next;
        if (loop->finished == NULL)
            loop->finished_end = &loop->finished;
        if (p->done != NULL)
            p->done(p->done_context, p->output, p->error);
        else
            caws_output_free(p->output);
        p->output = NULL;
        caws_pending_recycle(p);
    }
}

caws_status caws_loop_transfer(caws_pending *p, const caws_endpoint *endpoint, int64_t now_ms)
{
    if (strcmp(endpoint->scheme, "https") == 0)
        p->loop->tls = true;
    p->sendings = 1;
    CURLMcode code = curl_multi_add_handle(p->loop->multi, p->http.curl);
    if (code == CURLM_OUT_OF_MEMORY)
        return caws_fail_memory(p->error);
    if (code != CURLM_OK)
        return caws_fail(p->error, CAWS_ERROR_CONNECTION, "libcurl: %s", curl_multi_strerror(code));
    p->transferring = true;
    p->late_ms = p->http.terms.sink == NULL ? now_ms + p->http.terms.timeout_ms : p->deadline_ms;
    return CAWS_OK;
}

/* It may close a connection, and with TLS write a farewell. */
void caws_loop_stop_transfer(caws_pending *p)
{
    caws_loop *loop = p->loop;
    caws_sigpipe_begin(&loop->guard, loop->tls);
    (void)curl_multi_remove_handle(loop->multi, p->http.curl);
    caws_sigpipe_end(&loop->guard);
    p->transferring = false;
}

enum { LONGEST_WAIT_MS = 60000 }; /* spurious ends do no harm */

static int wait_ms(const caws_loop *loop, int64_t now_ms, int64_t until_ms)
{
    int64_t until = loop->wake_ms < until_ms ? loop->wake_ms : until_ms;
    int64_t ms = until == INT64_MAX ? LONGEST_WAIT_MS : until - now_ms;
    if (ms < 0)
        return 0;
    return ms < LONGEST_WAIT_MS ? (int)ms : LONGEST_WAIT_MS;
}

/* What libcurl lacked memory for is not told, and may be what a call waits for: a socket that
 * nobody watches, for one, whose entry in libcurl is not fit for use either. All calls end that
 * send. */
static void check(caws_loop *loop, CURLMcode code)
{
    for (caws_pending *p = loop->active, *next = NULL; p != NULL && code == CURLM_OUT_OF_MEMORY;
         p = next) {
        next = p->next;
        if (p->transferring)
            caws_attempt_end_transfer(p, CURLE_OUT_OF_MEMORY, caws_monotonic_ms());
        caws_pending_settle(p);
    }
}

/* Returns how long to wait for the next turn, in milliseconds. A clock costs a small call more than
 * its JSON does, so it is not read when nothing waits for it. */
static int turn(caws_loop *loop)
{
    int running = 0;
    caws_sigpipe_begin(&loop->guard, loop->tls);
    CURLMcode code = curl_multi_perform(loop->multi, &running);
    caws_sigpipe_end(&loop->guard);
    check(loop, code);
    collect(loop);
    if (loop->wake_ms == INT64_MAX)
        return LONGEST_WAIT_MS;
    int64_t now_ms = caws_monotonic_ms();
    wake(loop, now_ms);
    return wait_ms(loop, now_ms, INT64_MAX);
}

void caws_loop_finish(caws_loop *loop, caws_pending *p)
{
    while (p->stage != CAWS_STAGE_FINISHED) {
        int left_ms = turn(loop);
        if (p->stage != CAWS_STAGE_FINISHED)
            (void)curl_multi_poll(loop->multi, NULL, 0, left_ms, NULL);
    }
}

/* Tells the caller's timer when to call, if that has changed. */
static void update_timer(caws_loop *loop)
{
    if (loop->options.set_timer == NULL)
        return;
    int64_t now_ms = caws_monotonic_ms();
    int64_t until = loop->wake_ms < loop->curl_wake_ms ? loop->wake_ms : loop->curl_wake_ms;
    if (loop->finished != NULL)
        until = now_ms;
    if (until == loop->timer_ms)
        return;
    loop->timer_ms = until;
    loop->options.set_timer(loop->options.context,
                            until == INT64_MAX ? -1 : (until > now_ms ? until - now_ms : 0));
}

void caws_loop_cancel(caws_pending *pending)
{
    if (pending == NULL)
        return;
    caws_pending_cancel(pending);
    update_timer(pending->loop);
}

static caws_pending *start_detached(caws_loop *loop, const caws_start *start, caws_call_done done,
                                    void *context, caws_error *error)
{
    if (loop->closing) {
        (void)caws_fail(error, CAWS_ERROR_CANCELLED, "the loop is being freed");
        return NULL;
    }
    caws_pending *p = caws_pending_begin(loop, start, error);
    if (p == NULL)
        return NULL;
    if (p->stage == CAWS_STAGE_FINISHED) {
        caws_pending_recycle(p);
        return NULL;
    }
    p->error = &p->own_error;
    p->done = done;
    p->done_context = context;
    p->detached = true;
    return p;
}

caws_pending *caws_loop_start_call(caws_loop *loop, const caws_start *start, caws_call_done done,
                                   void *context, caws_error *error)
{
    caws_error own_error = CAWS_ERROR_INIT;
    caws_error *e = error != NULL ? error : &own_error;
    caws_pending *p = NULL;
    if (start->options != NULL && start->options->info != NULL)
        *start->options->info = (caws_call_info){0};
    if (loop == NULL) {
        if (e->status == CAWS_OK) /* else it tells why there is none */
            (void)caws_fail(e, CAWS_ERROR_INVALID_INPUT, "the loop is NULL");
    } else {
        caws_error_clear(e);
        p = start_detached(loop, start, done, context, e);
        update_timer(loop);
    }
    caws_error_clear(&own_error);
    return p;
}

caws_pending *caws_loop_start(caws_loop *loop, const caws_operation *operation, const void *input,
                              const caws_call_options *options, caws_call_done done, void *context,
                              caws_error *error)
{
    const caws_start start = {operation, input, options, done != NULL, NULL, NULL, NULL};
    return caws_loop_start_call(loop, &start, done, context, error);
}

size_t caws_loop_run(caws_loop *loop, int64_t timeout_ms)
{
    int64_t began_ms = caws_monotonic_ms();
    int64_t until_ms =
        timeout_ms < 0 || timeout_ms > INT64_MAX - began_ms ? INT64_MAX : began_ms + timeout_ms;
    if (loop == NULL)
        return 0;
    for (;;) {
        (void)turn(loop);
        caws_loop_deliver(loop);
        int64_t now_ms = caws_monotonic_ms();
        if (atomic_exchange(&loop->woken, false) || loop->pending_count == 0 || now_ms >= until_ms)
            return loop->pending_count;
        (void)curl_multi_poll(loop->multi, NULL, 0, wait_ms(loop, now_ms, until_ms), NULL);
    }
}

void caws_loop_wake(caws_loop *loop)
{
    if (loop == NULL)
        return;
    atomic_store(&loop->woken, true);
    (void)curl_multi_wakeup(loop->multi);
}

size_t caws_loop_act(caws_loop *loop, int socket, int events)
{
    int running = 0;
    int happened = ((events & CAWS_WATCH_IN) != 0 ? CURL_CSELECT_IN : 0) |
                   ((events & CAWS_WATCH_OUT) != 0 ? CURL_CSELECT_OUT : 0) |
                   ((events & CAWS_WATCH_ERROR) != 0 ? CURL_CSELECT_ERR : 0);
    if (loop == NULL)
        return 0;
    if (socket == CAWS_LOOP_TIMER)
        loop->timer_ms = TIMER_UNKNOWN; /* the caller may have come before its time */
    caws_sigpipe_begin(&loop->guard, loop->tls);
    CURLMcode code = CURLM_OK;
    if (socket != CAWS_LOOP_TIMER)
        code = curl_multi_socket_action(loop->multi, socket, happened, &running);
    if (code == CURLM_OK && caws_monotonic_ms() >= loop->curl_wake_ms) {
        loop->curl_wake_ms = INT64_MAX; /* libcurl tells what is left, and nothing if none is */
        code = curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    caws_sigpipe_end(&loop->guard);
    check(loop, code);
    collect(loop);
    wake(loop, caws_monotonic_ms());
    caws_loop_deliver(loop);
    update_timer(loop);
    return loop->pending_count;
}
