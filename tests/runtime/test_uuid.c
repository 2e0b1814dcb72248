#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "uuid.h"

enum { COUNT = 2000 };

/* From both sources in turn. */
static void make(int turn, char text[CAWS_UUID_TEXT_SIZE])
{
    static caws_uuid_pool pool;
    assert_true(turn % 2 == 0 ? caws_uuid_random(text) : caws_uuid_take(&pool, text));
}

static void is_a_version_4_text(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        char text[CAWS_UUID_TEXT_SIZE];
        memset(text, 'x', sizeof(text));
        make(i, text);
        assert_int_equal(text[36], '\0');
        assert_int_equal(strlen(text), 36);
        for (size_t at = 0; at < 36; at++) {
            const char *allowed = at == 8 || at == 13 || at == 18 || at == 23 ? "-"
                                  : at == 14                                  ? "4"
                                  : at == 19                                  ? "89ab"
                                                                              : "0123456789abcdef";
            if (strchr(allowed, text[at]) == NULL)
                fail_msg("%s: byte %zu", text, at);
        }
    }
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void never_repeats(void **state)
{
    (void)state;
    char texts[COUNT][CAWS_UUID_TEXT_SIZE];
    for (int i = 0; i < COUNT; i++)
        make(i, texts[i]);
    qsort(texts, COUNT, sizeof(texts[0]), compare);
    for (int i = 1; i < COUNT; i++)
        assert_string_not_equal(texts[i - 1], texts[i]);
}

/* Every digit that may vary takes every value it may have. */
static void every_digit_varies(void **state)
{
    (void)state;
    unsigned seen[36] = {0};
    for (int i = 0; i < COUNT; i++) {
        char text[CAWS_UUID_TEXT_SIZE];
        make(i, text);
        for (size_t at = 0; at < 36; at++)
            if (text[at] != '-')
                seen[at] |= 1U << strtoul((const char[]){text[at], '\0'}, NULL, 16);
    }
    for (size_t at = 0; at < 36; at++)
        if (at != 8 && at != 13 && at != 18 && at != 23)
            assert_int_equal(seen[at], at == 14 ? 1U << 4 : at == 19 ? 0xf00 : 0xffff);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_a_version_4_text),
        cmocka_unit_test(never_repeats),
        cmocka_unit_test(every_digit_varies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
