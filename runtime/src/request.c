#include "request.h"

#include <stdarg.h>

enum { KEPT_CAPACITY = 64 * 1024 }; /* bytes of a body's memory that are kept between requests */

bool caws_request_add_header(caws_request *request, const char *name, const char *value)
{
    if (request->header_count == CAWS_MAX_HEADERS)
        return false;
    request->headers[request->header_count++] = (caws_header){name, value};
    return true;
}

bool caws_request_add_header_format(caws_request *request, const char *name, const char *format,
                                    ...)
{
    caws_buffer text = CAWS_BUFFER_INIT;
    va_list args;
    va_start(args, format);
    bool ok = caws_buffer_append_vformat(&text, format, args);
    va_end(args);
    const char *value = ok ? caws_arena_copy(&request->arena, text.data, text.length) : NULL;
    caws_buffer_clear(&text);
    return value != NULL && caws_request_add_header(request, name, value);
}

void caws_request_reset(caws_request *request)
{
    if (request->body.capacity > KEPT_CAPACITY)
        caws_buffer_clear(&request->body);
    caws_buffer_reset(&request->body);
    caws_arena_clear(&request->arena);
    request->method = NULL;
    request->path = NULL;
    request->query = NULL;
    request->header_count = 0;
}

void caws_request_clear(caws_request *request)
{
    caws_request_reset(request);
    caws_buffer_clear(&request->body);
}
