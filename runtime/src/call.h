/* One call of an operation, for the runtime's own use. */
#ifndef CAWS_CALL_H
#define CAWS_CALL_H

#include <caws/schema.h>

#include "http.h"

/* As caws_call, but error is not NULL, and output receives the struct itself (NULL: not wanted, or
 * the operation has none). */
caws_status caws_call_once(caws_client *client, const caws_operation *operation, const void *input,
                           void **output, caws_error *error);

/* Another way to send a call's request than caws_http_send, which takes what a 2xx answer has. */
typedef struct caws_call_sender {
    caws_status (*send)(struct caws_call_sender *sender, caws_http *http,
                        const caws_endpoint *endpoint, const caws_request *request,
                        caws_error *error);
    size_t received; /* bytes that it took itself, for the log */
    bool done;       /* set if the answer, even if there was none, is to be looked at no further */
} caws_call_sender;

/* As caws_call_once, without output. Answers that are not 2xx are decoded as for other calls. */
caws_status caws_call_with(caws_client *client, const caws_operation *operation, const void *input,
                           caws_call_sender *sender, caws_error *error);

#endif
