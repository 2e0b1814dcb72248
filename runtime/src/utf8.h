/* Reading UTF-8, strictly: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef CAWS_UTF8_H
#define CAWS_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include <caws/export.h>

/* Reads the first character of text. Returns its length in bytes, 1 to 4, or 0 if text is empty or
 * does not begin with a whole valid character; *character is then left alone. */
CAWS_MUST_USE size_t caws_utf8_decode(const char *text, size_t length, uint32_t *character);

/* Returns the number of characters before the first invalid byte, the offset of which goes to
 * *invalid_offset; that is length if all of text is valid. */
size_t caws_utf8_count(const char *text, size_t length, size_t *invalid_offset);

#endif
