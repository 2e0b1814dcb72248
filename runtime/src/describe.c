#include "describe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "profile_parse.h"

enum { TEXT_SIZE = 512 };

typedef struct listener {
    caws_setting_callback callback;
    void *context;
} listener;

typedef enum kind { TEXT, URL, BOOLEAN, NUMBER, BYTES, RETRY_MODE, VALIDATION } kind;

/* What is shown apart from credentials and endpoint URLs. */
static const struct {
    const char *name;
    caws_setting_id id;
    kind kind;
    size_t offset; /* in caws_settings */
} rows[] = {
    {"region", CAWS_SETTING_REGION, TEXT, offsetof(caws_settings, region)},
    {"ignore_configured_endpoint_urls", CAWS_SETTING_IGNORE_ENDPOINT_URLS, BOOLEAN,
     offsetof(caws_settings, ignore_configured_endpoint_urls)},
    {"services", CAWS_SETTING_SERVICES, TEXT, offsetof(caws_settings, services)},
    {"use_fips_endpoint", CAWS_SETTING_USE_FIPS_ENDPOINT, BOOLEAN,
     offsetof(caws_settings, use_fips_endpoint)},
    {"use_dualstack_endpoint", CAWS_SETTING_USE_DUALSTACK_ENDPOINT, BOOLEAN,
     offsetof(caws_settings, use_dualstack_endpoint)},
    {"no_host_prefix", CAWS_SETTING_HOST_PREFIX, BOOLEAN, offsetof(caws_settings, no_host_prefix)},
    {"account_id_endpoint_mode", CAWS_SETTING_ACCOUNT_ID_MODE, TEXT,
     offsetof(caws_settings, account_id_endpoint_mode)},
    {"retry_mode", CAWS_SETTING_RETRY_MODE, RETRY_MODE, offsetof(caws_settings, retry_mode)},
    {"max_attempts", CAWS_SETTING_MAX_ATTEMPTS, NUMBER, offsetof(caws_settings, max_attempts)},
    {"defaults_mode", CAWS_SETTING_DEFAULTS_MODE, TEXT, offsetof(caws_settings, defaults_mode)},
    {"connect_timeout_ms", CAWS_SETTING_CONNECT_TIMEOUT, NUMBER,
     offsetof(caws_settings, connect_timeout_ms)},
    {"timeout_ms", CAWS_SETTING_TIMEOUT, NUMBER, offsetof(caws_settings, timeout_ms)},
    {"max_response_bytes", CAWS_SETTING_MAX_RESPONSE_BYTES, BYTES,
     offsetof(caws_settings, max_response_bytes)},
    {"ca_bundle", CAWS_SETTING_CA_BUNDLE, TEXT, offsetof(caws_settings, ca_bundle)},
    {"proxy", CAWS_SETTING_PROXY, URL, offsetof(caws_settings, proxy)},
    {"app_id", CAWS_SETTING_APP_ID, TEXT, offsetof(caws_settings, app_id)},
    {"validation", CAWS_SETTING_VALIDATION, VALIDATION, offsetof(caws_settings, validation)},
};

static void tell(const listener *to, const char *name, const char *value, const char *source)
{
    to->callback(to->context, name, value != NULL ? value : "(none)",
                 source != NULL ? source : "default");
}

/* A user name and password stand before an '@', a token may behind '?' or '#'. */
static const char *without_secrets(const char *url)
{
    return url != NULL && strpbrk(url, "@?#") != NULL ? "(set, but may hold a secret)" : url;
}

static const char *retry_mode_text(caws_retry_mode mode)
{
    return mode == CAWS_RETRY_OFF ? "off" : mode == CAWS_RETRY_ADAPTIVE ? "adaptive" : "standard";
}

static void tell_row(const listener *to, const caws_settings *settings, size_t row)
{
    const void *value = (const char *)settings + rows[row].offset;
    char number[32];
    const char *text = number;
    switch (rows[row].kind) {
    case TEXT:
        text = *(const char *const *)value;
        break;
    case URL:
        text = without_secrets(*(const char *const *)value);
        break;
    case BOOLEAN:
        text = *(const bool *)value ? "true" : "false";
        break;
    case NUMBER:
        (void)snprintf(number, sizeof(number), "%" PRId32, *(const int32_t *)value);
        break;
    case BYTES:
        (void)snprintf(number, sizeof(number), "%zu", *(const size_t *)value);
        break;
    case RETRY_MODE:
        text = retry_mode_text(*(const caws_retry_mode *)value);
        break;
    case VALIDATION:
        text = *(const caws_validation *)value == CAWS_VALIDATE_ALL ? "all" : "required";
        break;
    }
    tell(to, rows[row].name, text, settings->sources[rows[row].id]);
}

static void tell_file(const listener *to, const caws_settings *settings, int which)
{
    static const caws_setting_id ids[] = {CAWS_SETTING_CONFIG_FILE, CAWS_SETTING_CREDENTIALS_FILE};
    const char *path =
        which == 0 ? settings->profiles.config_path : settings->profiles.credentials_path;
    const char *source = settings->sources[ids[which]];
    char text[64];
    if (settings->profiles.texts[which].length == 0) {
        (void)snprintf(text, sizeof(text), "%s; nothing there that can be read",
                       source != NULL ? source : "default");
        source = text;
    }
    tell(to, which == 0 ? "config_file" : "credentials_file", path, source);
}

/* The end of a long key id, as the AWS CLI shows it; nothing of a short one. */
static void tell_keys(const listener *to, const caws_credentials *credentials,
                      const char *account_id, const char *source)
{
    char id[] = "****************....";
    size_t length = credentials->access_key_id != NULL ? strlen(credentials->access_key_id) : 0;
    if (length >= 16)
        memcpy(id + 16, credentials->access_key_id + length - 4, 4);
    else
        id[16] = '\0';
    tell(to, "access_key_id", length > 0 ? id : NULL, source);
    tell(to, "secret_access_key", credentials->secret_access_key != NULL ? "****" : NULL, source);
    tell(to, "session_token", credentials->session_token != NULL ? "****" : NULL, source);
    tell(to, "account_id", account_id, source);
}

static void tell_credentials(const listener *to, const caws_settings *settings,
                             const caws_found_credentials *found)
{
    static const char *const names[] = {"access_key_id", "secret_access_key", "session_token",
                                        "account_id"};
    if (settings->credentials.access_key_id != NULL)
        tell_keys(to, &settings->credentials, settings->account_id,
                  settings->sources[CAWS_SETTING_CREDENTIALS]);
    else if (found != NULL)
        tell_keys(to, &found->keys, found->account_id, found->source);
    else
        for (int i = 0; i < 4; i++)
            tell(to, names[i], "(found by the first call)",
                 settings->credentials_callback != NULL ? "option credentials_callback" : NULL);
}

static void tell_url(const listener *to, const caws_property *property, const char *service)
{
    char source[TEXT_SIZE];
    if (property->value[0] == '\0')
        return;
    (void)snprintf(source, sizeof(source), "%s:%d: endpoint_url%s%s", property->file,
                   property->line, service != NULL ? " of " : "", service != NULL ? service : "");
    tell(to, "endpoint_url", without_secrets(property->value), source);
}

/* The URLs in the services section that are not hidden by later ones. */
static void tell_services(const listener *to, const caws_settings *settings,
                          const caws_section *section)
{
    for (const caws_property *p = section->properties; p != NULL; p = p->next)
        for (const caws_property *n = p->nested; n != NULL; n = n->next)
            if (strcmp(n->name, "endpoint_url") == 0 &&
                caws_profiles_get_nested(&settings->profiles, CAWS_SECTION_SERVICES,
                                         settings->services, p->name, n->name)
                        .value == n->value)
                tell_url(to, n, p->name);
}

static void tell_endpoints(const listener *to, const caws_settings *settings)
{
    if (settings->endpoint_url != NULL)
        tell(to, "endpoint_url", without_secrets(settings->endpoint_url), "option endpoint_url");
    if (settings->endpoint_url != NULL || settings->ignore_configured_endpoint_urls)
        return;
    for (int all = 0; all < 2; all++) /* a service's own variable goes before that for all */
        for (const caws_endpoint_setting *s = settings->endpoint_variables; s != NULL; s = s->next)
            if ((strcmp(s->variable, "AWS_ENDPOINT_URL") == 0) == (all == 1))
                tell(to, "endpoint_url", without_secrets(s->url), s->variable);
    for (const caws_section *s = settings->profiles.sections; s != NULL; s = s->next)
        if (settings->services != NULL && s->kind == CAWS_SECTION_SERVICES &&
            strcmp(s->name, settings->services) == 0)
            tell_services(to, settings, s);
    const caws_property_value found = caws_profiles_get(&settings->profiles, CAWS_SECTION_PROFILE,
                                                        settings->profiles.name, "endpoint_url");
    const caws_property property = {.value = found.value, .file = found.file, .line = found.line};
    if (found.value != NULL)
        tell_url(to, &property, NULL);
}

void caws_settings_describe(const caws_settings *settings, const caws_found_credentials *found,
                            caws_setting_callback callback, void *context)
{
    const listener to = {callback, context};
    tell(&to, "profile", settings->profiles.name, settings->sources[CAWS_SETTING_PROFILE]);
    tell_file(&to, settings, 0);
    tell_file(&to, settings, 1);
    tell_credentials(&to, settings, found);
    tell_endpoints(&to, settings);
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++)
        tell_row(&to, settings, row);
}
