/* Calls of operations that answer with a stream of events. */
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "event_stream.h"
#include "pending.h"

/* What one call has, from its start to its end. */
typedef struct stream_call {
    caws_http_sink sink;
    caws_event_reader reader;
    caws_sigpipe_guard *guard; /* its loop's */
    void *handler[];           /* a copy; it is all pointers */
} stream_call;

/* In the middle of libcurl's work. */
static bool take(void *context, const char *data, size_t length, caws_error *error)
{
    stream_call *call = context;
    bool paused = caws_sigpipe_pause(call->guard);
    bool more = caws_event_reader_take(&call->reader, data, length, error);
    caws_sigpipe_resume(call->guard, paused);
    return more;
}

static caws_status finish(void *context, caws_error *error)
{
    const stream_call *call = context;
    return caws_event_reader_finish(&call->reader, error);
}

static bool has_begun(void *context)
{
    const stream_call *call = context;
    return call->reader.frames > 0;
}

static void free_call(void *context)
{
    stream_call *call = context;
    caws_event_reader_clear(&call->reader);
    free(call);
}

/* It ends behind its last callback. */
static size_t handler_size(const caws_stream *stream)
{
    size_t size = sizeof(caws_stream_handler);
    for (uint16_t i = 0; i < stream->event_count; i++)
        if (stream->events[i].callback >= size)
            size = stream->events[i].callback + sizeof(void (*)(void));
    return size;
}

static caws_http_sink *open_call(const caws_start *start, caws_loop *loop)
{
    size_t size = start->handler != NULL ? handler_size(start->stream) : 0;
    stream_call *call = malloc(sizeof(*call) + size);
    if (call == NULL)
        return NULL;
    if (size > 0)
        memcpy(call->handler, start->handler, size);
    caws_event_reader_init(&call->reader, start->stream, size > 0 ? call->handler : NULL,
                           loop->client->settings.max_response_bytes);
    call->guard = &loop->guard;
    call->sink = (caws_http_sink){take, finish, has_begun, free_call, call};
    return &call->sink;
}

caws_pending *caws_loop_start_stream(caws_loop *loop, const caws_stream *stream, const void *input,
                                     const void *handler, const caws_call_options *options,
                                     caws_call_done done, void *context, caws_error *error)
{
    const caws_start start = {stream->operation, input, options, false, open_call, stream, handler};
    return caws_loop_start_call(loop, &start, done, context, error);
}

caws_status caws_call_stream_with(caws_client *client, const caws_stream *stream, const void *input,
                                  const void *handler, const caws_call_options *options,
                                  caws_error *error)
{
    const caws_start start = {stream->operation, input, options, false, open_call, stream, handler};
    return caws_call_and_wait(client, &start, NULL, error);
}

caws_status caws_call_stream(caws_client *client, const caws_stream *stream, const void *input,
                             const void *handler, caws_error *error)
{
    return caws_call_stream_with(client, stream, input, handler, NULL, error);
}
