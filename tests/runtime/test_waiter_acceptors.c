#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scripted_call.h"

/* Waits with one acceptor that calls a match a failure; without a match a second one ends it. */
static bool matches(const caws_acceptor *acceptor, const caws_operation *called, const step *s)
{
    caws_acceptor pair[] = {*acceptor, {.matcher = CAWS_MATCH_SUCCESS, .state = CAWS_WAIT_SUCCESS}};
    pair[0].state = CAWS_WAIT_SUCCESS;
    pair[1].state = CAWS_WAIT_FAILURE;
    const caws_waiter w = {"Any", called, pair, 2, 1, 1};
    caws_error error = CAWS_ERROR_INIT;
    answer(s, 1);
    caws_status status = caws_wait(client, &w, input, NULL, NULL, &error);
    assert_int_equal(script.calls, 1);
    if (status != CAWS_OK && s->status == CAWS_OK) {
        assert_int_equal(status, CAWS_ERROR_WAITER);
        assert_string_equal(error.message, "Any: Success");
    }
    caws_error_clear(&error);
    return status == CAWS_OK;
}

static void matches_paths(void **state)
{
    (void)state;
    static const struct {
        step answer;
        bool all;
        bool any;
    } cases[] = {
        {{.tasks = {{NULL, NULL}}}, false, false}, /* no task at all */
        {{.tasks = {{NULL, "x"}}}, false, false},
        {{.tasks = {{"A", NULL}}}, true, true},
        {{.tasks = {{"A", NULL}, {"A", NULL}, {"A", NULL}}}, true, true},
        {{.tasks = {{"A", NULL}, {"B", NULL}}}, false, true},
        {{.tasks = {{"B", NULL}, {"A", NULL}}}, false, true},
        {{.tasks = {{"A", NULL}, {NULL, "x"}}}, true, true}, /* projections leave out null */
        {{.tasks = {{"B", NULL}}}, false, false},
        {{.tasks = {{"", NULL}}}, false, false},
        {{.tasks = {{"AA", NULL}, {"a", NULL}}}, false, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_acceptor acceptor = {.argument = CODE_PATH, .expected = "A"};
        acceptor.matcher = CAWS_MATCH_PATH_ALL;
        assert_int_equal(matches(&acceptor, &operation, &cases[i].answer), cases[i].all);
        acceptor.matcher = CAWS_MATCH_PATH_ANY;
        assert_int_equal(matches(&acceptor, &operation, &cases[i].answer), cases[i].any);
    }
}

static void matches_strings_and_booleans(void **state)
{
    (void)state;
    const caws_acceptor named = {.argument = {state_steps, 1}, .expected = "ready"};
    const caws_acceptor is_true = {.argument = {done_steps, 1}, .expected = "true"};
    const caws_acceptor is_false = {.argument = {done_steps, 1}, .expected = "false"};
    const step ready = {.state = "ready", .done = "true"};
    const step other = {.state = "unready", .done = "false"};
    const step neither = {0};
    assert_true(matches(&named, &operation, &ready));
    assert_false(matches(&named, &operation, &other));
    assert_false(matches(&named, &operation, &neither));
    assert_true(matches(&is_true, &operation, &ready));
    assert_false(matches(&is_true, &operation, &other));
    assert_false(matches(&is_true, &operation, &neither));
    assert_true(matches(&is_false, &operation, &other));
    assert_false(matches(&is_false, &operation, &neither));
}

static void matches_statuses_and_errors(void **state)
{
    (void)state;
    const caws_acceptor ok = {.matcher = CAWS_MATCH_STATUS, .expected_status = 200};
    const caws_acceptor missing = {.matcher = CAWS_MATCH_STATUS, .expected_status = 404};
    const caws_acceptor any_error = {.matcher = CAWS_MATCH_ANY_ERROR};
    const caws_acceptor code_404 = {.matcher = CAWS_MATCH_ERROR, .expected = "404"};
    const caws_acceptor path = {.argument = {state_steps, 1}, .expected = "ready"};
    const step success = {.state = "x"};
    const step service = {.status = CAWS_ERROR_SERVICE, .code = "NotFound", .http_status = 404};
    const step http = {.status = CAWS_ERROR_HTTP, .code = "404", .http_status = 404};
    const step cut = {
        .status = CAWS_ERROR_RESPONSE_TRUNCATED, .code = "TruncatedResponse", .http_status = 200};
    const step offline = {.status = CAWS_ERROR_CONNECTION, .code = "404"};

    assert_true(matches(&ok, &operation, &success));
    assert_true(matches(&ok, &void_operation, &success));
    assert_false(matches(&ok, &operation, &service));
    assert_false(matches(&ok, &operation, &cut)); /* an answer that could not be read */
    assert_false(matches(&missing, &operation, &success));
    assert_true(matches(&missing, &operation, &service));
    assert_true(matches(&missing, &operation, &http));
    assert_false(matches(&any_error, &operation, &success));
    assert_true(matches(&any_error, &operation, &service));
    assert_true(matches(&any_error, &operation, &http));
    assert_false(matches(&any_error, &operation, &cut));
    assert_false(matches(&any_error, &operation, &offline));
    assert_false(matches(&code_404, &operation, &service));
    assert_true(matches(&code_404, &operation, &http));
    assert_false(matches(&code_404, &operation, &offline));
    assert_false(matches(&path, &operation, &service));
    assert_false(matches(&path, &void_operation, &success));
}

/* Success may be what the waiter calls a failure; without an output as well. */
static void takes_success_for_failure(void **state)
{
    (void)state;
    static const caws_acceptor failure = {.matcher = CAWS_MATCH_SUCCESS,
                                          .state = CAWS_WAIT_FAILURE};
    static const step success[] = {{.state = "x"}};
    const caws_waiter with_output = {"TaskGone", &operation, &failure, 1, 1, 1};
    const caws_waiter without_output = {"TaskGone", &void_operation, &failure, 1, 1, 1};
    ANSWER(success);
    fails(&with_output, NULL, CAWS_ERROR_WAITER, "Success", "TaskGone: Success");
    ANSWER(success);
    fails(&without_output, NULL, CAWS_ERROR_WAITER, "Success", "TaskGone: Success");
}

static void lets_the_first_acceptor_decide(void **state)
{
    (void)state;
    static const caws_acceptor both[] = {
        {.matcher = CAWS_MATCH_SUCCESS, .state = CAWS_WAIT_SUCCESS},
        {.matcher = CAWS_MATCH_SUCCESS, .state = CAWS_WAIT_FAILURE},
    };
    static const step success[] = {{.state = "x"}};
    const caws_waiter w = {"First", &void_operation, both, 2, 1, 1};
    tasks_output *output = garbage;
    ANSWER(success);
    assert_int_equal(caws_wait(client, &w, input, NULL, &output, NULL), CAWS_OK);
    assert_null(output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_paths),
        cmocka_unit_test(matches_strings_and_booleans),
        cmocka_unit_test(matches_statuses_and_errors),
        cmocka_unit_test(takes_success_for_failure),
        cmocka_unit_test(lets_the_first_acceptor_decide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
