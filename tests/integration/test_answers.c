/* Every kind of answer that a server, or what pretends to be one, can give to a call. */
#include "servers.h"

typedef struct answer_case {
    const char *scenario;
    caws_status status;
    const char *code;
    const char *message; /* a part of it */
    int http_status;
    int exception;
} answer_case;

static const answer_case cases[] = {
    /* Successes in odd shapes. */
    {"ok", CAWS_OK, "", "", 0, 0},
    {"chunked", CAWS_OK, "", "", 0, 0},
    {"until-close", CAWS_OK, "", "", 0, 0},
    {"line-feeds", CAWS_OK, "", "", 0, 0},
    {"drip/1", CAWS_OK, "", "", 0, 0},
    {"extra-members", CAWS_OK, "", "", 0, 0},
    {"null-members", CAWS_OK, "", "", 0, 0},
    {"nul-in-string", CAWS_OK, "", "", 0, 0},
    {"bad-surrogate", CAWS_OK, "", "", 0, 0}, /* arrives as U+FFFD */
    {"duplicate", CAWS_OK, "", "", 0, 0},
    /* 200, but not what the operation promises. */
    {"empty-200", CAWS_ERROR_RESPONSE_EMPTY, "EmptyResponse", "empty body where CreateExportTask",
     200, 0},
    {"html-200", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse",
     "not JSON (text/html, 89 bytes): <html><head><title>Oops", 200, 0},
    {"not-json", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse", "taskId=task-1", 200, 0},
    {"cut-json", CAWS_ERROR_RESPONSE_TRUNCATED, "TruncatedResponse", "after 12 bytes", 200, 0},
    {"trailing", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse", "at byte 19 of 20", 200, 0},
    {"array", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse", "no object", 200, 0},
    {"scalar", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse", "not JSON", 200, 0},
    {"wrong-type", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse",
     "taskId: a number where a string belongs", 200, 0},
    {"raw-nul", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse", "NUL byte at byte 12", 200, 0},
    {"bad-utf8", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse", "not UTF-8 at byte 12", 200,
     0},
    {"deep", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse", "nested more than 1000", 200, 0},
    {"huge-length", CAWS_ERROR_RESPONSE_TOO_LARGE, "ResponseTooLarge", "max_response_bytes", 200,
     0},
    /* Transport. */
    {"cut", CAWS_ERROR_RESPONSE_TRUNCATED, "TruncatedResponse", "", 200, 0},
    {"chunked-cut", CAWS_ERROR_RESPONSE_TRUNCATED, "TruncatedResponse", "", 200, 0},
    {"reset", CAWS_ERROR_CONNECTION, "ConnectionFailed", "127.0.0.1", 0, 0},
    {"close", CAWS_ERROR_CONNECTION, "ConnectionFailed", "Empty reply", 0, 0},
    {"garbage", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse", "HTTP/0.9", 0, 0},
    {"redirect", CAWS_ERROR_HTTP, "307", "never followed", 307, 0},
    /* Errors without a code. */
    {"html-500", CAWS_ERROR_HTTP, "500", "HTTP 500 with a body that is not JSON (text/html", 500,
     0},
    {"empty-500", CAWS_ERROR_HTTP, "500", "HTTP 500 with an empty body", 500, 0},
    {"not-json-500", CAWS_ERROR_HTTP, "500", "Service Unavailable", 500, 0},
    {"error-no-code", CAWS_ERROR_HTTP, "400", "something is wrong", 400, 0},
    {"error-wrong-type", CAWS_ERROR_HTTP, "400", "without an error code", 400, 0},
    {"status/404", CAWS_ERROR_HTTP, "404", "empty body", 404, 0},
    /* The code, wherever it stands. */
    {"error-type-header", CAWS_ERROR_SERVICE, "LimitExceededException", "Resource limit exceeded.",
     400, CAWS_LOGS_LIMIT_EXCEEDED_EXCEPTION},
    {"error-type-namespace", CAWS_ERROR_SERVICE, "LimitExceededException",
     "Resource limit exceeded.", 400, CAWS_LOGS_LIMIT_EXCEEDED_EXCEPTION},
    {"error-code", CAWS_ERROR_SERVICE, "LimitExceededException", "Resource limit exceeded.", 400,
     CAWS_LOGS_LIMIT_EXCEEDED_EXCEPTION},
    {"error-Message", CAWS_ERROR_SERVICE, "LimitExceededException", "Resource limit exceeded.", 400,
     CAWS_LOGS_LIMIT_EXCEEDED_EXCEPTION},
    {"error-no-message", CAWS_ERROR_SERVICE, "LimitExceededException", "no message", 400,
     CAWS_LOGS_LIMIT_EXCEEDED_EXCEPTION},
    {"error-header-only", CAWS_ERROR_SERVICE, "LimitExceededException", "no message", 400,
     CAWS_LOGS_LIMIT_EXCEEDED_EXCEPTION},
    {"error-xml", CAWS_ERROR_SERVICE, "SignatureDoesNotMatch", "The signature does not match.", 403,
     0},
    {"error-unmodeled", CAWS_ERROR_SERVICE, "BrandNewException", "never seen before", 400, 0},
    {"error-503-throttle", CAWS_ERROR_SERVICE, "ThrottlingException", "Rate exceeded", 503,
     CAWS_LOGS_THROTTLING_EXCEPTION},
    {"error-each/InvalidParameterException", CAWS_ERROR_SERVICE, "InvalidParameterException",
     "the message of", 400, CAWS_LOGS_INVALID_PARAMETER_EXCEPTION},
    {"error-each/OperationAbortedException", CAWS_ERROR_SERVICE, "OperationAbortedException",
     "the message of", 400, CAWS_LOGS_OPERATION_ABORTED_EXCEPTION},
    {"error-each/ServiceUnavailableException", CAWS_ERROR_SERVICE, "ServiceUnavailableException",
     "the message of", 400, CAWS_LOGS_SERVICE_UNAVAILABLE_EXCEPTION},
    {"error-each/ResourceNotFoundException", CAWS_ERROR_SERVICE, "ResourceNotFoundException",
     "the message of", 400, CAWS_LOGS_RESOURCE_NOT_FOUND_EXCEPTION},
    {"error-each/ResourceAlreadyExistsException", CAWS_ERROR_SERVICE,
     "ResourceAlreadyExistsException", "the message of", 400,
     CAWS_LOGS_RESOURCE_ALREADY_EXISTS_EXCEPTION},
};

static void check_case(void **state)
{
    const answer_case *expected = *state;
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_fault_client(expected->scenario, NULL);
    char *task_id = NULL;
    create_task(client, &task_id, &error);

    assert_string_equal(caws_status_string(error.status), caws_status_string(expected->status));
    assert_string_equal(error.code, expected->code);
    if (strstr(error.message, expected->message) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", expected->message, error.message);
    assert_int_equal(error.http_status, expected->status == CAWS_OK ? 0 : expected->http_status);
    assert_int_equal(error.exception, expected->exception);
    bool answered = expected->http_status != 0 && expected->status != CAWS_OK;
    assert_string_equal(error.request_id, answered ? "00000000-0000-4000-8000-000000000001" : "");
    assert_int_equal(error.attempts, expected->status == CAWS_OK ? 0 : 1);

    free(task_id);
    caws_error_clear(&error);
    caws_client_free(client);
}

/* Whether an error is worth another attempt. */
static void retryable_errors_are_told(void **state)
{
    static const struct {
        const char *scenario;
        bool retryable;
        bool throttling;
    } expected[] = {
        {"error-503-throttle", true, true},
        {"html-500", true, false},
        {"status/502", true, false},
        {"status/429", true, true},
        {"reset", true, false},
        {"cut", true, false},
        {"error-unmodeled", false, false},
        {"status/404", false, false},
        {"html-200", false, false},
        {"wrong-type", false, false},
        {"error-each/InvalidParameterException", false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        caws_client *client = new_fault_client(expected[i].scenario, NULL);
        char *task_id = NULL;
        create_task(client, &task_id, &error);
        if (error.retryable != expected[i].retryable || error.throttling != expected[i].throttling)
            fail_msg("%s: retryable %d, throttling %d", expected[i].scenario, error.retryable,
                     error.throttling);
        caws_error_clear(&error);
        caws_client_free(client);
    }
}

static void received_nul_becomes_replacement_character(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_fault_client("nul-in-string", NULL);
    char *task_id = NULL;
    (void)state;
    assert_int_equal(create_task(client, &task_id, &error), CAWS_OK);
    assert_string_equal(task_id, "a\xef\xbf\xbd"
                                 "b");
    free(task_id);
    caws_client_free(client);
}

static void integers_are_exact(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_fault_client("big-int", NULL);
    caws_logs_describe_export_tasks_output *out = NULL;
    (void)state;
    assert_int_equal(caws_logs_describe_export_tasks(client, NULL, &out, &error), CAWS_OK);
    assert_int_equal(out->export_tasks.count, 1);
    const caws_logs_export_task *task = &out->export_tasks.items[0];
    assert_true(task->from.present && task->from.value == INT64_C(9007199254740993));
    assert_true(task->to.present && task->to.value == INT64_MAX);
    assert_null(task->task_name);
    assert_null(task->execution_info);
    assert_string_equal(task->status->code, CAWS_LOGS_EXPORT_TASK_STATUS_CODE_RUNNING);
    caws_output_free(out);
    caws_client_free(client);
}

static void bad_numbers_are_named(void **state)
{
    static const struct {
        const char *scenario;
        const char *message;
    } expected[] = {
        {"big-number", "exportTasks[0].from: a number where a whole number within range belongs"},
        {"fraction", "exportTasks[0].from: a number where a whole number belongs"},
        {"wrong-item", "exportTasks[1]: a number where an object belongs"},
        {"wrong-type", "exportTasks: an object where an array belongs"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        caws_client *client = new_fault_client(expected[i].scenario, NULL);
        caws_logs_describe_export_tasks_output *out = NULL;
        assert_int_equal(caws_logs_describe_export_tasks(client, NULL, &out, &error),
                         CAWS_ERROR_RESPONSE_MALFORMED);
        assert_null(out);
        assert_string_equal(error.message, expected[i].message);
        caws_error_clear(&error);
        caws_client_free(client);
    }
}

/* CancelExportTask has no output: an empty body is its normal answer, and whatever else comes is
 * ignored. */
static void operations_without_output_ignore_the_body(void **state)
{
    static const char *const scenarios[] = {"empty-200", "ok", "html-200"};
    (void)state;
    for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        caws_client *client = new_fault_client(scenarios[i], NULL);
        const caws_logs_cancel_export_task_input input = {.task_id = "task-1"};
        assert_int_equal(caws_logs_cancel_export_task(client, &input, &error), CAWS_OK);
        caws_client_free(client);
    }
}

static void large_answers_are_bounded(void **state)
{
    static const char *const scenarios[] = {"huge", "ok"};
    const caws_client_options options = {.max_response_bytes = 10};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        caws_error error = CAWS_ERROR_INIT;
        caws_client *client = new_fault_client(scenarios[i], &options);
        char *task_id = NULL;
        assert_int_equal(create_task(client, &task_id, &error), CAWS_ERROR_RESPONSE_TOO_LARGE);
        assert_non_null(strstr(error.message, "max_response_bytes, 10"));
        caws_error_clear(&error);
        caws_client_free(client);
    }
}

/* 1.5 MB of text that stand for at least 25 MB of memory. */
static void what_an_answer_becomes_is_bounded(void **state)
{
    static const size_t limits[] = {1600000, 0};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        caws_error error = CAWS_ERROR_INIT;
        const caws_client_options options = {.max_response_bytes = limits[i]};
        caws_client *client = new_fault_client("count-bomb", &options);
        caws_logs_describe_export_tasks_output *output = NULL;
        caws_status status = caws_logs_describe_export_tasks(client, NULL, &output, &error);
        if (limits[i] == 0) {
            assert_int_equal(status, CAWS_OK);
            assert_int_equal(output->export_tasks.count, 500001);
        } else {
            assert_int_equal(status, CAWS_ERROR_RESPONSE_TOO_LARGE);
            assert_non_null(strstr(error.message, "25600000 bytes of memory"));
            assert_null(output);
        }
        caws_output_free(output);
        caws_error_clear(&error);
        caws_client_free(client);
    }
}

static void headers_are_bounded(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_fault_client("huge-header", NULL);
    char *task_id = NULL;
    (void)state;
    assert_int_not_equal(create_task(client, &task_id, &error), CAWS_OK);
    assert_int_not_equal(error.status, CAWS_ERROR_TIMEOUT);
    caws_error_clear(&error);
    caws_client_free(client);
}

/* A failed call leaves the client as good as new. */
static void client_survives_every_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_client *client = new_fault_client(cases[i].scenario, NULL);
        for (int round = 0; round < 2; round++) {
            caws_error error = CAWS_ERROR_INIT;
            char *task_id = NULL;
            caws_status status = create_task(client, &task_id, &error);
            if (status != cases[i].status)
                fail_msg("%s, round %d: status %d instead of %d: %s", cases[i].scenario, round,
                         (int)status, (int)cases[i].status, error.message);
            free(task_id);
            caws_error_clear(&error);
        }
        caws_client_free(client);
    }
}

int main(void)
{
    enum { CASES = sizeof(cases) / sizeof(cases[0]) };
    struct CMUnitTest tests[CASES + 9];
    memset(tests, 0, sizeof(tests));
    for (size_t i = 0; i < CASES; i++)
        tests[i] = (struct CMUnitTest){cases[i].scenario, check_case, NULL, NULL,
                                       (void *)(uintptr_t)&cases[i]};
    const struct CMUnitTest more[] = {
        cmocka_unit_test(retryable_errors_are_told),
        cmocka_unit_test(received_nul_becomes_replacement_character),
        cmocka_unit_test(integers_are_exact),
        cmocka_unit_test(bad_numbers_are_named),
        cmocka_unit_test(operations_without_output_ignore_the_body),
        cmocka_unit_test(large_answers_are_bounded),
        cmocka_unit_test(what_an_answer_becomes_is_bounded),
        cmocka_unit_test(headers_are_bounded),
        cmocka_unit_test(client_survives_every_answer),
    };
    memcpy(tests + CASES, more, sizeof(more));
    return cmocka_run_group_tests_name("answers", tests, NULL, NULL);
}
