#include "profiles.h"

#include <errno.h>
#include <string.h>

#include "fail.h"
#include "profile_parse.h"

enum { CONFIG, CREDENTIALS };

/* Appends the home folder; false: there is none, or no memory. */
static bool append_home(const caws_system *system, caws_buffer *path)
{
    const char *home = caws_system_variable(system, "HOME");
    const char *rest = "";
    if (home == NULL && system->windows) {
        home = caws_system_variable(system, "USERPROFILE");
        if (home == NULL && caws_system_variable(system, "HOMEPATH") != NULL) {
            home = caws_system_variable(system, "HOMEDRIVE");
            rest = caws_system_variable(system, "HOMEPATH");
        }
    }
    if (home != NULL)
        return caws_buffer_append_string(path, home) && caws_buffer_append_string(path, rest);
    return system->home != NULL && system->home(system->context, path);
}

/* Stores where a file is, or NULL if there is no home folder, and whether a variable says so. */
static caws_status find_path(caws_profiles *profiles, const caws_system *system, int which,
                             const char **target, bool *chosen, caws_error *error)
{
    static const char *const variables[] = {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"};
    static const char *const places[][2] = {{"/.aws/config", "\\.aws\\config"},
                                            {"/.aws/credentials", "\\.aws\\credentials"}};
    const char *file = caws_system_variable(system, variables[which]);
    caws_buffer path = CAWS_BUFFER_INIT;
    *chosen = file != NULL;
    bool in_home = file == NULL || strncmp(file, "~/", 2) == 0; /* as the AWS CLI has it */
    if (in_home)
        file = file != NULL ? file + 1 : places[which][system->windows ? 1 : 0];
    bool known = !in_home || append_home(system, &path);
    *target = known && caws_buffer_append_string(&path, file)
                  ? caws_arena_copy(&profiles->arena, path.data, path.length)
                  : NULL;
    bool ok = *target != NULL || (!known && caws_buffer_ok(&path));
    caws_buffer_clear(&path);
    return ok ? CAWS_OK : caws_fail_memory(error);
}

static caws_status cannot_read(caws_profiles *profiles, const char *path, int failure, bool chosen,
                               caws_error *error)
{
    if (failure == ENOMEM)
        return caws_fail_memory(error);
    if (failure == ENOENT || failure == ENOTDIR)
        return CAWS_OK;
    if (failure == EFBIG)
        return caws_fail(error, CAWS_ERROR_CONFIGURATION, "%s: over %d bytes", path,
                         (int)CAWS_PROFILES_MAX_BYTES);
    char reason[128];
    if (strerror_r(failure, reason, sizeof(reason)) != 0)
        (void)strcpy(reason, "unknown error");
    if (chosen || (failure != EACCES && failure != EPERM))
        return caws_fail(error, CAWS_ERROR_CONFIGURATION, "%s: cannot be read: %s", path, reason);
    /* Daemons may inherit a home that is not theirs. */
    caws_profile_note *note = caws_arena_alloc(&profiles->arena, sizeof(*note));
    if (note == NULL)
        return caws_fail_memory(error);
    *note = (caws_profile_note){profiles->notes, path, 0, "the file may not be read"};
    profiles->notes = note;
    return CAWS_OK;
}

static caws_status load_file(caws_profiles *profiles, const caws_system *system, int which,
                             const char **path, caws_error *error)
{
    bool chosen = false;
    if (find_path(profiles, system, which, path, &chosen, error) != CAWS_OK)
        return error->status;
    if (*path == NULL)
        return CAWS_OK;
    caws_buffer *text = &profiles->texts[which];
    text->limit = CAWS_PROFILES_MAX_BYTES;
    int failure = system->read_file(system->context, *path, text);
    if (failure != 0)
        return cannot_read(profiles, *path, failure, chosen, error);
    if (text->length == 0)
        return CAWS_OK;
    const caws_profile_file file = {*path, which == CREDENTIALS};
    return caws_profile_parse(profiles, &file, text->data, text->length, error);
}

caws_status caws_profiles_load(caws_profiles *profiles, const caws_system *system,
                               const char *profile, caws_error *error)
{
    if (profile == NULL)
        profile = caws_system_variable(system, "AWS_PROFILE");
    if (profile == NULL)
        profile = "default";
    profiles->named = strcmp(profile, "default") != 0;
    profiles->name = caws_arena_copy(&profiles->arena, profile, strlen(profile));
    if (profiles->name == NULL)
        return caws_fail_memory(error);
    /* The credentials file comes second, for its properties win. */
    if (load_file(profiles, system, CONFIG, &profiles->config_path, error) != CAWS_OK)
        return error->status;
    return load_file(profiles, system, CREDENTIALS, &profiles->credentials_path, error);
}

void caws_profiles_clear(caws_profiles *profiles)
{
    for (int i = 0; i < 2; i++)
        caws_buffer_wipe(&profiles->texts[i]);
    caws_arena_clear(&profiles->arena);
    *profiles = (caws_profiles){0};
}

/* The first section from section on that has a kind and name; NULL: none. */
static const caws_section *find_section(const caws_section *section, caws_section_kind kind,
                                        const char *name)
{
    while (section != NULL &&
           (section->discarded || section->kind != kind || strcmp(section->name, name) != 0))
        section = section->next;
    return section;
}

static const caws_property *find_property(const caws_property *property, const char *name)
{
    while (property != NULL && strcmp(property->name, name) != 0)
        property = property->next;
    return property;
}

static const caws_property *find(const caws_profiles *profiles, caws_section_kind kind,
                                 const char *name, const char *property)
{
    const caws_property *found = NULL;
    for (const caws_section *section = find_section(profiles->sections, kind, name);
         section != NULL && found == NULL; section = find_section(section->next, kind, name))
        found = find_property(section->properties, property);
    return found;
}

static caws_property_value value_of(const caws_property *property)
{
    if (property == NULL)
        return (caws_property_value){NULL, NULL, 0};
    return (caws_property_value){property->value, property->file, property->line};
}

bool caws_profiles_has(const caws_profiles *profiles, caws_section_kind kind, const char *name)
{
    return find_section(profiles->sections, kind, name) != NULL;
}

caws_property_value caws_profiles_get(const caws_profiles *profiles, caws_section_kind kind,
                                      const char *name, const char *property)
{
    return value_of(find(profiles, kind, name, property));
}

caws_property_value caws_profiles_get_nested(const caws_profiles *profiles, caws_section_kind kind,
                                             const char *name, const char *property,
                                             const char *nested)
{
    const caws_property *outer = find(profiles, kind, name, property);
    return value_of(outer != NULL ? find_property(outer->nested, nested) : NULL);
}
