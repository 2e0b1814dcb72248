#define _GNU_SOURCE /* memmem */
#include "json_text.h"

#include <string.h>

enum { LONG_NUMBER = 16 }; /* digits: 2^53 has 16 */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* An escape counts only if its own backslash is not escaped: an even number stands before it. */
static void replace_nul_escapes(char *text, size_t length)
{
    static const char escape[] = "\\u0000";
    char *end = text + length;
    char *found = text;
    while ((found = memmem(found, (size_t)(end - found), escape, sizeof(escape) - 1)) != NULL) {
        size_t backslashes = 0;
        while (found - backslashes > text && found[-1 - (ptrdiff_t)backslashes] == '\\')
            backslashes++;
        if (backslashes % 2 == 0)
            memcpy(found, "\\ufffd", sizeof(escape) - 1);
        found += sizeof(escape) - 1;
    }
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

/* The token around a digit: from its sign to the last character that a number can have. */
static const char *token_start(const char *text, const char *at)
{
    while (at > text && is_digit(at[-1]))
        at--;
    return at > text && at[-1] == '-' ? at - 1 : at;
}

static const char *token_end(const char *at, const char *end)
{
    while (at < end && (is_digit(*at) || (*at != '\0' && strchr("+-.eE", *at) != NULL)))
        at++;
    return at;
}

static bool is_long_integer(const char *start, const char *end)
{
    if (*start == '-')
        start++;
    for (const char *c = start; c < end; c++)
        if (!is_digit(*c))
            return false;
    return end - start >= LONG_NUMBER;
}

/* What may stand in front of a number in JSON. Most long runs of digits are inside strings (tokens,
 * identifiers), and this tells nearly all of them without following the strings. */
static bool can_precede_number(const char *text, const char *start)
{
    return start > text && start[-1] != '\0' && strchr(":,[ \t\r\n", start[-1]) != NULL;
}

bool caws_json_text_prepare(char *text, size_t length, caws_buffer *rewritten)
{
    replace_nul_escapes(text, length);

    const char *end = text + length;
    const char *copied = text;
    string_state state = {text, false};
    /* A run of 16 digits covers one position in every 16. */
    for (const char *probe = text + LONG_NUMBER - 1; probe < end; probe += LONG_NUMBER) {
        if (!is_digit(*probe))
            continue;
        const char *start = token_start(text, probe);
        const char *stop = token_end(probe, end);
        if (start < copied || !is_long_integer(start, stop) || !can_precede_number(text, start))
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
