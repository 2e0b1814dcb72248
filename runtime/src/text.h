/* Small checks and copies of text that comes from outside. */
#ifndef CAWS_TEXT_H
#define CAWS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum { CAWS_EXCERPT_SIZE = 256 };

/* The beginning of data as one line for an error message: runs of white space and control
 * characters become one space, bytes that are no printable ASCII become '?', a longer text ends in
 * "...". data may be NULL if length is 0. */
void caws_excerpt(char out[CAWS_EXCERPT_SIZE], const char *data, size_t length);

/* Whether text may be a header's value or part of a URL: no control characters, above all no CR and
 * LF, and not NULL. */
bool caws_text_is_header_safe(const char *text);

/* Whether they differ in the case of ASCII letters at most. Not strcasecmp, which asks the
 * program's locale: in a Turkish one I and i are different letters. */
bool caws_text_equal_no_case(const char *a, const char *b);

/* Whether text is a host label (RFC 1123): 1 to 63 letters, digits and inner hyphens. */
bool caws_text_is_host_label(const char *text);

#endif
