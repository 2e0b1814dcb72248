#include "uri.h"

#include <stdint.h>
#include <string.h>

static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

/* The value of a hexadecimal digit, or -1. */
static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* The byte of the escape at text[0], or -1 if there is none. */
static int escaped_byte(const char *text, size_t length)
{
    if (length < 3 || text[0] != '%')
        return -1;
    int high = hex_value(text[1]);
    int low = hex_value(text[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool caws_uri_append_encoded(caws_buffer *out, const char *text, size_t length, unsigned flags)
{
    static const char digits[] = "0123456789ABCDEF";
    if (length > SIZE_MAX / 8) {
        out->too_large = true;
        return false;
    }
    char *to = caws_buffer_reserve(out, 3 * length);
    if (to == NULL)
        return false;
    char *start = to;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        bool plain = is_unreserved(c) || (c == '/' && (flags & CAWS_URI_KEEP_SLASH) != 0);
        if (c == '%' && (flags & CAWS_URI_KEEP_ESCAPES) != 0) {
            int byte = escaped_byte(text + i, length - i);
            if (byte >= 0) {
                c = (unsigned char)byte;
                plain = is_unreserved(c);
                i += 2;
            }
        }
        if (plain) {
            *to++ = (char)c;
        } else {
            *to++ = '%';
            *to++ = digits[c >> 4];
            *to++ = digits[c & 15];
        }
    }
    out->length += (size_t)(to - start);
    out->data[out->length] = '\0';
    return true;
}

/* Takes the last segment and its slash off what was appended since root. */
static void drop_segment(caws_buffer *out, size_t root)
{
    bool found = false;
    while (out->length > root && !found) {
        out->length--;
        found = out->data[out->length] == '/';
        out->data[out->length] = '\0';
    }
}

bool caws_uri_append_normalized_path(caws_buffer *out, const char *path, size_t length)
{
    size_t root = out->length;
    size_t at = 0;
    while (at < length) {
        const char *segment = path + at;
        const char *slash = memchr(segment, '/', length - at);
        size_t size = slash != NULL ? (size_t)(slash - segment) : length - at;
        if (size == 2 && memcmp(segment, "..", 2) == 0)
            drop_segment(out, root);
        else if (size > 0 && !(size == 1 && segment[0] == '.') &&
                 !(caws_buffer_append_char(out, '/') && caws_buffer_append(out, segment, size)))
            return false;
        at += size + (slash != NULL ? 1 : 0);
    }
    if (out->length == root || path[length - 1] == '/')
        return caws_buffer_append_char(out, '/');
    return caws_buffer_ok(out);
}
