#include "endpoint_context.h"

#include <string.h>

#include "path.h"
#include "value.h"

/* The texts that one row finds. */
typedef struct finding {
    const caws_context_parameter *row;
    caws_arena *arena;
    caws_rule_value first;
    caws_rule_value *items; /* CAWS_CONTEXT_ALL */
    size_t count;
    size_t capacity;
    bool no_memory;
} finding;

static bool add(finding *found, caws_rule_value value)
{
    if (found->row->kind == CAWS_CONTEXT_FIRST) {
        found->first = value;
        return false;
    }
    if (found->count == found->capacity) {
        size_t capacity = found->capacity == 0 ? 4 : found->capacity * 2;
        caws_rule_value *items = caws_arena_alloc(found->arena, capacity * sizeof(*items));
        found->no_memory = items == NULL;
        if (items == NULL)
            return false;
        if (found->count > 0)
            memcpy(items, found->items, found->count * sizeof(*items));
        found->items = items;
        found->capacity = capacity;
    }
    found->items[found->count++] = value;
    return true;
}

static bool add_string(finding *found, const void *field)
{
    const char *text = caws_load_string(field);
    if (text == NULL)
        return true;
    text = caws_arena_copy(found->arena, text, strlen(text));
    found->no_memory = text == NULL;
    return text != NULL && add(found, caws_rule_text(text));
}

static bool collect(void *context, const caws_type *type, const void *value)
{
    finding *found = context;
    if (type->kind == CAWS_KIND_BOOLEAN)
        return add(found, caws_rule_boolean(*(const bool *)value));
    if (type->kind != CAWS_KIND_MAP)
        return add_string(found, value);
    caws_any_list map = caws_load_list(value);
    for (size_t i = 0; i < map.count; i++)
        if (!add_string(found, caws_at(map.items, i * type->size + type->members[0].offset)))
            return false;
    return true;
}

static bool fork_path(void *context, const caws_type *type, const void *value)
{
    finding *found = context;
    for (uint8_t i = 0; i < found->row->each_count; i++)
        if (!caws_visit(type, value, found->row->each[i], collect, found))
            return false;
    return true;
}

static bool find(const caws_operation *operation, const void *input,
                 const caws_context_parameter *row, caws_arena *arena, caws_rule_value *value)
{
    finding found = {.row = row, .arena = arena};
    (void)caws_visit(operation->input, input, row->path, row->each_count > 0 ? fork_path : collect,
                     &found);
    if (row->kind == CAWS_CONTEXT_FIRST)
        *value = found.first;
    else if (found.count > 0)
        *value = (caws_rule_value){
            .items = found.items, .count = (uint32_t)found.count, .kind = CAWS_VALUE_ARRAY};
    return !found.no_memory;
}

static bool fill(const caws_operation *operation, const void *input, caws_arena *arena,
                 caws_rule_value *values)
{
    for (uint16_t i = 0; i < operation->context->parameter_count; i++) {
        const caws_context_parameter *row = &operation->context->parameters[i];
        caws_rule_value *value = &values[row->parameter];
        if (value->kind != CAWS_VALUE_ABSENT)
            continue;
        if (row->kind == CAWS_CONTEXT_TEXT)
            *value = caws_rule_text(row->text);
        else if (row->kind == CAWS_CONTEXT_TRUE || row->kind == CAWS_CONTEXT_FALSE)
            *value = caws_rule_boolean(row->kind == CAWS_CONTEXT_TRUE);
        else if (input != NULL && !find(operation, input, row, arena, value))
            return false;
    }
    return true;
}

const caws_context_reader caws_context_read = {fill};
