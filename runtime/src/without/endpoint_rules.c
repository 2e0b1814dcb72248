/* Stands for endpoint rules and partitions in builds without them (CAWS_ENDPOINT_RULES=OFF): every
 * endpoint is one that the program, the environment or a file gives. */
#include "../endpoint_context.h"
#include "../endpoint_partition.h"
#include "../fail.h"

const caws_rule_function caws_rule_is_valid_host_label = {NULL};
const caws_rule_function caws_rule_is_virtual_hostable_s3_bucket = {NULL};
const caws_rule_function caws_rule_parse_arn = {NULL};
const caws_rule_function caws_rule_parse_url = {NULL};
const caws_rule_function caws_rule_partition = {NULL};
const caws_rule_function caws_rule_substring = {NULL};
const caws_rule_function caws_rule_uri_encode = {NULL};

static bool fill_nothing(const caws_operation *operation, const void *input, caws_arena *arena,
                         caws_rule_value *values)
{
    (void)operation;
    (void)input;
    (void)arena;
    (void)values;
    return true;
}

const caws_context_reader caws_context_read = {fill_nothing};

const caws_partition *caws_partition_find(const char *region, size_t length)
{
    (void)region;
    (void)length;
    return NULL;
}

/* The first value is the custom endpoint, and whether it should be another all the same. */
void caws_rules_set_builtins(const caws_endpoint_rules *rules, const caws_rule_builtins *builtins,
                             caws_rule_value *values)
{
    (void)rules;
    values[0].text = builtins->custom_endpoint;
    values[0].count = builtins->use_fips || builtins->use_dual_stack ? 1 : 0;
}

caws_status caws_rules_evaluate(const caws_endpoint_rules *rules, caws_rule_value *values,
                                caws_arena *arena, const char **url, caws_endpoint *endpoint,
                                caws_error *error)
{
    (void)rules;
    (void)arena;
    (void)endpoint;
    *url = values[0].text;
    if (*url != NULL && values[0].count == 0)
        return CAWS_OK;
    return caws_fail(error, CAWS_ERROR_ENDPOINT,
                     "this build of caws leaves out endpoint rules (CAWS_ENDPOINT_RULES): set "
                     "endpoint_url, and neither use_fips_endpoint nor use_dualstack_endpoint");
}
