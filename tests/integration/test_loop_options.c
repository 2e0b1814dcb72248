/* Calls without waiting: what may differ from one call to the next, connections, and truth. */
#include "loop_calls.h"

enum { A_WHILE_MS = 20000 };

static const char *crowd_url(const char *path)
{
    static char url[256];
    snprintf(url, sizeof(url), "%s/%s", required_environment("CAWS_TEST_CROWD_URL"), path);
    return url;
}

/* --- deadlines --- */

static void deadlines_end_calls(void **state)
{
    ending silent = {0};
    ending retrying = {0};
    ending queued = {0};
    ending kept = {.name = "kept"};
    caws_client *client = new_crowd_client(&(caws_client_options){.max_attempts = 3});
    caws_loop *loop = new_loop(client, &(caws_loop_options){.max_connections = 2});
    (void)state;
    int64_t began = now_ms();
    start_with(loop, &silent,
               &(caws_call_options){.endpoint_url = crowd_url("silent"), .deadline_ms = 1000},
               note_ending);
    start_with(loop, &retrying,
               &(caws_call_options){.endpoint_url = crowd_url("fail/2/2000"), .deadline_ms = 1500},
               note_ending);
    run_down_to(loop, 1, 900); /* a wait that would be too long is none */
    assert_ended(&retrying, CAWS_ERROR_SERVICE);
    assert_int_equal(retrying.attempts, 1);
    /* The second connection is free, but not for two. */
    start_with(loop, &kept, &(caws_call_options){.endpoint_url = crowd_url("delay/2000")},
               note_ending);
    start_with(loop, &queued,
               &(caws_call_options){.endpoint_url = crowd_url("delay/0"), .deadline_ms = 100},
               note_ending);
    int64_t queued_since = now_ms();
    run_all(loop, A_WHILE_MS);
    assert_ended(&silent, CAWS_ERROR_TIMEOUT);
    assert_in_range(silent.ended_ms - began, 995, 1900);
    assert_ended(&queued, CAWS_ERROR_TIMEOUT);
    assert_in_range(queued.ended_ms - queued_since, 95, 800);
    assert_ended_well(&kept);
    caws_loop_free(loop);
    caws_client_free(client);
}

static void one_deadline_for_all_attempts(void **state)
{
    ending call = {0};
    caws_client *client = new_crowd_client(&(caws_client_options){.max_attempts = 10});
    caws_loop *loop = new_loop(client, NULL);
    (void)state;
    int64_t began = now_ms();
    start_with(loop, &call,
               &(caws_call_options){.endpoint_url = crowd_url("fail/9/200"), .deadline_ms = 900},
               note_ending);
    run_all(loop, A_WHILE_MS);
    assert_int_equal(call.times, 1);
    assert_int_not_equal(call.status, CAWS_OK);
    assert_in_range(call.attempts, 2, 5);
    assert_in_range(call.ended_ms - began, 400, 1300);
    caws_loop_free(loop);
    caws_client_free(client);
}

/* --- keep_going --- */

typedef struct patience {
    int asked;
    int most; /* negative: without end */
} patience;

static bool is_patient(void *context)
{
    patience *p = context;
    p->asked++;
    return p->most < 0 || p->asked <= p->most;
}

static void keep_going_is_asked_for_each_call(void **state)
{
    ending calls[4] = {0};
    patience limits[4] = {{.most = 0}, {.most = 3}, {.most = -1}, {.most = 2}};
    static const char *const paths[] = {"silent", "silent", "delay/500", "fail/2/5000"};
    caws_client *client = new_crowd_client(&(caws_client_options){.max_attempts = 3});
    caws_loop *loop = new_loop(client, NULL);
    (void)state;
    int64_t began = now_ms();
    for (int i = 0; i < 4; i++)
        start_with(loop, &calls[i],
                   &(caws_call_options){.endpoint_url = crowd_url(paths[i]),
                                        .keep_going = is_patient,
                                        .context = &limits[i]},
                   note_ending);
    run_all(loop, A_WHILE_MS);
    for (int i = 0; i < 4; i++)
        assert_ended(&calls[i], i == 2 ? CAWS_OK : CAWS_ERROR_CANCELLED);
    assert_in_range(calls[0].ended_ms - began, 0, 400);
    assert_in_range(calls[1].ended_ms - began, 100, 2000);
    assert_in_range(calls[3].ended_ms - began, 50, 2000); /* while it waits for its next attempt */
    assert_int_equal(limits[0].asked, 1);
    assert_int_equal(limits[1].asked, 4);
    assert_in_range(limits[2].asked, 4, 30); /* every 50 ms or so, not more often */
    caws_loop_free(loop);
    caws_client_free(client);
}

/* --- headers, info, log_context, max_attempts --- */

/* The fault server's "echo" says what it has received. */
static void look_for_headers(void *context, void *output, const caws_error *error)
{
    int *found = context;
    const caws_logs_create_export_task_output *out = output;
    assert_int_equal(error->status, CAWS_OK);
    if (strstr(out->task_id, "{\"name\": \"X-Mine\", \"value\": \"per call\"}") != NULL)
        (*found)++;
    if (strstr(out->task_id, "{\"name\": \"X-Empty\", \"value\": \"\"}") != NULL)
        (*found)++;
    if (strstr(out->task_id, ";x-empty;x-mine, ") != NULL) /* SignedHeaders */
        (*found)++;
    caws_output_free(output);
}

static void headers_are_sent_and_signed(void **state)
{
    int with = 0;
    int without = 0;
    char name[] = "X-Mine";
    char value[] = "per call";
    caws_client *client = new_fault_client("echo", NULL);
    caws_loop *loop = new_loop(client, NULL);
    const caws_logs_create_export_task_input input = valid_input();
    const caws_call_header headers[] = {{name, value}, {"X-Empty", ""}};
    const caws_call_options options = {.headers = headers, .header_count = 2};
    (void)state;
    assert_non_null(caws_loop_start(loop, &caws_operation_logs_create_export_task, &input, &options,
                                    look_for_headers, &with, NULL));
    memset(name, 'Y', sizeof(name) - 1); /* were borrowed for the start only */
    memset(value, 'Y', sizeof(value) - 1);
    run_all(loop, A_WHILE_MS);
    assert_int_equal(with, 3);
    /* The next call, which gets the same memory, has none of them. */
    assert_non_null(caws_loop_start(loop, &caws_operation_logs_create_export_task, &input, NULL,
                                    look_for_headers, &without, NULL));
    run_all(loop, A_WHILE_MS);
    assert_int_equal(without, 0);
    caws_loop_free(loop);
    caws_client_free(client);
}

typedef struct lines {
    int count;
    char last[512];
} lines;

static void keep_line(void *context, caws_log_level level, const char *line)
{
    lines *l = context;
    (void)level;
    l->count++;
    snprintf(l->last, sizeof(l->last), "%s", line);
}

static void calls_tell_about_themselves(void **state)
{
    ending calls[3] = {0};
    lines logs[4] = {{.count = 0}}; /* the last: the client's */
    caws_call_info info[3];
    memset(info, 0xff, sizeof(info));
    caws_client *client = new_crowd_client(&(caws_client_options){
        .max_attempts = 3, .log = keep_line, .log_context = &logs[3], .log_level = CAWS_LOG_INFO});
    caws_loop *loop = new_loop(client, NULL);
    (void)state;
    start_with(loop, &calls[0],
               &(caws_call_options){.endpoint_url = crowd_url("fail/1/50"),
                                    .info = &info[0],
                                    .log_context = &logs[0]},
               note_ending);
    start_with(loop, &calls[1],
               &(caws_call_options){.endpoint_url = crowd_url("fail/9/50"),
                                    .max_attempts = 2,
                                    .info = &info[1],
                                    .log_context = &logs[1]},
               note_ending);
    start_with(loop, &calls[2],
               &(caws_call_options){
                   .endpoint_url = "http://127.0.0.1:1", .max_attempts = 1, .info = &info[2]},
               note_ending);
    run_all(loop, A_WHILE_MS);
    assert_ended_well(&calls[0]);
    assert_int_equal(info[0].attempts, 2);
    assert_int_equal(info[0].http_status, 200);
    assert_string_equal(info[0].request_id, "crowd");
    assert_int_equal(logs[0].count, 2); /* a line an attempt */

    assert_ended(&calls[1], CAWS_ERROR_SERVICE);
    assert_int_equal(info[1].attempts, 2);
    assert_int_equal(info[1].http_status, 503);
    assert_int_equal(logs[1].count, 3);
    assert_non_null(strstr(logs[1].last, "CreateExportTask failed: ServiceUnavailableException"));

    assert_ended(&calls[2], CAWS_ERROR_CONNECTION);
    assert_int_equal(info[2].attempts, 1);
    assert_int_equal(info[2].http_status, 0);
    assert_string_equal(info[2].request_id, "");
    assert_int_equal(logs[3].count, 2);

    /* What fails at once has been no attempt. */
    memset(&info[0], 0xff, sizeof(info[0]));
    ending refused = {0};
    assert_null(try_start(loop, &refused,
                          &(caws_call_options){.endpoint_url = "no URL", .info = &info[0]},
                          note_ending, NULL));
    assert_int_equal(info[0].attempts, 0);
    assert_int_equal(info[0].http_status, 0);
    caws_loop_free(loop);
    caws_client_free(client);
}

/* --- connections --- */

static void connections_have_a_limit(void **state)
{
    static const int limits[] = {1, 4, 30};
    enum { CALLS = 60 };
    static ending calls[CALLS];
    caws_client *client = new_crowd_client(NULL);
    (void)state;
    for (size_t l = 0; l < sizeof(limits) / sizeof(limits[0]); l++) {
        char path[64];
        char label[32];
        int seen[3];
        snprintf(label, sizeof(label), "limit-%d", limits[l]);
        snprintf(path, sizeof(path), "delay/20/%s", label);
        caws_loop *loop = new_loop(client, &(caws_loop_options){.max_connections = limits[l]});
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < CALLS; i++) {
                calls[i] = (ending){.times = 0};
                snprintf(calls[i].name, sizeof(calls[i].name), "call-%d", i);
                start_at(loop, &calls[i], path);
            }
            int64_t began = now_ms();
            run_all(loop, A_WHILE_MS);
            /* One after the other, and none of the turns is lost. */
            assert_in_range(now_ms() - began, 20 * CALLS / limits[l] - 10,
                            20 * CALLS / limits[l] + 1500);
            for (int i = 0; i < CALLS; i++)
                assert_ended_well(&calls[i]);
        }
        ask_what_was_seen(client, label, seen);
        assert_int_equal(seen[0], limits[l]); /* the second round opens none */
        assert_int_equal(seen[1], limits[l]);
        assert_int_equal(seen[2], 2 * CALLS);
        caws_loop_free(loop);
    }
    caws_client_free(client);
}

/* A place that a cancelled call had goes to the next. */
static void cancelled_calls_leave_their_place(void **state)
{
    enum { CALLS = 20 };
    ending calls[CALLS] = {0};
    ending last = {.name = "last"};
    caws_client *client = new_crowd_client(NULL);
    caws_loop *loop = new_loop(client, &(caws_loop_options){.max_connections = 2});
    (void)state;
    for (int i = 0; i < CALLS; i++)
        start_at(loop, &calls[i], "silent");
    start_at(loop, &last, "delay/0");
    assert_int_equal(caws_loop_run(loop, 100), CALLS + 1);
    for (int i = 0; i < CALLS; i++)
        caws_loop_cancel(calls[i].call);
    run_all(loop, A_WHILE_MS);
    for (int i = 0; i < CALLS; i++)
        assert_ended(&calls[i], CAWS_ERROR_CANCELLED);
    assert_ended_well(&last);
    caws_loop_free(loop);
    caws_client_free(client);
}

/* --- moto: several operations, with and without output --- */

typedef struct moto_calls {
    int created;
    int refused;
    int listed;
    size_t groups;
} moto_calls;

static void count_created(void *context, void *output, const caws_error *error)
{
    moto_calls *m = context;
    assert_null(output); /* CreateLogStream has none */
    if (error->status == CAWS_OK) {
        m->created++;
        return;
    }
    assert_int_equal(error->status, CAWS_ERROR_SERVICE);
    assert_int_equal(error->exception, CAWS_LOGS_RESOURCE_ALREADY_EXISTS_EXCEPTION);
    m->refused++;
}

static void count_groups(void *context, void *output, const caws_error *error)
{
    moto_calls *m = context;
    caws_logs_describe_log_groups_output *out = output;
    if (error->status != CAWS_OK)
        fail_msg("%s: %s", error->code, error->message);
    m->listed++;
    m->groups += out->log_groups.count;
    caws_output_free(out);
}

static void many_operations_at_moto(void **state)
{
    enum { STREAMS = 30 };
    moto_calls m = {0};
    char prefix[64];
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_moto_client(NULL);
    caws_loop *loop = new_loop(client, &(caws_loop_options){.max_connections = 10});
    (void)state;
    snprintf(prefix, sizeof(prefix), "loop-%lld-", (long long)now_ms());
    for (int i = 0; i < STREAMS; i++) {
        char name[96];
        snprintf(name, sizeof(name), "%s%d", prefix, i);
        const caws_logs_create_log_stream_input stream = {
            .log_group_name = required_environment("CAWS_TEST_LOG_GROUP"), .log_stream_name = name};
        const caws_logs_describe_log_groups_input groups = {
            .log_group_name_prefix = required_environment("CAWS_TEST_LOG_GROUP")};
        for (int twice = 0; twice < 2; twice++)
            assert_non_null(caws_loop_start(loop, &caws_operation_logs_create_log_stream, &stream,
                                            NULL, count_created, &m, &error));
        assert_non_null(caws_loop_start(loop, &caws_operation_logs_describe_log_groups, &groups,
                                        NULL, count_groups, &m, &error));
    }
    run_all(loop, 60000);
    assert_int_equal(m.created, STREAMS);
    assert_int_equal(m.refused, STREAMS); /* whichever of the two came second */
    assert_int_equal(m.listed, STREAMS);
    assert_int_equal(m.groups, STREAMS);
    caws_loop_free(loop);
    caws_client_free(client);
}

static void watch_nothing(void *context, int socket, int events)
{
    (void)context;
    (void)socket;
    (void)events;
}

static void time_nothing(void *context, int64_t ms)
{
    (void)context;
    (void)ms;
}

/* A program's own event loop gives both, or none. */
static void half_of_an_event_loop(void **state)
{
    const caws_loop_options halves[] = {{.watch = watch_nothing}, {.set_timer = time_nothing}};
    caws_client *client = new_crowd_client(NULL);
    caws_error error = CAWS_ERROR_INIT;
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_null(caws_loop_new(client, &halves[i], &error));
        assert_int_equal(error.status, CAWS_ERROR_CONFIGURATION);
        assert_non_null(strstr(error.message, "watch and set_timer"));
    }
    caws_loop *loop = caws_loop_new(client, &(caws_loop_options){.max_connections = 0}, &error);
    assert_non_null(loop); /* 0 is the default */
    caws_loop_free(loop);
    caws_error_clear(&error);
    caws_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deadlines_end_calls),
        cmocka_unit_test(one_deadline_for_all_attempts),
        cmocka_unit_test(keep_going_is_asked_for_each_call),
        cmocka_unit_test(headers_are_sent_and_signed),
        cmocka_unit_test(calls_tell_about_themselves),
        cmocka_unit_test(connections_have_a_limit),
        cmocka_unit_test(cancelled_calls_leave_their_place),
        cmocka_unit_test(many_operations_at_moto),
        cmocka_unit_test(half_of_an_event_loop),
    };
    return cmocka_run_group_tests_name("loop options", tests, NULL, NULL);
}
