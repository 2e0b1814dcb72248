/* Events out of frames, with the tables of an invented stream and the JSON protocol. See
 * test_event_stream_ends.c for errors and ends. */
#include "event_zoo.h"

static void members_come_from_headers(void **state)
{
    caws_buffer bytes = CAWS_BUFFER_INIT;
    caws_buffer headers = CAWS_BUFFER_INIT;
    (void)state;
    put_name(&headers, "loud", 0);
    put_integer(&headers, "pitch", 4, INT32_MIN, 4);
    put_integer(&headers, "distance", 5, INT64_MAX, 8);
    put_integer(&headers, "time", 8, 1441490400123, 8);
    put_bytes(&headers, "sound", 6, "grr", 3);
    put_text(&headers, "lion", "le\xc3\xb3n");
    put_text(&headers, "tail", "unknown");
    put_event(&bytes, "roar", &headers, "{\"words\": \"hello\"}", 18);
    reads(&bytes, "roar loud=1 pitch=-2147483648 distance=9223372036854775807 time=1441490400123 "
                  "3:grr lion=le\xc3\xb3n words=hello; ");
    /* Smaller integers fit, empty values are present. */
    put_name(&headers, "loud", 1);
    put_integer(&headers, "pitch", 2, -1, 1);
    put_integer(&headers, "distance", 3, -300, 2);
    put_bytes(&headers, "sound", 6, "", 0);
    put_text(&headers, "lion", "");
    put_event(&bytes, "roar", &headers, NULL, 0);
    reads(&bytes, "roar loud=0 pitch=-1 distance=-300 0: lion=; ");
    put_integer(&headers, "pitch", 5, INT32_MAX, 8); /* a long that fits */
    put_event(&bytes, "roar", &headers, "{}", 2);
    reads(&bytes, "roar pitch=2147483647; ");
}

static void headers_of_another_type_are_refused(void **state)
{
    static const char *const names[] = {"loud",  "pitch", "distance", "time",
                                        "sound", "lion",  "volume"};
    static const uint8_t fitting[][4] = {{0, 1, 0, 0}, {2, 3, 4, 5}, {2, 3, 4, 5},    {8, 8, 8, 8},
                                         {6, 6, 6, 6}, {7, 7, 7, 7}, {99, 99, 99, 99}};
    static const unsigned sizes[] = {0, 0, 1, 2, 4, 8, 0, 0, 8};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        for (uint8_t type = 0; type <= 9; type++) {
            caws_buffer bytes = CAWS_BUFFER_INIT;
            caws_buffer headers = CAWS_BUFFER_INIT;
            char message[128];
            if (memchr(fitting[i], type, 4) != NULL)
                continue;
            if (type == 6 || type == 7) {
                put_bytes(&headers, names[i], type, "x", 1);
            } else if (type == 9) {
                put_name(&headers, names[i], type);
                caws_buffer_append(&headers, "0123456789abcdef", 16);
            } else {
                put_integer(&headers, names[i], type, 1, sizes[type]);
            }
            snprintf(message, sizeof(message),
                     "event roar: %s: a header of type %d does not fit the member", names[i], type);
            put_event(&bytes, "roar", &headers, NULL, 0);
            refuses(&bytes, CAWS_ERROR_RESPONSE_MALFORMED, message);
        }
    static const int64_t too_much[] = {INT64_C(2147483648), INT64_C(-2147483649)};
    for (size_t i = 0; i < 2; i++) {
        caws_buffer bytes = CAWS_BUFFER_INIT;
        caws_buffer headers = CAWS_BUFFER_INIT;
        put_integer(&headers, "pitch", 5, too_much[i], 8);
        put_event(&bytes, "roar", &headers, NULL, 0);
        refuses(&bytes, CAWS_ERROR_RESPONSE_MALFORMED,
                "event roar: pitch: a header of type 5 does not fit the member");
    }
}

static void the_payload_is_a_member(void **state)
{
    caws_buffer bytes = CAWS_BUFFER_INIT;
    caws_buffer headers = CAWS_BUFFER_INIT;
    (void)state;
    put_text(&headers, "type", "png");
    put_event(&bytes, "photo", &headers, "{not JSON", 9);
    put_simple(&bytes, "photo", "");
    put_simple(&bytes, "song", "la \xc3\xa9");
    put_simple(&bytes, "song", "");
    put_event(&bytes, "song", &headers, "a\0b\0", 4);
    put_simple(&bytes, "cage", "{\"words\":\"let me out\"}");
    put_simple(&bytes, "cage", "");
    reads(&bytes, "photo png 9:{not JSON; photo - 0:; song la \xc3\xa9; song ; "
                  "song a\xef\xbf\xbd"
                  "b\xef\xbf\xbd; cage let me out; cage empty; ");
}

static void texts_must_be_utf8(void **state)
{
    caws_buffer bytes = CAWS_BUFFER_INIT;
    caws_buffer headers = CAWS_BUFFER_INIT;
    (void)state;
    put_simple(&bytes, "song", "la\xff");
    refuses(&bytes, CAWS_ERROR_RESPONSE_MALFORMED, "event song: text: not UTF-8 at byte 2 of 3");
    put_bytes(&headers, "lion", 7, "\xc3", 1);
    put_event(&bytes, "roar", &headers, NULL, 0);
    refuses(&bytes, CAWS_ERROR_RESPONSE_MALFORMED, "event roar: lion: not UTF-8 at byte 0 of 1");
    put_bytes(&headers, ":message-type", 7, "ev\xff", 3);
    put_frame(&bytes, &headers, NULL, 0);
    caws_buffer_clear(&headers);
    refuses(&bytes, CAWS_ERROR_RESPONSE_MALFORMED, ":message-type: not UTF-8 at byte 2 of 3");
}

static void unknown_events_are_passed_over(void **state)
{
    caws_buffer bytes = CAWS_BUFFER_INIT;
    (void)state;
    put_simple(&bytes, "dance", "\xff");
    put_simple(&bytes, "Song", "another case");
    put_simple(&bytes, "", "no name");
    put_simple(&bytes, "escaped", "an exception's name is no event's");
    put_simple(&bytes, "song", "la");
    reads(&bytes, "song la; ");
}

static void members_are_optional(void **state)
{
    caws_buffer bytes = CAWS_BUFFER_INIT;
    (void)state;
    put_simple(&bytes, "roar", "");
    put_simple(&bytes, "roar", "{\"new\":5,\"words\":null}");
    put_simple(&bytes, "nothing", "");
    put_simple(&bytes, "nothing", "\xff");
    reads(&bytes, "roar; roar; nothing; nothing; ");
}

static void the_initial_response_is_an_event(void **state)
{
    caws_buffer bytes = CAWS_BUFFER_INIT;
    (void)state;
    put_simple(&bytes, "initial-response", "{\"zooName\":\"Berlin\"}");
    reads(&bytes, "zoo Berlin; ");
}

static void bad_documents_are_named(void **state)
{
    caws_buffer bytes = CAWS_BUFFER_INIT;
    (void)state;
    put_simple(&bytes, "roar", "{\"words\":5}");
    refuses(&bytes, CAWS_ERROR_RESPONSE_MALFORMED,
            "event roar: words: a number where a string belongs");
    put_simple(&bytes, "cage", "{\"words\":");
    refuses(&bytes, CAWS_ERROR_RESPONSE_TRUNCATED,
            "event cage: the body ends after 9 bytes inside a JSON value");
}

static void events_without_a_callback_are_not_even_decoded(void **state)
{
    const zoo_handler one = {.context = &seen, .song = on_song};
    const zoo_handler *const handlers[] = {&one, NULL};
    (void)state;
    for (int i = 0; i < 2; i++) {
        caws_buffer bytes = CAWS_BUFFER_INIT;
        caws_error error = CAWS_ERROR_INIT;
        put_simple(&bytes, "roar", "not JSON");
        put_simple(&bytes, "song", "la");
        assert_true(read_all(&bytes, handlers[i], &error));
        assert_int_equal(error.status, CAWS_OK);
        assert_string_equal(seen.data, "song la; "); /* of the first round */
    }
}

static void a_callback_ends_it_all(void **state)
{
    caws_buffer bytes = CAWS_BUFFER_INIT;
    caws_error error = CAWS_ERROR_INIT;
    (void)state;
    put_simple(&bytes, "song", "one");
    put_simple(&bytes, "song", "two");
    more = false;
    assert_false(read_all(&bytes, &all, &error));
    assert_int_equal(error.status, CAWS_OK);
    assert_null(error.storage);
    assert_string_equal(seen.data, "song one; ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(members_come_from_headers),
        TEST(headers_of_another_type_are_refused),
        TEST(the_payload_is_a_member),
        TEST(texts_must_be_utf8),
        TEST(unknown_events_are_passed_over),
        TEST(members_are_optional),
        TEST(the_initial_response_is_an_event),
        TEST(bad_documents_are_named),
        TEST(events_without_a_callback_are_not_even_decoded),
        TEST(a_callback_ends_it_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
