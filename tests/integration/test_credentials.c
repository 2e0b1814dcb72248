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

static bool have_none(void *context, caws_provided_credentials *provided)
{
    (void)context;
    (void)provided;
    return false;
}

static void callbacks_need_not_say_why(void **state)
{
    const caws_client_options options = {.credentials_callback = have_none};
    (void)state;
    begin("{}");
    caws_client *client = new_client(&options);
    const outcome o = call(client);
    assert_fails(&o, CAWS_ERROR_CREDENTIALS, "the credentials callback: has none");
    caws_client_free(client);
}

/* What the callback takes is the call's time. */
static void callbacks_may_be_too_slow(void **state)
{
    source s = {.slow_ms = 500};
    const caws_client_options options = {.credentials_callback = give, .credentials_context = &s};
    const caws_call_options soon = {.deadline_ms = 300};
    (void)state;
    begin("{}");
    caws_client *client = new_client(&options);
    const outcome o = call_with(client, &soon);
    assert_fails(&o, CAWS_ERROR_TIMEOUT, "deadline");
    assert_int_equal(o.attempts, 0);
    assert_counts("service", 0, 0);
    assert_called_with(client, "AKIDCALLBACK1"); /* what it gave is kept */
    caws_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(come_from_a_container),     TEST(come_from_an_instance),
        TEST(come_from_a_program),       TEST(come_from_a_profile),
        TEST(missing_profiles_are_told), TEST(nothing_is_probed_early_or_in_vain),
        TEST(others_go_on_or_wait),      TEST(waiting_calls_hear_of_the_failure),
        TEST(a_refresh_blocks_no_loop),  TEST(proxies_are_for_services_only),
        TEST(callbacks_come_first),      TEST(bad_callbacks_are_told),
        TEST(callbacks_may_be_too_slow), TEST(callbacks_need_not_say_why),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
