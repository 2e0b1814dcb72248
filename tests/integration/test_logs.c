/* The three operations and the waiter against an independent server that checks signatures. */
#include <time.h>

#include "servers.h"

static int64_t now_ms(void)
{
    return (int64_t)time(NULL) * 1000;
}

static caws_logs_create_export_task_input export_of_last_hour(void)
{
    return (caws_logs_create_export_task_input){
        .task_name = "test",
        .log_group_name = required_environment("CAWS_TEST_LOG_GROUP"),
        .from = caws_i64(now_ms() - 3600000),
        .to = caws_i64(now_ms()),
        .destination = required_environment("CAWS_TEST_BUCKET"),
        .destination_prefix = "exports/\xc3\xbc", /* not only ASCII is signed */
    };
}

static char *start_export(caws_client *client)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_logs_create_export_task_output *out = NULL;
    const caws_logs_create_export_task_input input = export_of_last_hour();
    if (caws_logs_create_export_task(client, &input, &out, &error) != CAWS_OK)
        fail_msg("%s: %s", error.code, error.message);
    char *task_id = strdup(out->task_id);
    caws_output_free(out);
    return task_id;
}

static void export_describe_and_cancel(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_moto_client(NULL);
    char *task_id = start_export(client);
    caws_logs_describe_export_tasks_output *out = NULL;
    const caws_logs_describe_export_tasks_input describe = {.task_id = task_id};
    (void)state;

    assert_int_equal(caws_logs_describe_export_tasks(client, &describe, &out, &error), CAWS_OK);
    assert_int_equal(out->export_tasks.count, 1);
    const caws_logs_export_task *task = &out->export_tasks.items[0];
    assert_string_equal(task->task_id, task_id);
    assert_string_equal(task->task_name, "test");
    assert_string_equal(task->log_group_name, required_environment("CAWS_TEST_LOG_GROUP"));
    assert_string_equal(task->destination, required_environment("CAWS_TEST_BUCKET"));
    assert_string_equal(task->destination_prefix, "exports/\xc3\xbc");
    assert_true(task->from.present && task->to.present);
    assert_true(task->to.value - task->from.value == 3600000);
    assert_int_equal(caws_logs_export_task_status_code_from_string(task->status->code),
                     CAWS_LOGS_EXPORT_TASK_STATUS_CODE_ENUM_COMPLETED);
    assert_null(out->next_token);
    caws_output_free(out);

    const caws_logs_cancel_export_task_input cancel = {.task_id = task_id};
    assert_int_equal(caws_logs_cancel_export_task(client, &cancel, &error), CAWS_OK);
    assert_int_equal(caws_logs_describe_export_tasks(client, &describe, &out, &error), CAWS_OK);
    assert_string_equal(out->export_tasks.items[0].status->code,
                        CAWS_LOGS_EXPORT_TASK_STATUS_CODE_CANCELLED);
    caws_output_free(out);
    free(task_id);
    caws_client_free(client);
}

static void describe_lists_all_without_input(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_moto_client(NULL);
    caws_logs_describe_export_tasks_output *out = NULL;
    (void)state;
    free(start_export(client));
    free(start_export(client));
    assert_int_equal(caws_logs_describe_export_tasks(client, NULL, &out, &error), CAWS_OK);
    assert_true(out->export_tasks.count >= 2);
    caws_output_free(out);
    caws_client_free(client);
}

static void output_and_error_are_optional(void **state)
{
    caws_client *client = new_moto_client(NULL);
    const caws_logs_create_export_task_input input = export_of_last_hour();
    const caws_logs_create_export_task_input bad = {.log_group_name = NULL};
    (void)state;
    assert_int_equal(caws_logs_create_export_task(client, &input, NULL, NULL), CAWS_OK);
    assert_int_equal(caws_logs_create_export_task(client, &bad, NULL, NULL),
                     CAWS_ERROR_INVALID_INPUT);
    caws_client_free(client);
}

static void waiter_succeeds(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_moto_client(NULL);
    char *task_id = start_export(client);
    const caws_logs_describe_export_tasks_input input = {.task_id = task_id};
    caws_logs_describe_export_tasks_output *out = NULL;
    (void)state;
    assert_int_equal(caws_logs_wait_export_task_completed(client, &input, NULL, &out, &error),
                     CAWS_OK);
    assert_string_equal(out->export_tasks.items[0].task_id, task_id);
    caws_output_free(out);
    free(task_id);
    caws_client_free(client);
}

static void waiter_fails_on_a_cancelled_task(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_moto_client(NULL);
    char *task_id = start_export(client);
    const caws_logs_cancel_export_task_input cancel = {.task_id = task_id};
    const caws_logs_describe_export_tasks_input input = {.task_id = task_id};
    caws_logs_describe_export_tasks_output *out = NULL;
    (void)state;
    assert_int_equal(caws_logs_cancel_export_task(client, &cancel, &error), CAWS_OK);
    assert_int_equal(caws_logs_wait_export_task_completed(client, &input, NULL, &out, &error),
                     CAWS_ERROR_WAITER);
    assert_null(out);
    assert_string_equal(error.code, "CANCELLED");
    assert_string_equal(error.message, "ExportTaskCompleted: Cancelled by user");
    caws_error_clear(&error);
    free(task_id);
    caws_client_free(client);
}

static void modeled_exceptions(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_moto_client(NULL);
    caws_logs_create_export_task_input input = export_of_last_hour();
    (void)state;

    input.log_group_name = "no-such-group";
    assert_int_equal(caws_logs_create_export_task(client, &input, NULL, &error),
                     CAWS_ERROR_SERVICE);
    assert_int_equal(error.exception, CAWS_LOGS_RESOURCE_NOT_FOUND_EXCEPTION);
    assert_string_equal(error.code, "ResourceNotFoundException");
    assert_string_equal(error.message, "The specified log group does not exist.");
    assert_int_equal(error.http_status, 400);
    assert_true(error.request_id[0] != '\0');

    input = export_of_last_hour();
    input.destination = "no-such-bucket";
    assert_int_equal(caws_logs_create_export_task(client, &input, NULL, &error),
                     CAWS_ERROR_SERVICE);
    assert_int_equal(error.exception, CAWS_LOGS_INVALID_PARAMETER_EXCEPTION);
    assert_non_null(strstr(error.message, "bucket does not exist"));

    const caws_logs_cancel_export_task_input cancel = {.task_id = "no-such-task"};
    assert_int_equal(caws_logs_cancel_export_task(client, &cancel, &error), CAWS_ERROR_SERVICE);
    assert_int_equal(error.exception, CAWS_LOGS_RESOURCE_NOT_FOUND_EXCEPTION);
    caws_error_clear(&error);
    caws_client_free(client);
}

static void refused_credentials(void **state)
{
    static const struct {
        const char *id;
        const char *secret;
        const char *token;
        const char *code;
    } cases[] = {
        {NULL, "wrong-secret", NULL, "SignatureDoesNotMatch"},
        {"AKIAIOSFODNN7EXAMPLE", NULL, NULL, "InvalidClientTokenId"},
        {NULL, NULL, "no-token-of-this-user", "InvalidClientTokenId"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        const caws_credentials credentials = {
            cases[i].id != NULL ? cases[i].id : required_environment("AWS_ACCESS_KEY_ID"),
            cases[i].secret != NULL ? cases[i].secret
                                    : required_environment("AWS_SECRET_ACCESS_KEY"),
            cases[i].token,
        };
        const caws_client_options options = {.credentials = &credentials};
        caws_client *client = new_moto_client(&options);
        caws_logs_describe_export_tasks_output *out = NULL;
        assert_int_equal(caws_logs_describe_export_tasks(client, NULL, &out, &error),
                         CAWS_ERROR_SERVICE);
        assert_null(out);
        assert_string_equal(error.code, cases[i].code);
        assert_int_equal(error.http_status, 403);
        assert_null(strstr(error.message, credentials.secret_access_key));
        caws_error_clear(&error);
        caws_client_free(client);
    }
}

/* Nothing is sent that the model forbids, unless the client is told to leave limits to the service.
 */
static void constraints_are_checked_first(void **state)
{
    char long_name[514];
    char long_prefix[1026];
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_moto_client(NULL);
    (void)state;
    memset(long_name, 'b', sizeof(long_name) - 1);
    memset(long_prefix, 'p', sizeof(long_prefix) - 1);
    long_name[513] = long_prefix[1025] = '\0';
    const caws_logs_create_export_task_input input = {
        .task_name = "",
        .log_group_name = "not allowed",
        .from = caws_i64(-1),
        .destination = long_name,
        .destination_prefix = long_prefix,
    };
    assert_int_equal(caws_logs_create_export_task(client, &input, NULL, &error),
                     CAWS_ERROR_INVALID_INPUT);
    assert_int_equal(error.attempts, 0);
    static const char *const texts[] = {
        "taskName: 0 characters, at least 1",
        "logGroupName: ' ' at byte 3 does not fit the pattern [\\.\\-_/#A-Za-z0-9]+",
        "from: -1, at least 0",
        "to: required",
        "destination: 513 characters, at most 512",
        "destinationPrefix: 1025 bytes of UTF-8, at most 1024",
    };
    assert_int_equal(error.violation_count, sizeof(texts) / sizeof(texts[0]));
    for (size_t i = 0; i < error.violation_count; i++)
        assert_string_equal(error.violations[i].text, texts[i]);
    assert_int_equal(error.violations[4].constraint, CAWS_CONSTRAINT_LENGTH);
    assert_int_equal(error.violations[4].actual, 513);
    assert_int_equal(error.violations[4].limit, 512);
    caws_client_free(client);

    const caws_client_options options = {.validation = CAWS_VALIDATE_REQUIRED};
    client = new_moto_client(&options);
    assert_int_equal(caws_logs_create_export_task(client, &input, NULL, &error),
                     CAWS_ERROR_INVALID_INPUT);
    assert_int_equal(error.violation_count, 1);
    assert_string_equal(error.message, "to: required");

    caws_logs_create_export_task_input complete = input;
    complete.to = caws_i64(0);
    assert_int_equal(caws_logs_create_export_task(client, &complete, NULL, &error),
                     CAWS_ERROR_SERVICE); /* it is for the service to judge */
    caws_error_clear(&error);
    caws_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(export_describe_and_cancel),
        cmocka_unit_test(describe_lists_all_without_input),
        cmocka_unit_test(output_and_error_are_optional),
        cmocka_unit_test(waiter_succeeds),
        cmocka_unit_test(waiter_fails_on_a_cancelled_task),
        cmocka_unit_test(modeled_exceptions),
        cmocka_unit_test(refused_credentials),
        cmocka_unit_test(constraints_are_checked_first),
    };
    return cmocka_run_group_tests_name("logs", tests, NULL, NULL);
}
