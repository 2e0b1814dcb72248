#include "trail.h"

void caws_trail_write(caws_buffer *text, const caws_trail *at)
{
    if (at->parent == NULL)
        return;
    caws_trail_write(text, at->parent);
    if (at->member != NULL)
        caws_buffer_append_format(text, "%s%s", text->length > 0 ? "." : "", at->member);
    else if (at->key != NULL)
        caws_buffer_append_format(text, "[\"%.64s\"]", at->key);
    else
        caws_buffer_append_format(text, "[%zu]", at->index);
}
