/* The credential chain when something fails: the service, which calls credentials expired;
 * providers that answer badly, or not at all. */
#define _GNU_SOURCE /* syscall */
#include "credential_tests.h"

/* --- the service calls them expired --- */

static void expired_ones_are_replaced_once(void **state)
{
    const caws_call_options thrice = {.max_attempts = 3};
    caws_client_counters counters;
    (void)state;
    begin("{'service': {'revoked': 'AKIDCONTAINER0001'}}");
    use_container();
    caws_client *client = new_client(NULL);
    outcome o = call_with(client, &thrice);
    assert_int_equal(o.status, CAWS_OK);
    assert_string_equal(o.key, "AKIDCONTAINER0002");
    assert_int_equal(requests_of("container"), 2);
    assert_int_equal(requests_of("service"), 2);
    caws_client_count(client, &counters);
    assert_int_equal(counters.retries_credentials, 1);
    assert_int_equal(counters.attempts, 2);

    control("POST", "/script", "{'service': {'revoked': 'AKID'}}");
    o = call_with(client, &thrice);
    assert_fails(&o, CAWS_ERROR_SERVICE, "expired"); /* and quotes the session token: masked */
    assert_string_equal(o.code, "ExpiredTokenException");
    assert_int_equal(o.attempts, 2);
    assert_int_equal(requests_of("container"), 1);
    assert_int_equal(requests_of("service"), 2);
    caws_client_count(client, &counters);
    assert_int_equal(counters.retries_credentials, 2);

    /* Without a second attempt, the next call gets the new ones. */
    const caws_call_options once = {.max_attempts = 1};
    control("POST", "/script", "{'service': {'revoked': 'AKIDCONTAINER0001'}}");
    o = call_with(client, &once);
    assert_fails(&o, CAWS_ERROR_SERVICE, "expired");
    control("POST", "/script", "{'container': {'expires': 7200}}");
    o = call_with(client, &once);
    assert_int_equal(o.status, CAWS_OK);
    assert_int_equal(requests_of("container"), 1);
    caws_client_free(client);
}

/* What is told of the call is the service's, not what a provider has answered. */
static void no_others_end_the_call(void **state)
{
    caws_call_info info = {0};
    const caws_call_options thrice = {.max_attempts = 3, .info = &info};
    (void)state;
    begin("{'service': {'revoked': 'AKID'}, 'container': {'answers': ['ok', '404']}}");
    use_container();
    caws_client *client = new_client(NULL);
    const outcome o = call_with(client, &thrice);
    assert_fails(&o, CAWS_ERROR_CREDENTIALS, "container: HTTP 404");
    assert_int_equal(o.attempts, 1);
    assert_int_not_equal(info.http_status, 404);
    caws_client_free(client);
}

/* --- providers that fail --- */

static void failures_fall_through_and_are_told(void **state)
{
    (void)state;
    begin("{'container': {'then': '404 no such task'},"
          " 'imds': {'answers': ['403']}}");
    use_container();
    use_imds();
    setenv("AWS_CONFIG_FILE",
           write_file("config", "[default]\ncredential_process = /bin/sh -c \"echo " SECRET
                                "; echo it broke >&2; exit 3\"\n"),
           1);
    caws_client *client = new_client(NULL);
    const outcome o = call(client);
    assert_fails(&o, CAWS_ERROR_CREDENTIALS, "AWS_ACCESS_KEY_ID");
    static const char *const parts[] = {"credential_process", "it broke", "container: HTTP 404",
                                        "instance metadata (http://127.0.0.1:", "turned off"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        assert_has(o.message, parts[i]);
    assert_int_equal(o.attempts, 0);
    assert_int_equal(requests_of("service"), 0);
    assert_called_with(client, "AKIDINSTANCE0001"); /* the next call asks all again */
    caws_client_free(client);
}

static void bad_answers_fall_through(void **state)
{
    static const char *const scripts[] = {
        "{'container': {'answers': ['200 ']}}",
        "{'container': {'answers': ['200 " SECRET "']}}",
        "{'container': {'answers': ['302 " SECRET "']}}",
        "{'container': {'answers': ['200 {\"AccessKeyId\": \"" SECRET
        "\", \"SecretAccessKey\": \"" SECRET "']}}",
        "{'container': {'answers': ['200 {\"AccessKeyId\": \"" SECRET "\\\\r\\\\nX: y\","
        " \"SecretAccessKey\": \"" SECRET "\", \"Token\": \"t\"}']}}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        begin(scripts[i]);
        use_container();
        use_imds();
        caws_client *client = new_client(NULL);
        assert_called_with(client, "AKIDINSTANCE0001");
        caws_client_free(client);
    }
    begin("{'container': {'then': 'huge'}}");
    use_container();
    caws_client *client = new_client(NULL);
    const outcome o = call(client);
    assert_fails(&o, CAWS_ERROR_CREDENTIALS, "65536 bytes");
    caws_client_free(client);
}

/* max_response_bytes is for the service, before and after. */
static void limits_of_answers_do_not_mix(void **state)
{
    const caws_client_options options = {.max_response_bytes = 40};
    (void)state;
    begin("{'service': {'answers': ['ok', 'huge', 'ok']}}");
    use_imds();
    caws_client *client = new_client(&options);
    assert_called_with(client, "AKIDINSTANCE0001");
    const outcome o = call(client);
    assert_fails(&o, CAWS_ERROR_RESPONSE_TOO_LARGE, "max_response_bytes, 40");
    assert_called_with(client, "AKIDINSTANCE0001");
    caws_client_free(client);
}

/* --- providers that hang --- */

static bool twice(void *context)
{
    int *asked = context;
    return ++*asked <= 2;
}

static void deadlines_hold_while_a_provider_hangs(void **state)
{
    const caws_call_options soon = {.deadline_ms = 250};
    int asked = 0;
    const caws_call_options cancelled = {.keep_going = twice, .context = &asked};
    (void)state;
    begin("{'container': {'answers': ['stall', 'stall']}}");
    use_container();
    caws_client *client = new_client(NULL);
    outcome o = call_with(client, &soon);
    assert_fails(&o, CAWS_ERROR_TIMEOUT, "deadline");
    assert_in_range(o.ms, 240, 1000);
    o = call_with(client, &cancelled);
    assert_fails(&o, CAWS_ERROR_CANCELLED, "stopped");
    assert_in_range(o.ms, 50, 400);
    assert_int_equal(requests_of("container"), 2);
    assert_called_with(client, "AKIDCONTAINER0001"); /* neither has spoilt it for others */
    caws_client_free(client);
}

static void programs_that_hang_are_ended(void **state)
{
    const caws_call_options soon = {.deadline_ms = 250};
    char config[512];
    char number[32] = "";
    (void)state;
    begin("{}");
    const char *program = write_file("hang.sh", "echo $$ > \"$1\"\nexec sleep 30\n");
    const char *id = path_of("hang.pid");
    snprintf(config, sizeof(config), "[default]\ncredential_process = /bin/sh %s %s\n", program,
             id);
    setenv("AWS_CONFIG_FILE", write_file("config", config), 1);
    caws_client *client = new_client(NULL);
    const outcome o = call_with(client, &soon);
    assert_fails(&o, CAWS_ERROR_TIMEOUT, "deadline");
    assert_in_range(o.ms, 240, 1000);
    FILE *file = fopen(id, "r");
    assert_non_null(file);
    assert_non_null(fgets(number, sizeof(number), file));
    fclose(file);
    assert_int_equal(kill((pid_t)atoi(number), 0), -1);
    assert_int_equal(errno, ESRCH);
    caws_client_free(client);
}

/* Whoever has valid credentials does not fail because new ones are slow to come. */
static void valid_ones_outlive_a_hanging_provider(void **state)
{
    const caws_call_options soon = {.deadline_ms = 1000};
    (void)state;
    begin("{'container': {'expires': 7200}}");
    use_container();
    caws_client *client = new_client(NULL);
    assert_called_with(client, "AKIDCONTAINER0001");
    control("POST", "/script", "{'container': {'then': 'stall'}}");
    atomic_store(&ahead_s, 7200 - 600);
    for (int i = 0; i < 3; i++) {
        const outcome o = call_with(client, &soon);
        assert_int_equal(o.status, CAWS_OK);
        assert_string_equal(o.key, "AKIDCONTAINER0001");
        assert_in_range(o.ms, i == 0 ? 490 : 0, i == 0 ? 990 : 400); /* then there is a pause */
    }
    assert_int_equal(requests_of("container"), 1);
    caws_client_free(client);
}

static bool until_told(void *context)
{
    return !atomic_load((atomic_bool *)context);
}

static void cancelled_refreshes_are_handed_on(void **state)
{
    atomic_bool stop = false;
    const caws_call_options cancellable = {.keep_going = until_told, .context = &stop};
    pthread_t threads[2];
    (void)state;
    begin("{'container': {'answers': ['stall']}}");
    use_container();
    caws_client *client = new_client(NULL);
    outcome first = {.client = client, .options = &cancellable};
    outcome second = {.client = client};
    assert_int_equal(pthread_create(&threads[0], NULL, make_call, &first), 0);
    while (requests_of("container") == 0)
        sleep_ms(5);
    assert_int_equal(pthread_create(&threads[1], NULL, make_call, &second), 0);
    sleep_ms(100);
    assert_int_equal(requests_of("container"), 1);
    atomic_store(&stop, true);
    assert_int_equal(pthread_join(threads[0], NULL), 0);
    assert_int_equal(pthread_join(threads[1], NULL), 0);
    assert_int_equal(first.status, CAWS_ERROR_CANCELLED);
    assert_string_equal(second.key, "AKIDCONTAINER0001");
    assert_in_range(second.ms, 50, 2000);
    caws_client_free(client);
}

static void note_call(void *context, void *out, const caws_error *error)
{
    note(context, out, error);
    caws_output_free(out);
}

/* Puts the date forward while the call waits. */
static bool until_silence_is_long(void *context)
{
    int *asked = context;
    if (++*asked == 4)
        atomic_store(&ahead_s, 7);
    return true;
}

static void a_loop_that_nobody_drives_blocks_no_other(void **state)
{
    int asked = 0;
    const caws_call_options waiting = {
        .deadline_ms = 5000, .keep_going = until_silence_is_long, .context = &asked};
    const caws_logs_create_export_task_input input = valid_input();
    caws_error error = CAWS_ERROR_INIT;
    (void)state;
    begin("{'container': {'answers': ['stall']}}");
    use_container();
    caws_client *client = new_client(NULL);
    caws_loop *loop = caws_loop_new(client, NULL, NULL);
    outcome left = {.client = client};
    assert_non_null(caws_loop_start(loop, &caws_operation_logs_create_export_task, &input, NULL,
                                    note_call, &left, &error));
    while (requests_of("container") == 0)
        assert_int_equal(caws_loop_run(loop, 5), 1);
    const outcome o = call_with(client, &waiting);
    if (o.status != CAWS_OK)
        fail_msg("%s: %s", o.code, o.message);
    assert_string_equal(o.key, "AKIDCONTAINER0001");
    assert_in_range(asked, 4, 40); /* it did wait */
    assert_int_equal(requests_of("container"), 2);
    caws_loop_free(loop);
    assert_int_equal(left.status, CAWS_ERROR_CANCELLED);
    assert_called_with(client, "AKIDCONTAINER0001");
    caws_client_free(client);
}

static void a_silent_instance_costs_its_timeout(void **state)
{
    (void)state;
    begin("{'imds': {'then': 'stall'}}");
    use_imds();
    caws_client *client = new_client(NULL);
    const outcome o = call(client);
    assert_fails(&o, CAWS_ERROR_CREDENTIALS, "no answer in time");
    assert_in_range(o.ms, 900, 2500);
    assert_int_equal(requests_of("imds"), 1);
    caws_client_free(client);
}

/* --- streams --- */

#if __has_include(<caws/logs/start_live_tail.h>)

static outcome tail(caws_client *client, bool (*keep_going)(void *), void *context)
{
    static const char *const groups[] = {"/caws/group"};
    const caws_logs_start_live_tail_input input = {.log_group_identifiers = {groups, 1}};
    const caws_logs_start_live_tail_handler handler = {.context = context,
                                                       .keep_going = keep_going};
    outcome o = {.client = client};
    caws_error error = CAWS_ERROR_INIT;
    int64_t began = now_ms();
    (void)caws_logs_start_live_tail(client, &input, &handler, &error);
    o.ms = now_ms() - began;
    note(&o, NULL, &error);
    caws_error_clear(&error);
    return o;
}

/* What is right for a stream (its silence, its end by the caller) is not for a provider's answer.
 */
static void streams_find_credentials_too(void **state)
{
    int asked = 0;
    (void)state;
    begin("{'container': {'delay': 0.3}}");
    use_container();
    caws_client *client = new_client(NULL);
    const outcome o = tail(client, NULL, NULL);
    assert_fails(&o, CAWS_ERROR_RESPONSE_MALFORMED, "no event stream"); /* the service's answer */
    assert_has(request_log(), "service POST / AKIDCONTAINER0001\n");
    caws_client_free(client);

    begin("{'container': {'answers': ['stall']}}");
    use_container();
    client = new_client(NULL);
    const outcome stopped = tail(client, twice, &asked);
    assert_int_equal(stopped.status, CAWS_OK); /* as any end by the caller of a stream */
    assert_in_range(stopped.ms, 50, 400);
    assert_counts("container", 1, 1);
    caws_client_free(client);
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(expired_ones_are_replaced_once),
        TEST(no_others_end_the_call),
        TEST(failures_fall_through_and_are_told),
        TEST(bad_answers_fall_through),
        TEST(limits_of_answers_do_not_mix),
        TEST(deadlines_hold_while_a_provider_hangs),
        TEST(programs_that_hang_are_ended),
        TEST(valid_ones_outlive_a_hanging_provider),
        TEST(cancelled_refreshes_are_handed_on),
        TEST(a_silent_instance_costs_its_timeout),
        TEST(a_loop_that_nobody_drives_blocks_no_other),
#if __has_include(<caws/logs/start_live_tail.h>)
        TEST(streams_find_credentials_too),
#endif
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
