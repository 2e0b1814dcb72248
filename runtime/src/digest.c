#include "digest.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

bool caws_algorithms_init(caws_algorithms *algorithms)
{
    /* The queue belongs to the host program, which may look at it after its own calls. */
    (void)ERR_set_mark();
    /* Without its global context, for want of memory, OpenSSL 3.0 crashes. */
    if (OSSL_LIB_CTX_get0_global_default() != NULL)
        algorithms->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    (void)ERR_pop_to_mark();
    return algorithms->sha256 != NULL;
}

void caws_algorithms_clear(caws_algorithms *algorithms)
{
    EVP_MD_free(algorithms->sha256);
    algorithms->sha256 = NULL;
}

bool caws_digest_init(caws_digest *digest, const caws_algorithms *algorithms)
{
    digest->sha256 = algorithms->sha256;
    digest->context = EVP_MD_CTX_new();
    return digest->context != NULL;
}

void caws_digest_clear(caws_digest *digest)
{
    EVP_MD_CTX_free(digest->context);
    digest->context = NULL;
    digest->sha256 = NULL;
}

bool caws_digest_begin(caws_digest *digest)
{
    return EVP_DigestInit_ex2(digest->context, digest->sha256, NULL) == 1;
}

bool caws_digest_update(caws_digest *digest, const void *data, size_t length)
{
    return EVP_DigestUpdate(digest->context, data, length) == 1;
}

bool caws_digest_end(caws_digest *digest, uint8_t out[CAWS_SHA256_SIZE])
{
    return EVP_DigestFinal_ex(digest->context, out, NULL) == 1;
}

bool caws_digest_sha256(caws_digest *digest, const void *data, size_t length,
                        uint8_t out[CAWS_SHA256_SIZE])
{
    return caws_digest_begin(digest) && caws_digest_update(digest, data, length) &&
           caws_digest_end(digest, out);
}

bool caws_hmac_init(caws_hmac *hmac, const caws_algorithms *algorithms)
{
    hmac->sha256 = algorithms->sha256;
    hmac->keyed = false;
    hmac->inner = EVP_MD_CTX_new();
    hmac->outer = EVP_MD_CTX_new();
    hmac->work = EVP_MD_CTX_new();
    if (hmac->inner == NULL || hmac->outer == NULL || hmac->work == NULL) {
        caws_hmac_clear(hmac);
        return false;
    }
    return true;
}

void caws_hmac_clear(caws_hmac *hmac)
{
    /* OpenSSL wipes the digest state when it frees it. */
    EVP_MD_CTX_free(hmac->inner);
    EVP_MD_CTX_free(hmac->outer);
    EVP_MD_CTX_free(hmac->work);
    hmac->inner = NULL;
    hmac->outer = NULL;
    hmac->work = NULL;
    hmac->sha256 = NULL;
    hmac->keyed = false;
}

/* Starts a context with the key block, every byte of it changed by mask (RFC 2104). */
static bool absorb_key(EVP_MD_CTX *context, const EVP_MD *sha256,
                       const uint8_t key[CAWS_SHA256_BLOCK_SIZE], uint8_t mask)
{
    uint8_t block[CAWS_SHA256_BLOCK_SIZE];
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = key[i] ^ mask;
    bool ok = EVP_DigestInit_ex2(context, sha256, NULL) == 1 &&
              EVP_DigestUpdate(context, block, sizeof block) == 1;
    OPENSSL_cleanse(block, sizeof block);
    return ok;
}

void caws_hmac_forget_key(caws_hmac *hmac)
{
    hmac->keyed = false;
    (void)EVP_MD_CTX_reset(hmac->inner);
    (void)EVP_MD_CTX_reset(hmac->outer);
}

bool caws_hmac_set_key(caws_hmac *hmac, const void *key, size_t length)
{
    uint8_t block[CAWS_SHA256_BLOCK_SIZE] = {0};
    bool ok = true;
    hmac->keyed = false;
    if (length > sizeof block)
        ok = EVP_DigestInit_ex2(hmac->work, hmac->sha256, NULL) == 1 &&
             EVP_DigestUpdate(hmac->work, key, length) == 1 &&
             EVP_DigestFinal_ex(hmac->work, block, NULL) == 1;
    else if (length > 0)
        memcpy(block, key, length);
    hmac->keyed = ok && absorb_key(hmac->inner, hmac->sha256, block, 0x36) &&
                  absorb_key(hmac->outer, hmac->sha256, block, 0x5c);
    OPENSSL_cleanse(block, sizeof block);
    if (!hmac->keyed)
        caws_hmac_forget_key(hmac);
    return hmac->keyed;
}

bool caws_hmac_sign(caws_hmac *hmac, const void *data, size_t length, uint8_t out[CAWS_SHA256_SIZE])
{
    uint8_t inner[CAWS_SHA256_SIZE];
    bool ok = hmac->keyed && EVP_MD_CTX_copy_ex(hmac->work, hmac->inner) == 1 &&
              EVP_DigestUpdate(hmac->work, data, length) == 1 &&
              EVP_DigestFinal_ex(hmac->work, inner, NULL) == 1 &&
              EVP_MD_CTX_copy_ex(hmac->work, hmac->outer) == 1 &&
              EVP_DigestUpdate(hmac->work, inner, sizeof inner) == 1 &&
              EVP_DigestFinal_ex(hmac->work, out, NULL) == 1;
    OPENSSL_cleanse(inner, sizeof inner);
    return ok;
}

void caws_hex_encode(const uint8_t *bytes, size_t length, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}
