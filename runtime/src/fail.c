#include "fail.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "utf8.h"

static const char *const status_texts[] = {
    [CAWS_OK] = "OK",
    [CAWS_ERROR_MEMORY] = "OutOfMemory",
    [CAWS_ERROR_INVALID_INPUT] = "InvalidInput",
    [CAWS_ERROR_CONFIGURATION] = "InvalidConfiguration",
    [CAWS_ERROR_CREDENTIALS] = "NoCredentials",
    [CAWS_ERROR_ENDPOINT] = "NoEndpoint",
    [CAWS_ERROR_CONNECTION] = "ConnectionFailed",
    [CAWS_ERROR_TIMEOUT] = "Timeout",
    [CAWS_ERROR_TLS] = "TlsFailed",
    [CAWS_ERROR_CANCELLED] = "Cancelled",
    [CAWS_ERROR_RESPONSE_EMPTY] = "EmptyResponse",
    [CAWS_ERROR_RESPONSE_TRUNCATED] = "TruncatedResponse",
    [CAWS_ERROR_RESPONSE_MALFORMED] = "MalformedResponse",
    [CAWS_ERROR_RESPONSE_TOO_LARGE] = "ResponseTooLarge",
    [CAWS_ERROR_HTTP] = "HttpError",
    [CAWS_ERROR_SERVICE] = "ServiceError",
    [CAWS_ERROR_WAITER] = "WaiterFailed",
};

const char *caws_status_string(caws_status status)
{
    size_t count = sizeof(status_texts) / sizeof(status_texts[0]);
    return (size_t)status < count ? status_texts[status] : "Unknown";
}

void caws_error_clear(caws_error *error)
{
    if (error == NULL)
        return;
    caws_arena *arena = error->storage;
    if (arena != NULL) {
        caws_arena_clear(arena);
        free(arena);
    }
    *error = (caws_error)CAWS_ERROR_INIT;
}

caws_arena *caws_error_arena(caws_error *error)
{
    if (error->storage == NULL)
        error->storage = calloc(1, sizeof(caws_arena));
    return error->storage;
}

static bool is_printable(uint32_t character)
{
    if (character == '\n' || character == '\t')
        return true;
    return character >= ' ' && (character < 0x7f || character > 0x9f);
}

/* Errors are printed to terminals, which obey control characters: services must not reach those. */
static void make_printable(char *text)
{
    size_t length = strlen(text);
    size_t used = 0;
    for (size_t i = 0; i < length;) {
        uint32_t character = 0;
        size_t size = caws_utf8_decode(text + i, length - i, &character);
        if (size > 0 && is_printable(character)) {
            memmove(text + used, text + i, size);
            used += size;
        } else {
            text[used++] = '?';
        }
        i += size > 0 ? size : 1;
    }
    text[used] = '\0';
}

/* NULL when out of memory, or if text is NULL. */
static char *copy_printable(caws_error *error, const char *text)
{
    caws_arena *arena = caws_error_arena(error);
    char *copy = arena != NULL && text != NULL ? caws_arena_copy(arena, text, strlen(text)) : NULL;
    if (copy != NULL)
        make_printable(copy);
    return copy;
}

const char *caws_error_copy(caws_error *error, const char *text)
{
    const char *copy = copy_printable(error, text);
    return copy != NULL ? copy : "";
}

caws_status caws_fail_memory(caws_error *error)
{
    error->status = CAWS_ERROR_MEMORY;
    error->code = caws_status_string(CAWS_ERROR_MEMORY);
    error->message = "out of memory";
    error->retryable = false;
    error->throttling = false;
    return CAWS_ERROR_MEMORY;
}

caws_status caws_fail_no_client(caws_error *error)
{
    if (error->status == CAWS_OK)
        return caws_fail(error, CAWS_ERROR_CONFIGURATION, "the client is NULL");
    return error->status;
}

static caws_status fail(caws_error *error, caws_status status, const char *code, const char *format,
                        va_list args)
{
    caws_buffer text = CAWS_BUFFER_INIT;
    const char *message = NULL;
    if (caws_buffer_append_vformat(&text, format, args))
        message = copy_printable(error, text.data);
    caws_buffer_clear(&text);
    if (message == NULL || code == NULL)
        return caws_fail_memory(error);
    error->status = status;
    error->code = code;
    error->message = message;
    return status;
}

caws_status caws_fail(caws_error *error, caws_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fail(error, status, caws_status_string(status), format, args);
    va_end(args);
    return error->status;
}

/* A message may have lines, a code is a part of one. */
static const char *copy_code(caws_error *error, const char *code)
{
    char *copy = copy_printable(error, code);
    for (char *c = copy; c != NULL && (c = strpbrk(c, "\n\t")) != NULL;)
        *c++ = '?';
    return copy;
}

caws_status caws_fail_code(caws_error *error, caws_status status, const char *code,
                           const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fail(error, status, copy_code(error, code), format, args);
    va_end(args);
    return error->status;
}
