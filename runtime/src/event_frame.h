/*
 * Frames of the type application/vnd.amazon.eventstream. Integers are big-endian:
 *
 *     length of the frame (4 bytes), length of its headers (4), CRC-32 of these 8 bytes (4),
 *     headers, payload, CRC-32 of all before it (4)
 *
 * A header is the length of its name (1 byte), the name, its type (1) and its value; texts and
 * bytes have their length (2 bytes) in front. https://smithy.io/2.0/aws/amazon-eventstream.html
 */
#ifndef CAWS_EVENT_FRAME_H
#define CAWS_EVENT_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <caws/error.h>

#include "buffer.h"

/* As they are on the wire. */
typedef enum caws_event_header_type {
    CAWS_EVENT_HEADER_TRUE = 0,
    CAWS_EVENT_HEADER_FALSE = 1,
    CAWS_EVENT_HEADER_BYTE = 2,
    CAWS_EVENT_HEADER_SHORT = 3,
    CAWS_EVENT_HEADER_INTEGER = 4,
    CAWS_EVENT_HEADER_LONG = 5,
    CAWS_EVENT_HEADER_BYTES = 6,
    CAWS_EVENT_HEADER_STRING = 7,
    CAWS_EVENT_HEADER_TIMESTAMP = 8,
    CAWS_EVENT_HEADER_UUID = 9
} caws_event_header_type;

/* One header; it points into the frame. */
typedef struct caws_event_header {
    const char *name; /* without a NUL byte behind it */
    size_t name_length;
    caws_event_header_type type;
    int64_t integer;   /* byte to long; a timestamp's milliseconds since 1970 */
    const char *bytes; /* bytes, string, UUID (16); without a NUL byte behind them */
    size_t length;
} caws_event_header;

/* A whole frame whose two checksums are right and whose headers are well-formed. */
typedef struct caws_event_frame {
    const char *headers;
    size_t headers_length;
    const char *payload; /* never NULL; a NUL byte that payload_length does not count follows it */
    size_t payload_length;
} caws_event_frame;

/* The same limits as botocore's. */
enum { CAWS_MAX_EVENT_HEADERS = 128 * 1024, CAWS_MAX_EVENT_PAYLOAD = 24 * 1024 * 1024 };

/* Puts frames together from bytes that arrive in pieces of any length. */
typedef struct caws_frame_decoder {
    caws_buffer bytes;   /* of the frame that is being read */
    size_t frame_length; /* 0: not known yet */
    size_t max_length;   /* of a frame */
    bool done;           /* the frame was given out; the next byte begins another */
} caws_frame_decoder;

typedef enum caws_frame_state {
    CAWS_FRAME_INCOMPLETE, /* all bytes are taken, more are needed */
    CAWS_FRAME_COMPLETE,   /* frame is filled, valid until the next call */
    CAWS_FRAME_FAILED      /* error is filled; the stream cannot be read on */
} caws_frame_state;

/* max_length: of a frame in bytes. It is not allocated beforehand. */
void caws_frame_decoder_init(caws_frame_decoder *decoder, size_t max_length);
void caws_frame_decoder_clear(caws_frame_decoder *decoder);

/*
 * Takes bytes up to the end of a frame, and moves data and length behind those that it took.
 * Errors: CAWS_ERROR_RESPONSE_MALFORMED (a checksum, a length or a header is wrong),
 * CAWS_ERROR_RESPONSE_TOO_LARGE (longer than max_length), CAWS_ERROR_MEMORY.
 */
caws_frame_state caws_frame_decoder_feed(caws_frame_decoder *decoder, const char **data,
                                         size_t *length, caws_event_frame *frame,
                                         caws_error *error);

/* How many bytes of an incomplete frame there are: 0 between frames. */
size_t caws_frame_decoder_pending(const caws_frame_decoder *decoder);

/* The header at offset, which is moved behind it; false at the end. Begin with offset 0. */
bool caws_event_header_next(const caws_event_frame *frame, size_t *offset,
                            caws_event_header *header);

/* The first header of that name, compared exactly; false if there is none. */
bool caws_event_header_find(const caws_event_frame *frame, const char *name,
                            caws_event_header *header);

#endif
