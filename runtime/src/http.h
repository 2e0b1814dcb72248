/* One request over libcurl: this file alone knows its easy interface. loop.c moves the bytes. */
#ifndef CAWS_HTTP_H
#define CAWS_HTTP_H

#include <curl/curl.h>

#include <caws/error.h>

#include "endpoint.h"
#include "request.h"
#include "settings.h"

/* Who takes the bytes of a 2xx answer's body while they arrive. */
typedef struct caws_http_sink {
    /* Returns false to end the transfer, for the reason in error; if that is left alone, by its own
     * wish. length is not 0. */
    bool (*take)(void *context, const char *data, size_t length, caws_error *error);
    /* The answer is complete. */
    caws_status (*finish)(void *context, caws_error *error);
    /* Whether anything of what it is for has come. */
    bool (*has_begun)(void *context);
    void (*free)(void *context); /* and the sink with it; who made it calls that, http.c does not */
    void *context;
} caws_http_sink;

/* What may differ from one request to the next. */
typedef struct caws_http_terms {
    int32_t connect_timeout_ms;
    int64_t timeout_ms; /* the whole request; with a sink: until the answer begins, and then any
                           silence, which the caller of caws_http_is_silent ends */
    bool direct;        /* never through a proxy */
    const caws_http_sink *sink; /* NULL: the answer is kept whole */
} caws_http_terms;

/* An easy handle, for one request at a time. */
typedef struct caws_http {
    CURL *curl;
    caws_response response;
    CURLU *parsed_url; /* the handle's; parsed when it changes, not with every request */
    caws_buffer url;
    caws_buffer set_url;                             /* what is in parsed_url; empty: not known */
    caws_buffer lines;                               /* "Name: value", NUL after each */
    struct curl_slist headers[CAWS_MAX_HEADERS + 1]; /* point into lines */
    bool has_body;                                   /* that the handle is set to */
    bool terms_unknown;                              /* some were not taken */
    const char *method;                              /* that the handle is set to; NULL: none yet */
    caws_http_terms terms;
    bool streaming;     /* the answer has begun, and is the sink's */
    bool stopped;       /* by the sink's own wish */
    int64_t heard_ms;   /* the last sign of life; the start, before there was one */
    size_t received;    /* bytes that the sink got */
    size_t headed;      /* bytes of headers, of interim answers and of trailers */
    bool head_ended;    /* the headers of the last answer came to their end */
    int connects;       /* connections that were opened for the last request */
    caws_error failure; /* the sink's */
    char error_text[CURL_ERROR_SIZE];
} caws_http;

/* settings are borrowed for the length of the call. On failure nothing has to be cleared. */
caws_status caws_http_init(caws_http *http, const caws_settings *settings, caws_error *error);
void caws_http_clear(caws_http *http);

/* Makes the handle ready to be transferred. endpoint, request and terms' sink are borrowed until
 * caws_http_end. Errors: CAWS_ERROR_MEMORY, _ENDPOINT. */
caws_status caws_http_begin(caws_http *http, const caws_endpoint *endpoint,
                            const caws_request *request, const caws_http_terms *terms,
                            caws_error *error);

/*
 * After the transfer, which ended with code: the whole answer, whatever its HTTP status, is in
 * http->response, which is valid until the next request. With a sink CAWS_OK means that the answer
 * is complete, or http->stopped. Errors: CAWS_ERROR_MEMORY, _ENDPOINT, _CONNECTION, _TIMEOUT,
 * _TLS, _RESPONSE_TRUNCATED, _RESPONSE_MALFORMED (no HTTP), _RESPONSE_TOO_LARGE, the sink's.
 */
caws_status caws_http_end(caws_http *http, const caws_endpoint *endpoint, CURLcode code,
                          caws_error *error);

/* Gives back the memory of a large answer, which is not read any more. */
void caws_http_rest(caws_http *http);

/* Whether a transfer with a sink has been silent for too long; else *until is when to ask again. */
bool caws_http_is_silent(const caws_http *http, int64_t now_ms, int64_t *until);

#endif
