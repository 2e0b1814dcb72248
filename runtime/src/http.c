#include "http.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include "clock.h"
#include "fail.h"
#include "text.h"

enum {
    KEPT_CAPACITY = 64 * 1024, /* bytes of an answer's memory that are kept between requests */
    MOST_HEADED = 256 * 1024,  /* bytes of headers, which libcurl keeps all; it has no limit to them
                                  in trailers, elsewhere 300 KiB in some versions */
    EXPECT_LENGTH = 64 * 1024  /* bytes of a body, well below what makes libcurl expect */
};

static char no_expect[] = "Expect:";

/* For libcurl, with each line. Before this is called the handle still has the status of the answer
 * before. Errors are answers of a few bytes, which are kept whole with a sink too. */
static size_t note_header(char *line, size_t size, size_t count, void *context)
{
    caws_http *http = context;
    long status = 0;
    http->headed += size * count;
    if (line[0] == '\r' || line[0] == '\n')
        http->head_ended = true; /* trailers, which have no such line, come after it */
    else if (strncmp(line, "HTTP/", size * count < 5 ? size * count : 5) == 0)
        http->head_ended = false; /* an interim answer's was before */
    if (http->terms.sink != NULL && !http->streaming &&
        curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK &&
        status >= 200 && status < 300) {
        http->streaming = true;
        http->heard_ms = caws_monotonic_ms();
    }
    return http->headed <= MOST_HEADED ? size * count : 0;
}

/* For libcurl, as is the type of data. */
static size_t receive(char *data, size_t size, size_t count, void *context)
{
    caws_http *http = context;
    size_t length = size * count;
    if (!http->streaming)
        return caws_buffer_append(&http->response.body, data, length) ? length : 0;
    http->received += length;
    if (length > 0 &&
        !http->terms.sink->take(http->terms.sink->context, data, length, &http->failure)) {
        http->stopped = http->failure.status == CAWS_OK;
        return CURL_WRITEFUNC_ERROR;
    }
    http->heard_ms = caws_monotonic_ms(); /* now: a callback may take its time */
    return length;
}

static const char *find_header(const caws_response *response, const char *name)
{
    struct curl_header *found = NULL;
    caws_http *http = response->transport;
    return curl_easy_header(http->curl, name, 0, CURLH_HEADER, -1, &found) == CURLHE_OK
               ? found->value
               : NULL;
}

static CURLcode first_failure(const CURLcode *codes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (codes[i] != CURLE_OK)
            return codes[i];
    return CURLE_OK;
}

/* What stays the same for every request of a client. */
static CURLcode set_options(caws_http *http, const caws_settings *settings)
{
    CURL *curl = http->curl;
    const CURLcode codes[] = {
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L), /* no handlers, no alarm(): threads */
        /* A name server that is silent must not hold up deadlines: libcurl's resolver, which it
         * runs in a thread, is left to itself. */
        curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L),
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, http->error_text),
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive),
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, http),
        curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, note_header),
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, http),
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https"),
        curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L), /* never carry credentials elsewhere */
        curl_easy_setopt(curl, CURLOPT_CURLU, http->parsed_url),
        curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2),
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L),
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L),
        /* Connections are kept, so sessions are hardly ever resumed; and libcurl 7.88 frees twice
         * what it cannot note whole for want of memory (Curl_ssl_addsessionid). */
        curl_easy_setopt(curl, CURLOPT_SSL_SESSIONID_CACHE, 0L),
        curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)settings->max_response_bytes),
        settings->proxy == NULL ? CURLE_OK : curl_easy_setopt(curl, CURLOPT_PROXY, settings->proxy),
        settings->ca_bundle == NULL ? CURLE_OK
                                    : curl_easy_setopt(curl, CURLOPT_CAINFO, settings->ca_bundle),
        settings->ca_bundle == NULL
            ? CURLE_OK
            : curl_easy_setopt(curl, CURLOPT_CAPATH, NULL), /* instead of, not besides */
    };
    return first_failure(codes, sizeof(codes) / sizeof(codes[0]));
}

caws_status caws_http_init(caws_http *http, const caws_settings *settings, caws_error *error)
{
    *http =
        (caws_http){.curl = curl_easy_init(), .parsed_url = curl_url(), .failure = CAWS_ERROR_INIT};
    if (http->curl == NULL || http->parsed_url == NULL) {
        caws_http_clear(http);
        return caws_fail_memory(error);
    }
    http->response.body.limit = settings->max_response_bytes;
    http->response.header = find_header;
    http->response.transport = http;
    CURLcode code = set_options(http, settings);
    if (code == CURLE_OK)
        return CAWS_OK;
    caws_http_clear(http);
    return code == CURLE_OUT_OF_MEMORY
               ? caws_fail_memory(error)
               : caws_fail(error, CAWS_ERROR_CONFIGURATION, "libcurl %s refuses an option: %s",
                           curl_version(), curl_easy_strerror(code));
}

void caws_http_clear(caws_http *http)
{
    curl_easy_cleanup(http->curl);
    http->curl = NULL;
    curl_url_cleanup(http->parsed_url);
    http->parsed_url = NULL;
    caws_error_clear(&http->failure);
    caws_buffer_clear(&http->response.body);
    caws_buffer_clear(&http->url);
    caws_buffer_clear(&http->set_url);
    caws_buffer_wipe(&http->lines); /* the session token was in there */
}

/*
 * libcurl reads the list and never changes it, so the nodes are our own instead of two allocations
 * a header. Host is not in it: libcurl makes the same from the URL, and looks through the list
 * again and again. libcurl expects "100 Continue" for large bodies, which would cost a round trip.
 */
static bool set_headers(caws_http *http, const caws_request *request)
{
    size_t count = 0;
    caws_buffer_reset(&http->lines);
    for (size_t i = 0; i < request->header_count; i++) {
        const caws_header *header = &request->headers[i];
        if (strcmp(header->name, "Host") == 0)
            continue;
        caws_buffer_append_string(&http->lines, header->name);
        /* libcurl drops "Name:" and sends "Name;" as an empty header */
        caws_buffer_append_string(&http->lines, header->value[0] != '\0' ? ": " : ";");
        caws_buffer_append(&http->lines, header->value, strlen(header->value) + 1);
        count++;
    }
    if (!caws_buffer_ok(&http->lines))
        return false;
    char *line = http->lines.data;
    for (size_t i = 0; i < count; i++) {
        http->headers[i] = (struct curl_slist){line, &http->headers[i + 1]};
        line += strlen(line) + 1;
    }
    if (request->body.length >= EXPECT_LENGTH)
        http->headers[count++] = (struct curl_slist){no_expect, NULL};
    if (count > 0)
        http->headers[count - 1].next = NULL;
    else
        http->headers[0].data = NULL;
    return true;
}

static bool set_url(caws_http *http, const caws_endpoint *endpoint, const caws_request *request)
{
    caws_buffer *url = &http->url;
    caws_buffer_reset(url);
    caws_buffer_append_string(url, endpoint->scheme);
    caws_buffer_append_string(url, "://");
    caws_buffer_append_string(url, endpoint->host);
    caws_buffer_append_string(url, request->path);
    if (request->query != NULL && request->query[0] != '\0') {
        caws_buffer_append_char(url, '?');
        caws_buffer_append_string(url, request->query);
    }
    return caws_buffer_ok(url);
}

static CURLcode set_method(caws_http *http, const char *method)
{
    CURL *curl = http->curl;
    if (http->method != NULL && strcmp(http->method, method) == 0)
        return CURLE_OK;
    bool post = strcmp(method, "POST") == 0;
    bool head = strcmp(method, "HEAD") == 0;
    const CURLcode codes[] = {
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L), /* undoes what another method has left */
        head ? curl_easy_setopt(curl, CURLOPT_NOBODY, 1L) : CURLE_OK,
        post ? curl_easy_setopt(curl, CURLOPT_POST, 1L) : CURLE_OK,
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, post ? NULL : method),
    };
    CURLcode code = first_failure(codes, sizeof(codes) / sizeof(codes[0]));
    http->method = code == CURLE_OK ? method : NULL;
    return code;
}

static CURLcode give_url(caws_http *http)
{
    const caws_buffer *url = &http->url;
    caws_buffer *given = &http->set_url;
    if (given->length == url->length && memcmp(given->data, url->data, url->length) == 0)
        return CURLE_OK;
    caws_buffer_reset(given);
    /* What is sent is what is signed. */
    CURLUcode code = curl_url_set(http->parsed_url, CURLUPART_URL, url->data, CURLU_PATH_AS_IS);
    if (code == CURLUE_OUT_OF_MEMORY)
        return CURLE_OUT_OF_MEMORY;
    if (code != CURLUE_OK) {
        (void)snprintf(http->error_text, sizeof(http->error_text), "%s", curl_url_strerror(code));
        return CURLE_URL_MALFORMAT;
    }
    (void)caws_buffer_append(given, url->data, url->length); /* if not: given again */
    return CURLE_OK;
}

/* A setting that costs libcurl a copy, or that hardly ever changes, is made when it changes. */
static CURLcode set_terms(caws_http *http, const caws_http_terms *terms)
{
    CURL *curl = http->curl;
    const caws_http_terms *set = &http->terms;
    int64_t total_ms = terms->sink == NULL ? terms->timeout_ms : 0;
    bool same = (terms->sink == NULL) == (set->sink == NULL) && !http->terms_unknown;
    const CURLcode codes[] = {
        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)terms->connect_timeout_ms),
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)total_ms),
        terms->direct == set->direct && !http->terms_unknown
            ? CURLE_OK
            : curl_easy_setopt(curl, CURLOPT_NOPROXY, terms->direct ? "*" : NULL),
        /* The limit is for answers that are kept; 0: none. */
        same ? CURLE_OK
             : curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE,
                                terms->sink == NULL ? (curl_off_t)http->response.body.limit
                                                    : (curl_off_t)0),
    };
    CURLcode code = first_failure(codes, sizeof(codes) / sizeof(codes[0]));
    http->terms_unknown = code != CURLE_OK;
    http->terms = *terms;
    return code;
}

static CURLcode set_request(caws_http *http, const caws_request *request)
{
    CURL *curl = http->curl;
    bool body = strcmp(request->method, "POST") == 0 || request->body.length > 0;
    const char *data = request->body.data != NULL ? request->body.data : "";
    if (http->has_body && !body)
        http->method = NULL; /* setting it forgets the body of before */
    http->has_body = body;
    const CURLcode codes[] = {
        set_method(http, request->method),
        give_url(http),
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER,
                         http->headers[0].data != NULL ? http->headers : NULL),
        body ? curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.length)
             : CURLE_OK,
        body ? curl_easy_setopt(curl, CURLOPT_POSTFIELDS, data) : CURLE_OK,
    };
    return first_failure(codes, sizeof(codes) / sizeof(codes[0]));
}

static caws_status status_of(CURLcode code)
{
    switch (code) {
    case CURLE_OUT_OF_MEMORY:
        return CAWS_ERROR_MEMORY;
    case CURLE_URL_MALFORMAT:
        return CAWS_ERROR_ENDPOINT;
    case CURLE_OPERATION_TIMEDOUT:
        return CAWS_ERROR_TIMEOUT;
    case CURLE_PARTIAL_FILE:
        return CAWS_ERROR_RESPONSE_TRUNCATED;
    case CURLE_FILESIZE_EXCEEDED:
        return CAWS_ERROR_RESPONSE_TOO_LARGE;
    case CURLE_UNSUPPORTED_PROTOCOL: /* what is no HTTP reads as HTTP/0.9, which is off */
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
        return CAWS_ERROR_RESPONSE_MALFORMED;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_USE_SSL_FAILED:
        return CAWS_ERROR_TLS;
    default:
        return CAWS_ERROR_CONNECTION;
    }
}

static caws_status fail_transfer(caws_http *http, const caws_endpoint *endpoint, CURLcode code,
                                 caws_error *error)
{
    const caws_buffer *body = &http->response.body;
    /* A URL that was parsed, and that libcurl has no words about: it lacked memory for a copy. */
    bool lost_url = code == CURLE_URL_MALFORMAT &&
                    (http->error_text[0] == '\0' || strcmp(http->error_text, "No URL set") == 0);
    /* libcurl knows OpenSSL's only by its words. */
    bool openssl_lacked = strstr(http->error_text, "malloc failure") != NULL;
    if (body->no_memory || code == CURLE_OUT_OF_MEMORY || lost_url || openssl_lacked)
        return caws_fail_memory(error);
    if (body->too_large || code == CURLE_FILESIZE_EXCEEDED)
        return caws_fail(error, CAWS_ERROR_RESPONSE_TOO_LARGE,
                         "%s: the answer is larger than max_response_bytes, %zu", endpoint->host,
                         body->limit);
    if (http->headed > MOST_HEADED)
        return caws_fail(error, CAWS_ERROR_RESPONSE_TOO_LARGE,
                         "%s: the answer has more than %d bytes of headers", endpoint->host,
                         (int)MOST_HEADED);
    caws_status status = status_of(code);
    /* The certificates that libcurl keeps for all handles may have been read without memory for all
     * of a key, and then no handshake ends well: this handle reads its own from now on. */
    if (status == CAWS_ERROR_TLS)
        (void)curl_easy_setopt(http->curl, CURLOPT_CA_CACHE_TIMEOUT, 0L);
    /* OpenSSL's generator that lacked memory starts anew when it is asked for bytes, and libcurl
     * does not ask it before it has started. */
    unsigned char byte;
    if (code == CURLE_SSL_CONNECT_ERROR)
        (void)RAND_bytes(&byte, 1);
    /* A handshake may break off like any connection; a certificate that is refused stays so. */
    error->retryable = status == CAWS_ERROR_CONNECTION || status == CAWS_ERROR_TIMEOUT ||
                       status == CAWS_ERROR_RESPONSE_TRUNCATED || code == CURLE_SSL_CONNECT_ERROR;
    const char *text = http->error_text[0] != '\0' ? http->error_text : curl_easy_strerror(code);
    if (code == CURLE_ABORTED_BY_CALLBACK) /* see pending.c, before_sending */
        text = "a kept connection ended without an answer";
    return caws_fail(error, status, "%s: %s", endpoint->host, text);
}

caws_status caws_http_begin(caws_http *http, const caws_endpoint *endpoint,
                            const caws_request *request, const caws_http_terms *terms,
                            caws_error *error)
{
    caws_buffer *body = &http->response.body;
    http->response.http_status = 0;
    http->error_text[0] = '\0';
    http->streaming = false;
    http->stopped = false;
    http->received = 0;
    http->headed = 0;
    http->head_ended = false;
    if (terms->sink != NULL)
        http->heard_ms = caws_monotonic_ms();
    caws_buffer_reset(body);
    if (!set_headers(http, request) || !set_url(http, endpoint, request))
        return caws_fail_memory(error);
    CURLcode code = set_terms(http, terms);
    if (code == CURLE_OK)
        code = set_request(http, request);
    return code == CURLE_OK ? CAWS_OK : fail_transfer(http, endpoint, code, error);
}

/* Another reason than the one that libcurl knows; what is known of the answer stays. */
static caws_status take_failure(caws_http *http, caws_error *error)
{
    http->failure.attempts = error->attempts;
    http->failure.http_status = error->http_status;
    caws_error_clear(error);
    *error = http->failure;
    http->failure = (caws_error)CAWS_ERROR_INIT;
    return error->status;
}

/* A body that does not even begin as it should is that of something else than the service. */
static void explain(const caws_http *http, caws_error *error)
{
    const caws_http_sink *sink = http->terms.sink;
    if (error->status != CAWS_ERROR_RESPONSE_MALFORMED || sink->has_begun(sink->context))
        return;
    char text[CAWS_EXCERPT_SIZE];
    const char *type = http->response.header(&http->response, "Content-Type");
    caws_excerpt(text, type, type != NULL ? strlen(type) : 0);
    if (strstr(text, "vnd.amazon.eventstream") == NULL)
        caws_fail(error, error->status, "HTTP %d with a body (%s) that is no event stream: %s",
                  http->response.http_status, text[0] != '\0' ? text : "no content type",
                  error->message);
}

caws_status caws_http_end(caws_http *http, const caws_endpoint *endpoint, CURLcode code,
                          caws_error *error)
{
    long http_status = 0;
    (void)curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &http_status);
    long connects = 0;
    (void)curl_easy_getinfo(http->curl, CURLINFO_NUM_CONNECTS, &connects);
    http->connects = (int)connects;
    http->response.http_status = (int)http_status;
    error->http_status = (int)http_status;
    if (code == CURLE_OK && !http->head_ended) { /* libcurl takes it for a whole answer */
        code = CURLE_PARTIAL_FILE;
        (void)snprintf(http->error_text, sizeof(http->error_text),
                       "the answer ends in its headers");
    }
    if (http->failure.status != CAWS_OK)
        (void)take_failure(http, error);
    else if (code == CURLE_OK && http->terms.sink != NULL && http_status / 100 == 2)
        (void)http->terms.sink->finish(http->terms.sink->context, error);
    if (http->terms.sink != NULL)
        explain(http, error);
    if (code == CURLE_OK || http->stopped || error->status != CAWS_OK)
        return error->status;
    if (code == CURLE_OPERATION_TIMEDOUT && http->terms.sink != NULL &&
        http->error_text[0] == '\0') {
        error->retryable = true;
        return caws_fail(error, CAWS_ERROR_TIMEOUT,
                         http->streaming ? "%s: the stream was silent for more than %" PRId64 " ms"
                                         : "%s: no answer within %" PRId64 " ms",
                         endpoint->host, http->terms.timeout_ms);
    }
    return fail_transfer(http, endpoint, code, error);
}

void caws_http_rest(caws_http *http)
{
    if (http->response.body.capacity > KEPT_CAPACITY)
        caws_buffer_clear(&http->response.body);
}

bool caws_http_is_silent(const caws_http *http, int64_t now_ms, int64_t *until)
{
    *until = http->heard_ms + http->terms.timeout_ms;
    return now_ms > *until;
}
