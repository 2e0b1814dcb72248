#include "endpoint_partition.h"

#include <string.h>

#include "endpoint_rules.h"
#include "pattern.h"

static bool is_in(const caws_partition *partition, const char *region, size_t length)
{
    size_t offset = 0;
    if (caws_pattern_match(partition->region_pattern, region, length, &offset))
        return true;
    for (uint16_t i = 0; i < partition->region_count; i++)
        if (strlen(partition->regions[i]) == length &&
            memcmp(partition->regions[i], region, length) == 0)
            return true;
    return false;
}

const caws_partition *caws_partition_find(const char *region, size_t length)
{
    for (size_t p = 0; p < caws_partition_count; p++)
        if (is_in(&caws_partitions[p], region, length))
            return &caws_partitions[p];
    return &caws_partitions[0]; /* a region that is newer than this library: most likely "aws" */
}

static bool partition(const caws_rule_value *arguments, caws_arena *arena, caws_rule_value *result)
{
    const caws_partition *found = caws_partition_find(arguments[0].text, arguments[0].count);
    const caws_rule_value attributes[] = {
        caws_rule_text(found->id),
        caws_rule_text(found->dns_suffix),
        caws_rule_text(found->dual_stack_dns_suffix),
        caws_rule_boolean(found->supports_fips),
        caws_rule_boolean(found->supports_dual_stack),
        caws_rule_text(found->implicit_global_region),
    };
    caws_rule_value *items = caws_arena_alloc(arena, sizeof(attributes));
    if (items == NULL)
        return false;
    memcpy(items, attributes, sizeof(attributes));
    result->items = items;
    result->count = sizeof(attributes) / sizeof(attributes[0]);
    result->kind = CAWS_VALUE_ARRAY;
    return true;
}

const caws_rule_function caws_rule_partition = {partition};
