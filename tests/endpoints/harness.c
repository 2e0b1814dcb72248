/* Generated code without a client: every call ends when its endpoint is found. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buffer.h"
#include "endpoint.h"
#include "endpoint_context.h"
#include "endpoint_rules.h"
#include "protocol.h"

enum { MAX_ITEMS = 16, MAX_HEADERS = 16 };

struct question {
    caws_settings settings;
    caws_endpoint_query query;
    caws_rule_value values[CAWS_RULES_MAX_VALUES]; /* by parameter */
    caws_rule_value items[CAWS_RULES_MAX_VALUES][MAX_ITEMS];
    caws_arena arena;
    caws_error error;
    caws_endpoint endpoint;
    const char *url;
};

const caws_protocol caws_protocol_json = {.encode_request = NULL};

question *question_new(void)
{
    return calloc(1, sizeof(question));
}

void question_free(question *q)
{
    caws_arena_clear(&q->arena);
    caws_error_clear(&q->error);
    free(q);
}

static void forget(question *q)
{
    caws_arena_clear(&q->arena);
    caws_error_clear(&q->error);
    memset(&q->endpoint, 0, sizeof(q->endpoint));
    q->url = NULL;
}

bool question_set_text(question *q, const char *builtin, const char *text)
{
    if (strcmp(builtin, "AWS::Region") == 0)
        q->settings.region = text;
    else if (strcmp(builtin, "SDK::Endpoint") == 0)
        q->settings.endpoint_url = text;
    else if (strcmp(builtin, "AWS::Auth::AccountId") == 0)
        q->query.account_id = text;
    else if (strcmp(builtin, "AWS::Auth::AccountIdEndpointMode") == 0)
        q->settings.account_id_endpoint_mode = text;
    else
        return false;
    return true;
}

bool question_set_flag(question *q, const char *builtin, bool flag)
{
    if (strcmp(builtin, "AWS::UseFIPS") == 0)
        q->settings.use_fips_endpoint = flag;
    else if (strcmp(builtin, "AWS::UseDualStack") == 0)
        q->settings.use_dualstack_endpoint = flag;
    else
        return false;
    return true;
}

static int index_of(const caws_endpoint_rules *rules, const char *name)
{
    for (int i = 0; i < rules->parameter_count; i++)
        if (strcmp(rules->text + rules->parameters[i].name, name) == 0)
            return i;
    return -1;
}

static bool set(question *q, const caws_endpoint_rules *rules, const char *name,
                caws_rule_value value)
{
    int i = index_of(rules, name);
    if (i >= 0)
        q->values[i] = value;
    return i >= 0;
}

bool rules_set_text(question *q, const caws_endpoint_rules *rules, const char *name,
                    const char *text)
{
    return set(q, rules, name, caws_rule_text(text));
}

bool rules_set_flag(question *q, const caws_endpoint_rules *rules, const char *name, bool flag)
{
    return set(q, rules, name, caws_rule_boolean(flag));
}

bool rules_set_array(question *q, const caws_endpoint_rules *rules, const char *name)
{
    int i = index_of(rules, name);
    if (i >= 0)
        q->values[i] = (caws_rule_value){.items = q->items[i], .kind = CAWS_VALUE_ARRAY};
    return i >= 0;
}

bool rules_add_text(question *q, const caws_endpoint_rules *rules, const char *name,
                    const char *text)
{
    int i = index_of(rules, name);
    if (i < 0 || q->values[i].count == MAX_ITEMS)
        return false;
    q->items[i][q->values[i].count] = caws_rule_text(text);
    q->values[i].count++;
    return true;
}

static const char *failure(const question *q)
{
    return q->error.status != CAWS_OK ? q->error.message : NULL;
}

const char *rules_evaluate(question *q, const caws_endpoint_rules *rules)
{
    caws_rule_value values[CAWS_RULES_MAX_VALUES];
    forget(q);
    memcpy(values, q->values, sizeof(values));
    (void)caws_rules_evaluate(rules, values, &q->arena, &q->url, &q->endpoint, &q->error);
    return failure(q);
}

static void find(question *q, const caws_service *service)
{
    forget(q);
    caws_endpoint found;
    if (caws_endpoint_find(&q->settings, service, &q->query, &q->arena, &found, &q->error) !=
        CAWS_OK)
        return;
    caws_buffer url = CAWS_BUFFER_INIT;
    caws_buffer_append_format(&url, "%s://%s%s", found.scheme, found.host, found.path);
    q->url = url.data != NULL ? caws_arena_copy(&q->arena, url.data, url.length) : NULL;
    caws_buffer_clear(&url);
    if (!caws_endpoint_copy(&q->arena, &found, &q->endpoint))
        abort();
}

/* Parameters that the operation would give come from q->values. */
static bool fill_from_question(const caws_operation *operation, const void *input,
                               caws_arena *arena, caws_rule_value *values)
{
    (void)arena;
    const caws_endpoint_rules *rules = operation->service->endpoint_rules;
    const question *q = input;
    for (int i = 0; i < rules->parameter_count; i++)
        if (rules->parameters[i].source == CAWS_RULE_CONTEXT)
            values[i] = q->values[i];
    return true;
}

static const caws_context_reader from_question = {fill_from_question};
static const caws_context question_context = {.reader = &from_question};

const char *endpoint_find(question *q, const caws_endpoint_rules *rules)
{
    const caws_service service = {
        .service_id = "Test", .endpoint_prefix = "test", .endpoint_rules = rules};
    const caws_operation operation = {.service = &service, .context = &question_context};
    q->query.operation = &operation;
    q->query.input = q;
    find(q, &service);
    q->query.operation = NULL;
    return failure(q);
}

double endpoint_time(question *q, const caws_endpoint_rules *rules, int count)
{
    const caws_service service = {
        .service_id = "Test", .endpoint_prefix = "test", .endpoint_rules = rules};
    const caws_operation operation = {.service = &service, .context = &question_context};
    caws_endpoint_query query = q->query;
    query.operation = &operation;
    query.input = q;
    struct timespec began;
    struct timespec ended;
    clock_gettime(CLOCK_MONOTONIC, &began);
    for (int i = 0; i < count; i++) {
        caws_endpoint found;
        caws_error error = CAWS_ERROR_INIT;
        caws_arena arena = CAWS_ARENA_INIT;
        if (caws_endpoint_find(&q->settings, &service, &query, &arena, &found, &error) != CAWS_OK)
            abort();
        caws_arena_clear(&arena);
    }
    clock_gettime(CLOCK_MONOTONIC, &ended);
    return ((double)(ended.tv_sec - began.tv_sec) * 1e9 + (double)(ended.tv_nsec - began.tv_nsec)) /
           count;
}

const char *found_url(const question *q)
{
    return q->url;
}

const char *found_signing_name(const question *q)
{
    return q->endpoint.signing_name;
}

const char *found_signing_region(const question *q)
{
    return q->endpoint.signing_region;
}

const char *found_unsupported_auth(const question *q)
{
    return q->endpoint.unsupported_auth;
}

/* The list has the last first. */
const char *found_header(const question *q, int index)
{
    const char *texts[2 * MAX_HEADERS];
    int count = 0;
    for (const caws_endpoint_header *h = q->endpoint.headers; h != NULL; h = h->next)
        count += 2;
    int place = count;
    for (const caws_endpoint_header *h = q->endpoint.headers; h != NULL; h = h->next) {
        place -= 2;
        if (place < 2 * MAX_HEADERS) {
            texts[place] = h->name;
            texts[place + 1] = h->value;
        }
    }
    return index < count && index < 2 * MAX_HEADERS ? texts[index] : NULL;
}

const char *found_error(const question *q)
{
    return failure(q);
}

/* What generated functions call. */

static caws_status find_for(caws_client *client, const caws_operation *operation, const void *input)
{
    question *q = (question *)client;
    q->query.operation = operation;
    q->query.input = input;
    find(q, operation->service);
    q->query.operation = NULL;
    q->query.input = NULL;
    return q->error.status;
}

caws_status caws_call(caws_client *client, const caws_operation *operation, const void *input,
                      void *output, caws_error *error)
{
    (void)output;
    (void)error;
    return find_for(client, operation, input);
}

caws_status caws_call_stream(caws_client *client, const caws_stream *stream, const void *input,
                             const void *handler, caws_error *error)
{
    (void)handler;
    (void)error;
    return find_for(client, stream->operation, input);
}

caws_status caws_wait(caws_client *client, const caws_waiter *waiter, const void *input,
                      const caws_wait_options *options, void *output, caws_error *error)
{
    (void)options;
    (void)output;
    (void)error;
    return find_for(client, waiter->operation, input);
}

caws_paginator *caws_paginate(caws_client *client, const caws_pagination *pagination,
                              const void *input, caws_error *error)
{
    (void)error;
    (void)find_for(client, pagination->operation, input);
    return NULL;
}

bool caws_paginate_next(caws_paginator *paginator, const caws_pagination *pagination, void *page,
                        caws_error *error)
{
    (void)paginator;
    (void)pagination;
    (void)page;
    (void)error;
    return false;
}
