/* The interpreter of endpoint rules, over tables written by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "endpoint_rules.h"

/* Parameters: 0 Region, 1 Flag with default, 2 Name required, 3 Parts; variable 4. */
static const char text[] = "Region\0" /* 0 */
                           "Flag\0"   /* 7 */
                           "Name\0"   /* 12 */
                           "Parts\0"  /* 17 */
                           "x-one\0"  /* 23 */
                           "x-two\0"  /* 29 */
                           "https://" /* 35 */;
static const caws_rule_parameter parameters[] = {
    {0, CAWS_RULE_REGION, 0, 0},
    {7, CAWS_RULE_CONTEXT, 0, 1},
    {12, CAWS_RULE_CONTEXT, CAWS_RULE_REQUIRED, 0},
    {17, CAWS_RULE_CONTEXT, 0, 0},
};
static const caws_rule_node nodes[] = {
    {CAWS_RULE_NONE, 0, 0},
    {CAWS_RULE_BOOLEAN, 0, 1},
    /* 2: Flag */
    {CAWS_RULE_REF, 0, 1},
    /* 3: variable = Parts[1] */
    {CAWS_RULE_ASSIGN, 1, 4},
    {CAWS_RULE_ITEM, 1, 1},
    {CAWS_RULE_REF, 0, 3},
    /* 6: endpoint https://Name, with all that an endpoint may have */
    {CAWS_RULE_ENDPOINT, 6, 0},
    {CAWS_RULE_JOIN, 2, 0},
    {CAWS_RULE_TEXT, 0, 35},
    {CAWS_RULE_REF, 0, 2},
    {CAWS_RULE_SIGNING_NAME, 1, 0},
    {CAWS_RULE_REF, 0, 2},
    {CAWS_RULE_SIGNING_REGION, 1, 0},
    {CAWS_RULE_REF, 0, 0},
    {CAWS_RULE_HEADER, 1, 23},
    {CAWS_RULE_REF, 0, 2},
    {CAWS_RULE_HEADER, 1, 29},
    {CAWS_RULE_REF, 0, 0},
    {CAWS_RULE_UNSUPPORTED_AUTH, 1, 0},
    {CAWS_RULE_ITEM, 1, 0},
    {CAWS_RULE_REF, 0, 3},
    /* 21: error variable */
    {CAWS_RULE_ERROR, 1, 0},
    {CAWS_RULE_REF, 0, 4},
    /* 23: Region equals Name */
    {CAWS_RULE_EQUAL, 2, 0},
    {CAWS_RULE_REF, 0, 0},
    {CAWS_RULE_REF, 0, 2},
    /* 26: not Flag */
    {CAWS_RULE_NOT, 1, 0},
    {CAWS_RULE_REF, 0, 1},
    /* 28: endpoint Region */
    {CAWS_RULE_ENDPOINT, 1, 0},
    {CAWS_RULE_REF, 0, 0},
    /* 30: error of two numbers, which are never equal */
    {CAWS_RULE_EQUAL, 2, 0},
    {CAWS_RULE_INTEGER, 0, 7},
    {CAWS_RULE_INTEGER, 0, 7},
    /* 33: error second of [Region, Name] */
    {CAWS_RULE_ERROR, 1, 0},
    {CAWS_RULE_ITEM, 1, 1},
    {CAWS_RULE_ARRAY, 2, 0},
    {CAWS_RULE_REF, 0, 0},
    {CAWS_RULE_REF, 0, 2},
    /* 38: error first of nothing */
    {CAWS_RULE_ERROR, 1, 0},
    {CAWS_RULE_ITEM, 1, 0},
    {CAWS_RULE_ARRAY, 0, 0},
    /* 41: error https:// and an array, which is no text */
    {CAWS_RULE_ERROR, 1, 0},
    {CAWS_RULE_JOIN, 2, 0},
    {CAWS_RULE_TEXT, 0, 35},
    {CAWS_RULE_ARRAY, 1, 0},
    {CAWS_RULE_REF, 0, 0},
};

enum { FLAG, TAKE_PART, SAME, NOT_FLAG, NUMBERS };
static const uint16_t conditions[] = {2, 3, 23, 26, 30};

typedef struct result {
    caws_arena arena;
    caws_error error;
    caws_endpoint endpoint;
    const char *url;
    caws_status status;
} result;

/* NULL: absent. */
static result run_with(const caws_rule *rules, uint16_t count, caws_rule_value *values)
{
    const caws_endpoint_rules table = {.text = text,
                                       .nodes = nodes,
                                       .conditions = conditions,
                                       .rules = rules,
                                       .parameters = parameters,
                                       .rule_count = count,
                                       .parameter_count = 4,
                                       .value_count = 5};
    result r = {.arena = CAWS_ARENA_INIT, .error = CAWS_ERROR_INIT};
    r.status = caws_rules_evaluate(&table, values, &r.arena, &r.url, &r.endpoint, &r.error);
    assert_int_equal(r.status, r.error.status);
    return r;
}

static result run(const caws_rule *rules, uint16_t count, const char *region, const char *name)
{
    caws_rule_value values[5] = {
        caws_rule_text(region), {.kind = CAWS_VALUE_ABSENT}, caws_rule_text(name)};
    return run_with(rules, count, values);
}

static void forget(result *r)
{
    caws_arena_clear(&r->arena);
    caws_error_clear(&r->error);
}

static void fails(result r, const char *message)
{
    assert_int_equal(r.status, CAWS_ERROR_ENDPOINT);
    assert_string_equal(r.error.message, message);
    assert_null(r.url);
    forget(&r);
}

static void gives_all_of_an_endpoint(void **state)
{
    (void)state;
    static const caws_rule rules[] = {{0, 0, 6, 0}};
    result r = run(rules, 1, "mars", "base");
    assert_int_equal(r.status, CAWS_OK);
    assert_string_equal(r.url, "https://base");
    assert_string_equal(r.endpoint.signing_name, "base");
    assert_string_equal(r.endpoint.signing_region, "mars");
    assert_null(r.endpoint.unsupported_auth); /* the array is absent */
    const caws_endpoint_header *last = r.endpoint.headers;
    assert_string_equal(last->name, "x-two");
    assert_string_equal(last->value, "mars");
    assert_string_equal(last->next->name, "x-one");
    assert_null(last->next->next);
    forget(&r);
}

static void makes_arrays(void **state)
{
    (void)state;
    static const caws_rule second[] = {{0, 0, 33, 0}};
    static const caws_rule nothing[] = {{0, 0, 38, 0}};
    static const caws_rule no_text[] = {{0, 0, 41, 0}};
    result r = run(second, 1, "mars", "base");
    assert_int_equal(r.status, CAWS_ERROR_ENDPOINT);
    assert_non_null(strstr(r.error.message, "base"));
    forget(&r);
    r = run(nothing, 1, "mars", "base");
    assert_int_equal(r.status, CAWS_ERROR_ENDPOINT);
    assert_null(strstr(r.error.message, "mars"));
    forget(&r);
    r = run(no_text, 1, "mars", "base");
    assert_int_equal(r.status, CAWS_ERROR_ENDPOINT);
    assert_null(strstr(r.error.message, "https"));
    forget(&r);
}

static void leaves_out_what_is_absent(void **state)
{
    (void)state;
    static const caws_rule rules[] = {{0, 0, 6, 0}};
    result r = run(rules, 1, NULL, "base");
    assert_int_equal(r.status, CAWS_OK);
    assert_null(r.endpoint.signing_region);
    assert_string_equal(r.endpoint.headers->name, "x-one");
    assert_null(r.endpoint.headers->next);
    forget(&r);
}

static void wants_what_is_required(void **state)
{
    (void)state;
    static const caws_rule rules[] = {{0, 0, 28, 0}};
    fails(run(rules, 1, "mars", NULL), "the endpoint rules need a value for Name");
    result r = run(rules, 1, "mars", "");
    assert_int_equal(r.status, CAWS_OK);
    forget(&r);
}

static void takes_defaults(void **state)
{
    (void)state;
    static const caws_rule rules[] = {{FLAG, 1, 28, 0}};
    result r = run(rules, 1, "mars", "x");
    assert_int_equal(r.status, CAWS_OK);
    forget(&r);
    caws_rule_value values[5] = {caws_rule_text("mars"), caws_rule_boolean(false),
                                 caws_rule_text("x")};
    fails(run_with(rules, 1, values), "no endpoint rule holds");
}

static void goes_from_rule_to_rule(void **state)
{
    (void)state;
    /* A tree whose child does not hold has no way out, though another rule would hold. */
    static const caws_rule closed[] = {{FLAG, 1, 0, 2}, {NOT_FLAG, 1, 28, 0}, {0, 0, 28, 0}};
    fails(run(closed, 3, "mars", "x"), "no endpoint rule holds");
    static const caws_rule open[] = {{NOT_FLAG, 1, 0, 2}, {0, 0, 6, 0}, {FLAG, 1, 28, 0}};
    result r = run(open, 3, "mars", "x");
    assert_int_equal(r.status, CAWS_OK);
    assert_string_equal(r.url, "mars");
    forget(&r);
}

static void compares(void **state)
{
    (void)state;
    static const caws_rule rules[] = {{SAME, 1, 28, 0}};
    result r = run(rules, 1, "mars", "mars");
    assert_int_equal(r.status, CAWS_OK);
    forget(&r);
    static const char *const others[] = {"marz", "mar", "marsh", ""};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        fails(run(rules, 1, "mars", others[i]), "no endpoint rule holds");
    fails(run(rules, 1, NULL, "mars"), "no endpoint rule holds");
    static const caws_rule numbers[] = {{NUMBERS, 1, 28, 0}};
    fails(run(numbers, 1, "mars", "x"), "no endpoint rule holds");
}

static void fails_without_a_result(void **state)
{
    (void)state;
    static const caws_rule rules[] = {{0, 0, 28, 0}};
    fails(run(rules, 1, NULL, "x"), "the endpoint rules give a result of what is absent");
    static const caws_rule errors[] = {{0, 0, 21, 0}};
    fails(run(errors, 1, NULL, "x"), "the endpoint rules give a result of what is absent");
}

/* A part of a text becomes a text of its own in the result. */
static void ends_texts(void **state)
{
    (void)state;
    static const caws_rule rules[] = {{TAKE_PART, 1, 21, 0}};
    const caws_rule_value parts[] = {caws_rule_text("a"), caws_rule_text_part("%s is wrong", 5)};
    caws_rule_value values[5] = {{.kind = CAWS_VALUE_ABSENT},
                                 {.kind = CAWS_VALUE_ABSENT},
                                 caws_rule_text("x"),
                                 {.items = parts, .count = 2, .kind = CAWS_VALUE_ARRAY}};
    fails(run_with(rules, 1, values), "%s is");
    values[3].count = 1; /* there is no second part, so the condition does not hold */
    fails(run_with(rules, 1, values), "no endpoint rule holds");
}

static void sets_what_is_built_in(void **state)
{
    (void)state;
    static const caws_rule_parameter all[] = {
        {0, CAWS_RULE_CONTEXT, 0, 0},         {0, CAWS_RULE_REGION, 0, 0},
        {0, CAWS_RULE_USE_FIPS, 0, 0},        {0, CAWS_RULE_USE_DUAL_STACK, 0, 0},
        {0, CAWS_RULE_CUSTOM_ENDPOINT, 0, 0}, {0, CAWS_RULE_ACCOUNT_ID, 0, 0},
        {0, CAWS_RULE_ACCOUNT_ID_MODE, 0, 0}, {0, CAWS_RULE_REGION, 0, 0},
    };
    static const caws_endpoint_rules table = {
        .text = text, .parameters = all, .parameter_count = 8, .value_count = 8};
    static const caws_rule_builtins builtins = {.region = "r",
                                                .custom_endpoint = "e",
                                                .account_id = NULL,
                                                .account_id_mode = "m",
                                                .use_dual_stack = true};
    caws_rule_value values[8] = {{.kind = CAWS_VALUE_ABSENT}};
    values[7] = caws_rule_text("mine");
    caws_rules_set_builtins(&table, &builtins, values);
    assert_int_equal(values[0].kind, CAWS_VALUE_ABSENT);
    assert_string_equal(values[1].text, "r");
    assert_int_equal(values[2].kind, CAWS_VALUE_BOOLEAN);
    assert_int_equal(values[2].count, 0);
    assert_int_equal(values[3].count, 1);
    assert_string_equal(values[4].text, "e");
    assert_int_equal(values[5].kind, CAWS_VALUE_ABSENT);
    assert_string_equal(values[6].text, "m");
    assert_string_equal(values[7].text, "mine");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_all_of_an_endpoint),
        cmocka_unit_test(makes_arrays),
        cmocka_unit_test(leaves_out_what_is_absent),
        cmocka_unit_test(wants_what_is_required),
        cmocka_unit_test(takes_defaults),
        cmocka_unit_test(goes_from_rule_to_rule),
        cmocka_unit_test(compares),
        cmocka_unit_test(fails_without_a_result),
        cmocka_unit_test(ends_texts),
        cmocka_unit_test(sets_what_is_built_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
