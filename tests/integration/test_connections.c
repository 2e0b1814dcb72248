/* What happens on the way: connections, TLS, timeouts, threads, signals, logs. */
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "servers.h"

static int64_t elapsed_ms(const struct timespec *since)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000;
}

static caws_status call_at(const char *url, const caws_client_options *options, caws_error *error)
{
    caws_client *client = new_client_at(url, options);
    char *task_id = NULL;
    caws_status status = create_task(client, &task_id, error);
    free(task_id);
    caws_client_free(client);
    return status;
}

static void connections_are_reused(void **state)
{
    caws_client *client = new_fault_client("keepalive-count/reused", NULL);
    (void)state;
    for (int i = 0; i < 20; i++) {
        caws_error error = CAWS_ERROR_INIT;
        char *count = NULL;
        assert_int_equal(create_task(client, &count, &error), CAWS_OK);
        assert_string_equal(count, "1");
        free(count);
    }
    caws_client_free(client);
}

/* A program that talks to two places in turn keeps a connection to each. */
static void connections_to_two_hosts_are_kept(void **state)
{
    const char *urls[2];
    caws_client *client = new_fault_client("ok", NULL);
    char other[256];
    (void)state;
    urls[0] = NULL; /* the client's own */
    snprintf(other, sizeof(other), "%s/delay/0", required_environment("CAWS_TEST_CROWD_URL"));
    urls[1] = other;
    for (int i = 0; i < 10; i++) {
        const caws_logs_create_export_task_input input = valid_input();
        const caws_call_options options = {.endpoint_url = urls[i % 2]};
        caws_error error = CAWS_ERROR_INIT;
        if (caws_call_with(client, &caws_operation_logs_create_export_task, &input, &options, NULL,
                           &error) != CAWS_OK)
            fail_msg("call %d: %s: %s", i, error.code, error.message);
    }
    caws_client_counters counters;
    caws_client_count(client, &counters);
    assert_int_equal(counters.connections_opened, 2);
    assert_int_equal(counters.connections_reused, 8);
    caws_client_free(client);
}

/* A server may close an idle connection at any time; that is not the caller's error. If it does so
 * while the next request is on its way, that is an attempt that failed. */
static void closed_connections_are_replaced(void **state)
{
    const caws_client_options options = {.max_attempts = 2};
    caws_client *client = new_fault_client("once-then-close", &options);
    (void)state;
    for (int i = 0; i < 5; i++) {
        caws_error error = CAWS_ERROR_INIT;
        char *task_id = NULL;
        if (create_task(client, &task_id, &error) != CAWS_OK)
            fail_msg("call %d: %s: %s", i, error.code, error.message);
        free(task_id);
    }
    caws_client_free(client);
}

/* What comes on a kept connection before a request is sent is no answer to it. */
static void answers_that_nobody_asked_for_are_not_taken(void **state)
{
    const struct timespec a_while = {0, 200000000};
    caws_client *client = new_fault_client("talkative", NULL);
    (void)state;
    for (int i = 0; i < 4; i++) {
        caws_error error = CAWS_ERROR_INIT;
        char *task_id = NULL;
        if (create_task(client, &task_id, &error) != CAWS_OK)
            fail_msg("call %d: %s: %s", i, error.code, error.message);
        assert_string_equal(task_id, "task-1");
        free(task_id);
        nanosleep(&a_while, NULL); /* it has come by now */
    }
    caws_client_counters counters;
    caws_client_count(client, &counters);
    assert_int_equal(counters.attempts, 4);
    caws_client_free(client);
}

static void tls_is_verified(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    const char *url = required_environment("CAWS_TEST_TLS_URL");
    const caws_client_options trusting = {.ca_bundle = required_environment("CAWS_TEST_CA_FILE")};
    (void)state;
    assert_int_equal(call_at(url, &trusting, &error), CAWS_OK);
    /* The system's certificates do not have the test's authority. */
    assert_int_equal(call_at(url, NULL, &error), CAWS_ERROR_TLS);
    assert_string_equal(error.code, "TlsFailed");
    assert_non_null(strstr(error.message, "certificate"));
    static const char *const bad[] = {"CAWS_TEST_TLS_BADHOST_URL", "CAWS_TEST_TLS_EXPIRED_URL",
                                      "CAWS_TEST_TLS_UNTRUSTED_URL"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(call_at(required_environment(bad[i]), &trusting, &error), CAWS_ERROR_TLS);

    const caws_client_options no_file = {.ca_bundle = "/no/such/file.pem"};
    assert_int_equal(call_at(url, &no_file, &error), CAWS_ERROR_TLS);
    assert_non_null(strstr(error.message, "/no/such/file.pem"));
    caws_error_clear(&error);
}

static void ca_bundle_from_the_environment(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    (void)state;
    setenv("AWS_CA_BUNDLE", required_environment("CAWS_TEST_CA_FILE"), 1);
    assert_int_equal(call_at(required_environment("CAWS_TEST_TLS_URL"), NULL, &error), CAWS_OK);
    unsetenv("AWS_CA_BUNDLE");
}

static void unreachable_servers_are_told(void **state)
{
    static const struct {
        const char *url;
        const char *message;
    } cases[] = {
        {"http://127.0.0.1:1", "127.0.0.1:1: Failed to connect"},
        {"http://no-such-host.invalid", "no-such-host.invalid: Could not resolve host"},
        {"http://[::1]:1", "[::1]:1: "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        assert_int_equal(call_at(cases[i].url, NULL, &error), CAWS_ERROR_CONNECTION);
        if (strstr(error.message, cases[i].message) == NULL)
            fail_msg("\"%s\" is not in \"%s\"", cases[i].message, error.message);
        assert_true(error.retryable);
        assert_int_equal(error.http_status, 0);
        caws_error_clear(&error);
    }
}

static void timeouts_end_calls(void **state)
{
    static const char *const scenarios[] = {"slow", "drip/100"};
    const caws_client_options options = {.timeout_ms = 300};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        caws_error error = CAWS_ERROR_INIT;
        struct timespec began;
        clock_gettime(CLOCK_MONOTONIC, &began);
        caws_client *client = new_fault_client(scenarios[i], &options);
        char *task_id = NULL;
        assert_int_equal(create_task(client, &task_id, &error), CAWS_ERROR_TIMEOUT);
        assert_string_equal(error.code, "Timeout");
        assert_in_range(elapsed_ms(&began), 290, 5000);
        caws_error_clear(&error);
        caws_client_free(client);
    }
}

enum { THREADS = 16, CALLS = 50 };

static void *call_often(void *context)
{
    caws_client *client = context;
    uintptr_t failures = 0;
    for (int i = 0; i < CALLS; i++) {
        caws_error error = CAWS_ERROR_INIT;
        char *task_id = NULL;
        if (create_task(client, &task_id, &error) != CAWS_OK || strcmp(task_id, "task-1") != 0)
            failures++;
        free(task_id);
        caws_error_clear(&error);
    }
    return (void *)failures;
}

static void threads_share_a_client(void **state)
{
    pthread_t threads[THREADS];
    caws_client *client = new_fault_client("ok", NULL);
    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, call_often, client), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failures = NULL;
        assert_int_equal(pthread_join(threads[i], &failures), 0);
        assert_ptr_equal(failures, NULL);
    }
    caws_client_free(client);
}

/* SIGPIPE has its default action here: it would end this program. Its disposition and mask belong
 * to the host program and stay as they were. */
static void sigpipe_stays_away(void **state)
{
    static const char *const urls[] = {"CAWS_TEST_FAULT_URL", "CAWS_TEST_TLS_URL"};
    const caws_client_options options = {.ca_bundle = required_environment("CAWS_TEST_CA_FILE")};
    struct sigaction action;
    sigset_t mask;
    sigset_t pending;
    (void)state;
    signal(SIGPIPE, SIG_DFL);
    for (int i = 0; i < 40; i++) {
        char url[256];
        caws_error error = CAWS_ERROR_INIT;
        snprintf(url, sizeof(url), "%s/%s", required_environment(urls[i % 2]),
                 i % 4 < 2 ? "reset" : "once-then-close");
        caws_client *client = new_client_at(url, &options);
        for (int call = 0; call < 3; call++) {
            char *task_id = NULL;
            create_task(client, &task_id, &error);
            free(task_id);
        }
        caws_error_clear(&error);
        caws_client_free(client);
    }
    assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
    assert_true(action.sa_handler == SIG_DFL);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    assert_int_equal(sigismember(&mask, SIGPIPE), 0);
    sigpending(&pending);
    assert_int_equal(sigismember(&pending, SIGPIPE), 0);
}

/* The request as the server saw it. */
static void requests_have_the_right_headers(void **state)
{
    static const char *const parts[] = {
        "\"method\": \"POST\"",
        "\"name\": \"Content-Type\", \"value\": \"application/x-amz-json-1.1\"",
        "\"name\": \"X-Amz-Target\", \"value\": \"Logs_20140328.CreateExportTask\"",
        "\"value\": \"session-token\"",
        "Credential=AKIDTEST/",
        "/eu-central-1/logs/aws4_request, ",
        "SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-type;host;x-amz-date;x-amz-",
        "-security-token;x-amz-target, Signature=",
        "\"value\": \"caws/",
        "\\\"logGroupName\\\":\\\"my-log-group\\\",\\\"from\\\":1441490400000",
    };
    const caws_credentials credentials = {"AKIDTEST", "secret-of-the-test", "session-token"};
    const caws_client_options options = {.region = "eu-central-1", .credentials = &credentials};
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_fault_client("echo", &options);
    char *received = NULL;
    (void)state;
    assert_int_equal(create_task(client, &received, &error), CAWS_OK);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (strstr(received, parts[i]) == NULL)
            fail_msg("%s is not in %s", parts[i], received);
    assert_null(strstr(received, "secret-of-the-test"));
    assert_null(strstr(received, "Expect"));
    free(received);
    caws_client_free(client);
}

/* The echo server answers with the request, as a service that refuses a signature may do. */
static void quoted_secrets_are_masked(void **state)
{
    const caws_credentials credentials = {"AKIDTEST", "secret-of-the-test", "token-of-the-test"};
    const caws_client_options options = {.credentials = &credentials};
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_fault_client("error-echo", &options);
    char *task_id = NULL;
    (void)state;
    assert_int_equal(create_task(client, &task_id, &error), CAWS_ERROR_SERVICE);
    assert_non_null(strstr(error.message, "x-amz-security-token: ***"));
    assert_null(strstr(error.message, "token-of-the-test"));
    caws_error_clear(&error);
    caws_client_free(client);
}

static void a_missing_client_keeps_its_reason(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    const caws_client_options options = {.region = "no region"};
    caws_client *client = caws_client_new(&options, &error);
    char *task_id = NULL;
    (void)state;
    assert_null(client);
    assert_int_equal(create_task(client, &task_id, &error), CAWS_ERROR_CONFIGURATION);
    assert_non_null(strstr(error.message, "no region"));
    assert_int_equal(caws_logs_wait_export_task_completed(NULL, NULL, NULL, NULL, &error),
                     CAWS_ERROR_CONFIGURATION);
    assert_null(caws_logs_paginate_describe_export_tasks(NULL, NULL, &error));
    assert_non_null(strstr(error.message, "no region"));
    caws_error_clear(&error);
    assert_int_equal(create_task(NULL, &task_id, &error), CAWS_ERROR_CONFIGURATION);
    assert_string_equal(error.message, "the client is NULL");
    assert_int_equal(create_task(NULL, &task_id, NULL), CAWS_ERROR_CONFIGURATION);
    caws_error_clear(&error);
}

typedef struct log_lines {
    char text[8192];
    size_t length;
    int count;
} log_lines;

static void keep_line(void *context, caws_log_level level, const char *line)
{
    log_lines *lines = context;
    lines->count++;
    lines->length += (size_t)snprintf(lines->text + lines->length,
                                      sizeof(lines->text) - lines->length, "%d %s\n", level, line);
    assert_true(lines->length < sizeof(lines->text));
    assert_null(strchr(line, '\n'));
}

static void logs_tell_what_happened_and_no_secret(void **state)
{
    const caws_credentials credentials = {"AKIDTEST", "secret-of-the-test", "token-of-the-test"};
    log_lines lines = {.count = 0};
    const caws_client_options options = {.credentials = &credentials,
                                         .log = keep_line,
                                         .log_context = &lines,
                                         .log_level = CAWS_LOG_DEBUG};
    caws_error error = CAWS_ERROR_INIT;
    (void)state;
    caws_client *client = new_fault_client("ok", &options);
    char *task_id = NULL;
    assert_int_equal(create_task(client, &task_id, &error), CAWS_OK);
    free(task_id);
    caws_client_free(client);
    assert_non_null(strstr(lines.text, "3 the endpoint of CloudWatch Logs is http://127.0.0.1:"));
    assert_non_null(strstr(lines.text, "CreateExportTask host=127.0.0.1:"));
    assert_non_null(strstr(lines.text, "http_status=200 "
                                       "request_id=00000000-0000-4000-8000-000000000001"));

    client = new_fault_client("error-code", &options);
    assert_int_equal(create_task(client, &task_id, &error), CAWS_ERROR_SERVICE);
    assert_non_null(strstr(lines.text, "CreateExportTask failed: LimitExceededException: "
                                       "Resource limit exceeded."));
    assert_null(strstr(lines.text, "secret-of-the-test"));
    assert_null(strstr(lines.text, "token-of-the-test"));
    assert_null(strstr(lines.text, "my-log-group"));
    caws_error_clear(&error);
    caws_client_free(client);
}

/* Credentials and region may be missing until a call needs them. */
static void missing_settings_are_reported_by_the_call(void **state)
{
    char id[128];
    char region[64];
    caws_error error = CAWS_ERROR_INIT;
    (void)state;
    snprintf(id, sizeof(id), "%s", required_environment("AWS_ACCESS_KEY_ID"));
    snprintf(region, sizeof(region), "%s", required_environment("AWS_REGION"));

    unsetenv("AWS_REGION");
    caws_client *client = new_fault_client("ok", NULL);
    char *task_id = NULL;
    assert_int_equal(create_task(client, &task_id, &error), CAWS_ERROR_CONFIGURATION);
    assert_non_null(strstr(error.message, "AWS_REGION"));
    caws_client_free(client);
    setenv("AWS_REGION", region, 1);

    unsetenv("AWS_ACCESS_KEY_ID");
    assert_null(caws_client_new(NULL, &error));
    assert_int_equal(error.status, CAWS_ERROR_CREDENTIALS);
    assert_string_equal(error.message,
                        "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not");

    char secret[128];
    snprintf(secret, sizeof(secret), "%s", required_environment("AWS_SECRET_ACCESS_KEY"));
    unsetenv("AWS_SECRET_ACCESS_KEY");
    client = new_fault_client("ok", NULL);
    assert_int_equal(create_task(client, &task_id, &error), CAWS_ERROR_CREDENTIALS);
    assert_non_null(strstr(error.message, "AWS_ACCESS_KEY_ID"));
    assert_int_equal(error.attempts, 0);
    caws_client_free(client);
    setenv("AWS_ACCESS_KEY_ID", id, 1);
    setenv("AWS_SECRET_ACCESS_KEY", secret, 1);
    caws_error_clear(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_are_reused),
        cmocka_unit_test(connections_to_two_hosts_are_kept),
        cmocka_unit_test(closed_connections_are_replaced),
        cmocka_unit_test(answers_that_nobody_asked_for_are_not_taken),
        cmocka_unit_test(tls_is_verified),
        cmocka_unit_test(ca_bundle_from_the_environment),
        cmocka_unit_test(unreachable_servers_are_told),
        cmocka_unit_test(timeouts_end_calls),
        cmocka_unit_test(threads_share_a_client),
        cmocka_unit_test(sigpipe_stays_away),
        cmocka_unit_test(requests_have_the_right_headers),
        cmocka_unit_test(quoted_secrets_are_masked),
        cmocka_unit_test(a_missing_client_keeps_its_reason),
        cmocka_unit_test(logs_tell_what_happened_and_no_secret),
        cmocka_unit_test(missing_settings_are_reported_by_the_call),
    };
    return cmocka_run_group_tests_name("connections", tests, NULL, NULL);
}
