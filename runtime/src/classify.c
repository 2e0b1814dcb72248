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

static bool is_one_of(const char *code, const char *const *codes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(codes[i], code) == 0)
            return true;
    return false;
}

void caws_classify_error(caws_error *error)
{
    int status = error->http_status;
    size_t throttling_count = sizeof(throttling_codes) / sizeof(throttling_codes[0]);
    size_t transient_count = sizeof(transient_codes) / sizeof(transient_codes[0]);
    if (status == 429 || is_one_of(error->code, throttling_codes, throttling_count))
        error->throttling = true;
    if (error->throttling || status == 500 || status == 502 || status == 503 || status == 504 ||
        is_one_of(error->code, transient_codes, transient_count))
        error->retryable = true;
}
