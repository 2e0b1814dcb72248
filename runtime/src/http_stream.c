#include "http_stream.h"

#include "clock.h"
#include "fail.h"

enum { ASK_MS = 250 }; /* between two questions to keep_going */

typedef struct transfer {
    caws_http *http;
    const caws_http_sink *sink;
    int64_t timeout_ms;
    int64_t heard_ms; /* the last sign of life; the start, before there was one */
    int64_t asked_ms;
    size_t received;
    bool streaming;     /* the answer has a 2xx status */
    bool silent;        /* ended by the timeout */
    bool stopped;       /* ended by the sink's own wish */
    caws_error failure; /* the sink's */
} transfer;

/* Errors are answers of a few bytes, which their timeout bounds as a whole. */
static bool is_streaming(transfer *t)
{
    long status = 0;
    if (!t->streaming &&
        curl_easy_getinfo(t->http->curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK &&
        status >= 200 && status < 300) {
        t->streaming = true;
        t->heard_ms = caws_monotonic_ms();
    }
    return t->streaming;
}

static size_t receive(char *data, size_t size, size_t count, void *context)
{
    transfer *t = context;
    size_t length = size * count;
    if (!is_streaming(t))
        return caws_http_receive(data, size, count, &t->http->response.body);
    t->received += length;
    if (length > 0 && !t->sink->take(t->sink->context, data, length, &t->failure)) {
        t->stopped = t->failure.status == CAWS_OK;
        return CURL_WRITEFUNC_ERROR;
    }
    t->heard_ms = caws_monotonic_ms(); /* now: a callback may take its time */
    return length;
}

/* libcurl calls this whenever something happens, and about once a second when nothing does. */
static int watch(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    transfer *t = context;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    if (t->stopped || t->silent || t->failure.status != CAWS_OK)
        return 1; /* libcurl asks once more when it closes the transfer */
    int64_t now = caws_monotonic_ms();
    (void)is_streaming(t);
    if (now - t->asked_ms >= ASK_MS) {
        t->asked_ms = now;
        t->stopped = !t->sink->keep_going(t->sink->context);
    }
    t->silent = !t->stopped && now - t->heard_ms > t->timeout_ms;
    return t->stopped || t->silent;
}

static CURLcode set_options(transfer *t)
{
    CURL *curl = t->http->curl;
    const CURLcode codes[] = {
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive),
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, t),
        curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch),
        curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t),
        curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L),
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 0L),
        curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)0),
    };
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (codes[i] != CURLE_OK)
            return codes[i];
    return CURLE_OK;
}

/* What was accepted before is accepted again. */
static void reset_options(caws_http *http, const caws_settings *settings)
{
    CURL *curl = http->curl;
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, caws_http_receive);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &http->response.body);
    (void)curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, NULL);
    (void)curl_easy_setopt(curl, CURLOPT_XFERINFODATA, NULL);
    (void)curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)settings->timeout_ms);
    (void)curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE,
                           (curl_off_t)settings->max_response_bytes);
}

/* Another reason than the one that libcurl knows; what is known of the answer stays. */
static caws_status replace(caws_error *error, caws_error *by)
{
    by->attempts = error->attempts;
    by->http_status = error->http_status;
    caws_error_clear(error);
    *error = *by;
    return error->status;
}

caws_status caws_http_stream(caws_http *http, const caws_settings *settings,
                             const caws_endpoint *endpoint, const caws_request *request,
                             const caws_http_sink *sink, size_t *received, bool *stopped,
                             caws_error *error)
{
    transfer t = {.http = http,
                  .sink = sink,
                  .timeout_ms = settings->timeout_ms,
                  .heard_ms = caws_monotonic_ms(),
                  .failure = CAWS_ERROR_INIT};
    t.asked_ms = t.heard_ms - ASK_MS;
    CURLcode code = set_options(&t);
    if (code == CURLE_OK)
        caws_http_send(http, endpoint, request, error);
    else
        caws_fail(error, CAWS_ERROR_CONFIGURATION, "libcurl %s refuses an option: %s",
                  curl_version(), curl_easy_strerror(code));
    reset_options(http, settings);
    *received = t.received;
    *stopped = t.stopped;
    if (t.silent && error->status != CAWS_OK) {
        caws_fail(&t.failure, CAWS_ERROR_TIMEOUT,
                  t.streaming ? "%s: the stream was silent for more than %d ms"
                              : "%s: no answer within %d ms",
                  endpoint->host, (int)settings->timeout_ms);
        t.failure.retryable = true;
    }
    if (t.stopped || t.failure.status != CAWS_OK)
        return replace(error, &t.failure);
    return error->status;
}
