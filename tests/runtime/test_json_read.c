#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buffer.h"
#include "json_check.h"
#include "json_read.h"
#include "random.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What the string says; the caller frees it. The text has not a byte to spare but its NUL, and
 * neither has the room for the result. */
static char *read_string(const char *json)
{
    size_t length = strlen(json);
    size_t offset = 0;
    char *copy = malloc(length + 1);
    assert_non_null(copy);
    memcpy(copy, json, length + 1);
    assert_null(caws_json_check(copy, length, &offset));
    const char *at = copy;
    caws_json_string string = caws_json_take_string(&at);
    assert_ptr_equal(at, copy + length);
    assert_int_equal(string.length, length - 2);
    assert_int_equal(string.escaped, strchr(json, '\\') != NULL);
    char *exact = malloc(string.length > 0 ? string.length : 1);
    assert_non_null(exact);
    size_t said = caws_json_unescape(&string, exact);
    assert_true(said <= string.length);
    char *result = malloc(said + 1);
    assert_non_null(result);
    memcpy(result, exact, said);
    result[said] = '\0';
    assert_int_equal(strlen(result), said);

    caws_arena arena = CAWS_ARENA_INIT;
    assert_string_equal(caws_json_copy_string(&string, &arena), result);
    caws_arena_clear(&arena);
    free(exact);
    free(copy);
    return result;
}

static void reads_strings(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"\"\"", ""},
        {"\"a\"", "a"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"a\\\\\"", "a\\"},
        {"\"\\\\\\\"\\\\\"", "\\\"\\"},
        {"\"\\u0041\\u00e9\\u07fF\\u0800\\uffff\"", "A\xc3\xa9\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"},
        {"\"Z\xc3\xbc\\n\xe2\x82\xac\"", "Z\xc3\xbc\n\xe2\x82\xac"},
        {"\"\\ud800\\udc00\\uDBFF\\uDFFF\"", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
        {"\"\\ud7ff\\ue000\"", "\xed\x9f\xbf\xee\x80\x80"},
        /* NUL, and halves of pairs */
        {"\"\\u0000\"", "\xef\xbf\xbd"},
        {"\"a\\u00000\"", "a\xef\xbf\xbd"
                          "0"},
        {"\"\\ud83d\"", "\xef\xbf\xbd"},
        {"\"\\ude00\"", "\xef\xbf\xbd"},
        {"\"\\ud83dx\\ude00\"", "\xef\xbf\xbdx\xef\xbf\xbd"},
        {"\"\\ude00\\ud83d\"", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"\"\\ud83d\\ud83d\\ude00\"", "\xef\xbf\xbd\xf0\x9f\x98\x80"},
        {"\"\\ud83d\\u0041\"", "\xef\xbf\xbd"
                               "A"},
        {"\"\\ud83d\\u0000\\ude00\"", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\"\\ud83d\\ue000\"", "\xef\xbf\xbd\xee\x80\x80"},
        {"\"\\ud83d\\udbff\"", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"\"\\ud83d\\nude00\"", "\xef\xbf\xbd\nude00"},
        {"\"\\ud83d\\\\ude00\"", "\xef\xbf\xbd\\ude00"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *result = read_string(cases[i][0]);
        assert_string_equal(result, cases[i][1]);
        free(result);
    }
}

/* An odd number of backslashes in front of a quote escapes it, an even one does not. */
static void counts_backslashes(void **state)
{
    (void)state;
    for (size_t pairs = 0; pairs < 40; pairs++) {
        char json[128] = "\"";
        char expected[64] = "";
        for (size_t i = 0; i < pairs; i++) {
            strcat(json, "\\\\");
            strcat(expected, "\\");
        }
        char even[128];
        (void)snprintf(even, sizeof(even), "%s\"", json);
        char *result = read_string(even);
        assert_string_equal(result, expected);
        free(result);
        strcat(json, "\\\"\"");
        strcat(expected, "\"");
        result = read_string(json);
        assert_string_equal(result, expected);
        free(result);
    }
}

/* A string of escapes alone is read in one pass: with one pass an escape this would take hours. */
static void takes_many_escapes(void **state)
{
    (void)state;
    enum { LENGTH = 4000000 };
    char *json = malloc(LENGTH + 3);
    assert_non_null(json);
    for (size_t i = 0; i < LENGTH; i += 2)
        memcpy(json + 1 + i, "\\n", 2);
    json[0] = '"';
    memcpy(json + 1 + LENGTH, "\"", 2);
    char *result = read_string(json);
    assert_int_equal(strlen(result), LENGTH / 2);
    free(result);
    free(json);
}

static void skips_values(void **state)
{
    (void)state;
    static const char *const values[] = {"null",
                                         "true",
                                         "-1.5e+10",
                                         "\"\"",
                                         "\"]}\\\"\\\\\"",
                                         "[]",
                                         "{}",
                                         "[ ]",
                                         "{\"a\" : [1 ,{\"b\":\"}\"}, [[]] ] , \"c\":null }"};
    static const char *const tails[] = {",1", "]", "}", " ,", "\n}", ""};
    for (size_t i = 0; i < COUNT(values); i++)
        for (size_t k = 0; k < COUNT(tails); k++) {
            char text[128];
            (void)snprintf(text, sizeof(text), "%s%s", values[i], tails[k]);
            assert_ptr_equal(caws_json_skip_value(text), text + strlen(values[i]));
        }
}

static void expect_double(const char *text)
{
    double value = 0;
    double expected = strtod(text, NULL);
    char followed[512];
    (void)snprintf(followed, sizeof(followed), "%s,1", text);
    assert_true(caws_json_double(followed, &value));
    if (memcmp(&value, &expected, sizeof(value)) != 0)
        fail_msg("%s is read as %a, not %a", text, value, expected);
}

/* To the last bit, whichever way a number takes: strtod is the judge. */
static void reads_doubles_as_strtod(void **state)
{
    (void)state;
    static const char *const texts[] = {"0",
                                        "-0",
                                        "-0.0",
                                        "0.000000000000000000000000000001",
                                        "9007199254740992",
                                        "9007199254740993",
                                        "9007199254740992.0",
                                        "90071992547409.93",
                                        "0.9007199254740993",
                                        "999999999999999999",
                                        "9999999999999999999",
                                        "1000000000000000000000",
                                        "1e22",
                                        "1e23",
                                        "1e999",
                                        "-1e999",
                                        "1e-999",
                                        "1E+2",
                                        "4.9e-324",
                                        "2.2250738585072011e-308",
                                        "1440938160.123",
                                        "0.1",
                                        "0.3"};
    for (size_t i = 0; i < COUNT(texts); i++)
        expect_double(texts[i]);
    uint64_t random = 22;
    for (int i = 0; i < 200000; i++) {
        char text[64];
        uint64_t whole = next_random(&random) >> random_below(&random, 64);
        int fraction = (int)random_below(&random, 24);
        int length = snprintf(text, sizeof(text), "%s%llu", i % 3 == 0 ? "-" : "",
                              (unsigned long long)whole);
        if (fraction > 0)
            (void)snprintf(text + length, sizeof(text) - (size_t)length, ".%0*llu", fraction,
                           (unsigned long long)(next_random(&random) % 1000000));
        expect_double(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_strings),           cmocka_unit_test(counts_backslashes),
        cmocka_unit_test(takes_many_escapes),      cmocka_unit_test(skips_values),
        cmocka_unit_test(reads_doubles_as_strtod),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
