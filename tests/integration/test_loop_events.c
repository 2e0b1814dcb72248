/* Calls without waiting, driven by an event loop of the program's own: here poll(2). */
#include <poll.h>

#include "loop_calls.h"

enum { MAX_SOCKETS = 512, A_WHILE_MS = 20000 };

/* What an event loop may do to a caws_loop. */
typedef enum manners {
    POLITE = 0,
    SPURIOUS = 1, /* acts for nothing: timer before its time, sockets without events, others' */
    LATE = 2,     /* the timer runs out 40 ms late */
    NOISY = 4     /* what has happened is told with more than that */
} manners;

typedef struct driver {
    caws_loop *loop;
    int manners;
    struct pollfd items[MAX_SOCKETS];
    nfds_t count;
    int64_t timer_ms; /* INT64_MAX: off */
    bool within;      /* the loop calls */
    int acts;
    int timer_acts;
} driver;

static struct pollfd *find_socket(driver *d, int socket)
{
    for (nfds_t i = 0; i < d->count; i++)
        if (d->items[i].fd == socket)
            return &d->items[i];
    return NULL;
}

static void watch(void *context, int socket, int events)
{
    driver *d = context;
    struct pollfd *item = find_socket(d, socket);
    assert_true(socket >= 0);
    assert_true((events & ~(CAWS_WATCH_IN | CAWS_WATCH_OUT)) == 0);
    if (events == CAWS_WATCH_NONE) {
        assert_non_null(item); /* it was watched before */
        *item = d->items[--d->count];
        return;
    }
    if (item == NULL) {
        assert_true(d->count < MAX_SOCKETS);
        item = &d->items[d->count++];
    }
    *item = (struct pollfd){.fd = socket,
                            .events = (short)(((events & CAWS_WATCH_IN) != 0 ? POLLIN : 0) |
                                              ((events & CAWS_WATCH_OUT) != 0 ? POLLOUT : 0))};
}

static void set_timer(void *context, int64_t timeout_ms)
{
    driver *d = context;
    assert_true(timeout_ms >= -1);
    d->timer_ms = timeout_ms < 0 ? INT64_MAX : now_ms() + timeout_ms;
    if (timeout_ms > 0 && (d->manners & LATE) != 0)
        d->timer_ms += 40;
}

static driver *new_driver(caws_client *client, int manner)
{
    driver *d = calloc(1, sizeof(*d));
    assert_non_null(d);
    d->manners = manner;
    d->timer_ms = INT64_MAX;
    d->loop = new_loop(
        client, &(caws_loop_options){
                    .max_connections = 100, .watch = watch, .set_timer = set_timer, .context = d});
    return d;
}

/* Nothing may be left behind in the event loop, which lives on. */
static void free_driver(driver *d)
{
    caws_loop_free(d->loop);
    assert_int_equal(d->count, 0);
    assert_true(d->timer_ms == INT64_MAX);
    free(d);
}

static void annoy(driver *d)
{
    static const int strangers[] = {0, 1, 2, 9999, 1 << 30, -2};
    (void)caws_loop_act(d->loop, CAWS_LOOP_TIMER, 0);
    (void)caws_loop_act(d->loop, CAWS_LOOP_TIMER, CAWS_WATCH_IN);
    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
        (void)caws_loop_act(d->loop, strangers[i], CAWS_WATCH_IN | CAWS_WATCH_ERROR);
    for (nfds_t i = 0; i < d->count; i++)
        (void)caws_loop_act(d->loop, d->items[i].fd, (int)(i % 4)); /* NONE, IN, OUT, both */
}

static void act_on_sockets(driver *d, const struct pollfd *ready, nfds_t count)
{
    for (nfds_t i = 0; i < count; i++) {
        const short what = ready[i].revents;
        if (what == 0 || find_socket(d, ready[i].fd) == NULL)
            continue;
        assert_true((what & POLLNVAL) == 0); /* it was closed, and nobody told */
        int events = ((what & POLLIN) != 0 ? CAWS_WATCH_IN : 0) |
                     ((what & POLLOUT) != 0 ? CAWS_WATCH_OUT : 0) |
                     ((what & (POLLERR | POLLHUP)) != 0 ? CAWS_WATCH_ERROR : 0);
        if ((d->manners & NOISY) != 0)
            events |= CAWS_WATCH_IN | CAWS_WATCH_OUT;
        d->acts++;
        (void)caws_loop_act(d->loop, ready[i].fd, events);
    }
}

static void turn(driver *d, int64_t until_ms)
{
    static struct pollfd ready[MAX_SOCKETS];
    int64_t next = d->timer_ms < until_ms ? d->timer_ms : until_ms;
    int64_t wait = next - now_ms();
    memcpy(ready, d->items, sizeof(ready));
    const nfds_t count = d->count;
    assert_true(poll(ready, count, wait > 0 ? (int)wait : 0) >= 0);
    act_on_sockets(d, ready, count);
    if (now_ms() >= d->timer_ms) {
        d->timer_ms = INT64_MAX; /* once */
        d->timer_acts++;
        (void)caws_loop_act(d->loop, CAWS_LOOP_TIMER, 0);
    }
    if ((d->manners & SPURIOUS) != 0)
        annoy(d);
}

/* Returns how many are pending, without help from the loop. */
static int drive(driver *d, const ending *calls, int count, int64_t most_ms)
{
    int64_t until_ms = now_ms() + most_ms;
    for (;;) {
        int pending = 0;
        for (int i = 0; i < count; i++)
            pending += calls[i].times == 0;
        if (pending == 0 || now_ms() >= until_ms)
            return pending;
        turn(d, until_ms);
    }
}

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
