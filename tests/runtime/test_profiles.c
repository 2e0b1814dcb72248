#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "fake_system.h"
#include "profiles.h"

#define CONFIG      "/h/.aws/config"
#define CREDENTIALS "/h/.aws/credentials"
#define SECRET      "wJalrXUtnFEMI-very-secret"

#define BEFORE_SECRET "[default]\nname = "

/* In place of OpenSSL's, to see what is wiped while it is still there. */
static bool watching;
static bool secret_was_wiped;

CAWS_API void OPENSSL_cleanse(void *memory, size_t length)
{
    volatile unsigned char *bytes = memory;
    const char *secret = (const char *)memory + strlen(BEFORE_SECRET);
    if (watching && length > strlen(BEFORE_SECRET SECRET) &&
        strncmp(secret, SECRET, strlen(SECRET)) == 0)
        secret_was_wiped = true;
    for (size_t i = 0; i < length; i++)
        bytes[i] = 0;
}

static fake_system with_config(const char *content)
{
    fake_system fake = {.home = "/h"};
    fake_write(&fake, CONFIG, content);
    return fake;
}

static void load(caws_profiles *profiles, fake_system *fake, const char *profile)
{
    const caws_system system = fake_system_of(fake);
    caws_error error = CAWS_ERROR_INIT;
    *profiles = (caws_profiles){0};
    caws_status status = caws_profiles_load(profiles, &system, profile, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, CAWS_OK);
}

static void refuses(fake_system *fake, const char *message)
{
    const caws_system system = fake_system_of(fake);
    caws_error error = CAWS_ERROR_INIT;
    caws_profiles profiles = {0};
    assert_int_equal(caws_profiles_load(&profiles, &system, NULL, &error),
                     CAWS_ERROR_CONFIGURATION);
    assert_string_equal(error.message, message);
    caws_profiles_clear(&profiles);
    caws_error_clear(&error);
}

static void has(const caws_profiles *profiles, const char *name, const char *property,
                const char *value)
{
    caws_property_value found = caws_profiles_get(profiles, CAWS_SECTION_PROFILE, name, property);
    if (value == NULL) {
        assert_null(found.value);
        assert_null(found.file);
        return;
    }
    assert_non_null(found.value);
    assert_string_equal(found.value, value);
}

static void does_without_files(void **state)
{
    (void)state;
    fake_system fake = {0};
    caws_profiles profiles;
    load(&profiles, &fake, NULL); /* without a home folder even */
    assert_null(profiles.config_path);
    assert_null(profiles.credentials_path);
    assert_string_equal(profiles.name, "default");
    assert_false(profiles.named);
    assert_int_equal(fake.reads, 0);
    assert_false(caws_profiles_has(&profiles, CAWS_SECTION_PROFILE, "default"));
    has(&profiles, "default", "region", NULL);
    assert_null(
        caws_profiles_get_nested(&profiles, CAWS_SECTION_SERVICES, "x", "logs", "endpoint_url")
            .value);
    caws_profiles_clear(&profiles);
    caws_profiles_clear(&profiles);
}

static void chooses_the_profile(void **state)
{
    static const struct {
        const char *option;
        const char *variable;
        const char *name;
        bool named;
    } cases[] = {
        {NULL, NULL, "default", false},       {NULL, "", "default", false},
        {NULL, "dev", "dev", true},           {"prod", "dev", "prod", true},
        {"default", "dev", "default", false}, {NULL, "default", "default", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fake_system fake = {0};
        if (cases[i].variable != NULL)
            fake_set(&fake, "AWS_PROFILE", cases[i].variable);
        caws_profiles profiles;
        load(&profiles, &fake, cases[i].option);
        assert_string_equal(profiles.name, cases[i].name);
        assert_int_equal(profiles.named, cases[i].named);
        caws_profiles_clear(&profiles);
    }
}

static void finds_files_in_the_home_folder(void **state)
{
    (void)state;
    fake_system fake = {.home = "/user"};
    fake_set(&fake, "HOME", "/home/me");
    fake_set(&fake, "AWS_CONFIG_FILE", "~/elsewhere/config");
    fake_set(&fake, "AWS_SHARED_CREDENTIALS_FILE", "~other/file");
    caws_profiles profiles;
    load(&profiles, &fake, NULL);
    assert_string_equal(profiles.config_path, "/home/me/elsewhere/config");
    assert_string_equal(profiles.credentials_path, "~other/file"); /* the shell's matter */
    caws_profiles_clear(&profiles);

    fake_set(&fake, "HOME", "");
    fake_set(&fake, "AWS_SHARED_CREDENTIALS_FILE", "");
    load(&profiles, &fake, NULL);
    assert_string_equal(profiles.config_path, "/user/elsewhere/config");
    assert_string_equal(profiles.credentials_path, "/user/.aws/credentials");
    caws_profiles_clear(&profiles);
}

static void tells_where_a_value_is_from(void **state)
{
    (void)state;
    fake_system fake = with_config("# first\n[profile dev]\nregion = eu-west-1\n\nA = 1\n  2\n");
    fake_write(&fake, CREDENTIALS, "[dev]\na = 3\n");
    caws_profiles profiles;
    load(&profiles, &fake, "dev");
    caws_property_value found = caws_profiles_get(&profiles, CAWS_SECTION_PROFILE, "dev", "region");
    assert_string_equal(found.value, "eu-west-1");
    assert_string_equal(found.file, CONFIG);
    assert_int_equal(found.line, 3);
    found = caws_profiles_get(&profiles, CAWS_SECTION_PROFILE, "dev", "a");
    assert_string_equal(found.value, "3");
    assert_string_equal(found.file, CREDENTIALS);
    assert_int_equal(found.line, 2);
    has(&profiles, "dev", "A", NULL); /* names are asked for in lower case */
    has(&profiles, "DEV", "a", NULL);
    caws_profiles_clear(&profiles);
}

static void finds_nested_properties(void **state)
{
    (void)state;
    fake_system fake = with_config("[services local]\n"
                                   "logs =\n"
                                   "  Endpoint_URL = http://localhost:1\n"
                                   "  # endpoint_url = http://comment\n"
                                   "  endpoint_url = http://localhost:2\n"
                                   "s3 =\n"
                                   "\tother = http://localhost:3\n"
                                   "plain = x\n");
    caws_profiles profiles;
    load(&profiles, &fake, NULL);
    caws_property_value found =
        caws_profiles_get_nested(&profiles, CAWS_SECTION_SERVICES, "local", "logs", "endpoint_url");
    assert_string_equal(found.value, "http://localhost:2");
    assert_int_equal(found.line, 5);
    static const char *const absent[] = {"s3", "plain", "sts"};
    for (size_t i = 0; i < 3; i++)
        assert_null(caws_profiles_get_nested(&profiles, CAWS_SECTION_SERVICES, "local", absent[i],
                                             "endpoint_url")
                        .value);
    assert_null(
        caws_profiles_get_nested(&profiles, CAWS_SECTION_PROFILE, "local", "logs", "endpoint_url")
            .value);
    caws_profiles_clear(&profiles);
}

/* The AWS CLI's reader takes these. */
static void takes_indented_files(void **state)
{
    (void)state;
    fake_system fake = with_config("  [profile a]\n"
                                   "    region = eu-west-1\n"
                                   "    # a comment\n"
                                   "    output = json\n"
                                   "      more\n"
                                   "  [profile b]\n"
                                   "\tregion = eu-west-2\n"
                                   "  ; a comment\n"
                                   "sub =\n"
                                   "  x = 1\n");
    caws_profiles profiles;
    load(&profiles, &fake, NULL);
    has(&profiles, "a", "region", "eu-west-1");
    has(&profiles, "a", "output", "json\nmore");
    has(&profiles, "b", "region", "eu-west-2");
    caws_property_value found =
        caws_profiles_get_nested(&profiles, CAWS_SECTION_PROFILE, "b", "sub", "x");
    assert_string_equal(found.value, "1");
    caws_profiles_clear(&profiles);
}

static void takes_line_ends_of_windows_and_a_byte_order_mark(void **state)
{
    (void)state;
    fake_system fake = with_config("\xEF\xBB\xBF[profile a]\r\n"
                                   "x = 1 # c\r\n"
                                   "y = 2\r\n"
                                   "  3\r\n"
                                   "\r\n"
                                   "s3 =\r\n"
                                   "  z = 4\r\n"
                                   "[profile b]\r\nx=5\r");
    caws_profiles profiles;
    load(&profiles, &fake, NULL);
    has(&profiles, "a", "x", "1");
    has(&profiles, "a", "y", "2\n3");
    has(&profiles, "b", "x", "5");
    caws_property_value found =
        caws_profiles_get_nested(&profiles, CAWS_SECTION_PROFILE, "a", "s3", "z");
    assert_string_equal(found.value, "4");
    caws_profiles_clear(&profiles);

    fake = with_config("\xEF\xBB\xBF");
    load(&profiles, &fake, NULL);
    assert_null(profiles.sections);
    caws_profiles_clear(&profiles);
    fake = with_config("\xEF\xBB");
    refuses(&fake, CONFIG ":1: expected a section definition");
}

/* As the CLI reads it: [profile default] alone counts where both are, before and behind it. */
static void reads_both_names_of_the_default(void **state)
{
    (void)state;
    caws_profiles profiles;
    fake_system fake = with_config("[default]\na = 1\nb = 1\n[default]\nb = 2\nc = 2\n");
    load(&profiles, &fake, NULL);
    has(&profiles, "default", "a", "1");
    has(&profiles, "default", "b", "2");
    has(&profiles, "default", "c", "2");
    caws_profiles_clear(&profiles);

    fake = with_config("[default]\na = 1\n[profile dev]\nd = 1\n[services default]\ns = 1\n"
                       "[profile default]\nb = 2\n[default]\nc = 3\n[profile default]\ne = 4\n");
    load(&profiles, &fake, NULL);
    has(&profiles, "default", "a", NULL);
    has(&profiles, "default", "b", "2");
    has(&profiles, "default", "c", NULL);
    has(&profiles, "default", "e", "4");
    has(&profiles, "dev", "d", "1");
    assert_true(caws_profiles_has(&profiles, CAWS_SECTION_SERVICES, "default"));
    caws_profiles_clear(&profiles);
}

static void refuses_nul_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *content;
        size_t length;
        int line;
    } cases[] = {
        {"[default]\nregion = eu\0west\n", 26, 2},
        {"\0", 1, 1},
        {"[default]\n\0", 11, 2},
        {"# comment\0\n", 11, 1},
        {"\xFF\xFE[\0d\0", 6, 1}, /* UTF-16 */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fake_system fake = {.home = "/h"};
        char message[128];
        fake.files[fake.file_count++] =
            (fake_file){CREDENTIALS, cases[i].content, cases[i].length, 0};
        (void)snprintf(message, sizeof(message),
                       CREDENTIALS ":%d: a NUL byte: the file is no UTF-8 text", cases[i].line);
        refuses(&fake, message);
    }
}

static void names_the_line_and_quotes_nothing(void **state)
{
    static const struct {
        const char *content;
        const char *message;
    } cases[] = {
        {"[default]\n\n" SECRET "\n", "3: expected an '=' sign defining a property"},
        {"[default]\n  " SECRET "\n", "2: expected a property definition, found continuation"},
        {"[default]\n# = x\nkey # = " SECRET "\n", "3: expected an '=' sign defining a property"},
        {SECRET, "1: expected a section definition"},
        {"[default\n" SECRET "=", "1: section definition must end with ']'"},
        {"[", "1: section definition must end with ']'"},
        {"[default] " SECRET, "1: section definition must end with ']'"},
        {"[default]\n=" SECRET, "2: property did not have a name"},
        {"[default]\na =\n =" SECRET, "3: property did not have a name in sub-property"},
        {"[default]\na =\n " SECRET, "3: expected an '=' sign defining a property in sub-property"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char message[160] = CREDENTIALS ":";
        fake_system fake = {.home = "/h"};
        fake_write(&fake, CREDENTIALS, cases[i].content);
        refuses(&fake, strcat(message, cases[i].message));
    }
}

static void notes_what_it_passes_over(void **state)
{
    (void)state;
    fake_system fake = with_config("[plugins]\n" SECRET "\n"
                                   "[]\n[ ]\n[profile]\n[profile ]\n[profilex]\n"
                                   "[profile a b]\n" SECRET " = x\n"
                                   "[profile c]\n" SECRET "! = 1\n  " SECRET "\nx = 2\n");
    static const int lines[] = {11, 8, 7, 6, 5, 4, 3, 1};
    caws_profiles profiles;
    load(&profiles, &fake, NULL);
    size_t count = 0;
    for (const caws_profile_note *note = profiles.notes; note != NULL; note = note->next) {
        assert_true(count < sizeof(lines) / sizeof(lines[0]));
        assert_string_equal(note->file, CONFIG);
        assert_int_equal(note->line, lines[count++]);
        assert_null(strstr(note->text, SECRET));
    }
    assert_int_equal(count, sizeof(lines) / sizeof(lines[0]));
    has(&profiles, "c", "x", "2");
    caws_profiles_clear(&profiles);
}

static void tells_why_a_file_cannot_be_read(void **state)
{
    (void)state;
    fake_system fake = {.home = "/h"};
    fake_fail(&fake, CONFIG, EFBIG);
    refuses(&fake, CONFIG ": over 1048576 bytes");
    fake_fail(&fake, CONFIG, EISDIR);
    refuses(&fake, CONFIG ": cannot be read: Is a directory");

    /* What may not be read is an error only if somebody named it. */
    fake_fail(&fake, CONFIG, EACCES);
    caws_profiles profiles;
    load(&profiles, &fake, NULL);
    assert_string_equal(profiles.notes->file, CONFIG);
    assert_int_equal(profiles.notes->line, 0);
    assert_string_equal(profiles.notes->text, "the file may not be read");
    caws_profiles_clear(&profiles);
    fake_set(&fake, "AWS_CONFIG_FILE", CONFIG);
    refuses(&fake, CONFIG ": cannot be read: Permission denied");

    fake_fail(&fake, CONFIG, ENOTDIR);
    load(&profiles, &fake, NULL);
    assert_null(profiles.notes);
    caws_profiles_clear(&profiles);

    const caws_system system = fake_system_of(&fake);
    caws_error error = CAWS_ERROR_INIT;
    fake_fail(&fake, CONFIG, ENOMEM);
    assert_int_equal(caws_profiles_load(&profiles, &system, NULL, &error), CAWS_ERROR_MEMORY);
    caws_profiles_clear(&profiles);
    caws_error_clear(&error);
}

/* As many sections as fit, and lines as long: nothing is quadratic, and the limit is exact. */
static void takes_files_up_to_the_limit(void **state)
{
    (void)state;
    static char text[CAWS_PROFILES_MAX_BYTES + 2];
    for (size_t i = 0; i + 4 <= CAWS_PROFILES_MAX_BYTES; i += 4)
        memcpy(text + i, i % 8 == 0 ? "[a]\n" : "b=1\n", 4);
    fake_system fake = {.home = "/h"};
    fake_write(&fake, CREDENTIALS, text);
    assert_int_equal(fake.files[0].length, CAWS_PROFILES_MAX_BYTES);
    caws_profiles profiles;
    load(&profiles, &fake, NULL);
    has(&profiles, "a", "b", "1");
    caws_profiles_clear(&profiles);

    text[CAWS_PROFILES_MAX_BYTES] = '\n';
    fake.files[0].length++;
    refuses(&fake, CREDENTIALS ": over 1048576 bytes");

    memset(text, 'x', CAWS_PROFILES_MAX_BYTES);
    memcpy(text, "[a]\nb=", 6);
    text[CAWS_PROFILES_MAX_BYTES] = '\0';
    fake.files[0].length--;
    load(&profiles, &fake, NULL);
    assert_int_equal(strlen(caws_profiles_get(&profiles, CAWS_SECTION_PROFILE, "a", "b").value),
                     CAWS_PROFILES_MAX_BYTES - 6);
    caws_profiles_clear(&profiles);
}

static void wipes_what_it_read(void **state)
{
    (void)state;
    fake_system fake = {.home = "/h"};
    fake_write(&fake, CREDENTIALS, BEFORE_SECRET SECRET "\nname = other\n");
    caws_profiles profiles;
    watching = true;
    secret_was_wiped = false;
    load(&profiles, &fake, NULL);
    caws_profiles_clear(&profiles);
    assert_true(secret_was_wiped);

    secret_was_wiped = false;
    fake_write(&fake, CREDENTIALS, BEFORE_SECRET SECRET "\nbad");
    refuses(&fake, CREDENTIALS ":3: expected an '=' sign defining a property");
    assert_true(secret_was_wiped);
    watching = false;
}

/* Whatever is cut or mixed, it ends, and stays within the text (which sanitizers see). */
static void survives_any_text(void **state)
{
    (void)state;
    static const char letters[] = "[]=#; \t\r\nab\nprofile [default]\n";
    uint32_t random = 12345;
    for (int round = 0; round < 20000; round++) {
        char content[64];
        size_t length = 0;
        while (length + 1 < sizeof(content) &&
               (random = random * 1664525U + 1013904223U) >> 26 != 0)
            content[length++] = letters[(random >> 16) % (sizeof(letters) - 1)];
        content[length] = '\0';
        fake_system fake = with_config(content);
        fake_write(&fake, CREDENTIALS, content);
        const caws_system system = fake_system_of(&fake);
        caws_profiles profiles = {0};
        caws_error error = CAWS_ERROR_INIT;
        caws_status status = caws_profiles_load(&profiles, &system, NULL, &error);
        assert_true(status == CAWS_OK || status == CAWS_ERROR_CONFIGURATION);
        caws_profiles_clear(&profiles);
        caws_error_clear(&error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_without_files),
        cmocka_unit_test(chooses_the_profile),
        cmocka_unit_test(finds_files_in_the_home_folder),
        cmocka_unit_test(tells_where_a_value_is_from),
        cmocka_unit_test(finds_nested_properties),
        cmocka_unit_test(takes_indented_files),
        cmocka_unit_test(takes_line_ends_of_windows_and_a_byte_order_mark),
        cmocka_unit_test(reads_both_names_of_the_default),
        cmocka_unit_test(refuses_nul_bytes),
        cmocka_unit_test(names_the_line_and_quotes_nothing),
        cmocka_unit_test(notes_what_it_passes_over),
        cmocka_unit_test(tells_why_a_file_cannot_be_read),
        cmocka_unit_test(takes_files_up_to_the_limit),
        cmocka_unit_test(wipes_what_it_read),
        cmocka_unit_test(survives_any_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
