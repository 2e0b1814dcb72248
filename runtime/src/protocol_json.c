/* AWS JSON 1.0 and 1.1: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "json_decode.h"
#include "json_encode.h"
#include "protocol.h"
#include "text.h"
#include "xml_text.h"

static caws_status encode_request(const caws_operation *operation, const void *input,
                                  caws_request *request, caws_error *error)
{
    const caws_service *service = operation->service;
    request->method = operation->http_method;
    request->path = operation->request_uri;
    if (!caws_request_add_joined_header(request, "Content-Type", "application/x-amz-json-",
                                        service->json_version, "") ||
        !caws_request_add_joined_header(request, "X-Amz-Target", service->target_prefix, ".",
                                        operation->name))
        return caws_fail_memory(error);
    if ((service->flags & CAWS_SERVICE_QUERY_COMPATIBLE) != 0 &&
        !caws_request_add_header(request, "X-Amzn-Query-Mode", "true"))
        return caws_fail_memory(error);
    if (operation->input != NULL)
        return caws_json_encode(&request->body, operation->input, input, error);
    return caws_buffer_append_string(&request->body, "{}") ? CAWS_OK : caws_fail_memory(error);
}

/* What a person needs to see of a body that is not JSON: its type, its size, how it begins. */
static caws_status fail_not_json(caws_error *error, const caws_response *response)
{
    char excerpt[CAWS_EXCERPT_SIZE];
    const char *type = response->header(response, "Content-Type");
    char type_text[CAWS_EXCERPT_SIZE];
    caws_excerpt(excerpt, response->body.data, response->body.length);
    caws_excerpt(type_text, type, type != NULL ? strlen(type) : 0);
    return caws_fail(error, CAWS_ERROR_RESPONSE_MALFORMED,
                     "HTTP %d with a body that is not JSON (%s, %zu bytes): %s",
                     response->http_status, type_text[0] != '\0' ? type_text : "no content type",
                     response->body.length, excerpt);
}

/* Whether a body could be a JSON object at all, or is HTML, XML or plain text. */
static bool looks_like_json(const caws_buffer *body)
{
    static const char starts[] = {'{', '[', '"'};
    size_t i = 0;
    while (i < body->length && isspace((unsigned char)body->data[i]))
        i++;
    return i < body->length && memchr(starts, body->data[i], sizeof(starts)) != NULL;
}

static caws_status decode_response(const caws_operation *operation, caws_response *response,
                                   void *output, caws_error *error)
{
    if (response->body.length == 0)
        return caws_fail(error, CAWS_ERROR_RESPONSE_EMPTY,
                         "HTTP %d with an empty body where %s has an answer", response->http_status,
                         operation->name);
    if (!looks_like_json(&response->body))
        return fail_not_json(error, response);
    if (caws_json_accept(response->body.data, response->body.length, error) != CAWS_OK)
        return error->status;
    return caws_json_decode(response->body.data, operation->output, output,
                            caws_output_arena(output), error);
}

/*
 * The bare code in "com.amazonaws.logs#LimitExceededException" and in
 * "LimitExceededException:http://internal.amazon.com/coral/com.amazon.coral.service/".
 * Returns its length; 0 if text is NULL or has none.
 */
static size_t bare_code(const char *text, const char **start)
{
    if (text == NULL)
        return 0;
    size_t length = strcspn(text, ":");
    const char *hash = memchr(text, '#', length);
    *start = hash != NULL ? hash + 1 : text;
    return length - (size_t)(*start - text);
}

/* The code in "AWS.SimpleQueueService.NonExistentQueue;Sender", which a service that is compatible
 * with the query protocol sends beside the exception's name. Returns its length; 0: there is none.
 */
static size_t query_code(const caws_service *service, const caws_response *response,
                         const char **start)
{
    if ((service->flags & CAWS_SERVICE_QUERY_COMPATIBLE) == 0)
        return 0;
    *start = response->header(response, "x-amzn-query-error");
    return *start != NULL ? strcspn(*start, ";") : 0;
}

static const caws_exception *find_exception(const caws_service *service, const char *code)
{
    for (uint16_t i = 0; i < service->exception_count; i++)
        if (strcmp(service->exceptions[i].code, code) == 0)
            return &service->exceptions[i];
    return NULL;
}

/* False if the service has no such exception. */
static bool set_exception(const caws_service *service, const char *code, const char *json,
                          caws_error *error)
{
    const caws_exception *exception = find_exception(service, code);
    if (exception == NULL)
        return false;
    error->exception = exception->value;
    error->retryable = (exception->flags & CAWS_EXCEPTION_RETRYABLE) != 0;
    error->throttling = (exception->flags & CAWS_EXCEPTION_THROTTLING) != 0;
    if (exception->type == NULL || json == NULL)
        return true;
    caws_arena *arena = caws_error_arena(error);
    if (arena != NULL)
        caws_arena_set_limit(arena, strlen(json));
    void *detail = arena != NULL ? caws_arena_alloc(arena, exception->type->size) : NULL;
    caws_error ignored = CAWS_ERROR_INIT; /* a malformed detail must not hide the exception */
    if (detail == NULL)
        (void)caws_fail_memory(&ignored);
    else if (caws_json_decode(json, exception->type, detail, arena, &ignored) == CAWS_OK)
        error->detail = detail;
    if (arena != NULL)
        arena->limit = 0; /* for what else the error will say */
    if (ignored.status == CAWS_ERROR_MEMORY) {
        error->exception = 0;
        (void)caws_fail_memory(error);
    }
    caws_error_clear(&ignored);
    return true;
}

static caws_status fail_without_code(const caws_response *response, const char *json,
                                     caws_error *error)
{
    char code[16];
    char excerpt[CAWS_EXCERPT_SIZE];
    (void)snprintf(code, sizeof(code), "%d", response->http_status);
    caws_excerpt(excerpt, response->body.data, response->body.length);
    if (response->http_status >= 300 && response->http_status < 400)
        return caws_fail_code(
            error, CAWS_ERROR_HTTP, code,
            "HTTP %d: a redirect, which is never followed; is the endpoint right?",
            response->http_status);
    if (response->body.length == 0)
        return caws_fail_code(error, CAWS_ERROR_HTTP, code, "HTTP %d with an empty body",
                              response->http_status);
    if (json != NULL)
        return caws_fail_code(error, CAWS_ERROR_HTTP, code, "HTTP %d without an error code: %s",
                              response->http_status, excerpt);
    (void)fail_not_json(error, response);
    if (error->status == CAWS_ERROR_RESPONSE_MALFORMED) {
        error->status = CAWS_ERROR_HTTP;
        error->code = caws_error_copy(error, code);
    }
    return error->status;
}

static caws_status fail_service(caws_error *error, const char *code, const char *message)
{
    if (message == NULL || message[0] == '\0')
        message = "the service sent no message";
    return caws_fail_code(error, CAWS_ERROR_SERVICE, code, "%s", message);
}

/* An error in XML comes from a front end, before the service. False if xml has no error code. */
static bool fail_from_xml(const caws_service *service, const char *xml, caws_error *error)
{
    caws_arena arena = CAWS_ARENA_INIT;
    const char *code = NULL;
    const char *message = NULL;
    bool ok = caws_xml_element_text(xml, "Code", &arena, &code) &&
              caws_xml_element_text(xml, "Message", &arena, &message);
    bool found = !ok || (code != NULL && code[0] != '\0');
    if (!ok)
        (void)caws_fail_memory(error);
    else if (found && fail_service(error, code, message) == CAWS_ERROR_SERVICE)
        (void)set_exception(service, code, NULL, error);
    caws_arena_clear(&arena);
    return found;
}

enum { CODE_SIZE = 128 };

/* name: the exception's, which says more than a code of the query protocol: several may share one.
 */
static caws_status fail_from_code(const caws_service *service, const char *code, const char *name,
                                  const char *json, const char *message, caws_error *error)
{
    caws_status status = fail_service(error, code, message);
    if (status == CAWS_ERROR_SERVICE && !set_exception(service, name, json, error))
        (void)set_exception(service, code, json, error);
    return error->status;
}

static void copy_code(char out[CODE_SIZE], const char *start, size_t length)
{
    (void)snprintf(out, CODE_SIZE, "%.*s", (int)(length < CODE_SIZE ? length : CODE_SIZE - 1),
                   start);
}

/* The header comes first: it is there even if the body is not JSON. */
static caws_status decode_error(const caws_operation *operation, caws_response *response,
                                caws_error *error)
{
    caws_error parse_error = CAWS_ERROR_INIT;
    caws_arena arena = CAWS_ARENA_INIT;
    const char *json = NULL;
    char excerpt[CAWS_EXCERPT_SIZE];
    caws_excerpt(excerpt, response->body.data, response->body.length);
    if (looks_like_json(&response->body) &&
        caws_json_accept(response->body.data, response->body.length, &parse_error) == CAWS_OK)
        json = response->body.data;

    const char *start = NULL;
    size_t length = bare_code(response->header(response, "x-amzn-ErrorType"), &start);
    const char *type = NULL;
    const char *message = json == NULL ? excerpt : NULL;
    bool ok = json == NULL || (caws_json_find_string(json, "__type", "code", &arena, &type) &&
                               caws_json_find_string(json, "message", "Message", &arena, &message));
    if (length == 0)
        length = bare_code(type, &start);
    const char *query_start = NULL;
    size_t query_length = query_code(operation->service, response, &query_start);
    if (query_length == 0) {
        query_start = start;
        query_length = length;
    } else if (length == 0) {
        start = query_start;
        length = query_length;
    }

    caws_status status;
    if (!ok || parse_error.status == CAWS_ERROR_MEMORY) {
        status = caws_fail_memory(error);
    } else if (length == 0 && parse_error.status != CAWS_OK) {
        status = caws_fail(error, parse_error.status, "HTTP %d: %s", response->http_status,
                           parse_error.message);
    } else if (length == 0 && json == NULL && response->body.length > 0 &&
               fail_from_xml(operation->service, response->body.data, error)) {
        status = error->status;
    } else if (length == 0) {
        status = fail_without_code(response, json, error);
    } else {
        char name[CODE_SIZE];
        char code[CODE_SIZE];
        copy_code(name, start, length);
        copy_code(code, query_start, query_length);
        status = fail_from_code(operation->service, code, name, json, message, error);
    }
    caws_arena_clear(&arena);
    caws_error_clear(&parse_error);
    return status;
}

static caws_status decode_event(const caws_type *type, const char *payload, size_t length,
                                void *structure, caws_arena *arena, caws_error *error)
{
    if (caws_json_accept(payload, length, error) != CAWS_OK)
        return error->status;
    return caws_json_decode(payload, type, structure, arena, error);
}

/* A payload that cannot be read must not hide the exception. */
static caws_status decode_event_error(const caws_service *service, const char *code,
                                      const char *message, const char *payload, size_t length,
                                      caws_error *error)
{
    caws_error ignored = CAWS_ERROR_INIT;
    caws_arena arena = CAWS_ARENA_INIT;
    const char *json =
        length > 0 && caws_json_accept(payload, length, &ignored) == CAWS_OK ? payload : NULL;
    bool ok = message != NULL || json == NULL ||
              caws_json_find_string(json, "message", "Message", &arena, &message);
    if (!ok || ignored.status == CAWS_ERROR_MEMORY)
        (void)caws_fail_memory(error);
    else if (fail_service(error, code, message) == CAWS_ERROR_SERVICE)
        set_exception(service, code, json, error);
    caws_arena_clear(&arena);
    caws_error_clear(&ignored);
    return error->status;
}

const caws_protocol caws_protocol_json = {
    .name = "json",
    .encode_request = encode_request,
    .decode_response = decode_response,
    .decode_error = decode_error,
    .decode_event = decode_event,
    .decode_event_error = decode_event_error,
};
