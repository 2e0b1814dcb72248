#include "answers.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char json[] = "Content-Type: application/x-amz-json-1.1\r\n";

static void put_text(answer *a, const char *text)
{
    a->length += (size_t)snprintf(a->body + a->length, ANSWER_SIZE - a->length, "%s", text);
}

/* --- event streams --- */

static uint32_t crc32(const char *data, size_t length)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < length; i++) {
        crc ^= (unsigned char)data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ ((crc & 1) != 0 ? UINT32_C(0xedb88320) : 0);
    }
    return ~crc;
}

static void put_number(char *at, size_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char)(value >> (24 - 8 * i));
}

static size_t put_header(char *at, const char *name, const char *value)
{
    size_t name_length = strlen(name);
    size_t length = strlen(value);
    at[0] = (char)name_length;
    memcpy(at + 1, name, name_length);
    char *rest = at + 1 + name_length;
    rest[0] = 7; /* a string */
    rest[1] = (char)(length >> 8);
    rest[2] = (char)length;
    memcpy(rest + 3, value, length);
    return 1 + name_length + 3 + length;
}

/* kind: "event" or "exception". */
static void put_frame(answer *a, const char *kind, const char *name, const char *payload)
{
    char *frame = a->body + a->length;
    char type[32];
    snprintf(type, sizeof(type), ":%s-type", kind);
    size_t headers = put_header(frame + 12, ":message-type", kind);
    headers += put_header(frame + 12 + headers, type, name);
    headers += put_header(frame + 12 + headers, ":content-type", "application/json");
    size_t total = 12 + headers + strlen(payload) + 4;
    put_number(frame, total);
    put_number(frame + 4, headers);
    put_number(frame + 8, crc32(frame, 8));
    memcpy(frame + 12 + headers, payload, strlen(payload));
    put_number(frame + total - 4, crc32(frame, total - 4));
    a->length += total;
}

static void begin_stream(answer *a)
{
    a->headers = "Content-Type: application/vnd.amazon.eventstream\r\n";
    put_frame(a, "event", "initial-response", "{}");
}

static void put_tail(answer *a)
{
    begin_stream(a);
    put_frame(a, "event", "sessionStart",
              "{\"sessionId\":\"session-1\",\"logGroupIdentifiers\":[\"/caws/group\"]}");
    put_frame(a, "event", "sessionUpdate",
              "{\"sessionMetadata\":{\"sampled\":false},\"sessionResults\":[{\"message\":\"one\"},"
              "{\"message\":\"two\",\"timestamp\":1441490400000,\"logStreamName\":\"stream-1\"}]}");
}

static void answer_tail(const request *r, answer *a)
{
    (void)r;
    put_tail(a);
    put_frame(a, "event", "sessionUpdate", "{\"sessionResults\":[{\"message\":\"three\"}]}");
}

static void answer_tail_exception(const request *r, answer *a)
{
    (void)r;
    put_tail(a);
    put_frame(a, "exception", "SessionTimeoutException", "{\"message\":\"the session is over\"}");
}

static void answer_object(const request *r, answer *a)
{
    (void)r;
    begin_stream(a);
    put_frame(a, "event", "fields", "{\"data\":\"eyJhIjo=\"}");
    put_frame(a, "event", "fields", "{\"data\":\"MX0=\"}");
}

/* --- answers of the service --- */

static void answer_ok(const request *r, answer *a)
{
    (void)r;
    put_text(a, "{\"taskId\":\"task-1\"}");
}

static void answer_retry(const request *r, answer *a)
{
    a->status = r->number == 0 ? 503 : 200;
    put_text(a, r->number == 0 ? "{\"__type\":\"ServiceUnavailableException\",\"message\":\"wait\"}"
                               : "{\"taskId\":\"task-2\"}");
}

static void answer_drop(const request *r, answer *a)
{
    a->drop = r->number == 0;
    put_text(a, "{\"taskId\":\"task-3\"}");
}

static void answer_limit(const request *r, answer *a)
{
    (void)r;
    a->status = 400;
    put_text(a, "{\"__type\":\"com.amazonaws.logs#LimitExceededException\","
                "\"message\":\"Resource limit exceeded.\"}");
}

/* With the code in a header. */
static void answer_typed(const request *r, answer *a)
{
    (void)r;
    a->status = 400;
    a->headers = "Content-Type: application/x-amz-json-1.1\r\n"
                 "x-amzn-ErrorType: LimitExceededException\r\n";
    put_text(a, "{\"message\":\"Resource limit exceeded.\"}");
}

/* DataAlreadyAcceptedException has a member of its own. */
static void answer_accepted(const request *r, answer *a)
{
    (void)r;
    char text[2048];
    a->status = 400;
    snprintf(text, sizeof(text),
             "{\"__type\":\"DataAlreadyAcceptedException\",\"message\":\"twice\","
             "\"expectedSequenceToken\":\"token-%01600d\"}",
             5);
    put_text(a, text);
}

static void answer_xml(const request *r, answer *a)
{
    (void)r;
    a->status = 403;
    a->headers = "Content-Type: text/xml\r\n";
    put_text(a, "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code>"
                "<Message>The signature does not match.</Message></Error></ErrorResponse>");
}

static void answer_html(const request *r, answer *a)
{
    (void)r;
    a->status = 404;
    a->headers = "Content-Type: text/html\r\n";
    put_text(a, "<html><head><title>Oops</title></head><body><h1>Not Found</h1></body></html>");
}

static void answer_no_json(const request *r, answer *a)
{
    (void)r;
    put_text(a, "taskId=task-1\n");
}

static void answer_wrong_type(const request *r, answer *a)
{
    (void)r;
    put_text(a, "{\"taskId\":{\"a\":[1,2]}}");
}

static void answer_pages(const request *r, answer *a)
{
    const char *token = strstr(r->body, "\"page-");
    int page = token != NULL ? token[6] - '0' : 0;
    char text[256];
    snprintf(text, sizeof(text),
             page < 2 ? "{\"exportTasks\":[{\"taskId\":\"task-%d\",\"from\":9007199254740993}],"
                        "\"nextToken\":\"page-%d\"}"
                      : "{\"exportTasks\":[{\"taskId\":\"task-%d\"}]}",
             page, page + 1);
    put_text(a, text);
}

static void put_task(answer *a, const char *code)
{
    char text[256];
    snprintf(text, sizeof(text),
             "{\"exportTasks\":[{\"taskId\":\"task-1\",\"status\":{\"code\":\"%s\","
             "\"message\":\"it is %s\"}}]}",
             code, code);
    put_text(a, text);
}

static void answer_task(const request *r, answer *a)
{
    put_task(a, r->number == 0 ? "PENDING" : "COMPLETED");
}

static void answer_failed_task(const request *r, answer *a)
{
    (void)r;
    put_task(a, "FAILED");
}

/* Larger than what is kept between requests, so that it grows piece by piece. */
static void answer_events(const request *r, answer *a)
{
    (void)r;
    put_text(a, "{\"events\":[");
    for (int i = 0; i < 120; i++) {
        char text[1024];
        snprintf(text, sizeof(text), "%s{\"timestamp\":%d,\"message\":\"event %d \\u00e4%0600d\"}",
                 i > 0 ? "," : "", i, i, i);
        put_text(a, text);
    }
    put_text(a, "],\"nextForwardToken\":\"f/1\"}");
}

/* The first credentials that are used count as expired. */
static void answer_expired(const request *r, answer *a)
{
    bool expired = strstr(r->head, "Credential=AKIDFIRST/") != NULL;
    a->status = expired ? 400 : 200;
    put_text(a, expired ? "{\"__type\":\"ExpiredTokenException\",\"message\":\"expired\"}"
                        : "{\"taskId\":\"task-4\"}");
}

/* --- those who give credentials --- */

static void put_credentials(answer *a, const char *id)
{
    char text[512];
    snprintf(text, sizeof(text),
             "{\"Code\":\"Success\",\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"secret\","
             "\"Token\":\"session\",\"Expiration\":\"2099-01-01T00:00:00Z\"}",
             id);
    put_text(a, text);
}

static void answer_credentials(const request *r, answer *a)
{
    (void)r;
    put_credentials(a, "AKIDCONTAINER");
}

static void answer_other_credentials(const request *r, answer *a)
{
    put_credentials(a, r->number == 0 ? "AKIDFIRST" : "AKIDSECOND");
}

static void answer_refused(const request *r, answer *a)
{
    (void)r;
    a->status = 403;
    put_text(a, "{\"Code\":\"AccessDenied\",\"Message\":\"no such role\"}");
}

/* The metadata service of an instance. */
static void answer_latest(const request *r, answer *a)
{
    if (strcmp(r->method, "PUT") == 0)
        put_text(a, "token");
    else if (strstr(r->path, "/security-credentials/role") != NULL)
        put_credentials(a, "AKIDINSTANCE");
    else
        put_text(a, "role");
}

static const struct {
    const char *name;
    void (*function)(const request *request, answer *answer);
} answers[] = {
    {"ok", answer_ok},
    {"retry", answer_retry},
    {"drop", answer_drop},
    {"limit", answer_limit},
    {"accepted", answer_accepted},
    {"typed", answer_typed},
    {"xml", answer_xml},
    {"html", answer_html},
    {"no-json", answer_no_json},
    {"wrong-type", answer_wrong_type},
    {"pages", answer_pages},
    {"task", answer_task},
    {"failed-task", answer_failed_task},
    {"events", answer_events},
    {"expired", answer_expired},
    {"tail", answer_tail},
    {"tail-exception", answer_tail_exception},
    {"object", answer_object},
    {"credentials", answer_credentials},
    {"other-credentials", answer_other_credentials},
    {"refused", answer_refused},
    {"latest", answer_latest},
};

void torture_answer(const request *r, answer *a)
{
    a->status = 200;
    a->headers = json;
    a->length = 0;
    a->drop = false;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
        if (strcmp(r->name, answers[i].name) == 0) {
            answers[i].function(r, a);
            return;
        }
    answer_ok(r, a); /* an endpoint without a path */
}
