#include "json_decode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "fail.h"
#include "json_check.h"
#include "json_encode.h"
#include "json_read.h"
#include "timestamp.h"
#include "trail.h"
#include "utf8.h"
#include "value.h"

/* --- whether it can be read at all --- */

static caws_status fail_text(caws_error *error, const char *problem, size_t offset, size_t length)
{
    return caws_fail(error, CAWS_ERROR_RESPONSE_MALFORMED, "the body is %s at byte %zu of %zu",
                     problem, offset, length);
}

/* Whether the text could go on where it ends. */
static bool is_cut(const char *text, size_t length)
{
    static const char openers[] = "{[\"";
    size_t offset = 0;
    const char *start = caws_json_skip_space(text); /* stops at the NUL byte behind the text */
    return start < text + length && strchr(openers, *start) != NULL &&
           caws_json_check(text, length, &offset) != NULL && offset == length;
}

static caws_status fail_cut(caws_error *error, size_t length)
{
    return caws_fail(error, CAWS_ERROR_RESPONSE_TRUNCATED,
                     "the body ends after %zu bytes inside a JSON value", length);
}

/* Whether these bytes, which are no UTF-8, may be the beginning of a character. */
static bool begins_character(const char *bytes, size_t length)
{
    unsigned char lead = (unsigned char)bytes[0];
    size_t size = lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    for (size_t i = 1; i < length; i++)
        if (((unsigned char)bytes[i] & 0xc0) != 0x80)
            return false;
    return length < size;
}

caws_status caws_json_accept(const char *text, size_t length, caws_error *error)
{
    size_t offset = 0;
    (void)caws_utf8_count(text, length, &offset);
    if (offset != length)
        return begins_character(text + offset, length - offset) && is_cut(text, offset)
                   ? fail_cut(error, length)
                   : fail_text(error, "not UTF-8", offset, length);
    const char *problem = caws_json_check(text, length, &offset);
    if (problem == NULL && *caws_json_skip_space(text) == '{')
        return CAWS_OK;
    if (problem == NULL)
        return caws_fail(error, CAWS_ERROR_RESPONSE_MALFORMED,
                         "the body is JSON but no object, which an answer must be");
    if (is_cut(text, length))
        return fail_cut(error, length);
    if (problem == caws_json_too_deep)
        return fail_text(error, problem, offset, length);
    bool nul = offset < length && text[offset] == '\0';
    return fail_text(error, nul ? "not JSON: a NUL byte" : "not JSON: cannot be read", offset,
                     length);
}

/* --- values --- */

typedef struct reader {
    const char *at; /* the next value */
    caws_arena *arena;
    caws_error *error;
    size_t held; /* bytes of lists and maps that are being read, which will go to the arena */
} reader;

static bool is_number(const char *at)
{
    return *at == '-' || (*at >= '0' && *at <= '9');
}

static const char *found_type(const char *at)
{
    switch (*at) {
    case '"':
        return "a string";
    case '{':
        return "an object";
    case '[':
        return "an array";
    case 'n':
        return "null";
    default:
        return is_number(at) ? "a number" : "a boolean";
    }
}

/* Whether another item or member follows; else goes behind the end of the array or object. */
static bool has_more(reader *r, char closer)
{
    r->at = caws_json_skip_space(r->at);
    if (*r->at == ',')
        r->at = caws_json_skip_space(r->at + 1);
    if (*r->at != closer)
        return true;
    r->at++;
    return false;
}

/* A member's name, up to its value. */
static caws_json_string take_name(reader *r)
{
    caws_json_string name = caws_json_take_string(&r->at);
    r->at = caws_json_skip_space(caws_json_skip_space(r->at) + 1);
    return name;
}

static bool take_null(reader *r)
{
    if (*r->at != 'n')
        return false;
    r->at += strlen("null");
    return true;
}

static bool mismatch(reader *r, const caws_trail *at, const char *expected)
{
    caws_buffer path = CAWS_BUFFER_INIT;
    caws_trail_write(&path, at);
    if (caws_buffer_ok(&path))
        caws_fail(r->error, CAWS_ERROR_RESPONSE_MALFORMED, "%s: %s where %s belongs",
                  path.data != NULL ? path.data : "the body", found_type(r->at), expected);
    else
        caws_fail_memory(r->error);
    caws_buffer_clear(&path);
    return false;
}

static bool too_large(reader *r)
{
    caws_fail(r->error, CAWS_ERROR_RESPONSE_TOO_LARGE,
              "the answer takes more than the %zu bytes of memory that max_response_bytes allows",
              r->arena->limit);
    return false;
}

/* Something could not be allocated. */
static bool no_memory(reader *r)
{
    if (r->arena->too_large)
        return too_large(r);
    caws_fail_memory(r->error);
    return false;
}

static bool read_value(reader *r, const caws_trail *at, const caws_type *type, void *target);

static bool read_boolean(reader *r, const caws_trail *at, bool *value)
{
    *value = *r->at == 't';
    if (!*value && *r->at != 'f')
        return mismatch(r, at, "a boolean");
    r->at += *value ? strlen("true") : strlen("false");
    return true;
}

/* A whole number in another form, such as 1.0 or 1e3; 2^63 is the first double over the range. */
static bool convert_integer(reader *r, const caws_trail *at, int64_t *integer)
{
    double number = 0;
    if (!caws_json_double(r->at, &number))
        return no_memory(r);
    if (!(number >= -9223372036854775808.0 && number < 9223372036854775808.0))
        return mismatch(r, at, "a whole number within range");
    if (floor(number) != number)
        return mismatch(r, at, "a whole number");
    *integer = (int64_t)number;
    return true;
}

static bool read_integer(reader *r, const caws_trail *at, int64_t min, int64_t max,
                         int64_t *integer)
{
    if (!is_number(r->at))
        return mismatch(r, at, "a whole number");
    const char *end = r->at;
    bool negative = *end == '-';
    uint64_t whole = 0;
    bool fits = true;
    for (end += negative ? 1 : 0; *end >= '0' && *end <= '9'; end++) {
        uint64_t digit = (uint64_t)(*end - '0');
        fits = fits && whole <= (UINT64_MAX - digit) / 10;
        whole = fits ? whole * 10 + digit : 0;
    }
    if (*end == '.' || *end == 'e' || *end == 'E') {
        if (!convert_integer(r, at, integer))
            return false;
    } else {
        uint64_t most = negative ? UINT64_C(1) << 63 : INT64_MAX;
        if (!fits || whole > most)
            return mismatch(r, at, "a whole number within range");
        *integer = negative ? -(int64_t)(whole > 0 ? whole - 1 : 0) - (whole > 0) : (int64_t)whole;
    }
    if (*integer < min || *integer > max)
        return mismatch(r, at, "a whole number within range");
    r->at = caws_json_skip_value(r->at);
    return true;
}

static bool read_number(reader *r, double *number)
{
    if (!caws_json_double(r->at, number))
        return no_memory(r);
    r->at = caws_json_skip_value(r->at);
    return true;
}

static bool says(const caws_json_string *string, const char *text)
{
    return string->length == strlen(text) && memcmp(string->text, text, string->length) == 0;
}

static bool read_double(reader *r, const caws_trail *at, double *number)
{
    if (is_number(r->at))
        return read_number(r, number);
    const char *end = r->at;
    caws_json_string string = {"", 0, false};
    if (*end == '"')
        string = caws_json_take_string(&end);
    if (says(&string, "NaN"))
        *number = NAN;
    else if (says(&string, "Infinity"))
        *number = INFINITY;
    else if (says(&string, "-Infinity"))
        *number = -INFINITY;
    else
        return mismatch(r, at, "a number");
    r->at = end;
    return true;
}

/* A number of seconds, or a text in either of the formats that services use. */
static bool read_timestamp(reader *r, const caws_trail *at, int64_t *ms)
{
    static const char expected[] = "a timestamp";
    const char *end = r->at;
    if (*end == '"') {
        char text[64];
        caws_json_string string = caws_json_take_string(&end);
        if (string.length >= sizeof(text))
            return mismatch(r, at, expected);
        text[caws_json_unescape(&string, text)] = '\0';
        if (!caws_timestamp_parse(text, ms))
            return mismatch(r, at, expected);
        r->at = end;
        return true;
    }
    double seconds = NAN;
    if (!is_number(end))
        return mismatch(r, at, expected);
    if (!caws_json_double(end, &seconds))
        return no_memory(r);
    if (!(seconds > -9.2e15 && seconds < 9.2e15))
        return mismatch(r, at, expected);
    *ms = llround(seconds * 1000);
    r->at = caws_json_skip_value(end);
    return true;
}

static bool read_string(reader *r, const caws_trail *at, const char **text)
{
    if (*r->at != '"')
        return mismatch(r, at, "a string");
    caws_json_string string = caws_json_take_string(&r->at);
    *text = caws_json_copy_string(&string, r->arena);
    return *text != NULL || no_memory(r);
}

/* The value without white space; its strings as the encoder writes them. */
static bool read_document(reader *r, const char **text)
{
    caws_buffer buffer = CAWS_BUFFER_INIT;
    caws_arena strings = CAWS_ARENA_INIT;
    const char *end = caws_json_skip_value(r->at);
    bool ok = true;
    while (ok && (r->at = caws_json_skip_space(r->at)) < end) {
        if (*r->at != '"') {
            ok = caws_buffer_append_char(&buffer, *r->at++);
            continue;
        }
        caws_json_string string = caws_json_take_string(&r->at);
        const char *copy = caws_json_copy_string(&string, &strings);
        if (copy != NULL)
            caws_json_write_string(&buffer, copy);
        ok = copy != NULL && caws_buffer_ok(&buffer);
        caws_arena_clear(&strings);
    }
    r->at = end;
    *text = ok ? caws_arena_copy(r->arena, buffer.data, buffer.length) : NULL;
    caws_buffer_clear(&buffer);
    return *text != NULL || no_memory(r);
}

static bool read_blob(reader *r, const caws_trail *at, caws_blob *blob)
{
    static const char expected[] = "base64 text";
    if (*r->at != '"')
        return mismatch(r, at, expected);
    const char *end = r->at;
    caws_json_string string = caws_json_take_string(&end);
    const char *text = string.text;
    size_t length = string.length;
    if (string.escaped) { /* of '/', for example */
        text = caws_json_copy_string(&string, r->arena);
        length = text != NULL ? strlen(text) : 0;
    }
    uint8_t *data = caws_arena_alloc(r->arena, caws_base64_decoded_size(length));
    if (text == NULL || data == NULL)
        return no_memory(r);
    if (!caws_base64_decode(text, length, data, &blob->length))
        return mismatch(r, at, expected);
    blob->data = data;
    r->at = end;
    return true;
}

/* --- members --- */

static bool is_name(const caws_member *member, const char *name, size_t length)
{
    bool renamed = member->traits != NULL && member->traits->location_name != NULL;
    const char *wire_name = renamed ? member->traits->location_name : member->name;
    return strncmp(wire_name, name, length) == 0 && wire_name[length] == '\0';
}

/* The member of that name, or NULL. Services tend to send members in the model's order, so the
 * search begins behind the last one found. */
static const caws_member *find_member(const caws_type *type, const char *name, size_t length,
                                      uint16_t *next)
{
    for (uint16_t tried = 0; tried < type->member_count; tried++) {
        const caws_member *member = &type->members[*next];
        *next = (uint16_t)(*next + 1 < type->member_count ? *next + 1 : 0);
        if (is_name(member, name, length))
            return member;
    }
    return NULL;
}

/* Scalars sit in a wrapper, structures behind a pointer; the rest is as in a list. */
static bool read_member(reader *r, const caws_trail *at, const caws_member *member, void *structure)
{
    void *field = (unsigned char *)structure + member->offset;
    switch ((caws_kind)member->type->kind) {
    case CAWS_KIND_BOOLEAN: {
        caws_opt_bool *opt = field;
        opt->present = read_value(r, at, member->type, &opt->value);
        return opt->present;
    }
    case CAWS_KIND_INTEGER: {
        caws_opt_i32 *opt = field;
        opt->present = read_value(r, at, member->type, &opt->value);
        return opt->present;
    }
    case CAWS_KIND_LONG:
    case CAWS_KIND_TIMESTAMP: {
        caws_opt_i64 *opt = field;
        opt->present = read_value(r, at, member->type, &opt->value);
        return opt->present;
    }
    case CAWS_KIND_DOUBLE: {
        caws_opt_double *opt = field;
        opt->present = read_value(r, at, member->type, &opt->value);
        return opt->present;
    }
    case CAWS_KIND_STRUCTURE: {
        void *inner = caws_arena_alloc(r->arena, member->type->size);
        if (inner == NULL)
            return no_memory(r);
        memcpy(field, &inner, sizeof(inner));
        return read_value(r, at, member->type, inner);
    }
    case CAWS_KIND_STRING:
    case CAWS_KIND_BLOB:
    case CAWS_KIND_LIST:
    case CAWS_KIND_MAP:
    case CAWS_KIND_DOCUMENT:
        break;
    }
    return read_value(r, at, member->type, field);
}

static bool read_structure(reader *r, const caws_trail *at, const caws_type *type, void *structure)
{
    if (*r->at != '{')
        return mismatch(r, at, "an object");
    uint16_t next = 0;
    r->at++;
    while (has_more(r, '}')) {
        caws_json_string string = take_name(r);
        if (take_null(r))
            continue;
        const char *name = string.text;
        size_t length = string.length;
        if (string.escaped) {
            name = caws_json_copy_string(&string, r->arena);
            if (name == NULL)
                return no_memory(r);
            length = strlen(name);
        }
        const caws_member *member = find_member(type, name, length, &next);
        if (member == NULL) {
            r->at = caws_json_skip_value(r->at);
            continue;
        }
        const caws_trail here = {at, member->name, NULL, 0};
        if (!read_member(r, &here, member, structure))
            return false;
    }
    return true;
}

/* --- lists and maps --- */

/* How many there are is known at the end only: items are read into a slot, and kept in a buffer
 * until then. */
typedef struct collection {
    caws_buffer items;
    unsigned char *slot; /* in the arena */
    size_t size;
    size_t count;
} collection;

static bool collection_init(collection *c, reader *r, const caws_type *type)
{
    *c = (collection){.items = CAWS_BUFFER_INIT,
                      .slot = caws_arena_alloc(r->arena, type->size),
                      .size = type->size};
    return c->slot != NULL || no_memory(r);
}

static bool collection_add(collection *c, reader *r)
{
    const caws_arena *arena = r->arena;
    if (arena->limit != 0 && r->held > arena->limit - arena->total)
        return too_large(r);
    if (!caws_buffer_append(&c->items, c->slot, c->size))
        return no_memory(r);
    r->held += c->size;
    memset(c->slot, 0, c->size);
    c->count++;
    return true;
}

/* Present even if there are none. */
static bool collection_finish(collection *c, bool ok, reader *r, void *target)
{
    caws_any_list list = {NULL, c->count};
    void *items = ok ? caws_arena_alloc(r->arena, c->items.length) : NULL;
    if (items != NULL && c->items.length > 0)
        memcpy(items, c->items.data, c->items.length);
    r->held -= c->items.length;
    caws_buffer_clear(&c->items);
    if (!ok)
        return false;
    list.items = items;
    memcpy(target, &list, sizeof(list));
    return items != NULL || no_memory(r);
}

/* A null item stays zero: a NULL string, an empty struct. */
static bool read_list(reader *r, const caws_trail *at, const caws_type *type, void *target)
{
    collection list;
    caws_trail here = {at, NULL, NULL, 0};
    if (*r->at != '[')
        return mismatch(r, at, "an array");
    if (!collection_init(&list, r, type))
        return false;
    bool ok = true;
    r->at++;
    while (ok && has_more(r, ']')) {
        ok = (take_null(r) || read_value(r, &here, type->members[0].type, list.slot)) &&
             collection_add(&list, r);
        here.index++;
    }
    return collection_finish(&list, ok, r, target);
}

static bool read_entry(reader *r, const caws_trail *at, const caws_type *type, unsigned char *entry)
{
    const caws_member *value_row = &type->members[1];
    caws_json_string name = take_name(r);
    const char *key = caws_json_copy_string(&name, r->arena);
    const caws_trail here = {at, NULL, key, 0};
    if (key == NULL)
        return no_memory(r);
    memcpy(entry + type->members[0].offset, &key, sizeof(key));
    return take_null(r) || read_value(r, &here, value_row->type, entry + value_row->offset);
}

static bool read_map(reader *r, const caws_trail *at, const caws_type *type, void *target)
{
    collection map;
    if (*r->at != '{')
        return mismatch(r, at, "an object");
    if (!collection_init(&map, r, type))
        return false;
    bool ok = true;
    r->at++;
    while (ok && has_more(r, '}'))
        ok = read_entry(r, at, type, map.slot) && collection_add(&map, r);
    return collection_finish(&map, ok, r, target);
}

static bool read_value(reader *r, const caws_trail *at, const caws_type *type, void *target)
{
    switch ((caws_kind)type->kind) {
    case CAWS_KIND_BOOLEAN:
        return read_boolean(r, at, target);
    case CAWS_KIND_INTEGER: {
        int64_t integer = 0;
        if (!read_integer(r, at, INT32_MIN, INT32_MAX, &integer))
            return false;
        *(int32_t *)target = (int32_t)integer;
        return true;
    }
    case CAWS_KIND_LONG:
        return read_integer(r, at, INT64_MIN, INT64_MAX, target);
    case CAWS_KIND_DOUBLE:
        return read_double(r, at, target);
    case CAWS_KIND_TIMESTAMP:
        return read_timestamp(r, at, target);
    case CAWS_KIND_STRING:
        return read_string(r, at, target);
    case CAWS_KIND_BLOB:
        return read_blob(r, at, target);
    case CAWS_KIND_LIST:
        return read_list(r, at, type, target);
    case CAWS_KIND_MAP:
        return read_map(r, at, type, target);
    case CAWS_KIND_STRUCTURE:
        return read_structure(r, at, type, target);
    case CAWS_KIND_DOCUMENT:
        return read_document(r, target);
    }
    return true;
}

caws_status caws_json_decode(const char *text, const caws_type *type, void *structure,
                             caws_arena *arena, caws_error *error)
{
    reader r = {caws_json_skip_space(text), arena, error, 0};
    const caws_trail root = {NULL, NULL, NULL, 0};
    return read_structure(&r, &root, type, structure) ? CAWS_OK : error->status;
}

/* --- single strings --- */

/* Whether the object has such a member, which is a string. */
static bool has_string(const char *text, const char *name, caws_json_string *value)
{
    reader r = {caws_json_skip_space(text) + 1, NULL, NULL, 0};
    while (has_more(&r, '}')) {
        caws_json_string found = take_name(&r);
        if (says(&found, name) && *r.at == '"') {
            *value = caws_json_take_string(&r.at);
            return true;
        }
        r.at = caws_json_skip_value(r.at);
    }
    return false;
}

bool caws_json_find_string(const char *text, const char *name, const char *other_name,
                           caws_arena *arena, const char **value)
{
    caws_json_string found;
    *value = NULL;
    if ((!has_string(text, name, &found) || found.length == 0) &&
        !has_string(text, other_name, &found))
        return true;
    *value = caws_json_copy_string(&found, arena);
    return *value != NULL;
}
