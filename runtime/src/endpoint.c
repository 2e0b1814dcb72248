#include "endpoint.h"

#include <curl/curl.h>
#include <string.h>

#include "buffer.h"
#include "fail.h"
#include "partitions.h"
#include "pattern.h"
#include "settings_endpoint.h"
#include "text.h"

static const caws_partition *find_partition(const char *region)
{
    for (size_t p = 0; p < caws_partition_count; p++) {
        const caws_partition *partition = &caws_partitions[p];
        size_t offset = 0;
        if (caws_pattern_match(partition->region_pattern, region, strlen(region), &offset))
            return partition;
        for (uint16_t i = 0; i < partition->region_count; i++)
            if (strcmp(partition->regions[i], region) == 0)
                return partition;
    }
    return &caws_partitions[0]; /* a region that is newer than this library: most likely "aws" */
}

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
                                        CURLUPART_FRAGMENT};
    const char *text = NULL;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (copy_part(parsed, refused[i], arena, &text) != CURLUE_OK)
            return caws_fail_memory(error);
        if (text != NULL)
            return caws_fail(error, CAWS_ERROR_ENDPOINT,
                             "%s: a user name, password, query or fragment is not allowed in an "
                             "endpoint URL",
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
    for (const char *c = host; *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80) /* libcurl would send another Host than is signed */
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
    CURLUcode code = curl_url_set(parsed, CURLUPART_URL, url, 0);
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

caws_status caws_endpoint_find(const caws_settings *settings, const caws_service *service,
                               caws_arena *arena, caws_endpoint *endpoint, caws_error *error)
{
    caws_setting_value url;
    if (caws_settings_endpoint(settings, service, arena, &url, error) != CAWS_OK)
        return error->status;
    if (url.text != NULL)
        return caws_endpoint_parse(url.source, url.text, arena, endpoint, error);
    if (settings->region == NULL)
        return caws_fail(error, CAWS_ERROR_CONFIGURATION,
                         "no region: set option region, AWS_REGION or AWS_DEFAULT_REGION");

    caws_buffer host = CAWS_BUFFER_INIT;
    caws_buffer_append_format(&host, "%s.%s.%s", service->endpoint_prefix, settings->region,
                              find_partition(settings->region)->dns_suffix);
    endpoint->scheme = "https";
    endpoint->host = caws_buffer_ok(&host) ? caws_arena_copy(arena, host.data, host.length) : NULL;
    endpoint->path = "";
    caws_buffer_clear(&host);
    return endpoint->host != NULL ? CAWS_OK : caws_fail_memory(error);
}
