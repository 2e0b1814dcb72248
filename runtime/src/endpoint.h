/* Where a service is: from the client's settings and the service's endpoint rules. */
#ifndef CAWS_ENDPOINT_H
#define CAWS_ENDPOINT_H

#include <caws/schema.h>

#include "settings.h"

/* A header that requests to an endpoint have. */
typedef struct caws_endpoint_header {
    const struct caws_endpoint_header *next;
    const char *name;
    const char *value;
} caws_endpoint_header;

typedef struct caws_endpoint {
    const char *scheme; /* "https" or "http" */
    const char *host;   /* with ":port" unless it is the scheme's own: the Host header */
    const char *path;   /* in front of every request's path: "" or "/base", no slash at its end */
    const char *signing_name;   /* NULL: the service's */
    const char *signing_region; /* NULL: the client's */
    /* The way to sign that it wants, where caws has none that it takes; else NULL. Only
     * caws_rules_evaluate sets it; to caws_endpoint_find it is an error. */
    const char *unsupported_auth;
    const caws_endpoint_header *headers; /* NULL: none */
} caws_endpoint;

/* What an endpoint may depend on beside settings and service. */
typedef struct caws_endpoint_query {
    const char *endpoint_url;        /* a custom one, of the call's options; NULL: none */
    const caws_operation *operation; /* NULL: none in particular */
    const void *input;               /* the operation's; NULL: every member is absent */
    struct caws_rule_value *values;  /* caws_endpoint_values of both; NULL: yet to be found */
    const char *account_id;          /* of the credentials; NULL: unknown */
} caws_endpoint_query;

/* What operation (NULL: none) and input tell the rules, for one search later on: the input need not
 * live until then. In arena; NULL when out of memory. */
struct caws_rule_value *caws_endpoint_values(const caws_endpoint_rules *rules,
                                             const caws_operation *operation, const void *input,
                                             caws_arena *arena);

/*
 * Finds an endpoint. A custom one is the query's, or what the settings have for the service. The
 * service's rules make the endpoint of that, of region, FIPS and dual stack, and of query (NULL:
 * nothing). A service without rules is at its custom endpoint, else at
 * https://<prefix>.<region>.<DNS suffix of the region's partition>.
 *
 * The texts are allocated in arena, or borrowed from tables, settings, query and input, so the
 * endpoint lives no longer than these; caws_endpoint_copy makes it stand alone.
 * Errors: CAWS_ERROR_ENDPOINT (a malformed URL; what the rules refuse, in their words),
 * CAWS_ERROR_CONFIGURATION (no region), CAWS_ERROR_MEMORY.
 */
caws_status caws_endpoint_find(const caws_settings *settings, const caws_service *service,
                               const caws_endpoint_query *query, caws_arena *arena,
                               caws_endpoint *endpoint, caws_error *error);

/* Copies an endpoint with all its texts to arena; false when out of memory. */
CAWS_MUST_USE bool caws_endpoint_copy(caws_arena *arena, const caws_endpoint *endpoint,
                                      caws_endpoint *copy);

/* What an operation's endpoint depends on, and so what may share a cached one. The account's
 * identity matters to each of them if the service's rules ask for it. */
typedef enum caws_endpoint_scope {
    CAWS_ENDPOINT_OF_SERVICE,   /* the same for all operations that say so */
    CAWS_ENDPOINT_OF_OPERATION, /* the operation's own, whatever the input */
    CAWS_ENDPOINT_OF_CALL       /* depends on the input */
} caws_endpoint_scope;

caws_endpoint_scope caws_endpoint_scope_of(const caws_operation *operation);

/* Whether the service's rules ask for the account's identity. */
bool caws_endpoint_wants_account(const caws_service *service);

/* The endpoint that a URL names. source, for messages, says where the URL is from. */
caws_status caws_endpoint_parse(const char *source, const char *url, caws_arena *arena,
                                caws_endpoint *endpoint, caws_error *error);

#endif
