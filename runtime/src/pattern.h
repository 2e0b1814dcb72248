/* Running the automaton of a constraint pattern. */
#ifndef CAWS_PATTERN_H
#define CAWS_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include <caws/schema.h>

/*
 * Whether the whole of text matches, in one pass. text: UTF-8; invalid bytes match nothing.
 * If it does not match, *bad_offset is the byte offset of the first character after which no
 * continuation could match, or length if every character was right but the value ends too early.
 */
CAWS_MUST_USE bool caws_pattern_match(const caws_pattern *pattern, const char *text, size_t length,
                                      size_t *bad_offset);

#endif
