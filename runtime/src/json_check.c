#include "json_check.h"

#include <stdbool.h>
#include <string.h>

const char caws_json_too_deep[] = "JSON nested more than 1000 levels deep";

typedef struct scanner {
    const char *at;
    const char *end;
    size_t depth;
    char closers[CAWS_JSON_MAX_DEPTH]; /* '}' or ']' of each array and object that is open */
    bool too_deep;
} scanner;

/* 0 at the end. */
static char peek(const scanner *s)
{
    return s->at < s->end ? *s->at : '\0';
}

static bool take(scanner *s, char c)
{
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

static bool peek_any(const scanner *s, const char *characters)
{
    char c = peek(s);
    return c != '\0' && strchr(characters, c) != NULL;
}

static void skip_space(scanner *s)
{
    char c;
    while ((c = peek(s)) == ' ' || c == '\t' || c == '\r' || c == '\n')
        s->at++;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool take_word(scanner *s, const char *word)
{
    for (; *word != '\0'; word++)
        if (!take(s, *word))
            return false;
    return true;
}

/* One digit or more. */
static bool take_digits(scanner *s)
{
    const char *start = s->at;
    while (is_digit(peek(s)))
        s->at++;
    return s->at > start;
}

static bool take_number(scanner *s)
{
    (void)take(s, '-');
    if (!take(s, '0') && !take_digits(s))
        return false;
    if (take(s, '.') && !take_digits(s))
        return false;
    if (!peek_any(s, "eE"))
        return true;
    s->at++;
    if (peek_any(s, "+-"))
        s->at++;
    return take_digits(s);
}

static bool take_escape(scanner *s)
{
    if (!take(s, 'u')) {
        if (!peek_any(s, "\"\\/bfnrt"))
            return false;
        s->at++;
        return true;
    }
    for (int i = 0; i < 4; i++) {
        if (!peek_any(s, "0123456789abcdefABCDEF"))
            return false;
        s->at++;
    }
    return true;
}

/* What stands for itself in a string. */
static bool is_plain(char c)
{
    return (unsigned char)c >= ' ' && c != '"' && c != '\\';
}

static bool take_string(scanner *s)
{
    if (!take(s, '"'))
        return false;
    for (;;) {
        while (s->at < s->end && is_plain(*s->at))
            s->at++;
        if (take(s, '"'))
            return true;
        if (!take(s, '\\') || !take_escape(s))
            return false;
    }
}

/* A member's name, up to its value. */
static bool take_name(scanner *s)
{
    skip_space(s);
    if (!take_string(s))
        return false;
    skip_space(s);
    return take(s, ':');
}

static bool take_scalar(scanner *s)
{
    switch (peek(s)) {
    case '"':
        return take_string(s);
    case 't':
        return take_word(s, "true");
    case 'f':
        return take_word(s, "false");
    case 'n':
        return take_word(s, "null");
    default:
        return take_number(s);
    }
}

/* Goes into an array or object, up to its first value. Sets closed if it has none. */
static bool open_container(scanner *s, bool *closed)
{
    char closer = peek(s) == '{' ? '}' : ']';
    if (s->depth == CAWS_JSON_MAX_DEPTH) {
        s->too_deep = true;
        return false;
    }
    s->at++;
    skip_space(s);
    *closed = take(s, closer);
    if (*closed)
        return true;
    s->closers[s->depth++] = closer;
    return closer == ']' || take_name(s);
}

/* Behind a value: closes what ends here. Sets more if another value must follow. */
static bool take_end(scanner *s, bool *more)
{
    *more = false;
    while (s->depth > 0) {
        char closer = s->closers[s->depth - 1];
        skip_space(s);
        if (take(s, ',')) {
            *more = true;
            return closer == ']' || take_name(s);
        }
        if (!take(s, closer))
            return false;
        s->depth--;
    }
    return true;
}

static bool take_value(scanner *s)
{
    bool more = true;
    while (more) {
        bool complete = true;
        skip_space(s);
        if (peek(s) == '{' || peek(s) == '[') {
            if (!open_container(s, &complete))
                return false;
        } else if (!take_scalar(s)) {
            return false;
        }
        if (complete && !take_end(s, &more))
            return false;
    }
    skip_space(s);
    return s->at == s->end;
}

const char *caws_json_check(const char *text, size_t length, size_t *offset)
{
    scanner s;
    s.at = text;
    s.end = text + length;
    s.depth = 0;
    s.too_deep = false;
    if (take_value(&s))
        return NULL;
    *offset = (size_t)(s.at - text);
    return s.too_deep ? caws_json_too_deep : "not one JSON value";
}
