/* Writes a C struct as JSON by its table, straight into the request's buffer. */
#ifndef CAWS_JSON_ENCODE_H
#define CAWS_JSON_ENCODE_H

#include <caws/schema.h>

#include "buffer.h"

/*
 * Appends the JSON object of structure, which has passed caws_validate: strings are UTF-8,
 * documents are JSON, nesting is bounded. NULL stands for one with every member absent. Absent
 * members are left out; an idempotency token that is absent is filled in with a random UUID.
 * Errors: CAWS_ERROR_MEMORY; CAWS_ERROR_CONFIGURATION if OpenSSL has no random bytes.
 */
caws_status caws_json_encode(caws_buffer *buffer, const caws_type *type, const void *structure,
                             caws_error *error);

/* Append one value: a string in quotes; a number, or "NaN" or "Infinity" as a string. */
void caws_json_write_string(caws_buffer *buffer, const char *text);
void caws_json_write_double(caws_buffer *buffer, double value);

#endif
