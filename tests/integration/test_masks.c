/* Over TLS the library blocks SIGPIPE while libcurl works. No callback may see that. */
#include <signal.h>

#include "poll_loop.h"
#include "script.h"
#include "tail.h"

/* The callbacks that there are. */
typedef enum who {
    KEEP_GOING,
    LOG,
    CREDENTIALS,
    DONE,
    HANDLER, /* a stream's keep_going */
    EVENT,
    WATCH,
    SET_TIMER,
    CALLBACKS
} who;

static int called[CALLBACKS];
static int blocked[CALLBACKS]; /* of those */

static bool is_blocked(void)
{
    sigset_t mask;
    sigemptyset(&mask);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &mask), 0);
    return sigismember(&mask, SIGPIPE) == 1;
}

static bool note_mask(who callback)
{
    called[callback]++;
    blocked[callback] += is_blocked();
    return true;
}

static bool on_keep_going(void *context)
{
    (void)context;
    return note_mask(KEEP_GOING);
}

static bool on_handler(void *context)
{
    (void)context;
    return note_mask(HANDLER);
}

static void on_log(void *context, caws_log_level level, const char *line)
{
    (void)context;
    (void)level;
    (void)line;
    note_mask(LOG);
}

static bool on_credentials(void *context, caws_provided_credentials *provided)
{
    (void)context;
    provided->credentials = test_keys;
    return note_mask(CREDENTIALS);
}

static bool on_event(void *context, const caws_logs_live_tail_session_update *event)
{
    (void)context;
    (void)event;
    return note_mask(EVENT);
}

static void on_done(void *context, void *output, const caws_error *error)
{
    ending *e = context;
    e->times++;
    if (error->status != CAWS_OK)
        fail_msg("%s: %s", error->code, error->message);
    caws_output_free(output);
    note_mask(DONE);
}

static void on_watch(void *context, int socket, int events)
{
    note_mask(WATCH);
    watch(context, socket, events);
}

static void on_set_timer(void *context, int64_t timeout_ms)
{
    note_mask(SET_TIMER);
    set_timer(context, timeout_ms);
}

static caws_client *new_masked_client(void)
{
    static const caws_client_options options = {
        .credentials_callback = on_credentials, .log = on_log, .log_level = CAWS_LOG_DEBUG};
    caws_client_options own = options;
    own.ca_bundle = required_environment("CAWS_TEST_CA_FILE");
    own.max_attempts = 4;
    own.endpoint_url = required_environment("CAWS_TEST_TLS_URL");
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = caws_client_new(&own, &error);
    if (client == NULL)
        fail_msg("%s: %s", error.code, error.message);
    return client;
}

static const caws_logs_start_live_tail_handler handler = {.keep_going = on_handler,
                                                          .session_update = on_event};

/* Of a server that asks for new credentials, has no time, and answers slowly, so that everybody is
 * called after the first bytes over TLS. */
static caws_call_options options_for(char url[256], const char *last)
{
    static int number;
    snprintf(url, 256, "%s/script/masks-%d.error~ExpiredTokenException.after~100.%s",
             required_environment("CAWS_TEST_TLS_URL"), number++, last);
    return (caws_call_options){.endpoint_url = url, .keep_going = on_keep_going};
}

static void start_both(caws_loop *loop, ending calls[2])
{
    char url[256];
    const caws_logs_start_live_tail_input input = tail_input();
    caws_call_options options = options_for(url, "drip~2");
    start_with(loop, &calls[0], &options, on_done);
    options = options_for(url, "stream-drip~1");
    assert_non_null(caws_loop_start_stream(loop, &caws_stream_logs_start_live_tail, &input,
                                           &handler, &options, on_done, &calls[1], NULL));
}

static void wait_for_both(caws_client *client)
{
    char url[256];
    caws_error error = CAWS_ERROR_INIT;
    const caws_logs_start_live_tail_input input = tail_input();
    caws_call_options options = options_for(url, "drip~2");
    if (call_url(client, url, &options, NULL, &error) != CAWS_OK)
        fail_msg("%s: %s", error.code, error.message);
    options = options_for(url, "stream-drip~1");
    if (caws_call_stream_with(client, &caws_stream_logs_start_live_tail, &input, &handler, &options,
                              &error) != CAWS_OK)
        fail_msg("%s: %s", error.code, error.message);
}

/* All but those in except were called, and found the mask as the program had it. */
static void check(bool programs_own, unsigned except)
{
    for (int i = 0; i < CALLBACKS; i++) {
        if ((except & 1U << i) == 0 && called[i] == 0)
            fail_msg("callback %d was not called", i);
        if (blocked[i] != (programs_own ? called[i] : 0))
            fail_msg("callback %d: SIGPIPE was blocked in %d of %d", i, blocked[i], called[i]);
    }
    assert_int_equal(is_blocked(), programs_own);
    memset(called, 0, sizeof(called));
    memset(blocked, 0, sizeof(blocked));
}

static void check_all(bool programs_own)
{
    caws_client *client = new_masked_client();
    wait_for_both(client);
    check(programs_own, 1U << DONE | 1U << WATCH | 1U << SET_TIMER);

    ending calls[2] = {{.times = 0}};
    caws_loop *loop = new_loop(client, NULL);
    start_both(loop, calls);
    run_all(loop, A_WHILE_MS);
    caws_loop_free(loop);
    check(programs_own, 1U << WATCH | 1U << SET_TIMER);

    driver *d = new_driver(client, POLITE);
    caws_loop_free(d->loop);
    d->loop = new_loop(
        client, &(caws_loop_options){.watch = on_watch, .set_timer = on_set_timer, .context = d});
    memset(calls, 0, sizeof(calls));
    start_both(d->loop, calls);
    assert_int_equal(drive(d, calls, 2, A_WHILE_MS), 0);
    free_driver(d);
    check(programs_own, 0);
    caws_client_free(client);
}

static void callbacks_run_under_the_programs_mask(void **state)
{
    (void)state;
    check_all(false);
}

static void a_program_may_block_it_itself(void **state)
{
    sigset_t set;
    sigset_t before;
    (void)state;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, &set, &before), 0);
    check_all(true);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, &before, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callbacks_run_under_the_programs_mask),
        cmocka_unit_test(a_program_may_block_it_itself),
    };
    return cmocka_run_group_tests_name("masks", tests, NULL, NULL);
}
