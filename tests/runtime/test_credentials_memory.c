/*
 * Each allocation of the credential chain and its cache fails in turn. The program's own malloc
 * stands in front of the C library's; AddressSanitizer does not take that, nor does a program that
 * is static throughout, and the tests are skipped with them.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
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

#include <dlfcn.h>
#include <errno.h>

#include "credentials_cache.h"
#include "credentials_driver.h"

#if defined(__SANITIZE_ADDRESS__) || !defined(__GLIBC__) /* gcc; static, with no next malloc */
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif

static long budget = -1; /* allocations that succeed; -1: all */

#ifndef SANITIZED
static bool is_spent(void)
{
    if (budget < 0)
        return false;
    if (budget > 0) {
        budget--;
        return false;
    }
    errno = ENOMEM;
    return true;
}

typedef void *(*resize_function)(void *, size_t);

/* realloc does the work of all three. */
static void *resize(void *old, size_t size)
{
    static resize_function next;
    if (next == NULL) {
        void *found = dlsym(RTLD_NEXT, "realloc");
        memcpy(&next, &found, sizeof(next));
    }
    return next(old, size);
}

void *malloc(size_t size)
{
    return is_spent() ? NULL : resize(NULL, size > 0 ? size : 1);
}

void *calloc(size_t count, size_t size)
{
    if (is_spent() || (size > 0 && count > SIZE_MAX / size))
        return NULL;
    void *start = resize(NULL, count * size > 0 ? count * size : 1);
    return start != NULL ? memset(start, 0, count * size) : NULL;
}

void *realloc(void *old, size_t size)
{
    return is_spent() ? NULL : resize(old, size > 0 ? size : 1);
}
#endif

static const char keys[] = "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\",\"Token\":\"c\","
                           "\"Expiration\":\"2030-01-01T00:00:00Z\",\"AccountId\":\"12\"}";

typedef struct scenario {
    const char *config;
    const char *variable; /* beside those that all have */
    const char *value;
    const char *answers[3];
    caws_fetch_action end; /* with all the memory there is */
} scenario;

static const scenario scenarios[] = {
    {"[default]\naws_access_key_id=a\naws_secret_access_key=b\n",
     NULL,
     NULL,
     {NULL},
     CAWS_FETCH_DONE},
    {"[default]\ncredential_process = echo "
     "'{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\"}'\n",
     NULL,
     NULL,
     {NULL},
     CAWS_FETCH_DONE},
    {"[default]\nrole_arn=r\nsource_profile=x\n",
     "AWS_EC2_METADATA_DISABLED",
     "true",
     {NULL},
     CAWS_FETCH_FAILED},
    {"[default]\nsso_role_name=r\n",
     "AWS_EC2_METADATA_DISABLED",
     "true",
     {NULL},
     CAWS_FETCH_FAILED},
    {"", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x", {keys}, CAWS_FETCH_DONE},
    {"", NULL, NULL, {"token", "role", keys}, CAWS_FETCH_DONE},
};

/* Runs with so many allocations; returns whether there was one too few. */
static bool run(const scenario *s, long allocations)
{
    driver d;
    driver_init(&d);
    fake_write(&d.fake, "/h/.aws/config", s->config);
    fake_set(&d.fake, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "t");
    if (s->variable != NULL)
        fake_set(&d.fake, s->variable, s->value);
    assert_int_equal(caws_profiles_load(&d.profiles, &d.system, NULL, &d.error), CAWS_OK);
    d.sources.profiles = &d.profiles;
    budget = allocations;
    d.fetch = caws_fetch_new(&d.sources);
    caws_fetch_action action = CAWS_FETCH_WAIT;
    caws_fetch_answer answer = {.http_status = 200};
    bool answered = false;
    while (d.fetch != NULL && (action == CAWS_FETCH_WAIT || action == CAWS_FETCH_SEND)) {
        action = caws_fetch_step(d.fetch, answered ? &answer : NULL, &d.error);
        answered = action == CAWS_FETCH_SEND;
        if (answered) {
            answer.body = s->answers[d.sent++];
            answer.body_length = strlen(answer.body);
        } else if (action == CAWS_FETCH_WAIT) {
            caws_sleep_ms(1);
        }
    }
    bool spent = budget == 0;
    budget = -1;
    bool no_memory = d.fetch == NULL || d.error.status == CAWS_ERROR_MEMORY;
    if (!no_memory)
        assert_int_equal(action, s->end);
    assert_true(spent || !no_memory);
    driver_clear(&d);
    return no_memory;
}

static void test_fetch(void **state)
{
    (void)state;
#ifdef SANITIZED
    skip();
#endif
    for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
        long allocations = 0;
        while (allocations < 200 && run(&scenarios[i], allocations))
            allocations++;
        assert_true(allocations > 2 && allocations < 200);
    }
}

static void test_cache(void **state)
{
    const caws_found_credentials found = {
        .keys = {"a", "b", NULL}, .expires = INT64_MAX, .source = "s"};
    (void)state;
#ifdef SANITIZED
    skip();
#endif
    for (long allocations = 0; allocations < 2; allocations++) {
        caws_credentials_cache cache;
        const caws_credentials_snapshot *snapshot = NULL;
        caws_error error = CAWS_ERROR_INIT;
        uint64_t waited = 1;
        assert_true(caws_credentials_cache_init(&cache));
        uint64_t turn = 0;
        assert_int_equal(caws_credentials_cache_get(&cache, 0, &turn, &snapshot, &error),
                         CAWS_CREDENTIALS_REFRESH);
        budget = allocations;
        assert_null(caws_credentials_cache_put(&cache, turn, &found, 0));
        caws_credentials_action action =
            caws_credentials_cache_get(&cache, 0, &waited, &snapshot, &error);
        budget = -1;
        assert_int_equal(action, CAWS_CREDENTIALS_FAILED);
        assert_int_equal(error.status, CAWS_ERROR_MEMORY);
        caws_error_clear(&error);
        caws_credentials_cache_clear(&cache);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fetch),
        cmocka_unit_test(test_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
