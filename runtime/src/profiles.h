/* The shared config and credentials files, parsed and merged. */
#ifndef CAWS_PROFILES_H
#define CAWS_PROFILES_H

#include <stdbool.h>

#include <caws/error.h>

#include "arena.h"
#include "buffer.h"
#include "system.h"

/* Of one file; a larger one is an error. */
enum { CAWS_PROFILES_MAX_BYTES = 1024 * 1024 };

typedef enum caws_section_kind {
    CAWS_SECTION_PROFILE,
    CAWS_SECTION_SSO_SESSION,
    CAWS_SECTION_SERVICES
} caws_section_kind;

typedef struct caws_section caws_section;

/* Something in a file that is of no use and was passed over; says nothing of what stood there,
 * which may be a secret. */
typedef struct caws_profile_note {
    const struct caws_profile_note *next;
    const char *file;
    int line; /* 0: the whole file */
    const char *text;
} caws_profile_note;

typedef struct caws_profiles {
    /* Newest first. A name may come several times: the functions below see them merged. */
    const caws_section *sections;
    const char *config_path; /* the files' places; NULL: there is no home folder */
    const char *credentials_path;
    const char *name; /* of the profile that is chosen: AWS_PROFILE, or "default" */
    bool named;       /* by option or environment, and not "default": it has to exist */
    const caws_profile_note *notes; /* newest first */
    caws_buffer texts[2]; /* the files' contents, which all names and values are part of */
    caws_arena arena;
} caws_profiles;

/* A property's value and the file it is from, for messages. */
typedef struct caws_property_value {
    const char *value; /* NULL: there is none */
    const char *file;  /* "/home/me/.aws/config" */
    int line;
} caws_property_value;

/*
 * Finds and reads both files; a file that is not there is an empty one. profile: the option; NULL:
 * the environment, then "default". Errors: CAWS_ERROR_MEMORY; CAWS_ERROR_CONFIGURATION with file,
 * line and reason. On failure too, the caller clears profiles, which it has zeroed before.
 */
caws_status caws_profiles_load(caws_profiles *profiles, const caws_system *system,
                               const char *profile, caws_error *error);

/* Wipes what was read, for there are secrets in it, and frees all. */
void caws_profiles_clear(caws_profiles *profiles);

bool caws_profiles_has(const caws_profiles *profiles, caws_section_kind kind, const char *name);

/* A property of a section, by its name in lower case. */
caws_property_value caws_profiles_get(const caws_profiles *profiles, caws_section_kind kind,
                                      const char *name, const char *property);

/* A property nested under another: services sections have "cloudwatch_logs =" and under it
 * "endpoint_url = ". */
caws_property_value caws_profiles_get_nested(const caws_profiles *profiles, caws_section_kind kind,
                                             const char *name, const char *property,
                                             const char *nested);

#endif
