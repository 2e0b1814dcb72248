/* A client's settings: options first, then the environment, then defaults. Read once. */
#ifndef CAWS_SETTINGS_H
#define CAWS_SETTINGS_H

#include <caws/client.h>

#include "arena.h"
#include "log.h"

/* An environment variable that names an endpoint: AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_<SERVICE>.
 */
typedef struct caws_endpoint_setting {
    const struct caws_endpoint_setting *next;
    const char *variable;
    const char *url;
} caws_endpoint_setting;

/* All texts are the settings' own, in their arena, and checked: fit for headers and URLs. */
typedef struct caws_settings {
    const char *region;       /* NULL: none */
    const char *endpoint_url; /* the option; NULL: none */
    const caws_endpoint_setting *endpoint_variables;
    const char *ca_bundle;        /* NULL: libcurl's default */
    caws_credentials credentials; /* access_key_id is NULL if there are none */
    char *secrets[3];             /* the same texts, to be wiped */
    int32_t connect_timeout_ms;
    int32_t timeout_ms;
    size_t max_response_bytes;
    caws_validation validation;
    bool no_host_prefix;
    caws_logger logger;
    caws_arena arena;
    bool use_fips_endpoint;
    bool use_dualstack_endpoint;
} caws_settings;

/* Reads options (NULL: none) and the environment. Errors as in caws_client_new. On failure too, the
 * caller clears settings, which it has zeroed before. */
caws_status caws_settings_load(caws_settings *settings, const caws_client_options *options,
                               caws_error *error);

/* Wipes the secrets and frees all. */
void caws_settings_clear(caws_settings *settings);

#endif
