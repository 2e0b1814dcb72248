/* Whether an error is worth another attempt, and whether it asks to slow down. */
#ifndef CAWS_CLASSIFY_H
#define CAWS_CLASSIFY_H

#include <caws/error.h>

/* Sets retryable and throttling of an answer's error from its code and HTTP status, as the AWS
 * SDKs' standard retry mode does; what the model already said stays.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
void caws_classify_error(caws_error *error);

#endif
