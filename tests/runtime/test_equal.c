#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "equal.h"

/* {text, number, list: [text], map: {text: node}, next: node, on, bytes, small, real} */
typedef struct node node;

typedef struct node_entry {
    const char *key;
    const void *unused; /* an entry's value need not stand right behind its key */
    const caws_string_list value;
} node_entry;

typedef struct node_map {
    const node_entry *items;
    size_t count;
} node_map;

struct node {
    const char *text;
    caws_opt_i64 number;
    caws_string_list list;
    node_map map;
    const node *next;
    caws_opt_bool on;
    caws_blob bytes;
    caws_opt_i32 small;
    caws_opt_double real;
};

static const caws_member list_row[] = {{"member", &caws_type_string, 0, 0, NULL}};
static const caws_type list_type = {
    .kind = CAWS_KIND_LIST, .members = list_row, .member_count = 1, .size = sizeof(char *)};
static const caws_member map_rows[] = {
    {"key", &caws_type_string, offsetof(node_entry, key), 0, NULL},
    {"value", &list_type, offsetof(node_entry, value), 0, NULL},
};
static const caws_type map_type = {
    .kind = CAWS_KIND_MAP, .members = map_rows, .member_count = 2, .size = sizeof(node_entry)};
static const caws_type node_type;
static const caws_member node_rows[] = {
    {"text", &caws_type_string, offsetof(node, text), 0, NULL},
    {"number", &caws_type_long, offsetof(node, number), 0, NULL},
    {"list", &list_type, offsetof(node, list), 0, NULL},
    {"map", &map_type, offsetof(node, map), 0, NULL},
    {"next", &node_type, offsetof(node, next), 0, NULL},
    {"on", &caws_type_boolean, offsetof(node, on), 0, NULL},
    {"bytes", &caws_type_blob, offsetof(node, bytes), 0, NULL},
    {"small", &caws_type_integer, offsetof(node, small), 0, NULL},
    {"real", &caws_type_double, offsetof(node, real), 0, NULL},
};
static const caws_type node_type = {
    .kind = CAWS_KIND_STRUCTURE, .members = node_rows, .member_count = 9, .size = sizeof(node)};

static bool equal(const node *one, const node *other)
{
    bool result = caws_values_equal(&node_type, one, other);
    assert_int_equal(caws_values_equal(&node_type, other, one), result);
    assert_true(caws_values_equal(&node_type, one, one));
    return result;
}

/* Texts from different places in memory: the pointers must not decide. */
static const char a1[] = "a";
static const char a2[] = "a";
static const char *const ab1[] = {a1, "b"};
static const char *const ab2[] = {a2, "b"};
static const char *const ba[] = {"b", a1};
static const uint8_t bytes1[] = {1, 0, 2};
static const uint8_t bytes2[] = {1, 0, 2};
static const uint8_t bytes3[] = {1, 0, 3};

static void the_same_in_other_memory(void **state)
{
    (void)state;
    const node_entry entries1[] = {{a1, &node_type, {ab1, 2}}, {"z", NULL, {ab1, 0}}};
    const node_entry entries2[] = {{a2, NULL, {ab2, 2}}, {"z", NULL, {ba, 0}}};
    const node next1 = {.text = a1};
    const node next2 = {.text = a2};
    const node one = {
        a1,          caws_i64(INT64_MIN), {ab1, 2},        {entries1, 2}, &next1, caws_bool(false),
        {bytes1, 3}, caws_i32(-1),        caws_double(0.5)};
    const node other = {
        a2,          caws_i64(INT64_MIN), {ab2, 2},        {entries2, 2}, &next2, caws_bool(false),
        {bytes2, 3}, caws_i32(-1),        caws_double(0.5)};
    assert_true(equal(&one, &other));
    const node empty = {0};
    assert_true(equal(&empty, &(node){0}));
    assert_false(equal(&one, &empty));
}

static void one_difference_is_enough(void **state)
{
    (void)state;
    const node_entry a[] = {{"k", NULL, {ab1, 2}}};
    const node_entry other_key[] = {{"l", NULL, {ab1, 2}}};
    const node_entry other_value[] = {{"k", NULL, {ab1, 1}}};
    const node none = {0};
    const node deep1 = {.next = &(node){.next = &(node){.number = caws_i64(1)}}};
    const node deep2 = {.next = &(node){.next = &(node){.number = caws_i64(2)}}};
    const node pairs[][2] = {
        {{.text = "a"}, {.text = "b"}},
        {{.text = "a"}, {.text = NULL}},
        {{.text = ""}, {.text = NULL}},
        {{.number = caws_i64(1)}, {.number = caws_i64(1 + (INT64_C(1) << 32))}},
        {{.number = caws_i64(0)}, {.number = {false, 0}}},
        {{.list = {ab1, 2}}, {.list = {ab1, 1}}},
        {{.list = {ab1, 2}}, {.list = {ba, 2}}},
        {{.list = {ab1, 0}}, {.list = {NULL, 0}}},
        {{.map = {a, 1}}, {.map = {other_key, 1}}},
        {{.map = {a, 1}}, {.map = {other_value, 1}}},
        {{.map = {a, 1}}, {.map = {a, 0}}},
        {{.next = &none}, {.next = NULL}},
        {{.on = caws_bool(true)}, {.on = caws_bool(false)}},
        {{.on = caws_bool(false)}, {.on = {false, false}}},
        {{.bytes = {bytes1, 3}}, {.bytes = {bytes3, 3}}},
        {{.bytes = {bytes1, 3}}, {.bytes = {bytes1, 2}}},
        {{.bytes = {bytes1, 0}}, {.bytes = {NULL, 0}}},
        {{.small = caws_i32(1)}, {.small = caws_i32(2)}},
        {{.real = caws_double(0.5)}, {.real = caws_double(-0.5)}},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        assert_true(equal(&pairs[i][0], &pairs[i][0]));
        if (equal(&pairs[i][0], &pairs[i][1]))
            fail_msg("pair %zu", i);
    }
    assert_false(equal(&deep1, &deep2));
}

/* NaN is unequal to itself, but as a token it would be sent again for ever. */
static void doubles_by_their_bits(void **state)
{
    (void)state;
    uint64_t bits = 0x7ff8000000000000;
    node one = {.real = caws_double(0)};
    memcpy(&one.real.value, &bits, sizeof(bits));
    const node other = one;
    assert_true(equal(&one, &other));
    assert_true(equal(&(node){.bytes = {bytes1, 0}}, &(node){.bytes = {bytes3, 0}}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_in_other_memory),
        cmocka_unit_test(one_difference_is_enough),
        cmocka_unit_test(doubles_by_their_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
