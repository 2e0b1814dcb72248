/* The functions of endpoint rules, on what AWS's own cases (tests/endpoints) do not reach. Texts
 * are given without a NUL behind them, so that a sanitizer sees a read beyond their end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "endpoint_rules.h"
#include "random.h"

enum { LONG = 64 };

typedef struct answer {
    caws_arena arena;
    char *copy;
    caws_rule_value value;
} answer;

/* Calls with text (NULL: absent) and up to three more arguments. */
static answer ask(const caws_rule_function *function, const char *text, size_t length, uint32_t one,
                  uint32_t two, uint32_t three)
{
    answer a = {.arena = CAWS_ARENA_INIT};
    caws_rule_value arguments[4] = {
        {.kind = CAWS_VALUE_ABSENT}, {.count = one}, {.count = two}, {.count = three}};
    if (text != NULL) {
        a.copy = malloc(length > 0 ? length : 1);
        assert_non_null(a.copy);
        memcpy(a.copy, text, length);
        arguments[0] = caws_rule_text_part(a.copy, length);
    }
    assert_true(function->call(arguments, &a.arena, &a.value));
    return a;
}

static void forget(answer *a)
{
    caws_arena_clear(&a->arena);
    free(a->copy);
}

static bool is_true(const caws_rule_function *function, const char *text, bool option)
{
    answer a = ask(function, text, text != NULL ? strlen(text) : 0, option, 0, 0);
    assert_int_equal(a.value.kind, CAWS_VALUE_BOOLEAN);
    bool result = a.value.count != 0;
    forget(&a);
    return result;
}

static void text_is(const caws_rule_value *value, const char *text)
{
    if (text == NULL) {
        assert_int_equal(value->kind, CAWS_VALUE_ABSENT);
        return;
    }
    assert_int_equal(value->kind, CAWS_VALUE_TEXT);
    assert_int_equal(value->count, strlen(text));
    assert_memory_equal(value->text, text, value->count);
}

static void knows_host_labels(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool alone;
        bool with_subdomains;
    } cases[] = {
        {NULL, false, false},        {"", false, false},     {"a", true, true},
        {"A-0", true, true},         {"-a", false, false},   {"a-", false, false},
        {"a.b", false, true},        {".", false, false},    {"a.", false, false},
        {".a", false, false},        {"a..b", false, false}, {"a_b", false, false},
        {"a\xc3\xa9", false, false}, {"a.-b", false, false}, {"a b", false, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(is_true(&caws_rule_is_valid_host_label, cases[i].text, false),
                         cases[i].alone);
        assert_int_equal(is_true(&caws_rule_is_valid_host_label, cases[i].text, true),
                         cases[i].with_subdomains);
    }
    char label[LONG + 1];
    memset(label, 'a', LONG);
    label[LONG] = '\0';
    assert_false(is_true(&caws_rule_is_valid_host_label, label, true));
    assert_true(is_true(&caws_rule_is_valid_host_label, label + 1, true));
}

static void knows_bucket_names(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool alone;
        bool with_subdomains;
    } cases[] = {
        {NULL, false, false},           {"ab", false, false},   {"abc", true, true},
        {"aBc", false, false},          {"a.b", false, true},   {"192.168.1.1", false, false},
        {"192.168.1.256", false, true}, {"1.2.3", false, true}, {"a.b-", false, false},
        {"a..b", false, false},         {"a/b", false, false},  {"abc ", false, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(is_true(&caws_rule_is_virtual_hostable_s3_bucket, cases[i].text, false),
                         cases[i].alone);
        assert_int_equal(is_true(&caws_rule_is_virtual_hostable_s3_bucket, cases[i].text, true),
                         cases[i].with_subdomains);
    }
}

static void takes_parts_of_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t start, stop, reverse;
        const char *result;
    } cases[] = {
        {"abcdef", 0, 6, 0, "abcdef"}, {"abcdef", 0, 7, 0, NULL},  {"abcdef", 5, 6, 0, "f"},
        {"abcdef", 6, 6, 0, NULL},     {"abcdef", 3, 2, 0, NULL},  {"abcdef", 0, 2, 1, "ef"},
        {"abcdef", 0, 6, 1, "abcdef"}, {"abcdef", 5, 6, 1, "a"},   {"abcdef", 0, 7, 1, NULL},
        {"", 0, 1, 0, NULL},           {"", 0, 0, 0, NULL},        {NULL, 0, 1, 0, NULL},
        {"ab\xc3\xa9", 0, 1, 0, NULL}, {"abc", 0, 65535, 1, NULL}, {"\xffxyz", 1, 2, 0, NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *text = cases[i].text;
        answer a = ask(&caws_rule_substring, text, text != NULL ? strlen(text) : 0, cases[i].start,
                       cases[i].stop, cases[i].reverse);
        text_is(&a.value, cases[i].result);
        forget(&a);
    }
}

static void encodes_for_uris(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"", ""},
                                           {"aZ09-._~", "aZ09-._~"},
                                           {"a b/%", "a%20b%2F%25"},
                                           {"\xc3\xa9", "%C3%A9"},
                                           {NULL, NULL}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        answer a = ask(&caws_rule_uri_encode, cases[i][0],
                       cases[i][0] != NULL ? strlen(cases[i][0]) : 0, 0, 0, 0);
        text_is(&a.value, cases[i][1]);
        forget(&a);
    }
}

/* parts: partition, service, region, account, then the resource's; NULL: no ARN. */
static void arn_is(const char *text, const char *const *parts, size_t count)
{
    answer a = ask(&caws_rule_parse_arn, text, text != NULL ? strlen(text) : 0, 0, 0, 0);
    if (parts == NULL) {
        assert_int_equal(a.value.kind, CAWS_VALUE_ABSENT);
    } else {
        assert_int_equal(a.value.kind, CAWS_VALUE_ARRAY);
        assert_int_equal(a.value.count, 5);
        for (size_t i = 0; i < 4; i++)
            text_is(&a.value.items[i], parts[i]);
        const caws_rule_value *resource = &a.value.items[4];
        assert_int_equal(resource->kind, CAWS_VALUE_ARRAY);
        assert_int_equal(resource->count, count - 4);
        for (size_t i = 4; i < count; i++)
            text_is(&resource->items[i - 4], parts[i]);
    }
    forget(&a);
}

static void parses_arns(void **state)
{
    (void)state;
    static const char *const none[] = {
        NULL,
        "",
        "arn",
        "arn:",
        "arn::::::",
        "arn:aws:s3",
        "arn:aws:s3:::",
        "arn::s3:::x",
        "arn:aws::::x",
        "Arn:aws:s3:::x",
        "arn:aws:s3::x",
        "xarn:a:b:::c",
    };
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        arn_is(none[i], NULL, 0);
    static const char *const bucket[] = {"aws", "s3", "", "", "b"};
    arn_is("arn:aws:s3:::b", bucket, 5);
    static const char *const table[] = {"aws",   "dynamodb", "eu-west-1", "123",
                                        "table", "t",        "",          "x"};
    arn_is("arn:aws:dynamodb:eu-west-1:123:table/t/:x", table, 8);
    static const char *const slash[] = {"a", "b", "c", "d", "", ""};
    arn_is("arn:a:b:c:d:/", slash, 6);
    arn_is("arn:a:b:c:d::", slash, 6);
    static const char *const letter[] = {"a", "b", "c", "d", "e"};
    arn_is("arn:a:b:c:d:e", letter, 5);
}

static void parses_urls(void **state)
{
    (void)state;
    static const struct {
        const char *url, *scheme, *authority, *path, *normalized;
        bool is_ip;
    } cases[] = {
        {"https://a", "https", "a", "", "/", false},
        {"http://a:80/", "http", "a:80", "/", "/", false},
        {"https://a/b", "https", "a", "/b", "/b/", false},
        {"https://a/b//c/", "https", "a", "/b//c/", "/b/c/", false},
        {"https://a/b c", "https", "a", "/b c", "/b%20c/", false},
        {"https://127.0.0.1:8", "https", "127.0.0.1:8", "", "/", true},
        {"https://127.0.0.1.", "https", "127.0.0.1.", "", "/", false},
        {"https://127.0.0.256", "https", "127.0.0.256", "", "/", false},
        {"https://[::1]:99/x", "https", "[::1]:99", "/x", "/x/", true},
        {"https://[::x]", "https", "[::x]", "", "/", false},
        {"https://[", "https", "[", "", "/", false},
        {"https://a:65535", "https", "a:65535", "", "/", false},
        {"https://a-host-that-is-longer-than-any-address-of-any-kind-is.example.com", "https",
         "a-host-that-is-longer-than-any-address-of-any-kind-is.example.com", "", "/", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        answer a = ask(&caws_rule_parse_url, cases[i].url, strlen(cases[i].url), 0, 0, 0);
        assert_int_equal(a.value.kind, CAWS_VALUE_ARRAY);
        assert_int_equal(a.value.count, 5);
        text_is(&a.value.items[0], cases[i].scheme);
        text_is(&a.value.items[1], cases[i].authority);
        text_is(&a.value.items[2], cases[i].path);
        text_is(&a.value.items[3], cases[i].normalized);
        assert_int_equal(a.value.items[4].count, cases[i].is_ip);
        forget(&a);
    }
}

static void knows_what_is_no_url(void **state)
{
    (void)state;
    static const char *const cases[] = {
        NULL,
        "",
        "http",
        "http:",
        "http://",
        "https:///a",
        "ftp://a",
        "HTTPS://a",
        "httpx://a",
        "https:a.b.c",
        "https:/a.bc",
        "https://a?b",
        "https://a#b",
        "https://a:x",
        "https://a:65536",
        "https://a:99999999999999999999",
        "//a/b",
        "https://a/?",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        answer a =
            ask(&caws_rule_parse_url, cases[i], cases[i] != NULL ? strlen(cases[i]) : 0, 0, 0, 0);
        assert_int_equal(a.value.kind, CAWS_VALUE_ABSENT);
        forget(&a);
    }
}

static void knows_partitions(void **state)
{
    (void)state;
    static const struct {
        const char *region, *name, *suffix, *global;
    } cases[] = {
        {"us-east-1", "aws", "amazonaws.com", "us-east-1"},
        {"cn-north-1", "aws-cn", "amazonaws.com.cn", "cn-northwest-1"},
        {"aws-us-gov-global", "aws-us-gov", "amazonaws.com", "us-gov-west-1"},
        {"aws-us-gov-globa", "aws", "amazonaws.com", "us-east-1"},
        {"mars", "aws", "amazonaws.com", "us-east-1"},
        {"", "aws", "amazonaws.com", "us-east-1"},
        {NULL, "aws", "amazonaws.com", "us-east-1"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *region = cases[i].region;
        answer a = ask(&caws_rule_partition, region, region != NULL ? strlen(region) : 0, 0, 0, 0);
        assert_int_equal(a.value.kind, CAWS_VALUE_ARRAY);
        assert_int_equal(a.value.count, 6);
        text_is(&a.value.items[0], cases[i].name);
        text_is(&a.value.items[1], cases[i].suffix);
        assert_int_equal(a.value.items[3].kind, CAWS_VALUE_BOOLEAN);
        assert_int_equal(a.value.items[4].kind, CAWS_VALUE_BOOLEAN);
        text_is(&a.value.items[5], cases[i].global);
        forget(&a);
    }
}

/* Nothing is read beyond the text, whatever it is; a sanitizer or valgrind looks on. */
static void takes_any_text(void **state)
{
    (void)state;
    static const char alphabet[] = "arn:/.-[]%?#@ aws:http://1\xc3\x01";
    static const caws_rule_function *const functions[] = {
        &caws_rule_is_valid_host_label, &caws_rule_is_virtual_hostable_s3_bucket,
        &caws_rule_parse_arn,           &caws_rule_parse_url,
        &caws_rule_partition,           &caws_rule_substring,
        &caws_rule_uri_encode};
    static const char *const beginnings[] = {"", "arn:", "https://", "https://[", "http://1.2.3."};
    uint64_t seed = 20;
    for (int round = 0; round < 20000; round++) {
        char text[LONG];
        const char *beginning = beginnings[random_below(&seed, 5)];
        size_t length = strlen(beginning);
        memcpy(text, beginning, length);
        for (unsigned more = random_below(&seed, 24); more > 0; more--)
            text[length++] = alphabet[random_below(&seed, sizeof(alphabet) - 1)];
        answer a = ask(functions[random_below(&seed, 7)], text, length, random_below(&seed, 5),
                       random_below(&seed, 30), random_below(&seed, 2));
        forget(&a);
    }
}

/* A resource of so many parts that the bytes which they take have no number of 32 bits. */
static void has_no_memory_for_some_arns(void **state)
{
    (void)state;
    static const char front[] = "arn:a:s:r:a:";
    size_t length = SIZE_MAX / sizeof(caws_rule_value) + sizeof(front) + 2;
    if (length > UINT32_MAX / 2)
        skip();
    char *text = malloc(length);
    assert_non_null(text);
    memset(text, '/', length);
    memcpy(text, front, sizeof(front) - 1);
    caws_rule_value argument = caws_rule_text_part(text, length);
    caws_rule_value value = {.kind = CAWS_VALUE_ABSENT};
    caws_arena arena = CAWS_ARENA_INIT;
    assert_false(caws_rule_parse_arn.call(&argument, &arena, &value));
    caws_arena_clear(&arena);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_host_labels),    cmocka_unit_test(knows_bucket_names),
        cmocka_unit_test(takes_parts_of_text),  cmocka_unit_test(encodes_for_uris),
        cmocka_unit_test(parses_arns),          cmocka_unit_test(parses_urls),
        cmocka_unit_test(knows_what_is_no_url), cmocka_unit_test(knows_partitions),
        cmocka_unit_test(takes_any_text),       cmocka_unit_test(has_no_memory_for_some_arns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
