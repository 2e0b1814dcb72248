#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stats.h"

static void begins_with_nothing(void **state)
{
    (void)state;
    static const caws_client_counters none;
    caws_stats stats;
    caws_client_counters counters;
    memset(&stats, 'x', sizeof(stats));
    memset(&counters, 'x', sizeof(counters));
    caws_stats_init(&stats);
    caws_stats_read(&stats, &counters);
    assert_memory_equal(&counters, &none, sizeof(none));
}

static void counts_each_for_itself(void **state)
{
    (void)state;
    caws_stats stats;
    caws_client_counters counters;
    caws_stats_init(&stats);
    for (int stat = 0; stat < CAWS_STAT_COUNT; stat++)
        caws_stats_add(&stats, (caws_stat)stat, (uint64_t)stat + 100);
    caws_stats_read(&stats, &counters);
    const caws_client_counters expected = {.calls = 100,
                                           .failures = 101,
                                           .attempts = 102,
                                           .retries_throttling = 103,
                                           .retries_server = 104,
                                           .retries_transport = 105,
                                           .retries_clock_skew = 106,
                                           .retries_credentials = 107,
                                           .bytes_sent = 108,
                                           .bytes_received = 109,
                                           .connections_opened = 110,
                                           .connections_reused = 111};
    assert_memory_equal(&counters, &expected, sizeof(expected));
}

static void counts_retries_by_cause(void **state)
{
    (void)state;
    caws_stats stats;
    caws_client_counters counters;
    caws_stats_init(&stats);
    for (int cause = CAWS_CAUSE_THROTTLING; cause <= CAWS_CAUSE_CREDENTIALS; cause++)
        for (int i = 0; i <= cause; i++)
            caws_stats_add_retry(&stats, (caws_retry_cause)cause);
    caws_stats_read(&stats, &counters);
    const caws_client_counters expected = {.retries_throttling = 1,
                                           .retries_server = 2,
                                           .retries_transport = 3,
                                           .retries_clock_skew = 4,
                                           .retries_credentials = 5};
    assert_memory_equal(&counters, &expected, sizeof(expected));
}

static void counts_beyond_32_bits(void **state)
{
    (void)state;
    caws_stats stats;
    caws_client_counters counters;
    caws_stats_init(&stats);
    for (int i = 0; i < 3; i++)
        caws_stats_add(&stats, CAWS_STAT_BYTES_RECEIVED, UINT64_C(0xFFFFFFFF));
    caws_stats_read(&stats, &counters);
    assert_int_equal(counters.bytes_received, UINT64_C(0x2FFFFFFFD));
    assert_int_equal(counters.bytes_sent, 0);
}

enum { THREADS = 8, ROUNDS = 50000 };

static void *count(void *context)
{
    for (int i = 0; i < ROUNDS; i++) {
        caws_stats_add(context, CAWS_STAT_ATTEMPTS, 1);
        caws_stats_add(context, CAWS_STAT_BYTES_SENT, 1000000);
    }
    return NULL;
}

static void loses_nothing_between_threads(void **state)
{
    (void)state;
    caws_stats stats;
    caws_client_counters counters;
    caws_client_counters before = {.attempts = 0};
    pthread_t threads[THREADS];
    caws_stats_init(&stats);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count, &stats), 0);
    for (int i = 0; i < 1000; i++) {
        caws_stats_read(&stats, &counters);
        assert_true(counters.attempts >= before.attempts);
        assert_true(counters.bytes_sent >= before.bytes_sent);
        before = counters;
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    caws_stats_read(&stats, &counters);
    assert_int_equal(counters.attempts, THREADS * ROUNDS);
    assert_int_equal(counters.bytes_sent, UINT64_C(1000000) * THREADS * ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_with_nothing),           cmocka_unit_test(counts_each_for_itself),
        cmocka_unit_test(counts_retries_by_cause),       cmocka_unit_test(counts_beyond_32_bits),
        cmocka_unit_test(loses_nothing_between_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
