#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json_text.h"
#include "random.h"

#define M "\"\xff" /* what stands in front of a long number in rewritten text */

/* Prepares a copy without a byte to spare, so that a sanitizer sees any access beyond it. The
 * result must be result in place, and rewritten; NULL: nothing to rewrite. */
static void expect_bytes(const char *text, size_t length, const char *result, const char *rewritten,
                         size_t rewritten_length)
{
    char *copy = malloc(length == 0 ? 1 : length);
    assert_non_null(copy);
    if (length > 0)
        memcpy(copy, text, length);
    caws_buffer buffer = CAWS_BUFFER_INIT;
    assert_true(caws_json_text_prepare(copy, length, &buffer));
    if (length > 0)
        assert_memory_equal(copy, result, length);
    if (rewritten == NULL) {
        assert_int_equal(buffer.length, 0);
    } else {
        assert_int_equal(buffer.length, rewritten_length);
        assert_string_equal(buffer.data, rewritten);
    }
    caws_buffer_clear(&buffer);
    free(copy);
}

static void expect(const char *text, const char *result, const char *rewritten)
{
    assert_int_equal(strlen(text), strlen(result));
    expect_bytes(text, strlen(text), result, rewritten, rewritten != NULL ? strlen(rewritten) : 0);
}

static void expect_rewritten(const char *text, const char *rewritten)
{
    expect(text, text, rewritten);
}

static void expect_untouched(const char *text)
{
    expect(text, text, NULL);
}

static void replaces_escaped_nul(void **state)
{
    (void)state;
    expect("{\"a\":\"\\u0000\"}", "{\"a\":\"\\ufffd\"}", NULL);
    expect("\"\\u0000\\u0000x\\u0000\"", "\"\\ufffd\\ufffdx\\ufffd\"", NULL);
    expect("{\"\\u0000\":1}", "{\"\\ufffd\":1}", NULL);
    expect("\\u0000", "\\ufffd", NULL);
    expect("\"\\u00000\"", "\"\\ufffd0\"", NULL);
    expect("\"\\\"\\u0000\"", "\"\\\"\\ufffd\"", NULL);
    expect_untouched("\"\\u0001\"");
    expect_untouched("\"u0000\"");
    expect_untouched("\"\\U0000\"");
    expect_untouched("\\");
    expect_untouched("\"\\\"\\");
}

/* Nothing behind the end is looked at: the sanitizer would tell. */
static void ends_in_the_middle_of_an_escape(void **state)
{
    (void)state;
    expect("\\u", "\\?", NULL);
    expect("\\u00", "\\?00", NULL);
    expect("\\u000", "\\?000", NULL);
    expect("\\ud800", "\\ufffd", NULL);
    expect("\\ud800\\", "\\ufffd\\", NULL);
    expect("\\ud800\\u", "\\ufffd\\?", NULL);
    expect("\\ud800\\udc0", "\\ufffd\\?dc0", NULL);
}

/* Programs that cut strings in UTF-16 send halves of pairs. */
static void replaces_half_surrogate_pairs(void **state)
{
    (void)state;
    expect_untouched("\"\\ud83d\\ude00\\uD83D\\uDE00\\udbff\\udfff\\ud800\\udc00\"");
    expect_untouched("\"\\ud7ff\\ue000\\\\ud800\"");
    expect("\"\\ud83d\"", "\"\\ufffd\"", NULL);
    expect("\"\\ude00\"", "\"\\ufffd\"", NULL);
    expect("\"\\uD800x\\uDFFF\"", "\"\\ufffdx\\ufffd\"", NULL);
    expect("\"\\ude00\\ud83d\"", "\"\\ufffd\\ufffd\"", NULL);
    expect("\"\\ud83d\\ud83d\\ude00\"", "\"\\ufffd\\ud83d\\ude00\"", NULL);
    expect("\"\\ud83d\\u0000\\ude00\"", "\"\\ufffd\\ufffd\\ufffd\"", NULL);
    expect("\"\\ud83d\\u0041\"", "\"\\ufffd\\u0041\"", NULL);
    expect("\"\\ud83d\\nude00\"", "\"\\ufffd\\nude00\"", NULL);
    expect("\\ud83d", "\\ufffd", NULL);
    expect("\\ud83d\\ude0", "\\ufffd\\?de0", NULL);
}

/* cJSON reads what is no hexadecimal number as 0, which ends the string. */
static void breaks_malformed_escapes(void **state)
{
    (void)state;
    expect("\"\\u12g4\"", "\"\\?12g4\"", NULL);
    expect("\"\\u\"", "\"\\?\"", NULL);
    expect("\"\\u000", "\"\\?000", NULL);
    expect("\"\\u 000\"", "\"\\? 000\"", NULL);
    expect("\"\\u+123\"", "\"\\?+123\"", NULL);
    expect("\\u", "\\?", NULL);
    expect_untouched("\"\\uabCD\\uEF09\"");
}

static void counts_backslashes_before_nul(void **state)
{
    (void)state;
    for (size_t backslashes = 0; backslashes < 40; backslashes++)
        for (int behind_quote = 0; behind_quote < 2; behind_quote++) {
            char text[64] = "";
            char result[64] = "";
            size_t used = 0;
            if (behind_quote)
                text[used++] = '"';
            memset(text + used, '\\', backslashes);
            used += backslashes;
            memcpy(text + used, "u0000", 5);
            memcpy(result, text, sizeof(text));
            if (backslashes % 2 == 1)
                memcpy(result + used, "ufffd", 5);
            expect(text, result, NULL);
        }
}

static void marks_long_integers(void **state)
{
    (void)state;
    expect_rewritten("{\"a\":9007199254740993}", "{\"a\":" M "9007199254740993\"}");
    expect_rewritten("{\"a\":-9007199254740993}", "{\"a\":" M "-9007199254740993\"}");
    expect_rewritten("[1234567890123456,1,1234567890123456]",
                     "[" M "1234567890123456\",1," M "1234567890123456\"]");
    expect_rewritten("[ \t\r\n-1234567890123456 \n]", "[ \t\r\n" M "-1234567890123456\" \n]");
    expect_rewritten("[[[1234567890123456]]]", "[[[" M "1234567890123456\"]]]");
    expect_rewritten("[1234567890123456", "[" M "1234567890123456\"");
    expect_rewritten("[123456789012345678901234567890123456789012345678901234567890]",
                     "[" M "123456789012345678901234567890123456789012345678901234567890\"]");
}

static void leaves_short_and_fractional_numbers(void **state)
{
    (void)state;
    expect_untouched("");
    expect_untouched("[]");
    expect_untouched("[123456789012345,-123456789012345]");
    expect_untouched("[1.234567890123456789,1234567890123456.5,1234567890123456e1]");
    expect_untouched("[1234567890123456E+5,1e1234567890123456,1e-1234567890123456]");
    expect_untouched("[0.1234567890123456,-0.1234567890123456e10]");
    expect_untouched("1234567890123456"); /* no object: an error whatever it says */
    expect_untouched("x1234567890123456");
    expect_untouched("[-]");
}

static void leaves_digits_in_strings(void **state)
{
    (void)state;
    expect_untouched("\"1234567890123456\"");
    expect_untouched("{\"a\":\"x:1234567890123456\"}");
    expect_untouched("{\"a\":\"[1234567890123456]\",\"b\":\", 1234567890123456 \"}");
    expect_untouched("{\"a\":\"\\\":1234567890123456\"}");
    expect_untouched("{\"a\":\"\\\\\\\":1234567890123456\"}");
    expect_untouched("{\"a\":\"\\n:-1234567890123456\"}");
    expect_untouched("{\":1234567890123456\":1}");
    expect_rewritten("{\"a\":\"\\\\\",\"b\":1234567890123456}",
                     "{\"a\":\"\\\\\",\"b\":" M "1234567890123456\"}");
    expect_rewritten("{\"a\":\"\\\\\\\"\",\"b\":1234567890123456}",
                     "{\"a\":\"\\\\\\\"\",\"b\":" M "1234567890123456\"}");
    expect_rewritten("{\"a:1234567890123456\":1234567890123456,\"b\":\":1234567890123456\"}",
                     "{\"a:1234567890123456\":" M
                     "1234567890123456\",\"b\":\":1234567890123456\"}");
}

/* What is no JSON must not become JSON by putting quotes around it. */
static void leaves_numbers_as_names(void **state)
{
    (void)state;
    expect_untouched("{ 1234567890123456:1}");
    expect_untouched("{\"a\":1,1234567890123456 \t\r\n:1}");
}

/* Finds the long number wherever it stands: the search looks at one byte in sixteen. */
static void finds_numbers_at_every_offset(void **state)
{
    (void)state;
    for (size_t digits = 14; digits <= 35; digits++)
        for (size_t spaces = 0; spaces <= 33; spaces++)
            for (int negative = 0; negative < 2; negative++) {
                char text[128] = "[";
                char rewritten[128] = "[";
                size_t used = 1;
                memset(text + used, ' ', spaces);
                used += spaces;
                memcpy(rewritten, text, used);
                char number[64] = "-";
                size_t sign = negative ? 1 : 0;
                memset(number + sign, '7', digits);
                memcpy(text + used, number, digits + sign);
                text[used + digits + sign] = ']';
                memcpy(rewritten + used, M, 2);
                memcpy(rewritten + used + 2, number, digits + sign);
                memcpy(rewritten + used + 2 + digits + sign, "\"]", 2);
                expect(text, text, digits >= 16 ? rewritten : NULL);
            }
}

/* A random text, and what preparing must make of it, written side by side. */
typedef struct texts {
    uint64_t random;
    caws_buffer text;
    caws_buffer result;
    caws_buffer rewritten;
    bool marked;
} texts;

static void put(texts *t, const char *text)
{
    caws_buffer_append_string(&t->text, text);
    caws_buffer_append_string(&t->result, text);
    caws_buffer_append_string(&t->rewritten, text);
}

static void put_number(texts *t)
{
    char number[64] = "";
    size_t used = 0;
    size_t digits = 1 + random_below(&t->random, random_below(&t->random, 2) ? 40 : 18);
    if (random_below(&t->random, 3) == 0)
        number[used++] = '-';
    number[used++] = (char)('1' + random_below(&t->random, 9));
    for (size_t i = 1; i < digits; i++)
        number[used++] = (char)('0' + random_below(&t->random, 10));
    bool whole = random_below(&t->random, 4) != 0;
    if (!whole)
        memcpy(number + used, random_below(&t->random, 2) ? ".5" : "E7", 2);
    bool marked = whole && digits >= 16;
    caws_buffer_append_string(&t->text, number);
    caws_buffer_append_string(&t->result, number);
    caws_buffer_append_format(&t->rewritten, marked ? M "%s\"" : "%s", number);
    t->marked = t->marked || marked;
}

static void put_string(texts *t)
{
    static const char *const pieces[] = {"1234567890123456",
                                         "-99999999999999999999",
                                         ":1234567890123456,",
                                         "[",
                                         "{",
                                         "\\\"",
                                         "\\\\",
                                         "\\n",
                                         "\xc3\xa9",
                                         " ",
                                         ",",
                                         "\\u0001",
                                         "\\\\u0000",
                                         "x"};
    put(t, "\"");
    for (unsigned count = random_below(&t->random, 8); count > 0; count--) {
        unsigned piece = random_below(&t->random, sizeof(pieces) / sizeof(pieces[0]) + 1);
        if (piece < sizeof(pieces) / sizeof(pieces[0])) {
            put(t, pieces[piece]);
        } else {
            caws_buffer_append_string(&t->text, "\\u0000");
            caws_buffer_append_string(&t->result, "\\ufffd");
            caws_buffer_append_string(&t->rewritten, "\\ufffd");
        }
    }
    put(t, "\"");
}

static void put_value(texts *t, int depth)
{
    static const char *const spaces[] = {"", "", "", " ", "\n", "\r\n\t"};
    put(t, spaces[random_below(&t->random, 6)]);
    unsigned kind = depth > 5 ? random_below(&t->random, 2) : random_below(&t->random, 5);
    if (kind == 0) {
        put_string(t);
    } else if (kind == 1) {
        put_number(t);
    } else {
        put(t, kind == 2 ? "{" : "[");
        for (unsigned i = 0, count = random_below(&t->random, 5); i < count; i++) {
            if (i > 0)
                put(t, ",");
            if (kind == 2) {
                put_string(t);
                put(t, ":");
            }
            put_value(t, depth + 1);
        }
        put(t, kind == 2 ? "}" : "]");
    }
    put(t, spaces[random_below(&t->random, 6)]);
}

static void agrees_with_generated_texts(void **state)
{
    (void)state;
    texts t = {.random = 20150830};
    size_t marked = 0;
    for (int round = 0; round < 20000; round++) {
        t.marked = false;
        put(&t, "{\"a\":");
        put_value(&t, 0);
        put(&t, "}");
        assert_true(caws_buffer_ok(&t.rewritten));
        assert_false(caws_json_text_is_cut(t.text.data, t.text.length));
        assert_true(caws_json_text_is_cut(t.text.data, t.text.length - 1));
        expect_bytes(t.text.data, t.text.length, t.result.data, t.marked ? t.rewritten.data : NULL,
                     t.rewritten.length);
        marked += t.marked ? 1 : 0;
        caws_buffer_reset(&t.text);
        caws_buffer_reset(&t.result);
        caws_buffer_reset(&t.rewritten);
    }
    assert_true(marked > 1000);
    caws_buffer_clear(&t.text);
    caws_buffer_clear(&t.result);
    caws_buffer_clear(&t.rewritten);
}

/* Would take hours if the work grew with the square of the length. */
static void takes_linear_time(void **state)
{
    (void)state;
    enum { LENGTH = 8 << 20 };
    static const char *const fills[] = {"7", "\\", "\\u0000", ":1234567890123456", "\"", "-", "1."};
    char *text = malloc(LENGTH + 32);
    assert_non_null(text);
    for (size_t fill = 0; fill < sizeof(fills) / sizeof(fills[0]); fill++) {
        size_t period = strlen(fills[fill]);
        for (int in_string = 0; in_string < 2; in_string++) {
            memcpy(text, in_string ? "[\"" : "[ ", 2);
            for (size_t i = 2; i < LENGTH; i++)
                text[i] = fills[fill][(i - 2) % period];
            caws_buffer rewritten = CAWS_BUFFER_INIT;
            assert_true(caws_json_text_prepare(text, LENGTH, &rewritten));
            assert_true(caws_json_text_is_cut(text, LENGTH));
            caws_buffer_clear(&rewritten);
        }
    }
    free(text);
}

static void reports_a_full_buffer(void **state)
{
    (void)state;
    char text[] = "[1234567890123456]";
    caws_buffer rewritten = CAWS_BUFFER_INIT;
    rewritten.limit = 5;
    assert_false(caws_json_text_prepare(text, sizeof(text) - 1, &rewritten));
    caws_buffer_clear(&rewritten);
}

static void tells_cut_texts(void **state)
{
    (void)state;
    static const char *const cut[] = {"{",     "[",         "\"",        "{\"a",     "{\"a\":1",
                                      "[[]",   "{\"a\":[}", "{\"a\\\"}", "{\"a\\\\", "[\"]",
                                      "[\"\\", "{}{",       "]["};
    static const char *const whole[] = {"",         "{}",      "[]",         "1",
                                        "nonsense", "]]}}",    "{\"a\":1}x", "{\"}\":\"{\"}",
                                        "\"[\"",    "\"\\\\\""};
    for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++)
        if (!caws_json_text_is_cut(cut[i], strlen(cut[i])))
            fail_msg("%s is cut", cut[i]);
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
        if (caws_json_text_is_cut(whole[i], strlen(whole[i])))
            fail_msg("%s is not cut", whole[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaces_escaped_nul),
        cmocka_unit_test(ends_in_the_middle_of_an_escape),
        cmocka_unit_test(replaces_half_surrogate_pairs),
        cmocka_unit_test(breaks_malformed_escapes),
        cmocka_unit_test(counts_backslashes_before_nul),
        cmocka_unit_test(marks_long_integers),
        cmocka_unit_test(leaves_short_and_fractional_numbers),
        cmocka_unit_test(leaves_digits_in_strings),
        cmocka_unit_test(leaves_numbers_as_names),
        cmocka_unit_test(finds_numbers_at_every_offset),
        cmocka_unit_test(agrees_with_generated_texts),
        cmocka_unit_test(takes_linear_time),
        cmocka_unit_test(reports_a_full_buffer),
        cmocka_unit_test(tells_cut_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
