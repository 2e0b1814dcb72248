/* Paginators of logs against an independent server, on what MotoServer.create_pages made there. */
#include "servers.h"

enum { GROUPS = 7, STREAMS = 5, EVENTS = 23 };

static char group[128]; /* the one with the streams */

static int find_group(void **state)
{
    (void)state;
    snprintf(group, sizeof(group), "%sgroup-0", required_environment("CAWS_TEST_PAGES"));
    return 0;
}

/* Expects prefix and the next number, of so many digits at least. */
static void expect_numbered(const char *text, const char *prefix, int digits, int *number)
{
    char wanted[192];
    snprintf(wanted, sizeof(wanted), "%s%0*d", prefix, digits, *number);
    assert_string_equal(text, wanted);
    (*number)++;
}

static void expect_success(caws_error *error)
{
    if (error->status != CAWS_OK)
        fail_msg("%s: %s", error->code, error->message);
}

static void log_groups(void **state)
{
    (void)state;
    static const int limits[] = {1, 3, 7, 50};
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        char prefix[160];
        caws_error error = CAWS_ERROR_INIT;
        caws_client *client = new_moto_client(NULL);
        const caws_logs_describe_log_groups_input input = {
            .log_group_name_prefix = required_environment("CAWS_TEST_PAGES"),
            .limit = caws_i32(limits[i]),
        };
        int count = 0;
        int calls = 0;
        snprintf(prefix, sizeof(prefix), "%sgroup-", input.log_group_name_prefix);

        caws_paginator *pages = caws_logs_paginate_describe_log_groups(client, &input, &error);
        const caws_logs_describe_log_groups_output *page = NULL;
        while (caws_logs_paginate_describe_log_groups_next(pages, &page, &error)) {
            calls++;
            assert_true(page->log_groups.count <= (size_t)limits[i]);
            for (size_t j = 0; j < page->log_groups.count; j++)
                expect_numbered(page->log_groups.items[j].log_group_name, prefix, 1, &count);
        }
        caws_paginator_free(pages);
        expect_success(&error);
        assert_int_equal(count, GROUPS);
        assert_int_equal(calls, (GROUPS + limits[i] - 1) / limits[i]);
        caws_client_free(client);
    }
}

/* The first page with one client, the others with another, as another process would. */
static void log_streams_from_a_saved_token(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    char *token = NULL;
    int count = 0;
    for (int part = 0; part < 2; part++) {
        caws_client *client = new_moto_client(NULL);
        const caws_logs_describe_log_streams_input input = {
            .log_group_name = group, .limit = caws_i32(2), .next_token = token};
        caws_paginator *pages = caws_logs_paginate_describe_log_streams(client, &input, &error);
        const caws_logs_describe_log_streams_output *page = NULL;
        while (caws_logs_paginate_describe_log_streams_next(pages, &page, &error)) {
            for (size_t i = 0; i < page->log_streams.count; i++)
                expect_numbered(page->log_streams.items[i].log_stream_name, "stream-", 1, &count);
            if (part == 0) {
                assert_int_equal(count, 2);
                token = strdup(caws_paginator_token(pages));
                break;
            }
        }
        expect_success(&error);
        caws_paginator_free(pages);
        caws_client_free(client);
    }
    assert_int_equal(count, STREAMS);
    free(token);
}

static void filtered_events(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_moto_client(NULL);
    const caws_logs_filter_log_events_input input = {.log_group_name = group, .limit = caws_i32(4)};
    int count = 0;
    caws_paginator *pages = caws_logs_paginate_filter_log_events(client, &input, &error);
    const caws_logs_filter_log_events_output *page = NULL;
    while (caws_logs_paginate_filter_log_events_next(pages, &page, &error))
        for (size_t i = 0; i < page->events.count; i++)
            expect_numbered(page->events.items[i].message, "event ", 2, &count);
    caws_paginator_free(pages);
    expect_success(&error);
    assert_int_equal(count, EVENTS);
    caws_client_free(client);
}

/* The service never says that there are no more: at the end it repeats the token. */
static void events_end_at_the_repeated_token(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_moto_client(NULL);
    const caws_logs_get_log_events_input input = {
        .log_group_name = group,
        .log_stream_name = "stream-0",
        .start_from_head = caws_bool(true),
        .limit = caws_i32(10),
    };
    char last_token[256] = "";
    int count = 0;
    int calls = 0;
    caws_paginator *pages = caws_logs_paginate_get_log_events(client, &input, &error);
    const caws_logs_get_log_events_output *page = NULL;
    while (caws_logs_paginate_get_log_events_next(pages, &page, &error)) {
        assert_true(++calls < 10);
        snprintf(last_token, sizeof(last_token), "%s", page->next_forward_token);
        for (size_t i = 0; i < page->events.count; i++)
            expect_numbered(page->events.items[i].message, "event ", 2, &count);
    }
    assert_null(caws_paginator_token(pages));
    caws_paginator_free(pages);
    expect_success(&error);
    assert_int_equal(count, EVENTS);
    assert_int_equal(calls, 4); /* the fourth page is empty, and tells so */

    /* Asked again from there later, there is nothing new, and that is told at once. */
    caws_logs_get_log_events_input again = input;
    again.next_token = last_token;
    pages = caws_logs_paginate_get_log_events(client, &again, &error);
    assert_true(caws_logs_paginate_get_log_events_next(pages, &page, &error));
    assert_int_equal(page->events.count, 0);
    assert_false(caws_logs_paginate_get_log_events_next(pages, &page, &error));
    expect_success(&error);
    caws_paginator_free(pages);
    caws_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_groups),
        cmocka_unit_test(log_streams_from_a_saved_token),
        cmocka_unit_test(filtered_events),
        cmocka_unit_test(events_end_at_the_repeated_token),
    };
    return cmocka_run_group_tests_name("pages of moto", tests, find_group, NULL);
}
