#include "event_stream.h"

#include <string.h>

#include "classify.h"
#include "fail.h"
#include "protocol.h"
#include "text.h"
#include "utf8.h"

void caws_event_reader_init(caws_event_reader *reader, const caws_stream *stream,
                            const void *handler, size_t max_frame_length)
{
    *reader = (caws_event_reader){.stream = stream, .handler = handler, .arena = CAWS_ARENA_INIT};
    caws_arena_set_limit(&reader->arena, max_frame_length);
    caws_frame_decoder_init(&reader->decoder, max_frame_length);
}

void caws_event_reader_clear(caws_event_reader *reader)
{
    caws_frame_decoder_clear(&reader->decoder);
    caws_arena_clear(&reader->arena);
}

/* --- members of an event ------------------------------------------------------------------------
 */

/* A text as C knows it: UTF-8, with U+FFFD where U+0000 was. NULL and a filled error if it cannot
 * be one. */
static const char *copy_text(caws_arena *arena, const char *name, const char *bytes, size_t length,
                             caws_error *error)
{
    static const char replacement[] = "\xef\xbf\xbd";
    size_t offset = 0;
    (void)caws_utf8_count(bytes, length, &offset);
    if (offset != length) {
        caws_fail(error, CAWS_ERROR_RESPONSE_MALFORMED, "%s: not UTF-8 at byte %zu of %zu", name,
                  offset, length);
        return NULL;
    }
    size_t nuls = 0;
    for (size_t i = 0; i < length; i++)
        nuls += bytes[i] == '\0';
    char *copy = caws_arena_alloc(arena, length + 2 * nuls + 1);
    if (copy == NULL) {
        caws_fail_memory(error);
        return NULL;
    }
    char *end = copy;
    for (size_t i = 0; i < length; i++) {
        const char *from = bytes[i] != '\0' ? &bytes[i] : replacement;
        for (size_t count = bytes[i] != '\0' ? 1 : 3; count > 0; count--)
            *end++ = *from++;
    }
    return copy; /* the arena has zeroed it: the NUL byte is there */
}

static bool is_integer(const caws_event_header *header, int64_t min, int64_t max)
{
    return header->type >= CAWS_EVENT_HEADER_BYTE && header->type <= CAWS_EVENT_HEADER_LONG &&
           header->integer >= min && header->integer <= max;
}

static caws_status read_header_member(const caws_member *member, const caws_event_header *header,
                                      void *structure, caws_arena *arena, caws_error *error)
{
    void *field = (unsigned char *)structure + member->offset;
    switch ((caws_kind)member->type->kind) {
    case CAWS_KIND_BOOLEAN:
        if (header->type != CAWS_EVENT_HEADER_TRUE && header->type != CAWS_EVENT_HEADER_FALSE)
            break;
        *(caws_opt_bool *)field = caws_bool(header->type == CAWS_EVENT_HEADER_TRUE);
        return CAWS_OK;
    case CAWS_KIND_INTEGER:
        if (!is_integer(header, INT32_MIN, INT32_MAX))
            break;
        *(caws_opt_i32 *)field = caws_i32((int32_t)header->integer);
        return CAWS_OK;
    case CAWS_KIND_LONG:
        if (!is_integer(header, INT64_MIN, INT64_MAX))
            break;
        *(caws_opt_i64 *)field = caws_i64(header->integer);
        return CAWS_OK;
    case CAWS_KIND_TIMESTAMP:
        if (header->type != CAWS_EVENT_HEADER_TIMESTAMP)
            break;
        *(caws_opt_i64 *)field = caws_i64(header->integer);
        return CAWS_OK;
    case CAWS_KIND_BLOB:
        if (header->type != CAWS_EVENT_HEADER_BYTES)
            break;
        *(caws_blob *)field = (caws_blob){(const uint8_t *)header->bytes, header->length};
        return CAWS_OK;
    case CAWS_KIND_STRING: {
        if (header->type != CAWS_EVENT_HEADER_STRING)
            break;
        const char *text = copy_text(arena, member->name, header->bytes, header->length, error);
        memcpy(field, &text, sizeof(text));
        return error->status;
    }
    case CAWS_KIND_DOUBLE:
    case CAWS_KIND_LIST:
    case CAWS_KIND_MAP:
    case CAWS_KIND_STRUCTURE:
    case CAWS_KIND_DOCUMENT:
        break;
    }
    return caws_fail(error, CAWS_ERROR_RESPONSE_MALFORMED,
                     "%s: a header of type %d does not fit the member", member->name,
                     (int)header->type);
}

/* The member that is the whole payload. */
static caws_status read_payload_member(const caws_protocol *protocol, const caws_member *member,
                                       const caws_event_frame *frame, void *structure,
                                       caws_arena *arena, caws_error *error)
{
    void *field = (unsigned char *)structure + member->offset;
    switch ((caws_kind)member->type->kind) {
    case CAWS_KIND_BLOB:
        *(caws_blob *)field = (caws_blob){(const uint8_t *)frame->payload, frame->payload_length};
        return CAWS_OK;
    case CAWS_KIND_STRING: {
        const char *text =
            copy_text(arena, member->name, frame->payload, frame->payload_length, error);
        memcpy(field, &text, sizeof(text));
        return error->status;
    }
    case CAWS_KIND_STRUCTURE: {
        if (frame->payload_length == 0)
            return CAWS_OK;
        void *inner = caws_arena_alloc(arena, member->type->size);
        if (inner == NULL)
            return caws_fail_memory(error);
        memcpy(field, &inner, sizeof(inner));
        return protocol->decode_event(member->type, frame->payload, frame->payload_length, inner,
                                      arena, error);
    }
    default:
        return caws_fail(error, CAWS_ERROR_RESPONSE_MALFORMED,
                         "%s: a payload cannot be a member of this kind", member->name);
    }
}

/* Members are headers, or the payload, or else together the payload's document. */
static caws_status decode_event(const caws_protocol *protocol, const caws_type *type,
                                const caws_event_frame *frame, void *structure, caws_arena *arena,
                                caws_error *error)
{
    bool document = false;
    for (uint16_t i = 0; i < type->member_count; i++) {
        const caws_member *member = &type->members[i];
        if ((member->flags & CAWS_MEMBER_EVENT_HEADER) != 0) {
            caws_event_header header;
            if (caws_event_header_find(frame, member->name, &header) &&
                read_header_member(member, &header, structure, arena, error) != CAWS_OK)
                return error->status;
        } else if ((member->flags & CAWS_MEMBER_EVENT_PAYLOAD) != 0) {
            if (read_payload_member(protocol, member, frame, structure, arena, error) != CAWS_OK)
                return error->status;
        } else {
            document = true;
        }
    }
    if (!document || frame->payload_length == 0)
        return CAWS_OK;
    return protocol->decode_event(type, frame->payload, frame->payload_length, structure, arena,
                                  error);
}

/* --- messages -----------------------------------------------------------------------------------
 */

/* Whether the handler wants such events. All pointers to functions look alike. */
static bool has_callback(const caws_event_reader *reader, const caws_event *event)
{
    void (*callback)(void) = NULL;
    if (reader->handler != NULL)
        memcpy(&callback, (const unsigned char *)reader->handler + event->callback,
               sizeof(callback));
    return callback != NULL;
}

/* The text of a header, in the arena; NULL if there is no such header or it is no text, with error
 * filled if that is for want of memory. */
static const char *header_text(caws_event_reader *reader, const caws_event_frame *frame,
                               const char *name, caws_error *error)
{
    caws_event_header header;
    if (!caws_event_header_find(frame, name, &header) || header.type != CAWS_EVENT_HEADER_STRING)
        return NULL;
    return copy_text(&reader->arena, name, header.bytes, header.length, error);
}

static const caws_event *find_event(const caws_stream *stream, const char *name, bool exception)
{
    for (uint16_t i = 0; i < stream->event_count; i++) {
        const caws_event *event = &stream->events[i];
        if ((event->exception != NULL) == exception && strcmp(event->name, name) == 0)
            return event;
    }
    return NULL;
}

/* What is wrong with an event, and with which. */
static bool fail_event(const caws_event *event, caws_error *reason, caws_error *error)
{
    if (reason->status == CAWS_ERROR_MEMORY)
        caws_fail_memory(error);
    else
        caws_fail(error, reason->status, "event %s: %s", event->name, reason->message);
    caws_error_clear(reason);
    return false;
}

static bool take_event(caws_event_reader *reader, const caws_event_frame *frame, const char *name,
                       caws_error *error)
{
    const caws_event *event = find_event(reader->stream, name, false);
    if (event == NULL || !has_callback(reader, event))
        return true;
    void *structure = caws_arena_alloc(&reader->arena, event->type->size);
    if (structure == NULL) {
        caws_fail_memory(error);
        return false;
    }
    caws_error reason = CAWS_ERROR_INIT;
    if (decode_event(reader->stream->operation->service->protocol, event->type, frame, structure,
                     &reader->arena, &reason) != CAWS_OK)
        return fail_event(event, &reason, error);
    return event->deliver(reader->handler, structure);
}

/* An exception is modelled, and named as a member of the stream; an error has its code and message
 * in headers. */
static void fail_from_message(const caws_event_reader *reader, const caws_event_frame *frame,
                              const char *code, const char *message, caws_error *error)
{
    const caws_service *service = reader->stream->operation->service;
    const caws_event *event = find_event(reader->stream, code, true);
    service->protocol->decode_event_error(service, event != NULL ? event->exception : code, message,
                                          frame->payload, frame->payload_length, error);
    caws_classify_error(error);
}

static bool fail_malformed(const char *what, caws_error *error)
{
    if (error->status == CAWS_OK)
        caws_fail(error, CAWS_ERROR_RESPONSE_MALFORMED, "%s", what);
    return false;
}

static bool take_message(caws_event_reader *reader, const caws_event_frame *frame,
                         caws_error *error)
{
    const char *type = header_text(reader, frame, ":message-type", error);
    if (type == NULL)
        return fail_malformed("a frame without the header :message-type", error);
    if (strcmp(type, "event") == 0) {
        const char *name = header_text(reader, frame, ":event-type", error);
        return name != NULL ? take_event(reader, frame, name, error)
                            : fail_malformed("an event without the header :event-type", error);
    }
    bool modelled = strcmp(type, "exception") == 0;
    if (!modelled && strcmp(type, "error") != 0) {
        char shown[CAWS_EXCERPT_SIZE];
        caws_excerpt(shown, type, strlen(type));
        caws_fail(error, CAWS_ERROR_RESPONSE_MALFORMED,
                  "a frame whose :message-type is \"%s\", neither event nor exception nor error",
                  shown);
        return false;
    }
    const char *code =
        header_text(reader, frame, modelled ? ":exception-type" : ":error-code", error);
    if (code == NULL)
        return fail_malformed(modelled ? "an exception without the header :exception-type"
                                       : "an error without the header :error-code",
                              error);
    const char *message = modelled ? NULL : header_text(reader, frame, ":error-message", error);
    if (error->status == CAWS_OK)
        fail_from_message(reader, frame, code, message, error);
    return false;
}

bool caws_event_reader_take(caws_event_reader *reader, const char *data, size_t length,
                            caws_error *error)
{
    while (length > 0) {
        caws_event_frame frame;
        switch (caws_frame_decoder_feed(&reader->decoder, &data, &length, &frame, error)) {
        case CAWS_FRAME_INCOMPLETE:
            return true;
        case CAWS_FRAME_FAILED:
            return false;
        case CAWS_FRAME_COMPLETE:
            break;
        }
        reader->frames++;
        bool more = take_message(reader, &frame, error);
        caws_arena_clear(&reader->arena);
        if (!more)
            return false;
    }
    return true;
}

caws_status caws_event_reader_finish(const caws_event_reader *reader, caws_error *error)
{
    size_t pending = caws_frame_decoder_pending(&reader->decoder);
    if (pending > 0) {
        error->retryable = true;
        return caws_fail(error, CAWS_ERROR_RESPONSE_TRUNCATED,
                         "the stream ends after %zu bytes of a frame", pending);
    }
    if (reader->frames == 0)
        return caws_fail(error, CAWS_ERROR_RESPONSE_EMPTY,
                         "an empty body where %s has a stream of events",
                         reader->stream->operation->name);
    return CAWS_OK;
}
