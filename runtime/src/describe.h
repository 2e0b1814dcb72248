/* Tells a person what the settings are and where each is from. */
#ifndef CAWS_DESCRIBE_H
#define CAWS_DESCRIBE_H

#include "credentials_fetch.h"
#include "settings.h"

/* Calls callback once a setting; secrets, and the parts of URLs that may be some, are masked.
 * found: what the chain of providers has found; NULL: nothing yet. */
void caws_settings_describe(const caws_settings *settings, const caws_found_credentials *found,
                            caws_setting_callback callback, void *context);

#endif
