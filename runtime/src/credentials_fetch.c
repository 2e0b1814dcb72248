#include "credentials_fetch.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "credentials_provider.h"
#include "fail.h"
#include "text.h"

/* The texts stand behind the struct. */
typedef struct found_block {
    caws_found_credentials found;
    size_t size;
    char texts[];
} found_block;

enum { FOUND_TEXTS = 5 };

static void point_to_texts(caws_found_credentials *found, const char **targets[FOUND_TEXTS])
{
    targets[0] = &found->keys.access_key_id;
    targets[1] = &found->keys.secret_access_key;
    targets[2] = &found->keys.session_token;
    targets[3] = &found->account_id;
    targets[4] = &found->source;
}

caws_found_credentials *caws_found_credentials_new(const caws_found_credentials *from)
{
    caws_found_credentials copied = *from;
    const char **texts[FOUND_TEXTS];
    point_to_texts(&copied, texts);
    size_t size = sizeof(found_block);
    for (int i = 0; i < FOUND_TEXTS; i++)
        size += *texts[i] != NULL ? strlen(*texts[i]) + 1 : 0;
    found_block *block = malloc(size);
    if (block == NULL)
        return NULL;
    char *next = block->texts;
    for (int i = 0; i < FOUND_TEXTS; i++) {
        if (*texts[i] == NULL)
            continue;
        size_t length = strlen(*texts[i]) + 1;
        memcpy(next, *texts[i], length);
        *texts[i] = next;
        next += length;
    }
    block->found = copied;
    block->size = size;
    return &block->found;
}

void caws_found_credentials_free(caws_found_credentials *found)
{
    if (found == NULL)
        return;
    found_block *block = (found_block *)found; /* its first member */
    OPENSSL_cleanse(block, block->size);
    free(block);
}

caws_provider_result caws_provider_note(caws_fetch *fetch, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    caws_buffer_append_string(&fetch->failures, "; ");
    caws_buffer_append_vformat(&fetch->failures, format, args);
    va_end(args);
    return CAWS_PROVIDER_NEXT;
}

const char *caws_errno_text(int number, char text[CAWS_ERRNO_TEXT_SIZE])
{
    return strerror_r(number, text, CAWS_ERRNO_TEXT_SIZE) == 0 ? text : "unknown error";
}

const char *caws_provider_value(const char *value)
{
    return value != NULL && value[strspn(value, " \t\r\n")] != '\0' ? value : NULL;
}

const char *caws_provider_variable(const caws_fetch *fetch, const char *name)
{
    return caws_provider_value(caws_system_variable(fetch->sources.system, name));
}

caws_property_value caws_provider_property(const caws_fetch *fetch, const char *name)
{
    caws_property_value none = {NULL, NULL, 0};
    const caws_profiles *profiles = fetch->sources.profiles;
    if (profiles == NULL)
        return none;
    caws_property_value found =
        caws_profiles_get(profiles, CAWS_SECTION_PROFILE, profiles->name, name);
    return caws_provider_value(found.value) != NULL ? found : none;
}

caws_provider_result caws_provider_use(caws_fetch *fetch, const caws_found_credentials *found,
                                       const char *const names[3])
{
    const char *values[] = {found->keys.access_key_id, found->keys.secret_access_key,
                            found->keys.session_token};
    for (int i = 0; i < 3; i++)
        if (values[i] != NULL && !caws_text_is_header_safe(values[i]))
            return caws_provider_note(fetch, "%s: %s has a line break or control character",
                                      found->source, names[i]);
    fetch->found = caws_found_credentials_new(found);
    return fetch->found != NULL ? CAWS_PROVIDER_FOUND : CAWS_PROVIDER_MEMORY;
}

static caws_provider_result environment_provider(caws_fetch *fetch, const caws_fetch_answer *answer)
{
    static const char *const names[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                        "AWS_SESSION_TOKEN"};
    (void)answer;
    if (fetch->sources.profile_by_option)
        return caws_provider_note(fetch, "environment variables: not looked at, because a profile "
                                         "is chosen by option");
    caws_found_credentials found = {
        .keys = {caws_provider_variable(fetch, names[0]), caws_provider_variable(fetch, names[1]),
                 caws_provider_variable(fetch, names[2])},
        .account_id = caws_provider_variable(fetch, "AWS_ACCOUNT_ID"),
        .expires = INT64_MAX,
        .source = "environment variables",
    };
    bool has_id = found.keys.access_key_id != NULL;
    bool has_secret = found.keys.secret_access_key != NULL;
    if (has_id != has_secret) { /* a mistake, which other credentials must not hide */
        caws_provider_note(fetch, "%s: %s is set, but %s is not", found.source,
                           names[has_id ? 0 : 1], names[has_id ? 1 : 0]);
        fetch->status = CAWS_ERROR_CREDENTIALS;
        return CAWS_PROVIDER_FAIL;
    }
    if (!has_id)
        return caws_provider_note(fetch, "%s: %s and %s are not set", found.source, names[0],
                                  names[1]);
    return caws_provider_use(fetch, &found, names);
}

static caws_provider_result web_identity_provider(caws_fetch *fetch,
                                                  const caws_fetch_answer *answer)
{
    (void)answer;
    if (!fetch->sources.profile_by_option &&
        caws_provider_variable(fetch, "AWS_WEB_IDENTITY_TOKEN_FILE") != NULL)
        caws_provider_note(fetch, "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is set, but that "
                                  "needs AWS STS, which caws does not support yet");
    return CAWS_PROVIDER_NEXT;
}

/* In the order of the SDKs: what is nearest to the program first; what costs a request last. */
static caws_provider_result (*const providers[])(caws_fetch *fetch,
                                                 const caws_fetch_answer *answer) = {
    environment_provider,    web_identity_provider,  caws_profile_provider,
    caws_container_provider, caws_instance_provider,
};

enum { PROVIDER_COUNT = sizeof(providers) / sizeof(providers[0]) };

caws_fetch *caws_fetch_new(const caws_credential_sources *sources)
{
    caws_fetch *fetch = calloc(1, sizeof(*fetch));
    if (fetch != NULL) {
        fetch->sources = *sources;
        fetch->status = CAWS_ERROR_CREDENTIALS;
    }
    return fetch;
}

void caws_fetch_free(caws_fetch *fetch)
{
    if (fetch == NULL)
        return;
    caws_process_clear(&fetch->process);
    caws_found_credentials_free(fetch->found);
    caws_buffer_wipe(&fetch->token);
    caws_buffer_wipe(&fetch->url); /* that of a container is one of its secrets */
    caws_buffer_clear(&fetch->base_url);
    caws_buffer_clear(&fetch->role);
    caws_buffer_clear(&fetch->failures);
    free(fetch);
}

static caws_fetch_action fail(caws_fetch *fetch, caws_error *error)
{
    if (caws_buffer_ok(&fetch->failures))
        caws_fail(error, fetch->status, "no credentials%s", fetch->failures.data);
    else
        caws_fail_memory(error);
    return CAWS_FETCH_FAILED;
}

caws_fetch_action caws_fetch_step(caws_fetch *fetch, const caws_fetch_answer *answer,
                                  caws_error *error)
{
    while (fetch->found == NULL && fetch->provider < PROVIDER_COUNT) {
        switch (providers[fetch->provider](fetch, answer)) {
        case CAWS_PROVIDER_FOUND:
            return CAWS_FETCH_DONE;
        case CAWS_PROVIDER_SEND:
            return CAWS_FETCH_SEND;
        case CAWS_PROVIDER_WAIT:
            return CAWS_FETCH_WAIT;
        case CAWS_PROVIDER_MEMORY:
            caws_fail_memory(error);
            return CAWS_FETCH_FAILED;
        case CAWS_PROVIDER_FAIL:
            return fail(fetch, error);
        case CAWS_PROVIDER_NEXT:
            break;
        }
        answer = NULL;
        fetch->provider++;
        fetch->step = 0;
        fetch->attempts = 0;
    }
    return fetch->found != NULL ? CAWS_FETCH_DONE : fail(fetch, error);
}

const caws_fetch_request *caws_fetch_wanted(const caws_fetch *fetch)
{
    return &fetch->request;
}

int64_t caws_fetch_wait_ms(const caws_fetch *fetch)
{
    return fetch->wait_ms;
}

const caws_found_credentials *caws_fetch_found(const caws_fetch *fetch)
{
    return fetch->found;
}
