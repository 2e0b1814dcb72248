/* What tests of credentials share: the scripts and the log of credential_server.py, an environment
 * and files of a test's own, a clock that can be put forward, and a watch on all output for
 * secrets. */
#ifndef CREDENTIAL_TESTS_H
#define CREDENTIAL_TESTS_H

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "servers.h"

#include <caws/loop.h>

#define SECRET "TOPSECRET" /* part of all secrets */

/* --- a clock --- */

static atomic_int ahead_s;

#ifdef SYS_clock_gettime64 /* 32 bits, where the other one has a small time_t */
#define CLOCK_CALL SYS_clock_gettime64
#else
#define CLOCK_CALL SYS_clock_gettime
#endif

/* The whole process has it: the date is what a test wants, all else goes by the real clock. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    long result = syscall(CLOCK_CALL, clock, now);
    if (result == 0 && clock == CLOCK_REALTIME)
        now->tv_sec += atomic_load(&ahead_s);
    return (int)result;
}

static inline int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void sleep_ms(int ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL);
}

/* --- the servers --- */

static inline int connect_to(const char *port_name)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port =
                                            htons((uint16_t)atoi(required_environment(port_name))),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int socket_ = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(socket_ >= 0);
    assert_int_equal(connect(socket_, (const struct sockaddr *)&address, sizeof(address)), 0);
    return socket_;
}

static char answered[256 * 1024];

static inline const char *control(const char *method, const char *path, const char *body)
{
    char request[8192];
    size_t length = 0;
    int server = connect_to("CAWS_TEST_CONTROL_PORT");
    int size = snprintf(request, sizeof(request),
                        "%s %s HTTP/1.1\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
                        method, path, strlen(body), body);
    assert_in_range(size, 1, sizeof(request) - 1);
    assert_int_equal(send(server, request, (size_t)size, MSG_NOSIGNAL), size);
    for (ssize_t got;
         (got = recv(server, answered + length, sizeof(answered) - 1 - length, 0)) > 0;)
        length += (size_t)got;
    answered[length] = '\0';
    close(server);
    assert_non_null(strstr(answered, "HTTP/1.1 200"));
    return strstr(answered, "\r\n\r\n") + 4;
}

static inline const char *request_log(void)
{
    return control("GET", "/log", "");
}

static inline void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static inline void assert_has_not(const char *text, const char *part)
{
    if (strstr(text, part) != NULL)
        fail_msg("\"%s\" is in \"%s\"", part, text);
}

/* How many connections and requests a kind of server has got: "container=1/3". */
static inline void assert_counts(const char *kind, int connections, int requests)
{
    char wanted[64];
    snprintf(wanted, sizeof(wanted), "%s=%d/%d", kind, connections, requests);
    assert_has(request_log(), wanted);
}

static inline int requests_of(const char *kind)
{
    int connections = -1;
    int requests = -1;
    const char *log = request_log();
    char format[64];
    const char *found = NULL;
    snprintf(format, sizeof(format), "%s=", kind);
    while ((log = strstr(log, format)) != NULL)
        found = log++; /* the last: paths may have the like */
    assert_non_null(found);
    assert_int_equal(sscanf(found + strlen(format), "%d/%d", &connections, &requests), 2);
    return requests;
}

/* --- the environment --- */

static char folder[] = "/tmp/caws-test-credentials-XXXXXX";

static inline const char *path_of(const char *name)
{
    static char paths[8][128];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static inline const char *write_file(const char *name, const char *text)
{
    const char *path = path_of(name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return path;
}

static inline void set_url(const char *variable, const char *port_name, const char *path)
{
    char url[256];
    snprintf(url, sizeof(url), "http://127.0.0.1:%s%s", required_environment(port_name), path);
    setenv(variable, url, 1);
}

static inline void use_container(void)
{
    set_url("AWS_CONTAINER_CREDENTIALS_FULL_URI", "CAWS_TEST_CONTAINER_PORT",
            "/" SECRET "-path?" SECRET);
}

static inline void use_imds(void)
{
    set_url("AWS_EC2_METADATA_SERVICE_ENDPOINT", "CAWS_TEST_IMDS_PORT", "");
    unsetenv("AWS_EC2_METADATA_DISABLED");
}

/* As on a machine without credentials. */
static inline void begin(const char *script)
{
    static const char *const variables[] = {"AWS_ACCESS_KEY_ID",
                                            "AWS_SECRET_ACCESS_KEY",
                                            "AWS_SESSION_TOKEN",
                                            "AWS_PROFILE",
                                            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                                            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                                            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                                            "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                                            "AWS_METADATA_SERVICE_TIMEOUT",
                                            "http_proxy",
                                            "all_proxy"};
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
        unsetenv(variables[i]);
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    setenv("AWS_REGION", "eu-central-1", 1);
    setenv("AWS_CONFIG_FILE", "/dev/null", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
    atomic_store(&ahead_s, 0);
    (void)control("POST", "/script", script);
}

/* --- clients and calls --- */

static pthread_mutex_t output_lock = PTHREAD_MUTEX_INITIALIZER;
static char output[256 * 1024]; /* every line that was logged */

static inline void keep_line(void *context, caws_log_level level, const char *line)
{
    (void)context;
    (void)level;
    pthread_mutex_lock(&output_lock);
    size_t used = strlen(output);
    snprintf(output + used, sizeof(output) - used, "%s\n", line);
    pthread_mutex_unlock(&output_lock);
}

static inline caws_client *new_client(const caws_client_options *options)
{
    caws_client_options own = options != NULL ? *options : (caws_client_options){0};
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%s",
             required_environment("CAWS_TEST_SERVICE_PORT"));
    own.log = keep_line;
    own.log_level = CAWS_LOG_DEBUG;
    return new_client_at(url, &own);
}

/* One call, and what came of it. */
typedef struct outcome {
    caws_client *client;
    const caws_call_options *options;
    caws_status status;
    char key[64]; /* that it was signed with */
    char message[2048];
    char code[64];
    int attempts;
    int64_t ms;
} outcome;

static inline void note(outcome *o, const caws_logs_create_export_task_output *out,
                        const caws_error *error)
{
    o->status = error->status;
    o->attempts = error->attempts;
    snprintf(o->key, sizeof(o->key), "%s", out != NULL ? out->task_id : "");
    snprintf(o->message, sizeof(o->message), "%s", error->message);
    snprintf(o->code, sizeof(o->code), "%s", error->code);
}

static inline void *make_call(void *context)
{
    outcome *o = context;
    caws_error error = CAWS_ERROR_INIT;
    caws_logs_create_export_task_output *out = NULL;
    const caws_logs_create_export_task_input input = valid_input();
    int64_t began = now_ms();
    caws_call_with(o->client, &caws_operation_logs_create_export_task, &input, o->options, &out,
                   &error);
    o->ms = now_ms() - began;
    note(o, out, &error);
    caws_output_free(out);
    caws_error_clear(&error);
    return NULL;
}

static inline outcome call_with(caws_client *client, const caws_call_options *options)
{
    outcome o = {.client = client, .options = options};
    (void)make_call(&o);
    assert_has_not(o.message, SECRET);
    return o;
}

static inline outcome call(caws_client *client)
{
    return call_with(client, NULL);
}

static inline void assert_called_with(caws_client *client, const char *key)
{
    const outcome o = call(client);
    if (o.status != CAWS_OK)
        fail_msg("%s: %s", o.code, o.message);
    assert_string_equal(o.key, key);
}

static inline void assert_fails(const outcome *o, caws_status status, const char *part)
{
    if (o->status != status)
        fail_msg("status %d: %s: %s", (int)o->status, o->code, o->message);
    assert_has(o->message, part);
}

/* What every test ends with: no line of any log has a secret. */
static inline int check_output(void **state)
{
    (void)state;
    const char *found = strstr(output, SECRET);
    if (found != NULL)
        print_error("a secret in the log: %.200s\n", found > output + 100 ? found - 100 : output);
    output[0] = '\0';
    return found != NULL ? -1 : 0;
}

static inline int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static inline int remove_folder(void **state)
{
    static const char *const names[] = {"token",       "program.sh", "runs",    "config",
                                        "credentials", "hang.sh",    "hang.pid"};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)unlink(path_of(names[i]));
    return rmdir(folder);
}

#define TEST(name) cmocka_unit_test_teardown(name, check_output)

#endif
