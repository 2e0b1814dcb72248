#include "scenarios.h"

#include <stdio.h>
#include <string.h>

#include "life.h"

surroundings around;

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
    {"first call of a process", by_variables, NULL, life_call, OK_URL, true},
    {"first TLS call of a process", by_variables, with_ca, life_call, TLS_URL, true},
    {"call", by_variables, with_log, life_call_with_everything, OK_URL, false},
    {"TLS", by_variables, with_ca, life_call, TLS_URL, false},
    {"TLS, refused", by_variables, with_other_ca, life_call, TLS_URL, false},
    {"endpoint rules, proxy, TLS", by_variables, with_proxy, life_call, NULL, false},
    {"endpoint rules, error", by_variables, with_impossible_endpoint, life_call, OK_URL, false},
    {"name look-up", by_variables, NULL, life_call, "http://localhost:%Q/ok/%R", false},
    {"retries", by_variables, NULL, life_retries, OK_URL, false},
    {"exceptions", by_variables, NULL, life_exceptions, OK_URL, false},
    {"malformed answers", by_variables, NULL, life_malformed_answers, OK_URL, false},
    {"invalid input", by_variables, NULL, life_invalid_input, OK_URL, false},
    {"large answer", by_variables, NULL, life_get_events, "http://%P/events/%R", false},
    {"large input, log, describe", by_variables, with_log, life_call_and_describe, OK_URL, false},
    {"paginator", by_variables, NULL, life_pages, "http://%P/pages/%R", false},
    {"waiter", by_variables, NULL, life_wait_for_task, "http://%P/task/%R", false},
    {"waiter, failed", by_variables, NULL, life_wait_for_task, "http://%P/failed-task/%R", false},
    {"stream", by_variables, NULL, life_tail, "http://%P/tail/%R", false},
    {"stream, exception", by_variables, NULL, life_tail, "http://%P/tail-exception/%R", false},
    {"stream, data", by_variables, NULL, life_object, "http://%P/object/%R", false},
    {"loop", by_variables, NULL, life_loop, OK_URL, false},
    {"loop, TLS", by_variables, with_ca_in_a_hurry, life_loop_over_tls, TLS_URL, false},
    {"loop, stream", by_variables, NULL, life_tail_in_loop, "http://%P/tail/%R", false},
    {"loop, stream, exception", by_variables, NULL, life_tail_in_loop,
     "http://%P/tail-exception/%R", false},
    {"loop, driven by hand", by_variables, NULL, life_event_loop, OK_URL, false},
    {"shared files", by_files, NULL, life_call_and_describe, NULL, false},
    {"shared files, malformed", by_bad_file, NULL, life_call, NULL, false},
    {"credentials, callback", by_nobody, with_callback, life_call, OK_URL, false},
    {"credentials, process", by_process, NULL, life_call, OK_URL, false},
    {"credentials, container", by_container, NULL, life_call, OK_URL, false},
    {"credentials, instance", by_instance, NULL, life_call, OK_URL, false},
    {"credentials, renewed", by_renewal, NULL, life_call, "http://%P/expired/%R", false},
    {"credentials, refused", by_refusal, NULL, life_call, OK_URL, false},
    {"credentials, none", by_nobody, NULL, life_call, OK_URL, false},
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
        life_note(l, "client", &error, NULL);
    caws_error_clear(&error);
    return client;
}

bool scenario_call_well(caws_client *client, char *text, size_t size)
{
    life l = {.client = client};
    life_call_at(&l, "ok");
    snprintf(text, size, "%s", l.steps[0]);
    return strcmp(text, "ok: OK task-1") == 0;
}
