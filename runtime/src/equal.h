/* Whether two values say the same. */
#ifndef CAWS_EQUAL_H
#define CAWS_EQUAL_H

#include <stdbool.h>

#include <caws/schema.h>

/*
 * one and other are of this type, in the form that values have as list items (see
 * caws_member_value). Maps are equal if their entries are, in the same order; doubles if their bits
 * are. Recurses as deeply as both are nested.
 */
bool caws_values_equal(const caws_type *type, const void *one, const void *other);

#endif
