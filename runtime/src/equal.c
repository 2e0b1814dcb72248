#include "equal.h"

#include <string.h>

#include "value.h"

static bool blobs_equal(const caws_blob *one, const caws_blob *other)
{
    return one->length == other->length &&
           (one->length == 0 || memcmp(one->data, other->data, one->length) == 0);
}

static bool structures_equal(const caws_type *type, const void *one, const void *other)
{
    for (uint16_t i = 0; i < type->member_count; i++) {
        const caws_member *member = &type->members[i];
        const void *a = caws_member_value(member, one);
        const void *b = caws_member_value(member, other);
        if ((a == NULL) != (b == NULL) || (a != NULL && !caws_values_equal(member->type, a, b)))
            return false;
    }
    return true;
}

/* Items have one row, entries two: key and value. */
static bool lists_equal(const caws_type *type, const void *one, const void *other)
{
    const caws_any_list a = caws_load_list(one);
    const caws_any_list b = caws_load_list(other);
    if (a.count != b.count)
        return false;
    for (size_t i = 0; i < a.count; i++)
        for (uint16_t row = 0; row < type->member_count; row++) {
            const caws_member *member = &type->members[row];
            size_t offset = i * type->size + member->offset;
            if (!caws_values_equal(member->type, caws_at(a.items, offset),
                                   caws_at(b.items, offset)))
                return false;
        }
    return true;
}

bool caws_values_equal(const caws_type *type, const void *one, const void *other)
{
    switch ((caws_kind)type->kind) {
    case CAWS_KIND_BOOLEAN:
    case CAWS_KIND_INTEGER:
    case CAWS_KIND_LONG:
    case CAWS_KIND_DOUBLE:
    case CAWS_KIND_TIMESTAMP:
        return memcmp(one, other, caws_item_size(type)) == 0;
    case CAWS_KIND_STRING:
        return strcmp(caws_load_string(one), caws_load_string(other)) == 0;
    case CAWS_KIND_BLOB:
        return blobs_equal(one, other);
    case CAWS_KIND_LIST:
    case CAWS_KIND_MAP:
        return lists_equal(type, one, other);
    case CAWS_KIND_STRUCTURE:
        return structures_equal(type, one, other);
    }
    return false;
}
