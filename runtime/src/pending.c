/* Calls in flight: their handles, which later ones use again, and the list of active ones. */
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "clock.h"
#include "fail.h"
#include "pending.h"

enum { MAX_IDLE = 256 };

void caws_pending_free(caws_pending *p)
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

void caws_pending_recycle(caws_pending *p)
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
        caws_pending_free(p);
        return;
    }
    p->next = loop->idle;
    loop->idle = p;
    loop->idle_count++;
}

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

void caws_pending_settle(caws_pending *p)
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

caws_pending *caws_pending_begin(caws_loop *loop, const caws_start *start, caws_error *error)
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
    caws_pending_settle(p);
    return p;
}

void caws_pending_cancel(caws_pending *p)
{
    if (p->stage == CAWS_STAGE_FINISHED)
        return;
    caws_attempt_cancel(p);
    caws_pending_settle(p);
}
