#include "client.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "describe.h"
#include "fail.h"
#include "pending.h"

static caws_loop *take_idle(caws_client *client)
{
    pthread_mutex_lock(&client->mutex);
    caws_loop *loop = client->idle;
    if (loop != NULL) {
        client->idle = loop->next;
        client->idle_count--;
    }
    pthread_mutex_unlock(&client->mutex);
    return loop;
}

caws_loop *caws_client_acquire(caws_client *client, caws_error *error)
{
    /* One call at a time, but to more than one host. */
    static const caws_loop_options options = {.max_connections = 8};
    caws_loop *loop = take_idle(client);
    for (; loop != NULL && loop->pid != getpid(); loop = take_idle(client))
        caws_loop_free(loop); /* its connections are the parent's */
    return loop != NULL ? loop : caws_loop_make(client, &options, error);
}

void caws_client_release(caws_client *client, caws_loop *loop)
{
    pthread_mutex_lock(&client->mutex);
    bool keep = client->idle_count < CAWS_MAX_IDLE_LOOPS;
    if (keep) {
        loop->next = client->idle;
        client->idle = loop;
        client->idle_count++;
    }
    pthread_mutex_unlock(&client->mutex);
    if (!keep)
        caws_loop_free(loop);
}

static const caws_known_endpoint *find_known(const caws_client *client, const caws_service *service)
{
    const caws_known_endpoint *known = client->endpoints;
    while (known != NULL && known->service != service)
        known = known->next;
    return known;
}

/* Copies what was found; NULL when out of memory. */
static const caws_known_endpoint *remember(caws_client *client, const caws_service *service,
                                           const caws_endpoint *endpoint)
{
    caws_arena *arena = &client->settings.arena;
    caws_known_endpoint *known = caws_arena_alloc(arena, sizeof(*known));
    if (known == NULL || !caws_endpoint_copy(arena, endpoint, &known->endpoint))
        return NULL;
    known->next = client->endpoints;
    known->service = service;
    client->endpoints = known;
    return known;
}

/* A search that fails must leave nothing behind in the client: a program may try for ever. */
const caws_endpoint *caws_client_endpoint(caws_client *client, const caws_service *service,
                                          caws_error *error)
{
    pthread_mutex_lock(&client->mutex);
    const caws_known_endpoint *known = find_known(client, service);
    bool found_now = known == NULL;
    if (known == NULL) {
        caws_arena scratch = CAWS_ARENA_INIT;
        caws_endpoint endpoint;
        if (caws_endpoint_find(&client->settings, service, NULL, &scratch, &endpoint, error) ==
            CAWS_OK) {
            known = remember(client, service, &endpoint);
            if (known == NULL)
                caws_fail_memory(error);
        }
        caws_arena_clear(&scratch);
    }
    pthread_mutex_unlock(&client->mutex);
    if (known == NULL)
        return NULL;
    if (found_now) /* outside the lock: the callback may call */
        caws_log(&client->settings.logger, CAWS_LOG_DEBUG, "the endpoint of %s is %s://%s%s",
                 service->service_id, known->endpoint.scheme, known->endpoint.host,
                 known->endpoint.path);
    return &known->endpoint;
}

static caws_status init(caws_client *client, const caws_client_options *options, caws_error *error)
{
    if (caws_settings_load(&client->settings, options, error) != CAWS_OK)
        return error->status;
    if (!caws_algorithms_init(&client->algorithms))
        return caws_fail(error, CAWS_ERROR_CONFIGURATION, "OpenSSL has no SHA-256");
    caws_settings *settings = &client->settings;
    caws_skew_init(&client->skew);
    caws_stats_init(&client->stats);
    if (!caws_user_agent_init(&client->user_agent, settings->app_id,
                              caws_system_variable(settings->system, "AWS_EXECUTION_ENV"), NULL,
                              &settings->arena))
        return caws_fail_memory(error);
    /* Last, so that nobody has to clear it if something fails. */
    return caws_retry_init(&client->retry, client->settings.retry_mode, caws_monotonic_ms())
               ? CAWS_OK
               : caws_fail_memory(error);
}

/* libcurl counts its global users; init and cleanup are paired, and take no more than a lock if the
 * host program is one of them. */
caws_client *caws_client_new(const caws_client_options *options, caws_error *error)
{
    caws_error own_error = CAWS_ERROR_INIT;
    caws_error *e = error != NULL ? error : &own_error;
    caws_error_clear(e);

    caws_client *client = calloc(1, sizeof(*client));
    if (client == NULL) {
        caws_fail_memory(e);
        return NULL;
    }
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    bool curl = code == CURLE_OK;
    bool mutex = curl && pthread_mutex_init(&client->mutex, NULL) == 0;
    bool keys = mutex && caws_signing_keys_init(&client->signing_keys);
    bool cache = keys && caws_credentials_cache_init(&client->credentials);
    if (!cache)
        caws_fail_memory(e);
    if (cache && init(client, options, e) == CAWS_OK)
        return client;

    caws_settings_clear(&client->settings);
    caws_algorithms_clear(&client->algorithms);
    if (cache)
        caws_credentials_cache_clear(&client->credentials);
    if (keys)
        caws_signing_keys_clear(&client->signing_keys);
    if (mutex)
        pthread_mutex_destroy(&client->mutex);
    if (curl)
        curl_global_cleanup();
    free(client);
    caws_error_clear(&own_error);
    return NULL;
}

void caws_client_free(caws_client *client)
{
    if (client == NULL)
        return;
    while (client->idle != NULL) {
        caws_loop *loop = client->idle;
        client->idle = loop->next;
        caws_loop_free(loop);
    }
    caws_retry_clear(&client->retry);
    caws_credentials_cache_clear(&client->credentials);
    caws_signing_keys_clear(&client->signing_keys);
    caws_algorithms_clear(&client->algorithms);
    caws_settings_clear(&client->settings);
    pthread_mutex_destroy(&client->mutex);
    free(client);
    curl_global_cleanup();
}

void caws_client_describe(const caws_client *client, caws_setting_callback callback, void *context)
{
    if (client == NULL || callback == NULL)
        return;
    /* Nothing is changed but the lock and the count of holders. */
    caws_credentials_cache *cache = (caws_credentials_cache *)&client->credentials;
    const caws_credentials_snapshot *current = caws_credentials_cache_current(cache);
    caws_settings_describe(&client->settings, current != NULL ? current->found : NULL, callback,
                           context);
    caws_credentials_release(current);
}

void caws_client_count(const caws_client *client, caws_client_counters *counters)
{
    if (client != NULL)
        caws_stats_read(&client->stats, counters);
    else
        *counters = (caws_client_counters){0};
}
