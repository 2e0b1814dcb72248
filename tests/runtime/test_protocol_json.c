#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <strings.h>

#include "protocol.h"
#include "zoo.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { ESCAPED = 1, CLOSED = 2, HUNGRY = 3 };

/* What an exception carries beyond its message. */
typedef struct escaped_detail {
    const char *message;
    const char *animal;
    caws_opt_i64 distance;
} escaped_detail;

static const caws_member escaped_members[] = {
    {"message", &caws_type_string, offsetof(escaped_detail, message), 0, NULL},
    {"animal", &caws_type_string, offsetof(escaped_detail, animal), 0, NULL},
    {"distance", &caws_type_long, offsetof(escaped_detail, distance), 0, NULL},
};
static const caws_type escaped_type = {.name = "AnimalEscapedException",
                                       .kind = CAWS_KIND_STRUCTURE,
                                       .members = escaped_members,
                                       .member_count = 3,
                                       .size = sizeof(escaped_detail)};
static const caws_exception exceptions[] = {
    {.code = "AnimalEscapedException", .type = &escaped_type, .value = ESCAPED},
    {.code = "ClosedException", .value = CLOSED, .flags = CAWS_EXCEPTION_RETRYABLE},
    {.code = "HungryException",
     .value = HUNGRY,
     .flags = CAWS_EXCEPTION_RETRYABLE | CAWS_EXCEPTION_THROTTLING},
};
static const caws_service service = {.service_id = "Zoo",
                                     .target_prefix = "Zoo_20150830",
                                     .json_version = "1.1",
                                     .protocol = &caws_protocol_json,
                                     .exceptions = exceptions,
                                     .exception_count = COUNT(exceptions)};
static const caws_operation operation = {.name = "DescribeZoo",
                                         .service = &service,
                                         .input = &zoo_type,
                                         .output = &zoo_type,
                                         .http_method = "POST",
                                         .request_uri = "/"};

/* An answer's headers: name and value in turn, ended by NULL. */
static const char *find_header(const caws_response *response, const char *name)
{
    for (const char *const *at = response->transport; at != NULL && *at != NULL; at += 2)
        if (strcasecmp(at[0], name) == 0)
            return at[1];
    return NULL;
}

static caws_response answer(int http_status, const char **headers, const char *body, size_t length)
{
    caws_response response = {
        .http_status = http_status, .header = find_header, .transport = headers};
    if (length > 0)
        assert_true(caws_buffer_append(&response.body, body, length));
    return response;
}

static caws_status decode_error(int http_status, const char *error_type, const char *body,
                                caws_error *error)
{
    const char *headers[] = {"Content-Type", "text/html",
                             error_type != NULL ? "x-amzn-errortype" : NULL, error_type, NULL};
    caws_response response = answer(http_status, headers, body, strlen(body));
    caws_status status = caws_protocol_json.decode_error(&operation, &response, error);
    assert_int_equal(status, error->status);
    assert_non_null(error->code);
    assert_non_null(error->message);
    caws_buffer_clear(&response.body);
    return status;
}

static void expect_error(int http_status, const char *error_type, const char *body,
                         caws_status status, const char *code, const char *message)
{
    caws_error error = CAWS_ERROR_INIT;
    if (decode_error(http_status, error_type, body, &error) != status)
        fail_msg("%s: status %d", body, (int)error.status);
    assert_string_equal(error.code, code);
    if (message != NULL)
        assert_string_equal(error.message, message);
    caws_error_clear(&error);
}

static void expect_code(const char *error_type, const char *body, const char *code)
{
    expect_error(400, error_type, body, CAWS_ERROR_SERVICE, code, NULL);
}

static const char *header_of(const caws_request *request, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < request->header_count; i++)
        if (strcasecmp(request->headers[i].name, name) == 0) {
            assert_null(value);
            value = request->headers[i].value;
        }
    return value;
}

static void expect_request(const caws_operation *op, const zoo *input, const char *body)
{
    caws_request request = {.method = NULL};
    caws_error error = CAWS_ERROR_INIT;
    assert_int_equal(caws_protocol_json.encode_request(op, input, &request, &error), CAWS_OK);
    assert_string_equal(request.method, "POST");
    assert_string_equal(request.path, "/");
    assert_null(request.query);
    assert_int_equal(request.header_count, 2);
    assert_string_equal(header_of(&request, "Content-Type"), "application/x-amz-json-1.1");
    assert_string_equal(header_of(&request, "X-Amz-Target"), "Zoo_20150830.DescribeZoo");
    assert_int_equal(request.body.length, strlen(body));
    assert_string_equal(request.body.data, body);
    caws_request_clear(&request);
}

static void encodes_requests(void **state)
{
    (void)state;
    caws_operation no_input = operation;
    no_input.input = NULL;
    expect_request(&operation, &(zoo){.name = "a"}, "{\"name\":\"a\"}");
    expect_request(&operation, &(zoo){.name = NULL}, "{}");
    expect_request(&operation, NULL, "{}");
    expect_request(&no_input, NULL, "{}");
    expect_request(&no_input, &(zoo){.name = "ignored"}, "{}");
}

/* An absent input still needs its token. */
static void makes_up_the_token_of_an_absent_input(void **state)
{
    (void)state;
    caws_operation buy = operation;
    buy.input = &zoo_ticket_type;
    caws_request request = {.method = NULL};
    caws_error error = CAWS_ERROR_INIT;
    assert_int_equal(caws_protocol_json.encode_request(&buy, NULL, &request, &error), CAWS_OK);
    assert_int_equal(request.body.length, strlen("{\"token\":\"\"}") + 36);
    assert_memory_equal(request.body.data, "{\"token\":\"", 10);
    caws_request_clear(&request);
}

static void refuses_more_headers_than_there_is_room_for(void **state)
{
    (void)state;
    caws_request request = {.header_count = CAWS_MAX_HEADERS - 1};
    caws_error error = CAWS_ERROR_INIT;
    assert_int_not_equal(caws_protocol_json.encode_request(&operation, NULL, &request, &error),
                         CAWS_OK);
    caws_error_clear(&error);
    caws_request_clear(&request);
}

static caws_status decode_response(const char *type, const char *body, size_t length, zoo **output,
                                   caws_error *error)
{
    const char *headers[] = {type != NULL ? "content-type" : NULL, type, NULL};
    caws_response response = answer(200, headers, body, length);
    *output = caws_output_new(sizeof(**output));
    assert_non_null(*output);
    caws_status status = caws_protocol_json.decode_response(&operation, &response, *output, error);
    assert_int_equal(status, error->status);
    caws_buffer_clear(&response.body);
    return status;
}

static void decodes_answers(void **state)
{
    (void)state;
    /* An emulator's wrong content type is no reason to refuse an answer. */
    static const char *const types[] = {"application/x-amz-json-1.1", "text/html", NULL};
    for (size_t i = 0; i < COUNT(types); i++) {
        static const char body[] = "\n {\"name\":\"a\",\"visitors\":9007199254740993}";
        zoo *output = NULL;
        caws_error error = CAWS_ERROR_INIT;
        assert_int_equal(decode_response(types[i], body, strlen(body), &output, &error), CAWS_OK);
        assert_string_equal(output->name, "a"); /* the body is gone by now */
        assert_true(output->visitors.value == 9007199254740993);
        caws_output_free(output);
    }
}

static void expect_bad_answer(const char *type, const char *body, size_t length, caws_status status,
                              const char *message)
{
    zoo *output = NULL;
    caws_error error = CAWS_ERROR_INIT;
    assert_int_equal(decode_response(type, body, length, &output, &error), status);
    assert_string_equal(error.message, message);
    assert_string_equal(error.code, caws_status_string(status));
    caws_error_clear(&error);
    caws_output_free(output);
}

static void expect_bad_text(const char *type, const char *body, caws_status status,
                            const char *message)
{
    expect_bad_answer(type, body, strlen(body), status, message);
}

static void refuses_bad_answers(void **state)
{
    (void)state;
    expect_bad_text(NULL, "", CAWS_ERROR_RESPONSE_EMPTY,
                    "HTTP 200 with an empty body where DescribeZoo has an answer");
    expect_bad_text("text/html", "<html>\n<body>hi", CAWS_ERROR_RESPONSE_MALFORMED,
                    "HTTP 200 with a body that is not JSON (text/html, 15 bytes): <html> <body>hi");
    expect_bad_text(NULL, " \n\t", CAWS_ERROR_RESPONSE_MALFORMED,
                    "HTTP 200 with a body that is not JSON (no content type, 3 bytes): ");
    expect_bad_text("a\nb", "ok", CAWS_ERROR_RESPONSE_MALFORMED,
                    "HTTP 200 with a body that is not JSON (a b, 2 bytes): ok");
    expect_bad_text(NULL, "\xef\xbb\xbf{}", CAWS_ERROR_RESPONSE_MALFORMED,
                    "HTTP 200 with a body that is not JSON (no content type, 5 bytes): ???{}");
    expect_bad_text(NULL, "{\"name\":\"a", CAWS_ERROR_RESPONSE_TRUNCATED,
                    "the body ends after 10 bytes inside a JSON value");
    expect_bad_text(NULL, "{\"name\":5}", CAWS_ERROR_RESPONSE_MALFORMED,
                    "name: a number where a string belongs");
    expect_bad_text(NULL, "[]", CAWS_ERROR_RESPONSE_MALFORMED,
                    "the body is JSON but no object, which an answer must be");
    expect_bad_answer(NULL, "\0", 1, CAWS_ERROR_RESPONSE_MALFORMED,
                      "HTTP 200 with a body that is not JSON (no content type, 1 bytes): ");
    expect_bad_answer(NULL, "{}\0", 3, CAWS_ERROR_RESPONSE_MALFORMED,
                      "the body is not JSON: a NUL byte at byte 2 of 3");
}

static void finds_the_code_in_every_form(void **state)
{
    (void)state;
    static const char *const forms[] = {
        "ClosedException",
        "aws.zoo#ClosedException",
        "com.amazonaws.zoo.v1#ClosedException",
        "ClosedException:http://internal.amazon.com/coral/com.amazon.coral.service/",
        "aws.zoo#ClosedException:http://internal.amazon.com/coral/",
        "ClosedException:",
        "#ClosedException",
        "ClosedException:http://x/#fragment"};
    for (size_t i = 0; i < COUNT(forms); i++) {
        char body[256];
        expect_code(forms[i], "{}", "ClosedException");
        (void)snprintf(body, sizeof(body), "{\"__type\":\"%s\"}", forms[i]);
        expect_code(NULL, body, "ClosedException");
        (void)snprintf(body, sizeof(body), "{\"code\":\"%s\"}", forms[i]);
        expect_code(NULL, body, "ClosedException");
    }
}

static void prefers_the_header_then_type_then_code(void **state)
{
    (void)state;
    expect_code("A", "{\"__type\":\"B\",\"code\":\"C\"}", "A");
    expect_code(NULL, "{\"code\":\"C\",\"__type\":\"B\"}", "B");
    expect_code("", "{\"__type\":\"B\"}", "B");
    expect_code("aws.zoo#", "{\"__type\":\"B\"}", "B");
    expect_code(":http://x", "{\"code\":\"C\"}", "C");
    expect_code(NULL, "{\"__type\":5,\"code\":\"C\"}", "C");
    expect_code(NULL, "{\"__type\":null,\"code\":\"C\"}", "C");
    expect_code(NULL, "{\"__type\":12345678901234567890,\"code\":\"C\"}", "C");
}

static void finds_the_message(void **state)
{
    (void)state;
    expect_error(400, "A", "{\"message\":\"m\"}", CAWS_ERROR_SERVICE, "A", "m");
    expect_error(400, "A", "{\"Message\":\"m\"}", CAWS_ERROR_SERVICE, "A", "m");
    expect_error(400, "A", "{\"Message\":\"M\",\"message\":\"m\"}", CAWS_ERROR_SERVICE, "A", "m");
    expect_error(400, "A", "{\"message\":null,\"Message\":\"M\"}", CAWS_ERROR_SERVICE, "A", "M");
    expect_error(400, "A", "{\"message\":1234567890123456}", CAWS_ERROR_SERVICE, "A",
                 "the service sent no message");
    expect_error(400, "A", "{\"message\":\"\"}", CAWS_ERROR_SERVICE, "A",
                 "the service sent no message");
    expect_error(400, "A", "{}", CAWS_ERROR_SERVICE, "A", "the service sent no message");
    expect_error(400, "A", "", CAWS_ERROR_SERVICE, "A", "the service sent no message");
    expect_error(400, "A", "{\"message\":\"100 %s %n \\u0000\"}", CAWS_ERROR_SERVICE, "A",
                 "100 %s %n \xef\xbf\xbd");
    /* A body that is not JSON is shown as it is. */
    expect_error(503, "A", "<b>busy</b>\n", CAWS_ERROR_SERVICE, "A", "<b>busy</b>");
    expect_error(400, "A", "{\"message\":\"cut", CAWS_ERROR_SERVICE, "A", "{\"message\":\"cut");
    expect_error(400, "A", "[]", CAWS_ERROR_SERVICE, "A", "[]");
}

/* However they are written, they do not reach the terminal of who prints the error. */
static void drops_control_characters(void **state)
{
    (void)state;
    expect_error(400, "A\x1b[2J", "{\"message\":\"m\"}", CAWS_ERROR_SERVICE, "A?[2J", "m");
    expect_error(400, NULL, "{\"__type\":\"x#A\\u0007\",\"message\":\"\\u001b[31m\\r\\n\\u009b\"}",
                 CAWS_ERROR_SERVICE, "A?", "?[31m?\n?");
    expect_error(403, NULL, "<e><Code>A\x1b</Code><Message>m\x1b]0;x\x07\xff</Message></e>",
                 CAWS_ERROR_SERVICE, "A?", "m?]0;x??");
    expect_error(400, "A", "\x1b[2J no JSON", CAWS_ERROR_SERVICE, "A", "[2J no JSON");
}

static void knows_modeled_exceptions(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        int exception;
        bool retryable;
        bool throttling;
    } cases[] = {{"AnimalEscapedException", ESCAPED, false, false},
                 {"ClosedException", CLOSED, true, false},
                 {"HungryException", HUNGRY, true, true},
                 {"hungryexception", 0, false, false},
                 {"HungryExceptions", 0, false, false},
                 {"Hungry", 0, false, false},
                 {"UnmodeledException", 0, false, false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        caws_error error = CAWS_ERROR_INIT;
        assert_int_equal(decode_error(400, cases[i].code, "{\"message\":\"m\"}", &error),
                         CAWS_ERROR_SERVICE);
        assert_string_equal(error.code, cases[i].code);
        assert_string_equal(error.message, "m");
        assert_int_equal(error.exception, cases[i].exception);
        assert_int_equal(error.retryable, cases[i].retryable);
        assert_int_equal(error.throttling, cases[i].throttling);
        assert_int_equal(error.detail != NULL, cases[i].exception == ESCAPED);
        caws_error_clear(&error);
    }
}

static void reads_details(void **state)
{
    (void)state;
    caws_error error = CAWS_ERROR_INIT;
    decode_error(
        400, NULL,
        "{\"__type\":\"zoo#AnimalEscapedException\",\"message\":\"gone\",\"animal\":\"Leo\","
        "\"distance\":9007199254740993}",
        &error);
    const escaped_detail *detail = caws_exception_detail(&error, ESCAPED);
    assert_non_null(detail);
    assert_string_equal(detail->message, "gone");
    assert_string_equal(detail->animal, "Leo");
    assert_true(detail->distance.value == 9007199254740993);
    assert_null(caws_exception_detail(&error, CLOSED));
    caws_error_clear(&error);
}

static void keeps_exceptions_with_malformed_details(void **state)
{
    (void)state;
    static const char *const bodies[] = {"{\"message\":\"gone\",\"animal\":5}",
                                         "{\"distance\":\"far\",\"message\":\"gone\"}"};
    for (size_t i = 0; i < COUNT(bodies); i++) {
        caws_error error = CAWS_ERROR_INIT;
        decode_error(400, "AnimalEscapedException", bodies[i], &error);
        assert_int_equal(error.status, CAWS_ERROR_SERVICE);
        assert_int_equal(error.exception, ESCAPED);
        assert_string_equal(error.message, "gone");
        assert_null(caws_exception_detail(&error, ESCAPED));
        caws_error_clear(&error);
    }
    caws_error error = CAWS_ERROR_INIT;
    decode_error(400, "AnimalEscapedException", "gone", &error);
    assert_int_equal(error.exception, ESCAPED);
    assert_string_equal(error.message, "gone");
    assert_null(error.detail);
    caws_error_clear(&error);
}

static void reports_answers_without_a_code(void **state)
{
    (void)state;
    expect_error(500, NULL, "<html>\r\n\tOops</html>", CAWS_ERROR_HTTP, "500",
                 "HTTP 500 with a body that is not JSON (text/html, 20 bytes): <html> Oops</html>");
    expect_error(502, NULL, "", CAWS_ERROR_HTTP, "502", "HTTP 502 with an empty body");
    expect_error(400, NULL, "{\"message\":\"m\"}", CAWS_ERROR_HTTP, "400",
                 "HTTP 400 without an error code: {\"message\":\"m\"}");
    expect_error(400, NULL, "{\"__type\":5}", CAWS_ERROR_HTTP, "400",
                 "HTTP 400 without an error code: {\"__type\":5}");
    expect_error(400, NULL, "{\"__type\":\"\"}", CAWS_ERROR_HTTP, "400",
                 "HTTP 400 without an error code: {\"__type\":\"\"}");
    expect_error(400, NULL, "{\"__type\":\"zoo#\",\"code\":7}", CAWS_ERROR_HTTP, "400", NULL);
    expect_error(400, "#", "{}", CAWS_ERROR_HTTP, "400", "HTTP 400 without an error code: {}");
    expect_error(404, NULL, "  ", CAWS_ERROR_HTTP, "404", NULL);
    expect_error(0, NULL, "", CAWS_ERROR_HTTP, "0", NULL);
    expect_error(999, NULL, "%s%n", CAWS_ERROR_HTTP, "999",
                 "HTTP 999 with a body that is not JSON (text/html, 4 bytes): %s%n");
}

/* Front ends answer in XML, whatever the service speaks. */
static void finds_codes_in_xml(void **state)
{
    (void)state;
    expect_error(403, NULL,
                 "<?xml version=\"1.0\"?>\n<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code>"
                 "<Message>a &lt; b &amp; c</Message></Error></ErrorResponse>",
                 CAWS_ERROR_SERVICE, "SignatureDoesNotMatch", "a < b & c");
    expect_error(403, "FromHeader", "<Error><Code>FromBody</Code></Error>", CAWS_ERROR_SERVICE,
                 "FromHeader", "<Error><Code>FromBody</Code></Error>");
    expect_error(500, NULL, "<Code>A</Code>", CAWS_ERROR_SERVICE, "A",
                 "the service sent no message");
    expect_error(400, NULL, "<Code>LimitExceededException</Code>", CAWS_ERROR_SERVICE,
                 "LimitExceededException", "the service sent no message");
    expect_error(500, NULL, "<Code>A</Code><Message></Message>", CAWS_ERROR_SERVICE, "A",
                 "the service sent no message");
    expect_error(500, NULL, "<Code></Code><Message>m</Message>", CAWS_ERROR_HTTP, "500", NULL);
    expect_error(500, NULL, "<Code>A", CAWS_ERROR_HTTP, "500", NULL);
    expect_error(500, NULL, "<Code>A</C", CAWS_ERROR_HTTP, "500", NULL);
    expect_error(500, NULL, "<Code>A<Code>", CAWS_ERROR_HTTP, "500", NULL);
    expect_error(500, NULL, "<Code>A</Cord>", CAWS_ERROR_HTTP, "500", NULL);
    expect_error(500, NULL, "<Codes>A</Codes><Code>B</Code>", CAWS_ERROR_SERVICE, "B",
                 "the service sent no message");
    expect_error(500, NULL, "<Code>B</Code><Message>&gt;&quot;&apos;&&amp;lt;&nbsp;&amp</Message>",
                 CAWS_ERROR_SERVICE, "B", ">\"'&&lt;&nbsp;&amp");
    expect_error(400, NULL, "{\"message\":\"<Code>A</Code>\"}", CAWS_ERROR_HTTP, "400", NULL);
}

static void explains_redirects(void **state)
{
    (void)state;
    static const char message[] =
        "HTTP %d: a redirect, which is never followed; is the endpoint right?";
    static const int statuses[] = {300, 301, 307, 399};
    for (size_t i = 0; i < COUNT(statuses); i++) {
        char code[16];
        char text[128];
        (void)snprintf(code, sizeof(code), "%d", statuses[i]);
        (void)snprintf(text, sizeof(text), message, statuses[i]);
        expect_error(statuses[i], NULL, "<html>moved</html>", CAWS_ERROR_HTTP, code, text);
        expect_error(statuses[i], NULL, "", CAWS_ERROR_HTTP, code, text);
        expect_error(statuses[i], NULL, "{}", CAWS_ERROR_HTTP, code, text);
    }
}

static void reports_broken_bodies(void **state)
{
    (void)state;
    expect_error(400, NULL, "{\"__type\":\"A\"", CAWS_ERROR_RESPONSE_TRUNCATED, "TruncatedResponse",
                 "HTTP 400: the body ends after 13 bytes inside a JSON value");
    expect_error(400, NULL, "{\"__type\":\"A\"}}", CAWS_ERROR_RESPONSE_MALFORMED,
                 "MalformedResponse",
                 "HTTP 400: the body is not JSON: cannot be read at byte 14 of 15");
    expect_error(400, NULL, "[1]", CAWS_ERROR_RESPONSE_MALFORMED, "MalformedResponse", NULL);
}

static void cuts_long_codes(void **state)
{
    (void)state;
    enum { LENGTH = 100000 };
    char *code = malloc(LENGTH + 1);
    char *body = malloc(LENGTH + 64);
    assert_non_null(code);
    assert_non_null(body);
    for (size_t length = 120; length <= LENGTH; length = length < 140 ? length + 1 : length * 20) {
        memset(code, 'X', length);
        code[length] = '\0';
        (void)snprintf(body, LENGTH + 64, "{\"__type\":\"%s\",\"message\":\"m\"}", code);
        caws_error error = CAWS_ERROR_INIT;
        assert_int_equal(decode_error(400, NULL, body, &error), CAWS_ERROR_SERVICE);
        size_t kept = strlen(error.code);
        assert_true(kept == length || (length > 127 && kept == 127));
        assert_memory_equal(error.code, code, kept);
        assert_string_equal(error.message, "m");
        caws_error_clear(&error);
    }
    free(code);
    free(body);
}

/* A long message is the service's own and stays whole; a long page is only shown in part. */
static void keeps_long_messages(void **state)
{
    (void)state;
    enum { LENGTH = 100000 };
    char *body = malloc(LENGTH + 64);
    assert_non_null(body);
    size_t used = (size_t)snprintf(body, 32, "{\"message\":\"");
    memset(body + used, 'm', LENGTH);
    memcpy(body + used + LENGTH, "\"}", 3);
    caws_error error = CAWS_ERROR_INIT;
    decode_error(400, "A", body, &error);
    assert_int_equal(strlen(error.message), LENGTH);
    caws_error_clear(&error);
    memset(body, 'm', LENGTH);
    body[LENGTH] = '\0';
    decode_error(500, NULL, body, &error);
    assert_true(strlen(error.message) < 400);
    caws_error_clear(&error);
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_requests),
        cmocka_unit_test(makes_up_the_token_of_an_absent_input),
        cmocka_unit_test(refuses_more_headers_than_there_is_room_for),
        cmocka_unit_test(decodes_answers),
        cmocka_unit_test(refuses_bad_answers),
        cmocka_unit_test(finds_the_code_in_every_form),
        cmocka_unit_test(prefers_the_header_then_type_then_code),
        cmocka_unit_test(finds_the_message),
        cmocka_unit_test(drops_control_characters),
        cmocka_unit_test(knows_modeled_exceptions),
        cmocka_unit_test(reads_details),
        cmocka_unit_test(keeps_exceptions_with_malformed_details),
        cmocka_unit_test(reports_answers_without_a_code),
        cmocka_unit_test(finds_codes_in_xml),
        cmocka_unit_test(explains_redirects),
        cmocka_unit_test(reports_broken_bodies),
        cmocka_unit_test(cuts_long_codes),
        cmocka_unit_test(keeps_long_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
