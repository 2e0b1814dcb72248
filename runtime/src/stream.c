/* Calls of operations that answer with a stream of events. */
#include <string.h>

#include "call.h"
#include "client.h"
#include "event_stream.h"
#include "fail.h"
#include "http_stream.h"
#include "text.h"

typedef struct stream_sender {
    caws_call_sender base; /* first: a pointer to it is one to the whole */
    caws_client *client;
    caws_event_reader reader;
} stream_sender;

static bool take(void *context, const char *data, size_t length, caws_error *error)
{
    return caws_event_reader_take(context, data, length, error);
}

static bool keep_going(void *context)
{
    return caws_event_reader_keep_going(context);
}

/* A body that does not even begin with a frame is that of something else than the service. */
static void explain(const stream_sender *s, const caws_response *response, caws_error *error)
{
    char text[CAWS_EXCERPT_SIZE];
    const char *type = response->header(response, "Content-Type");
    caws_excerpt(text, type, type != NULL ? strlen(type) : 0);
    if (error->status == CAWS_ERROR_RESPONSE_MALFORMED && s->reader.frames == 0 &&
        response->http_status / 100 == 2 && strstr(text, "vnd.amazon.eventstream") == NULL)
        caws_fail(error, error->status, "HTTP %d with a body (%s) that is no event stream: %s",
                  response->http_status, text[0] != '\0' ? text : "no content type",
                  error->message);
}

static caws_status send_stream(caws_call_sender *base, caws_http *http,
                               const caws_endpoint *endpoint, const caws_request *request,
                               caws_error *error)
{
    stream_sender *s = (stream_sender *)base;
    const caws_http_sink sink = {take, keep_going, &s->reader};
    bool stopped = false;
    caws_status status = caws_http_stream(http, &s->client->settings, endpoint, request, &sink,
                                          &base->received, &stopped, error);
    if (status == CAWS_OK && stopped)
        base->done = true;
    else if (status == CAWS_OK && http->response.http_status / 100 == 2)
        (void)caws_event_reader_finish(&s->reader, error);
    explain(s, &http->response, error);
    return error->status;
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
    stream_sender sender = {.base = {.send = send_stream}, .client = client};
    caws_event_reader_init(&sender.reader, stream, handler, client->settings.max_response_bytes);
    caws_status status = caws_call_with(client, stream->operation, input, &sender.base, e);
    caws_event_reader_clear(&sender.reader);
    caws_error_clear(&own_error);
    return status;
}
