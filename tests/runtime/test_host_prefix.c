#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host_prefix.h"

typedef struct feed_input {
    const char *food; /* no label */
    const char *house;
    const char *zoo;
} feed_input;

static const caws_member members[] = {
    {"food", &caws_type_string, offsetof(feed_input, food), 0, NULL},
    {"house", &caws_type_string, offsetof(feed_input, house), CAWS_MEMBER_HOST_LABEL, NULL},
    {"zoo", &caws_type_string, offsetof(feed_input, zoo), CAWS_MEMBER_HOST_LABEL, NULL},
};
static const caws_type input_type = {
    .kind = CAWS_KIND_STRUCTURE, .members = members, .member_count = 3, .size = sizeof(feed_input)};

static void names_take_a_prefix(void **state)
{
    static const char *const yes[] = {
        "logs.us-east-1.amazonaws.com",
        "logs.us-east-1.amazonaws.com:8443",
        "a.b",
        "x.localhost",
        "1.2.3.4.example",
        "10.example:80",
        "1.2.3.a",
    };
    static const char *const no[] = {
        "localhost", "localhost:4566", "localstack", "127.0.0.1",        "127.0.0.1:80",
        "1.2.3.4:5", "[::1]",          "[::1]:80",   "[::ffff:1.2.3.4]", "[2001:db8::1.2.3.4]:443",
        "",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
        if (!caws_host_takes_prefix(yes[i]))
            fail_msg("%s", yes[i]);
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
        if (caws_host_takes_prefix(no[i]))
            fail_msg("%s", no[i]);
}

static void expect(const char *prefix, const feed_input *input, const char *expected)
{
    const caws_context context = {.host_prefix = prefix};
    const caws_operation operation = {.context = &context, .input = &input_type};
    caws_arena arena = CAWS_ARENA_INIT;
    caws_error error = CAWS_ERROR_INIT;
    const char *host = NULL;
    assert_int_equal(caws_host_prefix(&operation, input, "a.b:80", &arena, &host, &error), CAWS_OK);
    assert_string_equal(host, expected);
    caws_arena_clear(&arena);
}

static void labels_are_put_in(void **state)
{
    const feed_input input = {.house = "monkeys", .zoo = "berlin-1"};
    (void)state;
    expect("stream-", NULL, "stream-a.b:80");
    expect("stream-", &input, "stream-a.b:80");
    expect("{house}.", &input, "monkeys.a.b:80");
    expect("{zoo}-{house}.data-", &input, "berlin-1-monkeys.data-a.b:80");
    expect("{house}{house}", &input, "monkeysmonkeysa.b:80");
}

static void refuse(const char *prefix, const feed_input *input, const char *message,
                   const char *path, caws_constraint constraint)
{
    const caws_context context = {.host_prefix = prefix};
    const caws_operation operation = {.context = &context, .input = &input_type};
    caws_arena arena = CAWS_ARENA_INIT;
    caws_error error = CAWS_ERROR_INIT;
    const char *host = NULL;
    assert_int_equal(caws_host_prefix(&operation, input, "a.b", &arena, &host, &error),
                     CAWS_ERROR_INVALID_INPUT);
    assert_string_equal(error.message, message);
    assert_int_equal(error.violation_count, 1);
    assert_string_equal(error.violations[0].path, path);
    assert_string_equal(error.violations[0].text, message);
    assert_int_equal(error.violations[0].constraint, constraint);
    assert_null(host);
    caws_error_clear(&error);
    caws_arena_clear(&arena);
}

/* A value must not lead the request to another host. */
static void values_that_are_no_label_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "a.b",
        "evil.example/",
        "a/",
        "a:80",
        "a@b",
        "a b",
        "-a",
        "a-",
        "a#",
        "a?",
        "a\r\nb",
        "\xc3\xa9",
        "0123456789012345678901234567890123456789012345678901234567890123",
    };
    const feed_input none = {.food = "hay"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const feed_input input = {.house = bad[i]};
        refuse("{house}.", &input,
               "house: no host label, which is 1 to 63 letters, digits and inner hyphens", "house",
               CAWS_CONSTRAINT_PATTERN);
    }
    refuse("{house}.", &none, "house: required", "house", CAWS_CONSTRAINT_REQUIRED);
    refuse("{house}.", NULL, "house: required", "house", CAWS_CONSTRAINT_REQUIRED);
    refuse("{food}.", &none, "food: required", "food", CAWS_CONSTRAINT_REQUIRED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_take_a_prefix),
        cmocka_unit_test(labels_are_put_in),
        cmocka_unit_test(values_that_are_no_label_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
