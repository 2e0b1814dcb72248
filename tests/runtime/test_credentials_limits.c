/* What the services that hand out credentials may answer, up to the limits of it. */
/* clang-format off: cmocka.h needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
/* clang-format on */

#include "credentials_driver.h"

#define BASE  "http://169.254.169.254"
#define ROLES "/latest/meta-data/iam/security-credentials/"

static const char good[] = "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hush\",\"Token\":\"c\","
                           "\"Expiration\":\"2030-01-01T00:00:00Z\"}";

static void container(driver *d, const char *url)
{
    driver_init(d);
    fake_set(&d->fake, "AWS_EC2_METADATA_DISABLED", "true");
    fake_set(&d->fake, "AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
}

static void assert_good(const caws_found_credentials *found)
{
    assert_string_equal(found->keys.secret_access_key, "hush");
}

static void test_container_has_too_much_to_do(void **state)
{
    static const int passing[] = {429, 500, 599};
    static const int lasting[] = {428, 430, 499, 400};
    (void)state;
    for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++) {
        driver d;
        container(&d, "http://127.0.0.1/x");
        expect_exchange(&d, "GET", "http://127.0.0.1/x", passing[i], NULL);
        expect_exchange(&d, "GET", "http://127.0.0.1/x", 200, good);
        assert_good(drive_found(&d, NULL));
        driver_clear(&d);
    }
    for (size_t i = 0; i < sizeof(lasting) / sizeof(lasting[0]); i++) {
        driver d;
        container(&d, "http://127.0.0.1/x");
        expect_exchange(&d, "GET", "http://127.0.0.1/x", lasting[i], NULL);
        drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, "HTTP 4");
        driver_clear(&d);
    }
}

/* Those that IAM allows, and their neighbours in ASCII. */
static void test_characters_of_roles(void **state)
{
    static const char allowed[] = "azAZ09_+=,.@-";
    static const char refused[] = "`{[/:;<?%#&\"'\\ \t|~!$*()^]}";
    (void)state;
    for (size_t i = 0; allowed[i] != '\0'; i++) {
        driver d;
        char role[] = {'r', allowed[i], '\0'};
        char url[128];
        (void)snprintf(url, sizeof(url), BASE ROLES "%s", role);
        driver_init(&d);
        expect_exchange(&d, "PUT", BASE "/latest/api/token", 200, "tok");
        expect_exchange(&d, "GET", BASE ROLES, 200, role);
        expect_exchange(&d, "GET", url, 200, good);
        assert_good(drive_found(&d, NULL));
        driver_clear(&d);
    }
    for (size_t i = 0; refused[i] != '\0'; i++) {
        driver d;
        char role[] = {'r', refused[i], '\0'};
        driver_init(&d);
        expect_exchange(&d, "PUT", BASE "/latest/api/token", 200, "tok");
        expect_exchange(&d, "GET", BASE ROLES, 200, role);
        drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, "the answer is no name of a role");
        driver_clear(&d);
    }
}

static void test_shortest_and_longest_answers(void **state)
{
    enum { MOST = 2048 }; /* of a token and of a role's name */
    static char longest[MOST + 1];
    static char longer[MOST + 2];
    static char url[MOST + 128];
    driver d;
    (void)state;
    driver_init(&d);
    expect_exchange(&d, "PUT", BASE "/latest/api/token", 200, "t");
    expect_exchange(&d, "GET", BASE ROLES, 200, "r");
    expect_exchange(&d, "GET", BASE ROLES "r", 200, good);
    assert_good(drive_found(&d, NULL));
    driver_clear(&d);

    memset(longest, 'x', MOST);
    memset(longer, 'x', MOST + 1);
    (void)snprintf(url, sizeof(url), BASE ROLES "%s", longest);
    driver_init(&d);
    expect_exchange(&d, "PUT", BASE "/latest/api/token", 200, longest);
    expect_exchange(&d, "GET", BASE ROLES, 200, longest);
    expect_exchange(&d, "GET", url, 200, good);
    assert_good(drive_found(&d, NULL));
    driver_clear(&d);

    driver_init(&d);
    expect_exchange(&d, "PUT", BASE "/latest/api/token", 200, longer);
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, "the answer is no token");
    driver_clear(&d);

    driver_init(&d);
    expect_exchange(&d, "PUT", BASE "/latest/api/token", 200, "tok");
    expect_exchange(&d, "GET", BASE ROLES, 200, longer);
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, "the answer is no name of a role");
    driver_clear(&d);
}

/* Bytes behind it would be sent to nobody, or somewhere else. */
static void test_token_with_a_nul(void **state)
{
    driver d;
    (void)state;
    driver_init(&d);
    assert_int_equal(caws_profiles_load(&d.profiles, &d.system, NULL, &d.error), CAWS_OK);
    d.sources.profiles = &d.profiles;
    d.fetch = caws_fetch_new(&d.sources);
    assert_int_equal(caws_fetch_step(d.fetch, NULL, &d.error), CAWS_FETCH_SEND);
    const caws_fetch_answer answer = {.http_status = 200, .body = "tok\0en", .body_length = 6};
    assert_int_equal(caws_fetch_step(d.fetch, &answer, &d.error), CAWS_FETCH_FAILED);
    assert_non_null(strstr(d.error.message, "the answer is no token"));
    driver_clear(&d);
}

static void test_instance_has_too_much_to_do(void **state)
{
    static const int passing[] = {0, 429, 500, 503};
    (void)state;
    for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++) {
        driver d;
        driver_init(&d);
        fake_set(&d.fake, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "2");
        expect_exchange(&d, "PUT", BASE "/latest/api/token", passing[i], NULL);
        expect_exchange(&d, "PUT", BASE "/latest/api/token", 200, "tok");
        expect_exchange(&d, "GET", BASE ROLES, passing[i], NULL);
        expect_exchange(&d, "GET", BASE ROLES, 200, "role");
        expect_exchange(&d, "GET", BASE ROLES "role", 200, good);
        assert_good(drive_found(&d, NULL));
        driver_clear(&d);
    }
    driver d;
    driver_init(&d);
    fake_set(&d.fake, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "2");
    expect_exchange(&d, "PUT", BASE "/latest/api/token", 430, NULL);
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, "HTTP 430");
    driver_clear(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_container_has_too_much_to_do),
        cmocka_unit_test(test_characters_of_roles),
        cmocka_unit_test(test_shortest_and_longest_answers),
        cmocka_unit_test(test_token_with_a_nul),
        cmocka_unit_test(test_instance_has_too_much_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
