/* Where a table walk is: a chain from the value up to the root, written out only for an error. */
#ifndef CAWS_TRAIL_H
#define CAWS_TRAIL_H

#include "buffer.h"

typedef struct caws_trail {
    const struct caws_trail *parent; /* NULL: the root, which has no name */
    const char *member;              /* of a structure; NULL: an item of a list or map */
    const char *key;                 /* of a map; NULL: a list */
    size_t index;                    /* of a list */
} caws_trail;

/* Appends the path: "logEvents[3].message", "tags[\"a\"]"; nothing for the root. Keys come from
 * outside: long ones end in "...", and '?' stands for control characters and what is no UTF-8. */
void caws_trail_write(caws_buffer *text, const caws_trail *at);

#endif
