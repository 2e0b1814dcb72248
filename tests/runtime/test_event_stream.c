/* Events out of frames, with the tables of an invented stream and the JSON protocol. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event_frames.h"
#include "event_stream.h"
#include "random.h"

enum { ESCAPED = 1, MAX_FRAME = 1 << 20 };

/* A member of every kind that a header can be, and one in the payload's document. */
typedef struct roar {
    caws_opt_bool loud;
    caws_opt_i32 pitch;
    caws_opt_i64 distance;
    caws_opt_i64 time;
    caws_blob sound;
    const char *lion;
    caws_opt_double volume; /* no header can be one */
    const char *words;
} roar;

typedef struct photo {
    const char *type;
    caws_blob data;
} photo;

typedef struct song {
    const char *text;
} song;

typedef struct cage {
    const roar *inside;
} cage;

typedef struct nothing {
    char unused_;
} nothing;

#define HEADER CAWS_MEMBER_EVENT_HEADER

static const caws_member roar_members[] = {
    {"loud", &caws_type_boolean, offsetof(roar, loud), HEADER, NULL},
    {"pitch", &caws_type_integer, offsetof(roar, pitch), HEADER, NULL},
    {"distance", &caws_type_long, offsetof(roar, distance), HEADER, NULL},
    {"time", &caws_type_timestamp, offsetof(roar, time), HEADER, NULL},
    {"sound", &caws_type_blob, offsetof(roar, sound), HEADER, NULL},
    {"lion", &caws_type_string, offsetof(roar, lion), HEADER, NULL},
    {"volume", &caws_type_double, offsetof(roar, volume), HEADER, NULL},
    {"words", &caws_type_string, offsetof(roar, words), 0, NULL},
};
static const caws_type roar_type = {
    .kind = CAWS_KIND_STRUCTURE, .members = roar_members, .member_count = 8, .size = sizeof(roar)};
static const caws_member photo_members[] = {
    {"type", &caws_type_string, offsetof(photo, type), HEADER, NULL},
    {"data", &caws_type_blob, offsetof(photo, data), CAWS_MEMBER_EVENT_PAYLOAD, NULL},
};
static const caws_type photo_type = {.kind = CAWS_KIND_STRUCTURE,
                                     .members = photo_members,
                                     .member_count = 2,
                                     .size = sizeof(photo)};
static const caws_member song_members[] = {
    {"text", &caws_type_string, offsetof(song, text), CAWS_MEMBER_EVENT_PAYLOAD, NULL},
};
static const caws_type song_type = {
    .kind = CAWS_KIND_STRUCTURE, .members = song_members, .member_count = 1, .size = sizeof(song)};
static const caws_member cage_members[] = {
    {"inside", &roar_type, offsetof(cage, inside), CAWS_MEMBER_EVENT_PAYLOAD, NULL},
};
static const caws_type cage_type = {
    .kind = CAWS_KIND_STRUCTURE, .members = cage_members, .member_count = 1, .size = sizeof(cage)};
static const caws_type nothing_type = {.kind = CAWS_KIND_STRUCTURE, .size = sizeof(nothing)};

typedef struct escaped_detail {
    const char *message;
    caws_opt_i64 distance;
} escaped_detail;

static const caws_member escaped_members[] = {
    {"message", &caws_type_string, offsetof(escaped_detail, message), 0, NULL},
    {"distance", &caws_type_long, offsetof(escaped_detail, distance), 0, NULL},
};
static const caws_type escaped_type = {.kind = CAWS_KIND_STRUCTURE,
                                       .members = escaped_members,
                                       .member_count = 2,
                                       .size = sizeof(escaped_detail)};
static const caws_exception exceptions[] = {
    {.code = "AnimalEscaped",
     .type = &escaped_type,
     .value = ESCAPED,
     .flags = CAWS_EXCEPTION_RETRYABLE},
};
static const caws_service service = {
    .protocol = &caws_protocol_json, .exceptions = exceptions, .exception_count = 1};
static const caws_operation operation = {.name = "WatchZoo", .service = &service};

typedef struct zoo_handler {
    void *context;
    bool (*keep_going)(void *context);
    bool (*roar)(void *context, const roar *event);
    bool (*photo)(void *context, const photo *event);
    bool (*song)(void *context, const song *event);
    bool (*cage)(void *context, const cage *event);
    bool (*nothing)(void *context, const nothing *event);
    bool (*initial_response)(void *context, const song *event);
} zoo_handler;

#define DELIVER(event_name)                                                                        \
    static bool deliver_##event_name(const void *handler, const void *event)                       \
    {                                                                                              \
        const zoo_handler *h = handler;                                                            \
        return h->event_name(h->context, event);                                                   \
    }

DELIVER(roar)
DELIVER(photo)
DELIVER(song)
DELIVER(cage)
DELIVER(nothing)
DELIVER(initial_response)

static const caws_member answer_members[] = {
    {"zooName", &caws_type_string, offsetof(song, text), 0, NULL},
};
static const caws_type answer_type = {.kind = CAWS_KIND_STRUCTURE,
                                      .members = answer_members,
                                      .member_count = 1,
                                      .size = sizeof(song)};
static const caws_event events[] = {
    {"initial-response", &answer_type, NULL, offsetof(zoo_handler, initial_response),
     deliver_initial_response},
    {"roar", &roar_type, NULL, offsetof(zoo_handler, roar), deliver_roar},
    {"photo", &photo_type, NULL, offsetof(zoo_handler, photo), deliver_photo},
    {"song", &song_type, NULL, offsetof(zoo_handler, song), deliver_song},
    {"cage", &cage_type, NULL, offsetof(zoo_handler, cage), deliver_cage},
    {"nothing", &nothing_type, NULL, offsetof(zoo_handler, nothing), deliver_nothing},
    {.name = "escaped", .exception = "AnimalEscaped"}, /* the member, and its shape's code */
};
static const caws_stream stream = {&operation, events, sizeof(events) / sizeof(events[0])};

/* What the callbacks have seen. */
static caws_buffer seen;
static bool more = true;

static void note(const char *format, ...) CAWS_PRINTF(1, 2);

static void note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    caws_buffer_append_vformat(&seen, format, args);
    va_end(args);
}

static void note_blob(caws_blob blob)
{
    if (blob.data == NULL)
        note(" -");
    else
        note(" %zu:%.*s", blob.length, (int)blob.length, (const char *)blob.data);
}

static bool on_roar(void *context, const roar *event)
{
    assert_ptr_equal(context, &seen);
    note("roar");
    if (event->loud.present)
        note(" loud=%d", event->loud.value);
    if (event->pitch.present)
        note(" pitch=%d", (int)event->pitch.value);
    if (event->distance.present)
        note(" distance=%lld", (long long)event->distance.value);
    if (event->time.present)
        note(" time=%lld", (long long)event->time.value);
    if (event->sound.data != NULL)
        note_blob(event->sound);
    if (event->lion != NULL)
        note(" lion=%s", event->lion);
    if (event->words != NULL)
        note(" words=%s", event->words);
    note("; ");
    return more;
}

static bool on_photo(void *context, const photo *event)
{
    (void)context;
    note("photo %s", event->type != NULL ? event->type : "-");
    note_blob(event->data);
    note("; ");
    return more;
}

static bool on_song(void *context, const song *event)
{
    (void)context;
    note("song %s; ", event->text);
    return more;
}

static bool on_cage(void *context, const cage *event)
{
    (void)context;
    note("cage %s; ", event->inside != NULL ? event->inside->words : "empty");
    return more;
}

static bool on_nothing(void *context, const nothing *event)
{
    (void)context;
    assert_non_null(event);
    note("nothing; ");
    return more;
}

static bool on_initial_response(void *context, const song *event)
{
    (void)context;
    note("zoo %s; ", event->text);
    return more;
}

static const zoo_handler all = {.context = &seen,
                                .roar = on_roar,
                                .photo = on_photo,
                                .song = on_song,
                                .cage = on_cage,
                                .nothing = on_nothing,
                                .initial_response = on_initial_response};

static int start(void **state)
{
    (void)state;
    caws_buffer_clear(&seen);
    more = true;
    return 0;
}

static int end(void **state)
{
    (void)state;
    caws_buffer_clear(&seen);
    return 0;
}

/* Reads the bytes, which it frees; returns whether more was wanted. */
static bool read_all(caws_buffer *bytes, const void *handler, caws_error *error)
{
    caws_event_reader reader;
    caws_event_reader_init(&reader, &stream, handler, MAX_FRAME);
    bool result = caws_event_reader_take(&reader, bytes->data, bytes->length, error);
    assert_null(reader.arena.blocks); /* an event's memory is gone after its callback */
    if (result && error->status == CAWS_OK)
        (void)caws_event_reader_finish(&reader, error);
    caws_event_reader_clear(&reader);
    caws_buffer_clear(bytes);
    return result;
}

static void put_event(caws_buffer *bytes, const char *name, caws_buffer *headers,
                      const void *payload, size_t length)
{
    put_text(headers, ":message-type", "event");
    put_text(headers, ":event-type", name);
    put_frame(bytes, headers, payload, length);
    caws_buffer_clear(headers);
}

static void put_simple(caws_buffer *bytes, const char *name, const char *payload)
{
    caws_buffer headers = CAWS_BUFFER_INIT;
    put_event(bytes, name, &headers, payload, strlen(payload));
}

static void reads(caws_buffer *bytes, const char *expected)
{
    caws_error error = CAWS_ERROR_INIT;
    bool wanted = read_all(bytes, &all, &error);
    assert_string_equal(error.message, "");
    assert_true(wanted);
    assert_string_equal(seen.data != NULL ? seen.data : "", expected);
    caws_buffer_reset(&seen);
}

static void refuses(caws_buffer *bytes, caws_status status, const char *message)
{
    caws_error error = CAWS_ERROR_INIT;
    assert_false(read_all(bytes, &all, &error));
    assert_string_equal(error.message, message);
    assert_int_equal(error.status, status);
    caws_error_clear(&error);
}

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
        if (i == 0)
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

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
        TEST(exceptions_are_errors),
        TEST(messages_must_say_what_they_are),
        TEST(the_end_must_be_between_frames),
        TEST(random_messages_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
