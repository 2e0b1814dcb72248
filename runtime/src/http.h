/* Sends one request over libcurl. This file and http_stream.c alone know its
 * easy interface. */
#ifndef CAWS_HTTP_H
#define CAWS_HTTP_H

#include <curl/curl.h>

#include <caws/error.h>

#include "endpoint.h"
#include "request.h"
#include "settings.h"

/* An easy handle with its connections, for one thread at a time. */
typedef struct caws_http {
    CURL *curl;
    caws_response response;
    caws_buffer url;
    caws_buffer set_url; /* that the handle has; libcurl copies and parses each that it is given */
    caws_buffer lines;   /* "Name: value", NUL after each */
    struct curl_slist headers[CAWS_MAX_HEADERS + 2]; /* point into lines */
    const char *method;                              /* that the handle is set to; NULL: none yet */
    char error_text[CURL_ERROR_SIZE];
} caws_http;

/* settings are borrowed for the length of the call. On failure nothing has to be cleared. */
caws_status caws_http_init(caws_http *http, const caws_settings *settings, caws_error *error);
void caws_http_clear(caws_http *http);

/*
 * Sends the request and receives the whole answer, whatever its HTTP status, into http->response,
 * which is valid until the next call. Errors: CAWS_ERROR_MEMORY, _ENDPOINT, _CONNECTION, _TIMEOUT,
 * _TLS, _RESPONSE_TRUNCATED, _RESPONSE_MALFORMED (no HTTP), _RESPONSE_TOO_LARGE.
 */
caws_status caws_http_send(caws_http *http, const caws_endpoint *endpoint,
                           const caws_request *request, caws_error *error);

/* For libcurl: appends what it received to a caws_buffer. */
size_t caws_http_receive(char *data, size_t size, size_t count, void *body);

#endif
