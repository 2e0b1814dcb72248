/* The attempts of a call: credentials -> sign -> send -> answer -> (wait, again). No step blocks:
 * each returns whether to go on at once, or leaves wake_ms or a transfer to wait for. */
#include "classify.h"
#include "client.h"
#include "clock.h"
#include "credentials.h"
#include "fail.h"
#include "pending.h"

/* libcurl knows the time-out too, and says more about it; but it does not look at a transfer that
 * waits for a connection. */
enum { GRACE_MS = 20, ROUNDED_MS = 5 };

static bool finish(caws_pending *p)
{
    p->stage = CAWS_STAGE_FINISHED;
    caws_credentials_done(p);
    caws_call_note_end(p);
    return false;
}

static bool is_past(int64_t time_ms, int64_t now_ms)
{
    return time_ms != INT64_MAX && now_ms >= time_ms;
}

static bool fail_deadline(caws_pending *p)
{
    int http_status = p->error->http_status;
    caws_error_clear(p->error);
    p->error->http_status = http_status;
    p->error->retryable = true;
    (void)caws_fail(p->error, CAWS_ERROR_TIMEOUT,
                    "%s: its deadline has passed%s after %d attempt%s", p->operation->name,
                    p->http.streaming ? " in the stream," : "", p->attempts,
                    p->attempts == 1 ? "" : "s");
    return finish(p);
}

static caws_http_terms terms_of(const caws_pending *p, int64_t now_ms)
{
    const caws_settings *settings = &p->loop->client->settings;
    caws_http_terms terms = {.connect_timeout_ms = settings->connect_timeout_ms,
                             .timeout_ms = settings->timeout_ms,
                             .sink = p->sink};
    if (p->deadline_ms != INT64_MAX && p->deadline_ms - now_ms < terms.timeout_ms)
        terms.timeout_ms = p->deadline_ms - now_ms;
    return terms;
}

/* In adaptive mode an attempt may have to wait for its turn. */
static bool wait_for_turn(caws_pending *p, int64_t now_ms)
{
    if (caws_call_find_endpoint(p) != CAWS_OK)
        return finish(p);
    int64_t left_ms = p->deadline_ms != INT64_MAX ? p->deadline_ms - now_ms : INT64_MAX;
    int64_t delay_ms = caws_retry_before_attempt(&p->loop->client->retry, now_ms, left_ms);
    if (delay_ms < 0)
        return fail_deadline(p);
    p->stage = CAWS_STAGE_SEND;
    p->resume_ms = now_ms + delay_ms;
    return delay_ms == 0;
}

static bool send_request(caws_pending *p)
{
    int64_t now_ms = caws_monotonic_ms(); /* a callback may have taken its time */
    if (is_past(p->deadline_ms, now_ms))
        return fail_deadline(p);
    const caws_http_terms terms = terms_of(p, now_ms);
    if (caws_call_sign(p, terms.timeout_ms) != CAWS_OK ||
        caws_http_begin(&p->http, p->endpoint, &p->request, &terms, p->error) != CAWS_OK)
        return finish(p);
    p->attempts++;
    p->attempted_ms = now_ms;
    p->stage = CAWS_STAGE_ANSWER;
    p->resume_ms = INT64_MAX; /* not by time any more */
    if (caws_loop_transfer(p, p->endpoint, now_ms) != CAWS_OK)
        return finish(p);
    return false;
}

static const char *header_of(const caws_pending *p, const char *name)
{
    const caws_response *response = &p->http.response;
    return response->http_status != 0 ? response->header(response, name) : NULL;
}

/* Notes the service's time. Whether the signature's was wrong, and the next will be right. */
static bool correct_skew(caws_pending *p)
{
    const caws_skew_answer answer = {.date = header_of(p, "Date"),
                                     .age = header_of(p, "Age"),
                                     .sent_ms = p->signed_ms,
                                     .received_ms = caws_unix_ms(),
                                     .signed_skew_ms = p->signed_skew_ms};
    return caws_skew_measure(&answer, &p->ahead_ms) &&
           caws_skew_correct(&p->loop->client->skew, p->error, &answer);
}

/* Whether there is something to repeat the attempt for. What a sink has got cannot be taken back.
 */
static bool is_worth_repeating(caws_pending *p, caws_retry_cause *cause)
{
    caws_classify_error(p->error);
    *cause = caws_classify_cause(p->error);
    if (caws_is_expired_credentials(p->error) && caws_credentials_renew(p)) {
        *cause = CAWS_CAUSE_CREDENTIALS;
        p->error->retryable = true;
    }
    if (correct_skew(p)) {
        *cause = CAWS_CAUSE_CLOCK_SKEW;
        p->error->retryable = true;
    }
    return p->error->retryable && !p->http.streaming;
}

/* Whoever polls would call again at once, and so load a service that is down with more than retries
 * would. But nobody waits beyond the deadline. */
static bool hold_back(caws_pending *p, int64_t until_ms)
{
    p->stage = CAWS_STAGE_HELD_BACK;
    p->resume_ms = until_ms < p->deadline_ms ? until_ms : p->deadline_ms;
    return false;
}

static bool retry_or_finish(caws_pending *p, int64_t now_ms)
{
    caws_client *client = p->loop->client;
    caws_retry_cause cause = CAWS_CAUSE_SERVER;
    bool worth = is_worth_repeating(p, &cause);
    uint32_t random = 0;
    if (!caws_random_bytes(&random, sizeof(random)))
        random = 0; /* no delay */
    const caws_retry_decision decision = caws_retry_after_failure(
        &client->retry, &p->retry, p->error, header_of(p, "x-amz-retry-after"), random, now_ms);
    bool again = worth && !is_past(p->deadline_ms, now_ms + decision.delay_ms);
    if (decision.verdict == CAWS_RETRY_AGAIN && !again)
        caws_retry_forgo(&client->retry, &p->retry);
    /* libcurl rounds its times in its own way. */
    if (p->error->status == CAWS_ERROR_TIMEOUT && is_past(p->deadline_ms, now_ms + ROUNDED_MS))
        return fail_deadline(p);
    if (decision.verdict == CAWS_RETRY_NO_TOKENS && worth && decision.delay_ms > 0)
        return hold_back(p, now_ms + decision.delay_ms);
    if (decision.verdict != CAWS_RETRY_AGAIN || !again)
        return finish(p);
    caws_stats_add_retry(&client->stats, cause);
    caws_error_clear(p->error);
    p->stage = CAWS_STAGE_CREDENTIALS;
    p->resume_ms = now_ms + decision.delay_ms;
    return decision.delay_ms <= 0;
}

static void count_attempt(const caws_pending *p)
{
    caws_stats *stats = &p->loop->client->stats;
    bool opened = p->http.connects > 0;
    caws_stats_add(stats, CAWS_STAT_ATTEMPTS, 1);
    caws_stats_add(stats, CAWS_STAT_BYTES_SENT, p->request.body.length);
    caws_stats_add(stats, CAWS_STAT_BYTES_RECEIVED,
                   p->http.response.body.length + p->http.received);
    if (opened || p->http.response.http_status != 0)
        caws_stats_add(stats, opened ? CAWS_STAT_CONNECTIONS_OPENED : CAWS_STAT_CONNECTIONS_REUSED,
                       1);
}

static bool take_answer(caws_pending *p, int64_t now_ms)
{
    caws_status status = caws_http_end(&p->http, p->endpoint, p->code, p->error);
    count_attempt(p);
    caws_call_log_attempt(p);
    if (status == CAWS_OK && !p->http.stopped) /* of streams only errors: they want no output */
        (void)caws_call_decode(p);
    if (p->error->status != CAWS_OK)
        return retry_or_finish(p, now_ms);
    caws_retry_after_success(&p->loop->client->retry, &p->retry, now_ms);
    return finish(p);
}

static bool has_failed(caws_pending *p)
{
    if (p->error->status != CAWS_OK)
        (void)finish(p);
    return false;
}

/* Not so while a provider of credentials is asked for it. */
static bool is_streaming(const caws_pending *p)
{
    return p->sink != NULL && p->transferring && p->stage == CAWS_STAGE_ANSWER;
}

/* When to look at the call again. */
static void schedule(caws_pending *p)
{
    int64_t silent_until = INT64_MAX;
    p->wake_ms = p->transferring ? INT64_MAX : p->resume_ms; /* a transfer's end wakes by itself */
    if (is_streaming(p))
        (void)caws_http_is_silent(&p->http, 0, &silent_until);
    if (silent_until < p->wake_ms)
        p->wake_ms = silent_until + 1;
    if (p->transferring && p->late_ms < p->wake_ms - GRACE_MS)
        p->wake_ms = p->late_ms + GRACE_MS;
    if ((p->options.keep_going != NULL || p->handler.keep_going != NULL) && p->ask_ms < p->wake_ms)
        p->wake_ms = p->ask_ms;
}

void caws_attempt_go_on(caws_pending *p, int64_t now_ms)
{
    bool more = true;
    p->resume_ms = INT64_MAX;
    while (more) {
        switch (p->stage) {
        case CAWS_STAGE_CREDENTIALS:
            more = caws_credentials_find(p, now_ms) || has_failed(p);
            break;
        case CAWS_STAGE_PROVIDER:
            more = caws_credentials_go_on(p, now_ms) || has_failed(p);
            break;
        case CAWS_STAGE_TURN:
            more = wait_for_turn(p, now_ms);
            break;
        case CAWS_STAGE_SEND:
            more = send_request(p);
            break;
        case CAWS_STAGE_ANSWER:
            more = take_answer(p, now_ms);
            break;
        case CAWS_STAGE_HELD_BACK:
            more = finish(p);
            break;
        case CAWS_STAGE_FINISHED:
            more = false;
            break;
        }
    }
    schedule(p);
}

void caws_attempt_end_transfer(caws_pending *p, CURLcode code, int64_t now_ms)
{
    caws_loop_stop_transfer(p);
    p->code = code;
    caws_attempt_go_on(p, now_ms);
}

void caws_attempt_cancel(caws_pending *p)
{
    if (p->transferring)
        caws_loop_stop_transfer(p);
    caws_error_clear(p->error);
    (void)caws_fail(p->error, CAWS_ERROR_CANCELLED, "%s: the caller stopped it",
                    p->operation->name);
    (void)finish(p);
}

/* A stream that its handler wants no more of has ended well. */
static void stop(caws_pending *p, int64_t now_ms)
{
    if (is_streaming(p)) {
        p->http.stopped = true;
        caws_attempt_end_transfer(p, CURLE_ABORTED_BY_CALLBACK, now_ms);
        return;
    }
    if (p->transferring)
        caws_loop_stop_transfer(p); /* a provider's answer */
    (void)finish(p);                /* or before a retry */
}

static bool says_no(bool (*keep_going)(void *context), void *context)
{
    return keep_going != NULL && !keep_going(context);
}

static bool is_overdue(caws_pending *p, int64_t now_ms)
{
    int64_t silent_until = 0;
    return (is_streaming(p) && caws_http_is_silent(&p->http, now_ms, &silent_until)) ||
           (p->transferring && is_past(p->late_ms, now_ms - GRACE_MS));
}

void caws_attempt_look_at(caws_pending *p, int64_t now_ms)
{
    bool ask = now_ms >= p->ask_ms;
    if (ask)
        p->ask_ms = now_ms + CAWS_ASK_MS;
    if (ask && says_no(p->options.keep_going, p->options.context))
        caws_attempt_cancel(p);
    else if (ask && says_no(p->handler.keep_going, p->handler.context))
        stop(p, now_ms);
    else if (is_overdue(p, now_ms))
        caws_attempt_end_transfer(p, CURLE_OPERATION_TIMEDOUT, now_ms);
    else if (!p->transferring && now_ms >= p->resume_ms)
        caws_attempt_go_on(p, now_ms);
    else
        schedule(p);
}
