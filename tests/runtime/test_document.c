/* Documents: any JSON value as its text, through validator, encoder and decoder. */
#include "expect_violations.h"

#include "buffer.h"
#include "json_decode.h"
#include "json_encode.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

typedef struct papers {
    const char *one;
    caws_string_list list;
    caws_string_map map;
    const char *secret;
} papers;

static const caws_type secret_type = {
    .name = "Secret", .kind = CAWS_KIND_DOCUMENT, .flags = CAWS_TYPE_SENSITIVE};
static const caws_member list_row[] = {{"member", &caws_type_document, 0, 0, NULL}};
static const caws_type list_type = {
    .kind = CAWS_KIND_LIST, .members = list_row, .member_count = 1, .size = sizeof(char *)};
static const caws_member map_rows[] = {
    {"key", &caws_type_string, offsetof(caws_string_map_entry, key), 0, NULL},
    {"value", &caws_type_document, offsetof(caws_string_map_entry, value), 0, NULL},
};
static const caws_type map_type = {.kind = CAWS_KIND_MAP,
                                   .members = map_rows,
                                   .member_count = 2,
                                   .size = sizeof(caws_string_map_entry)};
static const caws_member papers_members[] = {
    {"one", &caws_type_document, offsetof(papers, one), CAWS_MEMBER_REQUIRED, NULL},
    {"list", &list_type, offsetof(papers, list), 0, NULL},
    {"map", &map_type, offsetof(papers, map), 0, NULL},
    {"secret", &secret_type, offsetof(papers, secret), 0, NULL},
};
static const caws_type papers_type = {.name = "Papers",
                                      .kind = CAWS_KIND_STRUCTURE,
                                      .members = papers_members,
                                      .member_count = 4,
                                      .size = sizeof(papers)};

static void expect_json(const papers *input, const char *json)
{
    caws_buffer buffer = CAWS_BUFFER_INIT;
    caws_error error = CAWS_ERROR_INIT;
    PASSES(&papers_type, input);
    assert_int_equal(caws_json_encode(&buffer, &papers_type, input, &error), CAWS_OK);
    assert_string_equal(buffer.data, json);
    caws_buffer_clear(&buffer);
}

/* The caller frees it with caws_output_free. */
static papers *decode(const char *json)
{
    caws_error error = CAWS_ERROR_INIT;
    papers *output = caws_output_new(sizeof(*output));
    assert_non_null(output);
    if (caws_json_accept(json, strlen(json), &error) != CAWS_OK ||
        caws_json_decode(json, &papers_type, output, caws_output_arena(output), &error) != CAWS_OK)
        fail_msg("%s: %s", json, error.message);
    return output;
}

/* The document that decoding gives for this value in an answer. */
static void expect_document(const char *value, const char *document)
{
    caws_buffer json = CAWS_BUFFER_INIT;
    assert_true(caws_buffer_append_format(&json, "{\"one\": %s }", value));
    papers *output = decode(json.data);
    assert_non_null(output->one);
    assert_string_equal(output->one, document);
    caws_output_free(output);
    caws_buffer_clear(&json);
}

static void is_sent_as_it_stands(void **state)
{
    (void)state;
    const char *items[] = {"1", " [ 2 ] ", "null"};
    const caws_string_map_entry entries[] = {{"a\"b", "{}"}, {"", "\"text\""}};
    expect_json(&(papers){.one = " {\"a\" : 9007199254740993123 }\n"},
                "{\"one\": {\"a\" : 9007199254740993123 }\n}");
    expect_json(&(papers){.one = "1.50", .list = {items, 3}, .map = {entries, 2}, .secret = "0"},
                "{\"one\":1.50,\"list\":[1, [ 2 ] ,null],\"map\":{\"a\\\"b\":{},\"\":\"text\"},"
                "\"secret\":0}");
}

static void what_is_not_json_is_refused(void **state)
{
    (void)state;
    const char *items[] = {"1", "", NULL, "\xff"};
    const caws_string_map_entry entries[] = {{"k", "1},\"x\":{"}};
    FINDS(&papers_type, (&(papers){.list = {items, 4}, .map = {entries, 1}}),
          {"one", CAWS_CONSTRAINT_REQUIRED, 0, 0, "one: required"},
          {"list[1]", CAWS_CONSTRAINT_JSON, 0, 0, "list[1]: not one JSON value at byte 0"},
          {"list[2]", CAWS_CONSTRAINT_REQUIRED, 0, 0, "list[2]: required"},
          {"list[3]", CAWS_CONSTRAINT_UTF8, 0, 0, "list[3]: not UTF-8 at byte 0"},
          {"map[\"k\"]", CAWS_CONSTRAINT_JSON, 1, 0, "map[\"k\"]: not one JSON value at byte 1"});
}

/* It would spoil the request, so it is no matter of taste. */
static void is_checked_in_every_mode(void **state)
{
    (void)state;
    static const expected found[] = {
        {"one", CAWS_CONSTRAINT_JSON, 4, 0, "one: not one JSON value at byte 4"}};
    finds(&papers_type, &(papers){.one = "true1"}, CAWS_VALIDATE_REQUIRED, found, 1);
}

static void sensitive_text_is_not_told(void **state)
{
    (void)state;
    FINDS(&papers_type, (&(papers){.one = "0", .secret = "hunter2"}),
          {"secret", CAWS_CONSTRAINT_JSON, 0, 0, "secret: not one JSON value at byte 0"});
}

static void is_received_without_white_space(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"true", "true"},
        {"false", "false"},
        {"\"\"", "\"\""},
        {"{ }", "{}"},
        {"[ ]", "[]"},
        {"{\"a\" : [1, {\"b\": null}, [] ] ,\"\": {\"a\":\"x\"} }",
         "{\"a\":[1,{\"b\":null},[]],\"\":{\"a\":\"x\"}}"},
        {"\"\\u00e9 \\/ \\n \\u0001 \\\" \\\\\"", "\"\xc3\xa9 / \\n \\u0001 \\\" \\\\\""},
        {"{\"a\\nb\":1,\"a\\nb\":2}", "{\"a\\nb\":1,\"a\\nb\":2}"},
        {"\"a\\u0000b\"", "\"a\xef\xbf\xbd"
                          "b\""},
        {"\"\\ud83d\\ude00\\ud83d\"", "\"\xf0\x9f\x98\x80\xef\xbf\xbd\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_document(cases[i][0], cases[i][1]);
}

static void numbers_keep_their_value(void **state)
{
    (void)state;
    static const char *const exact[] = {
        "0",
        "1.0",
        "1E5",
        "0.1000000000000000055511151231257827",
        "[1e400,-1e400]",
        "-1",
        "999999999999999",
        "1000000000000000",
        "9007199254740993",
        "-9007199254740993",
        "9223372036854775807",
        "18446744073709551616",
        "-340282366920938463463374607431768211456",
        "[9007199254740993,{\"a\":-9007199254740995}]",
        "\"9007199254740993\"",
        "0.1",
        "1.5e-07",
        "-2.5",
        "123456.78901234567",
        "1.7976931348623157e+308",
        "4.94065645841247e-324",
    };
    for (size_t i = 0; i < COUNT(exact); i++)
        expect_document(exact[i], exact[i]);
}

static void absent_and_null_are_null(void **state)
{
    (void)state;
    papers *output = decode("{\"one\":null,\"list\":[null,[null]],\"map\":{\"a\":null,\"b\":0}}");
    assert_null(output->one);
    assert_null(output->secret);
    assert_int_equal(output->list.count, 2);
    assert_null(output->list.items[0]);
    assert_string_equal(output->list.items[1], "[null]");
    assert_int_equal(output->map.count, 2);
    assert_null(output->map.items[0].value);
    assert_string_equal(output->map.items[1].value, "0");
    caws_output_free(output);
}

/* What was received can be sent, and is then received as the same text. */
static void comes_back_the_same(void **state)
{
    (void)state;
    static const char json[] =
        "{\"one\":{\"id\":9007199254740993,\"ratio\":0.30000000000000004,\"tags\":[\"\\\"\\\\\","
        "\"\\u001f\",\"\xe2\x82\xac\"],\"deep\":[[[[{\"x\":{\"y\":[]}}]]]],\"none\":null},"
        "\"list\":[\"a\",[1e+22],true],\"map\":{\"k\":{\"v\":-0}},\"secret\":\"s\"}";
    papers *output = decode(json);
    assert_string_equal(output->secret, "\"s\"");
    expect_json(output, json);
    caws_output_free(output);
}

static void nests_as_deeply_as_parsing_goes(void **state)
{
    (void)state;
    enum { DEPTH = 900 };
    char text[2 * DEPTH + 1];
    memset(text, '[', DEPTH);
    memset(text + DEPTH, ']', DEPTH);
    text[2 * DEPTH] = '\0';
    expect_document(text, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_sent_as_it_stands),
        cmocka_unit_test(what_is_not_json_is_refused),
        cmocka_unit_test(is_checked_in_every_mode),
        cmocka_unit_test(sensitive_text_is_not_told),
        cmocka_unit_test(is_received_without_white_space),
        cmocka_unit_test(numbers_keep_their_value),
        cmocka_unit_test(absent_and_null_are_null),
        cmocka_unit_test(comes_back_the_same),
        cmocka_unit_test(nests_as_deeply_as_parsing_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
