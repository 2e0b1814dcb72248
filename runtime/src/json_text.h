/* Makes a JSON text fit for cJSON, whose losses it prevents: numbers become doubles, strings end at
 * \u0000 or at an escape that is none, and half a surrogate pair spoils the whole text. */
#ifndef CAWS_JSON_TEXT_H
#define CAWS_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

/* The first byte of a string that stands for a whole number too long for a double. It occurs in no
 * UTF-8 text, so no received string begins with it. */
enum { CAWS_JSON_NUMBER_MARK = 0xff };

/*
 * Replaces each \u0000 and each \u escape of half a surrogate pair by \ufffd, in place, and makes
 * malformed \u escapes such that cJSON refuses them. If the text has whole numbers of 16 digits or
 * more, also writes a copy to rewritten in which each of them is a string: the mark and the
 * number's text; without such numbers rewritten stays empty. text is valid UTF-8. Returns whether
 * there was memory.
 */
bool caws_json_text_prepare(char *text, size_t length, caws_buffer *rewritten);

/* Whether the text ends inside a string, object or array. */
bool caws_json_text_is_cut(const char *text, size_t length);

#endif
