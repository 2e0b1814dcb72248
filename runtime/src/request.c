#include "request.h"

#include <string.h>

#include "text.h"

enum { KEPT_CAPACITY = 64 * 1024 }; /* bytes of a body's memory that are kept between requests */

bool caws_request_add_header(caws_request *request, const char *name, const char *value)
{
    if (request->header_count == CAWS_MAX_HEADERS)
        return false;
    request->headers[request->header_count++] = (caws_header){name, value};
    return true;
}

bool caws_request_add_joined_header(caws_request *request, const char *name, const char *first,
                                    const char *second, const char *third)
{
    const char *const parts[] = {first, second, third};
    size_t lengths[] = {strlen(first), strlen(second), strlen(third)};
    char *value = caws_arena_alloc(&request->arena, lengths[0] + lengths[1] + lengths[2] + 1);
    if (value == NULL)
        return false;
    char *end = value;
    for (int i = 0; i < 3; i++) {
        memcpy(end, parts[i], lengths[i]);
        end += lengths[i];
    }
    *end = '\0';
    return caws_request_add_header(request, name, value);
}

bool caws_request_has_header(const caws_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (caws_text_equal_no_case(request->headers[i].name, name))
            return true;
    return false;
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
