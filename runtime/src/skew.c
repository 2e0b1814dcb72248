#include "skew.h"

#include <string.h>

#include "timestamp.h"

/* How services refuse a signature for its time, or may: some of them have other reasons too. */
static const char *const skew_codes[] = {
    "AccessDeniedException", "AuthFailure",          "InvalidSignatureException", "RequestExpired",
    "RequestInTheFuture",    "RequestTimeTooSkewed", "SignatureDoesNotMatch",
};

void caws_skew_init(caws_skew *skew)
{
    atomic_init(&skew->ms, 0);
}

int32_t caws_skew_ms(const caws_skew *skew)
{
    return atomic_load_explicit(&skew->ms, memory_order_relaxed);
}

static bool may_be_skewed(const caws_error *error)
{
    if (error->status != CAWS_ERROR_SERVICE)
        return false;
    for (size_t i = 0; i < sizeof(skew_codes) / sizeof(skew_codes[0]); i++)
        if (strcmp(skew_codes[i], error->code) == 0)
            return true;
    return false;
}

static bool is_within(int64_t difference, int64_t most)
{
    return difference >= -most && difference <= most;
}

/* The service is taken to have written its Date halfway between request and answer. */
bool caws_skew_measure(const caws_skew_answer *answer, int64_t *skew_ms)
{
    int64_t elapsed = answer->received_ms - answer->sent_ms;
    int64_t date = 0;
    if (elapsed < 0 || elapsed > CAWS_SKEW_MOST_ELAPSED_MS || answer->date == NULL ||
        answer->age != NULL || /* from a cache: the Date is that of another answer */
        !caws_http_date_parse(answer->date, answer->received_ms, &date))
        return false;
    date -= answer->sent_ms + elapsed / 2;
    if (!is_within(date, CAWS_SKEW_MOST_MS))
        return false;
    *skew_ms = date;
    return true;
}

bool caws_skew_correct(caws_skew *skew, const caws_error *error, const caws_skew_answer *answer)
{
    int64_t measured = 0;
    if (!may_be_skewed(error) || !caws_skew_measure(answer, &measured) ||
        is_within(measured - answer->signed_skew_ms, CAWS_SKEW_LEAST_MS))
        return false;
    atomic_store_explicit(&skew->ms, (int)measured, memory_order_relaxed);
    return true;
}
