/* clang-format off: cmocka.h needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
/* clang-format on */

#include "sigv4_canonical.h"

static void assert_query(const char *query, const char *expected)
{
    caws_buffer out = CAWS_BUFFER_INIT;
    caws_pairs scratch = CAWS_PAIRS_INIT;
    /* Not a byte to spare, so that a sanitizer sees any read beyond the end. */
    size_t length = strlen(query);
    char *tight = malloc(length > 0 ? length : 1);
    assert_non_null(tight);
    for (size_t i = 0; i < length; i++)
        tight[i] = query[i];
    assert_true(caws_buffer_append_char(&out, '>'));
    assert_true(caws_canonical_query(&out, &scratch, tight, length));
    assert_string_equal(out.data + 1, expected);
    free(tight);
    caws_buffer_clear(&out);
    caws_pairs_clear(&scratch);
}

static void test_query(void **state)
{
    (void)state;
    assert_query("", "");
    assert_query("&", "");
    assert_query("&&&", "");
    assert_query("=", "=");
    assert_query("==", "=%3D");
    assert_query("a", "a=");
    assert_query("a=", "a=");
    assert_query("=a", "=a");
    assert_query("b&a&", "a=&b=");
    assert_query("a=b=c", "a=b%3Dc");
    assert_query("a%3Db=c", "a%3Db=c");
    assert_query("a=%26&b", "a=%26&b=");
    assert_query("a=x+y%20z", "a=x%2By%20z");
    assert_query("a=%", "a=%25");
    assert_query("a=%4&b=1", "a=%254&b=1");
    /* Names first, then values, not the text as a whole: '=' is above '-'. */
    assert_query("a-b=1&a=2", "a=2&a-b=1");
    assert_query("a=b&a=a&A=c&aa=0&a=", "A=c&a=&a=a&a=b&aa=0");
    assert_query("a=%7A&a=%79", "a=y&a=z");
}

/* Beyond the number that is sorted in place, and sizes around it. */
static void test_many_parameters(void **state)
{
    (void)state;
    for (unsigned count = 1; count <= 40; count++) {
        char query[1024] = "";
        char expected[1024] = "";
        size_t used = 0;
        size_t expected_used = 0;
        for (unsigned i = 0; i < count; i++) {
            unsigned n = (i * 17 + 3) % 41; /* each at most once */
            used += (size_t)snprintf(query + used, sizeof query - used, "%sp%02u=%u",
                                     i > 0 ? "&" : "", n, n * 2);
        }
        for (unsigned n = 0; n < 41; n++) {
            char name[8];
            (void)snprintf(name, sizeof name, "p%02u=", n);
            if (strstr(query, name) != NULL)
                expected_used +=
                    (size_t)snprintf(expected + expected_used, sizeof expected - expected_used,
                                     "%s%s%u", expected_used > 0 ? "&" : "", name, n * 2);
        }
        assert_query(query, expected);
    }
}

static void test_query_sizes(void **state)
{
    (void)state;
    const size_t count = 100000;
    caws_buffer out = CAWS_BUFFER_INIT;
    caws_pairs scratch = CAWS_PAIRS_INIT;
    char *query = malloc(2 * count);
    assert_non_null(query);
    for (size_t i = 0; i < count; i++) {
        query[2 * i] = (char)('z' - i % 26);
        query[2 * i + 1] = '&';
    }
    assert_true(caws_canonical_query(&out, &scratch, query, 2 * count));
    assert_int_equal(scratch.count, count);
    assert_int_equal(out.length, 3 * count - 1);
    for (size_t i = 3; i < out.length; i += 3)
        assert_true(out.data[i] >= out.data[i - 3]);
    free(query);
    assert_false(caws_canonical_query(&out, &scratch, "a", SIZE_MAX));
    caws_buffer_clear(&out);
    caws_pairs_clear(&scratch);
}

static void test_path(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *service;    /* normalised, encoded twice */
        const char *once;       /* normalised, encoded once */
        const char *as_s3_does; /* neither */
    } cases[] = {
        {"", "/", "/", "/"},
        {"/", "/", "/", "/"},
        {"//", "/", "/", "//"},
        {"/a b", "/a%20b", "/a%20b", "/a%20b"},
        {"/a%20b", "/a%2520b", "/a%20b", "/a%20b"},
        {"/a/../%2e/b%2Fc", "/%252e/b%252Fc", "/./b%2Fc", "/a/.././b%2Fc"},
        {"/a=b,%c3%a9", "/a%3Db%2C%25c3%25a9", "/a%3Db%2C%C3%A9", "/a%3Db%2C%C3%A9"},
    };
    caws_buffer scratch = CAWS_BUFFER_INIT;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        caws_buffer out = CAWS_BUFFER_INIT;
        assert_true(caws_canonical_path(&out, &scratch, cases[i].path, true, true));
        assert_string_equal(out.data, cases[i].service);
        caws_buffer_reset(&out);
        assert_true(caws_canonical_path(&out, &scratch, cases[i].path, true, false));
        assert_string_equal(out.data, cases[i].once);
        caws_buffer_reset(&out);
        assert_true(caws_canonical_path(&out, &scratch, cases[i].path, false, false));
        assert_string_equal(out.data, cases[i].as_s3_does);
        caws_buffer_clear(&out);
    }
    caws_buffer_clear(&scratch);
}

static void assert_headers(const caws_header *given, size_t count, const char *lines,
                           const char *names)
{
    static const caws_header own[] = {{"x-amz-date", "now"}};
    caws_pairs pairs = CAWS_PAIRS_INIT;
    caws_buffer out = CAWS_BUFFER_INIT;
    assert_true(caws_canonical_collect(&pairs, own, 1, given, count));
    assert_true(caws_canonical_headers(&out, &pairs));
    assert_string_equal(out.data, lines);
    caws_buffer_reset(&out);
    assert_true(caws_canonical_names(&out, &pairs));
    assert_string_equal(out.data, names);
    caws_buffer_clear(&out);
    caws_pairs_clear(&pairs);
}

static void test_headers(void **state)
{
    (void)state;
    const caws_header given[] = {{"Z", " \t a \r\n\v\f b\t\tc "},
                                 {"HOST", "h"},
                                 {"z", ""},
                                 {"User-Agent", "no"},
                                 {"a", "   "},
                                 {"X-Amz-Date", ""},
                                 {"Z", "x  y"},
                                 {"tE", "no"},
                                 {"ab", "1"},
                                 {"a-", "2"},
                                 {"Zz", "\xc3\x89"}};
    assert_headers(given, sizeof given / sizeof given[0],
                   "a:\na-:2\nab:1\nhost:h\nx-amz-date:now\nz:a b c,,x y\nzz:\xc3\x89\n",
                   "a;a-;ab;host;x-amz-date;z;zz");
    assert_headers(NULL, 0, "x-amz-date:now\n", "x-amz-date");
}

/* Values of one name keep their order however many there are and wherever they stand. */
static void test_repeated_headers(void **state)
{
    (void)state;
    enum { COUNT = 60 };
    static char values[COUNT][8];
    caws_header given[COUNT];
    char expected[1024] = "x-amz-date:now\ny:";
    size_t used = strlen(expected);
    for (unsigned i = 0; i < COUNT; i++) {
        (void)snprintf(values[i], sizeof values[i], "%u", (COUNT - i) % 10);
        given[i] = (caws_header){i % 2 == 0 ? "y" : "Y", values[i]};
        used += (size_t)snprintf(expected + used, sizeof expected - used, "%s%s", i > 0 ? "," : "",
                                 values[i]);
    }
    (void)snprintf(expected + used, sizeof expected - used, "\n");
    assert_headers(given, COUNT, expected, "x-amz-date;y");
}

/* Whether the second request's headers count as those of the first, and what comes of them. */
static void assert_again(const caws_header *first, size_t first_count, const caws_header *own,
                         const caws_header *second, size_t second_count, const char *lines)
{
    static const caws_header date[] = {{"x-amz-date", "now"}};
    caws_pairs pairs = CAWS_PAIRS_INIT;
    caws_buffer out = CAWS_BUFFER_INIT;
    assert_true(caws_canonical_collect(&pairs, date, 1, first, first_count));
    size_t own_count = own != NULL ? 1 : 0;
    assert_int_equal(caws_canonical_collect_again(&pairs, own, own_count, second, second_count),
                     lines != NULL);
    if (lines != NULL) {
        assert_true(caws_canonical_headers(&out, &pairs));
        assert_string_equal(out.data, lines);
    }
    caws_buffer_clear(&out);
    caws_pairs_clear(&pairs);
}

static void test_headers_again(void **state)
{
    (void)state;
    static const caws_header date[] = {{"x-amz-date", "then"}};
    static const caws_header first[] = {
        {"Z", "1"}, {"User-Agent", "no"}, {"a", "2"}, {"z", "3"}, {"HOST", "h"}};
    static const caws_header second[] = {
        {"Z", "4"}, {"User-Agent", "new"}, {"a", "5"}, {"z", "6"}, {"HOST", "i"}};
    static const caws_header moved[] = {
        {"Z", "4"}, {"a", "5"}, {"User-Agent", "new"}, {"z", "6"}, {"HOST", "i"}};
    static const caws_header other[] = {
        {"Z", "4"}, {"User-Agent", "new"}, {"a", "5"}, {"z", "6"}, {"HOSTS", "i"}};
    static const caws_header longer[] = {{"Z", "4"}, {"User-Agent", "new"}, {"a", "5"},
                                         {"z", "6"}, {"HOST", "i"},         {"x-amz-date", ""}};
    assert_again(first, 5, date, second, 5, "a:5\nhost:i\nx-amz-date:then\nz:4,6\n");
    assert_again(first, 5, date, moved, 5, NULL);
    assert_again(first, 5, date, other, 5, NULL);
    assert_again(first, 5, date, second, 4, NULL);
    assert_again(first, 4, date, second, 5, NULL);
    assert_again(first, 5, NULL, second, 5, NULL);
    assert_again(first, 5, date, longer, 6, NULL);
    assert_again(first, 5, NULL, NULL, 0, NULL);
    assert_again(NULL, 0, date, NULL, 0, "x-amz-date:then\n");

    caws_pairs none = CAWS_PAIRS_INIT;
    assert_false(caws_canonical_collect_again(&none, NULL, 0, NULL, 0));
    assert_false(caws_canonical_collect_again(&none, date, 1, NULL, 0));
}

static void test_header_is(void **state)
{
    (void)state;
    assert_true(caws_header_is("X-Amz-Date", "x-amz-date"));
    assert_true(caws_header_is("x-amz-date", "x-amz-date"));
    assert_false(caws_header_is("x-amz-dat", "x-amz-date"));
    assert_false(caws_header_is("x-amz-dates", "x-amz-date"));
    assert_false(caws_header_is("x\ramz-date", "x-amz-date"));
    assert_false(caws_header_is("", "a"));
    assert_false(caws_header_is("@", "`"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_query),       cmocka_unit_test(test_many_parameters),
        cmocka_unit_test(test_query_sizes), cmocka_unit_test(test_path),
        cmocka_unit_test(test_headers),     cmocka_unit_test(test_repeated_headers),
        cmocka_unit_test(test_header_is),   cmocka_unit_test(test_headers_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
