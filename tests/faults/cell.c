/*
 * Makes the calls of one cell of the fault table.
 *
 *     cell call|large|stream sync|async URL TIMEOUT_MS DEADLINE_MS ATTEMPTS MOST_BYTES CA_FILE
 *
 * Each line of standard input is the name of a call to make, which the request carries and a right
 * answer repeats; the deadline is for the one that is called "judged". What came of it is printed
 * as a line of JSON; the last line tells that the client has been freed. Region and keys come from
 * the environment. CA_FILE may be "-", for none.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>

#include <caws/logs.h>
#include <caws/loop.h>

enum { LARGE_BYTES = 300 * 1024, LARGE_COUNT = 3 };

typedef struct cell {
    const char *kind;
    caws_client *client;
    caws_loop *loop; /* NULL: calls wait */
    int32_t deadline_ms;
    bool hurried; /* by it */
    char *large;  /* a message */

    int callbacks; /* of the current call */
    char answer[64];
    caws_status status;
    int attempts; /* of a failure */
    int http_status;
    bool retryable;
    char code[64];
    char message[512];
} cell;

static int64_t now_ms(void)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void die(const char *what, const char *why)
{
    fprintf(stderr, "cell: %s: %s\n", what, why);
    exit(2);
}

static void note_error(cell *c, const caws_error *error)
{
    c->status = error->status;
    c->attempts = error->attempts;
    c->http_status = error->http_status;
    c->retryable = error->retryable;
    snprintf(c->code, sizeof(c->code), "%s", error->code);
    snprintf(c->message, sizeof(c->message), "%s", error->message);
}

static void note_answer(cell *c, const char *text)
{
    snprintf(c->answer, sizeof(c->answer), "%s", text != NULL ? text : "");
}

static bool is_large(const cell *c)
{
    return strcmp(c->kind, "large") == 0;
}

static void done(void *context, void *output, const caws_error *error)
{
    cell *c = context;
    c->callbacks++;
    note_error(c, error);
    if (output == NULL)
        return;
    note_answer(c, is_large(c) ? ((caws_logs_put_log_events_output *)output)->next_sequence_token
                               : ((caws_logs_create_export_task_output *)output)->task_id);
    caws_output_free(output);
}

static bool on_start(void *context, const caws_logs_live_tail_session_start *event)
{
    note_answer(context, event->session_id);
    return true;
}

static bool on_update(void *context, const caws_logs_live_tail_session_update *event)
{
    (void)context;
    return event != NULL;
}

static void run_loop(cell *c, const caws_pending *pending)
{
    if (pending == NULL)
        die("start", "it did not");
    if (caws_loop_run(c->loop, -1) != 0)
        die("run", "something is pending");
}

static void call_stream(cell *c, const char *name, caws_error *error)
{
    static const char *const groups[] = {"/caws/group"};
    const caws_logs_start_live_tail_input input = {.log_group_identifiers = {groups, 1},
                                                   .log_event_filter_pattern = name};
    const caws_logs_start_live_tail_handler handler = {
        .context = c, .session_start = on_start, .session_update = on_update};
    const caws_call_options options = {.deadline_ms = c->hurried ? c->deadline_ms : 0};
    if (c->loop == NULL) {
        (void)caws_call_stream_with(c->client, &caws_stream_logs_start_live_tail, &input, &handler,
                                    &options, error);
        done(c, NULL, error);
        return;
    }
    run_loop(c, caws_loop_start_stream(c->loop, &caws_stream_logs_start_live_tail, &input, &handler,
                                       &options, done, c, error));
}

static void call_operation(cell *c, const caws_operation *operation, const void *input,
                           caws_error *error)
{
    const caws_call_options options = {.deadline_ms = c->hurried ? c->deadline_ms : 0};
    void *output = NULL;
    if (c->loop == NULL) {
        (void)caws_call_with(c->client, operation, input, &options, &output, error);
        done(c, output, error);
        return;
    }
    run_loop(c, caws_loop_start(c->loop, operation, input, &options, done, c, error));
}

static void call(cell *c, const char *name, caws_error *error)
{
    if (strcmp(c->kind, "stream") == 0) {
        call_stream(c, name, error);
    } else if (is_large(c)) {
        caws_logs_input_log_event events[LARGE_COUNT];
        for (int i = 0; i < LARGE_COUNT; i++)
            events[i] = (caws_logs_input_log_event){caws_i64(1441490400000 + i), c->large};
        const caws_logs_put_log_events_input input = {.log_group_name = "/caws/group",
                                                      .log_stream_name = name,
                                                      .log_events = {events, LARGE_COUNT}};
        call_operation(c, &caws_operation_logs_put_log_events, &input, error);
    } else {
        const caws_logs_create_export_task_input input = {.log_group_name = "/caws/group",
                                                          .from = caws_i64(1441490400000),
                                                          .to = caws_i64(1441494000000),
                                                          .destination = "bucket",
                                                          .destination_prefix = name};
        call_operation(c, &caws_operation_logs_create_export_task, &input, error);
    }
}

static void print(cJSON *json)
{
    char *text = json != NULL ? cJSON_PrintUnformatted(json) : NULL;
    if (text == NULL)
        die("print", "out of memory");
    puts(text);
    (void)fflush(stdout);
    free(text);
    cJSON_Delete(json);
}

static void tell(const cell *c, const char *name, int64_t ms, const caws_client_counters *before)
{
    caws_client_counters now;
    cJSON *json = cJSON_CreateObject();
    caws_client_count(c->client, &now);
    cJSON_AddStringToObject(json, "name", name);
    cJSON_AddStringToObject(json, "status", caws_status_string(c->status));
    cJSON_AddStringToObject(json, "code", c->code);
    cJSON_AddStringToObject(json, "message", c->message);
    cJSON_AddStringToObject(json, "answer", c->answer);
    cJSON_AddNumberToObject(json, "http", c->http_status);
    cJSON_AddBoolToObject(json, "retryable", c->retryable);
    cJSON_AddNumberToObject(json, "ms", (double)ms);
    cJSON_AddNumberToObject(json, "callbacks", c->callbacks);
    cJSON_AddNumberToObject(json, "error_attempts", c->attempts);
    cJSON_AddNumberToObject(json, "attempts", (double)(now.attempts - before->attempts));
    print(json);
}

static void make_call(cell *c, const char *name)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client_counters before;
    caws_client_count(c->client, &before);
    int64_t began = now_ms();
    c->callbacks = 0;
    c->hurried = strcmp(name, "judged") == 0;
    note_answer(c, NULL);
    call(c, name, &error);
    tell(c, name, now_ms() - began, &before);
    caws_error_clear(&error);
}

static int32_t number(const char *text)
{
    return (int32_t)strtol(text, NULL, 10);
}

static void start(cell *c, char **arguments)
{
    caws_error error = CAWS_ERROR_INIT;
    int32_t timeout_ms = number(arguments[4]);
    const caws_client_options options = {
        .endpoint_url = arguments[3],
        .connect_timeout_ms = timeout_ms,
        .timeout_ms = timeout_ms,
        .max_attempts = number(arguments[6]),
        .max_response_bytes = strtoul(arguments[7], NULL, 10),
        .ca_bundle = strcmp(arguments[8], "-") != 0 ? arguments[8] : NULL,
    };
    c->kind = arguments[1];
    c->deadline_ms = number(arguments[5]);
    c->client = caws_client_new(&options, &error);
    if (c->client == NULL)
        die("client", error.message);
    if (strcmp(arguments[2], "async") == 0 &&
        (c->loop = caws_loop_new(c->client, NULL, &error)) == NULL)
        die("loop", error.message);
    c->large = malloc(LARGE_BYTES + 1);
    if (c->large == NULL)
        die("large", "out of memory");
    memset(c->large, 'x', LARGE_BYTES);
    c->large[LARGE_BYTES] = '\0';
}

int main(int count, char **arguments)
{
    cell c = {0};
    char line[64];
    if (count != 9)
        die("usage", "see the source");
    start(&c, arguments);
    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        make_call(&c, line);
    }
    caws_loop_free(c.loop);
    caws_client_free(c.client);
    free(c.large);
    puts("{\"end\":true}");
    return 0;
}
