/* Base64 (RFC 4648, with padding): how blobs look in JSON and XML. */
#ifndef CAWS_BASE64_H
#define CAWS_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

/* Appends the encoding of length bytes; returns whether the buffer took it. */
bool caws_base64_encode(caws_buffer *buffer, const uint8_t *data, size_t length);

/* The size that text_length characters decode to at most. */
static inline size_t caws_base64_decoded_size(size_t text_length)
{
    return text_length / 4 * 3 + 3;
}

/* Decodes text into data, which has room for caws_base64_decoded_size bytes, and sets length.
 * Returns false for anything that is not base64; missing padding is accepted. */
bool caws_base64_decode(const char *text, size_t text_length, uint8_t *data, size_t *length);

#endif
