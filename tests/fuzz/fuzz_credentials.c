/* The chain of credentials. The first byte chooses who answers: an instance, a container, or a
 * profile that names the input. Answers follow each other, each behind a byte for its status and
 * one for a part of its length. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "credentials_fetch.h"
#include "fake_system.h"
#include "process.h"

enum {
    MOST_STEPS = 1000
}; /* an instance may be asked 100 times, twice each, with a pause between */

static char *take_answer(fuzz_input *input, caws_fetch_answer *answer)
{
    static const int statuses[] = {200, 200, 200, 0, 404, 500, 401, 301};
    uint8_t choice = fuzz_byte(input);
    size_t length = (size_t)fuzz_byte(input) * 4;
    fuzz_input part = {input->data, length < input->left ? length : input->left};
    input->data += part.left;
    input->left -= part.left;
    size_t body_length = 0;
    char *body = fuzz_rest(&part, &body_length);
    *answer = (caws_fetch_answer){.http_status = statuses[choice % 8],
                                  .body = body,
                                  .body_length = body_length,
                                  .failure = "no answer",
                                  .timed_out = choice > 100};
    return body;
}

static void check_found(const caws_found_credentials *found)
{
    must(found->keys.access_key_id != NULL && found->keys.access_key_id[0] != '\0');
    must(found->keys.secret_access_key != NULL && found->keys.secret_access_key[0] != '\0');
    must(strpbrk(found->keys.access_key_id, "\r\n") == NULL);
    must(found->keys.session_token == NULL || strpbrk(found->keys.session_token, "\r\n") == NULL);
}

static void run_chain(const caws_credential_sources *sources, fuzz_input *input)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_fetch *fetch = caws_fetch_new(sources);
    must(fetch != NULL);
    caws_fetch_answer answer;
    const caws_fetch_answer *given = NULL;
    caws_fetch_action action = CAWS_FETCH_WAIT;
    int steps = 0;
    while (action == CAWS_FETCH_WAIT || action == CAWS_FETCH_SEND) {
        must(steps++ < MOST_STEPS);
        action = caws_fetch_step(fetch, given, &error);
        if (given != NULL)
            free((char *)(uintptr_t)answer.body);
        given = NULL;
        if (action == CAWS_FETCH_SEND) {
            const caws_fetch_request *request = caws_fetch_wanted(fetch);
            must(strpbrk(request->url, "\r\n ") == NULL);
            for (size_t i = 0; i < request->header_count; i++)
                must(strpbrk(request->headers[i].value, "\r\n") == NULL);
            (void)take_answer(input, &answer);
            given = &answer;
        }
    }
    must((action == CAWS_FETCH_DONE) == (caws_fetch_found(fetch) != NULL));
    must(error.status != CAWS_ERROR_MEMORY);
    if (action == CAWS_FETCH_DONE)
        check_found(caws_fetch_found(fetch));
    caws_fetch_free(fetch);
    caws_error_clear(&error);
}

static void add_variable(fake_system *fake, const char *name, const char *value)
{
    fake->variables[fake->variable_count][0] = name;
    fake->variables[fake->variable_count++][1] = value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = {data, size};
    fake_system fake = {.home = "/h"};
    char *first = NULL;
    char *second = NULL;
    char profile[512];
    switch (fuzz_byte(&input) % 5) {
    case 0: /* an instance with everything as usual */
        break;
    case 1: /* an instance whose endpoint is told */
        first = fuzz_text(&input, 200);
        second = fuzz_text(&input, 20);
        add_variable(&fake, "AWS_EC2_METADATA_SERVICE_ENDPOINT", first);
        add_variable(&fake, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", second);
        break;
    case 2:
        first = fuzz_text(&input, 200);
        second = fuzz_text(&input, 200);
        add_variable(&fake, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", first);
        add_variable(&fake, "AWS_CONTAINER_AUTHORIZATION_TOKEN", second);
        break;
    case 3:
        first = fuzz_text(&input, 200);
        add_variable(&fake, "AWS_CONTAINER_CREDENTIALS_FULL_URI", first);
        add_variable(&fake, "AWS_EC2_METADATA_DISABLED", "true");
        break;
    default: /* a profile; no program is run: the property's name is another */
        first = fuzz_text(&input, 400);
        (void)snprintf(profile, sizeof(profile), "[default]\n%s\n", first);
        if (strstr(profile, "process") == NULL && strstr(profile, "PROCESS") == NULL) {
            fake.files[0] = (fake_file){"/h/.aws/credentials", profile, strlen(profile), 0};
            fake.file_count = 1;
        }
        break;
    }
    caws_system system = fake_system_of(&fake);
    caws_profiles profiles = {0};
    caws_error error = CAWS_ERROR_INIT;
    if (caws_profiles_load(&profiles, &system, NULL, &error) == CAWS_OK) {
        const caws_credential_sources sources = {.system = &system, .profiles = &profiles};
        run_chain(&sources, &input);
    }
    caws_error_clear(&error);
    caws_profiles_clear(&profiles);
    free(second);
    free(first);
    return 0;
}
