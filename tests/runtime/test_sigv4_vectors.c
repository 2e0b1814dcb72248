/*
 * The public signing test suite (awslabs/aws-c-auth), read in place: one test a case and kind of
 * signing. The folder is $CAWS_VECTORS, else ../shared/vectors beside the project; without it the
 * one test is reported as skipped.
 */
/* clang-format off: cmocka.h needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
/* clang-format on */

#include <cjson/cJSON.h>
#include <dirent.h>

#include "read_file.h"
#include "sigv4.h"

enum { MAX_CASES = 200, MAX_HEADERS = 20, PATH_SIZE = 2048, SUITE_SIZE = 38 };

static char root[PATH_SIZE];
static char names[MAX_CASES][128];
static size_t name_count;

typedef struct test_case {
    char *text; /* request.txt, cut up */
    char *target;
    cJSON *context;
    caws_header headers[MAX_HEADERS];
    caws_credentials credentials;
    caws_sigv4_request request;
} test_case;

static char *read_case_file(const char *name, const char *file)
{
    char path[2 * PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/%s/%s", root, name, file);
    char *text = read_file(path);
    if (text == NULL)
        fail_msg("cannot read %s", path);
    return text;
}

/* The same, without newlines at the end, which some of the files have. */
static char *read_expected(const char *name, const char *kind, const char *file)
{
    char full[128];
    (void)snprintf(full, sizeof full, "%s-%s.txt", kind, file);
    char *text = read_case_file(name, full);
    for (size_t length = strlen(text); length > 0 && text[length - 1] == '\n';)
        text[--length] = '\0';
    return text;
}

static void assert_file(const char *name, const char *kind, const char *file, const char *actual)
{
    char *expected = read_expected(name, kind, file);
    assert_string_equal(actual, expected);
    free(expected);
}

/* Cuts "METHOD target HTTP/1.1", header lines, an empty line and the body apart. */
static void parse_request(test_case *test)
{
    char *text = test->text;
    char *line_end = strchr(text, '\n');
    assert_non_null(line_end);
    *line_end = '\0';
    char *method_end = strchr(text, ' ');
    char *target_end = strrchr(text, ' ');
    assert_non_null(method_end);
    assert_true(target_end > method_end);
    *method_end = '\0';
    *target_end = '\0';
    test->request.method = text;
    test->request.path = method_end + 1;
    char *query = strchr(method_end + 1, '?');
    if (query != NULL) {
        *query = '\0';
        test->request.query = query + 1;
    }

    size_t count = 0;
    char *line = line_end + 1;
    while (*line != '\0' && *line != '\n') {
        char *end = strchr(line, '\n');
        char *value = strchr(line, ':');
        assert_true(value != NULL && count < MAX_HEADERS);
        *value = '\0';
        test->headers[count++] = (caws_header){line, value + 1};
        while (end != NULL && end[1] == ' ')
            end = strchr(end + 1, '\n');
        line = end != NULL ? end + 1 : strchr(value + 1, '\0');
        if (end != NULL)
            *end = '\0';
    }
    test->request.headers = test->headers;
    test->request.header_count = count;
    if (*line == '\n')
        line++;
    test->request.payload = line;
    test->request.payload_length = strlen(line);
}

static const char *text_member(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static int digits_at(const char *text, size_t at, size_t count)
{
    int value = 0;
    for (size_t i = at; i < at + count; i++) {
        assert_in_range(text[i], '0', '9');
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

/* 2015-08-30T12:36:00Z */
static int64_t parse_time(const char *text)
{
    assert_int_equal(strlen(text), 20);
    struct tm tm = {.tm_year = digits_at(text, 0, 4) - 1900,
                    .tm_mon = digits_at(text, 5, 2) - 1,
                    .tm_mday = digits_at(text, 8, 2),
                    .tm_hour = digits_at(text, 11, 2),
                    .tm_min = digits_at(text, 14, 2),
                    .tm_sec = digits_at(text, 17, 2)};
    return (int64_t)mktime(&tm); /* TZ is UTC */
}

static void load(test_case *test, const char *name)
{
    *test = (test_case){0};
    test->text = read_case_file(name, "request.txt");
    parse_request(test);
    char *json = read_case_file(name, "context.json");
    test->context = cJSON_Parse(json);
    free(json);
    assert_non_null(test->context);

    const cJSON *credentials = cJSON_GetObjectItemCaseSensitive(test->context, "credentials");
    test->credentials.access_key_id = text_member(credentials, "access_key_id");
    test->credentials.secret_access_key = text_member(credentials, "secret_access_key");
    test->credentials.session_token = text_member(credentials, "token");
    caws_sigv4_request *request = &test->request;
    request->credentials = &test->credentials;
    request->region = text_member(test->context, "region");
    request->service = text_member(test->context, "service");
    request->time = parse_time(text_member(test->context, "timestamp"));
    request->flags = CAWS_SIGV4_KEEP_TEXTS;
    if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(test->context, "normalize")))
        request->flags |= CAWS_SIGV4_NO_NORMALIZE;
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(test->context, "sign_body")))
        request->flags |= CAWS_SIGV4_CONTENT_SHA256;
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(test->context, "omit_session_token")))
        request->flags |= CAWS_SIGV4_OMIT_SESSION_TOKEN;
}

static void unload(test_case *test)
{
    free(test->text);
    cJSON_Delete(test->context);
}

static caws_algorithms algorithms;
static caws_signing_keys keys;
static caws_signer signer; /* one for all cases: nothing of the last one may show in the next */

static size_t count_lines(const char *text)
{
    size_t count = 0;
    for (; *text != '\0' && *text != '\n'; count++) {
        const char *end = strchr(text, '\n');
        text = end != NULL ? end + 1 : strchr(text, '\0');
    }
    return count;
}

/* The signed request has each added header in a line of its own, and no other line more. */
static void assert_headers(const char *name, const caws_sigv4_headers *headers)
{
    char *signed_request = read_case_file(name, "header-signed-request.txt");
    char *request = read_case_file(name, "request.txt");
    assert_int_equal(count_lines(signed_request), count_lines(request) + headers->count);
    for (size_t i = 0; i < headers->count; i++) {
        char line[2048];
        bool found = false;
        (void)snprintf(line, sizeof line, "%s:%s\n", headers->items[i].name,
                       headers->items[i].value);
        size_t name_length = strlen(headers->items[i].name);
        for (const char *at = strchr(signed_request, '\n'); at != NULL && !found;
             at = strchr(at + 1, '\n')) {
            char known[2048];
            (void)snprintf(known, sizeof known, "%.*s", (int)strlen(line), at + 1);
            for (size_t k = 0; k < name_length && known[k] != '\0'; k++)
                if (known[k] >= 'A' && known[k] <= 'Z')
                    known[k] = (char)(known[k] - 'A' + 'a');
            found = strcmp(known, line) == 0;
        }
        if (!found)
            fail_msg("not in the signed request: %s", line);
    }
    free(request);
    free(signed_request);
}

static void test_header(void **state)
{
    const char *name = *state;
    test_case test;
    caws_sigv4_headers headers;
    load(&test, name);
    assert_int_equal(caws_signer_sign(&signer, &test.request, &headers), CAWS_SIGV4_OK);
    assert_file(name, "header", "canonical-request", signer.canonical_request.data);
    assert_file(name, "header", "string-to-sign", signer.string_to_sign.data);
    const char *authorization = headers.items[headers.count - 1].value;
    const char *signature = strstr(authorization, "Signature=");
    assert_non_null(signature);
    assert_file(name, "header", "signature", signature + strlen("Signature="));
    assert_headers(name, &headers);
    unload(&test);
}

static void test_query(void **state)
{
    const char *name = *state;
    test_case test;
    const char *query = NULL;
    load(&test, name);
    const cJSON *expires = cJSON_GetObjectItemCaseSensitive(test.context, "expiration_in_seconds");
    assert_true(cJSON_IsNumber(expires));
    assert_int_equal(
        caws_signer_presign(&signer, &test.request, (uint32_t)expires->valueint, &query),
        CAWS_SIGV4_OK);
    assert_file(name, "query", "canonical-request", signer.canonical_request.data);
    assert_file(name, "query", "string-to-sign", signer.string_to_sign.data);
    const char *signature = strstr(query, "&X-Amz-Signature=");
    assert_non_null(signature);
    assert_file(name, "query", "signature", signature + strlen("&X-Amz-Signature="));

    char line[4096];
    (void)snprintf(line, sizeof line, "%s %s?%s HTTP/1.1", test.request.method, test.request.path,
                   query);
    char *signed_request = read_expected(name, "query", "signed-request");
    *strchr(signed_request, '\n') = '\0';
    assert_string_equal(line, signed_request);
    free(signed_request);
    unload(&test);
}

static void test_whole_suite(void **state)
{
    (void)state;
    assert_true(name_count >= SUITE_SIZE);
}

static void test_absent(void **state)
{
    (void)state;
    print_message("no test suite in %s\n", root);
    skip();
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void find_cases(void)
{
    const char *vectors = getenv("CAWS_VECTORS");
    (void)snprintf(root, sizeof root, "%s/sigv4",
                   vectors != NULL ? vectors : CAWS_SOURCE_DIR "/../shared/vectors");
    DIR *folder = opendir(root);
    if (folder == NULL)
        return;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (entry->d_name[0] != '.' && name_count < MAX_CASES)
            (void)snprintf(names[name_count++], sizeof names[0], "%.127s", entry->d_name);
    (void)closedir(folder);
    qsort(names, name_count, sizeof names[0], compare_names);
}

int main(void)
{
    static struct CMUnitTest tests[2 * MAX_CASES + 1];
    static char labels[2 * MAX_CASES][160];
    size_t count = 0;
    if (setenv("TZ", "UTC0", 1) != 0 || !caws_algorithms_init(&algorithms) ||
        !caws_signing_keys_init(&keys) || !caws_signer_init(&signer, &algorithms, &keys))
        return 1;
    find_cases();
    for (size_t i = 0; i < name_count; i++)
        for (int query = 0; query <= 1; query++) {
            (void)snprintf(labels[count], sizeof labels[0], "%.127s: %s", names[i],
                           query ? "query" : "header");
            tests[count] = (struct CMUnitTest){labels[count], query ? test_query : test_header,
                                               NULL, NULL, names[i]};
            count++;
        }
    tests[count++] = name_count > 0 ? (struct CMUnitTest)cmocka_unit_test(test_whole_suite)
                                    : (struct CMUnitTest)cmocka_unit_test(test_absent);
    int failed = _cmocka_run_group_tests("sigv4_vectors", tests, count, NULL, NULL);
    caws_signer_clear(&signer);
    caws_signing_keys_clear(&keys);
    caws_algorithms_clear(&algorithms);
    return failed;
}
