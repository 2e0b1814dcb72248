/* A client's settings: options first, then the environment, then the shared files, then defaults.
 * Read once. */
#ifndef CAWS_SETTINGS_H
#define CAWS_SETTINGS_H

#include <caws/client.h>

#include "arena.h"
#include "log.h"
#include "profiles.h"
#include "system.h"

/* An environment variable that names an endpoint: AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_<SERVICE>.
 */
typedef struct caws_endpoint_setting {
    const struct caws_endpoint_setting *next;
    const char *variable;
    const char *url;
} caws_endpoint_setting;

/* Settings whose source is kept, to be described. */
typedef enum caws_setting_id {
    CAWS_SETTING_PROFILE,
    CAWS_SETTING_CONFIG_FILE,
    CAWS_SETTING_CREDENTIALS_FILE,
    CAWS_SETTING_REGION,
    CAWS_SETTING_CREDENTIALS,
    CAWS_SETTING_IGNORE_ENDPOINT_URLS,
    CAWS_SETTING_USE_FIPS_ENDPOINT,
    CAWS_SETTING_USE_DUALSTACK_ENDPOINT,
    CAWS_SETTING_HOST_PREFIX,
    CAWS_SETTING_ACCOUNT_ID_MODE,
    CAWS_SETTING_RETRY_MODE,
    CAWS_SETTING_MAX_ATTEMPTS,
    CAWS_SETTING_DEFAULTS_MODE,
    CAWS_SETTING_CONNECT_TIMEOUT,
    CAWS_SETTING_TIMEOUT,
    CAWS_SETTING_MAX_RESPONSE_BYTES,
    CAWS_SETTING_VALIDATION,
    CAWS_SETTING_CA_BUNDLE,
    CAWS_SETTING_PROXY,
    CAWS_SETTING_APP_ID,
    CAWS_SETTING_SERVICES,
    CAWS_SETTING_COUNT
} caws_setting_id;

/* All texts are the settings' own, in their arena or in profiles, and checked: fit for headers and
 * URLs. */
typedef struct caws_settings {
    const char *region;       /* NULL: none */
    const char *endpoint_url; /* the option; NULL: none */
    const caws_endpoint_setting *endpoint_variables;
    const char *services; /* the profile's services section; NULL: none */
    bool ignore_configured_endpoint_urls;
    bool use_fips_endpoint;
    bool use_dualstack_endpoint;
    bool no_host_prefix;
    const char *account_id_endpoint_mode; /* "preferred", "disabled", "required" */
    const char *ca_bundle;                /* NULL: libcurl's default */
    const char *proxy;                    /* "": none; NULL: libcurl's rules */
    const char *app_id;                   /* only characters of tokens and ','; NULL: none */
    caws_credentials credentials;         /* access_key_id is NULL if there are none */
    char *secrets[3];                     /* the same texts, to be wiped */
    const char *account_id;               /* of these credentials; NULL: unknown */
    caws_credentials_callback credentials_callback; /* NULL: none */
    void *credentials_context;
    bool profile_by_option;
    caws_retry_mode retry_mode; /* never CAWS_RETRY_DEFAULT */
    int32_t max_attempts;       /* at least 1; 1 if retries are off */
    const char *defaults_mode;  /* NULL: none */
    int32_t connect_timeout_ms;
    int32_t timeout_ms;
    size_t max_response_bytes;
    caws_validation validation;
    caws_logger logger;
    const char *sources[CAWS_SETTING_COUNT]; /* NULL: the default */
    const caws_system *system;
    caws_profiles profiles;
    caws_arena arena;
} caws_settings;

/* Reads options (NULL: none), the environment and the shared files. Errors as in caws_client_new.
 * On failure too, the caller clears settings, which it has zeroed before. */
caws_status caws_settings_load(caws_settings *settings, const caws_client_options *options,
                               caws_error *error);

/* The same with another system, which has to live as long. */
caws_status caws_settings_load_from(caws_settings *settings, const caws_client_options *options,
                                    const caws_system *system, caws_error *error);

/* Wipes the secrets and frees all. */
void caws_settings_clear(caws_settings *settings);

#endif
