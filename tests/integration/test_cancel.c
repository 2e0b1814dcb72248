/* Deadlines, cancelling, and the options of one call. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <netinet/in.h>

#include "script.h"

enum {
    CANCEL_MS = 100,  /* what is promised */
    SLACK_MS = 250,   /* for machines that do much besides */
    LOOK_UP_MS = 1200 /* of a name that hangs */
};

/* In place of the C library's, for libcurl too: a name server that does not answer. */
__attribute__((visibility("default"))) int getaddrinfo(const char *node, const char *service,
                                                       const struct addrinfo *hints,
                                                       struct addrinfo **result)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    if (node != NULL && strcmp(node, "hangs.test") == 0) {
        usleep(LOOK_UP_MS * 1000);
        return EAI_AGAIN;
    }
    return real(node, service, hints, result);
}

/* A listener that accepts nothing, and whose queue is full: connecting to it hangs. */
typedef struct black_hole {
    int listener;
    int fillers[8];
    char url[64];
} black_hole;

static void black_hole_open(black_hole *hole)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    hole->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(hole->listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(hole->listener, 0), 0);
    assert_int_equal(getsockname(hole->listener, (struct sockaddr *)&address, &length), 0);
    for (int i = 0; i < 8; i++) {
        hole->fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(hole->fillers[i], (struct sockaddr *)&address, length);
    }
    snprintf(hole->url, sizeof(hole->url), "http://127.0.0.1:%d", ntohs(address.sin_port));
}

static void black_hole_close(black_hole *hole)
{
    for (int i = 0; i < 8; i++)
        close(hole->fillers[i]);
    close(hole->listener);
}

/* --- cancelling --- */

static atomic_int stopped; /* set by a thread or in a handler: these are lock-free */
static _Atomic int64_t stopped_ms;

static bool may_go_on(void *context)
{
    (void)context;
    return stopped == 0;
}

static void stop(int signal_number)
{
    (void)signal_number;
    stopped_ms = clock_ms(); /* clock_gettime is safe in handlers */
    stopped = 1;
}

static void *stop_later(void *context)
{
    usleep((useconds_t) * (const int *)context * 1000);
    stop(0);
    return NULL;
}

typedef struct target {
    const char *what;
    char url[256];
    int after_ms; /* when the flag is set */
    int attempts; /* at most; -1: any number */
} target;

/* By another thread, or by the handler of a timer's signal. */
static void expect_cancelled(const target *t, bool by_signal)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_client(NULL);
    caws_call_info info = {0};
    const caws_call_options options = {.keep_going = may_go_on, .info = &info};
    pthread_t thread;
    stopped = 0;
    if (by_signal) {
        const struct itimerval once = {
            .it_value = {t->after_ms / 1000, (suseconds_t)(t->after_ms % 1000) * 1000}};
        signal(SIGALRM, stop);
        assert_int_equal(setitimer(ITIMER_REAL, &once, NULL), 0);
    } else {
        assert_int_equal(pthread_create(&thread, NULL, stop_later, (void *)&t->after_ms), 0);
    }
    caws_status status = call_url(client, t->url, &options, NULL, &error);
    int64_t late_ms = clock_ms() - stopped_ms;
    if (by_signal)
        signal(SIGALRM, SIG_DFL);
    else
        pthread_join(thread, NULL);
    if (status != CAWS_ERROR_CANCELLED)
        fail_msg("%s: %s: %s", t->what, error.code, error.message);
    print_message("cancelled by a %s during %s: %d ms\n", by_signal ? "signal" : "thread", t->what,
                  (int)late_ms);
    assert_true(late_ms >= 0 && late_ms < CANCEL_MS + SLACK_MS);
    assert_string_equal(error.code, "Cancelled");
    assert_false(error.retryable);
    assert_int_equal(error.attempts, t->attempts);
    assert_int_equal(info.attempts, t->attempts);
    caws_error_clear(&error);
    /* The client is as good as new. */
    assert_int_equal(call_path(client, "ok", NULL, &error), CAWS_OK);
    assert_int_equal(counters_of(client).failures, 1);
    caws_client_free(client);
}

static void calls_end_when_told(void **state)
{
    const char *fault = required_environment("CAWS_TEST_FAULT_URL");
    black_hole hole;
    (void)state;
    black_hole_open(&hole);
    target targets[] = {{.what = "connect", .after_ms = 150, .attempts = 1},
                        {.what = "the wait for an answer", .after_ms = 150, .attempts = 1},
                        {.what = "the answer's body", .after_ms = 200, .attempts = 1},
                        {.what = "the pause before a retry", .after_ms = 200, .attempts = 1},
                        {.what = "name look-up", .after_ms = 100, .attempts = 1}};
    for (int round = 0; round < 2; round++) {
        snprintf(targets[0].url, sizeof(targets[0].url), "%s", hole.url);
        snprintf(targets[1].url, sizeof(targets[1].url), "%s/slow/2", fault);
        snprintf(targets[2].url, sizeof(targets[2].url), "%s/drip/30", fault);
        snprintf(targets[3].url, sizeof(targets[3].url), "%s/script/pause%d.after~5000", fault,
                 round);
        snprintf(targets[4].url, sizeof(targets[4].url), "http://hangs.test/");
        for (int i = 0; i < 5; i++)
            expect_cancelled(&targets[i], round == 1);
    }
    black_hole_close(&hole);
}

static bool go_on_for_a_while(void *context)
{
    return clock_ms() < *(const int64_t *)context;
}

/* Of a stream that is its end, and no error: while it connects, waits, pauses or goes on. */
static void streams_end_when_told(void **state)
{
    static const char *const paths[] = {"slow/2", "script/streampause.after~5000",
                                        "stream-endless/10", "stream-silence"};
    static const char *const groups[] = {"/caws/group"};
    const caws_logs_start_live_tail_input input = {.log_group_identifiers = {groups, 1}};
    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        char url[256];
        snprintf(url, sizeof(url), "%s/%s", required_environment("CAWS_TEST_FAULT_URL"), paths[i]);
        const caws_client_options options = {.endpoint_url = url};
        caws_client *client = new_client(&options);
        int64_t until_ms = clock_ms() + 150;
        const caws_logs_start_live_tail_handler handler = {.context = &until_ms,
                                                           .keep_going = go_on_for_a_while};
        if (caws_logs_start_live_tail(client, &input, &handler, &error) != CAWS_OK)
            fail_msg("%s: %s", paths[i], error.message);
        assert_true(clock_ms() - until_ms < CANCEL_MS + SLACK_MS);
        assert_int_equal(counters_of(client).failures, 0);
        caws_client_free(client);
    }
}

static bool never(void *context)
{
    ++*(int *)context;
    return false;
}

static bool always(void *context)
{
    ++*(int *)context;
    return true;
}

static void the_flag_is_asked_from_the_start(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_client(NULL);
    int asked = 0;
    const caws_call_options no = {.keep_going = never, .context = &asked};
    const caws_call_options yes = {.keep_going = always, .context = &asked};
    (void)state;
    assert_int_equal(call_path(client, "slow/1", &no, &error), CAWS_ERROR_CANCELLED);
    assert_int_equal(asked, 1);
    asked = 0;
    assert_int_equal(call_path(client, "drip/5", &yes, &error), CAWS_OK);
    assert_in_range(asked, 4, 100); /* some 220 bytes, 5 ms each; a question every 50 ms */
    caws_error_clear(&error);
    caws_client_free(client);
}

/* --- deadlines --- */

static void expect_deadline(const char *what, const char *url, int32_t deadline_ms,
                            caws_status expected, int64_t least_ms, int64_t most_ms)
{
    caws_error error = CAWS_ERROR_INIT;
    const caws_client_options client_options = {.timeout_ms = 400};
    caws_client *client = new_client(&client_options);
    const caws_call_options options = {.deadline_ms = deadline_ms};
    int64_t began_ms = clock_ms();
    caws_status status = call_url(client, url, &options, NULL, &error);
    int64_t took_ms = clock_ms() - began_ms;
    if (status == CAWS_ERROR_TIMEOUT) {
        char message[80];
        snprintf(message, sizeof(message), "CreateExportTask: its deadline has passed after %d %s",
                 error.attempts, error.attempts == 1 ? "attempt" : "attempts");
        assert_string_equal(error.message, message);
        assert_true(error.retryable);
    }
    print_message("%s, deadline %d ms: %d ms, %s\n", what, (int)deadline_ms, (int)took_ms,
                  error.message);
    assert_int_equal(status, expected);
    assert_true(took_ms >= least_ms && took_ms <= most_ms + SLACK_MS);
    caws_error_clear(&error);
    caws_client_free(client);
}

static void one_deadline_for_all_attempts(void **state)
{
    const char *fault = required_environment("CAWS_TEST_FAULT_URL");
    char url[256];
    black_hole hole;
    (void)state;
    snprintf(url, sizeof(url), "%s/slow/2", fault);
    expect_deadline("a server that stalls", url, 200, CAWS_ERROR_TIMEOUT, 195, 200);
    /* The second attempt has what the first, of 400 ms, has left. */
    expect_deadline("two that stall", url, 650, CAWS_ERROR_TIMEOUT, 400, 650);
    snprintf(url, sizeof(url), "%s/drip/20", fault);
    expect_deadline("a body that drips", url, 200, CAWS_ERROR_TIMEOUT, 195, 200);
    black_hole_open(&hole);
    expect_deadline("connect", hole.url, 200, CAWS_ERROR_TIMEOUT, 195, 200);
    black_hole_close(&hole);
    expect_deadline("name look-up", "http://hangs.test/", 200, CAWS_ERROR_TIMEOUT, 195, 200);
    /* A pause that would be longer than what is left is not begun: the caller has the failure. */
    snprintf(url, sizeof(url), "%s/script/longpause.after~3000", fault);
    expect_deadline("a long pause", url, 500, CAWS_ERROR_HTTP, 0, 100);
    assert_int_equal(count_of("longpause"), 1);
    snprintf(url, sizeof(url), "%s/script/enough.503.after~100", fault);
    expect_deadline("enough time", url, 3000, CAWS_OK, 100, 1000);
}

/* An adaptive client whose service throttles may not send before the deadline. */
static void a_turn_has_to_come_in_time(void **state)
{
    const caws_client_options adaptive = {.retry_mode = CAWS_RETRY_ADAPTIVE, .max_attempts = 1};
    caws_client *client = new_client(&adaptive);
    const caws_call_options options = {.deadline_ms = 100};
    (void)state;
    for (int i = 0; i < 8; i++) {
        caws_error error = CAWS_ERROR_INIT;
        int64_t began_ms = clock_ms();
        caws_status status = call_path(client, "error-503-throttle", &options, &error);
        assert_true(status == CAWS_ERROR_SERVICE || status == CAWS_ERROR_TIMEOUT);
        assert_int_equal(error.attempts, status == CAWS_ERROR_SERVICE ? 1 : 0);
        assert_true(clock_ms() - began_ms < 100 + SLACK_MS);
        caws_error_clear(&error);
    }
    assert_true(counters_of(client).attempts < 8);
    caws_client_free(client);
}

/* A poll that hangs has the wait's own deadline, of a second at least. */
static void a_wait_ends_with_a_poll_that_hangs(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    char url[256];
    snprintf(url, sizeof(url), "%s/slow/3", required_environment("CAWS_TEST_FAULT_URL"));
    const caws_client_options options = {.endpoint_url = url};
    const caws_wait_options wait = {.timeout_ms = 300, .delay_ms = 10};
    caws_client *client = new_client(&options);
    int64_t began_ms = clock_ms();
    (void)state;
    assert_int_equal(caws_logs_wait_export_task_completed(client, NULL, &wait, NULL, &error),
                     CAWS_ERROR_TIMEOUT);
    int64_t took_ms = clock_ms() - began_ms;
    print_message("wait of 300 ms with a poll that hangs: %d ms, %s\n", (int)took_ms,
                  error.message);
    assert_true(took_ms >= 295 && took_ms < 1000 + SLACK_MS);
    caws_error_clear(&error);
    caws_client_free(client);
}

static int64_t cpu_ms(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

static void waiting_takes_no_cpu(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_client(NULL);
    int asked = 0;
    const caws_call_options plain = {.deadline_ms = 250};
    const caws_call_options asking = {.deadline_ms = 250, .keep_going = always, .context = &asked};
    (void)state;
    int64_t before_ms = cpu_ms();
    assert_int_equal(call_path(client, "slow/1", &plain, &error), CAWS_ERROR_TIMEOUT);
    assert_int_equal(call_path(client, "slow/1", &asking, &error), CAWS_ERROR_TIMEOUT);
    print_message("500 ms of waiting: %d ms of CPU\n", (int)(cpu_ms() - before_ms));
    assert_true(cpu_ms() - before_ms < 100);
    caws_error_clear(&error);
    caws_client_free(client);
}

/* --- options of one call --- */

static void own_headers_are_sent_and_signed(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_client(NULL);
    const caws_call_header headers[] = {{"X-Trace", "a  b "}, {"x-empty", ""}, {"Accept", "x/y"}};
    const caws_call_options options = {.headers = headers, .header_count = 3};
    (void)state;
    assert_int_equal(call_path(client, "script/own.503", &options, &error), CAWS_OK);
    assert_int_equal(call_path(client, "script/own", NULL, &error), CAWS_OK);
    caws_client_free(client);
    cJSON *records = records_of("own");
    assert_int_equal(cJSON_GetArraySize(records), 3);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(header_in(records, i, "x-trace"), "a  b");
        assert_string_equal(header_in(records, i, "x-empty"), "");
        assert_string_equal(header_in(records, i, "accept"), "x/y");
        assert_true(is_signed(records, i));
        const char *authorization = header_in(records, i, "authorization");
        assert_non_null(strstr(authorization, ";x-empty;x-trace"));
        assert_non_null(strstr(authorization, "SignedHeaders=accept;"));
    }
    assert_null(header_in(records, 2, "x-trace")); /* nor are they kept */
    cJSON_Delete(records);
}

/* What is signed is what is sent: libcurl leaves headers out whose values are blanks. */
static void blank_headers_are_empty_ones(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_client(NULL);
    const caws_call_header headers[] = {{"x-blank", " "}, {"x-blanks", "    "}};
    const caws_call_options options = {.headers = headers, .header_count = 2};
    (void)state;
    assert_int_equal(call_path(client, "script/blank", &options, &error), CAWS_OK);
    caws_client_free(client);
    cJSON *records = records_of("blank");
    assert_int_equal(cJSON_GetArraySize(records), 1);
    for (int i = 0; i < 2; i++) {
        const char *value = header_in(records, 0, headers[i].name);
        assert_non_null(value);
        assert_string_equal(value, "");
    }
    assert_true(is_signed(records, 0));
    cJSON_Delete(records);
}

/* A call that cannot be made leaves nothing of before in it. */
static void infos_of_calls_without_a_client_are_empty(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_call_info info = {.attempts = 7, .http_status = 200, .request_id = "of before"};
    const caws_call_options options = {.info = &info};
    (void)state;
    assert_int_equal(call_path(NULL, "ok", &options, &error), CAWS_ERROR_CONFIGURATION);
    assert_int_equal(info.attempts, 0);
    assert_int_equal(info.http_status, 0);
    assert_string_equal(info.request_id, "");
    caws_error_clear(&error);
}

static void bad_headers_are_refused(void **state)
{
    static const caws_call_header bad[] = {{NULL, "x"},
                                           {"x", NULL},
                                           {"", "x"},
                                           {"a b", "x"},
                                           {"a:", "x"},
                                           {"a\r\nb", "x"},
                                           {"x", "a\r\nEvil: 1"},
                                           {"x", "a\nb"},
                                           {"x", "\x7f"},
                                           {"\xc3\xa4", "x"},
                                           {"Host", "evil"},
                                           {"authorization", "x"},
                                           {"accept-encoding", "gzip"},
                                           {"X-AMZ-DATE", "x"},
                                           {"x-amz-security-token", "x"},
                                           {"X-Amz-Target", "x"},
                                           {"content-type", "x"},
                                           {"Content-Length", "5"},
                                           {"transfer-encoding", "chunked"},
                                           {"user-agent", "x"},
                                           {"amz-sdk-request", "x"},
                                           {"amz-sdk-invocation-id", "x"},
                                           {"Expect", "x"},
                                           {"connection", "close"},
                                           {"accept-encoding", "gzip"},
                                           {"X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"}};
    caws_call_header many[9];
    caws_client *client = new_client(NULL);
    caws_error error = CAWS_ERROR_INIT;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const caws_call_header headers[] = {{"x-good", "1"}, bad[i]};
        const caws_call_options options = {.headers = headers, .header_count = 2};
        if (call_path(client, "ok", &options, &error) != CAWS_ERROR_INVALID_INPUT)
            fail_msg("header %zu is taken", i);
        assert_non_null(strstr(error.message, "headers[1]"));
        assert_int_equal(error.attempts, 0);
    }
    const caws_call_header twice[] = {{"x-twice", "1"}, {"X-Twice", "2"}};
    const caws_call_options doubled = {.headers = twice, .header_count = 2};
    assert_int_equal(call_path(client, "ok", &doubled, &error), CAWS_ERROR_INVALID_INPUT);
    for (int i = 0; i < 9; i++)
        many[i] = (caws_call_header){
            (const char *const[]){"a", "b", "c", "d", "e", "f", "g", "h", "i"}[i], "1"};
    const caws_call_options nine = {.headers = many, .header_count = 9};
    assert_int_equal(call_path(client, "ok", &nine, &error), CAWS_ERROR_INVALID_INPUT);
    const caws_call_options eight = {.headers = many, .header_count = 8};
    assert_int_equal(call_path(client, "ok", &eight, &error), CAWS_OK);
    caws_error_clear(&error);
    caws_client_free(client);
}

static void a_call_may_go_elsewhere(void **state)
{
    static const char *const bad[] = {"no url", "ftp://127.0.0.1/", "http://", "http://a b/"};
    caws_error error = CAWS_ERROR_INIT;
    const caws_client_options options = {.endpoint_url = "http://127.0.0.1:1", .max_attempts = 1};
    caws_client *client = new_client(&options);
    (void)state;
    assert_int_equal(call_path(client, "script/elsewhere", NULL, &error), CAWS_OK);
    char *task_id = NULL;
    assert_int_equal(create_task(client, &task_id, &error), CAWS_ERROR_CONNECTION);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        caws_status status = call_url(client, bad[i], NULL, NULL, &error);
        if (status != CAWS_ERROR_ENDPOINT && status != CAWS_ERROR_CONFIGURATION)
            fail_msg("%s: %s: %s", bad[i], error.code, error.message);
        assert_int_equal(error.attempts, 0);
    }
    caws_error_clear(&error);
    caws_client_free(client);
    cJSON *records = records_of("elsewhere");
    assert_true(is_signed(records, 0));
    cJSON_Delete(records);
}

static void count_line(void *context, caws_log_level level, const char *line)
{
    (void)level;
    (void)line;
    ++*(int *)context;
}

static void a_call_may_log_elsewhere(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    int client_lines = 0;
    int call_lines = 0;
    const caws_client_options options = {.log = count_line, .log_context = &client_lines};
    const caws_call_options call = {.log_context = &call_lines};
    caws_client *client = new_client(&options);
    (void)state;
    assert_int_equal(call_path(client, "script/elog.503", &call, &error), CAWS_OK);
    assert_int_equal(call_lines, 2);
    assert_int_equal(client_lines, 0);
    assert_int_equal(call_path(client, "status/400", &call, &error), CAWS_ERROR_HTTP);
    assert_int_equal(call_lines, 4); /* the attempt, and the failure */
    assert_int_equal(call_path(client, "ok", NULL, &error), CAWS_OK);
    assert_int_equal(client_lines, 1);
    assert_int_equal(call_lines, 4);
    caws_error_clear(&error);
    caws_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_end_when_told),
        cmocka_unit_test(streams_end_when_told),
        cmocka_unit_test(the_flag_is_asked_from_the_start),
        cmocka_unit_test(one_deadline_for_all_attempts),
        cmocka_unit_test(a_turn_has_to_come_in_time),
        cmocka_unit_test(a_wait_ends_with_a_poll_that_hangs),
        cmocka_unit_test(waiting_takes_no_cpu),
        cmocka_unit_test(own_headers_are_sent_and_signed),
        cmocka_unit_test(blank_headers_are_empty_ones),
        cmocka_unit_test(infos_of_calls_without_a_client_are_empty),
        cmocka_unit_test(bad_headers_are_refused),
        cmocka_unit_test(a_call_may_go_elsewhere),
        cmocka_unit_test(a_call_may_log_elsewhere),
    };
    return cmocka_run_group_tests_name("cancel", tests, NULL, NULL);
}
