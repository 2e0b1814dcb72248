#include "settings.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "fail.h"
#include "text.h"

enum { DEFAULT_CONNECT_TIMEOUT_MS = 10000, DEFAULT_TIMEOUT_MS = 60000 };

static const size_t default_max_response_bytes = (size_t)64 * 1024 * 1024;
static const size_t largest_max_response_bytes = SIZE_MAX / 4; /* libcurl's are signed */

extern char **environ;

/* An empty variable counts as unset, as in the AWS CLI. */
static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* The option, or the first of two variables that is set; source is told for error messages. */
static const char *choose(const char *option, const char *option_name, const char *variable,
                          const char *second_variable, const char **source)
{
    *source = option_name;
    if (option != NULL)
        return option;
    *source = variable;
    const char *value = environment(variable);
    if (value == NULL && second_variable != NULL) {
        *source = second_variable;
        value = environment(second_variable);
    }
    return value;
}

static caws_status copy(caws_settings *settings, const char *text, const char **target,
                        caws_error *error)
{
    if (text == NULL)
        return CAWS_OK;
    *target = caws_arena_copy(&settings->arena, text, strlen(text));
    return *target != NULL ? CAWS_OK : caws_fail_memory(error);
}

static caws_status load_region(caws_settings *settings, const caws_client_options *options,
                               caws_error *error)
{
    const char *source = NULL;
    const char *region =
        choose(options->region, "option region", "AWS_REGION", "AWS_DEFAULT_REGION", &source);
    if (region != NULL && !caws_text_is_host_label(region)) {
        char shown[CAWS_EXCERPT_SIZE];
        caws_excerpt(shown, region, strlen(region));
        return caws_fail(error, CAWS_ERROR_CONFIGURATION,
                         "%s: \"%s\" is no region: 1 to 63 letters, digits and inner hyphens",
                         source, shown);
    }
    return copy(settings, region, &settings->region, error);
}

static caws_status load_endpoints(caws_settings *settings, const caws_client_options *options,
                                  caws_error *error)
{
    static const char prefix[] = "AWS_ENDPOINT_URL";
    for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
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
    return copy(settings, options->endpoint_url, &settings->endpoint_url, error);
}

/* A key pair comes from one place, never half from options and half from the environment. */
static caws_status load_credentials(caws_settings *settings, const caws_client_options *options,
                                    caws_error *error)
{
    caws_credentials found = {environment("AWS_ACCESS_KEY_ID"),
                              environment("AWS_SECRET_ACCESS_KEY"),
                              environment("AWS_SESSION_TOKEN")};
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
    return CAWS_OK;
}

static caws_status load_timeout(int32_t option, const char *name, int32_t fallback, int32_t *target,
                                caws_error *error)
{
    if (option < 0)
        return caws_fail(error, CAWS_ERROR_CONFIGURATION, "option %s: %" PRId32 ", at least 0",
                         name, option);
    *target = option > 0 ? option : fallback;
    return CAWS_OK;
}

static bool equals_without_case(const char *text, const char *lower_case)
{
    for (; *text != '\0' && *lower_case != '\0'; text++, lower_case++) {
        char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        if (c != *lower_case)
            return false;
    }
    return *text == *lower_case;
}

static caws_status load_host_prefix(caws_settings *settings, const caws_client_options *options,
                                    caws_error *error)
{
    static const char variable[] = "AWS_DISABLE_HOST_PREFIX_INJECTION";
    const char *value = environment(variable);
    settings->no_host_prefix =
        options->no_host_prefix || (value != NULL && equals_without_case(value, "true"));
    if (value == NULL || settings->no_host_prefix || equals_without_case(value, "false"))
        return CAWS_OK;
    char shown[CAWS_EXCERPT_SIZE];
    caws_excerpt(shown, value, strlen(value));
    return caws_fail(error, CAWS_ERROR_CONFIGURATION, "%s: \"%s\", neither true nor false",
                     variable, shown);
}

caws_status caws_settings_load(caws_settings *settings, const caws_client_options *options,
                               caws_error *error)
{
    static const caws_client_options none = {0};
    if (options == NULL)
        options = &none;
    if (options->validation != CAWS_VALIDATE_ALL && options->validation != CAWS_VALIDATE_REQUIRED)
        return caws_fail(error, CAWS_ERROR_CONFIGURATION,
                         "option validation: %d is none of its values", (int)options->validation);
    settings->validation = options->validation;
    settings->max_response_bytes =
        options->max_response_bytes != 0 ? options->max_response_bytes : default_max_response_bytes;
    if (settings->max_response_bytes > largest_max_response_bytes)
        settings->max_response_bytes = largest_max_response_bytes;
    settings->logger = (caws_logger){options->log, options->log_context,
                                     options->log_level != 0 ? options->log_level : CAWS_LOG_INFO};
    if (load_timeout(options->connect_timeout_ms, "connect_timeout_ms", DEFAULT_CONNECT_TIMEOUT_MS,
                     &settings->connect_timeout_ms, error) != CAWS_OK ||
        load_timeout(options->timeout_ms, "timeout_ms", DEFAULT_TIMEOUT_MS, &settings->timeout_ms,
                     error) != CAWS_OK ||
        load_host_prefix(settings, options, error) != CAWS_OK ||
        load_region(settings, options, error) != CAWS_OK ||
        load_endpoints(settings, options, error) != CAWS_OK ||
        load_credentials(settings, options, error) != CAWS_OK)
        return error->status;
    const char *source = NULL;
    return copy(settings,
                choose(options->ca_bundle, "option ca_bundle", "AWS_CA_BUNDLE", NULL, &source),
                &settings->ca_bundle, error);
}

void caws_settings_clear(caws_settings *settings)
{
    for (int i = 0; i < 3; i++)
        if (settings->secrets[i] != NULL)
            OPENSSL_cleanse(settings->secrets[i], strlen(settings->secrets[i]));
    caws_arena_clear(&settings->arena);
    *settings = (caws_settings){0};
}
