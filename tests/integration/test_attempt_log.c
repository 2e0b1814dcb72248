/* What a client tells of its attempts: lines in the log, and counters. */
#include "script.h"

typedef struct log_lines {
    char text[32768];
    size_t length;
    int attempts; /* their lines */
} log_lines;

static void keep_line(void *context, caws_log_level level, const char *line)
{
    log_lines *lines = context;
    if (level == CAWS_LOG_INFO)
        lines->attempts++;
    lines->length += (size_t)snprintf(lines->text + lines->length,
                                      sizeof(lines->text) - lines->length, "%d %s\n", level, line);
    assert_true(lines->length < sizeof(lines->text));
}

static void each_attempt_is_a_line_and_no_secret(void **state)
{
    static const char *const paths[] = {"script/l1.503.reset",
                                        "error-echo",
                                        "script/l2.error~ValidationException",
                                        "echo",
                                        "script/l3.cut.slow~1",
                                        "skew/l4.3600.RequestTimeTooSkewed",
                                        "not-json",
                                        "redirect"};
    static const char *const secrets[] = {"secret-of-the-test", "token-of-the-test", "my-log-group",
                                          "my-exported-logs", "Signature="};
    static const char *const parts[] = {" http_status=503 ",
                                        " http_status=200 ",
                                        " attempt=1\n",
                                        " attempt=2\n",
                                        " attempt=3\n",
                                        " host=127.0.0.1:",
                                        " request_id=00000000-0000-4000-8000-000000000001 ",
                                        " request_id=- ",
                                        " ms=",
                                        " sent_bytes=",
                                        " received_bytes=19 "};
    const caws_credentials keys = {"AKIDTEST", "secret-of-the-test", "token-of-the-test"};
    log_lines lines = {.length = 0};
    const caws_client_options options = {.credentials = &keys,
                                         .log = keep_line,
                                         .log_context = &lines,
                                         .log_level = CAWS_LOG_DEBUG,
                                         .timeout_ms = 200};
    caws_client *client = new_client(&options);
    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        (void)call_path(client, paths[i], NULL, &error);
        for (size_t s = 0; s < sizeof(secrets) / sizeof(secrets[0]); s++)
            if (strstr(error.message, secrets[s]) != NULL && s < 2)
                fail_msg("%s: %s is in \"%s\"", paths[i], secrets[s], error.message);
        caws_error_clear(&error);
    }
    const caws_client_counters c = counters_of(client);
    assert_int_equal(lines.attempts, c.attempts);
    assert_true(lines.attempts > (int)c.calls);
    for (size_t s = 0; s < 4; s++) /* a service may quote a signature, which is no secret */
        if (strstr(lines.text, secrets[s]) != NULL)
            fail_msg("%s is in %s", secrets[s], lines.text);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (strstr(lines.text, parts[i]) == NULL)
            fail_msg("%s is not in %s", parts[i], lines.text);
    caws_client_free(client);
}

static void counters_add_up(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_client(NULL);
    caws_client_counters c = counters_of(NULL);
    (void)state;
    assert_int_equal(c.calls + c.attempts, 0);
    for (int i = 0; i < 10; i++)
        assert_int_equal(call_path(client, "ok", NULL, &error), CAWS_OK);
    c = counters_of(client);
    assert_int_equal(c.calls, 10);
    assert_int_equal(c.attempts, 10);
    assert_int_equal(c.connections_opened, 1);
    assert_int_equal(c.connections_reused, 9);
    assert_int_equal(c.bytes_received, 10 * strlen("{\"taskId\":\"task-1\"}"));
    cJSON *records = NULL;
    assert_int_equal(call_path(client, "script/sum.ok", NULL, &error), CAWS_OK);
    records = records_of("sum");
    uint64_t length = strtoull(header_in(records, 0, "content-length"), NULL, 10);
    cJSON_Delete(records);
    c = counters_of(client);
    assert_int_equal(c.bytes_sent, 11 * length);

    /* What fails before it is sent is a call and a failure, and no attempt. */
    caws_logs_create_export_task_output *out = NULL;
    assert_int_equal(caws_logs_create_export_task(client, NULL, &out, &error),
                     CAWS_ERROR_INVALID_INPUT);
    c = counters_of(client);
    assert_int_equal(c.calls, 12);
    assert_int_equal(c.failures, 1);
    assert_int_equal(c.attempts, 11);
    caws_error_clear(&error);
    caws_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_attempt_is_a_line_and_no_secret),
        cmocka_unit_test(counters_add_up),
    };
    return cmocka_run_group_tests_name("attempt log", tests, NULL, NULL);
}
