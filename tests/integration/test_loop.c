/* Calls without waiting, driven by caws_loop_run. */
#include "loop_calls.h"

enum { A_WHILE_MS = 20000 }; /* far more than anything here takes */

static void each_call_gets_its_own_answer(void **state)
{
    enum { CALLS = 300 };
    static ending calls[CALLS];
    caws_client *client = new_crowd_client(NULL);
    caws_loop *loop = new_loop(client, NULL);
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < CALLS; i++) {
            char path[32];
            calls[i] = (ending){.times = 0};
            snprintf(calls[i].name, sizeof(calls[i].name), "call-%d-%d", round, i);
            snprintf(path, sizeof(path), "delay/%d", i * 37 % 60);
            start_at(loop, &calls[i], path);
            assert_int_equal(calls[i].times, 0); /* never from within the start */
        }
        assert_in_range(caws_loop_run(loop, 0), 1, CALLS);
        run_all(loop, A_WHILE_MS);
        for (int i = 0; i < CALLS; i++)
            assert_ended_well(&calls[i]);
    }
    caws_client_counters counters;
    caws_client_count(client, &counters);
    assert_int_equal(counters.calls, 3 * CALLS);
    assert_int_equal(counters.attempts, 3 * CALLS);
    assert_int_equal(counters.failures, 0);
    assert_in_range(counters.connections_opened, 1, 256); /* the default of max_connections */
    caws_loop_free(loop);
    for (int i = 0; i < CALLS; i++)
        assert_int_equal(calls[i].times, 1);
    caws_client_free(client);
}

static void calls_end_as_they_are_answered(void **state)
{
    ending calls[5] = {0};
    int total = 0;
    caws_client *client = new_crowd_client(NULL);
    caws_loop *loop = new_loop(client, NULL);
    (void)state;
    for (int i = 0; i < 5; i++) {
        char path[32];
        snprintf(path, sizeof(path), "delay/%d", 750 - 150 * i);
        calls[i].total = &total;
        start_at(loop, &calls[i], path);
    }
    run_all(loop, A_WHILE_MS);
    for (int i = 0; i < 5; i++)
        assert_int_equal(calls[i].order, 5 - i);
    caws_loop_free(loop);
    caws_client_free(client);
}

/* --- what run returns, and when --- */

static void run_keeps_to_its_time(void **state)
{
    ending call = {0};
    caws_client *client = new_crowd_client(NULL);
    caws_loop *loop = new_loop(client, NULL);
    (void)state;
    int64_t began = now_ms();
    assert_int_equal(caws_loop_run(loop, -1), 0); /* nothing to wait for */
    assert_int_equal(caws_loop_run(loop, A_WHILE_MS), 0);
    assert_in_range(now_ms() - began, 0, 1000);

    start_at(loop, &call, "delay/1500");
    began = now_ms();
    assert_int_equal(caws_loop_run(loop, 0), 1);
    assert_in_range(now_ms() - began, 0, 1000);
    assert_int_equal(caws_loop_run(loop, 200), 1);
    assert_in_range(now_ms() - began, 200, 1400);
    assert_int_equal(call.times, 0);
    assert_int_equal(caws_loop_run(loop, INT64_MAX), 0); /* a sum that must not overflow */
    assert_in_range(now_ms() - began, 1490, 5000);
    assert_ended_well(&call);

    start_at(loop, &call, "delay/100");
    assert_int_equal(caws_loop_run(loop, INT64_MIN), 0); /* as -1 */
    assert_int_equal(call.times, 2);

    /* No waiting at all: the program turns it between other things. */
    call.times = 0;
    start_at(loop, &call, "delay/100");
    for (int i = 0; i < 10000 && caws_loop_run(loop, 0) > 0; i++)
        sleep_ms(1);
    assert_ended_well(&call);
    caws_loop_free(loop);
    caws_client_free(client);
}

static int64_t cpu_ms(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

static bool is_patient(void *context)
{
    (void)context;
    return true;
}

/* Without it a loop may turn at full speed until the answers come, and nobody notices. */
static void waiting_costs_nothing(void **state)
{
    enum { CALLS = 20, VALGRIND = 20 }; /* which makes everything that much slower */
    ending calls[CALLS] = {0};
    caws_client *client = new_crowd_client(NULL);
    caws_loop *loop = new_loop(client, NULL);
    char url[256];
    (void)state;
    snprintf(url, sizeof(url), "%s/delay/1500", required_environment("CAWS_TEST_CROWD_URL"));
    const caws_call_options options = {.endpoint_url = url, .keep_going = is_patient};
    for (int i = 0; i < CALLS; i++)
        start_with(loop, &calls[i], &options, note_ending);
    assert_int_equal(caws_loop_run(loop, 500), CALLS);
    int64_t before = cpu_ms();
    assert_int_equal(caws_loop_run(loop, 500), CALLS);
    assert_in_range(cpu_ms() - before, 0, 10 * VALGRIND);
    run_all(loop, A_WHILE_MS);
    caws_loop_free(loop);

    const caws_logs_create_export_task_input input = valid_input();
    before = cpu_ms();
    assert_int_equal(caws_call_with(client, &caws_operation_logs_create_export_task, &input,
                                    &options, NULL, NULL),
                     CAWS_OK);
    assert_in_range(cpu_ms() - before, 0, 20 * VALGRIND);
    caws_client_free(client);
}

/* --- callbacks that use the loop --- */

typedef struct chain {
    caws_loop *loop;
    int left;
    int ended;
    int width; /* calls that each callback starts */
} chain;

static void go_on(void *context, void *output, const caws_error *error)
{
    chain *c = context;
    caws_error start_error = CAWS_ERROR_INIT;
    const caws_logs_create_export_task_input input = valid_input();
    assert_int_equal(error->status, CAWS_OK);
    caws_output_free(output);
    c->ended++;
    for (int i = 0; i < c->width && c->left > 0; i++, c->left--)
        if (caws_loop_start(c->loop, &caws_operation_logs_create_export_task, &input, NULL, go_on,
                            c, &start_error) == NULL)
            fail_msg("%s", start_error.message);
}

static void callbacks_start_calls(void **state)
{
    static const int widths[] = {1, 2, 50};
    caws_client *client = new_crowd_client(NULL);
    (void)state;
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        const caws_logs_create_export_task_input input = valid_input();
        chain c = {.loop = new_loop(client, NULL), .left = 200, .width = widths[i]};
        assert_non_null(caws_loop_start(c.loop, &caws_operation_logs_create_export_task, &input,
                                        NULL, go_on, &c, &error));
        run_all(c.loop, A_WHILE_MS);
        assert_int_equal(c.ended, 201);
        caws_loop_free(c.loop);
    }
    caws_client_free(client);
}

typedef struct canceller {
    ending own;
    ending *others;
    int count;
} canceller;

static void cancel_others(void *context, void *output, const caws_error *error)
{
    canceller *c = context;
    note_ending(&c->own, output, error);
    caws_loop_cancel(c->own.call); /* it is over: no effect */
    for (int i = 0; i < c->count; i++)
        if (c->others[i].times == 0) {
            caws_loop_cancel(c->others[i].call);
            caws_loop_cancel(c->others[i].call);
            assert_int_equal(c->others[i].times, 0); /* not from within it */
        }
}

static void callbacks_cancel_calls(void **state)
{
    enum { OTHERS = 40 };
    ending others[OTHERS] = {0};
    canceller c = {.others = others, .count = OTHERS};
    caws_client *client = new_crowd_client(NULL);
    caws_loop *loop = new_loop(client, NULL);
    caws_error error = CAWS_ERROR_INIT;
    const caws_logs_create_export_task_input input = valid_input();
    (void)state;
    for (int i = 0; i < OTHERS; i++)
        start_at(loop, &others[i], i % 4 == 0 ? "delay/0" : "silent");
    char url[256];
    snprintf(url, sizeof(url), "%s/delay/150", required_environment("CAWS_TEST_CROWD_URL"));
    const caws_call_options options = {.endpoint_url = url};
    c.own.call = caws_loop_start(loop, &caws_operation_logs_create_export_task, &input, &options,
                                 cancel_others, &c, &error);
    assert_non_null(c.own.call);
    int64_t began = now_ms();
    run_all(loop, A_WHILE_MS);
    assert_in_range(now_ms() - began, 100, 5000);
    assert_ended(&c.own, CAWS_OK);
    for (int i = 0; i < OTHERS; i++)
        assert_ended(&others[i], i % 4 == 0 ? CAWS_OK : CAWS_ERROR_CANCELLED);
    caws_loop_free(loop);
    caws_client_free(client);
}

/* All of them end in the same turn; each ends those that have not had their callback yet. */
static void callbacks_cancel_what_has_ended(void **state)
{
    enum { CALLS = 30 };
    ending calls[CALLS] = {0};
    caws_client *client = new_crowd_client(NULL);
    caws_loop *loop = new_loop(client, NULL);
    (void)state;
    for (int i = 0; i < CALLS; i++)
        start_at(loop, &calls[i], "delay/50");
    for (int i = 0; i < 5; i++)
        (void)caws_loop_run(loop, 0);
    sleep_ms(300); /* all answers are there now */
    canceller c = {.others = calls, .count = CALLS};
    caws_error error = CAWS_ERROR_INIT;
    c.own.call = NULL;
    const caws_logs_create_export_task_input input = valid_input();
    c.own.call = caws_loop_start(loop, &caws_operation_logs_create_export_task, &input, NULL,
                                 cancel_others, &c, &error);
    caws_loop_cancel(c.own.call); /* its callback is the first that is due */
    run_all(loop, A_WHILE_MS);
    assert_ended(&c.own, CAWS_ERROR_CANCELLED);
    for (int i = 0; i < CALLS; i++) {
        assert_int_equal(calls[i].times, 1);
        assert_true(calls[i].status == CAWS_OK || calls[i].status == CAWS_ERROR_CANCELLED);
    }
    caws_loop_free(loop);
    caws_client_free(client);
}

/* --- cancelling and freeing --- */

static void calls_are_cancelled_at_any_time(void **state)
{
    ending before = {0};
    ending during = {0};
    ending waiting = {0}; /* for its second attempt */
    ending kept = {0};
    caws_client *client = new_crowd_client(&(caws_client_options){.max_attempts = 3});
    caws_loop *loop = new_loop(client, NULL);
    (void)state;
    caws_loop_cancel(NULL);
    start_at(loop, &before, "delay/0/cancelled-before");
    caws_loop_cancel(before.call);
    assert_int_equal(before.times, 0);
    assert_int_equal(caws_loop_run(loop, 0), 0);
    assert_ended(&before, CAWS_ERROR_CANCELLED);
    assert_string_equal(before.code, "Cancelled");
    assert_int_equal(before.attempts, 1); /* it was on its way, whether bytes left or not */

    start_at(loop, &during, "silent");
    start_at(loop, &waiting, "fail/2/2000");
    start_at(loop, &kept, "delay/1500");
    caws_client_counters counters = {.calls = 0};
    while (counters.retries_server == 0) { /* decided on, and far away */
        assert_int_equal(caws_loop_run(loop, 10), 3);
        caws_client_count(client, &counters);
    }
    caws_loop_cancel(during.call);
    caws_loop_cancel(waiting.call);
    assert_int_equal(during.times, 0);
    int64_t began = now_ms();
    assert_int_equal(caws_loop_run(loop, 0), 1);
    assert_in_range(now_ms() - began, 0, 1000);
    assert_ended(&during, CAWS_ERROR_CANCELLED);
    assert_ended(&waiting, CAWS_ERROR_CANCELLED);
    assert_int_equal(waiting.attempts, 1);
    run_all(loop, A_WHILE_MS);
    assert_ended_well(&kept);
    /* What was cancelled is as good as new for later calls. */
    for (int i = 0; i < 20; i++) {
        ending later = {.name = "later"};
        start_at(loop, &later, "delay/0");
        run_all(loop, A_WHILE_MS);
        assert_ended_well(&later);
    }
    caws_loop_free(loop);
    caws_client_free(client);
}

typedef struct late_starter {
    caws_loop *loop;
    int times;
} late_starter;

static void start_in_the_end(void *context, void *output, const caws_error *error)
{
    late_starter *late = context;
    caws_error start_error = CAWS_ERROR_INIT;
    const caws_logs_create_export_task_input input = valid_input();
    late->times++;
    assert_null(output);
    assert_int_equal(error->status, CAWS_ERROR_CANCELLED);
    assert_null(caws_loop_start(late->loop, &caws_operation_logs_create_export_task, &input, NULL,
                                start_in_the_end, late, &start_error));
    assert_int_equal(start_error.status, CAWS_ERROR_CANCELLED);
    caws_error_clear(&start_error);
}

static void a_freed_loop_ends_its_calls(void **state)
{
    enum { CALLS = 100 };
    static ending calls[CALLS];
    caws_client *client = new_crowd_client(&(caws_client_options){.max_attempts = 3});
    char silent[256];
    (void)state;
    snprintf(silent, sizeof(silent), "%s/silent", required_environment("CAWS_TEST_CROWD_URL"));
    const caws_call_options options = {.endpoint_url = silent};
    for (int turns = 0; turns < 4; turns++) {
        caws_loop *loop = new_loop(client, &(caws_loop_options){.max_connections = 30});
        late_starter late = {.loop = loop};
        const caws_logs_create_export_task_input input = valid_input();
        memset(calls, 0, sizeof(calls));
        for (int i = 0; i < CALLS; i++)
            start_at(loop, &calls[i], i % 3 == 0 ? "fail/2/5000" : "silent");
        assert_non_null(caws_loop_start(loop, &caws_operation_logs_create_export_task, &input,
                                        &options, start_in_the_end, &late, NULL));
        if (turns == 3)
            assert_int_equal(caws_loop_run(loop, 100), CALLS + 1);
        else
            caws_loop_cancel(calls[turns].call);
        caws_loop_free(loop);
        for (int i = 0; i < CALLS; i++)
            assert_ended(&calls[i], CAWS_ERROR_CANCELLED);
        assert_int_equal(late.times, 1);
    }
    caws_loop_free(NULL);
    caws_loop_free(new_loop(client, NULL)); /* unused */
    caws_client_free(client);
}

static void nobody_has_to_listen(void **state)
{
    caws_client *client = new_crowd_client(NULL);
    caws_loop *loop = new_loop(client, NULL);
    const caws_logs_create_export_task_input input = valid_input();
    caws_client_counters counters;
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_non_null(caws_loop_start(loop, &caws_operation_logs_create_export_task, &input, NULL,
                                        NULL, NULL, NULL));
    run_all(loop, A_WHILE_MS);
    caws_client_count(client, &counters);
    assert_int_equal(counters.calls, 5);
    assert_int_equal(counters.failures, 0);
    caws_loop_free(loop);
    caws_client_free(client);
}

/* --- what fails at once --- */

static void expect_refusal(caws_loop *loop, const caws_call_options *options, caws_status status,
                           const char *part)
{
    ending call = {0};
    caws_error error = CAWS_ERROR_INIT;
    assert_null(try_start(loop, &call, options, note_ending, &error));
    assert_int_equal(error.status, status);
    if (strstr(error.message, part) == NULL)
        fail_msg("no '%s' in '%s'", part, error.message);
    assert_int_equal(error.attempts, 0);
    assert_null(try_start(loop, &call, options, note_ending, NULL)); /* nobody asks why */
    (void)caws_loop_run(loop, 0);
    assert_int_equal(call.times, 0);
    caws_error_clear(&error);
}

static void invalid_calls_fail_at_once(void **state)
{
    static const caws_call_header empty_name = {"", "x"};
    static const caws_call_header own = {"Host", "elsewhere"};
    static const caws_call_header split = {"X-Mine", "a\r\nX-Other: b"};
    static const caws_call_header many[9] = {{"X-1", ""}};
    ending call = {0};
    caws_client *client = new_crowd_client(NULL);
    caws_loop *loop = new_loop(client, NULL);
    (void)state;
    start_at(loop, &call, "delay/200"); /* goes on unharmed */

    caws_error error = CAWS_ERROR_INIT;
    const caws_logs_create_export_task_input empty = {0};
    assert_null(caws_loop_start(loop, &caws_operation_logs_create_export_task, &empty, NULL,
                                note_ending, &call, &error));
    assert_int_equal(error.status, CAWS_ERROR_INVALID_INPUT);
    assert_int_equal(error.violation_count, 4);
    assert_null(caws_loop_start(loop, &caws_operation_logs_create_export_task, NULL, NULL,
                                note_ending, &call, &error));
    assert_int_equal(error.violation_count, 4);
    caws_error_clear(&error);

    expect_refusal(loop, &(caws_call_options){.endpoint_url = "no URL"}, CAWS_ERROR_ENDPOINT,
                   "no URL");
    expect_refusal(loop, &(caws_call_options){.headers = &empty_name, .header_count = 1},
                   CAWS_ERROR_INVALID_INPUT, "headers[0]");
    expect_refusal(loop, &(caws_call_options){.headers = &own, .header_count = 1},
                   CAWS_ERROR_INVALID_INPUT, "Host");
    expect_refusal(loop, &(caws_call_options){.headers = &split, .header_count = 1},
                   CAWS_ERROR_INVALID_INPUT, "headers[0]");
    expect_refusal(loop, &(caws_call_options){.headers = many, .header_count = 9},
                   CAWS_ERROR_INVALID_INPUT, "header_count");
    run_all(loop, A_WHILE_MS);
    assert_ended_well(&call);
    caws_loop_free(loop);
    caws_client_free(client);
}

static void loops_that_cannot_be(void **state)
{
    caws_client *client = new_crowd_client(NULL);
    caws_error error = CAWS_ERROR_INIT;
    ending call = {0};
    (void)state;
    assert_null(caws_loop_new(NULL, NULL, &error));
    assert_int_equal(error.status, CAWS_ERROR_CONFIGURATION);
    assert_null(caws_loop_new(NULL, NULL, NULL));
    assert_null(caws_loop_new(client, &(caws_loop_options){.max_connections = -1}, &error));
    assert_non_null(strstr(error.message, "max_connections"));
    assert_null(try_start(NULL, &call, NULL, note_ending, &error));
    assert_int_equal(error.status, CAWS_ERROR_CONFIGURATION); /* the reason before stays */
    assert_non_null(strstr(error.message, "max_connections"));
    caws_error_clear(&error);
    assert_null(try_start(NULL, &call, NULL, note_ending, &error));
    assert_int_equal(error.status, CAWS_ERROR_INVALID_INPUT); /* there is none */
    assert_int_equal(caws_loop_run(NULL, -1), 0);
    assert_int_equal(caws_loop_act(NULL, CAWS_LOOP_TIMER, 0), 0);
    caws_loop_wake(NULL);
    caws_error_clear(&error);
    caws_client_free(client);
}

/* --- faults --- */

static void each_fault_stays_with_its_call(void **state)
{
    static const struct {
        const char *scenario;
        caws_status status;
    } faults[] = {
        {"ok", CAWS_OK},
        {"reset", CAWS_ERROR_CONNECTION},
        {"close", CAWS_ERROR_CONNECTION},
        {"cut", CAWS_ERROR_RESPONSE_TRUNCATED},
        {"chunked-cut", CAWS_ERROR_RESPONSE_TRUNCATED},
        {"garbage", CAWS_ERROR_RESPONSE_MALFORMED},
        {"not-json", CAWS_ERROR_RESPONSE_MALFORMED},
        {"html-500", CAWS_ERROR_HTTP},
        {"redirect", CAWS_ERROR_HTTP},
        {"error-code", CAWS_ERROR_SERVICE},
        {"drip", CAWS_OK},
    };
    enum { COUNT = sizeof(faults) / sizeof(faults[0]) };
    static ending calls[3 * COUNT + 2];
    caws_client *client = new_fault_client("ok", NULL);
    caws_loop *loop = new_loop(client, &(caws_loop_options){.max_connections = 20});
    (void)state;
    for (int i = 0; i < 3 * COUNT; i++) {
        char url[256];
        snprintf(url, sizeof(url), "%s/%s", required_environment("CAWS_TEST_FAULT_URL"),
                 faults[i % COUNT].scenario);
        snprintf(calls[i].name, sizeof(calls[i].name), "%s", faults[i % COUNT].scenario);
        start_with(loop, &calls[i], &(caws_call_options){.endpoint_url = url}, note_ending);
    }
    start_with(loop, &calls[3 * COUNT], &(caws_call_options){.endpoint_url = "http://127.0.0.1:1"},
               note_ending);
    start_with(loop, &calls[3 * COUNT + 1],
               &(caws_call_options){.endpoint_url = "http://caws.invalid"}, note_ending);
    run_all(loop, A_WHILE_MS);
    for (int i = 0; i < 3 * COUNT; i++)
        assert_ended(&calls[i], faults[i % COUNT].status);
    assert_ended(&calls[3 * COUNT], CAWS_ERROR_CONNECTION);
    assert_ended(&calls[3 * COUNT + 1], CAWS_ERROR_CONNECTION);
    caws_loop_free(loop);
    caws_client_free(client);
}

static void retries_block_nobody(void **state)
{
    enum { QUICK = 50 };
    ending slow[3] = {0};
    ending quick[QUICK] = {0};
    int total = 0;
    caws_client *client = new_crowd_client(&(caws_client_options){.max_attempts = 3});
    caws_loop *loop = new_loop(client, NULL);
    (void)state;
    for (int i = 0; i < 3; i++) {
        char path[32];
        slow[i].total = &total;
        snprintf(slow[i].name, sizeof(slow[i].name), "slow-%d", i);
        snprintf(path, sizeof(path), "fail/%d/700", i + 1);
        start_at(loop, &slow[i], path);
    }
    for (int i = 0; i < QUICK; i++) {
        quick[i].total = &total;
        start_at(loop, &quick[i], "delay/20");
    }
    int64_t began = now_ms();
    run_all(loop, A_WHILE_MS);
    for (int i = 0; i < QUICK; i++) {
        assert_ended_well(&quick[i]);
        assert_in_range(quick[i].order, 1, QUICK);
    }
    assert_ended_well(&slow[0]);
    assert_ended_well(&slow[1]);
    assert_ended(&slow[2], CAWS_ERROR_SERVICE);
    assert_int_equal(slow[2].attempts, 3);
    assert_in_range(slow[0].ended_ms - began, 700, 3000);
    assert_in_range(slow[1].ended_ms - began, 1400, 5000);
    caws_client_counters counters;
    caws_client_count(client, &counters);
    assert_int_equal(counters.retries_server, 5);
    caws_loop_free(loop);
    caws_client_free(client);
}

static void tls_calls_too(void **state)
{
    enum { CALLS = 12 };
    ending calls[CALLS] = {0};
    const caws_client_options trusting = {.ca_bundle = required_environment("CAWS_TEST_CA_FILE")};
    caws_client *client = new_client_at(required_environment("CAWS_TEST_TLS_URL"), &trusting);
    caws_loop *loop = new_loop(client, NULL);
    char silent[256];
    (void)state;
    snprintf(silent, sizeof(silent), "%s/slow", required_environment("CAWS_TEST_TLS_URL"));
    const caws_call_options good = {0};
    const caws_call_options bad = {.endpoint_url =
                                       required_environment("CAWS_TEST_TLS_UNTRUSTED_URL")};
    const caws_call_options slow = {.endpoint_url = silent};
    for (int i = 0; i < CALLS; i++)
        start_with(loop, &calls[i], i % 3 == 0 ? &good : (i % 3 == 1 ? &bad : &slow), note_ending);
    run_down_to(loop, CALLS / 3, A_WHILE_MS);
    for (int i = 2; i < CALLS / 2; i += 3)
        caws_loop_cancel(calls[i].call);
    caws_loop_free(loop);
    for (int i = 0; i < CALLS; i++)
        assert_ended(&calls[i],
                     i % 3 == 0 ? CAWS_OK : (i % 3 == 1 ? CAWS_ERROR_TLS : CAWS_ERROR_CANCELLED));
    caws_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_gets_its_own_answer),
        cmocka_unit_test(calls_end_as_they_are_answered),
        cmocka_unit_test(run_keeps_to_its_time),
        cmocka_unit_test(waiting_costs_nothing),
        cmocka_unit_test(callbacks_start_calls),
        cmocka_unit_test(callbacks_cancel_calls),
        cmocka_unit_test(callbacks_cancel_what_has_ended),
        cmocka_unit_test(calls_are_cancelled_at_any_time),
        cmocka_unit_test(a_freed_loop_ends_its_calls),
        cmocka_unit_test(nobody_has_to_listen),
        cmocka_unit_test(invalid_calls_fail_at_once),
        cmocka_unit_test(loops_that_cannot_be),
        cmocka_unit_test(each_fault_stays_with_its_call),
        cmocka_unit_test(retries_block_nobody),
        cmocka_unit_test(tls_calls_too),
    };
    return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
