#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "expect_violations.h"

static void repeat(char *out, const char *character, size_t count)
{
    for (size_t i = 0; i < count; i++)
        memcpy(out + i * strlen(character), character, strlen(character));
    out[count * strlen(character)] = '\0';
}

static void tells_the_length_of_the_destination(void **state)
{
    (void)state;
    static const caws_constraints limits = {
        .min = 1, .max = 512, .flags = CAWS_HAS_MIN | CAWS_HAS_MAX};
    static const caws_type type = {.kind = CAWS_KIND_STRING, .constraints = &limits};
    holder h;
    const caws_type *input_type = hold(&h, "destination", &type, 0);
    static char text[600];
    const char *input = text;
    repeat(text, "a", 513);
    FINDS(input_type, &input,
          {"destination", CAWS_CONSTRAINT_LENGTH, 513, 512,
           "destination: 513 characters, at most 512"});
    repeat(text, "a", 512);
    PASSES(input_type, &input);
    repeat(text, "a", 1);
    PASSES(input_type, &input);
    text[0] = '\0';
    FINDS(input_type, &input,
          {"destination", CAWS_CONSTRAINT_LENGTH, 0, 1, "destination: 0 characters, at least 1"});
    input = NULL;
    PASSES(input_type, &input);
}

static void counts_unicode_characters(void **state)
{
    (void)state;
    static const char *const characters[] = {"a",
                                             "\x7F",
                                             "\xC2\x80",
                                             "\xC3\xA9",
                                             "\xE2\x82\xAC",
                                             "\xEF\xBF\xBF",
                                             "\xF0\x9F\x98\x80",
                                             "\xF4\x8F\xBF\xBF"};
    static const caws_constraints limits = {
        .min = 20, .max = 40, .flags = CAWS_HAS_MIN | CAWS_HAS_MAX};
    static const caws_type type = {.kind = CAWS_KIND_STRING, .constraints = &limits};
    holder h;
    const caws_type *input_type = hold(&h, "name", &type, 0);
    char text[200];
    const char *input = text;
    for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
        repeat(text, characters[i], 20);
        PASSES(input_type, &input);
        repeat(text, characters[i], 40);
        PASSES(input_type, &input);
        repeat(text, characters[i], 19);
        FINDS(input_type, &input,
              {"name", CAWS_CONSTRAINT_LENGTH, 19, 20, "name: 19 characters, at least 20"});
        repeat(text, characters[i], 41);
        FINDS(input_type, &input,
              {"name", CAWS_CONSTRAINT_LENGTH, 41, 40, "name: 41 characters, at most 40"});
    }
    repeat(text, "a", 1);
    FINDS(input_type, &input,
          {"name", CAWS_CONSTRAINT_LENGTH, 1, 20, "name: 1 character, at least 20"});
}

static void counts_bytes_where_the_limit_is_in_bytes(void **state)
{
    (void)state;
    static const caws_constraints limits = {.max_bytes = 1024, .flags = CAWS_HAS_MAX_BYTES};
    static const caws_constraints both = {
        .max = 400, .max_bytes = 1024, .flags = CAWS_HAS_MAX | CAWS_HAS_MAX_BYTES};
    static const caws_type type = {.kind = CAWS_KIND_STRING, .constraints = &limits};
    static const caws_type both_type = {.kind = CAWS_KIND_STRING, .constraints = &both};
    holder h;
    const caws_type *input_type = hold(&h, "destinationPrefix", &type, 0);
    static char text[2000];
    const char *input = text;
    repeat(text, "a", 1024);
    PASSES(input_type, &input);
    repeat(text, "\xC3\xA9", 512);
    PASSES(input_type, &input);
    repeat(text, "a", 1025);
    FINDS(input_type, &input,
          {"destinationPrefix", CAWS_CONSTRAINT_BYTES, 1025, 1024,
           "destinationPrefix: 1025 bytes of UTF-8, at most 1024"});
    repeat(text, "\xC3\xA9", 513);
    FINDS(input_type, &input,
          {"destinationPrefix", CAWS_CONSTRAINT_BYTES, 1026, 1024,
           "destinationPrefix: 1026 bytes of UTF-8, at most 1024"});
    repeat(text, "\xE2\x82\xAC", 401);
    FINDS(hold(&h, "p", &both_type, 0), &input,
          {"p", CAWS_CONSTRAINT_LENGTH, 401, 400, "p: 401 characters, at most 400"},
          {"p", CAWS_CONSTRAINT_BYTES, 1203, 1024, "p: 1203 bytes of UTF-8, at most 1024"});
}

static void refuses_what_is_not_utf8_in_every_mode(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t offset;
        const char *message;
    } bad[] = {
        {"\x80", 0, "name: not UTF-8 at byte 0"},
        {"abc\xFF", 3, "name: not UTF-8 at byte 3"},
        {"\xC3", 0, "name: not UTF-8 at byte 0"},
        {"a\xC3\xA9\xC0\x80", 3, "name: not UTF-8 at byte 3"},
        {"\xED\xA0\x80", 0, "name: not UTF-8 at byte 0"},
        {"12345678\xF4\x90\x80\x80", 8, "name: not UTF-8 at byte 8"},
    };
    static const caws_constraints limits = {.max = 1, .flags = CAWS_HAS_MAX};
    static const caws_type type = {.kind = CAWS_KIND_STRING, .constraints = &limits};
    const caws_type *types[] = {&type, &caws_type_string};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        for (int t = 0; t < 2; t++) {
            holder h;
            const expected one = {"name", CAWS_CONSTRAINT_UTF8, bad[i].offset, 0, bad[i].message};
            const caws_type *input_type = hold(&h, "name", types[t], 0);
            finds(input_type, &bad[i].text, CAWS_VALIDATE_ALL, &one, 1);
            finds(input_type, &bad[i].text, CAWS_VALIDATE_REQUIRED, &one, 1);
        }
}

static void checks_ranges_at_their_borders(void **state)
{
    (void)state;
    static const caws_constraints small = {
        .min = -3, .max = 3, .flags = CAWS_HAS_MIN | CAWS_HAS_MAX};
    static const caws_constraints widest = {
        .min = INT64_MIN, .max = INT64_MAX, .flags = CAWS_HAS_MIN | CAWS_HAS_MAX};
    static const caws_constraints zero = {.flags = CAWS_HAS_MIN | CAWS_HAS_MAX};
    static const caws_constraints none = {.min = 5, .max = -5};
    static const caws_type small_long = {.kind = CAWS_KIND_LONG, .constraints = &small};
    static const caws_type small_int = {.kind = CAWS_KIND_INTEGER, .constraints = &small};
    static const caws_type widest_long = {.kind = CAWS_KIND_LONG, .constraints = &widest};
    static const caws_type zero_long = {.kind = CAWS_KIND_LONG, .constraints = &zero};
    static const caws_type none_long = {.kind = CAWS_KIND_LONG, .constraints = &none};
    holder h;
    const caws_type *type = hold(&h, "n", &small_long, 0);
    for (int64_t n = -3; n <= 3; n++) {
        const caws_opt_i64 inside = caws_i64(n);
        PASSES(type, &inside);
    }
    caws_opt_i64 input = caws_i64(-4);
    FINDS(type, &input, {"n", CAWS_CONSTRAINT_RANGE, -4, -3, "n: -4, at least -3"});
    input = caws_i64(4);
    FINDS(type, &input, {"n", CAWS_CONSTRAINT_RANGE, 4, 3, "n: 4, at most 3"});
    input = caws_i64(INT64_MIN);
    FINDS(type, &input,
          {"n", CAWS_CONSTRAINT_RANGE, INT64_MIN, -3, "n: -9223372036854775808, at least -3"});
    PASSES(hold(&h, "n", &widest_long, 0), &input);
    input = caws_i64(INT64_MAX);
    PASSES(hold(&h, "n", &widest_long, 0), &input);
    PASSES(hold(&h, "n", &none_long, 0), &input);
    FINDS(hold(&h, "n", &small_long, 0), &input,
          {"n", CAWS_CONSTRAINT_RANGE, INT64_MAX, 3, "n: 9223372036854775807, at most 3"});
    input = caws_i64(1);
    FINDS(hold(&h, "n", &zero_long, 0), &input,
          {"n", CAWS_CONSTRAINT_RANGE, 1, 0, "n: 1, at most 0"});
    input.present = false; /* whatever the value */
    PASSES(hold(&h, "n", &zero_long, 0), &input);

    caws_opt_i32 number = caws_i32(INT32_MIN);
    FINDS(hold(&h, "n", &small_int, 0), &number,
          {"n", CAWS_CONSTRAINT_RANGE, INT32_MIN, -3, "n: -2147483648, at least -3"});
    number = caws_i32(INT32_MAX);
    FINDS(hold(&h, "n", &small_int, 0), &number,
          {"n", CAWS_CONSTRAINT_RANGE, INT32_MAX, 3, "n: 2147483647, at most 3"});
    number = caws_i32(3);
    PASSES(hold(&h, "n", &small_int, 0), &number);
}

static void checks_ranges_of_doubles(void **state)
{
    (void)state;
    static const caws_constraints both = {
        .min = 0, .max = 1000000, .flags = CAWS_HAS_MIN | CAWS_HAS_MAX};
    static const caws_constraints only_max = {.max = 1, .flags = CAWS_HAS_MAX};
    static const caws_type type = {.kind = CAWS_KIND_DOUBLE, .constraints = &both};
    static const caws_type max_type = {.kind = CAWS_KIND_DOUBLE, .constraints = &only_max};
    static const double inside[] = {0.0, -0.0, 1e-300, 0.5, 1000000.0};
    holder h;
    const caws_type *input_type = hold(&h, "x", &type, 0);
    for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
        const caws_opt_double input = caws_double(inside[i]);
        PASSES(input_type, &input);
    }
    caws_opt_double input = caws_double(-0.25);
    FINDS(input_type, &input, {"x", CAWS_CONSTRAINT_RANGE, 0, 0, "x: -0.25, at least 0"});
    input = caws_double(1000000.5);
    FINDS(input_type, &input,
          {"x", CAWS_CONSTRAINT_RANGE, 1000000, 1000000, "x: 1000000.5, at most 1000000"});
    input = caws_double(INFINITY);
    FINDS(input_type, &input,
          {"x", CAWS_CONSTRAINT_RANGE, INT64_MAX, 1000000, "x: inf, at most 1000000"});
    input = caws_double(-INFINITY);
    FINDS(input_type, &input, {"x", CAWS_CONSTRAINT_RANGE, INT64_MIN, 0, "x: -inf, at least 0"});
    input = caws_double(0x1p63);
    FINDS(input_type, &input,
          {"x", CAWS_CONSTRAINT_RANGE, INT64_MAX, 1000000,
           "x: 9.22337203685478e+18, at most 1000000"});
    input = caws_double(-0x1p63);
    FINDS(input_type, &input,
          {"x", CAWS_CONSTRAINT_RANGE, INT64_MIN, 0, "x: -9.22337203685478e+18, at least 0"});
    static const double not_numbers[] = {NAN, -NAN}; /* in no range, and told once */
    for (int i = 0; i < 2; i++) {
        input = caws_double(not_numbers[i]);
        FINDS(input_type, &input, {"x", CAWS_CONSTRAINT_RANGE, 0, 0, "x: NaN, at least 0"});
        FINDS(hold(&h, "x", &max_type, 0), &input,
              {"x", CAWS_CONSTRAINT_RANGE, 0, 1, "x: NaN, at most 1"});
        PASSES(hold(&h, "x", &caws_type_double, 0), &input);
        (void)hold(&h, "x", &type, 0);
    }
}

static void counts_bytes_of_blobs(void **state)
{
    (void)state;
    static const caws_constraints limits = {
        .min = 1, .max = 2, .flags = CAWS_HAS_MIN | CAWS_HAS_MAX};
    static const caws_type type = {.kind = CAWS_KIND_BLOB, .constraints = &limits};
    static const uint8_t bytes[3] = {0, 0xFF, 0};
    holder h;
    const caws_type *input_type = hold(&h, "data", &type, 0);
    caws_blob input = {NULL, 0};
    PASSES(input_type, &input);
    input = (caws_blob){bytes, 0};
    FINDS(input_type, &input, {"data", CAWS_CONSTRAINT_LENGTH, 0, 1, "data: 0 bytes, at least 1"});
    input.length = 1;
    PASSES(input_type, &input);
    input.length = 2;
    PASSES(input_type, &input);
    input.length = 3;
    FINDS(input_type, &input, {"data", CAWS_CONSTRAINT_LENGTH, 3, 2, "data: 3 bytes, at most 2"});
}

static void counts_items_of_lists(void **state)
{
    (void)state;
    static const caws_constraints limits = {
        .min = 1, .max = 2, .flags = CAWS_HAS_MIN | CAWS_HAS_MAX};
    static const caws_member item = {"member", &caws_type_string, 0, 0, NULL};
    static const caws_type type = {.kind = CAWS_KIND_LIST,
                                   .members = &item,
                                   .member_count = 1,
                                   .size = sizeof(const char *),
                                   .constraints = &limits};
    static const char *const items[] = {"a", "b", "c"};
    holder h;
    const caws_type *input_type = hold(&h, "names", &type, 0);
    caws_string_list input = {NULL, 0};
    PASSES(input_type, &input);
    input = (caws_string_list){items, 0};
    FINDS(input_type, &input, {"names", CAWS_CONSTRAINT_COUNT, 0, 1, "names: 0 items, at least 1"});
    input.count = 1;
    PASSES(input_type, &input);
    input.count = 2;
    PASSES(input_type, &input);
    input.count = 3;
    FINDS(input_type, &input, {"names", CAWS_CONSTRAINT_COUNT, 3, 2, "names: 3 items, at most 2"});
}

static void refuses_null_in_lists(void **state)
{
    (void)state;
    static const caws_member item = {"member", &caws_type_string, 0, 0, NULL};
    static const caws_type type = {
        .kind = CAWS_KIND_LIST, .members = &item, .member_count = 1, .size = sizeof(const char *)};
    static const caws_member blob_item = {"member", &caws_type_blob, 0, 0, NULL};
    static const caws_type blobs = {.kind = CAWS_KIND_LIST,
                                    .members = &blob_item,
                                    .member_count = 1,
                                    .size = sizeof(caws_blob)};
    static const caws_member list_item = {"member", &type, 0, 0, NULL};
    static const caws_type lists = {.kind = CAWS_KIND_LIST,
                                    .members = &list_item,
                                    .member_count = 1,
                                    .size = sizeof(caws_string_list)};
    static const char *const items[] = {"a", NULL, "", NULL};
    const caws_string_list names = {items, 4};
    holder h;
    FINDS(hold(&h, "names", &type, 0), &names,
          {"names[1]", CAWS_CONSTRAINT_REQUIRED, 0, 0, "names[1]: required"},
          {"names[3]", CAWS_CONSTRAINT_REQUIRED, 0, 0, "names[3]: required"});

    /* Nothing to point to is an empty one; a length without anything is a mistake. */
    static const caws_blob some_blobs[] = {{NULL, 0}, {NULL, 7}};
    const caws_blob_list blob_list = {some_blobs, 2};
    FINDS(hold(&h, "blobs", &blobs, 0), &blob_list,
          {"blobs[1]", CAWS_CONSTRAINT_REQUIRED, 0, 0, "blobs[1]: required"});
    const caws_string_list inner[] = {{NULL, 0}, {NULL, 7}, {items, 1}};
    const struct {
        const caws_string_list *items;
        size_t count;
    } list_list = {inner, 3};
    FINDS(hold(&h, "lists", &lists, 0), &list_list,
          {"lists[1]", CAWS_CONSTRAINT_REQUIRED, 0, 0, "lists[1]: required"});
}

static void checks_keys_and_values_of_maps(void **state)
{
    (void)state;
    static const caws_string_map_entry entries[] = {
        {"a", "ok"}, {"four", "fine?"}, {NULL, "x"}, {"b", NULL}, {NULL, "long"},
    };
    holder h;
    const caws_type *type = hold(&h, "tags", &tags_type, 0);
    caws_string_map input = {entries, 1};
    PASSES(type, &input);
    input.count = 0;
    FINDS(type, &input, {"tags", CAWS_CONSTRAINT_COUNT, 0, 1, "tags: 0 entries, at least 1"});
    input.count = 5;
    FINDS(
        type, &input, {"tags", CAWS_CONSTRAINT_COUNT, 5, 4, "tags: 5 entries, at most 4"},
        {"tags[1].key", CAWS_CONSTRAINT_LENGTH, 4, 3, "tags[1].key: 4 characters, at most 3"},
        {"tags[\"four\"]", CAWS_CONSTRAINT_LENGTH, 5, 3, "tags[\"four\"]: 5 characters, at most 3"},
        {"tags[2].key", CAWS_CONSTRAINT_REQUIRED, 0, 0, "tags[2].key: required"},
        {"tags[\"b\"]", CAWS_CONSTRAINT_REQUIRED, 0, 0, "tags[\"b\"]: required"},
        {"tags[4].key", CAWS_CONSTRAINT_REQUIRED, 0, 0, "tags[4].key: required"},
        {"tags[4]", CAWS_CONSTRAINT_LENGTH, 4, 3, "tags[4]: 4 characters, at most 3"});
    static const caws_string_map_entry hostile[] = {{"\n\xFF", "long"}};
    input = (caws_string_map){hostile, 1};
    FINDS(type, &input,
          {"tags[0].key", CAWS_CONSTRAINT_UTF8, 1, 0, "tags[0].key: not UTF-8 at byte 1"},
          {"tags[\"??\"]", CAWS_CONSTRAINT_LENGTH, 4, 3, "tags[\"??\"]: 4 characters, at most 3"});
    input = (caws_string_map){NULL, 0};
    PASSES(type, &input);
}

static void tells_where_a_pattern_ends(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t offset;
        const char *message;
    } bad[] = {
        {"", 0, "p: 0 bytes, ends too early for" AB},
        {"a", 1, "p: 1 byte, ends too early for" AB},
        {"a\xC3\xA9", 3, "p: 3 bytes, ends too early for" AB},
        {"c", 0, "p: 'c' at byte 0 does not fit" AB},
        {"aa'", 2, "p: ''' at byte 2 does not fit" AB},
        {"a b", 1, "p: ' ' at byte 1 does not fit" AB},
        {"bb", 1, "p: 'b' at byte 1 does not fit" AB},
        {"\xC3\xA9\n", 2, "p: U+000A at byte 2 does not fit" AB},
        {"\x7F", 0, "p: U+007F at byte 0 does not fit" AB},
        {"a\xE2\x82\xAC", 1, "p: U+20AC at byte 1 does not fit" AB},
        {"\xF0\x9F\x98\x80", 0, "p: U+1F600 at byte 0 does not fit" AB},
        {"\xF4\x8F\xBF\xBF", 0, "p: U+10FFFF at byte 0 does not fit" AB},
    };
    holder h;
    const caws_type *type = hold(&h, "p", &ab_type, 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        FINDS(type, &bad[i].text, {"p", CAWS_CONSTRAINT_PATTERN, bad[i].offset, 0, bad[i].message});
    static const char *const good[] = {"b", "aab", "\xC3\xA9\xC3\xA9\x62"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        PASSES(type, &good[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_length_of_the_destination),
        cmocka_unit_test(counts_unicode_characters),
        cmocka_unit_test(counts_bytes_where_the_limit_is_in_bytes),
        cmocka_unit_test(refuses_what_is_not_utf8_in_every_mode),
        cmocka_unit_test(checks_ranges_at_their_borders),
        cmocka_unit_test(checks_ranges_of_doubles),
        cmocka_unit_test(counts_bytes_of_blobs),
        cmocka_unit_test(counts_items_of_lists),
        cmocka_unit_test(refuses_null_in_lists),
        cmocka_unit_test(checks_keys_and_values_of_maps),
        cmocka_unit_test(tells_where_a_pattern_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
