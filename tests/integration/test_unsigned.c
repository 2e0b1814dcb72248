/* Operations that are sent without a signature, or with one that leaves the body out: what the
 * table's flags say, seen by the server. Logs has none of them; these are its table with other
 * flags. */
#include <caws/schema.h>

#include "script.h"

static caws_status call_with_flags(caws_client *client, uint8_t flags, const char *name,
                                   caws_error *error)
{
    caws_operation operation = caws_operation_logs_create_export_task;
    operation.flags = flags;
    char url[512];
    snprintf(url, sizeof(url), "%s/script/%s", required_environment("CAWS_TEST_FAULT_URL"), name);
    const caws_call_options options = {.endpoint_url = url};
    const caws_logs_create_export_task_input input = valid_input();
    caws_logs_create_export_task_output *out = NULL;
    caws_status status = caws_call_with(client, &operation, &input, &options, (void *)&out, error);
    caws_output_free(out);
    return status;
}

static void without_authorization_nobody_asks_for_credentials(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    static const char *const names[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"};
    char *values[3];
    for (int i = 0; i < 3; i++) {
        values[i] = strdup(required_environment(names[i]));
        unsetenv(names[i]);
    }
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    caws_client *client = caws_client_new(NULL, &error);
    assert_non_null(client);
    assert_int_equal(call_with_flags(client, CAWS_OPERATION_NO_AUTH, "open", &error), CAWS_OK);
    assert_int_equal(call_with_flags(client, 0, "closed", &error), CAWS_ERROR_CONFIGURATION);
    caws_client_free(client);
    caws_error_clear(&error);
    for (int i = 0; i < 3; i++) {
        setenv(names[i], values[i], 1);
        free(values[i]);
    }
    unsetenv("AWS_EC2_METADATA_DISABLED");

    cJSON *records = records_of("open");
    assert_int_equal(cJSON_GetArraySize(records), 1);
    assert_null(header_in(records, 0, "authorization"));
    assert_null(header_in(records, 0, "x-amz-date"));
    assert_non_null(header_in(records, 0, "x-amz-target"));
    assert_non_null(header_in(records, 0, "amz-sdk-invocation-id"));
    cJSON_Delete(records);
    assert_int_equal(count_of("closed"), 0);
}

static void an_unsigned_body_is_said_to_be_one(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_client(NULL);
    assert_int_equal(
        call_with_flags(client, CAWS_OPERATION_UNSIGNED_PAYLOAD, "unsigned-body", &error), CAWS_OK);
    assert_int_equal(call_with_flags(client, 0, "signed-body", &error), CAWS_OK);
    caws_client_free(client);

    cJSON *records = records_of("unsigned-body");
    assert_true(is_signed(records, 0));
    assert_string_equal(header_in(records, 0, "x-amz-content-sha256"), "UNSIGNED-PAYLOAD");
    cJSON_Delete(records);
    records = records_of("signed-body");
    assert_true(is_signed(records, 0));
    assert_null(header_in(records, 0, "x-amz-content-sha256"));
    cJSON_Delete(records);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_authorization_nobody_asks_for_credentials),
        cmocka_unit_test(an_unsigned_body_is_said_to_be_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
