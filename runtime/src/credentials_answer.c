/* Reads credentials as JSON: from containers, instances and credential_process. */
#include "credentials_provider.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <openssl/crypto.h>

#include "text.h"
#include "timestamp.h"

/* What of a member is missing to be a text; NULL: nothing. */
static const char *read_text(const cJSON *json, const char *name, const char **text)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(json, name);
    *text = cJSON_GetStringValue(member);
    if (*text != NULL && (*text)[0] == '\0')
        *text = NULL;
    if (*text != NULL)
        return NULL;
    return member == NULL || cJSON_IsNull(member) || cJSON_IsString(member) ? "is missing"
                                                                            : "is no string";
}

/* cJSON frees what it has copied from the answer without wiping it. Names are no secrets. */
static void wipe(cJSON *json)
{
    for (cJSON *item = json != NULL ? json->child : NULL; item != NULL; item = item->next) {
        if (item->valuestring != NULL)
            OPENSSL_cleanse(item->valuestring, strlen(item->valuestring));
        wipe(item);
    }
}

static void free_json(cJSON *json)
{
    wipe(json);
    cJSON_Delete(json);
}

/* One object and nothing behind it, or NULL. */
static cJSON *parse_object(const char *text, size_t length)
{
    const char *end = NULL;
    cJSON *json = text != NULL && length <= CAWS_FETCH_MAX_ANSWER
                      ? cJSON_ParseWithLengthOpts(text, length, &end, 0)
                      : NULL;
    bool whole = json != NULL && cJSON_IsObject(json);
    for (; whole && end < text + length; end++)
        whole = strchr(" \t\r\n", *end) != NULL && *end != '\0';
    if (whole)
        return json;
    free_json(json);
    return NULL;
}

/* "AccessDenied: no such role" of {"Code": ..., "Message": ...}, in either spelling; "" if the
 * answer says nothing. */
static void read_complaint(const cJSON *json, char shown[CAWS_EXCERPT_SIZE])
{
    const char *code = NULL;
    const char *message = NULL;
    if (read_text(json, "Code", &code) != NULL)
        (void)read_text(json, "code", &code);
    if (read_text(json, "Message", &message) != NULL)
        (void)read_text(json, "message", &message);
    char text[4 * CAWS_EXCERPT_SIZE]; /* what is cut off is not shown in any case */
    (void)snprintf(text, sizeof(text), "%s%s%s", code != NULL ? code : "",
                   code != NULL && message != NULL ? ": " : "", message != NULL ? message : "");
    caws_excerpt(shown, text, strlen(text));
}

caws_provider_result caws_provider_note_answer(caws_fetch *fetch, const char *who,
                                               const caws_fetch_answer *answer)
{
    char shown[CAWS_EXCERPT_SIZE] = "";
    if (answer->http_status == 0) {
        const char *failure = answer->failure != NULL ? answer->failure : "";
        caws_excerpt(shown, failure, strlen(failure));
        return caws_provider_note(fetch, "%s: %s%s%s", who,
                                  answer->timed_out ? "no answer in time" : "no answer",
                                  shown[0] != '\0' ? ": " : "", shown);
    }
    errno = 0;
    cJSON *json = parse_object(answer->body, answer->body_length);
    if (json == NULL && errno == ENOMEM)
        return CAWS_PROVIDER_MEMORY;
    if (json != NULL)
        read_complaint(json, shown);
    free_json(json);
    return caws_provider_note(fetch, "%s: HTTP %d%s%s", who, answer->http_status,
                              shown[0] != '\0' ? ": " : "", shown);
}

/* What says that it is no credentials: a code, or another version. */
static bool is_refusal(caws_fetch *fetch, const cJSON *json, caws_credentials_form form,
                       const char *who)
{
    if (form == CAWS_CREDENTIALS_PROCESS) {
        const cJSON *version = cJSON_GetObjectItemCaseSensitive(json, "Version");
        if (cJSON_IsNumber(version) && version->valuedouble == 1.0)
            return false;
        caws_provider_note(fetch, "%s: the output's \"Version\" is not 1", who);
        return true;
    }
    const char *code = NULL;
    char shown[CAWS_EXCERPT_SIZE];
    (void)read_text(json, "Code", &code);
    if (code == NULL || strcmp(code, "Success") == 0)
        return false;
    read_complaint(json, shown);
    caws_provider_note(fetch, "%s: %s", who, shown);
    return true;
}

static caws_provider_result read_object(caws_fetch *fetch, const cJSON *json,
                                        caws_credentials_form form, const char *who,
                                        const caws_found_credentials *known)
{
    bool process = form == CAWS_CREDENTIALS_PROCESS;
    const char *names[] = {"AccessKeyId", "SecretAccessKey", process ? "SessionToken" : "Token",
                           "Expiration"};
    caws_found_credentials found = *known;
    const char *expiration = NULL;
    const char **texts[] = {&found.keys.access_key_id, &found.keys.secret_access_key,
                            &found.keys.session_token, &expiration};
    for (int i = 0; i < 4; i++) {
        const char *problem = read_text(json, names[i], texts[i]);
        if (problem != NULL && !(process && i >= 2 && strcmp(problem, "is missing") == 0))
            return caws_provider_note(fetch, "%s: \"%s\" %s in the answer", who, names[i], problem);
    }
    int64_t expires_ms = 0;
    found.expires = INT64_MAX;
    if (expiration != NULL) {
        if (!caws_timestamp_parse(expiration, &expires_ms))
            return caws_provider_note(fetch, "%s: \"Expiration\" is no ISO 8601 time in the answer",
                                      who);
        found.expires = expires_ms / 1000;
    }
    const char *account_id = NULL;
    (void)read_text(json, "AccountId", &account_id);
    if (account_id != NULL && caws_text_is_header_safe(account_id))
        found.account_id = account_id;
    return caws_provider_use(fetch, &found, names);
}

caws_provider_result caws_provider_read(caws_fetch *fetch, const char *text, size_t length,
                                        caws_credentials_form form, const char *who,
                                        const caws_found_credentials *known)
{
    if (length > CAWS_FETCH_MAX_ANSWER)
        return caws_provider_note(fetch, "%s: an answer of more than %d bytes", who,
                                  (int)CAWS_FETCH_MAX_ANSWER);
    errno = 0;
    cJSON *json = parse_object(text, length);
    if (json == NULL && errno == ENOMEM)
        return CAWS_PROVIDER_MEMORY;
    if (json == NULL)
        return caws_provider_note(fetch, "%s: the answer is no JSON object", who);
    caws_provider_result result = CAWS_PROVIDER_NEXT;
    if (!is_refusal(fetch, json, form, who))
        result = read_object(fetch, json, form, who, known);
    free_json(json);
    return result;
}
