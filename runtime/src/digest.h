/* SHA-256 and HMAC-SHA-256 over OpenSSL's EVP interface. */
#ifndef CAWS_DIGEST_H
#define CAWS_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include <caws/export.h>

enum {
    CAWS_SHA256_SIZE = 32,      /* bytes of a digest */
    CAWS_SHA256_BLOCK_SIZE = 64 /* bytes the algorithm takes at a time */
};

/*
 * The algorithms, fetched once: a fetch costs more than the hash of a small request. A client owns
 * one; it may be shared between threads and has to outlive every digest and HMAC made from it.
 */
typedef struct caws_algorithms {
    EVP_MD *sha256;
} caws_algorithms;

#define CAWS_ALGORITHMS_INIT {NULL}

/* False if OpenSSL has no SHA-256 or no memory; clear is harmless then. Leaves nothing in OpenSSL's
 * error queue. */
CAWS_MUST_USE bool caws_algorithms_init(caws_algorithms *algorithms);
void caws_algorithms_clear(caws_algorithms *algorithms);

/*
 * A SHA-256 computation, reusable without end, by one thread at a time. The only reason for the
 * functions below to fail is OpenSSL: want of memory (version 3.0 allocates about 100 bytes each
 * time) or a provider that refuses.
 */
typedef struct caws_digest {
    const EVP_MD *sha256;
    EVP_MD_CTX *context;
} caws_digest;

#define CAWS_DIGEST_INIT {NULL, NULL}

CAWS_MUST_USE bool caws_digest_init(caws_digest *digest, const caws_algorithms *algorithms);
void caws_digest_clear(caws_digest *digest);

/* One computation: begin, any number of updates, end. */
CAWS_MUST_USE bool caws_digest_begin(caws_digest *digest);
CAWS_MUST_USE bool caws_digest_update(caws_digest *digest, const void *data, size_t length);
CAWS_MUST_USE bool caws_digest_end(caws_digest *digest, uint8_t out[CAWS_SHA256_SIZE]);

/* All three at once. data may be NULL if length is 0. */
CAWS_MUST_USE bool caws_digest_sha256(caws_digest *digest, const void *data, size_t length,
                                      uint8_t out[CAWS_SHA256_SIZE]);

/*
 * HMAC-SHA-256 with a key that stays for many messages: the states after the two key blocks are
 * kept and copied for each message, which is quicker than EVP_MAC (with the key kept there) and
 * than hashing the key blocks again. For one thread at a time.
 */
typedef struct caws_hmac {
    const EVP_MD *sha256;
    EVP_MD_CTX *inner; /* the key's first block absorbed */
    EVP_MD_CTX *outer; /* its second one */
    EVP_MD_CTX *work;
    bool keyed;
} caws_hmac;

#define CAWS_HMAC_INIT {NULL, NULL, NULL, NULL, false}

CAWS_MUST_USE bool caws_hmac_init(caws_hmac *hmac, const caws_algorithms *algorithms);
/* Wipes what it holds of the key. */
void caws_hmac_clear(caws_hmac *hmac);

/* Sets the key, of any length. After a failure there is no key. */
CAWS_MUST_USE bool caws_hmac_set_key(caws_hmac *hmac, const void *key, size_t length);

/* Wipes the key; until another is set, nothing can be signed. */
void caws_hmac_forget_key(caws_hmac *hmac);

/* The HMAC of a message; false without a key. out may be the message. */
CAWS_MUST_USE bool caws_hmac_sign(caws_hmac *hmac, const void *data, size_t length,
                                  uint8_t out[CAWS_SHA256_SIZE]);

/* Writes 2 * length lower-case hexadecimal digits, and no NUL. */
void caws_hex_encode(const uint8_t *bytes, size_t length, char *out);

#endif
