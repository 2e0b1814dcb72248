#include "scenarios.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <caws/logs.h>
#include <caws/loop.h>

surroundings around;

/* --- steps --- */

static void note(life *l, const char *what, const caws_error *error, const char *text)
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

static const caws_logs_create_export_task_input export_input = {
    .log_group_name = "my-log-group",
    .from = {true, 1441490400000},
    .to = {true, 1441494000000},
    .destination = "my-exported-logs",
};

static void call_with(life *l, const char *what, const caws_call_options *options)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_logs_create_export_task_output *out = NULL;
    (void)caws_call_with(l->client, &caws_operation_logs_create_export_task, &export_input, options,
                         (void *)&out, &error);
    note(l, what, &error, out != NULL ? out->task_id : NULL);
    caws_output_free(out);
    caws_error_clear(&error);
}

static void call(life *l)
{
    call_with(l, "call", NULL);
}

static void call_at(life *l, const char *name)
{
    char form[64];
    char url[256];
    snprintf(form, sizeof(form), "http://%%P/%s/%%R", name);
    scenarios_fill(url, sizeof(url), form, l->run);
    call_with(l, name, &(caws_call_options){.endpoint_url = url});
}

bool scenario_call_well(caws_client *client, char *text, size_t size)
{
    life l = {.client = client};
    call_at(&l, "ok");
    snprintf(text, size, "%s", l.steps[0]);
    return strcmp(text, "ok: OK task-1") == 0;
}

/* --- bodies --- */

static void call_with_everything(life *l)
{
    static const caws_call_header headers[] = {{"X-Tag", "one"}, {"X-Other", "two"}};
    caws_call_info info;
    call(l);
    call_with(l, "headers",
              &(caws_call_options){.headers = headers,
                                   .header_count = 2,
                                   .info = &info,
                                   .deadline_ms = 60000,
                                   .max_attempts = 2});
    call_with(l, "bad header",
              &(caws_call_options){.headers = &(caws_call_header){"Host", "x"}, .header_count = 1});
}

static void retries(life *l)
{
    call_at(l, "retry");
    call_at(l, "drop");
}

static void exceptions(life *l)
{
    call_at(l, "limit");
    call_at(l, "xml");
    call_at(l, "typed");
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
    note(l, "accepted", &error, whole ? "with its token" : "");
    caws_error_clear(&error);
}

static void malformed_answers(life *l)
{
    call_at(l, "html");
    call_at(l, "no-json");
    call_at(l, "wrong-type");
}

static void pages(life *l)
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
    note(l, "pages", &error, error.status == CAWS_OK ? text : "");
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

static void tail(life *l)
{
    char text[LIFE_TEXT] = "";
    caws_error error = CAWS_ERROR_INIT;
    static const char *const groups[] = {"arn:aws:logs:us-east-1:123456789012:log-group:g"};
    const caws_logs_start_live_tail_input input = {.log_group_identifiers = {groups, 1}};
    const caws_logs_start_live_tail_handler handler = {
        .context = text, .session_start = on_start, .session_update = on_update};
    (void)caws_logs_start_live_tail(l->client, &input, &handler, &error);
    note(l, "tail", &error, error.status == CAWS_ERROR_MEMORY ? "" : text);
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

static void object(life *l)
{
    char text[LIFE_TEXT] = "";
    caws_error error = CAWS_ERROR_INIT;
    const caws_logs_get_log_object_input input = {.log_object_pointer = "pointer"};
    const caws_logs_get_log_object_handler handler = {.context = text, .fields = on_fields};
    (void)caws_logs_get_log_object(l->client, &input, &handler, &error);
    note(l, "object", &error, error.status == CAWS_ERROR_MEMORY ? "" : text);
    caws_error_clear(&error);
}

static bool on_progress(void *context, const caws_wait_progress *progress)
{
    (void)context;
    return progress->polls < 100;
}

static void wait_for_task(life *l)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_logs_describe_export_tasks_output *out = NULL;
    const caws_logs_describe_export_tasks_input input = {.task_id = "task-1"};
    const caws_wait_options options = {.delay_ms = 1, .progress = on_progress};
    (void)caws_logs_wait_export_task_completed(l->client, &input, &options, &out, &error);
    note(l, "wait", &error, out != NULL ? out->export_tasks.items[0].status->message : NULL);
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
    note(l, "put", &error, NULL);
    caws_output_free(out);
    caws_error_clear(&error);
}

static void get_events(life *l)
{
    char text[64] = "";
    caws_error error = CAWS_ERROR_INIT;
    const caws_logs_get_log_events_input input = {.log_group_name = "g", .log_stream_name = "s"};
    caws_logs_get_log_events_output *out = NULL;
    (void)caws_logs_get_log_events(l->client, &input, &out, &error);
    if (out != NULL)
        snprintf(text, sizeof(text), "%zu %.9s", out->events.count, out->events.items[119].message);
    note(l, "get", &error, text);
    caws_output_free(out);
    caws_error_clear(&error);
}

static void invalid_input(life *l)
{
    caws_error error = CAWS_ERROR_INIT;
    const caws_logs_create_export_task_input input = {.log_group_name = "not a name",
                                                      .from = caws_i64(-1)};
    caws_logs_create_export_task_output *out = NULL;
    (void)caws_logs_create_export_task(l->client, &input, &out, &error);
    note(l, "invalid", &error, NULL);
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
    note(l, "describe", &none, text);
}

static void call_and_describe(life *l)
{
    call(l);
    describe(l);
    put_events(l);
}

/* --- loops --- */

enum { CALLS = 3, WATCHED = 64 };

/* Three calls, in steps of their own. */
typedef struct flown {
    life *life;
    const char *server; /* "http://%P", "https://%T" */
    const char *name;
    bool ended;
} flown;

static void note_end(void *context, void *output, const caws_error *error)
{
    flown *f = context;
    caws_logs_create_export_task_output *out = output;
    f->ended = true;
    note(f->life, f->name, error, out != NULL ? out->task_id : NULL);
    caws_output_free(out);
}

static caws_pending *start(caws_loop *loop, flown *f)
{
    char form[64];
    char url[256];
    caws_error error = CAWS_ERROR_INIT;
    snprintf(form, sizeof(form), "%s/%s/%%R", f->server, f->name);
    scenarios_fill(url, sizeof(url), form, f->life->run);
    caws_pending *pending =
        caws_loop_start(loop, &caws_operation_logs_create_export_task, &export_input,
                        &(caws_call_options){.endpoint_url = url}, note_end, f, &error);
    if (pending == NULL)
        note(f->life, f->name, &error, NULL);
    f->ended = pending == NULL;
    caws_error_clear(&error);
    return pending;
}

static bool have_ended(const flown *calls)
{
    return calls[0].ended && calls[1].ended && calls[2].ended;
}

static const char plain[] = "http://%P";

/* first_to: the server of the first call; the others' is the plain one, TLS takes time. */
static void fly(life *l, const char *first_to, const caws_loop_options *options,
                void (*drive)(caws_loop *, flown *))
{
    flown calls[CALLS] = {
        {l, first_to, "ok", false}, {l, plain, "retry", false}, {l, plain, "limit", false}};
    flown cancelled = {l, plain, "cancelled", false};
    flown given_up = {l, first_to, "given-up", false};
    caws_error error = CAWS_ERROR_INIT;
    caws_loop *loop = caws_loop_new(l->client, options, &error);
    if (loop == NULL) {
        note(l, "loop", &error, NULL);
        caws_error_clear(&error);
        return;
    }
    for (int i = 0; i < CALLS; i++)
        (void)start(loop, &calls[i]);
    caws_loop_cancel(start(loop, &cancelled));
    drive(loop, calls);
    (void)start(loop, &given_up);
    caws_loop_free(loop);
}

static void drive_itself(caws_loop *loop, flown *calls)
{
    for (int i = 0; i < 1000 && !have_ended(calls); i++)
        (void)caws_loop_run(loop, 100);
}

static void loop(life *l)
{
    fly(l, plain, NULL, drive_itself);
}

static void loop_over_tls(life *l)
{
    fly(l, "https://%T", NULL, drive_itself);
}

/* What a stream in a loop has told. */
typedef struct tailed {
    char text[LIFE_TEXT];
    life *life;
    bool ended;
} tailed;

static void note_tail(void *context, void *output, const caws_error *error)
{
    tailed *t = context;
    (void)output;
    t->ended = true;
    note(t->life, "tail", error, error->status == CAWS_ERROR_MEMORY ? "" : t->text);
}

static void tail_in_loop(life *l)
{
    tailed t = {.life = l};
    caws_error error = CAWS_ERROR_INIT;
    static const char *const groups[] = {"arn:aws:logs:us-east-1:123456789012:log-group:g"};
    const caws_logs_start_live_tail_input input = {.log_group_identifiers = {groups, 1}};
    const caws_logs_start_live_tail_handler handler = {
        .context = t.text, .session_start = on_start, .session_update = on_update};
    caws_loop *loop = caws_loop_new(l->client, NULL, &error);
    if (loop == NULL || caws_loop_start_stream(loop, &caws_stream_logs_start_live_tail, &input,
                                               &handler, NULL, note_tail, &t, &error) == NULL) {
        note(l, "tail", &error, "");
        t.ended = true;
    }
    for (int i = 0; i < 1000 && !t.ended; i++)
        (void)caws_loop_run(loop, 100);
    caws_loop_free(loop);
    caws_error_clear(&error);
}

static struct pollfd watched[WATCHED];
static nfds_t watched_count;
static int64_t timer_ms;

static void watch(void *context, int socket, int events)
{
    nfds_t i = 0;
    (void)context;
    while (i < watched_count && watched[i].fd != socket)
        i++;
    if (i == watched_count)
        watched[watched_count++].fd = socket;
    watched[i].events = (short)(((events & CAWS_WATCH_IN) != 0 ? POLLIN : 0) |
                                ((events & CAWS_WATCH_OUT) != 0 ? POLLOUT : 0));
    if (events == CAWS_WATCH_NONE)
        watched[i] = watched[--watched_count];
}

static void set_timer(void *context, int64_t timeout_ms)
{
    (void)context;
    timer_ms = timeout_ms;
}

static void drive_by_hand(caws_loop *loop, flown *calls)
{
    for (int i = 0; i < 1000 && !have_ended(calls); i++) {
        struct pollfd now[WATCHED];
        nfds_t count = watched_count;
        int wait_ms = timer_ms < 0 || timer_ms > 20 ? 20 : (int)timer_ms;
        memcpy(now, watched, sizeof(now));
        (void)poll(now, count, wait_ms);
        for (nfds_t n = 0; n < count; n++)
            if (now[n].revents != 0)
                (void)caws_loop_act(
                    loop, now[n].fd,
                    ((now[n].revents & POLLIN) != 0 ? CAWS_WATCH_IN : 0) |
                        ((now[n].revents & POLLOUT) != 0 ? CAWS_WATCH_OUT : 0) |
                        ((now[n].revents & (POLLERR | POLLHUP)) != 0 ? CAWS_WATCH_ERROR : 0));
        (void)caws_loop_act(loop, CAWS_LOOP_TIMER, 0);
    }
}

static void event_loop(life *l)
{
    watched_count = 0;
    timer_ms = -1;
    fly(l, plain, &(caws_loop_options){.watch = watch, .set_timer = set_timer}, drive_by_hand);
}

/* --- options --- */

static void ignore_line(void *context, caws_log_level level, const char *line)
{
    (void)context;
    (void)level;
    (void)line;
}

static void with_log(caws_client_options *o)
{
    o->log = ignore_line;
    o->log_level = CAWS_LOG_DEBUG;
    o->app_id = "torture";
    o->retry_mode = CAWS_RETRY_ADAPTIVE;
}

static const char *file_in_folder(const char *name)
{
    static char path[256];
    snprintf(path, sizeof(path), "%s/%s", around.folder, name);
    return path;
}

static void with_ca(caws_client_options *o)
{
    o->ca_bundle = file_in_folder("ca.pem");
}

/* OpenSSL without memory says at times that it waits for bytes which are there: only the time limit
 * ends that. */
static void with_ca_in_a_hurry(caws_client_options *o)
{
    with_ca(o);
    o->connect_timeout_ms = 1000;
    o->timeout_ms = 1000;
}

static void with_other_ca(caws_client_options *o)
{
    o->ca_bundle = file_in_folder("other-ca.pem");
}

static void with_proxy(caws_client_options *o)
{
    static char url[64];
    scenarios_fill(url, sizeof(url), "http://%P", 0);
    with_ca(o);
    o->proxy = url;
}

static void with_impossible_endpoint(caws_client_options *o)
{
    o->use_fips_endpoint = CAWS_TOGGLE_ON; /* not with an endpoint of one's own */
}

static bool give_credentials(void *context, caws_provided_credentials *provided)
{
    (void)context;
    provided->credentials = (caws_credentials){"AKIDCALLBACK", "secret", "session"};
    return true;
}

static void with_callback(caws_client_options *o)
{
    o->credentials_callback = give_credentials;
}

/* --- environments --- */

#define NO_FILES    "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null"
#define REGION      "AWS_REGION=us-east-1"
#define NO_INSTANCE "AWS_EC2_METADATA_DISABLED=true"
#define KEYS        "AWS_ACCESS_KEY_ID=AKIDTEST", "AWS_SECRET_ACCESS_KEY=secret"

static const char *const by_variables[] = {NO_FILES, REGION, KEYS, NULL};
static const char *const by_files[] = {"AWS_CONFIG_FILE=%F/config",
                                       "AWS_SHARED_CREDENTIALS_FILE=%F/credentials",
                                       "AWS_PROFILE=torture", NO_INSTANCE, NULL};
static const char *const by_bad_file[] = {"AWS_CONFIG_FILE=%F/bad",
                                          "AWS_SHARED_CREDENTIALS_FILE=/dev/null", NULL};
static const char *const by_process[] = {"AWS_CONFIG_FILE=%F/process",
                                         "AWS_SHARED_CREDENTIALS_FILE=/dev/null", REGION,
                                         NO_INSTANCE, NULL};
static const char *const by_container[] = {
    NO_FILES,
    REGION,
    NO_INSTANCE,
    "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://%P/credentials/%R",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=%F/token",
    NULL};
static const char *const by_renewal[] = {
    NO_FILES, REGION, NO_INSTANCE,
    "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://%P/other-credentials/%R", NULL};
static const char *const by_instance[] = {NO_FILES, REGION,
                                          "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://%P",
                                          "AWS_METADATA_SERVICE_TIMEOUT=20", NULL};
static const char *const by_refusal[] = {
    NO_FILES, REGION, NO_INSTANCE, "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://%P/refused/%R", NULL};
static const char *const by_nobody[] = {NO_FILES, REGION, NO_INSTANCE, NULL};

#define OK_URL  "http://%P/ok/%R"
#define TLS_URL "https://%T/ok/%R"

const scenario scenarios[] = {
    {"first call of a process", by_variables, NULL, call, OK_URL, true},
    {"first TLS call of a process", by_variables, with_ca, call, TLS_URL, true},
    {"call", by_variables, with_log, call_with_everything, OK_URL, false},
    {"TLS", by_variables, with_ca, call, TLS_URL, false},
    {"TLS, refused", by_variables, with_other_ca, call, TLS_URL, false},
    {"endpoint rules, proxy, TLS", by_variables, with_proxy, call, NULL, false},
    {"endpoint rules, error", by_variables, with_impossible_endpoint, call, OK_URL, false},
    {"name look-up", by_variables, NULL, call, "http://localhost:%Q/ok/%R", false},
    {"retries", by_variables, NULL, retries, OK_URL, false},
    {"exceptions", by_variables, NULL, exceptions, OK_URL, false},
    {"malformed answers", by_variables, NULL, malformed_answers, OK_URL, false},
    {"invalid input", by_variables, NULL, invalid_input, OK_URL, false},
    {"large answer", by_variables, NULL, get_events, "http://%P/events/%R", false},
    {"large input, log, describe", by_variables, with_log, call_and_describe, OK_URL, false},
    {"paginator", by_variables, NULL, pages, "http://%P/pages/%R", false},
    {"waiter", by_variables, NULL, wait_for_task, "http://%P/task/%R", false},
    {"waiter, failed", by_variables, NULL, wait_for_task, "http://%P/failed-task/%R", false},
    {"stream", by_variables, NULL, tail, "http://%P/tail/%R", false},
    {"stream, exception", by_variables, NULL, tail, "http://%P/tail-exception/%R", false},
    {"stream, data", by_variables, NULL, object, "http://%P/object/%R", false},
    {"loop", by_variables, NULL, loop, OK_URL, false},
    {"loop, TLS", by_variables, with_ca_in_a_hurry, loop_over_tls, TLS_URL, false},
    {"loop, stream", by_variables, NULL, tail_in_loop, "http://%P/tail/%R", false},
    {"loop, stream, exception", by_variables, NULL, tail_in_loop, "http://%P/tail-exception/%R",
     false},
    {"loop, driven by hand", by_variables, NULL, event_loop, OK_URL, false},
    {"shared files", by_files, NULL, call_and_describe, NULL, false},
    {"shared files, malformed", by_bad_file, NULL, call, NULL, false},
    {"credentials, callback", by_nobody, with_callback, call, OK_URL, false},
    {"credentials, process", by_process, NULL, call, OK_URL, false},
    {"credentials, container", by_container, NULL, call, OK_URL, false},
    {"credentials, instance", by_instance, NULL, call, OK_URL, false},
    {"credentials, renewed", by_renewal, NULL, call, "http://%P/expired/%R", false},
    {"credentials, refused", by_refusal, NULL, call, OK_URL, false},
    {"credentials, none", by_nobody, NULL, call, OK_URL, false},
};

const size_t scenario_count = sizeof(scenarios) / sizeof(scenarios[0]);

/* --- what they need --- */

static bool write_file(const char *name, const char *text)
{
    char filled[2048];
    scenarios_fill(filled, sizeof(filled), text, 0);
    FILE *file = fopen(file_in_folder(name), "w");
    bool ok = file != NULL && fputs(filled, file) >= 0;
    return file != NULL && fclose(file) == 0 && ok;
}

bool scenarios_write_files(void)
{
    return write_file("config", "[profile torture]\nregion = eu-central-1\nservices = here\n"
                                "max_attempts = 2\nsdk_ua_app_id = torture\n"
                                "s3 =\n  addressing_style = path\n"
                                "[services here]\ncloudwatch_logs =\n"
                                "  endpoint_url = http://%P/ok/0\n") &&
           write_file("credentials", "[torture]\naws_access_key_id = AKIDFILE\n"
                                     "aws_secret_access_key = secret\n") &&
           write_file("bad", "[default]\nregion = eu-central-1\nmax_attempts = many\n") &&
           write_file("process",
                      "[default]\ncredential_process = echo "
                      "'{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\"}'\n") &&
           write_file("token", "container-token");
}

void scenarios_fill(char *out, size_t size, const char *text, unsigned run)
{
    size_t used = 0;
    for (; *text != '\0' && used + 1 < size; text++) {
        char value[256] = {text[0], '\0'};
        if (text[0] == '%' && text[1] == 'P')
            snprintf(value, sizeof(value), "127.0.0.1:%d", around.plain_port);
        else if (text[0] == '%' && text[1] == 'T')
            snprintf(value, sizeof(value), "127.0.0.1:%d", around.tls_port);
        else if (text[0] == '%' && text[1] == 'Q')
            snprintf(value, sizeof(value), "%d", around.plain_port);
        else if (text[0] == '%' && text[1] == 'R')
            snprintf(value, sizeof(value), "%u", run);
        else if (text[0] == '%' && text[1] == 'F')
            snprintf(value, sizeof(value), "%s", around.folder);
        text += text[0] == '%';
        int length = snprintf(out + used, size - used, "%s", value);
        used += length > 0 ? (size_t)length : 0;
    }
    out[used < size ? used : size - 1] = '\0';
}

caws_client *scenario_client(const scenario *s, life *l)
{
    char url[256];
    caws_error error = CAWS_ERROR_INIT;
    caws_client_options options = {.region = NULL};
    if (s->url != NULL) {
        scenarios_fill(url, sizeof(url), s->url, l->run);
        options.endpoint_url = url;
    }
    if (s->options != NULL)
        s->options(&options);
    caws_client *client = caws_client_new(&options, &error);
    if (client == NULL)
        note(l, "client", &error, NULL);
    caws_error_clear(&error);
    return client;
}
