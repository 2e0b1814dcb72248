#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "skew.h"
#include "timestamp.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

static const int64_t new_year = INT64_C(1767225600000); /* 2026-01-01 00:00 UTC */

static caws_error refusal(const char *code)
{
    caws_error error = CAWS_ERROR_INIT;
    error.status = CAWS_ERROR_SERVICE;
    error.http_status = 403;
    error.code = code;
    return error;
}

/* An answer that took two seconds, of a service whose clock is ahead by so much. */
static bool correct(caws_skew *skew, const char *code, int64_t ahead_ms)
{
    char date[CAWS_TIMESTAMP_TEXT_SIZE];
    caws_timestamp_write(date, new_year + SECOND + ahead_ms, CAWS_TIMESTAMP_RFC822);
    caws_error error = refusal(code);
    const caws_skew_answer answer = {.date = date,
                                     .sent_ms = new_year,
                                     .received_ms = new_year + 2 * SECOND,
                                     .signed_skew_ms = caws_skew_ms(skew)};
    return caws_skew_correct(skew, &error, &answer);
}

/* What the service's time is said to be, whatever the answer; INT64_MAX: nothing. */
static int64_t measure(const char *date, const char *age, int64_t elapsed_ms)
{
    int64_t ahead_ms = INT64_MAX;
    const caws_skew_answer answer = {
        .date = date, .age = age, .sent_ms = new_year, .received_ms = new_year + elapsed_ms};
    bool told = caws_skew_measure(&answer, &ahead_ms);
    assert_true(told == (ahead_ms != INT64_MAX));
    return ahead_ms;
}

static void measures_the_services_clock(void **state)
{
    (void)state;
    static const char date[] = "Thu, 01 Jan 2026 00:00:10 GMT";
    assert_int_equal(measure(date, NULL, 0), 10 * SECOND);
    assert_int_equal(measure(date, NULL, 20 * SECOND), 0);
    assert_int_equal(measure(date, NULL, 30 * SECOND), -5 * SECOND);
    assert_int_equal(measure("Fri, 02 Jan 2026 00:00:00 GMT", NULL, 0), 24 * HOUR);
    assert_true(measure(NULL, NULL, 0) == INT64_MAX);
    assert_true(measure("", NULL, 0) == INT64_MAX);
    assert_true(measure("soon", NULL, 0) == INT64_MAX);
    assert_true(measure(date, "3", 0) == INT64_MAX);
    assert_true(measure(date, NULL, -SECOND) == INT64_MAX);
    assert_true(measure(date, NULL, HOUR) == INT64_MAX);
    assert_true(measure("Fri, 02 Jan 2026 00:00:01 GMT", NULL, 0) == INT64_MAX);
    assert_true(measure("Tue, 30 Dec 2025 23:59:59 GMT", NULL, 0) == INT64_MAX);
}

static void begins_with_the_systems_time(void **state)
{
    (void)state;
    caws_skew skew;
    caws_skew_init(&skew);
    assert_int_equal(caws_skew_ms(&skew), 0);
}

static void corrects_in_both_directions(void **state)
{
    (void)state;
    static const int64_t ahead[] = {
        5 * MINUTE, -5 * MINUTE,         15 * MINUTE,         -15 * MINUTE,
        HOUR,       -14 * HOUR,          14 * HOUR,           24 * HOUR,
        -24 * HOUR, 4 * MINUTE + SECOND, -4 * MINUTE - SECOND};
    for (size_t i = 0; i < sizeof(ahead) / sizeof(ahead[0]); i++) {
        caws_skew skew;
        caws_skew_init(&skew);
        assert_true(correct(&skew, "RequestTimeTooSkewed", ahead[i]));
        assert_int_equal(caws_skew_ms(&skew), ahead[i]);
        assert_false(correct(&skew, "RequestTimeTooSkewed", ahead[i])); /* not for the time, then */
        assert_int_equal(caws_skew_ms(&skew), ahead[i]);
    }
}

/* The signature was refused for another reason. */
static void ignores_small_differences(void **state)
{
    (void)state;
    static const int64_t ahead[] = {0, SECOND, -SECOND, 2 * MINUTE, 4 * MINUTE, -4 * MINUTE};
    for (size_t i = 0; i < sizeof(ahead) / sizeof(ahead[0]); i++) {
        caws_skew skew;
        caws_skew_init(&skew);
        assert_false(correct(&skew, "InvalidSignatureException", ahead[i]));
        assert_int_equal(caws_skew_ms(&skew), 0);
    }
}

static void does_not_follow_a_wrong_date(void **state)
{
    (void)state;
    static const int64_t ahead[] = {24 * HOUR + SECOND,      -24 * HOUR - SECOND,
                                    INT64_C(8766) * HOUR,    -INT64_C(8766) * HOUR,
                                    -INT64_C(490896) * HOUR, INT64_C(69000000) * HOUR};
    for (size_t i = 0; i < sizeof(ahead) / sizeof(ahead[0]); i++) {
        caws_skew skew;
        caws_skew_init(&skew);
        assert_false(correct(&skew, "RequestTimeTooSkewed", ahead[i]));
        assert_int_equal(caws_skew_ms(&skew), 0);

        /* Nor step by step: the bound is from the system's clock. */
        assert_true(correct(&skew, "RequestTimeTooSkewed", 20 * HOUR));
        assert_false(correct(&skew, "RequestTimeTooSkewed", 40 * HOUR));
        assert_int_equal(caws_skew_ms(&skew), 20 * HOUR);
    }
}

static void knows_the_codes(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        bool skewed;
    } cases[] = {
        {"RequestTimeTooSkewed", true},  {"InvalidSignatureException", true},
        {"SignatureDoesNotMatch", true}, {"AuthFailure", true},
        {"AccessDeniedException", true}, {"RequestExpired", true},
        {"RequestInTheFuture", true},    {"ExpiredTokenException", false},
        {"Throttling", false},           {"ResourceNotFoundException", false},
        {"AccessDenied", false},         {"", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_skew skew;
        caws_skew_init(&skew);
        assert_int_equal(correct(&skew, cases[i].code, 10 * MINUTE), cases[i].skewed);
        assert_int_equal(caws_skew_ms(&skew), cases[i].skewed ? 10 * MINUTE : 0);
    }
}

/* The texts of other kinds of errors are not the service's. */
static void believes_only_the_service(void **state)
{
    (void)state;
    caws_skew skew;
    caws_skew_init(&skew);
    const caws_skew_answer answer = {
        .date = "Thu, 01 Jan 2026 00:10:00 GMT", .sent_ms = new_year, .received_ms = new_year};
    caws_error error = refusal("AuthFailure");
    error.status = CAWS_ERROR_WAITER;
    assert_false(caws_skew_correct(&skew, &error, &answer));
    error.status = CAWS_ERROR_SERVICE;
    assert_true(caws_skew_correct(&skew, &error, &answer));
    assert_int_equal(caws_skew_ms(&skew), 10 * MINUTE);
}

/* The cases that the SDKs share: which answers tell the time. */
static void knows_what_tells_the_time(void **state)
{
    (void)state;
    static const char date[] = "Thu, 01 Jan 2026 00:30:00 GMT";
    static const struct {
        caws_skew_answer answer;
        int64_t skew_ms; /* 0: it does not tell */
    } cases[] = {
        {{.date = date, .sent_ms = 0, .received_ms = 0}, 30 * MINUTE},
        {{.date = date, .sent_ms = 0, .received_ms = 10 * MINUTE}, 25 * MINUTE},
        {{.date = date, .sent_ms = 0, .received_ms = 15 * MINUTE}, 30 * MINUTE - 450 * SECOND},
        {{.date = date, .sent_ms = 0, .received_ms = 15 * MINUTE + 1}, 0},
        {{.date = date, .sent_ms = 1, .received_ms = 0}, 0}, /* the clock was set meanwhile */
        {{.date = date, .age = "17280", .sent_ms = 0, .received_ms = 0}, 0},
        {{.date = date, .age = "", .sent_ms = 0, .received_ms = 0}, 0},
        {{.date = NULL, .sent_ms = 0, .received_ms = 0}, 0},
        {{.date = "", .sent_ms = 0, .received_ms = 0}, 0},
        {{.date = "soon", .sent_ms = 0, .received_ms = 0}, 0},
        {{.date = "Thu, 01 Jan 2026 00:30:00", .sent_ms = 0, .received_ms = 0}, 0},
        {{.date = "Thursday, 01-Jan-26 00:30:00 GMT", .sent_ms = 0}, 30 * MINUTE},
        {{.date = "Thu Jan  1 00:30:00 2026", .sent_ms = 0}, 30 * MINUTE},
    };
    caws_error error = refusal("RequestTimeTooSkewed");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_skew skew;
        caws_skew_init(&skew);
        caws_skew_answer answer = cases[i].answer;
        answer.sent_ms += new_year;
        answer.received_ms += new_year;
        assert_int_equal(caws_skew_correct(&skew, &error, &answer), cases[i].skew_ms != 0);
        assert_int_equal(caws_skew_ms(&skew), cases[i].skew_ms);
    }
}

/* The clock was wrong, then somebody set it right: the correction is what is wrong now. */
static void heals(void **state)
{
    (void)state;
    caws_skew skew;
    caws_skew_init(&skew);
    assert_true(correct(&skew, "RequestTimeTooSkewed", 10 * MINUTE));
    assert_true(correct(&skew, "InvalidSignatureException", 0));
    assert_int_equal(caws_skew_ms(&skew), 0);
    assert_true(correct(&skew, "RequestTimeTooSkewed", 3 * MINUTE + 4 * HOUR));
    assert_true(correct(&skew, "RequestTimeTooSkewed", -2 * MINUTE));
    assert_int_equal(caws_skew_ms(&skew), -2 * MINUTE);
}

/* A request that was signed before another one's answer brought the correction is made again too.
 */
static void counts_what_was_signed_with(void **state)
{
    (void)state;
    caws_skew skew;
    caws_skew_init(&skew);
    assert_true(correct(&skew, "RequestTimeTooSkewed", 10 * MINUTE));
    caws_error error = refusal("RequestTimeTooSkewed");
    const caws_skew_answer late = {.date = "Thu, 01 Jan 2026 00:10:01 GMT",
                                   .sent_ms = new_year,
                                   .received_ms = new_year + 2 * SECOND,
                                   .signed_skew_ms = 0};
    assert_true(caws_skew_correct(&skew, &error, &late));
    assert_int_equal(caws_skew_ms(&skew), 10 * MINUTE);
}

static void survives_times_of_any_size(void **state)
{
    (void)state;
    static const int64_t times[] = {0, 1, INT64_MAX / 4, -INT64_MAX / 4};
    static const int32_t skews[] = {0, CAWS_SKEW_MOST_MS, -CAWS_SKEW_MOST_MS, INT32_MAX, INT32_MIN};
    static const char *const dates[] = {"Fri, 31 Dec 9999 23:59:59 GMT",
                                        "Sat, 01 Jan 0000 00:00:00 GMT",
                                        "Saturday, 01-Jan-00 00:00:00 GMT"};
    caws_error error = refusal("AuthFailure");
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        for (size_t j = 0; j < sizeof(skews) / sizeof(skews[0]); j++)
            for (size_t k = 0; k < sizeof(dates) / sizeof(dates[0]); k++) {
                caws_skew skew;
                caws_skew_init(&skew);
                const caws_skew_answer answer = {.date = dates[k],
                                                 .sent_ms = times[i],
                                                 .received_ms = times[i],
                                                 .signed_skew_ms = skews[j]};
                (void)caws_skew_correct(&skew, &error, &answer);
                assert_in_range(caws_skew_ms(&skew) + CAWS_SKEW_MOST_MS, 0, 2 * CAWS_SKEW_MOST_MS);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_the_services_clock),
        cmocka_unit_test(begins_with_the_systems_time),
        cmocka_unit_test(corrects_in_both_directions),
        cmocka_unit_test(ignores_small_differences),
        cmocka_unit_test(does_not_follow_a_wrong_date),
        cmocka_unit_test(knows_the_codes),
        cmocka_unit_test(believes_only_the_service),
        cmocka_unit_test(knows_what_tells_the_time),
        cmocka_unit_test(heals),
        cmocka_unit_test(counts_what_was_signed_with),
        cmocka_unit_test(survives_times_of_any_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
