/*
 * The peers with libcurl (see ../c/peer.h): bodies are made before, answers are read and left as
 * they are. PEER_SIGNS: libcurl signs each request (CURLOPT_AWS_SIGV4); without it the headers are
 * made once too, with a signature that is none: what a call costs at least.
 * Prints the bytes of the answers where the others print what is in them.
 */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

typedef struct transfer {
    CURL *curl;
    char *answer;
    size_t length;
    size_t capacity;
} transfer;

typedef struct side {
    struct curl_slist *headers;
    const char *body;
    size_t length;
    char *file; /* body, of encode */
    CURLM *multi;
    transfer *transfers;
} side;

static const char task[] =
    "{\"taskName\":\"nightly\",\"logGroupName\":\"my-log-group\",\"from\":1441490400000,"
    "\"to\":1441494000000,\"destination\":\"my-exported-logs\",\"destinationPrefix\":"
    "\"exports\"}";
static const char page[] = "{\"logGroupName\":\"my-log-group\",\"logStreamName\":\"my-log-stream\","
                           "\"startFromHead\":true}";

static size_t receive(char *data, size_t size, size_t count, void *context)
{
    transfer *t = context;
    size_t length = size * count;
    if (length > t->capacity - t->length) {
        size_t capacity = (t->length + length) * 2;
        char *answer = realloc(t->answer, capacity);
        if (answer == NULL)
            return 0;
        t->answer = answer;
        t->capacity = capacity;
    }
    memcpy(t->answer + t->length, data, length);
    t->length += length;
    return length;
}

static bool well(CURLcode code)
{
    if (code != CURLE_OK)
        fprintf(stderr, "libcurl: %s\n", curl_easy_strerror(code));
    return code == CURLE_OK;
}

static long make_calls(peer *p, long count)
{
    side *s = p->context;
    transfer *t = s->transfers;
    long sum = 0;
    for (long i = 0; i < count; i++) {
        t->length = 0;
        if (!well(curl_easy_perform(t->curl)))
            return -1;
        sum += (long)t->length;
    }
    return sum;
}

static long encode(peer *p, long count)
{
    return make_calls(p, count) < 0 ? -1 : count;
}

static long decode(peer *p, long count)
{
    return make_calls(p, count);
}

/* Starts as many again as have ended, of those left. Returns how many have ended; negative on
 * failure. */
static long restart_ended(side *s, long *left, long *sum)
{
    long ended = 0;
    int queued = 0;
    for (const CURLMsg *message; (message = curl_multi_info_read(s->multi, &queued)) != NULL;) {
        transfer *t = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        curl_multi_remove_handle(s->multi, t->curl);
        if (!well(code))
            return -1;
        ended++;
        *sum += (long)t->length;
        t->length = 0;
        if (*left > 0)
            curl_multi_add_handle(s->multi, t->curl);
        (*left)--;
    }
    return ended;
}

static long fly(peer *p, long count)
{
    side *s = p->context;
    long left = count - p->flight;
    long pending = 0;
    long sum = 0;
    for (; pending < p->flight && pending < count; pending++) {
        s->transfers[pending].length = 0;
        curl_multi_add_handle(s->multi, s->transfers[pending].curl);
    }
    for (pending = count; pending > 0;) {
        int running = 0;
        curl_multi_perform(s->multi, &running);
        long ended = restart_ended(s, &left, &sum);
        if (ended < 0)
            return -1;
        pending -= ended;
        if (pending > 0 && ended == 0)
            curl_multi_poll(s->multi, NULL, 0, 1000, NULL);
    }
    return sum;
}

static bool add_headers(side *s, const char *operation)
{
    char target[128];
    (void)snprintf(target, sizeof(target), "X-Amz-Target: Logs_20140328.%s", operation);
    const char *const lines[] = {
        "Content-Type: application/x-amz-json-1.1",
        target,
        "Expect:", /* no 100-continue, which the others do not ask for either */
#ifndef PEER_SIGNS
        "X-Amz-Date: 20150830T123600Z",
        "Authorization: AWS4-HMAC-SHA256 "
        "Credential=AKIDEXAMPLE/20150830/us-east-1/logs/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
        "Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
#endif
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct curl_slist *longer = curl_slist_append(s->headers, lines[i]);
        if (longer == NULL)
            return false;
        s->headers = longer;
    }
    return true;
}

static bool add_transfer(const peer *p, side *s, transfer *t)
{
    t->curl = curl_easy_init();
    if (t->curl == NULL)
        return false;
    curl_easy_setopt(t->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(t->curl, CURLOPT_URL, p->url);
    curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER, s->headers);
    curl_easy_setopt(t->curl, CURLOPT_POSTFIELDS, s->body);
    curl_easy_setopt(t->curl, CURLOPT_POSTFIELDSIZE, (long)s->length);
    curl_easy_setopt(t->curl, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(t->curl, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(t->curl, CURLOPT_PRIVATE, t);
    curl_easy_setopt(t->curl, CURLOPT_CAINFO, getenv("AWS_CA_BUNDLE"));
#ifdef PEER_SIGNS
    curl_easy_setopt(t->curl, CURLOPT_AWS_SIGV4, "aws:amz:us-east-1:logs");
    curl_easy_setopt(t->curl, CURLOPT_USERNAME, getenv("AWS_ACCESS_KEY_ID"));
    curl_easy_setopt(t->curl, CURLOPT_PASSWORD, getenv("AWS_SECRET_ACCESS_KEY"));
#endif
    return true;
}

/* What is made before the first call. */
static bool prepare(const peer *p, side *s)
{
    s->body = task;
    s->length = sizeof(task) - 1;
    const char *operation = "CreateExportTask";
    if (p->calls == encode) {
        s->file = peer_read(p, "put.json", &s->length);
        s->body = s->file;
        operation = "PutLogEvents";
    } else if (p->calls == decode) {
        s->body = page;
        s->length = sizeof(page) - 1;
        operation = "GetLogEvents";
    }
    long count = p->calls == fly ? p->flight : 1;
    s->transfers = calloc((size_t)count, sizeof(*s->transfers));
    s->multi = p->calls == fly ? curl_multi_init() : NULL;
    bool ok = s->body != NULL && s->transfers != NULL && add_headers(s, operation);
    for (long i = 0; ok && i < count; i++)
        ok = add_transfer(p, s, &s->transfers[i]);
    if (s->multi != NULL)
        curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, count);
    return ok;
}

/* The end of the process takes the rest. */
int main(int argc, char **argv)
{
    static const peer_kind kinds[] = {{"call", make_calls},
                                      {"flight", fly},
                                      {"encode", encode},
                                      {"decode", decode},
                                      {NULL, NULL}};
    side s = {.headers = NULL};
    peer p;
    if (!peer_init(&p, argc, argv, kinds))
        return 2;
    p.context = &s;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    return prepare(&p, &s) ? peer_serve(&p) : 1;
}
