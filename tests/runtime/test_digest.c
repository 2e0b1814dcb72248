/* clang-format off: cmocka.h needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
/* clang-format on */

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "digest.h"

/* OpenSSL's allocations: how many more succeed; negative: all of them. */
static int allocations_left = -1;

static bool may_allocate(void)
{
    if (allocations_left == 0)
        return false;
    if (allocations_left > 0)
        allocations_left--;
    return true;
}

static void *counted_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return size > 0 && may_allocate() ? malloc(size) : NULL;
}

static void *counted_realloc(void *old, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return size > 0 && may_allocate() ? realloc(old, size) : NULL;
}

static void counted_free(void *data, const char *file, int line)
{
    (void)file;
    (void)line;
    free(data);
}

static caws_algorithms algorithms;

static void assert_hex(const uint8_t *bytes, const char *expected)
{
    char hex[2 * CAWS_SHA256_SIZE + 1] = "";
    caws_hex_encode(bytes, CAWS_SHA256_SIZE, hex);
    assert_string_equal(hex, expected);
}

/* FIPS 180-4 example values. */
static void test_sha256(void **state)
{
    (void)state;
    caws_digest digest = CAWS_DIGEST_INIT;
    uint8_t out[CAWS_SHA256_SIZE];
    assert_true(caws_digest_init(&digest, &algorithms));
    assert_true(caws_digest_sha256(&digest, NULL, 0, out));
    assert_hex(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_true(caws_digest_sha256(&digest, "abc", 3, out));
    assert_hex(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const char *two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    assert_true(caws_digest_sha256(&digest, two_blocks, strlen(two_blocks), out));
    assert_hex(out, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");

    assert_true(caws_digest_begin(&digest));
    for (int i = 0; i < 1000; i++) {
        char part[1000];
        memset(part, 'a', sizeof part);
        assert_true(caws_digest_update(&digest, part, sizeof part));
    }
    assert_true(caws_digest_end(&digest, out));
    assert_hex(out, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");

    /* An abandoned computation leaves nothing behind. */
    assert_true(caws_digest_begin(&digest));
    assert_true(caws_digest_update(&digest, "x", 1));
    assert_true(caws_digest_sha256(&digest, "abc", 3, out));
    assert_hex(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    caws_digest_clear(&digest);
    caws_digest_clear(&digest);
}

/* RFC 4231. */
static void test_hmac(void **state)
{
    (void)state;
    static const struct {
        char key_byte;
        size_t key_length;
        const char *message;
        const char *expected;
    } cases[] = {
        {0x0b, 20, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {(char)0xaa, 131, "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {(char)0xaa, 131,
         "This is a test using a larger than block-size key and a larger than block-size data. The "
         "key needs to be hashed before being used by the HMAC algorithm.",
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    };
    caws_hmac hmac = CAWS_HMAC_INIT;
    uint8_t out[CAWS_SHA256_SIZE];
    assert_true(caws_hmac_init(&hmac, &algorithms));
    assert_false(caws_hmac_sign(&hmac, "x", 1, out));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char key[131];
        memset(key, cases[i].key_byte, sizeof key);
        assert_true(caws_hmac_set_key(&hmac, key, cases[i].key_length));
        for (int again = 0; again < 3; again++) {
            assert_true(caws_hmac_sign(&hmac, cases[i].message, strlen(cases[i].message), out));
            assert_hex(out, cases[i].expected);
        }
    }
    assert_true(caws_hmac_set_key(&hmac, "Jefe", 4));
    assert_true(caws_hmac_sign(&hmac, "what do ya want for nothing?", 28, out));
    assert_hex(out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    /* The empty key and message. */
    assert_true(caws_hmac_set_key(&hmac, NULL, 0));
    assert_true(caws_hmac_sign(&hmac, NULL, 0, out));
    assert_hex(out, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    caws_hmac_forget_key(&hmac);
    assert_false(caws_hmac_sign(&hmac, "x", 1, out));
    caws_hmac_clear(&hmac);
    caws_hmac_clear(&hmac);
}

/* OpenSSL's own HMAC agrees at every key length around the block size, and when signing in place.
 */
static void test_hmac_key_lengths(void **state)
{
    (void)state;
    caws_hmac hmac = CAWS_HMAC_INIT;
    assert_true(caws_hmac_init(&hmac, &algorithms));
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
    char name[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_utf8_string("digest", name, sizeof name - 1), OSSL_PARAM_END};
    uint8_t key[200];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)(i * 7 + 1);
    for (size_t length = 1; length <= sizeof key; length++) {
        uint8_t message[CAWS_SHA256_SIZE] = "what is signed in place.........";
        uint8_t expected[CAWS_SHA256_SIZE];
        size_t written = 0;
        assert_int_equal(EVP_MAC_init(context, key, length, params), 1);
        assert_int_equal(EVP_MAC_update(context, message, sizeof message), 1);
        assert_int_equal(EVP_MAC_final(context, expected, &written, sizeof expected), 1);
        assert_true(caws_hmac_set_key(&hmac, key, length));
        assert_true(caws_hmac_sign(&hmac, message, sizeof message, message));
        assert_memory_equal(message, expected, sizeof expected);
    }
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
    caws_hmac_clear(&hmac);
}

static bool use_everything(void)
{
    caws_digest digest = CAWS_DIGEST_INIT;
    caws_hmac hmac = CAWS_HMAC_INIT;
    uint8_t out[CAWS_SHA256_SIZE];
    uint8_t key[100] = {1};
    bool ok = caws_digest_init(&digest, &algorithms) &&
              caws_digest_sha256(&digest, "abc", 3, out) && caws_hmac_init(&hmac, &algorithms) &&
              caws_hmac_set_key(&hmac, key, sizeof key) && caws_hmac_sign(&hmac, "x", 1, out) &&
              caws_hmac_set_key(&hmac, key, 1) && caws_hmac_sign(&hmac, "x", 1, out);
    if (!ok && hmac.work != NULL && !hmac.keyed)
        assert_false(caws_hmac_sign(&hmac, "x", 1, out));
    caws_digest_clear(&digest);
    caws_hmac_clear(&hmac);
    return ok;
}

/* Each allocation inside OpenSSL fails once; the sanitizers and valgrind see that nothing leaks. */
static void test_allocation_failures(void **state)
{
    (void)state;
    bool ok = false;
    int successes = 0;
    while (!ok) {
        assert_true(successes < 100);
        allocations_left = successes++;
        ok = use_everything();
        allocations_left = -1;
        ERR_clear_error();
    }
    assert_true(successes > 6);
}

static void test_fetch_failure(void **state)
{
    (void)state;
    caws_algorithms none = CAWS_ALGORITHMS_INIT;
    OSSL_LIB_CTX *before = OSSL_LIB_CTX_set0_default(NULL);
    OSSL_LIB_CTX *library = OSSL_LIB_CTX_new();
    assert_non_null(library);
    (void)OSSL_LIB_CTX_set0_default(library);
    assert_int_equal(EVP_set_default_properties(library, "provider=nobody"), 1);
    bool ok = caws_algorithms_init(&none);
    (void)OSSL_LIB_CTX_set0_default(before);
    OSSL_LIB_CTX_free(library);
    assert_false(ok);
    assert_int_equal(ERR_peek_error(), 0);
    caws_algorithms_clear(&none);
}

static void test_hex(void **state)
{
    (void)state;
    const uint8_t bytes[] = {0x00, 0x0f, 0xf0, 0xff, 0x9a};
    char out[] = "............";
    caws_hex_encode(bytes, sizeof bytes, out);
    assert_string_equal(out, "000ff0ff9a..");
    caws_hex_encode(bytes, 0, out);
    assert_string_equal(out, "000ff0ff9a..");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),           cmocka_unit_test(test_hmac),
        cmocka_unit_test(test_hmac_key_lengths), cmocka_unit_test(test_allocation_failures),
        cmocka_unit_test(test_fetch_failure),    cmocka_unit_test(test_hex),
    };
    /* Before OpenSSL's first allocation, or it refuses. */
    if (CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free) != 1 ||
        !caws_algorithms_init(&algorithms))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    caws_algorithms_clear(&algorithms);
    return failed;
}
