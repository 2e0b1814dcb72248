/* clang-format off: cmocka.h needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
/* clang-format on */

#include "uri.h"

static void assert_encoded(const char *text, unsigned flags, const char *expected)
{
    caws_buffer out = CAWS_BUFFER_INIT;
    assert_true(caws_buffer_append_string(&out, ">"));
    assert_true(caws_uri_append_encoded(&out, text, strlen(text), flags));
    assert_string_equal(out.data + 1, expected);
    assert_int_equal(out.length, strlen(expected) + 1);
    caws_buffer_clear(&out);
}

static void test_encode(void **state)
{
    (void)state;
    assert_encoded("", 0, "");
    assert_encoded("azAZ09-._~", 0, "azAZ09-._~");
    assert_encoded("a b/c+d", 0, "a%20b%2Fc%2Bd");
    assert_encoded("a b/c+d", CAWS_URI_KEEP_SLASH, "a%20b/c%2Bd");
    assert_encoded("\xe6\x97\xa5\xff\x01\x7f", 0, "%E6%97%A5%FF%01%7F");
    assert_encoded("%41%2f", 0, "%2541%252f");
    assert_encoded("!\"#$&'()*,:;<=>?@[\\]^`{|}", 0,
                   "%21%22%23%24%26%27%28%29%2A%2C%3A%3B%3C%3D%3E%3F%40%5B%5C%5D%5E%60%7B%7C%7D");
}

static void test_encode_bytes(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        static const char plain[] =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
        caws_buffer out = CAWS_BUFFER_INIT;
        char text = (char)byte;
        char expected[8] = {text, '\0'};
        if (byte == 0 || strchr(plain, text) == NULL) {
            expected[0] = '%';
            expected[1] = "0123456789ABCDEF"[byte / 16];
            expected[2] = "0123456789ABCDEF"[byte % 16];
        }
        assert_true(caws_uri_append_encoded(&out, &text, 1, 0));
        assert_string_equal(out.data, expected);
        caws_buffer_clear(&out);
    }
}

static void test_keep_escapes(void **state)
{
    (void)state;
    unsigned keep = CAWS_URI_KEEP_ESCAPES;
    assert_encoded("%41%2f%7e%c3%A9", keep, "A%2F~%C3%A9");
    assert_encoded("a%2Fb/c", keep | CAWS_URI_KEEP_SLASH, "a%2Fb/c");
    assert_encoded("%", keep, "%25");
    assert_encoded("%4", keep, "%254");
    assert_encoded("%zz%4g%g4", keep, "%25zz%254g%25g4");
    assert_encoded("%%41", keep, "%25A");
    assert_encoded("%2541", keep, "%2541");
    assert_encoded("%00", keep, "%00");
    assert_encoded("a+b%2Bc%20", keep, "a%2Bb%2Bc%20");
}

/* An escape that the end cuts off is none, even if the bytes behind would make it one. */
static void test_cut_escape(void **state)
{
    (void)state;
    caws_buffer out = CAWS_BUFFER_INIT;
    assert_true(caws_uri_append_encoded(&out, "%41", 2, CAWS_URI_KEEP_ESCAPES));
    assert_string_equal(out.data, "%254");
    caws_buffer_clear(&out);
}

static void test_encode_limits(void **state)
{
    (void)state;
    caws_buffer out = CAWS_BUFFER_INIT;
    assert_false(caws_uri_append_encoded(&out, "x", SIZE_MAX, 0));
    assert_false(caws_buffer_ok(&out));
    caws_buffer_clear(&out);
    out.limit = 5;
    assert_false(caws_uri_append_encoded(&out, "ab", 2, 0));
    assert_false(caws_buffer_ok(&out));
    caws_buffer_clear(&out);
}

static void test_normalize(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *expected;
    } cases[] = {
        {"", "/"},
        {"/", "/"},
        {"//", "/"},
        {"a", "/a"},
        {"/a", "/a"},
        {"/a/", "/a/"},
        {"/.", "/"},
        {"/..", "/"},
        {"/../", "/"},
        {"/./", "/"},
        {"/a/.", "/a"},
        {"/a/./", "/a/"},
        {"/a/..", "/"},
        {"/a/../", "/"},
        {"/a/b/..", "/a"},
        {"/a/b/../", "/a/"},
        {"/../../a", "/a"},
        {"/a/../../../b/./c//d", "/b/c/d"},
        {"//a///b//", "/a/b/"},
        {"/.../..b/c./.d", "/.../..b/c./.d"},
        {"/%2e%2e/a", "/%2e%2e/a"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        caws_buffer out = CAWS_BUFFER_INIT;
        assert_true(caws_buffer_append_string(&out, "/kept"));
        assert_true(caws_uri_append_normalized_path(&out, cases[i].path, strlen(cases[i].path)));
        assert_memory_equal(out.data, "/kept", 5);
        assert_string_equal(out.data + 5, cases[i].expected);
        assert_int_equal(out.length, strlen(out.data));
        caws_buffer_clear(&out);
    }
}

static void test_normalize_limit(void **state)
{
    (void)state;
    for (size_t limit = 1; limit < 6; limit++) {
        caws_buffer out = CAWS_BUFFER_INIT;
        out.limit = limit;
        assert_false(caws_uri_append_normalized_path(&out, "/a/./bb/", 8));
        caws_buffer_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encode),          cmocka_unit_test(test_encode_bytes),
        cmocka_unit_test(test_keep_escapes),    cmocka_unit_test(test_cut_escape),
        cmocka_unit_test(test_encode_limits),   cmocka_unit_test(test_normalize),
        cmocka_unit_test(test_normalize_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
