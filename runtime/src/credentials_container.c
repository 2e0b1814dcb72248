/* Credentials of a container: ECS tasks, EKS pods, and whatever speaks the same protocol. */
#include "credentials_provider.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

enum {
    CONNECT_TIMEOUT_MS = 2000,
    TIMEOUT_MS = 5000,
    MAX_ATTEMPTS = 3, /* botocore's */
    RETRY_WAIT_MS = 1000,
    LARGEST_TOKEN = 16 * 1024
};

static const char relative[] = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
static const char full[] = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

/*
 * Where credentials and a token may go unencrypted, by the AWS SDKs and Tools Reference: loopback,
 * and the addresses of ECS and EKS. host is as libcurl has it, IPv6 in brackets. libcurl itself
 * makes loopback of "localhost", whatever the name service says.
 */
static bool may_be_plain(const char *host)
{
    static const unsigned char ipv6[][16] = {
        {[15] = 1},                                         /* ::1 */
        {0xfd, 0x00, 0x0e, 0xc2, [14] = 0x00, [15] = 0x23}, /* fd00:ec2::23 */
    };
    unsigned char address[16];
    size_t length = strlen(host);
    if (strcmp(host, "localhost") == 0 || strcmp(host, "169.254.170.2") == 0 ||
        strcmp(host, "169.254.170.23") == 0)
        return true;
    if (inet_pton(AF_INET, host, address) == 1)
        return address[0] == 127;
    char inner[INET6_ADDRSTRLEN];
    if (length < 3 || host[0] != '[' || length - 2 >= sizeof(inner))
        return false;
    memcpy(inner, host + 1, length - 2);
    inner[length - 2] = '\0';
    if (inet_pton(AF_INET6, inner, address) != 1)
        return false;
    return memcmp(address, ipv6[0], sizeof(address)) == 0 ||
           memcmp(address, ipv6[1], sizeof(address)) == 0;
}

static const char no_memory[] = "out of memory";

static const char *problem_of(CURLUcode code)
{
    return code == CURLUE_OUT_OF_MEMORY ? no_memory : "is no URL";
}

/* What is wrong with the URL, by the parser of those who send it; NULL: nothing. */
static const char *check_parsed(CURLU *parsed)
{
    static const CURLUPart refused[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT,
                                        CURLUPART_ZONEID};
    char *text = NULL;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        CURLUcode code = curl_url_get(parsed, refused[i], &text, 0);
        curl_free(text);
        text = NULL;
        if (code == CURLUE_OUT_OF_MEMORY)
            return no_memory;
        if (code == CURLUE_OK)
            return "has a user name, password, fragment or zone";
    }
    char *host = NULL;
    CURLUcode code = curl_url_get(parsed, CURLUPART_SCHEME, &text, 0);
    if (code == CURLUE_OK)
        code = curl_url_get(parsed, CURLUPART_HOST, &host, 0);
    const char *problem = NULL;
    if (code != CURLUE_OK)
        problem = problem_of(code);
    else if (strcmp(text, "https") != 0 && strcmp(text, "http") != 0)
        problem = "is neither http nor https";
    else if (strcmp(text, "http") == 0 && !may_be_plain(host))
        problem = "is http, which is allowed to loopback and to 169.254.170.2, 169.254.170.23 and "
                  "[fd00:ec2::23] only";
    curl_free(text);
    curl_free(host);
    return problem;
}

static const char *check_url(const char *url)
{
    if (!caws_text_is_header_safe(url) || strpbrk(url, " \\") != NULL)
        return "has a space, backslash or control character";
    const char *slashes = strstr(url, "://");
    if (slashes == NULL || slashes[3] == '/') /* libcurl is more generous */
        return "is no http or https URL";
    CURLU *parsed = curl_url();
    if (parsed == NULL)
        return no_memory;
    CURLUcode code = curl_url_set(parsed, CURLUPART_URL, url, 0);
    const char *problem = code == CURLUE_OK ? check_parsed(parsed) : problem_of(code);
    curl_url_cleanup(parsed);
    return problem;
}

/* The URL is never shown: in ECS whoever has it has the credentials. */
static caws_provider_result set_url(caws_fetch *fetch)
{
    const char *path = caws_provider_variable(fetch, relative);
    const char *url = caws_provider_variable(fetch, full);
    caws_buffer_reset(&fetch->url);
    if (path != NULL && path[0] != '/')
        return caws_provider_note(fetch, "container: %s does not begin with a slash", relative);
    if (path != NULL)
        caws_buffer_append_string(&fetch->url, "http://169.254.170.2");
    caws_buffer_append_string(&fetch->url, path != NULL ? path : url);
    if (!caws_buffer_ok(&fetch->url))
        return CAWS_PROVIDER_MEMORY;
    const char *problem = check_url(fetch->url.data);
    if (problem == no_memory)
        return CAWS_PROVIDER_MEMORY;
    if (problem != NULL)
        return caws_provider_note(fetch, "container: %s %s", path != NULL ? relative : full,
                                  problem);
    return CAWS_PROVIDER_SEND;
}

/* The file is read each time, because its token is replaced before it runs out. */
static caws_provider_result set_token(caws_fetch *fetch)
{
    static const char by_file[] = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
    static const char by_value[] = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
    const char *path = caws_provider_variable(fetch, by_file);
    const char *value = caws_provider_variable(fetch, by_value);
    caws_buffer *token = &fetch->token;
    caws_buffer_wipe(token);
    token->limit = LARGEST_TOKEN;
    if (path != NULL) {
        if (caws_buffer_reserve(token, LARGEST_TOKEN) == NULL) /* growing would leave copies */
            return CAWS_PROVIDER_MEMORY;
        int failure = fetch->sources.system->read_file(fetch->sources.system->context, path, token);
        char text[CAWS_ERRNO_TEXT_SIZE];
        char shown[CAWS_EXCERPT_SIZE];
        caws_excerpt(shown, path, strlen(path));
        if (failure != 0)
            return caws_provider_note(fetch, "container: %s: %s: %s", by_file, shown,
                                      caws_errno_text(failure, text));
        if (token->length == 0)
            return caws_provider_note(fetch, "container: %s: %s is empty", by_file, shown);
    } else if (value != NULL && !caws_buffer_append_string(token, value)) {
        return token->too_large ? caws_provider_note(fetch, "container: %s is over %d bytes",
                                                     by_value, (int)LARGEST_TOKEN)
                                : CAWS_PROVIDER_MEMORY;
    }
    /* Above all no line breaks, which would be headers of their own; NUL is one of the others. */
    if (token->length > 0 &&
        (!caws_text_is_header_safe(token->data) || strlen(token->data) != token->length))
        return caws_provider_note(fetch, "container: %s has a line break or control character",
                                  path != NULL ? by_file : by_value);
    return CAWS_PROVIDER_SEND;
}

static caws_provider_result request(caws_fetch *fetch)
{
    caws_provider_result result = set_url(fetch);
    if (result == CAWS_PROVIDER_SEND)
        result = set_token(fetch);
    if (result != CAWS_PROVIDER_SEND)
        return result;
    fetch->request = (caws_fetch_request){
        .method = "GET",
        .url = fetch->url.data,
        .headers = {{"accept", "application/json"}, {"authorization", fetch->token.data}},
        .header_count = fetch->token.length > 0 ? 2 : 1,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .timeout_ms = TIMEOUT_MS,
    };
    fetch->step = 1;
    fetch->attempts++;
    return result;
}

caws_provider_result caws_container_provider(caws_fetch *fetch, const caws_fetch_answer *answer)
{
    static const caws_found_credentials known = {.source = "container"};
    if (fetch->step == 0 && caws_provider_variable(fetch, relative) == NULL &&
        caws_provider_variable(fetch, full) == NULL)
        return caws_provider_note(fetch, "container: %s and %s are not set", relative, full);
    if (answer == NULL)
        return request(fetch);
    if (answer->http_status == 200)
        return caws_provider_read(fetch, answer->body, answer->body_length, CAWS_CREDENTIALS_HTTP,
                                  known.source, &known);
    bool passing =
        answer->http_status == 0 || answer->http_status == 429 || answer->http_status >= 500;
    if (!passing || fetch->attempts >= MAX_ATTEMPTS)
        return caws_provider_note_answer(fetch, known.source, answer);
    fetch->wait_ms = RETRY_WAIT_MS;
    return CAWS_PROVIDER_WAIT;
}
