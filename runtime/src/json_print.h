/* Writes a parsed JSON value out again. */
#ifndef CAWS_JSON_PRINT_H
#define CAWS_JSON_PRINT_H

#include <stdbool.h>

#include "buffer.h"

struct cJSON;

/*
 * Appends the value's text without white space: whole numbers of any length exactly (cJSON's own
 * printing rounds them), others as the encoder writes doubles. A number
 * beyond the range of doubles becomes 1e999. What failed is in the buffer.
 */
void caws_json_print(caws_buffer *text, const struct cJSON *value);

/* Whether the value is a string that stands for a number: see json_text.h. */
bool caws_json_is_marked_number(const struct cJSON *value);

#endif
