#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "request.h"

static void takes_headers_up_to_the_limit(void **state)
{
    (void)state;
    caws_request request = {0};
    for (int i = 0; i < CAWS_MAX_HEADERS; i++) {
        if (i % 2 == 0)
            assert_true(caws_request_add_header(&request, "name", "value"));
        else
            assert_true(
                caws_request_add_joined_header(&request, "name", "v", "=", i == 31 ? "31" : "x"));
    }
    assert_int_equal(request.header_count, CAWS_MAX_HEADERS);
    assert_false(caws_request_add_header(&request, "one", "too many"));
    assert_false(caws_request_add_joined_header(&request, "one", "too", " ", "many"));
    assert_int_equal(request.header_count, CAWS_MAX_HEADERS);
    assert_string_equal(request.headers[31].value, "v=31");
    caws_request_clear(&request);
}

static void borrows_values_and_owns_joined_ones(void **state)
{
    (void)state;
    caws_request request = {0};
    char text[] = "text";
    static char large[70000];
    memset(large, 'l', sizeof(large) - 1);
    assert_true(caws_request_add_header(&request, "a", text));
    assert_true(caws_request_add_joined_header(&request, "b", text, "/", text));
    assert_true(caws_request_add_joined_header(&request, "c", "", "", ""));
    assert_true(caws_request_add_joined_header(&request, "d", "", "%s", ""));
    assert_true(caws_request_add_joined_header(&request, "e", large, large, large));
    text[0] = 'n';
    assert_ptr_equal(request.headers[0].value, text);
    assert_string_equal(request.headers[1].name, "b");
    assert_string_equal(request.headers[1].value, "text/text");
    assert_string_equal(request.headers[2].value, "");
    assert_string_equal(request.headers[3].value, "%s");
    assert_int_equal(strlen(request.headers[4].value), 3 * (sizeof(large) - 1));
    caws_request_clear(&request);
}

static void fill(caws_request *request, size_t body_length)
{
    request->method = "POST";
    request->path = "/";
    request->query = "a=b";
    assert_true(caws_request_add_joined_header(request, "name", "va", "lu", "e"));
    char *room = caws_buffer_reserve(&request->body, body_length);
    assert_non_null(room);
    memset(room, 'b', body_length);
    request->body.length += body_length;
}

static void is_empty(const caws_request *request)
{
    assert_null(request->method);
    assert_null(request->path);
    assert_null(request->query);
    assert_int_equal(request->header_count, 0);
    assert_int_equal(request->body.length, 0);
    assert_true(caws_buffer_ok(&request->body));
    assert_null(request->arena.blocks);
}

static void reset_keeps_the_memory_of_a_usual_body(void **state)
{
    (void)state;
    caws_request request = {0};
    fill(&request, 20000);
    const char *data = request.body.data;
    size_t capacity = request.body.capacity;
    caws_request_reset(&request);
    is_empty(&request);
    assert_ptr_equal(request.body.data, data);
    assert_int_equal(request.body.capacity, capacity);
    assert_string_equal(request.body.data, "");
    fill(&request, 20000);
    assert_ptr_equal(request.body.data, data);
    caws_request_clear(&request);
    is_empty(&request);
    assert_null(request.body.data);
}

static void reset_gives_back_the_memory_of_a_large_body(void **state)
{
    (void)state;
    caws_request request = {0};
    fill(&request, 64 * 1024 - 1); /* with its NUL the most that is kept */
    caws_request_reset(&request);
    assert_non_null(request.body.data);
    fill(&request, 64 * 1024);
    caws_request_reset(&request);
    is_empty(&request);
    assert_null(request.body.data);
    assert_int_equal(request.body.capacity, 0);
    caws_request_clear(&request);
}

static void reset_forgets_a_failed_body_but_not_its_limit(void **state)
{
    (void)state;
    caws_request request = {0};
    request.body.limit = 3;
    assert_false(caws_buffer_append_string(&request.body, "four"));
    caws_request_reset(&request);
    assert_true(caws_buffer_append_string(&request.body, "abc"));
    assert_false(caws_buffer_append_string(&request.body, "d"));
    caws_request_clear(&request);
    caws_request_clear(&request);
    is_empty(&request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_headers_up_to_the_limit),
        cmocka_unit_test(borrows_values_and_owns_joined_ones),
        cmocka_unit_test(reset_keeps_the_memory_of_a_usual_body),
        cmocka_unit_test(reset_gives_back_the_memory_of_a_large_body),
        cmocka_unit_test(reset_forgets_a_failed_body_but_not_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
