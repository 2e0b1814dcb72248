/* What can be told without an answer; answers come from sockets in tests/integration. */
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "http.h"

static const caws_settings defaults = {
    .connect_timeout_ms = 10000, .timeout_ms = 60000, .max_response_bytes = 1000};

static void init(caws_http *http, const caws_settings *settings)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_status status = caws_http_init(http, settings, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, CAWS_OK);
}

/* As loop.c does, but with libcurl's own loop. */
static caws_status send_it(caws_http *http, const caws_endpoint *endpoint,
                           const caws_request *request, caws_error *error)
{
    const caws_http_terms terms = {.connect_timeout_ms = 10000, .timeout_ms = 60000};
    if (caws_http_begin(http, endpoint, request, &terms, error) != CAWS_OK)
        return error->status;
    return caws_http_end(http, endpoint, curl_easy_perform(http->curl), error);
}

static void is_made_and_cleared(void **state)
{
    (void)state;
    caws_http http;
    init(&http, &defaults);
    assert_non_null(http.curl);
    assert_int_equal(http.response.body.limit, 1000);
    assert_int_equal(http.response.http_status, 0);
    caws_http_clear(&http);
    assert_null(http.curl);
    caws_http_clear(&http);
}

static void takes_the_extremes_of_settings(void **state)
{
    (void)state;
    const caws_settings least = {
        .connect_timeout_ms = 1, .timeout_ms = 1, .max_response_bytes = 1, .ca_bundle = ""};
    const caws_settings most = {.connect_timeout_ms = INT32_MAX,
                                .timeout_ms = INT32_MAX,
                                .max_response_bytes = SIZE_MAX / 4, /* as the settings cap it */
                                .ca_bundle = "/nowhere"};
    caws_http http;
    init(&http, &least);
    caws_http_clear(&http);
    init(&http, &most);
    caws_http_clear(&http);
}

static void finds_no_header_before_an_answer(void **state)
{
    (void)state;
    caws_http http;
    init(&http, &defaults);
    assert_null(http.response.header(&http.response, "x-amzn-RequestId"));
    assert_null(http.response.header(&http.response, ""));
    caws_http_clear(&http);
}

/* A port of the loopback interface that is taken and that nobody listens at. */
static int closed_port(char host[32])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    (void)snprintf(host, 32, "127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    return fd;
}

static void tells_a_refused_connection(void **state)
{
    (void)state;
    static const char *const methods[] = {"POST", "GET", "HEAD", "PUT", "POST"};
    char host[32];
    int fd = closed_port(host);
    caws_http http;
    init(&http, &defaults);
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        const caws_endpoint endpoint = {.scheme = "http", .host = host, .path = ""};
        caws_request request = {.method = methods[i], .path = "/"};
        caws_error error = CAWS_ERROR_INIT;
        assert_true(caws_request_add_header(&request, "Host", host));
        assert_int_equal(send_it(&http, &endpoint, &request, &error), CAWS_ERROR_CONNECTION);
        assert_string_equal(error.code, "ConnectionFailed");
        assert_true(error.retryable);
        assert_false(error.throttling);
        assert_int_equal(error.http_status, 0);
        assert_int_equal(http.response.http_status, 0);
        assert_int_equal(http.response.body.length, 0);
        assert_memory_equal(error.message, host, strlen(host));
        caws_error_clear(&error);
        caws_request_clear(&request);
    }
    caws_http_clear(&http);
    (void)close(fd);
}

/* Endpoints are checked before, but by another parser: what libcurl's refuses is no want of memory.
 */
static void tells_urls_that_libcurl_refuses(void **state)
{
    static const struct {
        const char *scheme;
        const char *host;
    } refused[] = {{"nosuch", "127.0.0.1"}, {"http", "a b"}, {"http", "a:99999"}};
    (void)state;
    caws_http http;
    init(&http, &defaults);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        const caws_endpoint endpoint = {
            .scheme = refused[i].scheme, .host = refused[i].host, .path = ""};
        const caws_request request = {.method = "GET", .path = "/"};
        caws_error error = CAWS_ERROR_INIT;
        assert_int_equal(send_it(&http, &endpoint, &request, &error), CAWS_ERROR_ENDPOINT);
        assert_ptr_equal(strstr(error.message, refused[i].host), error.message);
        assert_true(strlen(error.message) > strlen(refused[i].host) + strlen(": "));
        caws_error_clear(&error);
    }
    caws_http_clear(&http);
}

static void refuses_other_schemes(void **state)
{
    (void)state;
    static const char *const schemes[] = {"ftp", "file", "gopher", "nosuch"};
    caws_http http;
    init(&http, &defaults);
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        const caws_endpoint endpoint = {.scheme = schemes[i], .host = "127.0.0.1", .path = ""};
        const caws_request request = {.method = "GET", .path = "/"};
        caws_error error = CAWS_ERROR_INIT;
        assert_int_not_equal(send_it(&http, &endpoint, &request, &error), CAWS_OK);
        caws_error_clear(&error);
    }
    caws_http_clear(&http);
}

/* A server of one connection, which keeps what it gets with the second request and after it. */
typedef struct listener {
    int fd;
    char first[4096];
    char rest[4096];
} listener;

/* Reads until it has the part, or until the end of the connection. */
static void receive(int fd, char *text, size_t size, const char *part)
{
    size_t length = 0;
    for (ssize_t got = 1; got > 0 && (part == NULL || strstr(text, part) == NULL);) {
        got = recv(fd, text + length, size - 1 - length, 0);
        length += got > 0 ? (size_t)got : 0;
        text[length] = '\0';
    }
}

static void *answer_twice(void *context)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    listener *l = context;
    int fd = accept(l->fd, NULL, NULL);
    receive(fd, l->first, sizeof(l->first), "the first body");
    (void)send(fd, answer, strlen(answer), MSG_NOSIGNAL);
    receive(fd, l->rest, sizeof(l->rest), "\r\n\r\n");
    (void)send(fd, answer, strlen(answer), MSG_NOSIGNAL);
    size_t length = strlen(l->rest);
    receive(fd, l->rest + length, sizeof(l->rest) - length, NULL);
    (void)close(fd);
    return NULL;
}

/* The handle is used again, and the body before may be gone by then. */
static void forgets_the_body_before(void **state)
{
    (void)state;
    static listener l;
    char host[32];
    pthread_t thread;
    caws_http http;
    l.fd = closed_port(host);
    assert_int_equal(listen(l.fd, 1), 0);
    assert_int_equal(pthread_create(&thread, NULL, answer_twice, &l), 0);
    init(&http, &defaults);
    const caws_endpoint endpoint = {.scheme = "http", .host = host, .path = ""};
    for (int i = 0; i < 2; i++) {
        caws_request request = {.method = "PUT", .path = "/"};
        caws_error error = CAWS_ERROR_INIT;
        if (i == 0)
            assert_true(caws_buffer_append_string(&request.body, "the first body"));
        assert_int_equal(send_it(&http, &endpoint, &request, &error), CAWS_OK);
        caws_request_clear(&request);
    }
    caws_http_clear(&http);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_memory_equal(l.first, "PUT / ", 6);
    assert_memory_equal(l.rest, "PUT / ", 6);
    const char *end = strstr(l.rest, "\r\n\r\n");
    assert_non_null(end);
    assert_string_equal(end, "\r\n\r\n");
    assert_null(strstr(l.rest, "Content-Length: 14"));
    (void)close(l.fd);
}

/* As many headers as a request holds, empty values among them, and long ones. */
static void lists_all_headers(void **state)
{
    (void)state;
    char host[32];
    int fd = closed_port(host);
    static char large[20000];
    memset(large, 'v', sizeof(large) - 1);
    caws_http http;
    init(&http, &defaults);
    caws_request request = {.method = "POST", .path = "/"};
    for (int i = 0; i < CAWS_MAX_HEADERS; i++)
        assert_true(caws_request_add_header(&request, "x-name",
                                            i % 3 == 0   ? ""
                                            : i % 3 == 1 ? large
                                                         : "value"));
    const caws_endpoint endpoint = {.scheme = "http", .host = host, .path = ""};
    for (int round = 0; round < 2; round++) {
        caws_error error = CAWS_ERROR_INIT;
        assert_int_equal(send_it(&http, &endpoint, &request, &error), CAWS_ERROR_CONNECTION);
        caws_error_clear(&error);
        const struct curl_slist *header = http.headers;
        for (int i = 0; i < CAWS_MAX_HEADERS; i++) {
            if (i % 3 == 0)
                assert_string_equal(header->data, "x-name;");
            else if (i % 3 == 1)
                assert_string_equal(header->data + strlen("x-name: "), large);
            else
                assert_string_equal(header->data, "x-name: value");
            header = header->next;
        }
        assert_int_equal(header != NULL, round == 1);
        if (round == 1) {
            assert_string_equal(header->data, "Expect:");
            assert_null(header->next);
        }
        char *body = caws_buffer_reserve(&request.body, 65536); /* for the second round */
        assert_non_null(body);
        memset(body, 'b', 65536);
        request.body.length += 65536;
    }
    caws_request_clear(&request);
    caws_http_clear(&http);
    (void)close(fd);
}

static int forget_proxies(void **state)
{
    (void)state;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return -1;
    return unsetenv("http_proxy") | unsetenv("all_proxy") | unsetenv("ALL_PROXY");
}

static int cleanup(void **state)
{
    (void)state;
    curl_global_cleanup();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_made_and_cleared),
        cmocka_unit_test(takes_the_extremes_of_settings),
        cmocka_unit_test(finds_no_header_before_an_answer),
        cmocka_unit_test(tells_a_refused_connection),
        cmocka_unit_test(tells_urls_that_libcurl_refuses),
        cmocka_unit_test(refuses_other_schemes),
        cmocka_unit_test(lists_all_headers),
        cmocka_unit_test(forgets_the_body_before),
    };
    return cmocka_run_group_tests(tests, forget_proxies, cleanup);
}
