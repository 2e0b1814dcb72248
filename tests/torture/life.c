#include "life.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void life_note(life *l, const char *what, const caws_error *error, const char *text)
{
    if (l->step_count == LIFE_STEPS)
        abort();
    char *step = l->steps[l->step_count++];
    if (error->status == CAWS_OK) {
        snprintf(step, LIFE_TEXT, "%s: OK %s", what, text != NULL ? text : "-");
        return;
    }
    const char *path = error->violation_count > 0 ? error->violations[0].text : "";
    snprintf(step, LIFE_TEXT, "%s: %s %s %d %s %s %s", what, caws_status_string(error->status),
             error->code, error->exception, error->message, path, text != NULL ? text : "");
}

const caws_logs_create_export_task_input life_export_input = {
    .log_group_name = "my-log-group",
    .from = {true, 1441490400000},
    .to = {true, 1441494000000},
    .destination = "my-exported-logs",
};

static void call_with(life *l, const char *what, const caws_call_options *options)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_logs_create_export_task_output *out = NULL;
    (void)caws_call_with(l->client, &caws_operation_logs_create_export_task, &life_export_input,
                         options, (void *)&out, &error);
    life_note(l, what, &error, out != NULL ? out->task_id : NULL);
    caws_output_free(out);
    caws_error_clear(&error);
}

void life_call(life *l)
{
    call_with(l, "call", NULL);
}

void life_call_at(life *l, const char *name)
{
    char form[64];
    char url[256];
    snprintf(form, sizeof(form), "http://%%P/%s/%%R", name);
    scenarios_fill(url, sizeof(url), form, l->run);
    call_with(l, name, &(caws_call_options){.endpoint_url = url});
}

void life_call_with_everything(life *l)
{
    static const caws_call_header headers[] = {{"X-Tag", "one"}, {"X-Other", "two"}};
    caws_call_info info;
    life_call(l);
    call_with(l, "headers",
              &(caws_call_options){.headers = headers,
                                   .header_count = 2,
                                   .info = &info,
                                   .deadline_ms = 60000,
                                   .max_attempts = 2});
    call_with(l, "bad header",
              &(caws_call_options){.headers = &(caws_call_header){"Host", "x"}, .header_count = 1});
}

void life_retries(life *l)
{
    life_call_at(l, "retry");
    life_call_at(l, "drop");
}

void life_exceptions(life *l)
{
    life_call_at(l, "limit");
    life_call_at(l, "xml");
    life_call_at(l, "typed");
    caws_error error = CAWS_ERROR_INIT;
    char url[256];
    scenarios_fill(url, sizeof(url), "http://%P/accepted/%R", l->run);
    const caws_logs_input_log_event event = {.timestamp = caws_i64(1), .message = "m"};
    const caws_logs_put_log_events_input input = {
        .log_group_name = "g", .log_stream_name = "s", .log_events = {&event, 1}};
    (void)caws_call_with(l->client, &caws_operation_logs_put_log_events, &input,
                         &(caws_call_options){.endpoint_url = url}, NULL, &error);
    const caws_logs_data_already_accepted_exception *detail =
        caws_logs_data_already_accepted_exception_from_error(&error);
    bool whole = detail != NULL && strlen(detail->expected_sequence_token) == 1606;
    life_note(l, "accepted", &error, whole ? "with its token" : "");
    caws_error_clear(&error);
}

void life_malformed_answers(life *l)
{
    life_call_at(l, "html");
    life_call_at(l, "no-json");
    life_call_at(l, "wrong-type");
}

void life_pages(life *l)
{
    caws_error error = CAWS_ERROR_INIT;
    const caws_logs_describe_export_tasks_input input = {.limit = caws_i32(1)};
    const caws_logs_describe_export_tasks_output *page = NULL;
    char text[64] = "";
    caws_paginator *paginator = caws_logs_paginate_describe_export_tasks(l->client, &input, &error);
    while (caws_logs_paginate_describe_export_tasks_next(paginator, &page, &error)) {
        size_t length = strlen(text);
        const caws_logs_export_task *task = &page->export_tasks.items[0];
        snprintf(text + length, sizeof(text) - length, "%s %" PRId64 ",", task->task_id,
                 task->from.value % 1000);
    }
    life_note(l, "pages", &error, error.status == CAWS_OK ? text : "");
    caws_paginator_free(paginator);
    caws_error_clear(&error);
}

static bool on_start(void *context, const caws_logs_live_tail_session_start *event)
{
    snprintf(context, LIFE_TEXT, "%s", event->session_id);
    return true;
}

static bool on_update(void *context, const caws_logs_live_tail_session_update *event)
{
    char *text = context;
    for (size_t i = 0; i < event->session_results.count; i++) {
        size_t length = strlen(text);
        snprintf(text + length, LIFE_TEXT - length, " %s", event->session_results.items[i].message);
    }
    return true;
}

static const char *const groups[] = {"arn:aws:logs:us-east-1:123456789012:log-group:g"};
const caws_logs_start_live_tail_input life_tail_input = {.log_group_identifiers = {groups, 1}};

caws_logs_start_live_tail_handler life_tail_handler(char *text)
{
    return (caws_logs_start_live_tail_handler){
        .context = text, .session_start = on_start, .session_update = on_update};
}

void life_tail(life *l)
{
    char text[LIFE_TEXT] = "";
    caws_error error = CAWS_ERROR_INIT;
    const caws_logs_start_live_tail_handler handler = life_tail_handler(text);
    (void)caws_logs_start_live_tail(l->client, &life_tail_input, &handler, &error);
    life_note(l, "tail", &error, error.status == CAWS_ERROR_MEMORY ? "" : text);
    caws_error_clear(&error);
}

static bool on_fields(void *context, const caws_logs_fields_data *event)
{
    char *text = context;
    size_t length = strlen(text);
    snprintf(text + length, LIFE_TEXT - length, "%.*s", (int)event->data.length,
             (const char *)event->data.data);
    return true;
}

void life_object(life *l)
{
    char text[LIFE_TEXT] = "";
    caws_error error = CAWS_ERROR_INIT;
    const caws_logs_get_log_object_input input = {.log_object_pointer = "pointer"};
    const caws_logs_get_log_object_handler handler = {.context = text, .fields = on_fields};
    (void)caws_logs_get_log_object(l->client, &input, &handler, &error);
    life_note(l, "object", &error, error.status == CAWS_ERROR_MEMORY ? "" : text);
    caws_error_clear(&error);
}

static bool on_progress(void *context, const caws_wait_progress *progress)
{
    (void)context;
    return progress->polls < 100;
}

void life_wait_for_task(life *l)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_logs_describe_export_tasks_output *out = NULL;
    const caws_logs_describe_export_tasks_input input = {.task_id = "task-1"};
    const caws_wait_options options = {.delay_ms = 1, .progress = on_progress};
    (void)caws_logs_wait_export_task_completed(l->client, &input, &options, &out, &error);
    life_note(l, "wait", &error, out != NULL ? out->export_tasks.items[0].status->message : NULL);
    caws_output_free(out);
    caws_error_clear(&error);
}

static void put_events(life *l)
{
    static caws_logs_input_log_event events[200];
    caws_error error = CAWS_ERROR_INIT;
    for (size_t i = 0; i < 200; i++)
        events[i] = (caws_logs_input_log_event){
            caws_i64(1441490400000), "a message with \"quotes\" and \xc3\xa4, long enough to grow"};
    const caws_logs_put_log_events_input input = {
        .log_group_name = "g", .log_stream_name = "s", .log_events = {events, 200}};
    caws_logs_put_log_events_output *out = NULL;
    (void)caws_logs_put_log_events(l->client, &input, &out, &error);
    life_note(l, "put", &error, NULL);
    caws_output_free(out);
    caws_error_clear(&error);
}

void life_get_events(life *l)
{
    char text[64] = "";
    caws_error error = CAWS_ERROR_INIT;
    const caws_logs_get_log_events_input input = {.log_group_name = "g", .log_stream_name = "s"};
    caws_logs_get_log_events_output *out = NULL;
    (void)caws_logs_get_log_events(l->client, &input, &out, &error);
    if (out != NULL)
        snprintf(text, sizeof(text), "%zu %.9s", out->events.count, out->events.items[119].message);
    life_note(l, "get", &error, text);
    caws_output_free(out);
    caws_error_clear(&error);
}

void life_invalid_input(life *l)
{
    caws_error error = CAWS_ERROR_INIT;
    const caws_logs_create_export_task_input input = {.log_group_name = "not a name",
                                                      .from = caws_i64(-1)};
    caws_logs_create_export_task_output *out = NULL;
    (void)caws_logs_create_export_task(l->client, &input, &out, &error);
    life_note(l, "invalid", &error, NULL);
    caws_error_clear(&error);
}

/* Each sum has only what its order does not change. */
static void add_setting(void *context, const char *name, const char *value, const char *source)
{
    unsigned *sum = context;
    if (strstr(name, "key") != NULL || strcmp(name, "session_token") == 0 ||
        strcmp(name, "account_id") == 0)
        return; /* known after a call that went well */
    *sum += (unsigned)(strlen(name) + strlen(source)) + (unsigned char)value[0];
}

static void describe(life *l)
{
    unsigned sum = 0;
    char text[32];
    const caws_error none = CAWS_ERROR_INIT;
    caws_client_describe(l->client, add_setting, &sum);
    snprintf(text, sizeof(text), "%u", sum);
    life_note(l, "describe", &none, text);
}

void life_call_and_describe(life *l)
{
    life_call(l);
    describe(l);
    put_events(l);
}
