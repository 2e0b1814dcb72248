#include "rate_limit.h"

#include <math.h>

/* The constants that all SDKs share. */
static const double least_rate = 0.5;
static const double cubic_scale = 0.4; /* CUBIC's C */
static const double cubic_beta = 0.7;  /* what is left of the rate after an answer that throttles */
static const double smoothing = 0.8;   /* the weight of the newest measurement */
static const double most_growth = 2.0; /* the rate stays below this times the measured one */

enum { SLOT_MS = 500 };

void caws_rate_limit_init(caws_rate_limit *limit, int64_t now_ms)
{
    *limit = (caws_rate_limit){
        .fill_rate = 1,
        .capacity = 1,
        .refilled_ms = now_ms,
        .slot = now_ms / 1000 * (1000 / SLOT_MS), /* from a whole second, as in the SDKs */
        .failed_ms = now_ms,
    };
}

static void refill(caws_rate_limit *limit, int64_t now_ms)
{
    if (now_ms <= limit->refilled_ms)
        return;
    double seconds = (double)(now_ms - limit->refilled_ms) / 1000;
    limit->tokens = fmin(limit->capacity, limit->tokens + seconds * limit->fill_rate);
    limit->refilled_ms = now_ms;
}

int64_t caws_rate_limit_take(caws_rate_limit *limit, int64_t now_ms, int64_t max_wait_ms)
{
    if (!limit->enabled)
        return 0;
    refill(limit, now_ms);
    double missing = 1 - limit->tokens;
    double wait_ms = missing > 0 ? ceil(missing / limit->fill_rate * 1000) : 0;
    if (wait_ms > (double)max_wait_ms)
        return -1;
    limit->tokens -= 1;
    return (int64_t)wait_ms;
}

static void measure(caws_rate_limit *limit, int64_t now_ms)
{
    int64_t slot = now_ms / SLOT_MS;
    limit->count++;
    if (slot <= limit->slot)
        return;
    double seconds = (double)(slot - limit->slot) * SLOT_MS / 1000;
    double rate = limit->count / seconds;
    limit->measured_rate = rate * smoothing + limit->measured_rate * (1 - smoothing);
    limit->count = 0;
    limit->slot = slot;
}

static double rate_after_throttling(caws_rate_limit *limit, int64_t now_ms)
{
    double rate = limit->measured_rate;
    if (limit->enabled)
        rate = fmin(rate, limit->fill_rate);
    limit->enabled = true;
    limit->rate_at_failure = rate;
    limit->recovery_s = cbrt(rate * (1 - cubic_beta) / cubic_scale);
    limit->failed_ms = now_ms;
    return rate * cubic_beta;
}

static double rate_after_success(const caws_rate_limit *limit, int64_t now_ms)
{
    double t = (double)(now_ms - limit->failed_ms) / 1000 - limit->recovery_s;
    return cubic_scale * t * t * t + limit->rate_at_failure;
}

void caws_rate_limit_note(caws_rate_limit *limit, bool throttled, int64_t now_ms)
{
    measure(limit, now_ms);
    double rate =
        throttled ? rate_after_throttling(limit, now_ms) : rate_after_success(limit, now_ms);
    rate = fmin(rate, most_growth * limit->measured_rate);
    refill(limit, now_ms); /* at the old rate until now */
    limit->fill_rate = fmax(rate, least_rate);
    limit->capacity = fmax(rate, 1);
    limit->tokens = fmin(limit->tokens, limit->capacity);
}
