/* A protocol: how the input of an operation becomes a request, and an answer its output or error.
 */
#ifndef CAWS_PROTOCOL_H
#define CAWS_PROTOCOL_H

#include <caws/schema.h>

#include "request.h"

struct caws_protocol {
    const char *name;

    /* Fills method, path, query, headers and body. input has passed caws_validate; NULL stands for
     * one with every member absent. */
    caws_status (*encode_request)(const caws_operation *operation, const void *input,
                                  caws_request *request, caws_error *error);

    /* Fills the zeroed output struct from an answer with a 2xx status. Not called for operations
     * without output. */
    caws_status (*decode_response)(const caws_operation *operation, caws_response *response,
                                   void *output, caws_error *error);

    /* Fills error from any other answer: CAWS_ERROR_SERVICE with code, message, exception and
     * detail, or CAWS_ERROR_HTTP where the answer names no error code. */
    caws_status (*decode_error)(const caws_operation *operation, caws_response *response,
                                caws_error *error);

    /* Fills the zeroed structure from the payload of an event in a stream. The payload is not
     * empty, and a NUL byte follows it. What structure points to is allocated in arena. */
    caws_status (*decode_event)(const caws_type *type, const char *payload, size_t length,
                                void *structure, caws_arena *arena, caws_error *error);

    /* Fills error with CAWS_ERROR_SERVICE from an exception of that code in a stream. message: NULL
     * if the payload has it. payload as above, but may be empty. */
    caws_status (*decode_event_error)(const caws_service *service, const char *code,
                                      const char *message, const char *payload, size_t length,
                                      caws_error *error);
};

#endif
