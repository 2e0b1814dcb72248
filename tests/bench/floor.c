#include "floor.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static double microseconds(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec * 1e-3;
}

times now(void)
{
    return (times){microseconds(CLOCK_PROCESS_CPUTIME_ID), microseconds(CLOCK_MONOTONIC)};
}

times since(times began, long calls)
{
    times ended = now();
    return (times){(ended.cpu - began.cpu) / (double)calls,
                   (ended.wall - began.wall) / (double)calls};
}

/* Not getrusage's figure, which a process inherits from the one that started it. */
long peak_kib(void)
{
    char line[256];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    if (file == NULL)
        return 0;
    while (fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, "VmHWM: %ld", &kib) == 1)
            break;
    (void)fclose(file);
    return kib;
}

static size_t receive(char *data, size_t size, size_t count, void *context)
{
    bare *side = context;
    size_t length = size * count;
    if (length > sizeof(side->answer) - side->length)
        return 0;
    memcpy(side->answer + side->length, data, length);
    side->length += length;
    return length;
}

bool bare_init(bare *side, const char *url)
{
    static const char body[] =
        "{\"taskName\":\"nightly\",\"logGroupName\":\"my-log-group\",\"from\":1441490400000,"
        "\"to\":1441494000000,\"destination\":\"my-exported-logs\",\"destinationPrefix\":"
        "\"exports\"}";
    static const char *const lines[] = {
        "Content-Type: application/x-amz-json-1.1",
        "X-Amz-Target: Logs_20140328.CreateExportTask",
        "X-Amz-Date: 20150830T123600Z",
        "User-Agent: caws/0.1.0 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/c#11 api/cloudwatch_logs"
        "#0.1.0 m/E,N",
        "amz-sdk-invocation-id: 11111111-2222-4333-8444-555555555555",
        "amz-sdk-request: attempt=1; max=3",
        "Authorization: AWS4-HMAC-SHA256 "
        "Credential=AKIDEXAMPLE/20150830/us-east-1/logs/aws4_request, "
        "SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-type;host;x-amz-date;"
        "x-amz-target, "
        "Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    };
    *side = (bare){.curl = curl_easy_init()};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        side->headers = curl_slist_append(side->headers, lines[i]);
    if (side->curl == NULL || side->headers == NULL)
        return false;
    curl_easy_setopt(side->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(side->curl, CURLOPT_URL, url);
    curl_easy_setopt(side->curl, CURLOPT_HTTPHEADER, side->headers);
    curl_easy_setopt(side->curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(side->curl, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(side->curl, CURLOPT_WRITEDATA, side);
    curl_easy_setopt(side->curl, CURLOPT_PRIVATE, side);
    return true;
}

void bare_clear(bare *side)
{
    curl_easy_cleanup(side->curl);
    curl_slist_free_all(side->headers);
}

bool call_bare(bare *side)
{
    side->length = 0;
    CURLcode code = curl_easy_perform(side->curl);
    if (code != CURLE_OK)
        fprintf(stderr, "libcurl: %s\n", curl_easy_strerror(code));
    return code == CURLE_OK;
}
