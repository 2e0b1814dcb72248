#include "event_frame.h"

#include <inttypes.h>
#include <string.h>

#include "crc32.h"
#include "fail.h"

enum { PRELUDE_LENGTH = 12, CRC_LENGTH = 4, UUID_LENGTH = 16 };

static uint64_t read_big_endian(const char *bytes, size_t count)
{
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++)
        value = value << 8 | (uint8_t)bytes[i];
    return value;
}

static uint32_t read_u32(const char *bytes)
{
    return (uint32_t)read_big_endian(bytes, 4);
}

static int64_t read_signed(const char *bytes, size_t count)
{
    uint64_t sign = UINT64_C(1) << (8 * count - 1);
    return (int64_t)((read_big_endian(bytes, count) ^ sign) - sign);
}

/* How long the value of a header is, with the length in front of it where it has one; false if the
 * type is unknown or left, the bytes that there are, too short to tell. */
static bool value_length(uint8_t type, const char *value, size_t left, size_t *length)
{
    switch (type) {
    case CAWS_EVENT_HEADER_TRUE:
    case CAWS_EVENT_HEADER_FALSE:
        *length = 0;
        return true;
    case CAWS_EVENT_HEADER_BYTE:
        *length = 1;
        return true;
    case CAWS_EVENT_HEADER_SHORT:
        *length = 2;
        return true;
    case CAWS_EVENT_HEADER_INTEGER:
        *length = 4;
        return true;
    case CAWS_EVENT_HEADER_LONG:
    case CAWS_EVENT_HEADER_TIMESTAMP:
        *length = 8;
        return true;
    case CAWS_EVENT_HEADER_BYTES:
    case CAWS_EVENT_HEADER_STRING:
        if (left < 2)
            return false;
        *length = 2 + (size_t)read_big_endian(value, 2);
        return true;
    case CAWS_EVENT_HEADER_UUID:
        *length = UUID_LENGTH;
        return true;
    default:
        return false;
    }
}

/* The header at the beginning of left bytes, and its size; false if it is malformed. */
static bool read_header(const char *at, size_t left, caws_event_header *header, size_t *size)
{
    if (left < 1)
        return false;
    size_t name_length = (uint8_t)at[0];
    size_t front = 1 + name_length + 1; /* up to the value */
    if (name_length == 0 || left < front)
        return false;
    uint8_t type = (uint8_t)at[front - 1];
    const char *value = at + front;
    size_t length = 0;
    if (!value_length(type, value, left - front, &length) || length > left - front)
        return false;
    *size = front + length;
    *header = (caws_event_header){
        .name = at + 1, .name_length = name_length, .type = (caws_event_header_type)type};
    if (type == CAWS_EVENT_HEADER_BYTES || type == CAWS_EVENT_HEADER_STRING) {
        header->bytes = value + 2;
        header->length = length - 2;
    } else if (type == CAWS_EVENT_HEADER_UUID) {
        header->bytes = value;
        header->length = length;
    } else if (length > 0) {
        header->integer = read_signed(value, length);
    }
    return true;
}

bool caws_event_header_next(const caws_event_frame *frame, size_t *offset,
                            caws_event_header *header)
{
    size_t size = 0;
    if (*offset >= frame->headers_length ||
        !read_header(frame->headers + *offset, frame->headers_length - *offset, header, &size))
        return false;
    *offset += size;
    return true;
}

bool caws_event_header_find(const caws_event_frame *frame, const char *name,
                            caws_event_header *header)
{
    size_t name_length = strlen(name);
    size_t offset = 0;
    while (caws_event_header_next(frame, &offset, header))
        if (header->name_length == name_length && memcmp(header->name, name, name_length) == 0)
            return true;
    return false;
}

void caws_frame_decoder_init(caws_frame_decoder *decoder, size_t max_length)
{
    *decoder = (caws_frame_decoder){.bytes = CAWS_BUFFER_INIT, .max_length = max_length};
}

void caws_frame_decoder_clear(caws_frame_decoder *decoder)
{
    caws_buffer_clear(&decoder->bytes);
    decoder->frame_length = 0;
    decoder->done = false;
}

size_t caws_frame_decoder_pending(const caws_frame_decoder *decoder)
{
    return decoder->done ? 0 : decoder->bytes.length;
}

/* Moves bytes over until there are wanted of them; false if there is no memory. */
static bool gather(caws_frame_decoder *decoder, size_t wanted, const char **data, size_t *length)
{
    if (decoder->bytes.length >= wanted)
        return true;
    size_t missing = wanted - decoder->bytes.length;
    size_t count = missing < *length ? missing : *length;
    if (count == 0)
        return true;
    if (!caws_buffer_append(&decoder->bytes, *data, count))
        return false;
    *data += count;
    *length -= count;
    return true;
}

/* The lengths are not looked at before their checksum is right. */
static caws_status read_prelude(caws_frame_decoder *decoder, caws_error *error)
{
    const char *prelude = decoder->bytes.data;
    uint32_t length = read_u32(prelude);
    uint32_t headers = read_u32(prelude + 4);
    uint32_t expected = read_u32(prelude + 8);
    uint32_t found = caws_crc32(prelude, 8);
    if (found != expected)
        return caws_fail(error, CAWS_ERROR_RESPONSE_MALFORMED,
                         "a frame's prelude has the checksum %08" PRIx32 " where %08" PRIx32
                         " stands",
                         found, expected);
    if (length < PRELUDE_LENGTH + CRC_LENGTH || headers > length - PRELUDE_LENGTH - CRC_LENGTH)
        return caws_fail(error, CAWS_ERROR_RESPONSE_MALFORMED,
                         "a frame of %" PRIu32 " bytes cannot have %" PRIu32 " bytes of headers",
                         length, headers);
    uint32_t payload = length - PRELUDE_LENGTH - CRC_LENGTH - headers;
    if (headers > CAWS_MAX_EVENT_HEADERS || payload > CAWS_MAX_EVENT_PAYLOAD)
        return caws_fail(error, CAWS_ERROR_RESPONSE_MALFORMED,
                         "a frame has %" PRIu32 " bytes of headers and %" PRIu32
                         " of payload, at most %d and %d",
                         headers, payload, CAWS_MAX_EVENT_HEADERS, CAWS_MAX_EVENT_PAYLOAD);
    if (length > decoder->max_length)
        return caws_fail(error, CAWS_ERROR_RESPONSE_TOO_LARGE,
                         "a frame of %" PRIu32 " bytes is larger than max_response_bytes, %zu",
                         length, decoder->max_length);
    decoder->frame_length = length;
    return CAWS_OK;
}

static caws_status check_headers(const caws_event_frame *frame, caws_error *error)
{
    caws_event_header header;
    size_t offset = 0;
    while (caws_event_header_next(frame, &offset, &header))
        ;
    if (offset == frame->headers_length)
        return CAWS_OK;
    return caws_fail(error, CAWS_ERROR_RESPONSE_MALFORMED,
                     "a frame's headers cannot be read at byte %zu of %zu", offset,
                     frame->headers_length);
}

static caws_status open_frame(caws_frame_decoder *decoder, caws_event_frame *frame,
                              caws_error *error)
{
    char *bytes = decoder->bytes.data;
    size_t checked = decoder->frame_length - CRC_LENGTH;
    uint32_t expected = read_u32(bytes + checked);
    uint32_t found = caws_crc32(bytes, checked);
    if (found != expected)
        return caws_fail(error, CAWS_ERROR_RESPONSE_MALFORMED,
                         "a frame has the checksum %08" PRIx32 " where %08" PRIx32 " stands", found,
                         expected);
    bytes[checked] = '\0';
    frame->headers = bytes + PRELUDE_LENGTH;
    frame->headers_length = read_u32(bytes + 4);
    frame->payload = bytes + PRELUDE_LENGTH + frame->headers_length;
    frame->payload_length = checked - PRELUDE_LENGTH - frame->headers_length;
    decoder->done = true;
    return check_headers(frame, error);
}

caws_frame_state caws_frame_decoder_feed(caws_frame_decoder *decoder, const char **data,
                                         size_t *length, caws_event_frame *frame, caws_error *error)
{
    if (decoder->done) {
        caws_buffer_reset(&decoder->bytes);
        decoder->frame_length = 0;
        decoder->done = false;
    }
    if (decoder->frame_length == 0) {
        if (!gather(decoder, PRELUDE_LENGTH, data, length)) {
            caws_fail_memory(error);
            return CAWS_FRAME_FAILED;
        }
        if (decoder->bytes.length < PRELUDE_LENGTH)
            return CAWS_FRAME_INCOMPLETE;
        if (read_prelude(decoder, error) != CAWS_OK)
            return CAWS_FRAME_FAILED;
    }
    if (!gather(decoder, decoder->frame_length, data, length)) {
        caws_fail_memory(error);
        return CAWS_FRAME_FAILED;
    }
    if (decoder->bytes.length < decoder->frame_length)
        return CAWS_FRAME_INCOMPLETE;
    return open_frame(decoder, frame, error) == CAWS_OK ? CAWS_FRAME_COMPLETE : CAWS_FRAME_FAILED;
}
