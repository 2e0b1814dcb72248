/* Calls of operations that answer with a stream of events. */
#include "call.h"
#include "client.h"
#include "event_stream.h"
#include "fail.h"

static bool take(void *context, const char *data, size_t length, caws_error *error)
{
    return caws_event_reader_take(context, data, length, error);
}

static caws_status finish(void *context, caws_error *error)
{
    return caws_event_reader_finish(context, error);
}

static bool has_begun(void *context)
{
    const caws_event_reader *reader = context;
    return reader->frames > 0;
}

static bool keep_going(void *context)
{
    return caws_event_reader_keep_going(context);
}

caws_status caws_call_stream(caws_client *client, const caws_stream *stream, const void *input,
                             const void *handler, caws_error *error)
{
    caws_error own_error = CAWS_ERROR_INIT;
    caws_error *e = error != NULL ? error : &own_error;
    if (client == NULL) {
        caws_status no_client = caws_fail_no_client(e);
        caws_error_clear(&own_error);
        return no_client;
    }
    caws_error_clear(e);
    caws_event_reader reader;
    caws_event_reader_init(&reader, stream, handler, client->settings.max_response_bytes);
    const caws_http_sink sink = {take, finish, has_begun, &reader};
    const caws_call_options options = {.keep_going = keep_going, .context = &reader};
    caws_status status =
        caws_call_stream_once(client, stream->operation, input, &options, &sink, e);
    caws_event_reader_clear(&reader);
    caws_error_clear(&own_error);
    return status;
}
