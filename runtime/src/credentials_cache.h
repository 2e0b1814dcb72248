/*
 * A client's current credentials, shared between threads: who uses them, and who gets new ones.
 *
 * Fifteen minutes before they are over (botocore's advisory time) one caller is told to get new
 * ones, and all others go on with those that there are. In the last minute the others wait for it,
 * so that no request is signed with what may be over when it arrives (botocore waits for the last
 * ten, which is more than an instance promises: its next credentials are there five minutes
 * before). After an attempt, failed or with credentials that are due again at once, there is a
 * pause of a quarter of the time that is left, from 10 seconds to 5 minutes.
 */
#ifndef CAWS_CREDENTIALS_CACHE_H
#define CAWS_CREDENTIALS_CACHE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "credentials_fetch.h"

enum {
    CAWS_CREDENTIALS_ADVISORY_S = 15 * 60,
    CAWS_CREDENTIALS_MANDATORY_S = 60,
    CAWS_CREDENTIALS_SILENCE_S = 5 /* of a refresh that has said nothing else */
};

/* Credentials as they were at one time. They never change, and live until the last holder releases
 * them. */
typedef struct caws_credentials_snapshot {
    const caws_found_credentials *found;
    uint64_t
        generation; /* from 1; the same for the same keys, for caches of what is made of them */
} caws_credentials_snapshot;

typedef enum caws_credentials_action {
    CAWS_CREDENTIALS_USE,             /* the snapshot */
    CAWS_CREDENTIALS_USE_AND_REFRESH, /* and this caller gets new ones, before or beside its call */
    CAWS_CREDENTIALS_REFRESH,         /* none to use: this caller gets some */
    CAWS_CREDENTIALS_WAIT,            /* none to use: somebody gets some; ask again later */
    CAWS_CREDENTIALS_FAILED           /* those that were waited for could not be had */
} caws_credentials_action;

/* Private; the mutex guards all of it and is held for no input or output. */
typedef struct caws_credentials_cache {
    pthread_mutex_t mutex;
    caws_credentials_snapshot *current;
    uint64_t generations;
    uint64_t turn;       /* number of the latest refresh */
    uint64_t failed;     /* the latest that failed */
    caws_error error;    /* of that one */
    bool refreshing;     /* somebody does */
    int64_t alive_until; /* and is not given up before */
    bool refused;        /* the service calls the current ones expired */
    int64_t pause_ends;  /* no refresh before, as long as there are usable ones */
    int64_t grace_ends;  /* used until then although they came expired: the clock may be wrong */
} caws_credentials_cache;

/* False when out of memory or of what a mutex needs; clear is not to be called then. */
CAWS_MUST_USE bool caws_credentials_cache_init(caws_credentials_cache *cache);

/* Wipes the credentials, but for snapshots that are still held. */
void caws_credentials_cache_clear(caws_credentials_cache *cache);

/*
 * What to do at the time now (seconds since 1970). turn: the caller's own, 0 for each new call and
 * after a refresh of its own; it remembers what was waited for, or which refresh is the caller's.
 * snapshot: acquired with CAWS_CREDENTIALS_USE and _USE_AND_REFRESH, else NULL. error: filled with
 * CAWS_CREDENTIALS_FAILED. Whoever is told to refresh calls exactly one of put, failed and abandon,
 * with that turn; if the refresh was taken over meanwhile, the newer one goes on.
 */
caws_credentials_action caws_credentials_cache_get(caws_credentials_cache *cache, int64_t now,
                                                   uint64_t *turn,
                                                   const caws_credentials_snapshot **snapshot,
                                                   caws_error *error);

/* New credentials, which are copied. Returns a snapshot of them, acquired, even if they are expired
 * already; NULL when out of memory, which counts as a failure. */
CAWS_MUST_USE const caws_credentials_snapshot *
caws_credentials_cache_put(caws_credentials_cache *cache, uint64_t turn,
                           const caws_found_credentials *found, int64_t now);

/* There are no new ones, for the reason in error, which is copied for those who wait. Returns the
 * old ones, acquired, if they can be used on, or NULL. */
CAWS_MUST_USE const caws_credentials_snapshot *
caws_credentials_cache_failed(caws_credentials_cache *cache, uint64_t turn, const caws_error *error,
                              int64_t now);

/* The refresh goes on, and may be silent until then (seconds since 1970; INT64_MAX: for ever).
 * Whoever waits beyond that takes the refresh over: it may belong to a loop that nobody drives. */
void caws_credentials_cache_alive(caws_credentials_cache *cache, uint64_t turn, int64_t until);

/* The refresh was cancelled: somebody else takes it up. */
void caws_credentials_cache_abandon(caws_credentials_cache *cache, uint64_t turn);

/* The service calls the credentials of this generation expired: the next to ask gets new ones. If
 * those have the same generation, another try is of no use. */
void caws_credentials_cache_expire(caws_credentials_cache *cache, uint64_t generation);

/* Those that there are, acquired, in whatever state; NULL: none. */
const caws_credentials_snapshot *caws_credentials_cache_current(caws_credentials_cache *cache);

/* NULL is accepted. */
void caws_credentials_release(const caws_credentials_snapshot *snapshot);

#endif
