/*
 * How the table walkers reach values in C structs: the memory side of <caws/values.h>.
 *
 * Generated lists and maps are structs of their own, {const T *items; size_t count}. The walkers
 * see them as caws_any_list and copy with memcpy, which is what the aliasing rules allow.
 */
#ifndef CAWS_VALUE_H
#define CAWS_VALUE_H

#include <string.h>

#include <caws/schema.h>

enum { CAWS_MAX_DEPTH = 100 }; /* of nested input values: input structs may point in a circle */

typedef struct caws_any_list {
    const void *items;
    size_t count;
} caws_any_list;

static inline const void *caws_at(const void *base, size_t offset)
{
    return (const unsigned char *)base + offset;
}

/* A pointer member: string, document or structure. */
static inline const void *caws_load_pointer(const void *field)
{
    const void *pointer;
    memcpy(&pointer, field, sizeof(pointer));
    return pointer;
}

static inline const char *caws_load_string(const void *field)
{
    return (const char *)caws_load_pointer(field);
}

/* A list or map member. */
static inline caws_any_list caws_load_list(const void *field)
{
    caws_any_list list;
    memcpy(&list, field, sizeof(list));
    return list;
}

/*
 * The value of a member, in the form that it has as a list item: a scalar's value without its
 * wrapper, a structure itself instead of the pointer to it, else the field. NULL if it is absent.
 */
const void *caws_member_value(const caws_member *member, const void *structure);

/* The size of one value of this type as a list item. */
size_t caws_item_size(const caws_type *type);

#endif
