#include "buffer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

enum { FIRST_CAPACITY = 256 };

/* Beyond it, doubling the capacity would overflow. */
static const size_t largest_limit = SIZE_MAX / 4;

/* The way of appends that do not fit into what is there. Capacity counts the NUL byte behind the
 * content, length and limit do not. */
static bool grow(caws_buffer *buffer, size_t length)
{
    if (!caws_buffer_ok(buffer))
        return false;
    size_t limit =
        buffer->limit != 0 && buffer->limit < largest_limit ? buffer->limit : largest_limit;
    if (length > limit - buffer->length) {
        buffer->too_large = true;
        return false;
    }
    size_t needed = buffer->length + length + 1;
    if (needed <= buffer->capacity)
        return true;
    size_t capacity = buffer->capacity > 0 ? buffer->capacity : FIRST_CAPACITY;
    while (capacity < needed)
        capacity *= 2;
    char *data = realloc(buffer->data, capacity);
    if (data == NULL) {
        buffer->no_memory = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

static inline bool make_room(caws_buffer *buffer, size_t length)
{
    bool fits =
        buffer->limit == 0 && caws_buffer_ok(buffer) && length < buffer->capacity - buffer->length;
    return fits || grow(buffer, length);
}

bool caws_buffer_append(caws_buffer *buffer, const void *data, size_t length)
{
    if (!make_room(buffer, length))
        return false;
    if (length > 0)
        memcpy(buffer->data + buffer->length, data, length);
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
    return true;
}

bool caws_buffer_append_char(caws_buffer *buffer, char c)
{
    if (!make_room(buffer, 1))
        return false;
    buffer->data[buffer->length++] = c;
    buffer->data[buffer->length] = '\0';
    return true;
}

bool caws_buffer_append_string(caws_buffer *buffer, const char *text)
{
    return caws_buffer_append(buffer, text, strlen(text));
}

bool caws_buffer_append_format(caws_buffer *buffer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool ok = caws_buffer_append_vformat(buffer, format, args);
    va_end(args);
    return ok;
}

bool caws_buffer_append_vformat(caws_buffer *buffer, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    bool ok = length >= 0 && make_room(buffer, (size_t)length);
    if (ok) {
        (void)vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, again);
        buffer->length += (size_t)length;
    } else if (length < 0) {
        buffer->no_memory = true;
    }
    va_end(again);
    return ok;
}

char *caws_buffer_reserve(caws_buffer *buffer, size_t length)
{
    return make_room(buffer, length) ? buffer->data + buffer->length : NULL;
}

void caws_buffer_reset(caws_buffer *buffer)
{
    buffer->length = 0;
    buffer->no_memory = false;
    buffer->too_large = false;
    if (buffer->data != NULL)
        buffer->data[0] = '\0';
}

void caws_buffer_clear(caws_buffer *buffer)
{
    free(buffer->data);
    buffer->data = NULL;
    buffer->capacity = 0;
    caws_buffer_reset(buffer);
}

void caws_buffer_wipe(caws_buffer *buffer)
{
    if (buffer->data != NULL)
        OPENSSL_cleanse(buffer->data, buffer->capacity);
    caws_buffer_clear(buffer);
}
