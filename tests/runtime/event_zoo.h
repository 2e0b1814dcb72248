/* The tables of an invented stream of events, callbacks that note what they get, and what feeds
 * frames to them. */
#ifndef CAWS_TEST_EVENT_ZOO_H
#define CAWS_TEST_EVENT_ZOO_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event_frames.h"
#include "event_stream.h"

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
    static inline bool deliver_##event_name(const void *handler, const void *event)                \
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

static inline void note(const char *format, ...) CAWS_PRINTF(1, 2);

static inline void note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    caws_buffer_append_vformat(&seen, format, args);
    va_end(args);
}

static inline void note_blob(caws_blob blob)
{
    if (blob.data == NULL)
        note(" -");
    else
        note(" %zu:%.*s", blob.length, (int)blob.length, (const char *)blob.data);
}

static inline bool on_roar(void *context, const roar *event)
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

static inline bool on_photo(void *context, const photo *event)
{
    (void)context;
    note("photo %s", event->type != NULL ? event->type : "-");
    note_blob(event->data);
    note("; ");
    return more;
}

static inline bool on_song(void *context, const song *event)
{
    (void)context;
    note("song %s; ", event->text);
    return more;
}

static inline bool on_cage(void *context, const cage *event)
{
    (void)context;
    note("cage %s; ", event->inside != NULL ? event->inside->words : "empty");
    return more;
}

static inline bool on_nothing(void *context, const nothing *event)
{
    (void)context;
    assert_non_null(event);
    note("nothing; ");
    return more;
}

static inline bool on_initial_response(void *context, const song *event)
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

static inline int start(void **state)
{
    (void)state;
    caws_buffer_clear(&seen);
    more = true;
    return 0;
}

static inline int end(void **state)
{
    (void)state;
    caws_buffer_clear(&seen);
    return 0;
}

/* Reads the bytes, which it frees; returns whether more was wanted. */
static inline bool read_all(caws_buffer *bytes, const void *handler, caws_error *error)
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

static inline void put_event(caws_buffer *bytes, const char *name, caws_buffer *headers,
                             const void *payload, size_t length)
{
    put_text(headers, ":message-type", "event");
    put_text(headers, ":event-type", name);
    put_frame(bytes, headers, payload, length);
    caws_buffer_clear(headers);
}

static inline void put_simple(caws_buffer *bytes, const char *name, const char *payload)
{
    caws_buffer headers = CAWS_BUFFER_INIT;
    put_event(bytes, name, &headers, payload, strlen(payload));
}

static inline void reads(caws_buffer *bytes, const char *expected)
{
    caws_error error = CAWS_ERROR_INIT;
    bool wanted = read_all(bytes, &all, &error);
    assert_string_equal(error.message, "");
    assert_true(wanted);
    assert_string_equal(seen.data != NULL ? seen.data : "", expected);
    caws_buffer_reset(&seen);
}

static inline void refuses(caws_buffer *bytes, caws_status status, const char *message)
{
    caws_error error = CAWS_ERROR_INIT;
    assert_false(read_all(bytes, &all, &error));
    assert_string_equal(error.message, message);
    assert_int_equal(error.status, status);
    caws_error_clear(&error);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

#endif
