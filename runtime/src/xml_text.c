#include "xml_text.h"

#include <string.h>

static const struct {
    const char *name;
    char character;
} entities[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};

/* Replaces entities in place; what begins with '&' and is none of the five stays. */
static void replace_entities(char *text)
{
    char *out = text;
    while (*text != '\0') {
        size_t length = 1;
        char c = *text;
        for (size_t i = 0; c == '&' && length == 1 && i < sizeof(entities) / sizeof(entities[0]);
             i++)
            if (strncmp(text, entities[i].name, strlen(entities[i].name)) == 0) {
                length = strlen(entities[i].name);
                c = entities[i].character;
            }
        *out++ = c;
        text += length;
    }
    *out = '\0';
}

/* The text behind "<name>", or NULL. */
static const char *find_tag(const char *xml, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = strchr(xml, '<'); at != NULL; at = strchr(at + 1, '<'))
        if (strncmp(at + 1, name, length) == 0 && at[1 + length] == '>')
            return at + 2 + length;
    return NULL;
}

bool caws_xml_element_text(const char *xml, const char *name, caws_arena *arena, const char **out)
{
    *out = NULL;
    const char *start = find_tag(xml, name);
    const char *end = start != NULL ? strchr(start, '<') : NULL;
    if (end == NULL || end[1] != '/' || strncmp(end + 2, name, strlen(name)) != 0)
        return true;
    char *text = caws_arena_copy(arena, start, (size_t)(end - start));
    if (text != NULL)
        replace_entities(text);
    *out = text;
    return text != NULL;
}
