/* What is repeated, how often, after how long, and what is the same in all attempts. */
#include "script.h"

static void failures_are_repeated(void **state)
{
    /* The first request fails so; the second is answered. */
    static const struct {
        const char *path;
        uint64_t server;
        uint64_t transport;
    } cases[] = {
        {"script/r500.500", 1, 0},
        {"script/r502.502", 1, 0},
        {"script/r503.503", 1, 0},
        {"script/r504.504", 1, 0},
        {"script/rhtml.html-500", 1, 0},
        {"script/rinternal.error~InternalError", 1, 0},
        {"script/rtimeout.error~RequestTimeout", 1, 0},
        {"script/rreset.reset", 0, 1},
        {"script/rclose.close", 0, 1},
        {"script/rcut.cut", 0, 1},
        {"script/rhead.head-cut", 0, 1},
        {"script/rchunked.chunked-cut", 0, 1},
        {"script/rgarbage.garbage", 0, 1},
        {"script/rslow.slow~1", 0, 1},
        {"script/rdrip.drip~20", 0, 1},
    };
    const caws_client_options options = {.timeout_ms = 400};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        caws_client *client = new_client(&options);
        caws_call_info info = {0};
        const caws_call_options call = {.info = &info};
        if (call_path(client, cases[i].path, &call, &error) != CAWS_OK)
            fail_msg("%s: %s: %s", cases[i].path, error.code, error.message);
        assert_int_equal(info.attempts, 2);
        assert_int_equal(info.http_status, 200);
        assert_string_equal(info.request_id, "00000000-0000-4000-8000-000000000001");
        const caws_client_counters c = counters_of(client);
        assert_int_equal(c.calls, 1);
        assert_int_equal(c.failures, 0);
        assert_int_equal(c.attempts, 2);
        if (c.retries_server != cases[i].server || c.retries_transport != cases[i].transport)
            fail_msg("%s: %" PRIu64 " server, %" PRIu64 " transport", cases[i].path,
                     c.retries_server, c.retries_transport);
        assert_int_equal(c.retries_throttling + c.retries_clock_skew + c.retries_credentials, 0);
        caws_client_free(client);
    }
}

static void refusals_are_not_repeated(void **state)
{
    static const char *const paths[] = {
        "script/n400.400", "script/n403.403", "script/n404.404", "script/n501.501",
        "script/nvalidation.error~ValidationException",
        "script/nmodeled.error~InvalidParameterException",
        "script/nsignature.error~SignatureDoesNotMatch", "script/nredirect.redirect",
        /* The service has done the work: its answers are not understood. */
        "script/nempty.empty-200", "script/njson.not-json", "script/ncut.cut-json"};
    caws_client *client = new_client(NULL);
    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        if (call_path(client, paths[i], NULL, &error) == CAWS_OK)
            fail_msg("%s is a success", paths[i]);
        if (error.attempts != 1 || error.retryable)
            fail_msg("%s: %d attempts, %s", paths[i], error.attempts, error.message);
        caws_error_clear(&error);
    }
    const caws_client_counters c = counters_of(client);
    assert_int_equal(c.attempts, c.calls);
    assert_int_equal(c.failures, sizeof(paths) / sizeof(paths[0]));
    assert_int_equal(count_of("n400"), 1);
    assert_int_equal(count_of("nredirect"), 1); /* and the target of the redirect was not asked */
    caws_client_free(client);
}

/* How many requests a client of these options and variables sends to a server that always fails. */
static int attempts_of(const char *name, const caws_client_options *options, int32_t call_attempts)
{
    caws_error error = CAWS_ERROR_INIT;
    char path[128];
    snprintf(path, sizeof(path), "script/%s.503.503.503.503.503.503.503", name);
    caws_client *client = new_client(options);
    const caws_call_options call = {.max_attempts = call_attempts};
    assert_int_equal(call_path(client, path, &call, &error), CAWS_ERROR_HTTP);
    assert_true(error.retryable);
    assert_int_equal(error.http_status, 503);
    int attempts = error.attempts;
    assert_int_equal(count_of(name), attempts);
    caws_error_clear(&error);
    caws_client_free(client);
    return attempts;
}

static void attempts_are_limited(void **state)
{
    const caws_client_options five = {.max_attempts = 5};
    const caws_client_options off = {.retry_mode = CAWS_RETRY_OFF, .max_attempts = 5};
    const caws_client_options standard = {.retry_mode = CAWS_RETRY_STANDARD};
    (void)state;
    assert_int_equal(attempts_of("limit-default", NULL, 0), 3);
    assert_int_equal(attempts_of("limit-standard", &standard, 0), 3);
    assert_int_equal(attempts_of("limit-option", &five, 0), 5);
    assert_int_equal(attempts_of("limit-call", &five, 2), 2);
    assert_int_equal(attempts_of("limit-call-more", NULL, 4), 4);
    assert_int_equal(attempts_of("limit-call-one", NULL, 1), 1);
    assert_int_equal(attempts_of("limit-off", &off, 0), 1);
    setenv("AWS_MAX_ATTEMPTS", "2", 1);
    assert_int_equal(attempts_of("limit-environment", NULL, 0), 2);
    assert_int_equal(attempts_of("limit-option-first", &five, 0), 5);
    setenv("AWS_RETRY_MODE", "adaptive", 1);
    assert_int_equal(attempts_of("limit-adaptive", NULL, 0), 2);
    unsetenv("AWS_RETRY_MODE");
    unsetenv("AWS_MAX_ATTEMPTS");
}

static void a_negative_limit_is_refused(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_client(NULL);
    const caws_call_options attempts = {.max_attempts = -1};
    const caws_call_options deadline = {.deadline_ms = -1};
    (void)state;
    assert_int_equal(call_path(client, "ok", &attempts, &error), CAWS_ERROR_INVALID_INPUT);
    assert_non_null(strstr(error.message, "max_attempts"));
    /* What is left of a caller's own deadline may be less than nothing: not no limit at all. */
    assert_int_equal(call_path(client, "ok", &deadline, &error), CAWS_ERROR_INVALID_INPUT);
    assert_non_null(strstr(error.message, "deadline_ms"));
    assert_int_equal(error.attempts, 0);
    caws_error_clear(&error);
    caws_client_free(client);
}

static void unreachable_servers_are_tried_again(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_call_info info = {0};
    const caws_call_options call = {.info = &info};
    caws_client *client = new_client(NULL);
    (void)state;
    assert_int_equal(call_url(client, "http://127.0.0.1:1", &call, NULL, &error),
                     CAWS_ERROR_CONNECTION);
    assert_int_equal(error.attempts, 3);
    assert_int_equal(info.attempts, 3);
    assert_int_equal(info.http_status, 0);
    caws_client_counters c = counters_of(client);
    assert_int_equal(c.attempts, 3);
    assert_int_equal(c.retries_transport, 2);
    assert_int_equal(c.failures, 1);
    assert_int_equal(c.connections_opened, 0);
    assert_int_equal(c.connections_reused, 0);

    /* Its first, third ... connection is reset before the request was read. */
    caws_error_clear(&error);
    for (int i = 0; i < 3; i++) {
        caws_client *other = new_client(NULL);
        if (call_on(other, "CAWS_TEST_RESETTING_URL", "ok", &call, &error) != CAWS_OK)
            fail_msg("%s", error.message);
        assert_int_equal(info.attempts, 2);
        caws_client_free(other);
    }
    caws_client_free(client);
}

static void throttling_waits_longer(void **state)
{
    const caws_client_options adaptive = {.retry_mode = CAWS_RETRY_ADAPTIVE};
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_client(&adaptive);
    caws_call_info info = {0};
    const caws_call_options call = {.info = &info};
    (void)state;
    assert_int_equal(call_path(client, "script/t1.error~ThrottlingException", &call, &error),
                     CAWS_OK);
    assert_int_equal(info.attempts, 2);
    caws_client_counters c = counters_of(client);
    assert_int_equal(c.retries_throttling, 1);
    assert_int_equal(c.retries_server, 0);
    caws_client_free(client);

    /* 429, and 503 with a code that throttles, count as throttling as well; no retry is waited for.
     */
    client = new_client(NULL);
    const caws_call_options once = {.max_attempts = 1};
    assert_int_equal(call_path(client, "script/t2.429", &once, &error), CAWS_ERROR_HTTP);
    assert_true(error.throttling && error.retryable);
    assert_int_equal(call_path(client, "error-503-throttle", &once, &error), CAWS_ERROR_SERVICE);
    assert_true(error.throttling && error.retryable);
    caws_error_clear(&error);
    caws_client_free(client);
}

static void a_service_may_ask_for_a_pause(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_client(NULL);
    (void)state;
    assert_int_equal(call_path(client, "script/after.after~600.after~soon.ok", NULL, &error),
                     CAWS_OK);
    cJSON *records = records_of("after");
    assert_int_equal(cJSON_GetArraySize(records), 3);
    double first = number_in(records, 1, "ms") - number_in(records, 0, "ms");
    double second = number_in(records, 2, "ms") - number_in(records, 1, "ms");
    assert_true(first >= 595 && first < 2000);
    assert_true(second < 595); /* that is no number: the usual pause, of 100 ms at most */
    cJSON_Delete(records);
    caws_client_free(client);
}

/* PutQueryDefinition has an idempotency token. */
static void attempts_are_one_call(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    char url[256];
    snprintf(url, sizeof(url), "%s/script/same.reset.after~1100.ok.503",
             required_environment("CAWS_TEST_FAULT_URL"));
    const caws_client_options options = {.endpoint_url = url, .credentials = &test_keys};
    caws_client *client = new_client(&options);
    const caws_logs_put_query_definition_input input = {.name = "q", .query_string = "fields x"};
    caws_logs_put_query_definition_output *out = NULL;
    (void)state;
    for (int i = 0; i < 2; i++) { /* 3 attempts, and 2 */
        if (caws_logs_put_query_definition(client, &input, &out, &error) != CAWS_OK)
            fail_msg("%s", error.message);
        caws_output_free(out);
    }
    caws_client_free(client);
    cJSON *records = records_of("same");
    assert_int_equal(cJSON_GetArraySize(records), 5);
    static const char *const numbers[] = {"attempt=1; max=3", "attempt=2; max=3",
                                          "attempt=3; max=3", "attempt=1; max=3",
                                          "attempt=2; max=3"};
    for (int i = 0; i < 5; i++) {
        int first = i < 3 ? 0 : 3;
        const cJSON *body = cJSON_GetObjectItem(cJSON_GetArrayItem(records, i), "body");
        const cJSON *first_body = cJSON_GetObjectItem(cJSON_GetArrayItem(records, first), "body");
        assert_true(is_signed(records, i));
        assert_string_equal(header_in(records, i, "amz-sdk-request"), numbers[i]);
        assert_string_equal(header_in(records, i, "amz-sdk-invocation-id"),
                            header_in(records, first, "amz-sdk-invocation-id"));
        assert_true(cJSON_Compare(body, first_body, true));
        assert_int_equal(strlen(cJSON_GetObjectItem(body, "clientToken")->valuestring), 36);
    }
    /* Each call has its own. */
    assert_string_not_equal(header_in(records, 0, "amz-sdk-invocation-id"),
                            header_in(records, 3, "amz-sdk-invocation-id"));
    assert_false(cJSON_Compare(cJSON_GetObjectItem(cJSON_GetArrayItem(records, 0), "body"),
                               cJSON_GetObjectItem(cJSON_GetArrayItem(records, 3), "body"), true));
    /* More than a second later: the signature has a time, and with it a value, of its own. */
    assert_string_not_equal(header_in(records, 1, "x-amz-date"),
                            header_in(records, 2, "x-amz-date"));
    assert_string_not_equal(header_in(records, 1, "authorization"),
                            header_in(records, 2, "authorization"));
    cJSON_Delete(records);
}

/* When an attempt will be given up is told by the service's clock, once an answer has told that. */
static void attempts_tell_when_they_are_given_up(void **state)
{
    static const struct {
        const char *path;
        int32_t deadline_ms;
        double ahead[3]; /* of an attempt, in seconds; 0: it does not tell */
    } cases[] = {
        {"script/ttl1.dated~0.503", 0, {0, 30, 30}},
        {"script/ttl2.dated~3600.dated~-7200", 0, {0, 3630, -7170}},
        {"script/ttl3.503.dated~200", 0, {0, 0, 230}},          /* no Date: nothing is known */
        {"script/ttl4.dated~200000.dated~100", 0, {0, 0, 130}}, /* not to be believed */
        {"script/ttl5.dated~0.cut", 10000, {0, 10, 10}},
    };
    const caws_client_options options = {.timeout_ms = 30000};
    caws_client *client = new_client(&options);
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        const caws_call_options call = {.deadline_ms = cases[i].deadline_ms};
        if (call_path(client, cases[i].path, &call, &error) != CAWS_OK)
            fail_msg("%s: %s", cases[i].path, error.message);
        char name[8];
        snprintf(name, sizeof(name), "ttl%zu", i + 1);
        cJSON *records = records_of(name);
        assert_int_equal(cJSON_GetArraySize(records), 3);
        for (int attempt = 0; attempt < 3; attempt++) {
            const char *header = header_in(records, attempt, "amz-sdk-request");
            double expected = cases[i].ahead[attempt];
            char text[64];
            snprintf(text, sizeof(text), "attempt=%d; max=3", attempt + 1);
            assert_true(is_signed(records, attempt));
            if (expected == 0) {
                assert_string_equal(header, text);
                continue;
            }
            /* A Date is of whole seconds, and so is what is told of it; some are gone since. */
            double ahead = number_in(records, attempt, "ttl_ahead");
            if (ahead < expected - 6 || ahead > expected + 1)
                fail_msg("%s, attempt %d: %s, which is %f ahead", cases[i].path, attempt + 1,
                         header, ahead);
            if (strcmp(header + strlen("ttl=20260101T000000Z; "), text) != 0)
                fail_msg("%s, attempt %d: %s", cases[i].path, attempt + 1, header);
        }
        cJSON_Delete(records);
    }
    caws_client_free(client);
}

static bool take_update(void *context, const caws_logs_live_tail_session_update *event)
{
    (void)event;
    ++*(int *)context;
    return true;
}

static caws_status tail(const char *path, int *updates, caws_error *error,
                        caws_client_counters *counters)
{
    char url[256];
    static const char *const groups[] = {"/caws/group"};
    const caws_logs_start_live_tail_input input = {.log_group_identifiers = {groups, 1}};
    const caws_logs_start_live_tail_handler handler = {.context = updates,
                                                       .session_update = take_update};
    snprintf(url, sizeof(url), "%s/%s", required_environment("CAWS_TEST_FAULT_URL"), path);
    const caws_client_options options = {
        .endpoint_url = url, .no_host_prefix = true, .timeout_ms = 300};
    caws_client *client = new_client(&options);
    *updates = 0;
    caws_status status = caws_logs_start_live_tail(client, &input, &handler, error);
    *counters = counters_of(client);
    caws_client_free(client);
    return status;
}

static void streams_are_repeated_until_they_begin(void **state)
{
    static const char *const before[] = {"script/s1.503.reset", "script/s2.close",
                                         "script/s3.slow~1", "script/s4.error~InternalError"};
    static const char *const after[] = {"script/s5.stream-cut~300", "script/s6.stream-reset",
                                        "script/s7.stream-silence", "script/s8.stream-cut~1",
                                        "script/s9.stream-chunked-cut"};
    caws_error error = CAWS_ERROR_INIT;
    caws_client_counters counters;
    int updates = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
        char path[128];
        snprintf(path, sizeof(path), "%s.stream", before[i]);
        if (tail(path, &updates, &error, &counters) != CAWS_OK)
            fail_msg("%s: %s", path, error.message);
        assert_int_equal(updates, 3); /* each once */
        assert_true(counters.attempts >= 2);
    }
    for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
        char path[128];
        snprintf(path, sizeof(path), "%s.stream", after[i]);
        assert_int_not_equal(tail(path, &updates, &error, &counters), CAWS_OK);
        if (error.attempts != 1)
            fail_msg("%s: %d attempts, %s", after[i], error.attempts, error.message);
        assert_int_equal(counters.attempts, 1);
    }
    caws_error_clear(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures_are_repeated),
        cmocka_unit_test(refusals_are_not_repeated),
        cmocka_unit_test(attempts_are_limited),
        cmocka_unit_test(a_negative_limit_is_refused),
        cmocka_unit_test(unreachable_servers_are_tried_again),
        cmocka_unit_test(throttling_waits_longer),
        cmocka_unit_test(a_service_may_ask_for_a_pause),
        cmocka_unit_test(attempts_are_one_call),
        cmocka_unit_test(attempts_tell_when_they_are_given_up),
        cmocka_unit_test(streams_are_repeated_until_they_begin),
    };
    return cmocka_run_group_tests_name("retries", tests, NULL, NULL);
}
