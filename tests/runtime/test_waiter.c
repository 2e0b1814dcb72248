#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clock.h"
#include "scripted_call.h"

static const caws_acceptor acceptors[] = {
    {.argument = CODE_PATH,
     .expected = "COMPLETED",
     .matcher = CAWS_MATCH_PATH_ALL,
     .state = CAWS_WAIT_SUCCESS},
    {.argument = CODE_PATH,
     .message = MESSAGE_PATH,
     .expected = "FAILED",
     .matcher = CAWS_MATCH_PATH_ANY,
     .state = CAWS_WAIT_FAILURE},
    {.argument = CODE_PATH,
     .expected = "CANCELLED",
     .matcher = CAWS_MATCH_PATH_ANY,
     .state = CAWS_WAIT_FAILURE},
    {.expected = "TryAgain", .matcher = CAWS_MATCH_ERROR, .state = CAWS_WAIT_RETRY},
    {.expected = "Gone", .matcher = CAWS_MATCH_ERROR, .state = CAWS_WAIT_SUCCESS},
    {.expected = "Broken", .matcher = CAWS_MATCH_ERROR, .state = CAWS_WAIT_FAILURE},
};
static const caws_waiter waiter = {.name = "TaskCompleted",
                                   .operation = &operation,
                                   .acceptors = acceptors,
                                   .acceptor_count = 6,
                                   .max_attempts = 1000,
                                   .delay_ms = 1};

static void waits_until_success(void **state)
{
    (void)state;
    static const step steps[] = {{.tasks = {{"PENDING", NULL}}},
                                 {.tasks = {{NULL, "no code yet"}}},
                                 {.tasks = {{"COMPLETED", NULL}, {"RUNNING", NULL}}},
                                 {.tasks = {{"COMPLETED", "done"}, {"COMPLETED", NULL}}}};
    ANSWER(steps);
    caws_error error = CAWS_ERROR_INIT;
    tasks_output *output = garbage;
    assert_int_equal(caws_wait(client, &waiter, input, NULL, &output, &error), CAWS_OK);
    assert_int_equal(error.status, CAWS_OK);
    assert_int_equal(script.calls, 4);
    assert_int_equal(output->tasks.count, 2);
    assert_string_equal(output->tasks.items[0].status->message, "done");
    caws_output_free(output);
    caws_error_clear(&error);
}

static void fails_with_the_resources_own_text(void **state)
{
    (void)state;
    static const step steps[] = {{.tasks = {{"RUNNING", "not this"}}},
                                 {.tasks = {{"RUNNING", "nor this"}, {"FAILED", "disk full"}}}};
    ANSWER(steps);
    fails(&waiter, NULL, CAWS_ERROR_WAITER, "FAILED", "TaskCompleted: disk full");
    assert_int_equal(script.calls, 2);
}

static void fails_without_a_text_by_the_state(void **state)
{
    (void)state;
    static const step no_text[] = {{.tasks = {{"FAILED", NULL}}}};
    ANSWER(no_text);
    fails(&waiter, NULL, CAWS_ERROR_WAITER, "FAILED", "TaskCompleted: FAILED");
    static const step empty_text[] = {{.tasks = {{"FAILED", ""}}}};
    ANSWER(empty_text);
    fails(&waiter, NULL, CAWS_ERROR_WAITER, "FAILED", "TaskCompleted: FAILED");
    static const step text_without_path[] = {{.tasks = {{"CANCELLED", "nobody asks"}}}};
    ANSWER(text_without_path);
    fails(&waiter, NULL, CAWS_ERROR_WAITER, "CANCELLED", "TaskCompleted: CANCELLED");
    static const step directives[] = {{.tasks = {{"FAILED", "%s%n"}}}};
    ANSWER(directives);
    fails(&waiter, NULL, CAWS_ERROR_WAITER, "FAILED", "TaskCompleted: %s%n");
}

static void takes_an_error_for_success(void **state)
{
    (void)state;
    static const step steps[] = {
        {.tasks = {{"RUNNING", NULL}}},
        {.status = CAWS_ERROR_SERVICE, .code = "Gone", .http_status = 400}};
    ANSWER(steps);
    caws_error error = CAWS_ERROR_INIT;
    tasks_output *output = garbage;
    assert_int_equal(caws_wait(client, &waiter, input, NULL, &output, &error), CAWS_OK);
    assert_null(output);
    assert_int_equal(error.status, CAWS_OK);
    assert_string_equal(error.code, "");
    assert_int_equal(error.http_status, 0);
    assert_int_equal(script.calls, 2);
    caws_error_clear(&error);
}

static void hands_on_an_error_that_is_a_failure(void **state)
{
    (void)state;
    static const step steps[] = {
        {.status = CAWS_ERROR_SERVICE, .code = "Broken", .http_status = 418}};
    ANSWER(steps);
    caws_error error = CAWS_ERROR_INIT;
    assert_int_equal(caws_wait(client, &waiter, input, NULL, NULL, &error), CAWS_ERROR_SERVICE);
    assert_string_equal(error.code, "Broken");
    assert_string_equal(error.message, "the operation's own text");
    assert_int_equal(error.http_status, 418);
    assert_int_equal(error.attempts, 1);
    assert_int_equal(script.calls, 1);
    caws_error_clear(&error);
}

static void ends_at_an_error_that_no_acceptor_knows(void **state)
{
    (void)state;
    static const caws_status kinds[] = {CAWS_ERROR_SERVICE,       CAWS_ERROR_HTTP,
                                        CAWS_ERROR_CONNECTION,    CAWS_ERROR_MEMORY,
                                        CAWS_ERROR_INVALID_INPUT, CAWS_ERROR_CREDENTIALS,
                                        CAWS_ERROR_TIMEOUT,       CAWS_ERROR_RESPONSE_MALFORMED};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const step steps[] = {{.status = kinds[i], .code = "Unheard"}};
        ANSWER(steps);
        fails(&waiter, NULL, kinds[i], "Unheard", "the operation's own text");
        assert_int_equal(script.calls, 1);
    }
}

/* Only an answer has an error code: a failed connection is not what the acceptor means. */
static void takes_codes_from_answers_only(void **state)
{
    (void)state;
    const step local[] = {{.status = CAWS_ERROR_CONNECTION, .code = "Gone"}};
    ANSWER(local);
    fails(&waiter, NULL, CAWS_ERROR_CONNECTION, "Gone", NULL);
}

/* What the callback was told. */
typedef struct record {
    int calls;
    int stop_at; /* 0: never */
    caws_wait_progress seen[16];
    bool had_output[16];
} record;

static bool note(void *context, const caws_wait_progress *progress)
{
    record *r = context;
    assert_true(r->calls < 16);
    r->seen[r->calls] = *progress;
    r->had_output[r->calls] = progress->output != NULL;
    if (progress->output != NULL) {
        const tasks_output *output = progress->output;
        for (size_t i = 0; i < output->tasks.count; i++)
            assert_non_null(output->tasks.items[i].status);
    }
    r->calls++;
    return r->calls != r->stop_at;
}

static void tells_progress_after_every_poll(void **state)
{
    (void)state;
    static const step steps[] = {{.tasks = {{"PENDING", NULL}}},
                                 {.status = CAWS_ERROR_SERVICE, .code = "TryAgain"},
                                 {.tasks = {{"COMPLETED", NULL}}}};
    ANSWER(steps);
    record r = {0};
    const caws_wait_options options = {
        .delay_ms = 20, .timeout_ms = 60000, .progress = note, .context = &r};
    int64_t began = caws_monotonic_ms();
    caws_error error = CAWS_ERROR_INIT;
    tasks_output *output = NULL;
    assert_int_equal(caws_wait(client, &waiter, input, &options, &output, &error), CAWS_OK);
    assert_true(caws_monotonic_ms() - began >= 40);
    assert_int_equal(r.calls, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(r.seen[i].polls, i + 1);
        assert_int_equal(r.seen[i].delay_ms, i < 2 ? 20 : 0);
        assert_true(r.seen[i].elapsed_ms >= (int64_t)20 * i);
        assert_true(r.seen[i].elapsed_ms < 60000);
    }
    assert_true(r.had_output[0]);
    assert_false(r.had_output[1]);
    assert_true(r.had_output[2]);
    assert_ptr_equal(r.seen[2].output, output);
    caws_output_free(output);
}

static void tells_progress_of_failures_too(void **state)
{
    (void)state;
    static const step failed[] = {{.tasks = {{"FAILED", "x"}}}};
    static const step unknown[] = {{.status = CAWS_ERROR_TLS, .code = "Unheard"}};
    record r = {0};
    const caws_wait_options options = {.progress = note, .context = &r};
    ANSWER(failed);
    fails(&waiter, &options, CAWS_ERROR_WAITER, "FAILED", "TaskCompleted: x");
    assert_int_equal(r.calls, 1);
    assert_int_equal(r.seen[0].delay_ms, 0);
    assert_true(r.had_output[0]);
    ANSWER(unknown);
    fails(&waiter, &options, CAWS_ERROR_TLS, "Unheard", NULL);
    assert_int_equal(r.calls, 2);
    assert_int_equal(r.seen[1].polls, 1);
    assert_int_equal(r.seen[1].delay_ms, 0);
    assert_false(r.had_output[1]);
}

static void stops_when_the_callback_says_so(void **state)
{
    (void)state;
    static const step steps[] = {{.tasks = {{"RUNNING", NULL}}},
                                 {.status = CAWS_ERROR_SERVICE, .code = "TryAgain"}};
    for (int stop_at = 1; stop_at <= 2; stop_at++) {
        ANSWER(steps);
        record r = {.stop_at = stop_at};
        const caws_wait_options options = {.progress = note, .context = &r};
        fails(&waiter, &options, CAWS_ERROR_CANCELLED, "Cancelled",
              "TaskCompleted: the progress callback stopped it");
        assert_int_equal(r.calls, stop_at);
        assert_int_equal(script.calls, stop_at);
    }
}

static void lets_the_last_poll_stand_when_stopped(void **state)
{
    (void)state;
    static const step completed[] = {{.tasks = {{"COMPLETED", NULL}}}};
    static const step failed[] = {{.tasks = {{"FAILED", "why"}}}};
    record r = {.stop_at = 1};
    const caws_wait_options options = {.progress = note, .context = &r};
    tasks_output *output = NULL;
    ANSWER(completed);
    assert_int_equal(caws_wait(client, &waiter, input, &options, &output, NULL), CAWS_OK);
    assert_non_null(output);
    caws_output_free(output);
    r.calls = 0;
    ANSWER(failed);
    fails(&waiter, &options, CAWS_ERROR_WAITER, "FAILED", "TaskCompleted: why");
}

static void ends_at_the_deadline(void **state)
{
    (void)state;
    static const step steps[] = {{.tasks = {{"RUNNING", NULL}}}};
    ANSWER(steps);
    const caws_wait_options options = {.timeout_ms = 60, .delay_ms = 25};
    char message[100];
    int64_t began = caws_monotonic_ms();
    caws_error error = CAWS_ERROR_INIT;
    tasks_output *output = garbage;
    assert_int_equal(caws_wait(client, &waiter, input, &options, &output, &error),
                     CAWS_ERROR_TIMEOUT);
    assert_true(caws_monotonic_ms() - began >= 60);
    assert_null(output);
    assert_true(script.calls >= 2 && script.calls <= 4); /* at 0, 25, 50 and 60 ms */
    (void)snprintf(message, sizeof(message),
                   "TaskCompleted: not reached within 60 ms; asked %d times", (int)script.calls);
    assert_string_equal(error.message, message);
    assert_string_equal(error.code, "Timeout");
    caws_error_clear(&error);
}

/* As after a poll that took longer than all the time there was. */
static void may_ask_once_only(void **state)
{
    (void)state;
    static const step steps[] = {{.tasks = {{"RUNNING", NULL}}, .lasts_ms = 20}};
    ANSWER(steps);
    const caws_wait_options options = {.timeout_ms = 1, .delay_ms = 25};
    fails(&waiter, &options, CAWS_ERROR_TIMEOUT, "Timeout",
          "TaskCompleted: not reached within 1 ms; asked 1 time");
}

/* The deadline is not overslept, and one more poll is made at it. */
static void shortens_the_last_delay(void **state)
{
    (void)state;
    static const step steps[] = {{.tasks = {{"RUNNING", NULL}}}};
    ANSWER(steps);
    record r = {0};
    const caws_wait_options options = {
        .timeout_ms = 30, .delay_ms = INT64_MAX, .progress = note, .context = &r};
    fails(&waiter, &options, CAWS_ERROR_TIMEOUT, "Timeout",
          "TaskCompleted: not reached within 30 ms; asked 2 times");
    assert_true(r.seen[0].delay_ms > 0 && r.seen[0].delay_ms <= 30);
    assert_int_equal(r.seen[1].delay_ms, 0);
    assert_true(r.seen[1].elapsed_ms >= 30);
}

static void waits_for_as_long_as_it_takes(void **state)
{
    (void)state;
    static const step steps[] = {{.tasks = {{"RUNNING", NULL}}}, {.tasks = {{"COMPLETED", NULL}}}};
    ANSWER(steps);
    const caws_wait_options options = {.timeout_ms = INT64_MAX};
    assert_int_equal(caws_wait(client, &waiter, input, &options, NULL, NULL), CAWS_OK);
    assert_int_equal(script.calls, 2);
}

static void has_its_own_delay_and_deadline(void **state)
{
    (void)state;
    static const step steps[] = {{.tasks = {{"RUNNING", NULL}}}};
    caws_waiter short_waiter = waiter;
    short_waiter.delay_ms = 20;
    short_waiter.max_attempts = 3;
    static const caws_wait_options zero = {0};
    const caws_wait_options *options[] = {NULL, &zero};
    for (int i = 0; i < 2; i++) {
        ANSWER(steps);
        int64_t began = caws_monotonic_ms();
        caws_error error = CAWS_ERROR_INIT;
        assert_int_equal(caws_wait(client, &short_waiter, input, options[i], NULL, &error),
                         CAWS_ERROR_TIMEOUT);
        assert_true(caws_monotonic_ms() - began >= 60);
        assert_true(script.calls >= 2 && script.calls <= 4);
        assert_non_null(strstr(error.message, "not reached within 60 ms"));
        caws_error_clear(&error);
    }
}

static void refuses_negative_options(void **state)
{
    (void)state;
    static const step steps[] = {{.tasks = {{"COMPLETED", NULL}}}};
    ANSWER(steps);
    const caws_wait_options timeout = {.timeout_ms = -1};
    fails(&waiter, &timeout, CAWS_ERROR_INVALID_INPUT, "InvalidInput",
          "option timeout_ms: -1, at least 0");
    const caws_wait_options delay = {.delay_ms = INT64_MIN};
    fails(&waiter, &delay, CAWS_ERROR_INVALID_INPUT, "InvalidInput",
          "option delay_ms: -9223372036854775808, at least 0");
    assert_int_equal(script.calls, 0);
}

static void bounds_every_poll(void **state)
{
    (void)state;
    static const step steps[] = {{.tasks = {{"COMPLETED", NULL}}}};
    static const struct {
        int64_t timeout_ms;
        int32_t deadline_ms;
        int32_t least;
        int32_t most;
    } cases[] = {
        {0, 0, 1000, 1000},        /* the waiter's: 1,000 polls, 1 ms apart */
        {60000, 0, 59000, 60000},  /* what is left of the wait */
        {10, 0, 1000, 1000},       /* but a second for the last */
        {60000, 2000, 2000, 2000}, /* the call's own */
        {3000, 60000, 2000, 3000}, /* which does not outlast the wait */
        {INT64_MAX, 0, INT32_MAX, INT32_MAX},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const caws_call_options call = {.deadline_ms = cases[i].deadline_ms};
        const caws_wait_options options = {.timeout_ms = cases[i].timeout_ms, .call = &call};
        ANSWER(steps);
        assert_int_equal(caws_wait(client, &waiter, input, &options, NULL, NULL), CAWS_OK);
        assert_in_range(script.deadline_ms, cases[i].least, cases[i].most);
    }
}

static bool twice(void *context)
{
    int *asked = context;
    return ++*asked <= 2;
}

static void stops_between_polls(void **state)
{
    (void)state;
    static const step steps[] = {{.tasks = {{"RUNNING", NULL}}}};
    int asked = 0;
    const caws_call_options call = {.keep_going = twice, .context = &asked};
    const caws_wait_options options = {.delay_ms = 60000, .timeout_ms = 600000, .call = &call};
    int64_t began = caws_monotonic_ms();
    ANSWER(steps);
    fails(&waiter, &options, CAWS_ERROR_CANCELLED, "Cancelled",
          "TaskCompleted: the caller stopped it");
    assert_int_equal(asked, 3);
    assert_int_equal(script.calls, 1);
    assert_in_range(caws_monotonic_ms() - began, 100, 5000);
}

static bool always(void *context)
{
    (void)context;
    return true;
}

static void sleeps_in_pieces_or_at_once(void **state)
{
    (void)state;
    static const step steps[] = {{.tasks = {{"RUNNING", NULL}}}, {.tasks = {{"COMPLETED", NULL}}}};
    static const caws_call_options calls[] = {{.keep_going = always}, {.deadline_ms = 60000}};
    for (int i = 0; i < 2; i++) { /* shorter than the time between two questions, and not asked */
        const caws_wait_options options = {.delay_ms = 20, .call = &calls[i]};
        int64_t began = caws_monotonic_ms();
        ANSWER(steps);
        assert_int_equal(caws_wait(client, &waiter, input, &options, NULL, NULL), CAWS_OK);
        assert_int_equal(script.calls, 2);
        assert_in_range(caws_monotonic_ms() - began, 20, 5000);
    }
}

/* "For ever" is not an overflow, whether somebody is asked in between or not. */
static void stops_between_polls_that_never_come(void **state)
{
    (void)state;
    static const step steps[] = {{.tasks = {{"RUNNING", NULL}}}};
    int asked = 0;
    const caws_call_options call = {.keep_going = twice, .context = &asked};
    const caws_wait_options options = {
        .delay_ms = INT64_MAX, .timeout_ms = INT64_MAX, .call = &call};
    ANSWER(steps);
    fails(&waiter, &options, CAWS_ERROR_CANCELLED, "Cancelled",
          "TaskCompleted: the caller stopped it");
    assert_int_equal(asked, 3); /* it did sleep */
    assert_int_equal(script.calls, 1);
}

static void needs_neither_output_nor_error(void **state)
{
    (void)state;
    static const step completed[] = {{.tasks = {{"COMPLETED", NULL}}}};
    static const step failed[] = {{.tasks = {{"FAILED", "x"}}}};
    static const step broken[] = {{.status = CAWS_ERROR_SERVICE, .code = "Broken"}};
    ANSWER(completed);
    assert_int_equal(caws_wait(client, &waiter, input, NULL, NULL, NULL), CAWS_OK);
    ANSWER(failed);
    assert_int_equal(caws_wait(client, &waiter, input, NULL, NULL, NULL), CAWS_ERROR_WAITER);
    ANSWER(broken);
    assert_int_equal(caws_wait(client, &waiter, input, NULL, NULL, NULL), CAWS_ERROR_SERVICE);
    const caws_wait_options negative = {.delay_ms = -1};
    assert_int_equal(caws_wait(client, &waiter, input, &negative, NULL, NULL),
                     CAWS_ERROR_INVALID_INPUT);
}

static void clears_an_error_that_was_used_before(void **state)
{
    (void)state;
    static const step completed[] = {{.tasks = {{"COMPLETED", NULL}}}};
    ANSWER(completed);
    caws_error error = CAWS_ERROR_INIT;
    caws_fail(&error, CAWS_ERROR_TLS, "from before");
    assert_int_equal(caws_wait(client, &waiter, input, NULL, NULL, &error), CAWS_OK);
    assert_int_equal(error.status, CAWS_OK);
    assert_string_equal(error.message, "");
    caws_error_clear(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_until_success),
        cmocka_unit_test(fails_with_the_resources_own_text),
        cmocka_unit_test(fails_without_a_text_by_the_state),
        cmocka_unit_test(takes_an_error_for_success),
        cmocka_unit_test(hands_on_an_error_that_is_a_failure),
        cmocka_unit_test(ends_at_an_error_that_no_acceptor_knows),
        cmocka_unit_test(takes_codes_from_answers_only),
        cmocka_unit_test(tells_progress_after_every_poll),
        cmocka_unit_test(tells_progress_of_failures_too),
        cmocka_unit_test(stops_when_the_callback_says_so),
        cmocka_unit_test(lets_the_last_poll_stand_when_stopped),
        cmocka_unit_test(ends_at_the_deadline),
        cmocka_unit_test(may_ask_once_only),
        cmocka_unit_test(shortens_the_last_delay),
        cmocka_unit_test(waits_for_as_long_as_it_takes),
        cmocka_unit_test(has_its_own_delay_and_deadline),
        cmocka_unit_test(refuses_negative_options),
        cmocka_unit_test(bounds_every_poll),
        cmocka_unit_test(stops_between_polls),
        cmocka_unit_test(sleeps_in_pieces_or_at_once),
        cmocka_unit_test(stops_between_polls_that_never_come),
        cmocka_unit_test(needs_neither_output_nor_error),
        cmocka_unit_test(clears_an_error_that_was_used_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
