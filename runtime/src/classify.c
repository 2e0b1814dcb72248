#include "classify.h"

#include <string.h>

static const char *const throttling_codes[] = {
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
};

static const char *const transient_codes[] = {
    "IDPCommunicationError",
    "InternalError",
    "RequestTimeout",
    "RequestTimeoutException",
};

static const char *const expired_codes[] = {
    "ExpiredToken",
    "ExpiredTokenException",
    "TokenRefreshRequired",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_one_of(const char *code, const char *const *codes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(codes[i], code) == 0)
            return true;
    return false;
}

static bool is_throttling(const caws_error *error)
{
    /* Some services answer 429 where a quota is used up: what is modeled is what the model says. */
    if (error->http_status == 429 && error->exception == 0)
        return true;
    return is_one_of(error->code, throttling_codes, COUNT(throttling_codes));
}

static bool is_transport(const caws_error *error)
{
    switch (error->status) {
    case CAWS_ERROR_CONNECTION:
    case CAWS_ERROR_TIMEOUT:
    case CAWS_ERROR_RESPONSE_TRUNCATED:
        return true;
    case CAWS_ERROR_RESPONSE_MALFORMED:
        return error->http_status == 0; /* no HTTP: a connection that something has disturbed */
    default:
        return false;
    }
}

/* An answer that breaks off on the way was marked by who read it; one that came whole, with JSON
 * that breaks off, tells that the work was done. */
static bool is_transient_transport(const caws_error *error)
{
    return error->status != CAWS_ERROR_RESPONSE_TRUNCATED && is_transport(error);
}

void caws_classify_error(caws_error *error)
{
    int status = error->http_status;
    if (is_throttling(error))
        error->throttling = true;
    if (error->throttling || status == 500 || status == 502 || status == 503 || status == 504 ||
        is_transient_transport(error) ||
        is_one_of(error->code, transient_codes, COUNT(transient_codes)))
        error->retryable = true;
}

caws_retry_cause caws_classify_cause(const caws_error *error)
{
    if (error->throttling)
        return CAWS_CAUSE_THROTTLING;
    return is_transport(error) || error->status == CAWS_ERROR_TLS ? CAWS_CAUSE_TRANSPORT
                                                                  : CAWS_CAUSE_SERVER;
}

bool caws_is_expired_credentials(const caws_error *error)
{
    return error->status == CAWS_ERROR_SERVICE &&
           is_one_of(error->code, expired_codes, COUNT(expired_codes));
}
