/*
 * Walks over a JSON text that caws_json_check has accepted, so that nothing here has to look for
 * mistakes or for the text's end.
 */
#ifndef CAWS_JSON_READ_H
#define CAWS_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

/* A string between its quotes, as it stands in the text. */
typedef struct caws_json_string {
    const char *text;
    size_t length;
    bool escaped; /* a backslash is in it */
} caws_json_string;

static inline const char *caws_json_skip_space(const char *at)
{
    while (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')
        at++;
    return at;
}

/* The string that begins at *at, which is left behind it. */
caws_json_string caws_json_take_string(const char **at);

/*
 * Writes what the string says to out, which has room for its length, and returns how many bytes
 * that are. No NUL byte comes out: \u0000 becomes U+FFFD, as half a surrogate pair does (programs
 * that cut strings in UTF-16 send those).
 */
size_t caws_json_unescape(const caws_json_string *string, char *out);

/* A copy of what the string says, with a NUL byte behind it; NULL when out of memory. */
CAWS_MUST_USE char *caws_json_copy_string(const caws_json_string *string, caws_arena *arena);

/* What is behind the value that begins at at. */
const char *caws_json_skip_value(const char *at);

/* The number that begins at at, as strtod reads it in the C locale: to the nearest double, which is
 * infinite beyond the range. False when out of memory. */
CAWS_MUST_USE bool caws_json_double(const char *at, double *value);

#endif
