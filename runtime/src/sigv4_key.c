#include "sigv4_key.h"

#include <string.h>

#include <openssl/crypto.h>

#include "buffer.h"

enum { DATE_LENGTH = 8 };

/* With its NUL, so that no two lists of texts give the same bytes. */
static bool add_text(caws_digest *digest, const char *text)
{
    return caws_digest_update(digest, text, strlen(text) + 1);
}

bool caws_signing_id_of(const caws_signing_scope *scope, caws_digest *digest, caws_signing_id *id)
{
    return caws_digest_begin(digest) && caws_digest_update(digest, scope->date, DATE_LENGTH) &&
           add_text(digest, scope->region) && add_text(digest, scope->service) &&
           add_text(digest, scope->credentials->access_key_id) &&
           add_text(digest, scope->credentials->secret_access_key) &&
           caws_digest_end(digest, id->bytes);
}

/* Sets "AWS4" and the secret as the key. */
static bool set_secret(caws_hmac *hmac, const char *secret)
{
    static const char prefix[] = "AWS4";
    size_t prefix_length = sizeof prefix - 1;
    size_t secret_length = strlen(secret);
    caws_buffer text = CAWS_BUFFER_INIT;
    /* One allocation, so that growing leaves no copy of the secret behind. */
    bool ok = caws_buffer_reserve(&text, prefix_length + secret_length) != NULL &&
              caws_buffer_append(&text, prefix, prefix_length) &&
              caws_buffer_append(&text, secret, secret_length) &&
              caws_hmac_set_key(hmac, text.data, text.length);
    caws_buffer_wipe(&text);
    return ok;
}

/* Makes the HMAC of text the next key. */
static bool step(caws_hmac *hmac, const char *text, size_t length, uint8_t key[CAWS_SHA256_SIZE])
{
    return caws_hmac_sign(hmac, text, length, key) &&
           caws_hmac_set_key(hmac, key, CAWS_SHA256_SIZE);
}

bool caws_signing_key_derive(const caws_signing_scope *scope, caws_hmac *hmac,
                             uint8_t key[CAWS_SHA256_SIZE])
{
    static const char last[] = "aws4_request";
    bool ok = set_secret(hmac, scope->credentials->secret_access_key) &&
              step(hmac, scope->date, DATE_LENGTH, key) &&
              step(hmac, scope->region, strlen(scope->region), key) &&
              step(hmac, scope->service, strlen(scope->service), key) &&
              step(hmac, last, sizeof last - 1, key);
    if (!ok) {
        caws_hmac_forget_key(hmac);
        OPENSSL_cleanse(key, CAWS_SHA256_SIZE);
    }
    return ok;
}

bool caws_signing_keys_init(caws_signing_keys *keys)
{
    memset(keys, 0, sizeof *keys);
    return pthread_mutex_init(&keys->mutex, NULL) == 0;
}

void caws_signing_keys_clear(caws_signing_keys *keys)
{
    (void)pthread_mutex_destroy(&keys->mutex);
    OPENSSL_cleanse(keys->items, sizeof keys->items);
    keys->next = 0;
}

static const caws_signing_key *find(const caws_signing_keys *keys, const caws_signing_id *id)
{
    for (size_t i = 0; i < CAWS_SIGNING_KEY_COUNT; i++) {
        const caws_signing_key *item = &keys->items[i];
        if (item->used && memcmp(item->id.bytes, id->bytes, sizeof id->bytes) == 0)
            return item;
    }
    return NULL;
}

bool caws_signing_keys_find(caws_signing_keys *keys, const caws_signing_id *id,
                            uint8_t key[CAWS_SHA256_SIZE])
{
    if (pthread_mutex_lock(&keys->mutex) != 0)
        return false;
    const caws_signing_key *item = find(keys, id);
    if (item != NULL)
        memcpy(key, item->key, sizeof item->key);
    (void)pthread_mutex_unlock(&keys->mutex);
    return item != NULL;
}

void caws_signing_keys_store(caws_signing_keys *keys, const caws_signing_id *id,
                             const uint8_t key[CAWS_SHA256_SIZE])
{
    if (pthread_mutex_lock(&keys->mutex) != 0)
        return;
    if (find(keys, id) == NULL) {
        caws_signing_key *item = &keys->items[keys->next];
        item->id = *id;
        memcpy(item->key, key, sizeof item->key);
        item->used = true;
        keys->next = (keys->next + 1) % CAWS_SIGNING_KEY_COUNT;
    }
    (void)pthread_mutex_unlock(&keys->mutex);
}
