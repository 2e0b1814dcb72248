#include "profile_parse.h"

#include <string.h>

#include "fail.h"

typedef struct parser {
    caws_profiles *profiles;
    const caws_profile_file *file;
    caws_error *error;
    int line;
    caws_section *newest; /* of this file */
    caws_section *oldest;
    bool has_prefixed_default;
    bool in_section;         /* below a section's head, of a section that is ignored too */
    caws_section *section;   /* NULL: what follows is ignored */
    bool in_property;        /* lines that are indented deeper belong to a property */
    size_t indent;           /* of that property */
    caws_property *property; /* NULL: it is ignored, and so are they */
    char *value_end;         /* of property: where a continuation goes */
} parser;

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_comment(char c)
{
    return c == '#' || c == ';';
}

static char *skip_spaces(char *text)
{
    while (is_space(*text))
        text++;
    return text;
}

/* Cuts text off behind its last character that is no space; end is where it ends now. */
static void trim_end(const char *text, char *end)
{
    while (end > text && is_space(end[-1]))
        end--;
    *end = '\0';
}

static caws_status refuse(const parser *p, const char *reason)
{
    return caws_fail(p->error, CAWS_ERROR_CONFIGURATION, "%s:%d: %s", p->file->path, p->line,
                     reason);
}

static caws_status note(parser *p, const char *text)
{
    caws_profile_note *added = caws_arena_alloc(&p->profiles->arena, sizeof(*added));
    if (added == NULL)
        return caws_fail_memory(p->error);
    *added = (caws_profile_note){p->profiles->notes, p->file->path, p->line, text};
    p->profiles->notes = added;
    return CAWS_OK;
}

/* What names of sections and properties are made of. */
static bool is_name(const char *text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "_-/.%@:+";
    return text[0] != '\0' && text[strspn(text, allowed)] == '\0';
}

static void make_lower_case(char *text)
{
    for (; *text != '\0'; text++)
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
}

/* The rest of head behind a word and white space, or NULL if it does not begin with them. */
static char *after_word(char *head, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(head, word, length) != 0 || !is_space(head[length]))
        return NULL;
    return skip_spaces(head + length);
}

/* The name in a section's head, "profile dev", and its kind; NULL if it is none that is known. */
static char *find_name(const parser *p, char *head, caws_section_kind *kind, bool *prefixed)
{
    static const struct {
        const char *word;
        caws_section_kind kind;
    } words[] = {
        {"profile", CAWS_SECTION_PROFILE},
        {"sso-session", CAWS_SECTION_SSO_SESSION},
        {"services", CAWS_SECTION_SERVICES},
    };
    *kind = CAWS_SECTION_PROFILE;
    *prefixed = false;
    if (p->file->credentials || strcmp(head, "default") == 0)
        return head;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        char *name = after_word(head, words[i].word);
        if (name != NULL) {
            *kind = words[i].kind;
            *prefixed = true;
            return name;
        }
    }
    return NULL;
}

/* [profile default] in the config file takes the place of every [default] there. */
static bool gives_way(parser *p, caws_section_kind kind, const char *name, bool prefixed)
{
    if (p->file->credentials || kind != CAWS_SECTION_PROFILE || strcmp(name, "default") != 0)
        return false;
    if (!prefixed)
        return p->has_prefixed_default;
    if (!p->has_prefixed_default)
        for (caws_section *s = p->newest; s != NULL; s = (caws_section *)s->next)
            if (s->kind == CAWS_SECTION_PROFILE && strcmp(s->name, "default") == 0)
                s->discarded = true;
    p->has_prefixed_default = true;
    return false;
}

static caws_status parse_head(parser *p, char *text)
{
    p->in_section = true;
    p->in_property = false;
    p->section = NULL;
    char *end = text + strcspn(text, "#;");
    trim_end(text, end);
    end = text + strlen(text);
    if (end[-1] != ']')
        return refuse(p, "section definition must end with ']'");
    char *head = skip_spaces(text + 1);
    trim_end(head, end > head ? end - 1 : head);

    caws_section_kind kind;
    bool prefixed = false;
    char *name = find_name(p, head, &kind, &prefixed);
    if (name == NULL || !is_name(name))
        return note(p, "a section of no kind that is known here, or without a valid name");
    if (gives_way(p, kind, name, prefixed))
        return note(p, "[default] is ignored, for there is [profile default]");
    caws_section *section = caws_arena_alloc(&p->profiles->arena, sizeof(*section));
    if (section == NULL)
        return caws_fail_memory(p->error);
    *section = (caws_section){.next = p->newest, .kind = kind, .name = name};
    p->section = section;
    p->newest = section;
    if (p->oldest == NULL)
        p->oldest = section;
    return CAWS_OK;
}

/* Adds "name = value" to a list; *added stays NULL if the name is none. */
static caws_status add_property(parser *p, char *text, char *equals, bool nested,
                                const caws_property *next, caws_property **added)
{
    trim_end(text, equals);
    if (text[0] == '\0')
        return refuse(p, nested ? "property did not have a name in sub-property"
                                : "property did not have a name");
    if (!is_name(text))
        return note(p, "a property whose name is not valid");
    make_lower_case(text);
    caws_property *property = caws_arena_alloc(&p->profiles->arena, sizeof(*property));
    if (property == NULL)
        return caws_fail_memory(p->error);
    *property = (caws_property){.next = next,
                                .name = text,
                                .value = skip_spaces(equals + 1),
                                .file = p->file->path,
                                .line = p->line};
    *added = property;
    return CAWS_OK;
}

/* "value # comment", but not "value#nocomment". */
static void cut_comment(char *text)
{
    for (char *c = text + 1; *c != '\0'; c++)
        if (is_comment(*c) && is_space(c[-1])) {
            trim_end(text, c);
            return;
        }
}

static caws_status parse_property(parser *p, char *text, size_t indent)
{
    p->property = NULL;
    cut_comment(text);
    char *equals = strchr(text, '=');
    if (equals == NULL)
        return refuse(p, indent > 0 ? "expected a property definition, found continuation"
                                    : "expected an '=' sign defining a property");
    p->in_property = true;
    p->indent = indent;
    caws_status status = add_property(p, text, equals, false, p->section->properties, &p->property);
    if (p->property != NULL) {
        p->section->properties = p->property;
        p->value_end = equals + 1 + strlen(equals + 1);
    }
    return status;
}

/* A property without a value has properties under it; others have more lines of their value, which
 * are moved up behind what is there of it. */
static caws_status continue_property(parser *p, char *text)
{
    caws_property *property = p->property;
    if (property == NULL)
        return CAWS_OK;
    size_t length = strlen(text);
    if (property->value[0] != '\0') {
        *p->value_end++ = '\n';
        memmove(p->value_end, text, length + 1);
        p->value_end += length;
        return CAWS_OK;
    }
    char *equals = strchr(text, '=');
    if (equals == NULL)
        return refuse(p, "expected an '=' sign defining a property in sub-property");
    caws_property *nested = NULL;
    caws_status status = add_property(p, text, equals, true, property->nested, &nested);
    if (nested != NULL)
        property->nested = nested;
    return status;
}

static caws_status parse_line(parser *p, char *line, char *end)
{
    char *text = skip_spaces(line);
    size_t indent = (size_t)(text - line);
    trim_end(text, end > text ? end : text);
    if (text[0] == '\0' || is_comment(text[0]))
        return CAWS_OK;
    if (p->in_property && indent > p->indent)
        return continue_property(p, text);
    if (text[0] == '[')
        return parse_head(p, text);
    if (!p->in_section)
        return refuse(p, "expected a section definition");
    return p->section != NULL ? parse_property(p, text, indent) : CAWS_OK;
}

caws_status caws_profile_parse(caws_profiles *profiles, const caws_profile_file *file, char *text,
                               size_t length, caws_error *error)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    parser p = {.profiles = profiles, .file = file, .error = error};
    char *last = text + length;
    if (strncmp(text, byte_order_mark, 3) == 0)
        text += 3;
    caws_status status = CAWS_OK;
    while (status == CAWS_OK && text < last) {
        p.line++;
        char *end = memchr(text, '\n', (size_t)(last - text));
        if (end == NULL)
            end = last;
        if (memchr(text, '\0', (size_t)(end - text)) != NULL)
            return refuse(&p, "a NUL byte: the file is no UTF-8 text");
        *end = '\0';
        status = parse_line(&p, text, end);
        text = end + 1;
    }
    if (p.oldest != NULL) {
        p.oldest->next = profiles->sections;
        profiles->sections = p.newest;
    }
    return status;
}
