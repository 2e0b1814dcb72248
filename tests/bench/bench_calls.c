/*
 * Times CreateExportTask calls to a server that answers at once:
 *
 *     bench_calls caws|bare COUNT URL
 *
 * caws: the generated function, each call validated, encoded, signed, sent and decoded.
 * bare: libcurl alone, sending the same request with fixed headers: the floor.
 * Prints CPU and wall time per call in microseconds, after a warm-up of a tenth of COUNT.
 */
#include <caws/logs.h>

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

static int print_times(times began, long count)
{
    times ended = now();
    printf("%.3f %.3f\n", (ended.cpu - began.cpu) * 1e6 / (double)count,
           (ended.wall - began.wall) * 1e6 / (double)count);
    return 0;
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

static int bench_caws(long count, const char *url)
{
    caws_error error = CAWS_ERROR_INIT;
    const caws_credentials credentials = {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                          NULL};
    const caws_client_options options = {
        .region = "us-east-1", .endpoint_url = url, .credentials = &credentials};
    caws_client *client = caws_client_new(&options, &error);
    bool ok = client != NULL;
    times began = now();
    for (long i = -count / 10; ok && i < count; i++) {
        if (i == 0)
            began = now();
        ok = call_caws(client, &error);
    }
    if (ok)
        print_times(began, count);
    else
        fprintf(stderr, "%s: %s\n", error.code, error.message);
    caws_client_free(client);
    caws_error_clear(&error);
    return !ok;
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

static int bench_bare(long count, const char *url)
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
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = NULL;
    answer a = {.length = 0};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        headers = curl_slist_append(headers, lines[i]);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &a);

    CURLcode code = CURLE_OK;
    times began = now();
    for (long i = -count / 10; code == CURLE_OK && i < count; i++) {
        if (i == 0)
            began = now();
        a.length = 0;
        code = curl_easy_perform(curl);
    }
    if (code == CURLE_OK)
        print_times(began, count);
    else
        fprintf(stderr, "libcurl: %s\n", curl_easy_strerror(code));
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    return code != CURLE_OK;
}

int main(int argc, char **argv)
{
    long count = argc == 4 ? strtol(argv[2], NULL, 10) : 0;
    if (count > 0 && strcmp(argv[1], "caws") == 0)
        return bench_caws(count, argv[3]);
    if (count > 0 && strcmp(argv[1], "bare") == 0)
        return bench_bare(count, argv[3]);
    fputs("usage: bench_calls caws|bare COUNT URL\n", stderr);
    return 2;
}
