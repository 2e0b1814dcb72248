/* The credential chain through whole calls: real files, programs, servers and threads. */
#define _GNU_SOURCE /* syscall */
#include "credential_tests.h"

enum { THREADS = 8 };

static const caws_credentials explicit_keys = {"AKIDEXPLICIT", SECRET, NULL};

/* --- where credentials come from --- */

static void come_from_a_container(void **state)
{
    (void)state;
    begin("{'container': {'expires': 7200}}");
    use_container();
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", write_file("token", SECRET "-one"), 1);
    caws_client *client = new_client(NULL);
    for (int i = 0; i < 3; i++)
        assert_called_with(client, "AKIDCONTAINER0001");
    assert_has(request_log(),
               "container GET /" SECRET "-path?" SECRET " " SECRET "-one\nservice POST / AKID");
    assert_counts("container", 1, 1);

    /* The token is another by the time that the next credentials are due. */
    write_file("token", SECRET "-two");
    atomic_store(&ahead_s, 7200 - 600);
    assert_called_with(client, "AKIDCONTAINER0002");
    assert_has(request_log(), " " SECRET "-two\n");

    /* No file, no token: nothing is asked without it. */
    unlink(path_of("token"));
    atomic_store(&ahead_s, 7200 + 60);
    const outcome o = call(client);
    assert_fails(&o, CAWS_ERROR_CREDENTIALS, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    assert_int_equal(requests_of("container"), 2);
    caws_client_free(client);
}

static void come_from_an_instance(void **state)
{
    (void)state;
    begin("{'imds': {'expires': 7200}}");
    use_imds();
    caws_client *client = new_client(NULL);
    assert_called_with(client, "AKIDINSTANCE0001");
    assert_called_with(client, "AKIDINSTANCE0001");
    assert_has(request_log(),
               "imds PUT /latest/api/token -\n"
               "imds GET /latest/meta-data/iam/security-credentials/ " SECRET "-imds-token\n"
               "imds GET /latest/meta-data/iam/security-credentials/test-role " SECRET
               "-imds-token\n"
               "service POST / AKIDINSTANCE0001\n"
               "service POST / AKIDINSTANCE0001\n");

    /* An instance's are used beyond their end while it has no newer. */
    control("POST", "/script", "{'imds': {'answers': ['503', '503']}}");
    atomic_store(&ahead_s, 7300);
    assert_called_with(client, "AKIDINSTANCE0001");
    assert_has(output, "no newer credentials, so those of before are used on: ");
    caws_client_free(client);
}

static void come_from_a_program(void **state)
{
    char config[512];
    (void)state;
    begin("{}");
    const char *program =
        write_file("program.sh", "echo run >> \"$1\"\n"
                                 "echo '{\"Version\": 1, \"AccessKeyId\": \"AKIDPROGRAM\","
                                 "\"SecretAccessKey\": \"" SECRET "\"}'\n");
    const char *runs = path_of("runs");
    unlink(runs);
    snprintf(config, sizeof(config), "[profile tool]\ncredential_process = /bin/sh %s %s\n",
             program, runs);
    setenv("AWS_CONFIG_FILE", write_file("config", config), 1);
    setenv("AWS_PROFILE", "tool", 1);
    caws_client *client = new_client(NULL);
    assert_int_equal(access(runs, F_OK), -1);
    for (int i = 0; i < 3; i++)
        assert_called_with(client, "AKIDPROGRAM");
    struct stat file;
    assert_int_equal(stat(runs, &file), 0);
    assert_int_equal(file.st_size, strlen("run\n"));
    caws_client_free(client);
}

static void tell_one(void *context, const char *name, const char *value, const char *source)
{
    char *told = context;
    size_t used = strlen(told);
    snprintf(told + used, 8192 - used, "%s = %s (%s)\n", name, value, source);
}

static void come_from_a_profile(void **state)
{
    char told[8192] = "";
    (void)state;
    begin("{}");
    setenv("AWS_CONFIG_FILE", write_file("config", "[profile dev]\nregion = us-west-2\n"), 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE",
           write_file("credentials", "[dev]\naws_access_key_id = AKIDPROFILEEXAMPLE\n"
                                     "aws_secret_access_key = " SECRET "\n"
                                     "aws_session_token = " SECRET "\n"),
           1);
    setenv("AWS_PROFILE", "dev", 1);
    unsetenv("AWS_REGION");
    caws_client *client = new_client(NULL);
    caws_client_describe(client, tell_one, told);
    assert_has(told, "access_key_id = (found by the first call) (default)\n");
    assert_called_with(client, "AKIDPROFILEEXAMPLE");
    told[0] = '\0';
    caws_client_describe(client, tell_one, told);
    assert_has(told, "access_key_id = ****************MPLE (profile \"dev\" in /tmp/");
    assert_has_not(told, SECRET);
    caws_client_free(client);
}

static void missing_profiles_are_told(void **state)
{
    (void)state;
    begin("{}");
    use_container();
    use_imds();
    setenv("AWS_PROFILE", "nobody", 1);
    caws_error error = CAWS_ERROR_INIT;
    assert_null(caws_client_new(NULL, &error));
    assert_int_equal(error.status, CAWS_ERROR_CONFIGURATION);
    assert_has(error.message, "AWS_PROFILE: \"nobody\"");
    assert_has(request_log(), "container=0/0 imds=0/0 service=0/0");
    caws_error_clear(&error);
}

/* --- when they are looked for --- */

static void nothing_is_probed_early_or_in_vain(void **state)
{
    static const caws_client_options explicit_options = {.credentials = &explicit_keys};
    char told[8192] = "";
    (void)state;
    begin("{}");
    use_container();
    use_imds();
    caws_client *idle = new_client(NULL);
    caws_client_describe(idle, tell_one, told);
    caws_loop *loop = caws_loop_new(idle, NULL, NULL);
    assert_int_equal(caws_loop_run(loop, 0), 0);
    caws_loop_free(loop);
    caws_client_free(idle);

    caws_client *client = new_client(&explicit_options);
    assert_called_with(client, "AKIDEXPLICIT");
    control("POST", "/script", "{'service': {'revoked': 'AKID'}}");
    const caws_call_options thrice = {.max_attempts = 3};
    const outcome o = call_with(client, &thrice);
    assert_fails(&o, CAWS_ERROR_SERVICE, "expired");
    assert_int_equal(o.attempts, 1); /* there are no others */
    caws_client_free(client);
    assert_has(request_log(), "container=0/0 imds=0/0 service=");

    setenv("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT", 1);
    setenv("AWS_SECRET_ACCESS_KEY", SECRET, 1);
    control("POST", "/script", "{}");
    client = new_client(NULL);
    assert_called_with(client, "AKIDENVIRONMENT");
    caws_client_free(client);
    assert_has(request_log(), "container=0/0 imds=0/0 service=1/1");
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");

    /* Input and region come first. */
    unsetenv("AWS_REGION");
    client = new_client(NULL);
    const outcome without_region = call(client);
    assert_fails(&without_region, CAWS_ERROR_CONFIGURATION, "no region");
    assert_has(request_log(), "container=0/0 imds=0/0 service=1/1");
    caws_client_free(client);
}

/* --- one refreshes, the others do not --- */

typedef struct crowd {
    pthread_t threads[THREADS];
    outcome outcomes[THREADS];
} crowd;

static void call_together(crowd *c, caws_client *client)
{
    for (int i = 0; i < THREADS; i++) {
        c->outcomes[i] = (outcome){.client = client};
        assert_int_equal(pthread_create(&c->threads[i], NULL, make_call, &c->outcomes[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(c->threads[i], NULL), 0);
}

static int count_key(const crowd *c, const char *key)
{
    int count = 0;
    for (int i = 0; i < THREADS; i++)
        count += strcmp(c->outcomes[i].key, key) == 0;
    return count;
}

static void others_go_on_or_wait(void **state)
{
    static crowd c;
    (void)state;
    begin("{'container': {'expires': 7200, 'delay': 0.5}}");
    use_container();
    caws_client *client = new_client(NULL);
    call_together(&c, client); /* there are none: all wait for the one that asks */
    assert_int_equal(count_key(&c, "AKIDCONTAINER0001"), THREADS);
    assert_int_equal(requests_of("container"), 1);
    for (int i = 0; i < THREADS; i++)
        assert_in_range(c.outcomes[i].ms, 400, 5000);

    atomic_store(&ahead_s, 7200 - 600); /* due, but valid */
    call_together(&c, client);
    assert_int_equal(count_key(&c, "AKIDCONTAINER0002"), 1);
    assert_int_equal(count_key(&c, "AKIDCONTAINER0001"), THREADS - 1);
    assert_int_equal(requests_of("container"), 2);
    int fast = 0;
    for (int i = 0; i < THREADS; i++)
        fast += c.outcomes[i].ms < 400;
    assert_int_equal(fast, THREADS - 1);
    caws_client_free(client);
}

static void waiting_calls_hear_of_the_failure(void **state)
{
    static crowd c;
    (void)state;
    begin("{'container': {'then': '404 gone', 'delay': 0.5}}");
    use_container();
    caws_client *client = new_client(NULL);
    call_together(&c, client);
    for (int i = 0; i < THREADS; i++)
        assert_fails(&c.outcomes[i], CAWS_ERROR_CREDENTIALS, "container: HTTP 404");
    assert_int_equal(requests_of("container"), 1);
    caws_client_free(client);
}

typedef struct async {
    outcome outcomes[4];
    int order[4];
    int ended;
} async;

typedef struct async_call {
    async *all;
    int number;
} async_call;

static void async_done(void *context, void *out, const caws_error *error)
{
    const async_call *c = context;
    note(&c->all->outcomes[c->number], out, error);
    c->all->order[c->all->ended++] = c->number;
    caws_output_free(out);
}

static void a_refresh_blocks_no_loop(void **state)
{
    async all = {.ended = 0};
    async_call calls[4];
    caws_error error = CAWS_ERROR_INIT;
    const caws_logs_create_export_task_input input = valid_input();
    (void)state;
    begin("{'container': {'expires': 7200}}");
    use_container();
    caws_client *client = new_client(NULL);
    assert_called_with(client, "AKIDCONTAINER0001");
    control("POST", "/script", "{'container': {'delay': 0.8}}");
    atomic_store(&ahead_s, 7200 - 600);
    caws_loop *loop = caws_loop_new(client, NULL, NULL);
    int64_t began = now_ms();
    for (int i = 0; i < 4; i++) {
        calls[i] = (async_call){&all, i};
        assert_non_null(caws_loop_start(loop, &caws_operation_logs_create_export_task, &input, NULL,
                                        async_done, &calls[i], &error));
    }
    while (all.ended < 3)
        caws_loop_run(loop, 10);
    assert_in_range(now_ms() - began, 0, 700);
    while (caws_loop_run(loop, 1000) > 0)
        ;
    assert_int_equal(all.order[3], 0); /* the first asked, for itself and those to come */
    for (int i = 0; i < 4; i++)
        assert_int_equal(all.outcomes[i].status, CAWS_OK);
    assert_string_equal(all.outcomes[1].key, "AKIDCONTAINER0001");
    assert_int_equal(requests_of("container"), 1);
    caws_loop_free(loop);
    caws_client_free(client);
}

/* --- the service calls them expired --- */

static void expired_ones_are_replaced_once(void **state)
{
    const caws_call_options thrice = {.max_attempts = 3};
    caws_client_counters counters;
    (void)state;
    begin("{'service': {'revoked': 'AKIDCONTAINER0001'}}");
    use_container();
    caws_client *client = new_client(NULL);
    outcome o = call_with(client, &thrice);
    assert_int_equal(o.status, CAWS_OK);
    assert_string_equal(o.key, "AKIDCONTAINER0002");
    assert_int_equal(requests_of("container"), 2);
    assert_int_equal(requests_of("service"), 2);
    caws_client_count(client, &counters);
    assert_int_equal(counters.retries_credentials, 1);
    assert_int_equal(counters.attempts, 2);

    control("POST", "/script", "{'service': {'revoked': 'AKID'}}");
    o = call_with(client, &thrice);
    assert_fails(&o, CAWS_ERROR_SERVICE, "expired"); /* and quotes the session token: masked */
    assert_string_equal(o.code, "ExpiredTokenException");
    assert_int_equal(o.attempts, 2);
    assert_int_equal(requests_of("container"), 1);
    assert_int_equal(requests_of("service"), 2);
    caws_client_count(client, &counters);
    assert_int_equal(counters.retries_credentials, 2);

    /* Without a second attempt, the next call gets the new ones. */
    const caws_call_options once = {.max_attempts = 1};
    control("POST", "/script", "{'service': {'revoked': 'AKIDCONTAINER0001'}}");
    o = call_with(client, &once);
    assert_fails(&o, CAWS_ERROR_SERVICE, "expired");
    control("POST", "/script", "{'container': {'expires': 7200}}");
    o = call_with(client, &once);
    assert_int_equal(o.status, CAWS_OK);
    assert_int_equal(requests_of("container"), 1);
    caws_client_free(client);
}

/* What is told of the call is the service's, not what a provider has answered. */
static void no_others_end_the_call(void **state)
{
    caws_call_info info = {0};
    const caws_call_options thrice = {.max_attempts = 3, .info = &info};
    (void)state;
    begin("{'service': {'revoked': 'AKID'}, 'container': {'answers': ['ok', '404']}}");
    use_container();
    caws_client *client = new_client(NULL);
    const outcome o = call_with(client, &thrice);
    assert_fails(&o, CAWS_ERROR_CREDENTIALS, "container: HTTP 404");
    assert_int_equal(o.attempts, 1);
    assert_int_not_equal(info.http_status, 404);
    caws_client_free(client);
}

/* --- providers that fail --- */

static void failures_fall_through_and_are_told(void **state)
{
    (void)state;
    begin("{'container': {'then': '404 no such task'},"
          " 'imds': {'answers': ['403']}}");
    use_container();
    use_imds();
    setenv("AWS_CONFIG_FILE",
           write_file("config", "[default]\ncredential_process = /bin/sh -c \"echo " SECRET
                                "; echo it broke >&2; exit 3\"\n"),
           1);
    caws_client *client = new_client(NULL);
    const outcome o = call(client);
    assert_fails(&o, CAWS_ERROR_CREDENTIALS, "AWS_ACCESS_KEY_ID");
    static const char *const parts[] = {"credential_process", "it broke", "container: HTTP 404",
                                        "instance metadata (http://127.0.0.1:", "turned off"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        assert_has(o.message, parts[i]);
    assert_int_equal(o.attempts, 0);
    assert_int_equal(requests_of("service"), 0);
    assert_called_with(client, "AKIDINSTANCE0001"); /* the next call asks all again */
    caws_client_free(client);
}

static void bad_answers_fall_through(void **state)
{
    static const char *const scripts[] = {
        "{'container': {'answers': ['200 ']}}",
        "{'container': {'answers': ['200 " SECRET "']}}",
        "{'container': {'answers': ['302 " SECRET "']}}",
        "{'container': {'answers': ['200 {\"AccessKeyId\": \"" SECRET
        "\", \"SecretAccessKey\": \"" SECRET "']}}",
        "{'container': {'answers': ['200 {\"AccessKeyId\": \"" SECRET "\\\\r\\\\nX: y\","
        " \"SecretAccessKey\": \"" SECRET "\", \"Token\": \"t\"}']}}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        begin(scripts[i]);
        use_container();
        use_imds();
        caws_client *client = new_client(NULL);
        assert_called_with(client, "AKIDINSTANCE0001");
        caws_client_free(client);
    }
    begin("{'container': {'then': 'huge'}}");
    use_container();
    caws_client *client = new_client(NULL);
    const outcome o = call(client);
    assert_fails(&o, CAWS_ERROR_CREDENTIALS, "65536 bytes");
    caws_client_free(client);
}

/* max_response_bytes is for the service, before and after. */
static void limits_of_answers_do_not_mix(void **state)
{
    const caws_client_options options = {.max_response_bytes = 40};
    (void)state;
    begin("{'service': {'answers': ['ok', 'huge', 'ok']}}");
    use_imds();
    caws_client *client = new_client(&options);
    assert_called_with(client, "AKIDINSTANCE0001");
    const outcome o = call(client);
    assert_fails(&o, CAWS_ERROR_RESPONSE_TOO_LARGE, "max_response_bytes, 40");
    assert_called_with(client, "AKIDINSTANCE0001");
    caws_client_free(client);
}

/* --- providers that hang --- */

static bool twice(void *context)
{
    int *asked = context;
    return ++*asked <= 2;
}

static void deadlines_hold_while_a_provider_hangs(void **state)
{
    const caws_call_options soon = {.deadline_ms = 250};
    int asked = 0;
    const caws_call_options cancelled = {.keep_going = twice, .context = &asked};
    (void)state;
    begin("{'container': {'answers': ['stall', 'stall']}}");
    use_container();
    caws_client *client = new_client(NULL);
    outcome o = call_with(client, &soon);
    assert_fails(&o, CAWS_ERROR_TIMEOUT, "deadline");
    assert_in_range(o.ms, 240, 1000);
    o = call_with(client, &cancelled);
    assert_fails(&o, CAWS_ERROR_CANCELLED, "stopped");
    assert_in_range(o.ms, 50, 400);
    assert_int_equal(requests_of("container"), 2);
    assert_called_with(client, "AKIDCONTAINER0001"); /* neither has spoilt it for others */
    caws_client_free(client);
}

static void programs_that_hang_are_ended(void **state)
{
    const caws_call_options soon = {.deadline_ms = 250};
    char config[512];
    char number[32] = "";
    (void)state;
    begin("{}");
    const char *program = write_file("hang.sh", "echo $$ > \"$1\"\nexec sleep 30\n");
    const char *id = path_of("hang.pid");
    snprintf(config, sizeof(config), "[default]\ncredential_process = /bin/sh %s %s\n", program,
             id);
    setenv("AWS_CONFIG_FILE", write_file("config", config), 1);
    caws_client *client = new_client(NULL);
    const outcome o = call_with(client, &soon);
    assert_fails(&o, CAWS_ERROR_TIMEOUT, "deadline");
    assert_in_range(o.ms, 240, 1000);
    FILE *file = fopen(id, "r");
    assert_non_null(file);
    assert_non_null(fgets(number, sizeof(number), file));
    fclose(file);
    assert_int_equal(kill((pid_t)atoi(number), 0), -1);
    assert_int_equal(errno, ESRCH);
    caws_client_free(client);
}

/* Whoever has valid credentials does not fail because new ones are slow to come. */
static void valid_ones_outlive_a_hanging_provider(void **state)
{
    const caws_call_options soon = {.deadline_ms = 1000};
    (void)state;
    begin("{'container': {'expires': 7200}}");
    use_container();
    caws_client *client = new_client(NULL);
    assert_called_with(client, "AKIDCONTAINER0001");
    control("POST", "/script", "{'container': {'then': 'stall'}}");
    atomic_store(&ahead_s, 7200 - 600);
    for (int i = 0; i < 3; i++) {
        const outcome o = call_with(client, &soon);
        assert_int_equal(o.status, CAWS_OK);
        assert_string_equal(o.key, "AKIDCONTAINER0001");
        assert_in_range(o.ms, i == 0 ? 490 : 0, i == 0 ? 990 : 400); /* then there is a pause */
    }
    assert_int_equal(requests_of("container"), 1);
    caws_client_free(client);
}

static bool until_told(void *context)
{
    return !atomic_load((atomic_bool *)context);
}

static void cancelled_refreshes_are_handed_on(void **state)
{
    atomic_bool stop = false;
    const caws_call_options cancellable = {.keep_going = until_told, .context = &stop};
    pthread_t threads[2];
    (void)state;
    begin("{'container': {'answers': ['stall']}}");
    use_container();
    caws_client *client = new_client(NULL);
    outcome first = {.client = client, .options = &cancellable};
    outcome second = {.client = client};
    assert_int_equal(pthread_create(&threads[0], NULL, make_call, &first), 0);
    while (requests_of("container") == 0)
        sleep_ms(5);
    assert_int_equal(pthread_create(&threads[1], NULL, make_call, &second), 0);
    sleep_ms(100);
    assert_int_equal(requests_of("container"), 1);
    atomic_store(&stop, true);
    assert_int_equal(pthread_join(threads[0], NULL), 0);
    assert_int_equal(pthread_join(threads[1], NULL), 0);
    assert_int_equal(first.status, CAWS_ERROR_CANCELLED);
    assert_string_equal(second.key, "AKIDCONTAINER0001");
    assert_in_range(second.ms, 50, 2000);
    caws_client_free(client);
}

static void a_silent_instance_costs_its_timeout(void **state)
{
    (void)state;
    begin("{'imds': {'then': 'stall'}}");
    use_imds();
    caws_client *client = new_client(NULL);
    const outcome o = call(client);
    assert_fails(&o, CAWS_ERROR_CREDENTIALS, "no answer in time");
    assert_in_range(o.ms, 900, 2500);
    assert_int_equal(requests_of("imds"), 1);
    caws_client_free(client);
}

/* --- streams --- */

#if __has_include(<caws/logs/start_live_tail.h>)

static outcome tail(caws_client *client, bool (*keep_going)(void *), void *context)
{
    static const char *const groups[] = {"/caws/group"};
    const caws_logs_start_live_tail_input input = {.log_group_identifiers = {groups, 1}};
    const caws_logs_start_live_tail_handler handler = {.context = context,
                                                       .keep_going = keep_going};
    outcome o = {.client = client};
    caws_error error = CAWS_ERROR_INIT;
    int64_t began = now_ms();
    (void)caws_logs_start_live_tail(client, &input, &handler, &error);
    o.ms = now_ms() - began;
    note(&o, NULL, &error);
    caws_error_clear(&error);
    return o;
}

/* What is right for a stream (its silence, its end by the caller) is not for a provider's answer.
 */
static void streams_find_credentials_too(void **state)
{
    int asked = 0;
    (void)state;
    begin("{'container': {'delay': 0.3}}");
    use_container();
    caws_client *client = new_client(NULL);
    const outcome o = tail(client, NULL, NULL);
    assert_fails(&o, CAWS_ERROR_RESPONSE_MALFORMED, "no event stream"); /* the service's answer */
    assert_has(request_log(), "service POST / AKIDCONTAINER0001\n");
    caws_client_free(client);

    begin("{'container': {'answers': ['stall']}}");
    use_container();
    client = new_client(NULL);
    const outcome stopped = tail(client, twice, &asked);
    assert_fails(&stopped, CAWS_ERROR_CANCELLED, "stopped");
    assert_in_range(stopped.ms, 50, 400);
    assert_counts("container", 1, 1);
    caws_client_free(client);
}

#endif

/* --- proxies --- */

static void proxies_are_for_services_only(void **state)
{
    char proxy[64];
    (void)state;
    snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%s",
             required_environment("CAWS_TEST_PROXY_PORT"));
    for (int by_option = 0; by_option < 2; by_option++) {
        begin("{'container': {'answers': ['404']}}");
        use_container();
        use_imds();
        if (!by_option) {
            setenv("http_proxy", proxy, 1);
            setenv("all_proxy", proxy, 1);
        }
        const caws_client_options options = {.proxy = by_option ? proxy : NULL};
        caws_client *client = new_client(&options);
        assert_called_with(client, "AKIDINSTANCE0001");
        assert_called_with(client, "AKIDINSTANCE0001");
        const char *log = request_log();
        assert_has(log, "proxy POST http://127.0.0.1:");
        assert_has_not(log, "proxy GET");
        assert_has_not(log, "proxy PUT");
        assert_has(log, "service=0/0 proxy=1/2");
        caws_client_free(client);
    }
}

/* --- the callback --- */

typedef struct source {
    atomic_int calls;
    atomic_int inside;
    atomic_int most_inside;
    int slow_ms;
    int64_t expires_in_s;
    const caws_credentials *keys; /* NULL: numbered ones */
    const char *failure;
    char id[32];
} source;

static bool give(void *context, caws_provided_credentials *provided)
{
    source *s = context;
    int inside = atomic_fetch_add(&s->inside, 1) + 1;
    if (inside > atomic_load(&s->most_inside))
        atomic_store(&s->most_inside, inside);
    int number = atomic_fetch_add(&s->calls, 1) + 1;
    sleep_ms(s->slow_ms);
    snprintf(s->id, sizeof(s->id), "AKIDCALLBACK%d", number);
    provided->credentials =
        s->keys != NULL ? *s->keys : (caws_credentials){s->id, SECRET "-callback", SECRET};
    if (s->expires_in_s != 0)
        provided->expires = (int64_t)time(NULL) + atomic_load(&ahead_s) + s->expires_in_s;
    provided->failure = s->failure;
    atomic_fetch_sub(&s->inside, 1);
    return s->failure == NULL;
}

static void callbacks_come_first(void **state)
{
    static crowd c;
    source s = {.expires_in_s = 7200};
    const caws_client_options options = {.credentials_callback = give, .credentials_context = &s};
    (void)state;
    begin("{}");
    setenv("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT", 1);
    setenv("AWS_SECRET_ACCESS_KEY", SECRET, 1);
    use_container();
    caws_client *client = new_client(&options);
    assert_int_equal(s.calls, 0);
    s.slow_ms = 100;
    call_together(&c, client);
    assert_int_equal(count_key(&c, "AKIDCALLBACK1"), THREADS);
    assert_int_equal(s.calls, 1);
    atomic_store(&ahead_s, 7200 - 600);
    call_together(&c, client);
    assert_int_equal(s.calls, 2);
    assert_called_with(client, "AKIDCALLBACK2");
    assert_int_equal(s.most_inside, 1);
    assert_counts("container", 0, 0);

    /* Expired for the service: once more. */
    const caws_call_options twice = {.max_attempts = 2};
    control("POST", "/script", "{'service': {'revoked': 'AKIDCALLBACK2'}}");
    const outcome o = call_with(client, &twice);
    assert_string_equal(o.key, "AKIDCALLBACK3");
    caws_client_free(client);

    const caws_client_options both = {
        .credentials = &explicit_keys, .credentials_callback = give, .credentials_context = &s};
    client = new_client(&both);
    assert_called_with(client, "AKIDEXPLICIT");
    assert_int_equal(s.calls, 3);
    caws_client_free(client);
}

static void bad_callbacks_are_told(void **state)
{
    static const struct {
        caws_credentials keys;
        const char *failure;
        const char *told;
    } cases[] = {
        {{NULL, NULL, NULL}, "the vault is\nsealed", "credentials callback: the vault is"},
        {{NULL, NULL, NULL}, NULL, "access_key_id is missing"},
        {{"", SECRET, NULL}, NULL, "access_key_id is missing"},
        {{"AKID", NULL, NULL}, NULL, "secret_access_key is missing"},
        {{"AKID", "", NULL}, NULL, "secret_access_key is missing"},
        {{"AKID\r\nX-Evil: 1", SECRET, NULL}, NULL, "access_key_id is missing, or has a control"},
        {{"AKID", SECRET, SECRET "\n"}, NULL, "session_token is missing, or has a control"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        source s = {.keys = &cases[i].keys, .failure = cases[i].failure};
        const caws_client_options options = {.credentials_callback = give,
                                             .credentials_context = &s};
        begin("{}");
        caws_client *client = new_client(&options);
        const outcome o = call(client);
        assert_fails(&o, CAWS_ERROR_CREDENTIALS, cases[i].told);
        s.keys = NULL;
        s.failure = NULL;
        assert_called_with(client, "AKIDCALLBACK2"); /* asked anew */
        assert_has(request_log(), "container=0/0 imds=0/0 service=1/1");
        caws_client_free(client);
    }
}

/* --- all of them --- */

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"token",       "program.sh", "runs",    "config",
                                        "credentials", "hang.sh",    "hang.pid"};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)unlink(path_of(names[i]));
    return rmdir(folder);
}

#define TEST(name) cmocka_unit_test_teardown(name, check_output)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(come_from_a_container),
        TEST(come_from_an_instance),
        TEST(come_from_a_program),
        TEST(come_from_a_profile),
        TEST(missing_profiles_are_told),
        TEST(nothing_is_probed_early_or_in_vain),
        TEST(others_go_on_or_wait),
        TEST(waiting_calls_hear_of_the_failure),
        TEST(a_refresh_blocks_no_loop),
        TEST(expired_ones_are_replaced_once),
        TEST(no_others_end_the_call),
        TEST(failures_fall_through_and_are_told),
        TEST(bad_answers_fall_through),
        TEST(limits_of_answers_do_not_mix),
        TEST(deadlines_hold_while_a_provider_hangs),
        TEST(programs_that_hang_are_ended),
        TEST(valid_ones_outlive_a_hanging_provider),
        TEST(cancelled_refreshes_are_handed_on),
        TEST(a_silent_instance_costs_its_timeout),
#if __has_include(<caws/logs/start_live_tail.h>)
        TEST(streams_find_credentials_too),
#endif
        TEST(proxies_are_for_services_only),
        TEST(callbacks_come_first),
        TEST(bad_callbacks_are_told),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
