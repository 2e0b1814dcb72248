/* URLs of endpoints, whose parts curl has to find the same in, and paths and escapes of URIs. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "endpoint.h"
#include "uri.h"

/* "host:port" as libcurl understands the whole; what is sent there must not go elsewhere. */
static void compare_with_curl(const caws_endpoint *endpoint)
{
    caws_buffer url = CAWS_BUFFER_INIT;
    caws_buffer host = CAWS_BUFFER_INIT;
    char *name = NULL;
    char *port = NULL;
    CURLU *parsed = curl_url();
    must(caws_buffer_append_format(&url, "%s://%s%s/", endpoint->scheme, endpoint->host,
                                   endpoint->path));
    if (curl_url_set(parsed, CURLUPART_URL, url.data, CURLU_PATH_AS_IS) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_HOST, &name, 0) == CURLUE_OK) {
        must(caws_buffer_append_string(&host, name));
        if (curl_url_get(parsed, CURLUPART_PORT, &port, 0) == CURLUE_OK)
            must(caws_buffer_append_format(&host, ":%s", port));
        /* libcurl makes an address of numbers, and leaves a zone out. */
        if (strpbrk(endpoint->host, "ghijklmnopqrstuvwyzGHIJKLMNOPQRSTUVWYZ") != NULL &&
            endpoint->host[0] != '[')
            must(strcasecmp(host.data, endpoint->host) == 0);
    }
    curl_free(port);
    curl_free(name);
    curl_url_cleanup(parsed);
    caws_buffer_clear(&host);
    caws_buffer_clear(&url);
}

static void encode(const char *text, size_t length)
{
    caws_buffer once = CAWS_BUFFER_INIT;
    caws_buffer twice = CAWS_BUFFER_INIT;
    must(caws_uri_append_encoded(&once, text, length, CAWS_URI_KEEP_ESCAPES));
    if (length > 0) {
        must(caws_uri_append_encoded(&twice, once.data, once.length, CAWS_URI_KEEP_ESCAPES));
        must(strcmp(once.data, twice.data) == 0);
        must(once.length <= 3 * length);
    }
    caws_buffer_reset(&once);
    caws_buffer_reset(&twice);
    must(caws_uri_append_normalized_path(&once, text, length));
    must(once.data[0] == '/');
    must(caws_uri_append_normalized_path(&twice, once.data, once.length));
    must(once.length == twice.length && memcmp(once.data, twice.data, once.length) == 0);
    caws_buffer_clear(&once);
    caws_buffer_clear(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = {data, size};
    char *url = fuzz_text(&input, size);
    caws_arena arena = CAWS_ARENA_INIT;
    caws_error error = CAWS_ERROR_INIT;
    caws_endpoint endpoint;
    caws_status status = caws_endpoint_parse("option", url, &arena, &endpoint, &error);
    must(status == CAWS_OK || status == CAWS_ERROR_ENDPOINT);
    must(strpbrk(error.message, "\r\n") == NULL);
    if (status == CAWS_OK)
        compare_with_curl(&endpoint);
    encode(url, strlen(url));
    caws_error_clear(&error);
    caws_arena_clear(&arena);
    free(url);
    return 0;
}
