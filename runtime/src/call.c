/* input struct -> validate -> encode -> endpoint -> sign -> send -> decode -> output struct */
#include "call.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "clock.h"
#include "credentials.h"
#include "fail.h"
#include "host_prefix.h"
#include "pending.h"
#include "protocol.h"
#include "text.h"
#include "validate.h"

enum { MAX_OWN_HEADERS = 8 }; /* of a call's options */

static const caws_settings *settings_of(const caws_pending *p)
{
    return &p->loop->client->settings;
}

static caws_status validate(caws_pending *p, const void *input)
{
    if (p->operation->input == NULL)
        return CAWS_OK;
    return caws_validate(p->operation->input, input, settings_of(p)->validation, p->error);
}

static caws_status encode(caws_pending *p, const void *input)
{
    return p->operation->service->protocol->encode_request(p->operation, input, &p->request,
                                                           p->error);
}

/* One text behind the other, in the request's arena; NULL when out of memory. */
static const char *join(caws_pending *p, const char *first, const char *second)
{
    size_t size = strlen(first) + strlen(second) + 1;
    char *text = caws_arena_alloc(&p->request.arena, size);
    if (text == NULL)
        return NULL;
    (void)snprintf(text, size, "%s%s", first, second);
    return text;
}

static caws_status keep_host_prefix(caws_pending *p, const void *input)
{
    const caws_context *context = p->operation->context;
    p->host_prefix = NULL;
    if (context == NULL || context->host_prefix == NULL || settings_of(p)->no_host_prefix)
        return CAWS_OK;
    return caws_host_prefix(p->operation, input, "", &p->request.arena, &p->host_prefix, p->error);
}

/* The request's path goes behind the endpoint's own. */
static caws_status use_endpoint(caws_pending *p)
{
    caws_request *request = &p->request;
    if (p->host_prefix != NULL && caws_host_takes_prefix(p->endpoint->host)) {
        p->own_endpoint = *p->endpoint;
        p->own_endpoint.host = join(p, p->host_prefix, p->endpoint->host);
        p->endpoint = &p->own_endpoint;
    }
    if (p->endpoint->path[0] != '\0')
        request->path = join(p, p->endpoint->path, request->path);
    if (request->path == NULL || p->endpoint->host == NULL ||
        !caws_request_add_header(request, "Host", p->endpoint->host))
        return caws_fail_memory(p->error);
    for (const caws_endpoint_header *h = p->endpoint->headers; h != NULL; h = h->next)
        if (!caws_request_add_header(request, h->name, h->value))
            return caws_fail_memory(p->error);
    p->header_count = request->header_count;
    return CAWS_OK;
}

/* Texts of the rules may be borrowed from credentials, which may be gone before the call is. */
caws_status caws_call_find_endpoint(caws_pending *p)
{
    caws_endpoint found;
    caws_arena *arena = &p->request.arena;
    if (p->endpoint != NULL)
        return CAWS_OK;
    p->endpoint_query.account_id = caws_credentials_account(p);
    if (caws_endpoint_find(settings_of(p), p->operation->service, &p->endpoint_query, arena, &found,
                           p->error) != CAWS_OK)
        return p->error->status;
    if (!caws_endpoint_copy(arena, &found, &p->own_endpoint))
        return caws_fail_memory(p->error);
    p->endpoint = &p->own_endpoint;
    return use_endpoint(p);
}

/* What the input, which the caller has for the start of the call only, tells of the endpoint. Most
 * services have one endpoint, which the client remembers; some want to know the account first. */
static caws_status begin_endpoint(caws_pending *p, const void *input, const char *url)
{
    const caws_service *service = p->operation->service;
    caws_arena *arena = &p->request.arena;
    bool by_account = caws_endpoint_wants_account(service) &&
                      strcmp(settings_of(p)->account_id_endpoint_mode, "disabled") != 0;
    p->endpoint = NULL;
    if (keep_host_prefix(p, input) != CAWS_OK)
        return p->error->status;
    if (!by_account && url == NULL &&
        caws_endpoint_scope_of(p->operation) == CAWS_ENDPOINT_OF_SERVICE) {
        p->endpoint = caws_client_endpoint(p->loop->client, service, p->error);
        return p->endpoint != NULL ? use_endpoint(p) : p->error->status;
    }
    p->endpoint_query = (caws_endpoint_query){.endpoint_url = url};
    if (url != NULL)
        p->endpoint_query.endpoint_url = caws_arena_copy(arena, url, strlen(url));
    if (service->endpoint_rules != NULL)
        p->endpoint_query.values =
            caws_endpoint_values(service->endpoint_rules, p->operation, input, arena);
    if ((url != NULL && p->endpoint_query.endpoint_url == NULL) ||
        (service->endpoint_rules != NULL && p->endpoint_query.values == NULL))
        return caws_fail_memory(p->error);
    return by_account ? CAWS_OK : caws_call_find_endpoint(p);
}

static bool is_header_name(const char *name)
{
    size_t length =
        strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    return length > 0 && name[length] == '\0';
}

/* Those that come later: with each attempt, with the signature, from libcurl. */
static bool is_reserved(const char *name)
{
    static const char *const names[] = {
        "Accept-Encoding",  "Authorization",
        "Connection",       "Content-Length",
        "Expect",           "Host",
        "Proxy-Connection", "TE",
        "Trailer",          "Transfer-Encoding",
        "Upgrade",          "X-Amz-Content-Sha256",
        "X-Amz-Date",       "X-Amz-Security-Token",
        "amz-sdk-request",  "amz-sdk-invocation-id",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (caws_text_equal_no_case(names[i], name))
            return true;
    return false;
}

/* Copies: the caller's end with the start of the call. */
static caws_status add_own_headers(caws_pending *p, const caws_call_options *options)
{
    if (options->header_count > MAX_OWN_HEADERS)
        return caws_fail(p->error, CAWS_ERROR_INVALID_INPUT, "option header_count: %zu, at most %d",
                         options->header_count, MAX_OWN_HEADERS);
    for (size_t i = 0; i < options->header_count; i++) {
        const caws_call_header *header = &options->headers[i];
        if (header->name == NULL || header->value == NULL || !is_header_name(header->name) ||
            !caws_text_is_header_safe(header->value))
            return caws_fail(p->error, CAWS_ERROR_INVALID_INPUT,
                             "option headers[%zu]: not a name of letters, digits and hyphens with "
                             "a value without control characters",
                             i);
        /* libcurl would not send what is only blanks. */
        const char *value =
            header->value[strspn(header->value, " \t")] != '\0' ? header->value : "";
        const char *name = caws_arena_copy(&p->request.arena, header->name, strlen(header->name));
        if (is_reserved(header->name) || caws_request_has_header(&p->request, header->name))
            return caws_fail(p->error, CAWS_ERROR_INVALID_INPUT,
                             "option headers[%zu]: %s is the library's own", i, header->name);
        if (name == NULL || !caws_request_add_joined_header(&p->request, name, value, "", ""))
            return caws_fail_memory(p->error);
    }
    return CAWS_OK;
}

static caws_status add_user_agent(caws_pending *p, const caws_call_options *options)
{
    unsigned features = settings_of(p)->retry_mode == CAWS_RETRY_ADAPTIVE
                            ? CAWS_FEATURE_RETRY_ADAPTIVE
                            : CAWS_FEATURE_RETRY_STANDARD;
    if (options->endpoint_url != NULL || settings_of(p)->endpoint_url != NULL)
        features |= CAWS_FEATURE_ENDPOINT_OVERRIDE;
    /* Calls of a kind follow each other: what was made for the last one serves again. */
    if (caws_buffer_ok(&p->user_agent) && p->user_agent_service == p->operation->service &&
        p->user_agent_features == features)
        return caws_request_add_header(&p->request, "User-Agent", p->user_agent.data)
                   ? CAWS_OK
                   : caws_fail_memory(p->error);
    p->user_agent_service = p->operation->service;
    p->user_agent_features = features;
    caws_buffer_reset(&p->user_agent);
    return caws_user_agent_append(&p->user_agent, &p->loop->client->user_agent,
                                  p->operation->service->service_id, features) &&
                   caws_request_add_header(&p->request, "User-Agent", p->user_agent.data)
               ? CAWS_OK
               : caws_fail_memory(p->error);
}

/* Less than nothing, as what is left of a caller's own deadline may be, must not mean no limit. */
static caws_status check_limits(const caws_pending *p, const caws_call_options *options)
{
    if (options->deadline_ms < 0)
        return caws_fail(p->error, CAWS_ERROR_INVALID_INPUT, "option deadline_ms: %d, at least 0",
                         (int)options->deadline_ms);
    if (options->max_attempts < 0)
        return caws_fail(p->error, CAWS_ERROR_INVALID_INPUT, "option max_attempts: %d, at least 0",
                         (int)options->max_attempts);
    return CAWS_OK;
}

caws_status caws_call_prepare(caws_pending *p, const void *input, const caws_call_options *options)
{
    if (check_limits(p, options) == CAWS_OK && validate(p, input) == CAWS_OK &&
        encode(p, input) == CAWS_OK && begin_endpoint(p, input, options->endpoint_url) == CAWS_OK &&
        add_user_agent(p, options) == CAWS_OK)
        (void)add_own_headers(p, options);
    p->header_count = p->request.header_count;
    return p->error->status;
}

/* What lets a service, and its operators, tell an attempt from a call. */
static caws_status add_attempt_headers(caws_pending *p, int64_t timeout_ms)
{
    bool told = p->ahead_ms != INT64_MAX;
    p->request.header_count = p->header_count; /* without those of an attempt before */
    if (p->attempts == 0 && !caws_uuid_take(&p->loop->uuids, p->invocation_id))
        return caws_fail_memory(p->error);
    caws_attempt_header(p->attempt_text, p->attempts + 1, p->retry.max_attempts,
                        told ? (caws_unix_ms() + p->ahead_ms + timeout_ms) / 1000 : 0);
    if (!caws_request_add_header(&p->request, "amz-sdk-invocation-id", p->invocation_id) ||
        !caws_request_add_header(&p->request, "amz-sdk-request", p->attempt_text))
        return caws_fail_memory(p->error);
    return CAWS_OK;
}

caws_status caws_call_sign(caws_pending *p, int64_t timeout_ms)
{
    if (add_attempt_headers(p, timeout_ms) != CAWS_OK)
        return p->error->status;
    if ((p->operation->flags & CAWS_OPERATION_NO_AUTH) != 0)
        return CAWS_OK;
    caws_request *request = &p->request;
    p->signed_ms = caws_unix_ms();
    p->signed_skew_ms = caws_skew_ms(&p->loop->client->skew);
    bool unsigned_payload = (p->operation->flags & CAWS_OPERATION_UNSIGNED_PAYLOAD) != 0;
    uint64_t generation = 0;
    const caws_credentials *keys = caws_credentials_of(p, &generation);
    const caws_sigv4_request to_sign = {
        .credentials = keys,
        .generation = generation,
        .region = p->endpoint->signing_region != NULL ? p->endpoint->signing_region
                                                      : settings_of(p)->region,
        .service = p->endpoint->signing_name != NULL ? p->endpoint->signing_name
                                                     : p->operation->service->signing_name,
        .time = (p->signed_ms + p->signed_skew_ms) / 1000,
        .method = request->method,
        .path = request->path,
        .query = request->query,
        .headers = request->headers,
        .header_count = request->header_count,
        .payload = request->body.data,
        .payload_length = request->body.length,
        .flags = unsigned_payload ? CAWS_SIGV4_UNSIGNED_PAYLOAD : 0,
    };
    caws_sigv4_headers headers = {.count = 0};
    switch (caws_signer_sign(&p->loop->signer, &to_sign, &headers)) {
    case CAWS_SIGV4_OK:
        break;
    case CAWS_SIGV4_NO_MEMORY:
    case CAWS_SIGV4_CRYPTO:
        return caws_fail_memory(p->error);
    case CAWS_SIGV4_BAD_TIME:
        return caws_fail(p->error, CAWS_ERROR_CONFIGURATION,
                         "the system clock, %" PRId64 " s since 1970, is out of range",
                         to_sign.time);
    }
    for (size_t i = 0; i < headers.count; i++)
        if (!caws_request_add_header(request, headers.items[i].name, headers.items[i].value))
            return caws_fail_memory(p->error);
    return CAWS_OK;
}

void caws_call_log_attempt(const caws_pending *p)
{
    const caws_logger *logger = &settings_of(p)->logger;
    if (!caws_log_enabled(logger, CAWS_LOG_INFO))
        return;
    const caws_response *response = &p->http.response;
    const char *request_id = response->header(response, "x-amzn-RequestId");
    caws_log_for(logger, p->options.log_context, CAWS_LOG_INFO,
                 "%s host=%s http_status=%d request_id=%s sent_bytes=%zu received_bytes=%zu "
                 "ms=%" PRId64 " attempt=%d",
                 p->operation->name, p->endpoint->host, response->http_status,
                 request_id != NULL ? request_id : "-", p->request.body.length,
                 response->body.length + p->http.received, caws_monotonic_ms() - p->attempted_ms,
                 p->attempts);
}

static caws_status decode_output(caws_pending *p)
{
    const caws_type *type = p->operation->output;
    if (type == NULL || !p->output_wanted)
        return CAWS_OK;
    void *structure = caws_output_new(type->size);
    if (structure == NULL)
        return caws_fail_memory(p->error);
    caws_arena_set_limit(caws_output_arena(structure), p->http.response.body.limit);
    caws_status status = p->operation->service->protocol->decode_response(
        p->operation, &p->http.response, structure, p->error);
    if (status == CAWS_OK)
        p->output = structure;
    else
        caws_output_free(structure);
    return status;
}

static void mask(caws_error *error, const char *secret)
{
    static const char stars[] = "***";
    const char *rest = error->message;
    if (secret == NULL || secret[0] == '\0' || strstr(rest, secret) == NULL)
        return;
    caws_buffer text = CAWS_BUFFER_INIT;
    for (const char *found; (found = strstr(rest, secret)) != NULL;) {
        caws_buffer_append(&text, rest, (size_t)(found - rest));
        caws_buffer_append_string(&text, stars);
        rest = found + strlen(secret);
    }
    caws_buffer_append_string(&text, rest);
    error->message = caws_buffer_ok(&text) ? caws_error_copy(error, text.data) : stars;
    caws_buffer_wipe(&text);
}

/* A service that refuses a signature may quote the request, and with it the session token. */
static void mask_secrets(const caws_pending *p)
{
    uint64_t generation = 0;
    const caws_credentials *keys = caws_credentials_of(p, &generation);
    mask(p->error, keys->secret_access_key);
    mask(p->error, keys->session_token);
}

caws_status caws_call_decode(caws_pending *p)
{
    caws_response *response = &p->http.response;
    if (response->http_status >= 200 && response->http_status < 300)
        return decode_output(p);
    caws_status status =
        p->operation->service->protocol->decode_error(p->operation, response, p->error);
    mask_secrets(p);
    return status;
}

/* Facts of the last answer that every kind of error carries. */
static void note_answer(const caws_pending *p, const char *request_id)
{
    p->error->attempts = p->attempts;
    if (request_id != NULL && p->error->request_id[0] == '\0')
        p->error->request_id = caws_error_copy(p->error, request_id);
}

static void fill_info(const caws_pending *p, const char *request_id)
{
    caws_call_info *info = p->options.info;
    if (info == NULL)
        return;
    *info = (caws_call_info){.attempts = p->attempts, .http_status = p->http.response.http_status};
    size_t length = request_id != NULL ? strlen(request_id) : 0;
    if (length >= sizeof(info->request_id))
        length = sizeof(info->request_id) - 1;
    memcpy(info->request_id, length > 0 ? request_id : "", length);
}

void caws_call_note_end(caws_pending *p)
{
    const caws_response *response = &p->http.response;
    bool told = p->error->status != CAWS_OK || p->options.info != NULL;
    const char *request_id = told && p->attempts > 0 && response->http_status != 0
                                 ? response->header(response, "x-amzn-RequestId")
                                 : NULL;
    fill_info(p, request_id);
    caws_stats_add(&p->loop->client->stats, CAWS_STAT_CALLS, 1);
    if (p->error->status == CAWS_OK) {
        caws_error_clear(p->error); /* of what was noted in case of a failure */
        return;
    }
    caws_stats_add(&p->loop->client->stats, CAWS_STAT_FAILURES, 1);
    note_answer(p, request_id);
    if (p->loop->pid != getpid())
        return; /* a child lets go of its parent's calls, and calls nobody back */
    caws_log_for(&settings_of(p)->logger, p->options.log_context, CAWS_LOG_ERROR,
                 "%s failed: %s: %s", p->operation->name, p->error->code, p->error->message);
}

/* --- calls that wait --- */

static caws_status run(caws_client *client, const caws_start *start, void **output,
                       caws_error *error)
{
    caws_loop *loop = caws_client_acquire(client, error);
    if (loop == NULL)
        return error->status;
    caws_pending *p = caws_pending_begin(loop, start, error);
    if (p != NULL) {
        caws_loop_finish(loop, p);
        if (output != NULL)
            *output = p->output;
        caws_pending_recycle(p);
    }
    caws_client_release(client, loop);
    return error->status;
}

caws_status caws_call_and_wait(caws_client *client, const caws_start *start, void **output,
                               caws_error *error)
{
    caws_error own_error = CAWS_ERROR_INIT;
    caws_error *e = error != NULL ? error : &own_error;
    if (output != NULL)
        *output = NULL;
    if (start->options != NULL && start->options->info != NULL)
        *start->options->info = (caws_call_info){0};
    caws_status status;
    if (client == NULL) {
        status = caws_fail_no_client(e);
    } else {
        caws_error_clear(e);
        status = run(client, start, output, e);
    }
    caws_error_clear(&own_error);
    return status;
}

caws_status caws_call_once(caws_client *client, const caws_operation *operation, const void *input,
                           const caws_call_options *options, void **output, caws_error *error)
{
    const caws_start start = {operation, input, options, output != NULL, NULL, NULL, NULL};
    return caws_call_and_wait(client, &start, output, error);
}

caws_status caws_call_with(caws_client *client, const caws_operation *operation, const void *input,
                           const caws_call_options *options, void *output, caws_error *error)
{
    void *structure = NULL;
    caws_status status = caws_call_once(client, operation, input, options,
                                        output != NULL ? &structure : NULL, error);
    if (output != NULL) /* a typed pointer of the caller's: all pointers to structs look alike */
        memcpy(output, &structure, sizeof(structure));
    return status;
}

caws_status caws_call(caws_client *client, const caws_operation *operation, const void *input,
                      void *output, caws_error *error)
{
    return caws_call_with(client, operation, input, NULL, output, error);
}
