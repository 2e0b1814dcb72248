/* How a stream of events ends: exceptions, errors, frames that say nothing, bytes that are missing.
 */
#include "event_zoo.h"
#include "random.h"

static void put_message(caws_buffer *bytes, const char *type, const char *header, const char *value,
                        const char *message, const char *payload)
{
    caws_buffer headers = CAWS_BUFFER_INIT;
    put_text(&headers, ":message-type", type);
    if (header != NULL)
        put_text(&headers, header, value);
    if (message != NULL)
        put_text(&headers, ":error-message", message);
    put_frame(bytes, &headers, payload, strlen(payload));
    caws_buffer_clear(&headers);
}

static void exceptions_are_errors(void **state)
{
    static const struct {
        const char *type, *header, *value, *error_message, *payload;
        const char *code, *message;
        int exception;
        bool detail, retryable, throttling;
    } cases[] = {
        {"exception", ":exception-type", "escaped", NULL,
         "{\"message\":\"it is out\",\"distance\":7}", "AnimalEscaped", "it is out", ESCAPED, true,
         true, false},
        {"exception", ":exception-type", "AnimalEscaped", NULL, "{\"Message\":\"it is out\"}",
         "AnimalEscaped", "it is out", ESCAPED, true, true, false},
        {"exception", ":exception-type", "escaped", NULL, "", "AnimalEscaped",
         "the service sent no message", ESCAPED, false, true, false},
        {"exception", ":exception-type", "escaped", NULL, "<html>", "AnimalEscaped",
         "the service sent no message", ESCAPED, false, true, false},
        {"exception", ":exception-type", "escaped", NULL, "{\"message\":5}", "AnimalEscaped",
         "the service sent no message", ESCAPED, false, true, false},
        {"exception", ":exception-type", "Eaten", NULL, "{\"message\":\"sorry\"}", "Eaten", "sorry",
         0, false, false, false},
        /* an event's name is no exception's */
        {"exception", ":exception-type", "roar", NULL, "", "roar", "the service sent no message", 0,
         false, false, false},
        {"error", ":error-code", "InternalError", "broken", "", "InternalError", "broken", 0, false,
         true, false},
        {"error", ":error-code", "SlowDown", NULL, "", "SlowDown", "the service sent no message", 0,
         false, true, true},
        {"error", ":error-code", "AnimalEscaped", "it is out", "", "AnimalEscaped", "it is out",
         ESCAPED, false, true, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_buffer bytes = CAWS_BUFFER_INIT;
        caws_error error = CAWS_ERROR_INIT;
        put_message(&bytes, cases[i].type, cases[i].header, cases[i].value, cases[i].error_message,
                    cases[i].payload);
        put_simple(&bytes, "song", "never heard");
        assert_false(read_all(&bytes, &all, &error));
        assert_int_equal(error.status, CAWS_ERROR_SERVICE);
        assert_string_equal(error.code, cases[i].code);
        assert_string_equal(error.message, cases[i].message);
        assert_int_equal(error.exception, cases[i].exception);
        assert_int_equal(error.detail != NULL, cases[i].detail);
        assert_int_equal(error.retryable, cases[i].retryable);
        assert_int_equal(error.throttling, cases[i].throttling);
        if (i == 0 && error.detail != NULL)
            assert_int_equal(((const escaped_detail *)error.detail)->distance.value, 7);
        caws_error_clear(&error);
    }
    assert_null(seen.data);
}

static void messages_must_say_what_they_are(void **state)
{
    caws_buffer bytes = CAWS_BUFFER_INIT;
    caws_buffer headers = CAWS_BUFFER_INIT;
    (void)state;
    put_frame(&bytes, &headers, "{}", 2);
    refuses(&bytes, CAWS_ERROR_RESPONSE_MALFORMED, "a frame without the header :message-type");
    put_integer(&headers, ":message-type", 4, 5, 4);
    put_frame(&bytes, &headers, "{}", 2);
    caws_buffer_clear(&headers);
    refuses(&bytes, CAWS_ERROR_RESPONSE_MALFORMED, "a frame without the header :message-type");
    put_message(&bytes, "event", NULL, NULL, NULL, "{}");
    refuses(&bytes, CAWS_ERROR_RESPONSE_MALFORMED, "an event without the header :event-type");
    put_message(&bytes, "exception", NULL, NULL, NULL, "{}");
    refuses(&bytes, CAWS_ERROR_RESPONSE_MALFORMED,
            "an exception without the header :exception-type");
    put_message(&bytes, "error", ":exception-type", "escaped", NULL, "{}");
    refuses(&bytes, CAWS_ERROR_RESPONSE_MALFORMED, "an error without the header :error-code");
    put_message(&bytes, "ru\nmour", NULL, NULL, NULL, "{}");
    refuses(&bytes, CAWS_ERROR_RESPONSE_MALFORMED,
            "a frame whose :message-type is \"ru mour\", neither event nor exception nor error");
}

static void the_end_must_be_between_frames(void **state)
{
    caws_buffer whole = CAWS_BUFFER_INIT;
    (void)state;
    put_simple(&whole, "song", "la");
    for (size_t length = 0; length <= whole.length; length++) {
        caws_buffer bytes = CAWS_BUFFER_INIT;
        caws_error error = CAWS_ERROR_INIT;
        caws_buffer_append(&bytes, whole.data, length);
        assert_true(read_all(&bytes, &all, &error));
        assert_int_equal(error.status, length == 0              ? CAWS_ERROR_RESPONSE_EMPTY
                                       : length == whole.length ? CAWS_OK
                                                                : CAWS_ERROR_RESPONSE_TRUNCATED);
        assert_int_equal(error.retryable, error.status == CAWS_ERROR_RESPONSE_TRUNCATED);
        caws_error_clear(&error);
    }
    caws_buffer_clear(&whole);
}

/* Well-formed frames of random headers and payloads: some event, some error, no harm. */
static void random_messages_do_no_harm(void **state)
{
    static const char *const types[] = {"event", "exception", "error"};
    static const char *const names[] = {":event-type", ":exception-type", ":error-code"};
    static const char *const values[] = {"roar", "photo", "song", "cage", "escaped", "?"};
    static const char *const members[] = {"loud", "pitch", "lion", "sound", "type"};
    static const char *const payloads[] = {"",  "{}",   "{\"words\":\"a\"}",
                                           "[", "\xff", "{\"words\":[]}"};
    uint64_t random = 11;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        caws_buffer bytes = CAWS_BUFFER_INIT;
        caws_buffer headers = CAWS_BUFFER_INIT;
        caws_error error = CAWS_ERROR_INIT;
        unsigned type = random_below(&random, 3);
        put_text(&headers, ":message-type", types[type]);
        put_text(&headers, names[random_below(&random, 8) > 0 ? type : 0],
                 values[random_below(&random, 6)]);
        for (unsigned i = random_below(&random, 4); i > 0; i--) {
            char noise[4] = {(char)random_below(&random, 256), (char)random_below(&random, 256),
                             (char)random_below(&random, 128), 'x'};
            put_bytes(&headers, members[random_below(&random, 5)],
                      (uint8_t)(6 + random_below(&random, 2)), noise, random_below(&random, 5));
        }
        const char *payload = payloads[random_below(&random, 6)];
        put_frame(&bytes, &headers, payload, strlen(payload));
        bool wanted = read_all(&bytes, &all, &error);
        assert_int_equal(wanted, error.status == CAWS_OK);
        caws_error_clear(&error);
        caws_buffer_clear(&headers);
        caws_buffer_reset(&seen);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(exceptions_are_errors),
        TEST(messages_must_say_what_they_are),
        TEST(the_end_must_be_between_frames),
        TEST(random_messages_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
