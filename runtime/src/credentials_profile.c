/* Credentials of the chosen profile: keys in the files, or a program that tells them. */
#include "credentials_provider.h"

#include <string.h>

#include "text.h"

enum { MAX_SOURCES = 16 }; /* profiles that lead from one to the next */

/* How messages begin: profile "dev" in /home/me/.aws/config. */
static const char *describe(caws_buffer *text, const char *name, const char *file)
{
    char shown[CAWS_EXCERPT_SIZE];
    caws_excerpt(shown, name, strlen(name));
    caws_buffer_append_format(text, "profile \"%s\"", shown);
    if (file != NULL)
        caws_buffer_append_format(text, " in %s", file);
    return caws_buffer_ok(text) ? text->data : "profile";
}

static caws_provider_result note_missing(caws_fetch *fetch)
{
    const caws_profiles *profiles = fetch->sources.profiles;
    char shown[CAWS_EXCERPT_SIZE];
    caws_excerpt(shown, profiles->name, strlen(profiles->name));
    const char *how = !profiles->named                   ? ""
                      : fetch->sources.profile_by_option ? ", chosen by option,"
                                                         : ", chosen by AWS_PROFILE,";
    if (profiles->config_path == NULL && profiles->credentials_path == NULL)
        caws_provider_note(fetch, "profile \"%s\"%s is nowhere: there is no home folder", shown,
                           how);
    else
        caws_provider_note(fetch, "profile \"%s\"%s is neither in %s nor in %s", shown, how,
                           profiles->credentials_path != NULL ? profiles->credentials_path : "?",
                           profiles->config_path != NULL ? profiles->config_path : "?");
    if (!profiles->named)
        return CAWS_PROVIDER_NEXT;
    fetch->status = CAWS_ERROR_CONFIGURATION; /* a name that is mistyped most likely */
    return CAWS_PROVIDER_FAIL;
}

static caws_property_value property_of(const caws_fetch *fetch, const char *profile,
                                       const char *name)
{
    return caws_profiles_get(fetch->sources.profiles, CAWS_SECTION_PROFILE, profile, name);
}

static bool has_keys(const caws_fetch *fetch, const char *profile)
{
    return property_of(fetch, profile, "aws_access_key_id").value != NULL ||
           property_of(fetch, profile, "aws_secret_access_key").value != NULL;
}

/* What is wrong with the profiles that source_profile leads to; an empty text: nothing. */
static void check_sources(const caws_fetch *fetch, const char *first, caws_buffer *problem)
{
    const char *seen[MAX_SOURCES] = {first};
    for (size_t count = 1; count < MAX_SOURCES; count++) {
        const char *here = seen[count - 1];
        const char *next = property_of(fetch, here, "source_profile").value;
        if (next == NULL || property_of(fetch, here, "role_arn").value == NULL)
            return;
        if (strcmp(next, here) == 0 && has_keys(fetch, here))
            return; /* a role by the keys of the same profile */
        if (!caws_profiles_has(fetch->sources.profiles, CAWS_SECTION_PROFILE, next)) {
            caws_buffer_append_string(problem, "source_profile names ");
            describe(problem, next, NULL);
            caws_buffer_append_string(problem, ", which is in neither file");
            return;
        }
        for (size_t i = 0; i < count; i++) {
            if (strcmp(seen[i], next) != 0)
                continue;
            caws_buffer_append_string(problem, "source_profile leads in a circle, back to ");
            describe(problem, next, NULL);
            return;
        }
        seen[count] = next;
    }
    caws_buffer_append_format(problem, "source_profile leads over more than %d profiles",
                              (int)MAX_SOURCES);
}

/* A role is nothing that can be taken on yet; what is wrong beyond that is told too. */
static caws_provider_result note_role(caws_fetch *fetch, const char *who)
{
    static const char *const known[] = {"Environment", "Ec2InstanceMetadata", "EcsContainer"};
    caws_property_value from_profile = caws_provider_property(fetch, "source_profile");
    caws_property_value from_source = caws_provider_property(fetch, "credential_source");
    caws_buffer problem = CAWS_BUFFER_INIT;
    if (from_profile.value != NULL && from_source.value != NULL)
        caws_buffer_append_string(
            &problem, "role_arn has both source_profile and credential_source beside it");
    else if (from_profile.value == NULL && from_source.value == NULL)
        caws_buffer_append_string(
            &problem, "role_arn has neither source_profile nor credential_source beside it");
    else if (from_profile.value != NULL)
        check_sources(fetch, fetch->sources.profiles->name, &problem);
    else {
        bool is_known = false;
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
            is_known = is_known || strcmp(from_source.value, known[i]) == 0;
        if (!is_known)
            caws_buffer_append_format(&problem, "credential_source is none of %s, %s, %s", known[0],
                                      known[1], known[2]);
    }
    caws_provider_note(fetch,
                       "%s: role_arn: to assume a role needs AWS STS, which caws does not support "
                       "yet%s%s",
                       who, problem.length > 0 ? "; moreover, " : "",
                       problem.length > 0 ? problem.data : "");
    bool ok = caws_buffer_ok(&problem);
    caws_buffer_clear(&problem);
    return ok ? CAWS_PROVIDER_NEXT : CAWS_PROVIDER_MEMORY;
}

static caws_provider_result use_keys(caws_fetch *fetch)
{
    static const char *const names[] = {"aws_access_key_id", "aws_secret_access_key",
                                        "aws_session_token"};
    caws_property_value values[3];
    for (int i = 0; i < 3; i++)
        values[i] = caws_provider_property(fetch, names[i]);
    bool has_id = values[0].value != NULL;
    caws_buffer source = CAWS_BUFFER_INIT;
    describe(&source, fetch->sources.profiles->name, values[has_id ? 0 : 1].file);
    caws_provider_result result = CAWS_PROVIDER_MEMORY;
    if (caws_buffer_ok(&source) && has_id != (values[1].value != NULL)) {
        caws_provider_note(fetch, "%s: %s is set, but %s is not", source.data,
                           names[has_id ? 0 : 1], names[has_id ? 1 : 0]);
        result = CAWS_PROVIDER_FAIL; /* a mistake, which other credentials must not hide */
        fetch->status = CAWS_ERROR_CREDENTIALS;
    } else if (caws_buffer_ok(&source)) {
        /* Both files may have keys of one profile: the token of a pair that the other file replaces
         * belongs to neither key. */
        bool fits = values[2].value != NULL && (strcmp(values[2].file, values[0].file) == 0 ||
                                                strcmp(values[2].file, values[1].file) == 0);
        caws_found_credentials found = {
            .keys = {values[0].value, values[1].value, fits ? values[2].value : NULL},
            .account_id = caws_provider_property(fetch, "aws_account_id").value,
            .expires = INT64_MAX,
            .source = source.data,
        };
        result = caws_provider_use(fetch, &found, names);
    }
    caws_buffer_clear(&source);
    return result;
}

typedef struct unsupported_way {
    const char *property; /* its presence in a profile */
    const char *needs;
} unsupported_way;

static const unsupported_way unsupported[] = {
    {"web_identity_token_file", "AWS STS"},
    {"sso_account_id", "IAM Identity Center (SSO)"},
    {"sso_role_name", "IAM Identity Center (SSO)"},
    {"login_session", "the AWS sign-in service"},
};

static caws_provider_result note_rest(caws_fetch *fetch, caws_buffer *who)
{
    const char *name = fetch->sources.profiles->name;
    for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++) {
        caws_property_value found = caws_provider_property(fetch, unsupported[i].property);
        if (found.value != NULL)
            return caws_provider_note(
                fetch, "%s: %s: this needs %s, which caws does not support yet",
                describe(who, name, found.file), unsupported[i].property, unsupported[i].needs);
    }
    return caws_provider_note(fetch, "%s has no credentials", describe(who, name, NULL));
}

/*
 * A role goes before keys, which may be those to assume it with. Keys go before the ways that are
 * not supported: tools write keys into profiles for programs that lack those ways.
 */
static caws_provider_result look(caws_fetch *fetch, caws_buffer *who)
{
    const char *name = fetch->sources.profiles->name;
    caws_property_value role = caws_provider_property(fetch, "role_arn");
    caws_property_value process = caws_provider_property(fetch, "credential_process");
    if (role.value != NULL &&
        caws_provider_property(fetch, "web_identity_token_file").value == NULL)
        return note_role(fetch, describe(who, name, role.file));
    if (caws_provider_property(fetch, "aws_access_key_id").value != NULL ||
        caws_provider_property(fetch, "aws_secret_access_key").value != NULL)
        return use_keys(fetch);
    if (process.value == NULL)
        return note_rest(fetch, who);
    describe(who, name, process.file);
    if (fetch->step > 0)
        caws_buffer_append_string(who, ", credential_process");
    if (!caws_buffer_ok(who))
        return CAWS_PROVIDER_MEMORY;
    return caws_process_provider(fetch, process.value, who->data);
}

caws_provider_result caws_profile_provider(caws_fetch *fetch, const caws_fetch_answer *answer)
{
    (void)answer;
    const caws_profiles *profiles = fetch->sources.profiles;
    if (profiles == NULL)
        return caws_provider_note(fetch, "profile: there are no shared files");
    if (!caws_profiles_has(profiles, CAWS_SECTION_PROFILE, profiles->name))
        return note_missing(fetch);
    caws_buffer who = CAWS_BUFFER_INIT;
    caws_provider_result result = look(fetch, &who);
    caws_buffer_clear(&who);
    return result;
}
