#include "value.h"

const void *caws_member_value(const caws_member *member, const void *structure)
{
    const void *field = caws_at(structure, member->offset);
    switch ((caws_kind)member->type->kind) {
    case CAWS_KIND_BOOLEAN: {
        const caws_opt_bool *opt = field;
        return opt->present ? &opt->value : NULL;
    }
    case CAWS_KIND_INTEGER: {
        const caws_opt_i32 *opt = field;
        return opt->present ? &opt->value : NULL;
    }
    case CAWS_KIND_LONG:
    case CAWS_KIND_TIMESTAMP: {
        const caws_opt_i64 *opt = field;
        return opt->present ? &opt->value : NULL;
    }
    case CAWS_KIND_DOUBLE: {
        const caws_opt_double *opt = field;
        return opt->present ? &opt->value : NULL;
    }
    case CAWS_KIND_STRING:
    case CAWS_KIND_DOCUMENT:
        return caws_load_pointer(field) != NULL ? field : NULL;
    case CAWS_KIND_BLOB:
        return ((const caws_blob *)field)->data != NULL ? field : NULL;
    case CAWS_KIND_LIST:
    case CAWS_KIND_MAP:
        return caws_load_list(field).items != NULL ? field : NULL;
    case CAWS_KIND_STRUCTURE:
        return caws_load_pointer(field);
    }
    return NULL;
}

size_t caws_item_size(const caws_type *type)
{
    switch ((caws_kind)type->kind) {
    case CAWS_KIND_BOOLEAN:
        return sizeof(bool);
    case CAWS_KIND_INTEGER:
        return sizeof(int32_t);
    case CAWS_KIND_LONG:
    case CAWS_KIND_TIMESTAMP:
        return sizeof(int64_t);
    case CAWS_KIND_DOUBLE:
        return sizeof(double);
    case CAWS_KIND_STRING:
    case CAWS_KIND_DOCUMENT:
        return sizeof(const char *);
    case CAWS_KIND_BLOB:
        return sizeof(caws_blob);
    case CAWS_KIND_LIST:
    case CAWS_KIND_MAP:
        return sizeof(caws_any_list);
    case CAWS_KIND_STRUCTURE:
        return type->size;
    }
    return 0;
}
