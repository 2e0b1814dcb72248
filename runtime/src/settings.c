#include "settings.h"

#include <inttypes.h>
#include <string.h>

#include <openssl/crypto.h>

#include "fail.h"
#include "settings_source.h"
#include "text.h"

enum {
    DEFAULT_CONNECT_TIMEOUT_MS = 10000,
    DEFAULT_TIMEOUT_MS = 60000,
    DEFAULT_MAX_ATTEMPTS = 3,
    MAX_APP_ID = 50
};

static const size_t default_max_response_bytes = (size_t)64 * 1024 * 1024;
static const size_t largest_max_response_bytes = SIZE_MAX / 4; /* libcurl's are signed */

/* One of the texts that a setting may be, and what it stands for. */
typedef struct choice {
    const char *text;
    int value;
} choice;

static const choice booleans[] = {{"true", 1}, {"false", 0}, {NULL, 0}};

static const choice retry_modes[] = {{"standard", CAWS_RETRY_STANDARD},
                                     {"adaptive", CAWS_RETRY_ADAPTIVE},
                                     {"legacy", CAWS_RETRY_STANDARD}, /* older SDKs' own */
                                     {NULL, 0}};

static const choice account_id_modes[] = {
    {"preferred", 0}, {"disabled", 0}, {"required", 0}, {NULL, 0}};

/* Connect timeouts in milliseconds, as the SDKs have them (botocore's
 * sdk-default-configuration.json). "auto" would have to ask the machine for its region. */
static const choice defaults_modes[] = {
    {"standard", 3100}, {"in-region", 1100}, {"cross-region", 3100},
    {"mobile", 30000},  {"auto", 3100},      {"legacy", DEFAULT_CONNECT_TIMEOUT_MS},
    {NULL, 0}};

static caws_status copy(caws_settings *settings, const char *text, const char **target,
                        caws_error *error)
{
    if (text == NULL)
        return CAWS_OK;
    *target = caws_arena_copy(&settings->arena, text, strlen(text));
    return *target != NULL ? CAWS_OK : caws_fail_memory(error);
}

/* Stores the choice that option (NULL: not given), environment or profile make; NULL: none. why:
 * what is said of others. */
static caws_status choose(caws_settings *settings, caws_setting_id id, const char *option,
                          const choice *choices, const char *why, const choice **chosen,
                          caws_error *error)
{
    const char *text = NULL;
    *chosen = NULL;
    if (caws_setting_find(settings, id, option, &text, error) != CAWS_OK)
        return error->status;
    if (text == NULL)
        return CAWS_OK;
    while (choices->text != NULL && !caws_text_equal_no_case(text, choices->text))
        choices++;
    if (choices->text == NULL)
        return caws_setting_refuse(settings, id, text, why, error);
    *chosen = choices;
    return CAWS_OK;
}

static caws_status load_boolean(caws_settings *settings, caws_setting_id id, caws_toggle option,
                                bool *target, caws_error *error)
{
    const choice *chosen = NULL;
    if (option == CAWS_TOGGLE_DEFAULT) {
        if (choose(settings, id, NULL, booleans, ", neither true nor false", &chosen, error) !=
            CAWS_OK)
            return error->status;
        *target = chosen != NULL && chosen->value != 0;
        return CAWS_OK;
    }
    caws_setting_from_option(settings, id);
    if (option != CAWS_TOGGLE_ON && option != CAWS_TOGGLE_OFF)
        return caws_fail(error, CAWS_ERROR_CONFIGURATION, "%s: %d is none of its values",
                         settings->sources[id], (int)option);
    *target = option == CAWS_TOGGLE_ON;
    return CAWS_OK;
}

/* A profile that somebody chose has to exist, or calls would go elsewhere than meant. A variable
 * says nothing of a program that brings its own credentials. */
static caws_status check_profile(const caws_settings *settings, const caws_client_options *options,
                                 caws_error *error)
{
    const caws_profiles *profiles = &settings->profiles;
    if (!profiles->named || caws_profiles_has(profiles, CAWS_SECTION_PROFILE, profiles->name) ||
        (options->profile == NULL && options->credentials != NULL))
        return CAWS_OK;
    if (profiles->config_path == NULL || profiles->credentials_path == NULL)
        return caws_setting_refuse(settings, CAWS_SETTING_PROFILE, profiles->name,
                                   ": there is no such profile, nor a home folder to look in",
                                   error);
    char shown[CAWS_EXCERPT_SIZE];
    caws_excerpt(shown, profiles->name, strlen(profiles->name));
    return caws_fail(error, CAWS_ERROR_CONFIGURATION,
                     "%s: \"%s\" is a profile of neither %s nor %s",
                     settings->sources[CAWS_SETTING_PROFILE], shown, profiles->config_path,
                     profiles->credentials_path);
}

static caws_status load_profiles(caws_settings *settings, const caws_client_options *options,
                                 caws_error *error)
{
    const char *unused = NULL;
    if (caws_setting_find(settings, CAWS_SETTING_PROFILE, options->profile, &unused, error) !=
            CAWS_OK ||
        caws_setting_find(settings, CAWS_SETTING_CONFIG_FILE, NULL, &unused, error) != CAWS_OK ||
        caws_setting_find(settings, CAWS_SETTING_CREDENTIALS_FILE, NULL, &unused, error) !=
            CAWS_OK ||
        caws_profiles_load(&settings->profiles, settings->system, options->profile, error) !=
            CAWS_OK)
        return error->status;
    for (const caws_profile_note *note = settings->profiles.notes; note != NULL; note = note->next)
        caws_log(&settings->logger, CAWS_LOG_DEBUG, "ignored in %s, line %d: %s", note->file,
                 note->line, note->text);
    return check_profile(settings, options, error);
}

static caws_status load_region(caws_settings *settings, const caws_client_options *options,
                               caws_error *error)
{
    const char *region = NULL;
    if (caws_setting_find(settings, CAWS_SETTING_REGION, options->region, &region, error) !=
        CAWS_OK)
        return error->status;
    if (region != NULL && !caws_text_is_host_label(region))
        return caws_setting_refuse(settings, CAWS_SETTING_REGION, region,
                                   " is no region: 1 to 63 letters, digits and inner hyphens",
                                   error);
    return copy(settings, region, &settings->region, error);
}

/* Which services a program will call is not known yet: all variables are kept. */
static caws_status load_endpoint_variables(caws_settings *settings, caws_error *error)
{
    static const char prefix[] = "AWS_ENDPOINT_URL";
    const caws_system *system = settings->system;
    char *const *entry = system->variables != NULL ? system->variables(system->context) : NULL;
    for (; entry != NULL && *entry != NULL; entry++) {
        const char *equals = strchr(*entry, '=');
        if (equals == NULL || equals[1] == '\0' || strncmp(*entry, prefix, sizeof(prefix) - 1) != 0)
            continue;
        caws_endpoint_setting *setting = caws_arena_alloc(&settings->arena, sizeof(*setting));
        if (setting == NULL)
            return caws_fail_memory(error);
        setting->variable = caws_arena_copy(&settings->arena, *entry, (size_t)(equals - *entry));
        setting->url = caws_arena_copy(&settings->arena, equals + 1, strlen(equals + 1));
        if (setting->variable == NULL || setting->url == NULL)
            return caws_fail_memory(error);
        setting->next = settings->endpoint_variables;
        settings->endpoint_variables = setting;
    }
    return CAWS_OK;
}

static caws_status load_endpoints(caws_settings *settings, const caws_client_options *options,
                                  caws_error *error)
{
    const choice *mode = NULL;
    if (load_boolean(settings, CAWS_SETTING_IGNORE_ENDPOINT_URLS, CAWS_TOGGLE_DEFAULT,
                     &settings->ignore_configured_endpoint_urls, error) != CAWS_OK ||
        load_boolean(settings, CAWS_SETTING_USE_FIPS_ENDPOINT, options->use_fips_endpoint,
                     &settings->use_fips_endpoint, error) != CAWS_OK ||
        load_boolean(settings, CAWS_SETTING_USE_DUALSTACK_ENDPOINT, options->use_dualstack_endpoint,
                     &settings->use_dualstack_endpoint, error) != CAWS_OK ||
        load_boolean(settings, CAWS_SETTING_HOST_PREFIX,
                     options->no_host_prefix ? CAWS_TOGGLE_ON : CAWS_TOGGLE_DEFAULT,
                     &settings->no_host_prefix, error) != CAWS_OK ||
        choose(settings, CAWS_SETTING_ACCOUNT_ID_MODE, options->account_id_endpoint_mode,
               account_id_modes, ", none of preferred, disabled, required", &mode,
               error) != CAWS_OK ||
        load_endpoint_variables(settings, error) != CAWS_OK ||
        caws_setting_find(settings, CAWS_SETTING_SERVICES, NULL, &settings->services, error) !=
            CAWS_OK)
        return error->status;
    settings->account_id_endpoint_mode = mode != NULL ? mode->text : account_id_modes[0].text;
    if (settings->services != NULL &&
        !caws_profiles_has(&settings->profiles, CAWS_SECTION_SERVICES, settings->services))
        return caws_setting_refuse(settings, CAWS_SETTING_SERVICES, settings->services,
                                   ": there is no such services section", error);
    return copy(settings, options->endpoint_url, &settings->endpoint_url, error);
}

/* A key pair comes from one place, never half from options and half from the environment. */
static caws_status load_credentials(caws_settings *settings, const caws_client_options *options,
                                    caws_error *error)
{
    settings->credentials_callback = options->credentials_callback;
    settings->credentials_context = options->credentials_context;
    settings->profile_by_option = options->profile != NULL;
    if (options->credentials == NULL &&
        (options->credentials_callback != NULL || options->profile != NULL))
        return CAWS_OK; /* these go before the environment's */
    caws_credentials found = {caws_system_variable(settings->system, "AWS_ACCESS_KEY_ID"),
                              caws_system_variable(settings->system, "AWS_SECRET_ACCESS_KEY"),
                              caws_system_variable(settings->system, "AWS_SESSION_TOKEN")};
    const char *names[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"};
    if (options->credentials != NULL) {
        found = *options->credentials;
        names[0] = "option credentials.access_key_id";
        names[1] = "option credentials.secret_access_key";
        names[2] = "option credentials.session_token";
    }
    bool has_id = found.access_key_id != NULL && found.access_key_id[0] != '\0';
    bool has_secret = found.secret_access_key != NULL && found.secret_access_key[0] != '\0';
    if (has_id != has_secret)
        return caws_fail(error, CAWS_ERROR_CREDENTIALS, "%s is set, but %s is not",
                         names[has_id ? 0 : 1], names[has_id ? 1 : 0]);
    if (!has_id && options->credentials != NULL)
        return caws_fail(error, CAWS_ERROR_CREDENTIALS, "%s is not set", names[0]);
    if (!has_id)
        return CAWS_OK;
    bool has_token = found.session_token != NULL && found.session_token[0] != '\0';
    const char *values[] = {found.access_key_id, found.secret_access_key,
                            has_token ? found.session_token : NULL};
    const char **targets[] = {&settings->credentials.access_key_id,
                              &settings->credentials.secret_access_key,
                              &settings->credentials.session_token};
    settings->sources[CAWS_SETTING_CREDENTIALS] =
        options->credentials != NULL ? "option credentials" : names[0];
    for (int i = 0; i < 3; i++) {
        if (values[i] != NULL && !caws_text_is_header_safe(values[i]))
            return caws_fail(error, CAWS_ERROR_CREDENTIALS,
                             "%s has a line break or another control character", names[i]);
        if (values[i] == NULL)
            continue;
        settings->secrets[i] = caws_arena_copy(&settings->arena, values[i], strlen(values[i]));
        if (settings->secrets[i] == NULL)
            return caws_fail_memory(error);
        *targets[i] = settings->secrets[i];
    }
    const char *account_id = options->credentials != NULL
                                 ? options->account_id
                                 : caws_system_variable(settings->system, "AWS_ACCOUNT_ID");
    return copy(settings, account_id, &settings->account_id, error);
}

/* Of a number that an option gives. */
static caws_status check_option(const caws_settings *settings, caws_setting_id id, int32_t option,
                                caws_error *error)
{
    if (option >= 0)
        return CAWS_OK;
    return caws_fail(error, CAWS_ERROR_CONFIGURATION, "%s: %" PRId32 ", at least 0",
                     settings->sources[id], option);
}

static caws_status load_timeouts(caws_settings *settings, const caws_client_options *options,
                                 caws_error *error)
{
    const choice *mode = NULL;
    if (choose(settings, CAWS_SETTING_DEFAULTS_MODE, NULL, defaults_modes,
               ", none of standard, in-region, cross-region, mobile, auto, legacy", &mode,
               error) != CAWS_OK)
        return error->status;
    settings->connect_timeout_ms = DEFAULT_CONNECT_TIMEOUT_MS;
    settings->timeout_ms = DEFAULT_TIMEOUT_MS;
    if (mode != NULL) {
        settings->defaults_mode = mode->text;
        settings->connect_timeout_ms = mode->value;
        settings->sources[CAWS_SETTING_CONNECT_TIMEOUT] =
            settings->sources[CAWS_SETTING_DEFAULTS_MODE];
    }
    if (options->connect_timeout_ms != 0) {
        caws_setting_from_option(settings, CAWS_SETTING_CONNECT_TIMEOUT);
        settings->connect_timeout_ms = options->connect_timeout_ms;
    }
    if (options->timeout_ms != 0) {
        caws_setting_from_option(settings, CAWS_SETTING_TIMEOUT);
        settings->timeout_ms = options->timeout_ms;
    }
    if (check_option(settings, CAWS_SETTING_CONNECT_TIMEOUT, settings->connect_timeout_ms, error) !=
        CAWS_OK)
        return error->status;
    return check_option(settings, CAWS_SETTING_TIMEOUT, settings->timeout_ms, error);
}

/* 1 to INT32_MAX, in decimal digits; else 0. */
static int32_t parse_count(const char *text)
{
    int64_t number = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        number = number * 10 + (*text - '0');
        if (number > INT32_MAX)
            return 0;
    }
    return *text == '\0' ? (int32_t)number : 0;
}

static caws_status load_max_attempts(caws_settings *settings, int32_t option, caws_error *error)
{
    static const caws_setting_id id = CAWS_SETTING_MAX_ATTEMPTS;
    settings->max_attempts = option;
    if (option != 0) {
        caws_setting_from_option(settings, id);
        return check_option(settings, id, option, error);
    }
    const char *text = NULL;
    if (caws_setting_find(settings, id, NULL, &text, error) != CAWS_OK)
        return error->status;
    settings->max_attempts = text != NULL ? parse_count(text) : DEFAULT_MAX_ATTEMPTS;
    if (settings->max_attempts == 0)
        return caws_setting_refuse(settings, id, text, ", not a number from 1 to 2147483647",
                                   error);
    return CAWS_OK;
}

static caws_status load_retries(caws_settings *settings, const caws_client_options *options,
                                caws_error *error)
{
    static const caws_setting_id id = CAWS_SETTING_RETRY_MODE;
    settings->retry_mode = options->retry_mode;
    if (load_max_attempts(settings, options->max_attempts, error) != CAWS_OK)
        return error->status;
    if (options->retry_mode == CAWS_RETRY_DEFAULT) {
        const choice *mode = NULL;
        if (choose(settings, id, NULL, retry_modes, ", none of standard, adaptive, legacy", &mode,
                   error) != CAWS_OK)
            return error->status;
        settings->retry_mode = mode != NULL ? (caws_retry_mode)mode->value : CAWS_RETRY_STANDARD;
        return CAWS_OK;
    }
    caws_setting_from_option(settings, id);
    if (options->retry_mode != CAWS_RETRY_STANDARD && options->retry_mode != CAWS_RETRY_ADAPTIVE &&
        options->retry_mode != CAWS_RETRY_OFF)
        return caws_fail(error, CAWS_ERROR_CONFIGURATION, "%s: %d is none of its values",
                         settings->sources[id], (int)options->retry_mode);
    if (options->retry_mode == CAWS_RETRY_OFF) {
        settings->max_attempts = 1;
        settings->sources[CAWS_SETTING_MAX_ATTEMPTS] = settings->sources[id];
    }
    return CAWS_OK;
}

static bool is_token_character(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c != '\0' && strchr("!#$%&'*+,-.^_`|~", c) != NULL);
}

/* Other characters become '-', as in the SDKs, whose reference has a space in its example. */
static caws_status load_app_id(caws_settings *settings, const caws_client_options *options,
                               caws_error *error)
{
    static const caws_setting_id id = CAWS_SETTING_APP_ID;
    const char *text = NULL;
    if (caws_setting_find(settings, id, options->app_id, &text, error) != CAWS_OK)
        return error->status;
    if (text == NULL)
        return CAWS_OK;
    size_t length = strlen(text);
    if (length > MAX_APP_ID || !caws_text_is_header_safe(text))
        return caws_setting_refuse(settings, id, text,
                                   ", not at most 50 characters without control characters", error);
    char *app_id = caws_arena_copy(&settings->arena, text, length);
    if (app_id == NULL)
        return caws_fail_memory(error);
    for (size_t i = 0; i < length; i++)
        if (!is_token_character(app_id[i]))
            app_id[i] = '-';
    settings->app_id = length > 0 ? app_id : NULL;
    return CAWS_OK;
}

static caws_status load_connection(caws_settings *settings, const caws_client_options *options,
                                   caws_error *error)
{
    const char *ca_bundle = NULL;
    if (options->proxy != NULL) {
        caws_setting_from_option(settings, CAWS_SETTING_PROXY);
        if (!caws_text_is_header_safe(options->proxy)) /* not shown: it may hold a password */
            return caws_fail(error, CAWS_ERROR_CONFIGURATION,
                             "option proxy has a line break or another control character");
    }
    if (copy(settings, options->proxy, &settings->proxy, error) != CAWS_OK ||
        caws_setting_find(settings, CAWS_SETTING_CA_BUNDLE, options->ca_bundle, &ca_bundle,
                          error) != CAWS_OK)
        return error->status;
    return copy(settings, ca_bundle, &settings->ca_bundle, error);
}

static caws_status load_limits(caws_settings *settings, const caws_client_options *options,
                               caws_error *error)
{
    settings->validation = options->validation;
    if (options->validation != CAWS_VALIDATE_ALL)
        caws_setting_from_option(settings, CAWS_SETTING_VALIDATION);
    if (options->validation != CAWS_VALIDATE_ALL && options->validation != CAWS_VALIDATE_REQUIRED)
        return caws_fail(error, CAWS_ERROR_CONFIGURATION,
                         "option validation: %d is none of its values", (int)options->validation);
    settings->max_response_bytes = default_max_response_bytes;
    if (options->max_response_bytes != 0) {
        caws_setting_from_option(settings, CAWS_SETTING_MAX_RESPONSE_BYTES);
        settings->max_response_bytes = options->max_response_bytes;
    }
    if (settings->max_response_bytes > largest_max_response_bytes)
        settings->max_response_bytes = largest_max_response_bytes;
    return CAWS_OK;
}

caws_status caws_settings_load_from(caws_settings *settings, const caws_client_options *options,
                                    const caws_system *system, caws_error *error)
{
    static const caws_client_options none = {0};
    typedef caws_status part(caws_settings *, const caws_client_options *, caws_error *);
    static part *const parts[] = {
        load_limits,  load_profiles, load_timeouts,   load_region,      load_endpoints,
        load_retries, load_app_id,   load_connection, load_credentials,
    };
    if (options == NULL)
        options = &none;
    settings->system = system;
    settings->logger = (caws_logger){options->log, options->log_context,
                                     options->log_level != 0 ? options->log_level : CAWS_LOG_INFO};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (parts[i](settings, options, error) != CAWS_OK)
            return error->status;
    return CAWS_OK;
}

caws_status caws_settings_load(caws_settings *settings, const caws_client_options *options,
                               caws_error *error)
{
    return caws_settings_load_from(settings, options, &caws_real_system, error);
}

void caws_settings_clear(caws_settings *settings)
{
    for (int i = 0; i < 3; i++)
        if (settings->secrets[i] != NULL)
            OPENSSL_cleanse(settings->secrets[i], strlen(settings->secrets[i]));
    caws_profiles_clear(&settings->profiles);
    caws_arena_clear(&settings->arena);
    *settings = (caws_settings){0};
}
