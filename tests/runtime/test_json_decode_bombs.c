#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "buffer.h"
#include "json_decode.h"
#include "zoo.h"

/* Short texts that stand for much memory: "{}," is a struct of hundreds of bytes. */

enum { TEXT_LIMIT = 256 * 1024, MEMORY = CAWS_ARENA_FACTOR * TEXT_LIMIT };

static void append_often(caws_buffer *text, const char *part, size_t count)
{
    for (size_t i = 0; i < count; i++)
        caws_buffer_append_string(text, part);
}

/* Decodes an answer of a client whose max_response_bytes is TEXT_LIMIT. */
static caws_status decode(const caws_buffer *text, caws_error *error)
{
    zoo *output = caws_output_new(sizeof(*output));
    assert_true(caws_buffer_ok(text));
    assert_true(text->length <= TEXT_LIMIT);
    assert_non_null(output);
    caws_arena *arena = caws_output_arena(output);
    caws_arena_set_limit(arena, TEXT_LIMIT);
    assert_int_equal(caws_json_accept(text->data, text->length, error), CAWS_OK);
    caws_status status = caws_json_decode(text->data, &zoo_type, output, arena, error);
    assert_true(arena->total <= MEMORY);
    caws_output_free(output);
    return status;
}

static void expect_bounded(const caws_buffer *text)
{
    caws_error error = CAWS_ERROR_INIT;
    assert_int_equal(decode(text, &error), CAWS_ERROR_RESPONSE_TOO_LARGE);
    assert_string_equal(error.code, "ResponseTooLarge");
    assert_string_equal(error.message, "the answer takes more than the 4194304 bytes of memory "
                                       "that max_response_bytes allows");
    caws_error_clear(&error);
}

static void bounds_a_list_of_empty_structures(void **state)
{
    caws_buffer text = CAWS_BUFFER_INIT;
    (void)state;
    caws_buffer_append_string(&text, "{\"branches\":[{}");
    append_often(&text, ",{}", MEMORY / sizeof(zoo));
    caws_buffer_append_string(&text, "]}");
    expect_bounded(&text);
    caws_buffer_clear(&text);
}

/* Each of them alone would be within the limit, and none is complete before the last. */
static void bounds_lists_within_lists(void **state)
{
    enum { LEVELS = 8 };
    caws_buffer text = CAWS_BUFFER_INIT;
    (void)state;
    caws_buffer_append_string(&text, "{");
    for (int level = 0; level < LEVELS; level++) {
        caws_buffer_append_string(&text, "\"branches\":[");
        append_often(&text, "{},", MEMORY / sizeof(zoo) / 4);
        caws_buffer_append_string(&text, "{");
    }
    append_often(&text, "}]", LEVELS);
    caws_buffer_append_string(&text, "}");
    expect_bounded(&text);
    caws_buffer_clear(&text);
}

/* The last one of a name counts; those before it have taken memory all the same. */
static void bounds_members_that_come_again(void **state)
{
    caws_buffer text = CAWS_BUFFER_INIT;
    (void)state;
    caws_buffer_append_string(&text, "{\"branch\":{}");
    append_often(&text, ",\"branch\":{}", MEMORY / sizeof(zoo));
    caws_buffer_append_string(&text, "}");
    expect_bounded(&text);
    caws_buffer_clear(&text);
}

/* What is left of a list that is complete is in the output, and counts once. */
static void counts_complete_lists_once(void **state)
{
    enum { LISTS = 8 };
    caws_error error = CAWS_ERROR_INIT;
    caws_buffer text = CAWS_BUFFER_INIT;
    (void)state;
    caws_buffer_append_string(&text, "{\"branches\":[");
    for (int i = 0; i < LISTS; i++) {
        caws_buffer_append_string(&text, i > 0 ? ",{\"branches\":[" : "{\"branches\":[");
        append_often(&text, "{},", MEMORY * 6 / 10 / LISTS / sizeof(zoo));
        caws_buffer_append_string(&text, "{}]}");
    }
    caws_buffer_append_string(&text, "]}");
    if (decode(&text, &error) != CAWS_OK)
        fail_msg("%s", error.message);
    caws_buffer_clear(&text);
}

/* Lists of the smallest items there are stay below the factor. */
static void takes_what_answers_have(void **state)
{
    static const struct {
        const char *name;
        const char *item;
    } lists[] = {{"flags", "true"}, {"counts", "1"},   {"tickets", "1"},
                 {"weights", "1"},  {"names", "\"\""}, {"grid", "[1]"},
                 {"days", "1"},     {"animals", "{}"}, {"photos", "\"\""}};
    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        caws_buffer text = CAWS_BUFFER_INIT;
        caws_buffer_append_format(&text, "{\"%s\":[", lists[i].name);
        while (text.length < TEXT_LIMIT - 16)
            caws_buffer_append_format(&text, "%s,", lists[i].item);
        caws_buffer_append_format(&text, "%s]}", lists[i].item);
        if (decode(&text, &error) != CAWS_OK)
            fail_msg("%s: %s", lists[i].name, error.message);
        caws_buffer_clear(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_a_list_of_empty_structures),
        cmocka_unit_test(bounds_lists_within_lists),
        cmocka_unit_test(bounds_members_that_come_again),
        cmocka_unit_test(counts_complete_lists_once),
        cmocka_unit_test(takes_what_answers_have),
    };
    return cmocka_run_group_tests_name("json_decode_bombs", tests, NULL, NULL);
}
