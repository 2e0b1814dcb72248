/* Tells a person what the settings are and where each is from. */
#ifndef CAWS_DESCRIBE_H
#define CAWS_DESCRIBE_H

#include "settings.h"

/* Calls callback once a setting; secrets, and the parts of URLs that may be some, are masked. */
void caws_settings_describe(const caws_settings *settings, caws_setting_callback callback,
                            void *context);

#endif
