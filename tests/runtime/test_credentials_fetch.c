/* The order of the chain, the environment, profiles and programs. */
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

#include "credentials_driver.h"

#define CONFIG      "/h/.aws/config"
#define CREDENTIALS "/h/.aws/credentials"

static void no_instance(driver *d)
{
    fake_set(&d->fake, "AWS_EC2_METADATA_DISABLED", "true");
}

/* Fails without a request, telling text. */
static void config_fails(const char *config, caws_status status, const char *text)
{
    driver d;
    driver_init(&d);
    fake_write(&d.fake, CONFIG, config);
    no_instance(&d);
    drive_fails(&d, NULL, status, text);
    assert_null(strstr(d.error.message, "hush-hush"));
    driver_clear(&d);
}

static void test_everybody_is_listed(void **state)
{
    driver d;
    (void)state;
    driver_init(&d);
    expect_exchange(&d, "PUT", "http://169.254.169.254/latest/api/token", 0, NULL);
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS,
                "no credentials; environment variables: AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY are not set; profile \"default\" is neither in " CREDENTIALS
                " nor in " CONFIG "; container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and "
                "AWS_CONTAINER_CREDENTIALS_FULL_URI are not set; instance metadata "
                "(http://169.254.169.254): no answer in time");
    driver_clear(&d);
}

static void test_environment(void **state)
{
    driver d;
    (void)state;
    driver_init(&d);
    fake_set(&d.fake, "AWS_ACCESS_KEY_ID", "AKID");
    fake_set(&d.fake, "AWS_SECRET_ACCESS_KEY", "hush-hush");
    const caws_found_credentials *found = drive_found(&d, NULL);
    assert_string_equal(found->keys.access_key_id, "AKID");
    assert_string_equal(found->keys.secret_access_key, "hush-hush");
    assert_null(found->keys.session_token);
    assert_null(found->account_id);
    assert_true(found->expires == INT64_MAX);
    assert_string_equal(found->source, "environment variables");
    /* done is done */
    assert_int_equal(caws_fetch_step(d.fetch, NULL, &d.error), CAWS_FETCH_DONE);
    driver_again(&d);
    fake_set(&d.fake, "AWS_SESSION_TOKEN", "TOKEN");
    fake_set(&d.fake, "AWS_ACCOUNT_ID", "123456789012");
    found = drive_found(&d, NULL);
    assert_string_equal(found->keys.session_token, "TOKEN");
    assert_string_equal(found->account_id, "123456789012");
    driver_clear(&d);
}

static void test_half_of_a_pair_ends_the_search(void **state)
{
    driver d;
    (void)state;
    driver_init(&d);
    fake_write(&d.fake, CONFIG,
               "[default]\naws_access_key_id = a\naws_secret_access_key = hush-hush\n");
    fake_set(&d.fake, "AWS_ACCESS_KEY_ID", "AKID");
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS,
                "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
    driver_again(&d);
    fake_set(&d.fake, "AWS_ACCESS_KEY_ID", "");
    fake_set(&d.fake, "AWS_SECRET_ACCESS_KEY", "hush-hush");
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS,
                "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not");
    assert_null(strstr(d.error.message, "hush-hush"));
    driver_clear(&d);
    config_fails("[default]\naws_access_key_id = a\n", CAWS_ERROR_CREDENTIALS,
                 "profile \"default\" in " CONFIG
                 ": aws_access_key_id is set, but aws_secret_access_key is not");
    config_fails("[default]\naws_secret_access_key = hush-hush\n", CAWS_ERROR_CREDENTIALS,
                 "aws_secret_access_key is set, but aws_access_key_id is not");
}

static void test_control_characters(void **state)
{
    driver d;
    (void)state;
    driver_init(&d);
    no_instance(&d);
    fake_set(&d.fake, "AWS_ACCESS_KEY_ID", "AKID");
    fake_set(&d.fake, "AWS_SECRET_ACCESS_KEY", "hush-hush\n");
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS,
                "AWS_SECRET_ACCESS_KEY has a line break or control character");
    driver_clear(&d);
}

/* The environment goes before a profile that AWS_PROFILE names, not before one that the option
 * does. */
static void test_profile_by_option_goes_before_the_environment(void **state)
{
    driver d;
    (void)state;
    driver_init(&d);
    fake_write(&d.fake, CONFIG,
               "[profile dev]\naws_access_key_id = DEV\naws_secret_access_key = s\n");
    fake_set(&d.fake, "AWS_ACCESS_KEY_ID", "ENV");
    fake_set(&d.fake, "AWS_SECRET_ACCESS_KEY", "s");
    fake_set(&d.fake, "AWS_PROFILE", "dev");
    assert_string_equal(drive_found(&d, NULL)->keys.access_key_id, "ENV");
    driver_again(&d);
    assert_string_equal(drive_found(&d, "dev")->keys.access_key_id, "DEV");
    assert_string_equal(caws_fetch_found(d.fetch)->source, "profile \"dev\" in " CONFIG);
    driver_clear(&d);
}

static void test_named_profile_has_to_exist(void **state)
{
    driver d;
    (void)state;
    driver_init(&d);
    fake_set(&d.fake, "AWS_PROFILE", "dve");
    drive_fails(&d, NULL, CAWS_ERROR_CONFIGURATION,
                "profile \"dve\", chosen by AWS_PROFILE, is neither in " CREDENTIALS
                " nor in " CONFIG);
    driver_again(&d);
    drive_fails(&d, "dev", CAWS_ERROR_CONFIGURATION, "profile \"dev\", chosen by option, is");
    driver_clear(&d);
}

static void test_no_home(void **state)
{
    driver d;
    (void)state;
    driver_init(&d);
    d.fake.home = NULL;
    no_instance(&d);
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS,
                "profile \"default\" is nowhere: there is no home folder");
    driver_clear(&d);
}

static void test_keys_of_both_files(void **state)
{
    driver d;
    (void)state;
    driver_init(&d);
    fake_write(&d.fake, CONFIG,
               "[default]\naws_access_key_id = OLD\naws_secret_access_key = old\n"
               "aws_session_token = OLDTOKEN\naws_account_id = 111122223333\n");
    fake_write(&d.fake, CREDENTIALS,
               "[default]\naws_access_key_id = NEW\naws_secret_access_key = new\n");
    const caws_found_credentials *found = drive_found(&d, NULL);
    assert_string_equal(found->keys.access_key_id, "NEW");
    assert_string_equal(found->keys.secret_access_key, "new");
    assert_null(found->keys.session_token); /* it belongs to the old pair */
    assert_string_equal(found->account_id, "111122223333");
    assert_string_equal(found->source, "profile \"default\" in " CREDENTIALS);
    driver_clear(&d);
}

static void test_what_is_not_supported_is_told(void **state)
{
    static const char *const cases[][2] = {
        {"role_arn = r\nsource_profile = base\n[profile base]\naws_access_key_id = a\n",
         "profile \"default\" in " CONFIG
         ": role_arn: to assume a role needs AWS STS, which caws does not support yet; container"},
        {"role_arn = r\ncredential_source = Environment\n", "does not support yet; container"},
        {"role_arn = r\ncredential_source = environment\n",
         "moreover, credential_source is none of Environment, Ec2InstanceMetadata, EcsContainer"},
        {"role_arn = r\n", "role_arn has neither source_profile nor credential_source"},
        {"role_arn = r\nsource_profile = x\ncredential_source = Environment\n",
         "role_arn has both source_profile and credential_source"},
        {"role_arn = r\nsource_profile = gone\n",
         "source_profile names profile \"gone\", which is in neither file"},
        {"role_arn = r\nsource_profile = b\n[profile b]\nrole_arn = r\nsource_profile = c\n"
         "[profile c]\nrole_arn = r\nsource_profile = b\n",
         "source_profile leads in a circle, back to profile \"b\""},
        {"role_arn = r\nsource_profile = default\n",
         "source_profile leads in a circle, back to profile \"default\""},
        /* a role by the profile's own keys, which must not be taken for the role's */
        {"role_arn = r\nsource_profile = default\naws_access_key_id = a\n"
         "aws_secret_access_key = b\n",
         "does not support yet; container"},
        {"role_arn = r\nweb_identity_token_file = /t\n",
         "profile \"default\" in " CONFIG
         ": web_identity_token_file: this needs AWS STS, which caws does not support yet"},
        {"sso_session = s\nsso_account_id = 1\nsso_role_name = r\n",
         "sso_account_id: this needs IAM Identity Center (SSO)"},
        {"sso_role_name = r\n", "sso_role_name: this needs IAM Identity Center (SSO)"},
        {"login_session = x\n", "login_session: this needs the AWS sign-in service"},
        {"region = x\n", "profile \"default\" has no credentials"},
    };
    char config[1024];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)snprintf(config, sizeof(config), "[default]\n%s", cases[i][0]);
        config_fails(config, CAWS_ERROR_CREDENTIALS, cases[i][1]);
    }
}

static void test_long_chain_of_sources(void **state)
{
    char config[4096] = "[default]\nrole_arn = r\nsource_profile = p0\n";
    (void)state;
    for (int i = 0; i < 40; i++) {
        char section[128];
        (void)snprintf(section, sizeof(section),
                       "[profile p%d]\nrole_arn = r\nsource_profile = p%d\n", i, i + 1);
        strcat(config, section);
    }
    config_fails(config, CAWS_ERROR_CREDENTIALS, "source_profile leads over more than 16 profiles");
}

/* Tools write keys into profiles for programs that know no SSO. */
static void test_keys_beside_sso(void **state)
{
    driver d;
    (void)state;
    driver_init(&d);
    fake_write(&d.fake, CONFIG, "[default]\nsso_account_id = 1\nsso_role_name = r\n");
    fake_write(&d.fake, CREDENTIALS,
               "[default]\naws_access_key_id = a\naws_secret_access_key = b\n"
               "aws_session_token = c\n");
    assert_string_equal(drive_found(&d, NULL)->keys.session_token, "c");
    driver_clear(&d);
}

static void test_web_identity_of_the_environment(void **state)
{
    driver d;
    (void)state;
    driver_init(&d);
    no_instance(&d);
    fake_set(&d.fake, "AWS_WEB_IDENTITY_TOKEN_FILE", "/token");
    fake_set(&d.fake, "AWS_ROLE_ARN", "r");
    drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS,
                "; web identity: AWS_WEB_IDENTITY_TOKEN_FILE is set, but that needs AWS STS");
    assert_int_equal(d.fake.reads, 2); /* the two shared files */
    driver_clear(&d);
}

static void process_config(driver *d, char config[2048], const char *command)
{
    (void)snprintf(config, 2048, "[default]\naws_account_id = 111\ncredential_process = %s\n",
                   command);
    driver_init(d);
    d->sleeps = true;
    fake_write(&d->fake, CONFIG, config);
    no_instance(d);
}

static void test_process(void **state)
{
    driver d;
    char config[2048];
    (void)state;
    process_config(&d, config,
                   "printf '%s' '{\"Version\": 1, \"AccessKeyId\": \"a\", \"SecretAccessKey\": "
                   "\"b\", \"SessionToken\": \"c\", \"Expiration\": \"2009-02-13T23:31:30Z\"}'");
    const caws_found_credentials *found = drive_found(&d, NULL);
    assert_string_equal(found->keys.access_key_id, "a");
    assert_string_equal(found->keys.secret_access_key, "b");
    assert_string_equal(found->keys.session_token, "c");
    assert_string_equal(found->account_id, "111");
    assert_true(found->expires == 1234567890);
    assert_false(found->outlasting);
    assert_string_equal(found->source, "profile \"default\" in " CONFIG ", credential_process");
    assert_true(d.waits > 0);
    driver_clear(&d);
    process_config(&d, config,
                   "echo '{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\","
                   "\"SessionToken\":null,\"AccountId\":\"222\"}'");
    found = drive_found(&d, NULL);
    assert_null(found->keys.session_token);
    assert_string_equal(found->account_id, "222");
    assert_true(found->expires == INT64_MAX);
    driver_clear(&d);
}

static void test_process_that_fails(void **state)
{
    static const char *const cases[][2] = {
        {"tool \"open", "credential_process: a quotation mark is not closed"},
        {"\"\"", "credential_process: there is no program in it"},
        {"sh -c 'echo  no such   vault >&2; exit 2'",
         "credential_process: the program ended with status 2: no such vault; container"},
        {"sh -c 'kill -15 $$'", "credential_process: the program ended with signal 15; container"},
        {"true", "credential_process: the answer is no JSON object"},
        {"echo '<html>'", "credential_process: the answer is no JSON object"},
        {"echo '[]'", "credential_process: the answer is no JSON object"},
        {"echo '{}'", "the output's \"Version\" is not 1"},
        {"echo '{\"Version\": 2}'", "the output's \"Version\" is not 1"},
        {"echo '{\"Version\": \"1\"}'", "the output's \"Version\" is not 1"},
        {"echo '{\"Version\": 1}'", "\"AccessKeyId\" is missing in the answer"},
        {"echo '{\"Version\": 1, \"AccessKeyId\": \"a\"}'", "\"SecretAccessKey\" is missing"},
        {"echo '{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":5}'",
         "\"SecretAccessKey\" is no string"},
        {"echo '{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hush-hush\","
         "\"Expiration\":\"soon\"}'",
         "\"Expiration\" is no ISO 8601 time"},
        {"echo '{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hush-hush\"} x'",
         "the answer is no JSON object"},
        {"printf '%s' "
         "'{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"SECRET\\u000a\"}'",
         "SecretAccessKey has a line break or control character"},
        {"cat /dev/zero", "the program wrote more than 65536 bytes"},
    };
    driver d;
    char config[2048];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        process_config(&d, config, cases[i][0]);
        drive_fails(&d, NULL, CAWS_ERROR_CREDENTIALS, cases[i][1]);
        assert_null(strstr(d.error.message, "hush-hush"));
        driver_clear(&d);
    }
}

/* Some systems find out only in the child. */
static void test_process_that_is_not_there(void **state)
{
    driver d;
    char config[2048];
    (void)state;
    process_config(&d, config, "/nonexistent/tool --password hush-hush");
    assert_int_equal(drive(&d, NULL), CAWS_FETCH_FAILED);
    assert_true(strstr(d.error.message, "credential_process: cannot start \"/nonexistent/tool\": "
                                        "No such file or directory; container") != NULL ||
                strstr(d.error.message, "credential_process: the program ended with status 127"));
    assert_null(strstr(d.error.message, "hush-hush"));
    driver_clear(&d);
}

static void test_freed_while_the_program_runs(void **state)
{
    driver d;
    char config[2048];
    (void)state;
    process_config(&d, config, "sleep 30");
    assert_int_equal(caws_profiles_load(&d.profiles, &d.system, NULL, &d.error), CAWS_OK);
    d.sources.profiles = &d.profiles;
    d.fetch = caws_fetch_new(&d.sources);
    assert_int_equal(caws_fetch_step(d.fetch, NULL, &d.error), CAWS_FETCH_WAIT);
    assert_true(caws_fetch_wait_ms(d.fetch) > 0);
    int64_t before = caws_monotonic_ms();
    driver_clear(&d);
    assert_true(caws_monotonic_ms() - before < 5000);
    caws_fetch_free(NULL);
}

static void test_a_provider_that_fails_does_not_break_the_chain(void **state)
{
    driver d;
    char config[2048];
    (void)state;
    process_config(&d, config, "false");
    fake_set(&d.fake, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x");
    expect_exchange(&d, "GET", "http://169.254.170.2/x", 200,
                    "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\",\"Token\":\"c\","
                    "\"Expiration\":\"2030-01-01T00:00:00Z\"}");
    assert_string_equal(drive_found(&d, NULL)->source, "container");
    driver_clear(&d);
}

static void test_copy(void **state)
{
    (void)state;
    const caws_found_credentials from = {.keys = {"a", "b", NULL},
                                         .account_id = "c",
                                         .expires = 5,
                                         .outlasting = true,
                                         .source = "s"};
    caws_found_credentials *copy = caws_found_credentials_new(&from);
    assert_non_null(copy);
    assert_string_equal(copy->keys.access_key_id, "a");
    assert_ptr_not_equal(copy->keys.access_key_id, from.keys.access_key_id);
    assert_null(copy->keys.session_token);
    assert_true(copy->expires == 5 && copy->outlasting);
    caws_found_credentials_free(copy);
    caws_found_credentials_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everybody_is_listed),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_half_of_a_pair_ends_the_search),
        cmocka_unit_test(test_control_characters),
        cmocka_unit_test(test_profile_by_option_goes_before_the_environment),
        cmocka_unit_test(test_named_profile_has_to_exist),
        cmocka_unit_test(test_no_home),
        cmocka_unit_test(test_keys_of_both_files),
        cmocka_unit_test(test_what_is_not_supported_is_told),
        cmocka_unit_test(test_long_chain_of_sources),
        cmocka_unit_test(test_keys_beside_sso),
        cmocka_unit_test(test_web_identity_of_the_environment),
        cmocka_unit_test(test_process),
        cmocka_unit_test(test_process_that_fails),
        cmocka_unit_test(test_process_that_is_not_there),
        cmocka_unit_test(test_freed_while_the_program_runs),
        cmocka_unit_test(test_a_provider_that_fails_does_not_break_the_chain),
        cmocka_unit_test(test_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
