/*
 * Recorded cases of the credential chain (smithy-lang/smithy-rs), read in place: environment, files
 * and HTTP traffic in, credentials out. The folder is $CAWS_VECTORS, else ../shared/vectors beside
 * the project; without it the one test is reported as skipped. The words of errors are another
 * library's and not compared.
 */
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
#include <dirent.h>

#include "credentials_driver.h"
#include "read_file.h"

enum { MAX_CASES = 100, PATH_SIZE = 2048, SUITE_SIZE = 10, MAX_FILES = 8 };

static char root[PATH_SIZE];
static char names[MAX_CASES][128];
static size_t name_count;

static cJSON *read_json(const char *name, const char *file)
{
    char path[2 * PATH_SIZE];
    (void)snprintf(path, sizeof(path), "%s/%s/%s", root, name, file);
    char *text = read_file(path);
    if (text == NULL)
        fail_msg("cannot read %s", path);
    cJSON *json = cJSON_Parse(text);
    if (json == NULL)
        fail_msg("%s is no JSON", path);
    free(text);
    return json;
}

/* The case's files are below its folder fs. */
static void put_file(driver *d, const char *name, const char *path, char **content)
{
    char full[2 * PATH_SIZE];
    (void)snprintf(full, sizeof(full), "%s/%s/fs%s", root, name, path);
    *content = read_file(full);
    if (*content != NULL)
        fake_write(&d->fake, path, *content);
}

/* Header names and values that the recorded client chose for itself, apart. */
static bool is_compared(const char *header)
{
    return strcmp(header, "user-agent") != 0 && strcmp(header, "x-amz-user-agent") != 0;
}

static void expect_request(exchange *next, const cJSON *request)
{
    next->method = cJSON_GetStringValue(cJSON_GetObjectItem(request, "method"));
    next->url = cJSON_GetStringValue(cJSON_GetObjectItem(request, "uri"));
    assert_non_null(next->method);
    assert_non_null(next->url);
    const cJSON *header = NULL;
    cJSON_ArrayForEach(header, cJSON_GetObjectItem(request, "headers"))
    {
        if (!is_compared(header->string))
            continue;
        assert_null(next->header); /* no case has more than one of these */
        next->header = header->string;
        next->header_value = cJSON_GetStringValue(cJSON_GetArrayItem(header, 0));
    }
}

/* Events: a request, its end, the answer's head, its data, its end; and so on. */
static void read_traffic(driver *d, const cJSON *traffic)
{
    const cJSON *event = NULL;
    exchange *next = NULL;
    cJSON_ArrayForEach(event, cJSON_GetObjectItem(traffic, "events"))
    {
        const cJSON *action = cJSON_GetObjectItem(event, "action");
        const cJSON *request = cJSON_GetObjectItem(action, "Request");
        const cJSON *response = cJSON_GetObjectItem(action, "Response");
        const cJSON *data = cJSON_GetObjectItem(action, "Data");
        if (request != NULL) {
            next = &d->exchanges[d->exchange_count++];
            expect_request(next, cJSON_GetObjectItem(request, "request"));
        } else if (response != NULL) {
            const cJSON *ok = cJSON_GetObjectItem(cJSON_GetObjectItem(response, "response"), "Ok");
            assert_non_null(ok);
            next->http_status = cJSON_GetObjectItem(ok, "status")->valueint;
        } else if (data != NULL &&
                   strcmp(cJSON_GetObjectItem(action, "Data")->child->next->valuestring,
                          "Response") == 0) {
            next->body = cJSON_GetStringValue(
                cJSON_GetObjectItem(cJSON_GetObjectItem(data, "data"), "Utf8"));
        }
    }
}

static void assert_text(const char *actual, const cJSON *expected)
{
    if (expected == NULL) {
        assert_null(actual);
        return;
    }
    assert_non_null(actual);
    assert_string_equal(actual, cJSON_GetStringValue(expected));
}

static void assert_found(const caws_found_credentials *found, const cJSON *expected)
{
    assert_text(found->keys.access_key_id, cJSON_GetObjectItem(expected, "access_key_id"));
    assert_text(found->keys.secret_access_key, cJSON_GetObjectItem(expected, "secret_access_key"));
    assert_text(found->keys.session_token, cJSON_GetObjectItem(expected, "session_token"));
    assert_text(found->account_id, cJSON_GetObjectItem(expected, "account_id"));
    const cJSON *expiry = cJSON_GetObjectItem(expected, "expiry");
    int64_t expires = expiry != NULL ? (int64_t)expiry->valuedouble : INT64_MAX;
    assert_true(found->expires == expires);
}

static void test_case_as_recorded(void **state)
{
    static const char *const paths[MAX_FILES] = {"/home/.aws/config", "/home/.aws/credentials",
                                                 "/token.jwt"};
    const char *name = *state;
    driver d;
    char *contents[MAX_FILES] = {NULL};
    driver_init(&d);
    d.fake.home = NULL; /* HOME says it */
    cJSON *environment = read_json(name, "env.json");
    const cJSON *variable = NULL;
    cJSON_ArrayForEach(variable, environment)
        fake_set(&d.fake, variable->string, cJSON_GetStringValue(variable));
    for (size_t i = 0; i < MAX_FILES && paths[i] != NULL; i++)
        put_file(&d, name, paths[i], &contents[i]);
    cJSON *traffic = read_json(name, "http-traffic.json");
    read_traffic(&d, traffic);
    cJSON *test = read_json(name, "test-case.json");
    const cJSON *result = cJSON_GetObjectItem(test, "result");
    const cJSON *expected = cJSON_GetObjectItem(result, "Ok");
    if (expected != NULL)
        assert_found(drive_found(&d, NULL), expected);
    else
        drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, "no credentials");
    driver_clear(&d);
    cJSON_Delete(environment);
    cJSON_Delete(traffic);
    cJSON_Delete(test);
    for (size_t i = 0; i < MAX_FILES; i++)
        free(contents[i]);
}

static void test_suite_is_whole(void **state)
{
    (void)state;
    assert_true(name_count >= SUITE_SIZE);
}

static void test_suite_is_absent(void **state)
{
    (void)state;
    print_message("skipped: no folder %s\n", root);
    skip();
}

static void find_cases(void)
{
    const char *vectors = getenv("CAWS_VECTORS");
    (void)snprintf(root, sizeof(root), "%s/credentials",
                   vectors != NULL ? vectors : CAWS_SOURCE_DIR "/../shared/vectors");
    DIR *folder = opendir(root);
    const struct dirent *entry = NULL;
    while (folder != NULL && name_count < MAX_CASES && (entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.')
            (void)snprintf(names[name_count++], sizeof(names[0]), "%.127s", entry->d_name);
    if (folder != NULL)
        (void)closedir(folder);
}

int main(void)
{
    static struct CMUnitTest tests[MAX_CASES + 1];
    find_cases();
    if (name_count == 0) {
        const struct CMUnitTest absent[] = {cmocka_unit_test(test_suite_is_absent)};
        return cmocka_run_group_tests(absent, NULL, NULL);
    }
    for (size_t i = 0; i < name_count; i++)
        tests[i] = (struct CMUnitTest){names[i], test_case_as_recorded, NULL, NULL, names[i]};
    tests[name_count] = (struct CMUnitTest)cmocka_unit_test(test_suite_is_whole);
    return _cmocka_run_group_tests("credentials_vectors", tests, name_count + 1, NULL, NULL);
}
