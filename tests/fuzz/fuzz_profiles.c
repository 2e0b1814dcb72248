/* The shared files: the input up to a line "---" is the config file, the rest the credentials file.
 * Settings are made of both, as a client does. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "fake_system.h"
#include "settings.h"

static const char *split(char *text, size_t length, size_t *first_length)
{
    char *mark = strstr(text, "\n---\n");
    *first_length = mark != NULL ? (size_t)(mark - text) + 1 : strlen(text);
    if (mark == NULL || strlen(text) < length) /* with NUL bytes all is one file */
        *first_length = length;
    return mark != NULL && *first_length < length ? mark + 5 : text + length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = {data, size};
    size_t length = 0;
    char *text = fuzz_rest(&input, &length);
    size_t config_length = 0;
    const char *credentials = split(text, length, &config_length);
    fake_system fake = {.home = "/h"};
    fake.files[0] = (fake_file){"/h/.aws/config", text, config_length, 0};
    fake.files[1] =
        (fake_file){"/h/.aws/credentials", credentials, (size_t)(text + length - credentials), 0};
    fake.file_count = 2;
    caws_system system = fake_system_of(&fake);

    caws_settings settings = {0};
    caws_error error = CAWS_ERROR_INIT;
    const caws_client_options options = {0};
    caws_status status = caws_settings_load_from(&settings, &options, &system, &error);
    must(status == error.status && status != CAWS_ERROR_MEMORY);
    must(status == CAWS_OK || error.message[0] != '\0');
    must(strpbrk(error.message, "\r\n") == NULL);
    caws_settings_clear(&settings);
    caws_error_clear(&error);
    free(text);
    return 0;
}
