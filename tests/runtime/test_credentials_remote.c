/* Containers and instance metadata, and answers that are cut and garbled. */
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

#include <errno.h>

#include "credentials_driver.h"
#include "random.h"

#define RELATIVE "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define FULL     "AWS_CONTAINER_CREDENTIALS_FULL_URI"
#define TOKEN    "AWS_CONTAINER_AUTHORIZATION_TOKEN"
#define BASE     "http://169.254.169.254"
#define ROLES    "/latest/meta-data/iam/security-credentials/"

static const char good[] = "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hush\",\"Token\":\"c\","
                           "\"Expiration\":\"2030-01-01T00:00:00Z\",\"AccountId\":\"12\"}";

static void container(driver *d, const char *url)
{
    driver_init(d);
    fake_set(&d->fake, "AWS_EC2_METADATA_DISABLED", "TRUE");
    fake_set(&d->fake, FULL, url);
}

static void assert_good(const caws_found_credentials *found)
{
    assert_string_equal(found->keys.access_key_id, "a");
    assert_string_equal(found->keys.secret_access_key, "hush");
    assert_string_equal(found->keys.session_token, "c");
    assert_string_equal(found->account_id, "12");
    assert_true(found->expires == 1893456000);
}

static void test_hosts_that_are_allowed(void **state)
{
    static const char *const urls[] = {
        "http://127.0.0.1/x",      "http://127.255.0.9:8080/x?y=z", "http://localhost:51679/x",
        "http://[::1]/x",          "http://[0:0:0:0:0:0:0:1]:9/",   "http://169.254.170.2/x",
        "http://169.254.170.23/x", "http://[fd00:ec2::23]/x",       "http://[fd00:0ec2:0::23]",
        "https://example.com/x",   "https://10.0.0.1:444/x",        "HTTPS://example.com/",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        driver d;
        container(&d, urls[i]);
        expect_exchange(&d, "GET", urls[i], 200, good);
        assert_good(drive_found(&d, NULL));
        assert_false(caws_fetch_found(d.fetch)->outlasting);
        driver_clear(&d);
    }
}

static void test_hosts_that_are_not_allowed(void **state)
{
    static const char *const urls[] = {
        "http://example.com/x",
        "http://10.0.0.1/x",
        "http://128.0.0.1/",
        "http://126.255.255.255/",
        "http://169.254.169.254/x",
        "http://169.254.170.22/x",
        "http://169.254.170.2.example.com/x",
        "http://localhost.example.com/x",
        "http://127.0.0.1.example.com/x",
        "http://[fd00:ec2::24]/x",
        "http://ab/x",
        "http://[::2]/x",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.170.2@example.com/x",
        "http://example.com\\@127.0.0.1/x",
        "http://127.0.0.1\\@example.com/x",
        "http://127.0.0.1@example.com",
        "http://user:hush@127.0.0.1/x",
        "http://127.0.0.1/x#y",
        "http://127.0.0.1 /x",
        "http://127.0.0.1/x\r\nHost: y",
        "http:///x",
        "http:/127.0.0.1/x",
        "//127.0.0.1/x",
        "127.0.0.1/x",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "gopher://127.0.0.1/x",
        "http://127.0.0.1:99999/x",
        "http://127.0.0.1:x/",
        "http://[::1%25lo]/x",
        "http://",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        driver d;
        container(&d, urls[i]);
        drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, "container: " FULL " ");
        assert_null(strstr(d.error.message, "hush"));
        driver_clear(&d);
    }
}

static void test_relative_goes_before_full(void **state)
{
    driver d;
    (void)state;
    container(&d, "http://127.0.0.1/full");
    fake_set(&d.fake, RELATIVE, "/v2/id?x=y");
    expect_exchange(&d, "GET", "http://169.254.170.2/v2/id?x=y", 200, good);
    assert_good(drive_found(&d, NULL));
    driver_clear(&d);
}

static void test_relative_that_is_none(void **state)
{
    static const char *const paths[] = {"@example.com/", ".example.com/", ":80@example.com", "x",
                                        "/x\nHost: y",   "/x y"};
    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        driver d;
        container(&d, "http://127.0.0.1/full");
        fake_set(&d.fake, RELATIVE, paths[i]);
        drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, "container: " RELATIVE " ");
        driver_clear(&d);
    }
}

static void expect_token(driver *d, const char *token)
{
    expect_exchange(d, "GET", "http://127.0.0.1/x", 200, good);
    d->exchanges[0].header = "authorization";
    d->exchanges[0].header_value = token;
}

static void test_authorization(void **state)
{
    driver d;
    (void)state;
    container(&d, "http://127.0.0.1/x");
    fake_set(&d.fake, TOKEN, "Basic abc");
    expect_token(&d, "Basic abc");
    assert_good(drive_found(&d, NULL));
    driver_again(&d);
    fake_set(&d.fake, TOKEN "_FILE", "/token"); /* it goes before the value */
    fake_write(&d.fake, "/token", "first");
    d.exchanges[0].header_value = "first";
    assert_good(drive_found(&d, NULL));
    driver_again(&d);
    fake_write(&d.fake, "/token", "second"); /* read each time */
    d.exchanges[0].header_value = "second";
    assert_good(drive_found(&d, NULL));
    driver_clear(&d);
}

static void test_no_authorization_of_its_own(void **state)
{
    driver d;
    (void)state;
    container(&d, "http://127.0.0.1/x");
    expect_exchange(&d, "GET", "http://127.0.0.1/x", 200, good);
    assert_good(drive_found(&d, NULL));
    assert_null(wanted_header(caws_fetch_wanted(d.fetch), "authorization"));
    driver_clear(&d);
}

static void test_authorization_that_is_no_good(void **state)
{
    driver d;
    char *huge = malloc(20001);
    (void)state;
    container(&d, "http://127.0.0.1/x");
    fake_set(&d.fake, TOKEN, "hush\r\nX: y");
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, TOKEN " has a line break or control character");
    assert_null(strstr(d.error.message, "hush"));
    driver_again(&d);
    memset(huge, 'a', 20000);
    huge[20000] = '\0';
    fake_set(&d.fake, TOKEN, huge);
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, TOKEN " is over 16384 bytes");
    driver_again(&d);
    fake_set(&d.fake, TOKEN "_FILE", "/token");
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, TOKEN "_FILE: /token: No such file or directory");
    driver_again(&d);
    fake_write(&d.fake, "/token", huge);
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, TOKEN "_FILE: /token: File too large");
    driver_again(&d);
    fake_fail(&d.fake, "/token", EACCES);
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, "Permission denied");
    driver_again(&d);
    fake_write(&d.fake, "/token", "");
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, TOKEN "_FILE: /token is empty");
    driver_again(&d);
    fake_write(&d.fake, "/token", "hush\n");
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, TOKEN "_FILE has a line break");
    driver_again(&d);
    d.fake.files[d.fake.file_count++] = (fake_file){"/token", "a\0b", 3, 0};
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, TOKEN "_FILE has a line break");
    driver_clear(&d);
    free(huge);
}

static void test_container_tries_again(void **state)
{
    driver d;
    (void)state;
    container(&d, "http://127.0.0.1/x");
    expect_exchange(&d, "GET", "http://127.0.0.1/x", 0, NULL);
    expect_exchange(&d, "GET", "http://127.0.0.1/x", 503, "busy");
    expect_exchange(&d, "GET", "http://127.0.0.1/x", 200, good);
    assert_good(drive_found(&d, NULL));
    assert_int_equal(d.waits, 2);
    assert_int_equal(d.waited_ms, 2000);
    driver_again(&d);
    d.exchanges[2] = (exchange){"GET", "http://127.0.0.1/x", 0, NULL, "refused\n it", NULL, NULL};
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, "container: no answer: refused it; instance");
    driver_clear(&d);
}

typedef struct bad_answer {
    int http_status;
    const char *body;
    const char *text;
} bad_answer;

static const bad_answer bad_answers[] = {
    {200, NULL, "the answer is no JSON object"},
    {200, "", "the answer is no JSON object"},
    {200, "<html>hush</html>", "the answer is no JSON object"},
    {200, "null", "the answer is no JSON object"},
    {200, "{\"AccessKeyId\":\"a\"", "the answer is no JSON object"},
    {200, "{\"AccessKeyId\":\"a\"}}", "the answer is no JSON object"},
    {200, "{}", "\"AccessKeyId\" is missing"},
    {200, "{\"AccessKeyId\":\"\"}", "\"AccessKeyId\" is missing"},
    {200, "{\"accesskeyid\":\"a\"}", "\"AccessKeyId\" is missing"},
    {200, "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":null}", "\"SecretAccessKey\" is missing"},
    {200, "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hush\"}", "\"Token\" is missing"},
    {200, "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hush\",\"Token\":[\"c\"]}",
     "\"Token\" is no string"},
    {200, "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hush\",\"Token\":\"c\"}",
     "\"Expiration\" is missing"},
    {200,
     "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hush\",\"Token\":\"c\",\"Expiration\":"
     "\"2030-13-01T00:00:00Z\"}",
     "\"Expiration\" is no ISO 8601 time"},
    {200,
     "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hush\",\"Token\":\"c\\r\\nX: y\","
     "\"Expiration\":\"2030-01-01T00:00:00Z\"}",
     "Token has a line break or control character"},
    {200, "{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"EC2 cannot assume it\"}",
     ": AssumeRoleUnauthorizedAccess: EC2 cannot assume it"},
    {400, "{\"code\":\"Invalid\",\"message\":\"no\\nsuch id\"}", "HTTP 400: Invalid: no such id"},
    {404, "<html>hush</html>", "HTTP 404"},
    {302, "", "HTTP 302"},
    {204, NULL, "HTTP 204"},
};

enum { BAD_ANSWERS = sizeof(bad_answers) / sizeof(bad_answers[0]) };

static void test_container_answers_nonsense(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAD_ANSWERS; i++) {
        driver d;
        container(&d, "http://127.0.0.1/x");
        expect_exchange(&d, "GET", "http://127.0.0.1/x", bad_answers[i].http_status,
                        bad_answers[i].body);
        drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, bad_answers[i].text);
        assert_null(strstr(d.error.message, "hush"));
        driver_clear(&d);
    }
}

static void expect_instance(driver *d, int credentials_status, const char *credentials)
{
    expect_exchange(d, "PUT", BASE "/latest/api/token", 200, "tok==");
    expect_exchange(d, "GET", BASE ROLES, 200, "my+role=a,b.c@d-e_f");
    expect_exchange(d, "GET", BASE ROLES "my+role=a,b.c@d-e_f", credentials_status, credentials);
    d->exchanges[0].header = "x-aws-ec2-metadata-token-ttl-seconds";
    d->exchanges[0].header_value = "21600";
    d->exchanges[1].header = d->exchanges[2].header = "x-aws-ec2-metadata-token";
    d->exchanges[1].header_value = d->exchanges[2].header_value = "tok==";
}

static void test_instance(void **state)
{
    driver d;
    (void)state;
    driver_init(&d);
    expect_instance(&d, 200, good);
    const caws_found_credentials *found = drive_found(&d, NULL);
    assert_good(found);
    assert_true(found->outlasting);
    assert_string_equal(found->source, "instance metadata (role my+role=a,b.c@d-e_f)");
    assert_int_equal(caws_fetch_wanted(d.fetch)->connect_timeout_ms, 1000);
    assert_int_equal(caws_fetch_wanted(d.fetch)->timeout_ms, 2000);
    assert_int_equal(d.waits, 0);
    driver_clear(&d);
}

static void test_instance_answers_nonsense(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAD_ANSWERS; i++) {
        driver d;
        driver_init(&d);
        expect_instance(&d, bad_answers[i].http_status, bad_answers[i].body);
        drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, bad_answers[i].text);
        assert_null(strstr(d.error.message, "hush"));
        driver_clear(&d);
    }
}

static void test_instance_without_token(void **state)
{
    static const bad_answer cases[] = {
        {403, NULL, "instance metadata (" BASE "): HTTP 403: it is turned off"},
        {404, NULL, "HTTP 404: no version 2, which caws needs"},
        {405, NULL, "HTTP 405: no version 2, which caws needs"},
        {400, NULL, "HTTP 400"},
        {500, NULL, "HTTP 500"},
        {200, NULL, "the answer is no token"},
        {200, "", "the answer is no token"},
        {200, "tok\r\nX: y", "the answer is no token"},
        {0, NULL, "no answer in time"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        driver d;
        driver_init(&d);
        expect_exchange(&d, "PUT", BASE "/latest/api/token", cases[i].http_status, cases[i].body);
        drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, cases[i].text);
        driver_clear(&d);
    }
}

static void test_instance_without_role(void **state)
{
    static const bad_answer cases[] = {
        {404, "<html>", "the instance has no role"},
        {401, NULL, "HTTP 401"},
        {200, "", "the answer is no name of a role"},
        {200, "<html>", "the answer is no name of a role"},
        {200, "a/../../b", "the answer is no name of a role"},
        {200, "..", "the answer is no name of a role"},
        {200, "a b", "the answer is no name of a role"},
        {200, "a?b", "the answer is no name of a role"},
        {200, "\nrole", "the answer is no name of a role"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        driver d;
        driver_init(&d);
        expect_exchange(&d, "PUT", BASE "/latest/api/token", 200, "tok");
        expect_exchange(&d, "GET", BASE ROLES, cases[i].http_status, cases[i].body);
        drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, cases[i].text);
        driver_clear(&d);
    }
}

static void test_first_of_several_roles(void **state)
{
    driver d;
    (void)state;
    driver_init(&d);
    expect_exchange(&d, "PUT", BASE "/latest/api/token", 200, "tok");
    expect_exchange(&d, "GET", BASE ROLES, 200, "one\r\ntwo\n");
    expect_exchange(&d, "GET", BASE ROLES "one", 200, good);
    assert_good(drive_found(&d, NULL));
    driver_clear(&d);
}

static void test_instance_settings(void **state)
{
    driver d;
    (void)state;
    driver_init(&d);
    fake_write(&d.fake, "/h/.aws/config",
               "[default]\nec2_metadata_service_endpoint = http://from-file:81/base//\n"
               "metadata_service_timeout = 3\nmetadata_service_num_attempts = 2\n");
    expect_exchange(&d, "PUT", "http://from-file:81/base/latest/api/token", 0, NULL);
    expect_exchange(&d, "PUT", "http://from-file:81/base/latest/api/token", 503, NULL);
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, "(http://from-file:81/base): HTTP 503");
    assert_int_equal(caws_fetch_wanted(d.fetch)->connect_timeout_ms, 3000);
    assert_int_equal(d.waits, 0);
    driver_again(&d);
    fake_set(&d.fake, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://from-env/");
    fake_set(&d.fake, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6"); /* the URL wins */
    fake_set(&d.fake, "AWS_METADATA_SERVICE_TIMEOUT", "7");
    fake_set(&d.fake, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "1");
    d.exchange_count = 0;
    expect_exchange(&d, "PUT", "http://from-env/latest/api/token", 0, NULL);
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, "(http://from-env): no answer in time");
    assert_int_equal(caws_fetch_wanted(d.fetch)->connect_timeout_ms, 7000);
    driver_clear(&d);
}

static void test_instance_endpoints(void **state)
{
    static const char mode[] = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";
    static const char endpoint[] = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
    static const char *const cases[][3] = {
        {mode, "IPv6", "http://[fd00:ec2::254]"},
        {mode, "ipv6", "http://[fd00:ec2::254]"},
        {mode, "IPv4", BASE},
        {endpoint, "https://metadata.test:8443/x", "https://metadata.test:8443/x"},
        {endpoint, "https://m", "https://m"},
        {endpoint, "http://m", "http://m"}};
    char url[128];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        driver d;
        driver_init(&d);
        fake_set(&d.fake, cases[i][0], cases[i][1]);
        (void)snprintf(url, sizeof(url), "%s/latest/api/token", cases[i][2]);
        expect_exchange(&d, "PUT", url, 0, NULL);
        drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, "no answer in time");
        driver_clear(&d);
    }
}

static void test_instance_settings_that_are_no_good(void **state)
{
    static const char *const cases[][3] = {
        {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv5", "is neither IPv4 nor IPv6"},
        {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "169.254.169.254", "is no http URL"},
        {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://", "is no http URL"},
        {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http:///", "is no http URL"},
        {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "https://", "is no http URL"},
        {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "https:///x", "is no http URL"},
        {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "file:///x", "is no http URL"},
        {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://u:hush@h", "is no http URL"},
        {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://h/?x", "is no http URL"},
        {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://h\nx", "is no http URL"},
        {"AWS_METADATA_SERVICE_TIMEOUT", "0", "is no number from 1 to 3600"},
        {"AWS_METADATA_SERVICE_TIMEOUT", "-1", "is no number from 1 to 3600"},
        {"AWS_METADATA_SERVICE_TIMEOUT", "1.5", "is no number from 1 to 3600"},
        {"AWS_METADATA_SERVICE_TIMEOUT", "99999999999999999999999", "is no number from"},
        {"AWS_METADATA_SERVICE_NUM_ATTEMPTS", "101", "is no number from 1 to 100"},
        {"AWS_METADATA_SERVICE_NUM_ATTEMPTS", "x", "is no number from 1 to 100"},
        {"AWS_EC2_METADATA_DISABLED", "True", "turned off by AWS_EC2_METADATA_DISABLED"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        driver d;
        driver_init(&d);
        fake_set(&d.fake, cases[i][0], cases[i][1]);
        drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, cases[i][2]);
        assert_non_null(strstr(d.error.message, cases[i][0]));
        assert_null(strstr(d.error.message, "hush"));
        driver_clear(&d);
    }
}

/* One answer to a container's request, in a block of exactly its length. */
static caws_fetch_action feed(const char *text, size_t length, char *secret_told)
{
    driver d;
    container(&d, "http://127.0.0.1/x");
    char *exact = malloc(length > 0 ? length : 1);
    memcpy(exact, text, length);
    const caws_fetch_answer answer = {.http_status = 200, .body = exact, .body_length = length};
    d.fetch = caws_fetch_new(&d.sources);
    assert_int_equal(caws_fetch_step(d.fetch, NULL, &d.error), CAWS_FETCH_SEND);
    caws_fetch_action action = caws_fetch_step(d.fetch, &answer, &d.error);
    *secret_told = action == CAWS_FETCH_FAILED && strstr(d.error.message, "hush") != NULL;
    free(exact);
    driver_clear(&d);
    return action;
}

static void test_answers_that_are_cut(void **state)
{
    char told = 0;
    (void)state;
    for (size_t length = 0; length < sizeof(good) - 1; length++) {
        assert_int_equal(feed(good, length, &told), CAWS_FETCH_FAILED);
        assert_false(told);
    }
    assert_int_equal(feed(good, sizeof(good) - 1, &told), CAWS_FETCH_DONE);
}

static void test_answers_that_are_garbled(void **state)
{
    uint64_t random = 20260707;
    char told = 0;
    (void)state;
    for (int round = 0; round < 5000; round++) {
        char text[sizeof(good)];
        memcpy(text, good, sizeof(good));
        for (unsigned i = 1 + random_below(&random, 4); i > 0; i--)
            text[random_below(&random, sizeof(good) - 1)] = (char)random_below(&random, 256);
        caws_fetch_action action = feed(text, sizeof(good) - 1, &told);
        assert_true(action == CAWS_FETCH_DONE || action == CAWS_FETCH_FAILED);
        assert_false(told);
    }
}

static void test_answers_that_are_huge_or_deep(void **state)
{
    enum { HUGE_ANSWER = 64 * 1024 + 1 };
    char *text = malloc(HUGE_ANSWER);
    char told = 0;
    (void)state;
    memset(text, ' ', HUGE_ANSWER);
    memcpy(text, good, sizeof(good) - 1);
    assert_int_equal(feed(text, HUGE_ANSWER - 1, &told), CAWS_FETCH_DONE);
    assert_int_equal(feed(text, HUGE_ANSWER, &told), CAWS_FETCH_FAILED);
    memset(text, '[', HUGE_ANSWER);
    assert_int_equal(feed(text, HUGE_ANSWER - 1, &told), CAWS_FETCH_FAILED);
    memcpy(text, "{\"a\":", 5);
    assert_int_equal(feed(text, HUGE_ANSWER - 1, &told), CAWS_FETCH_FAILED);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts_that_are_allowed),
        cmocka_unit_test(test_hosts_that_are_not_allowed),
        cmocka_unit_test(test_relative_goes_before_full),
        cmocka_unit_test(test_relative_that_is_none),
        cmocka_unit_test(test_authorization),
        cmocka_unit_test(test_no_authorization_of_its_own),
        cmocka_unit_test(test_authorization_that_is_no_good),
        cmocka_unit_test(test_container_tries_again),
        cmocka_unit_test(test_container_answers_nonsense),
        cmocka_unit_test(test_instance),
        cmocka_unit_test(test_instance_answers_nonsense),
        cmocka_unit_test(test_instance_without_token),
        cmocka_unit_test(test_instance_without_role),
        cmocka_unit_test(test_first_of_several_roles),
        cmocka_unit_test(test_instance_settings),
        cmocka_unit_test(test_instance_endpoints),
        cmocka_unit_test(test_instance_settings_that_are_no_good),
        cmocka_unit_test(test_answers_that_are_cut),
        cmocka_unit_test(test_answers_that_are_garbled),
        cmocka_unit_test(test_answers_that_are_huge_or_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
