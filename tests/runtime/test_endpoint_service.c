/* Endpoints of services with rules, as a client finds them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "endpoint.h"
#include "endpoint_context.h"

extern const caws_service caws_service_logs; /* generated */

static const char text[] = "Region\0"  /* 0 */
                           "Name\0"    /* 7 */
                           "Account\0" /* 12 */
                           "Mode\0"    /* 20 */
                           "x-name" /* 25 */;
static const caws_rule_parameter parameters[] = {
    {0, CAWS_RULE_REGION, 0, 0},
    {7, CAWS_RULE_CONTEXT, 0, 0},
    {12, CAWS_RULE_ACCOUNT_ID, 0, 0},
    {20, CAWS_RULE_ACCOUNT_ID_MODE, 0, 0},
};
static const caws_rule_node nodes[] = {
    {CAWS_RULE_NONE, 0, 0},
    /* 1: endpoint Name */
    {CAWS_RULE_ENDPOINT, 4, 0},
    {CAWS_RULE_REF, 0, 1},
    {CAWS_RULE_HEADER, 1, 25},
    {CAWS_RULE_REF, 0, 3},
    {CAWS_RULE_SIGNING_NAME, 1, 0},
    {CAWS_RULE_REF, 0, 2},
    {CAWS_RULE_SIGNING_REGION, 1, 0},
    {CAWS_RULE_REF, 0, 0},
    /* 9: isSet Name */
    {CAWS_RULE_IS_SET, 1, 0},
    {CAWS_RULE_REF, 0, 1},
    /* 11: endpoint Account, signed with Mode */
    {CAWS_RULE_ENDPOINT, 2, 0},
    {CAWS_RULE_REF, 0, 2},
    {CAWS_RULE_UNSUPPORTED_AUTH, 1, 0},
    {CAWS_RULE_REF, 0, 3},
};
static const uint16_t conditions[] = {9};
static const caws_rule rules[] = {{0, 1, 1, 1}, {0, 0, 11, 0}};
static const caws_endpoint_rules tables = {.text = text,
                                           .nodes = nodes,
                                           .conditions = conditions,
                                           .rules = rules,
                                           .parameters = parameters,
                                           .rule_count = 2,
                                           .parameter_count = 4,
                                           .value_count = 4};
static const caws_service echo = {
    .service_id = "Echo", .endpoint_prefix = "echo", .endpoint_rules = &tables};

static void logs_at(const caws_settings *settings, const char *scheme, const char *host,
                    const char *path)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_arena arena = CAWS_ARENA_INIT;
    caws_endpoint endpoint;
    assert_int_equal(
        caws_endpoint_find(settings, &caws_service_logs, NULL, &arena, &endpoint, &error), CAWS_OK);
    assert_string_equal(endpoint.scheme, scheme);
    assert_string_equal(endpoint.host, host);
    assert_string_equal(endpoint.path, path);
    assert_null(endpoint.signing_name);
    assert_null(endpoint.signing_region);
    assert_null(endpoint.headers);
    caws_arena_clear(&arena);
}

static void fails(const caws_settings *settings, const caws_service *service,
                  const caws_endpoint_query *query, caws_status status, const char *message)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_arena arena = CAWS_ARENA_INIT;
    caws_endpoint endpoint;
    assert_int_equal(caws_endpoint_find(settings, service, query, &arena, &endpoint, &error),
                     status);
    assert_int_equal(error.status, status);
    assert_string_equal(error.message, message);
    caws_arena_clear(&arena);
    caws_error_clear(&error);
}

static void finds_logs(void **state)
{
    (void)state;
    const caws_settings plain = {.region = "eu-west-1"};
    const caws_settings fips = {.region = "us-east-1", .use_fips_endpoint = true};
    const caws_settings dual = {.region = "cn-north-1", .use_dualstack_endpoint = true};
    const caws_settings both = {
        .region = "us-east-1", .use_fips_endpoint = true, .use_dualstack_endpoint = true};
    const caws_settings custom = {.endpoint_url = "http://localhost:80/base/"};
    const caws_settings elsewhere = {.endpoint_url = "https://h:8443", .region = "mars"};
    logs_at(&plain, "https", "logs.eu-west-1.amazonaws.com", "");
    logs_at(&fips, "https", "logs-fips.us-east-1.amazonaws.com", "");
    logs_at(&dual, "https", "logs.cn-north-1.api.amazonwebservices.com.cn", "");
    logs_at(&both, "https", "logs-fips.us-east-1.api.aws", "");
    logs_at(&custom, "http", "localhost", "/base");
    logs_at(&elsewhere, "https", "h:8443", "");
}

static void repeats_what_rules_say(void **state)
{
    (void)state;
    const caws_settings fips = {.endpoint_url = "http://h", .use_fips_endpoint = true};
    const caws_settings dual = {.endpoint_url = "http://h", .use_dualstack_endpoint = true};
    const caws_settings nowhere = {.use_fips_endpoint = true};
    const caws_settings malformed = {.endpoint_url = "h", .use_fips_endpoint = true};
    fails(&fips, &caws_service_logs, NULL, CAWS_ERROR_ENDPOINT,
          "Invalid Configuration: FIPS and custom endpoint are not supported");
    fails(&dual, &caws_service_logs, NULL, CAWS_ERROR_ENDPOINT,
          "Invalid Configuration: Dualstack and custom endpoint are not supported");
    fails(&nowhere, &caws_service_logs, NULL, CAWS_ERROR_CONFIGURATION,
          "no region: set option region, AWS_REGION, or the profile's region");
    fails(&malformed, &caws_service_logs, NULL, CAWS_ERROR_ENDPOINT,
          "option endpoint_url: \"h\": no URL of the form http(s)://host[:port][/path]");
}

/* Asks echo, whose URL is what the operation says. */
static caws_status find_echo(const char *name, caws_arena *arena, caws_endpoint *endpoint,
                             caws_error *error)
{
    static const caws_settings settings = {.region = "mars",
                                           .account_id_endpoint_mode = "preferred"};
    const caws_context_parameter row = {.text = name, .parameter = 1, .kind = CAWS_CONTEXT_TEXT};
    const caws_context context = {NULL, &caws_context_read, &row, 1};
    const caws_operation operation = {.service = &echo, .context = &context};
    const caws_endpoint_query query = {.operation = &operation, .account_id = "123"};
    return caws_endpoint_find(&settings, &echo, &query, arena, endpoint, error);
}

static void asks_with_all_it_knows(void **state)
{
    (void)state;
    caws_arena arena = CAWS_ARENA_INIT;
    caws_arena kept = CAWS_ARENA_INIT;
    caws_error error = CAWS_ERROR_INIT;
    caws_endpoint endpoint;
    caws_endpoint copy;
    assert_int_equal(find_echo("http://a-B_1.x:8/p//", &arena, &endpoint, &error), CAWS_OK);
    assert_true(caws_endpoint_copy(&kept, &endpoint, &copy));
    caws_arena_clear(&arena);
    assert_string_equal(copy.scheme, "http");
    assert_string_equal(copy.host, "a-B_1.x:8");
    assert_string_equal(copy.path, "/p");
    assert_string_equal(copy.signing_name, "123");
    assert_string_equal(copy.signing_region, "mars");
    assert_string_equal(copy.headers->name, "x-name");
    assert_string_equal(copy.headers->value, "preferred");
    assert_null(copy.headers->next);
    caws_arena_clear(&kept);
}

/* What comes from an input gets no farther than its place in the URL. */
static void refuses_what_is_no_url(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "",
        "://",
        "https://",
        "https:///p",
        "htt://a",
        "ftp://a",
        "HTTPS://a",
        "https:/a",
        "http:/a",
        "http:/a/b",
        "http//a",
        "https://a@b",
        "https://a b",
        "https://a%2f",
        "https://a\\b",
        "https://a?b",
        "https://a#b",
        "https://a/b?c",
        "https://a/b#c",
        "https://a/b c",
        "https://a\r\nx: y",
        "https://a/\r\nx: y",
        "https://\xc3\xa9",
    };
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        caws_arena arena = CAWS_ARENA_INIT;
        caws_error error = CAWS_ERROR_INIT;
        caws_endpoint endpoint;
        assert_int_equal(find_echo(urls[i], &arena, &endpoint, &error), CAWS_ERROR_ENDPOINT);
        assert_non_null(strstr(error.message, "no URL of the form http(s)://host[:port][/path]"));
        caws_arena_clear(&arena);
        caws_error_clear(&error);
    }
}

static void refuses_what_it_cannot_sign(void **state)
{
    (void)state;
    const caws_settings settings = {.region = "mars", .account_id_endpoint_mode = "sigv4a"};
    const caws_endpoint_query query = {.account_id = "https://a"};
    fails(&settings, &echo, &query, CAWS_ERROR_ENDPOINT,
          "the endpoint wants requests signed with sigv4a, which caws cannot do");
}

static void knows_what_an_endpoint_depends_on(void **state)
{
    (void)state;
    static const caws_context_parameter rows[] = {
        {.text = "a", .kind = CAWS_CONTEXT_TEXT},
        {.kind = CAWS_CONTEXT_TRUE},
        {.kind = CAWS_CONTEXT_FIRST},
        {.kind = CAWS_CONTEXT_ALL},
    };
    const caws_context constants = {NULL, &caws_context_read, rows, 2};
    const caws_context first = {NULL, &caws_context_read, rows, 3};
    const caws_context all = {NULL, &caws_context_read, rows + 3, 1};
    const caws_operation none = {.context = NULL};
    const caws_operation fixed = {.context = &constants};
    const caws_operation varies = {.context = &first};
    const caws_operation varies_too = {.context = &all};
    assert_int_equal(caws_endpoint_scope_of(&none), CAWS_ENDPOINT_OF_SERVICE);
    assert_int_equal(caws_endpoint_scope_of(&fixed), CAWS_ENDPOINT_OF_OPERATION);
    assert_int_equal(caws_endpoint_scope_of(&varies), CAWS_ENDPOINT_OF_CALL);
    assert_int_equal(caws_endpoint_scope_of(&varies_too), CAWS_ENDPOINT_OF_CALL);

    const caws_service without = {.service_id = "x"};
    assert_true(caws_endpoint_wants_account(&echo));
    assert_false(caws_endpoint_wants_account(&caws_service_logs));
    assert_false(caws_endpoint_wants_account(&without));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_logs),
        cmocka_unit_test(repeats_what_rules_say),
        cmocka_unit_test(asks_with_all_it_knows),
        cmocka_unit_test(refuses_what_is_no_url),
        cmocka_unit_test(refuses_what_it_cannot_sign),
        cmocka_unit_test(knows_what_an_endpoint_depends_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
