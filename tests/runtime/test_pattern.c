#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pattern.h"

/* (a|\u00E9|[\u4E00-\u4E02])*b with classes 1 for what repeats and 2 for b. */
static const uint8_t letters_ascii[128] = {['a'] = 1, ['b'] = 2};
static const caws_pattern_range letters_ranges[] = {
    {0xE9, 0xE9, 1}, {0x4E00, 0x4E02, 1}, {0x1F600, 0x1F600, 1}, {0x10FFFF, 0x10FFFF, 2}};
static const uint16_t letters_next[] = {
    0, 0, 0, /* dead */
    0, 1, 2, /* start */
    0, 0, 0, /* after b */
};
static const uint8_t letters_accept[] = {1 << 2};
static const caws_pattern letters = {
    .source = "(a|...)*b",
    .ascii = letters_ascii,
    .ranges = letters_ranges,
    .next = letters_next,
    .accept = letters_accept,
    .range_count = 4,
    .state_count = 3,
    .class_count = 3,
};

/* x{9}: the accepting state, 10, has its bit in the second byte. No ranges. */
static const uint8_t nine_ascii[128] = {['x'] = 1};
static const uint16_t nine_next[] = {0, 0, 0, 2, 0, 3, 0, 4, 0,  5, 0,
                                     6, 0, 7, 0, 8, 0, 9, 0, 10, 0, 0};
static const uint8_t nine_accept[] = {0, 1 << 2};
static const caws_pattern nine = {
    .source = "x{9}",
    .ascii = nine_ascii,
    .next = nine_next,
    .accept = nine_accept,
    .state_count = 11,
    .class_count = 2,
};

/* [^:]*: class 0, that of all characters without a range, goes on. */
static const uint8_t no_colon_ascii[128] = {[':'] = 1};
static const uint16_t no_colon_next[] = {0, 0, 1, 0};
static const uint8_t no_colon_accept[] = {1 << 1};
static const caws_pattern no_colon = {
    .source = "[^:]*",
    .ascii = no_colon_ascii,
    .next = no_colon_next,
    .accept = no_colon_accept,
    .state_count = 2,
    .class_count = 2,
};

/* Runs on a copy without a byte to spare, so that a sanitizer sees any read beyond the end. */
static bool match(const caws_pattern *pattern, const char *text, size_t length, size_t *bad_offset)
{
    char *copy = malloc(length == 0 ? 1 : length);
    assert_non_null(copy);
    memcpy(copy, text, length);
    bool matches = caws_pattern_match(pattern, copy, length, bad_offset);
    free(copy);
    return matches;
}

static void accepts(const caws_pattern *pattern, const char *text, size_t length)
{
    size_t offset = 0;
    assert_true(match(pattern, text, length, &offset));
}

static void refuses(const caws_pattern *pattern, const char *text, size_t length, size_t bad_offset)
{
    size_t offset = SIZE_MAX;
    assert_false(match(pattern, text, length, &offset));
    assert_int_equal(offset, bad_offset);
}

static void matches_the_whole_value(void **state)
{
    (void)state;
    accepts(&letters, "b", 1);
    accepts(&letters, "aaab", 4);
    refuses(&letters, "aba", 3, 2);
    refuses(&letters, "cb", 2, 0);
    refuses(&letters, "aaaX", 4, 3);
}

static void tells_a_value_that_ends_too_early(void **state)
{
    (void)state;
    refuses(&letters, "", 0, 0);
    refuses(&letters, "aaa", 3, 3);
    refuses(&letters, "a\xC3\xA9", 3, 3);
}

static void accepts_the_empty_value(void **state)
{
    (void)state;
    accepts(&no_colon, "", 0);
}

static void counts_bytes_in_offsets(void **state)
{
    (void)state;
    accepts(&letters,
            "\xC3\xA9\xE4\xB8\x80\xF0\x9F\x98\x80"
            "b",
            10);
    refuses(&letters, "\xC3\xA9\xE4\xB8\x80\xF0\x9F\x98\x80!", 10, 9);
    refuses(&letters, "\xC3\xA9\xC3\xA8", 4, 2);
}

static void finds_ranges_by_their_bounds(void **state)
{
    (void)state;
    accepts(&letters,
            "\xE4\xB8\x80\xE4\xB8\x81\xE4\xB8\x82"
            "b",
            10);                                  /* U+4E00 U+4E01 U+4E02 */
    refuses(&letters, "\xE4\xB7\xBF", 3, 0);      /* U+4DFF */
    refuses(&letters, "\xE4\xB8\x83", 3, 0);      /* U+4E03 */
    refuses(&letters, "\xC2\x80", 2, 0);          /* U+0080, before every range */
    refuses(&letters, "\xC3\xAA", 2, 0);          /* U+00EA */
    accepts(&letters, "a\xF4\x8F\xBF\xBF", 5);    /* U+10FFFF, the last */
    refuses(&letters, "a\xF4\x8F\xBF\xBE", 5, 1); /* U+10FFFE */
    refuses(&letters, "\xF0\x9F\x98\x81", 4, 0);  /* U+1F601 */
}

static void takes_class_0_without_ranges(void **state)
{
    (void)state;
    accepts(&no_colon, "\xC3\xA9\xF4\x8F\xBF\xBF", 6);
    accepts(&no_colon, "a\0b\x7F", 4);
    refuses(&no_colon, "a\0:", 3, 2);
    refuses(&nine, "xx\xC3\xA9", 4, 2);
}

static void reads_accept_bits_beyond_the_first_byte(void **state)
{
    (void)state;
    accepts(&nine, "xxxxxxxxx", 9);
    for (size_t length = 0; length < 9; length++)
        refuses(&nine, "xxxxxxxxx", length, length);
    refuses(&nine, "xxxxxxxxxx", 10, 9);
}

static void matches_nothing_with_invalid_bytes(void **state)
{
    (void)state;
    refuses(&no_colon, "\xFF", 1, 0);
    refuses(&no_colon, "ab\x80", 3, 2);
    refuses(&no_colon, "ab\xC3", 3, 2);         /* cut */
    refuses(&no_colon, "ab\xF0\x9F\x98", 5, 2); /* cut */
    refuses(&no_colon, "\xED\xA0\x80", 3, 0);   /* a surrogate */
}

static void runs_through_long_values(void **state)
{
    (void)state;
    size_t length = 3000000;
    char *text = malloc(length);
    assert_non_null(text);
    memset(text, 'a', length);
    text[length - 1] = 'b';
    accepts(&letters, text, length);
    text[length - 1] = 'c';
    refuses(&letters, text, length, length - 1);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_the_whole_value),
        cmocka_unit_test(tells_a_value_that_ends_too_early),
        cmocka_unit_test(accepts_the_empty_value),
        cmocka_unit_test(counts_bytes_in_offsets),
        cmocka_unit_test(finds_ranges_by_their_bounds),
        cmocka_unit_test(takes_class_0_without_ranges),
        cmocka_unit_test(reads_accept_bits_beyond_the_first_byte),
        cmocka_unit_test(matches_nothing_with_invalid_bytes),
        cmocka_unit_test(runs_through_long_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
