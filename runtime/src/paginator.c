#include <caws/paginator.h>

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include <caws/schema.h>

#include "call.h"
#include "equal.h"
#include "fail.h"
#include "value.h"

struct caws_paginator {
    caws_client *client;
    const caws_pagination *pagination;
    void *page; /* the last one; NULL: none yet, or no more. The tokens in input belong to it */
    caws_call_options options;                  /* of every call */
    bool finished;                              /* there is no page after */
    alignas(max_align_t) unsigned char input[]; /* the caller's struct, but with the tokens of the
                                                   page to be asked for */
};

/* A member's place in a structure; structure NULL: something on the way there is absent. */
typedef struct place {
    const caws_member *member;
    const void *structure;
} place;

static place follow(const caws_path *path, const caws_type *type, const void *structure)
{
    for (uint16_t i = 0;; i++) {
        const caws_member *member = &type->members[path->steps[i]];
        if (i + 1 == path->step_count || structure == NULL)
            return (place){member, structure};
        structure = caws_member_value(member, structure);
        type = member->type;
    }
}

/* The value as caws_member_value gives it; what is empty or 0 is no token. */
static const void *token_value(const place *token)
{
    if (token->structure == NULL)
        return NULL;
    const void *value = caws_member_value(token->member, token->structure);
    if (value == NULL)
        return NULL;
    switch ((caws_kind)token->member->type->kind) {
    case CAWS_KIND_STRING:
        return caws_load_string(value)[0] != '\0' ? value : NULL;
    case CAWS_KIND_INTEGER:
        return *(const int32_t *)value != 0 ? value : NULL;
    case CAWS_KIND_LONG:
        return *(const int64_t *)value != 0 ? value : NULL;
    case CAWS_KIND_MAP:
        return caws_load_list(value).count != 0 ? value : NULL;
    default: /* the generator makes tokens of the kinds above only */
        return NULL;
    }
}

/* Of a member that is a token. All bits zero is absent. */
static size_t field_size(const caws_type *type)
{
    switch ((caws_kind)type->kind) {
    case CAWS_KIND_INTEGER:
        return sizeof(caws_opt_i32);
    case CAWS_KIND_LONG:
        return sizeof(caws_opt_i64);
    case CAWS_KIND_MAP:
        return sizeof(caws_any_list);
    default:
        return sizeof(const char *);
    }
}

static const caws_member *input_member(const caws_paginator *paginator,
                                       const caws_page_token *token)
{
    return &paginator->pagination->operation->input->members[token->input];
}

static place output_place(const caws_paginator *paginator, const caws_page_token *token,
                          const void *page)
{
    return follow(&token->output, paginator->pagination->operation->output, page);
}

/* Whether a page brings tokens, and others than it was asked with. */
static bool has_new_tokens(const caws_paginator *paginator, const void *page)
{
    bool some = false;
    bool all_sent = true;
    for (uint16_t i = 0; i < paginator->pagination->token_count; i++) {
        const caws_page_token *token = &paginator->pagination->tokens[i];
        const place from = output_place(paginator, token, page);
        const void *value = token_value(&from);
        const void *sent = caws_member_value(input_member(paginator, token), paginator->input);
        some = some || value != NULL;
        all_sent = all_sent && (value != NULL) == (sent != NULL) &&
                   (value == NULL || caws_values_equal(from.member->type, value, sent));
    }
    return some && !all_sent;
}

static void set_tokens(caws_paginator *paginator, const void *page)
{
    for (uint16_t i = 0; i < paginator->pagination->token_count; i++) {
        const caws_page_token *token = &paginator->pagination->tokens[i];
        const caws_member *to = input_member(paginator, token);
        const place from = output_place(paginator, token, page);
        size_t size = field_size(to->type);
        if (token_value(&from) != NULL)
            memcpy(paginator->input + to->offset, caws_at(from.structure, from.member->offset),
                   size);
        else
            memset(paginator->input + to->offset, 0, size);
    }
}

static bool has_more_results(const caws_paginator *paginator, const void *page)
{
    const caws_path *path = &paginator->pagination->more_results;
    if (path->step_count == 0)
        return true;
    const place more = follow(path, paginator->pagination->operation->output, page);
    const bool *value =
        more.structure != NULL ? caws_member_value(more.member, more.structure) : NULL;
    return value != NULL && *value;
}

/* The page before is freed after its tokens were compared and replaced. */
static void take_page(caws_paginator *paginator, void *page)
{
    paginator->finished = !has_more_results(paginator, page) || !has_new_tokens(paginator, page);
    set_tokens(paginator, page);
    caws_output_free(paginator->page);
    paginator->page = page;
}

caws_paginator *caws_paginate(caws_client *client, const caws_pagination *pagination,
                              const void *input, caws_error *error)
{
    size_t size = pagination->operation->input->size;
    if (client == NULL) {
        if (error != NULL)
            (void)caws_fail_no_client(error);
        return NULL;
    }
    caws_error_clear(error);
    caws_paginator *paginator = calloc(1, sizeof(*paginator) + size);
    if (paginator == NULL) {
        if (error != NULL)
            (void)caws_fail_memory(error);
        return NULL;
    }
    paginator->client = client;
    paginator->pagination = pagination;
    if (input != NULL)
        memcpy(paginator->input, input, size);
    return paginator;
}

/* The page, or NULL at the end and on failure. */
static const void *next_page(caws_paginator *paginator, const caws_pagination *pagination,
                             caws_error *error)
{
    if (paginator->pagination != pagination) {
        (void)caws_fail(error, CAWS_ERROR_INVALID_INPUT,
                        "a page of %s was asked of a paginator of %s", pagination->operation->name,
                        paginator->pagination->operation->name);
        return NULL;
    }
    if (paginator->finished) {
        caws_output_free(paginator->page);
        paginator->page = NULL;
        return NULL;
    }
    void *page = NULL;
    if (caws_call_once(paginator->client, pagination->operation, paginator->input,
                       &paginator->options, &page, error) != CAWS_OK)
        return NULL;
    take_page(paginator, page);
    return page;
}

bool caws_paginate_next(caws_paginator *paginator, const caws_pagination *pagination, void *page,
                        caws_error *error)
{
    caws_error own_error = CAWS_ERROR_INIT;
    caws_error *e = error != NULL ? error : &own_error;
    const void *next = NULL;
    if (paginator != NULL) { /* else error tells why there is none */
        caws_error_clear(e);
        next = next_page(paginator, pagination, e);
    }
    if (page != NULL) /* a typed pointer of the caller's: all pointers to structs look alike */
        memcpy(page, &next, sizeof(next));
    caws_error_clear(&own_error);
    return next != NULL;
}

const char *caws_paginator_token(const caws_paginator *paginator)
{
    if (paginator == NULL || paginator->finished || paginator->pagination->token_count != 1)
        return NULL;
    const caws_member *member = input_member(paginator, &paginator->pagination->tokens[0]);
    if (member->type->kind != CAWS_KIND_STRING)
        return NULL;
    return caws_load_string(paginator->input + member->offset);
}

void caws_paginator_set_options(caws_paginator *paginator, const caws_call_options *options)
{
    static const caws_call_options none = {0};
    if (paginator != NULL)
        paginator->options = options != NULL ? *options : none;
}

void caws_paginator_free(caws_paginator *paginator)
{
    if (paginator == NULL)
        return;
    caws_output_free(paginator->page);
    free(paginator);
}
