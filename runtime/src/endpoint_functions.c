/* The functions of endpoint rules; caws_rule_partition is in endpoint_partition.c. */
#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "buffer.h"
#include "endpoint_rules.h"
#include "uri.h"

static bool set_array(const caws_rule_value *items, size_t count, caws_arena *arena,
                      caws_rule_value *result)
{
    caws_rule_value *copy = caws_arena_alloc(arena, count * sizeof(*copy));
    if (copy == NULL)
        return false;
    memcpy(copy, items, count * sizeof(*copy));
    *result = (caws_rule_value){.items = copy, .count = (uint32_t)count, .kind = CAWS_VALUE_ARRAY};
    return true;
}

/* Takes the buffer's content and clears it. */
static bool set_text(caws_buffer *buffer, caws_arena *arena, caws_rule_value *result)
{
    const char *copy =
        caws_buffer_ok(buffer) ? caws_arena_copy(arena, buffer->data, buffer->length) : NULL;
    if (copy != NULL)
        *result = caws_rule_text_part(copy, buffer->length);
    caws_buffer_clear(buffer);
    return copy != NULL;
}

static size_t length_until(const char *text, size_t length, char end)
{
    const char *found = length > 0 ? memchr(text, end, length) : NULL;
    return found != NULL ? (size_t)(found - text) : length;
}

/* Host labels, substrings */

static bool is_label(const char *text, size_t length)
{
    if (length == 0 || length > 63 || text[0] == '-' || text[length - 1] == '-')
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            c != '-')
            return false;
    }
    return true;
}

static bool are_labels(const caws_rule_value *value, bool allow_subdomains)
{
    if (value->kind != CAWS_VALUE_TEXT)
        return false;
    size_t start = 0;
    size_t length;
    for (;; start += length + 1) {
        size_t rest = value->count - start;
        length = allow_subdomains ? length_until(value->text + start, rest, '.') : rest;
        if (!is_label(value->text + start, length))
            return false;
        if (length == rest)
            return true;
    }
}

static bool is_valid_host_label(const caws_rule_value *arguments, caws_arena *arena,
                                caws_rule_value *result)
{
    (void)arena;
    *result = caws_rule_boolean(are_labels(&arguments[0], arguments[1].count != 0));
    return true;
}

const caws_rule_function caws_rule_is_valid_host_label = {is_valid_host_label};

static bool is_address(int family, const char *text, size_t length)
{
    char copy[INET6_ADDRSTRLEN] = "";
    unsigned char address[16];
    if (length >= sizeof(copy))
        return false;
    memcpy(copy, text, length);
    return inet_pton(family, copy, address) == 1;
}

static bool is_virtual_hostable_s3_bucket(const caws_rule_value *arguments, caws_arena *arena,
                                          caws_rule_value *result)
{
    (void)arena;
    const caws_rule_value *name = &arguments[0];
    bool is = are_labels(name, arguments[1].count != 0) && name->count >= 3 &&
              !is_address(AF_INET, name->text, name->count);
    for (size_t i = 0; is && i < name->count; i++)
        is = name->text[i] < 'A' || name->text[i] > 'Z';
    *result = caws_rule_boolean(is);
    return true;
}

const caws_rule_function caws_rule_is_virtual_hostable_s3_bucket = {is_virtual_hostable_s3_bucket};

/* text, start, stop, reverse: positions count from the end if reverse is true. */
static bool substring(const caws_rule_value *arguments, caws_arena *arena, caws_rule_value *result)
{
    (void)arena;
    const caws_rule_value *text = &arguments[0];
    size_t start = arguments[1].count;
    size_t stop = arguments[2].count;
    if (text->kind != CAWS_VALUE_TEXT || start >= stop || stop > text->count)
        return true;
    for (size_t i = 0; i < text->count; i++)
        if ((unsigned char)text->text[i] >= 0x80)
            return true;
    size_t from = arguments[3].count != 0 ? text->count - stop : start;
    *result = caws_rule_text_part(text->text + from, stop - start);
    return true;
}

const caws_rule_function caws_rule_substring = {substring};

static bool uri_encode(const caws_rule_value *arguments, caws_arena *arena, caws_rule_value *result)
{
    if (arguments[0].kind != CAWS_VALUE_TEXT)
        return true;
    caws_buffer text = CAWS_BUFFER_INIT;
    caws_buffer_append_string(&text, "");
    caws_uri_append_encoded(&text, arguments[0].text, arguments[0].count, 0);
    return set_text(&text, arena, result);
}

const caws_rule_function caws_rule_uri_encode = {uri_encode};

/* ARNs */

/* The parts of a resource, between ':' and '/'. */
static bool split_resource(const char *text, size_t length, caws_arena *arena,
                           caws_rule_value *result)
{
    size_t count = 1;
    for (size_t i = 0; i < length; i++)
        count += text[i] == ':' || text[i] == '/';
    caws_rule_value *items = NULL;
    if (count <= SIZE_MAX / sizeof(*items)) /* 32 bits may have room for the text alone */
        items = caws_arena_alloc(arena, count * sizeof(*items));
    if (items == NULL)
        return false;
    size_t start = 0;
    for (size_t n = 0; n < count; n++) {
        size_t end = start;
        while (end < length && text[end] != ':' && text[end] != '/')
            end++;
        items[n] = caws_rule_text_part(text + start, end - start);
        start = end + 1;
    }
    *result = (caws_rule_value){.items = items, .count = (uint32_t)count, .kind = CAWS_VALUE_ARRAY};
    return true;
}

/* arn:partition:service:region:account:resource, where region and account may be empty. */
static bool parse_arn(const caws_rule_value *arguments, caws_arena *arena, caws_rule_value *result)
{
    enum { PARTITION, SERVICE, REGION, ACCOUNT, RESOURCE, PARTS };
    const char *text = arguments[0].text;
    size_t length = arguments[0].count;
    if (arguments[0].kind != CAWS_VALUE_TEXT || length < 4 || memcmp(text, "arn:", 4) != 0)
        return true;
    caws_rule_value parts[PARTS];
    size_t start = 4;
    for (size_t n = 0; n < RESOURCE; n++) {
        size_t size = length_until(text + start, length - start, ':');
        if (start + size == length)
            return true;
        parts[n] = caws_rule_text_part(text + start, size);
        start += size + 1;
    }
    if (parts[PARTITION].count == 0 || parts[SERVICE].count == 0 || start == length)
        return true;
    return split_resource(text + start, length - start, arena, &parts[RESOURCE]) &&
           set_array(parts, PARTS, arena, result);
}

const caws_rule_function caws_rule_parse_arn = {parse_arn};

/* URLs */

static bool is_ip(const char *authority, size_t length)
{
    if (length > 0 && authority[0] == '[') {
        size_t end = length_until(authority, length, ']');
        return end < length && is_address(AF_INET6, authority + 1, end - 1);
    }
    return is_address(AF_INET, authority, length_until(authority, length, ':'));
}

/* Whether what is behind the host, if anything, is a port. */
static bool has_valid_port(const char *authority, size_t length)
{
    size_t start = length > 0 && authority[0] == '[' ? length_until(authority, length, ']') : 0;
    start += length_until(authority + start, length - start, ':') + 1;
    unsigned long port = 0;
    for (size_t i = start; i < length; i++) {
        if (authority[i] < '0' || authority[i] > '9' || port > 0xffff)
            return false;
        port = port * 10 + (unsigned long)(authority[i] - '0');
    }
    return port <= 0xffff;
}

static bool set_normalized_path(const char *path, size_t length, caws_arena *arena,
                                caws_rule_value *result)
{
    caws_buffer normal = CAWS_BUFFER_INIT;
    caws_buffer encoded = CAWS_BUFFER_INIT;
    caws_uri_append_normalized_path(&normal, path, length);
    if (caws_buffer_ok(&normal))
        caws_uri_append_encoded(&encoded, normal.data, normal.length, CAWS_URI_KEEP_SLASH);
    else
        encoded.no_memory = true;
    caws_buffer_clear(&normal);
    if (encoded.length == 0 || encoded.data[encoded.length - 1] != '/')
        caws_buffer_append_char(&encoded, '/');
    return set_text(&encoded, arena, result);
}

/* scheme://authority/path, with http or https and neither query nor fragment. */
static bool parse_url(const caws_rule_value *arguments, caws_arena *arena, caws_rule_value *result)
{
    enum { SCHEME, AUTHORITY, PATH, NORMALIZED_PATH, IS_IP, PARTS };
    const char *text = arguments[0].text;
    size_t length = arguments[0].count;
    if (arguments[0].kind != CAWS_VALUE_TEXT || length_until(text, length, '?') < length ||
        length_until(text, length, '#') < length)
        return true;
    size_t scheme = length_until(text, length, ':');
    if (!(scheme == 4 && memcmp(text, "http", 4) == 0) &&
        !(scheme == 5 && memcmp(text, "https", 5) == 0))
        return true;
    size_t host = scheme + 3;
    if (length <= host || memcmp(text + scheme, "://", 3) != 0)
        return true;
    size_t size = length_until(text + host, length - host, '/');
    if (size == 0 || !has_valid_port(text + host, size))
        return true;
    size_t path = host + size;
    caws_rule_value parts[PARTS] = {
        [SCHEME] = caws_rule_text_part(text, scheme),
        [AUTHORITY] = caws_rule_text_part(text + host, size),
        [PATH] = caws_rule_text_part(text + path, length - path),
        [IS_IP] = caws_rule_boolean(is_ip(text + host, size)),
    };
    return set_normalized_path(text + path, length - path, arena, &parts[NORMALIZED_PATH]) &&
           set_array(parts, PARTS, arena, result);
}

const caws_rule_function caws_rule_parse_url = {parse_url};
