/* input struct -> validate -> encode -> endpoint -> sign -> send -> decode -> output struct */
#include "call.h"

#include <inttypes.h>
#include <string.h>

#include "classify.h"
#include "client.h"
#include "clock.h"
#include "fail.h"
#include "host_prefix.h"
#include "protocol.h"
#include "validate.h"

typedef struct call {
    caws_client *client;
    const caws_operation *operation;
    const void *input;
    caws_connection *connection;
    const caws_endpoint *endpoint;
    caws_error *error;
    caws_call_sender *sender; /* NULL: caws_http_send */
    caws_endpoint prefixed;   /* where endpoint points if the operation has a host prefix */
} call;

static caws_status validate(call *c)
{
    if (c->operation->input == NULL)
        return CAWS_OK;
    return caws_validate(c->operation->input, c->input, c->client->settings.validation, c->error);
}

static caws_status encode(call *c)
{
    return c->operation->service->protocol->encode_request(c->operation, c->input,
                                                           &c->connection->request, c->error);
}

static caws_status add_host_prefix(call *c)
{
    if (c->operation->host_prefix == NULL || c->client->settings.no_host_prefix ||
        !caws_host_takes_prefix(c->endpoint->host))
        return CAWS_OK;
    c->prefixed = *c->endpoint;
    c->endpoint = &c->prefixed;
    return caws_host_prefix(c->operation, c->input, c->prefixed.host, &c->connection->request.arena,
                            &c->prefixed.host, c->error);
}

/* The request's path goes behind the endpoint's own. */
static caws_status find_endpoint(call *c)
{
    c->endpoint = caws_client_endpoint(c->client, c->operation->service, c->error);
    if (c->endpoint == NULL || add_host_prefix(c) != CAWS_OK)
        return c->error->status;
    caws_request *request = &c->connection->request;
    if (c->endpoint->path[0] != '\0') {
        caws_buffer path = CAWS_BUFFER_INIT;
        caws_buffer_append_string(&path, c->endpoint->path);
        caws_buffer_append_string(&path, request->path);
        request->path =
            caws_buffer_ok(&path) ? caws_arena_copy(&request->arena, path.data, path.length) : NULL;
        caws_buffer_clear(&path);
    }
    if (request->path == NULL || !caws_request_add_header(request, "Host", c->endpoint->host))
        return caws_fail_memory(c->error);
    return CAWS_OK;
}

static caws_status check_signing_settings(call *c)
{
    const caws_settings *settings = &c->client->settings;
    if (settings->credentials.access_key_id == NULL)
        return caws_fail(c->error, CAWS_ERROR_CREDENTIALS,
                         "no credentials: set option credentials, or AWS_ACCESS_KEY_ID and "
                         "AWS_SECRET_ACCESS_KEY");
    if (settings->region == NULL)
        return caws_fail(c->error, CAWS_ERROR_CONFIGURATION,
                         "no region, which a signature needs: set option region, AWS_REGION or "
                         "AWS_DEFAULT_REGION");
    return CAWS_OK;
}

static caws_status sign(call *c)
{
    if ((c->operation->flags & CAWS_OPERATION_NO_AUTH) != 0)
        return CAWS_OK;
    if (check_signing_settings(c) != CAWS_OK)
        return c->error->status;
    caws_request *request = &c->connection->request;
    bool unsigned_payload = (c->operation->flags & CAWS_OPERATION_UNSIGNED_PAYLOAD) != 0;
    const caws_sigv4_request to_sign = {
        .credentials = &c->client->settings.credentials,
        .generation = 1, /* a client's credentials never change */
        .region = c->client->settings.region,
        .service = c->operation->service->signing_name,
        .time = caws_unix_seconds(),
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
    switch (caws_signer_sign(&c->connection->signer, &to_sign, &headers)) {
    case CAWS_SIGV4_OK:
        break;
    case CAWS_SIGV4_NO_MEMORY:
    case CAWS_SIGV4_CRYPTO:
        return caws_fail_memory(c->error);
    case CAWS_SIGV4_BAD_TIME:
        return caws_fail(c->error, CAWS_ERROR_CONFIGURATION,
                         "the system clock, %" PRId64 " s since 1970, is out of range",
                         to_sign.time);
    }
    for (size_t i = 0; i < headers.count; i++)
        if (!caws_request_add_header(request, headers.items[i].name, headers.items[i].value))
            return caws_fail_memory(c->error);
    return CAWS_OK;
}

static void log_attempt(call *c, int64_t elapsed_ms)
{
    const caws_logger *logger = &c->client->settings.logger;
    const caws_response *response = &c->connection->http.response;
    const char *request_id = response->header(response, "x-amzn-RequestId");
    caws_log(
        logger, CAWS_LOG_INFO,
        "%s host=%s http_status=%d request_id=%s sent_bytes=%zu received_bytes=%zu ms=%" PRId64,
        c->operation->name, c->endpoint->host, response->http_status,
        request_id != NULL ? request_id : "-", c->connection->request.body.length,
        response->body.length + (c->sender != NULL ? c->sender->received : 0), elapsed_ms);
}

static caws_status send_request(call *c)
{
    bool logged = caws_log_enabled(&c->client->settings.logger, CAWS_LOG_INFO);
    int64_t began = logged ? caws_monotonic_ms() : 0;
    c->error->attempts++;
    caws_http *http = &c->connection->http;
    const caws_request *request = &c->connection->request;
    caws_status status = c->sender == NULL
                             ? caws_http_send(http, c->endpoint, request, c->error)
                             : c->sender->send(c->sender, http, c->endpoint, request, c->error);
    if (logged)
        log_attempt(c, caws_monotonic_ms() - began);
    return status;
}

static caws_status decode_output(call *c, void **output)
{
    const caws_type *type = c->operation->output;
    if (type == NULL || output == NULL)
        return CAWS_OK;
    void *structure = caws_output_new(type->size);
    if (structure == NULL)
        return caws_fail_memory(c->error);
    caws_status status = c->operation->service->protocol->decode_response(
        c->operation, &c->connection->http.response, structure, c->error);
    if (status == CAWS_OK)
        *output = structure;
    else
        caws_output_free(structure);
    return status;
}

/* A service that refuses a signature may quote the request, and with it the session token. */
static void mask_secrets(call *c)
{
    static const char mask[] = "***";
    for (int i = 1; i < 3; i++) {
        const char *secret = c->client->settings.secrets[i];
        const char *rest = c->error->message;
        if (secret == NULL || strstr(rest, secret) == NULL)
            continue;
        caws_buffer text = CAWS_BUFFER_INIT;
        for (const char *found; (found = strstr(rest, secret)) != NULL;) {
            caws_buffer_append(&text, rest, (size_t)(found - rest));
            caws_buffer_append_string(&text, mask);
            rest = found + strlen(secret);
        }
        caws_buffer_append_string(&text, rest);
        c->error->message = caws_buffer_ok(&text) ? caws_error_copy(c->error, text.data) : mask;
        caws_buffer_wipe(&text);
    }
}

static caws_status decode(call *c, void **output)
{
    caws_response *response = &c->connection->http.response;
    if (response->http_status >= 200 && response->http_status < 300)
        return decode_output(c, output);
    caws_status status =
        c->operation->service->protocol->decode_error(c->operation, response, c->error);
    mask_secrets(c);
    caws_classify_error(c->error);
    return status;
}

/* Facts of the last answer that every kind of error carries. */
static void note_answer(call *c)
{
    const caws_response *response = &c->connection->http.response;
    if (c->error->attempts == 0 || response->http_status == 0)
        return;
    const char *request_id = response->header(response, "x-amzn-RequestId");
    if (request_id != NULL)
        c->error->request_id = caws_error_copy(c->error, request_id);
}

static caws_status run(call *c, void **output)
{
    caws_error *error = c->error;
    if (output != NULL)
        *output = NULL;
    if (validate(c) == CAWS_OK)
        c->connection = caws_client_acquire(c->client, error);
    if (c->connection != NULL) {
        if (encode(c) == CAWS_OK && find_endpoint(c) == CAWS_OK && sign(c) == CAWS_OK &&
            send_request(c) == CAWS_OK && (c->sender == NULL || !c->sender->done))
            (void)decode(c, output);
        if (error->status != CAWS_OK)
            note_answer(c);
        caws_client_release(c->client, c->connection);
    }
    if (error->status == CAWS_OK)
        caws_error_clear(error); /* of what was noted in case of a failure */
    else
        caws_log(&c->client->settings.logger, CAWS_LOG_ERROR, "%s failed: %s: %s",
                 c->operation->name, error->code, error->message);
    return error->status;
}

caws_status caws_call_once(caws_client *client, const caws_operation *operation, const void *input,
                           void **output, caws_error *error)
{
    call c = {.client = client, .operation = operation, .input = input, .error = error};
    return run(&c, output);
}

caws_status caws_call_with(caws_client *client, const caws_operation *operation, const void *input,
                           caws_call_sender *sender, caws_error *error)
{
    call c = {
        .client = client, .operation = operation, .input = input, .error = error, .sender = sender};
    return run(&c, NULL);
}

caws_status caws_call(caws_client *client, const caws_operation *operation, const void *input,
                      void *output, caws_error *error)
{
    caws_error own_error = CAWS_ERROR_INIT;
    caws_error *e = error != NULL ? error : &own_error;
    void *structure = NULL;
    caws_status status;
    if (client == NULL) {
        status = caws_fail_no_client(e);
    } else {
        caws_error_clear(e);
        status = caws_call_once(client, operation, input, output != NULL ? &structure : NULL, e);
    }
    if (output != NULL) /* a typed pointer of the caller's: all pointers to structs look alike */
        memcpy(output, &structure, sizeof(structure));
    caws_error_clear(&own_error);
    return status;
}
