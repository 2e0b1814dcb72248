/* Whether an error is worth another attempt, whether it asks to slow down, and whose fault it was.
 */
#ifndef CAWS_CLASSIFY_H
#define CAWS_CLASSIFY_H

#include <caws/error.h>

/*
 * Sets retryable and throttling of an attempt's error as the AWS SDKs' standard retry mode does:
 * from its code and HTTP status, or from its kind if there was no whole answer; what the model or
 * the transport already said stays. That the certificate is refused does not pass with time.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
void caws_classify_error(caws_error *error);

/* Why an attempt is made again, for those who count. */
typedef enum caws_retry_cause {
    CAWS_CAUSE_THROTTLING,
    CAWS_CAUSE_SERVER,     /* an answer that a later attempt may not get: HTTP 500 and the like */
    CAWS_CAUSE_TRANSPORT,  /* no whole answer */
    CAWS_CAUSE_CLOCK_SKEW, /* the signature's time was wrong, and is corrected */
    CAWS_CAUSE_CREDENTIALS /* they had expired, and are fetched anew */
} caws_retry_cause;

/* Of a retryable error: one of the first three, for of the other two only the caller knows. */
caws_retry_cause caws_classify_cause(const caws_error *error);

/* Whether the service says that the credentials have expired: others may do. */
bool caws_is_expired_credentials(const caws_error *error);

#endif
