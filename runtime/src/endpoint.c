#include "endpoint.h"

#include <curl/curl.h>
#include <string.h>

#include "buffer.h"
#include "endpoint_context.h"
#include "endpoint_partition.h"
#include "endpoint_rules.h"
#include "fail.h"
#include "settings_endpoint.h"
#include "text.h"
static caws_status bad_url(const char *source, const char *url, const char *why, caws_error *error)
{
    if (strpbrk(url, "@?#") != NULL) /* it may hold a password or a token */
        return caws_fail(error, CAWS_ERROR_ENDPOINT, "%s: %s", source, why);
    char shown[CAWS_EXCERPT_SIZE];
    caws_excerpt(shown, url, strlen(url));
    return caws_fail(error, CAWS_ERROR_ENDPOINT, "%s: \"%s\": %s", source, shown, why);
}

/* One part of a parsed URL, copied to the arena; NULL and CURLUE_OK if the URL has none. */
static CURLUcode copy_part(CURLU *parsed, CURLUPart part, caws_arena *arena, const char **text)
{
    char *value = NULL;
    CURLUcode code = curl_url_get(parsed, part, &value, 0);
    *text = NULL;
    if (code == CURLUE_OK) {
        *text = caws_arena_copy(arena, value, strlen(value));
        code = *text != NULL ? CURLUE_OK : CURLUE_OUT_OF_MEMORY;
    } else if (code != CURLUE_OUT_OF_MEMORY) {
        code = CURLUE_OK;
    }
    curl_free(value);
    return code;
}

/* libcurl leaves a scheme's own port out of the Host header, and the signature has to agree. */
static const char *host_and_port(const char *scheme, const char *host, const char *port,
                                 caws_arena *arena)
{
    if (port == NULL || strcmp(port, strcmp(scheme, "https") == 0 ? "443" : "80") == 0)
        return host;
    caws_buffer text = CAWS_BUFFER_INIT;
    const char *joined = caws_buffer_append_format(&text, "%s:%s", host, port)
                             ? caws_arena_copy(arena, text.data, text.length)
                             : NULL;
    caws_buffer_clear(&text);
    return joined;
}

static caws_status use_parsed(CURLU *parsed, const char *source, const char *url, caws_arena *arena,
                              caws_endpoint *endpoint, caws_error *error)
{
    static const CURLUPart refused[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY,
                                        CURLUPART_FRAGMENT, CURLUPART_ZONEID};
    const char *text = NULL;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (copy_part(parsed, refused[i], arena, &text) != CURLUE_OK)
            return caws_fail_memory(error);
        if (text != NULL)
            return caws_fail(error, CAWS_ERROR_ENDPOINT,
                             "%s: a user name, password, query, fragment or IPv6 zone is not "
                             "allowed in an endpoint URL",
                             source); /* without the URL: it may hold a password */
    }
    const char *host = NULL;
    const char *port = NULL;
    const char *path = NULL;
    if (copy_part(parsed, CURLUPART_SCHEME, arena, &endpoint->scheme) != CURLUE_OK ||
        copy_part(parsed, CURLUPART_HOST, arena, &host) != CURLUE_OK ||
        copy_part(parsed, CURLUPART_PORT, arena, &port) != CURLUE_OK ||
        copy_part(parsed, CURLUPART_PATH, arena, &path) != CURLUE_OK)
        return caws_fail_memory(error);
    if (endpoint->scheme == NULL ||
        (strcmp(endpoint->scheme, "http") != 0 && strcmp(endpoint->scheme, "https") != 0))
        return bad_url(source, url, "the scheme must be http or https", error);
    if (host == NULL || host[0] == '\0')
        return bad_url(source, url, "there is no host", error);
    /* libcurl would send another Host than is signed: it decodes escapes, of which one is left. */
    if (strchr(host, '%') != NULL)
        return bad_url(source, url, "the host has a percent sign", error);
    for (const char *c = host; *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80) /* as above */
            return bad_url(source, url, "the host must be ASCII (xn--... for other names)", error);
    size_t length = path != NULL ? strlen(path) : 0;
    while (length > 0 && path[length - 1] == '/')
        length--;
    endpoint->host = host_and_port(endpoint->scheme, host, port, arena);
    endpoint->path = caws_arena_copy(arena, path, length);
    return endpoint->host != NULL && endpoint->path != NULL ? CAWS_OK : caws_fail_memory(error);
}

/* libcurl takes "http:/host" and "http:///host" for "http://host". */
static bool has_authority(const char *url)
{
    const char *slashes = strstr(url, "://");
    return slashes != NULL && slashes[3] != '/';
}

caws_status caws_endpoint_parse(const char *source, const char *url, caws_arena *arena,
                                caws_endpoint *endpoint, caws_error *error)
{
    if (!caws_text_is_header_safe(url) || strchr(url, ' ') != NULL)
        return bad_url(source, url, "a space or control character", error);
    CURLU *parsed = curl_url();
    if (parsed == NULL)
        return caws_fail_memory(error);
    /* Which other schemes libcurl knows depends on its build; they are refused later. */
    CURLUcode code = curl_url_set(parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME);
    caws_status status;
    if (code == CURLUE_OUT_OF_MEMORY)
        status = caws_fail_memory(error);
    else if (code != CURLUE_OK || !has_authority(url))
        status = bad_url(source, url, "no URL of the form http(s)://host[:port][/path]", error);
    else
        status = use_parsed(parsed, source, url, arena, endpoint, error);
    curl_url_cleanup(parsed);
    return status;
}

static caws_status fail_without_region(caws_error *error)
{
    return caws_fail(error, CAWS_ERROR_CONFIGURATION,
                     "no region: set option region, AWS_REGION, or the profile's region");
}

static caws_status make_endpoint(const char *region, const caws_service *service, caws_arena *arena,
                                 caws_endpoint *endpoint, caws_error *error)
{
    if (region == NULL)
        return fail_without_region(error);
    const caws_partition *partition = caws_partition_find(region, strlen(region));
    if (partition == NULL)
        return caws_fail(error, CAWS_ERROR_ENDPOINT,
                         "this build of caws knows no partitions (CAWS_ENDPOINT_RULES): set "
                         "endpoint_url");
    caws_buffer host = CAWS_BUFFER_INIT;
    caws_buffer_append_format(&host, "%s.%s.%s", service->endpoint_prefix, region,
                              partition->dns_suffix);
    endpoint->scheme = "https";
    endpoint->host = caws_buffer_ok(&host) ? caws_arena_copy(arena, host.data, host.length) : NULL;
    endpoint->path = "";
    caws_buffer_clear(&host);
    return endpoint->host != NULL ? CAWS_OK : caws_fail_memory(error);
}

/* The URL that rules made. What came into it from the input must not reach beyond its place. */
static caws_status use_made_url(const char *url, caws_arena *arena, caws_endpoint *endpoint,
                                caws_error *error)
{
    static const char in_hosts[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]";
    bool secure = strncmp(url, "https://", 8) == 0;
    bool plain = strncmp(url, "http://", 7) == 0;
    const char *host = secure ? url + 8 : plain ? url + 7 : "";
    size_t length = strspn(host, in_hosts);
    const char *path = host + length;
    if (length == 0 || (path[0] != '/' && path[0] != '\0') || strpbrk(path, " ?#") != NULL ||
        !caws_text_is_header_safe(path))
        return bad_url("endpoint rules", url, "no URL of the form http(s)://host[:port][/path]",
                       error);
    size_t path_length = strlen(path);
    while (path_length > 0 && path[path_length - 1] == '/')
        path_length--;
    endpoint->scheme = secure ? "https" : "http";
    endpoint->host = caws_arena_copy(arena, host, length);
    endpoint->path = caws_arena_copy(arena, path, path_length);
    return endpoint->host != NULL && endpoint->path != NULL ? CAWS_OK : caws_fail_memory(error);
}

caws_rule_value *caws_endpoint_values(const caws_endpoint_rules *rules,
                                      const caws_operation *operation, const void *input,
                                      caws_arena *arena)
{
    const caws_context *context = operation != NULL ? operation->context : NULL;
    caws_rule_value *values = caws_arena_alloc(arena, rules->value_count * sizeof(*values));
    if (values == NULL || context == NULL || context->reader == NULL ||
        context->reader->fill(operation, input, arena, values))
        return values;
    return NULL;
}

/* custom: NULL, or the custom endpoint's URL, which endpoint has already. */
static caws_status apply_rules(const caws_settings *settings, const caws_service *service,
                               const caws_endpoint_query *query, const char *custom,
                               caws_arena *arena, caws_endpoint *endpoint, caws_error *error)
{
    const caws_rule_builtins builtins = {
        .region = settings->region,
        .custom_endpoint = custom,
        .account_id = query->account_id,
        .account_id_mode = settings->account_id_endpoint_mode,
        .use_fips = settings->use_fips_endpoint,
        .use_dual_stack = settings->use_dualstack_endpoint,
    };
    const caws_endpoint_rules *rules = service->endpoint_rules;
    caws_rule_value *values = query->values;
    if (values == NULL)
        values = caws_endpoint_values(rules, query->operation, query->input, arena);
    if (values == NULL)
        return caws_fail_memory(error);
    caws_rules_set_builtins(rules, &builtins, values);
    const char *url = NULL;
    caws_status status = caws_rules_evaluate(rules, values, arena, &url, endpoint, error);
    if (status == CAWS_ERROR_ENDPOINT && settings->region == NULL && custom == NULL)
        return fail_without_region(error); /* says what to do about it */
    if (status != CAWS_OK)
        return status;
    if (endpoint->unsupported_auth != NULL)
        return caws_fail(error, CAWS_ERROR_ENDPOINT,
                         "the endpoint wants requests signed with %s, which caws cannot do",
                         endpoint->unsupported_auth);
    return custom != NULL && strcmp(url, custom) == 0 ? CAWS_OK
                                                      : use_made_url(url, arena, endpoint, error);
}

caws_status caws_endpoint_find(const caws_settings *settings, const caws_service *service,
                               const caws_endpoint_query *query, caws_arena *arena,
                               caws_endpoint *endpoint, caws_error *error)
{
    static const caws_endpoint_query nothing = {0};
    caws_setting_value custom = {"the call's option endpoint_url", NULL};
    if (query == NULL)
        query = &nothing;
    custom.text = query->endpoint_url;
    if (custom.text == NULL &&
        caws_settings_endpoint(settings, service, arena, &custom, error) != CAWS_OK)
        return error->status;
    memset(endpoint, 0, sizeof(*endpoint));
    if (custom.text != NULL &&
        caws_endpoint_parse(custom.source, custom.text, arena, endpoint, error) != CAWS_OK)
        return error->status;
    if (service->endpoint_rules != NULL)
        return apply_rules(settings, service, query, custom.text, arena, endpoint, error);
    return custom.text != NULL ? CAWS_OK
                               : make_endpoint(settings->region, service, arena, endpoint, error);
}

/* NULL stays. */
static bool copy_text(caws_arena *arena, const char **text)
{
    if (*text == NULL)
        return true;
    *text = caws_arena_copy(arena, *text, strlen(*text));
    return *text != NULL;
}

static bool copy_header(caws_arena *arena, const caws_endpoint_header *header, caws_endpoint *copy)
{
    caws_endpoint_header *own = caws_arena_alloc(arena, sizeof(*own));
    if (own == NULL)
        return false;
    *own = (caws_endpoint_header){copy->headers, header->name, header->value};
    copy->headers = own;
    return copy_text(arena, &own->name) && copy_text(arena, &own->value);
}

bool caws_endpoint_copy(caws_arena *arena, const caws_endpoint *endpoint, caws_endpoint *copy)
{
    *copy = *endpoint;
    copy->headers = NULL;
    for (const caws_endpoint_header *h = endpoint->headers; h != NULL; h = h->next)
        if (!copy_header(arena, h, copy))
            return false;
    return copy_text(arena, &copy->scheme) && copy_text(arena, &copy->host) &&
           copy_text(arena, &copy->path) && copy_text(arena, &copy->signing_name) &&
           copy_text(arena, &copy->signing_region);
}

caws_endpoint_scope caws_endpoint_scope_of(const caws_operation *operation)
{
    const caws_context *context = operation->context;
    if (context == NULL || context->parameter_count == 0)
        return CAWS_ENDPOINT_OF_SERVICE;
    for (uint16_t i = 0; i < context->parameter_count; i++)
        if (context->parameters[i].kind >= CAWS_CONTEXT_FIRST)
            return CAWS_ENDPOINT_OF_CALL;
    return CAWS_ENDPOINT_OF_OPERATION;
}

bool caws_endpoint_wants_account(const caws_service *service)
{
    const caws_endpoint_rules *rules = service->endpoint_rules;
    for (uint8_t i = 0; rules != NULL && i < rules->parameter_count; i++)
        if (rules->parameters[i].source == CAWS_RULE_ACCOUNT_ID)
            return true;
    return false;
}
