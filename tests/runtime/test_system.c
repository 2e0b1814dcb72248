#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <unistd.h>

#include "system.h"

static char path[] = "/tmp/caws-test-system-XXXXXX";
static int file = -1;

static int make_file(void **state)
{
    (void)state;
    (void)memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
    file = mkstemp(path);
    return file < 0 ? -1 : 0;
}

static int remove_file(void **state)
{
    (void)state;
    (void)close(file);
    return unlink(path);
}

static void write_bytes(size_t length)
{
    static char bytes[20000];
    assert_true(length <= sizeof(bytes));
    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)(i % 251);
    assert_int_equal(pwrite(file, bytes, length, 0), length);
    assert_int_equal(ftruncate(file, (off_t)length), 0);
}

static void reads_files_up_to_the_limit(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 255, 256, 4095, 4096, 4097, 20000};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        write_bytes(lengths[i]);
        for (size_t more = 0; more < 2; more++) {
            caws_buffer content = CAWS_BUFFER_INIT;
            content.limit = lengths[i] + more;
            assert_int_equal(caws_real_system.read_file(NULL, path, &content), 0);
            assert_int_equal(content.length, lengths[i]);
            for (size_t b = 0; b < content.length; b++)
                assert_int_equal((unsigned char)content.data[b], b % 251);
            if (content.length > 0)
                assert_int_equal(content.data[content.length], '\0');
            caws_buffer_clear(&content);
        }
        if (lengths[i] < 2)
            continue;
        caws_buffer content = CAWS_BUFFER_INIT;
        content.limit = lengths[i] - 1;
        assert_int_equal(caws_real_system.read_file(NULL, path, &content), EFBIG);
        caws_buffer_clear(&content);
    }
}

static void appends_to_what_is_there(void **state)
{
    (void)state;
    write_bytes(3000);
    caws_buffer content = CAWS_BUFFER_INIT;
    for (size_t round = 1; round <= 3; round++) {
        assert_int_equal(caws_real_system.read_file(NULL, path, &content), 0);
        assert_int_equal(content.length, round * 3000);
    }
    assert_int_equal((unsigned char)content.data[6001], 1);
    caws_buffer_clear(&content);
}

/* Their size is not known before they are read. */
static void reads_what_is_no_regular_file(void **state)
{
    (void)state;
    caws_buffer content = CAWS_BUFFER_INIT;
    content.limit = 100000;
    assert_int_equal(caws_real_system.read_file(NULL, "/dev/null", &content), 0);
    assert_int_equal(content.length, 0);
    assert_int_equal(caws_real_system.read_file(NULL, "/dev/zero", &content), EFBIG);
    assert_int_equal(content.length, 100000);
    caws_buffer_clear(&content);
}

static void tells_why_it_cannot_read(void **state)
{
    (void)state;
    caws_buffer content = CAWS_BUFFER_INIT;
    assert_int_equal(caws_real_system.read_file(NULL, "/nowhere/at/all", &content), ENOENT);
    assert_int_equal(caws_real_system.read_file(NULL, "/dev/null/x", &content), ENOTDIR);
    assert_int_equal(caws_real_system.read_file(NULL, "/tmp", &content), EISDIR);
    caws_buffer_clear(&content);
}

static void knows_the_home_folder(void **state)
{
    (void)state;
    caws_buffer home = CAWS_BUFFER_INIT;
    if (!caws_real_system.home(NULL, &home))
        skip(); /* a user without an entry */
    assert_int_equal(home.data[0], '/');
    caws_buffer_clear(&home);
}

static void takes_empty_variables_for_unset(void **state)
{
    (void)state;
    assert_int_equal(setenv("CAWS_TEST_VARIABLE", "", 1), 0);
    assert_null(caws_system_variable(&caws_real_system, "CAWS_TEST_VARIABLE"));
    assert_int_equal(setenv("CAWS_TEST_VARIABLE", "x", 1), 0);
    assert_string_equal(caws_system_variable(&caws_real_system, "CAWS_TEST_VARIABLE"), "x");
    assert_int_equal(unsetenv("CAWS_TEST_VARIABLE"), 0);
    assert_null(caws_system_variable(&caws_real_system, "CAWS_TEST_VARIABLE"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_files_up_to_the_limit, make_file, remove_file),
        cmocka_unit_test_setup_teardown(appends_to_what_is_there, make_file, remove_file),
        cmocka_unit_test(reads_what_is_no_regular_file),
        cmocka_unit_test(tells_why_it_cannot_read),
        cmocka_unit_test(knows_the_home_folder),
        cmocka_unit_test(takes_empty_variables_for_unset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
