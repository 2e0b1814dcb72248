/* Where a service is: from the client's settings, or from region and partition. */
#ifndef CAWS_ENDPOINT_H
#define CAWS_ENDPOINT_H

#include <caws/schema.h>

#include "settings.h"

typedef struct caws_endpoint {
    const char *scheme; /* "https" or "http" */
    const char *host;   /* with ":port" unless it is the scheme's own: the Host header */
    const char *path;   /* in front of every request's path: "" or "/base", no slash at its end */
} caws_endpoint;

/*
 * Finds the endpoint of a service: option endpoint_url, AWS_ENDPOINT_URL_<service id>,
 * AWS_ENDPOINT_URL_<endpoint prefix>, AWS_ENDPOINT_URL, else https://<prefix>.<region>.<DNS suffix
 * of the region's partition>. The texts are allocated in arena. Errors: CAWS_ERROR_ENDPOINT (a
 * malformed URL), CAWS_ERROR_CONFIGURATION (no region), CAWS_ERROR_MEMORY.
 */
caws_status caws_endpoint_find(const caws_settings *settings, const caws_service *service,
                               caws_arena *arena, caws_endpoint *endpoint, caws_error *error);

/* The endpoint that a URL names. source, for messages, says where the URL is from. */
caws_status caws_endpoint_parse(const char *source, const char *url, caws_arena *arena,
                                caws_endpoint *endpoint, caws_error *error);

#endif
