/*
 * Times signatures of one CreateExportTask request:
 *
 *     bench_sign caws|hash COUNT
 *
 * caws: a whole signature with a warm key.
 * hash: only the hashes that a signature cannot do without, over texts of the same sizes, with
 * algorithms fetched once: SHA-256 of the body and of the canonical request, HMAC of the string to
 * sign with OpenSSL's EVP_MAC. The floor.
 * Prints CPU time per signature in microseconds.
 */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sigv4.h"

static const char body[] =
    "{\"taskName\":\"nightly\",\"logGroupName\":\"my-log-group\",\"from\":1441490400000,"
    "\"to\":1441494000000,\"destination\":\"my-exported-logs\",\"destinationPrefix\":\"exports\"}";

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void print_time(double began, long count)
{
    printf("%.4f\n", (cpu_seconds() - began) * 1e6 / (double)count);
}

static int fail(void)
{
    fputs("OpenSSL failed\n", stderr);
    return 1;
}

static int bench_caws(long count)
{
    static const caws_header headers[] = {
        {"Content-Type", "application/x-amz-json-1.1"},
        {"X-Amz-Target", "Logs_20140328.CreateExportTask"},
        {"Host", "logs.us-east-1.amazonaws.com"},
    };
    const caws_credentials credentials = {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                          NULL};
    caws_sigv4_request request = {
        .credentials = &credentials,
        .generation = 1,
        .region = "us-east-1",
        .service = "logs",
        .time = 1440938160,
        .method = "POST",
        .path = "/",
        .headers = headers,
        .header_count = sizeof(headers) / sizeof(headers[0]),
        .payload = body,
        .payload_length = sizeof(body) - 1,
    };
    caws_algorithms algorithms = CAWS_ALGORITHMS_INIT;
    caws_signing_keys keys;
    caws_signer signer;
    if (!caws_algorithms_init(&algorithms) || !caws_signing_keys_init(&keys) ||
        !caws_signer_init(&signer, &algorithms, &keys))
        return fail();
    double began = 0;
    int failed = 0;
    for (long i = -count / 10; i < count && !failed; i++) {
        caws_sigv4_headers out;
        if (i == 0)
            began = cpu_seconds();
        request.time = 1440938160 + (i & 1023); /* the time goes on, the day does not */
        failed = caws_signer_sign(&signer, &request, &out) != CAWS_SIGV4_OK;
    }
    print_time(began, count);
    caws_signer_clear(&signer);
    caws_signing_keys_clear(&keys);
    caws_algorithms_clear(&algorithms);
    return failed ? fail() : 0;
}

static int bench_hash(long count)
{
    enum { CANONICAL_REQUEST = 339, STRING_TO_SIGN = 133 }; /* bytes, of the request above */
    static unsigned char text[512];
    static unsigned char key[32];
    unsigned char out[EVP_MAX_MD_SIZE];
    char name[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                           OSSL_PARAM_construct_end()};
    EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    EVP_MAC_CTX *mac = hmac != NULL ? EVP_MAC_CTX_new(hmac) : NULL;
    size_t length = 0;
    bool ok = sha256 != NULL && digest != NULL && mac != NULL &&
              EVP_MAC_init(mac, key, sizeof(key), params) == 1;
    double began = 0;
    for (long i = -count / 10; i < count && ok; i++) {
        if (i == 0)
            began = cpu_seconds();
        ok = EVP_DigestInit_ex2(digest, sha256, NULL) == 1 &&
             EVP_DigestUpdate(digest, body, sizeof(body) - 1) == 1 &&
             EVP_DigestFinal_ex(digest, out, NULL) == 1 &&
             EVP_DigestInit_ex2(digest, sha256, NULL) == 1 &&
             EVP_DigestUpdate(digest, text, CANONICAL_REQUEST) == 1 &&
             EVP_DigestFinal_ex(digest, out, NULL) == 1 && EVP_MAC_init(mac, NULL, 0, NULL) == 1 &&
             EVP_MAC_update(mac, text, STRING_TO_SIGN) == 1 &&
             EVP_MAC_final(mac, out, &length, sizeof(out)) == 1;
    }
    print_time(began, count);
    EVP_MAC_CTX_free(mac);
    EVP_MD_CTX_free(digest);
    EVP_MAC_free(hmac);
    EVP_MD_free(sha256);
    return ok ? 0 : fail();
}

int main(int argc, char **argv)
{
    long count = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    if (count > 0 && strcmp(argv[1], "caws") == 0)
        return bench_caws(count);
    if (count > 0 && strcmp(argv[1], "hash") == 0)
        return bench_hash(count);
    fputs("usage: bench_sign caws|hash COUNT\n", stderr);
    return 2;
}
