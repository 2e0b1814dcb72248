/* Where a setting's value comes from: the option, one of its variables, or the profile. */
#ifndef CAWS_SETTINGS_SOURCE_H
#define CAWS_SETTINGS_SOURCE_H

#include "settings.h"

typedef struct caws_setting_value {
    const char *text;   /* NULL: it is set nowhere */
    const char *source; /* "AWS_REGION", "/home/me/.aws/config:3: region" */
} caws_setting_value;

/* Finds a setting that is a text outside, keeps its source, and stores the text, which is borrowed.
 * option: NULL: not given. Errors: CAWS_ERROR_MEMORY. */
caws_status caws_setting_find(caws_settings *settings, caws_setting_id id, const char *option,
                              const char **text, caws_error *error);

/* Says that a setting is from its option. */
void caws_setting_from_option(caws_settings *settings, caws_setting_id id);

/* CAWS_ERROR_CONFIGURATION: the source, the text, and why it cannot be used. */
caws_status caws_setting_refuse(const caws_settings *settings, caws_setting_id id, const char *text,
                                const char *why, caws_error *error);

/* "file:line: name" for a property; NULL when out of memory. */
const char *caws_property_source(caws_arena *arena, const caws_property_value *property,
                                 const char *name);

#endif
