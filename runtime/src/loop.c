/* Loops: the list of calls in flight, their times, and libcurl's multi interface. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "clock.h"
#include "fail.h"
#include "pending.h"

enum { DEFAULT_MAX_CONNECTIONS = 256, MAX_IDLE = 256 };

#define TIMER_UNKNOWN INT64_MIN /* timer_ms: it may run, or have run out */

/* --- calls: kept for later ones --- */

static void pending_free(caws_pending *p)
{
    caws_http_clear(&p->http);
    caws_request_clear(&p->request);
    caws_buffer_clear(&p->user_agent);
    free(p);
}

/*
 * For libcurl, before each sending of a request. When a kept connection ends without a word libcurl
 * would send the request again, whatever the service has done with it: that is another attempt, and
 * attempt.c's to make. What waits to be read on a kept connection is no answer to a request that is
 * not sent yet; libcurl would take it for one (before 8.1). It goes on to another connection when
 * the sending fails. In HTTP/2 there is always something to read, and answers have numbers.
 */
static int before_sending(void *context, char *address, char *own_address, int port, int own_port)
{
    caws_pending *p = context;
    long connects = 0;
    (void)address;
    (void)own_address;
    (void)port;
    if (p->sendings-- == 0)
        return CURL_PREREQFUNC_ABORT;
    if (!p->loop->http2 &&
        curl_easy_getinfo(p->http.curl, CURLINFO_NUM_CONNECTS, &connects) == CURLE_OK &&
        connects == 0 && caws_sockets_cut_unless_quiet(&p->loop->sockets, own_port))
        p->sendings++;
    return CURL_PREREQFUNC_OK;
}

static caws_pending *pending_new(caws_loop *loop, caws_error *error)
{
    caws_pending *p = calloc(1, sizeof(*p));
    if (p == NULL) {
        caws_fail_memory(error);
        return NULL;
    }
    p->loop = loop;
    p->own_error = (caws_error)CAWS_ERROR_INIT;
    if (caws_http_init(&p->http, &loop->client->settings, error) != CAWS_OK) {
        free(p);
        return NULL;
    }
    if (curl_easy_setopt(p->http.curl, CURLOPT_PRIVATE, p) == CURLE_OK &&
        curl_easy_setopt(p->http.curl, CURLOPT_PREREQFUNCTION, before_sending) == CURLE_OK &&
        curl_easy_setopt(p->http.curl, CURLOPT_PREREQDATA, p) == CURLE_OK &&
        caws_sockets_use(&loop->sockets, p->http.curl) == CURLE_OK)
        return p;
    caws_fail_memory(error);
    caws_http_clear(&p->http);
    free(p);
    return NULL;
}

static caws_pending *take_idle(caws_loop *loop, caws_error *error)
{
    caws_pending *p = loop->idle;
    if (p == NULL)
        return pending_new(loop, error);
    loop->idle = p->next;
    loop->idle_count--;
    return p;
}

void caws_loop_recycle(caws_pending *p)
{
    caws_loop *loop = p->loop;
    caws_request_reset(&p->request);
    caws_http_rest(&p->http);
    caws_error_clear(&p->own_error);
    if (p->sink != NULL)
        p->sink->free(p->sink->context);
    p->sink = NULL;
    loop->pending_count--;
    if (loop->idle_count == MAX_IDLE) {
        pending_free(p);
        return;
    }
    p->next = loop->idle;
    loop->idle = p;
    loop->idle_count++;
}

/* --- the list of active ones --- */

static void link_active(caws_pending *p)
{
    caws_loop *loop = p->loop;
    p->previous = NULL;
    p->next = loop->active;
    if (p->next != NULL)
        p->next->previous = p;
    loop->active = p;
}

static void unlink_active(caws_pending *p)
{
    if (p->previous != NULL)
        p->previous->next = p->next;
    else
        p->loop->active = p->next;
    if (p->next != NULL)
        p->next->previous = p->previous;
}

/* A stream's sink, and how its handler begins. */
static bool open_sink(caws_pending *p, const caws_start *start)
{
    p->handler = (caws_stream_handler){NULL, NULL};
    if (start->handler != NULL)
        memcpy(&p->handler, start->handler, sizeof(p->handler));
    if (start->open != NULL)
        p->sink = start->open(start, p->loop);
    return (p->sink != NULL) == (start->open != NULL);
}

/* After anything that may have moved a call on: notes when to look at it, or that it is finished.
 */
static void settle(caws_pending *p)
{
    caws_loop *loop = p->loop;
    if (p->stage != CAWS_STAGE_FINISHED) {
        if (p->wake_ms < loop->wake_ms)
            loop->wake_ms = p->wake_ms;
        return;
    }
    unlink_active(p);
    if (loop->active == NULL)
        loop->wake_ms = INT64_MAX;
    if (!p->detached)
        return;
    p->next = NULL;
    *loop->finished_end = p;
    loop->finished_end = &p->next;
}

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
        settle(p);
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
        settle(p);
    }
}

/* Callbacks come last, when nothing else holds a call: they may start and cancel. */
static void deliver(caws_loop *loop)
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
        caws_loop_recycle(p);
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

/* The service's own number of attempts goes before the default, and behind all that is set. */
static caws_retry_traits traits_of(const caws_operation *operation,
                                   const caws_call_options *options, const caws_settings *settings)
{
    const caws_service *service = operation->service;
    bool set = settings->sources[CAWS_SETTING_MAX_ATTEMPTS] != NULL;
    return (caws_retry_traits){
        .max_attempts = options->max_attempts > 0           ? options->max_attempts
                        : set || service->max_attempts == 0 ? settings->max_attempts
                                                            : service->max_attempts,
        .base_delay_ms = service->retry_delay_ms,
        .long_polling = (operation->flags & CAWS_OPERATION_LONG_POLLING) != 0,
    };
}

caws_pending *caws_loop_begin(caws_loop *loop, const caws_start *start, caws_error *error)
{
    static const caws_call_options none = {0};
    const caws_call_options *options = start->options != NULL ? start->options : &none;
    caws_pending *p = take_idle(loop, error);
    if (p == NULL)
        return NULL;
    caws_client *client = loop->client;
    int64_t now_ms = caws_monotonic_ms();
    loop->pending_count++;
    p->operation = start->operation;
    p->options = *options;
    p->done = NULL;
    p->detached = false;
    p->output_wanted = start->output_wanted;
    p->output = NULL;
    p->error = error;
    p->attempts = 0;
    p->ahead_ms = INT64_MAX;
    p->credentials_turn = 0;
    p->renewed = false;
    const caws_retry_traits traits = traits_of(p->operation, options, &client->settings);
    p->retry = caws_retry_begin(&client->retry, &traits);
    p->http.response.http_status = 0;
    p->http.streaming = false;
    p->stage = CAWS_STAGE_CREDENTIALS;
    p->deadline_ms = options->deadline_ms > 0 ? now_ms + options->deadline_ms : INT64_MAX;
    p->ask_ms = now_ms;
    link_active(p);
    if (!open_sink(p, start))
        (void)caws_fail_memory(error);
    if (error->status == CAWS_OK && caws_call_prepare(p, start->input, options) == CAWS_OK) {
        caws_attempt_go_on(p, now_ms);
    } else {
        p->stage = CAWS_STAGE_FINISHED;
        caws_call_note_end(p);
    }
    settle(p);
    return p;
}

/* --- driving --- */

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
        settle(p);
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

/* --- loops --- */

static void close_multi(caws_loop *loop)
{
    if (loop->pid != getpid())
        caws_sockets_detach(&loop->sockets);
    caws_sigpipe_begin(&loop->guard, loop->tls);
    while (loop->idle != NULL) {
        caws_pending *p = loop->idle;
        loop->idle = p->next;
        pending_free(p);
    }
    (void)curl_multi_cleanup(loop->multi);
    caws_sigpipe_end(&loop->guard);
    caws_signer_clear(&loop->signer);
    caws_sockets_clear(&loop->sockets);
}

static int watch_socket(CURL *curl, curl_socket_t socket, int what, void *context, void *unused)
{
    caws_loop *loop = context;
    (void)curl;
    (void)unused;
    int events = what == CURL_POLL_REMOVE ? CAWS_WATCH_NONE : 0;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        events |= CAWS_WATCH_IN;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        events |= CAWS_WATCH_OUT;
    bool paused = caws_sigpipe_pause(&loop->guard);
    loop->options.watch(loop->options.context, socket, events);
    caws_sigpipe_resume(&loop->guard, paused);
    return 0;
}

static int note_timer(CURLM *multi, long timeout_ms, void *context)
{
    caws_loop *loop = context;
    (void)multi;
    loop->curl_wake_ms = timeout_ms < 0 ? INT64_MAX : caws_monotonic_ms() + timeout_ms;
    return 0;
}

static bool set_multi_options(caws_loop *loop)
{
    CURLM *multi = loop->multi;
    int32_t most = loop->options.max_connections;
    const CURLMcode codes[] = {
        curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)most),
        curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)most), /* kept alive */
    };
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (codes[i] != CURLM_OK)
            return false;
    return loop->options.watch == NULL ||
           (curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch_socket) == CURLM_OK &&
            curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, loop) == CURLM_OK &&
            curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, note_timer) == CURLM_OK &&
            curl_multi_setopt(multi, CURLMOPT_TIMERDATA, loop) == CURLM_OK);
}

caws_loop *caws_loop_make(caws_client *client, const caws_loop_options *options, caws_error *error)
{
    caws_loop *loop = calloc(1, sizeof(*loop));
    if (loop == NULL) {
        caws_fail_memory(error);
        return NULL;
    }
    loop->client = client;
    loop->options = *options;
    loop->finished_end = &loop->finished;
    loop->wake_ms = INT64_MAX;
    loop->curl_wake_ms = INT64_MAX;
    loop->timer_ms = INT64_MAX;
    loop->pid = getpid();
    loop->multi = curl_multi_init();
    if (loop->multi != NULL && set_multi_options(loop) &&
        caws_signer_init(&loop->signer, &client->algorithms, &client->signing_keys))
        return loop;
    (void)curl_multi_cleanup(loop->multi);
    free(loop);
    caws_fail_memory(error);
    return NULL;
}

caws_loop *caws_loop_new(caws_client *client, const caws_loop_options *options, caws_error *error)
{
    static const caws_loop_options none = {0};
    caws_error own_error = CAWS_ERROR_INIT;
    caws_error *e = error != NULL ? error : &own_error;
    caws_loop_options chosen = options != NULL ? *options : none;
    caws_loop *loop = NULL;
    if (client == NULL) {
        (void)caws_fail_no_client(e);
        caws_error_clear(&own_error);
        return NULL;
    }
    caws_error_clear(e);
    if (chosen.max_connections == 0)
        chosen.max_connections = DEFAULT_MAX_CONNECTIONS;
    if (chosen.max_connections < 0)
        (void)caws_fail(e, CAWS_ERROR_CONFIGURATION, "option max_connections: %d, at least 0",
                        (int)chosen.max_connections);
    else if ((chosen.watch == NULL) != (chosen.set_timer == NULL))
        (void)caws_fail(e, CAWS_ERROR_CONFIGURATION,
                        "options watch and set_timer: one of them is NULL, the other is not");
    else
        loop = caws_loop_make(client, &chosen, e);
    caws_error_clear(&own_error);
    return loop;
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

static void cancel(caws_pending *p)
{
    if (p->stage == CAWS_STAGE_FINISHED)
        return;
    caws_attempt_cancel(p);
    settle(p);
}

void caws_loop_cancel(caws_pending *pending)
{
    if (pending == NULL)
        return;
    cancel(pending);
    update_timer(pending->loop);
}

/* In a child: their callbacks are the parent's business. */
static void forget_pending(caws_loop *loop)
{
    caws_sockets_detach(&loop->sockets);
    loop->options.watch = NULL;
    loop->options.set_timer = NULL;
    (void)curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, NULL);
    (void)curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, NULL);
    for (caws_pending *p = loop->active; p != NULL; p = p->next)
        p->done = NULL;
    for (caws_pending *p = loop->finished; p != NULL; p = p->next)
        p->done = NULL;
}

void caws_loop_free(caws_loop *loop)
{
    if (loop == NULL)
        return;
    loop->closing = true;
    if (loop->pid != getpid())
        forget_pending(loop);
    while (loop->active != NULL)
        cancel(loop->active);
    deliver(loop);
    close_multi(loop);
    if (loop->options.set_timer != NULL && loop->timer_ms != INT64_MAX)
        loop->options.set_timer(loop->options.context, -1);
    free(loop);
}

static caws_pending *start_detached(caws_loop *loop, const caws_start *start, caws_call_done done,
                                    void *context, caws_error *error)
{
    if (loop->closing) {
        (void)caws_fail(error, CAWS_ERROR_CANCELLED, "the loop is being freed");
        return NULL;
    }
    caws_pending *p = caws_loop_begin(loop, start, error);
    if (p == NULL)
        return NULL;
    if (p->stage == CAWS_STAGE_FINISHED) {
        caws_loop_recycle(p);
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
        deliver(loop);
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
    deliver(loop);
    update_timer(loop);
    return loop->pending_count;
}
