/* clang-format off: cmocka.h needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
/* clang-format on */

#include <pthread.h>

#include "sigv4_key.h"

static const caws_credentials example = {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                         NULL};

typedef struct fixture {
    caws_algorithms algorithms;
    caws_digest digest;
    caws_hmac hmac;
    caws_signing_keys keys;
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    *state = f;
    return f != NULL && caws_algorithms_init(&f->algorithms) &&
                   caws_digest_init(&f->digest, &f->algorithms) &&
                   caws_hmac_init(&f->hmac, &f->algorithms) && caws_signing_keys_init(&f->keys)
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    caws_signing_keys_clear(&f->keys);
    caws_hmac_clear(&f->hmac);
    caws_digest_clear(&f->digest);
    caws_algorithms_clear(&f->algorithms);
    free(f);
    return 0;
}

/* Keys that the AWS documentation gives as examples of the derivation. */
static void test_published_keys(void **state)
{
    static const struct {
        const char *date;
        const char *key;
    } cases[] = {
        {"20120215", "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"},
        {"20150830", "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"},
    };
    fixture *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        caws_signing_scope scope = {cases[i].date, "us-east-1", "iam", &example};
        uint8_t key[CAWS_SHA256_SIZE];
        uint8_t with_derived[CAWS_SHA256_SIZE];
        uint8_t with_copy[CAWS_SHA256_SIZE];
        char hex[2 * CAWS_SHA256_SIZE + 1] = "";
        assert_true(caws_signing_key_derive(&scope, &f->hmac, key));
        caws_hex_encode(key, sizeof key, hex);
        assert_string_equal(hex, cases[i].key);
        /* hmac is left with this key. */
        assert_true(caws_hmac_sign(&f->hmac, "x", 1, with_derived));
        assert_true(caws_hmac_set_key(&f->hmac, key, sizeof key));
        assert_true(caws_hmac_sign(&f->hmac, "x", 1, with_copy));
        assert_memory_equal(with_derived, with_copy, sizeof with_copy);
    }
}

static caws_signing_id id_of(fixture *f, const caws_signing_scope *scope)
{
    caws_signing_id id;
    assert_true(caws_signing_id_of(scope, &f->digest, &id));
    return id;
}

static bool same_id(fixture *f, const caws_signing_scope *a, const caws_signing_scope *b)
{
    caws_signing_id x = id_of(f, a);
    caws_signing_id y = id_of(f, b);
    return memcmp(x.bytes, y.bytes, sizeof x.bytes) == 0;
}

static void test_ids(void **state)
{
    fixture *f = *state;
    const caws_credentials token = {example.access_key_id, example.secret_access_key, "token"};
    const caws_credentials other_id = {"AKIDEXAMPLF", example.secret_access_key, NULL};
    const caws_credentials other_secret = {example.access_key_id, "other", NULL};
    /* One byte moved from the one to the other. */
    const caws_credentials moved = {"AKIDEXAMPLEw", example.secret_access_key + 1, NULL};
    const caws_signing_scope scope = {"20150830", "us-east-1", "logs", &example};
    caws_signing_scope other = scope;
    assert_true(same_id(f, &scope, &other));
    other.date = "20150830T123600Z";
    assert_true(same_id(f, &scope, &other));
    other.date = "20150831";
    assert_false(same_id(f, &scope, &other));
    other = scope;
    other.region = "us-east-2";
    assert_false(same_id(f, &scope, &other));
    other.region = "us-east-1l";
    other.service = "ogs";
    assert_false(same_id(f, &scope, &other));
    other = scope;
    other.service = "s3";
    assert_false(same_id(f, &scope, &other));
    other = scope;
    other.credentials = &token;
    assert_true(same_id(f, &scope, &other));
    other.credentials = &other_id;
    assert_false(same_id(f, &scope, &other));
    other.credentials = &other_secret;
    assert_false(same_id(f, &scope, &other));
    other.credentials = &moved;
    assert_false(same_id(f, &scope, &other));
}

static caws_signing_id numbered_id(unsigned number)
{
    caws_signing_id id = {{0}};
    id.bytes[0] = (uint8_t)number;
    id.bytes[31] = (uint8_t)(number >> 8);
    return id;
}

static void store_numbered(caws_signing_keys *keys, unsigned number)
{
    caws_signing_id id = numbered_id(number);
    uint8_t key[CAWS_SHA256_SIZE];
    memset(key, (int)(number + 1), sizeof key);
    caws_signing_keys_store(keys, &id, key);
}

static bool has_numbered(caws_signing_keys *keys, unsigned number)
{
    caws_signing_id id = numbered_id(number);
    uint8_t key[CAWS_SHA256_SIZE] = {0};
    uint8_t expected[CAWS_SHA256_SIZE];
    memset(expected, (int)(number + 1), sizeof expected);
    bool found = caws_signing_keys_find(keys, &id, key);
    if (found)
        assert_memory_equal(key, expected, sizeof key);
    return found;
}

static void test_cache(void **state)
{
    fixture *f = *state;
    /* An unused item is all zeros, and so is this id. */
    assert_false(has_numbered(&f->keys, 0));
    for (unsigned i = 0; i < CAWS_SIGNING_KEY_COUNT; i++)
        store_numbered(&f->keys, i);
    /* Stored again it takes no second place. */
    for (unsigned i = 0; i < CAWS_SIGNING_KEY_COUNT; i++)
        store_numbered(&f->keys, 3);
    for (unsigned i = 0; i < CAWS_SIGNING_KEY_COUNT; i++)
        assert_true(has_numbered(&f->keys, i));
    /* The oldest make room, one by one. */
    for (unsigned i = 0; i < 2 * CAWS_SIGNING_KEY_COUNT; i++) {
        assert_true(has_numbered(&f->keys, i));
        store_numbered(&f->keys, CAWS_SIGNING_KEY_COUNT + i);
        assert_false(has_numbered(&f->keys, i));
        for (unsigned k = i + 1; k <= CAWS_SIGNING_KEY_COUNT + i; k++)
            assert_true(has_numbered(&f->keys, k));
    }
}

static void test_clear_wipes(void **state)
{
    fixture *f = *state;
    for (unsigned i = 0; i < CAWS_SIGNING_KEY_COUNT + 3; i++)
        store_numbered(&f->keys, i);
    caws_signing_keys_clear(&f->keys);
    static const caws_signing_key zeros[CAWS_SIGNING_KEY_COUNT];
    assert_memory_equal(f->keys.items, zeros, sizeof zeros);
    assert_int_equal(f->keys.next, 0);
    assert_true(caws_signing_keys_init(&f->keys));
    assert_false(has_numbered(&f->keys, 5));
}

typedef struct worker {
    caws_signing_keys *keys;
    unsigned seed;
    unsigned wrong;
} worker;

/* More keys than fit, stored and found by all threads: one that is found is whole. */
static void *hammer(void *context)
{
    worker *w = context;
    for (unsigned i = 0; i < 20000; i++) {
        w->seed = w->seed * 1103515245U + 12345U;
        unsigned number = (w->seed >> 16) % 20;
        caws_signing_id id = numbered_id(number);
        uint8_t key[CAWS_SHA256_SIZE];
        uint8_t expected[CAWS_SHA256_SIZE];
        memset(expected, (int)(number + 1), sizeof expected);
        if (!caws_signing_keys_find(w->keys, &id, key))
            caws_signing_keys_store(w->keys, &id, expected);
        else if (memcmp(key, expected, sizeof key) != 0)
            w->wrong++;
    }
    return NULL;
}

static void test_threads(void **state)
{
    fixture *f = *state;
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    worker workers[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (worker){&f->keys, i + 1, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, hammer, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(workers[i].wrong, 0);
    }
    for (size_t i = 0; i < CAWS_SIGNING_KEY_COUNT; i++)
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(&f->keys.items[i].id, &f->keys.items[k].id,
                                    sizeof f->keys.items[i].id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_published_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ids, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cache, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_clear_wipes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_threads, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
