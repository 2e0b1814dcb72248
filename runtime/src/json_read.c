#include "json_read.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

caws_json_string caws_json_take_string(const char **at)
{
    caws_json_string string = {*at + 1, 0, false};
    const char *from = string.text;
    const char *quote = strchr(from, '"');
    const char *backslash;
    while ((backslash = memchr(from, '\\', (size_t)(quote - from))) != NULL) {
        string.escaped = true;
        from = backslash + 2;
        if (from > quote)
            quote = strchr(from, '"');
    }
    string.length = (size_t)(quote - string.text);
    *at = quote + 1;
    return string;
}

static unsigned hex_value(const char *text)
{
    unsigned value = 0;
    for (int i = 0; i < 4; i++) {
        char c = text[i];
        unsigned digit = c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
        value = value << 4 | digit;
    }
    return value;
}

static char *put_character(char *out, unsigned character)
{
    if (character < 0x80) {
        *out++ = (char)character;
    } else if (character < 0x800) {
        *out++ = (char)(0xc0 | character >> 6);
        *out++ = (char)(0x80 | (character & 0x3f));
    } else if (character < 0x10000) {
        *out++ = (char)(0xe0 | character >> 12);
        *out++ = (char)(0x80 | (character >> 6 & 0x3f));
        *out++ = (char)(0x80 | (character & 0x3f));
    } else {
        *out++ = (char)(0xf0 | character >> 18);
        *out++ = (char)(0x80 | (character >> 12 & 0x3f));
        *out++ = (char)(0x80 | (character >> 6 & 0x3f));
        *out++ = (char)(0x80 | (character & 0x3f));
    }
    return out;
}

/* The character of the \u escape at *text, which is left behind it. */
static unsigned take_escaped(const char **text, const char *end)
{
    enum { ESCAPE_LENGTH = 6, REPLACEMENT = 0xfffd };
    unsigned first = hex_value(*text + 2);
    *text += ESCAPE_LENGTH;
    if (first == 0 || (first >= 0xdc00 && first <= 0xdfff))
        return REPLACEMENT;
    if (first < 0xd800 || first > 0xdfff)
        return first;
    if (end - *text < ESCAPE_LENGTH || (*text)[0] != '\\' || (*text)[1] != 'u')
        return REPLACEMENT;
    unsigned second = hex_value(*text + 2);
    if (second < 0xdc00 || second > 0xdfff)
        return REPLACEMENT;
    *text += ESCAPE_LENGTH;
    return 0x10000 + ((first & 0x3ff) << 10 | (second & 0x3ff));
}

size_t caws_json_unescape(const caws_json_string *string, char *out)
{
    static const char names[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    const char *from = string->text;
    const char *end = from + string->length;
    char *to = out;
    for (;;) {
        const char *backslash = memchr(from, '\\', (size_t)(end - from));
        size_t plain = (size_t)((backslash != NULL ? backslash : end) - from);
        memcpy(to, from, plain);
        to += plain;
        from += plain;
        if (from == end)
            return (size_t)(to - out);
        if (from[1] == 'u') {
            to = put_character(to, take_escaped(&from, end));
        } else {
            *to++ = meanings[strchr(names, from[1]) - names];
            from += 2;
        }
    }
}

char *caws_json_copy_string(const caws_json_string *string, caws_arena *arena)
{
    if (!string->escaped)
        return caws_arena_copy(arena, string->text, string->length);
    char *copy = caws_arena_alloc(arena, string->length + 1);
    if (copy != NULL)
        (void)caws_json_unescape(string, copy); /* the arena has zeroed it: the NUL byte is there */
    return copy;
}

const char *caws_json_skip_value(const char *at)
{
    size_t depth = 0;
    do {
        at = caws_json_skip_space(at);
        if (*at == '"') {
            (void)caws_json_take_string(&at);
        } else if (*at == '{' || *at == '[') {
            depth++;
            at++;
        } else if (*at == '}' || *at == ']') {
            depth--;
            at++;
        } else if (*at == ',' || *at == ':') {
            at++;
        } else {
            at += strcspn(at, ",]} \t\r\n");
        }
    } while (depth > 0);
    return at;
}

/* strtod's decimal point is the locale's. */
static bool read_in_c_locale(const char *at, double *value)
{
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0)
        return false;
    locale_t host_locale = uselocale(c_locale);
    *value = strtod(at, NULL);
    (void)uselocale(host_locale);
    freelocale(c_locale);
    return true;
}

bool caws_json_double(const char *at, double *value)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                    1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
    enum { MOST_DIGITS = sizeof(powers) / sizeof(powers[0]) - 1 };
    const char *from = at;
    bool negative = *from == '-';
    uint64_t whole = 0;
    int digits = 0;
    int fraction = 0; /* digits */
    from += negative ? 1 : 0;
    for (bool behind_point = false; digits <= MOST_DIGITS; from++) {
        if (*from == '.' && !behind_point) {
            behind_point = true;
            continue;
        }
        if (*from < '0' || *from > '9')
            break;
        whole = whole * 10 + (uint64_t)(*from - '0');
        digits++;
        fraction += behind_point ? 1 : 0;
    }
    /* Both are doubles without a loss, and so the quotient is the nearest to the true one. */
    bool exact = FLT_EVAL_METHOD == 0 && digits <= MOST_DIGITS && *from != 'e' && *from != 'E' &&
                 whole <= UINT64_C(1) << 53;
    if (!exact)
        return read_in_c_locale(at, value);
    *value = (double)whole / powers[fraction];
    if (negative)
        *value = -*value;
    return true;
}
