/* Stands for the shared files in builds without them (CAWS_SHARED_FILES=OFF). */
#include "../credentials_provider.h"

/* A profile that somebody chose does not exist, and that is an error with these words in it. */
caws_status caws_profiles_load(caws_profiles *profiles, const caws_system *system,
                               const char *profile, caws_error *error)
{
    (void)error;
    profiles->name = profile != NULL ? profile : caws_system_variable(system, "AWS_PROFILE");
    profiles->named = profiles->name != NULL;
    if (!profiles->named)
        profiles->name = "default";
    profiles->config_path = "the config file";
    profiles->credentials_path =
        "the credentials file, which this build of caws leaves out (CAWS_SHARED_FILES)";
    return CAWS_OK;
}

void caws_profiles_clear(caws_profiles *profiles)
{
    (void)profiles;
}

bool caws_profiles_has(const caws_profiles *profiles, caws_section_kind kind, const char *name)
{
    (void)profiles;
    (void)kind;
    (void)name;
    return false;
}

caws_property_value caws_profiles_get(const caws_profiles *profiles, caws_section_kind kind,
                                      const char *name, const char *property)
{
    (void)profiles;
    (void)kind;
    (void)name;
    (void)property;
    return (caws_property_value){NULL, NULL, 0};
}

caws_property_value caws_profiles_get_nested(const caws_profiles *profiles, caws_section_kind kind,
                                             const char *name, const char *property,
                                             const char *nested)
{
    (void)nested;
    return caws_profiles_get(profiles, kind, name, property);
}

caws_provider_result caws_profile_provider(caws_fetch *fetch, const caws_fetch_answer *answer)
{
    (void)answer;
    return caws_provider_note(
        fetch, "profile: this build of caws leaves out the shared files (CAWS_SHARED_FILES)");
}
