#include "text.h"

#include <string.h>

void caws_excerpt(char out[CAWS_EXCERPT_SIZE], const char *data, size_t length)
{
    static const char more[] = "...";
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)data[i];
        char shown = (char)(c <= ' ' || c == 0x7f ? ' ' : c > 0x7f ? '?' : c);
        if (shown == ' ' && (used == 0 || out[used - 1] == ' '))
            continue;
        if (used == CAWS_EXCERPT_SIZE - sizeof(more)) {
            memcpy(out + used, more, sizeof(more));
            return;
        }
        out[used++] = shown;
    }
    while (used > 0 && out[used - 1] == ' ')
        used--;
    out[used] = '\0';
}

bool caws_text_is_header_safe(const char *text)
{
    if (text == NULL)
        return false;
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < ' ' || c == 0x7f)
            return false;
    }
    return true;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool caws_text_equal_no_case(const char *a, const char *b)
{
    for (; *a != '\0' && lower(*a) == lower(*b); a++)
        b++;
    return lower(*a) == lower(*b);
}

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool caws_text_is_host_label(const char *text)
{
    size_t length = strlen(text);
    if (length < 1 || length > 63 || text[0] == '-' || text[length - 1] == '-')
        return false;
    for (size_t i = 0; i < length; i++)
        if (!is_alphanumeric(text[i]) && text[i] != '-')
            return false;
    return true;
}
