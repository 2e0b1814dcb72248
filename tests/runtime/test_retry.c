#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"
#include "retry.h"

static const uint32_t whole = UINT32_MAX; /* jitter that leaves the whole delay */

static caws_error failure(bool throttling)
{
    caws_error error = CAWS_ERROR_INIT;
    error.status = CAWS_ERROR_SERVICE;
    error.retryable = true;
    error.throttling = throttling;
    return error;
}

static void start(caws_retry *retry, caws_retry_mode mode, int tokens)
{
    assert_true(caws_retry_init(retry, mode, 0));
    atomic_store(&retry->tokens, tokens);
}

static void expect(caws_retry *retry, caws_retry_call *call, bool throttling,
                   const char *retry_after, caws_retry_verdict verdict, int64_t delay_ms)
{
    caws_error error = failure(throttling);
    caws_retry_decision decision =
        caws_retry_after_failure(retry, call, &error, retry_after, whole, 0);
    assert_int_equal(decision.verdict, verdict);
    assert_int_equal(decision.delay_ms, delay_ms);
}

static void doubles_the_delay(void **state)
{
    (void)state;
    const caws_retry_traits traits = {.max_attempts = INT32_MAX};
    caws_retry retry;
    start(&retry, CAWS_RETRY_STANDARD, 500);
    caws_retry_call call = caws_retry_begin(&retry, &traits);
    static const int64_t delays[] = {50, 100, 200, 400, 800, 1600, 3200, 6400, 12800, 20000, 20000};
    for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++)
        expect(&retry, &call, false, NULL, CAWS_RETRY_AGAIN, delays[i]);
    assert_int_equal(retry.tokens, 500 - 11 * 14);
    call.failures = INT32_MAX - 2;
    expect(&retry, &call, false, NULL, CAWS_RETRY_AGAIN, 20000);
    expect(&retry, &call, false, NULL, CAWS_RETRY_NO_ATTEMPTS, 0);
    caws_retry_clear(&retry);
}

/* Each delay has the base of the error before it. */
static void waits_longer_when_throttled(void **state)
{
    (void)state;
    const caws_retry_traits traits = {.max_attempts = 10, .base_delay_ms = 25};
    caws_retry retry;
    start(&retry, CAWS_RETRY_STANDARD, 500);
    caws_retry_call call = caws_retry_begin(&retry, &traits);
    expect(&retry, &call, false, NULL, CAWS_RETRY_AGAIN, 25);
    expect(&retry, &call, true, NULL, CAWS_RETRY_AGAIN, 2000);
    expect(&retry, &call, false, NULL, CAWS_RETRY_AGAIN, 100);
    expect(&retry, &call, true, NULL, CAWS_RETRY_AGAIN, 8000);
    expect(&retry, &call, true, NULL, CAWS_RETRY_AGAIN, 16000);
    expect(&retry, &call, true, NULL, CAWS_RETRY_AGAIN, 20000);
    assert_int_equal(retry.tokens, 500 - 2 * 14 - 4 * 5);
    caws_retry_clear(&retry);
}

/* 1 is the smallest of both that is one. */
static void takes_the_smallest_traits(void **state)
{
    (void)state;
    const caws_retry_traits traits = {.max_attempts = 1, .base_delay_ms = 1};
    caws_retry retry;
    start(&retry, CAWS_RETRY_STANDARD, 500);
    caws_retry_call call = caws_retry_begin(&retry, &traits);
    assert_int_equal(call.max_attempts, 1);
    assert_int_equal(call.base_delay_ms, 1);
    caws_retry_clear(&retry);
}

/* From nothing to the whole delay, all alike. */
static void spreads_the_delays(void **state)
{
    (void)state;
    caws_retry retry;
    start(&retry, CAWS_RETRY_STANDARD, 500);
    static const struct {
        uint32_t random;
        int64_t delay_ms;
    } cases[] = {{0, 0}, {UINT32_MAX / 4, 249}, {UINT32_MAX / 2, 499}, {UINT32_MAX, 1000}};
    caws_error error = failure(true);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_retry_call call = caws_retry_begin(&retry, NULL);
        assert_int_equal(
            caws_retry_after_failure(&retry, &call, &error, NULL, cases[i].random, 0).delay_ms,
            cases[i].delay_ms);
    }
    uint64_t random = 7;
    int64_t sum = 0;
    for (int i = 0; i < 10000; i++) {
        caws_retry_call call = caws_retry_begin(&retry, NULL);
        atomic_store(&retry.tokens, 500);
        sum += caws_retry_after_failure(&retry, &call, &error, NULL,
                                        (uint32_t)(next_random(&random) >> 32), 0)
                   .delay_ms;
    }
    assert_in_range(sum / 10000, 480, 520);
    caws_retry_clear(&retry);
}

static void hears_when_to_come_back(void **state)
{
    (void)state;
    static const struct {
        const char *retry_after;
        int64_t delay_ms;
    } cases[] = {
        {"1500", 1500},
        {"50", 50},
        {"51", 51},
        {"49", 50},
        {"0", 50},
        {"5050", 5050},
        {"5051", 5050},
        {"0000000000000000000000000000100", 100},
        {"2147483648", 5050},
        {"99999999999999999999999999999999999", 5050},
        {"", 50},
        {"-1", 50},
        {"+1500", 50},
        {"1500 ", 50},
        {" 1500", 50},
        {"1500.5", 50},
        {"1e4", 50},
        {"invalid", 50},
        {"0x7d0", 50},
        {"Wed, 21 Oct 2026 07:28:00 GMT", 50},
    };
    caws_retry retry;
    start(&retry, CAWS_RETRY_STANDARD, 500);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_retry_call call = caws_retry_begin(&retry, NULL);
        expect(&retry, &call, false, cases[i].retry_after, CAWS_RETRY_AGAIN, cases[i].delay_ms);
    }
    caws_retry_clear(&retry);
}

static void ends_with_the_attempts(void **state)
{
    (void)state;
    caws_retry retry;
    start(&retry, CAWS_RETRY_STANDARD, 500);
    caws_retry_call call = caws_retry_begin(&retry, NULL);
    assert_int_equal(call.max_attempts, 3);
    expect(&retry, &call, false, NULL, CAWS_RETRY_AGAIN, 50);
    expect(&retry, &call, false, "1500", CAWS_RETRY_AGAIN, 1500);
    expect(&retry, &call, false, "1500", CAWS_RETRY_NO_ATTEMPTS, 0);
    assert_int_equal(retry.tokens, 472);

    const caws_retry_traits one = {.max_attempts = 1};
    call = caws_retry_begin(&retry, &one);
    expect(&retry, &call, false, NULL, CAWS_RETRY_NO_ATTEMPTS, 0);

    const caws_retry_traits odd = {.max_attempts = -5, .base_delay_ms = -5};
    call = caws_retry_begin(&retry, &odd);
    expect(&retry, &call, false, NULL, CAWS_RETRY_AGAIN, 50);
    caws_retry_clear(&retry);
}

static void leaves_other_errors_alone(void **state)
{
    (void)state;
    caws_retry retry;
    start(&retry, CAWS_RETRY_STANDARD, 500);
    const caws_retry_traits traits = {.long_polling = true};
    caws_retry_call call = caws_retry_begin(&retry, &traits);
    caws_error error = failure(false);
    error.retryable = false;
    caws_retry_decision decision =
        caws_retry_after_failure(&retry, &call, &error, "1500", whole, 0);
    assert_int_equal(decision.verdict, CAWS_RETRY_USELESS);
    assert_int_equal(decision.delay_ms, 0);
    assert_int_equal(retry.tokens, 500);
    caws_retry_clear(&retry);
}

static void is_off(void **state)
{
    (void)state;
    caws_retry retry;
    start(&retry, CAWS_RETRY_OFF, 500);
    const caws_retry_traits traits = {.max_attempts = 5, .long_polling = true};
    caws_retry_call call = caws_retry_begin(&retry, &traits);
    assert_int_equal(call.max_attempts, 1);
    assert_int_equal(caws_retry_before_attempt(&retry, 0, 0), 0);
    expect(&retry, &call, true, "1500", CAWS_RETRY_NO_ATTEMPTS, 0);
    assert_int_equal(retry.tokens, 500);
    caws_retry_clear(&retry);
}

static void stops_when_the_tokens_are_gone(void **state)
{
    (void)state;
    const caws_retry_traits polling = {.long_polling = true};
    static const struct {
        int tokens;
        bool throttling;
        bool enough;
    } cases[] = {{14, false, true}, {13, false, false}, {5, true, true},
                 {4, true, false},  {0, true, false},   {0, false, false}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_retry retry;
        start(&retry, CAWS_RETRY_STANDARD, cases[i].tokens);
        caws_retry_call call = caws_retry_begin(&retry, NULL);
        int64_t delay_ms = cases[i].throttling ? 1000 : 50;
        if (cases[i].enough) {
            expect(&retry, &call, cases[i].throttling, NULL, CAWS_RETRY_AGAIN, delay_ms);
            assert_int_equal(retry.tokens, 0);
        } else {
            expect(&retry, &call, cases[i].throttling, NULL, CAWS_RETRY_NO_TOKENS, 0);
            assert_int_equal(retry.tokens, cases[i].tokens);
            call = caws_retry_begin(&retry, &polling);
            expect(&retry, &call, cases[i].throttling, NULL, CAWS_RETRY_NO_TOKENS, delay_ms);
        }
        caws_retry_clear(&retry);
    }
}

static void gives_tokens_back(void **state)
{
    (void)state;
    caws_retry retry;
    start(&retry, CAWS_RETRY_STANDARD, 100);
    caws_retry_call call = caws_retry_begin(&retry, NULL);
    caws_retry_after_success(&retry, &call, 0);
    assert_int_equal(retry.tokens, 101);
    expect(&retry, &call, false, NULL, CAWS_RETRY_AGAIN, 50);
    expect(&retry, &call, true, NULL, CAWS_RETRY_AGAIN, 2000);
    assert_int_equal(retry.tokens, 82);
    caws_retry_after_success(&retry, &call, 0);
    assert_int_equal(retry.tokens, 87); /* what the last retry took */

    call = caws_retry_begin(&retry, NULL);
    expect(&retry, &call, false, NULL, CAWS_RETRY_AGAIN, 50);
    assert_int_equal(retry.tokens, 73);
    caws_retry_forgo(&retry, &call);
    assert_int_equal(retry.tokens, 87);

    atomic_store(&retry.tokens, 499);
    caws_retry_after_success(&retry, &call, 0);
    assert_int_equal(retry.tokens, 500);
    caws_retry_after_success(&retry, &call, 0);
    assert_int_equal(retry.tokens, 500);
    caws_retry_clear(&retry);
}

/* Only adaptive mode makes requests wait. */
static void limits_the_rate(void **state)
{
    (void)state;
    static const caws_retry_mode modes[] = {CAWS_RETRY_STANDARD, CAWS_RETRY_ADAPTIVE,
                                            CAWS_RETRY_OFF};
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        caws_retry retry;
        start(&retry, modes[i], 500);
        caws_retry_call call = caws_retry_begin(&retry, NULL);
        assert_int_equal(caws_retry_before_attempt(&retry, 0, 0), 0);
        caws_error error = failure(true);
        (void)caws_retry_after_failure(&retry, &call, &error, NULL, whole, 0);
        bool adaptive = modes[i] == CAWS_RETRY_ADAPTIVE;
        /* Half a request a second is the least. */
        assert_int_equal(caws_retry_before_attempt(&retry, 0, 1999), adaptive ? -1 : 0);
        assert_int_equal(caws_retry_before_attempt(&retry, 0, 2000), adaptive ? 2000 : 0);
        for (int second = 1; second <= 600; second++)
            caws_retry_after_success(&retry, &call, second * 1000);
        assert_int_equal(caws_retry_before_attempt(&retry, 600 * 1000, 0), 0);
        assert_int_equal(retry.limit.enabled, adaptive);
        caws_retry_clear(&retry);
    }
}

enum { THREADS = 8, CALLS = 20000 };

static void *run_calls(void *context)
{
    caws_retry *retry = context;
    caws_error error = failure(false);
    for (int i = 0; i < CALLS; i++) {
        caws_retry_call call = caws_retry_begin(retry, NULL);
        (void)caws_retry_before_attempt(retry, i, INT32_MAX);
        if (caws_retry_after_failure(retry, &call, &error, NULL, whole, i).verdict ==
            CAWS_RETRY_AGAIN)
            caws_retry_after_success(retry, &call, i);
    }
    return NULL;
}

/* Every retry succeeds and gives back what it took: nothing is lost between threads. */
static void is_shared_by_threads(void **state)
{
    (void)state;
    for (int mode = CAWS_RETRY_STANDARD; mode <= CAWS_RETRY_ADAPTIVE; mode++) {
        caws_retry retry;
        start(&retry, (caws_retry_mode)mode, 100);
        pthread_t threads[THREADS];
        for (int i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, run_calls, &retry), 0);
        for (int i = 0; i < THREADS; i++)
            assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(retry.tokens, 100);
        caws_retry_clear(&retry);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_the_delay),
        cmocka_unit_test(waits_longer_when_throttled),
        cmocka_unit_test(takes_the_smallest_traits),
        cmocka_unit_test(spreads_the_delays),
        cmocka_unit_test(hears_when_to_come_back),
        cmocka_unit_test(ends_with_the_attempts),
        cmocka_unit_test(leaves_other_errors_alone),
        cmocka_unit_test(is_off),
        cmocka_unit_test(stops_when_the_tokens_are_gone),
        cmocka_unit_test(gives_tokens_back),
        cmocka_unit_test(limits_the_rate),
        cmocka_unit_test(is_shared_by_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
