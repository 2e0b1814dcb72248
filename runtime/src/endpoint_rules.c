#include "endpoint_rules.h"

#include <string.h>

#include "fail.h"

typedef struct evaluation {
    const caws_endpoint_rules *rules;
    caws_rule_value *values;
    caws_arena *arena;
    const caws_rule_node *next;
    bool no_memory; /* then values are absent */
} evaluation;

static const caws_rule_value absent = {.kind = CAWS_VALUE_ABSENT};

caws_rule_value caws_rule_text_part(const char *text, size_t length)
{
    return (caws_rule_value){.text = text, .count = (uint32_t)length, .kind = CAWS_VALUE_TEXT};
}

caws_rule_value caws_rule_text(const char *text)
{
    return text != NULL ? caws_rule_text_part(text, strlen(text)) : absent;
}

caws_rule_value caws_rule_boolean(bool value)
{
    return (caws_rule_value){.text = NULL, .count = value, .kind = CAWS_VALUE_BOOLEAN};
}

static bool holds(const caws_rule_value *value)
{
    return value->kind != CAWS_VALUE_ABSENT &&
           (value->kind != CAWS_VALUE_BOOLEAN || value->count != 0);
}

static bool are_equal(const caws_rule_value *one, const caws_rule_value *other)
{
    if (one->kind != other->kind || one->count != other->count)
        return false;
    return one->kind == CAWS_VALUE_BOOLEAN ||
           (one->kind == CAWS_VALUE_TEXT && memcmp(one->text, other->text, one->count) == 0);
}

static caws_rule_value join(evaluation *e, const caws_rule_value *parts, size_t count)
{
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].kind != CAWS_VALUE_TEXT)
            return absent;
        length += parts[i].count;
    }
    char *text = caws_arena_alloc(e->arena, length + 1);
    if (text == NULL) {
        e->no_memory = true;
        return absent;
    }
    char *end = text;
    for (size_t i = 0; i < count; i++) {
        memcpy(end, parts[i].text, parts[i].count);
        end += parts[i].count;
    }
    return caws_rule_text_part(text, length);
}

static caws_rule_value array(evaluation *e, const caws_rule_value *items, size_t count)
{
    caws_rule_value *copy = caws_arena_alloc(e->arena, count * sizeof(*copy));
    if (copy == NULL) {
        e->no_memory = true;
        return absent;
    }
    if (count > 0)
        memcpy(copy, items, count * sizeof(*copy));
    return (caws_rule_value){.items = copy, .count = (uint32_t)count, .kind = CAWS_VALUE_ARRAY};
}

static caws_rule_value call(evaluation *e, const caws_rule_function *function,
                            const caws_rule_value *arguments)
{
    caws_rule_value result = absent;
    if (!function->call(arguments, e->arena, &result))
        e->no_memory = true;
    return result;
}

/* The value of the expression at e->next, which then is behind it. Expressions are nested no deeper
 * than the generator allows. */
static caws_rule_value evaluate(evaluation *e)
{
    const caws_rule_node *node = e->next++;
    caws_rule_value arguments[CAWS_RULES_MAX_ARGUMENTS];
    arguments[0] = absent;
    for (size_t i = 0; i < node->count; i++)
        arguments[i] = evaluate(e);
    switch ((caws_rule_kind)node->kind) {
    case CAWS_RULE_TEXT:
        return caws_rule_text(e->rules->text + node->value);
    case CAWS_RULE_BOOLEAN:
        return caws_rule_boolean(node->value != 0);
    case CAWS_RULE_INTEGER:
        return (caws_rule_value){.text = NULL, .count = node->value, .kind = CAWS_VALUE_INTEGER};
    case CAWS_RULE_ARRAY:
        return array(e, arguments, node->count);
    case CAWS_RULE_REF:
        return e->values[node->value];
    case CAWS_RULE_ASSIGN:
        e->values[node->value] = arguments[0];
        return arguments[0];
    case CAWS_RULE_ITEM:
        return arguments[0].kind == CAWS_VALUE_ARRAY && node->value < arguments[0].count
                   ? arguments[0].items[node->value]
                   : absent;
    case CAWS_RULE_JOIN:
        return join(e, arguments, node->count);
    case CAWS_RULE_IS_SET:
        return caws_rule_boolean(arguments[0].kind != CAWS_VALUE_ABSENT);
    case CAWS_RULE_NOT:
        return caws_rule_boolean(!holds(&arguments[0]));
    case CAWS_RULE_EQUAL:
        return caws_rule_boolean(are_equal(&arguments[0], &arguments[1]));
    case CAWS_RULE_CALL:
        return call(e, e->rules->functions[node->value], arguments);
    default: /* nothing, and what only results have */
        return absent;
    }
}

static caws_rule_value evaluate_at(evaluation *e, uint16_t node)
{
    e->next = &e->rules->nodes[node];
    return evaluate(e);
}

/* The text at e->next, terminated; NULL if it is absent. */
static const char *evaluate_text(evaluation *e)
{
    caws_rule_value value = evaluate(e);
    if (value.kind != CAWS_VALUE_TEXT)
        return NULL;
    if (value.text[value.count] == '\0')
        return value.text;
    const char *copy = caws_arena_copy(e->arena, value.text, value.count);
    e->no_memory = e->no_memory || copy == NULL;
    return copy;
}

static void add_header(evaluation *e, uint16_t name, const char *value, caws_endpoint *endpoint)
{
    caws_endpoint_header *header =
        value != NULL ? caws_arena_alloc(e->arena, sizeof(*header)) : NULL;
    if (header == NULL) {
        e->no_memory = e->no_memory || value != NULL;
        return;
    }
    *header = (caws_endpoint_header){endpoint->headers, e->rules->text + name, value};
    endpoint->headers = header;
}

static void add_property(evaluation *e, caws_endpoint *endpoint)
{
    const caws_rule_node *node = e->next++;
    const char *text = evaluate_text(e);
    if (node->kind == CAWS_RULE_SIGNING_NAME)
        endpoint->signing_name = text;
    else if (node->kind == CAWS_RULE_SIGNING_REGION)
        endpoint->signing_region = text;
    else if (node->kind == CAWS_RULE_UNSUPPORTED_AUTH)
        endpoint->unsupported_auth = text;
    else
        add_header(e, node->value, text, endpoint);
}

static caws_status conclude(evaluation *e, uint16_t result, const char **url,
                            caws_endpoint *endpoint, caws_error *error)
{
    const caws_rule_node *node = &e->rules->nodes[result];
    e->next = node + 1;
    const char *text = evaluate_text(e);
    if (node->kind == CAWS_RULE_ENDPOINT)
        for (uint8_t i = 1; i < node->count; i++)
            add_property(e, endpoint);
    if (e->no_memory)
        return caws_fail_memory(error);
    if (text == NULL)
        text = "the endpoint rules give a result of what is absent";
    else if (node->kind == CAWS_RULE_ENDPOINT) {
        *url = text;
        return CAWS_OK;
    }
    return caws_fail(error, CAWS_ERROR_ENDPOINT, "%s", text);
}

static bool rule_holds(evaluation *e, const caws_rule *rule)
{
    for (uint16_t i = 0; i < rule->condition_count; i++) {
        caws_rule_value value = evaluate_at(e, e->rules->conditions[rule->first_condition + i]);
        if (!holds(&value))
            return false;
    }
    return true;
}

static caws_status complete_parameters(evaluation *e, caws_error *error)
{
    for (uint8_t i = 0; i < e->rules->parameter_count; i++) {
        const caws_rule_parameter *parameter = &e->rules->parameters[i];
        if (e->values[i].kind == CAWS_VALUE_ABSENT && parameter->default_value != 0)
            e->values[i] = evaluate_at(e, parameter->default_value);
        if (e->values[i].kind == CAWS_VALUE_ABSENT && (parameter->flags & CAWS_RULE_REQUIRED) != 0)
            return caws_fail(error, CAWS_ERROR_ENDPOINT, "the endpoint rules need a value for %s",
                             e->rules->text + parameter->name);
    }
    return CAWS_OK;
}

caws_status caws_rules_evaluate(const caws_endpoint_rules *rules, caws_rule_value *values,
                                caws_arena *arena, const char **url, caws_endpoint *endpoint,
                                caws_error *error)
{
    evaluation e = {.rules = rules, .values = values, .arena = arena};
    if (complete_parameters(&e, error) != CAWS_OK)
        return error->status;
    uint16_t at = 0;
    do {
        const caws_rule *rule = &rules->rules[at];
        if (!rule_holds(&e, rule))
            at = rule->next;
        else if (rule->result == 0)
            at++;
        else
            return conclude(&e, rule->result, url, endpoint, error);
    } while (at != 0 && !e.no_memory);
    if (e.no_memory)
        return caws_fail_memory(error);
    return caws_fail(error, CAWS_ERROR_ENDPOINT, "no endpoint rule holds");
}

void caws_rules_set_builtins(const caws_endpoint_rules *rules, const caws_rule_builtins *builtins,
                             caws_rule_value *values)
{
    const caws_rule_value known[] = {
        [CAWS_RULE_CONTEXT] = absent,
        [CAWS_RULE_REGION] = caws_rule_text(builtins->region),
        [CAWS_RULE_USE_FIPS] = caws_rule_boolean(builtins->use_fips),
        [CAWS_RULE_USE_DUAL_STACK] = caws_rule_boolean(builtins->use_dual_stack),
        [CAWS_RULE_CUSTOM_ENDPOINT] = caws_rule_text(builtins->custom_endpoint),
        [CAWS_RULE_ACCOUNT_ID] = caws_rule_text(builtins->account_id),
        [CAWS_RULE_ACCOUNT_ID_MODE] = caws_rule_text(builtins->account_id_mode),
    };
    for (uint8_t i = 0; i < rules->parameter_count; i++)
        if (values[i].kind == CAWS_VALUE_ABSENT)
            values[i] = known[rules->parameters[i].source];
}
