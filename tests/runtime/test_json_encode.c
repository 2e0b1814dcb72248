#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ctype.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>

#include <cjson/cJSON.h>

#include "json_encode.h"
#include "random.h"
#include "value.h"
#include "zoo.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The encoding, which the caller frees. */
static char *encode(const caws_type *type, const void *structure)
{
    caws_buffer buffer = CAWS_BUFFER_INIT;
    caws_error error = CAWS_ERROR_INIT;
    assert_int_equal(caws_json_encode(&buffer, type, structure, &error), CAWS_OK);
    assert_int_equal(error.status, CAWS_OK);
    assert_int_equal(strlen(buffer.data), buffer.length);
    return buffer.data;
}

static void expect(const zoo *input, const char *json)
{
    char *text = encode(&zoo_type, input);
    assert_string_equal(text, json);
    free(text);
}

static void leaves_out_what_is_absent(void **state)
{
    (void)state;
    expect(&(zoo){.name = NULL}, "{}");
    expect(NULL, "{}");
    expect(&(zoo){.visitors = {false, 5}, .crest = {NULL, 3}, .names = {NULL, 3}}, "{}");
    expect(&(zoo){.star = &(zoo_animal){.name = NULL}}, "{\"star\":{}}");
}

static void writes_what_is_present_and_empty(void **state)
{
    (void)state;
    const char *none = NULL;
    expect(&(zoo){.open = caws_bool(false),
                  .cages = caws_i32(0),
                  .visitors = caws_i64(0),
                  .area = caws_double(0),
                  .name = "",
                  .crest = {(const uint8_t *)"", 0},
                  .founded = caws_i64(0),
                  .names = {&none, 0},
                  .labels = {(const caws_string_map_entry *)&none, 0},
                  .motto = ""},
           "{\"open\":false,\"cages\":0,\"visitors\":0,\"area\":0,\"name\":\"\",\"crest\":\"\","
           "\"founded\":0,\"names\":[],\"labels\":{},\"zooMotto\":\"\"}");
}

static void writes_every_kind(void **state)
{
    (void)state;
    const int64_t row[] = {1, -2};
    const caws_i64_list rows[] = {{row, 2}, {row, 0}, {NULL, 0}, {row, 1}};
    const zoo_animal animals[] = {{"Leo", caws_i64(4)}, {.name = NULL}, {.name = "Ida"}};
    const struct zoo_keeper_entry keepers[] = {{"day", {"Ann", caws_i64(40)}},
                                               {"night", {.name = 0}}};
    const struct zoo_total_entry totals[] = {{"", INT64_MAX}, {"b", INT64_MIN}};
    const caws_string_map_entry labels[] = {{"a\"b", "c\\d"}, {"", ""}};
    const zoo branches[] = {{.name = "East"}, {.branch = &(zoo){.branch = &(zoo){.name = "Deep"}}}};
    const zoo_food food = {.hay = caws_i32(-7)};
    const zoo input = {
        .open = caws_bool(true),
        .cages = caws_i32(INT32_MIN),
        .visitors = caws_i64(9007199254740993),
        .area = caws_double(0.1),
        .name = "Z\xc3\xbc",
        .crest = {(const uint8_t *)"\x00\xff\xfe", 3},
        .founded = caws_i64(1440938160123),
        .inspected = caws_i64(1440938160123),
        .closed = caws_i64(1440938160123),
        .flags = {(const bool[]){true, false}, 2},
        .counts = {(const int32_t[]){INT32_MAX, 0}, 2},
        .tickets = {(const int64_t[]){INT64_MAX, INT64_MIN, -1}, 3},
        .weights = {(const double[]){1.5, -1e300}, 2},
        .names = {(const char *const[]){"a", "", "\n"}, 3},
        .photos = {(const caws_blob[]){{(const uint8_t *)"f", 1}, {NULL, 0}}, 2},
        .days = {(const int64_t[]){0, -1}, 2},
        .grid = {rows, 4},
        .animals = {animals, 3},
        .labels = {labels, 2},
        .totals = {totals, 2},
        .keepers = {keepers, 2},
        .star = &animals[0],
        .branch = &branches[1],
        .branches = {branches, 2},
        .food = &food,
        .motto = "renamed",
    };
    expect(&input,
           "{\"open\":true,\"cages\":-2147483648,\"visitors\":9007199254740993,\"area\":0.1,"
           "\"name\":\"Z\xc3\xbc\",\"crest\":\"AP/+\",\"founded\":1440938160.123,"
           "\"inspected\":\"2015-08-30T12:36:00.123Z\","
           "\"closed\":\"Sun, 30 Aug 2015 12:36:00 GMT\",\"flags\":[true,false],"
           "\"counts\":[2147483647,0],"
           "\"tickets\":[9223372036854775807,-9223372036854775808,-1],"
           "\"weights\":[1.5,-1e+300],\"names\":[\"a\",\"\",\"\\n\"],\"photos\":[\"Zg==\",\"\"],"
           "\"days\":[\"1970-01-01T00:00:00Z\",\"1969-12-31T23:59:59.999Z\"],"
           "\"grid\":[[1,-2],[],[],[1]],"
           "\"animals\":[{\"name\":\"Leo\",\"age\":4},{},{\"name\":\"Ida\"}],"
           "\"labels\":{\"a\\\"b\":\"c\\\\d\",\"\":\"\"},"
           "\"totals\":{\"\":9223372036854775807,\"b\":-9223372036854775808},"
           "\"keepers\":{\"day\":{\"name\":\"Ann\",\"age\":40},\"night\":{}},"
           "\"star\":{\"name\":\"Leo\",\"age\":4},"
           "\"branch\":{\"branch\":{\"branch\":{\"name\":\"Deep\"}}},"
           "\"branches\":[{\"name\":\"East\"},{\"branch\":{\"branch\":{\"name\":\"Deep\"}}}],"
           "\"food\":{\"hay\":-7},\"zooMotto\":\"renamed\"}");
}

static void writes_integers_exactly(void **state)
{
    (void)state;
    uint64_t random = 64;
    for (int i = 0; i < 20000; i++) {
        int64_t value;
        uint64_t bits = next_random(&random) >> random_below(&random, 64);
        if (i % 2 == 1)
            bits = 0 - bits;
        memcpy(&value, &bits, sizeof(value));
        if (i < 3)
            value = i == 0 ? INT64_MIN : INT64_MAX - i + 1;
        char expected[64];
        (void)snprintf(expected, sizeof(expected), "{\"visitors\":%" PRId64 "}", value);
        expect(&(zoo){.visitors = caws_i64(value)}, expected);
    }
}

/* number of RFC 8259 */
static bool is_json_number(const char *c)
{
    if (*c == '-')
        c++;
    if (*c == '0')
        c++;
    else if (*c >= '1' && *c <= '9')
        while (isdigit((unsigned char)*c))
            c++;
    else
        return false;
    if (*c == '.') {
        if (!isdigit((unsigned char)*++c))
            return false;
        while (isdigit((unsigned char)*c))
            c++;
    }
    if (*c == 'e' || *c == 'E') {
        c++;
        if (*c == '+' || *c == '-')
            c++;
        if (!isdigit((unsigned char)*c))
            return false;
        while (isdigit((unsigned char)*c))
            c++;
    }
    return *c == '\0';
}

/* The text of a number member, without braces and name; the caller frees it. */
static char *encode_double(double value)
{
    static const char prefix[] = "{\"area\":";
    char *text = encode(&zoo_type, &(zoo){.area = caws_double(value)});
    size_t length = strlen(text);
    assert_memory_equal(text, prefix, sizeof(prefix) - 1);
    assert_int_equal(text[length - 1], '}');
    text[length - 1] = '\0';
    memmove(text, text + sizeof(prefix) - 1, length - sizeof(prefix) + 1);
    return text;
}

static void expect_round_trip(double value)
{
    char *text = encode_double(value);
    double back = strtod(text, NULL);
    if (!is_json_number(text) || memcmp(&back, &value, sizeof(value)) != 0)
        fail_msg("%a is written as %s", value, text);
    free(text);
}

static void writes_doubles_that_read_back(void **state)
{
    (void)state;
    static const double corners[] = {0.0,
                                     -0.0,
                                     1e15,
                                     1e16,
                                     1e17,
                                     1e21,
                                     1e22,
                                     1e23,
                                     5e-324,
                                     1e-7,
                                     2.2250738585072014e-308,
                                     2.2250738585072009e-308,
                                     1.7976931348623157e308,
                                     9007199254740991.0,
                                     9007199254740993.0,
                                     0.1 + 0.2,
                                     1.0 / 3.0,
                                     1441490400.123};
    for (size_t i = 0; i < COUNT(corners); i++) {
        expect_round_trip(corners[i]);
        expect_round_trip(-corners[i]);
    }
    uint64_t random = 1;
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = next_random(&random);
        double value;
        memcpy(&value, &bits, sizeof(value));
        if (isfinite(value))
            expect_round_trip(value);
        expect_round_trip((double)(int64_t)bits / 1000.0);
    }
}

static void writes_short_doubles_short(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0.1, "0.1"}, {-0.0, "-0"},    {100, "100"},
                 {1.5, "1.5"}, {1e15, "1e+15"}, {1e300, "1e+300"},
                 {0.3, "0.3"}, {1e-7, "1e-07"}, {123456789012345.0, "123456789012345"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = encode_double(cases[i].value);
        assert_string_equal(text, cases[i].text);
        free(text);
    }
}

static void writes_no_number_as_text(void **state)
{
    (void)state;
    expect(&(zoo){.weights = {(const double[]){NAN, INFINITY, -INFINITY, -NAN}, 4}},
           "{\"weights\":[\"NaN\",\"Infinity\",\"-Infinity\",\"NaN\"]}");
}

/* A host program may have any locale: a decimal comma, or a point of more than one byte. */
static void writes_doubles_in_any_locale(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE",      "fr_FR.UTF-8",
                                        "fa_IR.UTF-8", "fa_IR",      "ps_AF.UTF-8"};
    bool found = false;
    for (size_t i = 0; i < COUNT(names); i++) {
        if (setlocale(LC_ALL, names[i]) == NULL)
            continue;
        found = true;
        expect(&(zoo){.weights = {(const double[]){0.5, -1234567.25, 1e300, 0.1}, 4},
                      .founded = caws_i64(1500)},
               "{\"founded\":1.500,\"weights\":[0.5,-1234567.25,1e+300,0.1]}");
    }
    assert_non_null(setlocale(LC_ALL, "C"));
    if (!found)
        skip();
}

/* Writes text as a string and lets cJSON, which knows nothing of us, read it back. The copy has no
 * byte to spare, so that a sanitizer sees a look beyond its end. */
static void expect_string_round_trip(const char *text, size_t length, size_t alignment)
{
    char *copy = malloc(alignment + length + 1);
    assert_non_null(copy);
    memcpy(copy + alignment, text, length);
    copy[alignment + length] = '\0';
    char *json = encode(&zoo_type, &(zoo){.name = copy + alignment});
    for (const char *c = json; *c != '\0'; c++)
        assert_true((unsigned char)*c >= 0x20);
    cJSON *root = cJSON_ParseWithOpts(json, NULL, 1);
    const char *back = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "name"));
    assert_non_null(back);
    assert_string_equal(back, copy + alignment);
    cJSON_Delete(root);
    free(json);
    free(copy);
}

static void escapes_every_byte_at_every_place(void **state)
{
    (void)state;
    for (int c = 1; c < 0x80; c++)
        for (size_t at = 0; at <= 17; at++)
            for (size_t behind = 0; behind <= 9; behind += 3) {
                char text[32];
                memset(text, 'x', sizeof(text));
                text[at] = (char)c;
                expect_string_round_trip(text, at + 1 + behind, at % 8);
            }
    for (int first = 1; first < 0x80; first++)
        for (int second = 1; second < 0x80; second++) {
            const char text[] = {'a', (char)first, (char)second, 'b', 'c', 'd', 'e', 'f', 'g'};
            expect_string_round_trip(text, sizeof(text), 0);
        }
}

static void escapes_at_every_length_and_alignment(void **state)
{
    (void)state;
    static const char *const characters[] = {"a",
                                             "\"",
                                             "\\",
                                             "\x1f",
                                             " ",
                                             "\x7f",
                                             "\xc2\x80",
                                             "\xdf\xbf",
                                             "\xe2\x82\xac",
                                             "\xef\xbf\xbd",
                                             "\xf4\x8f\xbf\xbf",
                                             "!"};
    uint64_t random = 17;
    for (size_t length = 0; length <= 64; length++)
        for (size_t alignment = 0; alignment < 16; alignment++) {
            char text[64 + 8] = "";
            size_t used = 0;
            while (used < length) {
                /* Mostly plain, so that the fast way is taken and left. */
                const char *next = characters[random_below(&random, 4) != 0
                                                  ? 0
                                                  : random_below(&random, COUNT(characters))];
                memcpy(text + used, next, strlen(next));
                used += strlen(next);
            }
            expect_string_round_trip(text, used, alignment);
        }
}

static void writes_escapes_as_usual(void **state)
{
    (void)state;
    expect(&(zoo){.name = "\"\\/\b\f\n\r\t\x01\x1f\x7f"},
           "{\"name\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"}");
}

static void makes_up_absent_tokens(void **state)
{
    (void)state;
    static const char prefix[] = "{\"token\":\"";
    char *one = encode(&zoo_ticket_type, &(zoo_ticket){.price = caws_i32(5)});
    char *two = encode(&zoo_ticket_type, &(zoo_ticket){.price = caws_i32(5)});
    assert_memory_equal(one, prefix, sizeof(prefix) - 1);
    assert_string_equal(one + sizeof(prefix) - 1 + 36, "\",\"price\":5}");
    assert_string_not_equal(one, two);
    free(one);
    free(two);

    char *own = encode(&zoo_ticket_type, &(zoo_ticket){.token = "mine"});
    assert_string_equal(own, "{\"token\":\"mine\"}");
    free(own);
    own = encode(&zoo_ticket_type, &(zoo_ticket){.token = ""});
    assert_string_equal(own, "{\"token\":\"\"}");
    free(own);
}

static void appends_to_what_is_there(void **state)
{
    (void)state;
    caws_buffer buffer = CAWS_BUFFER_INIT;
    caws_error error = CAWS_ERROR_INIT;
    caws_buffer_append_string(&buffer, "before");
    assert_int_equal(caws_json_encode(&buffer, &zoo_type, &(zoo){.name = "x"}, &error), CAWS_OK);
    assert_string_equal(buffer.data, "before{\"name\":\"x\"}");
    caws_buffer_clear(&buffer);
}

/* A buffer that fails anywhere fails the whole, without a crash. */
static void fails_at_every_limit(void **state)
{
    (void)state;
    const zoo input = {.open = caws_bool(true),
                       .cages = caws_i32(5),
                       .area = caws_double(0.5),
                       .name = "a\"b",
                       .crest = {(const uint8_t *)"1234", 4},
                       .inspected = caws_i64(0),
                       .names = {(const char *const[]){"a", "b"}, 2},
                       .labels = {(const caws_string_map_entry[]){{"k", "v"}}, 1}};
    char *whole = encode(&zoo_type, &input);
    size_t length = strlen(whole);
    free(whole);
    for (size_t limit = 1; limit <= length; limit++) {
        caws_buffer buffer = CAWS_BUFFER_INIT;
        caws_error error = CAWS_ERROR_INIT;
        buffer.limit = limit;
        caws_status status = caws_json_encode(&buffer, &zoo_type, &input, &error);
        assert_int_equal(status, limit < length ? CAWS_ERROR_MEMORY : CAWS_OK);
        assert_int_equal(error.status, status);
        caws_error_clear(&error);
        caws_buffer_clear(&buffer);
    }
}

static void writes_deep_nesting(void **state)
{
    (void)state;
    zoo levels[CAWS_MAX_DEPTH];
    memset(levels, 0, sizeof(levels));
    for (size_t i = 0; i + 1 < COUNT(levels); i++)
        levels[i].branch = &levels[i + 1];
    char *text = encode(&zoo_type, &levels[0]);
    assert_int_equal(strlen(text), (COUNT(levels) - 1) * strlen("{\"branch\":}") + 2);
    free(text);
}

static void writes_large_strings(void **state)
{
    (void)state;
    enum { LENGTH = 1 << 20 };
    char *text = malloc(LENGTH + 1);
    assert_non_null(text);
    for (size_t i = 0; i < LENGTH; i++)
        text[i] = i % 1000 == 999 ? '\n' : 'm';
    expect_string_round_trip(text, LENGTH, 3);
    memset(text, 1, LENGTH);
    expect_string_round_trip(text, LENGTH, 0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_out_what_is_absent),
        cmocka_unit_test(writes_what_is_present_and_empty),
        cmocka_unit_test(writes_every_kind),
        cmocka_unit_test(writes_integers_exactly),
        cmocka_unit_test(writes_doubles_that_read_back),
        cmocka_unit_test(writes_short_doubles_short),
        cmocka_unit_test(writes_no_number_as_text),
        cmocka_unit_test(writes_doubles_in_any_locale),
        cmocka_unit_test(escapes_every_byte_at_every_place),
        cmocka_unit_test(escapes_at_every_length_and_alignment),
        cmocka_unit_test(writes_escapes_as_usual),
        cmocka_unit_test(makes_up_absent_tokens),
        cmocka_unit_test(appends_to_what_is_there),
        cmocka_unit_test(fails_at_every_limit),
        cmocka_unit_test(writes_deep_nesting),
        cmocka_unit_test(writes_large_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
