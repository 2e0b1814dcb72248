#include "sigv4_canonical.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "uri.h"

void caws_pairs_clear(caws_pairs *pairs)
{
    free(pairs->items);
    pairs->items = NULL;
    pairs->count = 0;
    pairs->capacity = 0;
    caws_buffer_wipe(&pairs->text);
    caws_buffer_clear(&pairs->given);
}

/* Empties pairs and makes room for count pairs and length bytes of text, which then does not move
 * while pairs are added. */
static bool pairs_begin(caws_pairs *pairs, size_t count, size_t length)
{
    caws_buffer_reset(&pairs->text);
    pairs->count = 0;
    if (count > pairs->capacity) {
        if (count > SIZE_MAX / sizeof *pairs->items)
            return false;
        caws_pair *items = realloc(pairs->items, count * sizeof *items);
        if (items == NULL)
            return false;
        pairs->items = items;
        pairs->capacity = count;
    }
    return caws_buffer_reserve(&pairs->text, length) != NULL;
}

/* Of ASCII letters, whatever the locale. */
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool caws_header_is(const char *name, const char *lower_name)
{
    while (*lower_name != '\0' && lower(*name) == *lower_name) {
        name++;
        lower_name++;
    }
    return *lower_name == '\0' && *name == '\0';
}

static int compare_text(const char *a, size_t a_length, const char *b, size_t b_length)
{
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    if (order == 0)
        order = (a_length > b_length) - (a_length < b_length);
    return order;
}

static int compare_pairs(const void *left, const void *right)
{
    const caws_pair *a = left;
    const caws_pair *b = right;
    int order = compare_text(a->name, a->name_length, b->name, b->name_length);
    if (order == 0)
        order = (a->order > b->order) - (a->order < b->order);
    if (order == 0)
        order = compare_text(a->value, a->value_length, b->value, b->value_length);
    return order;
}

static void sort_pairs(caws_pairs *pairs)
{
    /* The handful of a common request is sorted in place, at a fraction of the cost of qsort. */
    enum { FEW = 16 };
    if (pairs->count > FEW) {
        qsort(pairs->items, pairs->count, sizeof *pairs->items, compare_pairs);
        return;
    }
    for (size_t i = 1; i < pairs->count; i++) {
        caws_pair pair = pairs->items[i];
        size_t at = i;
        for (; at > 0 && compare_pairs(&pairs->items[at - 1], &pair) > 0; at--)
            pairs->items[at] = pairs->items[at - 1];
        pairs->items[at] = pair;
    }
}

bool caws_canonical_path(caws_buffer *out, caws_buffer *scratch, const char *path, bool normalize,
                         bool encode_twice)
{
    size_t length = strlen(path);
    if (length == 0 || (length == 1 && path[0] == '/'))
        return caws_buffer_append_char(out, '/');
    if (normalize) {
        caws_buffer_reset(scratch);
        if (!caws_uri_append_normalized_path(scratch, path, length))
            return false;
        path = scratch->data;
        length = scratch->length;
    }
    unsigned escapes = encode_twice ? 0U : CAWS_URI_KEEP_ESCAPES;
    return caws_uri_append_encoded(out, path, length, CAWS_URI_KEEP_SLASH | escapes);
}

/* Adds one parameter, encoded. */
static bool add_parameter(caws_pairs *pairs, const char *text, size_t length)
{
    const char *equals = memchr(text, '=', length);
    size_t name_length = equals != NULL ? (size_t)(equals - text) : length;
    size_t value_at = equals != NULL ? name_length + 1 : length;
    size_t start = pairs->text.length;
    if (!caws_uri_append_encoded(&pairs->text, text, name_length, CAWS_URI_KEEP_ESCAPES))
        return false;
    size_t middle = pairs->text.length;
    if (!caws_uri_append_encoded(&pairs->text, text + value_at, length - value_at,
                                 CAWS_URI_KEEP_ESCAPES))
        return false;
    pairs->items[pairs->count++] = (caws_pair){
        .name = pairs->text.data + start,
        .name_length = middle - start,
        .value = pairs->text.data + middle,
        .value_length = pairs->text.length - middle,
    };
    return true;
}

bool caws_canonical_query(caws_buffer *out, caws_pairs *scratch, const char *query, size_t length)
{
    if (length == 0)
        return caws_buffer_ok(out);
    if (length > SIZE_MAX / 8)
        return false;
    size_t count = 1;
    for (size_t i = 0; i < length; i++)
        count += query[i] == '&';
    /* An encoded byte takes three. */
    if (!pairs_begin(scratch, count, 3 * length))
        return false;
    for (size_t at = 0; at < length;) {
        const char *ampersand = memchr(query + at, '&', length - at);
        size_t size = ampersand != NULL ? (size_t)(ampersand - query) - at : length - at;
        if (size > 0 && !add_parameter(scratch, query + at, size))
            return false;
        at += size + 1;
    }
    sort_pairs(scratch);
    for (size_t i = 0; i < scratch->count; i++) {
        const caws_pair *pair = &scratch->items[i];
        if (i > 0)
            (void)caws_buffer_append_char(out, '&');
        (void)caws_buffer_append(out, pair->name, pair->name_length);
        (void)caws_buffer_append_char(out, '=');
        (void)caws_buffer_append(out, pair->value, pair->value_length);
    }
    return caws_buffer_ok(out);
}

/* Headers that hops, proxies or the HTTP library add, change or remove (botocore leaves out the
 * same ones), and those that the signer makes. */
static bool is_unsigned(const char *name, size_t length)
{
    static const struct {
        const char *name;
        size_t length;
    } names[] = {
#define NAME(text) {text, sizeof(text) - 1}
        NAME("authorization"),
        NAME("baggage"),
        NAME("connection"),
        NAME("expect"),
        NAME("keep-alive"),
        NAME("proxy-authenticate"),
        NAME("proxy-authorization"),
        NAME("te"),
        NAME("traceparent"),
        NAME("tracestate"),
        NAME("trailer"),
        NAME("transfer-encoding"),
        NAME("upgrade"),
        NAME("user-agent"),
        NAME("x-amz-date"),
        NAME("x-amz-security-token"),
        NAME("x-amzn-trace-id"),
#undef NAME
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].length == length && memcmp(names[i].name, name, length) == 0)
            return true;
    return false;
}

/* Its own come after those given. */
static const caws_header *header_at(const caws_header *own, const caws_header *given,
                                    size_t given_count, size_t at)
{
    return at < given_count ? &given[at] : &own[at - given_count];
}

bool caws_canonical_collect_again(caws_pairs *pairs, const caws_header *own, size_t own_count,
                                  const caws_header *given, size_t given_count)
{
    if (pairs->given.length == 0)
        return false;
    const char *name = pairs->given.data;
    const char *end = name + pairs->given.length;
    for (size_t i = 0; i < given_count + own_count; i++) {
        const caws_header *header = header_at(own, given, given_count, i);
        if (name == end || strcmp(name, header->name) != 0)
            return false;
        name += strlen(name) + 1;
    }
    if (name != end)
        return false;
    for (size_t i = 0; i < pairs->count; i++)
        pairs->items[i].value = header_at(own, given, given_count, pairs->items[i].order)->value;
    return true;
}

bool caws_canonical_collect(caws_pairs *pairs, const caws_header *own, size_t own_count,
                            const caws_header *given, size_t given_count)
{
    caws_buffer_reset(&pairs->given);
    for (size_t i = 0; i < given_count + own_count; i++) {
        const char *name = header_at(own, given, given_count, i)->name;
        (void)caws_buffer_append(&pairs->given, name, strlen(name) + 1);
    }
    if (!caws_buffer_ok(&pairs->given) ||
        !pairs_begin(pairs, own_count + given_count, pairs->given.length)) {
        caws_buffer_reset(&pairs->given);
        return false;
    }
    for (size_t i = 0; i < given_count + own_count; i++) {
        const caws_header *header = header_at(own, given, given_count, i);
        size_t length = strlen(header->name);
        char *name = pairs->text.data + pairs->text.length;
        for (size_t k = 0; k < length; k++)
            name[k] = lower(header->name[k]);
        if (i < given_count && is_unsigned(name, length))
            continue;
        pairs->text.length += length;
        pairs->items[pairs->count++] =
            (caws_pair){.name = name, .name_length = length, .value = header->value, .order = i};
    }
    sort_pairs(pairs);
    return true;
}

static void append_folded(caws_buffer *out, const char *value)
{
    static const char white_space[] = " \t\n\v\f\r";
    bool first = true;
    for (value += strspn(value, white_space); *value != '\0'; value += strspn(value, white_space)) {
        size_t length = strcspn(value, white_space);
        if (!first)
            (void)caws_buffer_append_char(out, ' ');
        (void)caws_buffer_append(out, value, length);
        value += length;
        first = false;
    }
}

static bool same_name(const caws_pairs *pairs, size_t a, size_t b)
{
    return compare_text(pairs->items[a].name, pairs->items[a].name_length, pairs->items[b].name,
                        pairs->items[b].name_length) == 0;
}

bool caws_canonical_headers(caws_buffer *out, const caws_pairs *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        const caws_pair *header = &headers->items[i];
        if (i > 0 && same_name(headers, i - 1, i)) {
            (void)caws_buffer_append_char(out, ',');
        } else {
            if (i > 0)
                (void)caws_buffer_append_char(out, '\n');
            (void)caws_buffer_append(out, header->name, header->name_length);
            (void)caws_buffer_append_char(out, ':');
        }
        append_folded(out, header->value);
    }
    if (headers->count > 0)
        (void)caws_buffer_append_char(out, '\n');
    return caws_buffer_ok(out);
}

bool caws_canonical_names(caws_buffer *out, const caws_pairs *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        if (i > 0 && same_name(headers, i - 1, i))
            continue;
        if (i > 0)
            (void)caws_buffer_append_char(out, ';');
        (void)caws_buffer_append(out, headers->items[i].name, headers->items[i].name_length);
    }
    return caws_buffer_ok(out);
}
