/* Checks an input against the model's constraints before anything is sent. */
#ifndef CAWS_VALIDATE_H
#define CAWS_VALIDATE_H

#include <caws/schema.h>

/*
 * Walks input by its type; NULL stands for one with every member absent. On any violation fills
 * error with CAWS_ERROR_INVALID_INPUT: every violation in its list, the first of them in the
 * message too. Values of sensitive types, and all that is inside of them, appear in neither.
 */
caws_status caws_validate(const caws_type *type, const void *input, caws_validation mode,
                          caws_error *error);

#endif
