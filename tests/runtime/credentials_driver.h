/* For tests of the credential chain: an environment and files in memory, and a network that is a
 * table of answers. */
#ifndef CAWS_TEST_CREDENTIALS_DRIVER_H
#define CAWS_TEST_CREDENTIALS_DRIVER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clock.h"
#include "credentials_fetch.h"
#include "fake_system.h"

enum { MAX_EXCHANGES = 40 };

/* A request that has to come, and its answer. */
typedef struct exchange {
    const char *method;
    const char *url;
    int http_status;
    const char *body;    /* NULL: none */
    const char *failure; /* with http_status 0 */
    const char *header;  /* that the request has to have; NULL: any */
    const char *header_value;
} exchange;

typedef struct driver {
    fake_system fake;
    caws_system system;
    caws_profiles profiles;
    caws_credential_sources sources;
    caws_fetch *fetch;
    caws_error error;
    exchange exchanges[MAX_EXCHANGES];
    size_t exchange_count;
    size_t sent;
    int waits;
    int64_t waited_ms;
    bool sleeps; /* waits are slept: there is a real process */
} driver;

static inline void driver_init(driver *d)
{
    *d = (driver){.fake = {.home = "/h"}, .error = CAWS_ERROR_INIT};
    d->system = fake_system_of(&d->fake);
    d->sources.system = &d->system;
}

static inline void expect_exchange(driver *d, const char *method, const char *url, int http_status,
                                   const char *body)
{
    assert_true(d->exchange_count < MAX_EXCHANGES);
    d->exchanges[d->exchange_count++] =
        (exchange){method, url, http_status, body, NULL, NULL, NULL};
}

static inline const char *wanted_header(const caws_fetch_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (strcmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return NULL;
}

static inline void answer_request(driver *d, caws_fetch_answer *answer)
{
    const caws_fetch_request *request = caws_fetch_wanted(d->fetch);
    if (d->sent >= d->exchange_count)
        fail_msg("unexpected %s %s", request->method, request->url);
    const exchange *next = &d->exchanges[d->sent++];
    assert_string_equal(request->method, next->method);
    assert_string_equal(request->url, next->url);
    assert_true(request->connect_timeout_ms > 0 && request->timeout_ms > 0);
    if (next->header != NULL) {
        assert_non_null(wanted_header(request, next->header));
        assert_string_equal(wanted_header(request, next->header), next->header_value);
    }
    *answer = (caws_fetch_answer){
        .http_status = next->http_status,
        .body = next->body,
        .body_length = next->body != NULL ? strlen(next->body) : 0,
        .failure = next->failure,
        .timed_out = next->http_status == 0 && next->failure == NULL,
    };
}

/* Runs the chain to its end; all exchanges have to come. profile: the option. */
static inline caws_fetch_action drive(driver *d, const char *profile)
{
    caws_error_clear(&d->error);
    assert_int_equal(caws_profiles_load(&d->profiles, &d->system, profile, &d->error), CAWS_OK);
    d->sources.profiles = &d->profiles;
    d->sources.profile_by_option = profile != NULL;
    d->fetch = caws_fetch_new(&d->sources);
    assert_non_null(d->fetch);
    caws_fetch_answer answer = {0};
    const caws_fetch_answer *given = NULL;
    caws_fetch_action action = CAWS_FETCH_FAILED;
    for (;;) {
        action = caws_fetch_step(d->fetch, given, &d->error);
        given = NULL;
        if (action == CAWS_FETCH_SEND) {
            answer_request(d, &answer);
            given = &answer;
        } else if (action == CAWS_FETCH_WAIT) {
            d->waits++;
            d->waited_ms += caws_fetch_wait_ms(d->fetch);
            if (d->sleeps)
                caws_sleep_ms(caws_fetch_wait_ms(d->fetch));
        } else {
            break;
        }
    }
    assert_int_equal(d->sent, d->exchange_count);
    assert_true((action == CAWS_FETCH_DONE) == (caws_fetch_found(d->fetch) != NULL));
    assert_true((action == CAWS_FETCH_FAILED) == (d->error.status != CAWS_OK));
    return action;
}

/* Keeps the environment, files and expected exchanges. */
static inline void driver_again(driver *d)
{
    caws_fetch_free(d->fetch);
    d->fetch = NULL;
    caws_profiles_clear(&d->profiles);
    d->profiles = (caws_profiles){0};
    caws_error_clear(&d->error);
    d->sent = 0;
    d->waits = 0;
    d->waited_ms = 0;
}

static inline void driver_clear(driver *d)
{
    driver_again(d);
    d->exchange_count = 0;
}

static inline const caws_found_credentials *drive_found(driver *d, const char *profile)
{
    caws_fetch_action action = drive(d, profile);
    assert_string_equal(d->error.message, "");
    assert_int_equal(action, CAWS_FETCH_DONE);
    return caws_fetch_found(d->fetch);
}

/* Fails with the status, and text is part of the message. */
static inline void drive_fails(driver *d, const char *profile, caws_status status, const char *text)
{
    assert_int_equal(drive(d, profile), CAWS_FETCH_FAILED);
    assert_int_equal(d->error.status, status);
    if (strstr(d->error.message, text) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", text, d->error.message);
}

#endif
