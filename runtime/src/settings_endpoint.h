/* The endpoint URL that somebody configured for a service. */
#ifndef CAWS_SETTINGS_ENDPOINT_H
#define CAWS_SETTINGS_ENDPOINT_H

#include <caws/schema.h>

#include "settings_source.h"

/*
 * Finds the option endpoint_url; else, unless configured URLs are to be ignored,
 * AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the service's endpoint_url in the profile's
 * services section, the profile's endpoint_url. A service goes by its id ("cloudwatch_logs");
 * variables may have its endpoint prefix ("LOGS") too, which is caws' own, and comes after the id.
 * Stores a text of NULL if there is none. Texts are the settings' own or in arena. Errors:
 * CAWS_ERROR_MEMORY.
 */
caws_status caws_settings_endpoint(const caws_settings *settings, const caws_service *service,
                                   caws_arena *arena, caws_setting_value *found, caws_error *error);

#endif
