/* clang-format off: cmocka.h needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
/* clang-format on */

#include <stdatomic.h>

#include "clock.h"
#include "credentials_cache.h"
#include "fail.h"

enum { NOW = 1000000, HOUR = 3600 };

static caws_found_credentials keys_until(const char *id, int64_t expires)
{
    return (caws_found_credentials){
        .keys = {id, "secret", NULL}, .expires = expires, .source = "test"};
}

/* One call's question. */
static caws_credentials_action ask(caws_credentials_cache *cache, int64_t now, const char *id)
{
    uint64_t turn = 0;
    const caws_credentials_snapshot *snapshot = NULL;
    caws_error error = CAWS_ERROR_INIT;
    caws_credentials_action action =
        caws_credentials_cache_get(cache, now, &turn, &snapshot, &error);
    if (id == NULL)
        assert_null(snapshot);
    else
        assert_string_equal(snapshot->found->keys.access_key_id, id);
    caws_credentials_release(snapshot);
    caws_error_clear(&error);
    return action;
}

static void put(caws_credentials_cache *cache, const char *id, int64_t expires, int64_t now)
{
    const caws_found_credentials found = keys_until(id, expires);
    const caws_credentials_snapshot *snapshot =
        caws_credentials_cache_put(cache, cache->turn, &found, now);
    assert_non_null(snapshot);
    assert_string_equal(snapshot->found->keys.access_key_id, id);
    caws_credentials_release(snapshot);
}

/* Returns whether the old ones can be used on. */
static bool failed(caws_credentials_cache *cache, int64_t now)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_fail(&error, CAWS_ERROR_CREDENTIALS, "nobody has any");
    const caws_credentials_snapshot *old =
        caws_credentials_cache_failed(cache, cache->turn, &error, now);
    caws_error_clear(&error);
    caws_credentials_release(old);
    return old != NULL;
}

static void test_first_one_fetches_others_wait(void **state)
{
    caws_credentials_cache cache;
    (void)state;
    assert_true(caws_credentials_cache_init(&cache));
    assert_int_equal(ask(&cache, NOW, NULL), CAWS_CREDENTIALS_REFRESH);
    assert_int_equal(ask(&cache, NOW, NULL), CAWS_CREDENTIALS_WAIT);
    put(&cache, "a", INT64_MAX, NOW);
    assert_int_equal(ask(&cache, NOW, "a"), CAWS_CREDENTIALS_USE);
    assert_int_equal(ask(&cache, INT64_MAX, "a"), CAWS_CREDENTIALS_USE);
    caws_credentials_release(NULL);
    caws_credentials_cache_clear(&cache);
}

/* Whoever waited gets that refresh's failure; a call that comes later tries afresh. */
static void test_failure_reaches_those_who_waited(void **state)
{
    caws_credentials_cache cache;
    uint64_t turn = 0;
    const caws_credentials_snapshot *snapshot = NULL;
    caws_error error = CAWS_ERROR_INIT;
    (void)state;
    assert_true(caws_credentials_cache_init(&cache));
    assert_int_equal(ask(&cache, NOW, NULL), CAWS_CREDENTIALS_REFRESH);
    assert_int_equal(caws_credentials_cache_get(&cache, NOW, &turn, &snapshot, &error),
                     CAWS_CREDENTIALS_WAIT);
    assert_int_equal(caws_credentials_cache_get(&cache, NOW, &turn, &snapshot, &error),
                     CAWS_CREDENTIALS_WAIT);
    assert_false(failed(&cache, NOW));
    assert_int_equal(ask(&cache, NOW, NULL), CAWS_CREDENTIALS_REFRESH);
    assert_int_equal(caws_credentials_cache_get(&cache, NOW, &turn, &snapshot, &error),
                     CAWS_CREDENTIALS_FAILED);
    assert_int_equal(error.status, CAWS_ERROR_CREDENTIALS);
    assert_string_equal(error.code, "NoCredentials");
    assert_string_equal(error.message, "nobody has any");
    put(&cache, "a", NOW + HOUR, NOW);
    assert_int_equal(caws_credentials_cache_get(&cache, NOW, &turn, &snapshot, &error),
                     CAWS_CREDENTIALS_USE);
    caws_credentials_release(snapshot);
    caws_error_clear(&error);
    caws_credentials_cache_clear(&cache);
}

static void test_abandoned_refresh_is_taken_up(void **state)
{
    caws_credentials_cache cache;
    uint64_t turn = 0;
    const caws_credentials_snapshot *snapshot = NULL;
    caws_error error = CAWS_ERROR_INIT;
    (void)state;
    assert_true(caws_credentials_cache_init(&cache));
    assert_int_equal(ask(&cache, NOW, NULL), CAWS_CREDENTIALS_REFRESH);
    assert_int_equal(caws_credentials_cache_get(&cache, NOW, &turn, &snapshot, &error),
                     CAWS_CREDENTIALS_WAIT);
    caws_credentials_cache_abandon(&cache, cache.turn);
    assert_int_equal(caws_credentials_cache_get(&cache, NOW, &turn, &snapshot, &error),
                     CAWS_CREDENTIALS_REFRESH);
    caws_credentials_cache_abandon(&cache, cache.turn);
    caws_credentials_cache_clear(&cache);
}

/* It may belong to a loop that nobody drives. */
static void test_silent_refresh_is_taken_over(void **state)
{
    const int64_t end = NOW + CAWS_CREDENTIALS_SILENCE_S;
    caws_credentials_cache cache;
    (void)state;
    assert_true(caws_credentials_cache_init(&cache));
    assert_int_equal(ask(&cache, NOW, NULL), CAWS_CREDENTIALS_REFRESH);
    assert_int_equal(ask(&cache, end, NULL), CAWS_CREDENTIALS_WAIT);
    assert_int_equal(ask(&cache, end + 1, NULL), CAWS_CREDENTIALS_REFRESH);
    assert_int_equal(ask(&cache, end + 1, NULL), CAWS_CREDENTIALS_WAIT); /* one of those who wait */
    caws_credentials_cache_alive(&cache, cache.turn, NOW + HOUR);
    assert_int_equal(ask(&cache, NOW + HOUR, NULL), CAWS_CREDENTIALS_WAIT);
    assert_int_equal(ask(&cache, NOW + HOUR + 1, NULL), CAWS_CREDENTIALS_REFRESH);
    caws_credentials_cache_alive(&cache, cache.turn, INT64_MAX);
    assert_int_equal(ask(&cache, INT64_MAX, NULL), CAWS_CREDENTIALS_WAIT);
    put(&cache, "third", NOW + 2 * HOUR, NOW + HOUR);
    put(&cache, "first", NOW + 2 * HOUR, NOW + HOUR); /* late */
    assert_int_equal(ask(&cache, NOW + HOUR, "first"), CAWS_CREDENTIALS_USE);
    assert_true(failed(&cache, NOW + HOUR)); /* as late */
    caws_credentials_cache_abandon(&cache, cache.turn);
    assert_int_equal(ask(&cache, NOW + HOUR, "first"), CAWS_CREDENTIALS_USE);
    caws_credentials_cache_clear(&cache);
}

/* What the first one comes to is not the fault of those who wait for the second. */
static void test_late_end_of_a_refresh_that_was_taken_over(void **state)
{
    const int64_t later = NOW + CAWS_CREDENTIALS_SILENCE_S + 1;
    caws_credentials_cache cache;
    const caws_credentials_snapshot *snapshot = NULL;
    caws_error error = CAWS_ERROR_INIT;
    uint64_t first = 0;
    uint64_t waiting = 0;
    (void)state;
    assert_true(caws_credentials_cache_init(&cache));
    assert_int_equal(caws_credentials_cache_get(&cache, NOW, &first, &snapshot, &error),
                     CAWS_CREDENTIALS_REFRESH);
    assert_int_equal(ask(&cache, later, NULL), CAWS_CREDENTIALS_REFRESH);
    assert_int_equal(caws_credentials_cache_get(&cache, later, &waiting, &snapshot, &error),
                     CAWS_CREDENTIALS_WAIT);
    caws_fail(&error, CAWS_ERROR_CREDENTIALS, "late");
    assert_null(caws_credentials_cache_failed(&cache, first, &error, later));
    caws_credentials_cache_abandon(&cache, first);
    caws_credentials_cache_alive(&cache, first, 0);
    caws_error_clear(&error);
    assert_int_equal(caws_credentials_cache_get(&cache, later, &waiting, &snapshot, &error),
                     CAWS_CREDENTIALS_WAIT);
    put(&cache, "second", NOW + HOUR, later);
    assert_int_equal(caws_credentials_cache_get(&cache, later, &waiting, &snapshot, &error),
                     CAWS_CREDENTIALS_USE);
    caws_credentials_release(snapshot);
    caws_credentials_cache_clear(&cache);
}

/* Whoever has usable ones does not take a refresh over, however long it is silent. */
static void test_silent_refresh_of_valid_ones(void **state)
{
    const int64_t end = NOW + HOUR;
    caws_credentials_cache cache;
    (void)state;
    assert_true(caws_credentials_cache_init(&cache));
    put(&cache, "a", end, NOW);
    assert_int_equal(ask(&cache, end - 800, "a"), CAWS_CREDENTIALS_USE_AND_REFRESH);
    assert_int_equal(ask(&cache, end - 61, "a"), CAWS_CREDENTIALS_USE);
    assert_int_equal(ask(&cache, end - 60, NULL), CAWS_CREDENTIALS_REFRESH);
    assert_int_equal(ask(&cache, end - 60, NULL), CAWS_CREDENTIALS_WAIT);
    put(&cache, "b", end + HOUR, end - 60);
    caws_credentials_cache_clear(&cache);
}

static void test_windows(void **state)
{
    caws_credentials_cache cache;
    const int64_t end = NOW + HOUR;
    (void)state;
    assert_true(caws_credentials_cache_init(&cache));
    assert_int_equal(ask(&cache, NOW, NULL), CAWS_CREDENTIALS_REFRESH);
    put(&cache, "a", end, NOW);
    assert_int_equal(ask(&cache, end - 901, "a"), CAWS_CREDENTIALS_USE);
    assert_int_equal(ask(&cache, end - 900, "a"), CAWS_CREDENTIALS_USE_AND_REFRESH);
    assert_int_equal(ask(&cache, end - 900, "a"), CAWS_CREDENTIALS_USE);
    assert_int_equal(ask(&cache, end - 61, "a"), CAWS_CREDENTIALS_USE);
    caws_credentials_cache_alive(&cache, cache.turn, end); /* the refresh goes on */
    assert_int_equal(ask(&cache, end - 60, NULL), CAWS_CREDENTIALS_WAIT);
    assert_int_equal(ask(&cache, end, NULL), CAWS_CREDENTIALS_WAIT);
    put(&cache, "b", end + HOUR, end);
    assert_int_equal(ask(&cache, end, "b"), CAWS_CREDENTIALS_USE);
    assert_int_equal(ask(&cache, end + HOUR, NULL), CAWS_CREDENTIALS_REFRESH);
    put(&cache, "c", end + 3 * HOUR, end + HOUR);
    caws_credentials_cache_clear(&cache);
}

static void test_failed_refresh_of_valid_ones(void **state)
{
    caws_credentials_cache cache;
    const int64_t end = NOW + HOUR;
    (void)state;
    assert_true(caws_credentials_cache_init(&cache));
    put(&cache, "a", end, NOW);
    assert_int_equal(ask(&cache, end - 800, "a"), CAWS_CREDENTIALS_USE_AND_REFRESH);
    assert_true(failed(&cache, end - 800));
    assert_int_equal(ask(&cache, end - 601, "a"), CAWS_CREDENTIALS_USE); /* 800 / 4 later */
    assert_int_equal(ask(&cache, end - 600, "a"), CAWS_CREDENTIALS_USE_AND_REFRESH);
    assert_true(failed(&cache, end - 20));
    assert_int_equal(ask(&cache, end - 11, "a"), CAWS_CREDENTIALS_USE); /* in the last minute too */
    assert_int_equal(ask(&cache, end - 10, "a"), CAWS_CREDENTIALS_USE_AND_REFRESH);
    assert_false(failed(&cache, end)); /* now they are over */
    assert_int_equal(ask(&cache, end, NULL), CAWS_CREDENTIALS_REFRESH);
    assert_false(failed(&cache, end));
    assert_int_equal(ask(&cache, end, NULL), CAWS_CREDENTIALS_REFRESH);
    caws_credentials_cache_abandon(&cache, cache.turn);
    caws_credentials_cache_clear(&cache);
}

/* A program whose credentials live for five minutes is not run for each call. */
static void test_short_lived_ones(void **state)
{
    caws_credentials_cache cache;
    (void)state;
    assert_true(caws_credentials_cache_init(&cache));
    put(&cache, "a", NOW + 300, NOW);
    assert_int_equal(ask(&cache, NOW + 74, "a"), CAWS_CREDENTIALS_USE);
    assert_int_equal(ask(&cache, NOW + 75, "a"), CAWS_CREDENTIALS_USE_AND_REFRESH);
    caws_credentials_cache_abandon(&cache, cache.turn);
    caws_credentials_cache_clear(&cache);
}

/* Expired when they come: the service judges them, for the clock may be wrong. */
static void test_expired_ones(void **state)
{
    caws_credentials_cache cache;
    (void)state;
    assert_true(caws_credentials_cache_init(&cache));
    put(&cache, "a", NOW - HOUR, NOW);
    assert_int_equal(ask(&cache, NOW + 9, "a"), CAWS_CREDENTIALS_USE);
    assert_int_equal(ask(&cache, NOW + 10, NULL), CAWS_CREDENTIALS_REFRESH);
    assert_false(failed(&cache, NOW + 10));
    caws_credentials_cache_clear(&cache);
}

/* Those of an instance are used on while its metadata service fails. */
static void test_outlasting_ones(void **state)
{
    caws_credentials_cache cache;
    caws_found_credentials found = keys_until("a", NOW + HOUR);
    found.outlasting = true;
    (void)state;
    assert_true(caws_credentials_cache_init(&cache));
    caws_credentials_release(caws_credentials_cache_put(&cache, cache.turn, &found, NOW));
    const int64_t later = NOW + 2 * HOUR;
    assert_int_equal(ask(&cache, later, "a"), CAWS_CREDENTIALS_USE_AND_REFRESH);
    assert_int_equal(ask(&cache, later, "a"), CAWS_CREDENTIALS_USE);
    assert_true(failed(&cache, later));
    assert_int_equal(ask(&cache, later + 299, "a"), CAWS_CREDENTIALS_USE);
    assert_int_equal(ask(&cache, later + 300, "a"), CAWS_CREDENTIALS_USE_AND_REFRESH);
    /* it answers with the old ones again */
    caws_credentials_release(caws_credentials_cache_put(&cache, cache.turn, &found, later + 300));
    assert_int_equal(ask(&cache, later + 599, "a"), CAWS_CREDENTIALS_USE);
    assert_int_equal(ask(&cache, later + 600, "a"), CAWS_CREDENTIALS_USE_AND_REFRESH);
    put(&cache, "b", later + 2 * HOUR, later + 600);
    assert_int_equal(ask(&cache, later + 600, "b"), CAWS_CREDENTIALS_USE);
    caws_credentials_cache_clear(&cache);
}

static uint64_t generation_of(caws_credentials_cache *cache)
{
    uint64_t turn = 0;
    const caws_credentials_snapshot *snapshot = NULL;
    assert_int_equal(caws_credentials_cache_get(cache, NOW, &turn, &snapshot, NULL),
                     CAWS_CREDENTIALS_USE);
    uint64_t generation = snapshot->generation;
    caws_credentials_release(snapshot);
    return generation;
}

static void test_expire_and_generations(void **state)
{
    caws_credentials_cache cache;
    (void)state;
    assert_true(caws_credentials_cache_init(&cache));
    caws_credentials_cache_expire(&cache, 1); /* there are none */
    put(&cache, "a", NOW + HOUR, NOW);
    assert_int_equal(generation_of(&cache), 1);
    caws_credentials_cache_expire(&cache, 2); /* of others */
    assert_int_equal(generation_of(&cache), 1);
    caws_credentials_cache_expire(&cache, 1);
    assert_int_equal(ask(&cache, NOW, NULL), CAWS_CREDENTIALS_REFRESH);
    caws_credentials_cache_expire(&cache, 1);
    assert_int_equal(ask(&cache, NOW, NULL), CAWS_CREDENTIALS_WAIT);
    put(&cache, "a", NOW + HOUR, NOW); /* the same again */
    assert_int_equal(generation_of(&cache), 1);
    caws_credentials_cache_expire(&cache, 1);
    assert_int_equal(ask(&cache, NOW, NULL), CAWS_CREDENTIALS_REFRESH);
    assert_false(failed(&cache, NOW));
    assert_int_equal(ask(&cache, NOW, NULL), CAWS_CREDENTIALS_REFRESH);
    put(&cache, "b", NOW + HOUR, NOW);
    assert_int_equal(generation_of(&cache), 2);
    caws_credentials_cache_expire(&cache, 1); /* late news */
    assert_int_equal(generation_of(&cache), 2);
    caws_credentials_cache_clear(&cache);
}

static void test_snapshot_outlives_its_successor(void **state)
{
    caws_credentials_cache cache;
    uint64_t turn = 0;
    const caws_credentials_snapshot *old = NULL;
    (void)state;
    assert_true(caws_credentials_cache_init(&cache));
    put(&cache, "old", INT64_MAX, NOW);
    assert_int_equal(caws_credentials_cache_get(&cache, NOW, &turn, &old, NULL),
                     CAWS_CREDENTIALS_USE);
    put(&cache, "new", INT64_MAX, NOW);
    caws_credentials_cache_clear(&cache);
    assert_string_equal(old->found->keys.access_key_id, "old");
    caws_credentials_release(old);
}

enum { THREADS = 16, ROUNDS = 400 };

typedef struct shared {
    caws_credentials_cache cache;
    atomic_llong ticks;    /* of the clock */
    atomic_int refreshing; /* how many at once */
    atomic_int refreshes;
    atomic_int wrong;
} shared;

/* Slow enough that no refresh is silent for too long, and others take it over. */
static int64_t now_of(shared *s)
{
    return NOW + atomic_load(&s->ticks) / 1024;
}

/* A refresh: with one in eight failing, one in eight abandoned. */
static const caws_credentials_snapshot *refresh(shared *s, uint64_t turn)
{
    const caws_credentials_snapshot *snapshot = NULL;
    if (atomic_fetch_add(&s->refreshing, 1) != 0)
        atomic_fetch_add(&s->wrong, 1);
    int number = atomic_fetch_add(&s->refreshes, 1);
    char id[32];
    (void)snprintf(id, sizeof(id), "key-%d", number);
    int64_t now = now_of(s);
    const caws_found_credentials found = keys_until(id, now + CAWS_CREDENTIALS_ADVISORY_S + 1);
    caws_sleep_ms(1);
    atomic_fetch_sub(&s->refreshing, 1);
    if (number % 8 == 7) {
        caws_credentials_cache_abandon(&s->cache, turn);
    } else if (number % 8 == 6) {
        caws_error error = CAWS_ERROR_INIT;
        caws_fail(&error, CAWS_ERROR_CREDENTIALS, "no");
        snapshot = caws_credentials_cache_failed(&s->cache, turn, &error, now);
        caws_error_clear(&error);
    } else {
        snapshot = caws_credentials_cache_put(&s->cache, turn, &found, now);
    }
    return snapshot;
}

static void one_call(shared *s)
{
    uint64_t turn = 0;
    for (int i = 0; i < 1000; i++) {
        const caws_credentials_snapshot *snapshot = NULL;
        caws_error error = CAWS_ERROR_INIT;
        caws_credentials_action action =
            caws_credentials_cache_get(&s->cache, now_of(s), &turn, &snapshot, &error);
        if (action == CAWS_CREDENTIALS_WAIT) {
            caws_sleep_ms(1);
            continue;
        }
        if (action == CAWS_CREDENTIALS_USE_AND_REFRESH || action == CAWS_CREDENTIALS_REFRESH) {
            caws_credentials_release(snapshot);
            snapshot = refresh(s, turn);
            turn = 0;
        }
        if (snapshot != NULL && strncmp(snapshot->found->keys.access_key_id, "key-", 4) != 0)
            atomic_fetch_add(&s->wrong, 1);
        if (snapshot != NULL && i % 50 == 3)
            caws_credentials_cache_expire(&s->cache, snapshot->generation);
        caws_credentials_release(snapshot);
        caws_error_clear(&error);
        return;
    }
    atomic_fetch_add(&s->wrong, 1); /* it never came to an end */
}

static void *run_thread(void *context)
{
    shared *s = context;
    for (int i = 0; i < ROUNDS; i++) {
        atomic_fetch_add(&s->ticks, 1);
        one_call(s);
    }
    return NULL;
}

static void test_threads(void **state)
{
    static shared s;
    pthread_t threads[THREADS];
    (void)state;
    assert_true(caws_credentials_cache_init(&s.cache));
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_thread, &s), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(atomic_load(&s.wrong), 0);
    assert_true(atomic_load(&s.refreshes) > 1);
    assert_true(atomic_load(&s.refreshes) < THREADS * ROUNDS / 4);
    caws_credentials_cache_clear(&s.cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_one_fetches_others_wait),
        cmocka_unit_test(test_failure_reaches_those_who_waited),
        cmocka_unit_test(test_abandoned_refresh_is_taken_up),
        cmocka_unit_test(test_silent_refresh_is_taken_over),
        cmocka_unit_test(test_late_end_of_a_refresh_that_was_taken_over),
        cmocka_unit_test(test_silent_refresh_of_valid_ones),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_failed_refresh_of_valid_ones),
        cmocka_unit_test(test_short_lived_ones),
        cmocka_unit_test(test_expired_ones),
        cmocka_unit_test(test_outlasting_ones),
        cmocka_unit_test(test_expire_and_generations),
        cmocka_unit_test(test_snapshot_outlives_its_successor),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
