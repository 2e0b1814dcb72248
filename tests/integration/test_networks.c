/* Networks of all kinds: proxies, IPv6, HTTP/2, TLS that is refused; and how requests present
 * themselves there. */
#include <regex.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>
#include <netinet/in.h>

#include "script.h"

static const char plain_url[] = "CAWS_TEST_FAULT_URL";
static const char tls_url[] = "CAWS_TEST_TLS_URL";

static void ipv6_works(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    (void)state;
    if (getenv("CAWS_TEST_IPV6_URL") == NULL)
        skip();
    caws_client *client = new_client(NULL);
    if (call_on(client, "CAWS_TEST_IPV6_URL", "script/six", NULL, &error) != CAWS_OK)
        fail_msg("%s", error.message);
    caws_client_free(client);
    cJSON *records = records_of("six");
    assert_true(strncmp(header_in(records, 0, "host"), "[::1]:", 6) == 0);
    assert_true(is_signed(records, 0));
    cJSON_Delete(records);
}

static int proxied(void)
{
    cJSON *lines = fetch_json("CAWS_TEST_PROXY_URL", "lines");
    int count = cJSON_GetArraySize(lines);
    cJSON_Delete(lines);
    return count;
}

static void expect_call(const caws_client_options *options, const char *url, int requests)
{
    caws_error error = CAWS_ERROR_INIT;
    int before = proxied();
    caws_client *client = new_client(options);
    if (call_url(client, url, NULL, NULL, &error) != CAWS_OK)
        fail_msg("%s: %s", url, error.message);
    caws_client_free(client);
    assert_int_equal(proxied() - before, requests);
}

static void proxies_are_used(void **state)
{
    char tls[256];
    char plain[256];
    const char *proxy = required_environment("CAWS_TEST_PROXY_URL");
    const char *trusted = required_environment("CAWS_TEST_CA_FILE");
    const caws_client_options option = {.proxy = proxy, .ca_bundle = trusted};
    const caws_client_options none = {.proxy = "", .ca_bundle = trusted};
    const caws_client_options environment = {.ca_bundle = trusted};
    (void)state;
    snprintf(tls, sizeof(tls), "%s/ok", required_environment(tls_url));
    snprintf(plain, sizeof(plain), "%s/ok", required_environment(plain_url));
    /* The name is known to the proxy alone, and signed as it is. */
    expect_call(&option, "http://service.test/script/proxied", 1);
    cJSON *records = records_of("proxied");
    assert_true(is_signed(records, 0));
    assert_string_equal(header_in(records, 0, "host"), "service.test");
    cJSON_Delete(records);
    expect_call(&option, tls, 1); /* CONNECT */
    expect_call(&environment, tls, 0);

    setenv("https_proxy", proxy, 1);
    setenv("http_proxy", proxy, 1);
    expect_call(&environment, tls, 1);
    expect_call(&environment, "http://service.test/ok", 1);
    expect_call(&none, tls, 0);
    setenv("no_proxy", "127.0.0.1", 1);
    expect_call(&environment, tls, 0);
    expect_call(&environment, plain, 0);
    unsetenv("no_proxy");
    unsetenv("http_proxy");
    unsetenv("https_proxy");
}

static void http2_is_spoken(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    char *first = NULL;
    char *second = NULL;
    (void)state;
    if (getenv("CAWS_TEST_HTTP2_URL") == NULL)
        skip(); /* no nginx */
    if ((curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP2) == 0)
        skip(); /* a libcurl without it, as small ones are */
    const char *url = getenv("CAWS_TEST_HTTP2_URL");
    const caws_client_options options = {.ca_bundle =
                                             required_environment("CAWS_TEST_HTTP2_CA_FILE")};
    caws_client *client = new_client(&options);
    if (call_url(client, url, NULL, &first, &error) != CAWS_OK)
        fail_msg("%s", error.message);
    assert_int_equal(call_url(client, url, NULL, &second, &error), CAWS_OK);
    assert_true(strncmp(first, "HTTP/2.0 ", 9) == 0);
    assert_string_equal(first, second); /* over the same connection */
    assert_int_equal(counters_of(client).connections_opened, 1);
    free(first);
    free(second);
    caws_client_free(client);
}

static void failures_are_readable(void **state)
{
    char tls_on_plain[256];
    char plain_on_tls[256];
    snprintf(tls_on_plain, sizeof(tls_on_plain), "https%s",
             required_environment("CAWS_TEST_MOTO_URL") + 4); /* answers what is no HTTP */
    snprintf(plain_on_tls, sizeof(plain_on_tls), "http%s", required_environment(tls_url) + 5);
    const struct {
        const char *url;
        const char *proxy;
        caws_status status;
        int attempts;
        const char *message;
    } cases[] = {
        {required_environment("CAWS_TEST_TLS_BADHOST_URL"), NULL, CAWS_ERROR_TLS, 1,
         "subject name"},
        {required_environment("CAWS_TEST_TLS_EXPIRED_URL"), NULL, CAWS_ERROR_TLS, 1, "expired"},
        {required_environment("CAWS_TEST_TLS_UNTRUSTED_URL"), NULL, CAWS_ERROR_TLS, 1,
         "unable to get local issuer certificate"},
        {tls_on_plain, NULL, CAWS_ERROR_TLS, 3, "wrong version number"},
        {plain_on_tls, NULL, CAWS_ERROR_CONNECTION, 3, "127.0.0.1:"},
        {"http://no-such-host.invalid", NULL, CAWS_ERROR_CONNECTION, 3,
         "no-such-host.invalid: Could not resolve host"},
        {"http://127.0.0.1:1", NULL, CAWS_ERROR_CONNECTION, 3, "Failed to connect to 127.0.0.1"},
        {"http://service.test", "http://127.0.0.1:1", CAWS_ERROR_CONNECTION, 3,
         "Failed to connect to 127.0.0.1 port 1"},
        {"http://service.test", "http://no-such-proxy.invalid", CAWS_ERROR_CONNECTION, 3,
         "Could not resolve proxy: no-such-proxy.invalid"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        const caws_client_options options = {.ca_bundle = required_environment("CAWS_TEST_CA_FILE"),
                                             .proxy = cases[i].proxy};
        caws_client *client = new_client(&options);
        caws_status status = call_url(client, cases[i].url, NULL, NULL, &error);
        print_message("%s: %d attempts: %s\n", error.code, error.attempts, error.message);
        assert_int_equal(status, cases[i].status);
        assert_int_equal(error.attempts, cases[i].attempts);
        assert_int_equal(error.http_status, 0);
        assert_non_null(strstr(error.message, cases[i].message));
        assert_int_equal(counters_of(client).connections_reused, 0);
        caws_error_clear(&error);
        caws_client_free(client);
    }
}

/* Unlike a certificate that is refused, this may pass: nobody has sent a certificate yet. */
static void a_handshake_that_breaks_off_is_repeated(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_call_info info = {0};
    const caws_call_options call = {.info = &info};
    const caws_client_options options = {.ca_bundle = required_environment("CAWS_TEST_CA_FILE")};
    caws_client *client = new_client(&options);
    (void)state;
    if (call_on(client, "CAWS_TEST_RESETTING_TLS_URL", "ok", &call, &error) != CAWS_OK)
        fail_msg("%s", error.message);
    assert_int_equal(info.attempts, 2);
    assert_int_equal(counters_of(client).retries_transport, 1);
    caws_client_free(client);
}

/* The system takes the connection; nobody says anything on it. */
static void a_handshake_that_hangs_is_a_timeout(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    char url[64];
    caws_error error = CAWS_ERROR_INIT;
    const caws_client_options options = {.connect_timeout_ms = 150, .max_attempts = 2};
    (void)state;
    assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    snprintf(url, sizeof(url), "https://127.0.0.1:%d", ntohs(address.sin_port));
    caws_client *client = new_client(&options);
    int64_t began_ms = clock_ms();
    assert_int_equal(call_url(client, url, NULL, NULL, &error), CAWS_ERROR_TIMEOUT);
    print_message("%s: %d attempts: %s\n", error.code, error.attempts, error.message);
    assert_true(clock_ms() - began_ms < 1000);
    assert_int_equal(error.attempts, 2);
    caws_error_clear(&error);
    caws_client_free(client);
    close(listener);
}

/* Nothing of one connection is in the next: libcurl 7.88 may free a kept session twice. */
static void tls_sessions_are_not_kept(void **state)
{
    const caws_client_options options = {.ca_bundle = required_environment("CAWS_TEST_CA_FILE")};
    caws_client *client = new_client(&options);
    char url[256];
    (void)state;
    snprintf(url, sizeof(url), "%s/tls-session", required_environment(tls_url));
    for (int i = 0; i < 3; i++) {
        caws_error error = CAWS_ERROR_INIT;
        char *reused = NULL;
        if (call_url(client, url, NULL, &reused, &error) != CAWS_OK)
            fail_msg("%s", error.message);
        assert_string_equal(reused, "False");
        free(reused);
    }
    assert_int_equal(counters_of(client).connections_opened, 3);
    caws_client_free(client);
}

static void redirects_are_not_followed(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client *client = new_client(NULL);
    (void)state;
    assert_int_equal(call_path(client, "script/moved.redirect", NULL, &error), CAWS_ERROR_HTTP);
    assert_int_equal(error.http_status, 307);
    assert_int_equal(counters_of(client).attempts, 1);
    assert_int_equal(count_of("moved"), 1);
    caws_error_clear(&error);
    caws_client_free(client);
}

static void expect_agent(const char *name, const caws_client_options *options,
                         const char *expression)
{
    caws_error error = CAWS_ERROR_INIT;
    char path[64];
    regex_t regex;
    snprintf(path, sizeof(path), "script/%s", name);
    caws_client *client = new_client(options);
    assert_int_equal(call_path(client, path, NULL, &error), CAWS_OK);
    caws_client_free(client);
    cJSON *records = records_of(name);
    assert_int_equal(regcomp(&regex, expression, REG_EXTENDED | REG_NOSUB), 0);
    const char *agent = header_in(records, 0, "user-agent");
    if (regexec(&regex, agent, 0, NULL, 0) != 0)
        fail_msg("%s", agent);
    regfree(&regex);
    cJSON_Delete(records);
}

#define AGENT "^caws/[0-9]+\\.[0-9]+\\.[0-9]+ ua/2\\.1 os/[a-z]+#[^ ]+ md/arch#[^ ]+ lang/c#11"
#define API   " api/cloudwatch_logs#[0-9.]+ m/"

static void the_user_agent_has_the_format_of_the_sdks(void **state)
{
    const caws_client_options app = {.app_id = "my app/1"};
    const caws_client_options adaptive = {.retry_mode = CAWS_RETRY_ADAPTIVE};
    (void)state;
    expect_agent("agent-plain", NULL, AGENT API "([A-Za-z0-9],)*E(,[A-Za-z0-9])*$");
    expect_agent("agent-app", &app, AGENT API "[A-Za-z0-9,]+ app/my-app-1$");
    expect_agent("agent-adaptive", &adaptive, AGENT API "([A-Za-z0-9],)*F(,[A-Za-z0-9])*$");
    setenv("AWS_EXECUTION_ENV", "AWS_Lambda c", 1);
    setenv("AWS_SDK_UA_APP_ID", "shop", 1);
    expect_agent("agent-where", NULL, AGENT " exec-env/AWS_Lambda-c" API "[A-Za-z0-9,]+ app/shop$");
    unsetenv("AWS_SDK_UA_APP_ID");
    unsetenv("AWS_EXECUTION_ENV");
}

/* A client's calls share what was made for the one before, if they are alike. */
static void the_user_agent_is_of_its_call(void **state)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_logs_create_export_task_output *out = NULL;
    const caws_logs_create_export_task_input input = valid_input();
    const caws_client_options options = {.max_attempts = 1};
    (void)state;
    setenv("https_proxy", "http://127.0.0.1:1", 1); /* what goes to AWS itself does not get far */
    caws_client *client = new_client(&options);
    assert_int_equal(caws_logs_create_export_task(client, &input, &out, &error),
                     CAWS_ERROR_CONNECTION);
    for (int i = 0; i < 2; i++)
        assert_int_equal(call_path(client, "script/agent-each", NULL, &error), CAWS_OK);
    cJSON *records = records_of("agent-each");
    for (int i = 0; i < 2; i++) /* an endpoint that was given: N */
        assert_non_null(strstr(header_in(records, i, "user-agent"), "N"));
    cJSON_Delete(records);
    caws_error_clear(&error);
    caws_client_free(client);
    unsetenv("https_proxy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ipv6_works),
        cmocka_unit_test(proxies_are_used),
        cmocka_unit_test(http2_is_spoken),
        cmocka_unit_test(failures_are_readable),
        cmocka_unit_test(a_handshake_that_breaks_off_is_repeated),
        cmocka_unit_test(a_handshake_that_hangs_is_a_timeout),
        cmocka_unit_test(tls_sessions_are_not_kept),
        cmocka_unit_test(redirects_are_not_followed),
        cmocka_unit_test(the_user_agent_has_the_format_of_the_sdks),
        cmocka_unit_test(the_user_agent_is_of_its_call),
    };
    return cmocka_run_group_tests_name("networks", tests, NULL, NULL);
}
