/* A request and an answer as the pipeline hands them on: what is sent, what came back. */
#ifndef CAWS_REQUEST_H
#define CAWS_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "buffer.h"

typedef struct caws_header {
    const char *name;
    const char *value;
} caws_header;

enum { CAWS_MAX_HEADERS = 32 }; /* that a protocol, the signer and the transport add together */

/* Filled by the protocol, then by the signer. */
typedef struct caws_request {
    const char *method;
    const char *path;  /* behind the endpoint's own path; begins with '/' */
    const char *query; /* NULL: none */
    caws_header headers[CAWS_MAX_HEADERS];
    size_t header_count;
    caws_buffer body;
    caws_arena arena; /* for texts that live as long as the request */
} caws_request;

/* Both return false if there is no memory, or no room for another header. value is borrowed; the
 * three parts of the other value are copied. */
CAWS_MUST_USE bool caws_request_add_header(caws_request *request, const char *name,
                                           const char *value);
CAWS_MUST_USE bool caws_request_add_joined_header(caws_request *request, const char *name,
                                                  const char *first, const char *second,
                                                  const char *third);

/* Whether there is such a header, by its name without regard to case. */
bool caws_request_has_header(const caws_request *request, const char *name);

/* Forgets the content; keeps the body's memory for the next request unless it is large. */
void caws_request_reset(caws_request *request);
void caws_request_clear(caws_request *request);

/* An answer that came whole. */
typedef struct caws_response {
    int http_status;
    caws_buffer body;
    /* The value of a header, by its name without regard to case, or NULL. Valid until the next
     * request on the same connection. */
    const char *(*header)(const struct caws_response *response, const char *name);
    void *transport; /* for header */
} caws_response;

#endif
