#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buffer.h"
#include "json_decode.h"
#include "random.h"
#include "zoo_decode.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const caws_status truncated = CAWS_ERROR_RESPONSE_TRUNCATED;
static const caws_status malformed = CAWS_ERROR_RESPONSE_MALFORMED;

static void expect_truncated(const char *text, const char *message)
{
    expect_failure_of_bytes(text, strlen(text), CAWS_ERROR_RESPONSE_TRUNCATED, message);
}

/* A value of each JSON type, how messages call it, and the kinds it is right for. */
static const struct {
    const char *text;
    const char *found;
} values[] = {{"true", "a boolean"},   {"5", "a number"},
              {"5.5", "a number"},     {"12345678901234567890", "a number"},
              {"\"x-y\"", "a string"}, {"[]", "an array"},
              {"{}", "an object"}};

/* What each member takes: the text that is expected, and which of the values above are fine. */
static const struct {
    const char *member;
    const char *expected;
    unsigned fine; /* bit i: values[i]; items of lists and maps are tried too */
} kinds[] = {{"open", "a boolean", 1},          {"cages", "a whole number", 2},
             {"visitors", "a whole number", 2}, {"area", "a number", 2 | 4 | 8},
             {"name", "a string", 16},          {"crest", "base64 text", 0},
             {"founded", "a timestamp", 2 | 4}, {"inspected", "a timestamp", 2 | 4},
             {"names", "an array", 32},         {"animals", "an array", 32},
             {"grid", "an array", 32},          {"labels", "an object", 64},
             {"keepers", "an object", 64},      {"star", "an object", 64},
             {"branch", "an object", 64},       {"food", "an object", 64}};

static void names_what_has_the_wrong_type(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < COUNT(kinds); kind++)
        for (size_t value = 0; value < COUNT(values); value++) {
            char text[128];
            char message[128];
            (void)snprintf(text, sizeof(text), "{\"name\":\"\",\"%s\":%s}", kinds[kind].member,
                           values[value].text);
            if ((kinds[kind].fine >> value & 1) != 0) {
                caws_output_free(decode_zoo(text));
                continue;
            }
            bool whole = strcmp(kinds[kind].expected, "a whole number") == 0;
            (void)snprintf(message, sizeof(message), "%s: %s where %s%s belongs",
                           kinds[kind].member, values[value].found, kinds[kind].expected,
                           whole && value == 3 ? " within range" : "");
            expect_malformed(text, message);
        }
}

static void names_the_path(void **state)
{
    (void)state;
    expect_malformed("{\"names\":[\"a\",\"b\",5]}", "names[2]: a number where a string belongs");
    expect_malformed("{\"animals\":[{},{\"age\":1},{\"name\":\"\",\"age\":\"1\"}]}",
                     "animals[2].age: a string where a whole number belongs");
    expect_malformed("{\"animals\":[null,[]]}", "animals[1]: an array where an object belongs");
    expect_malformed("{\"grid\":[[1],[2,3,true]]}",
                     "grid[1][2]: a boolean where a whole number belongs");
    expect_malformed("{\"labels\":{\"a\":\"b\",\"c\":{}}}",
                     "labels[\"c\"]: an object where a string belongs");
    expect_malformed("{\"keepers\":{\"day\":{\"name\":[]}}}",
                     "keepers[\"day\"].name: an array where a string belongs");
    expect_malformed("{\"branch\":{\"branches\":[{},{\"star\":{\"name\":false}}]}}",
                     "branch.branches[1].star.name: a boolean where a string belongs");
    expect_malformed("{\"zooMotto\":1}", "motto: a number where a string belongs");
    expect_malformed("{\"days\":[\"1970-01-01\"]}", "days[0]: a string where a timestamp belongs");
    expect_malformed("{\"photos\":[\"Zg==\",\"Z\"]}",
                     "photos[1]: a string where base64 text belongs");
    expect_malformed("{\"totals\":{\"t\":0.5}}",
                     "totals[\"t\"]: a number where a whole number belongs");
    expect_malformed("{\"weights\":[1,\"nan\"]}", "weights[1]: a string where a number belongs");
    expect_malformed("{\"food\":{\"hay\":{}}}", "food.hay: an object where a whole number belongs");
}

static void survives_long_names_in_paths(void **state)
{
    (void)state;
    enum { LENGTH = 100000 };
    char *text = malloc(LENGTH + 64);
    assert_non_null(text);
    size_t used = (size_t)snprintf(text, 64, "{\"totals\":{\"");
    memset(text + used, 'k', LENGTH);
    (void)snprintf(text + used + LENGTH, 32, "\":true}}");
    expect_malformed(text, NULL);
    free(text);
}

static void refuses_numbers_out_of_range(void **state)
{
    (void)state;
    static const char *const longs[] = {
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999999999999999999999999999999999999999999",
        "1e19",
        "-1e19",
        "1e999",
        "-1e999",
        "9.3e18",
        "9223372036854775808.0",
        "18446744073709551615"};
    static const char *const integers[] = {
        "2147483648",           "-2147483649",      "1e10",
        "4294967296",           "9007199254740993", "9223372036854775807",
        "-9223372036854775807", "2147483647.5e1",   "1e999"};
    static const char *const fractions[] = {"0.5", "-0.5", "1e-1", "1.0000000001", "1e-999999"};
    static const char *const timestamps[] = {
        "1e16",
        "-1e16",
        "1e999",
        "9999999999999999",
        "99999999999999999999",
        "true",
        "\"\"",
        "\"NaN\"",
        "\"Infinity\"",
        "\"0\"",
        "\"2015-09-05T22:00:00.0000000000000000000000000000000000000000000Z\""};
    char text[160];
    for (size_t i = 0; i < COUNT(longs); i++) {
        (void)snprintf(text, sizeof(text), "{\"visitors\":%s}", longs[i]);
        expect_malformed(text, "visitors: a number where a whole number within range belongs");
        (void)snprintf(text, sizeof(text), "{\"totals\":{\"t\":%s}}", longs[i]);
        expect_malformed(text, "totals[\"t\"]: a number where a whole number within range belongs");
    }
    for (size_t i = 0; i < COUNT(integers); i++) {
        (void)snprintf(text, sizeof(text), "{\"cages\":%s}", integers[i]);
        expect_malformed(text, "cages: a number where a whole number within range belongs");
    }
    for (size_t i = 0; i + 1 < COUNT(fractions); i++) { /* the last one is zero to a double */
        (void)snprintf(text, sizeof(text), "{\"tickets\":[%s]}", fractions[i]);
        expect_malformed(text, "tickets[0]: a number where a whole number belongs");
    }
    for (size_t i = 0; i < COUNT(timestamps); i++) {
        (void)snprintf(text, sizeof(text), "{\"founded\":%s}", timestamps[i]);
        expect_malformed(text, NULL);
    }
}

static void refuses_what_is_not_json(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        " ",
                                        "nonsense",
                                        "{}}",
                                        "{} {}",
                                        "{}x",
                                        "{},",
                                        "{}\n]",
                                        "<html></html>",
                                        "{\"a\"}",
                                        "{\"a\":}",
                                        "{\"a\":1,}",
                                        "{,}",
                                        "{a:1}",
                                        "{'a':1}",
                                        "{\"a\" 1}",
                                        "{\"a\":1 \"b\":2}",
                                        "{\"a\":tru}",
                                        "{\"a\":nul}",
                                        "{\"a\":NaN}",
                                        "{\"a\":Infinity}",
                                        "{\"a\":-}",
                                        "{\"a\":+1}",
                                        "{\"a\":.5}",
                                        "{\"a\":[1,]}",
                                        "{\"a\":[,1]}",
                                        "{\"a\":[1 2]}",
                                        "{\"a\":\"\\x\"}",
                                        "{\"a\":\"\\u12\"}",
                                        "{\"a\":\"\\u12g4\"}",
                                        "{\"a\":'b'}",
                                        "{1:2}",
                                        "{\"a\":1}\x01x",
                                        "{1234567890123456:1}",
                                        "{ 1234567890123456:1}",
                                        "{\"totals\":{ 1234567890123456 : 1}}",
                                        "{\"visitors\":1234567890123456\"\"}",
                                        "{\"visitors\":--1234567890123456}",
                                        "{\"visitors\":1234567890123456x}",
                                        "{\"visitors\":- 1234567890123456}",
                                        "{\"a\":/**/1}",
                                        "{}//",
                                        "\xef\xbb\xbf"};
    for (size_t i = 0; i < COUNT(texts); i++)
        expect_failure_of_bytes(texts[i], strlen(texts[i]), malformed, NULL);
}

static void refuses_other_roots(void **state)
{
    (void)state;
    static const char *const texts[] = {"[]",   "[{}]", "\"{}\"", "5",
                                        "true", "null", " [ ] ",  "[1234567890123456]"};
    for (size_t i = 0; i < COUNT(texts); i++)
        expect_malformed(texts[i], "the body is JSON but no object, which an answer must be");
}

static void takes_white_space_around(void **state)
{
    (void)state;
    static const char *const texts[] = {"{}", " {}", "{} ", "\r\n\t {\t}\n\r \t", "{}\n\n\n"};
    for (size_t i = 0; i < COUNT(texts); i++)
        caws_output_free(decode_zoo(texts[i]));
}

static void says_where(void **state)
{
    (void)state;
    expect_malformed("{}}", "the body is not JSON: cannot be read at byte 2 of 3");
    expect_malformed("{} x", "the body is not JSON: cannot be read at byte 3 of 4");
    expect_malformed("{\"a\":bad}", "the body is not JSON: cannot be read at byte 5 of 9");
    /* Marked numbers make the text longer, but not the place. */
    expect_malformed("{\"a\":1234567890123456,\"b\":[1234567890123456],\"c\":bad}",
                     "the body is not JSON: cannot be read at byte 49 of 53");
    expect_malformed("{\"a\":1234567890123456}}",
                     "the body is not JSON: cannot be read at byte 22 of 23");
    expect_truncated("{\"a\":[1,", "the body ends after 8 bytes inside a JSON value");
    expect_truncated("{\"a\":1234567890123456", "the body ends after 21 bytes inside a JSON value");
}

static void refuses_nul_bytes(void **state)
{
    (void)state;
    static const char text[] = "{\"name\":\"a\0b\",\"cages\":1}";
    expect_failure_of_bytes(text, sizeof(text) - 1, malformed,
                            "the body is not JSON: a NUL byte at byte 10 of 24");
    expect_failure_of_bytes("{}\0", 3, malformed,
                            "the body is not JSON: a NUL byte at byte 2 of 3");
    expect_failure_of_bytes("\0", 1, malformed, NULL);
}

static void refuses_what_is_not_utf8(void **state)
{
    (void)state;
    static const char *const bytes[] = {"\xff",
                                        "\x80",
                                        "\xc0\x80",
                                        "\xed\xa0\x80",
                                        "\xf5\x80\x80\x80",
                                        "\xc3",
                                        "\xe2\x82",
                                        "\3771234567890123456"};
    for (size_t i = 0; i < COUNT(bytes); i++) {
        char text[64];
        char message[64];
        (void)snprintf(text, sizeof(text), "{\"name\":\"a%s\"}", bytes[i]);
        (void)snprintf(message, sizeof(message), "the body is not UTF-8 at byte 10 of %zu",
                       strlen(text));
        expect_malformed(text, message);
        (void)snprintf(text, sizeof(text), "{\"%s\":\"a\"}", bytes[i]);
        expect_malformed(text, NULL);
    }
}

static void tells_every_prefix_from_the_whole(void **state)
{
    (void)state;
    static const char text[] = " {\"name\":\"Z\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80 \\\" \\u00e9 "
                               "}\",\"visitors\":9223372036854775807,"
                               "\"area\":-1.5e-10,\"open\":false,\"tickets\":[1234567890123456,-1],"
                               "\"labels\":{\"a]\":\"[\"},"
                               "\"branch\":{\"names\":[null,\"\\\\\"]},\"unknown\":[[{}]]}\n ";
    size_t whole = strlen(text) - 2; /* from here on only white space is missing */
    for (size_t length = 0; length <= strlen(text); length++) {
        if (length <= 1)
            expect_failure_of_bytes(text, length, malformed, NULL);
        else if (length < whole)
            expect_failure_of_bytes(text, length, truncated, NULL);
        else {
            caws_error error = CAWS_ERROR_INIT;
            zoo *z = decode_bytes(text, length, &error);
            assert_non_null(z);
            caws_output_free(z);
        }
    }
}

/* Whatever happens to a text, it is read or refused; sanitizers watch. */
static void survives_damage(void **state)
{
    (void)state;
    static const char text[] =
        "{\"name\":\"Z\xc3\xbc \\\" \\u0000 }\",\"visitors\":9223372036854775807,\"area\":-1.5e-10,"
        "\"crest\":\"AP/"
        "+\",\"inspected\":\"2015-08-30T12:36:00.123Z\",\"tickets\":[1234567890123456],"
        "\"labels\":{\"a\":\"b\"},\"branch\":{\"animals\":[{\"age\":1}]}}";
    static const char noise[] = "\"\\{}[],:0123456789-+.eEu \n\x00\xff\xc3tfn";
    uint64_t random = 404;
    unsigned read = 0;
    for (int round = 0; round < 50000; round++) {
        char damaged[sizeof(text)];
        memcpy(damaged, text, sizeof(text));
        for (unsigned hits = 1 + random_below(&random, 3); hits > 0; hits--)
            damaged[random_below(&random, sizeof(text) - 1)] =
                noise[random_below(&random, sizeof(noise) - 1)];
        caws_error error = CAWS_ERROR_INIT;
        zoo *z = decode_bytes(damaged, sizeof(text) - 1, &error);
        assert_true(z != NULL || error.status == CAWS_ERROR_RESPONSE_MALFORMED ||
                    error.status == CAWS_ERROR_RESPONSE_TRUNCATED);
        read += z != NULL ? 1 : 0;
        caws_output_free(z);
        caws_error_clear(&error);
    }
    assert_true(read > 100);
}

static void survives_deep_nesting(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    static const char *const opening[] = {"[", "{\"branch\":"};
    static const char *const closing[] = {"]", "}"};
    for (size_t kind = 0; kind < 2; kind++) {
        caws_buffer text = CAWS_BUFFER_INIT;
        caws_buffer_append_string(&text, "{\"unknown\":");
        for (int i = 0; i < DEPTH; i++)
            caws_buffer_append_string(&text, opening[kind]);
        size_t middle = text.length;
        caws_buffer_append_string(&text, "0");
        for (int i = 0; i < DEPTH; i++)
            caws_buffer_append_string(&text, closing[kind]);
        caws_buffer_append_string(&text, "}");
        assert_true(caws_buffer_ok(&text));
        char message[128];
        (void)snprintf(message, sizeof(message),
                       "the body is JSON nested more than 1000 levels deep at byte %zu of %zu",
                       strlen("{\"unknown\":") + 999 * strlen(opening[kind]), text.length);
        expect_failure_of_bytes(text.data, text.length, malformed, message);
        expect_failure_of_bytes(text.data, middle, malformed, NULL);
        caws_buffer_clear(&text);
    }
}

/* As deep as the parser goes, through a structure that contains itself. */
static void reads_nesting_within_reason(void **state)
{
    (void)state;
    enum { DEPTH = 900 };
    caws_buffer text = CAWS_BUFFER_INIT;
    for (int i = 0; i < DEPTH; i++)
        caws_buffer_append_string(&text, "{\"branch\":");
    caws_buffer_append_string(&text, "{\"name\":\"deep\"}");
    for (int i = 0; i < DEPTH; i++)
        caws_buffer_append_string(&text, "}");
    assert_true(caws_buffer_ok(&text));
    zoo *output = decode_zoo(text.data);
    const zoo *z = output;
    for (int i = 0; i < DEPTH; i++)
        z = z->branch;
    assert_string_equal(z->name, "deep");
    assert_null(z->branch);
    caws_output_free(output);
    caws_buffer_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_what_has_the_wrong_type),
        cmocka_unit_test(names_the_path),
        cmocka_unit_test(survives_long_names_in_paths),
        cmocka_unit_test(refuses_numbers_out_of_range),
        cmocka_unit_test(refuses_what_is_not_json),
        cmocka_unit_test(refuses_other_roots),
        cmocka_unit_test(takes_white_space_around),
        cmocka_unit_test(says_where),
        cmocka_unit_test(refuses_nul_bytes),
        cmocka_unit_test(refuses_what_is_not_utf8),
        cmocka_unit_test(tells_every_prefix_from_the_whole),
        cmocka_unit_test(survives_damage),
        cmocka_unit_test(survives_deep_nesting),
        cmocka_unit_test(reads_nesting_within_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
