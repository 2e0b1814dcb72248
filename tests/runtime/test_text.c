#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text.h"

static void excerpt_is(const char *data, size_t length, const char *expected)
{
    char out[CAWS_EXCERPT_SIZE];
    char *copy = malloc(length == 0 ? 1 : length); /* so that a read beyond the end is seen */
    assert_non_null(copy);
    memcpy(copy, data, length);
    memset(out, 'X', sizeof(out));
    caws_excerpt(out, copy, length);
    free(copy);
    assert_string_equal(out, expected);
}

static void shows_a_short_text_as_it_is(void **state)
{
    (void)state;
    excerpt_is("", 0, "");
    excerpt_is("a", 1, "a");
    excerpt_is("<html> 500 \"x\" %s ~</html>", 26, "<html> 500 \"x\" %s ~</html>");
}

static void accepts_no_data(void **state)
{
    (void)state;
    char out[CAWS_EXCERPT_SIZE] = "X";
    caws_excerpt(out, NULL, 0);
    assert_string_equal(out, "");
}

static void makes_one_line_of_printable_ascii(void **state)
{
    (void)state;
    excerpt_is(" \r\n\t ", 5, "");
    excerpt_is("\r\n a \r\n\t b\0c\x1B[0m\x7F ", 17, "a b c [0m");
    excerpt_is("\xC3\xA9 \xFF\x80", 5, "?? ??");
}

static void cuts_a_long_text(void **state)
{
    (void)state;
    char text[1000];
    char out[CAWS_EXCERPT_SIZE];
    memset(text, 'a', sizeof(text));
    for (size_t length = 0; length <= sizeof(text); length++) {
        memset(out, 'X', sizeof(out));
        caws_excerpt(out, text, length);
        size_t shown = strlen(out);
        assert_true(shown < CAWS_EXCERPT_SIZE);
        if (length <= 252) {
            assert_int_equal(shown, length);
        } else {
            assert_int_equal(shown, 255);
            assert_string_equal(out + 252, "...");
        }
    }
}

static void collapses_before_it_cuts(void **state)
{
    (void)state;
    static char text[100000];
    memset(text, ' ', sizeof(text));
    text[0] = 'a';
    text[sizeof(text) - 1] = 'b';
    excerpt_is(text, sizeof(text), "a b");
}

static void lets_no_control_character_into_headers(void **state)
{
    (void)state;
    assert_false(caws_text_is_header_safe(NULL));
    assert_true(caws_text_is_header_safe(""));
    for (int c = 1; c < 256; c++) {
        const char inner[] = {'a', (char)c, 'b', '\0'};
        const char last[] = {'a', (char)c, '\0'};
        const char alone[] = {(char)c, '\0'};
        bool safe = c >= 0x20 && c != 0x7F;
        assert_int_equal(caws_text_is_header_safe(inner), safe);
        assert_int_equal(caws_text_is_header_safe(last), safe);
        assert_int_equal(caws_text_is_header_safe(alone), safe);
    }
}

static void knows_host_labels(void **state)
{
    (void)state;
    char longest[65];
    memset(longest, 'a', 63);
    longest[63] = '\0';
    assert_true(caws_text_is_host_label(longest));
    memset(longest, 'a', 64);
    longest[64] = '\0';
    assert_false(caws_text_is_host_label(longest));

    static const char *const good[] = {"a", "0", "Z9", "us-east-1", "a--b", "1-2"};
    static const char *const bad[] = {"",      "-",
                                      "a-",    "-a",
                                      "a.b",   "a_b",
                                      "a b",   "a/b",
                                      "a\n",   "a@b",
                                      "a:b",   "\xC3\xA9",
                                      "a%2eb", "a\\b",
                                      "a?b",   "a#b",
                                      "`",     "@",
                                      "[",     "{",
                                      ":",     "/",
                                      " a",    "a ",
                                      "a\tb",  "us-east-1.example.com"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(caws_text_is_host_label(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(caws_text_is_host_label(bad[i]));
}

static void compares_without_the_case_of_ascii(void **state)
{
    (void)state;
    static const char *const equal[][2] = {
        {"", ""}, {"TRUE", "true"}, {"x-Amzn-RequestId", "X-amzn-REQUESTID"}, {"aZ@[`{", "Az@[`{"}};
    static const char *const different[][2] = {
        {"", "a"},  {"a", ""},  {"true", "tru"},   {"tru", "true"},
        {"@", "`"}, {"[", "{"}, {"true", "trUE "}, {"\xC3\x84", "\xC3\xA4"}};
    for (size_t i = 0; i < sizeof(equal) / sizeof(equal[0]); i++)
        assert_true(caws_text_equal_no_case(equal[i][0], equal[i][1]));
    for (size_t i = 0; i < sizeof(different) / sizeof(different[0]); i++)
        assert_false(caws_text_equal_no_case(different[i][0], different[i][1]));
    char letter[2] = {0};
    char other[2] = {0};
    for (int a = 1; a < 128; a++)
        for (int b = 1; b < 128; b++) { /* in the C locale, which a test has, they agree */
            letter[0] = (char)a;
            other[0] = (char)b;
            assert_int_equal(caws_text_equal_no_case(letter, other), tolower(a) == tolower(b));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_a_short_text_as_it_is),
        cmocka_unit_test(accepts_no_data),
        cmocka_unit_test(makes_one_line_of_printable_ascii),
        cmocka_unit_test(cuts_a_long_text),
        cmocka_unit_test(collapses_before_it_cuts),
        cmocka_unit_test(lets_no_control_character_into_headers),
        cmocka_unit_test(knows_host_labels),
        cmocka_unit_test(compares_without_the_case_of_ascii),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
