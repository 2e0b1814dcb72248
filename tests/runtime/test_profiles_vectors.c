/*
 * The cases for the shared config and credentials files that the SDKs have in common, read in
 * place: one test a case. The folder is $CAWS_VECTORS, else ../shared/vectors beside the project;
 * without it the one test is reported as skipped.
 */
/* clang-format off: cmocka.h needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
/* clang-format on */

#include <cjson/cJSON.h>
#include <strings.h>

#include "fake_system.h"
#include "profile_parse.h"
#include "profiles.h"
#include "read_file.h"

enum { PARSER_CASES = 118, LOCATION_CASES = 10 };

static cJSON *read_cases(const char *file)
{
    const char *folder = getenv("CAWS_VECTORS");
    char path[2048];
    (void)snprintf(path, sizeof path, "%s/config-file/%s",
                   folder != NULL ? folder : CAWS_SOURCE_DIR "/../shared/vectors", file);
    char *text = read_file(path);
    cJSON *root = text != NULL ? cJSON_Parse(text) : NULL;
    free(text);
    return root;
}

static const char *text_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static bool contains_without_case(const char *text, const char *part)
{
    size_t length = strlen(part);
    for (; *text != '\0'; text++)
        if (strncasecmp(text, part, length) == 0)
            return true;
    return false;
}

static bool is_expected(const cJSON *section, const char *property, const char *nested)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(section, property);
    if (nested != NULL)
        item = cJSON_GetObjectItemCaseSensitive(item, nested);
    return item != NULL;
}

/* Nothing is there beyond what is expected. */
static void has_no_more(const caws_profiles *profiles, caws_section_kind kind,
                        const cJSON *expected)
{
    for (const caws_section *s = profiles->sections; s != NULL; s = s->next) {
        if (s->kind != kind || s->discarded)
            continue;
        const cJSON *section = cJSON_GetObjectItemCaseSensitive(expected, s->name);
        assert_non_null(section);
        for (const caws_property *p = s->properties; p != NULL; p = p->next) {
            assert_true(is_expected(section, p->name, NULL));
            for (const caws_property *n = p->nested; n != NULL; n = n->next)
                assert_true(is_expected(section, p->name, n->name));
        }
    }
}

static void has_all(const caws_profiles *profiles, caws_section_kind kind, const cJSON *expected)
{
    const cJSON *section = NULL;
    cJSON_ArrayForEach(section, expected)
    {
        assert_true(caws_profiles_has(profiles, kind, section->string));
        const cJSON *property = NULL;
        cJSON_ArrayForEach(property, section)
        {
            caws_property_value found =
                caws_profiles_get(profiles, kind, section->string, property->string);
            assert_non_null(found.value);
            assert_true(found.line > 0);
            assert_string_equal(found.value, cJSON_IsString(property) ? property->valuestring : "");
            const cJSON *nested = NULL;
            if (cJSON_IsObject(property))
                cJSON_ArrayForEach(nested, property)
                {
                    found = caws_profiles_get_nested(profiles, kind, section->string,
                                                     property->string, nested->string);
                    assert_non_null(found.value);
                    assert_string_equal(found.value, nested->valuestring);
                }
        }
    }
}

static void parses(void **state)
{
    const cJSON *test = *state;
    const cJSON *input = cJSON_GetObjectItemCaseSensitive(test, "input");
    const cJSON *output = cJSON_GetObjectItemCaseSensitive(test, "output");
    const char *refused = text_of(output, "errorContaining");
    fake_system fake = {.home = "/h"};
    const caws_system system = fake_system_of(&fake);
    if (text_of(input, "configFile") != NULL)
        fake_write(&fake, "/h/.aws/config", text_of(input, "configFile"));
    if (text_of(input, "credentialsFile") != NULL)
        fake_write(&fake, "/h/.aws/credentials", text_of(input, "credentialsFile"));

    caws_profiles profiles = {0};
    caws_error error = CAWS_ERROR_INIT;
    caws_status status = caws_profiles_load(&profiles, &system, NULL, &error);
    if (refused != NULL) {
        assert_int_equal(status, CAWS_ERROR_CONFIGURATION);
        if (!contains_without_case(error.message, refused))
            fail_msg("\"%s\" has no \"%s\"", error.message, refused);
        assert_int_equal(strncmp(error.message, "/h/.aws/config:", 15), 0);
    } else {
        assert_string_equal(error.message, "");
        assert_int_equal(status, CAWS_OK);
        const cJSON *expected = cJSON_GetObjectItemCaseSensitive(output, "profiles");
        has_all(&profiles, CAWS_SECTION_PROFILE, expected);
        has_no_more(&profiles, CAWS_SECTION_PROFILE, expected);
        expected = cJSON_GetObjectItemCaseSensitive(output, "ssoSessions");
        has_all(&profiles, CAWS_SECTION_SSO_SESSION, expected);
        has_no_more(&profiles, CAWS_SECTION_SSO_SESSION, expected);
        has_no_more(&profiles, CAWS_SECTION_SERVICES, NULL);
    }
    caws_profiles_clear(&profiles);
    caws_error_clear(&error);
}

static void finds(void **state)
{
    const cJSON *test = *state;
    fake_system fake = {.home = text_of(test, "languageSpecificHome")};
    caws_system system = fake_system_of(&fake);
    system.windows = strcmp(text_of(test, "platform"), "windows") == 0;
    const cJSON *variable = NULL;
    cJSON_ArrayForEach(variable, cJSON_GetObjectItemCaseSensitive(test, "environment"))
        fake_set(&fake, variable->string, variable->valuestring);

    caws_profiles profiles = {0};
    caws_error error = CAWS_ERROR_INIT;
    assert_int_equal(caws_profiles_load(&profiles, &system, NULL, &error), CAWS_OK);
    assert_string_equal(profiles.config_path, text_of(test, "configLocation"));
    assert_string_equal(profiles.credentials_path, text_of(test, "credentialsLocation"));
    assert_string_equal(profiles.name, text_of(test, "profile"));
    assert_int_equal(fake.reads, 2);
    caws_profiles_clear(&profiles);
    caws_error_clear(&error);
}

static void vectors_are_absent(void **state)
{
    (void)state;
    print_message("there is no folder of test vectors: skipped\n");
    skip();
}

static int count_cases(const cJSON *root)
{
    return cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(root, "tests"));
}

static size_t add(struct CMUnitTest *tests, const cJSON *root, CMUnitTestFunction function)
{
    size_t count = 0;
    const cJSON *test = NULL;
    cJSON_ArrayForEach(test, cJSON_GetObjectItemCaseSensitive(root, "tests")) tests[count++] =
        (struct CMUnitTest){
            .name = text_of(test, "name"), .test_func = function, .initial_state = (void *)test};
    return count;
}

int main(void)
{
    static struct CMUnitTest tests[PARSER_CASES + LOCATION_CASES];
    cJSON *parser = read_cases("config-file-parser-tests.json");
    cJSON *location = read_cases("config-file-location-tests.json");
    if (parser == NULL || location == NULL) {
        const struct CMUnitTest absent[] = {cmocka_unit_test(vectors_are_absent)};
        cJSON_Delete(parser);
        cJSON_Delete(location);
        return cmocka_run_group_tests(absent, NULL, NULL);
    }
    if (count_cases(parser) != PARSER_CASES || count_cases(location) != LOCATION_CASES) {
        (void)fprintf(stderr, "%d and %d cases: not the %d and %d that are known\n",
                      count_cases(parser), count_cases(location), PARSER_CASES, LOCATION_CASES);
        return 1;
    }
    size_t count = add(tests, parser, parses);
    (void)add(tests + count, location, finds);
    int failed = cmocka_run_group_tests_name("profiles_vectors", tests, NULL, NULL);
    cJSON_Delete(parser);
    cJSON_Delete(location);
    return failed;
}
