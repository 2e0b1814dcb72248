#include "host_prefix.h"

#include <string.h>

#include "buffer.h"
#include "fail.h"
#include "text.h"
#include "value.h"

bool caws_host_takes_prefix(const char *host)
{
    size_t length = strcspn(host, ":");
    if (host[0] == '[' || memchr(host, '.', length) == NULL)
        return false;
    return strspn(host, "0123456789.") < length; /* no top-level domain is a number */
}

/* The value of the input's member with this name; NULL if it is absent. */
static const char *find_label(const caws_type *type, const void *input, const char *name,
                              size_t length)
{
    for (uint16_t i = 0; type != NULL && input != NULL && i < type->member_count; i++) {
        const caws_member *member = &type->members[i];
        if ((member->flags & CAWS_MEMBER_HOST_LABEL) == 0 || strlen(member->name) != length ||
            memcmp(member->name, name, length) != 0)
            continue;
        const void *value = caws_member_value(member, input);
        return value != NULL ? caws_load_string(value) : NULL;
    }
    return NULL;
}

/* The value stays out of it: it may be sensitive. */
static caws_status fail_label(const char *name, int length, bool absent, caws_error *error)
{
    caws_status status =
        absent
            ? caws_fail(error, CAWS_ERROR_INVALID_INPUT, "%.*s: required", length, name)
            : caws_fail(error, CAWS_ERROR_INVALID_INPUT,
                        "%.*s: no host label, which is 1 to 63 letters, digits and inner hyphens",
                        length, name);
    caws_arena *arena = caws_error_arena(error);
    caws_violation *violation = arena != NULL ? caws_arena_alloc(arena, sizeof(*violation)) : NULL;
    char *path = arena != NULL ? caws_arena_copy(arena, name, (size_t)length) : NULL;
    if (status == CAWS_ERROR_MEMORY || violation == NULL || path == NULL)
        return caws_fail_memory(error);
    *violation = (caws_violation){
        path, error->message, absent ? CAWS_CONSTRAINT_REQUIRED : CAWS_CONSTRAINT_PATTERN, 0, 0};
    error->violations = violation;
    error->violation_count = 1;
    return status;
}

static caws_status expand(const caws_operation *operation, const void *input, caws_buffer *text,
                          caws_error *error)
{
    const char *rest = operation->context->host_prefix;
    while (*rest != '\0') {
        size_t literal = strcspn(rest, "{");
        caws_buffer_append(text, rest, literal);
        rest += literal;
        if (*rest == '\0')
            break;
        rest++;
        size_t length = strcspn(rest, "}");
        const char *label = find_label(operation->input, input, rest, length);
        if (label == NULL || !caws_text_is_host_label(label))
            return fail_label(rest, (int)length, label == NULL, error);
        caws_buffer_append_string(text, label);
        rest += rest[length] == '}' ? length + 1 : length;
    }
    return CAWS_OK;
}

caws_status caws_host_prefix(const caws_operation *operation, const void *input, const char *host,
                             caws_arena *arena, const char **prefixed, caws_error *error)
{
    caws_buffer text = CAWS_BUFFER_INIT;
    caws_status status = expand(operation, input, &text, error);
    if (status == CAWS_OK) {
        caws_buffer_append_string(&text, host);
        *prefixed = caws_buffer_ok(&text) ? caws_arena_copy(arena, text.data, text.length) : NULL;
        if (*prefixed == NULL)
            status = caws_fail_memory(error);
    }
    caws_buffer_clear(&text);
    return status;
}
