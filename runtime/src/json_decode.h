/* Reads JSON into C structs by their tables. */
#ifndef CAWS_JSON_DECODE_H
#define CAWS_JSON_DECODE_H

#include <caws/schema.h>

#include "arena.h"

/*
 * Whether length bytes at text, behind which a NUL byte stands, are one JSON object (RFC 8259) with
 * nothing but white space around it, nested at most CAWS_JSON_MAX_DEPTH deep. CAWS_OK: the
 * functions below take the text. Errors: CAWS_ERROR_RESPONSE_TRUNCATED (it ends within a value),
 * CAWS_ERROR_RESPONSE_MALFORMED. Takes no memory.
 */
caws_status caws_json_accept(const char *text, size_t length, caws_error *error);

/* Sets value to a copy of the object's string member with the first name, or if that is absent,
 * empty or no string, of that with the other; to NULL if there is none. False when out of memory.
 */
CAWS_MUST_USE bool caws_json_find_string(const char *text, const char *name, const char *other_name,
                                         caws_arena *arena, const char **value);

/*
 * Fills structure, which is zeroed, from the object. Unknown members are passed over, null is
 * absent, the last of equal names counts, a value of another type is CAWS_ERROR_RESPONSE_MALFORMED
 * naming its path. What structure points to is allocated in the arena, and nothing of it in text.
 */
caws_status caws_json_decode(const char *text, const caws_type *type, void *structure,
                             caws_arena *arena, caws_error *error);

#endif
