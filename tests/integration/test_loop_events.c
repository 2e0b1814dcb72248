/* Calls without waiting, driven by an event loop of the program's own: here poll(2). */
#include "poll_loop.h"

/* --- every kind of call, with every kind of event loop --- */

typedef struct expectation {
    const char *path; /* NULL: a port where nobody listens */
    caws_status status;
} expectation;

static const expectation kinds[] = {
    {"delay/0", CAWS_OK},
    {"delay/100", CAWS_OK},
    {"fail/1/60", CAWS_OK},
    {"fail/9/20", CAWS_ERROR_SERVICE},
    {"drop/30", CAWS_ERROR_CONNECTION},
    {"silent/deadline", CAWS_ERROR_TIMEOUT},
    {"silent/cancelled", CAWS_ERROR_CANCELLED},
    {"delay/150", CAWS_OK},
    {NULL, CAWS_ERROR_CONNECTION},
    {"silent/impatient", CAWS_ERROR_CANCELLED},
};

static bool never(void *context)
{
    (void)context;
    return false;
}

static void start_kind(driver *d, ending *call, const expectation *kind)
{
    char url[256] = "http://127.0.0.1:1";
    caws_call_options options = {.endpoint_url = url};
    if (kind->path != NULL)
        snprintf(url, sizeof(url), "%s/%s", required_environment("CAWS_TEST_CROWD_URL"),
                 kind->path);
    if (strstr(url, "deadline") != NULL)
        options.deadline_ms = 200;
    if (strstr(url, "impatient") != NULL)
        options.keep_going = never;
    start_with(d->loop, call, &options, note_ending);
}

static void expect_every_kind(int manner)
{
    enum { KINDS = sizeof(kinds) / sizeof(kinds[0]), CALLS = 8 * KINDS };
    static ending calls[CALLS];
    caws_client *client = new_crowd_client(&(caws_client_options){.max_attempts = 2});
    driver *d = new_driver(client, manner);
    memset(calls, 0, sizeof(calls));
    for (int i = 0; i < CALLS; i++) {
        snprintf(calls[i].name, sizeof(calls[i].name), "kind-%d-%d", i % KINDS, i);
        start_kind(d, &calls[i], &kinds[i % KINDS]);
        if (i % 7 == 0)
            turn(d, now_ms());
    }
    int left = drive(d, calls, CALLS, 150);
    for (int i = 6; i < CALLS; i += KINDS)
        caws_loop_cancel(calls[i].call);
    assert_in_range(left, CALLS / KINDS, CALLS);
    left = drive(d, calls, CALLS, A_WHILE_MS);
    assert_int_equal(left, 0);
    for (int i = 0; i < CALLS; i++)
        if (kinds[i % KINDS].status == CAWS_OK)
            assert_ended_well(&calls[i]);
        else
            assert_ended(&calls[i], kinds[i % KINDS].status);
    assert_int_equal(caws_loop_act(d->loop, CAWS_LOOP_TIMER, 0), 0);
    free_driver(d);
    caws_client_free(client);
}

static void polite_event_loops(void **state)
{
    (void)state;
    expect_every_kind(POLITE);
}

static void spurious_acts(void **state)
{
    (void)state;
    expect_every_kind(SPURIOUS);
    expect_every_kind(NOISY);
    expect_every_kind(SPURIOUS | NOISY);
}

static void late_timers(void **state)
{
    (void)state;
    expect_every_kind(LATE);
    expect_every_kind(LATE | SPURIOUS);
}

/* --- no busy loops --- */

static void waiting_costs_nothing(void **state)
{
    enum { CALLS = 50 };
    static ending calls[CALLS];
    caws_client *client = new_crowd_client(NULL);
    driver *d = new_driver(client, POLITE);
    (void)state;
    memset(calls, 0, sizeof(calls));
    for (int i = 0; i < CALLS; i++)
        start_at(d->loop, &calls[i], "delay/1000");
    assert_int_equal(drive(d, calls, CALLS, 400), CALLS); /* connected, sent */
    int acts = d->acts;
    int timers = d->timer_acts;
    assert_int_equal(drive(d, calls, CALLS, 400), CALLS);
    assert_int_equal(d->acts, acts);
    assert_in_range(d->timer_acts - timers, 0, 60);
    assert_int_equal(drive(d, calls, CALLS, A_WHILE_MS), 0);
    assert_in_range(d->acts, CALLS, 6 * CALLS);
    for (int i = 0; i < CALLS; i++)
        assert_ended_well(&calls[i]);
    /* Idle: the loop wants nothing, and still works later. */
    while (d->timer_ms != INT64_MAX)
        turn(d, now_ms() + 10);
    assert_int_equal(d->count, 0);
    ending later = {0};
    start_at(d->loop, &later, "delay/10");
    assert_int_equal(drive(d, &later, 1, A_WHILE_MS), 0);
    assert_ended_well(&later);
    free_driver(d);
    caws_client_free(client);
}

/* A transfer that ended by its time leaves nothing to be called for. */
static void loops_rest_after_a_timeout(void **state)
{
    caws_client *client = new_crowd_client(&(caws_client_options){.timeout_ms = 200});
    driver *d = new_driver(client, POLITE);
    ending call = {0};
    (void)state;
    start_at(d->loop, &call, "silent");
    assert_int_equal(drive(d, &call, 1, A_WHILE_MS), 0);
    assert_int_equal(call.status, CAWS_ERROR_TIMEOUT);
    int timers = d->timer_acts;
    for (int64_t until = now_ms() + 200; now_ms() < until;)
        turn(d, until);
    assert_in_range(d->timer_acts - timers, 0, 5);
    assert_true(d->timer_ms == INT64_MAX);
    free_driver(d);
    caws_client_free(client);
}

/* --- cancelling and freeing from outside --- */

static void cancelled_calls_end_with_the_next_act(void **state)
{
    ending calls[3] = {0};
    caws_client *client = new_crowd_client(NULL);
    driver *d = new_driver(client, POLITE);
    (void)state;
    start_at(d->loop, &calls[0], "silent");
    start_at(d->loop, &calls[1], "silent");
    caws_loop_cancel(calls[0].call); /* before the first act */
    assert_int_equal(calls[0].times, 0);
    assert_true(d->timer_ms <= now_ms()); /* and nothing else has to happen */
    assert_int_equal(drive(d, calls, 2, 100), 1);
    assert_ended(&calls[0], CAWS_ERROR_CANCELLED);
    caws_loop_cancel(calls[1].call);
    assert_int_equal(calls[1].times, 0);
    assert_true(d->timer_ms <= now_ms());
    assert_int_equal(caws_loop_act(d->loop, CAWS_LOOP_TIMER, 0), 0);
    assert_ended(&calls[1], CAWS_ERROR_CANCELLED);
    assert_int_equal(d->count, 0);
    start_at(d->loop, &calls[2], "delay/0");
    assert_int_equal(drive(d, calls, 3, A_WHILE_MS), 0);
    assert_ended_well(&calls[2]);
    free_driver(d);
    caws_client_free(client);
}

static void freed_loops_leave_nothing_watched(void **state)
{
    enum { CALLS = 40 };
    static ending calls[CALLS];
    static const int64_t after_ms[] = {0, 1, 20, 200};
    static const char *const paths[] = {"silent", "delay/100", "fail/1/5000", "delay/0"};
    (void)state;
    for (size_t t = 0; t < sizeof(after_ms) / sizeof(after_ms[0]); t++)
        for (int spurious = 0; spurious < 2; spurious++) {
            /* Each with its own quota of retries. */
            caws_client *client = new_crowd_client(&(caws_client_options){.max_attempts = 2});
            driver *d = new_driver(client, spurious != 0 ? SPURIOUS : POLITE);
            memset(calls, 0, sizeof(calls));
            for (int i = 0; i < CALLS; i++)
                start_at(d->loop, &calls[i], paths[i % 4]);
            (void)drive(d, calls, CALLS, after_ms[t]);
            if (spurious != 0)
                caws_loop_cancel(calls[0].times == 0 ? calls[0].call : NULL);
            free_driver(d);
            for (int i = 0; i < CALLS; i++) {
                assert_int_equal(calls[i].times, 1);
                if (calls[i].status != CAWS_OK)
                    assert_ended(&calls[i], CAWS_ERROR_CANCELLED);
            }
            assert_int_equal(calls[0].status, CAWS_ERROR_CANCELLED);
            caws_client_free(client);
        }
}

/* An act before the timer's time must not make the loop forget that the timer runs. */
static void timers_are_stopped_in_the_end(void **state)
{
    ending call = {0};
    caws_client *client = new_crowd_client(NULL);
    driver *d = new_driver(client, POLITE);
    (void)state;
    start_at(d->loop, &call, "silent");
    assert_int_equal(drive(d, &call, 1, 100), 1);
    assert_true(d->timer_ms != INT64_MAX); /* the call's time-out */
    caws_loop_cancel(call.call);
    (void)caws_loop_act(d->loop, CAWS_LOOP_TIMER, 0);
    (void)caws_loop_act(d->loop, CAWS_LOOP_TIMER, 0);
    assert_true(d->timer_ms == INT64_MAX);
    free_driver(d);
    caws_client_free(client);
}

/* --- TLS --- */

static void tls_calls_too(void **state)
{
    enum { CALLS = 12 };
    ending calls[CALLS] = {0};
    char silent[256];
    const caws_client_options trusting = {.ca_bundle = required_environment("CAWS_TEST_CA_FILE")};
    caws_client *client = new_client_at(required_environment("CAWS_TEST_TLS_URL"), &trusting);
    driver *d = new_driver(client, SPURIOUS);
    (void)state;
    snprintf(silent, sizeof(silent), "%s/slow", required_environment("CAWS_TEST_TLS_URL"));
    for (int i = 0; i < CALLS; i++)
        start_with(d->loop, &calls[i],
                   &(caws_call_options){.endpoint_url = i % 2 == 0 ? NULL : silent}, note_ending);
    for (int64_t began = now_ms(); drive(d, calls, CALLS, 50) > CALLS / 2;)
        assert_in_range(now_ms() - began, 0, A_WHILE_MS);
    free_driver(d);
    for (int i = 0; i < CALLS; i++)
        assert_ended(&calls[i], i % 2 == 0 ? CAWS_OK : CAWS_ERROR_CANCELLED);
    caws_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polite_event_loops),
        cmocka_unit_test(spurious_acts),
        cmocka_unit_test(late_timers),
        cmocka_unit_test(waiting_costs_nothing),
        cmocka_unit_test(loops_rest_after_a_timeout),
        cmocka_unit_test(cancelled_calls_end_with_the_next_act),
        cmocka_unit_test(freed_loops_leave_nothing_watched),
        cmocka_unit_test(timers_are_stopped_in_the_end),
        cmocka_unit_test(tls_calls_too),
    };
    return cmocka_run_group_tests_name("loop events", tests, NULL, NULL);
}
