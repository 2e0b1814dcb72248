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
     * without output. May change the response's body. */
    caws_status (*decode_response)(const caws_operation *operation, caws_response *response,
                                   void *output, caws_error *error);

    /* Fills error from any other answer: CAWS_ERROR_SERVICE with code, message, exception and
     * detail, or CAWS_ERROR_HTTP where the answer names no error code. May change the response's
     * body. */
    caws_status (*decode_error)(const caws_operation *operation, caws_response *response,
                                caws_error *error);
};

#endif
