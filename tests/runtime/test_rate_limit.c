#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random.h"
#include "rate_limit.h"

enum { START_MS = 1000 * 1000, ANY_WAIT = 1000 * 1000 };

static void near(double actual, double expected)
{
    if (!(fabs(actual - expected) <= 1e-6 * fmax(1, fabs(expected))))
        fail_msg("%.9f, not %.9f", actual, expected);
}

/* Answers at a steady rate, the last of them at the returned time. */
static int64_t answers(caws_rate_limit *limit, int64_t now_ms, int count, int64_t every_ms)
{
    for (int i = 0; i < count; i++)
        caws_rate_limit_note(limit, false, now_ms += every_ms);
    return now_ms;
}

static void does_nothing_before_throttling(void **state)
{
    (void)state;
    caws_rate_limit limit;
    caws_rate_limit_init(&limit, START_MS);
    int64_t now = answers(&limit, START_MS, 1000, 1);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(caws_rate_limit_take(&limit, now, 0), 0);
    assert_false(limit.enabled);
}

/* 10 a second, then throttled: 7 a second until they recover. */
static void slows_down_when_throttled(void **state)
{
    (void)state;
    caws_rate_limit limit;
    caws_rate_limit_init(&limit, START_MS);
    int64_t now = answers(&limit, START_MS, 200, 100);
    near(limit.measured_rate, 10);
    caws_rate_limit_note(&limit, true, now);
    assert_true(limit.enabled);
    near(limit.fill_rate, 7);
    near(limit.rate_at_failure, 10);
    near(limit.recovery_s, cbrt(7.5));

    /* A rate that is throttled again falls from the allowed one. */
    caws_rate_limit_note(&limit, true, now);
    near(limit.fill_rate, 4.9);
    near(limit.rate_at_failure, 7);
}

static void recovers(void **state)
{
    (void)state;
    caws_rate_limit limit;
    caws_rate_limit_init(&limit, START_MS);
    int64_t now = answers(&limit, START_MS, 200, 100);
    caws_rate_limit_note(&limit, true, now);
    double last = limit.fill_rate;
    for (int i = 0; i < 20; i++) { /* two seconds: K is 1.957 */
        now = answers(&limit, now, 1, 100);
        assert_true(limit.fill_rate >= last);
        last = limit.fill_rate;
    }
    near(limit.fill_rate, 0.4 * pow(2 - cbrt(7.5), 3) + 10);
    answers(&limit, now, 600, 100);
    near(limit.fill_rate, 2 * limit.measured_rate); /* not beyond twice what is sent */
}

static void never_stops_altogether(void **state)
{
    (void)state;
    caws_rate_limit limit;
    caws_rate_limit_init(&limit, START_MS);
    for (int i = 0; i < 100; i++)
        caws_rate_limit_note(&limit, true, START_MS + i);
    near(limit.fill_rate, 0.5);
    near(limit.capacity, 1);
    assert_int_equal(caws_rate_limit_take(&limit, START_MS + 99, ANY_WAIT), 1901);
}

static caws_rate_limit two_a_second(void)
{
    return (caws_rate_limit){.enabled = true,
                             .fill_rate = 2,
                             .capacity = 2,
                             .tokens = 2,
                             .refilled_ms = START_MS,
                             .failed_ms = START_MS};
}

static void queues_requests(void **state)
{
    (void)state;
    caws_rate_limit limit = two_a_second();
    static const int64_t waits[] = {0, 0, 500, 1000, 1500};
    for (int i = 0; i < 5; i++)
        assert_int_equal(caws_rate_limit_take(&limit, START_MS, ANY_WAIT), waits[i]);
    assert_int_equal(caws_rate_limit_take(&limit, START_MS + 250, ANY_WAIT), 1750);
    assert_int_equal(caws_rate_limit_take(&limit, START_MS + 10000, ANY_WAIT), 0);
    near(limit.tokens, 1); /* two at most were saved up */
}

/* Calls whose deadline is nearer than their turn must not push back all that come later. */
static void does_not_count_who_gives_up(void **state)
{
    (void)state;
    caws_rate_limit limit = two_a_second();
    limit.tokens = 0;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(caws_rate_limit_take(&limit, START_MS, 499), -1);
    assert_int_equal(caws_rate_limit_take(&limit, START_MS, 500), 500);
}

static void survives_a_clock_that_goes_back(void **state)
{
    (void)state;
    caws_rate_limit limit = two_a_second();
    caws_rate_limit_note(&limit, false, START_MS - 5000);
    assert_int_equal(limit.refilled_ms, START_MS);
    assert_true(limit.tokens >= 0 && limit.tokens <= 2);
    assert_true(limit.fill_rate >= 0.5);
}

static void stays_within_bounds(void **state)
{
    (void)state;
    uint64_t random = 2026;
    caws_rate_limit limit;
    caws_rate_limit_init(&limit, 0);
    int64_t now = 0;
    for (int i = 0; i < 200000; i++) {
        now += random_below(&random, i % 1000 == 0 ? 100000000 : 300);
        if (random_below(&random, 3) == 0)
            caws_rate_limit_note(&limit, random_below(&random, 20) == 0, now);
        else
            assert_true(caws_rate_limit_take(&limit, now, 10000) <= 10000);
        assert_true(limit.fill_rate >= 0.5 && isfinite(limit.fill_rate));
        assert_true(limit.capacity >= 1 && limit.tokens <= limit.capacity);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_nothing_before_throttling),
        cmocka_unit_test(slows_down_when_throttled),
        cmocka_unit_test(recovers),
        cmocka_unit_test(never_stops_altogether),
        cmocka_unit_test(queues_requests),
        cmocka_unit_test(does_not_count_who_gives_up),
        cmocka_unit_test(survives_a_clock_that_goes_back),
        cmocka_unit_test(stays_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
