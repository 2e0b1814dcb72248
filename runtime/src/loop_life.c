/* How loops begin and end. */
#include <stdlib.h>
#include <unistd.h>

#include "client.h"
#include "clock.h"
#include "fail.h"
#include "pending.h"

enum { DEFAULT_MAX_CONNECTIONS = 256 };

static void close_multi(caws_loop *loop)
{
    if (loop->pid != getpid())
        caws_sockets_detach(&loop->sockets);
    caws_sigpipe_begin(&loop->guard, loop->tls);
    while (loop->idle != NULL) {
        caws_pending *p = loop->idle;
        loop->idle = p->next;
        caws_pending_free(p);
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
        caws_pending_cancel(loop->active);
    caws_loop_deliver(loop);
    close_multi(loop);
    if (loop->options.set_timer != NULL && loop->timer_ms != INT64_MAX)
        loop->options.set_timer(loop->options.context, -1);
    free(loop);
}
