#include "validate.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "buffer.h"
#include "fail.h"
#include "json_check.h"
#include "pattern.h"
#include "trail.h"
#include "utf8.h"
#include "value.h"

enum { MESSAGE_VIOLATIONS = 10 }; /* so many stand in the message; the list has all */

typedef struct walk {
    caws_validation mode;
    caws_error *error;
    caws_violation *violations; /* grows by doubling; the texts are in the error's arena */
    size_t count;
    size_t capacity;
    bool no_memory;
    bool too_deep; /* ends the walk: input that points in a circle has endlessly many branches */
    int sensitive; /* of how many sensitive types the walk is inside: their values are not told */
} walk;

static caws_violation *add_violation(walk *w)
{
    if (w->count == w->capacity) {
        size_t capacity = w->capacity > 0 ? w->capacity * 2 : 8;
        caws_violation *grown = realloc(w->violations, capacity * sizeof(*grown));
        if (grown == NULL)
            return NULL;
        w->violations = grown;
        w->capacity = capacity;
    }
    return &w->violations[w->count++];
}

/* Notes one violation; the format continues the path: "destination" + ": 513 characters, ...". */
static void violate(walk *w, const caws_trail *at, caws_constraint constraint, int64_t actual,
                    int64_t limit, const char *format, ...) CAWS_PRINTF(6, 7);

static void violate(walk *w, const caws_trail *at, caws_constraint constraint, int64_t actual,
                    int64_t limit, const char *format, ...)
{
    if (w->no_memory)
        return;
    caws_buffer text = CAWS_BUFFER_INIT;
    caws_trail_write(&text, at);
    if (text.length == 0)
        caws_buffer_append_string(&text, "input");
    size_t path_length = text.length;
    caws_buffer_append_string(&text, ": ");
    va_list args;
    va_start(args, format);
    caws_buffer_append_vformat(&text, format, args);
    va_end(args);

    caws_arena *arena = caws_error_arena(w->error);
    char *copy = NULL;
    char *path_copy = NULL;
    if (arena != NULL && caws_buffer_ok(&text)) {
        copy = caws_arena_copy(arena, text.data, text.length);
        path_copy = caws_arena_copy(arena, text.data, path_length);
    }
    caws_buffer_clear(&text);
    caws_violation *violation = copy != NULL && path_copy != NULL ? add_violation(w) : NULL;
    if (violation == NULL) {
        w->no_memory = true;
        return;
    }
    *violation = (caws_violation){path_copy, copy, constraint, actual, limit};
}

static const char *plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

/* min and max against one figure, which counts things: "1 item", "2 items". */
static void check_bounds(walk *w, const caws_trail *at, const caws_constraints *limits,
                         caws_constraint constraint, int64_t actual, const char *one,
                         const char *many)
{
    const char *unit = actual == 1 ? one : many;
    if ((limits->flags & CAWS_HAS_MIN) != 0 && actual < limits->min)
        violate(w, at, constraint, actual, limits->min, "%" PRId64 " %s, at least %" PRId64, actual,
                unit, limits->min);
    if ((limits->flags & CAWS_HAS_MAX) != 0 && actual > limits->max)
        violate(w, at, constraint, actual, limits->max, "%" PRId64 " %s, at most %" PRId64, actual,
                unit, limits->max);
}

/* A number beyond one of its limits. */
static void violate_range(walk *w, const caws_trail *at, const char *text, int64_t value,
                          const char *direction, int64_t limit)
{
    bool hide = w->sensitive > 0;
    violate(w, at, CAWS_CONSTRAINT_RANGE, hide ? 0 : value, limit, "%s, at %s %" PRId64,
            hide ? "a value" : text, direction, limit);
}

static void check_range(walk *w, const caws_trail *at, const caws_constraints *limits,
                        int64_t value)
{
    char text[24];
    bool low = (limits->flags & CAWS_HAS_MIN) != 0 && value < limits->min;
    bool high = (limits->flags & CAWS_HAS_MAX) != 0 && value > limits->max;
    if (!low && !high)
        return;
    (void)snprintf(text, sizeof(text), "%" PRId64, value);
    violate_range(w, at, text, value, low ? "least" : "most", low ? limits->min : limits->max);
}

/* The nearest whole number towards 0; 0 for NaN. */
static int64_t whole_number(double value)
{
    if (isnan(value))
        return 0;
    if (value >= 0x1p63)
        return INT64_MAX;
    return value < -0x1p63 ? INT64_MIN : (int64_t)value;
}

/* The violation's figures are whole numbers; the text has the value itself. NaN is in no range. */
static void check_double_range(walk *w, const caws_trail *at, const caws_constraints *limits,
                               double value)
{
    bool has_min = (limits->flags & CAWS_HAS_MIN) != 0;
    bool has_max = (limits->flags & CAWS_HAS_MAX) != 0;
    bool low = has_min && !(value >= (double)limits->min);
    bool high = has_max && !low && !(value <= (double)limits->max);
    char text[32];
    if (isnan(value))
        (void)snprintf(text, sizeof(text), "NaN");
    else
        (void)snprintf(text, sizeof(text), "%.15g", value);
    if (low)
        violate_range(w, at, text, whole_number(value), "least", limits->min);
    if (high)
        violate_range(w, at, text, whole_number(value), "most", limits->max);
}

static void check_pattern(walk *w, const caws_trail *at, const caws_pattern *pattern,
                          const char *text, size_t length)
{
    size_t offset = 0;
    if (caws_pattern_match(pattern, text, length, &offset))
        return;
    if (offset >= length) {
        violate(w, at, CAWS_CONSTRAINT_PATTERN, (int64_t)offset, 0,
                "%zu byte%s, ends too early for the pattern %s", length, plural((int64_t)length),
                pattern->source);
        return;
    }
    char shown[16] = "a character";
    unsigned char c = (unsigned char)text[offset];
    uint32_t character = 0;
    if (w->sensitive == 0) {
        if (c >= ' ' && c < 0x7f)
            (void)snprintf(shown, sizeof(shown), "'%c'", c);
        else if (c < 0x80)
            (void)snprintf(shown, sizeof(shown), "U+%04X", c);
        else if (caws_utf8_decode(text + offset, length - offset, &character) > 0)
            (void)snprintf(shown, sizeof(shown), "U+%04" PRIX32, character);
    }
    violate(w, at, CAWS_CONSTRAINT_PATTERN, (int64_t)offset, 0,
            "%s at byte %zu does not fit the pattern %s", shown, offset, pattern->source);
}

/* Counts the characters; false, and noted, if the text is not UTF-8. */
static bool check_utf8(walk *w, const caws_trail *at, const char *text, size_t length,
                       size_t *characters)
{
    size_t bad_offset = 0;
    *characters = caws_utf8_count(text, length, &bad_offset);
    if (bad_offset == length)
        return true;
    violate(w, at, CAWS_CONSTRAINT_UTF8, (int64_t)bad_offset, 0, "not UTF-8 at byte %zu",
            bad_offset);
    return false;
}

/* The text goes into the request as it is, so what is not JSON would spoil the rest of it. */
static void check_document(walk *w, const caws_trail *at, const char *text)
{
    size_t length = strlen(text);
    size_t characters = 0;
    size_t bad_offset = 0;
    if (!check_utf8(w, at, text, length, &characters))
        return;
    const char *problem = caws_json_check(text, length, &bad_offset);
    if (problem != NULL)
        violate(w, at, CAWS_CONSTRAINT_JSON, (int64_t)bad_offset, 0, "%s at byte %zu", problem,
                bad_offset);
}

static void check_string(walk *w, const caws_trail *at, const caws_type *type, const char *text)
{
    size_t length = strlen(text);
    size_t characters = 0;
    if (!check_utf8(w, at, text, length, &characters))
        return;
    const caws_constraints *limits = type->constraints;
    if (limits == NULL || w->mode == CAWS_VALIDATE_REQUIRED)
        return;
    check_bounds(w, at, limits, CAWS_CONSTRAINT_LENGTH, (int64_t)characters, "character",
                 "characters");
    if ((limits->flags & CAWS_HAS_MAX_BYTES) != 0 && (int64_t)length > limits->max_bytes)
        violate(w, at, CAWS_CONSTRAINT_BYTES, (int64_t)length, limits->max_bytes,
                "%zu bytes of UTF-8, at most %" PRId64, length, limits->max_bytes);
    if (limits->pattern != NULL)
        check_pattern(w, at, limits->pattern, text, length);
}

static void check_value(walk *w, const caws_trail *at, const caws_type *type, const void *value,
                        int depth);

static void check_structure(walk *w, const caws_trail *at, const caws_type *type,
                            const void *structure, int depth)
{
    int present = 0;
    for (uint16_t i = 0; i < type->member_count; i++) {
        const caws_member *member = &type->members[i];
        const caws_trail here = {at, member->name, NULL, 0};
        const void *value = structure != NULL ? caws_member_value(member, structure) : NULL;
        if (value != NULL) {
            present++;
            check_value(w, &here, member->type, value, depth + 1);
        } else if ((member->flags & CAWS_MEMBER_REQUIRED) != 0 &&
                   (member->flags & CAWS_MEMBER_IDEMPOTENCY_TOKEN) == 0) {
            violate(w, &here, CAWS_CONSTRAINT_REQUIRED, 0, 0, "required");
        }
    }
    if ((type->flags & CAWS_TYPE_UNION) != 0 && present != 1)
        violate(w, at, CAWS_CONSTRAINT_UNION, present, 1,
                "%d member%s of the union set, exactly 1 must be", present, plural(present));
}

/* Whether what stands in a list or map points to nothing, which no value can be made of. */
static bool is_absent(const caws_type *type, const void *item)
{
    switch ((caws_kind)type->kind) {
    case CAWS_KIND_STRING:
    case CAWS_KIND_DOCUMENT:
        return caws_load_pointer(item) == NULL;
    case CAWS_KIND_BLOB:
        return ((const caws_blob *)item)->data == NULL && ((const caws_blob *)item)->length > 0;
    case CAWS_KIND_LIST:
    case CAWS_KIND_MAP:
        return caws_load_pointer(item) == NULL && caws_load_list(item).count > 0;
    default:
        return false;
    }
}

/* A list's item or map's key or value: there is no wrapper that could say "absent". */
static void check_item(walk *w, const caws_trail *at, const caws_type *type, const void *item,
                       int depth)
{
    if (is_absent(type, item)) {
        violate(w, at, CAWS_CONSTRAINT_REQUIRED, 0, 0, "required");
        return;
    }
    check_value(w, at, type, item, depth);
}

static void check_list(walk *w, const caws_trail *at, const caws_type *type, caws_any_list list,
                       int depth)
{
    const caws_type *item_type = type->members[0].type;
    for (size_t i = 0; i < list.count; i++) {
        const caws_trail here = {at, NULL, NULL, i};
        check_item(w, &here, item_type, caws_at(list.items, i * type->size), depth + 1);
    }
}

static void check_map(walk *w, const caws_trail *at, const caws_type *type, caws_any_list map,
                      int depth)
{
    const caws_member *key = &type->members[0];
    const caws_member *value = &type->members[1];
    bool hide_keys = w->sensitive > 0 || (key->type->flags & CAWS_TYPE_SENSITIVE) != 0;
    for (size_t i = 0; i < map.count; i++) {
        const void *entry = caws_at(map.items, i * type->size);
        const char *key_text = caws_load_string(caws_at(entry, key->offset));
        const caws_trail entry_path = {at, NULL, NULL, i};
        const caws_trail value_path = {at, NULL, hide_keys ? NULL : key_text, i};
        const caws_trail key_path = {&entry_path, "key", NULL, 0};
        check_item(w, &key_path, key->type, caws_at(entry, key->offset), depth + 1);
        check_item(w, &value_path, value->type, caws_at(entry, value->offset), depth + 1);
    }
}

static void check_value(walk *w, const caws_trail *at, const caws_type *type, const void *value,
                        int depth)
{
    if (w->too_deep)
        return;
    if (depth > CAWS_MAX_DEPTH) {
        w->too_deep = true;
        violate(w, at, CAWS_CONSTRAINT_DEPTH, depth, CAWS_MAX_DEPTH,
                "nested more than %d levels deep", CAWS_MAX_DEPTH);
        return;
    }
    bool sensitive = (type->flags & CAWS_TYPE_SENSITIVE) != 0;
    w->sensitive += sensitive ? 1 : 0;
    const caws_constraints *limits = w->mode == CAWS_VALIDATE_ALL ? type->constraints : NULL;
    switch ((caws_kind)type->kind) {
    case CAWS_KIND_BOOLEAN:
    case CAWS_KIND_TIMESTAMP:
        break;
    case CAWS_KIND_INTEGER:
        if (limits != NULL)
            check_range(w, at, limits, *(const int32_t *)value);
        break;
    case CAWS_KIND_LONG:
        if (limits != NULL)
            check_range(w, at, limits, *(const int64_t *)value);
        break;
    case CAWS_KIND_DOUBLE:
        if (limits != NULL)
            check_double_range(w, at, limits, *(const double *)value);
        break;
    case CAWS_KIND_STRING:
        check_string(w, at, type, caws_load_string(value));
        break;
    case CAWS_KIND_BLOB:
        if (limits != NULL)
            check_bounds(w, at, limits, CAWS_CONSTRAINT_LENGTH,
                         (int64_t)((const caws_blob *)value)->length, "byte", "bytes");
        break;
    case CAWS_KIND_LIST: {
        caws_any_list list = caws_load_list(value);
        if (limits != NULL)
            check_bounds(w, at, limits, CAWS_CONSTRAINT_COUNT, (int64_t)list.count, "item",
                         "items");
        check_list(w, at, type, list, depth);
        break;
    }
    case CAWS_KIND_MAP: {
        caws_any_list map = caws_load_list(value);
        if (limits != NULL)
            check_bounds(w, at, limits, CAWS_CONSTRAINT_COUNT, (int64_t)map.count, "entry",
                         "entries");
        check_map(w, at, type, map, depth);
        break;
    }
    case CAWS_KIND_STRUCTURE:
        check_structure(w, at, type, value, depth);
        break;
    case CAWS_KIND_DOCUMENT:
        check_document(w, at, caws_load_string(value));
        break;
    }
    w->sensitive -= sensitive ? 1 : 0;
}

static caws_status report(walk *w)
{
    caws_arena *arena = caws_error_arena(w->error);
    caws_violation *kept = arena != NULL ? caws_arena_alloc(arena, w->count * sizeof(*kept)) : NULL;
    if (w->no_memory || kept == NULL)
        return caws_fail_memory(w->error);
    memcpy(kept, w->violations, w->count * sizeof(*kept));

    caws_buffer text = CAWS_BUFFER_INIT;
    for (size_t i = 0; i < w->count && i < MESSAGE_VIOLATIONS; i++)
        caws_buffer_append_format(&text, "%s%s", i > 0 ? "; " : "", kept[i].text);
    if (w->count > MESSAGE_VIOLATIONS)
        caws_buffer_append_format(&text, "; and %zu more", w->count - MESSAGE_VIOLATIONS);
    caws_status status = caws_buffer_ok(&text)
                             ? caws_fail(w->error, CAWS_ERROR_INVALID_INPUT, "%s", text.data)
                             : caws_fail_memory(w->error);
    caws_buffer_clear(&text);
    if (status == CAWS_ERROR_INVALID_INPUT) {
        w->error->violations = kept;
        w->error->violation_count = w->count;
    }
    return status;
}

caws_status caws_validate(const caws_type *type, const void *input, caws_validation mode,
                          caws_error *error)
{
    walk w = {.mode = mode,
              .error = error,
              .sensitive = (type->flags & CAWS_TYPE_SENSITIVE) != 0 ? 1 : 0};
    const caws_trail root = {NULL, NULL, NULL, 0};
    check_structure(&w, &root, type, input, 0);
    caws_status status = CAWS_OK;
    if (w.no_memory)
        status = caws_fail_memory(error);
    else if (w.count > 0)
        status = report(&w);
    free(w.violations);
    return status;
}
