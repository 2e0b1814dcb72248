#include "settings_endpoint.h"

#include <string.h>

#include "fail.h"

/* How names of services are written in variables, and in files. */
static char upper(char c)
{
    if (c >= 'a' && c <= 'z')
        return (char)(c - 'a' + 'A');
    return (char)(c == ' ' || c == '-' ? '_' : c);
}

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return (char)(c == ' ' || c == '-' ? '_' : c);
}

/* Whether variable is AWS_ENDPOINT_URL_ and name in capitals, with '_' for spaces and hyphens. */
static bool names_service(const char *variable, const char *name)
{
    static const char prefix[] = "AWS_ENDPOINT_URL_";
    if (strncmp(variable, prefix, sizeof(prefix) - 1) != 0)
        return false;
    variable += sizeof(prefix) - 1;
    while (*variable != '\0' && *name != '\0' && *variable == upper(*name)) {
        variable++;
        name++;
    }
    return *variable == '\0' && *name == '\0';
}

static const caws_endpoint_setting *find_variable(const caws_settings *settings,
                                                  const caws_service *service)
{
    const caws_endpoint_setting *by_prefix = NULL;
    const caws_endpoint_setting *for_all = NULL;
    for (const caws_endpoint_setting *s = settings->endpoint_variables; s != NULL; s = s->next) {
        if (names_service(s->variable, service->service_id))
            return s;
        if (names_service(s->variable, service->endpoint_prefix))
            by_prefix = s;
        else if (strcmp(s->variable, "AWS_ENDPOINT_URL") == 0)
            for_all = s;
    }
    return by_prefix != NULL ? by_prefix : for_all;
}

/* Stores the URL under a service's name in the services section; false when out of memory. */
static bool find_nested(const caws_settings *settings, const char *service, caws_arena *arena,
                        caws_property_value *found)
{
    char *key = caws_arena_copy(arena, service, strlen(service));
    if (key == NULL)
        return false;
    for (char *c = key; *c != '\0'; c++)
        *c = lower(*c);
    *found = caws_profiles_get_nested(&settings->profiles, CAWS_SECTION_SERVICES,
                                      settings->services, key, "endpoint_url");
    return true;
}

static bool is_set(const caws_property_value *property)
{
    return property->value != NULL && property->value[0] != '\0';
}

/* Stores a value that is not set if the files have none; false when out of memory. */
static bool find_property(const caws_settings *settings, const caws_service *service,
                          caws_arena *arena, caws_property_value *found)
{
    static const char property[] = "endpoint_url";
    *found = (caws_property_value){NULL, NULL, 0};
    if (settings->services != NULL) {
        if (!find_nested(settings, service->service_id, arena, found))
            return false;
        if (is_set(found))
            return true;
    }
    if (settings->profiles.name != NULL)
        *found = caws_profiles_get(&settings->profiles, CAWS_SECTION_PROFILE,
                                   settings->profiles.name, property);
    return true;
}

caws_status caws_settings_endpoint(const caws_settings *settings, const caws_service *service,
                                   caws_arena *arena, caws_setting_value *found, caws_error *error)
{
    *found = (caws_setting_value){settings->endpoint_url, "option endpoint_url"};
    if (found->text != NULL || settings->ignore_configured_endpoint_urls)
        return CAWS_OK;
    const caws_endpoint_setting *variable = find_variable(settings, service);
    if (variable != NULL) {
        *found = (caws_setting_value){variable->url, variable->variable};
        return CAWS_OK;
    }
    caws_property_value property;
    if (!find_property(settings, service, arena, &property))
        return caws_fail_memory(error);
    if (!is_set(&property))
        return CAWS_OK;
    found->text = property.value;
    found->source = caws_property_source(arena, &property, "endpoint_url");
    return found->source != NULL ? CAWS_OK : caws_fail_memory(error);
}
