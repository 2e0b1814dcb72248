/*
 * Finds credentials: the chain of providers as a machine without input and output of its own. It
 * says what it wants (an HTTP request, or some time) and is told what came of it, so that it blocks
 * nobody and tests need no network.
 */
#ifndef CAWS_CREDENTIALS_FETCH_H
#define CAWS_CREDENTIALS_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include <caws/client.h>
#include <caws/error.h>

#include "arena.h"
#include "profiles.h"
#include "request.h"
#include "system.h"

/* Where it looks. All is borrowed for the life of the fetch. */
typedef struct caws_credential_sources {
    const caws_system *system;
    const caws_profiles *profiles; /* NULL: no files */
    /* The profile was chosen by option: it goes before the environment's keys, which are not looked
     * at, as in the AWS CLI with --profile. */
    bool profile_by_option;
} caws_credential_sources;

typedef enum caws_fetch_action {
    CAWS_FETCH_DONE,   /* credentials are there */
    CAWS_FETCH_FAILED, /* no provider has any: error lists what each said */
    CAWS_FETCH_SEND,   /* send fetch->request, then step with the answer */
    CAWS_FETCH_WAIT    /* step again, without an answer, after fetch->wait_ms */
} caws_fetch_action;

/* Never through a proxy, never redirected. */
typedef struct caws_fetch_request {
    const char *method; /* without a body; a PUT has an empty one */
    const char *url;    /* http or https */
    caws_header headers[4];
    size_t header_count;
    int32_t connect_timeout_ms;
    int32_t timeout_ms; /* the whole request with its answer */
} caws_fetch_request;

enum { CAWS_FETCH_MAX_ANSWER = 64 * 1024 }; /* bytes of a body that is worth receiving */

typedef struct caws_fetch_answer {
    int http_status; /* 0: there was no answer */
    const char *body;
    size_t body_length;
    const char *failure; /* why there was no answer */
    bool timed_out;
} caws_fetch_answer;

typedef struct caws_found_credentials {
    caws_credentials keys;
    const char *account_id; /* NULL: unknown */
    int64_t expires;        /* seconds since 1970, may be over; INT64_MAX: never */
    bool outlasting;        /* used on after that while newer ones cannot be had: an instance's */
    const char *source;     /* "environment variables", "profile \"dev\" in /home/me/.aws/config" */
} caws_found_credentials;

typedef struct caws_fetch caws_fetch;

/* A copy in one block, which caws_found_credentials_free (takes NULL) wipes; NULL when out of
 * memory. */
CAWS_MUST_USE caws_found_credentials *
caws_found_credentials_new(const caws_found_credentials *from);
void caws_found_credentials_free(caws_found_credentials *found);

/* NULL when out of memory. */
caws_fetch *caws_fetch_new(const caws_credential_sources *sources);
void caws_fetch_free(caws_fetch *fetch); /* wipes; ends a process that still runs; takes NULL */

/* answer: after CAWS_FETCH_SEND; else NULL. error: filled with CAWS_FETCH_FAILED
 * (CAWS_ERROR_CREDENTIALS, CAWS_ERROR_CONFIGURATION or CAWS_ERROR_MEMORY). Credentials that have
 * expired are found like others, for the service to refuse: clocks go wrong. */
caws_fetch_action caws_fetch_step(caws_fetch *fetch, const caws_fetch_answer *answer,
                                  caws_error *error);

/* After a step that returned what the name says; valid until the next step. */
const caws_fetch_request *caws_fetch_wanted(const caws_fetch *fetch);
int64_t caws_fetch_wait_ms(const caws_fetch *fetch);
const caws_found_credentials *caws_fetch_found(const caws_fetch *fetch); /* valid until freed */

#endif
