#include "settings_source.h"

#include <string.h>

#include "buffer.h"
#include "fail.h"
#include "text.h"

static const struct {
    const char *option;
    const char *variables[2];
    const char *property;
} names[CAWS_SETTING_COUNT] = {
    [CAWS_SETTING_PROFILE] = {"option profile", {"AWS_PROFILE", NULL}, NULL},
    [CAWS_SETTING_CONFIG_FILE] = {NULL, {"AWS_CONFIG_FILE", NULL}, NULL},
    [CAWS_SETTING_CREDENTIALS_FILE] = {NULL, {"AWS_SHARED_CREDENTIALS_FILE", NULL}, NULL},
    [CAWS_SETTING_REGION] = {"option region", {"AWS_REGION", "AWS_DEFAULT_REGION"}, "region"},
    [CAWS_SETTING_CREDENTIALS] = {"option credentials", {"AWS_ACCESS_KEY_ID", NULL}, NULL},
    [CAWS_SETTING_IGNORE_ENDPOINT_URLS] = {NULL,
                                           {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", NULL},
                                           "ignore_configured_endpoint_urls"},
    [CAWS_SETTING_USE_FIPS_ENDPOINT] = {"option use_fips_endpoint",
                                        {"AWS_USE_FIPS_ENDPOINT", NULL},
                                        "use_fips_endpoint"},
    [CAWS_SETTING_USE_DUALSTACK_ENDPOINT] = {"option use_dualstack_endpoint",
                                             {"AWS_USE_DUALSTACK_ENDPOINT", NULL},
                                             "use_dualstack_endpoint"},
    [CAWS_SETTING_HOST_PREFIX] = {"option no_host_prefix",
                                  {"AWS_DISABLE_HOST_PREFIX_INJECTION", NULL},
                                  "disable_host_prefix_injection"},
    [CAWS_SETTING_ACCOUNT_ID_MODE] = {"option account_id_endpoint_mode",
                                      {"AWS_ACCOUNT_ID_ENDPOINT_MODE", NULL},
                                      "account_id_endpoint_mode"},
    [CAWS_SETTING_RETRY_MODE] = {"option retry_mode", {"AWS_RETRY_MODE", NULL}, "retry_mode"},
    [CAWS_SETTING_MAX_ATTEMPTS] = {"option max_attempts",
                                   {"AWS_MAX_ATTEMPTS", NULL},
                                   "max_attempts"},
    [CAWS_SETTING_DEFAULTS_MODE] = {NULL, {"AWS_DEFAULTS_MODE", NULL}, "defaults_mode"},
    [CAWS_SETTING_CONNECT_TIMEOUT] = {"option connect_timeout_ms", {NULL, NULL}, NULL},
    [CAWS_SETTING_TIMEOUT] = {"option timeout_ms", {NULL, NULL}, NULL},
    [CAWS_SETTING_MAX_RESPONSE_BYTES] = {"option max_response_bytes", {NULL, NULL}, NULL},
    [CAWS_SETTING_VALIDATION] = {"option validation", {NULL, NULL}, NULL},
    [CAWS_SETTING_CA_BUNDLE] = {"option ca_bundle", {"AWS_CA_BUNDLE", NULL}, "ca_bundle"},
    [CAWS_SETTING_PROXY] = {"option proxy", {NULL, NULL}, NULL},
    [CAWS_SETTING_APP_ID] = {"option app_id", {"AWS_SDK_UA_APP_ID", NULL}, "sdk_ua_app_id"},
    [CAWS_SETTING_SERVICES] = {NULL, {NULL, NULL}, "services"},
};

const char *caws_property_source(caws_arena *arena, const caws_property_value *property,
                                 const char *name)
{
    caws_buffer text = CAWS_BUFFER_INIT;
    const char *source =
        caws_buffer_append_format(&text, "%s:%d: %s", property->file, property->line, name)
            ? caws_arena_copy(arena, text.data, text.length)
            : NULL;
    caws_buffer_clear(&text);
    return source;
}

void caws_setting_from_option(caws_settings *settings, caws_setting_id id)
{
    settings->sources[id] = names[id].option;
}

caws_status caws_setting_find(caws_settings *settings, caws_setting_id id, const char *option,
                              const char **text, caws_error *error)
{
    *text = option;
    if (option != NULL) {
        caws_setting_from_option(settings, id);
        return CAWS_OK;
    }
    for (int i = 0; i < 2 && names[id].variables[i] != NULL; i++) {
        *text = caws_system_variable(settings->system, names[id].variables[i]);
        if (*text != NULL) {
            settings->sources[id] = names[id].variables[i];
            return CAWS_OK;
        }
    }
    const char *property = names[id].property;
    if (property == NULL)
        return CAWS_OK;
    caws_property_value found = caws_profiles_get(&settings->profiles, CAWS_SECTION_PROFILE,
                                                  settings->profiles.name, property);
    if (found.value == NULL || found.value[0] == '\0') /* empty is unset, as in variables */
        return CAWS_OK;
    *text = found.value;
    settings->sources[id] = caws_property_source(&settings->arena, &found, property);
    return settings->sources[id] != NULL ? CAWS_OK : caws_fail_memory(error);
}

caws_status caws_setting_refuse(const caws_settings *settings, caws_setting_id id, const char *text,
                                const char *why, caws_error *error)
{
    char shown[CAWS_EXCERPT_SIZE];
    caws_excerpt(shown, text, strlen(text));
    return caws_fail(error, CAWS_ERROR_CONFIGURATION, "%s: \"%s\"%s", settings->sources[id], shown,
                     why);
}
