/* Reads JSON into C structs by their tables. With json_print.c the only file that knows
 * cJSON. */
#ifndef CAWS_JSON_DECODE_H
#define CAWS_JSON_DECODE_H

#include <caws/schema.h>

#include "arena.h"

/* A parsed JSON text. */
typedef struct caws_json caws_json;

/*
 * Parses length bytes at text, which must be one JSON object with nothing but white space around it
 * and be followed by a NUL byte; text may be changed. Returns NULL and fills error with
 * CAWS_ERROR_RESPONSE_TRUNCATED (it ends within a value), CAWS_ERROR_RESPONSE_MALFORMED or
 * CAWS_ERROR_MEMORY. The caller frees it with caws_json_free.
 */
caws_json *caws_json_parse(char *text, size_t length, caws_error *error);

/* NULL is accepted. */
void caws_json_free(caws_json *json);

/* The string member of the object with the first name, or if that is absent, empty or no string,
 * with the other; or NULL. Lives as long as json. */
const char *caws_json_string(const caws_json *json, const char *name, const char *other_name);

/*
 * Fills structure, which is zeroed, from the object. Unknown members are passed over, null is
 * absent, a value of another type is CAWS_ERROR_RESPONSE_MALFORMED naming its path. What structure
 * points to is allocated in the arena.
 */
caws_status caws_json_decode(const caws_json *json, const caws_type *type, void *structure,
                             caws_arena *arena, caws_error *error);

#endif
