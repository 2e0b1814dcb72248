#include "json_text.h"

#include <string.h>

enum {
    LONG_NUMBER = 16, /* digits: 2^53 has 16 */
    ESCAPE_LENGTH = 6 /* \u0000 */
};

static const char hex_digits[] = "0123456789abcdef0123456789ABCDEF";

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The value of a \u escape, or -1 if there is none at text. */
static int escape_value(const char *text, const char *end)
{
    if (end - text < ESCAPE_LENGTH || text[0] != '\\' || text[1] != 'u')
        return -1;
    int value = 0;
    for (const char *c = text + 2; c < text + ESCAPE_LENGTH; c++) {
        const char *digit = *c != '\0' ? strchr(hex_digits, *c) : NULL;
        if (digit == NULL)
            return -1;
        value = value * 16 + (int)(digit - hex_digits) % 16;
    }
    return value;
}

/* The length of the \u escape at text, after making it one that cJSON reads. */
static size_t mend_escape(char *text, const char *end)
{
    int value = escape_value(text, end);
    if (value < 0) {
        text[1] = '?'; /* cJSON would take it for \u0000; so it is an error */
        return 2;
    }
    int next = escape_value(text + ESCAPE_LENGTH, end);
    if (value >= 0xd800 && value <= 0xdbff && next >= 0xdc00 && next <= 0xdfff)
        return (size_t)2 * ESCAPE_LENGTH;
    if (value == 0 || (value >= 0xd800 && value <= 0xdfff))
        memcpy(text, "\\ufffd", ESCAPE_LENGTH);
    return ESCAPE_LENGTH;
}

/* Backslashes outside strings are errors anyway, so strings need not be followed. */
static void mend_escapes(char *text, size_t length)
{
    char *end = text + length;
    char *found = text;
    while ((found = memchr(found, '\\', (size_t)(end - found))) != NULL && end - found >= 2)
        found += found[1] == 'u' ? mend_escape(found, end) : 2;
}

/* Follows strings through a text, so that a position can be asked whether it is in one. */
typedef struct string_state {
    const char *at;
    bool in_string;
} string_state;

static void advance(string_state *state, const char *to)
{
    while (state->at < to) {
        char c = *state->at;
        if (c == '"')
            state->in_string = !state->in_string;
        else if (c == '\\' && state->in_string)
            state->at++;
        state->at++;
    }
}

/* The first LONG_NUMBER digits in a row, or NULL. Looking at the last of them first, most texts are
 * passed in steps of that many; no byte is looked at more than twice. */
static const char *find_long_run(const char *from, const char *end)
{
    while (end - from >= LONG_NUMBER) {
        const char *run = from + LONG_NUMBER;
        while (run > from && is_digit(run[-1]))
            run--;
        if (run == from)
            return run;
        from = run;
    }
    return NULL;
}

/* What may stand in front of a number in JSON. Most long runs of digits are inside strings (tokens,
 * identifiers), and this tells nearly all of them without following the strings. */
static bool can_precede_number(const char *text, const char *start)
{
    return start > text && start[-1] != '\0' && strchr(":,[ \t\r\n", start[-1]) != NULL;
}

/* A fraction or an exponent makes it no whole number. One in front of a colon is malformed, and
 * must not become a name. */
static bool can_follow_number(const char *stop, const char *end)
{
    if (stop < end && *stop != '\0' && strchr("+-.eE", *stop) != NULL)
        return false;
    while (stop < end && *stop != '\0' && strchr(" \t\r\n", *stop) != NULL)
        stop++;
    return stop == end || *stop != ':';
}

bool caws_json_text_prepare(char *text, size_t length, caws_buffer *rewritten)
{
    mend_escapes(text, length);

    const char *end = text + length;
    const char *copied = text;
    string_state state = {text, false};
    const char *stop = text;
    const char *run;
    while ((run = find_long_run(stop, end)) != NULL) {
        stop = run;
        while (stop < end && is_digit(*stop))
            stop++;
        const char *start = run > text && run[-1] == '-' ? run - 1 : run;
        if (!can_precede_number(text, start) || !can_follow_number(stop, end))
            continue;
        advance(&state, start);
        if (state.in_string || state.at != start)
            continue;
        static const char mark[] = {'"', (char)CAWS_JSON_NUMBER_MARK};
        caws_buffer_append(rewritten, copied, (size_t)(start - copied));
        caws_buffer_append(rewritten, mark, sizeof(mark));
        caws_buffer_append(rewritten, start, (size_t)(stop - start));
        caws_buffer_append_char(rewritten, '"');
        copied = stop;
    }
    if (copied != text)
        caws_buffer_append(rewritten, copied, (size_t)(end - copied));
    return caws_buffer_ok(rewritten);
}

bool caws_json_text_is_cut(const char *text, size_t length)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '\\' && in_string)
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '['))
            depth++;
        else if (!in_string && (c == '}' || c == ']') && depth > 0)
            depth--;
    }
    return in_string || depth > 0;
}
