#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fail.h"

static void is_initial(const caws_error *error)
{
    assert_int_equal(error->status, CAWS_OK);
    assert_int_equal(error->exception, 0);
    assert_int_equal(error->http_status, 0);
    assert_int_equal(error->attempts, 0);
    assert_false(error->retryable);
    assert_false(error->throttling);
    assert_string_equal(error->code, "");
    assert_string_equal(error->message, "");
    assert_string_equal(error->request_id, "");
    assert_null(error->violations);
    assert_int_equal(error->violation_count, 0);
    assert_null(error->detail);
    assert_null(error->storage);
}

static void begins_as_success(void **state)
{
    (void)state;
    static const caws_error constant = CAWS_ERROR_INIT;
    caws_error error = CAWS_ERROR_INIT;
    is_initial(&constant);
    is_initial(&error);
    caws_error_clear(&error);
    is_initial(&error);
    caws_error_clear(NULL);
}

static void names_every_status(void **state)
{
    (void)state;
    static const struct {
        caws_status status;
        const char *text;
    } texts[] = {
        {CAWS_OK, "OK"},
        {CAWS_ERROR_MEMORY, "OutOfMemory"},
        {CAWS_ERROR_INVALID_INPUT, "InvalidInput"},
        {CAWS_ERROR_CONFIGURATION, "InvalidConfiguration"},
        {CAWS_ERROR_CREDENTIALS, "NoCredentials"},
        {CAWS_ERROR_ENDPOINT, "NoEndpoint"},
        {CAWS_ERROR_CONNECTION, "ConnectionFailed"},
        {CAWS_ERROR_TIMEOUT, "Timeout"},
        {CAWS_ERROR_TLS, "TlsFailed"},
        {CAWS_ERROR_CANCELLED, "Cancelled"},
        {CAWS_ERROR_RESPONSE_EMPTY, "EmptyResponse"},
        {CAWS_ERROR_RESPONSE_TRUNCATED, "TruncatedResponse"},
        {CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse"},
        {CAWS_ERROR_RESPONSE_TOO_LARGE, "ResponseTooLarge"},
        {CAWS_ERROR_HTTP, "HttpError"},
        {CAWS_ERROR_SERVICE, "ServiceError"},
        {CAWS_ERROR_WAITER, "WaiterFailed"},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_string_equal(caws_status_string(texts[i].status), texts[i].text);
    for (int status = CAWS_OK; status <= CAWS_ERROR_WAITER; status++) {
        assert_non_null(caws_status_string((caws_status)status));
        assert_string_not_equal(caws_status_string((caws_status)status), "Unknown");
    }
}

/* From a program that was built against another version. */
static void survives_a_status_it_does_not_know(void **state)
{
    (void)state;
    static const unsigned unknown[] = {CAWS_ERROR_WAITER + 1, 1000, 0x7FFFFFFF, 0x80000000,
                                       0xFFFFFFFF};
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        caws_status status;
        memcpy(&status, &unknown[i], sizeof(status));
        assert_string_equal(caws_status_string(status), "Unknown");
    }
}

static void keeps_the_other_fields(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    error.http_status = 503;
    error.attempts = 2;
    error.retryable = true;
    error.exception = 7;
    error.request_id = caws_error_copy(&error, "id-1");
    assert_int_equal(caws_fail(&error, CAWS_ERROR_TIMEOUT, "%s after %d ms", "nothing", 5),
                     CAWS_ERROR_TIMEOUT);
    assert_int_equal(error.status, CAWS_ERROR_TIMEOUT);
    assert_string_equal(error.code, "Timeout");
    assert_string_equal(error.message, "nothing after 5 ms");
    assert_string_equal(error.request_id, "id-1");
    assert_int_equal(error.http_status, 503);
    assert_int_equal(error.attempts, 2);
    assert_int_equal(error.exception, 7);
    assert_true(error.retryable);
    caws_error_clear(&error);
    is_initial(&error);
}

static void copies_code_and_text(void **state)
{
    (void)state;
    char code[] = "SomeCode";
    char text[] = "some text";
    caws_error error = CAWS_ERROR_INIT;
    assert_int_equal(caws_fail_code(&error, CAWS_ERROR_SERVICE, code, "%s", text),
                     CAWS_ERROR_SERVICE);
    memset(code, 'X', sizeof(code) - 1);
    memset(text, 'X', sizeof(text) - 1);
    assert_string_equal(error.code, "SomeCode");
    assert_string_equal(error.message, "some text");
    caws_error_clear(&error);
}

static void may_quote_what_it_said_before(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    caws_fail_code(&error, CAWS_ERROR_SERVICE, "First", "one");
    caws_fail_code(&error, CAWS_ERROR_WAITER, error.code, "two, after %s: %s", error.code,
                   error.message);
    assert_int_equal(error.status, CAWS_ERROR_WAITER);
    assert_string_equal(error.code, "First");
    assert_string_equal(error.message, "two, after First: one");
    caws_error_clear(&error);
}

static void takes_texts_of_any_length(void **state)
{
    (void)state;
    enum { LENGTH = 300000 };
    char *text = malloc(LENGTH + 1);
    assert_non_null(text);
    memset(text, 'm', LENGTH);
    text[LENGTH] = '\0';
    caws_error error = CAWS_ERROR_INIT;
    caws_fail_code(&error, CAWS_ERROR_SERVICE, text, "%s!", text);
    assert_int_equal(strlen(error.code), LENGTH);
    assert_int_equal(strlen(error.message), LENGTH + 1);
    caws_fail(&error, CAWS_ERROR_HTTP, "%s", "");
    assert_string_equal(error.message, "");
    assert_string_equal(caws_error_copy(&error, ""), "");
    assert_string_equal(caws_error_copy(&error, text), text);
    caws_error_clear(&error);
    free(text);
}

static void does_not_read_directives_in_arguments(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    caws_fail_code(&error, CAWS_ERROR_SERVICE, "%s%s%n", "%s", "%s%n%d");
    assert_string_equal(error.code, "%s%s%n");
    assert_string_equal(error.message, "%s%n%d");
    caws_error_clear(&error);
}

/* What a hostile service could do to a terminal. */
static void drops_control_characters(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *shown;
    } cases[] = {
        {"plain text, ~", "plain text, ~"},
        {"two\nlines\tand a tab", "two\nlines\tand a tab"},
        {"\x1b]0;title\x07\x1b[31mred\x1b[0m", "?]0;title??[31mred?[0m"},
        {"over\rwritten\b\v\f\x7f", "over?written????"},
        {"\xc2\x9b"
         "2J",
         "?2J"}, /* CSI of C1, in UTF-8 */
        {"\x9b"
         "2J",
         "?2J"},                                    /* and as a byte of its own */
        {"\xc2\x80\xc2\x9f\xc2\xa0", "??\xc2\xa0"}, /* the first, the last, the next */
        {"\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x99\x82", "\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x99\x82"},
        {"\xc0\x9b", "??"}, /* an overlong ESC */
        {"\xc3", "?"},
        {"\xe6\xbc", "??"},
        {"\xe6\xbc"
         "a",
         "??a"},
        {"\xed\xa0\x80", "???"}, /* a surrogate */
        {"\xff\xfe", "??"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        caws_fail_code(&error, CAWS_ERROR_SERVICE, cases[i].text, "%s", cases[i].text);
        bool lines = strpbrk(cases[i].shown, "\n\t") != NULL; /* which a code has not */
        assert_string_equal(error.code, lines ? "two?lines?and a tab" : cases[i].shown);
        assert_string_equal(error.message, cases[i].shown);
        assert_string_equal(caws_error_copy(&error, cases[i].text), cases[i].shown);
        caws_fail(&error, CAWS_ERROR_HTTP, "HTTP %d: %s", 400, cases[i].text);
        assert_memory_equal(error.message, "HTTP 400: ", 10);
        assert_string_equal(error.message + 10, cases[i].shown);
        caws_error_clear(&error);
    }
    for (int c = 1; c < 256; c++) {
        caws_error error = CAWS_ERROR_INIT;
        const char text[] = {'a', (char)c, 'b', '\0'};
        bool kept = c == '\n' || c == '\t' || (c >= ' ' && c < 0x7f);
        caws_fail(&error, CAWS_ERROR_HTTP, "%s", text);
        assert_int_equal((unsigned char)error.message[1], kept ? c : '?');
        assert_int_equal(strlen(error.message), 3);
        caws_error_clear(&error);
    }
}

static void tells_want_of_memory_without_memory(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    assert_int_equal(caws_fail_memory(&error), CAWS_ERROR_MEMORY);
    assert_int_equal(error.status, CAWS_ERROR_MEMORY);
    assert_string_equal(error.code, "OutOfMemory");
    assert_string_equal(error.message, "out of memory");
    assert_null(error.storage);
    caws_error_clear(&error);
    is_initial(&error);
}

static void serves_many_times(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    for (int round = 0; round < 1000; round++) {
        assert_non_null(caws_arena_alloc(caws_error_arena(&error), 100));
        caws_fail(&error, CAWS_ERROR_CONNECTION, "round %d", round);
        error.violations = NULL;
        error.violation_count = 3;
        caws_error_clear(&error);
        is_initial(&error);
    }
    caws_error_clear(&error);
    is_initial(&error);
}

static void has_one_arena(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    caws_arena *arena = caws_error_arena(&error);
    assert_non_null(arena);
    caws_fail(&error, CAWS_ERROR_TLS, "x");
    assert_ptr_equal(caws_error_arena(&error), arena);
    caws_error_clear(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_as_success),
        cmocka_unit_test(names_every_status),
        cmocka_unit_test(survives_a_status_it_does_not_know),
        cmocka_unit_test(keeps_the_other_fields),
        cmocka_unit_test(copies_code_and_text),
        cmocka_unit_test(may_quote_what_it_said_before),
        cmocka_unit_test(takes_texts_of_any_length),
        cmocka_unit_test(does_not_read_directives_in_arguments),
        cmocka_unit_test(drops_control_characters),
        cmocka_unit_test(tells_want_of_memory_without_memory),
        cmocka_unit_test(serves_many_times),
        cmocka_unit_test(has_one_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
