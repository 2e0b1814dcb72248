#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json_check.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Checks a copy without a byte to spare, so that a sanitizer sees any look beyond the end. */
static const char *check(const char *text, size_t length, size_t *offset)
{
    char *copy = malloc(length > 0 ? length : 1);
    assert_non_null(copy);
    memcpy(copy, text, length);
    const char *problem = caws_json_check(copy, length, offset);
    free(copy);
    return problem;
}

static void takes_json(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "null",
        "true",
        " false\n",
        "0",
        "-0",
        "-1.50e+007",
        "1E5",
        "1e-5",
        "123456789012345678901234567890",
        "\"\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\\udead\"",
        "\"Z\xc3\xbc \x7f\"",
        "[]",
        "{}",
        "\t[ ]\r\n",
        "{ }",
        "[[],{},[[1,2],3]]",
        "{\"a\":{\"a\":1,\"a\":[{}]},\"\":\"}\"}",
        " { \"a\" : [ 1 , 2 ] , \"b\" : null } ",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        size_t offset = 77;
        const char *problem = check(texts[i], strlen(texts[i]), &offset);
        if (problem != NULL)
            fail_msg("%s: %s at byte %zu", texts[i], problem, offset);
        assert_int_equal(offset, 77);
    }
}

static void finds_the_first_byte_that_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t offset;
    } cases[] = {
        {"", 0},
        {" ", 1},
        {"nul", 3},
        {"nulL", 3},
        {"True", 0},
        {"NaN", 0},
        {"Infinity", 0},
        {"'a'", 0},
        {"+1", 0},
        {"-", 1},
        {"-a", 1},
        {".5", 0},
        {"01", 1},
        {"1.", 2},
        {"1.e5", 2},
        {"1e", 2},
        {"1e+", 3},
        {"0x10", 1},
        {"1 2", 2},
        {"\"a", 2},
        {"\"\n\"", 1},
        {"\"\\x\"", 2},
        {"\"\\u00g0\"", 5},
        {"\"\\u00", 5},
        {"\"\\", 2},
        {"[", 1},
        {"[1", 2},
        {"[1,", 3},
        {"[1,]", 3},
        {"[,1]", 1},
        {"[1 2]", 3},
        {"[1}", 2},
        {"]", 0},
        {"{", 1},
        {"{a:1}", 1},
        {"{1:1}", 1},
        {"{\"a\"}", 4},
        {"{\"a\":}", 5},
        {"{\"a\":1", 6},
        {"{\"a\":1,", 7},
        {"{\"a\":1,}", 7},
        {"{\"a\":1]", 6},
        {"{} {}", 3},
        {"1},\"injected\":{\"a\":1", 1},
        {"[1] // comment", 4},
        {"\xef\xbb\xbf{}", 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t offset = 77;
        const char *problem = check(cases[i].text, strlen(cases[i].text), &offset);
        if (problem == NULL || offset != cases[i].offset)
            fail_msg("%s: %s at byte %zu, not %zu", cases[i].text,
                     problem != NULL ? problem : "accepted", offset, cases[i].offset);
        assert_string_equal(problem, "not one JSON value");
    }
}

static void a_nul_byte_is_wrong_everywhere(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[1,true,\"x\"]}";
    for (size_t i = 0; i < sizeof(text); i++) {
        char with_nul[sizeof(text) + 1];
        size_t offset = 0;
        memcpy(with_nul, text, i);
        with_nul[i] = '\0';
        memcpy(with_nul + i + 1, text + i, sizeof(text) - 1 - i);
        assert_non_null(check(with_nul, sizeof(text), &offset));
        assert_true(offset <= i);
    }
}

/* Every beginning of a text is refused at its very end, but for numbers, which may end anywhere. */
static void every_cut_is_found(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[true,false,null,\"x\\n\\u00e9\",{\"b\":{}}]}";
    for (size_t length = 0; length < sizeof(text) - 1; length++) {
        size_t offset = 77;
        assert_non_null(check(text, length, &offset));
        assert_int_equal(offset, length);
    }
}

static void depth_is_limited(void **state)
{
    (void)state;
    static char text[2 * CAWS_JSON_MAX_DEPTH + 2];
    for (size_t depth = CAWS_JSON_MAX_DEPTH; depth <= CAWS_JSON_MAX_DEPTH + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        size_t offset = 77;
        const char *problem = check(text, 2 * depth, &offset);
        if (depth == CAWS_JSON_MAX_DEPTH) {
            assert_null(problem);
            continue;
        }
        assert_string_equal(problem, "JSON nested more than 1000 levels deep");
        assert_int_equal(offset, CAWS_JSON_MAX_DEPTH);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_json),
        cmocka_unit_test(finds_the_first_byte_that_is_wrong),
        cmocka_unit_test(a_nul_byte_is_wrong_everywhere),
        cmocka_unit_test(every_cut_is_found),
        cmocka_unit_test(depth_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
