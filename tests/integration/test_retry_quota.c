/* The quota that all calls of a client draw on for their retries. */
#include "script.h"

/* 500 tokens; 14 a retry, 1 back for a call that needed none. */
static void a_quota_bounds_the_retries_of_all_calls(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    const caws_client_options options = {.max_attempts = 2};
    caws_client *client = new_client(&options);
    (void)state;
    for (int i = 0; i < 35; i++) {
        assert_int_equal(call_path(client, "status/500", NULL, &error), CAWS_ERROR_HTTP);
        assert_int_equal(error.attempts, 2);
    }
    for (int i = 0; i < 3; i++) { /* 10 tokens are left */
        assert_int_equal(call_path(client, "status/500", NULL, &error), CAWS_ERROR_HTTP);
        assert_int_equal(error.attempts, 1);
        assert_true(error.retryable);
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(call_path(client, "ok", NULL, &error), CAWS_OK);
    (void)call_path(client, "status/500", NULL, &error);
    assert_int_equal(error.attempts, 1);
    assert_int_equal(call_path(client, "ok", NULL, &error), CAWS_OK);
    (void)call_path(client, "status/500", NULL, &error);
    assert_int_equal(error.attempts, 2);
    assert_int_equal(counters_of(client).retries_server, 36);

    /* A retry that helps gives its tokens back. */
    for (int i = 0; i < 14; i++)
        assert_int_equal(call_path(client, "ok", NULL, &error), CAWS_OK);
    for (int i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof(path), "script/back-%d.500", i);
        assert_int_equal(call_path(client, path, NULL, &error), CAWS_OK);
    }
    caws_error_clear(&error);
    caws_client_free(client);
}

/* None is made when a stream breaks off, or when the deadline would pass before. */
static void retries_that_are_not_made_cost_nothing(void **state)
{
    static const char *const groups[] = {"/caws/group"};
    const caws_logs_start_live_tail_input input = {.log_group_identifiers = {groups, 1}};
    caws_error error = CAWS_ERROR_INIT;
    char url[256];
    snprintf(url, sizeof(url), "%s/stream-cut/300", required_environment("CAWS_TEST_FAULT_URL"));
    const caws_client_options options = {.endpoint_url = url};
    const caws_call_options soon = {.deadline_ms = 1000};
    caws_client *client = new_client(&options);
    (void)state;
    for (int i = 0; i < 40; i++) {
        assert_int_not_equal(caws_logs_start_live_tail(client, &input, NULL, &error), CAWS_OK);
        assert_int_equal(error.attempts, 1);
    }
    (void)call_path(client, "status/500", NULL, &error);
    assert_int_equal(error.attempts, 3);
    caws_client_free(client);

    client = new_client(NULL);
    for (int i = 0; i < 40; i++) {
        char path[64];
        snprintf(path, sizeof(path), "script/notmade-%d.after~3000", i);
        assert_int_equal(call_path(client, path, &soon, &error), CAWS_ERROR_HTTP);
        assert_int_equal(error.attempts, 1);
    }
    (void)call_path(client, "status/500", NULL, &error);
    assert_int_equal(error.attempts, 3);
    caws_error_clear(&error);
    caws_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quota_bounds_the_retries_of_all_calls),
        cmocka_unit_test(retries_that_are_not_made_cost_nothing),
    };
    return cmocka_run_group_tests_name("retry quota", tests, NULL, NULL);
}
