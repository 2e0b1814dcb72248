#include "trail.h"

#include <stdint.h>
#include <string.h>

#include "utf8.h"

enum { SHOWN_KEY = 64 }; /* bytes */

static void write_key(caws_buffer *text, const char *key)
{
    size_t length = strlen(key);
    size_t offset = 0;
    caws_buffer_append_string(text, "[\"");
    while (offset < length) {
        uint32_t character = 0;
        size_t size = caws_utf8_decode(key + offset, length - offset, &character);
        bool control = character < 0x20 || (character >= 0x7f && character < 0xa0);
        size_t used = size > 0 ? size : 1;
        if (offset + used > SHOWN_KEY)
            break;
        if (size == 0 || control)
            caws_buffer_append_char(text, '?');
        else
            caws_buffer_append(text, key + offset, size);
        offset += used;
    }
    caws_buffer_append_string(text, offset < length ? "...\"]" : "\"]");
}

void caws_trail_write(caws_buffer *text, const caws_trail *at)
{
    if (at->parent == NULL)
        return;
    caws_trail_write(text, at->parent);
    if (at->member != NULL)
        caws_buffer_append_format(text, "%s%s", text->length > 0 ? "." : "", at->member);
    else if (at->key != NULL)
        write_key(text, at->key);
    else
        caws_buffer_append_format(text, "[%zu]", at->index);
}
