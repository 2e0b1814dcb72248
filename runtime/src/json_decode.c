#include "json_decode.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "base64.h"
#include "fail.h"
#include "json_print.h"
#include "json_text.h"
#include "timestamp.h"
#include "trail.h"
#include "utf8.h"
#include "value.h"

/* caws_json is cJSON's node under a name of our own; no other file sees inside. */
static const cJSON *node(const caws_json *json)
{
    return (const cJSON *)json;
}

/* cJSON_ParseWithLengthOpts, in the C locale for this thread: cJSON reads numbers with strtod, and
 * knows no decimal point of several bytes. Sets errno to ENOMEM if there was no memory. */
static cJSON *parse_in_c_locale(const char *text, size_t length, const char **end)
{
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0) {
        errno = ENOMEM;
        return NULL;
    }
    locale_t host_locale = uselocale(c_locale);
    errno = 0;
    cJSON *root = cJSON_ParseWithLengthOpts(text, length, end, 0);
    int parse_errno = errno;
    (void)uselocale(host_locale);
    freelocale(c_locale);
    errno = parse_errno;
    return root;
}

/* How many bytes caws_json_text_prepare has added up to here: a mark and two quotes a number. */
static size_t added_bytes(const char *rewritten, size_t length)
{
    size_t added = 0;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)rewritten[i] == CAWS_JSON_NUMBER_MARK)
            added += 3;
    return added;
}

static caws_json *fail_text(caws_error *error, const char *problem, size_t offset, size_t length)
{
    caws_fail(error, CAWS_ERROR_RESPONSE_MALFORMED, "the body is not %s at byte %zu of %zu",
              problem, offset, length);
    return NULL;
}

static caws_json *fail_cut(caws_error *error, size_t length)
{
    caws_fail(error, CAWS_ERROR_RESPONSE_TRUNCATED,
              "the body ends after %zu bytes inside a JSON value", length);
    return NULL;
}

/* Whether a text that is UTF-8 up to offset may end in the first bytes of a character. */
static bool is_cut_in_character(const char *text, size_t length, size_t offset)
{
    enum { LONGEST_CHARACTER = 4 };
    return length - offset < LONGEST_CHARACTER && caws_json_text_is_cut(text, length);
}

caws_json *caws_json_parse(char *text, size_t length, caws_error *error)
{
    size_t offset = 0;
    (void)caws_utf8_count(text, length, &offset);
    if (offset != length && is_cut_in_character(text, length, offset))
        return fail_cut(error, length);
    if (offset != length)
        return fail_text(error, "UTF-8", offset, length);
    const char *nul = memchr(text, '\0', length);
    if (nul != NULL)
        return fail_text(error, "JSON: a NUL byte", (size_t)(nul - text), length);

    caws_buffer rewritten = CAWS_BUFFER_INIT;
    if (!caws_json_text_prepare(text, length, &rewritten)) {
        caws_buffer_clear(&rewritten);
        caws_fail_memory(error);
        return NULL;
    }
    const char *source = rewritten.length > 0 ? rewritten.data : text;
    size_t source_length = rewritten.length > 0 ? rewritten.length : length;
    const char *end = source;
    cJSON *root = parse_in_c_locale(source, source_length, &end);
    bool no_memory = root == NULL && errno == ENOMEM;
    size_t parsed = (size_t)(end - source);
    while (root != NULL && parsed < source_length && strchr(" \t\r\n", source[parsed]) != NULL)
        parsed++;
    bool complete = root != NULL && parsed == source_length;
    if (complete && cJSON_IsObject(root)) {
        caws_buffer_clear(&rewritten);
        return (caws_json *)root;
    }

    offset = parsed - added_bytes(source, parsed);
    caws_buffer_clear(&rewritten);
    bool trailing = root != NULL;
    cJSON_Delete(root);
    if (no_memory)
        caws_fail_memory(error);
    else if (complete)
        caws_fail(error, CAWS_ERROR_RESPONSE_MALFORMED,
                  "the body is JSON but no object, which an answer must be");
    else if (!trailing && caws_json_text_is_cut(text, length))
        return fail_cut(error, length);
    else
        return fail_text(error, "JSON: cannot be read", offset, length);
    return NULL;
}

void caws_json_free(caws_json *json)
{
    cJSON_Delete((cJSON *)json);
}

const char *caws_json_string(const caws_json *json, const char *name, const char *other_name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(node(json), name);
    if (!cJSON_IsString(value) || caws_json_is_marked_number(value) ||
        value->valuestring[0] == '\0')
        value = cJSON_GetObjectItemCaseSensitive(node(json), other_name);
    return caws_json_is_marked_number(value) ? NULL : cJSON_GetStringValue(value);
}

typedef struct reader {
    caws_arena *arena;
    caws_error *error;
} reader;

static const char *found_type(const cJSON *value)
{
    if (cJSON_IsNumber(value) || caws_json_is_marked_number(value))
        return "a number";
    if (cJSON_IsString(value))
        return "a string";
    if (cJSON_IsBool(value))
        return "a boolean";
    if (cJSON_IsNull(value))
        return "null";
    return cJSON_IsArray(value) ? "an array" : "an object";
}

static bool mismatch(reader *r, const caws_trail *at, const cJSON *value, const char *expected)
{
    caws_buffer path = CAWS_BUFFER_INIT;
    caws_trail_write(&path, at);
    if (caws_buffer_ok(&path))
        caws_fail(r->error, CAWS_ERROR_RESPONSE_MALFORMED, "%s: %s where %s belongs",
                  path.data != NULL ? path.data : "the body", found_type(value), expected);
    else
        caws_fail_memory(r->error);
    caws_buffer_clear(&path);
    return false;
}

static bool no_memory(reader *r)
{
    caws_fail_memory(r->error);
    return false;
}

static bool read_value(reader *r, const caws_trail *at, const caws_type *type, const cJSON *value,
                       void *target);

/* A whole number between min and max; 2^63 is the first double over the 64-bit range. */
static bool read_integer(reader *r, const caws_trail *at, const cJSON *value, int64_t min,
                         int64_t max, int64_t *integer)
{
    static const char expected[] = "a whole number";
    if (caws_json_is_marked_number(value)) {
        char *end = NULL;
        errno = 0;
        long long exact = strtoll(value->valuestring + 1, &end, 10);
        if (errno != 0 || *end != '\0' || exact < min || exact > max)
            return mismatch(r, at, value, "a whole number within range");
        *integer = exact;
        return true;
    }
    if (!cJSON_IsNumber(value))
        return mismatch(r, at, value, expected);
    double number = value->valuedouble;
    if (!(number >= -9223372036854775808.0 && number < 9223372036854775808.0))
        return mismatch(r, at, value, "a whole number within range");
    if (floor(number) != number)
        return mismatch(r, at, value, expected);
    *integer = (int64_t)number;
    if (*integer < min || *integer > max)
        return mismatch(r, at, value, "a whole number within range");
    return true;
}

static bool read_double(reader *r, const caws_trail *at, const cJSON *value, double *number)
{
    if (caws_json_is_marked_number(value))
        *number = strtod(value->valuestring + 1, NULL);
    else if (cJSON_IsNumber(value))
        *number = value->valuedouble;
    else if (cJSON_IsString(value) && strcmp(value->valuestring, "NaN") == 0)
        *number = NAN;
    else if (cJSON_IsString(value) && strcmp(value->valuestring, "Infinity") == 0)
        *number = INFINITY;
    else if (cJSON_IsString(value) && strcmp(value->valuestring, "-Infinity") == 0)
        *number = -INFINITY;
    else
        return mismatch(r, at, value, "a number");
    return true;
}

/* A number of seconds, or a text in either of the formats that services use. */
static bool read_timestamp(reader *r, const caws_trail *at, const cJSON *value, int64_t *ms)
{
    static const char expected[] = "a timestamp";
    if (cJSON_IsString(value) && !caws_json_is_marked_number(value))
        return caws_timestamp_parse(value->valuestring, ms) || mismatch(r, at, value, expected);
    double seconds = NAN;
    if (cJSON_IsNumber(value) || caws_json_is_marked_number(value))
        (void)read_double(r, at, value, &seconds);
    if (!(seconds > -9.2e15 && seconds < 9.2e15))
        return mismatch(r, at, value, expected);
    *ms = llround(seconds * 1000);
    return true;
}

static bool read_string(reader *r, const caws_trail *at, const cJSON *value, const char **text)
{
    if (!cJSON_IsString(value) || caws_json_is_marked_number(value))
        return mismatch(r, at, value, "a string");
    *text = caws_arena_copy(r->arena, value->valuestring, strlen(value->valuestring));
    return *text != NULL || no_memory(r);
}

static bool read_document(reader *r, const cJSON *value, const char **text)
{
    caws_buffer buffer = CAWS_BUFFER_INIT;
    caws_json_print(&buffer, value);
    *text = caws_buffer_ok(&buffer) ? caws_arena_copy(r->arena, buffer.data, buffer.length) : NULL;
    caws_buffer_clear(&buffer);
    return *text != NULL || no_memory(r);
}

static bool read_blob(reader *r, const caws_trail *at, const cJSON *value, caws_blob *blob)
{
    static const char expected[] = "base64 text";
    if (!cJSON_IsString(value) || caws_json_is_marked_number(value))
        return mismatch(r, at, value, expected);
    size_t text_length = strlen(value->valuestring);
    uint8_t *data = caws_arena_alloc(r->arena, caws_base64_decoded_size(text_length));
    if (data == NULL)
        return no_memory(r);
    if (!caws_base64_decode(value->valuestring, text_length, data, &blob->length))
        return mismatch(r, at, value, expected);
    blob->data = data;
    return true;
}

static const char *wire_name(const caws_member *member)
{
    bool renamed = member->traits != NULL && member->traits->location_name != NULL;
    return renamed ? member->traits->location_name : member->name;
}

/* The member of that name, or NULL. Services tend to send members in the model's order, so the
 * search begins behind the last one found. */
static const caws_member *find_member(const caws_type *type, const char *name, uint16_t *next)
{
    for (uint16_t tried = 0; tried < type->member_count; tried++) {
        const caws_member *member = &type->members[*next];
        *next = (uint16_t)(*next + 1 < type->member_count ? *next + 1 : 0);
        if (strcmp(wire_name(member), name) == 0)
            return member;
    }
    return NULL;
}

/* Scalars sit in a wrapper, structures behind a pointer; the rest is as in a list. */
static bool read_member(reader *r, const caws_trail *at, const caws_member *member,
                        const cJSON *value, void *structure)
{
    void *field = (unsigned char *)structure + member->offset;
    switch ((caws_kind)member->type->kind) {
    case CAWS_KIND_BOOLEAN: {
        caws_opt_bool *opt = field;
        opt->present = read_value(r, at, member->type, value, &opt->value);
        return opt->present;
    }
    case CAWS_KIND_INTEGER: {
        caws_opt_i32 *opt = field;
        opt->present = read_value(r, at, member->type, value, &opt->value);
        return opt->present;
    }
    case CAWS_KIND_LONG:
    case CAWS_KIND_TIMESTAMP: {
        caws_opt_i64 *opt = field;
        opt->present = read_value(r, at, member->type, value, &opt->value);
        return opt->present;
    }
    case CAWS_KIND_DOUBLE: {
        caws_opt_double *opt = field;
        opt->present = read_value(r, at, member->type, value, &opt->value);
        return opt->present;
    }
    case CAWS_KIND_STRUCTURE: {
        void *inner = caws_arena_alloc(r->arena, member->type->size);
        if (inner == NULL)
            return no_memory(r);
        memcpy(field, &inner, sizeof(inner));
        return read_value(r, at, member->type, value, inner);
    }
    case CAWS_KIND_STRING:
    case CAWS_KIND_BLOB:
    case CAWS_KIND_LIST:
    case CAWS_KIND_MAP:
    case CAWS_KIND_DOCUMENT:
        break;
    }
    return read_value(r, at, member->type, value, field);
}

static bool read_structure(reader *r, const caws_trail *at, const caws_type *type,
                           const cJSON *value, void *structure)
{
    if (!cJSON_IsObject(value))
        return mismatch(r, at, value, "an object");
    uint16_t next = 0;
    for (const cJSON *child = value->child; child != NULL; child = child->next) {
        if (cJSON_IsNull(child))
            continue;
        const caws_member *member = find_member(type, child->string, &next);
        if (member == NULL)
            continue;
        const caws_trail here = {at, member->name, NULL, 0};
        if (!read_member(r, &here, member, child, structure))
            return false;
    }
    return true;
}

static size_t count_children(const cJSON *value)
{
    size_t count = 0;
    for (const cJSON *child = value->child; child != NULL; child = child->next)
        count++;
    return count;
}

/* Room for the items of a list or the entries of a map, zeroed; present even if there are none. */
static unsigned char *new_items(reader *r, const caws_type *type, const cJSON *value, void *target)
{
    size_t count = count_children(value);
    unsigned char *items = type->size == 0 || count <= SIZE_MAX / type->size
                               ? caws_arena_alloc(r->arena, count * type->size)
                               : NULL;
    caws_any_list list = {items, count};
    if (items == NULL)
        (void)no_memory(r);
    else
        memcpy(target, &list, sizeof(list));
    return items;
}

/* A null item stays zero: a NULL string, an empty struct. */
static bool read_list(reader *r, const caws_trail *at, const caws_type *type, const cJSON *value,
                      void *target)
{
    if (!cJSON_IsArray(value))
        return mismatch(r, at, value, "an array");
    const caws_member *row = &type->members[0];
    unsigned char *item = new_items(r, type, value, target);
    if (item == NULL)
        return false;
    caws_trail here = {at, NULL, NULL, 0};
    for (const cJSON *child = value->child; child != NULL; child = child->next) {
        if (!cJSON_IsNull(child) && !read_value(r, &here, row->type, child, item))
            return false;
        item += type->size;
        here.index++;
    }
    return true;
}

static bool read_map(reader *r, const caws_trail *at, const caws_type *type, const cJSON *value,
                     void *target)
{
    if (!cJSON_IsObject(value))
        return mismatch(r, at, value, "an object");
    const caws_member *key_row = &type->members[0];
    const caws_member *value_row = &type->members[1];
    unsigned char *entry = new_items(r, type, value, target);
    if (entry == NULL)
        return false;
    for (const cJSON *child = value->child; child != NULL; child = child->next) {
        const caws_trail here = {at, NULL, child->string, 0};
        const char *key = caws_arena_copy(r->arena, child->string, strlen(child->string));
        if (key == NULL)
            return no_memory(r);
        memcpy(entry + key_row->offset, &key, sizeof(key));
        if (!cJSON_IsNull(child) &&
            !read_value(r, &here, value_row->type, child, entry + value_row->offset))
            return false;
        entry += type->size;
    }
    return true;
}

static bool read_value(reader *r, const caws_trail *at, const caws_type *type, const cJSON *value,
                       void *target)
{
    switch ((caws_kind)type->kind) {
    case CAWS_KIND_BOOLEAN:
        if (!cJSON_IsBool(value))
            return mismatch(r, at, value, "a boolean");
        *(bool *)target = cJSON_IsTrue(value);
        return true;
    case CAWS_KIND_INTEGER: {
        int64_t integer = 0;
        if (!read_integer(r, at, value, INT32_MIN, INT32_MAX, &integer))
            return false;
        *(int32_t *)target = (int32_t)integer;
        return true;
    }
    case CAWS_KIND_LONG:
        return read_integer(r, at, value, INT64_MIN, INT64_MAX, target);
    case CAWS_KIND_DOUBLE:
        return read_double(r, at, value, target);
    case CAWS_KIND_TIMESTAMP:
        return read_timestamp(r, at, value, target);
    case CAWS_KIND_STRING:
        return read_string(r, at, value, target);
    case CAWS_KIND_BLOB:
        return read_blob(r, at, value, target);
    case CAWS_KIND_LIST:
        return read_list(r, at, type, value, target);
    case CAWS_KIND_MAP:
        return read_map(r, at, type, value, target);
    case CAWS_KIND_STRUCTURE:
        return read_structure(r, at, type, value, target);
    case CAWS_KIND_DOCUMENT:
        return read_document(r, value, target);
    }
    return true;
}

caws_status caws_json_decode(const caws_json *json, const caws_type *type, void *structure,
                             caws_arena *arena, caws_error *error)
{
    reader r = {arena, error};
    const caws_trail root = {NULL, NULL, NULL, 0};
    return read_structure(&r, &root, type, node(json), structure) ? CAWS_OK : error->status;
}
