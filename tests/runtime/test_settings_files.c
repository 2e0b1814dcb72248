/* Settings from option, environment and shared files, with a system that is only in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_system.h"
#include "settings.h"

#define CONFIG      "/h/.aws/config"
#define CREDENTIALS "/h/.aws/credentials"

typedef struct fixture {
    fake_system fake;
    caws_system system;
    caws_settings settings;
} fixture;

static void init(fixture *f, const char *config)
{
    *f = (fixture){.fake = {.home = "/h"}};
    f->system = fake_system_of(&f->fake);
    if (config != NULL)
        fake_write(&f->fake, CONFIG, config);
}

static const caws_settings *load(fixture *f, const caws_client_options *options)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_settings_clear(&f->settings);
    caws_status status = caws_settings_load_from(&f->settings, options, &f->system, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, CAWS_OK);
    return &f->settings;
}

static void refuses(fixture *f, const caws_client_options *options, const char *message)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_settings_clear(&f->settings);
    assert_int_equal(caws_settings_load_from(&f->settings, options, &f->system, &error),
                     CAWS_ERROR_CONFIGURATION);
    assert_string_equal(error.message, message);
    caws_settings_clear(&f->settings);
    caws_error_clear(&error);
}

static void region_is(fixture *f, const caws_client_options *options, const char *region,
                      const char *source)
{
    const caws_settings *settings = load(f, options);
    if (region == NULL) {
        assert_null(settings->region);
        assert_null(settings->sources[CAWS_SETTING_REGION]);
        return;
    }
    assert_string_equal(settings->region, region);
    assert_string_equal(settings->sources[CAWS_SETTING_REGION], source);
}

static void asks_option_environment_and_file_in_that_order(void **state)
{
    (void)state;
    fixture f;
    init(&f, "[default]\nregion = from-config\n");
    fake_set(&f.fake, "AWS_REGION", "from-region");
    fake_set(&f.fake, "AWS_DEFAULT_REGION", "from-default-region");
    const caws_client_options option = {.region = "from-option"};
    region_is(&f, &option, "from-option", "option region");
    region_is(&f, NULL, "from-region", "AWS_REGION");
    fake_set(&f.fake, "AWS_REGION", "");
    region_is(&f, NULL, "from-default-region", "AWS_DEFAULT_REGION");
    fake_set(&f.fake, "AWS_DEFAULT_REGION", "");
    region_is(&f, NULL, "from-config", CONFIG ":2: region");
    fake_write(&f.fake, CREDENTIALS, "\n\n[default]\nregion = from-credentials\n");
    region_is(&f, NULL, "from-credentials", CREDENTIALS ":4: region");
    fake_write(&f.fake, CREDENTIALS, "[default]\nregion =\n");
    region_is(&f, NULL, NULL, NULL); /* the file that wins leaves it empty */
    caws_settings_clear(&f.settings);
}

static void takes_the_chosen_profile_and_no_other(void **state)
{
    (void)state;
    fixture f;
    init(&f, "[default]\nregion = r-default\n[profile dev]\nregion = r-dev\n[profile bare]\n");
    region_is(&f, NULL, "r-default", CONFIG ":2: region");
    fake_set(&f.fake, "AWS_PROFILE", "dev");
    region_is(&f, NULL, "r-dev", CONFIG ":4: region");
    const caws_client_options bare = {.profile = "bare"};
    region_is(&f, &bare, NULL, NULL); /* [default] is no profile's parent */
    const caws_client_options by_default = {.profile = "default"};
    region_is(&f, &by_default, "r-default", CONFIG ":2: region");
    caws_settings_clear(&f.settings);
}

static void wants_the_chosen_profile_to_exist(void **state)
{
    (void)state;
    static const caws_credentials keys = {"id", "secret", NULL};
    const caws_client_options explicit_keys = {.credentials = &keys};
    const caws_client_options both = {.credentials = &keys, .profile = "nope"};
    const caws_client_options empty = {.profile = ""};
    fixture f;
    init(&f, "[profile dev]\n[sso-session nope]\n");
    refuses(&f, &both,
            "option profile: \"nope\" is a profile of neither " CONFIG " nor " CREDENTIALS);
    refuses(&f, &empty, "option profile: \"\" is a profile of neither " CONFIG " nor " CREDENTIALS);
    fake_set(&f.fake, "AWS_PROFILE", "nope");
    refuses(&f, NULL, "AWS_PROFILE: \"nope\" is a profile of neither " CONFIG " nor " CREDENTIALS);
    region_is(&f, &explicit_keys, NULL, NULL);
    fake_write(&f.fake, CREDENTIALS, "[nope]\n");
    region_is(&f, NULL, NULL, NULL);
    caws_settings_clear(&f.settings);

    fake_set(&f.fake, "AWS_PROFILE", "lost");
    f.fake.home = NULL;
    refuses(&f, NULL,
            "AWS_PROFILE: \"lost\": there is no such profile, nor a home folder to look in");
}

static void reads_the_files_once(void **state)
{
    (void)state;
    fixture f;
    init(&f, "[default]\nregion = a\n");
    (void)load(&f, NULL);
    assert_int_equal(f.fake.reads, 2);
    caws_settings_clear(&f.settings);
}

static void passes_errors_in_files_on(void **state)
{
    (void)state;
    fixture f;
    init(&f, "[default]\nregion\n");
    refuses(&f, NULL, CONFIG ":2: expected an '=' sign defining a property");
    fake_write(&f.fake, CONFIG, "[default]\nregion = eu west\n");
    refuses(&f, NULL,
            CONFIG ":2: region: \"eu west\" is no region: 1 to 63 letters, digits and inner "
                   "hyphens");
}

/* Each boolean by each of its ways. */
static void knows_booleans(void **state)
{
    (void)state;
    static const struct {
        const char *variable;
        const char *property;
        size_t offset;
        size_t option; /* 0: none */
    } rows[] = {
        {"AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", offsetof(caws_settings, use_fips_endpoint),
         offsetof(caws_client_options, use_fips_endpoint)},
        {"AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint",
         offsetof(caws_settings, use_dualstack_endpoint),
         offsetof(caws_client_options, use_dualstack_endpoint)},
        {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls",
         offsetof(caws_settings, ignore_configured_endpoint_urls), 0},
        {"AWS_DISABLE_HOST_PREFIX_INJECTION", "disable_host_prefix_injection",
         offsetof(caws_settings, no_host_prefix), 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fixture f;
        char config[128] = "";
        char message[200];
        const bool *value = (const bool *)((const char *)&f.settings + rows[i].offset);
        init(&f, config);
        (void)snprintf(config, sizeof(config), "[default]\n%s = True\n", rows[i].property);
        f.fake.files[0].length = strlen(config);
        (void)load(&f, NULL);
        assert_true(*value);
        fake_set(&f.fake, rows[i].variable, "FALSE");
        (void)load(&f, NULL);
        assert_false(*value);
        fake_set(&f.fake, rows[i].variable, "");
        (void)snprintf(config, sizeof(config), "[default]\n%s = yes\n", rows[i].property);
        f.fake.files[0].length = strlen(config);
        (void)snprintf(message, sizeof(message), CONFIG ":2: %s: \"yes\", neither true nor false",
                       rows[i].property);
        refuses(&f, NULL, message);
        fake_set(&f.fake, rows[i].variable, "1");
        (void)snprintf(message, sizeof(message), "%s: \"1\", neither true nor false",
                       rows[i].variable);
        refuses(&f, NULL, message);
        if (rows[i].option == 0)
            continue;
        for (int toggle = CAWS_TOGGLE_ON; toggle <= CAWS_TOGGLE_OFF + 1; toggle++) {
            caws_client_options options = {0};
            memcpy((char *)&options + rows[i].option, &toggle, sizeof(toggle));
            if (toggle <= CAWS_TOGGLE_OFF) {
                (void)load(&f, &options); /* and bad values elsewhere are not looked at */
                assert_int_equal(*value, toggle == CAWS_TOGGLE_ON);
                continue;
            }
            (void)snprintf(message, sizeof(message), "option %s: 3 is none of its values",
                           rows[i].property);
            refuses(&f, &options, message);
        }
        caws_settings_clear(&f.settings);
    }
}

static void knows_retry_modes(void **state)
{
    static const struct {
        const char *variable;
        caws_retry_mode option;
        caws_retry_mode mode;
        int attempts;
    } cases[] = {
        {"", CAWS_RETRY_DEFAULT, CAWS_RETRY_ADAPTIVE, 7}, /* the file's */
        {"standard", CAWS_RETRY_DEFAULT, CAWS_RETRY_STANDARD, 7},
        {"Adaptive", CAWS_RETRY_DEFAULT, CAWS_RETRY_ADAPTIVE, 7},
        {"legacy", CAWS_RETRY_DEFAULT, CAWS_RETRY_STANDARD, 7},
        {"legacy", CAWS_RETRY_ADAPTIVE, CAWS_RETRY_ADAPTIVE, 7},
        {"adaptive", CAWS_RETRY_STANDARD, CAWS_RETRY_STANDARD, 7},
        {"adaptive", CAWS_RETRY_OFF, CAWS_RETRY_OFF, 1},
    };
    (void)state;
    fixture f;
    init(&f, "[default]\nretry_mode = adaptive\nmax_attempts = 7\n");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const caws_client_options options = {.retry_mode = cases[i].option};
        fake_set(&f.fake, "AWS_RETRY_MODE", cases[i].variable);
        const caws_settings *settings = load(&f, &options);
        assert_int_equal(settings->retry_mode, cases[i].mode);
        assert_int_equal(settings->max_attempts, cases[i].attempts);
    }
    fake_set(&f.fake, "AWS_RETRY_MODE", "off"); /* no SDK's word */
    refuses(&f, NULL, "AWS_RETRY_MODE: \"off\", none of standard, adaptive, legacy");
    caws_client_options options = {0};
    static const unsigned beyond = CAWS_RETRY_OFF + 1;
    memcpy(&options.retry_mode, &beyond, sizeof(options.retry_mode));
    refuses(&f, &options, "option retry_mode: 4 is none of its values");
}

static void knows_what_to_do_with_accounts(void **state)
{
    (void)state;
    static const struct {
        const char *option;
        const char *variable;
        const char *mode;
    } cases[] = {
        {NULL, "", "required"},           {NULL, "disabled", "disabled"},
        {NULL, "PREFERRED", "preferred"}, {"Required", "disabled", "required"},
        {"disabled", "?", "disabled"},
    };
    fixture f;
    init(&f, "[default]\naccount_id_endpoint_mode = required\n");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const caws_client_options options = {.account_id_endpoint_mode = cases[i].option};
        fake_set(&f.fake, "AWS_ACCOUNT_ID_ENDPOINT_MODE", cases[i].variable);
        const caws_settings *settings = load(&f, &options);
        assert_string_equal(settings->account_id_endpoint_mode, cases[i].mode);
    }
    const caws_client_options bad = {.account_id_endpoint_mode = "always"};
    refuses(&f, &bad,
            "option account_id_endpoint_mode: \"always\", none of preferred, disabled, required");
    refuses(&f, NULL, "AWS_ACCOUNT_ID_ENDPOINT_MODE: \"?\", none of preferred, disabled, required");
    fake_set(&f.fake, "AWS_ACCOUNT_ID_ENDPOINT_MODE", "");
    fake_write(&f.fake, CONFIG, "[default]\naccount_id_endpoint_mode = on\n");
    refuses(&f, NULL,
            CONFIG ":2: account_id_endpoint_mode: \"on\", none of preferred, disabled, required");
    fake_write(&f.fake, CONFIG, "");
    assert_string_equal(load(&f, NULL)->account_id_endpoint_mode, "preferred");
    caws_settings_clear(&f.settings);
}

/* An account belongs to the keys that it was told with. */
static void knows_the_account_of_keys(void **state)
{
    (void)state;
    static const caws_credentials keys = {"id", "secret", NULL};
    const caws_client_options with_keys = {.credentials = &keys};
    const caws_client_options with_both = {.credentials = &keys, .account_id = "111"};
    const caws_client_options with_account = {.account_id = "111"};
    fixture f;
    init(&f, "[default]\naws_account_id = 333\n");
    fake_set(&f.fake, "AWS_ACCOUNT_ID", "222");
    assert_null(load(&f, NULL)->account_id);
    assert_null(load(&f, &with_account)->account_id);
    assert_null(load(&f, &with_keys)->account_id);
    assert_string_equal(load(&f, &with_both)->account_id, "111");
    fake_set(&f.fake, "AWS_ACCESS_KEY_ID", "id");
    fake_set(&f.fake, "AWS_SECRET_ACCESS_KEY", "secret");
    assert_string_equal(load(&f, NULL)->account_id, "222");
    assert_string_equal(load(&f, &with_account)->account_id, "222");
    assert_null(load(&f, &with_keys)->account_id);
    fake_set(&f.fake, "AWS_ACCOUNT_ID", "");
    assert_null(load(&f, NULL)->account_id);
    caws_settings_clear(&f.settings);
}

static void counts_attempts(void **state)
{
    (void)state;
    fixture f;
    init(&f, "[default]\nmax_attempts = 7\n");
    assert_int_equal(load(&f, NULL)->max_attempts, 7);
    fake_set(&f.fake, "AWS_MAX_ATTEMPTS", "2147483647");
    assert_int_equal(load(&f, NULL)->max_attempts, INT32_MAX);
    fake_set(&f.fake, "AWS_MAX_ATTEMPTS", "01");
    assert_int_equal(load(&f, NULL)->max_attempts, 1);
    static const char *const bad[] = {"0",   "-1", "2147483648", "99999999999999999999999",
                                      "3x",  " 3", "3.0",        "+3",
                                      "0x3", "x",  "00"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char message[128];
        fake_set(&f.fake, "AWS_MAX_ATTEMPTS", bad[i]);
        (void)snprintf(message, sizeof(message),
                       "AWS_MAX_ATTEMPTS: \"%s\", not a number from 1 to 2147483647",
                       bad[i][0] == ' ' ? bad[i] + 1 : bad[i]);
        refuses(&f, NULL, message);
    }
    const caws_client_options option = {.max_attempts = 5};
    assert_int_equal(load(&f, &option)->max_attempts, 5);
    const caws_client_options negative = {.max_attempts = -1};
    refuses(&f, &negative, "option max_attempts: -1, at least 0");
    caws_settings_clear(&f.settings);
}

static void connects_as_the_defaults_mode_says(void **state)
{
    static const struct {
        const char *mode;
        int milliseconds;
    } cases[] = {
        {"", 30000},       {"standard", 3100}, {"in-region", 1100}, {"Cross-Region", 3100},
        {"mobile", 30000}, {"auto", 3100},     {"legacy", 10000},
    };
    (void)state;
    fixture f;
    init(&f, "[default]\ndefaults_mode = mobile\n");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fake_set(&f.fake, "AWS_DEFAULTS_MODE", cases[i].mode);
        assert_int_equal(load(&f, NULL)->connect_timeout_ms, cases[i].milliseconds);
        assert_int_equal(f.settings.timeout_ms, 60000);
    }
    const caws_client_options option = {.connect_timeout_ms = 7};
    assert_int_equal(load(&f, &option)->connect_timeout_ms, 7);
    assert_string_equal(f.settings.sources[CAWS_SETTING_CONNECT_TIMEOUT],
                        "option connect_timeout_ms");
    fake_set(&f.fake, "AWS_DEFAULTS_MODE", "fast");
    refuses(&f, NULL,
            "AWS_DEFAULTS_MODE: \"fast\", none of standard, in-region, cross-region, mobile, auto, "
            "legacy");
}

static bool no_keys(void *context, caws_provided_credentials *provided)
{
    (void)context;
    (void)provided;
    return false;
}

/* Keys by option before a callback, that and a profile by option before the environment's keys. */
static void knows_whose_keys_go_first(void **state)
{
    (void)state;
    fixture f;
    const caws_credentials keys = {"option-id", "option-secret", NULL};
    const caws_client_options none = {.region = "x"};
    const caws_client_options only = {.credentials = &keys};
    const caws_client_options both = {.credentials = &keys, .credentials_callback = no_keys};
    const caws_client_options all = {
        .credentials = &keys, .credentials_callback = no_keys, .profile = "dev"};
    const caws_client_options callback = {.credentials_callback = no_keys};
    const caws_client_options profile = {.profile = "dev"};
    init(&f, "[profile dev]\naws_access_key_id = file-id\n");
    fake_set(&f.fake, "AWS_ACCESS_KEY_ID", "environment-id");
    fake_set(&f.fake, "AWS_SECRET_ACCESS_KEY", "environment-secret");
    assert_string_equal(load(&f, &none)->credentials.access_key_id, "environment-id");
    assert_false(f.settings.profile_by_option);
    assert_string_equal(load(&f, &only)->credentials.access_key_id, "option-id");
    assert_string_equal(load(&f, &both)->credentials.access_key_id, "option-id");
    assert_string_equal(load(&f, &all)->credentials.access_key_id, "option-id");
    assert_null(load(&f, &callback)->credentials.access_key_id);
    assert_ptr_equal(f.settings.credentials_callback, no_keys);
    assert_null(load(&f, &profile)->credentials.access_key_id);
    assert_true(f.settings.profile_by_option);
    caws_settings_clear(&f.settings);
}

static void makes_tokens_of_app_ids(void **state)
{
    static const char fifty[] = "01234567890123456789012345678901234567890123456789";
    static const struct {
        const char *text;
        const char *app_id;
    } cases[] = {
        {"ABC DEF", "ABC-DEF"},
        {"a/b(c)\"d\"@e", "a-b-c--d--e"},
        {"!#$%&'*+,-.^_`|~aZ9", "!#$%&'*+,-.^_`|~aZ9"},
        {"\xC3\xA9", "--"},
        {fifty, fifty},
    };
    (void)state;
    fixture f;
    init(&f, "[default]\nsdk_ua_app_id = from-file\n");
    assert_string_equal(load(&f, NULL)->app_id, "from-file");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fake_set(&f.fake, "AWS_SDK_UA_APP_ID", cases[i].text);
        assert_string_equal(load(&f, NULL)->app_id, cases[i].app_id);
    }
    const caws_client_options none = {.app_id = ""};
    assert_null(load(&f, &none)->app_id);
    const caws_client_options option = {.app_id = "mine"};
    assert_string_equal(load(&f, &option)->app_id, "mine");
    const caws_client_options evil = {.app_id = "a\r\nHost: evil"};
    refuses(&f, &evil,
            "option app_id: \"a Host: evil\", not at most 50 characters without control "
            "characters");
    char message[160] = "AWS_SDK_UA_APP_ID: \"";
    char longer[sizeof(fifty) + 1];
    (void)snprintf(longer, sizeof(longer), "%sx", fifty);
    fake_set(&f.fake, "AWS_SDK_UA_APP_ID", longer);
    (void)strcat(strcat(message, longer), "\", not at most 50 characters without control "
                                          "characters");
    refuses(&f, NULL, message);
}

static void takes_a_certificate_bundle_and_a_proxy(void **state)
{
    (void)state;
    fixture f;
    init(&f, "[default]\nca_bundle = /file.pem\n");
    assert_string_equal(load(&f, NULL)->ca_bundle, "/file.pem");
    assert_null(f.settings.proxy);
    fake_set(&f.fake, "AWS_CA_BUNDLE", "/variable.pem");
    assert_string_equal(load(&f, NULL)->ca_bundle, "/variable.pem");
    char url[] = "http://user:secret@proxy:3128";
    const caws_client_options by_url = {.proxy = url, .ca_bundle = "/option.pem"};
    (void)load(&f, &by_url);
    url[0] = 'X';
    assert_string_equal(f.settings.proxy, "http://user:secret@proxy:3128");
    assert_string_equal(f.settings.ca_bundle, "/option.pem");
    const caws_client_options direct = {.proxy = ""};
    assert_string_equal(load(&f, &direct)->proxy, "");
    const caws_client_options bad = {.proxy = "http://user:secret\n@proxy"};
    refuses(&f, &bad, "option proxy has a line break or another control character");
}

static void wants_the_services_section_to_exist(void **state)
{
    (void)state;
    fixture f;
    init(&f, "[default]\nservices = local\n[profile local]\n");
    refuses(&f, NULL, CONFIG ":2: services: \"local\": there is no such services section");
    fake_write(&f.fake, CONFIG, "[default]\nservices = local\n[services local]\n");
    assert_string_equal(load(&f, NULL)->services, "local");
    caws_settings_clear(&f.settings);
}

static int lines_heard;

static void hear(void *context, caws_log_level level, const char *line)
{
    assert_ptr_equal(context, &lines_heard);
    assert_int_equal(level, CAWS_LOG_DEBUG);
    assert_null(strstr(line, "secret"));
    if (lines_heard++ == 0)
        assert_string_equal(line, "ignored in " CONFIG ", line 3: a property whose name is not "
                                  "valid");
}

static void logs_what_it_ignores(void **state)
{
    (void)state;
    fixture f;
    init(&f, "[secret]\n[default]\nse cret = secret\n");
    caws_client_options options = {.log = hear, .log_context = &lines_heard};
    lines_heard = 0;
    (void)load(&f, &options);
    assert_int_equal(lines_heard, 0);
    options.log_level = CAWS_LOG_DEBUG;
    (void)load(&f, &options);
    assert_int_equal(lines_heard, 2);
    caws_settings_clear(&f.settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_option_environment_and_file_in_that_order),
        cmocka_unit_test(takes_the_chosen_profile_and_no_other),
        cmocka_unit_test(wants_the_chosen_profile_to_exist),
        cmocka_unit_test(reads_the_files_once),
        cmocka_unit_test(passes_errors_in_files_on),
        cmocka_unit_test(knows_booleans),
        cmocka_unit_test(knows_retry_modes),
        cmocka_unit_test(knows_what_to_do_with_accounts),
        cmocka_unit_test(knows_the_account_of_keys),
        cmocka_unit_test(counts_attempts),
        cmocka_unit_test(connects_as_the_defaults_mode_says),
        cmocka_unit_test(knows_whose_keys_go_first),
        cmocka_unit_test(makes_tokens_of_app_ids),
        cmocka_unit_test(takes_a_certificate_bundle_and_a_proxy),
        cmocka_unit_test(wants_the_services_section_to_exist),
        cmocka_unit_test(logs_what_it_ignores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
