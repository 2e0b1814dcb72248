/* The signer against botocore: tests/vectors/sigv4/cases.json, one test a case. */
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

#include <cjson/cJSON.h>

#include "read_file.h"
#include "sigv4.h"

static caws_algorithms algorithms;
static caws_signing_keys keys;
static caws_signer signer; /* one for all cases: nothing of the last one may show in the next */

enum { MAX_HEADERS = 128 };

typedef struct test_case {
    caws_header headers[MAX_HEADERS];
    caws_credentials credentials;
    caws_sigv4_request request;
    const cJSON *expect;
} test_case;

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text_member(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(member(object, name));
}

static unsigned flag_of(const char *name)
{
    static const struct {
        const char *name;
        unsigned flag;
    } flags[] = {
        {"no_normalize", CAWS_SIGV4_NO_NORMALIZE},
        {"no_double_encoding", CAWS_SIGV4_NO_DOUBLE_ENCODING},
        {"unsigned_payload", CAWS_SIGV4_UNSIGNED_PAYLOAD},
        {"content_sha256", CAWS_SIGV4_CONTENT_SHA256},
        {"omit_session_token", CAWS_SIGV4_OMIT_SESSION_TOKEN},
    };
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (strcmp(flags[i].name, name) == 0)
            return flags[i].flag;
    fail_msg("no such flag: %s", name);
    return 0;
}

static void load(test_case *test, const cJSON *json)
{
    *test = (test_case){0};
    caws_sigv4_request *request = &test->request;
    test->credentials = (caws_credentials){text_member(json, "access_key_id"),
                                           text_member(json, "secret_access_key"),
                                           text_member(json, "session_token")};
    request->credentials = &test->credentials;
    request->region = text_member(json, "region");
    request->service = text_member(json, "service");
    request->time = (int64_t)member(json, "time")->valuedouble;
    request->method = text_member(json, "method");
    request->path = text_member(json, "path");
    request->query = text_member(json, "query");
    request->payload = text_member(json, "body");
    request->payload_length = strlen(text_member(json, "body"));
    request->headers = test->headers;
    const cJSON *item;
    cJSON_ArrayForEach(item, member(json, "headers"))
    {
        assert_true(request->header_count < MAX_HEADERS);
        test->headers[request->header_count++] =
            (caws_header){cJSON_GetStringValue(cJSON_GetArrayItem(item, 0)),
                          cJSON_GetStringValue(cJSON_GetArrayItem(item, 1))};
    }
    request->flags = CAWS_SIGV4_KEEP_TEXTS;
    cJSON_ArrayForEach(item, member(json, "flags")) request->flags |= flag_of(item->valuestring);
    test->expect = member(json, "expect");
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorts the parameters of a query string in place. */
static void sort_query(char *query)
{
    enum { MAX = 64 };
    char *copy = strdup(query);
    char *parts[MAX];
    size_t count = 0;
    char *rest = NULL;
    assert_non_null(copy);
    for (char *part = strtok_r(copy, "&", &rest); part != NULL; part = strtok_r(NULL, "&", &rest)) {
        assert_true(count < MAX);
        parts[count++] = part;
    }
    qsort(parts, count, sizeof parts[0], compare_strings);
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(parts[i]);
        memcpy(query, parts[i], length);
        query[length] = i + 1 < count ? '&' : '\0';
        query += length + 1;
    }
    free(copy);
}

static void assert_same_query(const char *query, const char *expected)
{
    if (query == NULL || expected == NULL) {
        fail_msg("no query");
        return;
    }
    char *a = strdup(query);
    char *b = strdup(expected);
    assert_true(a != NULL && b != NULL);
    sort_query(a);
    sort_query(b);
    assert_string_equal(a, b);
    free(a);
    free(b);
}

static void test_botocore_case(void **state)
{
    const cJSON *json = *state;
    test_case test;
    load(&test, json);
    const cJSON *expires = member(json, "expires");
    caws_sigv4_headers headers = {.count = 0};
    const char *query = NULL;
    caws_sigv4_result result =
        cJSON_IsNumber(expires)
            ? caws_signer_presign(&signer, &test.request, (uint32_t)expires->valueint, &query)
            : caws_signer_sign(&signer, &test.request, &headers);
    assert_int_equal(result, CAWS_SIGV4_OK);
    assert_string_equal(signer.canonical_request.data,
                        text_member(test.expect, "canonical_request"));
    assert_string_equal(signer.string_to_sign.data, text_member(test.expect, "string_to_sign"));
    if (cJSON_IsNumber(expires)) {
        assert_same_query(query, text_member(test.expect, "query"));
        return;
    }
    const cJSON *expected = member(test.expect, "headers");
    assert_int_equal(headers.count, cJSON_GetArraySize(expected));
    for (size_t i = 0; i < headers.count; i++) {
        const char *value = text_member(expected, headers.items[i].name);
        if (value == NULL)
            fail_msg("botocore adds no %s", headers.items[i].name);
        assert_string_equal(headers.items[i].value, value);
    }
}

int main(void)
{
    enum { MAX_TESTS = 200 };
    static struct CMUnitTest tests[MAX_TESTS];
    char *text = read_file(CAWS_SOURCE_DIR "/tests/vectors/sigv4/cases.json");
    cJSON *json = text != NULL ? cJSON_Parse(text) : NULL;
    free(text);
    int count = cJSON_GetArraySize(member(json, "cases"));
    if (count < 1 || count > MAX_TESTS || !caws_algorithms_init(&algorithms) ||
        !caws_signing_keys_init(&keys) || !caws_signer_init(&signer, &algorithms, &keys)) {
        (void)fputs("cannot read cases.json or set up\n", stderr);
        return 1;
    }
    size_t used = 0;
    cJSON *item;
    cJSON_ArrayForEach(item, member(json, "cases"))
    {
        tests[used++] =
            (struct CMUnitTest){text_member(item, "name"), test_botocore_case, NULL, NULL, item};
    }
    int failed = _cmocka_run_group_tests("sigv4_cases", tests, used, NULL, NULL);
    caws_signer_clear(&signer);
    caws_signing_keys_clear(&keys);
    caws_algorithms_clear(&algorithms);
    cJSON_Delete(json);
    return failed;
}
