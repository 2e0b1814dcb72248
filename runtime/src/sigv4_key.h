/* Signing keys of Signature Version 4: derived once a day, region, service and credentials. */
#ifndef CAWS_SIGV4_KEY_H
#define CAWS_SIGV4_KEY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <caws/client.h>

#include "digest.h"

/* What a signing key is derived from. A session token is no part of it. Everything is borrowed. */
typedef struct caws_signing_scope {
    const char *date; /* YYYYMMDD, UTC; need not end there */
    const char *region;
    const char *service;
    const caws_credentials *credentials;
} caws_signing_scope;

/*
 * Keys are looked up by this SHA-256 of scope and credentials, so that the cache holds no second
 * copy of the secret access key. It has a fixed size, however long the names are, and comparing it
 * compares everything at once.
 */
typedef struct caws_signing_id {
    uint8_t bytes[CAWS_SHA256_SIZE];
} caws_signing_id;

/* False if OpenSSL failed. */
CAWS_MUST_USE bool caws_signing_id_of(const caws_signing_scope *scope, caws_digest *digest,
                                      caws_signing_id *id);

/*
 * Derives the signing key of a scope and leaves it in hmac, ready to sign with; key receives a copy
 * for the cache, which the caller wipes. False if OpenSSL failed or there is no memory; hmac has no
 * key then.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
CAWS_MUST_USE bool caws_signing_key_derive(const caws_signing_scope *scope, caws_hmac *hmac,
                                           uint8_t key[CAWS_SHA256_SIZE]);

/* A client uses one or two keys at a time, four around midnight; a program that takes turns between
 * regions, a few more. */
enum { CAWS_SIGNING_KEY_COUNT = 8 };

typedef struct caws_signing_key {
    caws_signing_id id;
    uint8_t key[CAWS_SHA256_SIZE];
    bool used;
} caws_signing_key;

/* The last few keys that a client derived. Safe to share between threads. */
typedef struct caws_signing_keys {
    pthread_mutex_t mutex;
    caws_signing_key items[CAWS_SIGNING_KEY_COUNT];
    size_t next; /* the item to replace: the oldest, once all are used */
} caws_signing_keys;

/* False if the system gives no mutex; clear must not be called then. */
CAWS_MUST_USE bool caws_signing_keys_init(caws_signing_keys *keys);

/* Wipes the keys. No other thread may be using them. */
void caws_signing_keys_clear(caws_signing_keys *keys);

/* Copies the key out, for the caller to wipe; false if it is not there. */
CAWS_MUST_USE bool caws_signing_keys_find(caws_signing_keys *keys, const caws_signing_id *id,
                                          uint8_t key[CAWS_SHA256_SIZE]);

/* Stores a key in place of the oldest, unless it is there already. */
void caws_signing_keys_store(caws_signing_keys *keys, const caws_signing_id *id,
                             const uint8_t key[CAWS_SHA256_SIZE]);

#endif
