/* Checks that a text is JSON, without keeping anything of it. */
#ifndef CAWS_JSON_CHECK_H
#define CAWS_JSON_CHECK_H

#include <stddef.h>

enum { CAWS_JSON_MAX_DEPTH = 1000 }; /* of nested arrays and objects; what decoding takes too */

extern const char caws_json_too_deep[]; /* one of the things that may be wrong */

/*
 * Returns NULL if length bytes at text, which are UTF-8, are one JSON value (RFC 8259) with nothing
 * but white space around it. Else returns what is wrong, a static text, and sets offset to the
 * first byte that cannot stand where it does: length if the text ends too early.
 */
const char *caws_json_check(const char *text, size_t length, size_t *offset);

#endif
