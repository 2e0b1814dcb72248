#include "retry.h"

#include <stddef.h>

enum {
    RETRY_COST = 14,
    THROTTLING_RETRY_COST = 5,
    SUCCESS_WORTH = 1, /* of a call that needed no retry */

    BASE_DELAY_MS = 50,
    THROTTLING_BASE_DELAY_MS = 1000,
    MAX_DELAY_MS = 20000,
    MOST_DELAY_ABOVE_BACKOFF_MS = 5000 /* that a service may ask for */
};

bool caws_retry_init(caws_retry *retry, caws_retry_mode mode, int64_t now_ms)
{
    retry->mode = mode;
    retry->max_delay_ms = MAX_DELAY_MS;
    atomic_init(&retry->tokens, CAWS_RETRY_TOKENS);
    caws_rate_limit_init(&retry->limit, now_ms);
    return pthread_mutex_init(&retry->mutex, NULL) == 0;
}

void caws_retry_clear(caws_retry *retry)
{
    pthread_mutex_destroy(&retry->mutex);
}

caws_retry_call caws_retry_begin(const caws_retry *retry, const caws_retry_traits *traits)
{
    caws_retry_call call = {.max_attempts = CAWS_RETRY_DEFAULT_ATTEMPTS,
                            .base_delay_ms = BASE_DELAY_MS};
    if (traits != NULL) {
        call.long_polling = traits->long_polling;
        if (traits->max_attempts > 0)
            call.max_attempts = traits->max_attempts;
        if (traits->base_delay_ms > 0)
            call.base_delay_ms = traits->base_delay_ms;
    }
    if (retry->mode == CAWS_RETRY_OFF)
        call.max_attempts = 1;
    return call;
}

int64_t caws_retry_before_attempt(caws_retry *retry, int64_t now_ms, int64_t max_wait_ms)
{
    if (retry->mode != CAWS_RETRY_ADAPTIVE)
        return 0;
    pthread_mutex_lock(&retry->mutex);
    int64_t wait_ms = caws_rate_limit_take(&retry->limit, now_ms, max_wait_ms);
    pthread_mutex_unlock(&retry->mutex);
    return wait_ms;
}

static void note_answer(caws_retry *retry, bool throttled, int64_t now_ms)
{
    if (retry->mode != CAWS_RETRY_ADAPTIVE)
        return;
    pthread_mutex_lock(&retry->mutex);
    caws_rate_limit_note(&retry->limit, throttled, now_ms);
    pthread_mutex_unlock(&retry->mutex);
}

static bool take_tokens(caws_retry *retry, int count)
{
    int tokens = atomic_load_explicit(&retry->tokens, memory_order_relaxed);
    do {
        if (tokens < count)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&retry->tokens, &tokens, tokens - count,
                                                    memory_order_relaxed, memory_order_relaxed));
    return true;
}

/* Most calls find all tokens there and write nothing, so that threads share the number in peace. */
static void give_tokens(caws_retry *retry, int count)
{
    int tokens = atomic_load_explicit(&retry->tokens, memory_order_relaxed);
    int more;
    do {
        if (tokens >= CAWS_RETRY_TOKENS)
            return;
        more = count < CAWS_RETRY_TOKENS - tokens ? tokens + count : CAWS_RETRY_TOKENS;
    } while (!atomic_compare_exchange_weak_explicit(&retry->tokens, &tokens, more,
                                                    memory_order_relaxed, memory_order_relaxed));
}

/* Exponential with full jitter: anything from 0 to the base doubled with each failure. */
static int64_t backoff(const caws_retry *retry, const caws_retry_call *call, bool throttling,
                       uint32_t random)
{
    int64_t most = throttling ? THROTTLING_BASE_DELAY_MS : call->base_delay_ms;
    for (int32_t i = 1; i < call->failures && most < retry->max_delay_ms; i++)
        most *= 2;
    if (most > retry->max_delay_ms)
        most = retry->max_delay_ms;
    return (int64_t)((uint64_t)most * random / UINT32_MAX);
}

/* -1 if text is no whole number; a huge one counts as a large one. */
static int64_t parse_retry_after(const char *text)
{
    int64_t ms = -1;
    for (; text != NULL && *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        ms = (ms < 0 ? 0 : ms) * 10 + (*text - '0');
        if (ms > INT32_MAX)
            ms = INT32_MAX;
    }
    return ms;
}

/* The service may ask for more than the backoff, but not for much more, and never for less. */
static int64_t delay(int64_t backoff_ms, int64_t asked_ms)
{
    int64_t most = backoff_ms + MOST_DELAY_ABOVE_BACKOFF_MS;
    if (asked_ms > most)
        return most;
    return asked_ms > backoff_ms ? asked_ms : backoff_ms;
}

caws_retry_decision caws_retry_after_failure(caws_retry *retry, caws_retry_call *call,
                                             const caws_error *error, const char *retry_after,
                                             uint32_t random, int64_t now_ms)
{
    caws_retry_decision decision = {CAWS_RETRY_AGAIN, 0};
    note_answer(retry, error->throttling, now_ms);
    call->failures++;
    int cost = error->throttling ? THROTTLING_RETRY_COST : RETRY_COST;
    if (!error->retryable) {
        decision.verdict = CAWS_RETRY_USELESS;
        return decision;
    }
    if (call->failures >= call->max_attempts) {
        decision.verdict = CAWS_RETRY_NO_ATTEMPTS;
        return decision;
    }
    if (take_tokens(retry, cost))
        call->taken = cost;
    else
        decision.verdict = CAWS_RETRY_NO_TOKENS;
    if (decision.verdict == CAWS_RETRY_AGAIN || call->long_polling)
        decision.delay_ms =
            delay(backoff(retry, call, error->throttling, random), parse_retry_after(retry_after));
    return decision;
}

void caws_retry_forgo(caws_retry *retry, const caws_retry_call *call)
{
    give_tokens(retry, call->taken);
}

void caws_retry_after_success(caws_retry *retry, const caws_retry_call *call, int64_t now_ms)
{
    note_answer(retry, false, now_ms);
    give_tokens(retry, call->taken > 0 ? call->taken : SUCCESS_WORTH);
}
