#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client.h"
#include "fail.h"
#include "pending.h"

static const caws_service logs = {.service_id = "CloudWatch Logs", .endpoint_prefix = "logs"};
static const caws_service sqs = {.service_id = "SQS", .endpoint_prefix = "sqs"};

static int clear_environment(void **state)
{
    (void)state;
    static const char *const variables[] = {
        "AWS_REGION",           "AWS_DEFAULT_REGION",    "AWS_ACCESS_KEY_ID",
        "AWS_SESSION_TOKEN",    "AWS_SECRET_ACCESS_KEY", "AWS_CA_BUNDLE",
        "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_LOGS", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
        "AWS_ENDPOINT_URL"};
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
        if (unsetenv(variables[i]) != 0)
            return -1;
    return 0;
}

static caws_client *new_client(const caws_client_options *options)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = caws_client_new(options, &error);
    assert_string_equal(error.message, "");
    assert_non_null(client);
    return client;
}

static void is_made_of_nothing(void **state)
{
    (void)state;
    caws_client_free(NULL);
    for (int i = 0; i < 3; i++) {
        caws_client_free(new_client(NULL));
        caws_client_free(caws_client_new(NULL, NULL));
    }
}

static void tells_what_is_malformed(void **state)
{
    (void)state;
    const caws_client_options options = {.region = "a.b"};
    caws_error error = CAWS_ERROR_INIT;
    assert_null(caws_client_new(&options, &error));
    assert_int_equal(error.status, CAWS_ERROR_CONFIGURATION);
    assert_string_equal(error.code, "InvalidConfiguration");
    assert_null(caws_client_new(&options, NULL));

    const caws_credentials half = {"id", NULL, NULL};
    const caws_client_options half_options = {.credentials = &half};
    assert_null(caws_client_new(&half_options, &error));
    assert_int_equal(error.status, CAWS_ERROR_CREDENTIALS);
    assert_string_equal(error.code, "NoCredentials");

    caws_client *client = caws_client_new(NULL, &error);
    assert_non_null(client);
    assert_int_equal(error.status, CAWS_OK);
    caws_client_free(client);
    caws_error_clear(&error);
}

static void lends_the_loop_used_last(void **state)
{
    (void)state;
    caws_client *client = new_client(NULL);
    caws_error error = CAWS_ERROR_INIT;
    caws_loop *a = caws_client_acquire(client, &error);
    caws_loop *b = caws_client_acquire(client, &error);
    assert_non_null(a);
    assert_non_null(b);
    assert_ptr_not_equal(a, b);
    assert_int_equal(client->idle_count, 0);
    caws_client_release(client, a);
    caws_client_release(client, b);
    assert_int_equal(client->idle_count, 2);
    assert_ptr_equal(caws_client_acquire(client, &error), b);
    assert_ptr_equal(caws_client_acquire(client, &error), a);
    assert_int_equal(client->idle_count, 0);
    assert_null(client->idle);
    caws_client_release(client, b);
    caws_client_release(client, a);
    caws_client_free(client);
}

static void keeps_so_many_idle_loops(void **state)
{
    (void)state;
    enum { COUNT = CAWS_MAX_IDLE_LOOPS + 3 };
    caws_client *client = new_client(NULL);
    caws_error error = CAWS_ERROR_INIT;
    caws_loop *loops[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        loops[i] = caws_client_acquire(client, &error);
        assert_non_null(loops[i]);
    }
    for (size_t i = 0; i < COUNT; i++)
        caws_client_release(client, loops[i]);
    assert_int_equal(client->idle_count, CAWS_MAX_IDLE_LOOPS);
    int idle = 0;
    for (const caws_loop *l = client->idle; l != NULL; l = l->next)
        idle++;
    assert_int_equal(idle, CAWS_MAX_IDLE_LOOPS);
    caws_client_free(client);
}

static void finds_an_endpoint_once(void **state)
{
    (void)state;
    const caws_client_options options = {.region = "eu-west-1"};
    caws_client *client = new_client(&options);
    caws_error error = CAWS_ERROR_INIT;
    const caws_endpoint *first = caws_client_endpoint(client, &logs, &error);
    assert_non_null(first);
    assert_string_equal(first->scheme, "https");
    assert_string_equal(first->host, "logs.eu-west-1.amazonaws.com");
    assert_string_equal(first->path, "");
    const caws_endpoint *other = caws_client_endpoint(client, &sqs, &error);
    assert_string_equal(other->host, "sqs.eu-west-1.amazonaws.com");
    assert_ptr_equal(caws_client_endpoint(client, &logs, &error), first);
    assert_ptr_equal(caws_client_endpoint(client, &sqs, &error), other);
    assert_string_equal(first->host, "logs.eu-west-1.amazonaws.com");
    caws_client_free(client);
}

static void finds_endpoints_with_all_their_parts(void **state)
{
    (void)state;
    const caws_client_options options = {.endpoint_url = "http://localhost:4566/base/"};
    caws_client *client = new_client(&options);
    caws_error error = CAWS_ERROR_INIT;
    const caws_endpoint *endpoint = caws_client_endpoint(client, &logs, &error);
    assert_string_equal(endpoint->scheme, "http");
    assert_string_equal(endpoint->host, "localhost:4566");
    assert_string_equal(endpoint->path, "/base");
    caws_client_free(client);
}

/* A program may try for ever. */
static void leaves_nothing_behind_a_failed_search(void **state)
{
    (void)state;
    static const char *const urls[] = {NULL, "http://user:password@host/", "ftp://host/path",
                                       "nonsense"};
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        const caws_client_options options = {.endpoint_url = urls[i]};
        caws_client *client = new_client(&options);
        const caws_arena before = client->settings.arena;
        for (int j = 0; j < 200; j++) {
            caws_error error = CAWS_ERROR_INIT;
            assert_null(caws_client_endpoint(client, &logs, &error));
            assert_int_equal(error.status,
                             urls[i] != NULL ? CAWS_ERROR_ENDPOINT : CAWS_ERROR_CONFIGURATION);
            caws_error_clear(&error);
        }
        assert_ptr_equal(client->settings.arena.blocks, before.blocks);
        assert_int_equal(client->settings.arena.used, before.used);
        caws_client_free(client);
    }
}

static void *use_client(void *context)
{
    caws_client *client = context;
    for (int i = 0; i < 300; i++) {
        caws_error error = CAWS_ERROR_INIT;
        caws_loop *loop = caws_client_acquire(client, &error);
        const caws_endpoint *endpoint =
            caws_client_endpoint(client, i % 2 == 0 ? &logs : &sqs, &error);
        if (loop == NULL || endpoint == NULL)
            return client;
        caws_client_release(client, loop);
    }
    return NULL;
}

static void is_shared_between_threads(void **state)
{
    (void)state;
    enum { THREADS = 8 };
    const caws_client_options options = {.region = "eu-west-1"};
    caws_client *client = new_client(&options);
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_client, client), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *failed = client;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    int known = 0;
    for (const caws_known_endpoint *k = client->endpoints; k != NULL; k = k->next)
        known++;
    assert_int_equal(known, 2);
    assert_true(client->idle_count >= 1 && client->idle_count <= THREADS);
    caws_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(is_made_of_nothing, clear_environment),
        cmocka_unit_test_setup(tells_what_is_malformed, clear_environment),
        cmocka_unit_test_setup(lends_the_loop_used_last, clear_environment),
        cmocka_unit_test_setup(keeps_so_many_idle_loops, clear_environment),
        cmocka_unit_test_setup(finds_an_endpoint_once, clear_environment),
        cmocka_unit_test_setup(finds_endpoints_with_all_their_parts, clear_environment),
        cmocka_unit_test_setup(leaves_nothing_behind_a_failed_search, clear_environment),
        cmocka_unit_test_setup(is_shared_between_threads, clear_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
