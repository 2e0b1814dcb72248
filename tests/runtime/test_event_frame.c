/*
 * Frames of event streams, and published vectors of them. The vectors' folder is
 * $CAWS_VECTORS/event-stream, else ../shared/vectors/event-stream beside the project; without it
 * that test is reported as skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "base64.h"
#include "event_frame.h"
#include "event_frames.h"
#include "random.h"

enum { MAX_LENGTH = 1 << 20 };

/* All frames in the bytes, given in pieces of so many bytes, as one text; "!" and the error's
 * message where reading ends. */
static char *describe(const char *data, size_t length, size_t piece, size_t max_length)
{
    caws_buffer text = CAWS_BUFFER_INIT;
    caws_error error = CAWS_ERROR_INIT;
    caws_frame_decoder decoder;
    caws_frame_decoder_init(&decoder, max_length);
    bool failed = false;
    for (size_t from = 0; from < length && !failed; from += piece) {
        size_t count = piece < length - from ? piece : length - from;
        char *bytes = malloc(count); /* of exactly this size: reading beyond it is noticed */
        assert_non_null(bytes);
        memcpy(bytes, data + from, count);
        const char *at = bytes;
        while (count > 0 && !failed) {
            caws_event_frame frame;
            caws_frame_state state = caws_frame_decoder_feed(&decoder, &at, &count, &frame, &error);
            failed = state == CAWS_FRAME_FAILED;
            if (state == CAWS_FRAME_INCOMPLETE)
                assert_int_equal(count, 0);
            if (state != CAWS_FRAME_COMPLETE)
                continue;
            assert_int_equal(frame.payload[frame.payload_length], '\0');
            assert_int_equal(caws_frame_decoder_pending(&decoder), 0);
            caws_event_header header;
            for (size_t offset = 0; caws_event_header_next(&frame, &offset, &header);) {
                caws_buffer_append(&text, header.name, header.name_length);
                caws_buffer_append_format(&text, "=%d:%lld:", (int)header.type,
                                          (long long)header.integer);
                for (size_t i = 0; i < header.length; i++)
                    caws_buffer_append_format(&text, "%02x", (uint8_t)header.bytes[i]);
                caws_buffer_append_string(&text, " ");
            }
            caws_buffer_append_string(&text, "[");
            for (size_t i = 0; i < frame.payload_length; i++)
                caws_buffer_append_format(&text, "%02x", (uint8_t)frame.payload[i]);
            caws_buffer_append_string(&text, "]");
        }
        free(bytes);
    }
    if (failed)
        caws_buffer_append_format(&text, "!%s", error.message);
    else if (caws_frame_decoder_pending(&decoder) > 0)
        caws_buffer_append_format(&text, "+%zu", caws_frame_decoder_pending(&decoder));
    assert_true(caws_buffer_ok(&text));
    caws_frame_decoder_clear(&decoder);
    caws_error_clear(&error);
    return text.data != NULL ? text.data : calloc(1, 1);
}

static void expect(const caws_buffer *bytes, const char *expected)
{
    char *text = describe(bytes->data, bytes->length, SIZE_MAX, MAX_LENGTH);
    assert_string_equal(text, expected);
    free(text);
}

/* The end of the text, after the frames before the failure. */
static void expect_failure(const caws_buffer *bytes, const char *message)
{
    char *text = describe(bytes->data, bytes->length, SIZE_MAX, SIZE_MAX);
    const char *mark = strchr(text, '!');
    if (mark == NULL || strstr(mark, message) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", message, text);
    free(text);
}

/* A header of every type, then a frame with nothing, then one with a payload alone. */
static void put_zoo(caws_buffer *bytes)
{
    caws_buffer headers = CAWS_BUFFER_INIT;
    const caws_buffer none = CAWS_BUFFER_INIT;
    put_name(&headers, "yes", 0);
    put_name(&headers, "no", 1);
    put_integer(&headers, "byte", 2, -128, 1);
    put_integer(&headers, "short", 3, -32768, 2);
    put_integer(&headers, "integer", 4, INT32_MIN, 4);
    put_integer(&headers, "long", 5, INT64_MIN, 8);
    put_bytes(&headers, "bytes", 6, "\0\xff", 2);
    put_text(&headers, "text", "");
    put_integer(&headers, "time", 8, 1441490400123, 8);
    put_name(&headers, "uuid", 9);
    caws_buffer_append(&headers, "0123456789abcdef", 16);
    put_frame(bytes, &headers, "{}", 2);
    put_frame(bytes, &none, NULL, 0);
    put_frame(bytes, &none, "\0a", 2);
    caws_buffer_clear(&headers);
}

#define ZOO                                                                                        \
    "yes=0:0: no=1:0: byte=2:-128: short=3:-32768: integer=4:-2147483648: "                        \
    "long=5:-9223372036854775808: bytes=6:0:00ff text=7:0: time=8:1441490400123: "                 \
    "uuid=9:0:30313233343536373839616263646566 [7b7d][][0061]"

static void reads_every_type_of_header(void **state)
{
    caws_buffer bytes = CAWS_BUFFER_INIT;
    (void)state;
    put_zoo(&bytes);
    expect(&bytes, ZOO);
    caws_buffer_clear(&bytes);
}

static void takes_pieces_of_any_length(void **state)
{
    caws_buffer bytes = CAWS_BUFFER_INIT;
    (void)state;
    put_zoo(&bytes);
    for (size_t piece = 1; piece <= bytes.length; piece++) {
        char *text = describe(bytes.data, bytes.length, piece, MAX_LENGTH);
        assert_string_equal(text, ZOO);
        free(text);
    }
    caws_buffer_clear(&bytes);
}

/* Two pieces, cut at every place; and what there is before the cut is no frame that is not whole.
 */
static void an_end_at_any_byte_is_no_frame(void **state)
{
    caws_buffer bytes = CAWS_BUFFER_INIT;
    (void)state;
    put_zoo(&bytes);
    for (size_t cut = 0; cut < bytes.length; cut++) {
        char *text = describe(bytes.data, cut, SIZE_MAX, MAX_LENGTH);
        size_t first = bytes.length - 34;
        size_t pending = cut < first ? cut : cut < first + 16 ? cut - first : cut - first - 16;
        char expected[32] = "";
        if (pending > 0)
            snprintf(expected, sizeof(expected), "+%zu", pending);
        const char *plus = strchr(text, '+');
        assert_string_equal(plus != NULL ? plus : "", expected);
        size_t frames = 0;
        for (const char *p = text; *p != '\0'; p++)
            frames += *p == ']';
        assert_int_equal(frames, cut < first ? 0 : cut < first + 16 ? 1 : 2);
        free(text);
    }
    caws_buffer_clear(&bytes);
}

static void every_wrong_bit_is_noticed(void **state)
{
    caws_buffer bytes = CAWS_BUFFER_INIT;
    (void)state;
    put_zoo(&bytes);
    for (size_t i = 0; i < bytes.length; i++)
        for (int bit = 0; bit < 8; bit++) {
            bytes.data[i] = (char)(bytes.data[i] ^ 1 << bit);
            expect_failure(&bytes, "checksum");
            bytes.data[i] = (char)(bytes.data[i] ^ 1 << bit);
        }
    caws_buffer_clear(&bytes);
}

static void every_wrong_byte_is_noticed(void **state)
{
    caws_buffer bytes = CAWS_BUFFER_INIT;
    uint64_t random = 7;
    (void)state;
    put_zoo(&bytes);
    for (size_t i = 0; i < bytes.length; i++)
        for (int round = 0; round < 20; round++) {
            char wrong = (char)(uint8_t)(1 + random_below(&random, 255));
            bytes.data[i] = (char)(bytes.data[i] ^ wrong);
            expect_failure(&bytes, "checksum");
            bytes.data[i] = (char)(bytes.data[i] ^ wrong);
        }
    caws_buffer_clear(&bytes);
}

/* Lengths that cannot be, in a prelude whose checksum is right. */
static void impossible_lengths_are_refused(void **state)
{
    static const struct {
        uint32_t length;
        uint32_t headers;
        const char *message;
    } cases[] = {
        {0, 0, "a frame of 0 bytes cannot have 0 bytes of headers"},
        {15, 0, "a frame of 15 bytes"},
        {16, 1, "a frame of 16 bytes cannot have 1 bytes of headers"},
        {16, UINT32_MAX, "cannot have 4294967295"},
        {UINT32_MAX, UINT32_MAX, "cannot have 4294967295"},
        {UINT32_MAX, UINT32_MAX - 16, "4294967279 bytes of headers and 0 of payload"},
        {UINT32_MAX, 0, "0 bytes of headers and 4294967279 of payload"},
        {16 + 131073, 131073, "131073 bytes of headers"},
        {16 + 25165825, 0, "25165825 of payload, at most 131072 and 25165824"},
        {0x80000000, 0x7FFFFFF0, "bytes of headers"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_buffer bytes = CAWS_BUFFER_INIT;
        put_frame_saying(&bytes, cases[i].length, cases[i].headers, NULL, 0, NULL, 0);
        expect_failure(&bytes, cases[i].message);
        caws_buffer_clear(&bytes);
    }
}

/* A claim costs no memory before the bytes are there. */
static void the_largest_frame_is_not_allocated_beforehand(void **state)
{
    caws_buffer bytes = CAWS_BUFFER_INIT;
    caws_error error = CAWS_ERROR_INIT;
    caws_event_frame frame;
    caws_frame_decoder decoder;
    (void)state;
    put_frame_saying(&bytes, 16 + 131072 + 25165824, 131072, NULL, 0, NULL, 0);
    caws_frame_decoder_init(&decoder, SIZE_MAX);
    const char *data = bytes.data;
    size_t length = bytes.length;
    assert_int_equal(caws_frame_decoder_feed(&decoder, &data, &length, &frame, &error),
                     CAWS_FRAME_INCOMPLETE);
    assert_int_equal(length, 0);
    assert_true(decoder.bytes.capacity < 4096);
    caws_frame_decoder_clear(&decoder);
    caws_buffer_clear(&bytes);
}

static void reads_the_largest_frame(void **state)
{
    enum { PAYLOAD = 25165824, VALUE = 65535 };
    caws_buffer headers = CAWS_BUFFER_INIT;
    caws_buffer bytes = CAWS_BUFFER_INIT;
    caws_error error = CAWS_ERROR_INIT;
    caws_event_frame frame;
    caws_event_header header;
    caws_frame_decoder decoder;
    char *payload = calloc(1, PAYLOAD);
    (void)state;
    assert_non_null(payload);
    put_bytes(&headers, "a", 6, payload, VALUE);
    put_bytes(&headers, "b", 7, payload, VALUE - 8);
    assert_int_equal(headers.length, 131072);
    put_frame(&bytes, &headers, payload, PAYLOAD);
    caws_frame_decoder_init(&decoder, bytes.length);
    const char *data = bytes.data;
    size_t length = bytes.length;
    assert_int_equal(caws_frame_decoder_feed(&decoder, &data, &length, &frame, &error),
                     CAWS_FRAME_COMPLETE);
    assert_int_equal(frame.payload_length, PAYLOAD);
    assert_true(caws_event_header_find(&frame, "b", &header));
    assert_int_equal(header.length, VALUE - 8);
    caws_frame_decoder_clear(&decoder);

    caws_frame_decoder_init(&decoder, bytes.length - 1);
    data = bytes.data;
    length = bytes.length;
    assert_int_equal(caws_frame_decoder_feed(&decoder, &data, &length, &frame, &error),
                     CAWS_FRAME_FAILED);
    assert_int_equal(error.status, CAWS_ERROR_RESPONSE_TOO_LARGE);
    caws_error_clear(&error);
    caws_frame_decoder_clear(&decoder);
    caws_buffer_clear(&headers);
    caws_buffer_clear(&bytes);
    free(payload);
}

/* Headers that do not end where they should, in frames whose checksums are right. */
static void malformed_headers_are_refused(void **state)
{
    static const struct {
        const char *headers;
        size_t length;
    } cases[] = {
        {"\0", 1},                     /* no name */
        {"\0\0", 2},                   /* an empty name */
        {"\1", 1},                     /* the name is missing */
        {"\2a\0", 3},                  /* the name goes over the end */
        {"\377aaa\0", 5},              /* far over it */
        {"\1a", 2},                    /* the type is missing */
        {"\1a\12", 3},                 /* there is no type 10 */
        {"\1a\377", 3},                /* nor type 255 */
        {"\1a\2", 3},                  /* no byte */
        {"\1a\3\0", 4},                /* half a short */
        {"\1a\4\0\0\0", 6},            /* three quarters of an integer */
        {"\1a\5\0\0\0\0\0\0\0", 10},   /* seven eighths of a long */
        {"\1a\10\0\0\0\0\0\0\0", 10},  /* of a timestamp */
        {"\1a\7", 3},                  /* no length */
        {"\1a\7\0", 4},                /* half a length */
        {"\1a\7\0\1", 5},              /* a text of one byte without it */
        {"\1a\6\377\377aaaa", 9},      /* bytes far over the end */
        {"\1a\11aaaaaaaaaaaaaaa", 18}, /* 15 bytes of a UUID */
        {"\1a\0\1b", 5},               /* a good one, and a bad one */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_buffer bytes = CAWS_BUFFER_INIT;
        caws_buffer headers = CAWS_BUFFER_INIT;
        caws_buffer_append(&headers, cases[i].headers, cases[i].length);
        put_frame(&bytes, &headers, "payload", 7); /* that must not be taken for a header */
        expect_failure(&bytes, "a frame's headers cannot be read");
        caws_buffer_clear(&headers);
        caws_buffer_clear(&bytes);
    }
}

/* Headers of random bytes are read or refused, and never read over their end: they are the end of
 * an allocation. */
static void random_headers_do_no_harm(void **state)
{
    uint64_t random = 3;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        caws_buffer bytes = CAWS_BUFFER_INIT;
        caws_buffer headers = CAWS_BUFFER_INIT;
        size_t length = random_below(&random, 40);
        for (size_t i = 0; i < length; i++)
            caws_buffer_append_char(
                &headers, (char)random_below(&random, random_below(&random, 2) ? 12 : 256));
        put_frame(&bytes, &headers, NULL, 0);
        free(describe(bytes.data, bytes.length, 1 + random_below(&random, 20), MAX_LENGTH));

        char *copy = malloc(length + 1);
        assert_non_null(copy);
        if (length > 0)
            memcpy(copy, headers.data, length);
        const caws_event_frame frame = {.headers = copy, .headers_length = length};
        caws_event_header header;
        char *exact = realloc(copy, length > 0 ? length : 1);
        assert_non_null(exact);
        const caws_event_frame tight = {.headers = exact, .headers_length = frame.headers_length};
        size_t offset = 0;
        while (caws_event_header_next(&tight, &offset, &header))
            assert_true(offset <= length);
        free(exact);
        caws_buffer_clear(&headers);
        caws_buffer_clear(&bytes);
    }
}

static void finds_headers_by_their_exact_name(void **state)
{
    caws_buffer bytes = CAWS_BUFFER_INIT;
    caws_buffer headers = CAWS_BUFFER_INIT;
    caws_error error = CAWS_ERROR_INIT;
    caws_event_frame frame;
    caws_event_header header;
    caws_frame_decoder decoder;
    (void)state;
    put_text(&headers, ":event-typ", "shorter");
    put_text(&headers, ":event-types", "longer");
    put_text(&headers, ":Event-Type", "other case");
    put_text(&headers, ":event-type", "this");
    put_text(&headers, ":event-type", "again");
    put_frame(&bytes, &headers, NULL, 0);
    caws_frame_decoder_init(&decoder, MAX_LENGTH);
    const char *data = bytes.data;
    size_t length = bytes.length;
    assert_int_equal(caws_frame_decoder_feed(&decoder, &data, &length, &frame, &error),
                     CAWS_FRAME_COMPLETE);
    assert_true(caws_event_header_find(&frame, ":event-type", &header));
    assert_int_equal(header.length, 4);
    assert_memory_equal(header.bytes, "this", 4);
    assert_false(caws_event_header_find(&frame, ":event", &header));
    assert_false(caws_event_header_find(&frame, "", &header));
    caws_frame_decoder_clear(&decoder);
    caws_buffer_clear(&headers);
    caws_buffer_clear(&bytes);
}

/* In the middle of a frame it forgets all of it. */
static void a_cleared_decoder_is_a_new_one(void **state)
{
    caws_buffer bytes = CAWS_BUFFER_INIT;
    const caws_buffer none = CAWS_BUFFER_INIT;
    caws_error error = CAWS_ERROR_INIT;
    caws_event_frame frame;
    caws_frame_decoder decoder;
    (void)state;
    put_frame(&bytes, &none, "payload", 7);
    caws_frame_decoder_init(&decoder, MAX_LENGTH);
    for (size_t cut = 1; cut <= bytes.length; cut++) {
        const char *data = bytes.data;
        size_t length = cut;
        assert_int_equal(caws_frame_decoder_feed(&decoder, &data, &length, &frame, &error),
                         cut < bytes.length ? CAWS_FRAME_INCOMPLETE : CAWS_FRAME_COMPLETE);
        assert_int_equal(caws_frame_decoder_pending(&decoder), cut < bytes.length ? cut : 0);
        caws_frame_decoder_clear(&decoder);
        assert_int_equal(caws_frame_decoder_pending(&decoder), 0);
    }
    caws_buffer_clear(&bytes);
}

static void nothing_is_nothing(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_event_frame frame;
    caws_frame_decoder decoder;
    const char *data = NULL;
    size_t length = 0;
    (void)state;
    caws_frame_decoder_init(&decoder, MAX_LENGTH);
    assert_int_equal(caws_frame_decoder_feed(&decoder, &data, &length, &frame, &error),
                     CAWS_FRAME_INCOMPLETE);
    assert_int_equal(caws_frame_decoder_pending(&decoder), 0);
    caws_frame_decoder_clear(&decoder);
}

/* --- published vectors --------------------------------------------------------------------------
 */

/* A file of the vectors; NULL if it is not there. */
static char *read_vector(const char *kind, const char *name, size_t *length)
{
    const char *vectors = getenv("CAWS_VECTORS");
    char path[1024];
    snprintf(path, sizeof(path), "%s/event-stream/%s/%s",
             vectors != NULL ? vectors : CAWS_SOURCE_DIR "/../shared/vectors", kind, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    char *data = calloc(1, 4096);
    assert_non_null(data);
    *length = fread(data, 1, 4095, file);
    (void)fclose(file);
    return data;
}

/* The description that the vector's JSON says. */
static char *describe_vector(const char *json)
{
    cJSON *root = cJSON_Parse(json);
    assert_non_null(root);
    caws_buffer text = CAWS_BUFFER_INIT;
    uint8_t bytes[4096];
    size_t length = 0;
    const cJSON *header = NULL;
    cJSON_ArrayForEach(header, cJSON_GetObjectItem(root, "headers"))
    {
        const cJSON *value = cJSON_GetObjectItem(header, "value");
        const char *base64 = cJSON_GetStringValue(value);
        caws_buffer_append_format(
            &text, "%s=%d:%lld:", cJSON_GetStringValue(cJSON_GetObjectItem(header, "name")),
            cJSON_GetObjectItem(header, "type")->valueint,
            cJSON_IsNumber(value) ? (long long)value->valuedouble : 0);
        if (base64 != NULL) {
            assert_true(caws_base64_decode(base64, strlen(base64), bytes, &length));
            for (size_t i = 0; i < length; i++)
                caws_buffer_append_format(&text, "%02x", bytes[i]);
        }
        caws_buffer_append_string(&text, " ");
    }
    const char *payload = cJSON_GetStringValue(cJSON_GetObjectItem(root, "payload"));
    caws_buffer_append_string(&text, "[");
    assert_true(caws_base64_decode(payload, strlen(payload), bytes, &length));
    for (size_t i = 0; i < length; i++)
        caws_buffer_append_format(&text, "%02x", bytes[i]);
    caws_buffer_append_string(&text, "]");
    cJSON_Delete(root);
    return text.data;
}

static void reads_published_vectors(void **state)
{
    static const char *const positive[] = {"all_headers", "empty_message", "int32_header",
                                           "payload_no_headers", "payload_one_str_header"};
    static const struct {
        const char *name;
        const char *message;
    } negative[] = {{"corrupted_header_len", "!a frame's prelude has the checksum"},
                    {"corrupted_headers", "!a frame has the checksum"},
                    {"corrupted_length", "!a frame's prelude has the checksum"},
                    {"corrupted_payload", "!a frame has the checksum"}};
    size_t length = 0;
    (void)state;
    char *first = read_vector("encoded/positive", positive[0], &length);
    if (first == NULL)
        skip();
    free(first);
    for (size_t i = 0; i < 5; i++) {
        size_t json_length = 0;
        char *encoded = read_vector("encoded/positive", positive[i], &length);
        char *decoded = read_vector("decoded/positive", positive[i], &json_length);
        assert_non_null(encoded);
        assert_non_null(decoded);
        char *expected = describe_vector(decoded);
        for (size_t piece = 1; piece <= length; piece++) {
            char *text = describe(encoded, length, piece, MAX_LENGTH);
            assert_string_equal(text, expected);
            free(text);
        }
        free(expected);
        free(decoded);
        free(encoded);
    }
    for (size_t i = 0; i < 4; i++) {
        char *encoded = read_vector("encoded/negative", negative[i].name, &length);
        assert_non_null(encoded);
        char *text = describe(encoded, length, SIZE_MAX, MAX_LENGTH);
        assert_non_null(strstr(text, negative[i].message));
        free(text);
        free(encoded);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_type_of_header),
        cmocka_unit_test(takes_pieces_of_any_length),
        cmocka_unit_test(an_end_at_any_byte_is_no_frame),
        cmocka_unit_test(every_wrong_bit_is_noticed),
        cmocka_unit_test(every_wrong_byte_is_noticed),
        cmocka_unit_test(impossible_lengths_are_refused),
        cmocka_unit_test(the_largest_frame_is_not_allocated_beforehand),
        cmocka_unit_test(reads_the_largest_frame),
        cmocka_unit_test(malformed_headers_are_refused),
        cmocka_unit_test(random_headers_do_no_harm),
        cmocka_unit_test(finds_headers_by_their_exact_name),
        cmocka_unit_test(a_cleared_decoder_is_a_new_one),
        cmocka_unit_test(nothing_is_nothing),
        cmocka_unit_test(reads_published_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
