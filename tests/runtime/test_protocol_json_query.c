/* Services that spoke the query protocol once, and still have its error codes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <strings.h>

#include "protocol.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { FULL = 1, GONE = 2, LOST = 3 };

typedef struct gone_detail {
    const char *queue;
} gone_detail;

static const caws_member gone_members[] = {
    {"queue", &caws_type_string, offsetof(gone_detail, queue), 0, NULL},
};
static const caws_type gone_type = {.name = "QueueGone",
                                    .kind = CAWS_KIND_STRUCTURE,
                                    .members = gone_members,
                                    .member_count = 1,
                                    .size = sizeof(gone_detail)};
/* As the generator writes them: QueueGone and QueueLost share a code of the query protocol. */
static const caws_exception exceptions[] = {
    {.code = "Aws.NoQueue", .type = &gone_type, .value = GONE},
    {.code = "QueueFull", .value = FULL},
    {.code = "QueueGone", .type = &gone_type, .value = GONE},
    {.code = "QueueLost", .value = LOST},
};
static const caws_service service = {.service_id = "Queue",
                                     .target_prefix = "Queue",
                                     .json_version = "1.0",
                                     .protocol = &caws_protocol_json,
                                     .exceptions = exceptions,
                                     .exception_count = COUNT(exceptions),
                                     .flags = CAWS_SERVICE_QUERY_COMPATIBLE};
static const caws_operation send = {
    .name = "Send", .service = &service, .http_method = "POST", .request_uri = "/"};

/* An answer's headers: name and value in turn, ended by NULL. */
static const char *find_header(const caws_response *response, const char *name)
{
    for (const char *const *at = response->transport; *at != NULL; at += 2)
        if (strcasecmp(at[0], name) == 0)
            return at[1];
    return NULL;
}

static void decode_error(const caws_operation *operation, const char *query_error,
                         const char *error_type, const char *body, caws_error *error)
{
    const char *headers[] = {"X-Amzn-Query-Error", query_error != NULL ? query_error : "",
                             error_type != NULL ? "x-amzn-errortype" : NULL, error_type, NULL};
    const char **first = query_error != NULL ? headers : headers + 2;
    caws_response response = {.http_status = 400, .header = find_header, .transport = first};
    if (body[0] != '\0')
        assert_true(caws_buffer_append(&response.body, body, strlen(body)));
    caws_status status = caws_protocol_json.decode_error(operation, &response, error);
    assert_int_equal(status, error->status);
    caws_buffer_clear(&response.body);
}

static void expect(const char *query_error, const char *error_type, const char *body,
                   const char *code, int exception)
{
    caws_error error = CAWS_ERROR_INIT;
    decode_error(&send, query_error, error_type, body, &error);
    assert_int_equal(error.status, CAWS_ERROR_SERVICE);
    assert_string_equal(error.code, code);
    assert_int_equal(error.exception, exception);
    caws_error_clear(&error);
}

static void asks_for_the_codes(void **state)
{
    (void)state;
    caws_request request = {.method = NULL};
    caws_error error = CAWS_ERROR_INIT;
    assert_int_equal(caws_protocol_json.encode_request(&send, NULL, &request, &error), CAWS_OK);
    assert_int_equal(request.header_count, 3);
    assert_string_equal(request.headers[2].name, "X-Amzn-Query-Mode");
    assert_string_equal(request.headers[2].value, "true");
    caws_request_clear(&request);

    request = (caws_request){.header_count = CAWS_MAX_HEADERS - 2};
    assert_int_not_equal(caws_protocol_json.encode_request(&send, NULL, &request, &error), CAWS_OK);
    caws_error_clear(&error);
    caws_request_clear(&request);
}

static void the_code_is_the_query_protocols(void **state)
{
    (void)state;
    static const char full[] = "{\"__type\":\"a#QueueFull\",\"message\":\"m\"}";
    expect("Aws.Full;Sender", NULL, full, "Aws.Full", FULL);
    expect("Aws.Full", NULL, full, "Aws.Full", FULL);
    expect("Aws.Full;", NULL, full, "Aws.Full", FULL);
    expect("Aws.Full;Sender;more", "QueueFull", "", "Aws.Full", FULL);
    expect(NULL, NULL, full, "QueueFull", FULL);
    expect("", NULL, full, "QueueFull", FULL);
    expect(";Sender", NULL, full, "QueueFull", FULL);
    expect(";", NULL, full, "QueueFull", FULL);
}

static void the_exception_is_the_one_that_is_named(void **state)
{
    (void)state;
    expect("Aws.NoQueue;Sender", NULL, "{\"__type\":\"QueueLost\"}", "Aws.NoQueue", LOST);
    expect("Aws.NoQueue;Sender", NULL, "{\"__type\":\"NewName\"}", "Aws.NoQueue", GONE);
    expect("Aws.NoQueue;Sender", NULL, "{}", "Aws.NoQueue", GONE);
    expect("Aws.NoQueue;Sender", NULL, "", "Aws.NoQueue", GONE);
    expect("Aws.NoQueue;Sender", NULL, "<html>", "Aws.NoQueue", GONE);
    expect("Aws.NoQueue;Sender", NULL, "{\"cut", "Aws.NoQueue", GONE);
    expect("Aws.New;Sender", NULL, "{\"__type\":\"New\"}", "Aws.New", 0);
}

static void reads_message_and_detail(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    decode_error(&send, "Aws.Other;Sender", NULL,
                 "{\"__type\":\"QueueGone\",\"message\":\"m\",\"queue\":\"q\"}", &error);
    assert_string_equal(error.code, "Aws.Other");
    assert_string_equal(error.message, "m");
    const gone_detail *detail = caws_exception_detail(&error, GONE);
    assert_non_null(detail);
    assert_string_equal(detail->queue, "q");
    caws_error_clear(&error);
}

static void cuts_long_codes(void **state)
{
    (void)state;
    char code[1000];
    memset(code, 'c', sizeof(code) - 1);
    code[sizeof(code) - 1] = '\0';
    caws_error error = CAWS_ERROR_INIT;
    decode_error(&send, code, NULL, "{\"__type\":\"QueueFull\"}", &error);
    assert_int_equal(strlen(error.code), 127);
    assert_int_equal(error.exception, FULL);
    caws_error_clear(&error);
}

static void other_services_have_no_such_codes(void **state)
{
    (void)state;
    caws_service plain = service;
    plain.flags = 0;
    caws_operation operation = send;
    operation.service = &plain;
    caws_error error = CAWS_ERROR_INIT;
    decode_error(&operation, "Aws.NoQueue;Sender", NULL, "{\"__type\":\"QueueFull\"}", &error);
    assert_string_equal(error.code, "QueueFull");
    assert_int_equal(error.exception, FULL);
    caws_error_clear(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_for_the_codes),
        cmocka_unit_test(the_code_is_the_query_protocols),
        cmocka_unit_test(the_exception_is_the_one_that_is_named),
        cmocka_unit_test(reads_message_and_detail),
        cmocka_unit_test(cuts_long_codes),
        cmocka_unit_test(other_services_have_no_such_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
