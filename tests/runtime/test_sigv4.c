/* The signer against the examples of the AWS documentation, and at its edges. */
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

#include <pthread.h>

#include "sigv4.h"

static caws_algorithms algorithms;
static caws_signing_keys keys;
static caws_signer signer; /* one for all cases: nothing of the last one may show in the next */

/* --- the examples of the AWS documentation --- */

static const caws_credentials example = {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                         NULL};
static const caws_credentials s3_example = {"AKIAIOSFODNN7EXAMPLE",
                                            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", NULL};
enum { S3_FLAGS = CAWS_SIGV4_NO_NORMALIZE | CAWS_SIGV4_NO_DOUBLE_ENCODING };
static const int64_t s3_time = 1369353600; /* 2013-05-24T00:00:00Z */
static const caws_header s3_host = {"Host", "examplebucket.s3.amazonaws.com"};

static caws_sigv4_request plain_request(void)
{
    static const caws_header host = {"Host", "example.amazonaws.com"};
    return (caws_sigv4_request){.credentials = &example,
                                .region = "us-east-1",
                                .service = "service",
                                .time = 1440938160, /* 2015-08-30T12:36:00Z */
                                .method = "GET",
                                .path = "/",
                                .headers = &host,
                                .header_count = 1};
}

static caws_sigv4_request s3_request(void)
{
    return (caws_sigv4_request){.credentials = &s3_example,
                                .region = "us-east-1",
                                .service = "s3",
                                .time = s3_time,
                                .method = "GET",
                                .path = "/",
                                .headers = &s3_host,
                                .header_count = 1,
                                .flags = S3_FLAGS | CAWS_SIGV4_CONTENT_SHA256};
}

/* The value of an added header; NULL if there is none. */
static const char *value_of(const caws_sigv4_headers *headers, const char *name)
{
    for (size_t i = 0; i < headers->count; i++)
        if (strcmp(headers->items[i].name, name) == 0)
            return headers->items[i].value;
    return NULL;
}

static void assert_signature(caws_signer *with, const caws_sigv4_request *request,
                             const char *expected)
{
    caws_sigv4_headers headers;
    assert_int_equal(caws_signer_sign(with, request, &headers), CAWS_SIGV4_OK);
    const char *signature = strstr(value_of(&headers, "authorization"), "Signature=");
    assert_non_null(signature);
    assert_string_equal(signature + strlen("Signature="), expected);
}

/* IAM User Guide, "Create a signed AWS API request". */
static void test_list_users(void **state)
{
    (void)state;
    const caws_header headers[] = {
        {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
        {"Host", "iam.amazonaws.com"}};
    caws_sigv4_request request = plain_request();
    request.service = "iam";
    request.query = "Action=ListUsers&Version=2010-05-08";
    request.headers = headers;
    request.header_count = 2;
    assert_signature(&signer, &request,
                     "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

/* Amazon S3 API Reference, "Signature Calculations for the Authorization Header". */
static void test_s3_examples(void **state)
{
    (void)state;
    const caws_header get[] = {s3_host, {"Range", "bytes=0-9"}};
    caws_sigv4_request request = s3_request();
    request.path = "/test.txt";
    request.headers = get;
    request.header_count = 2;
    assert_signature(&signer, &request,
                     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");

    const caws_header put[] = {s3_host,
                               {"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                               {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
    static const char body[] = "Welcome to Amazon S3.";
    request = s3_request();
    request.method = "PUT";
    request.path = "/test$file.text";
    request.headers = put;
    request.header_count = 3;
    request.payload = body;
    request.payload_length = strlen(body);
    assert_signature(&signer, &request,
                     "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");

    request = s3_request();
    request.query = "lifecycle";
    assert_signature(&signer, &request,
                     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    request.query = "max-keys=2&prefix=J";
    assert_signature(&signer, &request,
                     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

/* Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters". */
static void test_s3_presigned_example(void **state)
{
    (void)state;
    caws_sigv4_request request = s3_request();
    request.path = "/test.txt";
    request.flags = S3_FLAGS | CAWS_SIGV4_UNSIGNED_PAYLOAD;
    const char *query = NULL;
    assert_int_equal(caws_signer_presign(&signer, &request, 86400, &query), CAWS_SIGV4_OK);
    assert_string_equal(
        query, "X-Amz-Algorithm=AWS4-HMAC-SHA256"
               "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
               "&X-Amz-Date=20130524T000000Z&X-Amz-SignedHeaders=host&X-Amz-Expires=86400"
               "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

/* --- edges --- */

static void test_time_range(void **state)
{
    (void)state;
    caws_sigv4_request request = plain_request();
    caws_sigv4_headers headers;
    const char *query;
    const int64_t bad[] = {-1, INT64_MIN, 253402300800, INT64_MAX};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        request.time = bad[i];
        headers.count = 9;
        query = "";
        assert_int_equal(caws_signer_sign(&signer, &request, &headers), CAWS_SIGV4_BAD_TIME);
        assert_int_equal(headers.count, 0);
        assert_int_equal(caws_signer_presign(&signer, &request, 1, &query), CAWS_SIGV4_BAD_TIME);
        assert_null(query);
    }
    request.time = 0;
    assert_int_equal(caws_signer_sign(&signer, &request, &headers), CAWS_SIGV4_OK);
    assert_string_equal(value_of(&headers, "x-amz-date"), "19700101T000000Z");
}

/* Every day of more than 400 years, against a calendar counted up day by day. */
static void test_dates(void **state)
{
    (void)state;
    caws_sigv4_request request = plain_request();
    caws_sigv4_headers headers;
    int year = 1970;
    int month = 1;
    int day = 1;
    for (int64_t n = 0; year < 2405; n++) {
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        int month_days = month == 2 ? (leap ? 29 : 28) : 30 + (month + month / 8) % 2;
        if (n % 97 == 0 || day == 1 || day == month_days) {
            char expected[64];
            int second = (int)(n % 86400);
            request.time = n * 86400 + second;
            assert_int_equal(caws_signer_sign(&signer, &request, &headers), CAWS_SIGV4_OK);
            (void)snprintf(expected, sizeof expected, "%04d%02d%02dT%02d%02d%02dZ", year, month,
                           day, second / 3600, second / 60 % 60, second % 60);
            assert_string_equal(value_of(&headers, "x-amz-date"), expected);
        }
        if (++day > month_days) {
            day = 1;
            month = month % 12 + 1;
            year += month == 1;
        }
    }
}

static void test_no_headers(void **state)
{
    (void)state;
    caws_signer fresh;
    caws_sigv4_headers headers;
    const char *query = NULL;
    caws_sigv4_request request = plain_request();
    request.headers = NULL;
    request.header_count = 0;
    request.path = "";
    request.flags = CAWS_SIGV4_KEEP_TEXTS;
    assert_true(caws_signer_init(&fresh, &algorithms, &keys));
    assert_int_equal(caws_signer_presign(&fresh, &request, UINT32_MAX, &query), CAWS_SIGV4_OK);
    assert_non_null(strstr(query, "&X-Amz-SignedHeaders=&X-Amz-Expires=4294967295&"));
    assert_int_equal(caws_signer_sign(&fresh, &request, &headers), CAWS_SIGV4_OK);
    assert_string_equal(fresh.canonical_request.data,
                        "GET\n/\n\nx-amz-date:20150830T123600Z\n\nx-amz-date\n"
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    caws_signer_clear(&fresh);
}

/* Headers of an earlier attempt do not count, in whatever case they are written. */
static void test_leftover_headers(void **state)
{
    (void)state;
    const caws_header leftover[] = {{"Authorization", "old"},
                                    {"x-amz-Date", "20000101T000000Z"},
                                    {"Host", "example.amazonaws.com"},
                                    {"X-AMZ-SECURITY-TOKEN", "old"}};
    caws_sigv4_headers headers;
    caws_sigv4_request request = plain_request();
    assert_int_equal(caws_signer_sign(&signer, &request, &headers), CAWS_SIGV4_OK);
    char *expected = strdup(value_of(&headers, "authorization"));
    assert_non_null(expected);
    request.headers = leftover;
    request.header_count = 4;
    assert_int_equal(caws_signer_sign(&signer, &request, &headers), CAWS_SIGV4_OK);
    assert_string_equal(value_of(&headers, "authorization"), expected);
    free(expected);
}

static void test_empty_session_token(void **state)
{
    (void)state;
    const caws_credentials credentials = {"AKIDEXAMPLE", example.secret_access_key, ""};
    caws_sigv4_request request = plain_request();
    caws_sigv4_headers headers;
    const char *query = NULL;
    request.credentials = &credentials;
    for (int omit = 0; omit <= 1; omit++) {
        request.flags = omit ? CAWS_SIGV4_OMIT_SESSION_TOKEN : 0;
        assert_int_equal(caws_signer_sign(&signer, &request, &headers), CAWS_SIGV4_OK);
        assert_null(value_of(&headers, "x-amz-security-token"));
        assert_int_equal(caws_signer_presign(&signer, &request, 1, &query), CAWS_SIGV4_OK);
        assert_null(strstr(query, "Token"));
    }
}

/* A hash that is given is neither computed nor added again, flags or not. */
static void test_given_payload_hash(void **state)
{
    (void)state;
    const caws_header given[] = {{"Host", "h"}, {"X-Amz-Content-SHA256", "some-hash"}};
    caws_sigv4_request request = plain_request();
    caws_sigv4_headers headers;
    request.headers = given;
    request.header_count = 2;
    request.flags = CAWS_SIGV4_KEEP_TEXTS | CAWS_SIGV4_CONTENT_SHA256 | CAWS_SIGV4_UNSIGNED_PAYLOAD;
    assert_int_equal(caws_signer_sign(&signer, &request, &headers), CAWS_SIGV4_OK);
    assert_null(value_of(&headers, "x-amz-content-sha256"));
    const char *text = signer.canonical_request.data;
    assert_non_null(strstr(text, "\nx-amz-content-sha256:some-hash\n"));
    assert_string_equal(text + strlen(text) - strlen("\nsome-hash"), "\nsome-hash");
}

static void test_texts_are_not_kept(void **state)
{
    (void)state;
    const caws_credentials credentials = {"AKIDEXAMPLE", example.secret_access_key,
                                          "SECRET-SESSION-TOKEN"};
    caws_sigv4_request request = plain_request();
    caws_sigv4_headers headers;
    request.credentials = &credentials;
    request.flags = CAWS_SIGV4_KEEP_TEXTS;
    assert_int_equal(caws_signer_sign(&signer, &request, &headers), CAWS_SIGV4_OK);
    size_t length = signer.canonical_request.length;
    assert_non_null(strstr(signer.canonical_request.data, "SECRET-SESSION-TOKEN"));
    request.flags = 0;
    assert_int_equal(caws_signer_sign(&signer, &request, &headers), CAWS_SIGV4_OK);
    assert_int_equal(signer.canonical_request.length, 0);
    assert_int_equal(signer.string_to_sign.length, 0);
    for (size_t i = 0; i < length; i++)
        assert_int_equal(signer.canonical_request.data[i], 0);
}

/* A request that overflows a buffer's limit stands in for one that memory has no room for: every
 * buffer in turn, then the signer works as before. The two ways to sign have other headers, so that
 * neither can go on with what the other has left. */
static void test_no_memory(void **state)
{
    (void)state;
    const caws_credentials credentials = {"AKIDEXAMPLE", example.secret_access_key, "token"};
    caws_signer fresh;
    caws_sigv4_headers headers;
    const char *query = NULL;
    caws_sigv4_request request = plain_request();
    request.credentials = &credentials;
    request.path = "/a/../b c";
    request.query = "b=1&a=2";
    assert_true(caws_signer_init(&fresh, &algorithms, &keys));
    caws_buffer *buffers[] = {
        &fresh.path,           &fresh.scope,  &fresh.signed_names, &fresh.canonical_request,
        &fresh.string_to_sign, &fresh.output, &fresh.headers.text, &fresh.query.text,
        &fresh.headers.given};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++)
        for (size_t limit = 1; limit <= 2; limit++) {
            buffers[i]->limit = limit;
            assert_int_equal(caws_signer_sign(&fresh, &request, &headers), CAWS_SIGV4_NO_MEMORY);
            assert_int_equal(headers.count, 0);
            assert_int_equal(caws_signer_presign(&fresh, &request, 1, &query),
                             CAWS_SIGV4_NO_MEMORY);
            assert_null(query);
            buffers[i]->limit = 0;
            assert_int_equal(caws_signer_sign(&fresh, &request, &headers), CAWS_SIGV4_OK);
            assert_int_equal(caws_signer_presign(&fresh, &request, 1, &query), CAWS_SIGV4_OK);
        }
    for (size_t limit = 1; limit < 800; limit++) {
        fresh.output.limit = limit;
        fresh.canonical_request.limit = limit;
        caws_sigv4_result result = caws_signer_presign(&fresh, &request, 1, &query);
        assert_int_equal(result, query != NULL ? CAWS_SIGV4_OK : CAWS_SIGV4_NO_MEMORY);
        if (query != NULL)
            assert_int_equal(strlen(strstr(query, "Signature=")), strlen("Signature=") + 64);
    }
    assert_non_null(query);
    caws_signer_clear(&fresh);
}

/* One signer takes turns between keys and gives what a fresh one with an empty cache gives, whether
 * or not it is told which credentials are the same as before. */
static void test_one_signer_many_keys(void **state)
{
    (void)state;
    const caws_credentials other_secret = {"AKIDEXAMPLE", "other", NULL};
    const caws_credentials other_id = {"AKIDOTHER", example.secret_access_key, NULL};
    caws_sigv4_request requests[6];
    for (size_t i = 0; i < 6; i++)
        requests[i] = plain_request();
    requests[1].time += 86400;
    requests[2].region = "eu-west-1";
    requests[3].service = "logs";
    requests[4].credentials = &other_secret;
    requests[5].credentials = &other_id;
    for (size_t round = 0; round < 120; round++) {
        caws_sigv4_request *request = &requests[round * 7 % 11 % 6];
        request->generation = round < 60 ? 0 : request->credentials == &other_secret ? 2 : 1;
        if (request->credentials == &other_id)
            request->generation *= 3;
        caws_signing_keys no_keys;
        caws_signer fresh;
        caws_sigv4_headers expected;
        caws_sigv4_headers headers;
        assert_true(caws_signing_keys_init(&no_keys));
        assert_true(caws_signer_init(&fresh, &algorithms, &no_keys));
        assert_int_equal(caws_signer_sign(&fresh, request, &expected), CAWS_SIGV4_OK);
        assert_int_equal(caws_signer_sign(&signer, request, &headers), CAWS_SIGV4_OK);
        assert_string_equal(value_of(&headers, "authorization"),
                            value_of(&expected, "authorization"));
        caws_signer_clear(&fresh);
        caws_signing_keys_clear(&no_keys);
    }
}

static size_t used_keys(const caws_signing_keys *of)
{
    size_t count = 0;
    for (size_t i = 0; i < CAWS_SIGNING_KEY_COUNT; i++)
        count += of->items[i].used;
    return count;
}

/* Signers share the cache: the second derives nothing, but takes what it finds there. */
static void test_shared_cache(void **state)
{
    (void)state;
    caws_signing_keys shared;
    caws_signer first;
    caws_signer second;
    caws_sigv4_headers headers;
    const caws_credentials token = {"AKIDEXAMPLE", example.secret_access_key, "token"};
    caws_sigv4_request request = plain_request();
    assert_true(caws_signing_keys_init(&shared));
    assert_true(caws_signer_init(&first, &algorithms, &shared));
    assert_true(caws_signer_init(&second, &algorithms, &shared));
    assert_int_equal(caws_signer_sign(&first, &request, &headers), CAWS_SIGV4_OK);
    assert_int_equal(used_keys(&shared), 1);
    /* Another key under the same id shows whether the cache is asked. */
    memset(shared.items[0].key, 1, sizeof shared.items[0].key);
    char *right = strdup(value_of(&headers, "authorization"));
    assert_non_null(right);
    assert_int_equal(caws_signer_sign(&second, &request, &headers), CAWS_SIGV4_OK);
    assert_string_not_equal(value_of(&headers, "authorization"), right);
    /* The first has its key at hand, and keeps it when only the session token changes. */
    assert_int_equal(caws_signer_sign(&first, &request, &headers), CAWS_SIGV4_OK);
    assert_string_equal(value_of(&headers, "authorization"), right);
    request.credentials = &token;
    assert_int_equal(caws_signer_sign(&first, &request, &headers), CAWS_SIGV4_OK);
    assert_int_equal(used_keys(&shared), 1);
    request.time += 86400;
    assert_int_equal(caws_signer_sign(&first, &request, &headers), CAWS_SIGV4_OK);
    assert_int_equal(used_keys(&shared), 2);
    free(right);
    caws_signer_clear(&first);
    caws_signer_clear(&second);
    caws_signing_keys_clear(&shared);
}

enum { THREADS = 4, THREAD_REQUESTS = 12, SIGNATURES = 1500 };

typedef struct worker {
    caws_signing_keys *keys;
    const caws_sigv4_request *requests;
    char (*expected)[256];
    unsigned number;
    unsigned wrong;
} worker;

static void *sign_many(void *context)
{
    worker *w = context;
    caws_signer own;
    if (!caws_signer_init(&own, &algorithms, w->keys)) {
        w->wrong = SIGNATURES;
        return NULL;
    }
    for (unsigned i = 0; i < SIGNATURES; i++) {
        size_t n = (i * 5 + w->number * 3) % THREAD_REQUESTS;
        caws_sigv4_headers headers;
        if (caws_signer_sign(&own, &w->requests[n], &headers) != CAWS_SIGV4_OK ||
            strcmp(value_of(&headers, "authorization"), w->expected[n]) != 0)
            w->wrong++;
    }
    caws_signer_clear(&own);
    return NULL;
}

/* Threads with more keys than the cache holds, so that it changes all the time. */
static void test_threads(void **state)
{
    (void)state;
    static const char *const regions[] = {"a-1", "b-1", "c-1", "d-1", "e-1", "f-1"};
    static char expected[THREAD_REQUESTS][256];
    caws_sigv4_request requests[THREAD_REQUESTS];
    for (size_t i = 0; i < THREAD_REQUESTS; i++) {
        caws_sigv4_headers headers;
        requests[i] = plain_request();
        requests[i].region = regions[i % 6];
        requests[i].time += i < 6 ? 0 : 86400;
        assert_int_equal(caws_signer_sign(&signer, &requests[i], &headers), CAWS_SIGV4_OK);
        (void)snprintf(expected[i], sizeof expected[i], "%s", value_of(&headers, "authorization"));
    }
    caws_signing_keys shared;
    pthread_t threads[THREADS];
    worker workers[THREADS];
    assert_true(caws_signing_keys_init(&shared));
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (worker){&shared, requests, expected, i, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, sign_many, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(workers[i].wrong, 0);
    }
    caws_signing_keys_clear(&shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list_users),
        cmocka_unit_test(test_s3_examples),
        cmocka_unit_test(test_s3_presigned_example),
        cmocka_unit_test(test_time_range),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_no_headers),
        cmocka_unit_test(test_leftover_headers),
        cmocka_unit_test(test_empty_session_token),
        cmocka_unit_test(test_given_payload_hash),
        cmocka_unit_test(test_texts_are_not_kept),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_one_signer_many_keys),
        cmocka_unit_test(test_shared_cache),
        cmocka_unit_test(test_threads),
    };
    if (!caws_algorithms_init(&algorithms) || !caws_signing_keys_init(&keys) ||
        !caws_signer_init(&signer, &algorithms, &keys))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    caws_signer_clear(&signer);
    caws_signing_keys_clear(&keys);
    caws_algorithms_clear(&algorithms);
    return failed;
}
