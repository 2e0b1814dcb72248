/* Event streams over real sockets: StartLiveTail. See test_log_object.c for GetLogObject. */
#include <signal.h>
#include <unistd.h>

#include "script.h"
#include "tail.h"

static caws_status tail_with(caws_client *client, heard *h, caws_error *error)
{
    const caws_logs_start_live_tail_input input = tail_input();
    const caws_logs_start_live_tail_handler handler = tail_handler(h);
    return caws_logs_start_live_tail(client, &input, &handler, error);
}

static caws_status tail(const char *scenario, const caws_client_options *options, heard *h,
                        caws_error *error)
{
    caws_client *client = new_fault_client(scenario, options);
    caws_status status = tail_with(client, h, error);
    caws_client_free(client);
    return status;
}

typedef struct stream_case {
    const char *scenario;
    const char *heard;
    caws_status status;
    const char *code;
    const char *message; /* a part of it */
    int exception;
    bool retryable;
} stream_case;

static const stream_case cases[] = {
    {"stream", ALL, CAWS_OK, "", "", 0, false},
    {"stream-frames", ALL, CAWS_OK, "", "", 0, false},
    {"stream-until-close", ALL, CAWS_OK, "", "", 0, false},
    {"stream-continued", ALL, CAWS_OK, "", "", 0, false},
    {"stream-drip", ALL, CAWS_OK, "", "", 0, false},
    {"stream-no-initial", ONE, CAWS_OK, "", "", 0, false},
    {"stream-unknown-event", ONE, CAWS_OK, "", "", 0, false},
    {"stream-unknown-members", "start session-1; update; ", CAWS_OK, "", "", 0, false},
    /* Broken off, or broken. */
    {"stream-cut/0", "", CAWS_ERROR_RESPONSE_EMPTY, "EmptyResponse", "StartLiveTail", 0, false},
    {"stream-cut/5", "", CAWS_ERROR_RESPONSE_TRUNCATED, "TruncatedResponse",
     "after 5 bytes of a frame", 0, true},
    {"stream-cut/300", "start session-1; ", CAWS_ERROR_RESPONSE_TRUNCATED, "TruncatedResponse",
     "bytes of a frame", 0, true},
    {"stream-chunked-cut", ALL, CAWS_ERROR_RESPONSE_TRUNCATED, "TruncatedResponse", "", 0, true},
    {"stream-reset", ALL, CAWS_ERROR_CONNECTION, "ConnectionFailed", "", 0, true},
    {"stream-bad-crc", "start session-1; ", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse",
     "a frame has the checksum", 0, false},
    {"stream-bad-payload", "start session-1; ", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse",
     "a frame has the checksum", 0, false},
    {"stream-bad-prelude", "start session-1; ", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse",
     "prelude has the checksum", 0, false},
    {"stream-bad-first", "", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse",
     "prelude has the checksum", 0, false},
    {"stream-bad-json", "start session-1; ", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse",
     "event sessionUpdate: sessionResults: a number where an array belongs", 0, false},
    {"stream-not-json", "start session-1; ", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse",
     "event sessionUpdate: the body is not JSON", 0, false},
    {"stream-no-type", "", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse", ":message-type", 0,
     false},
    {"stream-no-event-type", "", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse", ":event-type",
     0, false},
    {"stream-other-type", "", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse", "\"rumour\"", 0,
     false},
    {"stream-empty", "", CAWS_ERROR_RESPONSE_EMPTY, "EmptyResponse", "StartLiveTail", 0, false},
    {"empty-200", "", CAWS_ERROR_RESPONSE_EMPTY, "EmptyResponse", "StartLiveTail", 0, false},
    {"html-200", "", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse",
     "HTTP 200 with a body (text/html) that is no event stream", 0, false},
    {"ok", "", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse", "(application/x-amz-json-1.1)",
     0, false},
    /* What the service says in the stream. */
    {"stream-exception", ONE, CAWS_ERROR_SERVICE, "SessionTimeoutException", "the session is over",
     CAWS_LOGS_SESSION_TIMEOUT_EXCEPTION, false},
    {"stream-exception-bare", "", CAWS_ERROR_SERVICE, "SessionStreamingException", "no message",
     CAWS_LOGS_SESSION_STREAMING_EXCEPTION, false},
    {"stream-exception-unmodeled", "", CAWS_ERROR_SERVICE, "BrandNewException", "never seen before",
     0, false},
    {"stream-error", "start session-1; ", CAWS_ERROR_SERVICE, "InternalFailure", "it broke", 0,
     false},
    {"stream-error-throttle", "", CAWS_ERROR_SERVICE, "ThrottlingException", "Rate exceeded",
     CAWS_LOGS_THROTTLING_EXCEPTION, true},
    /* What it says instead of a stream. */
    {"error-each/LimitExceededException", "", CAWS_ERROR_SERVICE, "LimitExceededException",
     "the message of", CAWS_LOGS_LIMIT_EXCEEDED_EXCEPTION, true},
    {"error-type-header", "", CAWS_ERROR_SERVICE, "LimitExceededException",
     "Resource limit exceeded.", CAWS_LOGS_LIMIT_EXCEEDED_EXCEPTION, true},
    {"error-continued", "", CAWS_ERROR_SERVICE, "LimitExceededException", "",
     CAWS_LOGS_LIMIT_EXCEEDED_EXCEPTION, true},
    {"html-500", "", CAWS_ERROR_HTTP, "500", "text/html", 0, true},
    {"empty-500", "", CAWS_ERROR_HTTP, "500", "empty body", 0, true},
    {"redirect", "", CAWS_ERROR_HTTP, "307", "never followed", 0, false},
    {"reset", "", CAWS_ERROR_CONNECTION, "ConnectionFailed", "127.0.0.1", 0, true},
    {"garbage", "", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse", "HTTP/0.9", 0, true},
};

static void check_end(const stream_case *expected, const heard *h, const caws_error *error)
{
    if (error->status != expected->status)
        fail_msg("%s: %s", error->code, error->message);
    assert_string_equal(h->text, expected->heard);
    assert_string_equal(error->code, expected->code);
    if (strstr(error->message, expected->message) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", expected->message, error->message);
    assert_int_equal(error->exception, expected->exception);
    assert_int_equal(error->retryable, expected->retryable);
    assert_int_equal(error->attempts, expected->status == CAWS_OK ? 0 : 1);
    if (error->http_status == 200)
        assert_string_equal(error->request_id, "00000000-0000-4000-8000-000000000001");
}

/* A stream that was started, and what came of it. */
typedef struct started {
    const stream_case *expected;
    heard heard;
    int times;
} started;

static void note_end(void *context, void *output, const caws_error *error)
{
    started *s = context;
    s->times++;
    assert_null(output);
    check_end(s->expected, &s->heard, error);
}

static void check_case(void **state)
{
    const stream_case *expected = *state;
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_fault_client(expected->scenario, NULL);
    for (int round = 0; round < 2; round++) { /* a stream leaves the client as good as new */
        heard h = {.events = 0};
        caws_status status = tail_with(client, &h, &error);
        assert_int_equal(status, error.status);
        check_end(expected, &h, &error);
    }
    caws_error_clear(&error);
    caws_loop *loop = new_loop(client, NULL);
    for (int round = 0; round < 2; round++) { /* and the loop */
        started calls[3] = {{.expected = expected}, {.expected = expected}, {.expected = expected}};
        for (int i = 0; i < 3; i++)
            start_tail(loop, &calls[i].heard, NULL, note_end, &calls[i]);
        run_all(loop, 20000);
        for (int i = 0; i < 3; i++)
            assert_int_equal(calls[i].times, 1);
    }
    caws_loop_free(loop);
    caws_client_free(client);
}

static void a_callback_ends_the_stream(void **state)
{
    (void)state;
    for (int stop = 1; stop <= 3; stop++) {
        caws_error error = CAWS_ERROR_INIT;
        heard h = {.stop_after = stop};
        assert_int_equal(tail("stream-endless/1", NULL, &h, &error), CAWS_OK);
        assert_int_equal(h.events, stop);
        assert_null(error.storage);
    }
    /* Even if more of them came in the same bytes. */
    heard h = {.stop_after = 2};
    caws_error error = CAWS_ERROR_INIT;
    assert_int_equal(tail("stream", NULL, &h, &error), CAWS_OK);
    assert_string_equal(h.text, ONE);
}

static void keep_going_ends_a_silent_stream(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    heard h = {.stop_asked = 4};
    int64_t began = now_ms();
    (void)state;
    assert_int_equal(tail("stream-silence", NULL, &h, &error), CAWS_OK);
    assert_string_equal(h.text, ONE);
    assert_int_equal(h.asked, 4);
    assert_in_range(now_ms() - began, 100, 1000);
}

static void keep_going_ends_a_call_without_answer(void **state)
{
    (void)state;
    for (int stop = 1; stop <= 2; stop++) {
        caws_error error = CAWS_ERROR_INIT;
        heard h = {.stop_asked = stop};
        int64_t began = now_ms();
        assert_int_equal(tail("slow/20", NULL, &h, &error), CAWS_OK);
        assert_int_equal(h.asked, stop);
        assert_in_range(now_ms() - began, 0, 3000);
    }
}

static void keep_going_is_asked_while_events_come(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    heard h = {.stop_asked = 5};
    (void)state;
    assert_int_equal(tail("stream-endless/1", NULL, &h, &error), CAWS_OK);
    assert_int_equal(h.asked, 5);
    assert_true(h.events > 5);
}

/* The timeout is for silence, not for the stream. */
static void a_stream_outlives_the_timeout(void **state)
{
    const caws_client_options options = {.timeout_ms = 1200};
    caws_error error = CAWS_ERROR_INIT;
    heard h = {.stop_after = 30};
    int64_t began = now_ms();
    (void)state;
    assert_int_equal(tail("stream-endless/100", &options, &h, &error), CAWS_OK);
    assert_in_range(now_ms() - began, 2500, 20000);
}

static void silence_is_a_timeout(void **state)
{
    const caws_client_options options = {.timeout_ms = 1500};
    caws_error error = CAWS_ERROR_INIT;
    heard h = {.events = 0};
    int64_t began = now_ms();
    (void)state;
    /* 700 ms between the events: the second one starts the time anew */
    assert_int_equal(tail("stream-silence/700", &options, &h, &error), CAWS_ERROR_TIMEOUT);
    assert_in_range(now_ms() - began, 2150, 5000);
    assert_string_equal(h.text, ONE);
    assert_non_null(strstr(error.message, "the stream was silent for more than 1500 ms"));
    assert_int_equal(error.http_status, 200);
    assert_true(error.retryable);
    caws_error_clear(&error);
}

/* In its own words, not in those of the call before that had the same handle. */
static void silence_after_a_refusal_is_a_timeout(void **state)
{
    const caws_client_options options = {.timeout_ms = 300};
    const caws_call_options nowhere = {.endpoint_url = "http://127.0.0.1:1", .max_attempts = 1};
    const caws_logs_create_export_task_input input = valid_input();
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_fault_client("stream-silence/0", &options);
    heard h = {.events = 0};
    (void)state;
    assert_int_equal(caws_call_with(client, &caws_operation_logs_create_export_task, &input,
                                    &nowhere, NULL, &error),
                     CAWS_ERROR_CONNECTION);
    assert_int_equal(tail_with(client, &h, &error), CAWS_ERROR_TIMEOUT);
    assert_non_null(strstr(error.message, "the stream was silent for more than 300 ms"));
    caws_error_clear(&error);
    caws_client_free(client);
}

static void no_answer_is_a_timeout(void **state)
{
    const caws_client_options options = {.timeout_ms = 300};
    caws_error error = CAWS_ERROR_INIT;
    heard h = {.events = 0};
    int64_t began = now_ms();
    (void)state;
    assert_int_equal(tail("slow/20", &options, &h, &error), CAWS_ERROR_TIMEOUT);
    assert_in_range(now_ms() - began, 300, 3000);
    assert_non_null(strstr(error.message, "no answer within 300 ms"));
    assert_int_equal(error.http_status, 0);
    caws_error_clear(&error);
}

/* max_response_bytes is for one event, not for the stream. */
static void events_are_bounded(void **state)
{
    const caws_client_options options = {.max_response_bytes = 4096};
    caws_error error = CAWS_ERROR_INIT;
    heard h = {.events = 0};
    (void)state;
    assert_int_equal(tail("stream-large/3500", &options, &h, &error), CAWS_OK);
    assert_int_equal(h.events, 11);
    h = (heard){.events = 0};
    assert_int_equal(tail("stream-large/4096", &options, &h, &error),
                     CAWS_ERROR_RESPONSE_TOO_LARGE);
    assert_non_null(strstr(error.message, "max_response_bytes, 4096"));
    assert_string_equal(h.text, "start session-1; ");
    h = (heard){.events = 0};
    assert_int_equal(tail("stream-large/3000000", NULL, &h, &error), CAWS_OK);
    assert_int_equal(h.events, 11);
    h = (heard){.events = 0};
    assert_int_equal(tail("stream-large/26000000", NULL, &h, &error),
                     CAWS_ERROR_RESPONSE_MALFORMED);
    assert_non_null(strstr(error.message, "at most 131072 and 25165824"));
    caws_error_clear(&error);
}

/* After a stream, other calls on the same connection are as before it. */
static void other_calls_follow(void **state)
{
    const caws_client_options options = {.max_response_bytes = 10};
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_fault_client("ok", &options);
    heard h = {.events = 0};
    char *task_id = NULL;
    (void)state;
    assert_int_equal(tail_with(client, &h, &error), CAWS_ERROR_RESPONSE_MALFORMED);
    assert_int_equal(create_task(client, &task_id, &error), CAWS_ERROR_RESPONSE_TOO_LARGE);
    assert_non_null(strstr(error.message, "max_response_bytes, 10"));
    caws_client_free(client);

    const caws_client_options impatient = {.timeout_ms = 300};
    client = new_fault_client("slow/20", &impatient);
    int64_t began = now_ms();
    assert_int_equal(tail_with(client, &h, &error), CAWS_ERROR_TIMEOUT);
    assert_int_equal(create_task(client, &task_id, &error), CAWS_ERROR_TIMEOUT);
    assert_in_range(now_ms() - began, 600, 4000);
    caws_error_clear(&error);
    caws_client_free(client);
}

/* A refusal is one, whatever the answer before it was on the same connection. */
static void refusals_follow_answers(void **state)
{
    char url[256];
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_client(NULL);
    const caws_logs_start_live_tail_input input = tail_input();
    (void)state;
    snprintf(url, sizeof(url), "%s/script/answered.ok.error~ThrottlingException.stream.503.stream",
             required_environment("CAWS_TEST_FAULT_URL"));
    assert_int_equal(call_url(client, url, NULL, NULL, &error), CAWS_OK);
    for (int i = 0; i < 2; i++) {
        heard h = {.events = 0};
        caws_call_info info;
        const caws_logs_start_live_tail_handler handler = tail_handler(&h);
        const caws_call_options options = {.endpoint_url = url, .info = &info};
        if (caws_call_stream_with(client, &caws_stream_logs_start_live_tail, &input, &handler,
                                  &options, &error) != CAWS_OK)
            fail_msg("%s: %s", error.code, error.message);
        assert_int_equal(info.attempts, 2);
        assert_string_equal(h.text, ALL);
    }
    caws_client_free(client);
}

static bool keep_start(void *context, const caws_logs_live_tail_session_start *event)
{
    char (*texts)[4096] = context;
    snprintf(texts[0], sizeof(texts[0]), "%s", event->session_id);
    snprintf(texts[1], sizeof(texts[1]), "%s", event->request_id);
    snprintf(texts[2], sizeof(texts[2]), "%s", event->log_event_filter_pattern);
    return true;
}

/* The host that the server is called by, at an endpoint whose host is host. */
static void check_host(const char *host, const char *expected, bool no_host_prefix)
{
    static const char *const groups[] = {"/caws/group"};
    const char *port = strrchr(required_environment("CAWS_TEST_FAULT_URL"), ':');
    const caws_client_options options = {.no_host_prefix = no_host_prefix};
    const caws_logs_start_live_tail_input input = {.log_group_identifiers = {groups, 1}};
    char texts[3][4096] = {"", "", ""};
    const caws_logs_start_live_tail_handler handler = {.context = texts,
                                                       .session_start = keep_start};
    caws_error error = CAWS_ERROR_INIT;
    char url[256];
    char wanted[256];
    snprintf(url, sizeof(url), "http://%s%s/stream-echo", host, port);
    snprintf(wanted, sizeof(wanted), "%s%s", expected, port);
    caws_client *client = new_client_at(url, &options);
    if (caws_logs_start_live_tail(client, &input, &handler, &error) != CAWS_OK)
        fail_msg("%s: %s: %s", url, error.code, error.message);
    assert_string_equal(texts[0], wanted);
    assert_non_null(strstr(texts[1], "SignedHeaders="));
    assert_non_null(strstr(texts[1], "host;"));
    assert_string_equal(texts[2], "{\"logGroupIdentifiers\":[\"/caws/group\"]}");
    caws_client_free(client);
}

static void the_host_has_a_prefix(void **state)
{
    (void)state;
    check_host("caws.localhost", "stream-caws.localhost", false);
    check_host("caws.localhost", "caws.localhost", true);
    check_host("localhost", "localhost", false);
    check_host("127.0.0.1", "127.0.0.1", false);
}

static void nobody_has_to_listen(void **state)
{
    const caws_logs_get_log_object_input input = {.log_object_pointer = "pointer"};
    const caws_logs_get_log_object_handler deaf = {.context = NULL};
    (void)state;
    caws_client *client = new_fault_client("stream-object", NULL);
    assert_int_equal(caws_logs_get_log_object(client, &input, NULL, NULL), CAWS_OK);
    assert_int_equal(caws_logs_get_log_object(client, &input, &deaf, NULL), CAWS_OK);
    caws_client_free(client);
    client = new_fault_client("stream-bad-first", NULL); /* nor to ask for the reason */
    assert_int_equal(caws_logs_get_log_object(client, &input, NULL, NULL),
                     CAWS_ERROR_RESPONSE_MALFORMED);
    caws_client_free(client);
}

static void input_is_validated(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_fault_client("stream", NULL);
    (void)state;
    assert_int_equal(caws_logs_start_live_tail(client, NULL, NULL, &error),
                     CAWS_ERROR_INVALID_INPUT);
    assert_int_equal(error.violation_count, 1);
    assert_string_equal(error.violations[0].path, "logGroupIdentifiers");
    assert_int_equal(error.attempts, 0);
    caws_error_clear(&error);
    caws_client_free(client);
}

/* One client, a stream, and another call from the stream's callback. */
typedef struct nested {
    caws_client *client;
    caws_status status;
} nested;

static bool call_inside(void *context, const caws_logs_live_tail_session_start *event)
{
    nested *n = context;
    caws_error error = CAWS_ERROR_INIT;
    heard h = {.events = 0};
    (void)event;
    n->status = tail_with(n->client, &h, &error);
    assert_string_equal(h.text, ALL);
    caws_error_clear(&error);
    return false;
}

static void callbacks_may_call(void **state)
{
    static const char *const groups[] = {"/caws/group"};
    const caws_logs_start_live_tail_input input = {.log_group_identifiers = {groups, 1}};
    nested n = {new_fault_client("stream", NULL), CAWS_ERROR_MEMORY};
    const caws_logs_start_live_tail_handler handler = {.context = &n, .session_start = call_inside};
    (void)state;
    assert_int_equal(caws_logs_start_live_tail(n.client, &input, &handler, NULL), CAWS_OK);
    assert_int_equal(n.status, CAWS_OK);
    caws_client_free(n.client);
}

static volatile sig_atomic_t pipe_signals;

static void on_sigpipe(int number)
{
    (void)number;
    pipe_signals = pipe_signals + 1;
}

static bool write_to_closed_pipe(void *context, const caws_logs_live_tail_session_start *event)
{
    const int *end = context;
    (void)event;
    assert_int_equal(write(*end, "x", 1), -1);
    return true;
}

/* Over TLS too a program that writes into a closed pipe is told so. */
static void callbacks_get_their_sigpipe(void **state)
{
    static const char *const groups[] = {"/caws/group"};
    const caws_logs_start_live_tail_input input = {.log_group_identifiers = {groups, 1}};
    const caws_client_options options = {.ca_bundle = required_environment("CAWS_TEST_CA_FILE")};
    const char *const urls[] = {required_environment("CAWS_TEST_TLS_URL"),
                                required_environment("CAWS_TEST_FAULT_URL")};
    struct sigaction catch = {.sa_handler = on_sigpipe};
    struct sigaction before;
    int ends[2];
    (void)state;
    assert_int_equal(sigaction(SIGPIPE, &catch, &before), 0);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    for (int i = 0; i < 2; i++) {
        caws_error error = CAWS_ERROR_INIT;
        char url[256];
        snprintf(url, sizeof(url), "%s/stream", urls[i]);
        caws_client *client = new_client_at(url, &options);
        const caws_logs_start_live_tail_handler handler = {.context = &ends[1],
                                                           .session_start = write_to_closed_pipe};
        pipe_signals = 0;
        if (caws_logs_start_live_tail(client, &input, &handler, &error) != CAWS_OK)
            fail_msg("%s: %s: %s", url, error.code, error.message);
        assert_int_equal(pipe_signals, 1);
        caws_client_free(client);
    }
    close(ends[1]);
    sigaction(SIGPIPE, &before, NULL);
}

static void keep_line(void *context, caws_log_level level, const char *line)
{
    (void)level;
    snprintf(context, 512, "%s", line);
}

static void streams_are_logged(void **state)
{
    char line[512] = "";
    const caws_client_options options = {.log = keep_line, .log_context = line};
    caws_error error = CAWS_ERROR_INIT;
    heard h = {.events = 0};
    (void)state;
    assert_int_equal(tail("stream-large/1000", &options, &h, &error), CAWS_OK);
    assert_non_null(strstr(line, "StartLiveTail host=127.0.0.1"));
    const char *received = strstr(line, "received_bytes=");
    assert_non_null(received);
    assert_in_range(strtol(received + strlen("received_bytes="), NULL, 10), 10000, 20000);
}

/* --- waiting, with options --- */

static bool twice(void *context)
{
    return ++*(int *)context < 3;
}

static caws_status wait_for(caws_client *client, const char *path, heard *h,
                            const caws_call_options *options, caws_error *error)
{
    char url[256];
    caws_call_options own = *options;
    const caws_logs_start_live_tail_input input = tail_input();
    const caws_logs_start_live_tail_handler handler = tail_handler(h);
    snprintf(url, sizeof(url), "%s/%s", required_environment("CAWS_TEST_FAULT_URL"), path);
    own.endpoint_url = url;
    return caws_call_stream_with(client, &caws_stream_logs_start_live_tail, &input, &handler, &own,
                                 error);
}

static void waiting_takes_options_too(void **state)
{
    const caws_call_header header = {"X-Own", "mine"};
    const caws_call_header reserved = {"Authorization", "none"};
    caws_client *client = new_client(NULL);
    caws_error error = CAWS_ERROR_INIT;
    caws_call_info info;
    int asked = 0;
    heard h = {.events = 0};
    (void)state;
    assert_int_equal(
        wait_for(client, "stream-endless/5", &h, &(caws_call_options){.deadline_ms = 300}, &error),
        CAWS_ERROR_TIMEOUT);
    assert_non_null(strstr(error.message, "its deadline has passed in the stream"));
    assert_int_equal(wait_for(client, "stream-silence", &h,
                              &(caws_call_options){.keep_going = twice, .context = &asked}, &error),
                     CAWS_ERROR_CANCELLED);
    assert_int_equal(wait_for(client, "script/once.503.stream", &h,
                              &(caws_call_options){.max_attempts = 1, .info = &info}, &error),
                     CAWS_ERROR_HTTP);
    assert_int_equal(info.attempts, 1);
    assert_int_equal(info.http_status, 503);
    assert_int_equal(wait_for(client, "stream", &h,
                              &(caws_call_options){.headers = &reserved, .header_count = 1},
                              &error),
                     CAWS_ERROR_INVALID_INPUT);
    h = (heard){.events = 0};
    assert_int_equal(
        wait_for(client, "script/own-header.503.stream", &h,
                 &(caws_call_options){.headers = &header, .header_count = 1, .info = &info},
                 &error),
        CAWS_OK);
    assert_string_equal(h.text, ALL);
    assert_int_equal(info.attempts, 2);
    assert_string_equal(info.request_id, "00000000-0000-4000-8000-000000000001");
    cJSON *records = records_of("own-header");
    assert_int_equal(cJSON_GetArraySize(records), 2);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(header_in(records, i, "x-own"), "mine");
        assert_true(is_signed(records, i));
    }
    cJSON_Delete(records);
    assert_int_equal(wait_for(NULL, "stream", &h, &(caws_call_options){.info = &info}, &error),
                     CAWS_ERROR_CONFIGURATION);
    assert_int_equal(info.attempts, 0);
    caws_error_clear(&error);
    caws_client_free(client);
}

int main(void)
{
    enum { CASES = sizeof(cases) / sizeof(cases[0]) };
    const struct CMUnitTest more[] = {
        cmocka_unit_test(a_callback_ends_the_stream),
        cmocka_unit_test(keep_going_ends_a_silent_stream),
        cmocka_unit_test(keep_going_ends_a_call_without_answer),
        cmocka_unit_test(keep_going_is_asked_while_events_come),
        cmocka_unit_test(a_stream_outlives_the_timeout),
        cmocka_unit_test(silence_is_a_timeout),
        cmocka_unit_test(silence_after_a_refusal_is_a_timeout),
        cmocka_unit_test(no_answer_is_a_timeout),
        cmocka_unit_test(events_are_bounded),
        cmocka_unit_test(other_calls_follow),
        cmocka_unit_test(refusals_follow_answers),
        cmocka_unit_test(the_host_has_a_prefix),
        cmocka_unit_test(nobody_has_to_listen),
        cmocka_unit_test(input_is_validated),
        cmocka_unit_test(callbacks_may_call),
        cmocka_unit_test(callbacks_get_their_sigpipe),
        cmocka_unit_test(streams_are_logged),
        cmocka_unit_test(waiting_takes_options_too),
    };
    struct CMUnitTest tests[CASES + sizeof(more) / sizeof(more[0])];
    memset(tests, 0, sizeof(tests));
    for (size_t i = 0; i < CASES; i++)
        tests[i] = (struct CMUnitTest){cases[i].scenario, check_case, NULL, NULL,
                                       (void *)(uintptr_t)&cases[i]};
    memcpy(tests + CASES, more, sizeof(more));
    return cmocka_run_group_tests_name("streams", tests, NULL, NULL);
}
