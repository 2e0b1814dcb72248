/* The version in the header, in the library, and in the build. */
#include <caws/version.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* CAWS_VERSION is here, on the command line, the version that the build has from the file VERSION:
 * a header of another version does not compile. */
static void test_library_is_that_of_the_headers(void **state)
{
    (void)state;
    assert_string_equal(caws_version(), CAWS_VERSION);
    assert_ptr_equal(caws_version(), caws_version());
}

static void test_numbers_are_the_text(void **state)
{
    char text[64];

    (void)state;
    (void)snprintf(text, sizeof text, "%d.%d.%d", CAWS_VERSION_MAJOR, CAWS_VERSION_MINOR,
                   CAWS_VERSION_PATCH);
    assert_string_equal(text, CAWS_VERSION);
}

/* For the preprocessor too. */
#if CAWS_VERSION_MAJOR < 0 || CAWS_VERSION_MINOR < 0 || CAWS_VERSION_PATCH < 0
#error "the numbers are no numbers"
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_library_is_that_of_the_headers),
        cmocka_unit_test(test_numbers_are_the_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
