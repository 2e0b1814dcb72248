/* For tests: builds frames, with a CRC-32 of its own that goes bit by bit. */
#ifndef CAWS_TEST_EVENT_FRAMES_H
#define CAWS_TEST_EVENT_FRAMES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "buffer.h"

static inline uint32_t slow_crc32(const void *data, size_t length)
{
    const uint8_t *bytes = data;
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 1) != 0 ? crc >> 1 ^ UINT32_C(0xEDB88320) : crc >> 1;
    }
    return ~crc;
}

static inline void put_big_endian(caws_buffer *buffer, uint64_t value, unsigned bytes)
{
    while (bytes-- > 0)
        caws_buffer_append_char(buffer, (char)(uint8_t)(value >> (8 * bytes)));
}

static inline void put_crc(caws_buffer *buffer, size_t from)
{
    put_big_endian(buffer, slow_crc32(buffer->data + from, buffer->length - from), 4);
}

/* A frame whose prelude may lie about its lengths; both checksums are right. */
static inline void put_frame_saying(caws_buffer *buffer, uint32_t length, uint32_t headers_length,
                                    const void *headers, size_t header_bytes, const void *payload,
                                    size_t payload_length)
{
    size_t from = buffer->length;
    put_big_endian(buffer, length, 4);
    put_big_endian(buffer, headers_length, 4);
    put_crc(buffer, from);
    caws_buffer_append(buffer, headers, header_bytes);
    caws_buffer_append(buffer, payload, payload_length);
    put_crc(buffer, from);
}

static inline void put_frame(caws_buffer *buffer, const caws_buffer *headers, const void *payload,
                             size_t payload_length)
{
    put_frame_saying(buffer, (uint32_t)(16 + headers->length + payload_length),
                     (uint32_t)headers->length, headers->data, headers->length, payload,
                     payload_length);
}

static inline void put_name(caws_buffer *headers, const char *name, uint8_t type)
{
    put_big_endian(headers, strlen(name), 1);
    caws_buffer_append_string(headers, name);
    put_big_endian(headers, type, 1);
}

/* A header of bytes (6) or text (7). */
static inline void put_bytes(caws_buffer *headers, const char *name, uint8_t type,
                             const void *value, size_t length)
{
    put_name(headers, name, type);
    put_big_endian(headers, length, 2);
    caws_buffer_append(headers, value, length);
}

static inline void put_text(caws_buffer *headers, const char *name, const char *value)
{
    put_bytes(headers, name, 7, value, strlen(value));
}

/* A header that is an integer or timestamp of so many bytes. */
static inline void put_integer(caws_buffer *headers, const char *name, uint8_t type, int64_t value,
                               unsigned bytes)
{
    put_name(headers, name, type);
    put_big_endian(headers, (uint64_t)value, bytes);
}

#endif
