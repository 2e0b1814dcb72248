/* Frames of an event stream -> events for the caller's callbacks, or an error. */
#ifndef CAWS_EVENT_STREAM_H
#define CAWS_EVENT_STREAM_H

#include <caws/schema.h>

#include "arena.h"
#include "event_frame.h"

/* Reads one stream. */
typedef struct caws_event_reader {
    const caws_stream *stream;
    const void *handler;
    caws_frame_decoder decoder;
    caws_arena arena; /* of the event that is being delivered */
    size_t frames;    /* read so far */
} caws_event_reader;

/* stream and handler (NULL: no callbacks) are borrowed. max_frame_length: in bytes. */
void caws_event_reader_init(caws_event_reader *reader, const caws_stream *stream,
                            const void *handler, size_t max_frame_length);
void caws_event_reader_clear(caws_event_reader *reader);

/*
 * Takes the next bytes of the stream and delivers every event that they complete. Returns false if
 * the stream is to be read no further: error is filled, with CAWS_ERROR_SERVICE for an exception in
 * the stream, CAWS_ERROR_RESPONSE_MALFORMED, _TRUNCATED, _TOO_LARGE or CAWS_ERROR_MEMORY; or it is
 * left alone, because a callback wants no more. Kinds of events that the tables lack, and those
 * without a callback, are passed over.
 */
bool caws_event_reader_take(caws_event_reader *reader, const char *data, size_t length,
                            caws_error *error);

/* The stream has ended: CAWS_ERROR_RESPONSE_TRUNCATED within a frame, CAWS_ERROR_RESPONSE_EMPTY
 * without any. */
caws_status caws_event_reader_finish(const caws_event_reader *reader, caws_error *error);

#endif
