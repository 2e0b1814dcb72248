#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "expect_violations.h"
#include "value.h"

static const caws_type secret_short_string = {
    .kind = CAWS_KIND_STRING, .constraints = &short_text, .flags = CAWS_TYPE_SENSITIVE};
static const caws_type secret_ab_type = {
    .kind = CAWS_KIND_STRING, .constraints = &ab_limits, .flags = CAWS_TYPE_SENSITIVE};

static void never_tells_sensitive_values(void **state)
{
    (void)state;
    static const caws_constraints range = {
        .min = 0, .max = 9, .flags = CAWS_HAS_MIN | CAWS_HAS_MAX};
    static const caws_type number = {
        .kind = CAWS_KIND_LONG, .constraints = &range, .flags = CAWS_TYPE_SENSITIVE};
    static const caws_type ratio = {
        .kind = CAWS_KIND_DOUBLE, .constraints = &range, .flags = CAWS_TYPE_SENSITIVE};
    holder h;
    const char *text = "aaZ";
    FINDS(hold(&h, "p", &secret_ab_type, 0), &text,
          {"p", CAWS_CONSTRAINT_PATTERN, 2, 0, "p: a character at byte 2 does not fit" AB});
    caws_opt_i64 pin = caws_i64(4711);
    FINDS(hold(&h, "pin", &number, 0), &pin,
          {"pin", CAWS_CONSTRAINT_RANGE, 0, 9, "pin: a value, at most 9"});
    pin = caws_i64(-4711);
    FINDS(hold(&h, "pin", &number, 0), &pin,
          {"pin", CAWS_CONSTRAINT_RANGE, 0, 0, "pin: a value, at least 0"});
    const caws_opt_double x = caws_double(47.11);
    FINDS(hold(&h, "x", &ratio, 0), &x,
          {"x", CAWS_CONSTRAINT_RANGE, 0, 9, "x: a value, at most 9"});
}

/* All that is inside of a sensitive value is sensitive: keys, and strings of plain types. */
static void never_tells_what_is_inside_of_sensitive_values(void **state)
{
    (void)state;
    static const caws_string_map_entry entries[] = {{"PIN", "long"}};
    const caws_string_map input = {entries, 1};
    holder h;
    caws_type map = tags_type;
    map.flags = CAWS_TYPE_SENSITIVE;
    FINDS(hold(&h, "m", &map, 0), &input,
          {"m[0]", CAWS_CONSTRAINT_LENGTH, 4, 3, "m[0]: 4 characters, at most 3"});

    caws_member rows[2] = {tag_rows[0], tag_rows[1]};
    rows[0].type = &secret_short_string;
    map.flags = 0;
    map.members = rows;
    FINDS(hold(&h, "m", &map, 0), &input,
          {"m[0]", CAWS_CONSTRAINT_LENGTH, 4, 3, "m[0]: 4 characters, at most 3"});

    /* Sensitive structure -> plain structure -> map and string of plain types. */
    typedef struct inner {
        caws_string_map tags;
        const char *text;
    } inner;
    static const caws_member inner_members[] = {
        {"tags", &tags_type, offsetof(inner, tags), 0, NULL},
        {"text", &ab_type, offsetof(inner, text), 0, NULL},
    };
    static const caws_type inner_type = {
        .kind = CAWS_KIND_STRUCTURE, .members = inner_members, .member_count = 2};
    static const caws_member outer_members[] = {{"inner", &inner_type, 0, 0, NULL}};
    static const caws_type outer_type = {.kind = CAWS_KIND_STRUCTURE,
                                         .members = outer_members,
                                         .member_count = 1,
                                         .flags = CAWS_TYPE_SENSITIVE};
    const inner value = {input, "aaZ"};
    const inner *outer = &value;
    const inner *const *root = &outer;
    FINDS(hold(&h, "s", &outer_type, 0), &root,
          {"s.inner.tags[0]", CAWS_CONSTRAINT_LENGTH, 4, 3,
           "s.inner.tags[0]: 4 characters, at most 3"},
          {"s.inner.text", CAWS_CONSTRAINT_PATTERN, 2, 0,
           "s.inner.text: a character at byte 2 does not fit" AB});
    FINDS(&outer_type, &outer,
          {"inner.tags[0]", CAWS_CONSTRAINT_LENGTH, 4, 3, "inner.tags[0]: 4 characters, at most 3"},
          {"inner.text", CAWS_CONSTRAINT_PATTERN, 2, 0,
           "inner.text: a character at byte 2 does not fit" AB});

    /* And not beyond it: the next member is told again. */
    typedef struct neighbours {
        const inner *const *secret;
        const char *open;
    } neighbours;
    static const caws_member neighbour_members[] = {
        {"secret", &outer_type, offsetof(neighbours, secret), 0, NULL},
        {"open", &ab_type, offsetof(neighbours, open), 0, NULL},
    };
    static const caws_type neighbours_type = {
        .kind = CAWS_KIND_STRUCTURE, .members = neighbour_members, .member_count = 2};
    const inner fine = {{NULL, 0}, "b"};
    const inner *fine_outer = &fine;
    const neighbours both = {&fine_outer, "Z"};
    FINDS(&neighbours_type, &both,
          {"open", CAWS_CONSTRAINT_PATTERN, 0, 0, "open: 'Z' at byte 0 does not fit" AB});
}

/* A request in small: required members, a list of structures, scalars. */
typedef struct event {
    const char *message;
    caws_opt_i64 timestamp;
} event;

typedef struct events {
    const event *items;
    size_t count;
} events;

typedef struct put_input {
    const char *group;
    const char *token;
    events log_events;
    caws_opt_i32 limit;
} put_input;

static const caws_member event_members[] = {
    {"message", &short_string, offsetof(event, message), CAWS_MEMBER_REQUIRED, NULL},
    {"timestamp", &caws_type_timestamp, offsetof(event, timestamp), CAWS_MEMBER_REQUIRED, NULL},
};
static const caws_type event_type = {.kind = CAWS_KIND_STRUCTURE,
                                     .members = event_members,
                                     .member_count = 2,
                                     .size = sizeof(event)};
static const caws_member events_item = {"member", &event_type, 0, 0, NULL};
static const caws_type events_type = {
    .kind = CAWS_KIND_LIST, .members = &events_item, .member_count = 1, .size = sizeof(event)};
static const caws_constraints limit_range = {
    .min = 1, .max = 50, .flags = CAWS_HAS_MIN | CAWS_HAS_MAX};
static const caws_type limit_type = {.kind = CAWS_KIND_INTEGER, .constraints = &limit_range};
static const caws_member put_members[] = {
    {"groupName", &short_string, offsetof(put_input, group), CAWS_MEMBER_REQUIRED, NULL},
    {"token", &caws_type_string, offsetof(put_input, token),
     CAWS_MEMBER_REQUIRED | CAWS_MEMBER_IDEMPOTENCY_TOKEN, NULL},
    {"logEvents", &events_type, offsetof(put_input, log_events), CAWS_MEMBER_REQUIRED, NULL},
    {"limit", &limit_type, offsetof(put_input, limit), 0, NULL},
};
static const caws_type put_type = {.kind = CAWS_KIND_STRUCTURE,
                                   .members = put_members,
                                   .member_count = 4,
                                   .size = sizeof(put_input)};

static void wants_required_members_only(void **state)
{
    (void)state;
    static const put_input nothing = {0};
    static const expected missing[] = {
        {"groupName", CAWS_CONSTRAINT_REQUIRED, 0, 0, "groupName: required"},
        {"logEvents", CAWS_CONSTRAINT_REQUIRED, 0, 0, "logEvents: required"},
    };
    finds(&put_type, &nothing, CAWS_VALIDATE_ALL, missing, 2);
    finds(&put_type, NULL, CAWS_VALIDATE_ALL, missing, 2);
    finds(&put_type, &nothing, CAWS_VALIDATE_REQUIRED, missing, 2);
    finds(&put_type, NULL, CAWS_VALIDATE_REQUIRED, missing, 2);

    static const event empty[1] = {{NULL, {false, 0}}};
    const put_input present = {.group = "g", .log_events = {empty, 0}};
    PASSES(&put_type, &present);

    static const caws_type no_members = {.kind = CAWS_KIND_STRUCTURE};
    PASSES(&no_members, NULL);
    PASSES(&no_members, &present);
}

static void lists_all_violations_in_order(void **state)
{
    (void)state;
    static const event list[] = {
        {"ok", {true, 1}}, {NULL, {true, 1}}, {"", {false, 1}}, {"long!", {true, 1}}};
    const put_input input = {
        .group = "group", .token = "\xFF", .log_events = {list, 4}, .limit = {true, 51}};
    FINDS(
        &put_type, &input,
        {"groupName", CAWS_CONSTRAINT_LENGTH, 5, 3, "groupName: 5 characters, at most 3"},
        {"token", CAWS_CONSTRAINT_UTF8, 0, 0, "token: not UTF-8 at byte 0"},
        {"logEvents[1].message", CAWS_CONSTRAINT_REQUIRED, 0, 0, "logEvents[1].message: required"},
        {"logEvents[2].message", CAWS_CONSTRAINT_LENGTH, 0, 1,
         "logEvents[2].message: 0 characters, at least 1"},
        {"logEvents[2].timestamp", CAWS_CONSTRAINT_REQUIRED, 0, 0,
         "logEvents[2].timestamp: required"},
        {"logEvents[3].message", CAWS_CONSTRAINT_LENGTH, 5, 3,
         "logEvents[3].message: 5 characters, at most 3"},
        {"limit", CAWS_CONSTRAINT_RANGE, 51, 50, "limit: 51, at most 50"});

    static const expected needed[] = {
        {"token", CAWS_CONSTRAINT_UTF8, 0, 0, "token: not UTF-8 at byte 0"},
        {"logEvents[1].message", CAWS_CONSTRAINT_REQUIRED, 0, 0, "logEvents[1].message: required"},
        {"logEvents[2].timestamp", CAWS_CONSTRAINT_REQUIRED, 0, 0,
         "logEvents[2].timestamp: required"},
    };
    finds(&put_type, &input, CAWS_VALIDATE_REQUIRED, needed, 3);
}

static void shortens_the_message_but_not_the_list(void **state)
{
    (void)state;
    static event list[5000];
    for (size_t count = 9; count <= 5000; count = count < 13 ? count + 1 : count * 3) {
        for (size_t i = 0; i < count; i++)
            list[i] = (event){"long!", {true, 0}};
        const put_input input = {.group = "g", .log_events = {list, count}};
        caws_error error = CAWS_ERROR_INIT;
        assert_int_equal(caws_validate(&put_type, &input, CAWS_VALIDATE_ALL, &error),
                         CAWS_ERROR_INVALID_INPUT);
        assert_int_equal(error.violation_count, count);
        for (size_t i = 0; i < count; i++) {
            char path[40];
            (void)snprintf(path, sizeof(path), "logEvents[%zu].message", i);
            assert_string_equal(error.violations[i].path, path);
        }
        char whole[80] = "; logEvents[8].message: 5 characters, at most 3";
        if (count >= 10)
            whole[12] = '9';
        if (count > 10)
            (void)snprintf(whole + strlen(whole), sizeof(whole) - strlen(whole), "; and %zu more",
                           count - 10);
        assert_true(strlen(error.message) > strlen(whole));
        assert_string_equal(error.message + strlen(error.message) - strlen(whole), whole);
        caws_error_clear(&error);
    }
}

typedef struct choice {
    const char *a;
    caws_opt_i64 b;
} choice;

static void wants_exactly_one_member_of_a_union(void **state)
{
    (void)state;
    static const caws_member members[] = {
        {"a", &short_string, offsetof(choice, a), 0, NULL},
        {"b", &caws_type_long, offsetof(choice, b), 0, NULL},
    };
    static const caws_type type = {.kind = CAWS_KIND_STRUCTURE,
                                   .members = members,
                                   .member_count = 2,
                                   .size = sizeof(choice),
                                   .flags = CAWS_TYPE_UNION};
    static const choice none = {NULL, {false, 5}};
    static const choice one = {NULL, {true, 0}};
    static const choice other = {"", {false, 0}};
    static const choice two = {"x", {true, 0}};
    static const expected zero_text = {"u", CAWS_CONSTRAINT_UNION, 0, 1,
                                       "u: 0 members of the union set, exactly 1 must be"};
    static const expected two_text = {"u", CAWS_CONSTRAINT_UNION, 2, 1,
                                      "u: 2 members of the union set, exactly 1 must be"};
    holder h;
    const caws_type *input_type = hold(&h, "u", &type, 0);
    const choice *input = &one;
    PASSES(input_type, &input);
    for (int mode = CAWS_VALIDATE_ALL; mode <= CAWS_VALIDATE_REQUIRED; mode++) {
        input = &none;
        finds(input_type, &input, (caws_validation)mode, &zero_text, 1);
        input = &two;
        finds(input_type, &input, (caws_validation)mode, &two_text, 1);
    }
    input = &other; /* the one member is checked */
    FINDS(input_type, &input,
          {"u.a", CAWS_CONSTRAINT_LENGTH, 0, 1, "u.a: 0 characters, at least 1"});
    input = NULL;
    PASSES(input_type, &input);
    FINDS(&type, NULL,
          {"input", CAWS_CONSTRAINT_UNION, 0, 1,
           "input: 0 members of the union set, exactly 1 must be"});
}

/* Structures that point to their own kind, twice. */
typedef struct node {
    const struct node *left;
    const struct node *right;
    const char *name;
} node;

static const caws_type node_type;
static const caws_member node_members[] = {
    {"left", &node_type, offsetof(node, left), 0, NULL},
    {"right", &node_type, offsetof(node, right), 0, NULL},
    {"name", &caws_type_string, offsetof(node, name), 0, NULL},
};
static const caws_type node_type = {
    .kind = CAWS_KIND_STRUCTURE, .members = node_members, .member_count = 3, .size = sizeof(node)};

static void ends_in_a_circle(void **state)
{
    (void)state;
    node circle = {&circle, &circle, "x"};
    node right_only = {NULL, &right_only, NULL};
    node a = {NULL, NULL, "a"};
    node b = {&a, &a, "b"};
    a.left = &b;
    a.right = &b;
    const node *roots[] = {&circle, &right_only, &a};
    for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
        for (int mode = CAWS_VALIDATE_ALL; mode <= CAWS_VALIDATE_REQUIRED; mode++) {
            caws_error error = CAWS_ERROR_INIT;
            assert_int_equal(caws_validate(&node_type, roots[i], (caws_validation)mode, &error),
                             CAWS_ERROR_INVALID_INPUT);
            assert_int_equal(error.violation_count, 1);
            assert_int_equal(error.violations[0].constraint, CAWS_CONSTRAINT_DEPTH);
            assert_int_equal(error.violations[0].limit, CAWS_MAX_DEPTH);
            assert_int_equal(error.violations[0].actual, CAWS_MAX_DEPTH + 1);
            assert_non_null(strstr(error.message, ": nested more than 100 levels deep"));
            caws_error_clear(&error);
        }
}

static void ends_in_a_circle_of_lists(void **state)
{
    (void)state;
    typedef struct loop {
        const struct loop *items;
        size_t count;
    } loop;
    caws_member item = {"member", NULL, 0, 0, NULL};
    const caws_type type = {
        .kind = CAWS_KIND_LIST, .members = &item, .member_count = 1, .size = sizeof(loop)};
    item.type = &type;
    loop list[50];
    for (size_t i = 0; i < 50; i++)
        list[i] = (loop){list, 50};
    holder h;
    caws_error error = CAWS_ERROR_INIT;
    assert_int_equal(caws_validate(hold(&h, "l", &type, 0), list, CAWS_VALIDATE_ALL, &error),
                     CAWS_ERROR_INVALID_INPUT);
    assert_int_equal(error.violation_count, 1);
    assert_int_equal(error.violations[0].constraint, CAWS_CONSTRAINT_DEPTH);
    caws_error_clear(&error);
}

/* Each list in a list is a level of its own. */
static void allows_lists_as_deep_as_the_limit(void **state)
{
    (void)state;
    typedef struct loop {
        const struct loop *items;
        size_t count;
    } loop;
    caws_member item = {"member", NULL, 0, 0, NULL};
    const caws_type type = {
        .kind = CAWS_KIND_LIST, .members = &item, .member_count = 1, .size = sizeof(loop)};
    item.type = &type;
    for (size_t length = CAWS_MAX_DEPTH - 1; length <= CAWS_MAX_DEPTH + 1; length++) {
        loop chain[CAWS_MAX_DEPTH + 2] = {{NULL, 0}};
        for (size_t i = 0; i + 1 < length; i++)
            chain[i] = (loop){&chain[i + 1], 1};
        holder h;
        caws_error error = CAWS_ERROR_INIT;
        assert_int_equal(caws_validate(hold(&h, "l", &type, 0), chain, CAWS_VALIDATE_ALL, &error),
                         length <= CAWS_MAX_DEPTH ? CAWS_OK : CAWS_ERROR_INVALID_INPUT);
        caws_error_clear(&error);
    }
}

static void allows_values_as_deep_as_the_limit(void **state)
{
    (void)state;
    static node chain[CAWS_MAX_DEPTH + 2];
    for (size_t length = CAWS_MAX_DEPTH - 1; length <= CAWS_MAX_DEPTH + 1; length++) {
        for (size_t i = 0; i < length; i++)
            chain[i] = (node){i + 1 < length ? &chain[i + 1] : NULL, NULL, NULL};
        chain[length - 1].name = "leaf"; /* as many levels below the root as there are nodes */
        caws_error error = CAWS_ERROR_INIT;
        caws_status status = caws_validate(&node_type, chain, CAWS_VALIDATE_ALL, &error);
        assert_int_equal(status, length <= CAWS_MAX_DEPTH ? CAWS_OK : CAWS_ERROR_INVALID_INPUT);
        caws_error_clear(&error);
    }
}

static void leaves_a_good_input_without_traces(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    static const event list[] = {{"ok", {true, -1}}};
    const put_input input = {.group = "g", .log_events = {list, 1}, .limit = {true, 50}};
    assert_int_equal(caws_validate(&put_type, &input, CAWS_VALIDATE_ALL, &error), CAWS_OK);
    assert_null(error.storage);
    assert_int_equal(error.status, CAWS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_tells_sensitive_values),
        cmocka_unit_test(never_tells_what_is_inside_of_sensitive_values),
        cmocka_unit_test(wants_required_members_only),
        cmocka_unit_test(lists_all_violations_in_order),
        cmocka_unit_test(shortens_the_message_but_not_the_list),
        cmocka_unit_test(wants_exactly_one_member_of_a_union),
        cmocka_unit_test(ends_in_a_circle),
        cmocka_unit_test(ends_in_a_circle_of_lists),
        cmocka_unit_test(allows_values_as_deep_as_the_limit),
        cmocka_unit_test(allows_lists_as_deep_as_the_limit),
        cmocka_unit_test(leaves_a_good_input_without_traces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
