/* What services and operations have of retries: CreateExportTask's tables, changed. */
#include <caws/loop.h>
#include <caws/schema.h>

#include "script.h"

/* A service that knows how often and after how long its calls are repeated. */
static caws_status call_as(caws_client *client, uint16_t max_attempts, uint16_t retry_delay_ms,
                           uint32_t flags, const char *path, const caws_call_options *options,
                           caws_error *error)
{
    caws_operation operation = caws_operation_logs_create_export_task;
    caws_service service = *operation.service;
    const caws_logs_create_export_task_input input = valid_input();
    caws_call_options own = options != NULL ? *options : (caws_call_options){0};
    char url[256];
    service.max_attempts = max_attempts;
    service.retry_delay_ms = retry_delay_ms;
    operation.service = &service;
    operation.flags |= flags;
    snprintf(url, sizeof(url), "%s/%s", required_environment("CAWS_TEST_FAULT_URL"), path);
    own.endpoint_url = url;
    return caws_call_with(client, &operation, &input, &own, NULL, error);
}

static int attempts_as(uint16_t max_attempts, const caws_client_options *options,
                       const caws_call_options *call)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_client(options);
    assert_int_equal(call_as(client, max_attempts, 1, 0, "status/500", call, &error),
                     CAWS_ERROR_HTTP);
    int attempts = error.attempts;
    caws_error_clear(&error);
    caws_client_free(client);
    return attempts;
}

static void a_service_has_its_own_number_of_attempts(void **state)
{
    const caws_client_options three = {.max_attempts = 3};
    const caws_client_options off = {.retry_mode = CAWS_RETRY_OFF};
    const caws_client_options adaptive = {.retry_mode = CAWS_RETRY_ADAPTIVE};
    const caws_call_options two = {.max_attempts = 2};
    (void)state;
    assert_int_equal(attempts_as(0, NULL, NULL), 3);
    assert_int_equal(attempts_as(4, NULL, NULL), 4);
    assert_int_equal(attempts_as(4, &adaptive, NULL), 4);
    /* Whatever is set goes before it, the default's number too. */
    assert_int_equal(attempts_as(4, &three, NULL), 3);
    assert_int_equal(attempts_as(4, &off, NULL), 1);
    assert_int_equal(attempts_as(4, NULL, &two), 2);
    setenv("AWS_MAX_ATTEMPTS", "3", 1);
    assert_int_equal(attempts_as(4, NULL, NULL), 3);
    unsetenv("AWS_MAX_ATTEMPTS");
}

/* Pauses of up to 20 s are longer than what is left, so that some retry is not begun; those of up
 * to 1 ms never are. */
static void a_service_has_its_own_pause(void **state)
{
    const caws_call_options soon = {.deadline_ms = 1500, .max_attempts = 2};
    int retried = 0;
    (void)state;
    for (int i = 0; i < 8; i++) {
        caws_error error = CAWS_ERROR_INIT;
        caws_client *client = new_client(NULL);
        assert_int_equal(call_as(client, 0, 20000, 0, "status/500", &soon, &error),
                         CAWS_ERROR_HTTP);
        retried += error.attempts - 1;
        assert_int_equal(call_as(client, 0, 1, 0, "status/500", &soon, &error), CAWS_ERROR_HTTP);
        assert_int_equal(error.attempts, 2);
        caws_error_clear(&error);
        caws_client_free(client);
    }
    assert_true(retried < 8);
}

static void count_attempt(void *context, caws_log_level level, const char *line)
{
    (void)line;
    *(int *)context += level == CAWS_LOG_INFO ? 1 : 0;
}

/* A client that has no tokens left for retries; attempts: as the log tells them. */
static caws_client *new_spent_client(int *attempts)
{
    caws_error error = CAWS_ERROR_INIT;
    const caws_client_options options = {
        .log = count_attempt, .log_level = CAWS_LOG_INFO, .log_context = attempts};
    caws_client *client = new_client(&options);
    do {
        assert_int_equal(call_as(client, 0, 1, 0, "status/500", NULL, &error), CAWS_ERROR_HTTP);
    } while (error.attempts > 1);
    caws_error_clear(&error);
    *attempts = 0;
    return client;
}

enum { FLAG = CAWS_OPERATION_LONG_POLLING };

/* Without tokens nothing is repeated; who polls is told so after the pause alone. */
static void who_polls_is_held_back(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    int attempts = 0;
    caws_client *client = new_spent_client(&attempts);
    const caws_call_options soon = {.deadline_ms = 300};
    (void)state;
    int64_t begin = clock_ms();
    assert_int_equal(call_as(client, 0, 1, FLAG, "script/h1.after~700", NULL, &error),
                     CAWS_ERROR_HTTP);
    int64_t held = clock_ms() - begin;
    assert_int_equal(error.attempts, 1);
    assert_int_equal(error.http_status, 503);
    assert_true(error.retryable);
    assert_true(held >= 700);
    assert_int_equal(attempts, 1); /* its answer is looked at once */
    assert_int_equal(count_of("h1"), 1);

    begin = clock_ms(); /* until the deadline at most, and the error is still the answer's */
    assert_int_equal(call_as(client, 0, 1, FLAG, "script/h2.after~5000", &soon, &error),
                     CAWS_ERROR_HTTP);
    held = clock_ms() - begin;
    assert_int_equal(error.attempts, 1);
    assert_true(held >= 300 && held < 4000);

    begin = clock_ms(); /* others are told at once, */
    assert_int_equal(call_as(client, 0, 1, 0, "script/h3.after~5000", NULL, &error),
                     CAWS_ERROR_HTTP);
    assert_int_equal(error.attempts, 1);
    /* and so is who polls, of what would not be repeated */
    assert_int_equal(call_as(client, 0, 1, FLAG, "script/h4.400", NULL, &error), CAWS_ERROR_HTTP);
    const caws_call_options once = {.max_attempts = 1};
    assert_int_equal(call_as(client, 0, 1, FLAG, "script/h5.after~5000", &once, &error),
                     CAWS_ERROR_HTTP);
    assert_true(clock_ms() - begin < 4000);
    caws_error_clear(&error);
    caws_client_free(client);
}

static bool go_on_a_while(void *context)
{
    const int64_t *until_ms = context;
    return clock_ms() < *until_ms;
}

static void a_call_that_is_held_back_can_be_stopped(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    int attempts = 0;
    caws_client *client = new_spent_client(&attempts);
    int64_t begin = clock_ms();
    int64_t until_ms = begin + 300;
    const caws_call_options stopped = {.keep_going = go_on_a_while, .context = &until_ms};
    (void)state;
    assert_int_equal(call_as(client, 0, 1, FLAG, "script/stop.after~5000", &stopped, &error),
                     CAWS_ERROR_CANCELLED);
    int64_t held = clock_ms() - begin;
    assert_true(held >= 300 && held < 4000);
    assert_int_equal(count_of("stop"), 1);
    caws_error_clear(&error);
    caws_client_free(client);
}

/* Held back without blocking: a loop that has other calls goes on with them. */
typedef struct ends {
    int64_t begin_ms;
    int64_t held_ms;
    int64_t other_ms;
} ends;

static int64_t since(const ends *e)
{
    return clock_ms() - e->begin_ms;
}

static void note_held(void *context, void *output, const caws_error *error)
{
    ends *e = context;
    (void)output;
    assert_int_equal(error->http_status, 503);
    e->held_ms = since(e);
}

static void note_other(void *context, void *output, const caws_error *error)
{
    ends *e = context;
    assert_int_equal(error->status, CAWS_OK);
    caws_output_free(output);
    e->other_ms = since(e);
}

static void a_loop_goes_on_meanwhile(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    int attempts = 0;
    caws_client *client = new_spent_client(&attempts);
    caws_loop *loop = caws_loop_new(client, NULL, &error);
    caws_operation polling = caws_operation_logs_create_export_task;
    const caws_logs_create_export_task_input input = valid_input();
    ends e = {.begin_ms = clock_ms()};
    char held[256];
    char other[256];
    polling.flags |= FLAG;
    snprintf(held, sizeof(held), "%s/script/loop.after~600",
             required_environment("CAWS_TEST_FAULT_URL"));
    snprintf(other, sizeof(other), "%s/ok", required_environment("CAWS_TEST_FAULT_URL"));
    const caws_call_options to_held = {.endpoint_url = held};
    const caws_call_options to_other = {.endpoint_url = other};
    assert_non_null(loop);
    assert_non_null(caws_loop_start(loop, &polling, &input, &to_held, note_held, &e, &error));
    assert_non_null(caws_loop_start(loop, &caws_operation_logs_create_export_task, &input,
                                    &to_other, note_other, &e, &error));
    for (int i = 0; i < 1000 && (e.held_ms == 0 || e.other_ms == 0); i++)
        (void)caws_loop_run(loop, 100);
    assert_true(e.held_ms >= 600);
    assert_true(e.other_ms > 0 && e.other_ms < e.held_ms);
    caws_loop_free(loop);
    caws_error_clear(&error);
    caws_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_service_has_its_own_number_of_attempts),
        cmocka_unit_test(a_service_has_its_own_pause),
        cmocka_unit_test(who_polls_is_held_back),
        cmocka_unit_test(a_call_that_is_held_back_can_be_stopped),
        cmocka_unit_test(a_loop_goes_on_meanwhile),
    };
    return cmocka_run_group_tests_name("retry traits", tests, NULL, NULL);
}
