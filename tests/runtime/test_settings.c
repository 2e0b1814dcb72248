#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "settings.h"

#define ID     "AKIDEXAMPLE"
#define SECRET "wJalrXUtnFEMI-very-secret"
#define TOKEN  "token-also-secret"

/* In place of OpenSSL's, to see what is wiped while it is still there. */
static char wiped[16][64];
static size_t wiped_count = 0;

CAWS_API void OPENSSL_cleanse(void *memory, size_t length)
{
    if (wiped_count < 16 && length < sizeof(wiped[0])) {
        memcpy(wiped[wiped_count], memory, length);
        wiped[wiped_count++][length] = '\0';
    }
    volatile unsigned char *bytes = memory;
    for (size_t i = 0; i < length; i++)
        bytes[i] = 0;
}

static bool was_wiped(const char *text)
{
    for (size_t i = 0; i < wiped_count; i++)
        if (strcmp(wiped[i], text) == 0)
            return true;
    return false;
}

static const char *const variables[] = {
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_CA_BUNDLE",
    "AWS_SESSION_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_X",
    "AWS_ENDPOINT_URL_LOGS",
    "AWS_ENDPOINT_URL_",
    "AWS_ENDPOINT_URLS",
    "AWS_ENDPOINT",
    "AWS_DISABLE_HOST_PREFIX_INJECTION",
    "AWS_PROFILE",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_MAX_ATTEMPTS",
    "AWS_RETRY_MODE",
    "AWS_DEFAULTS_MODE",
    "AWS_SDK_UA_APP_ID",
    "AWS_ACCOUNT_ID",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE",
};

static int clear_environment(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
        if (unsetenv(variables[i]) != 0)
            return -1;
    /* What is set up on this machine is not to be read. */
    if (setenv("AWS_CONFIG_FILE", "/dev/null", 1) != 0 ||
        setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1) != 0)
        return -1;
    wiped_count = 0;
    return 0;
}

static void set(const char *name, const char *value)
{
    assert_int_equal(setenv(name, value, 1), 0);
}

static void has_no_secret(const char *text)
{
    assert_null(strstr(text, SECRET));
    assert_null(strstr(text, TOKEN));
    assert_null(strstr(text, ID));
}

static void load(caws_settings *settings, const caws_client_options *options)
{
    caws_error error = CAWS_ERROR_INIT;
    *settings = (caws_settings){0};
    caws_status status = caws_settings_load(settings, options, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, CAWS_OK);
}

static void refuses(const caws_client_options *options, caws_status status, const char *message)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_settings settings = {0};
    assert_int_equal(caws_settings_load(&settings, options, &error), status);
    assert_int_equal(error.status, status);
    assert_string_equal(error.message, message);
    has_no_secret(error.message);
    has_no_secret(error.code);
    caws_settings_clear(&settings);
    caws_error_clear(&error);
}

static void has_defaults(void **state)
{
    (void)state;
    static const caws_client_options zero = {0};
    const caws_client_options *options[] = {NULL, &zero};
    for (int i = 0; i < 2; i++) {
        caws_settings settings;
        load(&settings, options[i]);
        assert_null(settings.region);
        assert_null(settings.endpoint_url);
        assert_null(settings.endpoint_variables);
        assert_null(settings.ca_bundle);
        assert_null(settings.proxy);
        assert_null(settings.app_id);
        assert_null(settings.services);
        assert_null(settings.defaults_mode);
        assert_false(settings.use_fips_endpoint);
        assert_false(settings.use_dualstack_endpoint);
        assert_false(settings.ignore_configured_endpoint_urls);
        assert_false(settings.no_host_prefix);
        assert_int_equal(settings.retry_mode, CAWS_RETRY_STANDARD);
        assert_int_equal(settings.max_attempts, 3);
        assert_string_equal(settings.profiles.name, "default");
        assert_null(settings.credentials.access_key_id);
        assert_null(settings.credentials.secret_access_key);
        assert_null(settings.credentials.session_token);
        assert_int_equal(settings.connect_timeout_ms, 10000);
        assert_int_equal(settings.timeout_ms, 60000);
        assert_int_equal(settings.max_response_bytes, 67108864);
        assert_int_equal(settings.validation, CAWS_VALIDATE_ALL);
        assert_null(settings.logger.callback);
        assert_int_equal(settings.logger.level, CAWS_LOG_INFO);
        caws_settings_clear(&settings);
    }
}

static void ignore_line(void *context, caws_log_level level, const char *line)
{
    (void)context;
    (void)level;
    (void)line;
}

static void copies_every_option(void **state)
{
    (void)state;
    char texts[6][32] = {"eu-west-1", ID, SECRET, TOKEN, "http://localhost:1", "/etc/ca.pem"};
    const caws_credentials credentials = {texts[1], texts[2], texts[3]};
    int context = 0;
    const caws_client_options options = {
        .region = texts[0],
        .credentials = &credentials,
        .endpoint_url = texts[4],
        .ca_bundle = texts[5],
        .connect_timeout_ms = 1,
        .timeout_ms = INT32_MAX,
        .max_response_bytes = 1,
        .validation = CAWS_VALIDATE_REQUIRED,
        .log = ignore_line,
        .log_context = &context,
        .log_level = CAWS_LOG_DEBUG,
    };
    caws_settings settings;
    load(&settings, &options);
    memset(texts, 'X', sizeof(texts)); /* without a NUL left: they must not be read again */
    assert_string_equal(settings.region, "eu-west-1");
    assert_string_equal(settings.credentials.access_key_id, ID);
    assert_string_equal(settings.credentials.secret_access_key, SECRET);
    assert_string_equal(settings.credentials.session_token, TOKEN);
    assert_string_equal(settings.endpoint_url, "http://localhost:1");
    assert_string_equal(settings.ca_bundle, "/etc/ca.pem");
    assert_int_equal(settings.connect_timeout_ms, 1);
    assert_int_equal(settings.timeout_ms, INT32_MAX);
    assert_int_equal(settings.max_response_bytes, 1);
    assert_int_equal(settings.validation, CAWS_VALIDATE_REQUIRED);
    assert_true(settings.logger.callback == ignore_line);
    assert_ptr_equal(settings.logger.context, &context);
    assert_int_equal(settings.logger.level, CAWS_LOG_DEBUG);
    caws_settings_clear(&settings);
}

static void reads_the_environment_once(void **state)
{
    (void)state;
    set("AWS_REGION", "us-east-1");
    set("AWS_DEFAULT_REGION", "us-east-2");
    set("AWS_ACCESS_KEY_ID", ID);
    set("AWS_SECRET_ACCESS_KEY", SECRET);
    set("AWS_SESSION_TOKEN", TOKEN);
    set("AWS_CA_BUNDLE", "/ca.pem");
    set("AWS_ENDPOINT_URL", "http://all");
    caws_settings settings;
    load(&settings, NULL);
    (void)clear_environment(NULL);
    assert_string_equal(settings.region, "us-east-1");
    assert_string_equal(settings.credentials.access_key_id, ID);
    assert_string_equal(settings.credentials.secret_access_key, SECRET);
    assert_string_equal(settings.credentials.session_token, TOKEN);
    assert_string_equal(settings.ca_bundle, "/ca.pem");
    assert_null(settings.endpoint_url);
    assert_string_equal(settings.endpoint_variables->variable, "AWS_ENDPOINT_URL");
    assert_string_equal(settings.endpoint_variables->url, "http://all");
    caws_settings_clear(&settings);
}

static void prefers_options_to_variables(void **state)
{
    (void)state;
    set("AWS_REGION", "us-east-1");
    set("AWS_CA_BUNDLE", "/variable.pem");
    set("AWS_ACCESS_KEY_ID", "other");
    set("AWS_SECRET_ACCESS_KEY", "other");
    const caws_credentials credentials = {ID, SECRET, NULL};
    const caws_client_options options = {
        .region = "eu-west-1", .ca_bundle = "/option.pem", .credentials = &credentials};
    caws_settings settings;
    load(&settings, &options);
    assert_string_equal(settings.region, "eu-west-1");
    assert_string_equal(settings.ca_bundle, "/option.pem");
    assert_string_equal(settings.credentials.access_key_id, ID);
    assert_string_equal(settings.credentials.secret_access_key, SECRET);
    caws_settings_clear(&settings);
}

static void falls_back_to_the_default_region(void **state)
{
    (void)state;
    set("AWS_REGION", "");
    set("AWS_DEFAULT_REGION", "us-east-2");
    caws_settings settings;
    load(&settings, NULL);
    assert_string_equal(settings.region, "us-east-2");
    caws_settings_clear(&settings);
}

static void takes_empty_variables_for_unset(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
        set(variables[i], "");
    caws_settings settings;
    load(&settings, NULL);
    assert_null(settings.region);
    assert_null(settings.ca_bundle);
    assert_null(settings.credentials.access_key_id);
    assert_null(settings.endpoint_variables);
    caws_settings_clear(&settings);

    set("AWS_ACCESS_KEY_ID", ID);
    refuses(NULL, CAWS_ERROR_CREDENTIALS,
            "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
    set("AWS_SECRET_ACCESS_KEY", SECRET);
    load(&settings, NULL);
    assert_null(settings.credentials.session_token);
    caws_settings_clear(&settings);
}

static void collects_endpoint_variables(void **state)
{
    (void)state;
    set("AWS_ENDPOINT_URL", "http://all");
    set("AWS_ENDPOINT_URL_LOGS", "http://logs?a=b=c");
    set("AWS_ENDPOINT_URL_X", "");
    set("AWS_ENDPOINT", "http://other");
    caws_settings settings;
    load(&settings, NULL);
    int all = 0;
    int logs = 0;
    int count = 0;
    for (const caws_endpoint_setting *s = settings.endpoint_variables; s != NULL; s = s->next) {
        count++;
        if (strcmp(s->variable, "AWS_ENDPOINT_URL") == 0 && strcmp(s->url, "http://all") == 0)
            all++;
        if (strcmp(s->variable, "AWS_ENDPOINT_URL_LOGS") == 0 &&
            strcmp(s->url, "http://logs?a=b=c") == 0)
            logs++;
    }
    assert_int_equal(all, 1);
    assert_int_equal(logs, 1);
    assert_int_equal(count, 2);
    caws_settings_clear(&settings);
}

static void refuses_half_a_key_pair(void **state)
{
    (void)state;
    static const struct {
        caws_credentials credentials;
        const char *message;
    } halves[] = {
        {{ID, NULL, NULL},
         "option credentials.access_key_id is set, but option credentials.secret_access_key is "
         "not"},
        {{ID, "", TOKEN},
         "option credentials.access_key_id is set, but option credentials.secret_access_key is "
         "not"},
        {{NULL, SECRET, NULL},
         "option credentials.secret_access_key is set, but option credentials.access_key_id is "
         "not"},
        {{"", SECRET, TOKEN},
         "option credentials.secret_access_key is set, but option credentials.access_key_id is "
         "not"},
        {{NULL, NULL, NULL}, "option credentials.access_key_id is not set"},
        {{"", "", TOKEN}, "option credentials.access_key_id is not set"},
    };
    /* A whole pair in the environment must not complete half an option, nor stand in for it. */
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof(halves) / sizeof(halves[0]); i++) {
            const caws_client_options options = {.credentials = &halves[i].credentials};
            refuses(&options, CAWS_ERROR_CREDENTIALS, halves[i].message);
        }
        set("AWS_ACCESS_KEY_ID", ID);
        set("AWS_SECRET_ACCESS_KEY", SECRET);
        set("AWS_SESSION_TOKEN", TOKEN);
    }
    (void)clear_environment(NULL);
    set("AWS_SECRET_ACCESS_KEY", SECRET);
    refuses(NULL, CAWS_ERROR_CREDENTIALS,
            "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not");
    (void)clear_environment(NULL);
    set("AWS_ACCESS_KEY_ID", ID);
    set("AWS_SESSION_TOKEN", TOKEN);
    refuses(NULL, CAWS_ERROR_CREDENTIALS,
            "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
}

static void never_mixes_sources_of_credentials(void **state)
{
    (void)state;
    set("AWS_ACCESS_KEY_ID", "other-id");
    set("AWS_SECRET_ACCESS_KEY", "other-secret");
    set("AWS_SESSION_TOKEN", "other-token");
    static const char *const no_tokens[] = {NULL, ""};
    for (int i = 0; i < 2; i++) {
        const caws_credentials credentials = {ID, SECRET, no_tokens[i]};
        const caws_client_options options = {.credentials = &credentials};
        caws_settings settings;
        load(&settings, &options);
        assert_string_equal(settings.credentials.access_key_id, ID);
        assert_string_equal(settings.credentials.secret_access_key, SECRET);
        assert_null(settings.credentials.session_token);
        caws_settings_clear(&settings);
    }
}

static void ignores_a_lonely_session_token(void **state)
{
    (void)state;
    set("AWS_SESSION_TOKEN", TOKEN);
    caws_settings settings;
    load(&settings, NULL);
    assert_null(settings.credentials.access_key_id);
    assert_null(settings.credentials.session_token);
    caws_settings_clear(&settings);
}

static void refuses_control_characters_in_credentials(void **state)
{
    (void)state;
    static const char *const names[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                        "AWS_SESSION_TOKEN"};
    static const char *const options_names[] = {"option credentials.access_key_id",
                                                "option credentials.secret_access_key",
                                                "option credentials.session_token"};
    static const char *const endings[] = {"\n",   "\r",   "\r\nx-evil: 1", "\t",
                                          "\x01", "\x7F", "\x1B[0m"};
    for (int which = 0; which < 3; which++)
        for (size_t e = 0; e < sizeof(endings) / sizeof(endings[0]); e++) {
            char values[3][64] = {ID, SECRET, TOKEN};
            char message[160];
            (void)strcat(values[which], endings[e]);

            const caws_credentials credentials = {values[0], values[1], values[2]};
            const caws_client_options options = {.credentials = &credentials};
            (void)strcpy(message, options_names[which]);
            (void)strcat(message, " has a line break or another control character");
            refuses(&options, CAWS_ERROR_CREDENTIALS, message);

            for (int i = 0; i < 3; i++)
                set(names[i], values[i]);
            (void)strcpy(message, names[which]);
            (void)strcat(message, " has a line break or another control character");
            refuses(NULL, CAWS_ERROR_CREDENTIALS, message);
            (void)clear_environment(NULL);
        }
}

static void refuses_what_is_no_region(void **state)
{
    (void)state;
    static const char rest[] = "is no region: 1 to 63 letters, digits and inner hyphens";
    static const struct {
        const char *region;
        const char *shown;
    } bad[] = {
        {"a.b", "a.b"},
        {"us-east-1.evil.example.com/", "us-east-1.evil.example.com/"},
        {"us-east-1/", "us-east-1/"},
        {"us-east-1\r\nHost: evil", "us-east-1 Host: evil"},
        {"us-east-1\n", "us-east-1"},
        {"-us", "-us"},
        {"us-", "us-"},
        {" ", ""},
        {"\xC3\xA9", "??"},
        {"user@host", "user@host"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char message[200];
        const caws_client_options options = {.region = bad[i].region};
        (void)strcpy(message, "option region: \"");
        (void)strcat(strcat(strcat(message, bad[i].shown), "\" "), rest);
        refuses(&options, CAWS_ERROR_CONFIGURATION, message);

        set("AWS_REGION", bad[i].region);
        (void)strcpy(message, "AWS_REGION: \"");
        (void)strcat(strcat(strcat(message, bad[i].shown), "\" "), rest);
        refuses(NULL, CAWS_ERROR_CONFIGURATION, message);
        (void)clear_environment(NULL);
    }
    const caws_client_options empty = {.region = ""};
    refuses(&empty, CAWS_ERROR_CONFIGURATION,
            "option region: \"\" is no region: 1 to 63 letters, digits and inner hyphens");
    set("AWS_DEFAULT_REGION", "a b");
    refuses(NULL, CAWS_ERROR_CONFIGURATION,
            "AWS_DEFAULT_REGION: \"a b\" is no region: 1 to 63 letters, digits and inner hyphens");
}

static void accepts_any_host_label_as_region(void **state)
{
    (void)state;
    static const char *const good[] = {
        "us-east-1", "mars", "1", "US-EAST-1",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" /* 63 */};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        const caws_client_options options = {.region = good[i]};
        caws_settings settings;
        load(&settings, &options);
        assert_string_equal(settings.region, good[i]);
        caws_settings_clear(&settings);
    }
}

static void refuses_negative_timeouts(void **state)
{
    (void)state;
    const caws_client_options connect = {.connect_timeout_ms = -1};
    refuses(&connect, CAWS_ERROR_CONFIGURATION, "option connect_timeout_ms: -1, at least 0");
    const caws_client_options total = {.timeout_ms = INT32_MIN};
    refuses(&total, CAWS_ERROR_CONFIGURATION, "option timeout_ms: -2147483648, at least 0");
}

static void refuses_unknown_validation(void **state)
{
    (void)state;
    caws_client_options options = {0};
    static const unsigned value = 2;
    memcpy(&options.validation, &value, sizeof(options.validation));
    refuses(&options, CAWS_ERROR_CONFIGURATION, "option validation: 2 is none of its values");
}

/* A program that wants no bound says SIZE_MAX; libcurl's and the buffers' own bounds are lower. */
static void takes_any_response_size(void **state)
{
    (void)state;
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX / 2 + 1, SIZE_MAX / 2, SIZE_MAX / 4};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const caws_client_options options = {.max_response_bytes = sizes[i]};
        caws_settings settings;
        load(&settings, &options);
        assert_int_equal(settings.max_response_bytes, SIZE_MAX / 4);
        caws_settings_clear(&settings);
    }
}

static void wipes_credentials_before_freeing_them(void **state)
{
    (void)state;
    const caws_credentials credentials = {ID, SECRET, TOKEN};
    const caws_client_options options = {.credentials = &credentials};
    caws_settings settings;
    load(&settings, &options);
    assert_int_equal(wiped_count, 0);
    caws_settings_clear(&settings);
    assert_true(was_wiped(ID));
    assert_true(was_wiped(SECRET));
    assert_true(was_wiped(TOKEN));
    assert_null(settings.credentials.access_key_id);
    assert_null(settings.credentials.secret_access_key);
    assert_null(settings.credentials.session_token);
    assert_null(settings.arena.blocks);
    caws_settings_clear(&settings);
}

static void leaves_host_prefixes_away(void **state)
{
    static const struct {
        const char *variable;
        bool option;
        bool expected;
    } cases[] = {
        {"", false, false},    {"", true, true},        {"true", false, true},
        {"TRUE", false, true}, {"false", false, false}, {"False", true, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const caws_client_options options = {.no_host_prefix = cases[i].option};
        caws_settings settings;
        set("AWS_DISABLE_HOST_PREFIX_INJECTION", cases[i].variable);
        load(&settings, &options);
        assert_int_equal(settings.no_host_prefix, cases[i].expected);
        caws_settings_clear(&settings);
    }
    const caws_client_options none = {.region = NULL};
    set("AWS_DISABLE_HOST_PREFIX_INJECTION", "truely");
    refuses(&none, CAWS_ERROR_CONFIGURATION,
            "AWS_DISABLE_HOST_PREFIX_INJECTION: \"truely\", neither true nor false");
}

/* The token is refused after id and secret have been copied. */
static void wipes_credentials_after_a_failure_too(void **state)
{
    (void)state;
    const caws_credentials credentials = {ID, SECRET, TOKEN "\n"};
    const caws_client_options options = {.credentials = &credentials};
    caws_error error = CAWS_ERROR_INIT;
    caws_settings settings = {0};
    assert_int_equal(caws_settings_load(&settings, &options, &error), CAWS_ERROR_CREDENTIALS);
    caws_settings_clear(&settings);
    assert_true(was_wiped(ID));
    assert_true(was_wiped(SECRET));
    caws_error_clear(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(has_defaults, clear_environment),
        cmocka_unit_test_setup(copies_every_option, clear_environment),
        cmocka_unit_test_setup(reads_the_environment_once, clear_environment),
        cmocka_unit_test_setup(prefers_options_to_variables, clear_environment),
        cmocka_unit_test_setup(falls_back_to_the_default_region, clear_environment),
        cmocka_unit_test_setup(takes_empty_variables_for_unset, clear_environment),
        cmocka_unit_test_setup(collects_endpoint_variables, clear_environment),
        cmocka_unit_test_setup(refuses_half_a_key_pair, clear_environment),
        cmocka_unit_test_setup(never_mixes_sources_of_credentials, clear_environment),
        cmocka_unit_test_setup(ignores_a_lonely_session_token, clear_environment),
        cmocka_unit_test_setup(refuses_control_characters_in_credentials, clear_environment),
        cmocka_unit_test_setup(refuses_what_is_no_region, clear_environment),
        cmocka_unit_test_setup(accepts_any_host_label_as_region, clear_environment),
        cmocka_unit_test_setup(refuses_negative_timeouts, clear_environment),
        cmocka_unit_test_setup(refuses_unknown_validation, clear_environment),
        cmocka_unit_test_setup(takes_any_response_size, clear_environment),
        cmocka_unit_test_setup(leaves_host_prefixes_away, clear_environment),
        cmocka_unit_test_setup(wipes_credentials_before_freeing_them, clear_environment),
        cmocka_unit_test_setup(wipes_credentials_after_a_failure_too, clear_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
