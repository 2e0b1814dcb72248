/*
 * Whether and when a failed attempt is made again: the SDKs' standard mode with the figures of
 * 2026, their adaptive mode, or not at all. It sends nothing, sleeps never and asks no clock.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 *
 * A call is begun; before each attempt it may have to wait (caws_retry_before_attempt); after each
 * it tells how that went. As in the SDKs an operation that is not idempotent is retried after
 * transport failures too, though the service may have got the request.
 */
#ifndef CAWS_RETRY_H
#define CAWS_RETRY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <caws/client.h>
#include <caws/error.h>

#include "rate_limit.h"

enum {
    CAWS_RETRY_TOKENS = 500, /* that a client has for retries when all is well */
    CAWS_RETRY_DEFAULT_ATTEMPTS = 3
};

/* One for a client, whose calls share it in any number of threads. */
typedef struct caws_retry {
    caws_retry_mode mode;
    int32_t max_delay_ms; /* of the exponential backoff: 20,000 */
    atomic_int tokens;    /* each retry takes some; when they are gone, calls fail at once */
    pthread_mutex_t mutex;
    caws_rate_limit limit; /* guarded by mutex; adaptive mode only */
} caws_retry;

/* What an operation's service asks for. */
typedef struct caws_retry_traits {
    int32_t max_attempts;  /* what is configured, else the service's; 0: 3 */
    int32_t base_delay_ms; /* before the first retry of an error that does not throttle; 0: 50 */
    bool long_polling;     /* its callers call again at once, and so have to be held back */
} caws_retry_traits;

/* One for a call. */
typedef struct caws_retry_call {
    int32_t max_attempts; /* at least 1 */
    int32_t base_delay_ms;
    bool long_polling;
    int32_t failures;
    int32_t taken; /* tokens of the last retry, which a success gives back */
} caws_retry_call;

typedef enum caws_retry_verdict {
    CAWS_RETRY_AGAIN,
    CAWS_RETRY_USELESS,     /* the error is not retryable */
    CAWS_RETRY_NO_ATTEMPTS, /* all attempts are made */
    CAWS_RETRY_NO_TOKENS    /* too many calls of this client failed lately */
} caws_retry_verdict;

typedef struct caws_retry_decision {
    caws_retry_verdict verdict;
    /* Before the next attempt; with CAWS_RETRY_NO_TOKENS and long polling, before the failure is
     * handed to the caller; else 0. */
    int64_t delay_ms;
} caws_retry_decision;

/* False if the system has no mutex. now_ms: here and below, milliseconds of a monotonic clock. */
CAWS_MUST_USE bool caws_retry_init(caws_retry *retry, caws_retry_mode mode, int64_t now_ms);
void caws_retry_clear(caws_retry *retry);

/* traits may be NULL. */
caws_retry_call caws_retry_begin(const caws_retry *retry, const caws_retry_traits *traits);

/* How long to wait before an attempt, the first one too, is sent: 0 but in adaptive mode. -1:
 * longer than max_wait_ms, so that the call should fail. */
int64_t caws_retry_before_attempt(caws_retry *retry, int64_t now_ms, int64_t max_wait_ms);

/*
 * After an attempt that failed. error is classified. retry_after: the answer's x-amz-retry-after
 * (milliseconds), or NULL; one that is no number is ignored. random: any of 32 bits alike, for the
 * jitter.
 */
caws_retry_decision caws_retry_after_failure(caws_retry *retry, caws_retry_call *call,
                                             const caws_error *error, const char *retry_after,
                                             uint32_t random, int64_t now_ms);

/* The retry that was just decided on is not made: its tokens go back. The call is over. */
void caws_retry_forgo(caws_retry *retry, const caws_retry_call *call);

void caws_retry_after_success(caws_retry *retry, const caws_retry_call *call, int64_t now_ms);

#endif
