/* Paginators over real connections, against scripted pages. */
#include "servers.h"

typedef caws_logs_describe_export_tasks_output tasks;

static caws_paginator *paginate(caws_client *client, const char *token)
{
    caws_error error = CAWS_ERROR_INIT;
    const caws_logs_describe_export_tasks_input input = {.next_token = token};
    caws_paginator *pages = caws_logs_paginate_describe_export_tasks(client, &input, &error);
    if (pages == NULL)
        fail_msg("%s: %s", error.code, error.message);
    return pages; /* the struct is copied, and token is the caller's */
}

/* Asks for a page and expects the one with this number. */
static void expect_page(caws_paginator *pages, int number)
{
    char task_id[32];
    caws_error error = CAWS_ERROR_INIT;
    const tasks *page = NULL;
    if (!caws_logs_paginate_describe_export_tasks_next(pages, &page, &error))
        fail_msg("page %d: %s: %s", number, error.code, error.message);
    snprintf(task_id, sizeof(task_id), "task-%d", number);
    assert_int_equal(page->export_tasks.count, 1);
    assert_string_equal(page->export_tasks.items[0].task_id, task_id);
}

static void expect_end(caws_paginator *pages, caws_status status)
{
    caws_error error = CAWS_ERROR_INIT;
    const tasks *page = (const tasks *)&error;
    assert_false(caws_logs_paginate_describe_export_tasks_next(pages, &page, &error));
    assert_null(page);
    assert_int_equal(error.status, status);
    caws_error_clear(&error);
}

static void counts_to_the_last_page(void **state)
{
    (void)state;
    static const int counts[] = {1, 2, 50};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        char scenario[32];
        snprintf(scenario, sizeof(scenario), "pages/%d", counts[i]);
        caws_client *client = new_fault_client(scenario, NULL);
        caws_paginator *pages = paginate(client, NULL);
        for (int number = 0; number < counts[i]; number++)
            expect_page(pages, number);
        expect_end(pages, CAWS_OK);
        expect_end(pages, CAWS_OK);
        caws_paginator_free(pages);
        caws_client_free(client);
    }
}

static void goes_on_for_as_long_as_there_are_tokens(void **state)
{
    (void)state;
    caws_client *client = new_fault_client("pages", NULL);
    caws_paginator *pages = paginate(client, NULL);
    for (int number = 0; number < 300; number++)
        expect_page(pages, number);
    caws_paginator_free(pages); /* in the midst of it */
    caws_client_free(client);
}

static void ends_at_a_token_that_is_empty_or_repeated(void **state)
{
    (void)state;
    caws_client *client = new_fault_client("pages-empty-token", NULL);
    caws_paginator *pages = paginate(client, NULL);
    expect_page(pages, 0);
    expect_end(pages, CAWS_OK);
    caws_paginator_free(pages);
    caws_client_free(client);

    client = new_fault_client("pages-repeats", NULL);
    pages = paginate(client, NULL);
    for (int number = 0; number < 3; number++)
        expect_page(pages, number);
    expect_end(pages, CAWS_OK);
    caws_paginator_free(pages);
    caws_client_free(client);

    client = new_fault_client("pages-null", NULL);
    pages = paginate(client, NULL);
    const tasks *page = NULL;
    assert_true(caws_logs_paginate_describe_export_tasks_next(pages, &page, NULL));
    assert_int_equal(page->export_tasks.count, 0);
    expect_end(pages, CAWS_OK);
    caws_paginator_free(pages);
    caws_client_free(client);
}

static void goes_on_from_a_token_with_another_client(void **state)
{
    (void)state;
    caws_client *client = new_fault_client("pages/5", NULL);
    caws_paginator *pages = paginate(client, NULL);
    expect_page(pages, 0);
    expect_page(pages, 1);
    char *token = strdup(caws_paginator_token(pages));
    caws_paginator_free(pages);
    caws_client_free(client);

    client = new_fault_client("pages/5", NULL);
    pages = paginate(client, token);
    for (int number = 2; number < 5; number++)
        expect_page(pages, number);
    assert_null(caws_paginator_token(pages));
    expect_end(pages, CAWS_OK);
    caws_paginator_free(pages);
    caws_client_free(client);
    free(token);
}

static void asks_for_a_page_that_failed_again(void **state)
{
    (void)state;
    caws_client *client = new_fault_client("pages-errors/c-test", NULL);
    caws_paginator *pages = paginate(client, NULL);
    expect_page(pages, 0);
    expect_end(pages, CAWS_ERROR_SERVICE);
    assert_string_equal(caws_paginator_token(pages), "page-1");
    expect_end(pages, CAWS_ERROR_SERVICE);
    expect_page(pages, 1);
    expect_page(pages, 2);
    expect_end(pages, CAWS_OK);
    caws_paginator_free(pages);
    caws_client_free(client);
}

/* Errors of a whole loop, as programs write it. */
static void failures_end_the_loop_and_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *scenario;
        int64_t limit;
        caws_status status;
    } cases[] = {
        {"error-503-throttle", 1, CAWS_ERROR_SERVICE},  {"reset", 1, CAWS_ERROR_CONNECTION},
        {"cut-json", 1, CAWS_ERROR_RESPONSE_TRUNCATED}, {"pages/3", 1, CAWS_OK},
        {"pages/3", 0, CAWS_ERROR_INVALID_INPUT}, /* the model's minimum is 1 */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_client *client = new_fault_client(cases[i].scenario, NULL);
        caws_error error = CAWS_ERROR_INIT;
        const caws_logs_describe_export_tasks_input input = {.limit =
                                                                 caws_i32((int32_t)cases[i].limit)};
        int count = 0;

        caws_paginator *pages = caws_logs_paginate_describe_export_tasks(client, &input, &error);
        const caws_logs_describe_export_tasks_output *page = NULL;
        while (caws_logs_paginate_describe_export_tasks_next(pages, &page, &error))
            count++;
        caws_paginator_free(pages);

        assert_int_equal(error.status, cases[i].status);
        assert_int_equal(count, cases[i].status == CAWS_OK ? 3 : 0);
        caws_error_clear(&error);
        caws_client_free(client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_to_the_last_page),
        cmocka_unit_test(goes_on_for_as_long_as_there_are_tokens),
        cmocka_unit_test(ends_at_a_token_that_is_empty_or_repeated),
        cmocka_unit_test(goes_on_from_a_token_with_another_client),
        cmocka_unit_test(asks_for_a_page_that_failed_again),
        cmocka_unit_test(failures_end_the_loop_and_are_told),
    };
    return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
