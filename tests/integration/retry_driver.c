/* The retry policy as test_retry.py drives it: no structs of the runtime's go to Python. */
#include <stdlib.h>

#include "classify.h"
#include "retry.h"

typedef struct driver {
    caws_retry retry;
    caws_retry_traits traits;
} driver;

driver *driver_new(int adaptive, int max_attempts, int long_polling, int tokens, int max_delay_ms,
                   long long now_ms);
void driver_free(driver *d);
int driver_tokens(driver *d);
double driver_rate(driver *d);
caws_retry_call *driver_call(driver *d);
void driver_call_free(caws_retry_call *call);
int driver_success(driver *d, caws_retry_call *call, long long now_ms);
int driver_failure(driver *d, caws_retry_call *call, int http_status, const char *code,
                   const char *retry_after, unsigned random, long long now_ms, long long *delay_ms);
long long driver_wait(driver *d, long long now_ms);

driver *driver_new(int adaptive, int max_attempts, int long_polling, int tokens, int max_delay_ms,
                   long long now_ms)
{
    driver *d = calloc(1, sizeof(*d));
    if (d == NULL)
        return NULL;
    if (!caws_retry_init(&d->retry, adaptive ? CAWS_RETRY_ADAPTIVE : CAWS_RETRY_STANDARD, now_ms)) {
        free(d);
        return NULL;
    }
    d->traits.max_attempts = max_attempts;
    d->traits.long_polling = long_polling != 0;
    if (max_delay_ms > 0)
        d->retry.max_delay_ms = max_delay_ms;
    atomic_store(&d->retry.tokens, tokens);
    return d;
}

void driver_free(driver *d)
{
    caws_retry_clear(&d->retry);
    free(d);
}

int driver_tokens(driver *d)
{
    return atomic_load(&d->retry.tokens);
}

double driver_rate(driver *d)
{
    return d->retry.limit.fill_rate;
}

caws_retry_call *driver_call(driver *d)
{
    caws_retry_call *call = malloc(sizeof(*call));
    if (call != NULL)
        *call = caws_retry_begin(&d->retry, &d->traits);
    return call;
}

void driver_call_free(caws_retry_call *call)
{
    free(call);
}

int driver_success(driver *d, caws_retry_call *call, long long now_ms)
{
    caws_retry_after_success(&d->retry, call, now_ms);
    return 0;
}

/* An answer's error, classified as those of calls are. */
int driver_failure(driver *d, caws_retry_call *call, int http_status, const char *code,
                   const char *retry_after, unsigned random, long long now_ms, long long *delay_ms)
{
    caws_error error = CAWS_ERROR_INIT;
    error.status = code[0] != '\0' ? CAWS_ERROR_SERVICE : CAWS_ERROR_HTTP;
    error.http_status = http_status;
    error.code = code;
    caws_classify_error(&error);
    caws_retry_decision decision =
        caws_retry_after_failure(&d->retry, call, &error, retry_after, random, now_ms);
    *delay_ms = decision.delay_ms;
    return (int)decision.verdict;
}

long long driver_wait(driver *d, long long now_ms)
{
    return caws_retry_before_attempt(&d->retry, now_ms, INT64_MAX);
}
