#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "endpoint.h"

static const caws_service logs = {.service_id = "CloudWatch Logs", .endpoint_prefix = "logs"};

/* A service whose endpoint prefix has hyphens, and one whose id and prefix are the same. */
static const caws_service hyphens = {.service_id = "Cost and Usage Report Service",
                                     .endpoint_prefix = "data-jobs.iot2"};
static const caws_service plain = {.service_id = "SQS", .endpoint_prefix = "sqs"};

static void endpoint_is(const caws_settings *settings, const caws_service *service,
                        const char *scheme, const char *host, const char *path)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_arena arena = CAWS_ARENA_INIT;
    caws_endpoint endpoint;
    caws_status status = caws_endpoint_find(settings, service, NULL, &arena, &endpoint, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, CAWS_OK);
    assert_string_equal(endpoint.scheme, scheme);
    assert_string_equal(endpoint.host, host);
    assert_string_equal(endpoint.path, path);
    caws_arena_clear(&arena);
}

static void url_is(const char *url, const char *scheme, const char *host, const char *path)
{
    const caws_settings settings = {.endpoint_url = url};
    endpoint_is(&settings, &logs, scheme, host, path);
}

static void fails(const caws_settings *settings, caws_status status, const char *message)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_arena arena = CAWS_ARENA_INIT;
    caws_endpoint endpoint;
    assert_int_equal(caws_endpoint_find(settings, &logs, NULL, &arena, &endpoint, &error), status);
    assert_int_equal(error.status, status);
    assert_string_equal(error.message, message);
    caws_arena_clear(&arena);
    caws_error_clear(&error);
}

static void refuses(const char *url, const char *message)
{
    const caws_settings settings = {.endpoint_url = url};
    fails(&settings, CAWS_ERROR_ENDPOINT, message);
}

/* What botocore 1.40 resolves for logs, in every partition. */
static void makes_endpoints_of_known_regions(void **state)
{
    (void)state;
    static const char *const known[][2] = {
        {"us-east-1", "logs.us-east-1.amazonaws.com"},
        {"us-west-2", "logs.us-west-2.amazonaws.com"},
        {"af-south-1", "logs.af-south-1.amazonaws.com"},
        {"ap-southeast-7", "logs.ap-southeast-7.amazonaws.com"},
        {"ca-west-1", "logs.ca-west-1.amazonaws.com"},
        {"eu-central-2", "logs.eu-central-2.amazonaws.com"},
        {"il-central-1", "logs.il-central-1.amazonaws.com"},
        {"me-central-1", "logs.me-central-1.amazonaws.com"},
        {"mx-central-1", "logs.mx-central-1.amazonaws.com"},
        {"sa-east-1", "logs.sa-east-1.amazonaws.com"},
        {"cn-north-1", "logs.cn-north-1.amazonaws.com.cn"},
        {"cn-northwest-1", "logs.cn-northwest-1.amazonaws.com.cn"},
        {"us-gov-east-1", "logs.us-gov-east-1.amazonaws.com"},
        {"us-gov-west-1", "logs.us-gov-west-1.amazonaws.com"},
        {"us-iso-east-1", "logs.us-iso-east-1.c2s.ic.gov"},
        {"us-iso-west-1", "logs.us-iso-west-1.c2s.ic.gov"},
        {"us-isob-east-1", "logs.us-isob-east-1.sc2s.sgov.gov"},
        {"us-isob-west-1", "logs.us-isob-west-1.sc2s.sgov.gov"},
        {"eu-isoe-west-1", "logs.eu-isoe-west-1.cloud.adc-e.uk"},
        {"us-isof-east-1", "logs.us-isof-east-1.csp.hci.ic.gov"},
        {"us-isof-south-1", "logs.us-isof-south-1.csp.hci.ic.gov"},
        {"eusc-de-east-1", "logs.eusc-de-east-1.amazonaws.eu"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        const caws_settings settings = {.region = known[i][0]};
        endpoint_is(&settings, &logs, "https", known[i][1], "");
    }
}

/* The same, for regions that did not exist yet. */
static void makes_endpoints_of_future_regions(void **state)
{
    (void)state;
    static const char *const unknown[][2] = {
        {"us-east-9", "logs.us-east-9.amazonaws.com"},
        {"ap-middle-12", "logs.ap-middle-12.amazonaws.com"},
        {"cn-future-9", "logs.cn-future-9.amazonaws.com.cn"},
        {"us-gov-new-3", "logs.us-gov-new-3.amazonaws.com"},
        {"us-iso-mid-7", "logs.us-iso-mid-7.c2s.ic.gov"},
        {"us-isob-mid-7", "logs.us-isob-mid-7.sc2s.sgov.gov"},
        {"eu-isoe-mid-7", "logs.eu-isoe-mid-7.cloud.adc-e.uk"},
        {"us-isof-mid-7", "logs.us-isof-mid-7.csp.hci.ic.gov"},
        {"eusc-de-mid-7", "logs.eusc-de-mid-7.amazonaws.eu"},
        {"xx-nowhere-1", "logs.xx-nowhere-1.amazonaws.com"},
        {"mars", "logs.mars.amazonaws.com"},
        {"local", "logs.local.amazonaws.com"},
        {"cn-north-1x", "logs.cn-north-1x.amazonaws.com"}, /* the pattern is for all of it */
        {"xcn-north-1", "logs.xcn-north-1.amazonaws.com"},
    };
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        const caws_settings settings = {.region = unknown[i][0]};
        endpoint_is(&settings, &logs, "https", unknown[i][1], "");
    }
}

static void wants_a_region_or_a_url(void **state)
{
    (void)state;
    const caws_settings settings = {0};
    fails(&settings, CAWS_ERROR_CONFIGURATION,
          "no region: set option region, AWS_REGION, or the profile's region");
    url_is("http://localhost", "http", "localhost", "");
}

static void leaves_out_a_schemes_own_port(void **state)
{
    (void)state;
    url_is("http://localhost:80", "http", "localhost", "");
    url_is("http://localhost:080/", "http", "localhost", "");
    url_is("https://localhost:443", "https", "localhost", "");
    url_is("http://localhost:443", "http", "localhost:443", "");
    url_is("https://localhost:80", "https", "localhost:80", "");
    url_is("http://localhost:8000", "http", "localhost:8000", "");
    url_is("http://127.0.0.1:65535", "http", "127.0.0.1:65535", "");
    url_is("http://localhost:1", "http", "localhost:1", "");
    url_is("http://localhost:", "http", "localhost", "");
}

static void keeps_a_base_path(void **state)
{
    (void)state;
    url_is("https://host/", "https", "host", "");
    url_is("https://host///", "https", "host", "");
    url_is("https://host/base", "https", "host", "/base");
    url_is("https://host/base/", "https", "host", "/base");
    url_is("https://host/base//", "https", "host", "/base");
    url_is("https://host:8/a/b%20c/", "https", "host:8", "/a/b%20c");
}

static void knows_ipv6_literals(void **state)
{
    (void)state;
    url_is("http://[::1]", "http", "[::1]", "");
    url_is("http://[::1]:80/", "http", "[::1]", "");
    url_is("http://[::1]:4566/x", "http", "[::1]:4566", "/x");
    url_is("https://[2001:db8::7]:443", "https", "[2001:db8::7]", "");
}

static void ignores_the_case_of_the_scheme(void **state)
{
    (void)state;
    url_is("HTTP://localhost:80/", "http", "localhost", "");
    url_is("hTtPs://localhost:443", "https", "localhost", "");
}

#define FORM "no URL of the form http(s)://host[:port][/path]"

static void refuses_other_schemes(void **state)
{
    (void)state;
    refuses("ftp://host/",
            "option endpoint_url: \"ftp://host/\": the scheme must be http or https");
    refuses("file://localhost/etc/passwd", "option endpoint_url: \"file://localhost/etc/passwd\": "
                                           "the scheme must be http or https");
    refuses("file:///etc/passwd", "option endpoint_url: \"file:///etc/passwd\": " FORM);
    refuses("localhost", "option endpoint_url: \"localhost\": " FORM);
    refuses("//localhost", "option endpoint_url: \"//localhost\": " FORM);
    refuses("nosuch://localhost", "option endpoint_url: \"nosuch://localhost\": the scheme must be "
                                  "http or https");
    refuses("localhost:8000", "option endpoint_url: \"localhost:8000\": " FORM);
}

static void refuses_what_is_no_url(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "",
        "http",
        "http:",
        "http://",
        "http:///path",
        "http://:80",
        "http://h:70000",
        "http://h:-1",
        "http://h:8x",
        "http://[::1",
        "http://::1",
        "http://[zz]",
        "http://[::1]x",
        "http://ho%0d%0ast",
        "http://ho%0ast/",
        "http:/host",
        "http:host",
        "http:////host",
        "http://a%20b",
        "http://a%2fb",
        "http://h\\b",
        "http://\xc3\xbc.example", /* libcurl would make another Host of it */
    };
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        caws_arena arena = CAWS_ARENA_INIT;
        caws_endpoint endpoint;
        const caws_settings settings = {.endpoint_url = urls[i]};
        if (caws_endpoint_find(&settings, &logs, NULL, &arena, &endpoint, &error) !=
            CAWS_ERROR_ENDPOINT)
            fail_msg("%s gives %s", urls[i], endpoint.host);
        assert_non_null(strstr(error.message, "option endpoint_url: "));
        caws_arena_clear(&arena);
        caws_error_clear(&error);
    }
}

static void refuses_spaces_and_control_characters(void **state)
{
    (void)state;
    static const char rest[] = ": a space or control character";
    static const char *const urls[][2] = {
        {"http://host/a b", "\"http://host/a b\""},
        {" http://host", "\"http://host\""},
        {"http://host ", "\"http://host\""},
        {"http://host\r\nx-evil: 1", "\"http://host x-evil: 1\""},
        {"http://host/\n", "\"http://host/\""},
        {"http://host/\t", "\"http://host/\""},
        {"http://ho\x7Fst/", "\"http://ho st/\""},
    };
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        char message[160] = "option endpoint_url: ";
        (void)strcat(strcat(message, urls[i][1]), rest);
        refuses(urls[i][0], message);
    }
}

/* libcurl decodes a host's escapes, and again when it gets what it has decoded. */
static void refuses_hosts_that_change(void **state)
{
    (void)state;
    static const char rest[] = "\": the host has a percent sign";
    static const char *const urls[] = {"https://a%%442", "https://a%25b/", "http://%2541:1"};
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        char message[160] = "option endpoint_url: \"";
        (void)strcat(strcat(message, urls[i]), rest);
        refuses(urls[i], message);
    }
    refuses("http://[fe80::1%25eth0]:80/",
            "option endpoint_url: a user name, password, query, fragment or IPv6 zone is not "
            "allowed in an endpoint URL");
}

/* Whatever else is wrong with the URL. */
static void never_shows_a_password(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "http://user:hunter2@host/",  "http://user:hunter2@host:80x/",
        "http://user:hunter2@/",      "http://user:hunter2@ho st/",
        "http://user:hunter2@[::1",   "ftp://user:hunter2@host",
        "nosuch://user:hunter2@host", "user:hunter2@host",
        "http://hunter2@host",        "http://user:hun@hunter2@host",
        "http://host/?token=hunter2", "http://host?hunter2",
        "http://host/#hunter2",       "http://host/ ?hunter2",
        "http://ho\nst/#hunter2",     "http://host:x?key=hunter2",
        "ftp://host/?hunter2",        "http://u:hunter2\n@host",
    };
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        caws_error error = CAWS_ERROR_INIT;
        caws_arena arena = CAWS_ARENA_INIT;
        caws_endpoint endpoint;
        const caws_settings settings = {.endpoint_url = urls[i]};
        assert_int_equal(caws_endpoint_find(&settings, &logs, NULL, &arena, &endpoint, &error),
                         CAWS_ERROR_ENDPOINT);
        assert_non_null(strstr(error.message, "option endpoint_url: "));
        if (strstr(error.message, "hunter2") != NULL)
            fail_msg("%s", error.message);
        caws_arena_clear(&arena);
        caws_error_clear(&error);
    }
    refuses("https://user:hunter2@host/",
            "option endpoint_url: a user name, password, query, fragment or IPv6 zone is not "
            "allowed in an endpoint URL");
}

static const caws_endpoint_setting for_all = {NULL, "AWS_ENDPOINT_URL", "http://all"};
static const caws_endpoint_setting for_prefix = {NULL, "AWS_ENDPOINT_URL_LOGS", "http://prefix"};
static const caws_endpoint_setting for_id = {NULL, "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://id"};
static const caws_endpoint_setting other = {NULL, "AWS_ENDPOINT_URL_S3", "http://other"};

/* The environment has no order: every permutation of what is set must give the same. */
static void host_in_any_order(const caws_endpoint_setting *const *set, size_t count,
                              const char *host)
{
    enum { MOST = 4 };
    caws_endpoint_setting chain[MOST];
    assert_true(count <= MOST);
    size_t permutations = 1;
    for (size_t i = 2; i <= count; i++)
        permutations *= i;
    for (size_t p = 0; p < permutations; p++) {
        bool taken[MOST] = {false};
        size_t code = p;
        for (size_t place = 0; place < count; place++) {
            size_t skip = code % (count - place);
            code /= count - place;
            size_t i = 0;
            while (taken[i] || skip-- > 0)
                i++;
            taken[i] = true;
            chain[place] = *set[i];
            chain[place].next = place > 0 ? &chain[place - 1] : NULL;
        }
        const caws_settings settings = {.endpoint_variables = &chain[count - 1],
                                        .region = "us-east-1"};
        endpoint_is(&settings, &logs, strncmp(host, "logs.", 5) == 0 ? "https" : "http", host, "");
    }
}

static void prefers_the_most_specific_variable(void **state)
{
    (void)state;
    const caws_endpoint_setting *const all_four[] = {&other, &for_all, &for_prefix, &for_id};
    const caws_endpoint_setting *const without_id[] = {&other, &for_all, &for_prefix};
    host_in_any_order(all_four, 4, "id");
    host_in_any_order(without_id, 3, "prefix");
    host_in_any_order(without_id, 2, "all");
    host_in_any_order(without_id, 1, "logs.us-east-1.amazonaws.com");
}

static void prefers_the_option_to_variables(void **state)
{
    (void)state;
    const caws_settings settings = {
        .endpoint_variables = &for_id, .endpoint_url = "http://option", .region = "us-east-1"};
    endpoint_is(&settings, &logs, "http", "option", "");
    endpoint_is(&settings, &plain, "http", "option", "");
}

static void names_services_as_the_variables_do(void **state)
{
    (void)state;
    static const struct {
        const char *variable;
        const caws_service *service;
        bool names;
    } cases[] = {
        {"AWS_ENDPOINT_URL_COST_AND_USAGE_REPORT_SERVICE", &hyphens, true},
        {"AWS_ENDPOINT_URL_SQS", &plain, true},
        {"AWS_ENDPOINT_URL_SQ", &plain, false},
        {"AWS_ENDPOINT_URL_SQSS", &plain, false},
        {"AWS_ENDPOINT_URL_sqs", &plain, false},
        {"AWS_ENDPOINT_URL_", &plain, false},
        {"AWS_ENDPOINT_URLS", &plain, false},
        {"AWS_ENDPOINT_URLSQS", &plain, false},
        {"AWS_ENDPOINT_URL_COST AND USAGE REPORT SERVICE", &hyphens, false},
        {"AWS_ENDPOINT_URL_COST-AND-USAGE-REPORT-SERVICE", &hyphens, false},
        {"AWS_ENDPOINT_URL_DATA_JOBS.IOT2", &hyphens, true},
        {"AWS_ENDPOINT_URL_CLOUDWATCH", &logs, false},
        {"AWS_ENDPOINT_URL_CLOUDWATCHLOGS", &logs, false},
        {"AWS_ENDPOINT_URL_CLOUDWATCH_LOGS_", &logs, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const caws_endpoint_setting setting = {NULL, cases[i].variable, "http://named"};
        const caws_settings settings = {.endpoint_variables = &setting, .region = "us-east-1"};
        caws_error error = CAWS_ERROR_INIT;
        caws_arena arena = CAWS_ARENA_INIT;
        caws_endpoint endpoint;
        assert_int_equal(
            caws_endpoint_find(&settings, cases[i].service, NULL, &arena, &endpoint, &error),
            CAWS_OK);
        assert_int_equal(strcmp(endpoint.host, "named") == 0, cases[i].names);
        caws_arena_clear(&arena);
    }
}

static void tells_which_variable_is_wrong(void **state)
{
    (void)state;
    const caws_endpoint_setting bad = {NULL, "AWS_ENDPOINT_URL_LOGS", "ftp://host"};
    const caws_settings settings = {.endpoint_variables = &bad, .region = "us-east-1"};
    fails(&settings, CAWS_ERROR_ENDPOINT,
          "AWS_ENDPOINT_URL_LOGS: \"ftp://host\": the scheme must be http or https");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_endpoints_of_known_regions),
        cmocka_unit_test(makes_endpoints_of_future_regions),
        cmocka_unit_test(wants_a_region_or_a_url),
        cmocka_unit_test(leaves_out_a_schemes_own_port),
        cmocka_unit_test(keeps_a_base_path),
        cmocka_unit_test(knows_ipv6_literals),
        cmocka_unit_test(ignores_the_case_of_the_scheme),
        cmocka_unit_test(refuses_other_schemes),
        cmocka_unit_test(refuses_what_is_no_url),
        cmocka_unit_test(refuses_spaces_and_control_characters),
        cmocka_unit_test(refuses_hosts_that_change),
        cmocka_unit_test(never_shows_a_password),
        cmocka_unit_test(prefers_the_most_specific_variable),
        cmocka_unit_test(prefers_the_option_to_variables),
        cmocka_unit_test(names_services_as_the_variables_do),
        cmocka_unit_test(tells_which_variable_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
