/* What operations tell the endpoint rules, over tables written by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "endpoint_context.h"

/* Input {name, flag, tags: {string: string}, items: [{left: {name}, right: {name}}]} */

typedef struct side {
    const char *name;
} side;

typedef struct item {
    const side *left;
    const side *right;
} item;

typedef struct entry {
    const char *key;
    const char *value;
} entry;

typedef struct request {
    const char *name;
    caws_opt_bool flag;
    struct {
        const entry *items;
        size_t count;
    } tags;
    struct {
        const item *items;
        size_t count;
    } items;
} request;

static const caws_member side_members[] = {
    {"name", &caws_type_string, offsetof(side, name), 0, NULL}};
static const caws_type side_type = {
    .kind = CAWS_KIND_STRUCTURE, .members = side_members, .member_count = 1, .size = sizeof(side)};
static const caws_member item_members[] = {{"left", &side_type, offsetof(item, left), 0, NULL},
                                           {"right", &side_type, offsetof(item, right), 0, NULL}};
static const caws_type item_type = {
    .kind = CAWS_KIND_STRUCTURE, .members = item_members, .member_count = 2, .size = sizeof(item)};
static const caws_member list_member[] = {{"member", &item_type, 0, 0, NULL}};
static const caws_type list_type = {
    .kind = CAWS_KIND_LIST, .members = list_member, .member_count = 1, .size = sizeof(item)};
static const caws_member map_members[] = {
    {"key", &caws_type_string, offsetof(entry, key), 0, NULL},
    {"value", &caws_type_string, offsetof(entry, value), 0, NULL}};
static const caws_type map_type = {
    .kind = CAWS_KIND_MAP, .members = map_members, .member_count = 2, .size = sizeof(entry)};
static const caws_member request_members[] = {
    {"name", &caws_type_string, offsetof(request, name), 0, NULL},
    {"flag", &caws_type_boolean, offsetof(request, flag), 0, NULL},
    {"tags", &map_type, offsetof(request, tags), 0, NULL},
    {"items", &list_type, offsetof(request, items), 0, NULL}};
static const caws_type request_type = {.kind = CAWS_KIND_STRUCTURE,
                                       .members = request_members,
                                       .member_count = 4,
                                       .size = sizeof(request)};

static const uint16_t to_name[] = {0};
static const uint16_t to_flag[] = {1};
static const uint16_t to_tags[] = {2};
static const uint16_t to_left_name[] = {3, 0, 0};
static const uint16_t to_items[] = {3};
static const uint16_t left_name[] = {0, 0};
static const uint16_t right_name[] = {1, 0};
static const caws_path both_names[] = {{right_name, 2}, {left_name, 2}};

enum { COUNT = 4 };

typedef struct answer {
    caws_arena arena;
    caws_rule_value values[COUNT];
} answer;

static answer fill(const caws_context_parameter *rows, uint16_t count, const request *input)
{
    const caws_context context = {NULL, &caws_context_read, rows, count};
    const caws_operation operation = {.input = &request_type, .context = &context};
    answer a = {.arena = CAWS_ARENA_INIT};
    assert_true(context.reader->fill(&operation, input, &a.arena, a.values));
    return a;
}

static void text_is(const caws_rule_value *value, const char *text)
{
    assert_int_equal(value->kind, CAWS_VALUE_TEXT);
    assert_int_equal(value->count, strlen(text));
    assert_memory_equal(value->text, text, value->count);
}

static void gives_constants(void **state)
{
    (void)state;
    static const caws_context_parameter rows[] = {
        {.text = "control", .parameter = 2, .kind = CAWS_CONTEXT_TEXT},
        {.parameter = 0, .kind = CAWS_CONTEXT_TRUE},
        {.parameter = 1, .kind = CAWS_CONTEXT_FALSE},
    };
    answer a = fill(rows, 3, NULL);
    assert_int_equal(a.values[0].kind, CAWS_VALUE_BOOLEAN);
    assert_int_equal(a.values[0].count, 1);
    assert_int_equal(a.values[1].kind, CAWS_VALUE_BOOLEAN);
    assert_int_equal(a.values[1].count, 0);
    text_is(&a.values[2], "control");
    assert_int_equal(a.values[3].kind, CAWS_VALUE_ABSENT);
    caws_arena_clear(&a.arena);
}

static void finds_members(void **state)
{
    (void)state;
    static const caws_context_parameter rows[] = {
        {.path = {to_name, 1}, .parameter = 0, .kind = CAWS_CONTEXT_FIRST},
        {.path = {to_flag, 1}, .parameter = 1, .kind = CAWS_CONTEXT_FIRST},
    };
    const request present = {.name = "n", .flag = {true, true}};
    answer a = fill(rows, 2, &present);
    text_is(&a.values[0], "n");
    assert_int_equal(a.values[1].kind, CAWS_VALUE_BOOLEAN);
    assert_int_equal(a.values[1].count, 1);
    caws_arena_clear(&a.arena);
    const request absent = {.name = NULL};
    const request *const inputs[] = {&absent, NULL};
    for (size_t i = 0; i < 2; i++) {
        a = fill(rows, 2, inputs[i]);
        assert_int_equal(a.values[0].kind, CAWS_VALUE_ABSENT);
        assert_int_equal(a.values[1].kind, CAWS_VALUE_ABSENT);
    }
}

static void keeps_the_first_that_has_a_value(void **state)
{
    (void)state;
    static const caws_context_parameter rows[] = {
        {.path = {to_left_name, 3}, .parameter = 0, .kind = CAWS_CONTEXT_FIRST},
        {.path = {to_name, 1}, .parameter = 0, .kind = CAWS_CONTEXT_FIRST},
        {.text = "last", .parameter = 0, .kind = CAWS_CONTEXT_TEXT},
    };
    const side left = {"left"};
    const item items[] = {{NULL, &left}, {&left, NULL}};
    const request all = {.name = "n", .items = {items, 2}};
    const request named = {.name = "n"};
    const request nothing = {.name = NULL};
    answer a = fill(rows, 3, &all);
    text_is(&a.values[0], "left");
    caws_arena_clear(&a.arena);
    a = fill(rows, 3, &named);
    text_is(&a.values[0], "n");
    caws_arena_clear(&a.arena);
    a = fill(rows, 3, &nothing);
    text_is(&a.values[0], "last");
    caws_arena_clear(&a.arena);
}

/* The input may be gone before the rules are asked. */
static void borrows_nothing(void **state)
{
    (void)state;
    static const caws_context_parameter rows[] = {
        {.path = {to_name, 1}, .parameter = 0, .kind = CAWS_CONTEXT_FIRST},
        {.path = {to_tags, 1}, .parameter = 3, .kind = CAWS_CONTEXT_ALL},
    };
    char name[] = "name";
    char key[] = "key";
    const entry tags[] = {{key, NULL}};
    const request input = {.name = name, .tags = {tags, 1}};
    answer a = fill(rows, 2, &input);
    memset(name, '#', sizeof(name));
    memset(key, '#', sizeof(key));
    text_is(&a.values[0], "name");
    text_is(&a.values[3].items[0], "key");
    caws_arena_clear(&a.arena);
}

static void collects_keys(void **state)
{
    (void)state;
    static const caws_context_parameter rows[] = {
        {.path = {to_tags, 1}, .parameter = 3, .kind = CAWS_CONTEXT_ALL}};
    const entry tags[] = {{"a", "1"}, {NULL, "2"}, {"b", NULL}};
    const request input = {.tags = {tags, 3}};
    answer a = fill(rows, 1, &input);
    assert_int_equal(a.values[3].kind, CAWS_VALUE_ARRAY);
    assert_int_equal(a.values[3].count, 2);
    text_is(&a.values[3].items[0], "a");
    text_is(&a.values[3].items[1], "b");
    caws_arena_clear(&a.arena);
    const request empty = {.tags = {tags, 0}};
    a = fill(rows, 1, &empty);
    assert_int_equal(a.values[3].kind, CAWS_VALUE_ABSENT);
}

/* items[*].[right.name, left.name][]: item by item, in this order, nothing for what is absent. */
static void follows_several_paths_from_each(void **state)
{
    (void)state;
    static const caws_context_parameter rows[] = {
        {.path = {to_items, 1}, .each = both_names, .each_count = 2, .kind = CAWS_CONTEXT_ALL}};
    enum { MANY = 1000 };
    static const char *const names[] = {"a", "b", "c", "d"};
    side sides[4];
    for (size_t i = 0; i < 4; i++)
        sides[i].name = names[i];
    const side nameless = {NULL};
    item *items = calloc(MANY, sizeof(*items));
    assert_non_null(items);
    items[0] = (item){&sides[0], &sides[1]};
    items[1] = (item){&nameless, NULL};
    for (size_t i = 2; i < MANY; i++)
        items[i] = (item){&sides[2], NULL};
    items[MANY - 1].right = &sides[3];
    const request input = {.items = {items, MANY}};
    answer a = fill(rows, 1, &input);
    assert_int_equal(a.values[0].kind, CAWS_VALUE_ARRAY);
    assert_int_equal(a.values[0].count, MANY + 1);
    text_is(&a.values[0].items[0], "b");
    text_is(&a.values[0].items[1], "a");
    text_is(&a.values[0].items[2], "c");
    text_is(&a.values[0].items[MANY - 1], "d");
    text_is(&a.values[0].items[MANY], "c");
    caws_arena_clear(&a.arena);
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_constants),
        cmocka_unit_test(finds_members),
        cmocka_unit_test(keeps_the_first_that_has_a_value),
        cmocka_unit_test(borrows_nothing),
        cmocka_unit_test(collects_keys),
        cmocka_unit_test(follows_several_paths_from_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
