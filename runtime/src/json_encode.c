#include "json_encode.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base64.h"
#include "fail.h"
#include "timestamp.h"
#include "uuid.h"
#include "value.h"

typedef struct writer {
    caws_buffer *buffer;
    bool no_random;
} writer;

static void put(caws_buffer *buffer, char c)
{
    caws_buffer_append_char(buffer, c);
}

/* What has been written into reserved room. */
static void count(caws_buffer *buffer, const char *end)
{
    buffer->length = (size_t)(end - buffer->data);
    buffer->data[buffer->length] = '\0';
}

/* Whether one of the eight bytes must be escaped in a JSON string: below 0x20, '"' or '\'. Each
 * term sets the high bit of the bytes it is true for, and perhaps of bytes above such a one, which
 * is harmless: the bytes are then looked at one by one. */
static bool needs_escape(uint64_t bytes)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t highs = UINT64_C(0x8080808080808080);
    uint64_t quotes = bytes ^ (ones * '"');
    uint64_t backslashes = bytes ^ (ones * '\\');
    uint64_t controls = (bytes - ones * 0x20) & ~bytes;
    return ((controls | ((quotes - ones) & ~quotes) | ((backslashes - ones) & ~backslashes)) &
            highs) != 0;
}

/* Copies the first bytes that stand for themselves in a JSON string; returns how many. */
static size_t copy_plain(char *to, const char *text, size_t length)
{
    size_t i = 0;
    for (; length - i >= 8; i += 8) {
        uint64_t bytes;
        memcpy(&bytes, text + i, sizeof(bytes));
        if (needs_escape(bytes))
            break;
        memcpy(to + i, &bytes, sizeof(bytes));
    }
    for (; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == '"' || c == '\\')
            break;
        to[i] = (char)c;
    }
    return i;
}

/* The letter of a two-character escape, or 0. */
static char escape_letter(unsigned char c)
{
    switch (c) {
    case '"':
    case '\\':
        return (char)c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

static void write_escape(caws_buffer *buffer, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";
    const char letter = escape_letter(c);
    const char two[] = {'\\', letter};
    const char six[] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
    if (letter != 0)
        caws_buffer_append(buffer, two, sizeof(two));
    else
        caws_buffer_append(buffer, six, sizeof(six));
}

void caws_json_write_string(caws_buffer *buffer, const char *text)
{
    const char *end = text + strlen(text);
    char *to = caws_buffer_reserve(buffer, (size_t)(end - text) + 2);
    if (to == NULL)
        return;
    *to++ = '"';
    while (text < end) {
        size_t plain = copy_plain(to, text, (size_t)(end - text));
        text += plain;
        to += plain;
        if (text == end)
            break;
        count(buffer, to);
        write_escape(buffer, (unsigned char)*text++);
        to = caws_buffer_reserve(buffer, (size_t)(end - text) + 1);
        if (to == NULL)
            return;
    }
    *to++ = '"';
    count(buffer, to);
}

static void write_integer(caws_buffer *buffer, int64_t value)
{
    char text[24];
    char *end = text + sizeof(text);
    char *start = end;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        *--start = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        *--start = '-';
    caws_buffer_append(buffer, start, (size_t)(end - start));
}

/* The shortest of the usual precisions that reads back as the same number. What JSON has no number
 * for goes as the strings that Smithy's JSON protocols define. */
void caws_json_write_double(caws_buffer *buffer, double value)
{
    if (isnan(value) || isinf(value)) {
        caws_buffer_append_string(buffer, isnan(value) ? "\"NaN\""
                                          : value > 0  ? "\"Infinity\""
                                                       : "\"-Infinity\"");
        return;
    }
    char text[40];
    for (int precision = 15; precision <= 17; precision++) {
        (void)snprintf(text, sizeof(text), "%.*g", precision, value);
        if (strtod(text, NULL) == value)
            break;
    }
    /* The host's locale may have another decimal point, of several bytes even. */
    size_t digits = strspn(text, "+-0123456789");
    size_t point = strcspn(text + digits, "0123456789eE");
    caws_buffer_append(buffer, text, digits);
    if (point > 0)
        put(buffer, '.');
    caws_buffer_append_string(buffer, text + digits + point);
}

static void write_timestamp(caws_buffer *buffer, int64_t ms, caws_timestamp_format format)
{
    char text[CAWS_TIMESTAMP_TEXT_SIZE];
    bool number = format == CAWS_TIMESTAMP_DEFAULT || format == CAWS_TIMESTAMP_UNIX;
    caws_timestamp_write(text, ms, format);
    if (number)
        caws_buffer_append_string(buffer, text);
    else
        caws_json_write_string(buffer, text);
}

static void write_value(writer *w, const caws_type *type, caws_timestamp_format format,
                        const void *value);

/* A comma in front of all but the first. */
static void separate(writer *w, bool *first)
{
    if (!*first)
        put(w->buffer, ',');
    *first = false;
}

/* "name": of a member, which is the model's and has nothing to escape. */
static void write_name(writer *w, const char *name, bool *first)
{
    size_t length = strlen(name);
    char *to = caws_buffer_reserve(w->buffer, length + (*first ? 3 : 4));
    if (to == NULL)
        return;
    if (!*first)
        *to++ = ',';
    *first = false;
    *to++ = '"';
    memcpy(to, name, length + 1); /* its NUL is overwritten */
    to += length;
    *to++ = '"';
    *to++ = ':';
    count(w->buffer, to);
}

static caws_timestamp_format timestamp_format(const caws_member *member)
{
    uint8_t own = member->traits != NULL ? member->traits->timestamp_format : 0;
    return (caws_timestamp_format)(own != 0 ? own : member->type->timestamp_format);
}

static void write_idempotency_token(writer *w)
{
    char token[CAWS_UUID_TEXT_SIZE] = "";
    if (!caws_uuid_random(token))
        w->no_random = true;
    caws_json_write_string(w->buffer, token);
}

static void write_structure(writer *w, const caws_type *type, const void *structure)
{
    bool first = true;
    put(w->buffer, '{');
    for (uint16_t i = 0; i < type->member_count; i++) {
        const caws_member *member = &type->members[i];
        const void *value = structure != NULL ? caws_member_value(member, structure) : NULL;
        if (value == NULL && (member->flags & CAWS_MEMBER_IDEMPOTENCY_TOKEN) == 0)
            continue;
        const char *location_name = member->traits != NULL ? member->traits->location_name : NULL;
        write_name(w, location_name != NULL ? location_name : member->name, &first);
        if (value != NULL)
            write_value(w, member->type, timestamp_format(member), value);
        else
            write_idempotency_token(w);
    }
    put(w->buffer, '}');
}

static void write_list(writer *w, const caws_type *type, caws_any_list list)
{
    const caws_member *item = &type->members[0];
    caws_timestamp_format format = timestamp_format(item);
    put(w->buffer, '[');
    for (size_t i = 0; i < list.count; i++) {
        if (i > 0)
            put(w->buffer, ',');
        write_value(w, item->type, format, caws_at(list.items, i * type->size));
    }
    put(w->buffer, ']');
}

static void write_map(writer *w, const caws_type *type, caws_any_list map)
{
    const caws_member *key = &type->members[0];
    const caws_member *value = &type->members[1];
    caws_timestamp_format format = timestamp_format(value);
    bool first = true;
    put(w->buffer, '{');
    for (size_t i = 0; i < map.count; i++) {
        const void *entry = caws_at(map.items, i * type->size);
        separate(w, &first);
        caws_json_write_string(w->buffer, caws_load_string(caws_at(entry, key->offset)));
        put(w->buffer, ':');
        write_value(w, value->type, format, caws_at(entry, value->offset));
    }
    put(w->buffer, '}');
}

static void write_blob(caws_buffer *buffer, const caws_blob *blob)
{
    put(buffer, '"');
    caws_base64_encode(buffer, blob->data, blob->length);
    put(buffer, '"');
}

static void write_value(writer *w, const caws_type *type, caws_timestamp_format format,
                        const void *value)
{
    switch ((caws_kind)type->kind) {
    case CAWS_KIND_BOOLEAN:
        caws_buffer_append_string(w->buffer, *(const bool *)value ? "true" : "false");
        break;
    case CAWS_KIND_INTEGER:
        write_integer(w->buffer, *(const int32_t *)value);
        break;
    case CAWS_KIND_LONG:
        write_integer(w->buffer, *(const int64_t *)value);
        break;
    case CAWS_KIND_DOUBLE:
        caws_json_write_double(w->buffer, *(const double *)value);
        break;
    case CAWS_KIND_TIMESTAMP:
        write_timestamp(w->buffer, *(const int64_t *)value, format);
        break;
    case CAWS_KIND_STRING:
        caws_json_write_string(w->buffer, caws_load_string(value));
        break;
    case CAWS_KIND_BLOB:
        write_blob(w->buffer, value);
        break;
    case CAWS_KIND_LIST:
        write_list(w, type, caws_load_list(value));
        break;
    case CAWS_KIND_MAP:
        write_map(w, type, caws_load_list(value));
        break;
    case CAWS_KIND_STRUCTURE:
        write_structure(w, type, value);
        break;
    case CAWS_KIND_DOCUMENT:
        caws_buffer_append_string(w->buffer, caws_load_string(value));
        break;
    }
}

caws_status caws_json_encode(caws_buffer *buffer, const caws_type *type, const void *structure,
                             caws_error *error)
{
    writer w = {buffer, false};
    write_structure(&w, type, structure);
    if (w.no_random)
        return caws_fail(error, CAWS_ERROR_CONFIGURATION,
                         "OpenSSL has no random bytes for an idempotency token");
    return caws_buffer_ok(buffer) ? CAWS_OK : caws_fail_memory(error);
}
