/* The waiter over real connections, against scripted task states. */
#include "servers.h"

enum { MAX_POLLS = 16 };

/* What the progress callback saw; stops after a number of polls. */
typedef struct seen {
    int polls;
    int stop_after; /* 0: never */
    char codes[MAX_POLLS][16];
    int64_t delays[MAX_POLLS];
} seen;

static bool note_progress(void *context, const caws_wait_progress *progress)
{
    seen *s = context;
    const caws_logs_describe_export_tasks_output *answer = progress->output;
    assert_int_equal(progress->polls, s->polls + 1);
    assert_true(progress->elapsed_ms >= 0);
    if (s->polls < MAX_POLLS) {
        s->delays[s->polls] = progress->delay_ms;
        if (answer != NULL && answer->export_tasks.count > 0)
            snprintf(s->codes[s->polls], sizeof(s->codes[0]), "%s",
                     answer->export_tasks.items[0].status->code);
    }
    s->polls++;
    return s->stop_after == 0 || s->polls < s->stop_after;
}

static caws_status wait_for(const char *scenario, caws_wait_options options, seen *s,
                            caws_error *error)
{
    caws_client *client = new_fault_client(scenario, NULL);
    caws_logs_describe_export_tasks_output *out = NULL;
    options.progress = note_progress;
    options.context = s;
    caws_status status = caws_logs_wait_export_task_completed(client, NULL, &options, &out, error);
    assert_true((status == CAWS_OK) == (out != NULL));
    caws_output_free(out);
    caws_client_free(client);
    return status;
}

static void polls_until_completed(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    seen s = {0};
    (void)state;
    assert_int_equal(
        wait_for("task-progress/c-test", (caws_wait_options){.delay_ms = 20}, &s, &error), CAWS_OK);
    assert_int_equal(s.polls, 3);
    assert_string_equal(s.codes[0], "PENDING");
    assert_string_equal(s.codes[1], "RUNNING");
    assert_string_equal(s.codes[2], "COMPLETED");
    assert_int_equal(s.delays[0], 20);
    assert_int_equal(s.delays[2], 0);
}

static void failure_states_carry_the_message(void **state)
{
    static const char *const codes[] = {"FAILED", "CANCELLED"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        char text[64];
        caws_error error = CAWS_ERROR_INIT;
        seen s = {0};
        snprintf(text, sizeof(text), "task-status/%s", codes[i]);
        assert_int_equal(wait_for(text, (caws_wait_options){0}, &s, &error), CAWS_ERROR_WAITER);
        assert_string_equal(error.code, codes[i]);
        snprintf(text, sizeof(text), "ExportTaskCompleted: the message of %s", codes[i]);
        assert_string_equal(error.message, text);
        assert_int_equal(s.polls, 1);
        caws_error_clear(&error);
    }
}

static void deadline_ends_it(void **state)
{
    static const char *const scenarios[] = {"task-status/RUNNING", "no-tasks", "null-members"};
    (void)state;
    for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        seen s = {0};
        const caws_wait_options options = {.timeout_ms = 120, .delay_ms = 50};
        assert_int_equal(wait_for(scenarios[i], options, &s, &error), CAWS_ERROR_TIMEOUT);
        assert_in_range(s.polls, 2, 4);
        assert_non_null(strstr(error.message, "not reached within 120 ms"));
        caws_error_clear(&error);
    }
}

static void callback_can_stop_it(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    seen s = {.stop_after = 2};
    (void)state;
    assert_int_equal(
        wait_for("task-status/PENDING", (caws_wait_options){.delay_ms = 1}, &s, &error),
        CAWS_ERROR_CANCELLED);
    assert_int_equal(s.polls, 2);
    caws_error_clear(&error);
}

static void errors_of_the_operation_end_it(void **state)
{
    static const struct {
        const char *scenario;
        caws_status status;
    } cases[] = {
        {"error-each/ServiceUnavailableException", CAWS_ERROR_SERVICE},
        {"html-500", CAWS_ERROR_HTTP},
        {"reset", CAWS_ERROR_CONNECTION},
        {"cut-json", CAWS_ERROR_RESPONSE_TRUNCATED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        seen s = {0};
        assert_int_equal(wait_for(cases[i].scenario, (caws_wait_options){0}, &s, &error),
                         cases[i].status);
        assert_int_equal(s.polls, 1);
        caws_error_clear(&error);
    }
}

static void bad_options_are_refused(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    seen s = {0};
    (void)state;
    assert_int_equal(wait_for("ok", (caws_wait_options){.timeout_ms = -5}, &s, &error),
                     CAWS_ERROR_INVALID_INPUT);
    assert_string_equal(error.message, "option timeout_ms: -5, at least 0");
    assert_int_equal(s.polls, 0);
    caws_error_clear(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polls_until_completed),
        cmocka_unit_test(failure_states_carry_the_message),
        cmocka_unit_test(deadline_ends_it),
        cmocka_unit_test(callback_can_stop_it),
        cmocka_unit_test(errors_of_the_operation_end_it),
        cmocka_unit_test(bad_options_are_refused),
    };
    return cmocka_run_group_tests_name("waiter", tests, NULL, NULL);
}
