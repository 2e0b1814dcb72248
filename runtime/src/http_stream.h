/* Sends one request, and hands the answer on while it arrives. */
#ifndef CAWS_HTTP_STREAM_H
#define CAWS_HTTP_STREAM_H

#include "http.h"

/* Who takes the bytes of a 2xx answer's body. */
typedef struct caws_http_sink {
    /* Returns false to end the transfer, for the reason in error; if that is left alone, by its own
     * wish. length is not 0. */
    bool (*take)(void *context, const char *data, size_t length, caws_error *error);
    /* Asked a few times a second at most, and about once a second at least; false ends the
     * transfer.
     */
    bool (*keep_going)(void *context);
    void *context;
} caws_http_sink;

/*
 * As caws_http_send for answers that are not 2xx; the body of others goes to the sink. timeout_ms
 * bounds the time until the answer begins, and from then on the silence between bytes; it is looked
 * at once a second. max_response_bytes does not bound the whole body. received: how many bytes
 * came. CAWS_OK: the answer is complete, or *stopped: the sink has ended it by its own wish.
 * Errors: those of caws_http_send, and the sink's.
 */
caws_status caws_http_stream(caws_http *http, const caws_settings *settings,
                             const caws_endpoint *endpoint, const caws_request *request,
                             const caws_http_sink *sink, size_t *received, bool *stopped,
                             caws_error *error);

#endif
