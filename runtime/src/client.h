/* What is inside a client, and how a call borrows a loop from it. */
#ifndef CAWS_CLIENT_INTERNAL_H
#define CAWS_CLIENT_INTERNAL_H

#include <pthread.h>

#include <caws/loop.h>
#include <caws/schema.h>

#include "credentials_cache.h"
#include "digest.h"
#include "endpoint.h"
#include "retry.h"
#include "settings.h"
#include "sigv4.h"
#include "skew.h"
#include "stats.h"
#include "user_agent.h"

/* The endpoint of a service, found once. */
typedef struct caws_known_endpoint {
    const struct caws_known_endpoint *next;
    const caws_service *service;
    caws_endpoint endpoint;
} caws_known_endpoint;

enum { CAWS_MAX_IDLE_LOOPS = 32 };

struct caws_client {
    caws_settings settings; /* constant after caws_client_new */
    caws_algorithms algorithms;
    caws_signing_keys signing_keys;
    caws_credentials_cache credentials; /* what the chain has found */
    caws_user_agent user_agent;
    caws_retry retry;
    caws_skew skew;
    caws_stats stats;
    pthread_mutex_t mutex; /* guards what follows */
    caws_loop *idle;       /* last used first: its connection is the likeliest to be alive */
    int idle_count;
    const caws_known_endpoint *endpoints; /* in the settings' arena; entries never change */
};

/* A loop, idle or new, for a call that waits; NULL and a filled error on failure. */
caws_loop *caws_client_acquire(caws_client *client, caws_error *error);

/* Gives it back; nothing is pending in it. */
void caws_client_release(caws_client *client, caws_loop *loop);

/* The endpoint of a service, which lives as long as the client; NULL and a filled error on failure.
 */
const caws_endpoint *caws_client_endpoint(caws_client *client, const caws_service *service,
                                          caws_error *error);

#endif
