/*
 * Times CreateExportTask calls to a server that answers at once, against libcurl alone:
 *
 *     bench_calls COUNT URL
 *
 * caws: the generated function, each call validated, encoded, signed, sent and decoded.
 * bare: libcurl sending the same request with fixed headers: the floor.
 * Both live in this process and take turns, BLOCK calls each, so that whatever else the machine
 * does meets both alike. Prints a line a turn: CPU and wall time per call in microseconds, of caws
 * and of bare.
 */
#include <caws/logs.h>

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BLOCK = 100 };

typedef struct times {
    double cpu;
    double wall;
} times;

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static times now(void)
{
    return (times){seconds(CLOCK_PROCESS_CPUTIME_ID), seconds(CLOCK_MONOTONIC)};
}

/* Per call since then, in microseconds. */
static times since(times began)
{
    times ended = now();
    return (times){(ended.cpu - began.cpu) * 1e6 / BLOCK, (ended.wall - began.wall) * 1e6 / BLOCK};
}

static bool call_caws(caws_client *client, caws_error *error)
{
    caws_logs_create_export_task_output *out = NULL;
    const caws_logs_create_export_task_input input = {
        .task_name = "nightly",
        .log_group_name = "my-log-group",
        .from = caws_i64(1441490400000),
        .to = caws_i64(1441494000000),
        .destination = "my-exported-logs",
        .destination_prefix = "exports",
    };
    bool ok = caws_logs_create_export_task(client, &input, &out, error) == CAWS_OK;
    caws_output_free(out);
    return ok;
}

typedef struct answer {
    char data[4096];
    size_t length;
} answer;

static size_t receive(char *data, size_t size, size_t count, void *context)
{
    answer *a = context;
    size_t length = size * count;
    if (length > sizeof(a->data) - a->length)
        return 0;
    memcpy(a->data + a->length, data, length);
    a->length += length;
    return length;
}

/* The same request, with headers that are made once. */
static CURL *new_bare(const char *url, answer *a, struct curl_slist **headers)
{
    static const char body[] =
        "{\"taskName\":\"nightly\",\"logGroupName\":\"my-log-group\",\"from\":1441490400000,"
        "\"to\":1441494000000,\"destination\":\"my-exported-logs\",\"destinationPrefix\":"
        "\"exports\"}";
    static const char *const lines[] = {
        "Content-Type: application/x-amz-json-1.1",
        "X-Amz-Target: Logs_20140328.CreateExportTask",
        "X-Amz-Date: 20150830T123600Z",
        "Authorization: AWS4-HMAC-SHA256 "
        "Credential=AKIDEXAMPLE/20150830/us-east-1/logs/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
        "Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    };
    CURL *curl = curl_easy_init();
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        *headers = curl_slist_append(*headers, lines[i]);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, a);
    return curl;
}

static bool call_bare(CURL *curl, answer *a)
{
    a->length = 0;
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK)
        fprintf(stderr, "libcurl: %s\n", curl_easy_strerror(code));
    return code == CURLE_OK;
}

static bool take_turns(long turns, caws_client *client, CURL *curl, answer *a, caws_error *error)
{
    for (long turn = -1; turn < turns; turn++) { /* the first is the warm-up */
        times began = now();
        for (int i = 0; i < BLOCK; i++)
            if (!call_caws(client, error))
                return false;
        times caws = since(began);
        began = now();
        for (int i = 0; i < BLOCK; i++)
            if (!call_bare(curl, a))
                return false;
        times bare = since(began);
        if (turn >= 0)
            printf("%.3f %.3f %.3f %.3f\n", caws.cpu, caws.wall, bare.cpu, bare.wall);
    }
    return true;
}

int main(int argc, char **argv)
{
    long count = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
    if (count < BLOCK) {
        fputs("usage: bench_calls COUNT URL, with a COUNT of 100 or more\n", stderr);
        return 2;
    }
    caws_error error = CAWS_ERROR_INIT;
    const caws_credentials credentials = {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                          NULL};
    const caws_client_options options = {
        .region = "us-east-1", .endpoint_url = argv[2], .credentials = &credentials};
    answer a = {.length = 0};
    struct curl_slist *headers = NULL;
    caws_client *client = caws_client_new(&options, &error);
    CURL *curl = new_bare(argv[2], &a, &headers);
    bool ok = client != NULL && curl != NULL && take_turns(count / BLOCK, client, curl, &a, &error);
    if (error.status != CAWS_OK)
        fprintf(stderr, "%s: %s\n", error.code, error.message);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    caws_client_free(client);
    caws_error_clear(&error);
    return !ok;
}
