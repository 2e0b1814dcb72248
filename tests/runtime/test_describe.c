#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "describe.h"
#include "fake_system.h"

#define CONFIG      "/h/.aws/config"
#define CREDENTIALS "/h/.aws/credentials"

/* What is told, one "name = value (source)" a line. */
static char told[8192];

static void write_down(void *context, const char *name, const char *value, const char *source)
{
    assert_ptr_equal(context, told);
    size_t used = strlen(told);
    (void)snprintf(told + used, sizeof(told) - used, "%s = %s (%s)\n", name, value, source);
}

static void describe_found(fake_system *fake, const caws_client_options *options,
                           const caws_found_credentials *found)
{
    const caws_system system = fake_system_of(fake);
    caws_settings settings = {0};
    caws_error error = CAWS_ERROR_INIT;
    caws_status status = caws_settings_load_from(&settings, options, &system, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, CAWS_OK);
    told[0] = '\0';
    caws_settings_describe(&settings, found, write_down, told);
    caws_settings_clear(&settings);
}

static void describe(fake_system *fake, const caws_client_options *options)
{
    describe_found(fake, options, NULL);
}

static void tells(const char *line)
{
    if (strstr(told, line) == NULL)
        fail_msg("no \"%s\" in:\n%s", line, told);
}

static void tells_defaults(void **state)
{
    (void)state;
    fake_system fake = {0};
    describe(&fake, NULL);
    assert_string_equal(told,
                        "profile = default (default)\n"
                        "config_file = (none) (default; nothing there that can be read)\n"
                        "credentials_file = (none) (default; nothing there that can be read)\n"
                        "access_key_id = (found by the first call) (default)\n"
                        "secret_access_key = (found by the first call) (default)\n"
                        "session_token = (found by the first call) (default)\n"
                        "account_id = (found by the first call) (default)\n"
                        "region = (none) (default)\n"
                        "ignore_configured_endpoint_urls = false (default)\n"
                        "services = (none) (default)\n"
                        "use_fips_endpoint = false (default)\n"
                        "use_dualstack_endpoint = false (default)\n"
                        "no_host_prefix = false (default)\n"
                        "account_id_endpoint_mode = preferred (default)\n"
                        "retry_mode = standard (default)\n"
                        "max_attempts = 3 (default)\n"
                        "defaults_mode = (none) (default)\n"
                        "connect_timeout_ms = 10000 (default)\n"
                        "timeout_ms = 60000 (default)\n"
                        "max_response_bytes = 67108864 (default)\n"
                        "ca_bundle = (none) (default)\n"
                        "proxy = (none) (default)\n"
                        "app_id = (none) (default)\n"
                        "validation = all (default)\n");
}

static void tells_options(void **state)
{
    (void)state;
    fake_system fake = {.home = "/h"};
    fake_write(&fake, CONFIG, "[profile dev]\n");
    const caws_client_options options = {
        .profile = "dev",
        .region = "eu-west-1",
        .endpoint_url = "http://localhost:1",
        .use_fips_endpoint = CAWS_TOGGLE_ON,
        .use_dualstack_endpoint = CAWS_TOGGLE_OFF,
        .no_host_prefix = true,
        .retry_mode = CAWS_RETRY_OFF,
        .connect_timeout_ms = 1,
        .timeout_ms = 2,
        .max_response_bytes = 3,
        .validation = CAWS_VALIDATE_REQUIRED,
        .ca_bundle = "/ca.pem",
        .proxy = "",
        .app_id = "app",
        .account_id_endpoint_mode = "required",
    };
    describe(&fake, &options);
    tells("profile = dev (option profile)\n");
    tells("config_file = " CONFIG " (default)\n");
    tells("credentials_file = " CREDENTIALS " (default; nothing there that can be read)\n");
    tells("region = eu-west-1 (option region)\n");
    tells("endpoint_url = http://localhost:1 (option endpoint_url)\n");
    tells("use_fips_endpoint = true (option use_fips_endpoint)\n");
    tells("use_dualstack_endpoint = false (option use_dualstack_endpoint)\n");
    tells("no_host_prefix = true (option no_host_prefix)\n");
    tells("retry_mode = off (option retry_mode)\n");
    tells("max_attempts = 1 (option retry_mode)\n");
    tells("connect_timeout_ms = 1 (option connect_timeout_ms)\n");
    tells("timeout_ms = 2 (option timeout_ms)\n");
    tells("max_response_bytes = 3 (option max_response_bytes)\n");
    tells("validation = required (option validation)\n");
    tells("ca_bundle = /ca.pem (option ca_bundle)\n");
    tells("proxy =  (option proxy)\n");
    tells("app_id = app (option app_id)\n");
    tells("account_id_endpoint_mode = required (option account_id_endpoint_mode)\n");
}

static void tells_every_retry_mode(void **state)
{
    (void)state;
    fake_system fake = {.home = "/h"};
    describe(&fake, &(caws_client_options){.retry_mode = CAWS_RETRY_ADAPTIVE});
    tells("retry_mode = adaptive (option retry_mode)\n");
    describe(&fake, &(caws_client_options){.retry_mode = CAWS_RETRY_STANDARD});
    tells("retry_mode = standard (option retry_mode)\n");
}

static void tells_environment_and_files(void **state)
{
    (void)state;
    fake_system fake = {.home = "/h"};
    char all[] = "AWS_ENDPOINT_URL=http://all";
    char logs[] = "AWS_ENDPOINT_URL_LOGS=http://logs";
    fake.entries[0] = logs;
    fake.entries[1] = all;
    fake_set(&fake, "AWS_PROFILE", "dev");
    fake_set(&fake, "AWS_CONFIG_FILE", "/etc/aws");
    fake_set(&fake, "AWS_DEFAULTS_MODE", "in-region");
    fake_write(&fake, "/etc/aws",
               "[profile dev]\nregion = mars\nendpoint_url = http://profile\nservices = s\n"
               "[services s]\nsts =\n  endpoint_url = http://hidden\n  endpoint_url = http://sts\n"
               "s3 =\n  other = 1\n  endpoint_url = http://s3\n"
               "[services t]\nsqs =\n  endpoint_url = http://sqs\n");
    describe(&fake, NULL);
    tells("profile = dev (AWS_PROFILE)\n");
    tells("config_file = /etc/aws (AWS_CONFIG_FILE)\n");
    tells("region = mars (/etc/aws:2: region)\n");
    tells("connect_timeout_ms = 1100 (AWS_DEFAULTS_MODE)\n");
    tells("endpoint_url = http://logs (AWS_ENDPOINT_URL_LOGS)\n"
          "endpoint_url = http://all (AWS_ENDPOINT_URL)\n"
          "endpoint_url = http://s3 (/etc/aws:11: endpoint_url of s3)\n"
          "endpoint_url = http://sts (/etc/aws:8: endpoint_url of sts)\n"
          "endpoint_url = http://profile (/etc/aws:3: endpoint_url)\n");
    assert_null(strstr(told, "hidden"));
    assert_null(strstr(told, "sqs"));

    fake_set(&fake, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    describe(&fake, NULL);
    assert_null(strstr(told, "http://"));
}

static void masks_secrets(void **state)
{
    (void)state;
    fake_system fake = {.home = "/h"};
    char all[] = "AWS_ENDPOINT_URL=http://user:verysecret@all";
    fake.entries[0] = all;
    fake_set(&fake, "AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
    fake_set(&fake, "AWS_SECRET_ACCESS_KEY", "verysecret");
    fake_set(&fake, "AWS_SESSION_TOKEN", "verysecret");
    fake_write(&fake, CONFIG, "[default]\nendpoint_url = http://host/?verysecret\n");
    const caws_client_options options = {.proxy = "http://user:verysecret@proxy"};
    describe(&fake, &options);
    assert_null(strstr(told, "verysecret"));
    assert_null(strstr(told, "AKIA"));
    tells("access_key_id = ****************MPLE (AWS_ACCESS_KEY_ID)\n");
    tells("secret_access_key = **** (AWS_ACCESS_KEY_ID)\n");
    tells("session_token = **** (AWS_ACCESS_KEY_ID)\n");
    tells("proxy = (set, but may hold a secret) (option proxy)\n");

    const caws_credentials keys = {"short-key-id-15", "verysecret", NULL};
    const caws_client_options explicit_keys = {.credentials = &keys};
    describe(&fake, &explicit_keys);
    tells("access_key_id = **************** (option credentials)\n");
    tells("session_token = (none) (option credentials)\n");
    tells("account_id = (none) (option credentials)\n");
}

static bool no_credentials(void *context, caws_provided_credentials *provided)
{
    (void)context;
    (void)provided;
    return false;
}

static void tells_what_was_found(void **state)
{
    (void)state;
    fake_system fake = {0};
    const caws_found_credentials found = {
        .keys = {"AKIAIOSFODNN7EXAMPLE", "verysecret", "verysecret"},
        .account_id = "123456789012",
        .source = "profile \"dev\" in /h/.aws/config"};
    describe_found(&fake, NULL, &found);
    assert_null(strstr(told, "verysecret"));
    tells("access_key_id = ****************MPLE (profile \"dev\" in /h/.aws/config)\n");
    tells("secret_access_key = **** (profile \"dev\" in /h/.aws/config)\n");
    tells("session_token = **** (profile \"dev\" in /h/.aws/config)\n");
    tells("account_id = 123456789012 (profile \"dev\" in /h/.aws/config)\n");

    const caws_client_options callback = {.credentials_callback = no_credentials};
    describe(&fake, &callback);
    tells("access_key_id = (found by the first call) (option credentials_callback)\n");

    const caws_credentials keys = {"AKIAIOSFODNN7OPTIONS", "verysecret", NULL};
    const caws_client_options explicit_keys = {.credentials = &keys};
    describe_found(&fake, &explicit_keys, &found);
    tells("access_key_id = ****************IONS (option credentials)\n");
    tells("account_id = (none) (option credentials)\n");
    const caws_client_options with_account = {.credentials = &keys, .account_id = "210987654321"};
    describe_found(&fake, &with_account, &found);
    tells("account_id = 210987654321 (option credentials)\n");
}

/* A source that is longer than the room for it is cut, not written over the end. */
static void survives_long_paths(void **state)
{
    (void)state;
    char path[3000];
    memset(path, 'p', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    fake_system fake = {0};
    fake_set(&fake, "AWS_CONFIG_FILE", path);
    fake_write(&fake, path, "[default]\nendpoint_url = http://x\n");
    describe(&fake, NULL);
    tells("endpoint_url = http://x (ppp");
}

/* All the way: a file of this machine, a client, and its description. */
static void describes_a_client(void **state)
{
    (void)state;
    char path[] = "/tmp/caws-test-describe-XXXXXX";
    static const char config[] = "[profile dev]\nsdk_ua_app_id = it works\n";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, config, sizeof(config) - 1), sizeof(config) - 1);
    assert_int_equal(close(file), 0);
    assert_int_equal(setenv("AWS_CONFIG_FILE", path, 1), 0);
    assert_int_equal(setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/at/all", 1), 0);
    assert_int_equal(unsetenv("AWS_SDK_UA_APP_ID"), 0);
    const caws_client_options options = {.profile = "dev"};
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = caws_client_new(&options, &error);
    assert_int_equal(unlink(path), 0);
    assert_string_equal(error.message, "");
    assert_non_null(client);
    told[0] = '\0';
    caws_client_describe(client, write_down, told);
    char line[128];
    (void)snprintf(line, sizeof(line), "app_id = it-works (%s:2: sdk_ua_app_id)\n", path);
    tells(line);
    tells("credentials_file = /nowhere/at/all (AWS_SHARED_CREDENTIALS_FILE; nothing there that can "
          "be read)\n");
    caws_client_describe(NULL, write_down, told);
    caws_client_describe(client, NULL, told);
    caws_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_defaults),         cmocka_unit_test(tells_options),
        cmocka_unit_test(tells_every_retry_mode), cmocka_unit_test(tells_environment_and_files),
        cmocka_unit_test(masks_secrets),          cmocka_unit_test(tells_what_was_found),
        cmocka_unit_test(survives_long_paths),    cmocka_unit_test(describes_a_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
