#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "log.h"

/* What a callback was told. */
typedef struct record {
    int count;
    caws_log_level level;
    char line[64];
    size_t length;
} record;

static void note(void *context, caws_log_level level, const char *line)
{
    record *r = context;
    r->count++;
    r->level = level;
    r->length = strlen(line);
    (void)strncpy(r->line, line, sizeof(r->line) - 1);
}

static void hands_on_one_line(void **state)
{
    (void)state;
    record r = {0};
    const caws_logger logger = {note, &r, CAWS_LOG_DEBUG};
    caws_log(&logger, CAWS_LOG_INFO, "%s=%d", "status", 200);
    assert_int_equal(r.count, 1);
    assert_int_equal(r.level, CAWS_LOG_INFO);
    assert_string_equal(r.line, "status=200");
    caws_log(&logger, CAWS_LOG_ERROR, "%s", "");
    assert_int_equal(r.count, 2);
    assert_int_equal(r.level, CAWS_LOG_ERROR);
    assert_int_equal(r.length, 0);
}

static void filters_by_level(void **state)
{
    (void)state;
    for (int most = 0; most <= CAWS_LOG_DEBUG; most++) {
        record r = {0};
        const caws_logger logger = {note, &r, (caws_log_level)most};
        for (int level = CAWS_LOG_ERROR; level <= CAWS_LOG_DEBUG; level++) {
            assert_int_equal(caws_log_enabled(&logger, (caws_log_level)level), level <= most);
            caws_log(&logger, (caws_log_level)level, "x");
        }
        assert_int_equal(r.count, most);
    }
}

/* The argument cannot be read: formatting it would end the test. */
static void formats_nothing_when_nobody_listens(void **state)
{
    (void)state;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *forbidden = NULL;
    assert_int_equal(posix_memalign(&forbidden, page, page), 0);
    assert_int_equal(mprotect(forbidden, page, PROT_NONE), 0);
    record r = {0};
    const caws_logger deaf = {NULL, &r, CAWS_LOG_DEBUG};
    const caws_logger quiet = {note, &r, CAWS_LOG_ERROR};
    caws_log(&deaf, CAWS_LOG_ERROR, "%s", (const char *)forbidden);
    caws_log(&quiet, CAWS_LOG_INFO, "%s", (const char *)forbidden);
    assert_int_equal(r.count, 0);
    assert_int_equal(mprotect(forbidden, page, PROT_READ | PROT_WRITE), 0);
    free(forbidden);
}

/* A service's message could otherwise write log lines of its own. */
static void never_breaks_a_line(void **state)
{
    (void)state;
    record r = {0};
    const caws_logger logger = {note, &r, CAWS_LOG_DEBUG};
    caws_log(&logger, CAWS_LOG_ERROR, "failed: %s", "a\r\nINFO all is well\x1B[0m\x7F\t\xC3\xA9");
    assert_string_equal(r.line, "failed: a  INFO all is well [0m  \xC3\xA9");
}

static void takes_lines_of_any_length(void **state)
{
    (void)state;
    record r = {0};
    const caws_logger logger = {note, &r, CAWS_LOG_INFO};
    caws_log(&logger, CAWS_LOG_INFO, "%*d", 1000000, 1);
    assert_int_equal(r.length, 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_on_one_line),
        cmocka_unit_test(filters_by_level),
        cmocka_unit_test(formats_nothing_when_nobody_listens),
        cmocka_unit_test(never_breaks_a_line),
        cmocka_unit_test(takes_lines_of_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
