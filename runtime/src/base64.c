#include "base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool caws_base64_encode(caws_buffer *buffer, const uint8_t *data, size_t length)
{
    if (length > SIZE_MAX / 2)
        return caws_buffer_reserve(buffer, length) != NULL; /* fails, and says so in the buffer */
    size_t encoded = (length + 2) / 3 * 4;
    char *out = caws_buffer_reserve(buffer, encoded);
    if (out == NULL)
        return false;
    while (length >= 3) {
        uint32_t group = (uint32_t)data[0] << 16 | (uint32_t)data[1] << 8 | data[2];
        *out++ = alphabet[group >> 18];
        *out++ = alphabet[group >> 12 & 63];
        *out++ = alphabet[group >> 6 & 63];
        *out++ = alphabet[group & 63];
        data += 3;
        length -= 3;
    }
    if (length > 0) {
        uint32_t group = (uint32_t)data[0] << 16 | (length == 2 ? (uint32_t)data[1] << 8 : 0);
        *out++ = alphabet[group >> 18];
        *out++ = alphabet[group >> 12 & 63];
        *out++ = length == 2 ? alphabet[group >> 6 & 63] : '=';
        *out++ = '=';
    }
    *out = '\0';
    buffer->length += encoded;
    return true;
}

/* The six bits of a character, or 64 if it has none. */
static uint32_t sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (uint32_t)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (uint32_t)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0') + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : 64;
}

bool caws_base64_decode(const char *text, size_t text_length, uint8_t *data, size_t *length)
{
    bool whole = text_length % 4 == 0; /* only then the end may be padding */
    for (int padding = 0; whole && padding < 2 && text_length > 0 && text[text_length - 1] == '=';
         padding++)
        text_length--;
    if (text_length % 4 == 1)
        return false;

    uint8_t *out = data;
    uint32_t group = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < text_length; i++) {
        uint32_t value = sextet(text[i]);
        if (value == 64)
            return false;
        group = group << 6 | value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            *out++ = (uint8_t)(group >> bits & 0xff);
        }
    }
    *length = (size_t)(out - data);
    return true;
}
