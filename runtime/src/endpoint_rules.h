/*
 * The interpreter of endpoint rules, whose tables are in <caws/schema.h>.
 *
 * The generator has checked types, scopes and depth, so evaluation never meets a value that is not
 * of the kind it wants, other than an absent one.
 */
#ifndef CAWS_ENDPOINT_RULES_H
#define CAWS_ENDPOINT_RULES_H

#include <caws/schema.h>

#include "arena.h"
#include "endpoint.h"

typedef enum caws_rule_value_kind {
    CAWS_VALUE_ABSENT,
    CAWS_VALUE_BOOLEAN,
    CAWS_VALUE_INTEGER,
    CAWS_VALUE_TEXT,
    CAWS_VALUE_ARRAY
} caws_rule_value_kind;

typedef struct caws_rule_value {
    union {
        const char *text; /* a part of a NUL-terminated text; need not reach to its end */
        const struct caws_rule_value *items;
    };
    uint32_t count; /* bytes, items, the number, or 1 for true */
    uint32_t kind;  /* caws_rule_value_kind */
} caws_rule_value;

struct caws_rule_function {
    /* As many arguments as the function has. result is absent before. Returns false when out of
     * memory. */
    bool (*call)(const caws_rule_value *arguments, caws_arena *arena, caws_rule_value *result);
};

/* Absent for NULL. text is borrowed. */
caws_rule_value caws_rule_text(const char *text);
caws_rule_value caws_rule_text_part(const char *text, size_t length);
caws_rule_value caws_rule_boolean(bool value);

/* What clients know that rules may ask for; NULL: unknown. */
typedef struct caws_rule_builtins {
    const char *region;
    const char *custom_endpoint;
    const char *account_id;
    const char *account_id_mode; /* "preferred", "disabled" or "required" */
    bool use_fips;
    bool use_dual_stack;
} caws_rule_builtins;

/* Sets those values, of parameters, that are absent and that builtins know. */
void caws_rules_set_builtins(const caws_endpoint_rules *rules, const caws_rule_builtins *builtins,
                             caws_rule_value *values);

/*
 * Evaluates the rules. values: value_count of them; parameters come first and are set or absent.
 * They borrow from their givers, the result from them, from the tables and from arena. On success
 * url is set, and what the rules say of endpoint beyond its URL. Errors: CAWS_ERROR_ENDPOINT with
 * the rules' own message, or without a required parameter or a rule that holds; CAWS_ERROR_MEMORY.
 */
caws_status caws_rules_evaluate(const caws_endpoint_rules *rules, caws_rule_value *values,
                                caws_arena *arena, const char **url, caws_endpoint *endpoint,
                                caws_error *error);

#endif
