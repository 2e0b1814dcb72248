#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "clock.h"

static void agrees_with_the_system(void **state)
{
    (void)state;
    time_t before = time(NULL);
    int64_t now = caws_unix_seconds();
    time_t after = time(NULL);
    /* time() may read a coarser clock, which is behind by a tick. */
    assert_true(now >= (int64_t)before && now <= (int64_t)after + 1);
    assert_true(now > INT64_C(1700000000));
}

/* A signed clock of 32 bits ends in 2038, an unsigned one in 2106. */
static void goes_beyond_32_bits(void **state)
{
    (void)state;
    struct timespec later = {.tv_sec = 0};
    assert_true(sizeof(later.tv_sec) >= sizeof(int64_t));
    struct tm tm = {.tm_year = 2106 - 1900, .tm_mon = 11, .tm_mday = 1};
    assert_true((int64_t)mktime(&tm) > (int64_t)UINT32_MAX);
}

static void only_goes_forward(void **state)
{
    (void)state;
    int64_t last = caws_monotonic_ms();
    assert_true(last > 0);
    for (int i = 0; i < 100000; i++) {
        int64_t now = caws_monotonic_ms();
        assert_true(now >= last);
        last = now;
    }
}

static void sleeps_at_least_that_long(void **state)
{
    (void)state;
    static const int64_t durations[] = {1, 30, 1001};
    for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
        int64_t began = caws_monotonic_ms();
        caws_sleep_ms(durations[i]);
        int64_t took = caws_monotonic_ms() - began;
        assert_true(took >= durations[i]);
        assert_true(took < durations[i] + 5000);
    }
}

static void does_not_sleep_for_nothing(void **state)
{
    (void)state;
    int64_t began = caws_monotonic_ms();
    caws_sleep_ms(0);
    caws_sleep_ms(-1);
    caws_sleep_ms(INT64_MIN);
    assert_true(caws_monotonic_ms() - began < 5000);
}

static volatile sig_atomic_t ticks = 0;

static void tick(int number)
{
    (void)number;
    ticks = ticks + 1;
}

static void sleeps_on_through_signals(void **state)
{
    (void)state;
    struct sigaction action = {.sa_handler = tick};
    struct sigaction before;
    sigemptyset(&action.sa_mask);
    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_t timer;
    assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    const struct itimerspec every_10_ms = {{0, 10000000}, {0, 10000000}};
    assert_int_equal(timer_settime(timer, 0, &every_10_ms, NULL), 0);

    int64_t began = caws_monotonic_ms();
    caws_sleep_ms(200);
    int64_t took = caws_monotonic_ms() - began;

    assert_int_equal(timer_delete(timer), 0);
    assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
    assert_true(ticks > 0);
    assert_true(took >= 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_system),     cmocka_unit_test(goes_beyond_32_bits),
        cmocka_unit_test(only_goes_forward),          cmocka_unit_test(sleeps_at_least_that_long),
        cmocka_unit_test(does_not_sleep_for_nothing), cmocka_unit_test(sleeps_on_through_signals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
