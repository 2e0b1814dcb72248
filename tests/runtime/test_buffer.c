#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "address_space.h"
#include "buffer.h"

/* Sizes that no machine has are asked for on purpose: let the sanitizer's malloc give NULL. */
CAWS_API const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void has(const caws_buffer *buffer, const char *text, size_t length)
{
    assert_true(caws_buffer_ok(buffer));
    assert_int_equal(buffer->length, length);
    assert_memory_equal(buffer->data, text, length);
    assert_int_equal(buffer->data[length], '\0');
    assert_true(buffer->capacity > length);
}

static void begins_empty(void **state)
{
    (void)state;
    caws_buffer buffer = CAWS_BUFFER_INIT;
    assert_true(caws_buffer_ok(&buffer));
    assert_null(buffer.data);
    caws_buffer_reset(&buffer);
    caws_buffer_wipe(&buffer);
    caws_buffer_clear(&buffer);
    assert_null(buffer.data);
}

static void appends_nothing_as_a_text(void **state)
{
    (void)state;
    caws_buffer buffer = CAWS_BUFFER_INIT;
    assert_true(caws_buffer_append(&buffer, NULL, 0));
    has(&buffer, "", 0);
    assert_true(caws_buffer_append_string(&buffer, ""));
    assert_true(caws_buffer_append_format(&buffer, "%s", ""));
    has(&buffer, "", 0);
    caws_buffer_clear(&buffer);
}

static void appends_in_every_way(void **state)
{
    (void)state;
    caws_buffer buffer = CAWS_BUFFER_INIT;
    assert_true(caws_buffer_append(&buffer, "a\0b", 3));
    assert_true(caws_buffer_append_char(&buffer, '\0'));
    assert_true(caws_buffer_append_char(&buffer, 'c'));
    assert_true(caws_buffer_append_string(&buffer, "def"));
    assert_true(caws_buffer_append_format(&buffer, "%d-%s-%c", -7, "x%s", 'y'));
    has(&buffer, "a\0b\0cdef-7-x%s-y", 16);
    caws_buffer_clear(&buffer);
}

static void grows_without_losing_a_byte(void **state)
{
    (void)state;
    caws_buffer buffer = CAWS_BUFFER_INIT;
    for (size_t i = 0; i < 100000; i++) {
        assert_true(caws_buffer_append_char(&buffer, (char)(i % 101)));
        assert_int_equal(buffer.data[i + 1], '\0');
    }
    assert_int_equal(buffer.length, 100000);
    for (size_t i = 0; i < 100000; i++)
        assert_int_equal(buffer.data[i], (char)(i % 101));
    caws_buffer_clear(&buffer);
}

/* 255, 256 and 257 around the first capacity, 511 to 513 around the second. */
static void formats_across_capacities(void **state)
{
    (void)state;
    for (int width = 250; width <= 520; width++) {
        caws_buffer buffer = CAWS_BUFFER_INIT;
        assert_true(caws_buffer_append_format(&buffer, "%*d", width, 1));
        assert_int_equal(buffer.length, width);
        assert_int_equal(buffer.data[width - 1], '1');
        assert_int_equal(buffer.data[width], '\0');
        assert_true(caws_buffer_append_format(&buffer, "%*d", width, 2));
        assert_int_equal(buffer.length, 2 * width);
        assert_int_equal(buffer.data[width - 1], '1');
        assert_int_equal(buffer.data[2 * width - 1], '2');
        caws_buffer_clear(&buffer);
    }
}

static void fills_the_limit_exactly(void **state)
{
    (void)state;
    static const size_t limits[] = {1, 2, 255, 256, 257, 511, 512, 513, 70000};
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        caws_buffer buffer = CAWS_BUFFER_INIT;
        buffer.limit = limits[i];
        for (size_t j = 0; j < limits[i]; j++)
            assert_true(caws_buffer_append_char(&buffer, 'x'));
        assert_true(caws_buffer_append(&buffer, "", 0));
        assert_true(caws_buffer_append_format(&buffer, "%s", ""));
        assert_non_null(caws_buffer_reserve(&buffer, 0));
        assert_int_equal(buffer.length, limits[i]);
        assert_int_equal(strlen(buffer.data), limits[i]);
        assert_false(caws_buffer_append_char(&buffer, 'y'));
        assert_true(buffer.too_large);
        assert_false(buffer.no_memory);
        assert_int_equal(buffer.length, limits[i]);
        caws_buffer_clear(&buffer);
        assert_int_equal(buffer.limit, limits[i]);
    }
}

static void takes_all_or_nothing_at_the_limit(void **state)
{
    (void)state;
    caws_buffer buffer = CAWS_BUFFER_INIT;
    buffer.limit = 5;
    assert_true(caws_buffer_append_string(&buffer, "abc"));
    assert_false(caws_buffer_append_format(&buffer, "%d", 123));
    assert_int_equal(buffer.length, 3);
    assert_string_equal(buffer.data, "abc");
    caws_buffer_reset(&buffer);
    assert_true(caws_buffer_append_format(&buffer, "%d", 12345));
    has(&buffer, "12345", 5);
    caws_buffer_reset(&buffer);
    assert_null(caws_buffer_reserve(&buffer, 6));
    assert_true(buffer.too_large);
    caws_buffer_clear(&buffer);
}

static void stays_failed_until_reset(void **state)
{
    (void)state;
    caws_buffer buffer = CAWS_BUFFER_INIT;
    buffer.limit = 4;
    assert_true(caws_buffer_append_string(&buffer, "ab"));
    assert_false(caws_buffer_append_string(&buffer, "cde"));
    assert_false(caws_buffer_append_char(&buffer, 'c'));
    assert_false(caws_buffer_append(&buffer, NULL, 0));
    assert_false(caws_buffer_append_format(&buffer, "%s", ""));
    assert_null(caws_buffer_reserve(&buffer, 1));
    assert_false(caws_buffer_ok(&buffer));
    assert_string_equal(buffer.data, "ab");
    size_t capacity = buffer.capacity;
    caws_buffer_reset(&buffer);
    assert_int_equal(buffer.capacity, capacity);
    has(&buffer, "", 0);
    assert_true(caws_buffer_append_string(&buffer, "wxyz"));
    has(&buffer, "wxyz", 4);
    caws_buffer_clear(&buffer);
}

static void clear_forgets_a_failure(void **state)
{
    (void)state;
    caws_buffer buffer = CAWS_BUFFER_INIT;
    buffer.limit = 1;
    assert_false(caws_buffer_append_string(&buffer, "ab"));
    caws_buffer_wipe(&buffer);
    assert_true(caws_buffer_append_string(&buffer, "a"));
    assert_false(caws_buffer_append_string(&buffer, "b"));
    caws_buffer_clear(&buffer);
    assert_true(caws_buffer_ok(&buffer));
}

/* A limit that means "none", such as SIZE_MAX, must not let sizes wrap around. */
static void refuses_sizes_that_cannot_be(void **state)
{
    (void)state;
    static const size_t limits[] = {0, SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2};
    static const size_t impossible[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 4, SIZE_MAX / 2 + 1,
                                        SIZE_MAX / 2};
    for (size_t l = 0; l < sizeof(limits) / sizeof(limits[0]); l++)
        for (size_t i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++) {
            caws_buffer buffer = CAWS_BUFFER_INIT;
            buffer.limit = limits[l];
            assert_true(caws_buffer_append_string(&buffer, "abc"));
            assert_null(caws_buffer_reserve(&buffer, impossible[i]));
            assert_false(caws_buffer_ok(&buffer));
            assert_string_equal(buffer.data, "abc");
            caws_buffer_reset(&buffer);
            assert_true(caws_buffer_append_string(&buffer, "def"));
            has(&buffer, "def", 3);
            caws_buffer_clear(&buffer);
        }
}

/* Within the limit, but more than there is. */
static void tells_want_of_memory(void **state)
{
    (void)state;
    caws_buffer buffer = CAWS_BUFFER_INIT;
    assert_true(caws_buffer_append_string(&buffer, "abc"));
    address_space rest;
    address_space_take(&rest);
    assert_null(caws_buffer_reserve(&buffer, SIZE_MAX / 8));
    address_space_give_back(&rest);
    assert_true(buffer.no_memory);
    assert_false(buffer.too_large);
    assert_false(caws_buffer_append_char(&buffer, 'd'));
    assert_string_equal(buffer.data, "abc");
    caws_buffer_clear(&buffer);
    assert_true(caws_buffer_append_char(&buffer, 'd'));
    caws_buffer_clear(&buffer);
}

static void reserves_room_that_the_caller_counts(void **state)
{
    (void)state;
    caws_buffer buffer = CAWS_BUFFER_INIT;
    assert_true(caws_buffer_append_string(&buffer, "ab"));
    for (size_t length = 0; length < 3000; length += 7) {
        size_t before = buffer.length;
        char *room = caws_buffer_reserve(&buffer, length);
        assert_ptr_equal(room, buffer.data + before);
        memset(room, 'r', length);
        buffer.length += length;
        assert_true(caws_buffer_append_char(&buffer, '.'));
        assert_int_equal(buffer.length, before + length + 1);
    }
    assert_memory_equal(buffer.data, "ab.rrrrrrr.", 11);
    caws_buffer_clear(&buffer);
}

static void appends_through_a_va_list(caws_buffer *buffer, const char *format, ...)
    CAWS_PRINTF(2, 3);

static void appends_through_a_va_list(caws_buffer *buffer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    assert_true(caws_buffer_append_vformat(buffer, format, args));
    va_end(args);
}

static void formats_va_lists(void **state)
{
    (void)state;
    caws_buffer buffer = CAWS_BUFFER_INIT;
    appends_through_a_va_list(&buffer, "%300s|%zu", "right", (size_t)SIZE_MAX);
    assert_int_equal(buffer.data[300], '|');
    assert_int_equal(buffer.data[299], 't');
    caws_buffer_clear(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_empty),
        cmocka_unit_test(appends_nothing_as_a_text),
        cmocka_unit_test(appends_in_every_way),
        cmocka_unit_test(grows_without_losing_a_byte),
        cmocka_unit_test(formats_across_capacities),
        cmocka_unit_test(fills_the_limit_exactly),
        cmocka_unit_test(takes_all_or_nothing_at_the_limit),
        cmocka_unit_test(stays_failed_until_reset),
        cmocka_unit_test(clear_forgets_a_failure),
        cmocka_unit_test(refuses_sizes_that_cannot_be),
        cmocka_unit_test(tells_want_of_memory),
        cmocka_unit_test(reserves_room_that_the_caller_counts),
        cmocka_unit_test(formats_va_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
