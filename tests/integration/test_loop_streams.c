/* Event streams without waiting: beside other calls, driven, ended and broken off in every way. See
 * test_streams.c for what may come in a stream. */
#include <sys/wait.h>
#include <unistd.h>

#include "poll_loop.h"
#include "script.h"
#include "tail.h"

/* A stream, and how it ended. */
typedef struct tailing {
    heard heard;
    int times;         /* that done came */
    int events_before; /* done */
    caws_status status;
    int attempts;
    bool retryable;
    char message[256];
    int64_t ended_ms;
    caws_pending *call;
} tailing;

static void note_end(void *context, void *output, const caws_error *error)
{
    tailing *t = context;
    assert_null(output);
    t->times++;
    t->events_before = t->heard.events;
    t->status = error->status;
    t->attempts = error->attempts;
    t->retryable = error->retryable;
    t->ended_ms = now_ms();
    snprintf(t->message, sizeof(t->message), "%s", error->message);
}

/* At a path of the fault server. options may be NULL. */
static void start_with_options(caws_loop *loop, tailing *t, const char *path,
                               const caws_call_options *options)
{
    char url[256];
    caws_call_options own = options != NULL ? *options : (caws_call_options){0};
    snprintf(url, sizeof(url), "%s/%s", required_environment("CAWS_TEST_FAULT_URL"), path);
    own.endpoint_url = url;
    t->call = start_tail(loop, &t->heard, &own, note_end, t);
    memset(url, 'X', sizeof(url) - 1);
    memset(&own, 0xff, sizeof(own));
}

static void start_path(caws_loop *loop, tailing *t, const char *path)
{
    start_with_options(loop, t, path, NULL);
}

static void assert_tail(const tailing *t, caws_status status, const char *message)
{
    if (t->times != 1 || t->status != status || strstr(t->message, message) == NULL)
        fail_msg("%d callbacks, %s: %s; not %s: %s", t->times, caws_status_string(t->status),
                 t->message, caws_status_string(status), message);
    assert_int_equal(t->heard.events, t->events_before); /* nothing came after the end */
}

static void run_until_events(caws_loop *loop, const tailing *t, int events)
{
    for (int64_t began = now_ms(); t->heard.events < events && t->times == 0;) {
        (void)caws_loop_run(loop, 5);
        assert_in_range(now_ms() - began, 0, A_WHILE_MS);
    }
    assert_int_equal(t->times, 0);
}

/* --- beside others --- */

static void streams_run_beside_calls(void **state)
{
    enum { CALLS = 20 };
    ending calls[CALLS] = {{.name = ""}};
    tailing streams[3] = {{.times = 0}};
    caws_client *client = new_crowd_client(NULL);
    caws_loop *loop = new_loop(client, NULL);
    (void)state;
    start_path(loop, &streams[0], "stream-endless/5");
    start_path(loop, &streams[1], "stream-silence");
    start_path(loop, &streams[2], "stream-endless/20");
    streams[2].heard.stop_after = 12;
    for (int i = 0; i < CALLS; i++) {
        snprintf(calls[i].name, sizeof(calls[i].name), "beside-%d", i);
        start_at(loop, &calls[i], i % 2 == 0 ? "delay/0" : "delay/100");
    }
    run_down_to(loop, 2, A_WHILE_MS); /* the calls, and the stream that its handler ends */
    for (int i = 0; i < CALLS; i++)
        assert_ended_well(&calls[i]);
    assert_tail(&streams[2], CAWS_OK, "");
    assert_int_equal(streams[2].heard.events, 12);
    assert_true(streams[0].heard.events > 12);
    assert_string_equal(streams[1].heard.text, ONE);
    int events = streams[0].heard.events;
    run_until_events(loop, &streams[0], events + 10); /* it goes on */
    caws_loop_cancel(streams[0].call);
    caws_loop_cancel(streams[1].call);
    run_all(loop, A_WHILE_MS);
    assert_tail(&streams[0], CAWS_ERROR_CANCELLED, "StartLiveTail");
    assert_tail(&streams[1], CAWS_ERROR_CANCELLED, "StartLiveTail");
    assert_string_equal(streams[1].heard.text, ONE);
    caws_loop_free(loop);
    caws_client_free(client);
}

/* The calls behind a stream get its connection when it has ended. */
static void a_stream_holds_its_connection(void **state)
{
    ending call = {.name = "behind"};
    tailing t = {.heard = {.stop_after = 10}};
    caws_client *client = new_crowd_client(NULL);
    caws_loop *loop = new_loop(client, &(caws_loop_options){.max_connections = 1});
    (void)state;
    start_path(loop, &t, "stream-endless/20");
    run_until_events(loop, &t, 1);
    start_at(loop, &call, "delay/0");
    run_until_events(loop, &t, 5);
    assert_int_equal(call.times, 0);
    run_all(loop, A_WHILE_MS);
    assert_tail(&t, CAWS_OK, "");
    assert_ended_well(&call);
    caws_loop_free(loop);
    caws_client_free(client);
}

static void every_event_loop_drives_streams(void **state)
{
    static const int kinds[] = {POLITE, SPURIOUS, LATE, NOISY, LATE | SPURIOUS | NOISY};
    (void)state;
    for (size_t m = 0; m < sizeof(kinds) / sizeof(kinds[0]); m++) {
        enum { CALLS = 10 };
        ending calls[CALLS] = {{.name = ""}};
        tailing streams[6] = {{.times = 0}};
        caws_client *client =
            new_crowd_client(&(caws_client_options){.timeout_ms = 600, .max_attempts = 2});
        driver *d = new_driver(client, kinds[m]);
        streams[0].heard.stop_after = 15;
        streams[2].heard.stop_asked = 3;
        start_path(d->loop, &streams[0], "stream-endless/10");
        start_path(d->loop, &streams[1], "stream-frames");
        start_path(d->loop, &streams[2], "slow/20");
        start_path(d->loop, &streams[3], "stream-silence/100");
        start_path(d->loop, &streams[4], "stream-chunked-cut");
        start_with_options(d->loop, &streams[5], "stream-endless/5",
                           &(caws_call_options){.deadline_ms = 300});
        for (int i = 0; i < CALLS; i++)
            start_at(d->loop, &calls[i], "delay/50");
        assert_int_equal(drive(d, calls, CALLS, A_WHILE_MS), 0);
        int64_t until = now_ms() + A_WHILE_MS;
        for (int ended = 0; ended < 6 && now_ms() < until;) {
            turn(d, until);
            ended = 0;
            for (int i = 0; i < 6; i++)
                ended += streams[i].times;
        }
        for (int i = 0; i < CALLS; i++)
            assert_ended_well(&calls[i]);
        assert_tail(&streams[0], CAWS_OK, "");
        assert_int_equal(streams[0].heard.events, 15);
        assert_tail(&streams[1], CAWS_OK, "");
        assert_string_equal(streams[1].heard.text, ALL);
        assert_tail(&streams[2], CAWS_OK, "");
        assert_int_equal(streams[2].heard.asked, 3);
        assert_tail(&streams[3], CAWS_ERROR_TIMEOUT, "the stream was silent for more than 600 ms");
        assert_tail(&streams[4], CAWS_ERROR_RESPONSE_TRUNCATED, "");
        assert_tail(&streams[5], CAWS_ERROR_TIMEOUT, "its deadline has passed in the stream");
        free_driver(d);
        caws_client_free(client);
    }
}

/* A stream in which nothing comes wakes its loop for nothing but its handler's keep_going. */
static void silence_costs_nothing(void **state)
{
    const caws_logs_start_live_tail_input input = tail_input();
    tailing t = {.times = 0};
    caws_client *client = new_fault_client("stream-silence", NULL);
    driver *d = new_driver(client, POLITE);
    (void)state;
    caws_logs_start_live_tail_handler handler = tail_handler(&t.heard);
    handler.keep_going = NULL;
    t.call = caws_loop_start_stream(d->loop, &caws_stream_logs_start_live_tail, &input, &handler,
                                    NULL, note_end, &t, NULL);
    assert_non_null(t.call);
    for (int64_t until = now_ms() + A_WHILE_MS; t.heard.events < 2 && now_ms() < until;)
        turn(d, until);
    assert_string_equal(t.heard.text, ONE);
    int acts = d->acts + d->timer_acts;
    for (int64_t until = now_ms() + 500; now_ms() < until;)
        turn(d, until);
    assert_in_range(d->acts + d->timer_acts - acts, 0, 3);
    free_driver(d);
    assert_tail(&t, CAWS_ERROR_CANCELLED, "");
    caws_client_free(client);
}

/* --- ends --- */

static void a_handler_ends_its_stream(void **state)
{
    caws_client *client = new_fault_client("ok", NULL);
    caws_loop *loop = new_loop(client, NULL);
    tailing streams[5] = {{.heard = {.stop_after = 1}},
                          {.heard = {.stop_after = 3}},
                          {.heard = {.stop_asked = 1}},
                          {.heard = {.stop_asked = 3}},
                          {.heard = {.stop_after = 2}}};
    (void)state;
    start_path(loop, &streams[0], "stream-endless/1");
    start_path(loop, &streams[1], "stream-endless/1");
    start_path(loop, &streams[2], "slow/20");
    start_path(loop, &streams[3], "stream-silence");
    start_path(loop, &streams[4], "stream"); /* with more of them in the same bytes */
    run_all(loop, A_WHILE_MS);
    for (int i = 0; i < 5; i++)
        assert_tail(&streams[i], CAWS_OK, "");
    assert_int_equal(streams[0].heard.events, 1);
    assert_int_equal(streams[1].heard.events, 3);
    assert_int_equal(streams[2].heard.asked, 1);
    assert_int_equal(streams[3].heard.asked, 3);
    assert_string_equal(streams[4].heard.text, ONE);
    caws_loop_free(loop);
    caws_client_free(client);
}

static void streams_can_be_cancelled(void **state)
{
    caws_client *client = new_client(NULL);
    caws_loop *loop = new_loop(client, NULL);
    tailing t[4] = {{.times = 0}};
    (void)state;
    start_path(loop, &t[0], "stream"); /* before anything was sent */
    caws_loop_cancel(t[0].call);
    start_path(loop, &t[1], "slow/20"); /* before the answer */
    start_path(loop, &t[2], "stream-endless/1");
    start_path(loop, &t[3], "script/cancelled-pause.after~5000.stream"); /* before the retry */
    run_until_events(loop, &t[2], 20);
    for (int i = 1; i < 4; i++) {
        assert_int_equal(t[i].times, 0);
        caws_loop_cancel(t[i].call);
        caws_loop_cancel(t[i].call); /* once is enough */
    }
    int events = t[2].heard.events;
    run_all(loop, A_WHILE_MS);
    for (int i = 0; i < 4; i++)
        assert_tail(&t[i], CAWS_ERROR_CANCELLED, "");
    assert_int_equal(t[2].heard.events, events);
    assert_int_equal(t[0].heard.events + t[1].heard.events + t[3].heard.events, 0);
    caws_loop_free(loop);
    caws_client_free(client);
}

static void a_loop_is_freed_in_the_middle(void **state)
{
    static const char *const paths[] = {"stream-endless/1", "stream-silence", "slow/20", "stream",
                                        "stream-large/100000"};
    (void)state;
    for (int after = 0; after < 4; after++) {
        caws_client *client = new_fault_client("ok", NULL);
        caws_loop *loop = new_loop(client, NULL);
        tailing t[5] = {{.times = 0}};
        for (int i = 0; i < 5; i++)
            start_path(loop, &t[i], paths[i]);
        (void)caws_loop_run(loop, after * after * 10);
        caws_loop_free(loop);
        for (int i = 0; i < 5; i++)
            if (t[i].status != CAWS_OK || i < 3)
                assert_tail(&t[i], CAWS_ERROR_CANCELLED, "");
            else
                assert_tail(&t[i], CAWS_OK, "");
        caws_client_free(client);
    }
}

/* A child of fork gives back what it has of the parent's streams, and tells nobody. */
static void a_child_frees_the_parents_streams(void **state)
{
    caws_client *client = new_fault_client("ok", NULL);
    caws_loop *loop = new_loop(client, NULL);
    tailing t = {.times = 0};
    int status = -1;
    (void)state;
    start_path(loop, &t, "stream-endless/5");
    run_until_events(loop, &t, 5);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        int events = t.heard.events;
        caws_loop_free(loop);
        caws_client_free(client);
        _exit(t.times == 0 && t.heard.events == events ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    run_until_events(loop, &t, t.heard.events + 20); /* the parent's goes on */
    caws_loop_free(loop);
    assert_tail(&t, CAWS_ERROR_CANCELLED, "");
    caws_client_free(client);
}

/* --- attempts, time --- */

typedef struct retry_case {
    const char *steps;
    caws_status status;
    int requests;
    const char *heard;
} retry_case;

static void only_streams_that_have_not_begun_are_repeated(void **state)
{
    static const retry_case cases[] = {
        {"503.stream", CAWS_OK, 2, ALL},
        {"reset.503.stream", CAWS_OK, 3, ALL},
        {"error~ThrottlingException.stream", CAWS_OK, 2, ALL},
        {"error~AccessDeniedException.stream", CAWS_ERROR_SERVICE, 1, ""},
        {"503.503.503.stream", CAWS_ERROR_SERVICE, 3, ""},
        {"stream-reset.stream", CAWS_ERROR_CONNECTION, 1, ALL},
        {"stream-chunked-cut.stream", CAWS_ERROR_RESPONSE_TRUNCATED, 1, ALL},
        {"stream-error-throttle.stream", CAWS_ERROR_SERVICE, 1, ""},
        {"503.stream-error.stream", CAWS_ERROR_SERVICE, 2, "start session-1; "},
    };
    enum { CASES = sizeof(cases) / sizeof(cases[0]) };
    tailing t[CASES] = {{.times = 0}};
    caws_client *client = new_client(NULL);
    caws_loop *loop = new_loop(client, NULL);
    (void)state;
    for (int i = 0; i < CASES; i++) {
        char path[128];
        snprintf(path, sizeof(path), "script/started-%d.%s", i, cases[i].steps);
        start_path(loop, &t[i], path);
    }
    run_all(loop, A_WHILE_MS);
    for (int i = 0; i < CASES; i++) {
        char name[32];
        snprintf(name, sizeof(name), "started-%d", i);
        if (cases[i].status != CAWS_ERROR_SERVICE || t[i].status != CAWS_ERROR_HTTP)
            assert_tail(&t[i], cases[i].status, "");
        assert_string_equal(t[i].heard.text, cases[i].heard);
        assert_int_equal(count_of(name), cases[i].requests);
        if (cases[i].status != CAWS_OK)
            assert_int_equal(t[i].attempts, cases[i].requests);
    }
    caws_loop_free(loop);
    caws_client_free(client);
}

static void silent_streams_time_out(void **state)
{
    caws_client *client = new_fault_client("ok", &(caws_client_options){.timeout_ms = 400});
    caws_loop *loop = new_loop(client, NULL);
    tailing t[3] = {{.times = 0}};
    int64_t began = now_ms();
    (void)state;
    t[2].heard.stop_after = 40;
    start_path(loop, &t[0], "stream-silence/200");
    start_path(loop, &t[1], "slow/20");
    start_path(loop, &t[2], "stream-endless/30"); /* longer than the time-out, never silent */
    run_all(loop, A_WHILE_MS);
    assert_tail(&t[0], CAWS_ERROR_TIMEOUT, "the stream was silent for more than 400 ms");
    assert_true(t[0].retryable);
    assert_in_range(t[0].ended_ms - began, 590, 3000);
    assert_string_equal(t[0].heard.text, ONE);
    assert_tail(&t[1], CAWS_ERROR_TIMEOUT, "no answer within 400 ms");
    assert_tail(&t[2], CAWS_OK, "");
    assert_in_range(t[2].ended_ms - began, 1000, A_WHILE_MS);
    caws_loop_free(loop);
    caws_client_free(client);
}

/* A deadline is for the whole call: it does not wait for the end of a stream. */
static void deadlines_end_streams(void **state)
{
    const caws_call_options short_one = {.deadline_ms = 400};
    const caws_call_options long_one = {.deadline_ms = 30000};
    caws_client *client = new_fault_client("ok", NULL);
    caws_loop *loop = new_loop(client, NULL);
    tailing t[4] = {{.times = 0}};
    int64_t began = now_ms();
    (void)state;
    start_with_options(loop, &t[0], "stream-endless/5", &short_one);
    start_with_options(loop, &t[1], "stream-silence", &short_one);
    start_with_options(loop, &t[2], "slow/20", &short_one);
    start_with_options(loop, &t[3], "stream", &long_one);
    run_all(loop, A_WHILE_MS);
    assert_tail(&t[0], CAWS_ERROR_TIMEOUT,
                "StartLiveTail: its deadline has passed in the stream, after 1 attempt");
    assert_true(t[0].heard.events > 10);
    assert_tail(&t[1], CAWS_ERROR_TIMEOUT, "has passed in the stream, after 1 attempt");
    assert_string_equal(t[1].heard.text, ONE);
    assert_tail(&t[2], CAWS_ERROR_TIMEOUT, "its deadline has passed after 1 attempt");
    for (int i = 0; i < 3; i++)
        assert_in_range(t[i].ended_ms - began, 390, 3000);
    assert_tail(&t[3], CAWS_OK, "");
    caws_loop_free(loop);
    caws_client_free(client);
}

/* --- options --- */

static bool twice(void *context)
{
    return ++*(int *)context < 3;
}

/* The call's keep_going is one of a call: cancelled. Its handler's is not asked any more then. */
static void both_keep_goings_are_asked(void **state)
{
    caws_client *client = new_fault_client("ok", NULL);
    caws_loop *loop = new_loop(client, NULL);
    tailing t[2] = {{.times = 0}};
    int asked[2] = {0, -1000};
    (void)state;
    t[1].heard.stop_asked = 4;
    for (int i = 0; i < 2; i++)
        start_with_options(loop, &t[i], "stream-silence",
                           &(caws_call_options){.keep_going = twice, .context = &asked[i]});
    run_all(loop, A_WHILE_MS);
    assert_tail(&t[0], CAWS_ERROR_CANCELLED, "the caller stopped it");
    assert_int_equal(asked[0], 3);
    assert_int_equal(t[0].heard.asked, 2);
    assert_tail(&t[1], CAWS_OK, "");
    assert_int_equal(asked[1], -1000 + 4);
    caws_loop_free(loop);
    caws_client_free(client);
}

static void info_tells_of_a_stream(void **state)
{
    caws_client *client = new_client(NULL);
    caws_loop *loop = new_loop(client, NULL);
    tailing t[2] = {{.times = 0}};
    caws_call_info info[2];
    (void)state;
    memset(info, 0x55, sizeof(info));
    t[1].heard.stop_after = 1;
    start_with_options(loop, &t[0], "script/info.503.stream", &(caws_call_options){.info = info});
    start_with_options(loop, &t[1], "stream-endless/1", &(caws_call_options){.info = info + 1});
    run_all(loop, A_WHILE_MS);
    for (int i = 0; i < 2; i++) {
        assert_tail(&t[i], CAWS_OK, "");
        assert_int_equal(info[i].attempts, 2 - i);
        assert_int_equal(info[i].http_status, 200);
        assert_string_equal(info[i].request_id, "00000000-0000-4000-8000-000000000001");
    }
    caws_loop_free(loop);
    caws_client_free(client);
}

/* --- starting --- */

static void what_cannot_be_started_is_told_at_once(void **state)
{
    const caws_stream *stream = &caws_stream_logs_start_live_tail;
    const caws_logs_start_live_tail_input input = tail_input();
    const caws_call_options negative = {.deadline_ms = -1};
    tailing t = {.times = 0};
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_fault_client("stream", NULL);
    caws_loop *loop = new_loop(client, NULL);
    const caws_logs_start_live_tail_handler handler = tail_handler(&t.heard);
    (void)state;
    assert_null(caws_loop_start_stream(loop, stream, NULL, &handler, NULL, note_end, &t, &error));
    assert_int_equal(error.status, CAWS_ERROR_INVALID_INPUT);
    assert_string_equal(error.violations[0].path, "logGroupIdentifiers");
    assert_null(
        caws_loop_start_stream(loop, stream, &input, &handler, &negative, note_end, &t, &error));
    assert_non_null(strstr(error.message, "deadline_ms"));
    caws_error_clear(&error);
    assert_null(caws_loop_start_stream(NULL, stream, &input, &handler, NULL, note_end, &t, &error));
    assert_int_equal(error.status, CAWS_ERROR_INVALID_INPUT);
    assert_int_equal(caws_loop_run(loop, 0), 0);
    assert_int_equal(t.times, 0);
    /* Nobody has to listen, neither to the events nor to the end. */
    assert_non_null(caws_loop_start_stream(loop, stream, &input, NULL, NULL, NULL, NULL, NULL));
    assert_non_null(caws_loop_start_stream(loop, stream, &input, NULL, NULL, note_end, &t, &error));
    run_all(loop, A_WHILE_MS);
    assert_tail(&t, CAWS_OK, "");
    caws_error_clear(&error);
    caws_loop_free(loop);
    caws_client_free(client);
}

/* Each end starts the next, as a program does that never stops to listen. */
typedef struct chain {
    tailing tail;
    caws_loop *loop;
    int left;
    ending call; /* besides, an ordinary one */
} chain;

static void start_next(void *context, void *output, const caws_error *error)
{
    chain *c = context;
    assert_null(output);
    assert_int_equal(error->status, CAWS_OK);
    assert_string_equal(c->tail.heard.text, ALL);
    c->tail.heard = (heard){.events = 0};
    if (--c->left > 0)
        start_tail(c->loop, &c->tail.heard, NULL, start_next, c);
    else
        start_at(c->loop, &c->call, "delay/0"); /* with what a stream has left behind */
}

static void an_end_may_start_a_stream(void **state)
{
    caws_client *client = new_fault_client("stream", NULL);
    chain c = {.loop = new_loop(client, NULL), .left = 20};
    (void)state;
    start_tail(c.loop, &c.tail.heard, NULL, start_next, &c);
    run_all(c.loop, A_WHILE_MS);
    assert_int_equal(c.left, 0);
    assert_ended_well(&c.call);
    caws_loop_free(c.loop);
    caws_client_free(client);
}

static void many_streams_at_once(void **state)
{
    enum { STREAMS = 60 };
    static tailing t[STREAMS];
    caws_client *client = new_fault_client("ok", NULL);
    caws_loop *loop = new_loop(client, NULL);
    (void)state;
    memset(t, 0, sizeof(t));
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < STREAMS; i++) {
            t[i] = (tailing){.heard = {.stop_after = 3 + i % 5}};
            start_path(loop, &t[i], i % 3 == 0 ? "stream-drip" : "stream-endless/2");
        }
        run_all(loop, A_WHILE_MS);
        for (int i = 0; i < STREAMS; i++) {
            assert_tail(&t[i], CAWS_OK, "");
            assert_int_equal(t[i].heard.events, i % 3 != 0 || i % 5 == 0 ? 3 + i % 5 : 4);
        }
    }
    caws_loop_free(loop);
    caws_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_run_beside_calls),
        cmocka_unit_test(a_stream_holds_its_connection),
        cmocka_unit_test(every_event_loop_drives_streams),
        cmocka_unit_test(silence_costs_nothing),
        cmocka_unit_test(a_handler_ends_its_stream),
        cmocka_unit_test(streams_can_be_cancelled),
        cmocka_unit_test(a_loop_is_freed_in_the_middle),
        cmocka_unit_test(a_child_frees_the_parents_streams),
        cmocka_unit_test(only_streams_that_have_not_begun_are_repeated),
        cmocka_unit_test(silent_streams_time_out),
        cmocka_unit_test(deadlines_end_streams),
        cmocka_unit_test(both_keep_goings_are_asked),
        cmocka_unit_test(info_tells_of_a_stream),
        cmocka_unit_test(what_cannot_be_started_is_told_at_once),
        cmocka_unit_test(an_end_may_start_a_stream),
        cmocka_unit_test(many_streams_at_once),
    };
    return cmocka_run_group_tests_name("streams in loops", tests, NULL, NULL);
}
