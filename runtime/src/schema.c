/* What generated code names: the types without constraints, and look-ups in its tables. */
#include <string.h>

#include <caws/schema.h>

const caws_type caws_type_boolean = {.name = "Boolean", .kind = CAWS_KIND_BOOLEAN};
const caws_type caws_type_integer = {.name = "Integer", .kind = CAWS_KIND_INTEGER};
const caws_type caws_type_long = {.name = "Long", .kind = CAWS_KIND_LONG};
const caws_type caws_type_double = {.name = "Double", .kind = CAWS_KIND_DOUBLE};
const caws_type caws_type_timestamp = {.name = "Timestamp", .kind = CAWS_KIND_TIMESTAMP};
const caws_type caws_type_string = {.name = "String", .kind = CAWS_KIND_STRING};
const caws_type caws_type_blob = {.name = "Blob", .kind = CAWS_KIND_BLOB};
const caws_type caws_type_document = {.name = "Document", .kind = CAWS_KIND_DOCUMENT};

int caws_enum_from_string(const caws_enum *table, const char *text)
{
    for (uint16_t i = 0; text != NULL && i < table->count; i++)
        if (strcmp(table->values[i], text) == 0)
            return i + 1;
    return 0;
}

const void *caws_exception_detail(const caws_error *error, int value)
{
    if (error == NULL || error->status != CAWS_ERROR_SERVICE || error->exception != value)
        return NULL;
    return error->detail;
}
