/*
 * The client-side rate limiter of the SDKs' adaptive retry mode: a token bucket that an answer
 * which throttles switches on, and whose rate then follows CUBIC (RFC 9438), the curve of TCP: down
 * at once, back up slowly at first, fast when far from the rate that failed. Not thread-safe.
 */
#ifndef CAWS_RATE_LIMIT_H
#define CAWS_RATE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* Rates are requests a second. Times are milliseconds of a clock that only goes forward. */
typedef struct caws_rate_limit {
    bool enabled;        /* some answer has throttled */
    double fill_rate;    /* tokens a second */
    double capacity;     /* at most so many tokens */
    double tokens;       /* below 0: as many requests are waiting */
    int64_t refilled_ms; /* when tokens was right */

    double measured_rate; /* of answers, smoothed */
    int64_t slot;         /* the half second that count is counted in */
    uint32_t count;

    double rate_at_failure; /* CUBIC's W_max */
    double recovery_s;      /* CUBIC's K: how long until that rate is reached again */
    int64_t failed_ms;
} caws_rate_limit;

void caws_rate_limit_init(caws_rate_limit *limit, int64_t now_ms);

/* Takes a token for a request. Returns how long to wait before it is sent, in milliseconds; -1 if
 * that were longer than max_wait_ms: then nothing is taken, so that requests which give up do not
 * make others wait. */
int64_t caws_rate_limit_take(caws_rate_limit *limit, int64_t now_ms, int64_t max_wait_ms);

/* After every answer, and every failure to get one. */
void caws_rate_limit_note(caws_rate_limit *limit, bool throttled, int64_t now_ms);

#endif
