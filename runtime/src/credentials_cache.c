#include "credentials_cache.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

enum { SHORTEST_PAUSE_S = 10, LONGEST_PAUSE_S = 300 };

/* What a snapshot is in truth. */
typedef struct counted_snapshot {
    caws_credentials_snapshot snapshot; /* first, so that one pointer is both */
    atomic_size_t holders;
    caws_found_credentials *owned;
} counted_snapshot;

static caws_credentials_snapshot *new_snapshot(const caws_found_credentials *found)
{
    counted_snapshot *counted = calloc(1, sizeof(*counted));
    if (counted == NULL)
        return NULL;
    counted->owned = caws_found_credentials_new(found);
    if (counted->owned == NULL) {
        free(counted);
        return NULL;
    }
    counted->snapshot.found = counted->owned;
    atomic_init(&counted->holders, 1);
    return &counted->snapshot;
}

static const caws_credentials_snapshot *acquire(caws_credentials_snapshot *snapshot)
{
    atomic_fetch_add_explicit(&((counted_snapshot *)snapshot)->holders, 1, memory_order_relaxed);
    return snapshot;
}

void caws_credentials_release(const caws_credentials_snapshot *snapshot)
{
    counted_snapshot *counted = (counted_snapshot *)snapshot;
    if (counted == NULL ||
        atomic_fetch_sub_explicit(&counted->holders, 1, memory_order_acq_rel) != 1)
        return;
    caws_found_credentials_free(counted->owned);
    free(counted);
}

bool caws_credentials_cache_init(caws_credentials_cache *cache)
{
    *cache = (caws_credentials_cache){.error = CAWS_ERROR_INIT};
    return pthread_mutex_init(&cache->mutex, NULL) == 0;
}

void caws_credentials_cache_clear(caws_credentials_cache *cache)
{
    caws_credentials_release(cache->current);
    caws_error_clear(&cache->error);
    (void)pthread_mutex_destroy(&cache->mutex);
}

static bool ends_within(const caws_credentials_cache *cache, int64_t seconds, int64_t now)
{
    int64_t expires = cache->current->found->expires;
    return expires != INT64_MAX && expires <= now + seconds;
}

/* Expired ones are usable if they came so, for a while; an instance's, while it has no newer. */
static bool is_usable(const caws_credentials_cache *cache, int64_t now)
{
    return cache->current != NULL && !cache->refused &&
           (!ends_within(cache, 0, now) || cache->current->found->outlasting ||
            now < cache->grace_ends);
}

/* So near to their end that it is better to wait for others. */
static bool is_pressing(const caws_credentials_cache *cache, int64_t now)
{
    return ends_within(cache, CAWS_CREDENTIALS_MANDATORY_S, now) &&
           !cache->current->found->outlasting;
}

static int64_t pause_from(const caws_credentials_cache *cache, int64_t now)
{
    if (cache->current == NULL || !ends_within(cache, CAWS_CREDENTIALS_ADVISORY_S, now))
        return now;
    if (ends_within(cache, 0, now))
        return now + (cache->current->found->outlasting ? LONGEST_PAUSE_S : SHORTEST_PAUSE_S);
    int64_t pause = (cache->current->found->expires - now) / 4;
    return now + (pause < SHORTEST_PAUSE_S  ? SHORTEST_PAUSE_S
                  : pause > LONGEST_PAUSE_S ? LONGEST_PAUSE_S
                                            : pause);
}

static caws_credentials_action begin_refresh(caws_credentials_cache *cache, int64_t now,
                                             uint64_t *turn, caws_credentials_action action)
{
    cache->refreshing = true;
    cache->alive_until = now + CAWS_CREDENTIALS_SILENCE_S;
    *turn = ++cache->turn;
    return action;
}

static caws_credentials_action without_usable(caws_credentials_cache *cache, int64_t now,
                                              uint64_t *turn, caws_error *error)
{
    if (*turn != 0 && cache->failed >= *turn) {
        if (cache->error.status != CAWS_OK)
            caws_fail_code(error, cache->error.status, cache->error.code, "%s",
                           cache->error.message);
        else
            caws_fail_memory(error);
        return CAWS_CREDENTIALS_FAILED;
    }
    if (!cache->refreshing || now > cache->alive_until)
        return begin_refresh(cache, now, turn, CAWS_CREDENTIALS_REFRESH);
    *turn = cache->turn;
    return CAWS_CREDENTIALS_WAIT;
}

caws_credentials_action caws_credentials_cache_get(caws_credentials_cache *cache, int64_t now,
                                                   uint64_t *turn,
                                                   const caws_credentials_snapshot **snapshot,
                                                   caws_error *error)
{
    *snapshot = NULL;
    (void)pthread_mutex_lock(&cache->mutex);
    caws_credentials_action action = CAWS_CREDENTIALS_USE;
    bool usable = is_usable(cache, now);
    bool due = usable && ends_within(cache, CAWS_CREDENTIALS_ADVISORY_S, now) &&
               (cache->refreshing || now >= cache->pause_ends);
    if (!usable || (due && cache->refreshing && is_pressing(cache, now)))
        action = without_usable(cache, now, turn, error);
    else if (due && !cache->refreshing)
        action = begin_refresh(cache, now, turn, CAWS_CREDENTIALS_USE_AND_REFRESH);
    if (action == CAWS_CREDENTIALS_USE || action == CAWS_CREDENTIALS_USE_AND_REFRESH)
        *snapshot = acquire(cache->current);
    (void)pthread_mutex_unlock(&cache->mutex);
    return action;
}

const caws_credentials_snapshot *caws_credentials_cache_current(caws_credentials_cache *cache)
{
    (void)pthread_mutex_lock(&cache->mutex);
    const caws_credentials_snapshot *current =
        cache->current != NULL ? acquire(cache->current) : NULL;
    (void)pthread_mutex_unlock(&cache->mutex);
    return current;
}

static bool equal_texts(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool equal_keys(const caws_credentials *a, const caws_credentials *b)
{
    return equal_texts(a->access_key_id, b->access_key_id) &&
           equal_texts(a->secret_access_key, b->secret_access_key) &&
           equal_texts(a->session_token, b->session_token);
}

void caws_credentials_cache_alive(caws_credentials_cache *cache, uint64_t turn, int64_t until)
{
    (void)pthread_mutex_lock(&cache->mutex);
    if (turn == cache->turn)
        cache->alive_until = until;
    (void)pthread_mutex_unlock(&cache->mutex);
}

/* One that was taken over leaves the newer one alone. */
static void end_refresh(caws_credentials_cache *cache, uint64_t turn)
{
    if (turn == cache->turn)
        cache->refreshing = false;
}

const caws_credentials_snapshot *caws_credentials_cache_put(caws_credentials_cache *cache,
                                                            uint64_t turn,
                                                            const caws_found_credentials *found,
                                                            int64_t now)
{
    caws_credentials_snapshot *next = new_snapshot(found);
    if (next == NULL) {
        caws_error error = CAWS_ERROR_INIT;
        caws_fail_memory(&error);
        return caws_credentials_cache_failed(cache, turn, &error, now);
    }
    (void)pthread_mutex_lock(&cache->mutex);
    caws_credentials_snapshot *old = cache->current;
    bool same = old != NULL && equal_keys(&old->found->keys, &found->keys);
    next->generation = same ? old->generation : ++cache->generations;
    cache->current = next;
    cache->refused = false;
    cache->pause_ends = pause_from(cache, now);
    cache->grace_ends = now + SHORTEST_PAUSE_S;
    const caws_credentials_snapshot *mine = acquire(next);
    end_refresh(cache, turn);
    (void)pthread_mutex_unlock(&cache->mutex);
    caws_credentials_release(old);
    return mine;
}

const caws_credentials_snapshot *caws_credentials_cache_failed(caws_credentials_cache *cache,
                                                               uint64_t turn,
                                                               const caws_error *error, int64_t now)
{
    (void)pthread_mutex_lock(&cache->mutex);
    if (turn == cache->turn) {
        caws_error_clear(&cache->error);
        caws_fail_code(&cache->error, error->status, error->code, "%s", error->message);
        cache->failed = turn;
        cache->pause_ends = pause_from(cache, now);
    }
    const caws_credentials_snapshot *mine = is_usable(cache, now) ? acquire(cache->current) : NULL;
    end_refresh(cache, turn);
    (void)pthread_mutex_unlock(&cache->mutex);
    return mine;
}

void caws_credentials_cache_abandon(caws_credentials_cache *cache, uint64_t turn)
{
    (void)pthread_mutex_lock(&cache->mutex);
    end_refresh(cache, turn);
    (void)pthread_mutex_unlock(&cache->mutex);
}

void caws_credentials_cache_expire(caws_credentials_cache *cache, uint64_t generation)
{
    (void)pthread_mutex_lock(&cache->mutex);
    if (cache->current != NULL && cache->current->generation == generation)
        cache->refused = true;
    (void)pthread_mutex_unlock(&cache->mutex);
}
