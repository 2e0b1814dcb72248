#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trail.h"

static const caws_trail root = {NULL, NULL, NULL, 0};

static void path_is(const caws_trail *at, const char *expected)
{
    caws_buffer text = CAWS_BUFFER_INIT;
    caws_trail_write(&text, at);
    assert_true(caws_buffer_ok(&text));
    assert_string_equal(text.data != NULL ? text.data : "", expected);
    caws_buffer_clear(&text);
}

static void writes_nothing_for_the_root(void **state)
{
    (void)state;
    path_is(&root, "");
}

static void writes_members_items_and_keys(void **state)
{
    (void)state;
    const caws_trail events = {&root, "logEvents", NULL, 0};
    const caws_trail event = {&events, NULL, NULL, 3};
    const caws_trail message = {&event, "message", NULL, 0};
    const caws_trail inner = {&message, NULL, "a.b", 9};
    const caws_trail again = {&inner, NULL, NULL, SIZE_MAX};
    path_is(&events, "logEvents");
    path_is(&event, "logEvents[3]");
    path_is(&message, "logEvents[3].message");
    path_is(&inner, "logEvents[3].message[\"a.b\"]");
    if (SIZE_MAX == UINT64_MAX)
        path_is(&again, "logEvents[3].message[\"a.b\"][18446744073709551615]");
}

static void writes_items_of_the_root(void **state)
{
    (void)state;
    const caws_trail item = {&root, NULL, NULL, 0};
    const caws_trail member = {&item, "x", NULL, 0};
    path_is(&item, "[0]");
    path_is(&member, "[0].x");
}

static void key_is(const char *key, const char *expected)
{
    const caws_trail at = {&root, NULL, key, 0};
    path_is(&at, expected);
}

/* A path stands in messages and log lines: one line of UTF-8. */
static void cleans_keys(void **state)
{
    (void)state;
    key_is("", "[\"\"]");
    key_is("a\r\nb\tc\x7F", "[\"a??b?c?\"]");
    key_is("\x01\x1F ~", "[\"?? ~\"]");
    key_is("\xC2\x85\xC2\x9F\xC2\xA0", "[\"??\xC2\xA0\"]"); /* NEL, APC and a no-break space */
    key_is("\xFF\xC3", "[\"??\"]");
    key_is("\xED\xA0\x80!", "[\"??"
                            "?!\"]");
    key_is("\xC3\xA9\xE4\xB8\x80\xF0\x9F\x98\x80", "[\"\xC3\xA9\xE4\xB8\x80\xF0\x9F\x98\x80\"]");
    key_is("%s%n", "[\"%s%n\"]");
}

/* The key's first bytes are shown, then ending. */
static void key_is_cut(const char *key, int shown, const char *ending)
{
    char expected[90];
    (void)snprintf(expected, sizeof(expected), "[\"%.*s%s\"]", shown, key, ending);
    key_is(key, expected);
}

static void cuts_keys_between_characters(void **state)
{
    (void)state;
    char key[70] = "";
    memset(key, 'k', 64);
    key_is_cut(key, 64, "");
    key[64] = 'k';
    key_is_cut(key, 64, "...");
    (void)strcpy(key + 62, "\xE4\xB8\x80"); /* bytes 62 to 64 */
    key_is_cut(key, 62, "...");
    (void)strcpy(key + 61, "\xE4\xB8\x80"); /* bytes 61 to 63 */
    key_is_cut(key, 64, "");
}

static void writes_deep_paths(void **state)
{
    (void)state;
    enum { DEPTH = 1000 };
    caws_trail trail[DEPTH + 1] = {{NULL, NULL, NULL, 0}};
    for (size_t i = 1; i <= DEPTH; i++)
        trail[i] = (caws_trail){&trail[i - 1], "m", NULL, 0};
    caws_buffer text = CAWS_BUFFER_INIT;
    caws_trail_write(&text, &trail[DEPTH]);
    assert_int_equal(text.length, 2 * DEPTH - 1);
    caws_buffer_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_nothing_for_the_root),
        cmocka_unit_test(writes_members_items_and_keys),
        cmocka_unit_test(writes_items_of_the_root),
        cmocka_unit_test(cleans_keys),
        cmocka_unit_test(cuts_keys_between_characters),
        cmocka_unit_test(writes_deep_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
