/*
 * What a request says of the program that sends it: the User-Agent header in the format 2.1 that
 * all SDKs share, and the header that numbers the attempts.
 *
 *     caws/0.1.0 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/c#11 api/cloudwatch_logs#0.1.0 m/E,g
 * app/x
 */
#ifndef CAWS_USER_AGENT_H
#define CAWS_USER_AGENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/utsname.h>

#include "arena.h"
#include "buffer.h"

/* What is the same for all requests of a client, in the client's arena. */
typedef struct caws_user_agent {
    const char *head; /* up to the service */
    const char *tail; /* behind the features */
} caws_user_agent;

/* Features that a request makes use of, which the SDKs report by a letter each. */
enum {
    CAWS_FEATURE_WAITER = 1 << 0,
    CAWS_FEATURE_PAGINATOR = 1 << 1,
    CAWS_FEATURE_RETRY_STANDARD = 1 << 2,
    CAWS_FEATURE_RETRY_ADAPTIVE = 1 << 3,
    CAWS_FEATURE_ENDPOINT_OVERRIDE = 1 << 4,
    CAWS_FEATURE_CREDENTIALS_CODE = 1 << 5, /* an option, or a callback */
    CAWS_FEATURE_CREDENTIALS_ENVIRONMENT = 1 << 6,
    CAWS_FEATURE_CREDENTIALS_PROFILE = 1 << 7, /* keys in a file */
    CAWS_FEATURE_CREDENTIALS_PROFILE_PROCESS = 1 << 8,
    CAWS_FEATURE_CREDENTIALS_PROCESS = 1 << 9,
    CAWS_FEATURE_CREDENTIALS_HTTP = 1 << 10, /* a container's */
    CAWS_FEATURE_CREDENTIALS_IMDS = 1 << 11
};

/* app_id: sdk_ua_app_id; execution_environment: AWS_EXECUTION_ENV; both may be NULL. system: NULL:
 * uname. Characters that do not belong there become '-'. False when out of memory. */
CAWS_MUST_USE bool caws_user_agent_init(caws_user_agent *agent, const char *app_id,
                                        const char *execution_environment,
                                        const struct utsname *system, caws_arena *arena);

/* Appends the header's value. service_id: "CloudWatch Logs". */
bool caws_user_agent_append(caws_buffer *buffer, const caws_user_agent *agent,
                            const char *service_id, unsigned features);

enum { CAWS_ATTEMPT_HEADER_SIZE = 96 };

/* The value of amz-sdk-request: "ttl=20260101T000000Z; attempt=2; max=3". ttl: when the client will
 * give up the attempt, by the service's clock, in seconds since 1970; 0 leaves it away, as the SDKs
 * do until an answer to the same call has told them the service's time. */
void caws_attempt_header(char out[CAWS_ATTEMPT_HEADER_SIZE], int attempt, int max_attempts,
                         int64_t ttl);

#endif
