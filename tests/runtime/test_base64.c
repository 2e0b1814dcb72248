#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>

#include "base64.h"
#include "random.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Decodes from and into memory without a byte to spare, so that a sanitizer sees any access beyond.
 */
static bool decode(const char *text, size_t text_length, uint8_t *out, size_t *length)
{
    char *copy = malloc(text_length > 0 ? text_length : 1);
    uint8_t *data = malloc(caws_base64_decoded_size(text_length));
    assert_non_null(copy);
    assert_non_null(data);
    if (text_length > 0)
        memcpy(copy, text, text_length);
    bool ok = caws_base64_decode(copy, text_length, data, length);
    if (ok)
        memcpy(out, data, *length);
    free(copy);
    free(data);
    return ok;
}

static void expect_decoded(const char *text, const char *bytes, size_t count)
{
    uint8_t out[256];
    size_t length = 999;
    if (!decode(text, strlen(text), out, &length))
        fail_msg("%s is base64", text);
    assert_int_equal(length, count);
    assert_memory_equal(out, bytes, count);
}

static void expect_malformed(const char *text)
{
    uint8_t out[256];
    size_t length = 0;
    if (decode(text, strlen(text), out, &length))
        fail_msg("%s is not base64", text);
}

/* RFC 4648, section 10. */
static const struct {
    const char *plain;
    const char *encoded;
} vectors[] = {{"", ""},
               {"f", "Zg=="},
               {"fo", "Zm8="},
               {"foo", "Zm9v"},
               {"foob", "Zm9vYg=="},
               {"fooba", "Zm9vYmE="},
               {"foobar", "Zm9vYmFy"}};

static void knows_the_rfc_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        caws_buffer buffer = CAWS_BUFFER_INIT;
        size_t length = strlen(vectors[i].plain);
        assert_true(caws_base64_encode(&buffer, (const uint8_t *)vectors[i].plain, length));
        assert_int_equal(buffer.length, strlen(vectors[i].encoded));
        assert_string_equal(buffer.data, vectors[i].encoded);
        caws_buffer_clear(&buffer);
        expect_decoded(vectors[i].encoded, vectors[i].plain, length);
    }
}

static void agrees_with_openssl(void **state)
{
    (void)state;
    uint64_t random = 4648;
    for (size_t length = 0; length <= 100; length++)
        for (int round = 0; round < 20; round++) {
            uint8_t *data = malloc(length > 0 ? length : 1);
            unsigned char expected[160];
            uint8_t back[160];
            size_t back_length = 0;
            assert_non_null(data);
            for (size_t i = 0; i < length; i++)
                data[i] = (uint8_t)next_random(&random);
            int encoded = EVP_EncodeBlock(expected, data, (int)length);
            caws_buffer buffer = CAWS_BUFFER_INIT;
            assert_true(caws_base64_encode(&buffer, data, length));
            assert_int_equal(buffer.length, encoded);
            assert_memory_equal(buffer.data, expected, buffer.length + 1);
            assert_true(decode(buffer.data, buffer.length, back, &back_length));
            assert_int_equal(back_length, length);
            assert_memory_equal(back, data, length);
            caws_buffer_clear(&buffer);
            free(data);
        }
}

static void carries_every_byte(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++)
        for (size_t length = 1; length <= 4; length++) {
            uint8_t data[4] = {0x55, 0x55, 0x55, 0x55};
            uint8_t back[16];
            size_t back_length = 0;
            data[length - 1] = (uint8_t)byte;
            caws_buffer buffer = CAWS_BUFFER_INIT;
            assert_true(caws_base64_encode(&buffer, data, length));
            assert_true(decode(buffer.data, buffer.length, back, &back_length));
            assert_int_equal(back_length, length);
            assert_memory_equal(back, data, length);
            caws_buffer_clear(&buffer);
        }
}

static void takes_nothing_but_the_alphabet(void **state)
{
    (void)state;
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (unsigned c = 0; c < 256; c++)
        for (size_t at = 0; at < 4; at++) {
            char text[4] = {'A', 'A', 'A', 'A'};
            uint8_t out[16];
            size_t length = 0;
            text[at] = (char)c;
            bool expected = (c != 0 && strchr(alphabet, (int)c) != NULL) || (c == '=' && at == 3);
            assert_int_equal(decode(text, 4, out, &length), expected);
        }
}

static void takes_missing_padding(void **state)
{
    (void)state;
    expect_decoded("Zg", "f", 1);
    expect_decoded("Zm8", "fo", 2);
    expect_decoded("Zm9vYg", "foob", 4);
}

static void refuses_what_is_malformed(void **state)
{
    (void)state;
    static const char *const malformed[] = {
        "Z",     "Zm9vY", "=",      "==",       "===",        "====",   "Zg=",       "Zg===",
        "Zm8==", "Zm9v=", "Zm9v==", "Zm9v====", "Zm=v",       "Z===",   "Zg==Zg==",  "Zm9v\n",
        " Zm9v", "Zm 9v", "Zm9-",   "Zm9_",     "\xc3\xa9==", "Zg==\n", "Zm9vYmFy=", "A==="};
    for (size_t i = 0; i < COUNT(malformed); i++)
        expect_malformed(malformed[i]);
}

static void fails_with_a_full_buffer(void **state)
{
    (void)state;
    for (size_t limit = 1; limit < 8; limit++) {
        caws_buffer buffer = CAWS_BUFFER_INIT;
        buffer.limit = limit;
        assert_false(caws_base64_encode(&buffer, (const uint8_t *)"foobar", 6));
        assert_true(buffer.too_large);
        assert_int_equal(buffer.length, 0);
        caws_buffer_clear(&buffer);
    }
    caws_buffer buffer = CAWS_BUFFER_INIT;
    assert_false(caws_base64_encode(&buffer, NULL, SIZE_MAX)); /* refused before it is read */
    assert_false(caws_buffer_ok(&buffer));
    caws_buffer_clear(&buffer);
}

static void appends(void **state)
{
    (void)state;
    caws_buffer buffer = CAWS_BUFFER_INIT;
    assert_true(caws_buffer_append_string(&buffer, "x:"));
    assert_true(caws_base64_encode(&buffer, (const uint8_t *)"f", 1));
    assert_true(caws_base64_encode(&buffer, NULL, 0));
    assert_string_equal(buffer.data, "x:Zg==");
    caws_buffer_clear(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_rfc_vectors),
        cmocka_unit_test(agrees_with_openssl),
        cmocka_unit_test(carries_every_byte),
        cmocka_unit_test(takes_nothing_but_the_alphabet),
        cmocka_unit_test(takes_missing_padding),
        cmocka_unit_test(refuses_what_is_malformed),
        cmocka_unit_test(fails_with_a_full_buffer),
        cmocka_unit_test(appends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
