/*
 * Reads one of the shared files:
 *
 *     [profile dev]            # in the credentials file: [dev]
 *     region = eu-west-1
 *     services = local
 *     [services local]         # as [sso-session ...]: in the config file only
 *     cloudwatch_logs =
 *       endpoint_url = http://localhost:4566
 *
 * The rules are those of the AWS SDKs (see their reference guide), and where these say nothing, or
 * refuse what the AWS CLI takes, those of the CLI: an indented line is a comment if it begins like
 * one, and continues a property only if it is indented deeper than that.
 */
#ifndef CAWS_PROFILE_PARSE_H
#define CAWS_PROFILE_PARSE_H

#include "profiles.h"

typedef struct caws_property {
    const struct caws_property *next; /* newest first, so that the last one of a name is found */
    const char *name;                 /* in lower case */
    const char *value;
    const char *file;
    int line;
    const struct caws_property *nested;
} caws_property;

struct caws_section {
    const caws_section *next;
    caws_section_kind kind;
    const char *name;
    bool discarded; /* [default] in a file with [profile default] */
    caws_property *properties;
};

typedef struct caws_profile_file {
    const char *path;
    bool credentials; /* the credentials file; else the config file */
} caws_profile_file;

/*
 * Adds the sections of text, which it cuts up, to profiles; what it adds is newer than what is
 * there. text has length bytes and a NUL, and lives as long as profiles. Errors: CAWS_ERROR_MEMORY;
 * CAWS_ERROR_CONFIGURATION.
 */
caws_status caws_profile_parse(caws_profiles *profiles, const caws_profile_file *file, char *text,
                               size_t length, caws_error *error);

#endif
