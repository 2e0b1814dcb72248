#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <inttypes.h>
#include <locale.h>
#include <math.h>

#include "buffer.h"
#include "json_decode.h"
#include "json_encode.h"
#include "random.h"
#include "zoo_decode.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What has every kind, in the form that encoding gives it. */
static const char everything[] =
    "{\"open\":true,\"cages\":-2147483648,\"visitors\":9007199254740993,\"area\":0.1,"
    "\"name\":\"Z\xc3\xbc \\\"q\\\" \\u0001\",\"crest\":\"AP/+\",\"founded\":1440938160.123,"
    "\"inspected\":\"2015-08-30T12:36:00.123Z\",\"closed\":\"Sun, 30 Aug 2015 12:36:00 GMT\","
    "\"flags\":[true,false],\"counts\":[2147483647,0],"
    "\"tickets\":[9223372036854775807,-9223372036854775808,-1],\"weights\":[1.5,-1e+300],"
    "\"names\":[\"a\",\"\",\"\\n\"],\"photos\":[\"Zg==\",\"\"],"
    "\"days\":[\"1970-01-01T00:00:00Z\",\"1969-12-31T23:59:59.999Z\"],\"grid\":[[1,-2],[],[1]],"
    "\"animals\":[{\"name\":\"Leo\",\"age\":4},{},{\"name\":\"Ida\"}],"
    "\"labels\":{\"a\\\"b\":\"c\\\\d\",\"\":\"\"},"
    "\"totals\":{\"\":9223372036854775807,\"b\":-9223372036854775808},"
    "\"keepers\":{\"day\":{\"name\":\"Ann\",\"age\":40},\"night\":{}},"
    "\"star\":{\"name\":\"Leo\",\"age\":4},\"branch\":{\"branch\":{\"name\":\"Deep\"}},"
    "\"branches\":[{\"name\":\"East\"},{\"branches\":[]}],\"food\":{\"hay\":-7},"
    "\"zooMotto\":\"renamed\"}";

static void reads_every_kind(void **state)
{
    (void)state;
    zoo *z = decode_zoo(everything);
    assert_true(z->open.present && z->open.value);
    assert_true(z->cages.present);
    assert_int_equal(z->cages.value, INT32_MIN);
    assert_true(z->visitors.present && z->visitors.value == 9007199254740993);
    assert_true(z->area.present && z->area.value == (double)0.1);
    assert_string_equal(z->name, "Z\xc3\xbc \"q\" \x01");
    assert_int_equal(z->crest.length, 3);
    assert_memory_equal(z->crest.data, "\x00\xff\xfe", 3);
    assert_true(z->founded.present && z->founded.value == 1440938160123);
    assert_true(z->inspected.present && z->inspected.value == 1440938160123);
    assert_true(z->closed.present && z->closed.value == 1440938160000);
    assert_true(z->flags.count == 2 && z->flags.items[0] && !z->flags.items[1]);
    assert_true(z->counts.count == 2 && z->counts.items[0] == INT32_MAX);
    assert_int_equal(z->tickets.count, 3);
    assert_true(z->tickets.items[0] == INT64_MAX && z->tickets.items[1] == INT64_MIN);
    assert_int_equal(z->tickets.items[2], -1);
    assert_true(z->weights.count == 2 && z->weights.items[1] == (double)-1e300);
    assert_int_equal(z->names.count, 3);
    assert_string_equal(z->names.items[2], "\n");
    assert_int_equal(z->photos.count, 2);
    assert_int_equal(z->photos.items[0].length, 1);
    assert_non_null(z->photos.items[1].data);
    assert_int_equal(z->photos.items[1].length, 0);
    assert_true(z->days.count == 2 && z->days.items[1] == -1);
    assert_int_equal(z->grid.count, 3);
    assert_int_equal(z->grid.items[0].items[1], -2);
    assert_non_null(z->grid.items[1].items);
    assert_int_equal(z->grid.items[1].count, 0);
    assert_int_equal(z->animals.count, 3);
    assert_string_equal(z->animals.items[0].name, "Leo");
    assert_int_equal(z->animals.items[0].age.value, 4);
    assert_null(z->animals.items[1].name);
    assert_false(z->animals.items[2].age.present);
    assert_int_equal(z->labels.count, 2);
    assert_string_equal(z->labels.items[0].key, "a\"b");
    assert_string_equal(z->labels.items[0].value, "c\\d");
    assert_string_equal(z->labels.items[1].key, "");
    assert_true(z->totals.count == 2 && z->totals.items[0].value == INT64_MAX);
    assert_true(z->totals.items[1].value == INT64_MIN);
    assert_string_equal(z->keepers.items[0].value.name, "Ann");
    assert_null(z->keepers.items[1].value.name);
    assert_string_equal(z->star->name, "Leo");
    assert_string_equal(z->branch->branch->name, "Deep");
    assert_null(z->branch->branch->branch);
    assert_non_null(z->branches.items[1].branches.items);
    assert_int_equal(z->branches.items[1].branches.count, 0);
    assert_null(z->food->meat);
    assert_int_equal(z->food->hay.value, -7);
    assert_string_equal(z->motto, "renamed");
    caws_output_free(z);
}

/* Encoding what was decoded gives the text again, but for the fraction that RFC 822 has not. */
static void comes_back_the_same(void **state)
{
    (void)state;
    zoo *z = decode_zoo(everything);
    caws_buffer buffer = CAWS_BUFFER_INIT;
    caws_error error = CAWS_ERROR_INIT;
    assert_int_equal(caws_json_encode(&buffer, &zoo_type, z, &error), CAWS_OK);
    assert_string_equal(buffer.data, everything);
    caws_buffer_clear(&buffer);
    caws_output_free(z);
}

static void reads_integers_exactly(void **state)
{
    (void)state;
    static const int64_t corners[] = {0,
                                      -1,
                                      INT64_MAX,
                                      INT64_MIN,
                                      INT64_MAX - 1,
                                      INT64_MIN + 1,
                                      INT64_C(1) << 53,
                                      (INT64_C(1) << 53) + 1,
                                      -(INT64_C(1) << 53) - 1,
                                      999999999999999,
                                      1000000000000000,
                                      1000000000000001,
                                      -999999999999999,
                                      -1000000000000001,
                                      1000000000000000001};
    uint64_t random = 53;
    for (size_t i = 0; i < 5000; i++) {
        uint64_t bits = next_random(&random) >> random_below(&random, 64);
        int64_t value;
        if (i % 2 == 1)
            bits = 0 - bits;
        memcpy(&value, &bits, sizeof(value));
        if (i < COUNT(corners))
            value = corners[i];
        char text[512];
        (void)snprintf(text, sizeof(text),
                       "{\"name\":\"%" PRId64 "\",\"visitors\":%" PRId64 ",\"tickets\":[1, %" PRId64
                       " ,%" PRId64 "],\"totals\":{\"%" PRId64 "\":%" PRId64
                       "},\"branch\":{\"grid\":[[%" PRId64 "],[]],\"visitors\" : %" PRId64 "}}",
                       value, value, value, value, value, value, value, value);
        zoo *z = decode_zoo(text);
        assert_true(z->visitors.value == value);
        assert_int_equal(z->tickets.count, 3);
        assert_true(z->tickets.items[1] == value && z->tickets.items[2] == value);
        assert_true(z->totals.items[0].value == value);
        assert_true(z->branch->grid.items[0].items[0] == value);
        assert_true(z->branch->visitors.value == value);
        assert_int_equal(strtoll(z->name, NULL, 10), value);
        assert_int_equal(strtoll(z->totals.items[0].key, NULL, 10), value);
        caws_output_free(z);
    }
}

static void reads_whole_numbers_in_other_forms(void **state)
{
    (void)state;
    zoo *z =
        decode_zoo("{\"tickets\":[1.0,-0,-0.0,1e3,12.5e1,1E+2,1e18,0.0,1.000000000000000000]}");
    const int64_t expected[] = {1, 0, 0, 1000, 125, 100, 1000000000000000000, 0, 1};
    assert_int_equal(z->tickets.count, COUNT(expected));
    assert_memory_equal(z->tickets.items, expected, sizeof(expected));
    caws_output_free(z);
}

static void expect_double(const char *text, double expected)
{
    char json[512];
    (void)snprintf(json, sizeof(json), "{\"area\":%s}", text);
    zoo *z = decode_zoo(json);
    if (!z->area.present || memcmp(&z->area.value, &expected, sizeof(expected)) != 0)
        fail_msg("%s is read as %a", text, z->area.value);
    caws_output_free(z);
}

static void reads_doubles_as_strtod(void **state)
{
    (void)state;
    static const char *const texts[] = {"0",
                                        "-0",
                                        "-0.0",
                                        "1e999",
                                        "-1e999",
                                        "1e-999",
                                        "0.1",
                                        "9007199254740993",
                                        "-9007199254740993",
                                        "1e22",
                                        "1e23",
                                        "123456789012345678901234567890",
                                        "4.9e-324",
                                        "1.7976931348623157e308",
                                        "0.30000000000000004"};
    for (size_t i = 0; i < COUNT(texts); i++)
        expect_double(texts[i], strtod(texts[i], NULL));
    uint64_t random = 3;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next_random(&random);
        double value;
        char text[64];
        memcpy(&value, &bits, sizeof(value));
        if (!isfinite(value))
            continue;
        (void)snprintf(text, sizeof(text), i % 2 == 0 ? "%.17g" : "%.5e", value);
        expect_double(text, strtod(text, NULL));
    }
}

static void reads_what_is_no_number(void **state)
{
    (void)state;
    zoo *z = decode_zoo("{\"weights\":[\"NaN\",\"Infinity\",\"-Infinity\"]}");
    assert_true(isnan(z->weights.items[0]));
    assert_true(isinf(z->weights.items[1]) && z->weights.items[1] > 0);
    assert_true(isinf(z->weights.items[2]) && z->weights.items[2] < 0);
    caws_output_free(z);
}

static void reads_numbers_in_any_locale(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8",  "de_DE",
                                        "fr_FR.UTF-8", "fa_IR.UTF-8", "ps_AF.UTF-8"};
    bool found = false;
    for (size_t i = 0; i < COUNT(names); i++) {
        if (setlocale(LC_ALL, names[i]) == NULL)
            continue;
        found = true;
        zoo *z = decode_zoo("{\"area\":-1234.5,\"founded\":1.25,\"visitors\":1.0e1,"
                            "\"weights\":[0.5,12345678901234567]}");
        assert_true(z->area.value == -1234.5);
        assert_int_equal(z->founded.value, 1250);
        assert_int_equal(z->visitors.value, 10);
        assert_true(z->weights.items[0] == 0.5 && z->weights.items[1] == 12345678901234567.0);
        caws_output_free(z);
        assert_string_equal(setlocale(LC_ALL, NULL), names[i]); /* the host's locale stays */
        char text[16];
        (void)snprintf(text, sizeof(text), "1%s5", localeconv()->decimal_point);
        assert_true(strtod(text, NULL) == 1.5);
    }
    assert_non_null(setlocale(LC_ALL, "C"));
    if (!found)
        skip();
}

static void reads_timestamps_in_every_form(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {{"0", 0},
                 {"1440938160", 1440938160000},
                 {"1440938160.123", 1440938160123},
                 {"1.440938160123E9", 1440938160123},
                 {"1440938160.1239", 1440938160124}, /* rounded: a double is not exact */
                 {"-0.5", -500},
                 {"-1.001", -1001},
                 {"0.0004", 0},
                 {"253402300799.999", 253402300799999},
                 {"1000000000000000", 1000000000000000000}, /* 16 digits */
                 {"-1000000000000000", -1000000000000000000},
                 {"\"2015-08-30T12:36:00Z\"", 1440938160000},
                 {"\"2015-08-30T14:36:00.5+02:00\"", 1440938160500},
                 {"\"Sun, 30 Aug 2015 12:36:00 GMT\"", 1440938160000}};
    static const char *const members[] = {"founded", "inspected", "closed"};
    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t m = 0; m < COUNT(members); m++) {
            char text[128];
            (void)snprintf(text, sizeof(text), "{\"%s\":%s}", members[m], cases[i].text);
            zoo *z = decode_zoo(text);
            const caws_opt_i64 *opt = m == 0 ? &z->founded : m == 1 ? &z->inspected : &z->closed;
            assert_true(opt->present);
            assert_int_equal(opt->value, cases[i].ms);
            caws_output_free(z);
        }
}

/* Milliseconds survive the way through a double, as far as four-digit years go. */
static void keeps_milliseconds(void **state)
{
    (void)state;
    uint64_t random = 9999;
    for (int i = 0; i < 20000; i++) {
        int64_t ms = (int64_t)(next_random(&random) % 315569520000000) - 62135596800000;
        char text[64];
        (void)snprintf(text, sizeof(text), "{\"founded\":%s%" PRId64 ".%03d}", ms < 0 ? "-" : "",
                       ms < 0 ? -(ms / 1000) : ms / 1000, (int)(ms < 0 ? -(ms % 1000) : ms % 1000));
        zoo *z = decode_zoo(text);
        assert_true(z->founded.value == ms);
        caws_output_free(z);
    }
}

static void takes_null_as_absent(void **state)
{
    (void)state;
    char text[4096] = "{";
    for (uint16_t i = 0; i < zoo_type.member_count; i++) {
        char member[64];
        const char *name =
            strcmp(zoo_members[i].name, "motto") == 0 ? "zooMotto" : zoo_members[i].name;
        (void)snprintf(member, sizeof(member), "%s\"%s\":null", i > 0 ? "," : "", name);
        strcat(text, member);
    }
    strcat(text, "}");
    zoo *z = decode_zoo(text);
    const zoo nothing = {.name = NULL};
    assert_memory_equal(z, &nothing, sizeof(nothing));
    caws_output_free(z);
}

static void takes_null_items_as_zero(void **state)
{
    (void)state;
    zoo *z = decode_zoo(
        "{\"names\":[null,\"a\",null],\"animals\":[null,{\"age\":1}],\"tickets\":[null,7],"
        "\"photos\":[null],\"grid\":[null,[1]],\"flags\":[null],\"days\":[null],"
        "\"labels\":{\"a\":null},\"keepers\":{\"b\":null},\"totals\":{\"c\":null}}");
    assert_int_equal(z->names.count, 3);
    assert_null(z->names.items[0]);
    assert_string_equal(z->names.items[1], "a");
    assert_int_equal(z->animals.count, 2);
    assert_null(z->animals.items[0].name);
    assert_int_equal(z->animals.items[1].age.value, 1);
    assert_true(z->tickets.count == 2 && z->tickets.items[0] == 0 && z->tickets.items[1] == 7);
    assert_null(z->photos.items[0].data);
    assert_null(z->grid.items[0].items);
    assert_int_equal(z->grid.items[1].items[0], 1);
    assert_false(z->flags.items[0]);
    assert_int_equal(z->days.items[0], 0);
    assert_string_equal(z->labels.items[0].key, "a");
    assert_null(z->labels.items[0].value);
    assert_string_equal(z->keepers.items[0].key, "b");
    assert_false(z->keepers.items[0].value.age.present);
    assert_string_equal(z->totals.items[0].key, "c");
    caws_output_free(z);
}

static void tells_empty_from_absent(void **state)
{
    (void)state;
    zoo *z = decode_zoo("{\"name\":\"\",\"crest\":\"\",\"names\":[],\"labels\":{},\"animals\":[],"
                        "\"star\":{},\"food\":{}}");
    assert_string_equal(z->name, "");
    assert_non_null(z->crest.data);
    assert_int_equal(z->crest.length, 0);
    assert_non_null(z->names.items);
    assert_int_equal(z->names.count, 0);
    assert_non_null(z->labels.items);
    assert_int_equal(z->labels.count, 0);
    assert_non_null(z->animals.items);
    assert_non_null(z->star);
    assert_null(z->star->name);
    assert_non_null(z->food);
    assert_null(z->tickets.items);
    assert_null(z->keepers.items);
    assert_null(z->motto);
    caws_output_free(z);
}

static void passes_over_unknown_members(void **state)
{
    (void)state;
    zoo *z =
        decode_zoo("{\"x\":{\"name\":5,\"y\":[[{}]]},\"Name\":1,\"NAME\":2,\"nam\":3,\"names2\":4,"
                   "\"motto\":5,\"\":6,\"name\":\"a\",\"z\":12345678901234567890,\"cages\":1,"
                   "\"star\":{\"unknown\":[1234567890123456789],\"name\":\"b\"}}");
    assert_string_equal(z->name, "a");
    assert_int_equal(z->cages.value, 1);
    assert_string_equal(z->star->name, "b");
    assert_null(z->motto); /* its name on the wire is another */
    caws_output_free(z);
}

static void takes_the_last_of_equal_members(void **state)
{
    (void)state;
    zoo *z =
        decode_zoo("{\"name\":\"a\",\"cages\":1,\"names\":[\"x\",\"y\"],\"star\":{\"name\":\"s\"},"
                   "\"name\":\"b\",\"cages\":2,\"names\":[],\"star\":{\"age\":1}}");
    assert_string_equal(z->name, "b");
    assert_int_equal(z->cages.value, 2);
    assert_int_equal(z->names.count, 0);
    assert_null(z->star->name);
    assert_int_equal(z->star->age.value, 1);
    caws_output_free(z);
}

static void reads_members_in_any_order(void **state)
{
    (void)state;
    uint64_t random = 26;
    for (int round = 0; round < 200; round++) {
        const char *members[] = {"\"open\":true",  "\"cages\":3",        "\"visitors\":4",
                                 "\"name\":\"n\"", "\"zooMotto\":\"m\"", "\"area\":0.5",
                                 "\"unknown\":0"};
        char text[256] = "{";
        for (size_t left = COUNT(members); left > 0; left--) {
            size_t pick = random_below(&random, (unsigned)left);
            strcat(text, members[pick]);
            strcat(text, left > 1 ? "," : "}");
            members[pick] = members[left - 1];
        }
        zoo *z = decode_zoo(text);
        assert_true(z->open.value && z->cages.value == 3 && z->visitors.value == 4);
        assert_true(z->area.value == 0.5);
        assert_string_equal(z->name, "n");
        assert_string_equal(z->motto, "m");
        caws_output_free(z);
    }
}

static void reads_escapes(void **state)
{
    (void)state;
    zoo *z = decode_zoo(
        "{\"names\":[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"\\u00e9\\u20ac\\ud83d\\ude00\","
        "\"a\\u0000b\",\"\\\\u0000\",\"\\\\\\u0000\",\"\\u0000\",\"\\u00001\",\"cut \\ud83d\"],"
        "\"labels\":{\"k\\u0000\":\"\\u0000\"},\"\\u006eame\":\"by escape\"}");
    static const char *const expected[] = {
        "\"\\/\b\f\n\r\t", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
        "a\357\277\275b",  "\\u0000",
        "\\\xef\xbf\xbd",  "\xef\xbf\xbd",
        "\357\277\2751",   "cut \xef\xbf\xbd"};
    assert_int_equal(z->names.count, COUNT(expected));
    for (size_t i = 0; i < COUNT(expected); i++)
        assert_string_equal(z->names.items[i], expected[i]);
    assert_string_equal(z->labels.items[0].key, "k\xef\xbf\xbd");
    assert_string_equal(z->labels.items[0].value, "\xef\xbf\xbd");
    assert_string_equal(z->name, "by escape");
    caws_output_free(z);
}

static void keeps_digits_in_strings(void **state)
{
    (void)state;
    zoo *z = decode_zoo(
        "{\"names\":[\"1234567890123456789\",\"\\\":1234567890123456,\",\"\\\\\","
        "\"[-1234567890123456]\"],\"labels\":{\":1234567890123456\":\" 1234567890123456\"},"
        "\"tickets\":[1234567890123456]}");
    assert_string_equal(z->names.items[0], "1234567890123456789");
    assert_string_equal(z->names.items[1], "\":1234567890123456,");
    assert_string_equal(z->names.items[2], "\\");
    assert_string_equal(z->names.items[3], "[-1234567890123456]");
    assert_string_equal(z->labels.items[0].key, ":1234567890123456");
    assert_string_equal(z->labels.items[0].value, " 1234567890123456");
    assert_true(z->tickets.items[0] == 1234567890123456);
    caws_output_free(z);
}

static void finds_strings_of_an_object(void **state)
{
    (void)state;
    static const char text[] = " { \"a\" : \"1\" ,\"b\":2,\"c\":null,\"d\":12345678901234567890,"
                               "\"e\":\"\",\"A\":\"no\",\"f\":\"\\\"1\\\"\"}";
    caws_error error = CAWS_ERROR_INIT;
    caws_arena arena = CAWS_ARENA_INIT;
    assert_int_equal(caws_json_accept(text, sizeof(text) - 1, &error), CAWS_OK);
    static const struct {
        const char *name;
        const char *other_name;
        const char *value;
    } cases[] = {{"a", "e", "1"},  {"e", "a", "1"}, {"x", "e", ""},  {"x", "a", "1"},
                 {"b", "a", "1"},  {"c", "a", "1"}, {"d", "a", "1"}, {"f", "x", "\"1\""},
                 {"x", "y", NULL}, {"b", "d", NULL}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *value = "not set";
        assert_true(
            caws_json_find_string(text, cases[i].name, cases[i].other_name, &arena, &value));
        if (cases[i].value == NULL)
            assert_null(value);
        else
            assert_string_equal(value, cases[i].value);
    }
    caws_arena_clear(&arena);
}

static void reads_much(void **state)
{
    (void)state;
    enum { ITEMS = 50000 };
    caws_buffer text = CAWS_BUFFER_INIT;
    caws_buffer_append_string(&text, "{\"animals\":[");
    for (int i = 0; i < ITEMS; i++)
        caws_buffer_append_format(&text, "%s{\"name\":\"animal %d\",\"age\":%" PRId64 "}",
                                  i > 0 ? "," : "", i, INT64_MAX - i);
    caws_buffer_append_string(&text, "]}");
    assert_true(caws_buffer_ok(&text));
    zoo *z = decode_zoo(text.data);
    assert_int_equal(z->animals.count, ITEMS);
    for (int i = 0; i < ITEMS; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "animal %d", i);
        assert_string_equal(z->animals.items[i].name, name);
        assert_true(z->animals.items[i].age.value == INT64_MAX - i);
    }
    caws_output_free(z);
    caws_buffer_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_kind),
        cmocka_unit_test(comes_back_the_same),
        cmocka_unit_test(reads_integers_exactly),
        cmocka_unit_test(reads_whole_numbers_in_other_forms),
        cmocka_unit_test(reads_doubles_as_strtod),
        cmocka_unit_test(reads_what_is_no_number),
        cmocka_unit_test(reads_numbers_in_any_locale),
        cmocka_unit_test(reads_timestamps_in_every_form),
        cmocka_unit_test(keeps_milliseconds),
        cmocka_unit_test(takes_null_as_absent),
        cmocka_unit_test(takes_null_items_as_zero),
        cmocka_unit_test(tells_empty_from_absent),
        cmocka_unit_test(passes_over_unknown_members),
        cmocka_unit_test(takes_the_last_of_equal_members),
        cmocka_unit_test(reads_members_in_any_order),
        cmocka_unit_test(reads_escapes),
        cmocka_unit_test(keeps_digits_in_strings),
        cmocka_unit_test(finds_strings_of_an_object),
        cmocka_unit_test(reads_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
