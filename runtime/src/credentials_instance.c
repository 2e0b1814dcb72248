/*
 * Credentials of an EC2 instance, from its metadata service, version 2: a token, the role's name,
 * the role's credentials. Version 1, which needs no token and so serves whoever gets a program to
 * fetch a URL, is not spoken, as in all SDKs that are newer than it.
 */
#include "credentials_provider.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

enum { MAX_TIMEOUT_S = 3600, MAX_MAX_ATTEMPTS = 100, LARGEST_TEXT = 2048 };

enum { ASK_TOKEN, ASK_ROLE, ASK_CREDENTIALS }; /* steps */

/* A setting of the environment or, else, the profile; source is told for messages. */
static const char *setting(const caws_fetch *fetch, const char *variable, const char *property,
                           const char **source)
{
    const char *value = caws_provider_variable(fetch, variable);
    *source = value != NULL ? variable : property;
    return value != NULL ? value : caws_provider_property(fetch, property).value;
}

static bool read_number(caws_fetch *fetch, const char *variable, const char *property, int64_t most,
                        int64_t *number)
{
    const char *source = NULL;
    const char *value = setting(fetch, variable, property, &source);
    *number = 1;
    if (value == NULL)
        return true;
    int64_t read = 0;
    const char *c = value;
    for (; *c >= '0' && *c <= '9' && read <= most; c++)
        read = read * 10 + (*c - '0');
    *number = read;
    if (*c == '\0' && read >= 1 && read <= most)
        return true;
    caws_provider_note(fetch, "instance metadata: %s is no number from 1 to %" PRId64, source,
                       most);
    return false;
}

/* Only http: the service has no certificate. */
static caws_provider_result choose_base(caws_fetch *fetch)
{
    const char *source = NULL;
    const char *mode = setting(fetch, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                               "ec2_metadata_service_endpoint_mode", &source);
    if (mode != NULL && !caws_text_equal_no_case(mode, "ipv4") &&
        !caws_text_equal_no_case(mode, "ipv6"))
        return caws_provider_note(fetch, "instance metadata: %s is neither IPv4 nor IPv6", source);
    bool ipv6 = mode != NULL && caws_text_equal_no_case(mode, "ipv6");
    const char *url = setting(fetch, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                              "ec2_metadata_service_endpoint", &source);
    if (url == NULL)
        url = ipv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
    size_t scheme = strncmp(url, "https://", 8) == 0 ? 8 : strncmp(url, "http://", 7) == 0 ? 7 : 0;
    if (scheme == 0 || url[scheme] == '\0' || url[scheme] == '/' ||
        !caws_text_is_header_safe(url) || strpbrk(url, " \\@?#") != NULL)
        return caws_provider_note(
            fetch, "instance metadata: %s is no http URL of a host, port and path", source);
    size_t length = strlen(url);
    while (url[length - 1] == '/')
        length--;
    return caws_buffer_append(&fetch->base_url, url, length) ? CAWS_PROVIDER_SEND
                                                             : CAWS_PROVIDER_MEMORY;
}

static caws_provider_result prepare(caws_fetch *fetch)
{
    const char *disabled = caws_provider_variable(fetch, "AWS_EC2_METADATA_DISABLED");
    if (disabled != NULL && caws_text_equal_no_case(disabled, "true"))
        return caws_provider_note(fetch,
                                  "instance metadata: turned off by AWS_EC2_METADATA_DISABLED");
    if (!read_number(fetch, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts",
                     MAX_MAX_ATTEMPTS, &fetch->max_attempts) ||
        !read_number(fetch, "AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout",
                     MAX_TIMEOUT_S, &fetch->timeout_s))
        return CAWS_PROVIDER_NEXT;
    caws_buffer_wipe(&fetch->token);
    fetch->token.limit = LARGEST_TEXT;
    fetch->role.limit = LARGEST_TEXT;
    return choose_base(fetch);
}

static caws_provider_result ask(caws_fetch *fetch, int step)
{
    static const char *const paths[] = {"/latest/api/token",
                                        "/latest/meta-data/iam/security-credentials/",
                                        "/latest/meta-data/iam/security-credentials/"};
    caws_buffer_reset(&fetch->url);
    if (!caws_buffer_append_format(&fetch->url, "%s%s%s", fetch->base_url.data, paths[step],
                                   step == ASK_CREDENTIALS ? fetch->role.data : ""))
        return CAWS_PROVIDER_MEMORY;
    bool token = step == ASK_TOKEN;
    fetch->request = (caws_fetch_request){
        .method = token ? "PUT" : "GET",
        .url = fetch->url.data,
        .headers = {{token ? "x-aws-ec2-metadata-token-ttl-seconds" : "x-aws-ec2-metadata-token",
                     token ? "21600" : fetch->token.data}},
        .header_count = 1,
        .connect_timeout_ms = (int32_t)fetch->timeout_s * 1000,
        .timeout_ms = (int32_t)fetch->timeout_s * 2000, /* so long to connect, so long to answer */
    };
    fetch->attempts = step == fetch->step ? fetch->attempts + 1 : 1;
    fetch->step = step;
    return CAWS_PROVIDER_SEND;
}

/* Roles are called what IAM allows, which is fit for a URL as it stands. */
static bool is_role_character(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c != '\0' && strchr("_+=,.@-", c) != NULL);
}

/* The first line of the answer; several roles an instance are a thing of the past. */
static caws_provider_result take_role(caws_fetch *fetch, const caws_fetch_answer *answer,
                                      const char *who)
{
    size_t length = 0;
    while (length < answer->body_length && is_role_character(answer->body[length]))
        length++;
    bool ends = length == answer->body_length || answer->body[length] == '\r' ||
                answer->body[length] == '\n';
    caws_buffer_reset(&fetch->role);
    if (length > 0 && length <= LARGEST_TEXT && ends &&
        !caws_buffer_append(&fetch->role, answer->body, length))
        return CAWS_PROVIDER_MEMORY;
    if (fetch->role.length == 0 || /* "." and ".." are paths */
        strspn(fetch->role.data, ".") == fetch->role.length)
        return caws_provider_note(fetch, "%s: the answer is no name of a role", who);
    return ask(fetch, ASK_CREDENTIALS);
}

static caws_provider_result take_token(caws_fetch *fetch, const caws_fetch_answer *answer,
                                       const char *who)
{
    size_t length = answer->body_length;
    bool fits = length > 0 && length <= LARGEST_TEXT &&
                caws_buffer_append(&fetch->token, answer->body, length);
    if (!fits && fetch->token.no_memory)
        return CAWS_PROVIDER_MEMORY;
    if (!fits || strlen(fetch->token.data) != length ||
        !caws_text_is_header_safe(fetch->token.data))
        return caws_provider_note(fetch, "%s: the answer is no token", who);
    return ask(fetch, ASK_ROLE);
}

static caws_provider_result refused(caws_fetch *fetch, const caws_fetch_answer *answer,
                                    const char *who)
{
    bool passing =
        answer->http_status == 0 || answer->http_status == 429 || answer->http_status >= 500;
    if (passing && fetch->attempts < fetch->max_attempts)
        return ask(fetch, fetch->step);
    if (fetch->step == ASK_TOKEN && answer->http_status == 403)
        return caws_provider_note(fetch, "%s: HTTP 403: it is turned off", who);
    if (fetch->step == ASK_TOKEN && (answer->http_status == 404 || answer->http_status == 405))
        return caws_provider_note(fetch, "%s: HTTP %d: no version 2, which caws needs", who,
                                  answer->http_status);
    if (fetch->step == ASK_ROLE && answer->http_status == 404)
        return caws_provider_note(fetch, "%s: the instance has no role", who);
    return caws_provider_note_answer(fetch, who, answer);
}

static caws_provider_result take(caws_fetch *fetch, const caws_fetch_answer *answer,
                                 const char *who)
{
    if (answer->http_status != 200)
        return refused(fetch, answer, who);
    if (fetch->step == ASK_TOKEN)
        return take_token(fetch, answer, who);
    if (fetch->step == ASK_ROLE)
        return take_role(fetch, answer, who);
    char source[64 + CAWS_EXCERPT_SIZE];
    char role[CAWS_EXCERPT_SIZE];
    caws_excerpt(role, fetch->role.data, fetch->role.length);
    (void)snprintf(source, sizeof(source), "instance metadata (role %s)", role);
    const caws_found_credentials known = {.source = source, .outlasting = true};
    return caws_provider_read(fetch, answer->body, answer->body_length, CAWS_CREDENTIALS_HTTP,
                              source, &known);
}

caws_provider_result caws_instance_provider(caws_fetch *fetch, const caws_fetch_answer *answer)
{
    if (answer == NULL) {
        caws_provider_result result = prepare(fetch);
        return result == CAWS_PROVIDER_SEND ? ask(fetch, ASK_TOKEN) : result;
    }
    char who[64 + CAWS_EXCERPT_SIZE];
    char base[CAWS_EXCERPT_SIZE];
    caws_excerpt(base, fetch->base_url.data, fetch->base_url.length);
    (void)snprintf(who, sizeof(who), "instance metadata (%s)", base);
    return take(fetch, answer, who);
}
