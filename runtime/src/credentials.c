#include "credentials.h"

#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "clock.h"
#include "credentials_fetch.h"
#include "fail.h"
#include "text.h"

enum { WAIT_MS = 10 }; /* between two looks whether another call has got credentials */

/* What a call has while it asks the providers. */
struct caws_asking {
    caws_fetch *fetch;
    caws_request request;
    caws_endpoint endpoint; /* of the provider; in the request's arena */
    bool sent;              /* an answer is waited for */
    int64_t until_ms;       /* the call has no time for it beyond; INT64_MAX: no such end */
};

static caws_credentials_cache *cache_of(const caws_pending *p)
{
    return &p->loop->client->credentials;
}

/* The client's limit is for answers of services, and may be less than credentials take. http.c sets
 * its own again only where it has to change. */
static bool limit_answer(caws_pending *p, size_t limit)
{
    p->http.response.body.limit = limit;
    return curl_easy_setopt(p->http.curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)limit) == CURLE_OK;
}

/* A provider's answer has secrets, and is none of the call's own. */
static void forget_answer(caws_pending *p)
{
    caws_response *response = &p->http.response;
    caws_buffer_wipe(&response->body);
    caws_buffer_wipe(&p->http.url); /* a container's may have a token in it */
    caws_buffer_wipe(&p->http.set_url);
    (void)limit_answer(p, p->loop->client->settings.max_response_bytes);
    response->http_status = 0;
    p->asking->sent = false;
}

static void stop_asking(caws_pending *p)
{
    if (p->asking == NULL)
        return;
    if (p->asking->sent)
        forget_answer(p);
    caws_fetch_free(p->asking->fetch);
    caws_request_clear(&p->asking->request);
    free(p->asking);
    p->asking = NULL;
}

static void hold(caws_pending *p, const caws_credentials_snapshot *snapshot)
{
    caws_credentials_release(p->credentials);
    p->credentials = snapshot;
}

static bool go_to_turn(caws_pending *p)
{
    p->stage = CAWS_STAGE_TURN;
    return true;
}

/* The call's own refresh ends; it may begin another. */
static uint64_t end_turn(caws_pending *p)
{
    uint64_t turn = p->credentials_turn;
    p->credentials_turn = 0;
    return turn;
}

/* New credentials for all calls. */
static bool put(caws_pending *p, const caws_found_credentials *found)
{
    caws_log_for(&p->loop->client->settings.logger, p->options.log_context, CAWS_LOG_DEBUG,
                 "credentials from %s", found->source);
    hold(p, caws_credentials_cache_put(cache_of(p), end_turn(p), found, caws_unix_seconds()));
    stop_asking(p);
    if (p->credentials != NULL)
        return go_to_turn(p);
    (void)caws_fail_memory(p->error);
    return false;
}

/* None to be had, for the reason in error; perhaps those of before can be used on. */
static bool put_failure(caws_pending *p)
{
    hold(p, caws_credentials_cache_failed(cache_of(p), end_turn(p), p->error, caws_unix_seconds()));
    stop_asking(p);
    if (p->credentials == NULL)
        return false;
    caws_log_for(&p->loop->client->settings.logger, p->options.log_context, CAWS_LOG_INFO,
                 "no newer credentials, so those of before are used on: %s", p->error->message);
    caws_error_clear(p->error);
    return go_to_turn(p);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The chain has checked the URL; libcurl gets it in pieces and puts them together again. */
static bool split_url(struct caws_asking *asking, const char *url)
{
    caws_arena *arena = &asking->request.arena;
    const char *host = strstr(url, "://");
    size_t scheme_length = host != NULL ? (size_t)(host - url) : 0;
    host = host != NULL ? host + 3 : url;
    size_t host_length = strcspn(host, "/?");
    const char *rest = host + host_length;
    asking->endpoint = (caws_endpoint){.scheme = caws_arena_copy(arena, url, scheme_length),
                                       .host = caws_arena_copy(arena, host, host_length),
                                       .path = ""};
    asking->request.path = rest[0] != '\0' ? caws_arena_copy(arena, rest, strlen(rest)) : "/";
    return asking->endpoint.scheme != NULL && asking->endpoint.host != NULL &&
           asking->request.path != NULL;
}

/* Behind caws_http_begin, which sets the limit of the call's own answers. Growing would leave
 * copies of the secrets. */
static caws_status bound_answer(caws_pending *p)
{
    p->asking->sent = true;
    return limit_answer(p, CAWS_FETCH_MAX_ANSWER) &&
                   caws_buffer_reserve(&p->http.response.body, CAWS_FETCH_MAX_ANSWER) != NULL
               ? CAWS_OK
               : caws_fail_memory(p->error);
}

static bool send_wanted(caws_pending *p, int64_t now_ms)
{
    struct caws_asking *asking = p->asking;
    const caws_fetch_request *wanted = caws_fetch_wanted(asking->fetch);
    caws_request *request = &asking->request;
    caws_request_reset(request);
    request->method = wanted->method;
    bool ok = split_url(asking, wanted->url) &&
              caws_request_add_header(request, "User-Agent", p->user_agent.data);
    for (size_t i = 0; i < wanted->header_count; i++)
        ok = ok && caws_request_add_header(
                       request, wanted->headers[i].name,
                       wanted->headers[i].value); /* the fetch's, until its next step */
    int64_t timeout_ms = wanted->timeout_ms;
    if (asking->until_ms <= now_ms) /* 0 would be no timeout at all */
        timeout_ms = 1;
    else if (asking->until_ms - now_ms < timeout_ms) /* later rather than sooner: see go_on */
        timeout_ms = asking->until_ms - now_ms + 1;
    const caws_http_terms terms = {
        .connect_timeout_ms = wanted->connect_timeout_ms, .timeout_ms = timeout_ms, .direct = true};
    if (!ok)
        (void)caws_fail_memory(p->error);
    if (!ok || caws_http_begin(&p->http, &asking->endpoint, request, &terms, p->error) != CAWS_OK ||
        bound_answer(p) != CAWS_OK || caws_loop_transfer(p, &asking->endpoint, now_ms) != CAWS_OK)
        return put_failure(p);
    return false;
}

static bool step(caws_pending *p, const caws_fetch_answer *answer, int64_t now_ms)
{
    caws_fetch *fetch = p->asking->fetch;
    p->stage = CAWS_STAGE_PROVIDER;
    caws_credentials_cache_alive(cache_of(p), p->credentials_turn,
                                 caws_unix_seconds() + CAWS_CREDENTIALS_SILENCE_S);
    caws_fetch_action action = caws_fetch_step(fetch, answer, p->error);
    if (answer != NULL)
        forget_answer(p);
    switch (action) {
    case CAWS_FETCH_DONE:
        return put(p, caws_fetch_found(fetch));
    case CAWS_FETCH_FAILED:
        return put_failure(p);
    case CAWS_FETCH_SEND:
        return send_wanted(p, now_ms);
    case CAWS_FETCH_WAIT:
        p->resume_ms = least(now_ms + caws_fetch_wait_ms(fetch), p->asking->until_ms);
        return false;
    }
    return false;
}

static bool ask_callback(caws_pending *p)
{
    const caws_settings *settings = &p->loop->client->settings;
    caws_provided_credentials provided = {.expires = 0};
    caws_credentials_cache_alive(cache_of(p), p->credentials_turn, INT64_MAX);
    bool given = settings->credentials_callback(settings->credentials_context, &provided);
    const caws_credentials *keys = &provided.credentials;
    const char *const texts[] = {keys->access_key_id, keys->secret_access_key,
                                 keys->session_token != NULL ? keys->session_token : ""};
    static const char *const names[] = {"access_key_id", "secret_access_key", "session_token"};
    if (!given) {
        (void)caws_fail(p->error, CAWS_ERROR_CREDENTIALS, "the credentials callback: %s",
                        provided.failure != NULL ? provided.failure : "has none");
        return put_failure(p);
    }
    for (int i = 0; i < 3; i++)
        if (texts[i] == NULL || (i < 2 && texts[i][0] == '\0') ||
            !caws_text_is_header_safe(texts[i])) {
            (void)caws_fail(p->error, CAWS_ERROR_CREDENTIALS,
                            "the credentials callback: %s is missing, or has a control character",
                            names[i]);
            return put_failure(p);
        }
    const caws_found_credentials found = {.keys = *keys,
                                          .account_id = provided.account_id,
                                          .expires =
                                              provided.expires != 0 ? provided.expires : INT64_MAX,
                                          .source = "option credentials_callback"};
    return put(p, &found);
}

/* A call that has credentials keeps half of its time for itself: providers that hang must not fail
 * calls as long as there are valid credentials. */
static int64_t time_for_asking(const caws_pending *p, int64_t now_ms)
{
    bool half = p->deadline_ms != INT64_MAX && p->credentials != NULL;
    return half ? now_ms + (p->deadline_ms - now_ms) / 2 : p->deadline_ms;
}

static bool ask(caws_pending *p, int64_t now_ms)
{
    const caws_settings *settings = &p->loop->client->settings;
    if (settings->credentials_callback != NULL)
        return ask_callback(p);
    const caws_credential_sources sources = {.system = settings->system,
                                             .profiles = &settings->profiles,
                                             .profile_by_option = settings->profile_by_option};
    p->asking = calloc(1, sizeof(*p->asking));
    if (p->asking != NULL)
        p->asking->fetch = caws_fetch_new(&sources);
    if (p->asking != NULL && p->asking->fetch != NULL) {
        p->asking->until_ms = time_for_asking(p, now_ms);
        return step(p, NULL, now_ms);
    }
    (void)caws_fail_memory(p->error);
    return put_failure(p);
}

static bool fail_deadline(caws_pending *p)
{
    (void)caws_fail(p->error, CAWS_ERROR_TIMEOUT,
                    "%s: its deadline has passed before there were credentials",
                    p->operation->name);
    return false;
}

/* The next call would hang as well, so this counts as a failure; without any credentials, the next
 * call tries at once: caws_credentials_done gives it the refresh. */
static bool stop_in_time(caws_pending *p)
{
    if (p->credentials == NULL)
        return fail_deadline(p);
    (void)caws_fail(p->error, CAWS_ERROR_TIMEOUT, "half of the time of a call is over");
    return put_failure(p);
}

bool caws_credentials_find(caws_pending *p, int64_t now_ms)
{
    const caws_settings *settings = &p->loop->client->settings;
    const caws_credentials_snapshot *snapshot = NULL;
    if ((p->operation->flags & CAWS_OPERATION_NO_AUTH) != 0)
        return go_to_turn(p);
    if (settings->region == NULL && (p->endpoint == NULL || p->endpoint->signing_region == NULL)) {
        (void)caws_fail(p->error, CAWS_ERROR_CONFIGURATION,
                        "no region, which a signature needs: set option region, AWS_REGION, or the "
                        "profile's region");
        return false;
    }
    if (settings->credentials.access_key_id != NULL)
        return go_to_turn(p);
    if (now_ms >= p->deadline_ms)
        return fail_deadline(p);
    caws_credentials_action action = caws_credentials_cache_get(
        cache_of(p), caws_unix_seconds(), &p->credentials_turn, &snapshot, p->error);
    hold(p, snapshot);
    switch (action) {
    case CAWS_CREDENTIALS_USE:
        return go_to_turn(p);
    case CAWS_CREDENTIALS_USE_AND_REFRESH:
    case CAWS_CREDENTIALS_REFRESH:
        return ask(p, now_ms);
    case CAWS_CREDENTIALS_WAIT:
        p->resume_ms = least(now_ms + WAIT_MS, p->deadline_ms);
        return false;
    case CAWS_CREDENTIALS_FAILED:
        return false;
    }
    return false;
}

bool caws_credentials_go_on(caws_pending *p, int64_t now_ms)
{
    struct caws_asking *asking = p->asking;
    /* Credentials that come too late for this call are not too late for others. */
    if (now_ms >= asking->until_ms && !(asking->sent && p->code == CURLE_OK))
        return stop_in_time(p);
    if (!asking->sent)
        return step(p, NULL, now_ms);
    caws_error failure = CAWS_ERROR_INIT;
    (void)caws_http_end(&p->http, &asking->endpoint, p->code, &failure);
    const caws_response *response = &p->http.response;
    if (failure.status == CAWS_ERROR_MEMORY) {
        (void)caws_fail_memory(p->error);
        return put_failure(p);
    }
    if (failure.status == CAWS_ERROR_RESPONSE_TOO_LARGE) /* not by max_response_bytes */
        (void)caws_fail(&failure, CAWS_ERROR_RESPONSE_TOO_LARGE, "an answer of over %d bytes",
                        (int)CAWS_FETCH_MAX_ANSWER);
    bool came = failure.status == CAWS_OK;
    const caws_fetch_answer answer = {.http_status = came ? response->http_status : 0,
                                      .body = response->body.data,
                                      .body_length = came ? response->body.length : 0,
                                      .failure = failure.message,
                                      .timed_out = failure.status == CAWS_ERROR_TIMEOUT};
    bool more = step(p, &answer, now_ms);
    caws_error_clear(&failure);
    return more;
}

const caws_credentials *caws_credentials_of(const caws_pending *p, uint64_t *generation)
{
    /* 1 is for the client's own, which never change. */
    *generation = p->credentials != NULL ? p->credentials->generation + 1 : 1;
    return p->credentials != NULL ? &p->credentials->found->keys
                                  : &p->loop->client->settings.credentials;
}

const char *caws_credentials_account(const caws_pending *p)
{
    return p->credentials != NULL ? p->credentials->found->account_id
                                  : p->loop->client->settings.account_id;
}

bool caws_credentials_renew(caws_pending *p)
{
    if (p->credentials == NULL || p->renewed)
        return false;
    p->renewed = true;
    caws_credentials_cache_expire(cache_of(p), p->credentials->generation);
    return true;
}

void caws_credentials_done(caws_pending *p)
{
    if (p->asking != NULL)
        caws_credentials_cache_abandon(cache_of(p), end_turn(p));
    stop_asking(p);
    hold(p, NULL);
}
