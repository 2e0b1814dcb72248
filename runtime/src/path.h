/* Values at a path of members: what waiters look at, and parameters of endpoints. */
#ifndef CAWS_PATH_H
#define CAWS_PATH_H

#include <stdbool.h>

#include <caws/schema.h>

/* Handed each value at a path; returns false to end the visit. */
typedef bool (*caws_visitor)(void *context, const caws_type *type, const void *value);

/* Visits the values at a path below one value, through lists; returns false if the visitor did. */
bool caws_visit(const caws_type *type, const void *value, caws_path path, caws_visitor see,
                void *context);

#endif
