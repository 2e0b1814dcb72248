/* What the library does to the program it is in: signals, threads, descriptors, forks, copies. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <netinet/in.h>

#include <caws/loop.h>

#include "script.h"

static const char plain_url[] = "CAWS_TEST_FAULT_URL";
static const char tls_url[] = "CAWS_TEST_TLS_URL";

static caws_client *new_tls_client(void)
{
    const caws_client_options options = {.ca_bundle = required_environment("CAWS_TEST_CA_FILE")};
    return new_client(&options);
}

/* --- signals --- */

static volatile sig_atomic_t pipes;

static void count_pipe(int signal_number)
{
    (void)signal_number;
    pipes++;
}

static void start_counting_pipes(void)
{
    pipes = 0;
    signal(SIGPIPE, count_pipe);
}

static void expect_no_pipes(const char *when)
{
    sigset_t pending;
    if (pipes > 0)
        fail_msg("%d SIGPIPE %s", (int)pipes, when);
    sigpending(&pending);
    assert_int_equal(sigismember(&pending, SIGPIPE), 0);
    signal(SIGPIPE, SIG_DFL);
}

/* That the server does what the next two tests need: a plain write() gets the signal. */
static void a_careless_writer_gets_sigpipe(void **state)
{
    static const char request[] = "POST /script/careless.fin-reset HTTP/1.1\r\nHost: x\r\n\r\n";
    const char *url = required_environment(plain_url);
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtol(strrchr(url, ':') + 1, NULL, 10)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    (void)state;
    assert_int_equal(connect(connection, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(write(connection, request, sizeof(request) - 1), sizeof(request) - 1);
    usleep(150 * 1000);
    start_counting_pipes();
    assert_int_equal(write(connection, request, sizeof(request) - 1), -1);
    assert_int_equal(pipes, 1);
    signal(SIGPIPE, SIG_DFL);
    close(connection);
}

static void no_sigpipe_from_a_connection_that_was_reset(void **state)
{
    static const char *const variables[] = {"CAWS_TEST_FAULT_URL", "CAWS_TEST_TLS_URL"};
    (void)state;
    start_counting_pipes();
    for (int i = 0; i < 6; i++) {
        caws_error error = CAWS_ERROR_INIT;
        char path[64];
        caws_client *client = new_tls_client();
        snprintf(path, sizeof(path), "script/pipe-%d.fin-reset.ok", i);
        assert_int_equal(call_on(client, variables[i % 2], path, NULL, &error), CAWS_OK);
        usleep(60 * 1000); /* now the connection is gone */
        if (i >= 2)        /* else freeing is the first to find out */
            assert_int_equal(call_on(client, variables[i % 2], path, NULL, &error), CAWS_OK);
        caws_client_free(client);
    }
    expect_no_pipes("in calls, or when the client was freed");
}

static void note_end(void *context, void *output, const caws_error *error)
{
    caws_output_free(output);
    *(caws_status *)context = error->status;
}

/* The connection is reset while the program does something else; then it gives the call up. */
static void no_sigpipe_from_a_call_that_is_given_up(void **state)
{
    (void)state;
    start_counting_pipes();
    for (int i = 0; i < 3; i++) {
        caws_error error = CAWS_ERROR_INIT;
        caws_status status = CAWS_OK;
        char url[256];
        snprintf(url, sizeof(url), "%s/script/givenup-%d.fin-reset~150",
                 required_environment(tls_url), i);
        const caws_call_options options = {.endpoint_url = url};
        const caws_logs_create_export_task_input input = valid_input();
        caws_client *client = new_tls_client();
        caws_loop *loop = caws_loop_new(client, NULL, &error);
        caws_pending *pending = caws_loop_start(loop, &caws_operation_logs_create_export_task,
                                                &input, &options, note_end, &status, &error);
        assert_non_null(pending);
        assert_int_equal(caws_loop_run(loop, 100), 1);
        usleep(150 * 1000);
        if (i == 0)
            caws_loop_cancel(pending);
        if (i == 1)
            assert_int_equal(caws_loop_run(loop, 0) <= 1, 1);
        caws_loop_free(loop);
        assert_int_not_equal(status, CAWS_OK);
        caws_client_free(client);
    }
    expect_no_pipes("when a call was given up");
}

static void get_actions(struct sigaction actions[32])
{
    for (int i = 1; i < 32; i++)
        assert_int_equal(sigaction(i, NULL, &actions[i]), 0);
}

static void signals_stay_as_they_were(void **state)
{
    struct sigaction before[32];
    struct sigaction after[32];
    sigset_t mask_before;
    sigset_t mask_after;
    caws_error error = CAWS_ERROR_INIT;
    (void)state;
    sigemptyset(&mask_before);
    sigaddset(&mask_before, SIGUSR1);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, &mask_before, NULL), 0);
    get_actions(before);
    caws_client *client = new_tls_client();
    for (int i = 0; i < 4; i++) {
        (void)call_on(client, i % 2 == 0 ? plain_url : tls_url, i < 2 ? "ok" : "reset", NULL,
                      &error);
        assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &mask_after), 0);
        for (int s = 1; s < 32; s++)
            assert_int_equal(sigismember(&mask_before, s), sigismember(&mask_after, s));
    }
    caws_client_free(client);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &mask_after), 0);
    get_actions(after);
    for (int s = 1; s < 32; s++) {
        assert_int_equal(sigismember(&mask_before, s), sigismember(&mask_after, s));
        assert_true(before[s].sa_handler == after[s].sa_handler);
        assert_int_equal(before[s].sa_flags, after[s].sa_flags);
    }
    sigemptyset(&mask_before);
    (void)pthread_sigmask(SIG_SETMASK, &mask_before, NULL);
    caws_error_clear(&error);
}

/* --- threads, descriptors --- */

static int entries_of(const char *folder)
{
    DIR *dir = opendir(folder);
    int count = 0;
    assert_non_null(dir);
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

static int most_threads;

static void look_at_threads(void *context, caws_log_level level, const char *line)
{
    (void)context;
    (void)level;
    (void)line;
    int now = entries_of("/proc/self/task");
    if (now > most_threads)
        most_threads = now;
}

static void nothing_is_started_and_nothing_left(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    const caws_client_options options = {.ca_bundle = required_environment("CAWS_TEST_CA_FILE"),
                                         .log = look_at_threads};
    int threads = entries_of("/proc/self/task");
    int descriptors = 0;
    (void)state;
    for (int i = 0; i < 100; i++) {
        caws_client *client = new_client(&options);
        assert_int_equal(call_on(client, i % 10 == 0 ? tls_url : plain_url, "ok", NULL, &error),
                         CAWS_OK);
        if (i % 10 == 5)
            (void)call_path(client, "reset", NULL, &error);
        caws_client_free(client);
        if (i == 10) /* what OpenSSL and the C library open once for all is open now */
            descriptors = entries_of("/proc/self/fd");
    }
    assert_int_equal(entries_of("/proc/self/fd"), descriptors);
    assert_int_equal(entries_of("/proc/self/task"), threads);
    assert_int_equal(most_threads, threads);
    caws_error_clear(&error);
}

static bool is_connection(int descriptor)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof(address);
    return getsockname(descriptor, (struct sockaddr *)&address, &length) == 0 &&
           address.ss_family == AF_INET;
}

/* A program that is started meanwhile would keep the connection open. libcurl's own socket pairs,
 * by which its parts wake each other, are inherited. */
static void connections_are_not_inherited(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_tls_client();
    int connections = 0;
    (void)state;
    assert_int_equal(call_path(client, "ok", NULL, &error), CAWS_OK);
    assert_int_equal(call_on(client, tls_url, "ok", NULL, &error), CAWS_OK);
    for (int i = 0; i < 256; i++)
        if (is_connection(i)) {
            connections++;
            assert_int_equal(fcntl(i, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
        }
    assert_true(connections > 0);
    caws_client_free(client);
}

/* --- forks --- */

enum { FORK_CALLS = 5 };

static bool calls_well(caws_client *client, const char *url, const char *who)
{
    const caws_call_header header = {"X-Who", who};
    const caws_call_options options = {.headers = &header, .header_count = 1};
    for (int i = 0; i < FORK_CALLS; i++) {
        caws_error error = CAWS_ERROR_INIT;
        caws_status status = call_url(client, url, &options, NULL, &error);
        if (status != CAWS_OK)
            fprintf(stderr, "%s: %s\n", who, error.message);
        caws_error_clear(&error);
        if (status != CAWS_OK)
            return false;
    }
    return true;
}

static void expect_child_to_do_well(pid_t child)
{
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("the child ended with %d", status);
}

/* The server's view: each side has one connection of its own for all its calls. */
static void expect_separate_connections(const char *name, int parents, int children)
{
    const char *connections[2] = {NULL, NULL};
    int counts[2] = {0, 0};
    cJSON *records = records_of(name);
    for (int i = 0; i < cJSON_GetArraySize(records); i++) {
        int child = strcmp(header_in(records, i, "x-who"), "child") == 0;
        const char *connection = text_in(records, i, "connection");
        if (connections[child] == NULL)
            connections[child] = connection;
        assert_string_equal(connection, connections[child]);
        assert_true(is_signed(records, i));
        counts[child]++;
    }
    assert_int_equal(counts[0], parents);
    assert_int_equal(counts[1], children);
    if (parents > 0 && children > 0)
        assert_string_not_equal(connections[0], connections[1]);
    cJSON_Delete(records);
}

static void a_client_survives_forks(void **state)
{
    static const char *const variables[] = {"CAWS_TEST_FAULT_URL", "CAWS_TEST_TLS_URL"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        char url[256];
        char name[32];
        snprintf(name, sizeof(name), "fork-%d", i);
        snprintf(url, sizeof(url), "%s/script/%s", required_environment(variables[i]), name);
        caws_client *client = new_tls_client();
        assert_true(calls_well(client, url, "parent")); /* leaves a connection open */
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            bool well = calls_well(client, url, "child");
            caws_client_free(client);
            _exit(well ? 0 : 1);
        }
        assert_true(calls_well(client, url, "parent")); /* at the same time */
        expect_child_to_do_well(child);
        assert_true(calls_well(client, url, "parent"));
        expect_separate_connections(name, 3 * FORK_CALLS, FORK_CALLS);
        assert_int_equal(counters_of(client).connections_opened, 1);
        caws_client_free(client);
    }
}

/* Freeing must not say good-bye on the parent's connections, as TLS does; nor must not freeing. */
static void a_child_may_free_or_forget(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        char url[256];
        char name[32];
        snprintf(name, sizeof(name), "forget-%d", i);
        snprintf(url, sizeof(url), "%s/script/%s", required_environment(tls_url), name);
        caws_client *client = new_tls_client();
        assert_true(calls_well(client, url, "parent"));
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            if (i == 0)
                caws_client_free(client);
            _exit(0);
        }
        expect_child_to_do_well(child);
        assert_true(calls_well(client, url, "parent"));
        expect_separate_connections(name, 2 * FORK_CALLS, 0);
        caws_client_free(client);
    }
}

static void count_end(void *context, void *output, const caws_error *error)
{
    (void)error;
    caws_output_free(output);
    ++*(int *)context;
}

static void count_line(void *context, caws_log_level level, const char *line)
{
    (void)level;
    (void)line;
    ++*(int *)context;
}

/* The child frees the loop, while the parent's call goes on over the same connection: nobody is
 * called back, nothing is logged, and the parent gets its answer. */
static void a_child_lets_go_of_calls_in_flight(void **state)
{
    static const char *const variables[] = {"CAWS_TEST_FAULT_URL", "CAWS_TEST_TLS_URL"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        int ends = 0;
        int lines = 0;
        char url[256];
        caws_error error = CAWS_ERROR_INIT;
        snprintf(url, sizeof(url), "%s/drip/5", required_environment(variables[i]));
        caws_client *client = new_client(
            &(caws_client_options){.ca_bundle = required_environment("CAWS_TEST_CA_FILE"),
                                   .log = count_line,
                                   .log_level = CAWS_LOG_ERROR,
                                   .log_context = &lines});
        const caws_call_options options = {.endpoint_url = url};
        const caws_logs_create_export_task_input input = valid_input();
        caws_loop *loop = caws_loop_new(client, NULL, &error);
        assert_non_null(caws_loop_start(loop, &caws_operation_logs_create_export_task, &input,
                                        &options, count_end, &ends, &error));
        assert_int_equal(caws_loop_run(loop, 200), 1); /* it is on its way */
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            caws_loop_free(loop);
            caws_client_free(client);
            _exit(ends == 0 && lines == 0 ? 0 : 1);
        }
        expect_child_to_do_well(child);
        while (caws_loop_run(loop, 10000) > 0)
            ;
        assert_int_equal(ends, 1);
        assert_int_equal(lines, 0); /* no error */
        assert_int_equal(counters_of(client).connections_opened, 1);
        caws_loop_free(loop);
        caws_client_free(client);
    }
}

/* So does one that has ended, and whose callback is due. */
static void a_child_lets_go_of_calls_that_have_ended(void **state)
{
    int ends = 0;
    caws_error error = CAWS_ERROR_INIT;
    char url[256];
    snprintf(url, sizeof(url), "%s/slow/10", required_environment("CAWS_TEST_FAULT_URL"));
    caws_client *client = new_client(NULL);
    const caws_call_options options = {.endpoint_url = url};
    const caws_logs_create_export_task_input input = valid_input();
    caws_loop *loop = caws_loop_new(client, NULL, &error);
    (void)state;
    for (int i = 0; i < 2; i++) {
        caws_pending *pending = caws_loop_start(loop, &caws_operation_logs_create_export_task,
                                                &input, &options, count_end, &ends, &error);
        assert_non_null(pending);
        caws_loop_cancel(pending);
    }
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        caws_loop_free(loop);
        caws_client_free(client);
        _exit(ends == 0 ? 0 : 1);
    }
    expect_child_to_do_well(child);
    assert_int_equal(ends, 0);
    assert_int_equal(caws_loop_run(loop, 0), 0);
    assert_int_equal(ends, 2);
    caws_loop_free(loop);
    caws_client_free(client);
}

/* --- several --- */

static void clients_live_side_by_side(void **state)
{
    static const caws_credentials other_keys = {"AKIDOTHER", "another-secret", NULL};
    const caws_client_options options = {.credentials = &other_keys, .region = "eu-west-3"};
    caws_error error = CAWS_ERROR_INIT;
    caws_client *clients[3] = {new_client(NULL), new_client(&options), new_tls_client()};
    (void)state;
    for (int i = 0; i < 9; i++)
        assert_int_equal(call_path(clients[i % 3], "script/side", NULL, &error), CAWS_OK);
    caws_client_free(clients[0]);
    assert_int_equal(call_path(clients[2], "script/side", NULL, &error), CAWS_OK);
    caws_client_free(clients[1]);
    caws_client *late = new_client(NULL);
    caws_client_free(clients[2]);
    assert_int_equal(call_path(late, "script/side", NULL, &error), CAWS_OK);
    caws_client_free(late);
    cJSON *records = records_of("side");
    assert_int_equal(cJSON_GetArraySize(records), 11);
    for (int i = 0; i < 9; i++) {
        bool other = strstr(header_in(records, i, "authorization"), "/eu-west-3/") != NULL;
        assert_int_equal(other, i % 3 == 1);
        assert_int_equal(is_signed(records, i), !other); /* the server does not know that key */
    }
    cJSON_Delete(records);
}

/* A copy of the library: its own functions, of an object of its own. */
typedef struct copy {
    void *handle;
    caws_client *(*client_new)(const caws_client_options *, caws_error *);
    void (*client_free)(caws_client *);
    caws_status (*call)(caws_client *, const caws_logs_create_export_task_input *,
                        caws_logs_create_export_task_output **, caws_error *);
    void (*output_free)(void *);
    void (*error_clear)(caws_error *);
    caws_client *client;
} copy;

static void find(void *handle, const char *name, void *function)
{
    void *found = dlsym(handle, name);
    assert_non_null(found);
    memcpy(function, &found, sizeof(found));
}

static void load(copy *c, const char *file)
{
    c->handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (c->handle == NULL)
        fail_msg("%s", dlerror());
    find(c->handle, "caws_client_new", &c->client_new);
    find(c->handle, "caws_client_free", &c->client_free);
    find(c->handle, "caws_logs_create_export_task", &c->call);
    find(c->handle, "caws_output_free", &c->output_free);
    find(c->handle, "caws_error_clear", &c->error_clear);
}

static void copy_file(const char *from, const char *to)
{
    char block[65536];
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    assert_non_null(in);
    assert_non_null(out);
    for (size_t length; (length = fread(block, 1, sizeof(block), in)) > 0;)
        assert_int_equal(fwrite(block, 1, length, out), length);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

static void call_copy(copy *c)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_logs_create_export_task_output *out = NULL;
    const caws_logs_create_export_task_input input = valid_input();
    if (c->call(c->client, &input, &out, &error) != CAWS_OK)
        fail_msg("%s", error.message);
    assert_string_equal(out->task_id, "task-1");
    c->output_free(out);
    c->error_clear(&error);
}

/* Besides the one that is linked into this program. */
static void copies_live_side_by_side(void **state)
{
    char file[512];
    char other[] = "/tmp/caws-copy-XXXXXX";
    char url[256];
    copy copies[2];
    (void)state;
    ssize_t length = readlink("/proc/self/exe", file, sizeof(file) - 32);
    assert_true(length > 0);
    file[length] = '\0';
    strcpy(strrchr(file, '/') + 1, "libcaws_all.so");
    if (access(file, R_OK) != 0)
        skip(); /* a sanitizer's build has none */
    void *self = dlopen(NULL, RTLD_NOW);
    if (self == NULL)
        skip(); /* a program that is static throughout loads nothing */
    dlclose(self);
    close(mkstemp(other));
    copy_file(file, other);
    load(&copies[0], file);
    load(&copies[1], other);
    unlink(other);
    assert_true(copies[0].client_new != copies[1].client_new);
    assert_true(copies[0].client_new != caws_client_new);
    snprintf(url, sizeof(url), "%s/ok", required_environment(tls_url));
    const caws_client_options options = {.endpoint_url = url,
                                         .credentials = &test_keys,
                                         .ca_bundle = required_environment("CAWS_TEST_CA_FILE")};
    caws_client *own = new_tls_client();
    for (int i = 0; i < 2; i++) {
        caws_error error = CAWS_ERROR_INIT;
        copies[i].client = copies[i].client_new(&options, &error);
        assert_non_null(copies[i].client);
        call_copy(&copies[i]);
        assert_int_equal(call_on(own, tls_url, "ok", NULL, &error), CAWS_OK);
    }
    call_copy(&copies[0]);
    copies[0].client_free(copies[0].client);
    dlclose(copies[0].handle); /* and the others go on */
    call_copy(&copies[1]);
    copies[1].client_free(copies[1].client);
    dlclose(copies[1].handle);
    caws_error error = CAWS_ERROR_INIT;
    assert_int_equal(call_on(own, tls_url, "ok", NULL, &error), CAWS_OK);
    caws_client_free(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_careless_writer_gets_sigpipe),
        cmocka_unit_test(no_sigpipe_from_a_connection_that_was_reset),
        cmocka_unit_test(no_sigpipe_from_a_call_that_is_given_up),
        cmocka_unit_test(signals_stay_as_they_were),
        cmocka_unit_test(nothing_is_started_and_nothing_left),
        cmocka_unit_test(connections_are_not_inherited),
        cmocka_unit_test(a_client_survives_forks),
        cmocka_unit_test(a_child_lets_go_of_calls_in_flight),
        cmocka_unit_test(a_child_lets_go_of_calls_that_have_ended),
        cmocka_unit_test(a_child_may_free_or_forget),
        cmocka_unit_test(clients_live_side_by_side),
        cmocka_unit_test(copies_live_side_by_side),
    };
    return cmocka_run_group_tests_name("guest", tests, NULL, NULL);
}
