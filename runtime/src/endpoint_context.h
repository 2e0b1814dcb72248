/* What an operation and its input tell the endpoint rules. */
#ifndef CAWS_ENDPOINT_CONTEXT_H
#define CAWS_ENDPOINT_CONTEXT_H

#include "endpoint_rules.h"

struct caws_context_reader {
    /* Sets those values, of the service's parameters, that are absent and that the operation, which
     * has a context, gives. input: NULL stands for one with every member absent. Nothing is
     * borrowed from it: texts and arrays are in arena. Returns false when out of memory. */
    bool (*fill)(const caws_operation *operation, const void *input, caws_arena *arena,
                 caws_rule_value *values);
};

#endif
